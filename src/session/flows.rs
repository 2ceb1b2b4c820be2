//! Which component sends to which: read off the cluster once, so that a picture's lines are there
//! before the first request takes them.

use crate::sim::spec::{Cluster, Options, Step};
use std::collections::BTreeSet;

/// Pairs of components between which requests go.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Flows {
    /// Source and target, as places in the file, in that order.
    pub pairs: Vec<(usize, usize)>,
}

impl Flows {
    /// Traffic and balancers send to what they name; services and workers to what their steps name,
    /// and past a cache to its database; queues to their workers.
    pub fn new(cluster: &Cluster) -> Flows {
        let mut pairs = BTreeSet::new();
        let mut add = |from: usize, name: &str| {
            for target in targets(cluster, name) {
                pairs.insert((from, target));
            }
        };
        for (i, component) in cluster.components.iter().enumerate() {
            match &component.options {
                Options::Traffic(o) => add(i, &o.to),
                Options::Balancer(o) => add(i, &o.to),
                Options::Service(o) if o.steps.is_empty() => {
                    let steps = cluster.classes.iter().flat_map(|c| &c.steps);
                    steps.filter_map(target).for_each(|name| add(i, name));
                }
                Options::Service(o) => o.steps.iter().filter_map(target).for_each(|n| add(i, n)),
                Options::Workers(o) => o.steps.iter().filter_map(target).for_each(|n| add(i, n)),
                Options::Cache(_)
                | Options::Database(_)
                | Options::Failover(_)
                | Options::Queue(_) => {}
            }
        }
        pairs.extend(cluster.components.iter().enumerate().filter_map(|(i, c)| match &c.options {
            Options::Workers(o) => Some((cluster.component(&o.from)?.0, i)),
            _ => None,
        }));
        Flows { pairs: pairs.into_iter().collect() }
    }
}

/// What a step calls.
fn target(step: &Step) -> Option<&str> {
    match step {
        Step::Cpu(_) => None,
        Step::Read { from, .. } => Some(from),
        Step::Write { to, .. } | Step::Publish { to, .. } | Step::Call { to, .. } => Some(to),
    }
}

/// The component of that name, and the database behind it if it is a cache.
fn targets(cluster: &Cluster, name: &str) -> Vec<usize> {
    let Some((i, component)) = cluster.component(name) else { return Vec::new() };
    let behind = match &component.options {
        Options::Cache(o) => cluster.component(&o.of).map(|(d, _)| d),
        _ => None,
    };
    std::iter::once(i).chain(behind).collect()
}
