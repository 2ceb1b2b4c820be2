//! The availability that series and parallel arithmetic predicts, beside the one that was measured.
//!
//! A request of a class succeeds if everything that its steps need is there: parts in series, whose
//! shares of up time multiply; any node of a part will do, so that its shares of down time multiply
//! (Barlow, Proschan, "Statistical theory of reliability and life testing", 1975, chapter 2). Where
//! nobody can promote another, the primary of a database has to be there itself, for writes, and for
//! reads of it. A read through a cache needs the database for its misses. Failures are taken to be
//! independent, noticed at once, and to leave enough capacity: what was measured is usually worse, and the
//! difference is the price of detection, failover and overload.
//!
//! A class that several sources send, to different places, needs what any of them needs.

use super::judged::Component;
use crate::sim::World;
use crate::sim::id::ComponentId;
use crate::sim::spec::{Class, Options, ReadsFrom, Step};

/// What a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Need {
    component: ComponentId,
    /// Whether only its first node will do.
    first: bool,
    /// The cache that answers for it if it can.
    cache: Option<ComponentId>,
}

/// What the requests of each class need.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs(Vec<Vec<Need>>);

impl Needs {
    /// By the steps of the classes, from where they are sent.
    pub(super) fn new(world: &World) -> Needs {
        let cluster = world.cluster();
        let of_class = |class: &Class| {
            let mut walk = Walk { world, class, seen: Vec::new(), needs: Vec::new() };
            for component in &cluster.components {
                let Options::Traffic(o) = &component.options else { continue };
                if o.classes.is_empty() || o.classes.contains(&class.name) {
                    walk.visit(&o.to);
                }
            }
            walk.needs
        };
        Needs(cluster.classes.iter().map(of_class).collect())
    }

    /// The share of requests that succeed, where so many of each class came; `None` if none did, or
    /// before it is known which nodes were up.
    pub(super) fn availability(&self, offered: &[u64], components: &[Component]) -> Option<f64> {
        let all: u64 = offered.iter().sum();
        let known = components.iter().all(|c| c.up.len() == c.nodes);
        let mut served = 0.0;
        for (needs, count) in self.0.iter().zip(offered) {
            served += *count as f64 * needs.iter().fold(1.0, |all, n| all * n.is_met(components));
        }
        (known && all > 0).then(|| served / all as f64)
    }
}

impl Need {
    /// The share of requests for which it is there.
    fn is_met(self, components: &[Component]) -> f64 {
        let component = &components[self.component.index()];
        let there = match component.up.first() {
            Some(first) if self.first => *first,
            _ => component.parallel(),
        };
        let hits = self.cache.and_then(|cache| components[cache.index()].calls.hit_ratio());
        1.0 - (1.0 - hits.unwrap_or(0.0)) * (1.0 - there)
    }
}

/// The way of a request of a class through the cluster.
struct Walk<'a> {
    world: &'a World,
    class: &'a Class,
    seen: Vec<ComponentId>,
    needs: Vec<Need>,
}

impl Walk<'_> {
    fn find(&self, name: &str) -> Option<(ComponentId, &Options)> {
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
        self.add(Need { component: id, first: false, cache: None });
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
                let need = match options {
                    Options::Cache(cache) => {
                        self.find(&cache.of).map(|(of, _)| self.database(of, true, Some(id)))
                    }
                    _ => Some(self.database(id, true, None)),
                };
                if let Some(need) = need {
                    self.add(need);
                }
            }
            Step::Write { to, .. } => {
                if let Some((id, _)) = self.find(to) {
                    self.add(self.database(id, false, None));
                }
            }
            Step::Publish { to, .. } => {
                if let Some((component, _)) = self.find(to) {
                    self.add(Need { component, first: false, cache: None });
                }
            }
            Step::Call { to, .. } => self.visit(to),
        }
    }

    /// A database, to read of it or to write.
    fn database(&self, component: ComponentId, reads: bool, cache: Option<ComponentId>) -> Need {
        let name = &self.world.topology().components[component.index()].name;
        let is_its = |o: &Options| matches!(o, Options::Failover(f) if f.of == *name);
        let watched = self.world.cluster().components.iter().any(|c| is_its(&c.options));
        let elsewhere = match self.world.options(component) {
            Options::Database(o) => reads && o.reads_from != ReadsFrom::Primary,
            _ => true,
        };
        Need { component, first: !watched && !elsewhere, cache }
    }

    /// Of several needs of one component the one counts that asks for most.
    fn add(&mut self, need: Need) {
        match self.needs.iter_mut().find(|n| n.component == need.component) {
            Some(other) => {
                other.first |= need.first;
                other.cache = other.cache.and(need.cache);
            }
            None => self.needs.push(need),
        }
    }
}
