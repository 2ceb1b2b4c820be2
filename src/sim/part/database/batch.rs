//! What a primary ships: the message, and what a replica makes of it.
//!
//! A message carries the epoch of its primary, a range of positions and how far that primary's log was
//! then; the entries themselves are read off its log when the message arrives. That is the same: what
//! the primary of an epoch has written at a position never changes, and a node that has to throw away
//! entries which it shipped keeps the log that it had ([`Database::log_of`]).
//!
//! A log keeps what some node of the database has not confirmed, at most `keep` entries. Whoever needs
//! older ones, or would have to undo some that it has trimmed itself, gets a snapshot: the rows as
//! they were when the message was sent, and no log. That takes it `copy` for each row; until then
//! it answers nothing and serves what it had.

use super::Database;
use crate::sim::book::Versions;
use crate::sim::frame::Frame;
use crate::sim::log::Log;
use crate::sim::observation::Outcome;
use crate::sim::pages::Pages;
use crate::sim::spec::Prefer;
use crate::sim::time::Ns;
use std::sync::Arc;

/// Entries that a primary ships in one message, at most.
pub(in crate::sim) const BATCH: u64 = 1024;
/// Logs that a node keeps of epochs in which it was primary, for messages that are still under way.
const RETIRED: usize = 2;

/// A message of a primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) struct Batch {
    /// The primary's epoch.
    pub(super) epoch: u32,
    /// What was sent before it: where the peer is to have the log by then.
    pub(super) from: u64,
    /// The last position in it.
    pub(super) end: u64,
    /// Up to where the primary had trimmed its log.
    pub(super) base: u64,
    /// Whether the primary's log ended there.
    pub(super) whole: bool,
}

impl Batch {
    /// Writes it into the frame that calls, to be sent on that connection.
    pub(super) fn put(self, frame: &mut Frame, connection: u32) {
        frame.result = Outcome::Ok;
        frame.delivery = u64::from(connection);
        frame.key = self.epoch;
        frame.floor = self.from << 1 | u64::from(self.whole);
        frame.value = self.end;
        frame.user = u32::try_from(self.end - self.base).unwrap_or(u32::MAX);
    }

    /// How many entries the message of a frame stands for; `None` if those are rows.
    pub(in crate::sim) fn entries_of(frame: &Frame) -> Option<u64> {
        let batch = Batch::of(frame);
        (!batch.is_snapshot()).then(|| batch.end.saturating_sub(batch.from))
    }

    /// The epoch of the message that a frame has sent.
    pub(super) fn epoch_of(frame: &Frame) -> u32 {
        frame.key
    }

    /// Whether the message that a frame has sent went to the end of the log.
    pub(super) fn is_whole(frame: &Frame) -> bool {
        frame.floor & 1 == 1
    }

    /// Whether it stands for rows, since the log does not reach back far enough.
    pub(super) fn is_snapshot(self) -> bool {
        self.from < self.base
    }

    /// Reads it off the frame that was called.
    pub(super) fn of(frame: &Frame) -> Batch {
        Batch {
            epoch: frame.key,
            from: frame.floor >> 1,
            end: frame.value,
            base: frame.value - u64::from(frame.user),
            whole: frame.floor & 1 == 1,
        }
    }
}

/// A snapshot that is being copied.
#[derive(Clone, Debug)]
pub(super) struct Restore {
    /// The epoch of the primary that it comes from.
    epoch: u32,
    rows: Pages,
    keys: Versions,
    log: Log,
    /// When it is complete.
    due: Ns,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The log is that of the primary up to the end of the message.
    All,
    /// The primary must begin earlier.
    Gap,
    /// A snapshot is needed.
    Lacking,
}

impl Database {
    /// What to ship next to a peer: so many entries at most.
    pub(super) fn batch(&self, peer: usize, most: u64) -> Option<Batch> {
        let (from, base, end) = (self.streams[peer].sent, self.log.base(), self.log.end());
        if !self.leads || (from >= end && !self.peers.owed(peer)) {
            return None;
        }
        // A snapshot stands for all of it.
        let last = if from < base { end } else { end.min(from + most) };
        Some(Batch { epoch: self.epoch, from, end: last, base, whole: last == end })
    }

    /// Rows that were ever written: what a snapshot carries.
    pub(in crate::sim) fn rows(&self) -> u64 {
        self.rows.written()
    }

    /// The log that it had, or has, as primary of an epoch; `None` if that is too long ago.
    pub(super) fn log_of(&self, epoch: u32) -> Option<&Log> {
        let retired = self.retired.iter().find(|(of, _)| *of == epoch);
        retired.map(|(_, log)| &**log).or((self.led == epoch).then_some(&self.log))
    }

