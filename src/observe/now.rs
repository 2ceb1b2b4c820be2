//! Rolling figures at one instant: the world's readings beside what was counted lately.

use super::gauges::limited;
use super::place::Place;
use super::rolling::{Integral, Tick};
use super::tally::{ClassTally, NodeTally};
use super::{Observers, TICK};
use crate::sim::World;
use crate::sim::id::{ClassId, ComponentId, NodeId};
use crate::sim::observation::{Giver, NodeState};
use crate::sim::reading::{LinkReading, NodeReading, PartReading};
use crate::sim::spec::Options;
use crate::sim::time::{Ns, SECOND, seconds};
use crate::sim::topology::ComponentInfo;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A world and its observers at one instant, every node read once.
#[derive(Clone)]
pub struct Now<'a> {
    /// The world.
    pub world: &'a World,
    /// What was told of it.
    pub observers: &'a Observers,
    /// Its clock.
    pub at: Ns,
    readings: Arc<[NodeReading]>,
    links: Arc<[LinkReading]>,
    cuts: Arc<BTreeSet<(NodeId, NodeId)>>,
    /// What is looked at; `None`: everything.
    place: Option<Place>,
}

/// A part of the past, up to now.
#[derive(Clone, Copy)]
pub struct Span<'a> {
    before: Option<&'a Tick>,
    /// How long it is, in seconds; never 0.
    pub seconds: f64,
}

impl<'a> Span<'a> {
    /// The counters when it began; `None` if that was before the first tick.
    #[must_use]
    pub fn tick(&self) -> Option<&'a Tick> {
        self.before
    }

    /// By how much a sum of a node has grown in it, that is `now` at its end.
    fn more(&self, node: NodeId, now: u64, of: fn(&Integral) -> u64) -> u64 {
        let before = self.before.and_then(|tick| tick.integrals.get(node.index()));
        now.saturating_sub(before.map_or(0, of))
    }

    /// Mean of a node's busy cores over it, where `busy_ns` is for how long they have worked by its end.
    pub(super) fn busy(&self, node: NodeId, busy_ns: Ns) -> f64 {
        seconds(self.more(node, busy_ns, |before| before.busy_ns)) / self.seconds
    }
}

impl Observers {
    /// What the ticks know of a span that ends at that instant.
    pub(super) fn span(&self, at: Ns, length: Ns) -> Span<'_> {
        let before = self.rolling.before(at, length);
        let passed = at - before.map_or(0, |tick| tick.at);
        Span { before, seconds: seconds(passed.max(1)) }
    }

    /// When anything was done to the world last.
    pub(super) fn changed(&self) -> Option<Ns> {
        self.responses.changed().max(self.log.last_command())
    }
}

