//! Answers, and what they mean to those who called.

use super::{World, nodes_of};
use crate::sim::agenda::Kind;
use crate::sim::frame::{Answer, Line};
use crate::sim::id::{ClassId, NodeId};
use crate::sim::log::Version;
use crate::sim::observation::{Acknowledged, Called, Giver, Observer, Outcome};
use crate::sim::part::balancer::Heard;
use crate::sim::program::{Call, Meaning, Step, Target, Want};
use crate::sim::spec::Options;

impl World {
    /// An answer reaches its caller.
    pub(super) fn reply<O: Observer>(&mut self, index: u32, out: &mut O) {
        if self.links.are_narrow() && self.never_left(index) {
            return self.resend_later(index);
        }
        let answer = Answer::of(&self.arena[index]);
        let seq = self.agenda.next_seq();
        self.arena.remove(index, seq);
        if self.arena.alive(answer.caller) {
            if answer.line == Line::Kept {
                self.keep_line(&answer);
            }
            self.answered(answer.caller.index, answer, out);
        } else if answer.request != 0 && !matches!(answer.result, Outcome::Reset | Outcome::Refused)
        {
            // What a host says of a process that is gone is no answer.
            out.wasted(self.now, answer.node);
        }
    }

    pub(super) fn present_call(&self, index: u32) -> Option<Call> {
        match self.code.steps[self.arena[index].pc.0 as usize] {
            Step::Call(c) => Some(self.code.calls[usize::from(c)]),
            _ => None,
        }
    }

    /// A caller has an answer.
    fn answered<O: Observer>(&mut self, index: u32, mut answer: Answer, out: &mut O) {
        let Some(call) = self.present_call(index) else { return };
        let now = self.now;
        if self.lacks_own_write(&call, &answer) {
            answer.result = Outcome::Miss;
        }
        out.called(
            now,
            Called {
                link: answer.link,
                to: answer.node,
                request: answer.request,
                class: (answer.request != 0).then_some(ClassId(answer.class)),
                delivered: call.meaning == Meaning::Message,
                outcome: answer.result,
                wait: answer.wait,
                work: answer.work,
                inside: answer.inside,
                took: now - answer.sent,
            },
        );
        let heard = Heard { broken: answer.broken, took: now - answer.sent };
        self.consequences(index, &call, answer.node, (answer.result, heard), out);
        if answer.result == Outcome::Ok {
            self.harvest(index, &call, &answer, out);
        }
        let frame = &mut self.arena[index];
        if !answer.result.is_good() {
            frame.blame = answer.blame;
        }
        frame.outstanding -= 1;
        if call.want == Want::First {
            frame.value = answer.value;
        }
        if let Meaning::Gather(own) = call.meaning {
            frame.result = answer.result;
            (frame.value, frame.floor) = (answer.value, answer.floor);
            (frame.key, frame.user) = (answer.key, answer.user);
            frame.delivery = answer.delivery;
            frame.local = u32::from(self.nodes[answer.node.index()].local);
            self.own(own, index, out);
        }
        let frame = &mut self.arena[index];
        frame.got += u8::from(answer.result == Outcome::Ok);
        let outcome = match call.want {
            Want::First => answer.result,
            want => {
                let needed = self.needed(want, call.target);
                let frame = &self.arena[index];
                match (frame.got >= needed, frame.outstanding) {
                    (true, _) => Outcome::Ok,
                    (false, 0) if want == Want::All && frame.got > 0 => Outcome::Ok,
                    (false, 0) => Outcome::NoPrimary,
                    (false, _) => return,
                }
            }
        };
        if self.end_call(index, &call, outcome, out) {
            self.run(index, out);
        }
    }

