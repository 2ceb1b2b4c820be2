//! The world itself: what it owns, and its three verbs.

use super::fault::{Change, Fault, Injected};
use super::id::{ComponentId, FaultId, NodeId};
use super::observation::Observer;
use super::reading::{LinkReading, NodeReading};
use super::spec::{Cluster, Options};
use super::time::Ns;
use super::topology::Topology;
use std::sync::Arc;

/// Why a world cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// More than a million events at one instant: zero latencies loop for ever.
    NoProgress(Ns),
    /// More calls in progress than the arena holds (16 million): an unlimited queue has run away.
    TooManyFrames(Ns),
}

/// A whole simulated cluster at one instant.
#[derive(Clone)]
pub struct World {
    topology: Arc<Topology>,
}

impl World {
    /// A world at time 0. The cluster must be valid (see the `playbook` room, which checks files).
    #[must_use]
    pub fn new(cluster: &Cluster, seed: u64) -> World {
        let _ = seed;
        World { topology: Arc::new(Topology::new(cluster)) }
    }
    /// Simulated time.
    #[must_use]
    pub fn now(&self) -> Ns {
        unimplemented!()
    }
    /// Handles every event before `until` and leaves the clock there.
    ///
    /// # Errors
    /// When the world cannot go on. It stays as it is.
    pub fn advance<O: Observer>(&mut self, _until: Ns, _observer: &mut O) -> Result<(), Stopped> {
        unimplemented!()
    }
    /// Handles all events of the next instant and stops one nanosecond later.
    ///
    /// # Errors
    /// When the world cannot go on. It stays as it is.
    pub fn step<O: Observer>(&mut self, _observer: &mut O) -> Result<(), Stopped> {
        unimplemented!()
    }
    /// Does something to the world, now: before all events of this instant.
    pub fn inject<O: Observer>(
        &mut self,
        _change: Change,
        _length: Option<Ns>,
        _observer: &mut O,
    ) -> Injected {
        unimplemented!()
    }
    /// Ends one fault.
    pub fn end_fault<O: Observer>(&mut self, _fault: FaultId, _observer: &mut O) {
        unimplemented!()
    }
    /// 64 bits folded over every event that took effect. Equal digests mean equal runs.
    #[must_use]
    pub fn digest(&self) -> u64 {
        unimplemented!()
    }
    /// Events that took effect.
    #[must_use]
    pub fn events(&self) -> u64 {
        unimplemented!()
    }
    /// Requests that have arrived and not ended.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        unimplemented!()
    }
    /// Who is there.
    #[must_use]
    pub fn topology(&self) -> &Arc<Topology> {
        &self.topology
    }
    /// The settings of a component as they are in force now.
    #[must_use]
    pub fn options(&self, _component: ComponentId) -> &Options {
        unimplemented!()
    }
    /// The names of the classes of requests.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        unimplemented!()
    }
    /// A node now.
    #[must_use]
    pub fn node(&self, _node: NodeId) -> NodeReading {
        unimplemented!()
    }
    /// Whether a node is the primary of its database, by its own opinion.
    #[must_use]
    pub fn is_primary(&self, _node: NodeId) -> bool {
        unimplemented!()
    }
    /// All links now, in order of their numbers.
    pub fn links(&self) -> impl Iterator<Item = LinkReading> + '_ {
        std::iter::empty()
    }
    /// All faults there ever were, in order of their numbers.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        unimplemented!()
    }
}
