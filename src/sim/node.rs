//! Nodes: process and host, resources, and what is particular to their kind.

use super::agenda::{Entry, Seq};
use super::frame::Ticket;
use super::id::ComponentId;
use super::memory::Memory;
use super::observation::NodeState;
use super::part::balancer::Balancer;
use super::part::cache::Cache;
use super::part::database::Database;
use super::part::failover::Watcher;
use super::part::flight::Flight;
use super::part::queue::Queue;
use super::part::traffic::Traffic;
use super::random::{Chance, Stream};
use super::resource::Resource;
use super::time::Ns;

/// What is particular to a kind of node.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// Services and workers: their programs say it all.
    Plain,
    Traffic(Traffic),
    Balancer(Balancer),
    Cache(Cache),
    Database(Box<Database>),
    Queue(Queue),
    Watcher(Watcher),
}

/// Whom a node believes to be primary of a database.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// Its index in the database; `None` while the node does not know.
    pub(crate) primary: Option<u16>,
    /// The newest epoch of which it has been told: older news are none.
    pub(crate) epoch: u32,
    /// Whether nothing has been done with it yet since it was learned in place of another.
    pub(crate) fresh: bool,
    /// Whether a call to it has failed, so that it is asked who is primary.
    pub(crate) suspect: bool,
    /// Those of the daemons that find out that have nothing to do.
    pub(crate) daemons: Vec<Ticket>,
    /// Until when each node is left out by reads that others can do, because it did not answer; empty
    /// as long as all have.
    pub(crate) left_out: Vec<Ns>,
    /// Reads that were sent to nodes in turn.
    pub(crate) reads: u32,
}

impl Known {
    /// What a process knows when it starts: where watchers say who is primary, nothing; else the node that
    /// its configuration names, which it doubts.
    pub(crate) fn cold(watched: bool) -> Known {
        Known { primary: (!watched).then_some(0), suspect: !watched, ..Known::default() }
    }
}

/// A machine-like instance of a component.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) component: ComponentId,
    /// Its index within the component, from 0.
    pub(crate) local: u16,
    pub(crate) state: NodeState,
    /// Since when it is in that state.
    pub(crate) since: Ns,
    /// Until when it may finish its work; `None` unless it is to leave.
    pub(crate) leaving: Option<Ns>,
    /// Active faults that keep its process down.
    pub(crate) crashes: u32,
    /// Active faults that keep its process still.
    pub(crate) pauses: u32,
    /// What is left of its boot while that stands still.
    pub(crate) boots_in: Ns,
    /// Active faults that keep its host without power.
    pub(crate) offs: u32,
    /// When its host last lost power: what it had to send again before that is gone.
    pub(crate) dark: Ns,
    /// When its process or its host last died, as a sequence number: connections that are older are
    /// closed.
    pub(crate) died: Seq,
    /// By how much its work is slowed; recomputed from the active faults.
    pub(crate) slow: f64,
    /// Whether settings that have an end concern it; recomputed from the active faults.
    pub(crate) changed: bool,
    /// The chance that it fails what users ask of it; recomputed from the active faults.
    pub(crate) errors: Chance,
    /// Requests that may wait for a thread.
    pub(crate) backlog: u32,
    /// Users' requests in progress there.
    pub(crate) in_flight: u32,
    /// What its process takes of memory.
    pub(crate) memory: Memory,
    pub(crate) resources: Vec<Resource>,
    pub(crate) part: Part,
    /// Whom it believes to be primary, by database.
    pub(crate) known: Vec<Known>,
    /// Reads of its requests for which others of its requests wait.
    pub(crate) flights: Vec<Flight>,
    /// Whose turn it is among the nodes of each component that it calls in turn.
    pub(crate) turns: Vec<u32>,
    /// Draws in order of time: phases of its beats.
    pub(crate) stream: Stream,
    /// What was due while its process stood still.
    pub(crate) stash: Vec<Entry>,
    /// Who was woken while its process stood still.
    pub(crate) woken: Vec<Ticket>,
}

impl Node {
    /// Whether its process runs: it handles what is due.
    #[inline]
    pub(crate) fn is_up(&self) -> bool {
        self.state == NodeState::Up
    }

    /// Whether there is a process that has booted, be it that it stands still.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self.state, NodeState::Up | NodeState::Paused)
    }
}
