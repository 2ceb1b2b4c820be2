//! When a write counts as done: what the replicas have, and which of them are in sync.
//!
//! A primary knows of each peer what it has received and synced. A peer that leaves batches
//! unanswered for two seconds is not in sync any more, and is again when it has all that was sent to
//! it. Watchers choose the next primary among those in sync, so a member leaves or joins only when a
//! majority of them has been told (with the request for a lease); until then `sync` waits for the
//! members of both sets, and an answer to `semi` counts only from a member of both (the *maximal*
//! set of Kafka's KIP-497, "Add inter-broker API to alter ISR", 2020).
//!
//! What the choice goes by (`failover/choose.rs`): with `sync` every member has all that was
//! acknowledged, so whoever lacks some of it does not join; with `semi` one member besides the primary
//! has it, so nobody leaves who may be the only one.

use super::{Database, Ticket};
use crate::sim::frame::Frame;
use crate::sim::id::NodeId;
use crate::sim::log::Version;
use crate::sim::node::Part;
use crate::sim::observation::Outcome;
use crate::sim::program::Flow;
use crate::sim::spec::Ack;
use crate::sim::time::{Ns, SECOND};
use crate::sim::world::World;
use std::collections::VecDeque;

/// A peer that has not answered for so long is not in sync; noticed at the next missed answer.
const SILENCE: Ns = 2 * SECOND;

/// A set of a database's nodes, one bit each. A database has at most 100.
pub(crate) type Members = u128;

/// The set of one node.
pub(crate) fn member(index: usize) -> Members {
    1 << index
}

/// The set of the first `nodes` nodes.
pub(crate) fn everybody(nodes: usize) -> Members {
    member(nodes) - 1
}

/// An in-sync set, as a primary tells it and watchers remember it. The newest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InSync {
    /// The epoch of the primary that told it.
    pub(crate) epoch: u32,
    /// Grows with each change within the epoch.
    pub(crate) version: u32,
    pub(crate) members: Members,
}

impl InSync {
    /// Writes it into the frame of a message, whose value begins with the epoch.
    pub(crate) fn put(self, frame: &mut Frame) {
        frame.value = u64::from(self.version) << 32 | u64::from(self.epoch);
        frame.floor = self.members as u64;
        frame.key = (self.members >> 64) as u32;
        frame.user = (self.members >> 96) as u32;
    }

    /// Reads it off the frame of a message.
    pub(crate) fn of(frame: &Frame) -> InSync {
        let high = u128::from(frame.user) << 32 | u128::from(frame.key);
        InSync {
            epoch: frame.value as u32,
            version: (frame.value >> 32) as u32,
            members: high << 64 | u128::from(frame.floor),
        }
    }
}

/// What it takes to acknowledge a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) ack: Ack,
    /// Replicas in sync without which `semi` and `sync` fail.
    pub(crate) min: u64,
    /// Whether too few replicas mean none.
    pub(crate) degrade: bool,
}

/// What a primary knows of its peers, and the writes that wait for them.
#[derive(Clone, Debug)]
pub(super) struct Peers {
    me: usize,
    /// Up to where each has confirmed to have its log.
    has: Vec<u64>,
    /// Since when each has not answered, if it is to.
    silent: Vec<Option<Ns>>,
    /// Who is owed a batch even if there is nothing in it.
    probe: Members,
    /// Who answers and has what was sent.
    live: Members,
    /// Members of any set that may be in force.
    any: Members,
    /// Members of every set that may be in force.
    every: Members,
    /// The set that was told last.
    told: InSync,
    /// Up to where writes have been acknowledged by replicas.
    acked: u64,
    waiting: VecDeque<(u64, Ticket)>,
}

impl Peers {
    pub(super) fn new(me: usize, nodes: usize) -> Peers {
        let all = everybody(nodes);
        Peers {
            me,
            has: vec![0; nodes],
            silent: vec![None; nodes],
            probe: 0,
            live: all,
            any: all,
            every: all,
            told: InSync { epoch: 1, version: 0, members: all },
            acked: 0,
            waiting: VecDeque::new(),
        }
    }

    /// Begins an epoch as primary of a log that ends at `end`: `old` was in sync until then, and `next` of
    /// it is known to live. With `semi` those who are silent stay members for now: what was acknowledged
    /// may be at one of them alone, besides here.
    pub(super) fn lead(&mut self, epoch: u32, (old, next): (Members, Members), ack: Ack, end: u64) {
        let fresh = Peers::new(self.me, self.has.len());
        let next = next | member(self.me);
        let (members, acked) = if ack == Ack::Semi { (old | next, end) } else { (next, 0) };
        let told = InSync { epoch, version: 0, members };
        let probe = everybody(self.has.len());
        let any = old | next;
        *self = Peers { live: next, any, every: members, told, acked, probe, ..fresh };
    }

