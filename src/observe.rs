//! What is told of a world: counters, windows, percentiles, the truth about data, causes.
//!
//! [`Observers`] are told by the world while it advances, and read its gauges every [`TICK`]. They
//! never influence it. An observation is recorded once: in a counter that only grows, and its
//! latency in the open bin. Bins, rolling figures and totals are differences and sums of those.
//!
//! World and observers are cloned together: what is closed is shared, so a clone costs microseconds.

pub mod bottleneck;
pub mod chunks;
pub mod edges;
pub mod failovers;
pub mod figures;
pub mod gauges;
pub mod heat;
pub mod history;
pub mod journey;
pub mod judged;
pub mod latency;
pub mod ledger;
pub mod limits;
mod listen;
mod load;
pub mod log;
pub mod metric;
pub mod now;
pub mod place;
mod predicted;
mod read;
pub mod reliability;
pub mod response;
pub mod risk;
pub mod rolling;
pub mod rotation;
pub mod samples;
pub mod series;
pub mod tally;
mod warmth;
pub mod where_time;
pub mod why;

use crate::sim::World;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::{NodeState, Outcome};
use crate::sim::reading::PartReading;
use crate::sim::spec::Options;
use crate::sim::time::{MILLISECOND, Ns};
use crate::sim::topology::Topology;
use bottleneck::Acted;
use failovers::Failovers;
use gauges::Gauges;
use history::Moments;
use journey::{Follower, Place};
use judged::Before;
use ledger::{Ledger, Roles};
use limits::Limits;
use log::{Log, Tone};
use predicted::Needs;
use reliability::Outages;
use response::Responses;
use rolling::Rolling;
use rotation::Rotation;
use samples::Samples;
use series::Series;
use std::sync::Arc;
use tally::{Class, ClassTally, LinkTally, NodeTally};

/// Simulated time between two readings of the world's gauges.
pub const TICK: Ns = 100 * MILLISECOND;
/// Length of a bin; a whole number of ticks.
pub const BIN: Ns = 500 * MILLISECOND;

/// Weight of a new sample in a smoothed gauge: 1 - e^(-TICK / 0.5 s), a time constant of 0.5 s.
const SMOOTHING: f64 = 0.181_269_246_922_018_15;

/// Who calls whom, and who watches whom: what the world's ids mean.
#[derive(Clone, Debug)]
struct Map {
    topology: Arc<Topology>,
    classes: Vec<Arc<str>>,
    /// Databases of failover components: (failover, database).
    watched: Vec<(ComponentId, ComponentId)>,
    /// Services behind balancers: (balancer, service).
    balanced: Vec<(ComponentId, ComponentId)>,
    /// What requests need.
    needs: Needs,
}

/// All observers of a run.
#[derive(Clone, Debug)]
pub struct Observers {
    map: Arc<Map>,
    judged_from: Ns,
    /// Requests that arrived in judged time by class, then those that arrived before it.
    classes: Vec<Class>,
    /// Latencies of the first half of `classes`, over all closed bins.
    judged: Arc<Vec<latency::Latency>>,
    nodes: Vec<NodeTally>,
    /// What had been counted when the judged time began.
    before: Arc<Before>,
    /// What was counted since then while some fault acted.
    acted: Arc<Acted>,
    links: Vec<LinkTally>,
    /// From where to where each link goes.
    ends: Arc<Vec<(NodeId, NodeId)>>,
    gone_since: Vec<Option<Ns>>,
    rolling: Rolling,
    series: Series,
    samples: Samples,
    /// From when or until when long spans may be asked for.
    moments: Moments,
    gauges: Gauges,
    limits: Limits,
    ledger: Ledger,
    roles: Roles,
    failovers: Failovers,
    rotation: Rotation,
    responses: Responses,
    outages: Outages,
    /// Judged requests that have ended, by traffic, and of each traffic by class.
    came: Vec<u64>,
    /// Failures of judged requests by the component at which they began, by [`Outcome::index`].
    began: Vec<[u64; Outcome::COUNT]>,
    log: Log,
    follower: Follower,
    warm: Vec<bool>,
}

impl Observers {
    /// Observers of a world that has not advanced yet. What arrives before `judged_from` is not
    /// judged.
    #[must_use]
    pub fn new(world: &World, judged_from: Ns) -> Observers {
        let map = Map {
            classes: world.classes().iter().map(|c| c.as_str().into()).collect(),
            watched: of_others(world, |options| match options {
                Options::Failover(o) => Some(&o.of),
                _ => None,
            }),
            balanced: of_others(world, |options| match options {
                Options::Balancer(o) => Some(&o.to),
                _ => None,
            }),
            topology: world.topology().clone(),
            needs: Needs::new(world),
        };
        let (gauges, limits) = (Gauges::new(world), Limits::new(world));
        let mut observers = Observers::blank(map, gauges, limits, judged_from);
        observers.follower.follow(journey::one_in(expected(world)));
        observers.learn_links(world);
        observers.open_books(world);
        observers.remember(world.now(), true);
        observers
    }

