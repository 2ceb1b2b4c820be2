//! Consumers of a queue.

use super::behaviour::{Behaviour, Capacities, Peers};
use super::class::Step;
use super::memory::MemoryOptions;
use super::server::{DRAIN, room, server_settings};
use super::setting::{Limit, Role, Setting, setting};
use crate::sim::time::{MILLISECOND, Ns, SECOND};

/// Workers take messages, run their steps, and acknowledge.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkersOptions {
    /// The queue that they take from.
    pub from: String,
    /// Nodes.
    pub instances: u64,
    /// Nodes that `scale` may make of it; `None`: twice as many, and 4 more at least.
    pub instances_max: Option<u64>,
    /// Cores of a node.
    pub cores: Limit,
    /// Messages in hand of a node.
    pub threads: u64,
    /// The work for one message.
    pub steps: Vec<Step>,
    /// Whether their writes carry an idempotency key: of a message done twice the second changes nothing.
    /// What services write that they call carries the key of the users, if they send one.
    /// It costs the same.
    pub idempotent: bool,
    /// The wait before a message whose work failed is tried again; the worker keeps it.
    pub retry: Ns,
    /// How long they wait for those they call.
    pub call_timeout: Ns,
    /// How often they ask who is primary, once they have lost a database's.
    pub discover: Ns,
    /// From the start of the process until it works.
    pub boot: Ns,
    /// What a process takes of memory, and at how much it is killed.
    pub memory: MemoryOptions,
    /// Whether a call that is given up is cancelled: a message tells the callee, who stops.
    pub cancel: bool,
    /// How long a node that leaves (`scale`) may finish its work.
    pub drain: Ns,
}

impl Default for WorkersOptions {
    fn default() -> WorkersOptions {
        WorkersOptions {
            from: String::new(),
            instances: 3,
            instances_max: None,
            cores: Limit::At(1),
            threads: 1,
            steps: Vec::new(),
            idempotent: false,
            retry: 500 * MILLISECOND,
            call_timeout: SECOND,
            discover: 200 * MILLISECOND,
            boot: 2 * SECOND,
            memory: MemoryOptions::default(),
            cancel: false,
            drain: DRAIN,
        }
    }
}

impl WorkersOptions {
    /// What can be set.
    pub const SETTINGS: &'static [Setting<WorkersOptions>] = server_settings![
        [setting!("from", Name(Role::Queue), start, "the queue that they take from", from)];
        [
            setting!("threads", Count(1, 10_000), start, "messages in hand of a node", threads),
            setting!("steps", Steps, start, "the work for one message", steps),
            setting!("idempotent", Flag, live, "whether a second write changes nothing", idempotent),
            setting!("retry", Period, live, "wait before failed work is tried again", retry),
        ];
        []
    ];
}

impl Behaviour for WorkersOptions {
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
        [self.cores.count(), 0, 0]
    }
    fn steps(&self) -> &[Step] {
        &self.steps
    }
    fn refers(&self) -> Option<&str> {
        Some(&self.from)
    }
    fn peers(&self) -> Peers<'_> {
        Peers::Data
    }
    fn discover(&self) -> Option<Ns> {
        Some(self.discover)
    }
}
