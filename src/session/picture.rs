//! What a screen can show of a session at one instant: plain data, no borrowed world.
//!
//! A [`Picture`] is a pure function of the world, its observers and the log of commands; see
//! [`crate::session::Session::picture`]. It is the same for the present and for any moment of the
//! past, and it knows nothing of sizes, glyphs and colours.

mod failover;
mod message;
mod played;
mod truth;

pub use crate::observe::BIN;
pub use crate::observe::heat::Heat;
pub use crate::observe::log::{Line, Tone};
pub use crate::observe::series::Held;
pub use crate::observe::where_time::{PoolUse, Spent, WhereTime};
pub use crate::observe::why::Why;
pub use failover::{Failover, Stage};
pub use message::Message;
pub use played::{Ended, Played, PlayedCheck, PlayedStep};
pub use truth::Truth;

use crate::sim::fault::Change;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::{NodeState, Outcome};
use crate::sim::reading::MemoryReading;
use crate::sim::time::Ns;
use crate::sim::topology::Topology;
use std::sync::Arc;

/// A session at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Name of the cluster.
    pub cluster: Arc<str>,
    /// The root seed of the run.
    pub seed: u64,
    /// Simulated time.
    pub now: Ns,
    /// Who is there: what ids and selectors mean.
    pub topology: Arc<Topology>,
    /// Components in file order.
    pub components: Vec<Component>,
    /// Traffic between components (not health checks and other background messages), in the order
    /// (source, target) of the file. `of` alone makes no flow.
    pub flows: Vec<Flow>,
    /// Messages that are on their way between two components now: a sample, of at most
    /// [`Message::MOST`].
    pub messages: Vec<Message>,
    /// The newest failover of each database that had one.
    pub failovers: Vec<Failover>,
    /// The figures at the top.
    pub vitals: Vitals,
    /// What the charts show, oldest first; the last bin is the open one.
    pub chart: Arc<Vec<Bin>>,
    /// What each node held at the end of each closed bin of the last 36 s, oldest first; within one
    /// by the node's id.
    pub held: Vec<Arc<[Held]>>,
    /// Commands on the time axis, oldest first.
    pub markers: Vec<Marker>,
    /// Active faults, oldest first.
    pub faults: Vec<Fault>,
    /// The newest events, oldest first (at most 200).
    pub events: Vec<Line>,
    /// What became of data.
    pub truth: Truth,
    /// Why things are as they are.
    pub why: Why,
    /// Where the mean latency of the last 10 s went; `None` if nothing was answered.
    pub where_time: Option<WhereTime>,
    /// Pools of connections in use.
    pub pools: Vec<PoolUse>,
    /// The playbook that is played, if one is.
    pub played: Option<Played>,
    /// Commands that can be taken back, newest last, as text.
    pub undoable: Option<String>,
}

impl Picture {
    /// The id of a node, by its component and its own index within it.
    #[must_use]
    pub fn id(&self, component: usize, node: usize) -> Option<NodeId> {
        let nodes = &self.topology.components.get(component)?.nodes;
        (node < nodes.len()).then(|| NodeId(nodes.start + node as u16))
    }

    /// The component of a node and its index within it.
    #[must_use]
    pub fn place(&self, node: NodeId) -> Option<(usize, usize)> {
        let info = self.topology.nodes.get(node.index())?;
        let (component, index) = (info.component.index(), usize::from(info.number) - 1);
        let there = self.components.get(component)?.nodes.len() > index;
        there.then_some((component, index))
    }

    /// A node by its id.
    #[must_use]
    pub fn node(&self, node: NodeId) -> Option<&Node> {
        let (component, index) = self.place(node)?;
        self.components[component].nodes.get(index)
    }

    /// A component by its id.
    #[must_use]
    pub fn component(&self, id: ComponentId) -> Option<&Component> {
        self.components.get(id.index())
    }

    /// Nodes that stand in a zone: not users.
    pub fn in_zone(&self, zone: usize) -> impl Iterator<Item = NodeId> + '_ {
        let nodes = self.topology.nodes.iter().enumerate();
        let there = nodes.filter(move |(_, n)| n.zone.index() == zone);
        there.map(|(i, _)| NodeId(i as u16)).filter(|id| self.topology.is_present(*id))
    }
}

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
    /// Since when a balancer believes it ill; `None` where none does.
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
    /// Position of the last entry of its log.
    pub log: Option<u64>,
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

