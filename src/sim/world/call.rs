//! Calls, and the messages that carry them and their answers.

use super::connect::{SYN_TIMEOUT, TLS_LEGS, is_back};
use super::{Stopped, World, nodes_of};
use crate::sim::agenda::Kind;
use crate::sim::fault::Change;
use crate::sim::frame::{Frame, Line, State, Ticket};
use crate::sim::id::{LinkId, NodeId};
use crate::sim::observation::{NodeState, Observer, Outcome};
use crate::sim::program::{Call, Entry, Meaning, Pc, Row, Target, entry};
use crate::sim::random::Chance;
use crate::sim::request::path_of;

/// A one-way message that was lost is sent again so often at most; its sender does not wait.
/// A choice: with the default `rto` it outlives a loss of 2.4 s. Linux would go on for a quarter of an
/// hour (`tcp_retries2`, 15 times); nobody here waits for it so long.
const RESENDS_MAX: u8 = 4;

impl World {
    /// Starts a call: true if there is nobody to wait for.
    pub(super) fn begin_call<O: Observer>(&mut self, index: u32, c: u16, out: &mut O) -> bool {
        let call = self.code.calls[usize::from(c)];
        let frame = &mut self.arena[index];
        (frame.outstanding, frame.got) = (1, 0);
        let me = frame.node;
        if let Some(timeout) = call.timeout {
            self.wait_at_most(index, timeout);
        }
        if let Target::Others(component) = call.target {
            let others: Vec<NodeId> =
                nodes_of(&self.topology, component).map(NodeId).filter(|&n| n != me).collect();
            self.arena[index].outstanding = others.len() as u8;
            for &to in &others {
                self.make_call(index, &call, to, true);
            }
            if others.is_empty() {
                return self.end_call(index, &call, Outcome::Ok, out);
            }
            return false;
        }
        let Some(to) = self.resolve(index, call.target) else {
            self.arena[index].blame = me;
            return self.end_call(index, &call, Outcome::NoBackend, out);
        };
        self.make_call(index, &call, to, true);
        false
    }

    /// Calls without waiting.
    pub(super) fn send(&mut self, index: u32, c: u16) {
        let call = self.code.calls[usize::from(c)];
        let me = self.arena[index].node;
        if let Target::Others(component) = call.target {
            for to in nodes_of(&self.topology, component).map(NodeId).filter(|&n| n != me) {
                self.make_call(index, &call, to, false);
            }
        } else if let Some(to) = self.resolve(index, call.target) {
            self.make_call(index, &call, to, false);
        }
    }

    /// Makes a frame that goes on from a step with what another one carries, which goes on as well.
    #[cold]
    pub(super) fn fork(&mut self, index: u32, pc: Pc) {
        let from = &mut self.arena[index];
        from.pc = from.pc.next();
        if self.arena.is_full() {
            return self.overflow();
        }
        let seq = self.agenda.next_seq();
        let from = &self.arena[index];
        let (local, key, user) = (from.local, from.key, from.user);
        let (value, floor, delivery) = (from.value, from.floor, from.delivery);
        let fresh = Frame::new(seq, from.node, pc, self.now);
        let forked = Frame { value, floor, key, local, delivery, user, ..fresh };
        let index = self.arena.add(forked);
        self.ready.push_back(Ticket { index, since: seq });
    }

    /// Whom a call is for, this time.
    #[inline(always)]
    fn resolve(&mut self, index: u32, target: Target) -> Option<NodeId> {
        let frame = &mut self.arena[index];
        match target {
            Target::Local(component) => {
                Some(NodeId(nodes_of(&self.topology, component).start + frame.local as u16))
            }
            Target::Turn(component) => {
                let first = nodes_of(&self.topology, component).start;
                let count = u32::from(self.joined[component.index()]);
                if count <= 1 {
                    return (count == 1).then_some(NodeId(first));
                }
                let me = &mut self.nodes[frame.node.index()];
                let turn = &mut me.turns[component.index()];
                *turn = turn.wrapping_add(1);
                Some(NodeId(first + (*turn % count) as u16))
            }
            Target::Backend => self.pick_backend(index),
            Target::Others(_) => None,
        }
    }

    /// There is no room for another frame: the world cannot go on.
    #[cold]
    pub(in crate::sim) fn overflow(&mut self) {
        self.stopped = Some(Stopped::TooManyFrames(self.now));
    }

    /// Makes the callee's frame and sends it on its way.
    fn make_call(&mut self, index: u32, call: &Call, to: NodeId, waits: bool) {
        if self.arena.is_full() {
            return self.overflow();
        }
        let now = self.now;
        let seq = self.agenda.next_seq();
        let caller = &self.arena[index];
        let (from, there) = (&self.nodes[caller.node.index()], &self.nodes[to.index()]);
        let place = (there.component, there.local);
        let Some(link) = self.links.between((from.component, from.local), place) else { return };
        let (class, key) = self.row(caller, call.row);
        let programs = &self.code.entries[there.component.index()];
        let pc = programs[usize::from(match call.entry {
            Entry::Fixed(entry) => entry,
            Entry::Class => entry::FIRST_CLASS + class,
        })];
        let floor = match call.meaning {
            Meaning::Read(d) | Meaning::Lookup(d) => self.truth[usize::from(d)].get(key),
            _ => caller.floor,
        };
        let (request, value, deadline) = (caller.request, caller.value, caller.deadline);
        let (user, since, path) = (caller.user, caller.since, path_of(caller.path, call.step));
        let attempt = caller.attempt.saturating_add(caller.tried);
        let opened = if waits && call.line { self.take_line(link) } else { (Line::Other, 0) };
        let (child, slot) = self.arena.slot(seq);
        *slot = Frame {
            caller: if waits { Ticket { index, since } } else { Ticket::NOBODY },
            request,
            value,
            floor,
            deadline,
            user,
            path,
            key,
            class,
            link,
            state: State::Travelling,
            attempt,
            step: call.step,
            line: opened.0,
            legs: opened.1,
            ..Frame::new(seq, to, pc, now)
        };
        let caller = &mut self.arena[index];
        caller.called = link;
        caller.called_at = now;
        caller.callee = child;
        self.transmit_as(Kind::Deliver, child, link);
    }

