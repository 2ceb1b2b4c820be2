//! All that a node has a number of, and how much of it is in use: cores, threads, connections, pools, and
//! links with a bandwidth.

use super::TICK;
use super::gauges::limited;
use crate::sim::World;
use crate::sim::id::{LinkId, NodeId};
use crate::sim::observation::NodeState;
use crate::sim::reading::{NodeReading, ResourceReading};
use crate::sim::spec::Options;
use std::sync::Arc;

/// What a node has a number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Cores: whoever holds one works.
    Cores,
    /// Threads: held from acceptance to answer; of workers, from taking a message to having done it.
    Threads,
    /// Connections that a node of a database accepts.
    Connections,
    /// Connections to that node of a database.
    Pool(NodeId),
    /// The link to another node, where it has a bandwidth: used while it sends.
    Link(LinkId, NodeId),
}

/// Cores, threads, connections or a link of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Whose.
    pub node: NodeId,
    /// Of what.
    pub what: What,
}

/// How much a limit was used, in unit-nanoseconds. It only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// Units that were held.
    pub held: u64,
    /// Units that there were; those of a process that is not up, and unlimited ones, do not count.
    pub units: u64,
    /// Those who waited for one.
    pub waited: u64,
}

impl Use {
    /// What was added since `before`, an earlier state of the same sums.
    #[must_use]
    pub fn since(&self, before: &Use) -> Use {
        Use {
            held: self.held - before.held,
            units: self.units - before.units,
            waited: self.waited - before.waited,
        }
    }

    /// Adds what was used elsewhere, or at another time.
    pub fn add(&mut self, other: &Use) {
        self.held += other.held;
        self.units += other.units;
        self.waited += other.waited;
    }
}

/// Integrals as they were read last.
#[derive(Clone, Copy, Debug, Default)]
struct Read {
    busy_ns: u64,
    queued_ns: u64,
}

/// All limits of a cluster, with those of nodes that `scale` may bring.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    all: Arc<Vec<Limit>>,
    /// First limit of each node.
    first: Arc<Vec<usize>>,
    /// How many messages each node may have in hand; 0 where that is not its work.
    hands: Arc<Vec<u32>>,
    read: Vec<Read>,
    uses: Vec<Use>,
}

impl Limits {
    /// The limits of a world in which nothing has happened yet.
    #[must_use]
    pub fn new(world: &World) -> Limits {
        let (mut all, mut first, mut hands) = (Vec::new(), Vec::new(), Vec::new());
        let narrow: Vec<_> = world.links().filter(|l| world.wire(l.link).is_some()).collect();
        for node in (0..world.topology().nodes.len() as u16).map(NodeId) {
            first.push(all.len());
            hands.push(hands_of(world, node));
            let reading = world.node(node);
            if hands_of(world, node) > 0 {
                all.push(Limit { node, what: What::Threads });
            }
            let own = own(&reading).into_iter().filter(|(_, r)| r.capacity > 0);
            let pools = world.pools(node).map(|(to, _)| What::Pool(to));
            let links = narrow.iter().filter(|l| l.from == node).map(|l| What::Link(l.link, l.to));
            let whats = own.map(|(what, _)| what).chain(pools).chain(links);
            all.extend(whats.map(|what| Limit { node, what }));
        }
        let (read, uses) = (vec![Read::default(); all.len()], vec![Use::default(); all.len()]);
        let (all, first, hands) = (Arc::new(all), Arc::new(first), Arc::new(hands));
        Limits { all, first, hands, read, uses }
    }

    /// Takes the readings of a node, a tick after the last.
    pub fn read(&mut self, world: &World, node: NodeId, reading: &NodeReading) {
        let Some(&first) = self.first.get(node.index()) else { return };
        if reading.state == NodeState::Absent {
            return;
        }
        let up = reading.state == NodeState::Up;
        let (own, hands) = (own(reading), self.hands[node.index()]);
        let mut pools = world.pools(node);
        let end = self.first.get(node.index() + 1).copied().unwrap_or(self.all.len());
        for i in first..end {
            let resource = match self.all[i].what {
                What::Threads if hands > 0 => Some(self.in_hand(i, reading.in_flight, hands)),
                What::Pool(_) => pools.next().map(|(_, pool)| pool),
                What::Link(link, _) => world.wire(link),
                what => own.iter().find(|(w, _)| *w == what).map(|(_, r)| *r),
            };
            if let Some(resource) = resource {
                self.take(i, &resource, up);
            }
        }
    }

    /// The threads of a worker, of which the world keeps no books: as many are held as it has messages
    /// in hand at the ticks.
    fn in_hand(&self, i: usize, messages: u32, hands: u32) -> ResourceReading {
        let busy_ns = self.read[i].busy_ns + u64::from(messages) * TICK;
        ResourceReading { capacity: hands, used: messages, busy_ns, ..ResourceReading::default() }
    }

    fn take(&mut self, i: usize, resource: &ResourceReading, up: bool) {
        let (read, sum) = (&mut self.read[i], &mut self.uses[i]);
        let held = resource.busy_ns.saturating_sub(read.busy_ns);
        sum.waited += resource.queued_ns.saturating_sub(read.queued_ns);
        *read = Read { busy_ns: resource.busy_ns, queued_ns: resource.queued_ns };
        if up && let Some(units) = limited(resource) {
            let units = u64::from(units) * TICK;
            sum.units += units;
            // What was taken away while it was held is still theirs who hold it.
            sum.held += held.min(units);
        }
    }

    /// All limits, by node.
    #[must_use]
    pub fn all(&self) -> &[Limit] {
        &self.all
    }

    /// How much each was used since the start.
    #[must_use]
    pub fn uses(&self) -> &[Use] {
        &self.uses
    }
}

fn hands_of(world: &World, node: NodeId) -> u32 {
    let component = world.topology().nodes[node.index()].component;
    match world.options(component) {
        Options::Workers(o) => u32::try_from(o.threads).unwrap_or(u32::MAX),
        _ => 0,
    }
}

fn own(reading: &NodeReading) -> [(What, ResourceReading); 3] {
    [
        (What::Cores, reading.cores),
        (What::Threads, reading.threads),
        (What::Connections, reading.connections),
    ]
}