/// Traffic from one component to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Index of the source among the components.
    pub from: usize,
    /// Index of the target among the components.
    pub to: usize,
    /// Calls per second in the last second.
    pub rate: f64,
    /// Of the calls that ended in the last 0.2 s, those that were answered.
    pub ok: u64,
    /// Of the calls that ended in the last 0.2 s, those that failed.
    pub failed: u64,
    /// One entry for each node of the target, in order.
    pub taps: Vec<Tap>,
}

/// What is wrong with the links in one direction: of the worst of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Trouble {
    /// How many are cut.
    pub cut: usize,
    /// What faults add to their latency, on average.
    pub delay: Ns,
    /// The share of messages that faults lose, 0 to 1.
    pub loss: f64,
}

/// Traffic from a component to one node of another.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tap {
    /// Calls per second in the last second.
    pub rate: f64,
    /// Answered in the last 0.2 s.
    pub ok: u64,
    /// Failed in the last 0.2 s.
    pub failed: u64,
    /// How many of the links from the source's nodes are cut, in this direction or the other.
    pub cut: usize,
    /// How many links there are.
    pub links: usize,
    /// What is wrong with them in the direction of the flow.
    pub there: Trouble,
    /// What is wrong with them against it.
    pub back: Trouble,
}

/// The figures at the top: of the last second of simulated time.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Vitals {
    /// Requests per second that ended ok.
    pub goodput: f64,
    /// Requests per second that arrived.
    pub offered: f64,
    /// Failed and late of all that ended, 0 to 1; `None` if none ended.
    pub failed: Option<f64>,
    /// The most frequent reason and its requests per second.
    pub reason: Option<(Outcome, f64)>,
    /// Since when nothing has failed, or `None` if something did in the last second.
    pub calm_for: Option<Ns>,
    /// Median latency of answers, in nanoseconds.
    pub p50: Option<Ns>,
    /// 90th percentile of answers.
    pub p90: Option<Ns>,
    /// 99th percentile of answers.
    pub p99: Option<Ns>,
    /// 99.9th percentile of answers.
    pub p999: Option<Ns>,
    /// The class with the largest p99, and that.
    pub slowest: Option<(Arc<str>, Ns)>,
    /// Requests that have arrived and not ended.
    pub in_flight: u64,
    /// The busiest component and its utilisation.
    pub busiest: Option<(Arc<str>, f64)>,
    /// The next busiest component, and its utilisation.
    pub then: Option<(Arc<str>, f64)>,
    /// Attempts for each request that arrived in the last second: 1 without retries.
    pub amplification: Option<f64>,
    /// Requests of the whole run.
    pub requests: u64,
    /// Share of ok among all that ended in the whole run.
    pub available: Option<f64>,
    /// Share of the error budget that the judged time has spent, as reports have it: 1 and above if
    /// the objective is missed ([`crate::observe::reliability::budget_spent`]).
    pub budget_spent: Option<f64>,
    /// Small charts for the strip, the last 8 s: goodput, failed, p99 (ms), in flight, busiest
    /// utilisation. Oldest first.
    pub sparks: [Vec<f64>; 5],
}

/// Half a second of the charts.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Bin {
    /// Where it begins; it is [`BIN`] long.
    pub start: Ns,
    /// How much of it has passed, 0 to 1: less than 1 only for the open one.
    pub filled: f64,
    /// Requests that arrived in it.
    pub offered: u64,
    /// Requests that ended ok in it.
    pub ok: u64,
    /// Requests that failed or were late in it.
    pub failed: u64,
    /// 99th percentile of answers in it.
    pub p99: Option<Ns>,
    /// Median of answers in it.
    pub p50: Option<Ns>,
    /// Its answers by latency.
    pub heat: Heat,
    /// Requests whose users gave up waiting in it.
    pub timed_out: u64,
}

/// A command on the time axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    /// When it took effect.
    pub at: Ns,
    /// The command, as text.
    pub text: String,
}

/// An active fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The command that made it, as text and without its `for`.
    pub text: String,
    /// Verb of the command: `crash`.
    pub verb: &'static str,
    /// What it does, to whom: bound when it began.
    pub change: Change,
    /// Since when.
    pub since: Ns,
    /// When it ends by itself.
    pub until: Option<Ns>,
    /// Requests that it touched.
    pub touched_requests: u64,
    /// Background messages that it touched: checks, beats, log shipping.
    pub touched_messages: u64,
    /// Nodes that it touched.
    pub touched_nodes: u64,
    /// When something took the first decision because of it.
    pub detected: Option<Ns>,
    /// When users were served again as before; its start if they always were.
    pub recovered: Option<Ns>,
}
