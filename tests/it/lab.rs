//! Small clusters from text, and what their users saw: for tests of one behaviour.

use crate::support::{command, playbook_of};
use brownout::sim::World;
use brownout::sim::id::{ClassId, NodeId};
use brownout::sim::observation::{Called, Ended, Event, Observer, Outcome};
use brownout::sim::reading::NodeReading;
use brownout::sim::time::{Ns, SECOND};
use std::collections::BTreeMap;

/// What happened since the last [`Lab::forget`].
#[derive(Default)]
pub struct Seen {
    pub arrived: Vec<(Ns, ClassId)>,
    pub ended: Vec<Ended>,
    /// Latencies of what was answered, in seconds.
    pub took: Vec<f64>,
    /// Users' calls by callee.
    pub calls: BTreeMap<NodeId, u64>,
    pub events: Vec<Event>,
    pub wasted: u64,
}

impl Observer for Seen {
    fn arrived(&mut self, at: Ns, class: ClassId) {
        self.arrived.push((at, class));
    }
    fn ended(&mut self, at: Ns, ended: Ended) {
        if ended.outcome.is_good() {
            self.took.push((at - ended.arrived) as f64 / SECOND as f64);
        }
        self.ended.push(ended);
    }
    fn called(&mut self, _: Ns, called: Called) {
        if called.class.is_some() {
            *self.calls.entry(called.to).or_default() += 1;
        }
    }
    fn wasted(&mut self, _: Ns, _: NodeId) {
        self.wasted += 1;
    }
    fn happened(&mut self, _: Ns, event: Event) {
        self.events.push(event);
    }
}

/// A world and what an observer has seen of it.
pub struct Lab<O = Seen> {
    pub world: World,
    pub seen: O,
}

impl<O: Observer + Default> Lab<O> {
    /// A cluster as a file has it, without its name, with an observer of one's own.
    pub fn watched(cluster: &str, seed: u64) -> Lab<O> {
        let text = format!("name = \"lab\"\n{cluster}");
        Lab { world: World::new(&playbook_of(&text).cluster, seed), seen: O::default() }
    }

    /// Runs to an instant, and checks the books.
    pub fn to(&mut self, until: Ns) -> &mut Lab<O> {
        self.world.advance(until, &mut self.seen).expect("the world goes on");
        self.world.audit().unwrap_or_else(|e| panic!("{e}"));
        self
    }

    /// Runs on, and checks the books.
    pub fn run(&mut self, length: Ns) -> &mut Lab<O> {
        self.to(self.world.now() + length)
    }

    pub fn act(&mut self, text: &str) -> &mut Lab<O> {
        let bound = command(text).bind(&self.world).unwrap_or_else(|e| panic!("{text}: {e}"));
        self.world.inject(bound.change, bound.length, &mut self.seen);
        self
    }

    pub fn forget(&mut self) -> &mut Lab<O> {
        self.seen = O::default();
        self
    }

    pub fn node(&self, name: &str) -> NodeId {
        self.world.topology().node(name).unwrap_or_else(|| panic!("no node {name}"))
    }

    /// What a node is like now.
    pub fn reading(&self, name: &str) -> NodeReading {
        self.world.node(self.node(name))
    }
}

impl Lab {
    /// A cluster as a file has it, without its name.
    pub fn new(cluster: &str, seed: u64) -> Lab {
        Lab::watched(cluster, seed)
    }

    /// The parts of all calls to these nodes that went to each.
    pub fn shares(&self, names: &[&str]) -> Vec<f64> {
        let calls = |name: &&str| self.seen.calls.get(&self.node(name)).copied().unwrap_or(0);
        let all: u64 = names.iter().map(calls).sum();
        names.iter().map(|name| calls(name) as f64 / all as f64).collect()
    }

    /// Requests that ended so.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.seen.ended.iter().filter(|e| e.outcome == outcome).count()
    }

    /// Requests that failed.
    pub fn failed(&self) -> usize {
        self.seen.ended.iter().filter(|e| !e.outcome.is_good()).count()
    }

    /// Mean latency in seconds.
    pub fn mean(&self) -> f64 {
        self.seen.took.iter().sum::<f64>() / self.seen.took.len() as f64
    }
}

/// Whether a figure is what it should be, but for a part of that.
pub fn near(found: f64, wanted: f64, part: f64) -> bool {
    (found - wanted).abs() <= part * wanted.abs()
}
