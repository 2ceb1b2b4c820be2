//! What can be read off the world at any instant: gauges and integrals.
//!
//! Reading changes nothing. Integrals only grow; the difference of two readings, divided by the time
//! between them, is a mean (of busy cores, of queued requests): Little's and the utilisation law's
//! own quantities.

use super::id::{ClassId, LinkId, NodeId};
use super::observation::NodeState;
use super::time::Ns;

/// A resource of a node: cores, threads, connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResourceReading {
    /// Units that there are; `u32::MAX` is unlimited.
    pub capacity: u32,
    /// Units in use.
    pub used: u32,
    /// Those who wait for one.
    pub queued: u32,
    /// Integral of `used` over time, in unit-nanoseconds.
    pub busy_ns: u64,
    /// Integral of `queued` over time, in unit-nanoseconds.
    pub queued_ns: u64,
}

/// The memory of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryReading {
    /// Bytes that it takes; 0 without a process.
    pub used: u64,
    /// Bytes that it may take; `None` is no limit.
    pub limit: Option<u64>,
    /// How often it was killed for taking more.
    pub kills: u32,
    /// When it was last killed for that.
    pub killed: Option<Ns>,
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeReading {
    /// Its state.
    pub state: NodeState,
    /// Since when it is in that state.
    pub since: Ns,
    /// Its cores.
    pub cores: ResourceReading,
    /// Its threads; all 0 where it has none.
    pub threads: ResourceReading,
    /// Its connections as a database; all 0 where it is none.
    pub connections: ResourceReading,
    /// Requests in progress there.
    pub in_flight: u32,
    /// Its memory, where that is counted.
    pub memory: Option<MemoryReading>,
    /// Factor by which its work is slowed; 1 is as configured.
    pub slow: f64,
    /// What is particular to its kind.
    pub part: PartReading,
}

/// What is particular to a kind of node.
#[derive(Clone, Debug, PartialEq)]
pub enum PartReading {
    /// Nothing more to tell.
    Plain,
    /// Users: the factor on their rate.
    Traffic {
        /// The product of the active `traffic` faults, and of the stages.
        factor: f64,
    },
    /// A balancer and what it believes.
    Balancer {
        /// One for each backend, in order.
        backends: Vec<BackendReading>,
        /// Whether so few are usable that it sends to all.
        panics: bool,
    },
    /// A cache.
    Cache {
        /// Entries now.
        entries: u64,
    },
    /// A node of a database.
    Database {
        /// Whether it holds the role of primary.
        primary: bool,
        /// The newest epoch that it knows.
        epoch: u32,
        /// Epoch of the last entry of its log.
        log_epoch: u32,
        /// Position of the last entry of its log.
        log_position: u64,
        /// Position up to which it has applied its log.
        applied: u64,
        /// How far its data is behind the primary that it follows.
        lag: Ns,
        /// While it is being promoted: when that began and when it is due.
        promoting: Option<(Ns, Ns)>,
    },
    /// A broker.
    Queue {
        /// Messages that wait.
        waiting: u64,
        /// Messages given out and not acknowledged.
        in_hand: u64,
        /// Deliveries of messages that had been given out before.
        redelivered: u64,
        /// Messages put aside.
        dead_letters: u64,
        /// Messages ever published.
        published: u64,
        /// Messages lost: in crashes, thrown away, or dropped for newer ones.
        lost: u64,
        /// When the oldest message that waits was published.
        oldest: Option<Ns>,
    },
    /// A watcher.
    Watcher {
        /// The node that it believes to be primary.
        primary: Option<NodeId>,
        /// Its epoch.
        epoch: u32,
        /// Beats of it missed in a row.
        missed: u32,
    },
}

/// A backend as a balancer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackendReading {
    /// The node.
    pub node: NodeId,
    /// Whether the balancer believes it healthy.
    pub healthy: bool,
    /// Checks in a row that contradict that belief.
    pub contradicting: u32,
    /// Requests in flight to it through this balancer.
    pub in_flight: u32,
    /// Until when it is left out, because requests got no answer.
    pub ejected: Option<Ns>,
}

impl BackendReading {
    /// Whether the balancer would send to it: it counts as healthy and is not ejected.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.healthy && self.ejected.is_none()
    }
}

/// What a request that holds a thread, or a connection of a database, does at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Works on a core, or waits for one.
    Works,
    /// Waits for an answer of that node, or for a connection to it.
    Asks(NodeId),
    /// Waits for something else: at a database, for replicas.
    Other,
}

/// A link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkReading {
    /// The link.
    pub link: LinkId,
    /// Where messages on it come from.
    pub from: NodeId,
    /// Where they go.
    pub to: NodeId,
    /// Whether it is cut.
    pub cut: bool,
    /// What active faults add to its latency, on average.
    pub delay: Ns,
    /// The share of messages that active faults lose, 0 to 1, without cuts.
    pub loss: f64,
    /// How long what it was given takes until it has left; 0 without a bandwidth.
    pub backlog: Ns,
    /// Messages ever sent on it.
    pub sent: u64,
}

/// A message that is on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MessageReading {
    /// Who sent it.
    pub from: NodeId,
    /// Who is to get it.
    pub to: NodeId,
    /// How much of its way lies behind it, 0 to 1; what jitter will add or take is not known yet.
    pub way: f64,
    /// Whether it is an answer.
    pub reply: bool,
    /// Whether it tells of a failure.
    pub failed: bool,
    /// Class of the request that it belongs to.
    pub class: ClassId,
    /// The request that it belongs to.
    pub request: u64,
}
