//! A node of a database: a real log with epochs, real versions of rows, a role.
//!
//! The primary of an epoch appends to its log and streams it to the others. A replica answers when it has received and synced, and applies what it has one by one: that
//! is the lag. Whoever hears of a newer epoch gives up the role, follows, and throws away what the
//! new primary does not have.

use crate::sim::book::Versions;
use crate::sim::frame::{Frame, Ticket};
use crate::sim::id::NodeId;
use crate::sim::log::{CHUNK, Key, Log, Version, Write};
use crate::sim::node::Part;
use crate::sim::observation::{Observer, Outcome};
use crate::sim::pages::Pages;
use crate::sim::part::client::told;
use crate::sim::part::own::PRIMARY_ONLY;
use crate::sim::program::Flow;
use crate::sim::reading::PartReading;
use crate::sim::spec::{Ack, Prefer};
use crate::sim::time::{Ns, SECOND};
use crate::sim::world::World;
use std::collections::VecDeque;
use std::sync::Arc;

pub(in crate::sim) mod batch;
pub(crate) mod in_sync;
mod keys;
mod lease;
mod merge;
mod replicate;
mod stream;

use batch::Restore;
use in_sync::{Peers, Rule};
use merge::Aside;
use stream::Stream;

/// Operations of the programs of a database's nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DatabaseOp {
    /// Fails `no_primary` unless the node may act as primary.
    MustLead,
    /// Fails `no_primary` unless the node may act as primary, or any node may read.
    MayRead,
    /// Reads a row as it is when the statement begins, which is what `PostgreSQL` and `InnoDB` show.
    ReadRow,
    /// Fails `no_primary` if the node has lost the role meanwhile, and only a primary may read.
    MayAnswer,
    /// Appends a write to the log and applies it, unless its key says that it is done.
    Append,
    /// Waits until the replicas have the write that makes it count as done.
    AwaitAck,
    /// Waits until there is something to ship to a peer; then that was good.
    NextBatch,
    /// Waits until a batch of the primary is on disk.
    Sync,
    /// Takes a batch of the primary.
    Receive,
    /// A snapshot is complete, if that was one.
    Restored,
    /// The answer to a batch, or none.
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
    /// Waits for the next entry of the rest of the log, if there is one.
    Replay,
    /// That entry is applied.
    Replayed,
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

/// What the settings of a database and of its watchers ask of its nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own, and all combine")]
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
    /// Whether reads say which version they need, of what their user wrote.
    pub(crate) own_writes: bool,
    /// Entries of the log that a primary keeps for nodes that lack them, at most.
    pub(crate) keep: u64,
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
    /// Which writes are done, as applied.
    keys: Versions,
    /// As primary: what was sent to each peer.
    streams: Vec<Stream>,
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
    /// Of which epoch it is to be primary, and whether it applies the rest of its log for that.
    promised: u32,
    replaying: bool,
    /// How long the last entry that it applied was under way.
    last_lag: Ns,
    /// When the last write that it applied was taken by its primary.
    last_at: Ns,
    /// Entries that it had to give up, for its primary to merge.
    diverged: Aside,
    /// The newest epoch in which it was primary; 0 if it never was.
    led: u32,
    /// Logs as they were at the end of such epochs, before some of them was thrown away.
    retired: Vec<(u32, Arc<Log>)>,
    /// A snapshot of its primary that is being copied.
    restoring: Option<Box<Restore>>,
}

/// Takes the ticket of somebody who waits, if somebody does.
fn take_ticket(ticket: &mut Ticket) -> Option<Ticket> {
    let taken = std::mem::replace(ticket, Ticket::NOBODY);
    (taken != Ticket::NOBODY).then_some(taken)
}

impl Database {
    /// At time 0: a cluster starts with a primary that has just got a lease, until `lease`.
    pub(crate) fn new(index: u16, nodes: usize, terms: Terms, lease: Ns) -> Database {
        Database {
            index,
            leads: index == 0,
            terms,
            epoch: 1,
            leader: 0,
            log: Log::default(),
            applied: 0,
            rows: Pages::default(),
            keys: Versions::default(),
            streams: vec![Stream::default(); nodes],
            peers: Peers::new(usize::from(index), nodes),
            shippers: vec![Ticket::NOBODY; nodes],
            applier: Ticket::NOBODY,
            leaser: Ticket::NOBODY,
            lease_until: lease,
            lease_asked: 0,
            leased: index == 0,
            promoting: None,
            promised: 0,
            replaying: false,
            last_lag: 0,
            last_at: 0,
            diverged: Aside::default(),
            led: u32::from(index == 0),
            retired: Vec::new(),
            restoring: None,
        }
    }

