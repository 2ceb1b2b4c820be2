//! Totals over the judged time: what reports and verdicts speak of.

use super::Observers;
use super::bottleneck::Bottleneck;
use super::gauges::QueueGauge;
use super::latency::{Latency, Quantiles};
use super::limits::Use;
use super::tally::{ClassTally, LinkTally, NodeTally, share};
use super::where_time::WhereTime;
use crate::sim::id::ComponentId;
use crate::sim::observation::Outcome;
use std::sync::Arc;

/// What had been counted when the judged time began: nothing, if it began with the run.
#[derive(Clone, Debug, Default)]
pub(super) struct Before {
    pub(super) nodes: Vec<NodeTally>,
    pub(super) links: Vec<LinkTally>,
    pub(super) limits: Vec<Use>,
}

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
    /// Share of the time in which each of its nodes was up, those included that have left; while one was
    /// not there it was not up.
    pub up: Vec<f64>,
    /// Which of them was the last to take the role of primary; 0 of what has none.
    pub primary: usize,
    /// What became of its messages; `None` of what is no queue.
    pub queue: Option<QueueGauge>,
    /// Requests of judged time whose failure began at one of its nodes, by [`Outcome::index`].
    pub began: [u64; Outcome::COUNT],
}

/// Requests that failed for a reason, and where that began.
#[derive(Clone, Debug, PartialEq)]
pub struct Began {
    /// Why they failed.
    pub reason: Outcome,
    /// The component at which it began.
    pub at: Arc<str>,
    /// The word of its kind.
    pub kind: &'static str,
    /// How many they are.
    pub count: u64,
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
    /// The availability that series and parallel arithmetic predicts; `None` if nothing came.
    pub predicted: Option<f64>,
    /// Where the time of answered requests went; `None` if none was followed.
    pub where_time: Option<WhereTime>,
    /// What limits the cluster while faults act, if any did; `None` if nothing does.
    pub bottleneck: Option<Bottleneck>,
    /// What limits it over all judged time.
    pub bottleneck_of_all: Option<Bottleneck>,
}

impl Component {
    /// Share of the calls to it that were answered: its availability as its callers saw it. `None`
    /// without calls.
    #[must_use]
    pub fn availability(&self) -> Option<f64> {
        let (answered, failed) = (self.calls.answered(), self.calls.failed());
        share(answered, answered + failed)
    }

    /// Share of the time in which at least one of its nodes was up, if they fail independently: one
    /// minus the product of their shares of down time (nodes in parallel).
    #[must_use]
    pub fn parallel(&self) -> f64 {
        1.0 - self.up.iter().fold(1.0, |down, up| down * (1.0 - up))
    }
}

impl Judged {
    /// Failures by reason and by where they began, most frequent first, as [`Requests::failures`].
    #[must_use]
    pub fn began(&self) -> Vec<Began> {
        let at = |reason: Outcome| {
            let began = |c: &Component| {
                let (at, kind, count) = (c.name.clone(), c.kind, c.began[reason.index()]);
                (count > 0).then_some(Began { reason, at, kind, count })
            };
            let mut all: Vec<Began> = self.components.iter().filter_map(began).collect();
            all.sort_by_key(|b| std::cmp::Reverse(b.count));
            all
        };
        self.total.failures().into_iter().flat_map(|(reason, _)| at(reason)).collect()
    }

    /// Calls to a component for each request that ended: retries on the way make it more.
    #[must_use]
    pub fn calls_per_request(&self, component: &Component) -> Option<f64> {
        let calls = component.calls.ended();
        share(calls, self.total.tally.ended())
    }
}

impl Observers {
    /// How the requests of the judged time have ended, until now.
    #[must_use]
    pub fn judged_tally(&self) -> ClassTally {
        let mut tally = ClassTally::default();
        for class in &self.classes[..self.map.classes.len()] {
            tally.add(&class.tally);
        }
        tally
    }

