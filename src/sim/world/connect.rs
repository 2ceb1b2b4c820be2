//! Connections: what it costs to open one, who keeps it, and what closes it.
//!
//! A request's call goes over a connection between two nodes, one call at a time. It takes one that
//! is idle; if there is none it opens one, which costs a round trip (SYN and SYN-ACK) before the call
//! is sent, two more between regions (TLS 1.2, RFC 5246, section 7.3), and `connect` of a core at a
//! database. Who has its answer keeps the connection for the next call.
//!
//! At time 0 the pools to databases are full (an unlimited one has enough): a cluster is put before
//! its users when its processes have filled them. All other connections are opened on first use, and
//! so are those of a pool after a crash at either end.
//!
//! A call that timed out drops its connection; so does a refusal (also by a full backlog), a reset, the death of the process
//! or of the host at either end. A pool bounds how many a node has to a node of a database; one that is
//! made smaller closes what is idle beyond that at once, and what is in use when it is given back.
//! Elsewhere a node has as many as it ever needed at a time. Users are many, each with a connection of its own that
//! its device keeps open: theirs cost nothing here.
//!
//! A caller's patience is for the whole call, the opening of its connection included, as with a
//! deadline in Go's `database/sql` or in gRPC. One that is shorter than opening and calling together
//! works only as long as connections are kept: once they are lost, no call lives to see its
//! connection open, and none is ever kept again.
//!
//! A host that comes back knows nothing of a handshake that began before: its next message is answered
//! with a reset. As long as the host is dark that message is sent again, like any other.
//!
//! What has no requests behind it (checks, beats, log shipping, a worker's wait for its next message)
//! keeps connections of its own, and opens a new one after each answer that it missed: that costs
//! nothing here.

use super::{World, nodes_of, pool};
use crate::sim::agenda::Entry;
use crate::sim::frame::{Answer, Frame, Line, State};
use crate::sim::id::{LinkId, NodeId};
use crate::sim::network::Link;
use crate::sim::node::Part;
use crate::sim::observation::NodeState;
use crate::sim::program::slot;
use crate::sim::time::{Ns, SECOND};

/// A SYN that was lost is sent again after this long, doubling: 1 s, then 3 s after the first (RFC
/// 6298, section 2: the timeout before any round trip has been measured).
pub(super) const SYN_TIMEOUT: Ns = SECOND;

/// Messages of a TLS handshake: two round trips. They come after those of TCP.
pub(super) const TLS_LEGS: u8 = 4;

/// A whole handshake: SYN and SYN-ACK, then TLS's. The even ones go to the callee.
const LEGS: u8 = 2 + TLS_LEGS;

/// Whether what is under way for a frame goes from the callee to the caller: its answer, or every
/// second message of the handshake.
pub(super) fn is_back(frame: &Frame) -> bool {
    frame.state == State::Answering || frame.legs % 2 == 1
}

impl World {
    /// Fills the pools to databases.
    pub(super) fn fill_pools(&mut self) {
        for database in self.databases.iter() {
            let size = pool(&self.options, database);
            let nodes = nodes_of(&self.topology, database.component);
            for link in self.links.iter_mut().filter(|l| nodes.contains(&l.to.0)) {
                let pools = self.nodes[link.from.index()].resources.len();
                if pools > usize::from(slot::POOLS) {
                    link.idle = size;
                }
            }
        }
    }

    /// Closes what is idle beyond what each pool may have by now.
    pub(super) fn close_idle(&mut self) {
        for node in 0..self.nodes.len() {
            for slot in usize::from(slot::POOLS)..self.nodes[node].resources.len() {
                self.close_surplus(NodeId(node as u16), slot as u8);
            }
        }
    }

    /// Closes what is idle beyond what a pool of a node may have, besides what is in use.
    #[cold]
    pub(super) fn close_surplus(&mut self, node: NodeId, slot: u8) {
        let Some(to) = self.pooled(slot) else { return };
        let (from, to) = (&self.nodes[node.index()], &self.nodes[to.index()]);
        let place = (to.component, to.local);
        let free = from.resources[usize::from(slot)].free();
        if let Some(link) = self.links.between((from.component, from.local), place) {
            let link = &mut self.links[link];
            link.idle = link.idle.min(free);
        }
    }

