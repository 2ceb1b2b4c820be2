//! Servers: cores, threads, backlog.

use super::behaviour::{Behaviour, Capacities, Peers};
use super::class::Step;
use super::memory::MemoryOptions;
use super::server::{DRAIN, room, server_settings};
use super::setting::{Limit, Setting, setting};
use crate::sim::time::{MILLISECOND, Ns, SECOND};

/// Stateless servers. A request holds one thread of its node from acceptance to answer, also while
/// it waits for others: that is how a slow database exhausts them.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceOptions {
    /// Nodes.
    pub instances: u64,
    /// Nodes that `scale` may make of it; `None`: twice as many, and 4 more at least.
    pub instances_max: Option<u64>,
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
    /// How long a node that leaves (`scale`) may finish its work.
    pub drain: Ns,
    /// What it does for any request. Empty: the steps of the request's class.
    pub steps: Vec<Step>,
}

impl Default for ServiceOptions {
    fn default() -> ServiceOptions {
        ServiceOptions {
            instances: 4,
            instances_max: None,
            cores: Limit::At(4),
            threads: Limit::At(64),
            backlog: Limit::At(128),
            call_timeout: SECOND,
            discover: 200 * MILLISECOND,
            boot: 2 * SECOND,
            memory: MemoryOptions::default(),
            cancel: false,
            drain: DRAIN,
            steps: Vec::new(),
        }
    }
}

impl ServiceOptions {
    /// What can be set.
    pub const SETTINGS: &'static [Setting<ServiceOptions>] = server_settings![
        [];
        [
            setting!("threads", Limit(1), live, "requests in progress on a node", threads),
            setting!("backlog", Limit(0), live, "requests that wait for a thread", backlog),
        ];
        [setting!("steps", Steps, start, "its work; default: that of the request's class", steps)]
    ];
}

impl Behaviour for ServiceOptions {
    fn instances(&self) -> u64 {
        self.instances
    }
    fn room(&self) -> u64 {
        room(self.instances, self.instances_max)
    }
    fn drain(&self) -> Option<Ns> {
        Some(self.drain)
    }
    fn boot(&self) -> Ns {
        self.boot
    }
    fn capacities(&self) -> Capacities {
        [self.cores.count(), self.threads.count(), 0]
    }
    fn backlog(&self) -> u32 {
        self.backlog.count()
    }
    fn steps(&self) -> &[Step] {
        &self.steps
    }
    fn peers(&self) -> Peers<'_> {
        Peers::Data
    }
    fn discover(&self) -> Option<Ns> {
        Some(self.discover)
    }
}
