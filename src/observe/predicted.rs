//! The availability that series and parallel arithmetic predicts, beside the one that was measured.
//!
//! A request succeeds if everything that its steps need is there: parts in series, whose shares of up
//! time multiply. Of each part at least k of its n nodes are needed (Barlow, Proschan, "Statistical theory
//! of reliability and life testing", 1975, chapter 2), evaluated exactly, each node with its own share:
//!
//! - any one of a balancer, a service or a queue;
//! - for a write a primary, and beside it as many replicas as `ack` waits for;
//! - for a read a primary, or one beside it (`reads_from = "replica"`), or any node (`"any"`); through a
//!   cache only for its misses;
//! - a majority of the watchers: without one nobody takes the place of the primary, which is the first node
//!   of the database or the one that was promoted last, and with `fencing` that one does not act either.
//!
//! What is needed is known for each class of each traffic, by the settings with which the run began.
//! Failures are taken to be independent, noticed at once, and to leave enough capacity, and any node that
//! is left to have what it takes to lead: what was measured is usually worse, and the difference is the
//! price of detection, failover and overload. A node that is not there is not up.

use super::judged::Component;
use crate::sim::World;
use crate::sim::id::ComponentId;
use crate::sim::spec::{Ack, Class, DatabaseOptions, Options, Prefer, ReadsFrom, Step};

/// What a request needs of a component: at least so many of its nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Need {
    component: ComponentId,
    /// Whether one of them has to act as primary: the one that does, unless it can be replaced.
    primary: bool,
    /// Whether it may act only with a lease of its watchers.
    lease: bool,
    /// So many beside the primary; without such a need any node will do.
    beside: usize,
    /// Those who replace the primary.
    watchers: Option<ComponentId>,
    /// The cache that answers for it if it can.
    cache: Option<ComponentId>,
}

/// What requests need, by traffic, and of each traffic by class.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs(Vec<Vec<Need>>);

impl Needs {
    /// By the steps of the classes, from where they are sent.
    pub(super) fn new(world: &World) -> Needs {
        let cluster = world.cluster();
        let sent = cluster.components.iter().filter_map(|c| match &c.options {
            Options::Traffic(o) => Some(o.to.as_str()),
            _ => None,
        });
        let ways = sent.flat_map(|to| cluster.classes.iter().map(move |class| (to, class)));
        Needs(ways.map(|(to, class)| Walk::new(world, class).from(to)).collect())
    }

    /// The share of requests that succeed, where so many ended of each class of each traffic; `None` if
    /// none did, or before it is known which nodes were up.
    pub(super) fn availability(&self, ended: &[u64], components: &[Component]) -> Option<f64> {
        let all: u64 = ended.iter().sum();
        let known = components.iter().all(|c| c.up.len() >= c.nodes);
        let mut served = 0.0;
        for (needs, count) in self.0.iter().zip(ended) {
            served += *count as f64 * needs.iter().fold(1.0, |all, n| all * n.is_met(components));
        }
        (known && all > 0).then(|| served / all as f64)
    }
}

impl Need {
    /// Any node of a component.
    fn any(component: ComponentId) -> Need {
        let (primary, lease, beside) = (false, false, 0);
        Need { component, primary, lease, beside, watchers: None, cache: None }
    }

    /// The share of requests for which it is there.
    fn is_met(self, components: &[Component]) -> f64 {
        let of = &components[self.component.index()];
        let replaced = self.watchers.map_or(0.0, |watchers| {
            let watchers = &components[watchers.index()];
            at_least(watchers.nodes / 2 + 1, &watchers.up)
        });
        let there = replaced * at_least(self.beside + 1, &of.up)
            + (1.0 - replaced) * self.is_met_unwatched(&of.up, of.primary);
        let hits = self.cache.and_then(|cache| components[cache.index()].calls.hit_ratio());
        1.0 - (1.0 - hits.unwrap_or(0.0)) * (1.0 - there)
    }

