//! Who has waited long enough: for an answer, or for a pooled connection.

use super::World;
use crate::sim::agenda::{Kind, Lane};
use crate::sim::frame::{Frame, State, Ticket};
use crate::sim::id::ClassId;
use crate::sim::observation::{Called, Observer, Outcome};
use crate::sim::part::balancer::Heard;
use crate::sim::program::{Call, Meaning, Step, Want};
use crate::sim::time::Ns;

impl World {
    /// Begins to wait, so long at most. Whoever begins forgets the timers before his that nobody needs any
    /// more: most, since most waits end before.
    #[inline]
    pub(super) fn wait_at_most(&mut self, index: u32, (length, lane): (Ns, Lane)) {
        let arena = &self.arena;
        self.agenda.trim(lane, |entry| arena.over(entry));
        self.agenda.after(self.now, length, lane, Kind::Timeout, index);
    }

    /// A frame has waited long enough: for an answer, or for a pooled connection.
    pub(super) fn timed_out<O: Observer>(&mut self, index: u32, out: &mut O) {
        let Some(call) = self.present_call(index) else {
            return self.pool_exhausted(index, out);
        };
        let now = self.now;
        if let Some(until) = self.gets_on(index, &call) {
            self.agenda.at(until, Kind::Timeout, index);
            return;
        }
        let frame = &self.arena[index];
        let enough = call.want == Want::All && frame.got > 0;
        if call.cancel {
            self.cancel_call(index);
        }
        let frame = &self.arena[index];
        if call.want == Want::First && frame.called != Frame::NO_LINK {
            let (link, to) = (frame.called, self.links[frame.called].to);
            let class = (frame.request != 0).then_some(ClassId(frame.class));
            let took = now - frame.called_at;
            let (outcome, wait, work, inside) = (Outcome::Timeout, 0, 0, 0);
            let request = frame.request;
            let delivered = false;
            out.called(
                now,
                Called { link, to, request, class, delivered, outcome, wait, work, inside, took },
            );
            self.arena[index].blame = to;
            let heard = Heard { broken: true, took };
            self.consequences(index, &call, to, (Outcome::Timeout, heard), out);
        }
        let outcome = if enough { Outcome::Ok } else { Outcome::Timeout };
        if self.end_call(index, &call, outcome, out) {
            self.run(index, out);
        }
    }

    /// Until when the sender of a stream waits on, although its timer is over. Its time counts from
    /// when the message has left, behind those before it, however long that took, and is never less than
    /// three round trips of the link as it is: what TCP waits when it has measured one, that of the
    /// handshake (RFC 6298, section 2.2; the timer's own length is the minimum that Linux sets). While the
    /// peer works on what it got (the rows of a snapshot) its host answers for it. So a message gets
    /// through however slow the link; only silence ends a connection.
    fn gets_on(&self, index: u32, call: &Call) -> Option<Ns> {
        let (Meaning::Stream, Some((least, _))) = (call.meaning, call.timeout) else { return None };
        let frame = &self.arena[index];
        if frame.called == Frame::NO_LINK {
            return None;
        }
        let me = Ticket { index, since: frame.since };
        let message = self.arena.get(frame.callee).filter(|message| message.caller == me)?;
        if message.state == State::Here && self.nodes[message.node.index()].is_up() {
            return Some(self.now.saturating_add(least));
        }
        let left = match message.state {
            State::Answering if message.resent == 0 => message.mark.max(message.called_at),
            State::Travelling if message.resent == 0 => message.called_at,
            _ => frame.called_at,
        };
        let answer = self.links.time_to_send(self.cluster.network.answer);
        let trip = self.links.round_trip(frame.called).saturating_add(answer);
        let until = left.saturating_add(least.max(trip.saturating_mul(3)));
        (until > self.now).then_some(until)
    }

    fn pool_exhausted<O: Observer>(&mut self, index: u32, out: &mut O) {
        self.leave_wait(index);
        let frame = &mut self.arena[index];
        frame.wait += self.now - frame.mark;
        let (node, local) = (frame.node, frame.local as u8);
        if let Step::HoldPool { first, .. } = self.code.steps[frame.pc.0 as usize] {
            let arena = &self.arena;
            let pool = &mut self.nodes[node.index()].resources[usize::from(first + local)];
            pool.tidy(self.now, |t| arena.alive(t));
        }
        if self.fail(index, Outcome::PoolExhausted, out) {
            self.run(index, out);
        }
    }
}
