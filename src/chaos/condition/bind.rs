//! Finding out what the argument of a metric means in a cluster.

use super::super::expected::one_of;
use super::{Expected, Quantity, parse};
use crate::observe::metric::{Argument, Of};
use crate::sim::id::ClassId;
use crate::sim::observation::Outcome;
use crate::sim::topology::Topology;

/// The names that a condition can use.
pub struct Names<'a> {
    /// Components and nodes.
    pub topology: &'a Topology,
    /// Classes of requests, in file order.
    pub classes: Vec<&'a str>,
}

/// See [`Quantity::bind`].
pub(super) fn bind(quantity: &Quantity, names: &Names<'_>) -> Result<Of, Expected> {
    let metric = quantity.metric;
    let Some(name) = &quantity.of else {
        return Ok(match metric.takes {
            Argument::Kinds(kinds) => Of::Kinds(kinds),
            _ => Of::All,
        });
    };
    let wrong = |what: String| Expected::new(quantity.place.range(), name, what);
    match metric.takes {
        Argument::Nothing => Err(wrong(format!("no argument: `{}` has none", metric.name))),
        Argument::Class => {
            let class = names.classes.iter().position(|class| class == name);
            let class = class.map(|index| Of::Class(ClassId(index as u8)));
            let what = || wrong(format!("{} for `{}`", parse::what(metric), metric.name));
            class.ok_or_else(|| what().near(names.classes.iter().copied()))
        }
        Argument::Reason => {
            let words = || Outcome::REASONS.iter().map(|reason| reason.word());
            let reason = Outcome::REASONS.iter().find(|reason| reason.word() == name);
            let reason = reason.map(|reason| Of::Reason(*reason));
            reason.ok_or_else(|| wrong("a reason for failure".to_owned()).near(words()))
        }
        Argument::Kinds(kinds) => nodes(name, kinds, names.topology).ok_or_else(|| {
            let fitting = candidates(kinds, names.topology);
            let components: Vec<&str> = fitting.iter().map(String::as_str).collect();
            let what = match components.as_slice() {
                [] => format!("{}; this cluster has none", parse::what(metric)),
                few @ ([_] | [_, _] | [_, _, _]) => {
                    format!("{}: {}", parse::what(metric), one_of(few))
                }
                _ => parse::what(metric),
            };
            wrong(what).near(components)
        }),
    }
}

/// A component of one of these kinds, or a node of one.
fn nodes(name: &str, kinds: &[&str], topology: &Topology) -> Option<Of> {
    let fits = |c: &crate::sim::topology::ComponentInfo| kinds.contains(&c.kind);
    if let Some(component) = topology.components.iter().find(|c| c.name == name) {
        return fits(component).then_some(Of::Nodes(component.nodes.start, component.nodes.end));
    }
    let node = topology.node(name)?;
    let component = topology.nodes[node.index()].component;
    fits(&topology.components[component.index()]).then_some(Of::Nodes(node.0, node.0 + 1))
}

/// What could be named: components of these kinds, and their nodes where there are several.
pub(super) fn candidates(kinds: &[&str], topology: &Topology) -> Vec<String> {
    let mut names = Vec::new();
    let fitting = || topology.components.iter().filter(|c| kinds.contains(&c.kind));
    names.extend(fitting().map(|c| c.name.clone()));
    for component in fitting().filter(|c| c.nodes.len() > 1) {
        names.extend(component.nodes().map(|n| topology.nodes[n.index()].name.clone()));
    }
    names
}
