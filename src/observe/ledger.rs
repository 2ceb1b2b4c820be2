//! The truth about data: which acknowledged writes there still are.
//!
//! The ledger holds the *official history* of each database: which epoch wrote the log up to which
//! position. It changes when a node is promoted: what that node's log lacks is gone. An acknowledged
//! write is lost if it is not part of the official history. That can be found out at any time, so a
//! write that comes back (its old primary is promoted again, or a primary merges it) is no longer
//! lost. An acknowledged write that a merge overwrote unseen is a conflict.
//!
//! What was done twice, and what was written and never published, are entries of logs as well: they count
//! while the official history has them. An order whose write is gone is a lost write, if it was
//! acknowledged, and not one that waits for its message.

use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::{Acknowledged, Event, Giver};
use std::cmp::Ordering;
use std::collections::BTreeSet;

mod positions;

use positions::{ByEpoch, Positions};

/// A part of the official history: what `epoch` wrote, up to `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    epoch: u32,
    last: u64,
}

/// The end of a node's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogEnd {
    /// The epoch of its last entry.
    pub epoch: u32,
    /// The position of its last entry.
    pub position: u64,
}

/// Entries of an epoch that a primary merged into its log, which then ended at `log`.
#[derive(Clone, Copy, Debug)]
struct Merged {
    epoch: u32,
    after: u64,
    last: u64,
    log: LogEnd,
}

/// The truth about one database.
#[derive(Clone, Debug)]
struct Database {
    component: ComponentId,
    /// That of the last promotion.
    epoch: u32,
    history: Vec<Segment>,
    acknowledged: ByEpoch,
    /// Entries that their log had already when they were appended.
    doubled: ByEpoch,
    /// Entries about which nobody publishes a message.
    unpublished: ByEpoch,
    count: u64,
    lost: u64,
    /// By who gave them.
    stale: [u64; Giver::COUNT],
    merged: Vec<Merged>,
    overwritten: BTreeSet<(u32, u64)>,
    conflicts: u64,
}

impl Database {
    fn acknowledge(&mut self, epoch: u32, position: u64) {
        if self.acknowledged.insert(epoch, position) {
            self.count += 1;
            self.lost += u64::from(!self.holds(epoch, position) && !self.restored(epoch, position));
            let overwritten = !self.overwritten.is_empty();
            let conflict = overwritten && self.overwritten.contains(&(epoch, position));
            self.conflicts += u64::from(conflict);
        }
    }

    /// Whether a merge brought a write back, and the official history still has what it made of it.
    fn restored(&self, epoch: u32, position: u64) -> bool {
        let brings = |m: &Merged| m.epoch == epoch && position > m.after && position <= m.last;
        self.merged.iter().any(|m| brings(m) && self.holds(m.log.epoch, m.log.position))
    }

    fn merge(&mut self, merged: Merged) {
        self.merged.push(merged);
        self.lost = self.count_lost();
    }

    /// A merge overwrote a write unseen.
    fn overwrite(&mut self, epoch: u32, position: u64) {
        let acknowledged = self.acknowledged.of(epoch).is_some_and(|set| set.contains(position));
        if self.overwritten.insert((epoch, position)) {
            self.conflicts += u64::from(acknowledged);
        }
    }

    fn count_lost(&self) -> u64 {
        self.acknowledged.iter().map(|(epoch, set)| self.missing(epoch, set)).sum()
    }

    /// Entries that are there twice. Those of them that a merge brings are told anew.
    fn count_doubled(&self) -> u64 {
        let there = |(epoch, set): (u32, &Positions)| set.len() - set.above(self.last(epoch));
        self.doubled.iter().map(there).sum()
    }

    /// Entries that are there and about which nobody publishes a message.
    fn count_unpublished(&self) -> u64 {
        let there = |(epoch, set): (u32, &Positions)| set.len() - self.missing(epoch, set);
        self.unpublished.iter().map(there).sum()
    }

    /// Up to where the official history has what an epoch wrote.
    fn last(&self, epoch: u32) -> u64 {
        self.history.iter().find(|s| s.epoch == epoch).map_or(0, |s| s.last)
    }

    fn holds(&self, epoch: u32, position: u64) -> bool {
        self.history.iter().rev().any(|s| s.epoch == epoch && position <= s.last)
    }

    /// The log of a new primary becomes the official history. One whose epoch is over when it wakes up
    /// and takes the role changes nothing: nobody follows it.
    fn promote(&mut self, log: LogEnd, epoch: u32) {
        if epoch < self.epoch {
            return;
        }
        self.epoch = epoch;
        self.history.retain(|s| s.epoch < log.epoch);
        self.history.push(Segment { epoch: log.epoch, last: log.position });
        if epoch > log.epoch {
            self.history.push(Segment { epoch, last: u64::MAX });
        }
        self.lost = self.count_lost();
    }

