//! A node of a database: a real log with epochs, real versions of rows, a role.
//!
//! The primary of an epoch appends to its log and ships it to the others, one batch in flight for
//! each. A replica answers when it has received and synced, and applies what it has one by one: that
//! is the lag. Whoever hears of a newer epoch gives up the role, follows, and throws away what the
//! new primary does not have.

use crate::sim::frame::{Frame, Ticket};
use crate::sim::id::NodeId;
use crate::sim::log::{Log, Version, Write};
use crate::sim::node::Part;
use crate::sim::observation::{Observer, Outcome};
use crate::sim::pages::Pages;
use crate::sim::program::Flow;
use crate::sim::reading::PartReading;
use crate::sim::spec::{Ack, Prefer};
use crate::sim::time::{Ns, SECOND};
use crate::sim::world::World;
use std::collections::{BTreeSet, VecDeque};

pub(crate) mod in_sync;
mod lease;
mod merge;
mod replicate;

use in_sync::{InSync, Peers, Rule};

/// Operations of the programs of a database's nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DatabaseOp {
    /// Fails `no_primary` unless the node may act as primary.
    MustLead,
    /// Fails `no_primary` unless the node may act as primary, or any node may read.
    MayRead,
    /// Reads a row.
    ReadRow,
    /// Appends a write to the log and applies it.
    Append,
    /// Waits until the replicas have the write that makes it count as done.
    AwaitAck,
    /// Waits until there is something to ship to a peer.
    NextBatch,
    /// Takes a batch of the primary.
    Receive,
    /// The answer to a batch.
    Shipped,
    /// Waits until there is something to apply.
    NextApply,
    /// An entry is applied.
    Applied,
    /// Answers the beat of a watcher.
    HearBeat,
    /// Tells who is primary.
    TellWho,
    /// Tells the newest entry of the log, to a watcher that chooses.
    Inspect,
    /// A promotion begins.
    Prepare,
    /// Applies the rest of the log.
    Replay,
    /// Becomes primary.
    Lead,
    /// Waits until it is time to ask for a lease.
    LeaseDue,
    /// Asks for a lease, and steps down if the last one is over.
    LeaseAsk,
    /// A watcher's answer about a lease.
    LeaseAnswer,
    /// A majority has granted a lease, or has not.
    Leased,
}

/// Entries that a primary ships in one message, at most.
pub(crate) const BATCH: u64 = 1024;

/// What the settings of a database and of its watchers ask of its nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Whether a primary needs a lease to act.
    pub(crate) fenced: bool,
    /// Whether there are watchers.
    pub(crate) watched: bool,
    /// When a write is acknowledged.
    pub(crate) rule: Rule,
    /// What matters more while nodes do not hear each other.
    pub(crate) prefer: Prefer,
    /// Whether nodes read that may not act as primary.
    pub(crate) any_reads: bool,
}

/// The state of one node of a database.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    /// Its index in the database.
    index: u16,
    /// Whether it holds the role of primary.
    leads: bool,
    terms: Terms,
    /// The newest epoch that it knows.
    epoch: u32,
    /// The primary that it follows; itself if it leads.
    leader: u16,
    log: Log,
    applied: u64,
    /// Versions of rows, as applied.
    rows: Pages,
    /// As primary: what each peer is known to have.
    shipped: Vec<u64>,
    peers: Peers,
    shippers: Vec<Ticket>,
    applier: Ticket,
    leaser: Ticket,
    /// Until when it may act as primary.
    lease_until: Ns,
    /// When it last asked for a lease.
    lease_asked: Ns,
    /// Whether it has a lease whose end has not been noticed.
    leased: bool,
    /// When the promotion that goes on began and is due.
    promoting: Option<(Ns, Ns)>,
    /// How long the last entry that it applied was under way.
    last_lag: Ns,
    /// Entries that it had to give up, for its primary to merge.
    diverged: Vec<(Version, Write)>,
    /// Up to where entries of older epochs have been merged, by epoch.
    merged: Vec<(u32, u64)>,
}