    /// Observers that have seen nothing.
    fn blank(map: Map, gauges: Gauges, limits: Limits, judged_from: Ns) -> Observers {
        let (classes, nodes) = (map.classes.len(), map.topology.nodes.len());
        let components = map.topology.components.len();
        let traffics = map.topology.components.iter().filter(|c| c.kind == "traffic").count();
        let follower = Follower::new(places(&map.topology), components);
        Observers {
            map: Arc::new(map),
            judged_from,
            classes: vec![Class::default(); 2 * classes],
            judged: Arc::new(vec![latency::Latency::default(); classes]),
            nodes: vec![NodeTally::default(); nodes],
            before: Arc::default(),
            acted: Arc::default(),
            links: Vec::new(),
            ends: Arc::default(),
            gone_since: vec![None; nodes],
            rolling: Rolling::default(),
            series: Series::default(),
            samples: Samples::default(),
            moments: Moments::new(judged_from),
            gauges,
            limits,
            ledger: Ledger::default(),
            roles: Roles::default(),
            failovers: Failovers::default(),
            rotation: Rotation::default(),
            responses: Responses::default(),
            outages: Outages::new(judged_from),
            came: vec![0; traffics * classes],
            began: vec![[0; Outcome::COUNT]; components],
            log: Log::default(),
            follower,
            warm: vec![false; nodes],
        }
    }

    /// Reads the gauges. To be called every [`TICK`] of simulated time, with the clock there.
    pub fn tick(&mut self, world: &World) {
        let now = world.now();
        if !Arc::ptr_eq(&self.map.topology, world.topology()) {
            // Nodes have come or gone.
            Arc::make_mut(&mut self.map).topology = world.topology().clone();
        }
        if self.links.len() > self.ends.len() {
            self.learn_links(world);
        }
        self.read_gauges(world, now);
        if now > self.judged_from && self.is_troubled(world) {
            self.note_acting();
        }
        let whole = now.is_multiple_of(BIN);
        if whole {
            self.series.forget(&self.moments);
            self.samples.forget(&self.moments);
            self.close_bin(now);
            self.samples.close(&self.gauges, &self.nodes, self.data(world));
        }
        self.responses.tick(world, &self.rolling);
        self.remember(now, whole);
        if whole {
            self.responses.bin(now, &self.rolling);
            self.follower.tick(now);
            self.watch_caches(now);
        }
        let ok = self.ok();
        self.log.tick(now, ok);
    }

    /// Requests that have ended ok since the start.
    fn ok(&self) -> u64 {
        self.classes.iter().map(|class| class.tally.ok()).sum()
    }

    fn read_gauges(&mut self, world: &World, now: Ns) {
        let judged = now > self.judged_from;
        if now >= self.judged_from && now < self.judged_from + TICK {
            let limits = self.limits.uses().to_vec();
            let (nodes, links) = (self.nodes.clone(), self.links.clone());
            self.before = Arc::new(Before { nodes, links, limits });
        }
        let mut holders: Vec<(ComponentId, NodeId)> = Vec::new();
        let mut missing: Vec<ComponentId> = Vec::new();
        let (topology, gone) = (&self.map.topology, &mut self.gone_since);
        let limits = &mut self.limits;
        self.gauges.read(world, judged, |node, reading| {
            limits.read(world, node, reading);
            let component = topology.nodes[node.index()].component;
            note_state(&mut gone[node.index()], reading.state, reading.since);
            match reading.part {
                PartReading::Database { primary: true, .. } if reading.state == NodeState::Up => {
                    holders.push((component, node));
                }
                PartReading::Watcher { missed: 1.., .. } => missing.push(component),
                _ => {}
            }
        });
        for &(watchers, database) in &self.map.watched {
            self.failovers.missing(now, database, missing.contains(&watchers));
        }
        self.reconcile_roles(now, &holders);
    }

    /// Events tell at once who takes or leaves the role; a node that boots into it is seen here.
    fn reconcile_roles(&mut self, now: Ns, holders: &[(ComponentId, NodeId)]) {
        for (c, component) in self.map.topology.components.iter().enumerate() {
            if component.kind == "database" {
                let component = ComponentId(c as u16);
                let of = holders.iter().filter(|(c, _)| *c == component).map(|(_, n)| *n);
                let of: Vec<NodeId> = of.collect();
                for &node in of.iter().filter(|n| !self.roles.holders(component).contains(n)) {
                    self.log.holds_again(now, node, &self.map.topology);
                }
                self.roles.set(now, component, &of);
            }
        }
    }