    /// Whether it may act as primary.
    #[inline]
    pub(crate) fn may_lead(&self, now: Ns) -> bool {
        self.leads && (!self.terms.fenced || now < self.lease_until)
    }

    /// Why it does not answer a read; `None` if it does.
    #[inline]
    fn refuses_read(&self, frame: &Frame, now: Ns) -> Option<Outcome> {
        if self.may_lead(now) {
            return None;
        }
        if !self.terms.any_reads {
            return Some(Outcome::NoPrimary);
        }
        let lacks = self.terms.own_writes && frame.value > self.rows.get(frame.key);
        let last = frame.value == PRIMARY_ONLY;
        lacks.then_some(if last { Outcome::NoPrimary } else { Outcome::Miss })
    }

    /// Other terms from now on; whoever waits because of the old ones is woken. Who needs a lease from
    /// now on may act until `grace` without one, or the change itself would cost availability; the
    /// watchers count it as a lease of theirs.
    pub(crate) fn set_terms(&mut self, terms: Terms, grace: Ns, ready: &mut VecDeque<Ticket>) {
        if self.terms == terms {
            return;
        }
        if terms.fenced && !self.terms.fenced && self.leads {
            self.lease_until = self.lease_until.max(grace);
            self.leased = true;
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

    /// Whether it is about to be primary, and nobody has asked for a newer epoch.
    fn is_promoting(&self) -> bool {
        self.promoting.is_some() && self.promised >= self.epoch
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

    /// Appends and applies a write without a key, as [`Database::append_keyed`].
    #[cfg(test)]
    fn append(&mut self, row: u32, now: Ns) -> Version {
        self.append_keyed(row, now, None)
    }

    /// Appends and applies a write as primary, which does what these keys stand for; returns its
    /// version.
    fn append_keyed(
        &mut self,
        row: u32,
        now: Ns,
        keys: impl IntoIterator<Item = Key, IntoIter: Clone>,
    ) -> Version {
        let before = Version(self.rows.get(row));
        let (epoch, keys) = (self.epoch, keys.into_iter());
        let position = self.log.append_keyed(epoch, Write { row, at: now, before }, keys.clone());
        let version = Version::new(epoch, position);
        keys.for_each(|key| self.keys.remember(key, version));
        self.rows.set(row, version.0);
        (self.applied, self.last_at, self.last_lag) = (position, now, 0);
        if position.is_multiple_of(CHUNK as u64) {
            self.trim();
        }
        version
    }

    /// Applies the next entry.
    fn apply(&mut self, now: Ns) {
        let Some(write) = self.log.get(self.applied + 1) else { return };
        self.applied += 1;
        let version = Version::new(self.log.epoch_at(self.applied), self.applied);
        self.rows.set(write.row, version.0);
        self.log.keys_at(self.applied).for_each(|key| self.keys.remember(key, version));
        (self.last_lag, self.last_at) = (now - write.at, write.at);
    }

    /// Throws away the log after a position, and the versions of rows that came from there; returns
    /// how many entries that were.
    fn discard(&mut self, end: u64) -> u64 {
        let entries = self.log.end() - end;
        for (_, write) in self.log.entries(end, self.applied).rev() {
            self.rows.set(write.row, write.before.0);
        }
        self.log.truncate(end);
        self.applied = self.applied.min(end);
        entries
    }

    /// Its process has died: the log stays, who waited is gone.
    pub(crate) fn crash(&mut self) {
        self.peers.wake_all(&mut VecDeque::new());
        self.shippers.fill(Ticket::NOBODY);
        self.lose_connections();
        self.applier = Ticket::NOBODY;
        self.leaser = Ticket::NOBODY;
        self.lease_until = 0;
        self.lease_asked = 0;
        self.leased = false;
        self.promoting = None;
        self.replaying = false;
        self.restoring = None;
    }

    /// What it takes in memory, about.
    pub(crate) fn held_bytes(&self) -> usize {
        let retired = self.retired.iter().map(|(_, log)| log.held_bytes());
        self.log.held_bytes()
            + self.rows.held_bytes()
            + retired.sum::<usize>()
            + self.diverged.held_bytes()
            + self.keys.held_bytes()
    }

    /// Whether its log has all that it has not applied, and no more applied than it has.
    pub(crate) fn is_sound(&self) -> bool {
        (self.log.base()..=self.log.end()).contains(&self.applied)
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

    /// Whether its log has the newest entry of another: of a position and an epoch there is only one.
    pub(crate) fn has_newest_of(&self, other: &Database) -> bool {
        let entry = other.log.newest();
        let position = entry.position();
        position <= self.log.end() && self.log.epoch_at(position) == entry.epoch()
    }

    /// Which node it follows.
    pub(crate) fn leader(&self) -> u16 {
        self.leader
    }

    /// The age of the oldest write of the primary that it has not applied: so old is what it reads. If
    /// that is younger, or it has all, how long the last one took, as long as that one is of the last
    /// second: what waited through a cut and is applied says nothing of now. (`replay_lag` in
    /// `pg_stat_replication` goes on showing the last one for a short time, too.)
    fn lag(&self, now: Ns, primary: &Database) -> Ns {
        if primary.index == self.index {
            return 0;
        }
        let missing = self.applied < primary.log.end();
        let oldest = match primary.log.get(self.applied + 1).filter(|_| missing) {
            // The primary has trimmed it: it is younger than the last one here, and not by much.
            Some(_) if self.applied < primary.log.base() => now - self.last_at,
            Some(write) => now - write.at,
            None => 0,
        };
        let last = if now - self.last_at < SECOND { self.last_lag } else { 0 };
        oldest.max(last)
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
                if let Some(why) = database.refuses_read(frame, now) {
                    return Flow::End(why);
                }
            }
            DatabaseOp::ReadRow => {
                // It may have given up the role while the read waited for a core.
                if let Some(why) = database.refuses_read(frame, now) {
                    return Flow::End(why);
                }
                frame.value = database.rows.get(frame.key);
            }
            DatabaseOp::MayAnswer => {
                if !database.may_lead(now) && !database.terms.any_reads {
                    return Flow::End(Outcome::NoPrimary);
                }
            }
            DatabaseOp::Append => return self.take_write(index, out),
            DatabaseOp::NextBatch => return self.ship(index),
            DatabaseOp::AwaitAck => return self.await_ack(index),
            DatabaseOp::Shipped => self.message_answered(index, out),
            DatabaseOp::NextApply => {
                let busy = database.restoring.is_some() || database.replaying;
                if database.leads || busy || database.applied >= database.log.end() {
                    database.applier = ticket;
                    return Flow::Park;
                }
            }
            DatabaseOp::Applied => {
                if !database.leads && database.restoring.is_none() {
                    database.apply(now);
                }
            }
            DatabaseOp::TellWho => {
                frame.value = told(database.epoch, Some(database.leader));
            }
            DatabaseOp::Prepare => return self.prepare(index),
            DatabaseOp::Replay => return self.replay(index),
            DatabaseOp::Replayed => {
                if frame.result == Outcome::Ok {
                    database.apply(now);
                }
            }
            DatabaseOp::Sync => return self.sync(index),
            DatabaseOp::Receive => return self.receive(index, out),
            DatabaseOp::Restored => return self.copied(index, out),
            DatabaseOp::HearBeat => self.hear_beat(index, out),
            DatabaseOp::Inspect => self.inspect(index, out),
            DatabaseOp::Lead => return self.lead(index, out),
            DatabaseOp::LeaseDue => return self.lease_due(index),
            DatabaseOp::LeaseAsk => return self.lease_ask(index, out),
            DatabaseOp::LeaseAnswer => self.lease_answer(index, out),
            DatabaseOp::Leased => self.leased(index),
        }
        Flow::Next
    }
}

#[cfg(test)]
mod tests;