/// Takes the ticket of somebody who waits, if somebody does.
fn take_ticket(ticket: &mut Ticket) -> Option<Ticket> {
    let taken = std::mem::replace(ticket, Ticket::NOBODY);
    (taken != Ticket::NOBODY).then_some(taken)
}

impl Database {
    pub(crate) fn new(index: u16, nodes: usize, terms: Terms) -> Database {
        Database {
            index,
            leads: index == 0,
            terms,
            epoch: 1,
            leader: 0,
            log: Log::default(),
            applied: 0,
            rows: Pages::default(),
            shipped: vec![0; nodes],
            peers: Peers::new(usize::from(index), nodes),
            shippers: vec![Ticket::NOBODY; nodes],
            applier: Ticket::NOBODY,
            leaser: Ticket::NOBODY,
            // A cluster starts with a primary that has just got its lease.
            lease_until: SECOND,
            lease_asked: 0,
            leased: index == 0,
            promoting: None,
            last_lag: 0,
            diverged: Vec::new(),
            merged: Vec::new(),
        }
    }

    /// Whether it may act as primary.
    #[inline]
    pub(crate) fn may_lead(&self, now: Ns) -> bool {
        self.leads && (!self.terms.fenced || now < self.lease_until)
    }

    /// Other terms from now on; whoever waits because of the old ones is woken.
    pub(crate) fn set_terms(&mut self, terms: Terms, ready: &mut VecDeque<Ticket>) {
        if self.terms == terms {
            return;
        }
        self.terms = terms;
        if terms.rule.ack != Ack::Async {
            self.peers.ask_the_missing();
        }
        self.peers.wake_all(ready);
        let waiting = self.shippers.iter_mut().chain(std::iter::once(&mut self.leaser));
        ready.extend(waiting.filter_map(take_ticket));
    }

    /// The newest epoch that it knows.
    pub(crate) fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The in-sync set that it told last as primary.
    pub(crate) fn in_sync(&self) -> InSync {
        self.peers.told()
    }

    /// Takes up an epoch and its primary, if it is not older than its own; true if it gave up the
    /// role for that.
    fn follow(&mut self, epoch: u32, leader: u16) -> bool {
        if epoch < self.epoch || (epoch == self.epoch && self.leads) {
            return false;
        }
        let led = self.leads;
        self.epoch = epoch;
        self.leader = leader;
        self.leads = led && leader == self.index;
        led && !self.leads
    }

    /// Refuses all older epochs from now on; true if it gave up the role for that.
    fn promise(&mut self, epoch: u32) -> bool {
        let led = self.leads && epoch > self.epoch;
        self.leads &= !led;
        self.epoch = self.epoch.max(epoch);
        led
    }

    /// Appends and applies a write as primary; returns its version.
    fn append(&mut self, row: u32, now: Ns) -> Version {
        let position = self.log.append(self.epoch, Write { row, at: now });
        let version = Version::new(self.epoch, position);
        self.rows.set(row, version.0);
        self.applied = position;
        version
    }

    /// Applies the next entry.
    fn apply(&mut self, now: Ns) {
        if self.applied >= self.log.end() {
            return;
        }
        self.applied += 1;
        let write = self.log.get(self.applied);
        let version = Version::new(self.log.epoch_at(self.applied), self.applied);
        self.rows.set(write.row, version.0);
        self.last_lag = now - write.at;
    }

    /// Throws away the log after a position, and the versions of rows that came from there; returns
    /// how many entries that were.
    fn discard(&mut self, end: u64) -> u64 {
        let entries = self.log.end() - end;
        let mut rows: BTreeSet<u32> =
            (end + 1..=self.applied).map(|position| self.log.get(position).row).collect();
        rows.retain(|&row| Version(self.rows.get(row)).position() > end);
        for &row in &rows {
            self.rows.set(row, 0);
        }
        let mut position = end;
        while position > 0 && !rows.is_empty() {
            let row = self.log.get(position).row;
            if rows.remove(&row) {
                self.rows.set(row, Version::new(self.log.epoch_at(position), position).0);
            }
            position -= 1;
        }
        self.log.truncate(end);
        self.applied = self.applied.min(end);
        entries
    }