    pub(super) fn told(&self) -> InSync {
        self.told
    }

    /// Whether a peer is owed a batch even if there is nothing in it.
    pub(super) fn owed(&self, peer: usize) -> bool {
        self.probe & member(peer) != 0
    }

    /// Owes a peer a batch.
    pub(super) fn owe(&mut self, peer: usize) {
        self.probe |= member(peer);
    }

    /// From now on those who are out of sync are asked whether they are back.
    pub(super) fn ask_the_missing(&mut self) {
        self.probe |= everybody(self.has.len()) & !self.live;
    }

    /// A batch is sent to a peer.
    pub(super) fn sends(&mut self, peer: usize, now: Ns) {
        self.silent[peer].get_or_insert(now);
        self.probe &= !member(peer);
    }

    /// A peer has told up to where it has the log; since when it is to answer more, if it is. Answers
    /// may overtake each other, and in an epoch the log of a peer only grows.
    pub(super) fn answered(&mut self, peer: usize, has: u64, silent: Option<Ns>) {
        self.has[peer] = self.has[peer].max(has);
        self.silent[peer] = silent;
    }

    /// A peer has all that was in the log when the message that it has answered was sent (the rule by
    /// which a replica of Kafka catches up).
    pub(super) fn caught_up(&mut self, peer: usize) {
        self.live |= member(peer);
    }

    /// All connections are gone: nobody is waited for, and all are asked where they are, for what they
    /// were asked is gone as well.
    pub(super) fn lose_connections(&mut self) {
        self.silent.fill(None);
        self.probe = everybody(self.has.len());
    }

    /// Up to where a peer has told that it has the log.
    pub(super) fn has(&self, peer: usize) -> u64 {
        self.has[peer]
    }

    /// Up to where all peers have a log that ends at `end`.
    pub(super) fn all_have(&self, end: u64) -> u64 {
        let peers = self.has.iter().enumerate().filter(|&(p, _)| p != self.me);
        peers.map(|(_, &has)| has).min().unwrap_or(end)
    }

    /// A peer has not answered: it is asked again, also if there is nothing to ship.
    pub(super) fn missed(&mut self, peer: usize, now: Ns) {
        if self.silent[peer].is_some_and(|since| now >= since.saturating_add(SILENCE)) {
            self.live &= !member(peer);
        }
        self.probe |= member(peer);
    }

    /// Makes up the set to be told: those who live, and with `sync` have all that was acknowledged.
    /// While there are too few to write, or with `semi` nobody else among them has all of it, the last set
    /// stays: nothing is acknowledged that its members lack (as the eligible leader replicas of Kafka's
    /// KIP-966).
    pub(super) fn propose(&mut self, rule: Rule) {
        let has_all = |peer: &usize| self.has[*peer] >= self.acked;
        let others = (0..self.has.len()).filter(|&p| p != self.me && self.live & member(p) != 0);
        let kept = rule.ack != Ack::Semi || others.clone().any(|p| has_all(&p));
        if !(self.enough(rule) && kept || rule.degrade) {
            return;
        }
        let others = others.filter(|p| rule.ack != Ack::Sync || has_all(p));
        let members = others.fold(member(self.me), |set, p| set | member(p));
        self.told.version += u32::from(members != self.told.members);
        self.told.members = members;
        self.any |= members;
        self.every &= members;
    }

    /// The set that was told last is known to those who choose the next primary.
    pub(super) fn commit(&mut self) {
        self.any = self.told.members;
        self.every = self.told.members;
    }

    fn count(&self, set: Members) -> u64 {
        u64::from((set & !member(self.me)).count_ones())
    }

    /// Whether enough replicas are in sync to take writes.
    pub(super) fn enough(&self, rule: Rule) -> bool {
        match rule.ack {
            Ack::Async => true,
            Ack::Semi | Ack::Sync => self.count(self.live) >= rule.min,
            Ack::Quorum => self.count(self.live) >= self.has.len() as u64 / 2,
        }
    }

    /// Up to where the replicas have what it takes, in a log that ends at `end`.
    fn done(&self, rule: Rule, end: u64) -> u64 {
        let of = |set: Members| {
            let peers = self.has.iter().enumerate().filter(|&(p, _)| p != self.me);
            peers.filter(move |&(p, _)| set & member(p) != 0).map(|(_, &has)| has)
        };
        let all = everybody(self.has.len());
        match rule.ack {
            Ack::Async => end,
            Ack::Semi => of(self.every).max().unwrap_or(0),
            Ack::Sync => of(self.any | self.live).min().unwrap_or(end),
            Ack::Quorum => {
                let needed = self.has.len() / 2;
                let mut has: Vec<u64> = of(all).collect();
                // What so many have is what the last of them has, from the one who has most.
                let last = needed.checked_sub(1).filter(|last| *last < has.len());
                match last {
                    None => end,
                    Some(last) => *has.select_nth_unstable_by(last, |a, b| b.cmp(a)).1,
                }
            }
        }
    }

