//! What would be left: cores for the work that there is now.

use super::{nodes_of, number};
use crate::observe::why::FULL;
use crate::session::picture::{Component, Face, Node, Picture};
use crate::sim::fault::Change;
use crate::sim::id::NodeId;
use crate::sim::spec::{Limit, Value};
use crate::tui::format::{busy, count, counted, figure, rate};
use crate::tui::load::{self, serves};
use crate::tui::theme::Role;
use crate::tui::view::text::Line;

/// What a change would leave of the component that it hits; `None` where arithmetic tells nothing.
pub(super) fn leaves(change: &Change, picture: &Picture) -> Option<Line> {
    match change {
        Change::Crash(_) | Change::Pause(_) | Change::PowerOff(_) | Change::Restart(_) => {
            without(&nodes_of(change, picture), picture)
        }
        Change::Slow(_, factor) => slowed(&nodes_of(change, picture), *factor, picture),
        Change::Traffic(_, factor) => multiplied(*factor, picture),
        Change::Scale(ids, to) => {
            let component = picture.component(*ids.first()?)?;
            let cores = cores(component)? * u64::from(*to);
            Some(cores_for(component, cores, work(component)?))
        }
        Change::Set(settings) => match settings.as_slice() {
            [(id, "enabled", Value::Flag(on))] => cached(picture.component(*id)?, *on),
            [(id, "cores", Value::Limit(Limit::At(n)))] => {
                let component = picture.component(*id)?;
                let up = up(component).count() as u64;
                Some(cores_for(component, up * n, work(component)?))
            }
            _ => None,
        },
        _ => None,
    }
}

fn up(component: &Component) -> impl Iterator<Item = (usize, &Node)> {
    component.nodes.iter().enumerate().filter(|(_, n)| serves(n))
}

/// Cores of a node, where they are limited.
fn cores(component: &Component) -> Option<u64> {
    match component.face {
        Face::Service { cores, .. } => cores,
        Face::Workers { .. } => number(component, "cores"),
        _ => None,
    }
}

/// Cores that are busy now.
fn work(component: &Component) -> Option<f64> {
    let each = cores(component)? as f64;
    Some(up(component).map(|(_, n)| n.utilisation).sum::<f64>() * each)
}

/// `12 cores for 10.7 cores of work: web at 89 %  ▲ amber`.
fn cores_for(component: &Component, cores: u64, work: f64) -> Line {
    let share = work / cores.max(1) as f64;
    let role = load::busy(share, Role::Text);
    let text = format!(
        "{} for {} of work: {} at {}",
        counted(cores, "core"),
        figure(work) + if work > 0.995 && work < 1.005 { " core" } else { " cores" },
        component.name,
        busy(share)
    );
    let line = Line::of(role, text);
    match role {
        Role::NodeDown if share >= 1.0 => line.with(role, "  ✗ overload"),
        Role::NodeDown => line.with(role, "  ✗ red"),
        Role::NodeWarn => line.with(role, "  ▲ amber"),
        _ => line,
    }
}

/// Without those nodes: the component of the first of them.
fn without(hit: &[(NodeId, &Node)], picture: &Picture) -> Option<Line> {
    let (c, _) = picture.place(hit.first()?.0)?;
    let component = picture.components.get(c)?;
    let gone = |n: usize| picture.id(c, n).is_some_and(|id| hit.iter().any(|(h, _)| *h == id));
    let left = up(component).filter(|(n, _)| !gone(*n)).count() as u64;
    if matches!(component.face, Face::Traffic { .. }) {
        return None;
    }
    if left == 0 {
        let text = format!("nothing of {}: all that needs it fails", component.name);
        return Some(Line::of(Role::NodeDown, format!("✗ {text}")));
    }
    if let (Some(each), Some(work)) = (cores(component), work(component)) {
        return Some(cores_for(component, left * each, work));
    }
    let all = component.nodes.len() as u64;
    Some(Line::text(format!("{} of {all} nodes of {}", count(left), component.name)))
}

/// The first node that would be slower; others take no share of its work but by their policy.
fn slowed(hit: &[(NodeId, &Node)], factor: f64, picture: &Picture) -> Option<Line> {
    let (id, node) = hit.first()?;
    let (c, _) = picture.place(*id)?;
    cores(picture.components.get(c)?)?;
    let share = node.utilisation * factor / node.slow.max(1.0);
    let over = if share >= 1.0 { ": more work than it can do  ✗ overload" } else { "" };
    let text = format!("{} with {} of its cores' time in work{over}", node.name, busy(share));
    Some(Line::of(load::busy(share, Role::Text), text))
}

/// The component that would be busiest, by its cores or by the threads that it is short of.
fn multiplied(factor: f64, picture: &Picture) -> Option<Line> {
    let cores = |c: &Component| match c.face {
        Face::Service { utilisation, .. } | Face::Workers { utilisation, .. } => utilisation,
        Face::Database { .. } => up(c).map(|(_, n)| n.utilisation).fold(0.0, f64::max),
        _ => 0.0,
    };
    let used = |c: &Component| match load::short_of_threads(c) {
        Some((used, limit)) => (load::share(used, limit), "threads"),
        None => (cores(c), "cores"),
    };
    let all = picture.components.iter().map(|c| (c, used(c)));
    let (busiest, (share, what)) = all.max_by(|a, b| a.1.0.total_cmp(&b.1.0))?;
    let then = share * factor;
    let over = if then >= 1.0 { "  ✗ overload" } else { "" };
    // Who is full already may be asked for more than that.
    let least = if share >= FULL { "at least " } else { "" };
    let name = &busiest.name;
    let text = format!("{name}, which then needs {least}{} of its {what}{over}", busy(then));
    Some(Line::of(load::busy(then, Role::Text), text))
}

/// What a cache keeps from its database, or would.
fn cached(cache: &Component, on: bool) -> Option<Line> {
    let Face::Cache { hit_ratio, rate: lookups, entries, .. } = cache.face else { return None };
    Some(if on {
        Line::text(format!("{} with {}", cache.name, counted(entries, "entry")))
    } else {
        let spared = lookups * hit_ratio.unwrap_or(0.0);
        let text = format!("{} more reads for its database", rate(spared));
        Line::of(Role::NodeWarn, format!("▲ {text}"))
    })
}

/// What a component holds that can be thrown away.
pub(super) fn held(component: &Component) -> u64 {
    match component.face {
        Face::Cache { entries, .. } => entries,
        Face::Queue { depth, in_hand, .. } => depth.saturating_sub(in_hand),
        _ => 0,
    }
}