    /// What to ship next to a peer: so many entries at most.
    fn batch(&self, peer: usize, most: u64) -> Option<u64> {
        let from = self.shipped[peer];
        let end = self.log.end();
        (self.leads && (from < end || self.peers.owed(peer))).then(|| end.min(from + most))
    }

    /// Its process has died: the log stays, who waited is gone.
    pub(crate) fn crash(&mut self) {
        self.peers.wake_all(&mut VecDeque::new());
        self.shippers.fill(Ticket::NOBODY);
        self.applier = Ticket::NOBODY;
        self.leaser = Ticket::NOBODY;
        self.lease_until = 0;
        self.lease_asked = 0;
        self.leased = false;
        self.promoting = None;
    }

    pub(crate) fn reading(&self, now: Ns, primary: Option<&Database>) -> PartReading {
        let newest = self.log.newest();
        PartReading::Database {
            primary: self.may_lead(now),
            epoch: self.epoch,
            log_epoch: newest.epoch(),
            log_position: newest.position(),
            applied: self.applied,
            lag: primary.map_or(0, |p| self.lag(now, p)),
            promoting: self.promoting,
        }
    }

    /// Which node it follows.
    pub(crate) fn leader(&self) -> u16 {
        self.leader
    }

    /// The age of the oldest write of the primary that it has not applied; if it has all, how long the
    /// last one took.
    fn lag(&self, now: Ns, primary: &Database) -> Ns {
        if primary.index == self.index {
            return 0;
        }
        if self.applied < primary.log.end() {
            let oldest = now - primary.log.get(self.applied + 1).at;
            return oldest.max(self.last_lag);
        }
        let newest = if self.applied == 0 { 0 } else { self.log.get(self.applied).at };
        if now - newest < SECOND { self.last_lag } else { 0 }
    }
}

impl World {
    /// The state of a database's node.
    pub(in crate::sim) fn database_of(&mut self, node: NodeId) -> Option<&mut Database> {
        match &mut self.nodes[node.index()].part {
            Part::Database(database) => Some(database),
            _ => None,
        }
    }

    fn wake(&mut self, ticket: Ticket) {
        if ticket != Ticket::NOBODY {
            self.ready.push_back(ticket);
        }
    }

