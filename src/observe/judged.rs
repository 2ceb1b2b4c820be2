//! Totals over the judged time: what reports and verdicts speak of.

use super::Observers;
use super::latency::{Latency, Quantiles};
use super::tally::{ClassTally, NodeTally, share};
use crate::sim::id::ComponentId;
use crate::sim::observation::Outcome;
use std::sync::Arc;

/// Requests that arrived in judged time.
#[derive(Clone, Debug, PartialEq)]
pub struct Requests {
    /// What was counted.
    pub tally: ClassTally,
    /// Of those that were answered.
    pub latency: Quantiles,
}

impl Requests {
    /// Requests that have not ended.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.tally.offered - self.tally.ended()
    }

    /// Share of ok among those that ended.
    #[must_use]
    pub fn availability(&self) -> Option<f64> {
        share(self.tally.ok(), self.tally.ended())
    }

    /// Failures by reason, most frequent first; ties in the order of [`Outcome::REASONS`].
    #[must_use]
    pub fn failures(&self) -> Vec<(Outcome, u64)> {
        let all = Outcome::REASONS.iter().map(|&r| (r, self.tally.of(r)));
        let mut found: Vec<_> = all.filter(|(_, n)| *n > 0).collect();
        found.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
        found
    }
}

/// A component over the judged time.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Its name.
    pub name: Arc<str>,
    /// The word of its kind.
    pub kind: &'static str,
    /// How many nodes it has.
    pub nodes: usize,
    /// Busy share of the cores of nodes that were up; `None` without cores or where unlimited.
    pub utilisation: Option<f64>,
    /// That of its busiest node.
    pub utilisation_max: Option<f64>,
    /// The most that waited at one of its nodes, at any tick.
    pub depth_max: u64,
    /// Calls to its nodes.
    pub calls: NodeTally,
}

/// All of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// All requests.
    pub total: Requests,
    /// By class, in file order.
    pub classes: Vec<(Arc<str>, Requests)>,
    /// By component, in file order.
    pub components: Vec<Component>,
}

impl Observers {
    /// Totals over the judged time, until now.
    #[must_use]
    pub fn judged(&self) -> Judged {
        let (mut tally, mut latency, mut longest) = (ClassTally::default(), Latency::default(), 0);
        let mut classes = Vec::new();
        for (c, name) in self.map.classes.iter().enumerate() {
            let class = &self.classes[c];
            let mut of_class = self.judged[c].clone();
            of_class.merge(&class.open);
            tally.add(&class.tally);
            latency.merge(&of_class);
            longest = longest.max(class.longest);
            let quantiles = Quantiles::of(&of_class, class.tally.answered_ns, class.longest);
            classes.push((name.clone(), Requests { tally: class.tally, latency: quantiles }));
        }
        let quantiles = Quantiles::of(&latency, tally.answered_ns, longest);
        Judged {
            total: Requests { tally, latency: quantiles },
            classes,
            components: self.judged_components(),
        }
    }

    fn judged_components(&self) -> Vec<Component> {
        let ids = (0..self.map.topology.components.len() as u16).map(ComponentId);
        ids.map(|id| self.judged_component(id)).collect()
    }

    fn judged_component(&self, id: ComponentId) -> Component {
        let info = &self.map.topology.components[id.index()];
        let (mut busy, mut cores, mut utilisation_max) = (0, 0, None);
        let (mut depth_max, mut calls) = (0, NodeTally::default());
        for node in info.nodes() {
            let gauge = self.gauges.node(node);
            let (b, c) = gauge.judged();
            busy += b;
            cores += c;
            utilisation_max =
                share(b, c).map(|u| u.max(utilisation_max.unwrap_or(0.0))).or(utilisation_max);
            depth_max = depth_max.max(gauge.depth_max);
            calls.add(&self.nodes[node.index()].since(&self.nodes_before[node.index()]));
        }
        Component {
            name: info.name.as_str().into(),
            kind: info.kind,
            nodes: info.nodes.len(),
            utilisation: share(busy, cores),
            utilisation_max,
            depth_max,
            calls,
        }
    }
}
