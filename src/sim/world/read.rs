//! The snapshot: what can be read off a world. Reading changes nothing.

use super::World;
use crate::sim::agenda::{Entry, Kind};
use crate::sim::fault::Fault;
use crate::sim::frame::Ticket;
use crate::sim::id::{ComponentId, FaultId, LinkId, NodeId};
use crate::sim::node::Part;
use crate::sim::program::slot;
use crate::sim::reading::{LinkReading, NodeReading, PartReading, ResourceReading};
use crate::sim::spec::{Cluster, Options};
use crate::sim::time::Ns;
use crate::sim::topology::Topology;
use std::sync::Arc;

impl World {
    /// Simulated time.
    #[must_use]
    pub fn now(&self) -> Ns {
        self.now
    }

    /// 64 bits folded over every event that took effect (time, kind, node, request, outcome). Equal
    /// digests mean equal runs.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// Events that took effect.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Requests that have arrived and not ended.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.roots
    }

    /// Calls in progress, on their way, answering, and daemons.
    #[must_use]
    pub fn frames(&self) -> u32 {
        self.arena.live()
    }

    /// Entries of the agenda, but for timers of waits that are over.
    #[must_use]
    pub fn pending(&self) -> usize {
        let over = |entry: &Entry| entry.kind() == Kind::Timeout && self.arena.over(*entry);
        self.agenda.entries().filter(|entry| !over(entry)).count()
    }

    /// Bytes that are held for what is going on, by the sizes of what there is: calls, entries of the
    /// agenda, those who wait. Not what is kept of data.
    #[must_use]
    pub fn bytes_in_flight(&self) -> u64 {
        let waits = |node: &crate::sim::node::Node| {
            let queued = node.resources.iter().map(crate::sim::resource::Resource::queued);
            let tickets = queued.sum::<usize>() + node.woken.len();
            tickets * size_of::<Ticket>() + node.stash.len() * size_of::<Entry>()
        };
        let waiting: usize = self.nodes.iter().map(waits).sum();
        (self.arena.bytes() + self.agenda.bytes() + waiting) as u64
    }

    /// Who is there now. `scale` puts another in its place.
    #[must_use]
    pub fn topology(&self) -> &Arc<Topology> {
        &self.topology
    }

    /// The settings of a component as they are in force now.
    #[must_use]
    pub fn options(&self, component: ComponentId) -> &Options {
        &self.options[component.index()]
    }

    /// The settings of a component without those that have an end.
    #[must_use]
    pub fn configured(&self, component: ComponentId) -> &Options {
        &self.base[component.index()]
    }

    /// The cluster that it was made from.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The names of the classes of requests.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// All faults there ever were, in order of their numbers.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The faults that are active, in order of their numbers.
    pub fn active_faults(&self) -> impl ExactSizeIterator<Item = &Fault> {
        self.active.all().iter().map(|&f| &self.faults[f as usize])
    }

    /// How often a fault has changed something at a node: requests and background messages, each time.
    #[must_use]
    pub fn touches(&self, fault: FaultId, node: NodeId) -> u64 {
        self.masks.get(fault.0 as usize).map_or(0, |mask| mask.touched.at(node))
    }

    /// When the last of the faults that hold a node ends; `None` if one of them has no end, or none
    /// holds it.
    #[must_use]
    pub fn held_until(&self, node: NodeId) -> Option<Ns> {
        let holding = self.active.at(node).iter();
        let ends: Option<Vec<Ns>> = holding.map(|&f| self.faults[f as usize].until).collect();
        ends?.into_iter().max()
    }

    /// Whether a node is the primary of its database, by its own opinion and lease.
    #[must_use]
    pub fn is_primary(&self, node: NodeId) -> bool {
        matches!(&self.nodes[node.index()].part, Part::Database(d) if d.may_lead(self.now))
    }

    /// All links now, in order of their numbers.
    pub fn links(&self) -> impl ExactSizeIterator<Item = LinkReading> + '_ {
        self.links.iter().enumerate().map(|(i, link)| {
            // What lies on the way to a node that is not there is nothing to see yet.
            let is_there = |node| self.topology.is_present(node);
            let troubled = link.troubled && is_there(link.from) && is_there(link.to);
            LinkReading {
                link: LinkId(i as u32),
                from: link.from,
                to: link.to,
                cut: troubled && self.is_cut(i),
                delay: if troubled { self.added_delay(i) } else { 0 },
                loss: if troubled { self.lost_share(i) } else { 0.0 },
                backlog: self.links.backlog(LinkId(i as u32), self.now),
                sent: link.sent,
            }
        })
    }

    /// A link as a resource of one unit, where it has a bandwidth. Those who wait are counted when they
    /// begin to, for as long as they will.
    #[must_use]
    pub fn wire(&self, link: LinkId) -> Option<ResourceReading> {
        self.links.wire(link, self.now)
    }

    /// A node now.
    #[must_use]
    pub fn node(&self, id: NodeId) -> NodeReading {
        let node = &self.nodes[id.index()];
        let resource = |slot: u8| node.resources[usize::from(slot)].reading(self.now);
        NodeReading {
            state: node.state,
            since: node.since,
            cores: resource(slot::CORES),
            threads: resource(slot::THREADS),
            connections: resource(slot::CONNECTIONS),
            in_flight: node.in_flight,
            memory: self.memory(id),
            slow: node.slow,
            part: self.part(id),
        }
    }

    /// Whether the log of a node of a database ends with an entry that another's log does not have: it
    /// would have to throw it away, or merge it, to follow that one.
    #[must_use]
    pub fn has_diverged(&self, id: NodeId, from: NodeId) -> bool {
        match (&self.nodes[id.index()].part, &self.nodes[from.index()].part) {
            (Part::Database(own), Part::Database(other)) => !other.has_newest_of(own),
            _ => false,
        }
    }

    /// The cores of a node now: what utilisation is measured from.
    #[must_use]
    pub fn cores(&self, id: NodeId) -> ResourceReading {
        self.nodes[id.index()].resources[usize::from(slot::CORES)].reading(self.now)
    }

    /// The pool of connections of a node to a node of a database, if it has one.
    #[must_use]
    pub fn pool(&self, id: NodeId, to: NodeId) -> Option<ResourceReading> {
        let target = &self.nodes[to.index()];
        let database = self.databases.iter().find(|d| d.component == target.component)?;
        let slot = usize::from(database.first_pool) + usize::from(target.local);
        self.nodes[id.index()].resources.get(slot).map(|r| r.reading(self.now))
    }

    /// The pools of connections of a node, each with the node of a database that it leads to.
    pub fn pools(&self, id: NodeId) -> impl Iterator<Item = (NodeId, ResourceReading)> + '_ {
        let nodes = |c: ComponentId| self.topology.components[c.index()].all();
        let to = self.databases.iter().flat_map(move |d| nodes(d.component));
        let pools = self.nodes[id.index()].resources.iter().skip(usize::from(slot::POOLS));
        to.zip(pools).map(|(to, pool)| (to, pool.reading(self.now)))
    }

    /// Integrals over time of those who waited at a node for cores, threads, connections, and the
    /// pools of connections to databases.
    #[must_use]
    pub fn waited(&self, id: NodeId) -> [u64; 4] {
        let mut waited = [0; 4];
        for (slot, resource) in self.nodes[id.index()].resources.iter().enumerate() {
            waited[slot.min(usize::from(slot::POOLS))] += resource.reading(self.now).queued_ns;
        }
        waited
    }

    fn part(&self, id: NodeId) -> PartReading {
        let node = &self.nodes[id.index()];
        let first = |component: ComponentId| {
            NodeId(self.topology.components[component.index()].nodes.start)
        };
        match &node.part {
            Part::Plain => PartReading::Plain,
            Part::Traffic(traffic) => PartReading::Traffic { factor: traffic.factor_at(self.now) },
            Part::Balancer(balancer) => {
                let options = &self.options[node.component.index()];
                balancer.reading(options, self.now)
            }
            Part::Cache(cache) => PartReading::Cache { entries: cache.len() },
            Part::Queue(queue) => PartReading::Queue {
                waiting: queue.waiting(),
                in_hand: queue.in_hand(),
                redelivered: queue.redelivered,
                dead_letters: queue.dead_letters,
                published: queue.published,
                lost: queue.lost,
                oldest: queue.oldest(),
            },
            Part::Database(database) => {
                let leader = NodeId(first(node.component).0 + database.leader());
                let leader = match &self.nodes[leader.index()].part {
                    Part::Database(leader) => Some(&**leader),
                    _ => None,
                };
                database.reading(self.now, leader)
            }
            Part::Watcher(watcher) => {
                let (misses, of) = match &self.options[node.component.index()] {
                    Options::Failover(o) => (o.misses, self.topology.component(&o.of)),
                    _ => (0, None),
                };
                watcher.reading(misses, of.map_or(NodeId(0), first))
            }
        }
    }
}