    /// Class and key of a callee's frame.
    #[inline]
    pub(in crate::sim) fn row(&self, caller: &Frame, row: Row) -> (u8, u32) {
        if let Row::Same | Row::Kept = row {
            return (caller.class, caller.key);
        }
        self.other_row(caller, row)
    }

    /// The same, where it is not that of the caller.
    fn other_row(&self, caller: &Frame, row: Row) -> (u8, u32) {
        let key_of = |class: u8| {
            if class == caller.class { caller.key } else { self.other_key(class, caller) }
        };
        match row {
            Row::Same | Row::Kept => (caller.class, caller.key),
            Row::Of(class) => (class, key_of(class)),
            Row::In { database, class } => {
                let class = class.unwrap_or(caller.class);
                let first = self.databases[usize::from(database)].first_row[usize::from(class)];
                (caller.class, first + key_of(class))
            }
        }
    }

    /// The key of a request in another class than its own.
    #[cold]
    fn other_key(&self, class: u8, caller: &Frame) -> u32 {
        self.demand.key(class, caller.request)
    }

    /// Puts a frame on a link: as a call, or as the answer to one.
    #[inline]
    pub(super) fn transmit(&mut self, index: u32, id: LinkId) {
        let kind = match self.arena[index].state {
            State::Answering => Kind::Reply,
            _ => Kind::Deliver,
        };
        self.transmit_as(kind, index, id);
    }

    /// The same, where it is known which of the two.
    #[inline(always)]
    pub(super) fn transmit_as(&mut self, kind: Kind, index: u32, id: LinkId) {
        let link = &mut self.links[id];
        link.sent += 1;
        if link.troubled {
            return self.transmit_troubled(kind, index, id);
        }
        self.agenda.after(self.now, link.latency, link.lane, kind, index);
    }

    /// Puts the next attempt to send a lost message on the agenda.
    pub(super) fn resend_later(&mut self, index: u32) {
        let network = &self.cluster.network;
        let frame = &mut self.arena[index];
        let doubled = 1 << frame.resent.min(20);
        let wait = match frame.legs {
            legs if legs > TLS_LEGS => SYN_TIMEOUT * doubled,
            _ => network.rto.saturating_mul(doubled).min(network.rto_max),
        };
        frame.resent = frame.resent.saturating_add(1);
        self.agenda.at(self.now.saturating_add(wait), Kind::Resend, index);
    }

    /// A lost message is sent again, if anybody still cares.
    pub(super) fn resend<O: Observer>(&mut self, index: u32, out: &mut O) {
        let frame = &self.arena[index];
        let (state, node, link) = (frame.state, frame.node, frame.link);
        let (sender, since) = match state {
            State::Answering => (node, frame.mark),
            _ if is_back(frame) => (node, frame.sent),
            _ => (self.links[link].from, frame.sent),
        };
        let user = frame.request != 0;
        let cared_for = if frame.caller == Ticket::NOBODY {
            frame.resent <= RESENDS_MAX
        } else {
            self.arena.alive(frame.caller)
        };
        let forgotten = self.was_dark(sender, since);
        if forgotten && cared_for && state == State::Answering && self.waits_for_ever(index) {
            return self.keep_alive(index);
        }
        if !cared_for || forgotten {
            if state == State::Answering && user {
                out.wasted(self.now, node);
            }
            let seq = self.agenda.next_seq();
            return self.arena.remove(index, seq);
        }
        let back = is_back(&self.arena[index]);
        self.transmit(index, if back { self.links[link].back } else { link });
    }

    /// A call reaches its callee.
    pub(super) fn deliver<O: Observer>(&mut self, index: u32, out: &mut O) {
        let now = self.now;
        if self.links.are_narrow() && self.never_left(index) {
            return self.resend_later(index);
        }
        if self.arena[index].line == Line::Cancel {
            return self.cancelled(index, out);
        }
        if self.arena[index].legs > 0 && self.shake_hands(index) {
            return;
        }
        let me = self.arena[index].node;
        if self.nodes[me.index()].state == NodeState::Off {
            return self.unheard(index, me);
        }
        let frame = &mut self.arena[index];
        frame.state = State::Here;
        frame.reached = now;
        frame.resent = 0;
        let request = frame.request;
        let node = &mut self.nodes[me.index()];
        node.in_flight += u32::from(request != 0);
        let (metered, changed) = (node.memory.metered, node.changed);
        if changed && request != 0 {
            self.touch_settings(me, request);
        }
        if metered {
            self.check_memory(me);
        }
        let node = &self.nodes[me.index()];
        let closed = self.arena[index].line != Line::Other && self.arena[index].since < node.died;
        if node.is_up() && closed {
            self.arena[index].result = Outcome::Reset;
            self.arena[index].broken = true;
            return self.finish(index, out);
        }
        if node.is_up() {
            if node.errors == Chance::NEVER || !self.errs(index) {
                return self.run(index, out);
            }
            self.arena[index].result = Outcome::BadDeploy;
            return self.finish(index, out);
        }
        if let NodeState::Crashed = node.state {
            self.touch_node(me, request, |c| matches!(c, Change::Crash(_)));
        }
        let frame = &mut self.arena[index];
        frame.result = Outcome::Refused;
        frame.broken = true;
        self.finish(index, out);
    }
}