    pub(in crate::sim) fn database_op<O: Observer>(
        &mut self,
        op: DatabaseOp,
        index: u32,
        out: &mut O,
    ) -> Flow {
        let now = self.now;
        let most = self.batch_max();
        let frame: &mut Frame = &mut self.arena[index];
        let me = frame.node;
        let ticket = Ticket { index, since: frame.since };
        let Part::Database(database) = &mut self.nodes[me.index()].part else { return Flow::Next };
        match op {
            DatabaseOp::MustLead => {
                if !database.may_lead(now) {
                    return Flow::End(Outcome::NoPrimary);
                }
            }
            DatabaseOp::MayRead => {
                if !database.terms.any_reads && !database.may_lead(now) {
                    return Flow::End(Outcome::NoPrimary);
                }
            }
            DatabaseOp::ReadRow => frame.value = database.rows.get(frame.key),
            DatabaseOp::Append => {
                if !database.may_lead(now) {
                    return Flow::End(Outcome::NoPrimary);
                }
                if !database.may_write() {
                    return Flow::End(Outcome::NotEnoughReplicas);
                }
                frame.value = database.append(frame.key, now).0;
                let (request, step) = (frame.request, frame.step);
                let (link, caller) = (frame.link, frame.caller);
                for peer in 0..database.shippers.len() {
                    let shipper = std::mem::replace(&mut database.shippers[peer], Ticket::NOBODY);
                    if shipper != Ticket::NOBODY {
                        self.ready.push_back(shipper);
                    }
                }
                if request != 0 {
                    self.commit_effect(request, step, link, caller);
                }
            }
            DatabaseOp::NextBatch => {
                if let Some(end) = database.batch(frame.local as usize, most) {
                    frame.value = end;
                    frame.floor = database.shipped[frame.local as usize];
                    database.peers.sends(frame.local as usize, database.log.end(), now);
                } else {
                    database.shippers[frame.local as usize] = ticket;
                    return Flow::Park;
                }
            }
            DatabaseOp::AwaitAck => return self.await_ack(index),
            DatabaseOp::Shipped => self.batch_answered(index, out),
            DatabaseOp::NextApply => {
                if database.leads || database.applied >= database.log.end() {
                    database.applier = ticket;
                    return Flow::Park;
                }
            }
            DatabaseOp::Applied => {
                if !database.leads {
                    database.apply(now);
                }
            }
            DatabaseOp::TellWho => {
                frame.value = u64::from(database.leader) + 1;
            }
            DatabaseOp::Prepare => {
                let due = now.saturating_add(self.promotion_length(me));
                if let Some(database) = self.database_of(me) {
                    database.promoting = Some((now, due));
                }
            }
            DatabaseOp::Replay => return self.replay(me),
            DatabaseOp::Receive => return self.receive(index, out),
            DatabaseOp::HearBeat => self.hear_beat(index, out),
            DatabaseOp::Inspect => self.inspect(index, out),
            DatabaseOp::Lead => return self.lead(index, out),
            DatabaseOp::LeaseDue => return self.lease_due(index),
            DatabaseOp::LeaseAsk => self.lease_ask(index, out),
            DatabaseOp::LeaseAnswer => self.lease_answer(index, out),
            DatabaseOp::Leased => self.leased(index),
        }
        Flow::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms {
        fenced: false,
        watched: true,
        rule: Rule { ack: Ack::Async, min: 1, degrade: false },
        prefer: Prefer::Consistency,
        any_reads: false,
    };

    pub(super) fn database(index: u16) -> Database {
        Database::new(index, 3, TERMS)
    }

    #[test]
    fn what_is_discarded_uncovers_what_was_before() {
        let mut d = database(0);
        for row in [1, 2, 1, 3] {
            d.append(row, 0);
        }
        assert_eq!(d.discard(2), 2);
        assert_eq!((d.rows.get(1), d.rows.get(3)), (Version::new(1, 1).0, 0));
        assert_eq!((d.applied, d.log.end()), (2, 2));
    }

    #[test]
    fn a_newer_epoch_takes_the_role_away() {
        let mut d = database(0);
        assert!(!d.follow(1, 1), "the same epoch changes nothing");
        assert!(d.follow(2, 1));
        assert!(!d.may_lead(0));
        assert!(!d.follow(3, 2), "it did not lead any more");
    }

    #[test]
    fn the_lease_ends_the_role() {
        let mut d = Database::new(0, 3, Terms { fenced: true, ..TERMS });
        d.lease_until = 10;
        assert!(d.may_lead(9) && !d.may_lead(10));
        d.set_terms(TERMS, &mut VecDeque::new());
        assert!(d.may_lead(10));
    }

    #[test]
    fn lag_is_the_age_of_the_oldest_write_that_is_missing() {
        let (mut primary, mut replica) = (database(0), database(1));
        primary.append(1, 100);
        primary.append(2, 300);
        assert_eq!(replica.lag(1000, &primary), 900);
        for position in 1..=2 {
            replica.log.append(1, primary.log.get(position));
            replica.apply(1100);
        }
        assert_eq!(replica.lag(1100, &primary), 800, "how long the last one took");
        assert_eq!(replica.lag(2 * SECOND, &primary), 0, "long ago");
    }
}