    /// Of the writes acknowledged in `epoch`, those that the official history lacks and no merge has
    /// brought back.
    fn missing(&self, epoch: u32, set: &Positions) -> u64 {
        let last = self.last(epoch);
        let there = self.merged.iter().filter(|m| m.epoch == epoch);
        let back = there.filter(|m| self.holds(m.log.epoch, m.log.position));
        let restored = back.map(|m| set.above(m.after.max(last)) - set.above(m.last.max(last)));
        set.above(last) - restored.sum::<u64>()
    }

    /// Acknowledged and not lost, and beyond that end of a log.
    fn beyond(&self, log: LogEnd) -> u64 {
        let held = |(epoch, set): (u32, &Positions)| {
            let all = match epoch.cmp(&log.epoch) {
                Ordering::Less => 0,
                Ordering::Equal => set.above(log.position),
                Ordering::Greater => set.len(),
            };
            all.saturating_sub(self.missing(epoch, set))
        };
        self.acknowledged.iter().map(held).sum()
    }
}

/// What became of acknowledged writes and of reads, for each database.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    databases: Vec<Database>,
}

impl Ledger {
    /// Opens the book of a database whose primary writes in that epoch.
    pub fn open(&mut self, component: ComponentId, epoch: u32) {
        self.databases.push(Database {
            component,
            epoch,
            history: vec![Segment { epoch, last: u64::MAX }],
            acknowledged: ByEpoch::default(),
            doubled: ByEpoch::default(),
            unpublished: ByEpoch::default(),
            count: 0,
            lost: 0,
            stale: [0; Giver::COUNT],
            merged: Vec::new(),
            overwritten: BTreeSet::new(),
            conflicts: 0,
        });
    }

    /// A write was acknowledged.
    pub fn acknowledged(&mut self, write: Acknowledged) {
        if let Some(database) = self.book(write.component) {
            database.acknowledge(write.epoch, write.position);
        }
    }

    /// A read was stale.
    pub fn stale(&mut self, component: ComponentId, giver: Giver) {
        if let Some(database) = self.book(component) {
            database.stale[giver as usize] += 1;
        }
    }

    /// A node was promoted: the only event that changes the official history. A merge brings writes
    /// back and overwrites others.
    pub fn happened(&mut self, event: &Event) {
        match *event {
            Event::Promoted { component, epoch, log_epoch, log_position, .. } => {
                if let Some(database) = self.book(component) {
                    database.promote(LogEnd { epoch: log_epoch, position: log_position }, epoch);
                }
            }
            Event::Merged { component, epoch, after, last, log_epoch, log_position, .. } => {
                let log = LogEnd { epoch: log_epoch, position: log_position };
                if let Some(database) = self.book(component) {
                    database.merge(Merged { epoch, after, last, log });
                }
            }
            Event::Overwritten { component, epoch, position } => {
                if let Some(database) = self.book(component) {
                    database.overwrite(epoch, position);
                }
            }
            Event::Doubled { component, epoch, position } => {
                if let Some(database) = self.book(component) {
                    database.doubled.insert(epoch, position);
                }
            }
            Event::Unpublished { component, epoch, position } => {
                if let Some(database) = self.book(component) {
                    database.unpublished.insert(epoch, position);
                }
            }
            Event::Published { component, epoch, position } => {
                if let Some(database) = self.book(component) {
                    database.unpublished.remove(epoch, position);
                }
            }
            _ => {}
        }
    }

    /// What it takes in memory, about.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let sets =
            self.databases.iter().flat_map(|d| [&d.acknowledged, &d.doubled, &d.unpublished]);
        sets.map(ByEpoch::held_bytes).sum()
    }

    fn book(&mut self, component: ComponentId) -> Option<&mut Database> {
        self.databases.iter_mut().find(|d| d.component == component)
    }

    /// Writes whose answer reached the caller.
    #[must_use]
    pub fn acknowledged_writes(&self) -> u64 {
        self.databases.iter().map(|d| d.count).sum()
    }

    /// Acknowledged writes of one database.
    #[must_use]
    pub fn writes(&self, component: ComponentId) -> u64 {
        self.databases.iter().find(|d| d.component == component).map_or(0, |d| d.count)
    }

    /// Of those, the ones that the official history lacks.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.databases.iter().map(|d| d.lost).sum()
    }

    /// The same of one database.
    #[must_use]
    pub fn lost_of(&self, component: ComponentId) -> u64 {
        self.databases.iter().find(|d| d.component == component).map_or(0, |d| d.lost)
    }

    /// Writes that the official history has twice: by another attempt, or by a merge.
    #[must_use]
    pub fn doubled(&self) -> u64 {
        self.databases.iter().map(Database::count_doubled).sum()
    }

    /// Writes that the official history has, and whose message was never published because whoever was
    /// to do that failed or died.
    #[must_use]
    pub fn unpublished(&self) -> u64 {
        self.databases.iter().map(Database::count_unpublished).sum()
    }

    /// Acknowledged writes that a merge overwrote by one that never saw them.
    #[must_use]
    pub fn conflicts(&self) -> u64 {
        self.databases.iter().map(|d| d.conflicts).sum()
    }

    /// Acknowledged writes of an epoch that only its primary has, while another acts, too: of the
    /// newest epoch all, of an older one those that the official history lacks.
    #[must_use]
    pub fn alone(&self, component: ComponentId, epoch: u32) -> u64 {
        let Some(database) = self.databases.iter().find(|d| d.component == component) else {
            return 0;
        };
        let newest = database.history.last().is_some_and(|s| s.epoch == epoch);
        let of = database.acknowledged.of(epoch);
        of.map_or(0, |set| if newest { set.len() } else { database.missing(epoch, set) })
    }

    /// Reads that gave an older version than the newest that was acknowledged when they were sent.
    #[must_use]
    pub fn stale_reads(&self) -> u64 {
        self.stale_by().iter().sum()
    }

    /// The same by who gave them, in the order of [`Giver`].
    #[must_use]
    pub fn stale_by(&self) -> [u64; Giver::COUNT] {
        let mut sums = [0; Giver::COUNT];
        for database in &self.databases {
            sums.iter_mut().zip(database.stale).for_each(|(sum, n)| *sum += n);
        }
        sums
    }

    /// Acknowledged writes that are lost if a node with this log, and none with a newer one, is
    /// promoted now.
    #[must_use]
    pub fn beyond(&self, component: ComponentId, log: LogEnd) -> u64 {
        self.databases.iter().find(|d| d.component == component).map_or(0, |d| d.beyond(log))
    }
}

