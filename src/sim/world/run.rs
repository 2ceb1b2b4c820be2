//! Advancing: events in order, and the one interpreter of programs.

use super::{Stopped, World};
use crate::sim::agenda::{Entry, Kind};
use crate::sim::fault::Change;
use crate::sim::frame::{Frame, Line, State, Ticket};
use crate::sim::id::{FaultId, NodeId};
use crate::sim::node::Part;
use crate::sim::observation::{NodeState, Observer, Outcome};
use crate::sim::program::{Flow, Own, Pc, Step, Test};
use crate::sim::random::Sampler;
use crate::sim::spec::Options;
use crate::sim::time::{MILLISECOND, NEVER, Ns};

/// So many events in a row within less than [`BURST`] mean that the world does not get on: zero
/// latencies loop for ever, or so much is asked for that a second would take a quarter of an hour.
const BURST_MAX: u32 = 1_000_000;

/// The simulated time that so many events must take at least.
const BURST: Ns = MILLISECOND;

/// Folds 64 bits into a digest: one multiplication (after wyhash, Wang Yi, 2019).
fn mix(digest: u64, value: u64) -> u64 {
    let product = u128::from(digest) * u128::from(value);
    product as u64 ^ (product >> 64) as u64
}

/// Whether a test holds after that outcome.
#[inline]
fn holds(test: Test, result: Outcome, options: &[Options]) -> bool {
    match test {
        Test::Hit => result == Outcome::Ok,
        Test::Failed => !result.is_good(),
        Test::CacheOff(cache) => {
            matches!(&options[cache.index()], Options::Cache(o) if !o.enabled)
        }
        Test::Untold(cache) => matches!(
            &options[cache.index()],
            Options::Cache(o) if !o.enabled || !o.invalidate
        ),
    }
}

impl World {
    /// Handles every event before `until` and leaves the clock there.
    ///
    /// # Errors
    /// When the world cannot go on. It stays as it is.
    pub fn advance<O: Observer>(&mut self, until: Ns, out: &mut O) -> Result<(), Stopped> {
        self.start(out);
        self.settle();
        self.go_on(out);
        loop {
            if let Some(stopped) = self.stopped {
                return Err(stopped);
            }
            let Some(entry) = self.agenda.pop(until) else { break };
            self.now = entry.at();
            self.burst += 1;
            if self.burst == BURST_MAX {
                self.look_whether_time_passes();
            }
            self.handle(entry, out);
            if !self.ready.is_empty() {
                self.go_on(out);
            }
            if !self.doomed.is_empty() {
                self.kill_the_doomed(out);
            }
        }
        self.now = self.now.max(until);
        Ok(())
    }

    /// So many events have been handled since the last look.
    #[cold]
    fn look_whether_time_passes(&mut self) {
        if self.now - self.burst_began < BURST {
            self.stopped = Some(Stopped::NoProgress(self.now));
        }
        self.burst = 0;
        self.burst_began = self.now;
    }

    /// Handles all events of the next instant and stops one nanosecond later.
    ///
    /// # Errors
    /// When the world cannot go on. It stays as it is.
    pub fn step<O: Observer>(&mut self, out: &mut O) -> Result<(), Stopped> {
        self.start(out);
        // Who waits for what a change has freed goes on now, and may make this the next instant.
        self.settle();
        self.go_on(out);
        let next = self.agenda.next_at().unwrap_or(self.now);
        self.advance(next + 1, out)
    }

    /// What happened, when, where, to which request: nothing of the engine's own.
    #[inline(always)]
    pub(in crate::sim) fn fold(&mut self, kind: Kind, node: NodeId, request: u64, outcome: u8) {
        self.events += 1;
        let tag = u64::from(self.tags[node.index()]);
        let what = (kind as u64) | u64::from(outcome) << 8 | tag << 16;
        // The count of a request is its lower half, its traffic the upper one.
        let what = what ^ request.rotate_left(32);
        self.digest = mix(self.digest ^ self.now, what ^ 0xA076_1D64_78BD_642F);
    }

