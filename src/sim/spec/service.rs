//! Servers: cores, threads, backlog.

use super::behaviour::{Behaviour, Capacities, Peers};
use super::class::Step;
use super::memory::MemoryOptions;
use super::setting::{Kind, Limit, Setting, Value, setting};
use crate::sim::time::{MILLISECOND, Ns, SECOND};

/// The most instances that a component may have.
pub(crate) const INSTANCES_MAX: u64 = 1000;

/// How long a node that leaves may finish its work: the usual grace between SIGTERM and SIGKILL
/// (Kubernetes, `terminationGracePeriodSeconds`).
pub(super) const DRAIN: Ns = 30 * SECOND;

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
    pub const SETTINGS: &'static [Setting<ServiceOptions>] = &[
        setting!("instances", Count(1, INSTANCES_MAX), start, "nodes", instances),
        Setting {
            name: "instances_max",
            kind: Kind::Count(1, INSTANCES_MAX),
            live: false,
            about: "nodes that `scale` may make of it; default: twice as many, 4 more at least",
            get: |o| Value::Count(o.instances_max.unwrap_or_else(|| room(o.instances, None))),
            set: |o, v| match v {
                Value::Count(n) => {
                    o.instances_max = Some(n);
                    true
                }
                _ => false,
            },
        },
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
        setting!("drain", Time, live, "how long a server that leaves may finish its work", drain),
        setting!("steps", Steps, start, "its work; default: that of the request's class", steps),
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

/// How many nodes a component may be scaled to: what is set, or twice as many as it starts with, and
/// 4 more at least. Never fewer than it starts with.
pub(super) fn room(instances: u64, max: Option<u64>) -> u64 {
    let usual = instances.saturating_mul(2).max(instances.saturating_add(4)).min(INSTANCES_MAX);
    max.unwrap_or(usual).max(instances)
}
