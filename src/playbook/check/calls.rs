//! Calls between services must come to an end, and so must messages: workers whose work, directly or
//! through others, publishes to their own queue would never have done.

use super::{Finding, Subject};
use crate::chaos::Expected;
use crate::sim::spec::{Cluster, Options, Step};

/// Finds services and workers that call, or publish to, themselves, directly or through others. One
/// finding for each that closes a circle.
///
/// A service does its own steps, or those of the request's class, whichever that is.
pub(super) fn check(cluster: &Cluster, findings: &mut Vec<Finding>) {
    let n = cluster.components.len();
    let calls: Vec<Vec<(usize, Subject)>> = (0..n).map(|i| calls_of(cluster, i)).collect();
    let mut walk = Walk { cluster, calls: &calls, done: vec![false; n], path: Vec::new() };
    for i in 0..n {
        walk.visit(i, findings);
    }
}

/// Whom a component sets to work, and the steps that do. A queue sets its workers to work.
fn calls_of(cluster: &Cluster, component: usize) -> Vec<(usize, Subject)> {
    let own = |j| Subject::OwnStep(component, j);
    let (own_steps, by_class) = match &cluster.components[component].options {
        Options::Service(service) => (&service.steps, service.steps.is_empty()),
        Options::Workers(workers) => (&workers.steps, false),
        Options::Queue(_) => return workers_of(cluster, component),
        _ => return Vec::new(),
    };
    let steps: Vec<(&Step, Subject)> = if by_class {
        let classes = cluster.classes.iter().enumerate();
        let steps = classes.flat_map(|(i, class)| {
            class.steps.iter().enumerate().map(move |(j, s)| (s, Subject::ClassStep(i, j)))
        });
        steps.collect()
    } else {
        own_steps.iter().enumerate().map(|(j, s)| (s, own(j))).collect()
    };
    let targets = steps.into_iter().filter_map(|(step, subject)| match step {
        Step::Call { to, .. } => Some((service_behind(cluster, to)?, subject)),
        Step::Publish { to, .. } => Some((cluster.component(to)?.0, subject)),
        _ => None,
    });
    targets.collect()
}

/// The workers of a queue.
fn workers_of(cluster: &Cluster, queue: usize) -> Vec<(usize, Subject)> {
    let name = &cluster.components[queue].name;
    let components = cluster.components.iter().enumerate();
    let of =
        components.filter(|(_, c)| matches!(&c.options, Options::Workers(w) if w.from == *name));
    of.map(|(i, _)| (i, Subject::Setting(i, "from"))).collect()
}

/// The service of that name, or the one behind the balancer of that name.
fn service_behind(cluster: &Cluster, name: &str) -> Option<usize> {
    let (i, component) = cluster.component(name)?;
    match &component.options {
        Options::Balancer(balancer) => cluster.component(&balancer.to).map(|(i, _)| i),
        _ => Some(i),
    }
}

struct Walk<'a> {
    cluster: &'a Cluster,
    calls: &'a [Vec<(usize, Subject)>],
    done: Vec<bool>,
    path: Vec<usize>,
}

impl Walk<'_> {
    /// Depth first. A chain is at most as long as there are components, and those are bounded by the
    /// number of nodes; the walk keeps its own stack.
    fn visit(&mut self, start: usize, findings: &mut Vec<Finding>) {
        let mut next: Vec<usize> = Vec::new();
        self.enter(start, &mut next);
        while let (Some(at), Some(k)) = (self.path.last().copied(), next.last().copied()) {
            let Some((to, subject)) = self.calls[at].get(k).copied() else {
                self.path.pop();
                next.pop();
                continue;
            };
            if let Some(last) = next.last_mut() {
                *last += 1;
            }
            if self.path.contains(&to) {
                findings.push((subject, self.circle(to)));
            } else {
                self.enter(to, &mut next);
            }
        }
    }

    fn enter(&mut self, component: usize, next: &mut Vec<usize>) {
        if !std::mem::replace(&mut self.done[component], true) {
            self.path.push(component);
            next.push(0);
        }
    }

    fn circle(&self, to: usize) -> Expected {
        let name = |i: &usize| self.cluster.components[*i].name.as_str();
        let is_queue = |i: &usize| matches!(self.cluster.components[*i].options, Options::Queue(_));
        let circle: Vec<usize> = self.path.iter().copied().skip_while(|i| *i != to).collect();
        let thing = if circle.iter().any(is_queue) { "message" } else { "call" };
        let names: Vec<&str> = circle.iter().chain(std::iter::once(&to)).map(name).collect();
        let what = format!("a {thing} that comes to an end, not {}", names.join(" → "));
        Expected::whole(name(&to), what)
    }
}