    /// Totals over the judged time, until now.
    #[must_use]
    pub fn judged(&self) -> Judged {
        let (tally, mut latency, mut longest) = (self.judged_tally(), Latency::default(), 0);
        let mut classes = Vec::new();
        for (c, name) in self.map.classes.iter().enumerate() {
            let class = &self.classes[c];
            let mut of_class = self.judged[c].clone();
            of_class.merge(&class.open);
            latency.merge(&of_class);
            longest = longest.max(class.longest);
            let quantiles = Quantiles::of(&of_class, class.tally.answered_ns, class.longest);
            classes.push((name.clone(), Requests { tally: class.tally, latency: quantiles }));
        }
        let quantiles = Quantiles::of(&latency, tally.answered_ns, longest);
        let components = self.judged_components();
        Judged {
            total: Requests { tally, latency: quantiles },
            classes,
            predicted: self.map.needs.availability(&self.came, &components),
            components,
            where_time: self.where_time(),
            bottleneck: self.bottleneck_that_matters(),
            bottleneck_of_all: self.bottleneck_of_all(),
        }
    }

    fn judged_components(&self) -> Vec<Component> {
        let ids = (0..self.map.topology.components.len() as u16).map(ComponentId);
        ids.map(|id| self.judged_component(id)).collect()
    }

    fn judged_component(&self, id: ComponentId) -> Component {
        let info = &self.map.topology.components[id.index()];
        let (mut busy, mut cores, mut utilisation_max) = (0, 0, None);
        let (mut depth_max, mut calls, mut up) = (0, NodeTally::default(), Vec::new());
        let (mut queue, mut primary) = (QueueGauge::default(), 0);
        // What was done by nodes that have left since counts, too.
        for node in info.all() {
            let gauge = self.gauges.node(node);
            let (b, c) = gauge.judged();
            busy += b;
            cores += c;
            utilisation_max =
                share(b, c).map(|u| u.max(utilisation_max.unwrap_or(0.0))).or(utilisation_max);
            depth_max = depth_max.max(gauge.depth_max);
            queue.add(&gauge.queue);
            if info.nodes.contains(&node.0) || gauge.up() > Some(0.0) {
                if self.roles.last(id) == Some(node) {
                    primary = up.len();
                }
                up.extend(gauge.up());
            }
            let before = self.before.nodes.get(node.index()).copied().unwrap_or_default();
            calls.add(&self.nodes[node.index()].since(&before));
        }
        Component {
            name: info.name.as_str().into(),
            kind: info.kind,
            nodes: info.nodes.len(),
            utilisation: share(busy, cores),
            utilisation_max,
            depth_max,
            calls,
            up,
            primary,
            queue: (info.kind == "queue").then_some(queue),
            began: self.began[id.index()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(kind: &'static str, up: &[f64], busiest: Option<f64>) -> Component {
        Component {
            name: kind.into(),
            kind,
            nodes: up.len(),
            utilisation: busiest,
            utilisation_max: busiest,
            depth_max: 0,
            calls: NodeTally::default(),
            up: up.to_vec(),
            primary: 0,
            queue: None,
            began: [0; Outcome::COUNT],
        }
    }

    fn judged(components: Vec<Component>) -> Judged {
        let tally = ClassTally::default();
        let latency = Quantiles::of(&Latency::default(), 0, 0);
        Judged {
            total: Requests { tally, latency },
            classes: Vec::new(),
            components,
            predicted: None,
            where_time: None,
            bottleneck: None,
            bottleneck_of_all: None,
        }
    }

    #[test]
    fn failures_are_told_by_where_they_began_the_most_first() {
        let (refused, reset) = (Outcome::Refused.index(), Outcome::Reset.index());
        let mut components =
            vec![component("service", &[1.0], None), component("database", &[1.0], None)];
        components[0].began[refused] = 3;
        components[1].began[refused] = 7;
        components[0].began[reset] = 20;
        let mut all = judged(components);
        (all.total.tally.outcomes[refused], all.total.tally.outcomes[reset]) = (10, 20);
        let told: Vec<_> = all.began().into_iter().map(|b| (b.reason, b.kind, b.count)).collect();
        let (refused, reset) = (Outcome::Refused, Outcome::Reset);
        assert_eq!(
            told,
            [(reset, "service", 20), (refused, "database", 7), (refused, "service", 3)]
        );
    }

    #[test]
    fn the_availability_of_a_component_is_the_share_of_calls_that_it_answered() {
        let mut web = component("service", &[1.0], None);
        assert_eq!(web.availability(), None);
        web.calls.outcomes[Outcome::Ok.index()] = 90;
        web.calls.outcomes[Outcome::Late.index()] = 5;
        web.calls.outcomes[Outcome::Overloaded.index()] = 5;
        assert_eq!((web.availability(), web.parallel()), (Some(0.95), 1.0));
    }
}