    /// Whether the pool of a link, if there is one, has a place for all connections that are idle. What
    /// a change has taken away counts from the moment at which time goes on.
    pub(super) fn has_room(&self, link: &Link) -> bool {
        let to = &self.nodes[link.to.index()];
        let database = self.databases.iter().find(|d| d.component == to.component);
        let pool = database.and_then(|d| {
            let slot = usize::from(d.first_pool) + usize::from(to.local);
            self.nodes[link.from.index()].resources.get(slot)
        });
        self.regrant || pool.is_none_or(|pool| link.idle <= pool.free())
    }

    /// The node of a database whose connections the pools in a slot hold.
    pub(super) fn pooled(&self, slot: u8) -> Option<NodeId> {
        self.databases.iter().find_map(|database| {
            let local = slot.checked_sub(database.first_pool)?;
            let first = nodes_of(&self.topology, database.component).start;
            (usize::from(local) < database.nodes).then(|| NodeId(first + u16::from(local)))
        })
    }

    /// A connection for a call, and how many messages of a handshake that takes.
    #[inline]
    pub(super) fn take_line(&mut self, link: LinkId) -> (Line, u8) {
        let link = &mut self.links[link];
        if link.idle > 0 {
            link.idle -= 1;
            return (Line::Kept, 0);
        }
        let to = link.to;
        let paid = !matches!(self.nodes[to.index()].part, Part::Database(_));
        (if paid { Line::Kept } else { Line::Unpaid }, LEGS)
    }

    /// Keeps the connection of a call that was answered, unless it has been closed since.
    #[inline]
    pub(super) fn keep_line(&mut self, answer: &Answer) {
        if !answer.broken && answer.since > self.nodes[answer.node.index()].died {
            self.links[answer.link].idle += 1;
        }
    }

    /// The process or the host of a node dies, and with it all its connections.
    pub(super) fn close_connections(&mut self, id: NodeId) {
        self.nodes[id.index()].died = self.agenda.next_seq();
        self.links.close(id);
    }

    /// Who has to do something about a message of a handshake: SYNs are answered by the host, also
    /// while the process stands still.
    pub(super) fn shaker(&self, entry: Entry) -> Option<NodeId> {
        let frame = &self.arena[entry.index()];
        match frame.legs {
            LEGS => None,
            _ if is_back(frame) => Some(self.links[frame.link].from),
            _ => Some(frame.node),
        }
    }

    /// A message of a handshake has arrived. False if the host refuses the connection, which is then
    /// answered like a call.
    #[cold]
    pub(super) fn shake_hands(&mut self, index: u32) -> bool {
        let frame = &self.arena[index];
        let (legs, link, callee) = (frame.legs, frame.link, frame.node);
        if !self.arena.alive(frame.caller) {
            // Who wanted it has given up.
            let seq = self.agenda.next_seq();
            self.arena.remove(index, seq);
            return true;
        }
        if !is_back(frame) {
            match self.nodes[callee.index()].state {
                NodeState::Off => {
                    self.unheard(index, callee);
                    return true;
                }
                NodeState::Crashed | NodeState::Absent | NodeState::Booting(_) => {
                    self.arena[index].legs = 0;
                    return false;
                }
                NodeState::Up | NodeState::Paused => {
                    let begun = legs < LEGS;
                    if begun && self.arena[index].since < self.nodes[callee.index()].died {
                        self.arena[index].legs = 0;
                        return false;
                    }
                }
            }
        }
        let from = self.links[link].from;
        let over = legs - 1 == TLS_LEGS && !self.topology.crosses_regions(from, callee);
        let seq = self.agenda.next_seq();
        let frame = &mut self.arena[index];
        frame.legs = if over { 0 } else { legs - 1 };
        frame.resent = 0;
        // The connection is not older than this, whatever dies meanwhile.
        frame.since = if legs == LEGS { seq } else { frame.since };
        let back = is_back(frame);
        self.transmit(index, if back { self.links[link].back } else { link });
        true
    }
}
