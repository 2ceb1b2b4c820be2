//! What can be read off the observers.

use super::failovers::Failovers;
use super::gauges::Gauges;
use super::journey::Follower;
use super::latency::Latency;
use super::ledger::{Ledger, Roles};
use super::log::Log;
use super::reliability::Spells;
use super::response::Responses;
use super::rolling::Rolling;
use super::samples::{DataSample, Samples};
use super::series::Series;
use super::tally::{ClassTally, LinkTally, NodeTally};
use super::{Observers, both};
use crate::sim::World;
use crate::sim::id::{ClassId, ComponentId, NodeId};
use crate::sim::time::Ns;
use std::sync::Arc;

impl Observers {
    /// Bytes that they hold and that could grow with time, about: bins and samples, the ledger, the log of
    /// events.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.series.held_bytes()
            + self.samples.held_bytes()
            + self.ledger.held_bytes()
            + self.log.held_bytes()
    }

    /// The names of classes.
    #[must_use]
    pub fn class_names(&self) -> &[Arc<str>] {
        &self.map.classes
    }

    /// Counters of a class over the whole run.
    #[must_use]
    pub fn class(&self, class: ClassId) -> ClassTally {
        both(&self.classes, class.index())
    }

    /// Counters of all classes over the whole run.
    #[must_use]
    pub fn total(&self) -> ClassTally {
        self.classes.iter().fold(ClassTally::default(), |mut sum, c| {
            sum.add(&c.tally);
            sum
        })
    }

    /// Requests that have arrived and not ended.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        let total = self.total();
        total.offered - total.ended()
    }

    /// Counters of a node over the whole run.
    #[must_use]
    pub fn node(&self, node: NodeId) -> NodeTally {
        self.nodes[node.index()]
    }

    /// Counters of links, in order of their numbers.
    #[must_use]
    pub fn links(&self) -> &[LinkTally] {
        &self.links
    }

    /// Where links go from and to, in order of their numbers.
    #[must_use]
    pub fn ends(&self) -> &[(NodeId, NodeId)] {
        &self.ends
    }

    /// Counters at the last ticks.
    #[must_use]
    pub fn rolling(&self) -> &Rolling {
        &self.rolling
    }

    /// Closed bins.
    #[must_use]
    pub fn series(&self) -> &Series {
        &self.series
    }

    /// Nodes and data at the ends of closed bins.
    #[must_use]
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// What has become of data in a world that these are the observers of.
    #[must_use]
    pub fn data(&self, world: &World) -> DataSample {
        DataSample {
            acknowledged: self.ledger.acknowledged_writes(),
            lost: self.ledger.lost(),
            stale: self.ledger.stale_reads(),
            doubled: self.ledger.doubled(),
            conflicts: self.ledger.conflicts(),
            unpublished: self.ledger.unpublished(),
            split_brain: self.roles.split_brain(world.now()),
        }
    }

    /// What the open bin has counted, and when it began.
    #[must_use]
    pub fn open_bin(&self) -> (Ns, ClassTally) {
        (self.series.open_start(), self.series.open(&self.classes))
    }

    /// Latencies of answers in the open bin and the newest `closed` bins: of one class, or of all.
    #[must_use]
    pub fn latency(&self, class: Option<ClassId>, closed: usize) -> Latency {
        let count = self.map.classes.len();
        let wanted = |i: usize| class.is_none_or(|c| i % count == c.index());
        let mut sum = Latency::default();
        for (i, open) in self.classes.iter().enumerate().filter(|(i, _)| wanted(*i)) {
            sum.merge(&open.open);
            for bin in self.series.newest(closed) {
                if let Some(bin) = bin.classes.get(i) {
                    sum.add(&bin.latency);
                }
            }
        }
        sum
    }

    /// Gauges of nodes at the last tick.
    #[must_use]
    pub fn gauges(&self) -> &Gauges {
        &self.gauges
    }

    /// The truth about data.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Who holds the role of primary.
    #[must_use]
    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    /// Requests that are followed.
    #[must_use]
    pub fn follower(&self) -> &Follower {
        &self.follower
    }

    /// How faults were answered.
    #[must_use]
    pub fn responses(&self) -> &Responses {
        &self.responses
    }

    /// Spells of failures in judged time.
    #[must_use]
    pub fn outages(&self) -> Spells {
        self.outages.spells()
    }

    /// Failovers.
    #[must_use]
    pub fn failovers(&self) -> &Failovers {
        &self.failovers
    }

    /// The log of events.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// What comes "after" the faults begins so long after the last of them has ended.
    pub fn recover_in(&mut self, recover: Ns) {
        self.moments.recover(recover);
    }

    /// Something is done to the world now, whether it lasts or not: a report may compare what was
    /// before with what came after.
    pub fn done(&mut self, at: Ns) {
        self.moments.note(at);
    }

    /// The log of events, to add what the session does.
    pub fn log_mut(&mut self) -> &mut Log {
        &mut self.log
    }

    /// When the judged time begins.
    #[must_use]
    pub fn judged_from(&self) -> Ns {
        self.judged_from
    }

    /// The database that a failover component watches.
    #[must_use]
    pub fn watched_by(&self, failover: ComponentId) -> Option<ComponentId> {
        self.map.watched.iter().find(|(f, _)| *f == failover).map(|(_, d)| *d)
    }

    /// The failover component of a database.
    #[must_use]
    pub fn watcher_of(&self, database: ComponentId) -> Option<ComponentId> {
        self.map.watched.iter().find(|(_, d)| *d == database).map(|(f, _)| *f)
    }
}