    /// How many good answers a call to a group needs.
    fn needed(&self, want: Want, target: Target) -> u8 {
        let Target::Others(component) = target else { return 1 };
        let nodes = nodes_of(&self.topology, component).len() as u8;
        match want {
            Want::First => 1,
            // With oneself.
            Want::Majority => nodes / 2,
            Want::MajorityOf => nodes / 2 + 1,
            Want::All => nodes,
        }
    }

    /// What the end of a call means to the caller's node.
    #[inline(always)]
    pub(super) fn consequences<O: Observer>(
        &mut self,
        index: u32,
        call: &Call,
        to: NodeId,
        (outcome, heard): (Outcome, Heard),
        out: &mut O,
    ) {
        if call.target == Target::Backend {
            self.backend_ended(index, heard, out);
        }
        if let Meaning::Lookup(_) = call.meaning {
            // A cache that is silent, or too slow, is of no use.
            out.looked_up(self.now, to, outcome == Outcome::Ok);
        }
        let me = self.arena[index].node;
        if let Meaning::Read(d) | Meaning::Write(d) = call.meaning {
            let called = u32::from(self.nodes[to.index()].local);
            self.judge_primary(me, (d, called), outcome, out);
        }
    }

    /// What a good answer brings.
    #[inline(always)]
    fn harvest<O: Observer>(&mut self, index: u32, call: &Call, answer: &Answer, out: &mut O) {
        match call.meaning {
            Meaning::Lookup(d) | Meaning::Read(d) => {
                if answer.value < answer.floor {
                    let giver = match call.meaning {
                        Meaning::Lookup(_) => Giver::Cache,
                        _ if self.is_primary(answer.node) => Giver::Primary,
                        _ => Giver::Replica,
                    };
                    out.stale(self.now, self.databases[usize::from(d)].component, giver);
                }
            }
            Meaning::Write(d) => {
                let version = Version(answer.value);
                let truth = &mut self.truth[usize::from(d)];
                if truth.get(answer.key) < version.0 {
                    truth.set(answer.key, version.0);
                }
                let component = self.databases[usize::from(d)].component;
                if let Options::Database(o) = &self.options[component.index()]
                    && o.read_your_writes
                {
                    let own = &mut self.own_writes[usize::from(d)];
                    own.wrote((answer.user, answer.key), answer.value, self.now);
                }
                let (epoch, position) = (version.epoch(), version.position());
                out.acknowledged(self.now, Acknowledged { component, epoch, position });
            }
            Meaning::Message => {
                let frame = &mut self.arena[index];
                frame.request = answer.request;
                frame.key = answer.key;
                frame.user = answer.user;
                frame.class = answer.class;
                frame.attempt = answer.attempt;
                frame.delivery = answer.value;
                frame.path = answer.floor as u32;
                frame.reached = self.now;
                let node = frame.node;
                self.nodes[node.index()].in_flight += 1;
                if self.nodes[node.index()].changed {
                    self.touch_settings(node, answer.request);
                }
                if self.nodes[node.index()].memory.metered {
                    self.check_memory(node);
                }
            }
            Meaning::Plain | Meaning::Gather(_) | Meaning::Stream => {}
        }
    }

    /// The caller's wait is over: true if the program runs on.
    #[inline(always)]
    pub(super) fn end_call<O: Observer>(
        &mut self,
        index: u32,
        call: &Call,
        outcome: Outcome,
        out: &mut O,
    ) -> bool {
        self.leave_wait(index);
        let frame = &self.arena[index];
        if !outcome.is_good()
            && frame.tried + 1 < call.attempts
            && let Some(wait) = self.retry_after(index, call)
        {
            self.arena[index].tried += 1;
            if call.target == Target::Backend {
                // At once.
                return true;
            }
            self.agenda.at(self.now.saturating_add(wait), Kind::Timer, index);
            return false;
        }
        let frame = &mut self.arena[index];
        frame.result = outcome;
        if outcome.is_good() || call.optional {
            frame.pc = frame.pc.next();
            return true;
        }
        self.fail_with(index, outcome, out)
    }
}