    #[inline]
    fn fold_frame(&mut self, kind: Kind, index: u32) {
        let frame = &self.arena[index];
        let outcome = if kind == Kind::Reply { frame.result as u8 } else { 0 };
        self.fold(kind, frame.node, frame.request, outcome);
    }

    /// Lets everybody go on who was woken.
    pub(super) fn go_on<O: Observer>(&mut self, out: &mut O) {
        while let Some(ticket) = self.ready.pop_front() {
            if self.arena.alive(ticket) {
                if self.paused > 0 {
                    let node = &mut self.nodes[self.arena[ticket.index].node.index()];
                    if node.state == NodeState::Paused {
                        node.woken.push(ticket);
                        continue;
                    }
                }
                self.leave_wait(ticket.index);
                self.run(ticket.index, out);
            }
        }
    }

    /// Ends the present wait of a frame: all its tickets become stale.
    #[inline]
    pub(super) fn leave_wait(&mut self, index: u32) {
        self.arena[index].since = self.agenda.next_seq();
    }

    /// The node that has to do something about an entry; `None` for what no process does.
    fn actor(&self, entry: Entry) -> Option<NodeId> {
        let index = entry.index();
        match entry.kind() {
            Kind::Deliver if self.arena[index].legs > 0 => self.shaker(entry),
            Kind::Deliver | Kind::Timer | Kind::Timeout if self.arena.current(entry) => {
                Some(self.arena[index].node)
            }
            Kind::Reply => {
                let caller = self.arena[index].caller;
                self.arena.alive(caller).then(|| self.arena[caller.index].node)
            }
            _ => None,
        }
    }

    /// Keeps an entry for later if who has to do something about it is paused.
    #[cold]
    fn stands_still(&mut self, entry: Entry) -> bool {
        let Some(node) = self.actor(entry) else { return false };
        if self.nodes[node.index()].state != NodeState::Paused {
            return false;
        }
        let request = self.arena[entry.index()].request;
        self.touch_node(node, request, |c| matches!(c, Change::Pause(_)));
        self.nodes[node.index()].stash.push(entry);
        true
    }

    #[inline(always)]
    pub(super) fn handle<O: Observer>(&mut self, entry: Entry, out: &mut O) {
        if self.paused > 0 && self.stands_still(entry) {
            return;
        }
        let index = entry.index();
        match entry.kind() {
            Kind::Arrive => self.arrive(NodeId(index as u16), entry.seq(), out),
            Kind::Deliver => {
                if self.arena.current(entry) {
                    self.fold_frame(Kind::Deliver, index);
                    self.deliver(index, out);
                }
            }
            Kind::Reply => {
                if self.arena.current(entry) {
                    self.fold_frame(Kind::Reply, index);
                    self.reply(index, out);
                }
            }
            Kind::Timer => {
                if self.arena.current(entry) {
                    self.fold_frame(Kind::Timer, index);
                    self.leave_wait(index);
                    self.run(index, out);
                }
            }
            Kind::Timeout => {
                if self.arena.current(entry) {
                    self.fold_frame(Kind::Timeout, index);
                    self.timed_out(index, out);
                }
            }
            Kind::Resend => {
                if self.arena.current(entry) {
                    self.fold_frame(Kind::Resend, index);
                    self.resend(index, out);
                }
            }
            Kind::Boot => self.booted(NodeId(index as u16), out),
            Kind::Leave => self.look_whether_done(NodeId(index as u16), out),
            Kind::FaultEnd => {
                self.end_fault(FaultId(index), out);
                self.settle();
            }
        }
    }

