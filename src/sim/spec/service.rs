//! Servers: cores, threads, backlog.

use super::class::Step;
use super::memory::MemoryOptions;
use super::setting::{Limit, Setting, setting};
use crate::sim::time::{MILLISECOND, Ns, SECOND};

/// The most instances that a component may have.
pub(crate) const INSTANCES_MAX: u64 = 1000;

/// Stateless servers. A request holds one thread of its node from acceptance to answer, also while
/// it waits for others: that is how a slow database exhausts them.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceOptions {
    /// Nodes.
    pub instances: u64,
    /// Cores of a node; work is first in, first out.
    pub cores: Limit,
    /// Requests in progress on a node.
    pub threads: Limit,
    /// Requests that wait for a thread; more are `overloaded`.
    pub backlog: Limit,
    /// How long it waits for those it calls.
    pub call_timeout: Ns,
    /// How often it asks who is primary, once it has lost a database's.
    pub discover: Ns,
    /// From the start of the process until it serves.
    pub boot: Ns,
    /// What a process takes of memory, and at how much it is killed.
    pub memory: MemoryOptions,
    /// Whether a call that is given up is cancelled: a message tells the callee, who stops.
    pub cancel: bool,
    /// What it does for any request. Empty: the steps of the request's class.
    pub steps: Vec<Step>,
}

impl Default for ServiceOptions {
    fn default() -> ServiceOptions {
        ServiceOptions {
            instances: 4,
            cores: Limit::At(4),
            threads: Limit::At(64),
            backlog: Limit::At(128),
            call_timeout: SECOND,
            discover: 200 * MILLISECOND,
            boot: 2 * SECOND,
            memory: MemoryOptions::default(),
            cancel: false,
            steps: Vec::new(),
        }
    }
}

impl ServiceOptions {
    /// What can be set.
    pub const SETTINGS: &'static [Setting<ServiceOptions>] = &[
        setting!("instances", Count(1, INSTANCES_MAX), start, "nodes", instances),
        setting!("cores", Limit(1), live, "cores of a node", cores),
        setting!("threads", Limit(1), live, "requests in progress on a node", threads),
        setting!("backlog", Limit(0), live, "requests that wait for a thread", backlog),
        setting!("call_timeout", Time, live, "how long it waits for those it calls", call_timeout),
        setting!("discover", Period, live, "how often it asks who is primary", discover),
        setting!("boot", Time, live, "from the start of the process until it serves", boot),
        setting!("memory", Memory, live, "with more than this it is killed", memory.limit),
        setting!("memory_base", Bytes, live, "memory without requests", memory.base),
        setting!(
            "memory_per_request",
            Bytes,
            live,
            "memory of each request in progress",
            memory.per_request
        ),
        setting!("memory_leak", Bytes, live, "memory that each served request leaves", memory.leak),
        setting!("cancel", Flag, live, "tells whom it called when it gives up", cancel),
        setting!("steps", Steps, start, "its work; default: that of the request's class", steps),
    ];
}