    /// Keeps its log as it is for messages that are under way, before it throws some of it away.
    fn retire(&mut self) {
        if self.led == 0 || self.retired.iter().any(|(of, _)| *of == self.led) {
            return;
        }
        if self.retired.len() == RETIRED {
            self.retired.remove(0);
        }
        self.retired.push((self.led, Arc::new(self.log.clone())));
    }

    /// Takes a message of the primary whose log, then, was `theirs`. Also returns how many entries were
    /// thrown away for good.
    pub(super) fn take(&mut self, batch: Batch, theirs: &Log) -> (Taken, u64) {
        let mine = self.log.end();
        let common = batch.end.min(mine);
        let agreed = theirs.agreed(&self.log, common);
        // Beyond the end of the message there may be more of this primary, which came earlier.
        let foreign = batch.whole && mine > batch.end && self.log.epoch_at(mine) < batch.epoch;
        let parted = agreed < common || foreign;
        let kept = if parted { agreed } else { mine };
        if kept < batch.base || (parted && agreed < self.log.base()) {
            return (Taken::Lacking, 0);
        }
        let discarded = if parted { self.part(agreed) } else { 0 };
        let end = self.log.end();
        // What it lacks may have been trimmed while the message was under way.
        let gap = end < batch.from || (end < batch.end && end < theirs.base());
        let taken = if gap { Taken::Gap } else { Taken::All };
        if taken == Taken::All {
            for (position, write) in theirs.entries(self.log.end(), batch.end) {
                let keys = theirs.keys_at(position);
                self.log.append_keyed(theirs.epoch_at(position), write, keys);
            }
        }
        self.settle_marks(theirs);
        self.log.trim(batch.base.min(self.applied));
        (taken, discarded)
    }

    /// Throws away the log after a position, and sets aside what may be merged; returns how many
    /// entries are gone for good.
    fn part(&mut self, end: u64) -> u64 {
        self.retire();
        let merges = self.set_aside(end);
        let entries = self.discard(end);
        if merges { 0 } else { entries }
    }

    /// Keeps the entries after a position for the primary, if they may be merged.
    fn set_aside(&mut self, end: u64) -> bool {
        let merges = self.terms.prefer == Prefer::Availability;
        if merges {
            self.diverged.extend(&self.log, end);
        } else {
            self.diverged.clear();
        }
        merges
    }

    /// Learns what has been merged, and forgets what it kept for that.
    fn settle_marks(&mut self, theirs: &Log) {
        self.log.learn_marks(theirs);
        self.diverged.settle(&self.log);
    }

    /// Begins to copy the rows of a primary as they were at the end of its message; returns when that
    /// will be complete. A copy that has begun goes on.
    pub(super) fn restore(&mut self, batch: Batch, primary: &Database, now: Ns, copy: Ns) -> Ns {
        if let Some(restore) = self.restoring.as_ref().filter(|r| r.epoch == batch.epoch) {
            return restore.due.max(now);
        }
        let mut rows = primary.rows.clone();
        for (_, write) in primary.log.entries(batch.end, primary.applied).rev() {
            rows.set(write.row, write.before.0);
        }
        let due = now.saturating_add(copy.saturating_mul(rows.written()));
        // Keys of entries beyond the snapshot count when those are there.
        let keys = primary.keys.clone();
        let log = Log::snapshot(&primary.log, batch.end);
        self.restoring = Some(Box::new(Restore { epoch: batch.epoch, rows, keys, log, due }));
        due
    }

    /// Puts a complete copy in place of what it had, unless it follows somebody else by now; returns
    /// how many entries of its own are gone for good by that.
    pub(super) fn restored(&mut self, now: Ns) -> u64 {
        let Some(restore) = self.restoring.take_if(|r| r.due <= now) else { return 0 };
        if restore.epoch != self.epoch || self.leads {
            return 0;
        }
        let mine = self.log.end();
        let agreed = restore.log.agreed(&self.log, mine);
        let parted = agreed < mine.min(restore.log.end()) || mine > restore.log.end();
        self.retire();
        let merges = parted && self.set_aside(agreed);
        (self.rows, self.keys, self.log) = (restore.rows, restore.keys, restore.log);
        self.applied = self.log.end();
        self.diverged.settle(&self.log);
        if parted && !merges { mine - agreed } else { 0 }
    }

    /// As primary: trims what every peer has, and whatever is more than `keep` entries.
    pub(super) fn trim(&mut self) {
        let end = self.log.end();
        let upto = self.peers.all_have(end).max(end.saturating_sub(self.terms.keep));
        self.log.trim(upto.min(self.applied));
    }
}

#[cfg(test)]
mod tests;