    /// The interpreter: runs a frame until it waits or ends.
    pub(in crate::sim) fn run<O: Observer>(&mut self, index: u32, out: &mut O) {
        loop {
            let frame = &mut self.arena[index];
            let pc = frame.pc;
            let step = self.code.steps[pc.0 as usize];
            if frame.deadline < self.now && step.is_effort() {
                if !self.fail(index, Outcome::Expired, out) {
                    return;
                }
                continue;
            }
            let goes_on = match step {
                Step::Accept => self.accept(index, out),
                Step::Hold(slot) => self.hold(index, slot, false),
                Step::HoldPool { first, call } => {
                    let slot = first + frame.local as u8;
                    let has = self.hold(index, slot, false);
                    if !has {
                        self.await_pool(index, call);
                    }
                    has
                }
                Step::Release(slot) => self.release_slot(index, slot),
                Step::ReleasePool { first } => {
                    let slot = first + frame.local as u8;
                    self.release_slot(index, slot)
                }
                Step::Work(work) => self.begin_work(index, work, out),
                Step::Greet(work) => {
                    let unpaid = frame.line == Line::Unpaid;
                    if unpaid {
                        frame.line = Line::Kept;
                        self.work(index, work);
                    } else {
                        frame.pc = pc.next();
                    }
                    !unpaid
                }
                Step::Pace(work) => {
                    self.pace(index, work);
                    false
                }
                Step::Call(call) => self.begin_call(index, call, out),
                Step::Send(call) => {
                    frame.pc = pc.next();
                    self.send(index, call);
                    true
                }
                Step::Own(own) => {
                    let flow = self.own(own, index, out);
                    self.flow(index, pc, flow, out)
                }
                Step::When(test, target) => {
                    let holds = holds(test, frame.result, &self.options);
                    frame.pc = if holds { target } else { pc.next() };
                    true
                }
                Step::Jump(target) => {
                    frame.pc = target;
                    true
                }
                Step::Fork(target) => {
                    self.fork(index, target);
                    true
                }
                Step::Catch(target) => {
                    frame.catch = Some(target);
                    frame.pc = pc.next();
                    true
                }
                Step::End => {
                    frame.result = Outcome::Ok;
                    self.finish(index, out);
                    false
                }
            };
            if !goes_on {
                return;
            }
        }
    }

    /// Gives back a resource.
    #[inline(always)]
    fn release_slot(&mut self, index: u32, slot: u8) -> bool {
        let frame = &mut self.arena[index];
        frame.pc = frame.pc.next();
        frame.let_go(slot);
        let node = frame.node;
        self.give(node, slot);
        true
    }

    /// Works, unless the node is gray and fails at it.
    #[inline(always)]
    fn begin_work<O: Observer>(&mut self, index: u32, work: u16, out: &mut O) -> bool {
        if self.work_errs(index, work) {
            return self.fail(index, Outcome::BadDeploy, out);
        }
        self.work(index, work);
        false
    }

    /// Whether the frame runs on after an operation.
    fn flow<O: Observer>(&mut self, index: u32, pc: Pc, flow: Flow, out: &mut O) -> bool {
        let frame = &mut self.arena[index];
        match flow {
            Flow::Next => {
                frame.pc = pc.next();
                true
            }
            Flow::Until(at) => {
                frame.pc = pc.next();
                if at > self.now {
                    self.agenda.at(at, Kind::Timer, index);
                }
                at <= self.now
            }
            Flow::Park => false,
            Flow::End(outcome) if outcome.is_good() => {
                frame.result = outcome;
                self.finish(index, out);
                false
            }
            Flow::End(outcome) => self.fail(index, outcome, out),
        }
    }

    #[inline(always)]
    fn work(&mut self, index: u32, work: u16) {
        let frame = &mut self.arena[index];
        let work = &self.code.works[usize::from(work)];
        let length = match work.sampler {
            Sampler::Constant(length) => length,
            sampler => {
                let mut lot = work.purpose.of(frame.request, frame.path, frame.attempt);
                sampler.draw(&mut lot)
            }
        };
        frame.pc = frame.pc.next();
        let (node, request) = (frame.node, frame.request);
        let slow = self.nodes[node.index()].slow;
        let lane = work.lane;
        if work.cpu && slow.to_bits() != 1f64.to_bits() {
            let length = (length as f64 * slow) as Ns;
            frame.work += length;
            self.agenda.at(self.now.saturating_add(length), Kind::Timer, index);
            self.touch_node(node, request, |c| matches!(c, Change::Slow(..)));
            return;
        }
        frame.work += length;
        self.agenda.after(self.now, length, lane, Kind::Timer, index);
    }