    /// The same while nobody takes the place of the primary.
    fn is_met_unwatched(self, up: &[f64], primary: usize) -> f64 {
        if self.lease || primary >= up.len() {
            return 0.0;
        }
        let mut others = up.to_vec();
        let first = others.remove(primary);
        match self.beside {
            beside if self.primary => first * at_least(beside, &others),
            0 => at_least(1, up),
            beside => at_least(beside, &others),
        }
    }

    /// What is needed if both are.
    fn add(&mut self, other: Need) {
        self.primary |= other.primary;
        self.lease |= other.lease;
        self.beside = self.beside.max(other.beside);
        self.cache = self.cache.and(other.cache);
    }
}

/// The chance that at least so many of independent nodes are up, each for its share of the time.
fn at_least(least: usize, up: &[f64]) -> f64 {
    // The chances that exactly none, one, two and so on of those seen are up.
    let mut exactly = vec![0.0; least];
    if let Some(none) = exactly.first_mut() {
        *none = 1.0;
    }
    for up in up {
        for n in (0..least).rev() {
            let one_less = if n > 0 { exactly[n - 1] } else { 0.0 };
            exactly[n] = exactly[n] * (1.0 - up) + one_less * up;
        }
    }
    1.0 - exactly.iter().sum::<f64>()
}

/// The way of a request of a class through the cluster.
struct Walk<'a> {
    world: &'a World,
    class: &'a Class,
    seen: Vec<ComponentId>,
    needs: Vec<Need>,
}

impl<'a> Walk<'a> {
    fn new(world: &'a World, class: &'a Class) -> Walk<'a> {
        Walk { world, class, seen: Vec::new(), needs: Vec::new() }
    }

    /// What a request needs that comes from users to a balancer or a service.
    fn from(mut self, to: &str) -> Vec<Need> {
        self.visit(to);
        self.needs
    }

    fn find(&self, name: &str) -> Option<(ComponentId, &'a Options)> {
        let id = self.world.topology().component(name)?;
        Some((id, self.world.options(id)))
    }

    /// A request comes to a balancer or a service.
    fn visit(&mut self, name: &str) {
        let Some((id, options)) = self.find(name) else { return };
        if self.seen.contains(&id) {
            return;
        }
        let next = match options {
            Options::Balancer(o) => Some(o.to.clone()),
            _ => None,
        };
        let own = options.steps();
        let steps = if own.is_empty() { self.class.steps.clone() } else { own.to_vec() };
        self.seen.push(id);
        self.add(Need::any(id));
        match next {
            Some(service) => self.visit(&service),
            None => steps.iter().for_each(|step| self.step(step)),
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Cpu(_) => {}
            Step::Read { from, .. } => {
                let Some((id, options)) = self.find(from) else { return };
                let (of, cache) = match options {
                    Options::Cache(cache) => (&cache.of, Some(id)),
                    _ => (from, None),
                };
                if let Some(need) = self.database(of, reads) {
                    self.add(Need { cache, ..need });
                }
            }
            Step::Write { to, .. } => {
                if let Some(need) = self.database(to, writes) {
                    self.add(need);
                }
            }
            Step::Publish { to, .. } => {
                if let Some((id, _)) = self.find(to) {
                    self.add(Need::any(id));
                }
            }
            Step::Call { to, .. } => self.visit(to),
        }
    }

    /// What a read or a write of a database needs.
    fn database(&self, name: &str, uses: fn(&DatabaseOptions) -> Use) -> Option<Need> {
        let (component, Options::Database(options)) = self.find(name)? else { return None };
        let Use { primary, leased, beside } = uses(options);
        let mut all = (0..).map(ComponentId).zip(&self.world.cluster().components);
        let watchers = all.find_map(|(id, c)| match &c.options {
            Options::Failover(f) if f.of == *name => Some((id, f.fencing)),
            _ => None,
        });
        let lease = leased && watchers.is_some_and(|(_, fencing)| fencing);
        let watchers = watchers.map(|(id, _)| id);
        Some(Need { component, primary, lease, beside, watchers, cache: None })
    }

    /// Of several needs of one component each counts.
    fn add(&mut self, need: Need) {
        match self.needs.iter_mut().find(|n| n.component == need.component) {
            Some(other) => other.add(need),
            None => self.needs.push(need),
        }
    }
}