/// Who holds the role of primary of a database.
#[derive(Clone, Debug)]
struct Held {
    component: ComponentId,
    nodes: Vec<NodeId>,
    /// Who took it last.
    last: Option<NodeId>,
    /// Since when there are several.
    doubled_since: Option<u64>,
}

/// Who holds the role of primary, and for how long two nodes of one database did.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    databases: Vec<Held>,
    doubled_since: Option<u64>,
    doubled_ns: u64,
}

impl Roles {
    /// Sets who holds the role in a database.
    pub fn set(&mut self, at: u64, component: ComponentId, holders: &[NodeId]) {
        match self.databases.iter_mut().find(|d| d.component == component) {
            Some(held) if held.nodes == holders => return,
            Some(held) => {
                held.last = holders.iter().find(|n| !held.nodes.contains(n)).copied().or(held.last);
                held.nodes.clear();
                held.nodes.extend_from_slice(holders);
            }
            None => {
                let (nodes, last) = (holders.to_vec(), holders.first().copied());
                self.databases.push(Held { component, nodes, last, doubled_since: None });
            }
        }
        self.account(at);
    }

    /// A node took the role.
    pub fn take(&mut self, at: u64, component: ComponentId, node: NodeId) {
        if let Some(held) = self.databases.iter_mut().find(|d| d.component == component)
            && !held.nodes.contains(&node)
        {
            held.nodes.push(node);
            held.nodes.sort();
            held.last = Some(node);
        }
        self.account(at);
    }

    /// A node gave it up, or is gone; whether it had it.
    pub fn leave(&mut self, at: u64, node: NodeId) -> bool {
        let had = self.databases.iter().any(|held| held.nodes.contains(&node));
        self.databases.iter_mut().for_each(|held| held.nodes.retain(|n| *n != node));
        self.account(at);
        had
    }

    /// Who took the role last; it may have lost it since.
    #[must_use]
    pub fn last(&self, component: ComponentId) -> Option<NodeId> {
        self.of(component).and_then(|held| held.last)
    }

    /// Nodes that hold the role.
    #[must_use]
    pub fn holders(&self, component: ComponentId) -> &[NodeId] {
        self.of(component).map_or(&[], |held| &held.nodes)
    }

    fn of(&self, component: ComponentId) -> Option<&Held> {
        self.databases.iter().find(|d| d.component == component)
    }

    /// For how long two nodes of this database hold the role by now, this time; 0 if they do not.
    #[must_use]
    pub fn both(&self, component: ComponentId, now: u64) -> u64 {
        let since = self.of(component).and_then(|held| held.doubled_since);
        since.map_or(0, |since| now.saturating_sub(since))
    }

    /// Time until `now` in which two nodes of one database held the role, in all.
    #[must_use]
    pub fn split_brain(&self, now: u64) -> u64 {
        self.doubled_ns + self.doubled_since.map_or(0, |since| now.saturating_sub(since))
    }

    fn account(&mut self, at: u64) {
        for held in &mut self.databases {
            let doubled = held.nodes.len() > 1;
            held.doubled_since = doubled.then(|| held.doubled_since.unwrap_or(at));
        }
        let doubled = self.databases.iter().any(|held| held.nodes.len() > 1);
        match (doubled, self.doubled_since) {
            (true, None) => self.doubled_since = Some(at),
            (false, Some(since)) => {
                self.doubled_ns += at.saturating_sub(since);
                self.doubled_since = None;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