    fn pace(&mut self, index: u32, work: u16) {
        let Sampler::Constant(every) = self.code.works[usize::from(work)].sampler else { return };
        let frame = &mut self.arena[index];
        frame.pc = frame.pc.next();
        let due = if frame.mark == NEVER {
            self.now + self.nodes[frame.node.index()].stream.below(every.max(1))
        } else {
            let due = frame.mark.saturating_add(every);
            // Beats that were missed while the process stood still are left out.
            if due < self.now { self.now + every - (self.now - due) % every.max(1) } else { due }
        };
        frame.mark = due;
        self.agenda.at(due, Kind::Timer, index);
    }

    /// Does what is particular to a part.
    #[inline(always)]
    pub(super) fn own<O: Observer>(&mut self, own: Own, index: u32, out: &mut O) -> Flow {
        match own {
            Own::Balancer(op) => self.balancer_op(op, index, out),
            Own::Cache(op) => self.cache_op(op, index),
            Own::Client(op) => self.client_op(op, index),
            Own::Database(op) => self.database_op(op, index, out),
            Own::Flight(op) => self.flight_op(op, index, out),
            Own::Watcher(op) => self.watcher_op(op, index, out),
            Own::Queue(op) => self.queue_op(op, index, out),
            Own::Traffic(op) => self.traffic_op(op, index, out),
        }
    }

    /// The frame has failed: goes to where it catches that (true), or ends (false).
    pub(in crate::sim) fn fail<O: Observer>(
        &mut self,
        index: u32,
        why: Outcome,
        out: &mut O,
    ) -> bool {
        let frame = &mut self.arena[index];
        frame.blame = frame.node;
        self.fail_with(index, why, out)
    }

    /// The same, for a failure that began where the frame says.
    pub(super) fn fail_with<O: Observer>(&mut self, index: u32, why: Outcome, out: &mut O) -> bool {
        let frame = &mut self.arena[index];
        frame.result = why;
        let Some(catch) = frame.catch else {
            self.finish(index, out);
            return false;
        };
        frame.pc = catch;
        self.let_all_go(index, out);
        true
    }

    /// The frame ends: gives back what it holds, and answers.
    pub(super) fn finish<O: Observer>(&mut self, index: u32, out: &mut O) {
        self.let_all_go(index, out);
        let seq = self.agenda.next_seq();
        let now = self.now;
        let frame = &mut self.arena[index];
        frame.since = seq;
        let node = &mut self.nodes[frame.node.index()];
        if frame.request != 0 {
            node.in_flight -= 1;
            let (id, request) = (frame.node, frame.request);
            let failed = !frame.result.is_good() && matches!(node.part, Part::Plain);
            // What is refused or reset leaves nothing behind.
            if node.memory.metered && node.is_up() {
                self.leak_memory(id);
            }
            if failed {
                self.tell_unpublished(request, out);
            }
        }
        let frame = &mut self.arena[index];
        let node = &mut self.nodes[frame.node.index()];
        if frame.link == Frame::NO_LINK {
            if matches!(node.part, Part::Traffic(_)) && frame.request != 0 {
                self.end_request(index, out);
            }
            return self.arena.remove(index, seq);
        }
        if frame.caller == Ticket::NOBODY {
            return self.arena.remove(index, seq);
        }
        frame.state = State::Answering;
        frame.mark = now;
        let back = self.links[frame.link].back;
        self.transmit_as(Kind::Reply, index, back);
    }
}