    fn close_bin(&mut self, now: Ns) {
        let busiest = self.busiest_load(now);
        let in_flight = self.in_flight();
        let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let held =
            |g: &gauges::Gauge| series::Held { used: small(g.held), waiting: small(g.depth) };
        let nodes = self.gauges.all().iter().map(held).collect();
        self.series.close(now, &mut self.classes, in_flight, busiest, nodes);
        if let Some(bin) = self.series.last() {
            let judged = Arc::make_mut(&mut self.judged);
            judged.iter_mut().zip(&bin.classes).for_each(|(all, bin)| all.add(&bin.latency));
            self.outages.bin(bin.start, &bin.total);
        }
    }

    fn remember(&mut self, now: Ns, whole: bool) {
        let (classes, nodes, links) = (&self.classes, &self.nodes, &self.links);
        let (gauges, count) = (self.gauges.all(), self.map.classes.len());
        let uses = self.limits.uses();
        let (stale, journeys) = (self.ledger.stale_by(), self.follower.all());
        let components = 0..self.map.topology.components.len() as u16;
        let writes = components.map(|c| self.ledger.writes(ComponentId(c)));
        self.rolling.push(whole, |tick| {
            tick.at = now;
            tick.stale = stale;
            tick.journeys.clone_from(journeys);
            tick.classes.clear();
            tick.classes.extend((0..count).map(|c| both(classes, c)));
            tick.nodes.clone_from(nodes);
            tick.links.clone_from(links);
            tick.uses.clear();
            tick.uses.extend_from_slice(uses);
            tick.writes.clear();
            tick.writes.extend(writes);
            tick.integrals.clear();
            tick.integrals.extend(gauges.iter().map(gauges::Gauge::integral));
        });
    }

    fn learn_links(&mut self, world: &World) {
        let ends: Vec<_> = world.links().map(|l| (l.from, l.to)).collect();
        let len = self.links.len().max(ends.len());
        self.links.resize(len, LinkTally::default());
        self.ends = Arc::new(ends);
    }

    fn open_books(&mut self, world: &World) {
        let topology = self.map.topology.clone();
        for (c, component) in topology.components.iter().enumerate() {
            if component.kind != "database" {
                continue;
            }
            let id = ComponentId(c as u16);
            let mut holders = Vec::new();
            for node in component.nodes() {
                if let PartReading::Database { primary: true, epoch, .. } = world.node(node).part {
                    holders.push(node);
                    self.ledger.open(id, epoch);
                    let name = topology.display_name(node);
                    let text = format!("{name} is primary (epoch {epoch})");
                    self.log.say(world.now(), Tone::Plain, text);
                }
            }
            self.roles.set(world.now(), id, &holders);
        }
    }

    /// Nodes that are up and have called that database, other than its own and its watchers.
    fn callers(&self, database: ComponentId) -> Vec<NodeId> {
        let topology = &self.map.topology;
        let mut callers = Vec::new();
        for (link, &(from, to)) in self.ends.iter().enumerate() {
            let used = self.links[link] != LinkTally::default();
            let of = |n: NodeId| topology.nodes[n.index()].component;
            let counts =
                used && of(to) == database && of(from) != database && topology.is_present(from);
            if counts && self.gone_since[from.index()].is_none() && !callers.contains(&from) {
                callers.push(from);
            }
        }
        callers
    }
}

/// Judged and not judged requests of a class together.
fn both(classes: &[Class], class: usize) -> ClassTally {
    let mut sum = classes[class].tally;
    sum.add(&classes[classes.len() / 2 + class].tally);
    sum
}

/// Of each node: whose it is, and what stands there.
fn places(topology: &Topology) -> Vec<(ComponentId, Place)> {
    let place = |c: ComponentId| match topology.components[c.index()].kind {
        "traffic" => Place::Users,
        "workers" => Place::Apart,
        _ => Place::Between,
    };
    topology.nodes.iter().map(|n| (n.component, place(n.component))).collect()
}

/// Requests in a second, as the cluster has it.
fn expected(world: &World) -> f64 {
    let ids = (0..world.topology().components.len() as u16).map(ComponentId);
    let rates = ids.map(|id| match world.options(id) {
        Options::Traffic(users) => users.nominal(),
        _ => 0.0,
    });
    rates.sum()
}

/// Components with the one that each of them names.
fn of_others(
    world: &World,
    named: impl Fn(&Options) -> Option<&String>,
) -> Vec<(ComponentId, ComponentId)> {
    let topology = world.topology();
    let ids = (0..topology.components.len() as u16).map(ComponentId);
    let with = |id| Some((id, topology.component(named(world.options(id))?)?));
    ids.filter_map(with).collect()
}

/// Keeps since when a node is not up.
fn note_state(gone: &mut Option<Ns>, state: NodeState, since: Ns) {
    match state {
        NodeState::Up | NodeState::Absent => *gone = None,
        _ => {
            gone.get_or_insert(since);
        }
    }
}

#[cfg(test)]
mod tests;