    /// Who must look again: those whose write is done, or all if it cannot be.
    pub(super) fn settle(&mut self, rule: Rule, end: u64, wake: &mut VecDeque<Ticket>) {
        if self.waiting.is_empty() {
            return;
        }
        let done = if self.enough(rule) { self.done(rule, end) } else { u64::MAX };
        self.waiting.retain(|&(position, ticket)| {
            if position <= done {
                wake.push_back(ticket);
            }
            position > done
        });
    }

    /// All who wait look again.
    pub(super) fn wake_all(&mut self, wake: &mut VecDeque<Ticket>) {
        wake.extend(self.waiting.drain(..).map(|(_, ticket)| ticket));
    }
}

impl Database {
    /// What becomes of a write that is in the log: done, failed, or to wait with that ticket. `epoch`
    /// is that of the primary that was asked for it: the version is older if the write was done
    /// before.
    pub(super) fn acknowledge(
        &mut self,
        (version, epoch): (Version, u32),
        ticket: Ticket,
        now: Ns,
    ) -> Flow {
        let (rule, peers) = (self.terms.rule, &mut self.peers);
        if rule.ack == Ack::Async {
            return Flow::Next;
        }
        let leads = self.leads && (!self.terms.fenced || now < self.lease_until);
        if !leads || epoch != self.epoch {
            return Flow::End(Outcome::NoPrimary);
        }
        if version.position() <= peers.done(rule, self.log.end()) {
            peers.acked = peers.acked.max(version.position());
            return Flow::Next;
        }
        if peers.enough(rule) {
            peers.waiting.push_back((version.position(), ticket));
            return Flow::Park;
        }
        if rule.degrade { Flow::Next } else { Flow::End(Outcome::NotEnoughReplicas) }
    }

    /// Whether a write may be taken at all.
    pub(super) fn may_write(&self) -> bool {
        self.terms.rule.degrade || self.peers.enough(self.terms.rule)
    }
}

impl World {
    /// A write waits for its replicas. It holds its connection, and no core.
    pub(super) fn await_ack(&mut self, index: u32) -> Flow {
        let now = self.now;
        let frame = &self.arena[index];
        let write = (Version(frame.value), frame.delivery as u32);
        let ticket = Ticket { index, since: frame.since };
        let Part::Database(database) = &mut self.nodes[frame.node.index()].part else {
            return Flow::Next;
        };
        database.acknowledge(write, ticket, now)
    }

    /// What a primary knows of its peers has changed: without watchers nobody needs to be told.
    pub(super) fn look_again(&mut self, node: NodeId) {
        let Part::Database(database) = &mut self.nodes[node.index()].part else { return };
        let rule = database.terms.rule;
        if !database.terms.watched {
            database.peers.propose(rule);
            database.peers.commit();
        }
        database.peers.settle(rule, database.log.end(), &mut self.ready);
    }

