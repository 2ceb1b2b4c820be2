//! What a screen can show of a session at one instant: plain data, no borrowed world.
//!
//! A [`Picture`] is a pure function of the world, its observers and the log of commands; see
//! [`crate::session::Session::picture`]. It is the same for the present and for any moment of the
//! past, and it knows nothing of sizes, glyphs and colours.

mod component;
mod failover;
mod flow;
mod message;
mod node;
mod played;
mod truth;

pub use crate::observe::BIN;
pub use crate::observe::heat::Heat;
pub use crate::observe::log::{Line, Tone};
pub use crate::observe::series::Held;
pub use crate::observe::where_time::{PoolUse, Spent, WhereTime};
pub use crate::observe::why::Why;
pub use component::{Component, Face, Origin, Phase, Setting};
pub use failover::{Failover, Stage};
pub use flow::{Flow, Tap, Trouble};
pub use message::Message;
pub use node::{Node, Role};
pub use played::{Ended, Played, PlayedCheck, PlayedStep, Question};
pub use truth::Truth;

use crate::sim::fault::Change;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::Outcome;
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
    /// Until when nothing is judged, while that is so.
    pub warms_up_until: Option<Ns>,
    /// Requests of the judged time.
    pub requests: u64,
    /// Share of ok among all that ended of those.
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
    /// What it did, to whom: bound when it was done. `None` if it changed nothing, and of `undo`.
    pub change: Option<Arc<Change>>,
    /// When the fault ended that it began; `None` while that acts, and if it began none.
    pub ended: Option<Ns>,
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