impl<'a> Now<'a> {
    /// Reads everything once.
    #[must_use]
    pub fn new(world: &'a World, observers: &'a Observers) -> Now<'a> {
        let nodes = 0..world.topology().nodes.len() as u16;
        let links: Arc<[LinkReading]> = world.links().collect();
        let cuts = links.iter().filter(|l| l.cut).map(|l| (l.from, l.to));
        Now {
            world,
            observers,
            at: world.now(),
            readings: nodes.map(|n| world.node(NodeId(n))).collect(),
            cuts: Arc::new(cuts.collect()),
            links,
            place: None,
        }
    }

    /// The same instant, of which only that is looked at which has to do with a place: other components
    /// and their nodes are not among [`Now::components`] and [`Now::nodes`].
    #[must_use]
    pub fn around(&self, place: Place) -> Now<'a> {
        Now { place: Some(place), ..self.clone() }
    }

    /// The component that is looked at; `None`: all alike.
    #[must_use]
    pub fn place(&self) -> Option<ComponentId> {
        self.place.as_ref().map(|place| place.component)
    }

    /// Whether a component is looked at.
    #[must_use]
    pub fn sees(&self, component: ComponentId) -> bool {
        self.place.as_ref().is_none_or(|place| place.is_near(component))
    }

    /// The last second, or what has passed of the run.
    #[must_use]
    pub fn second(&self) -> Span<'a> {
        self.span(SECOND)
    }

    /// The last while: at most `length`, and at most 10 s.
    #[must_use]
    pub fn span(&self, length: Ns) -> Span<'a> {
        self.observers.span(self.at, length)
    }

    /// The time since anything was done to the world, from 1 s to 10 s: what is steady is told from
    /// a long window, what has changed from a short one.
    #[must_use]
    pub fn settled(&self) -> Span<'a> {
        let last = self.observers.changed().unwrap_or(0);
        self.span((self.at.saturating_sub(last)).clamp(SECOND, 10 * SECOND))
    }

    /// What there is of a node.
    #[must_use]
    pub fn node(&self, node: NodeId) -> &NodeReading {
        &self.readings[node.index()]
    }

    /// All links.
    #[must_use]
    pub fn links(&self) -> &[LinkReading] {
        &self.links
    }

    /// Whether messages from one node to another are cut.
    #[must_use]
    pub fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.cuts.contains(&(from, to))
    }

    /// Ordered pairs of nodes between which messages are cut.
    #[must_use]
    pub fn cuts(&self) -> &BTreeSet<(NodeId, NodeId)> {
        &self.cuts
    }

    /// Whether a process is up.
    #[must_use]
    pub fn is_up(&self, node: NodeId) -> bool {
        self.node(node).state == NodeState::Up
    }

    /// The name that people read.
    #[must_use]
    pub fn name(&self, node: NodeId) -> &'a str {
        self.world.topology().display_name(node)
    }

    /// A component.
    #[must_use]
    pub fn info(&self, component: ComponentId) -> &'a ComponentInfo {
        &self.world.topology().components[component.index()]
    }

    /// The component of a node.
    #[must_use]
    pub fn component(&self, node: NodeId) -> ComponentId {
        self.world.topology().nodes[node.index()].component
    }

    /// The components that are looked at, with their settings, in file order.
    pub fn components(&self) -> impl Iterator<Item = (ComponentId, &'a Options)> + '_ {
        let ids = (0..self.world.topology().components.len() as u16).map(ComponentId);
        ids.filter(|id| self.sees(*id)).map(|id| (id, self.world.options(id)))
    }

    /// The workers of a queue, of those.
    pub fn workers_of(&self, queue: ComponentId) -> impl Iterator<Item = ComponentId> + '_ {
        let from = &self.info(queue).name;
        let works = move |o: &Options| matches!(o, Options::Workers(w) if w.from == *from);
        self.components().filter(move |(_, options)| works(options)).map(|(id, _)| id)
    }

    /// Their nodes.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        let all = (0..self.world.topology().nodes.len() as u16).map(NodeId);
        all.filter(|node| self.sees(self.component(*node)))
    }

    /// How many nodes a component is to have: those that boot are counted, those that leave are not.
    #[must_use]
    pub fn instances(&self, component: ComponentId) -> u16 {
        self.world.instances(component)
    }

    /// Nodes of a component that are up.
    pub fn up(&self, component: ComponentId) -> impl Iterator<Item = NodeId> + '_ {
        self.info(component).nodes().filter(|n| self.is_up(*n))
    }

    /// Requests of all classes.
    #[must_use]
    pub fn requests(&self, span: Span<'_>) -> ClassTally {
        let mut sum = ClassTally::default();
        for c in 0..self.observers.class_names().len() {
            sum.add(&self.class(c, span));
        }
        sum
    }

    /// Whether a request has failed or was late in the last 0.3 s: the rolling second goes on
    /// telling of a cause that is over.
    #[must_use]
    pub fn fails_now(&self) -> bool {
        self.requests(self.span(3 * TICK)).bad() > 0
    }

    /// Requests of a class.
    #[must_use]
    pub fn class(&self, class: usize, span: Span<'_>) -> ClassTally {
        let now = self.observers.class(ClassId(class as u8));
        match span.before.and_then(|tick| tick.classes.get(class)) {
            Some(before) => now.since(before),
            None => now,
        }
    }

    /// Calls to a node.
    #[must_use]
    pub fn calls(&self, node: NodeId, span: Span<'_>) -> NodeTally {
        let now = self.observers.node(node);
        span.before.map_or(now, |tick| now.since(&tick.node(node.index())))
    }

    /// Calls to all nodes of a component.
    #[must_use]
    pub fn calls_to(&self, component: ComponentId, span: Span<'_>) -> NodeTally {
        let mut sum = NodeTally::default();
        self.info(component).nodes().for_each(|n| sum.add(&self.calls(n, span)));
        sum
    }

    /// Whether calls were ever made on a link, by its number.
    #[must_use]
    pub fn has_carried(&self, link: usize) -> bool {
        self.observers.links().get(link).is_some_and(|l| l.ok + l.failed > 0)
    }

    /// Calls on a link, by its number: answered and failed.
    #[must_use]
    pub fn link(&self, link: usize, span: Span<'_>) -> (u64, u64) {
        let now = self.observers.links().get(link).copied().unwrap_or_default();
        let counted = span.before.map_or(now, |tick| now.since(tick.link(link)));
        (u64::from(counted.ok), u64::from(counted.failed))
    }

    /// Messages published to a queue's node.
    #[must_use]
    pub fn published(&self, node: NodeId, span: Span<'_>) -> u64 {
        let now = match self.node(node).part {
            PartReading::Queue { published, .. } => published,
            _ => 0,
        };
        span.more(node, now, |before| before.published)
    }

    /// Messages that a queue put aside.
    #[must_use]
    pub fn put_aside(&self, node: NodeId, span: Span<'_>) -> u64 {
        let now = match self.node(node).part {
            PartReading::Queue { dead_letters, .. } => dead_letters,
            _ => 0,
        };
        span.more(node, now, |before| before.dead_letters)
    }

    /// Messages that a queue lost.
    #[must_use]
    pub fn lost_messages(&self, node: NodeId, span: Span<'_>) -> u64 {
        let now = match self.node(node).part {
            PartReading::Queue { lost, .. } => lost,
            _ => 0,
        };
        span.more(node, now, |before| before.lost)
    }

    /// Messages that a queue gave out again.
    #[must_use]
    pub fn redelivered(&self, node: NodeId, span: Span<'_>) -> u64 {
        let now = match self.node(node).part {
            PartReading::Queue { redelivered, .. } => redelivered,
            _ => 0,
        };
        span.more(node, now, |before| before.redelivered)
    }

    /// Stale reads.
    #[must_use]
    pub fn stale(&self, span: Span<'_>) -> u64 {
        self.stale_by(span).iter().sum()
    }

    /// The same by who gave them, in the order of [`Giver`].
    #[must_use]
    pub fn stale_by(&self, span: Span<'_>) -> [u64; Giver::COUNT] {
        let before = span.before.map_or([0; Giver::COUNT], |tick| tick.stale);
        let mut since = self.observers.ledger().stale_by();
        since.iter_mut().zip(before).for_each(|(n, before)| *n = n.saturating_sub(before));
        since
    }

    /// Acknowledged writes of a database.
    #[must_use]
    pub fn acknowledged(&self, database: ComponentId, span: Span<'_>) -> u64 {
        let before = span.before.and_then(|tick| tick.writes.get(database.index()));
        self.observers.ledger().writes(database) - before.copied().unwrap_or(0)
    }

    /// Busy share of a node's cores; `None` where they are unlimited or there are none.
    #[must_use]
    pub fn utilisation(&self, node: NodeId, span: Span<'_>) -> Option<f64> {
        let (busy, cores) = self.busy(node, span)?;
        Some((busy / cores).min(1.0))
    }

    /// Busy share of the cores of the component's nodes that are up.
    #[must_use]
    pub fn utilisation_of(&self, component: ComponentId, span: Span<'_>) -> Option<f64> {
        let mut sum: Option<(f64, f64)> = None;
        for (busy, cores) in self.up(component).filter_map(|n| self.busy(n, span)) {
            let (b, c) = sum.unwrap_or_default();
            sum = Some((b + busy, c + cores));
        }
        sum.map(|(busy, cores)| (busy / cores).min(1.0))
    }

    /// Mean of busy cores, and cores.
    fn busy(&self, node: NodeId, span: Span<'_>) -> Option<(f64, f64)> {
        let cores = &self.node(node).cores;
        let count = limited(cores).filter(|n| *n > 0)?;
        Some((span.busy(node, cores.busy_ns), f64::from(count)))
    }
}