    /// Writes that wait at a node look again: it may have lost its role.
    pub(super) fn wake_writers(&mut self, node: NodeId) {
        if let Part::Database(database) = &mut self.nodes[node.index()].part {
            database.peers.wake_all(&mut self.ready);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(ack: Ack) -> Rule {
        Rule { ack, min: 1, degrade: false }
    }

    /// Node 0 of three; the others have the log up to these positions.
    fn peers(one: u64, two: u64) -> Peers {
        let mut peers = Peers::new(0, 3);
        peers.answered(1, one, None);
        peers.answered(2, two, None);
        peers
    }

    fn done(peers: &Peers) -> [u64; 4] {
        [Ack::Async, Ack::Semi, Ack::Sync, Ack::Quorum].map(|ack| peers.done(rule(ack), 9))
    }

    #[test]
    fn each_rule_waits_for_its_own() {
        assert_eq!(done(&peers(7, 4)), [9, 7, 4, 7]);
        let mut five = Peers::new(0, 5);
        (1..5).for_each(|p| five.answered(p, p as u64, None));
        assert_eq!(done(&five), [9, 4, 1, 3], "the third of five has 3");
        assert_eq!(done(&Peers::new(0, 1)), [9, 0, 9, 9]);
    }

    /// Has peer 2 be silent for so long.
    fn silent(peers: &mut Peers, length: Ns) {
        peers.sends(2, 100);
        peers.missed(2, 100 + length);
    }

    #[test]
    fn two_seconds_of_silence_end_the_membership_once_it_is_told() {
        let mut p = peers(7, 4);
        silent(&mut p, SILENCE - 1);
        assert_eq!(p.live, 0b111);
        silent(&mut p, SILENCE);
        assert_eq!(p.live, 0b011);
        assert_eq!(p.done(rule(Ack::Sync), 9), 4, "nobody has been told");
        p.propose(rule(Ack::Sync));
        assert_eq!(p.done(rule(Ack::Sync), 9), 4, "perhaps nobody has heard it");
        p.commit();
        assert_eq!((p.done(rule(Ack::Sync), 9), p.told.members, p.told.version), (7, 0b011, 1));
    }

    #[test]
    fn who_comes_back_is_waited_for_at_once_and_counts_for_semi_when_it_is_told() {
        let mut p = peers(3, 4);
        silent(&mut p, SILENCE);
        p.propose(rule(Ack::Sync));
        p.commit();
        p.answered(2, 5, None);
        assert_eq!(p.live, 0b011, "it lacks some of what was sent");
        p.answered(2, 9, None);
        p.caught_up(2);
        assert_eq!((p.done(rule(Ack::Sync), 9), p.done(rule(Ack::Semi), 9)), (3, 3));
        p.propose(rule(Ack::Sync));
        p.commit();
        assert_eq!((p.told.members, p.done(rule(Ack::Semi), 9)), (0b111, 9));
    }

    #[test]
    fn who_lacks_an_acknowledged_write_does_not_join() {
        let mut p = peers(8, 0);
        (p.live, p.acked) = (0b111, 8);
        p.propose(rule(Ack::Sync));
        assert_eq!(p.told.members, 0b011);
        p.answered(2, 8, None);
        p.propose(rule(Ack::Sync));
        assert_eq!(p.told.members, 0b111);
    }

    #[test]
    fn who_may_be_the_only_other_one_with_a_write_does_not_leave_a_semi_set() {
        let mut p = peers(4, 8);
        p.acked = 8;
        silent(&mut p, SILENCE);
        p.propose(rule(Ack::Semi));
        assert_eq!(p.told.members, 0b111, "peer 1 lacks what peer 2 has confirmed");
        p.answered(1, 8, None);
        p.propose(rule(Ack::Semi));
        assert_eq!(p.told.members, 0b011);
    }

    #[test]
    fn a_new_primary_leaves_out_those_who_did_not_answer_unless_they_may_be_needed() {
        for (ack, told) in [(Ack::Sync, 0b101), (Ack::Quorum, 0b101), (Ack::Semi, 0b111)] {
            let mut p = peers(0, 0);
            p.lead(2, (0b111, 0b101), ack, 8);
            assert_eq!((p.told.members, p.live), (told, 0b101), "{ack:?}");
            p.answered(2, 8, None);
            p.propose(rule(ack));
            assert_eq!(p.told.members, 0b101, "{ack:?}");
        }
    }

    #[test]
    fn too_few_in_sync_is_too_few() {
        let mut p = peers(7, 4);
        let strict = Rule { min: 2, ..rule(Ack::Sync) };
        assert!(p.enough(strict));
        silent(&mut p, SILENCE);
        assert!(!p.enough(strict) && p.enough(rule(Ack::Sync)) && p.enough(rule(Ack::Quorum)));
        p.sends(1, 0);
        p.missed(1, SILENCE);
        assert!(!p.enough(rule(Ack::Quorum)) && !p.enough(rule(Ack::Semi)));
        assert!(p.enough(rule(Ack::Async)) && p.owed(1));
    }

    #[test]
    fn it_travels_whole() {
        let seq = 1;
        let mut frame = Frame::new(seq, NodeId(0), crate::sim::program::Pc(0), 0);
        let members = member(0) | member(63) | member(64) | member(99) | member(127);
        let told = InSync { epoch: u32::MAX, version: 70_000, members };
        told.put(&mut frame);
        assert_eq!((InSync::of(&frame), frame.value as u32), (told, u32::MAX));
    }

    #[test]
    fn those_who_wait_are_woken_when_it_is_done_or_cannot_be() {
        let mut p = peers(7, 4);
        let ticket = |index| Ticket { index, since: 1 };
        p.waiting.extend([(5, ticket(5)), (8, ticket(8))]);
        let mut woken = VecDeque::new();
        p.settle(rule(Ack::Semi), 9, &mut woken);
        assert_eq!((woken.len(), p.waiting.len()), (1, 1));
        p.settle(Rule { min: 3, ..rule(Ack::Semi) }, 9, &mut woken);
        assert_eq!((woken.len(), p.waiting.len()), (2, 0));
    }
}
