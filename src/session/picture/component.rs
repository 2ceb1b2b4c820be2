//! A component, and what is particular to its kind.

use super::Node;
use crate::sim::time::Ns;
use std::sync::Arc;

/// A component and its nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Its name.
    pub name: Arc<str>,
    /// The word of its kind: `service`.
    pub kind: &'static str,
    /// What is particular to its kind.
    pub face: Face,
    /// Its nodes, in order of their numbers.
    pub nodes: Vec<Node>,
    /// Its settings now: name and value as text; whether it can be changed while running.
    pub settings: Arc<Vec<Setting>>,
}

/// One setting of a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its name within the component.
    pub name: &'static str,
    /// Its value, as in a file.
    pub value: String,
    /// Whether `set` may change it now.
    pub live: bool,
    /// Its value at the start of the run.
    pub file: String,
    /// Where its value comes from.
    pub origin: Origin,
}

/// Where the value of a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is the default of its kind, whether or not a file says so.
    Default,
    /// A file says it.
    File,
    /// It was set in this run.
    Set,
}

impl Origin {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Origin::Default => "default",
            Origin::File => "file",
            Origin::Set => "set",
        }
    }
}

/// What is particular to a kind of component.
#[derive(Clone, Debug, PartialEq)]
pub enum Face {
    /// Users.
    Traffic {
        /// Arrivals per second in the last second.
        rate: f64,
        /// How many different users.
        users: u64,
        /// How long they wait.
        timeout: Ns,
    },
    /// A balancer.
    Balancer {
        /// The word of its policy.
        policy: &'static str,
        /// Backends that it believes healthy.
        sees_up: usize,
        /// Backends that it has.
        backends: usize,
        /// Backends about which it is wrong (up and believed down, or the other way round).
        wrong: usize,
        /// Requests per second.
        rate: f64,
        /// Time between two checks.
        every: Ns,
        /// Failures before a backend is out.
        fall: u64,
    },
    /// Servers.
    Service {
        /// Share of all cores of nodes that are up and in rotation that were busy in the last second.
        utilisation: f64,
        /// Cores per node, `None` if unlimited.
        cores: Option<u64>,
    },
    /// A cache.
    Cache {
        /// Hits of lookups in the last second; `None` without lookups.
        hit_ratio: Option<f64>,
        /// Lookups per second.
        rate: f64,
        /// Entries now.
        entries: u64,
        /// Entries at most, `None` if unlimited.
        capacity: Option<u64>,
        /// Whether callers use it.
        enabled: bool,
    },
    /// A database.
    Database {
        /// The word of its acknowledgement: `async`.
        ack: &'static str,
        /// The newest epoch of any of its primaries.
        epoch: u32,
        /// How many nodes hold the role of primary.
        primaries: usize,
        /// Reads per second.
        reads: f64,
        /// Writes per second.
        writes: f64,
        /// Index among the components of its failover, if it has one.
        failover: Option<usize>,
    },
    /// Watchers. Drawn in their database's box.
    Failover {
        /// Index among the components of the database that it watches.
        of: usize,
        /// Whether a primary needs a lease.
        fencing: bool,
        /// Where a failover stands, if one is going on.
        phase: Option<Phase>,
    },
    /// A broker.
    Queue {
        /// Messages waiting or in hand.
        depth: u64,
        /// Messages at most, `None` if unlimited.
        limit: Option<u64>,
        /// Messages given out and not acknowledged.
        in_hand: u64,
        /// Messages put aside.
        dead_letters: u64,
        /// Messages lost since the start: in crashes, thrown away, or dropped for newer ones.
        lost: u64,
        /// Messages per second that were published.
        rate: f64,
        /// Age of the oldest message that waits.
        oldest: Option<Ns>,
    },
    /// Workers.
    Workers {
        /// Share of all cores of nodes that are up that were busy in the last second.
        utilisation: f64,
        /// Whether all their work waits for something that does not come.
        stuck: bool,
    },
}

/// Where a failover stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Phase {
    /// The primary is missed, and not yet for long enough by a majority.
    Detecting {
        /// Watchers that have missed a beat of it.
        missing: usize,
        /// How many watchers there are.
        of: usize,
    },
    /// A majority misses it, and votes.
    Electing,
    /// A node is being promoted, to that share (0 to 1).
    Promoting(f64),
}

impl Phase {
    /// How many of the watchers are a majority.
    #[must_use]
    pub fn majority(of: usize) -> usize {
        of / 2 + 1
    }
}
