//! Hosts that lose power and get it back.
//!
//! A crashed process leaves a host that answers for it: connections are refused and reset. A host
//! without power answers nothing: what it worked on is gone in silence, and what is sent to it is
//! sent again (TCP) until its sender gives up or the host is back. Answers that it had already put on
//! the wire still arrive.

use super::World;
use crate::sim::fault::Change;
use crate::sim::frame::{Line, State, Ticket};
use crate::sim::id::NodeId;
use crate::sim::observation::{NodeState, Observer};
use crate::sim::program::Step;
use crate::sim::time::Ns;

impl World {
    /// The host of a node loses power. Returns how many users' requests were there.
    pub(super) fn power_off<O: Observer>(&mut self, id: NodeId, out: &mut O) -> u32 {
        let now = self.now;
        if matches!(self.nodes[id.index()].state, NodeState::Off | NodeState::Absent) {
            return 0;
        }
        self.close_connections(id);
        let node = &mut self.nodes[id.index()];
        node.dark = now;
        for resource in &mut node.resources {
            resource.reset(now);
        }
        let stash = std::mem::take(&mut node.stash);
        node.woken.clear();
        let lost = node.in_flight;
        self.crash_part(id, out);
        let here = self.frames_at(id);
        self.set_state(id, NodeState::Off, lost, out);
        for index in here {
            self.fall_silent(index);
        }
        self.nodes[id.index()].in_flight = 0;
        for entry in stash {
            // What waited in the sockets of a process that stood still.
            self.handle(entry, out);
        }
        lost
    }

    /// A frame is gone with its host, and its caller is told nothing. Whoever would wait for ever (a
    /// worker for its next message) keeps its connection alive by probes, which are answered when the
    /// host is back.
    fn fall_silent(&mut self, index: u32) {
        self.leave_wait(index);
        let frame = &mut self.arena[index];
        frame.take_held().for_each(drop);
        if self.waits_for_ever(index) {
            self.arena[index].state = State::Travelling;
            return self.resend_later(index);
        }
        let seq = self.agenda.next_seq();
        self.arena.remove(index, seq);
    }

    /// The answer that a host had to send again is gone with its power, and its caller waits for ever:
    /// its probes are answered by a reset when the host is back.
    pub(super) fn keep_alive(&mut self, index: u32) {
        let frame = &mut self.arena[index];
        frame.state = State::Travelling;
        frame.line = Line::Kept;
        frame.request = 0;
        self.resend_later(index);
    }

    /// Whether the caller of a frame still waits, and has no timeout.
    pub(super) fn waits_for_ever(&self, index: u32) -> bool {
        let caller = self.arena[index].caller;
        if caller == Ticket::NOBODY || !self.arena.alive(caller) {
            return false;
        }
        match self.code.steps[self.arena[caller.index].pc.0 as usize] {
            Step::Call(c) => self.code.calls[usize::from(c)].timeout.is_none(),
            _ => false,
        }
    }

    /// The host of a node has power again: its process boots, unless a crash keeps it down. What
    /// still comes in on its old connections it answers with a reset, so that brokers learn of it.
    pub(super) fn power_on<O: Observer>(&mut self, id: NodeId, out: &mut O) {
        if self.nodes[id.index()].state != NodeState::Off {
            return;
        }
        self.set_state(id, NodeState::Crashed, 0, out);
        self.reset_connections(id);
        self.boot(id, out);
    }

    /// A message reaches a host without power: it is lost, and sent again.
    pub(super) fn unheard(&mut self, index: u32, id: NodeId) {
        let frame = &self.arena[index];
        if frame.resent == 0 {
            let request = frame.request;
            self.touch_node(id, request, |change| matches!(change, Change::PowerOff(_)));
        }
        self.resend_later(index);
    }

    /// Whether the host of a node has lost power since then: it has forgotten what it had to send.
    pub(super) fn was_dark(&self, id: NodeId, since: Ns) -> bool {
        let node = &self.nodes[id.index()];
        node.state == NodeState::Off || since < node.dark
    }
}
