//! What can be done to a running world.
//!
//! A [`Change`] is the bound form of a command: ids instead of names. Changes to speed, links, the
//! rate of traffic and settings that have an end are *overlays*: the world recomputes what is in
//! force from the configuration and the faults that are active, and never undoes by inverse
//! arithmetic. A crash, a pause and a flush change state.

use super::id::{ClassId, ComponentId, FaultId, NodeId};
use super::spec::Value;
use super::time::Ns;
use std::sync::Arc;

/// What is to be done, to whom.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The process of these nodes dies; the host answers that nothing listens.
    Crash(Vec<NodeId>),
    /// The process of these nodes stands still.
    Pause(Vec<NodeId>),
    /// The hosts of these nodes lose power: they fall silent, and their processes die.
    PowerOff(Vec<NodeId>),
    /// CPU work that starts on these nodes takes `factor` times as long.
    Slow(Vec<NodeId>, f64),
    /// These ordered pairs of nodes hear nothing of each other.
    Cut(Vec<(NodeId, NodeId)>),
    /// What these nodes are asked on behalf of users fails with this probability; checks pass.
    Error(Vec<NodeId>, f64),
    /// Messages between these ordered pairs of nodes take so much longer: that, give or take up to
    /// the second time.
    Delay(Vec<(NodeId, NodeId)>, Ns, Ns),
    /// Messages between these ordered pairs of nodes are lost with this probability, and sent again.
    Lose(Vec<(NodeId, NodeId)>, f64),
    /// Arrivals of these traffic components are multiplied by the factor.
    Traffic(Vec<ComponentId>, f64),
    /// A share of the requests of a class is about one key.
    HotKey(HotKey),
    /// Settings of components take these values.
    Set(Vec<(ComponentId, &'static str, Value)>),
    /// The process of these nodes is started: ends their crashes and pauses, and a process that is
    /// up is stopped first.
    Restart(Vec<NodeId>),
    /// Ends the pauses of these nodes.
    Resume(Vec<NodeId>),
    /// The hosts of these nodes get power again: ends their `PowerOff`.
    PowerOn(Vec<NodeId>),
    /// The entries of these caches, or the waiting messages of these queues, are thrown away.
    Flush(Vec<ComponentId>),
    /// These nodes of databases are to be primaries: asked of a watcher that is up or, where there are
    /// none, of the node itself.
    Promote(Vec<NodeId>),
    /// These components are to have so many nodes; what is out of their bounds changes nothing.
    Scale(Vec<ComponentId>, u16),
    /// Ends the faults on these nodes; without nodes, all faults.
    Heal(Option<Vec<NodeId>>),
    /// Ends the faults of the network between these ordered pairs of nodes, and only there.
    HealLinks(Vec<(NodeId, NodeId)>),
}

impl Change {
    /// The nodes that it is about; none if it is about something else, or everything.
    #[must_use]
    pub fn nodes(&self) -> &[NodeId] {
        match self {
            Change::Crash(nodes)
            | Change::Pause(nodes)
            | Change::PowerOff(nodes)
            | Change::Slow(nodes, _)
            | Change::Error(nodes, _)
            | Change::Restart(nodes)
            | Change::Resume(nodes)
            | Change::PowerOn(nodes)
            | Change::Promote(nodes)
            | Change::Heal(Some(nodes)) => nodes,
            _ => &[],
        }
    }

    /// The ordered pairs of nodes between which it is about the network; none if it is about something
    /// else.
    #[must_use]
    pub fn pairs(&self) -> &[(NodeId, NodeId)] {
        match self {
            Change::Cut(pairs)
            | Change::Delay(pairs, ..)
            | Change::Lose(pairs, _)
            | Change::HealLinks(pairs) => pairs,
            _ => &[],
        }
    }

    /// Takes these nodes, or these pairs, out of a fault.
    pub(crate) fn let_go(
        &mut self,
        node: impl Fn(NodeId) -> bool,
        link: impl Fn(NodeId, NodeId) -> bool,
    ) {
        match self {
            Change::Crash(nodes)
            | Change::Pause(nodes)
            | Change::PowerOff(nodes)
            | Change::Slow(nodes, _)
            | Change::Error(nodes, _) => nodes.retain(|&n| !node(n)),
            Change::Cut(pairs) | Change::Delay(pairs, ..) | Change::Lose(pairs, _) => {
                pairs.retain(|&(from, to)| !link(from, to));
            }
            _ => {}
        }
    }

    /// Whether those whom it hits answer nobody: not at all, or not those from whom they are cut off.
    #[must_use]
    pub fn silences(&self) -> bool {
        matches!(self, Change::Crash(_) | Change::Pause(_) | Change::PowerOff(_) | Change::Cut(_))
    }

    /// Whether it is a lasting fault (with or without an end), which `heal` ends.
    #[must_use]
    pub fn lasts(&self) -> bool {
        matches!(
            self,
            Change::Crash(_)
                | Change::Pause(_)
                | Change::PowerOff(_)
                | Change::Slow(..)
                | Change::Cut(_)
                | Change::Error(..)
                | Change::Delay(..)
                | Change::Lose(..)
                | Change::Traffic(..)
                | Change::HotKey(_)
        )
    }
}

/// A key that more requests are about than usual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HotKey {
    /// The class of these requests.
    pub class: ClassId,
    /// The share of them, 0 to 1.
    pub share: f64,
    /// The key, below the number of keys of the class.
    pub key: u32,
}

/// A fault that is active, or was.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Its number.
    pub id: FaultId,
    /// What it does.
    pub change: Change,
    /// Nodes that it held when it began.
    pub nodes: Arc<[NodeId]>,
    /// Ends of the links that it held when it began.
    pub pairs: Arc<[(NodeId, NodeId)]>,
    /// When it began.
    pub start: Ns,
    /// When it ends by itself.
    pub until: Option<Ns>,
    /// When it ended; `None` while it is active.
    pub ended: Option<Ns>,
    /// Different user requests that it changed: refused, reset, dropped, delayed, slowed or, under
    /// `set … for`, led through what it had set.
    pub touched_requests: u64,
    /// Background messages that it changed: checks, beats, log shipping.
    pub touched_messages: u64,
    /// Nodes that it changed.
    pub touched_nodes: u64,
}

impl Fault {
    /// Whether it changed nothing that happened.
    #[must_use]
    pub fn touched_nothing(&self) -> bool {
        self.touched_requests + self.touched_messages + self.touched_nodes == 0
    }
}

/// What an injection did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Injected {
    /// A fault with that number began.
    Fault(FaultId),
    /// Something was changed at once, and nothing lasts.
    Done,
    /// There was nothing to change: already so, or nothing to heal.
    Nothing,
}
