//! Who has waited long enough: for an answer, or for a pooled connection.

use super::World;
use crate::sim::frame::Frame;
use crate::sim::id::ClassId;
use crate::sim::observation::{Called, Observer, Outcome};
use crate::sim::part::balancer::Heard;
use crate::sim::program::{Step, Want};

impl World {
    /// A frame has waited long enough: for an answer, or for a pooled connection.
    pub(super) fn timed_out<O: Observer>(&mut self, index: u32, out: &mut O) {
        let Some(call) = self.present_call(index) else {
            return self.pool_exhausted(index, out);
        };
        let now = self.now;
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
            out.called(now, Called { link, to, request, class, outcome, wait, work, inside, took });
            self.arena[index].blame = to;
            let heard = Heard { broken: true, took };
            self.consequences(index, &call, to, (Outcome::Timeout, heard), out);
        }
        let outcome = if enough { Outcome::Ok } else { Outcome::Timeout };
        if self.end_call(index, &call, outcome, out) {
            self.run(index, out);
        }
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
