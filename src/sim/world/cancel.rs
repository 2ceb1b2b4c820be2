//! Cancelling: who gives up on a call tells the callee, who stops.
//!
//! The message takes a hop and can be lost, like any other; it is sent again a few times, and nobody
//! waits for it. A frame that is cancelled ends without an answer, gives back what it holds, and
//! cancels in turn what it waits for, whatever its own setting says (as gRPC does). What it has
//! already done stays done. A read that others wait for (single flight) goes on.

use super::World;
use crate::sim::frame::{Frame, Line, State, Ticket};
use crate::sim::observation::{NodeState, Observer, Outcome};
use crate::sim::part::balancer::Heard;
use crate::sim::program::{Step, Target, Want, entry, slot};

impl World {
    /// The callee whose answer a frame waits for, if it is one.
    fn awaited(&self, index: u32) -> Option<u32> {
        let frame = &self.arena[index];
        let Step::Call(call) = self.code.steps[frame.pc.0 as usize] else { return None };
        let one = self.code.calls[usize::from(call)].want == Want::First && frame.outstanding > 0;
        let me = Ticket { index, since: frame.since };
        let child = self.arena.get(frame.callee)?;
        (one && child.caller == me && child.state != State::Free).then_some(frame.callee)
    }

    /// Sends word to the callee of a frame's present call that nobody waits for it any more.
    pub(super) fn cancel_call(&mut self, index: u32) {
        let Some(callee) = self.awaited(index) else { return };
        let child = self.arena[callee];
        if self.arena.is_full() || child.link == Frame::NO_LINK {
            return;
        }
        let component = self.nodes[child.node.index()].component;
        let pc = self.code.entries[component.index()][usize::from(entry::PING)];
        let seq = self.agenda.next_seq();
        let message = Frame {
            value: u64::from(callee),
            floor: child.born,
            link: child.link,
            line: Line::Cancel,
            state: State::Travelling,
            ..Frame::new(seq, child.node, pc, self.now)
        };
        let message = self.arena.add(message);
        self.transmit(message, child.link);
    }

    /// Word has come that nobody waits for a call any more.
    #[cold]
    pub(super) fn cancelled<O: Observer>(&mut self, index: u32, out: &mut O) {
        let message = self.arena[index];
        if self.nodes[message.node.index()].state == NodeState::Off {
            return self.unheard(index, message.node);
        }
        let seq = self.agenda.next_seq();
        self.arena.remove(index, seq);
        let callee = message.value as u32;
        let meant = self.arena.get(callee).is_some_and(|f| {
            f.born == message.floor && f.link == message.link && f.caller != Ticket::NOBODY
        });
        if meant {
            debug_assert!(
                !self.arena.alive(self.arena[callee].caller),
                "somebody waits for what is cancelled"
            );
            self.give_up(callee, out);
        }
    }

    /// A frame ends, since nobody waits for it.
    fn give_up<O: Observer>(&mut self, index: u32, out: &mut O) {
        let frame = &self.arena[index];
        match frame.state {
            // It comes to a closed connection.
            State::Travelling => {
                let seq = self.agenda.next_seq();
                return self.arena.remove(index, seq);
            }
            State::Here if !frame.holds(Frame::FLIGHT) => {}
            State::Here | State::Answering | State::Free => return,
        }
        self.cancel_call(index);
        self.leave_queue(index);
        self.tell_balancer(index, out);
        self.leave_wait(index);
        let frame = &mut self.arena[index];
        frame.caller = Ticket::NOBODY;
        frame.result = Outcome::Timeout;
        self.finish(index, out);
    }

    /// A balancer's request to a backend is over, and says nothing about the backend.
    fn tell_balancer<O: Observer>(&mut self, index: u32, out: &mut O) {
        if self.awaited(index).is_none() {
            return;
        }
        let frame = &self.arena[index];
        let Step::Call(call) = self.code.steps[frame.pc.0 as usize] else { return };
        if self.code.calls[usize::from(call)].target == Target::Backend {
            let took = self.now - frame.called_at;
            self.backend_ended(index, Heard { broken: false, took }, out);
        }
    }

    /// Leaves the queue of the resource that a frame waits for.
    fn leave_queue(&mut self, index: u32) {
        let frame = &self.arena[index];
        let slot = match self.code.steps[frame.pc.0 as usize] {
            Step::Accept => slot::THREADS,
            Step::Hold(slot) => slot,
            Step::HoldPool { first, .. } => first + frame.local as u8,
            _ => return,
        };
        let ticket = Ticket { index, since: frame.since };
        let node = frame.node;
        self.nodes[node.index()].resources[usize::from(slot)].leave(self.now, ticket);
    }
}
