//! What frames hold of their nodes: taking it, waiting for it, giving it back.

use super::World;
use crate::sim::frame::{Frame, Ticket};
use crate::sim::id::NodeId;
use crate::sim::observation::{Observer, Outcome};
use crate::sim::program::slot;

impl World {
    /// Takes a thread, or waits in the backlog, or is refused if that is full; whether the frame runs on.
    /// A backlog is what the host has accepted for the process: beyond it nothing answers, as where
    /// nobody listens. A caller cannot tell the two apart, and has no connection afterwards.
    pub(super) fn accept<O: Observer>(&mut self, index: u32, out: &mut O) -> bool {
        let node = &self.nodes[self.arena[index].node.index()];
        let full = node.resources[usize::from(slot::THREADS)].queued() >= node.backlog as usize;
        if self.hold(index, slot::THREADS, full) {
            return true;
        }
        if full {
            self.arena[index].broken = true;
            return self.fail(index, Outcome::Overloaded, out);
        }
        false
    }

    /// Takes a resource and goes to the next step, or queues for it (unless `full`); whether it has
    /// it.
    #[inline(always)]
    pub(super) fn hold(&mut self, index: u32, slot: u8, full: bool) -> bool {
        let now = self.now;
        let frame = &mut self.arena[index];
        let resource = &mut self.nodes[frame.node.index()].resources[usize::from(slot)];
        if resource.try_take(now) {
            frame.hold(slot);
            frame.pc = frame.pc.next();
            return true;
        }
        if !full {
            frame.mark = now;
            resource.wait(now, Ticket { index, since: frame.since });
        }
        false
    }

    /// A frame waits for a pooled connection no longer than for an answer.
    pub(super) fn await_pool(&mut self, index: u32, call: u16) {
        if let Some(timeout) = self.code.calls[usize::from(call)].timeout {
            self.wait_at_most(index, timeout);
        }
    }

    /// Gives a unit of a resource to whoever waits for it.
    #[inline(always)]
    pub(super) fn give(&mut self, node: NodeId, slot: u8) {
        let arena = &self.arena;
        let resource = &mut self.nodes[node.index()].resources[usize::from(slot)];
        let over = resource.is_over();
        if let Some(ticket) = resource.give(self.now, |t| arena.alive(t)) {
            self.grant(ticket, slot);
        }
        if over {
            self.close_surplus(node, slot);
        }
    }

    /// A frame that waited for a resource has it.
    #[inline(always)]
    pub(super) fn grant(&mut self, ticket: Ticket, slot: u8) {
        let frame = &mut self.arena[ticket.index];
        frame.hold(slot);
        frame.wait += self.now - frame.mark;
        frame.pc = frame.pc.next();
        self.ready.push_back(ticket);
    }

    /// Gives back all that a frame holds.
    #[inline]
    pub(super) fn let_all_go<O: Observer>(&mut self, index: u32, out: &mut O) {
        if self.arena[index].holds_any() {
            self.let_held_go(index, out);
        }
    }

    fn let_held_go<O: Observer>(&mut self, index: u32, out: &mut O) {
        let frame = &mut self.arena[index];
        let (node, result) = (frame.node, frame.result);
        for slot in frame.take_held() {
            if slot == Frame::FLIGHT {
                self.land(index, Err(result), out);
            } else {
                self.give(node, slot);
            }
        }
    }
}
