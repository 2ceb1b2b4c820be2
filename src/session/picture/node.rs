//! A node.

use crate::sim::observation::{NodeState, Outcome};
use crate::sim::reading::MemoryReading;
use crate::sim::time::Ns;
use std::sync::Arc;

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its name: `web-2`; the component's alone where there is one.
    pub name: Arc<str>,
    /// Its number within the component, from 1.
    pub number: usize,
    /// Its zone, `None` in the unnamed zone and for users.
    pub zone: Option<Arc<str>>,
    /// Its state, as it is.
    pub state: NodeState,
    /// Since when it is in that state.
    pub since: Ns,
    /// Whether the balancers in front of it believe it healthy; `None` where none checks it.
    pub believed: Option<bool>,
    /// Since when no balancer in front of it sends it anything; `None` where one does, or there is none.
    pub ejected: Option<Ns>,
    /// Failed checks in a row of the balancer that has most, and how many put it out.
    pub checks: Option<(u32, u32)>,
    /// Share of its cores busy, smoothed over 0.5 s (0 to 1).
    pub utilisation: f64,
    /// Threads in use and at most (`None` unlimited); `None` where there are no threads.
    pub threads: Option<(u64, Option<u64>)>,
    /// Requests that wait for a thread and at most.
    pub backlog: Option<(u64, Option<u64>)>,
    /// Calls to it that ended per second in the last second.
    pub rate: f64,
    /// Requests in progress there.
    pub in_flight: u64,
    /// On which side of a cut it stands among the nodes of its component, from 0; 0 of all where
    /// nothing is cut between them.
    pub side: usize,
    /// Its memory, where that is counted.
    pub memory: Option<MemoryReading>,
    /// Its role in a database.
    pub role: Option<Role>,
    /// Position of the last entry of its log: what it has received.
    pub log: Option<u64>,
    /// Up to where it has applied its log: what can be read there.
    pub applied: Option<u64>,
    /// Factor by which its work is slowed; 1 is as configured.
    pub slow: f64,
    /// Time until its last fault ends; `None` without a fault that ends.
    pub left: Option<Ns>,
    /// Outcomes of calls to it in the last 10 s: answered, failed.
    pub outcomes: (u64, u64),
    /// Why calls to it failed in the last 10 s, and how many: most frequent first.
    pub reasons: Vec<(Outcome, u64)>,
}

/// The role of a node of a database.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Role {
    /// Takes reads and writes.
    Primary,
    /// Follows, with that lag behind its primary.
    Replica(Ns),
    /// Follows nobody: it does not hear the primary, and knows only an older one.
    CutOff,
    /// Has entries that the primary's log does not have, and does not follow.
    Diverged,
    /// Was chosen to be primary; that share of its promotion is done.
    Promoting(f64),
}