/// What an operation needs of the nodes of a database.
struct Use {
    /// A primary.
    primary: bool,
    /// One that has a lease, if primaries have.
    leased: bool,
    /// So many beside it.
    beside: usize,
}

/// A write: a primary, and those who have to have it.
fn writes(o: &DatabaseOptions) -> Use {
    let beside = match o.ack {
        Ack::Async => 0,
        _ if o.degrade => 0,
        Ack::Semi | Ack::Sync => o.min_in_sync,
        Ack::Quorum => o.replicas.div_ceil(2),
    };
    Use { primary: true, leased: true, beside: beside as usize }
}

/// A read: whom callers ask (`know_reader` in `sim/part/client.rs`). With `prefer = "availability"` the one
/// that they take for the primary answers without a lease.
fn reads(o: &DatabaseOptions) -> Use {
    let leased = o.prefer == Prefer::Consistency;
    match o.reads_from {
        ReadsFrom::Primary => Use { primary: true, leased, beside: 0 },
        ReadsFrom::Replica if o.replicas > 0 => Use { primary: false, leased: false, beside: 1 },
        ReadsFrom::Replica | ReadsFrom::Any => Use { primary: false, leased: false, beside: 0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a}, and not {b}");
    }

    #[test]
    fn at_least_so_many_of_nodes_that_differ() {
        is(at_least(0, &[]), 1.0);
        is(at_least(1, &[]), 0.0);
        is(at_least(1, &[0.9, 0.8]), 1.0 - 0.1 * 0.2);
        is(at_least(2, &[0.9, 0.8]), 0.9 * 0.8);
        let two = 0.9 * 0.8 * 0.3 + 0.9 * 0.2 * 0.7 + 0.1 * 0.8 * 0.7 + 0.9 * 0.8 * 0.7;
        is(at_least(2, &[0.9, 0.8, 0.7]), two);
        is(at_least(4, &[1.0, 1.0, 1.0]), 0.0);
    }

    #[test]
    fn who_cannot_be_replaced_has_to_be_there_itself() {
        let need = Need { primary: true, beside: 1, ..Need::any(ComponentId(0)) };
        let up = [0.9, 0.8, 0.7];
        is(need.is_met_unwatched(&up, 0), 0.9 * (1.0 - 0.2 * 0.3));
        is(need.is_met_unwatched(&up, 2), 0.7 * (1.0 - 0.1 * 0.2));
        is(Need { lease: true, ..need }.is_met_unwatched(&up, 0), 0.0);
        is(Need { primary: false, ..need }.is_met_unwatched(&up, 0), 1.0 - 0.2 * 0.3);
        is(Need::any(ComponentId(0)).is_met_unwatched(&up, 0), 1.0 - 0.1 * 0.2 * 0.3);
    }

    #[test]
    fn a_write_needs_those_who_have_to_have_it() {
        let of = |ack, replicas, degrade| {
            writes(&DatabaseOptions { replicas, ack, degrade, ..DatabaseOptions::default() }).beside
        };
        assert_eq!([of(Ack::Async, 2, false), of(Ack::Semi, 2, false)], [0, 1]);
        assert_eq!([of(Ack::Semi, 2, true), of(Ack::Quorum, 4, true)], [0, 0]);
        // A majority of 1, 2, 3, 4 and 5 nodes, without the primary.
        assert_eq!([0, 1, 2, 3, 4].map(|n| of(Ack::Quorum, n, false)), [0, 1, 1, 2, 2]);
    }
}
