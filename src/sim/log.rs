//! The log of a node of a database: what was written, in order, and under which primary.

use super::time::Ns;
use std::sync::Arc;

/// One write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Write {
    /// The row that was written.
    pub(crate) row: u32,
    /// When its primary took it.
    pub(crate) at: Ns,
}

/// The version of a row: epoch and position of the write that made it; 0 is "never written".
/// Versions of one history grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Version(pub(crate) u64);

impl Version {
    const POSITION_BITS: u32 = 44;

    pub(crate) fn new(epoch: u32, position: u64) -> Version {
        debug_assert!(position < 1 << Version::POSITION_BITS);
        Version(u64::from(epoch) << Version::POSITION_BITS | position)
    }
    pub(crate) fn epoch(self) -> u32 {
        (self.0 >> Version::POSITION_BITS) as u32
    }
    pub(crate) fn position(self) -> u64 {
        self.0 & ((1 << Version::POSITION_BITS) - 1)
    }
}

const CHUNK: usize = 512;

/// An append-only log whose end can be thrown away. Positions count from 1. Full chunks are shared
/// between clones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    closed: Vec<Arc<Vec<Write>>>,
    open: Vec<Write>,
    /// The epochs of the log: each with the position of its first entry, in order. An epoch that has
    /// no entry yet may stand last.
    epochs: Vec<(u32, u64)>,
}

impl Log {
    /// Position of the last entry; 0 if there is none.
    pub(crate) fn end(&self) -> u64 {
        (self.closed.len() * CHUNK + self.open.len()) as u64
    }

    /// The entry at a position from 1 to [`Log::end`].
    pub(crate) fn get(&self, position: u64) -> Write {
        let index = position as usize - 1;
        match self.closed.get(index / CHUNK) {
            Some(chunk) => chunk[index % CHUNK],
            None => self.open[index % CHUNK],
        }
    }

    /// The epoch of the entry at a position; 0 for position 0.
    pub(crate) fn epoch_at(&self, position: u64) -> u32 {
        self.epochs
            .iter()
            .rev()
            .find(|&&(_, first)| first <= position)
            .map_or(0, |&(epoch, _)| epoch)
    }

    /// Epoch and position of the last entry, as one number that orders logs by their newness.
    pub(crate) fn newest(&self) -> Version {
        Version::new(self.epoch_at(self.end()), self.end())
    }

    /// Appends an entry of an epoch that is not older than the last one's; returns its position.
    pub(crate) fn append(&mut self, epoch: u32, write: Write) -> u64 {
        let position = self.end() + 1;
        if self.epochs.last().is_none_or(|&(last, _)| last < epoch) {
            self.epochs.push((epoch, position));
        }
        if self.open.capacity() == 0 {
            self.open.reserve_exact(CHUNK);
        }
        self.open.push(write);
        if self.open.len() == CHUNK {
            let full = std::mem::replace(&mut self.open, Vec::with_capacity(CHUNK));
            self.closed.push(Arc::new(full));
        }
        position
    }

    /// Throws away all entries after a position.
    pub(crate) fn truncate(&mut self, end: u64) {
        if end >= self.end() {
            return;
        }
        let keep = end as usize / CHUNK;
        if keep < self.closed.len() {
            self.open = self.closed[keep].to_vec();
            self.closed.truncate(keep);
        }
        self.open.truncate(end as usize % CHUNK);
        self.epochs.retain(|&(_, first)| first <= end);
    }

    /// The last position up to which this log and another have the same entries, looking no further
    /// than `limit`. Two logs agree up to a position if they have the same epoch there, since an
    /// epoch has one primary.
    pub(crate) fn agreed(&self, other: &Log, limit: u64) -> u64 {
        let mut position = limit.min(self.end()).min(other.end());
        while position > 0 {
            let (mine, theirs) = (self.segment(position), other.segment(position));
            if mine.0 == theirs.0 {
                return position;
            }
            // The one with the newer epoch has something else from that epoch's start on.
            position = if mine.0 > theirs.0 { mine.1 } else { theirs.1 } - 1;
        }
        0
    }

    /// Epoch at a position, and where that epoch begins.
    fn segment(&self, position: u64) -> (u32, u64) {
        self.epochs.iter().rev().find(|&&(_, first)| first <= position).copied().unwrap_or((0, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(epochs: &[(u32, u64)]) -> Log {
        let mut log = Log::default();
        for &(epoch, n) in epochs {
            for _ in 0..n {
                log.append(epoch, Write { row: log.end() as u32, at: 0 });
            }
        }
        log
    }

    #[test]
    fn positions_and_epochs() {
        let log = log(&[(1, 700), (3, 900)]);
        assert_eq!(log.end(), 1600);
        assert_eq!((log.get(1).row, log.get(513).row, log.get(1600).row), (0, 512, 1599));
        assert_eq!((log.epoch_at(0), log.epoch_at(700), log.epoch_at(701)), (0, 1, 3));
        assert_eq!(log.newest(), Version::new(3, 1600));
    }

    #[test]
    fn truncation_crosses_chunks() {
        let mut log = log(&[(1, 700), (3, 900)]);
        log.truncate(600);
        assert_eq!((log.end(), log.get(600).row, log.newest()), (600, 599, Version::new(1, 600)));
        assert_eq!(log.append(4, Write { row: 9, at: 0 }), 601);
        assert_eq!(log.epoch_at(601), 4);
        log.truncate(0);
        assert_eq!((log.end(), log.newest()), (0, Version(0)));
    }

    #[test]
    fn agreement_ends_where_histories_part() {
        let old = log(&[(1, 100)]);
        let new = log(&[(1, 80), (2, 50)]);
        assert_eq!(new.agreed(&old, 1000), 80);
        assert_eq!(old.agreed(&new, 1000), 80);
        assert_eq!(old.agreed(&new, 30), 30);
        assert_eq!(log(&[(2, 5)]).agreed(&log(&[(1, 5)]), 5), 0);
        assert_eq!(log(&[(1, 5)]).agreed(&Log::default(), 5), 0);
    }
}
