//! The log of a node of a database: what was written, in order, and under which primary.

use super::time::Ns;
use std::collections::VecDeque;
use std::sync::Arc;

/// One write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Write {
    /// The row that was written.
    pub(crate) row: u32,
    /// When its primary took it.
    pub(crate) at: Ns,
    /// The version of the row before: what becomes of the row when the entry is thrown away (an undo
    /// record). Logs that agree up to an entry agree on this.
    pub(crate) before: Version,
}

impl Write {
    /// What one entry takes in memory.
    const BYTES: usize = size_of::<Write>();
}

/// What a write is known by, whichever attempt or delivery brings it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// The user's request.
    pub(crate) request: u64,
    /// Which of the request's writes it is ([`super::frame::Frame::path`]).
    pub(crate) path: u32,
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

/// Entries of a chunk.
pub(crate) const CHUNK: usize = 128;

/// Entries that are trimmed and shared together.
#[derive(Clone, Debug, Default)]
struct Chunk {
    writes: Vec<Write>,
    /// The keys that entries carry, each with the index of its entry in the chunk, in that order. An
    /// entry that a merge made may carry several.
    keys: Vec<(u8, Key)>,
}

/// Entries of another log that a primary merged into this one, up to `last` of that epoch; the merge
/// was over when this log ended `at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    epoch: u32,
    last: u64,
    at: u64,
}

/// An append-only log whose end can be thrown away, and whose beginning can be trimmed. Positions
/// count from 1, trimmed or not. Full chunks are shared between clones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    /// The last position that has been trimmed: a snapshot stands for what was up to there.
    base: u64,
    closed: VecDeque<Arc<Chunk>>,
    open: Chunk,
    /// The epochs of the log, trimmed or not: each with the position of its first entry, in order. An
    /// epoch that has no entry yet may stand last.
    epochs: Vec<(u32, u64)>,
    marks: Vec<Mark>,
}

impl Log {
    /// A log of which nothing is left but what a snapshot of another one at `end` stands for.
    pub(crate) fn snapshot(of: &Log, end: u64) -> Log {
        Log {
            base: end,
            epochs: of.epochs.iter().copied().filter(|&(_, first)| first <= end).collect(),
            marks: of.marks.iter().copied().filter(|mark| mark.at <= end).collect(),
            ..Log::default()
        }
    }

    /// The last position that has been trimmed; 0 if none has.
    pub(crate) fn base(&self) -> u64 {
        self.base
    }

    /// Position of the last entry; 0 if there is none.
    pub(crate) fn end(&self) -> u64 {
        self.base + (self.closed.len() * CHUNK + self.open.writes.len()) as u64
    }

    /// The entry at a position after [`Log::base`], up to [`Log::end`]; for one that has been trimmed,
    /// the oldest that there is.
    pub(crate) fn get(&self, position: u64) -> Option<Write> {
        let index = (position.max(self.base + 1) - self.base - 1) as usize;
        self.chunk(index / CHUNK)?.writes.get(index % CHUNK).copied()
    }

    fn chunk(&self, index: usize) -> Option<&Chunk> {
        match self.closed.get(index) {
            Some(chunk) => Some(chunk),
            None => (index == self.closed.len()).then_some(&self.open),
        }
    }

    /// The keys that the entry at a position carries; none if it has been trimmed.
    pub(crate) fn keys_at(&self, position: u64) -> impl Iterator<Item = Key> + '_ {
        let index = position.checked_sub(self.base + 1).map_or(usize::MAX, |index| index as usize);
        let keys = self.chunk(index / CHUNK).map_or(&[][..], |chunk| &chunk.keys);
        let at = move |&(offset, _): &(u8, Key)| usize::from(offset).cmp(&(index % CHUNK));
        let first = keys.partition_point(|key| at(key).is_lt());
        keys[first..].iter().take_while(move |key| at(key).is_eq()).map(|&(_, key)| key)
    }

    /// Whether it has the write that made a version, trimmed or not.
    pub(crate) fn holds(&self, version: Version) -> bool {
        let position = version.position();
        position <= self.end() && self.epoch_at(position) == version.epoch()
    }

    /// The entries after a position that has not been trimmed, up to another, in order.
    pub(crate) fn entries(
        &self,
        after: u64,
        end: u64,
    ) -> impl DoubleEndedIterator<Item = (u64, Write)> + '_ {
        (after.max(self.base) + 1..=end.min(self.end()))
            .filter_map(|position| Some((position, self.get(position)?)))
    }

    /// Trims whole chunks up to a position.
    pub(crate) fn trim(&mut self, upto: u64) {
        while self.base + CHUNK as u64 <= upto && self.closed.pop_front().is_some() {
            self.base += CHUNK as u64;
        }
    }

    /// What it takes in memory, about.
    pub(crate) fn held_bytes(&self) -> usize {
        let keys = self.closed.iter().map(|chunk| chunk.keys.capacity()).sum::<usize>();
        self.closed.len() * (CHUNK * Write::BYTES + size_of::<Chunk>())
            + self.open.writes.capacity() * Write::BYTES
            + (keys + self.open.keys.capacity()) * size_of::<(u8, Key)>()
            + self.closed.capacity() * size_of::<Arc<Chunk>>()
            + self.epochs.capacity() * size_of::<(u32, u64)>()
            + self.marks.capacity() * size_of::<Mark>()
    }

    /// Up to where entries of an epoch have been merged into this log.
    pub(crate) fn merged(&self, epoch: u32) -> u64 {
        let of = self.marks.iter().filter(|mark| mark.epoch == epoch);
        of.map(|mark| mark.last).max().unwrap_or(0)
    }

    /// Notes that entries of an epoch have been merged, up to that one, by now.
    pub(crate) fn mark(&mut self, epoch: u32, last: u64) {
        self.marks.push(Mark { epoch, last, at: self.end() });
    }

    /// Takes over from a log that has the same entries what was merged into it.
    pub(crate) fn learn_marks(&mut self, of: &Log) {
        let end = self.end();
        for mark in of.marks.iter().filter(|mark| mark.at <= end) {
            if !self.marks.contains(mark) {
                self.marks.push(*mark);
            }
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

    /// Appends an entry without a key, as [`Log::append_keyed`].
    #[cfg(test)]
    pub(crate) fn append(&mut self, epoch: u32, write: Write) -> u64 {
        self.append_keyed(epoch, write, None)
    }

    /// Appends an entry that carries these keys, of an epoch that is not older than the last one's;
    /// returns its position.
    pub(crate) fn append_keyed(
        &mut self,
        epoch: u32,
        write: Write,
        keys: impl IntoIterator<Item = Key>,
    ) -> u64 {
        let position = self.end() + 1;
        if self.epochs.last().is_none_or(|&(last, _)| last < epoch) {
            self.epochs.push((epoch, position));
        }
        let open = &mut self.open;
        if open.writes.capacity() == 0 {
            open.writes.reserve_exact(CHUNK);
        }
        let offset = open.writes.len() as u8;
        open.keys.extend(keys.into_iter().map(|key| (offset, key)));
        open.writes.push(write);
        if open.writes.len() == CHUNK {
            let next = Chunk { writes: Vec::with_capacity(CHUNK), keys: Vec::new() };
            self.closed.push_back(Arc::new(std::mem::replace(open, next)));
        }
        position
    }

    /// Throws away all entries after a position, as far as they have not been trimmed.
    pub(crate) fn truncate(&mut self, end: u64) {
        let end = end.max(self.base);
        if end >= self.end() {
            return;
        }
        let index = (end - self.base) as usize;
        let keep = index / CHUNK;
        if let Some(chunk) = self.closed.get(keep) {
            self.open = Chunk::clone(chunk);
            self.closed.truncate(keep);
        }
        self.open.writes.truncate(index % CHUNK);
        self.open.keys.retain(|&(offset, _)| usize::from(offset) < index % CHUNK);
        self.epochs.retain(|&(_, first)| first <= end);
        self.marks.retain(|mark| mark.at <= end);
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

    fn write(row: u32) -> Write {
        Write { row, at: 0, before: Version::default() }
    }

    fn row(log: &Log, position: u64) -> Option<u32> {
        log.get(position).map(|write| write.row)
    }

    fn log(epochs: &[(u32, u64)]) -> Log {
        let mut log = Log::default();
        for &(epoch, n) in epochs {
            for _ in 0..n {
                log.append(epoch, write(log.end() as u32));
            }
        }
        log
    }

    #[test]
    fn positions_and_epochs() {
        let log = log(&[(1, 700), (3, 900)]);
        assert_eq!(log.end(), 1600);
        let rows = [1, 513, 1600, 1601].map(|position| row(&log, position));
        assert_eq!(rows, [Some(0), Some(512), Some(1599), None]);
        assert_eq!((log.epoch_at(0), log.epoch_at(700), log.epoch_at(701)), (0, 1, 3));
        assert_eq!(log.newest(), Version::new(3, 1600));
    }

    #[test]
    fn truncation_crosses_chunks() {
        let mut log = log(&[(1, 700), (3, 900)]);
        log.truncate(600);
        assert_eq!((log.end(), row(&log, 600)), (600, Some(599)));
        assert_eq!(log.newest(), Version::new(1, 600));
        assert_eq!(log.append(4, write(9)), 601);
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

    #[test]
    fn what_is_trimmed_keeps_its_place_in_history() {
        let (mut trimmed, whole) = (log(&[(1, 700), (3, 900)]), log(&[(1, 700), (3, 900)]));
        trimmed.trim(1000);
        assert_eq!((trimmed.base(), trimmed.end()), (896, 1600));
        assert_eq!((row(&trimmed, 897), row(&trimmed, 1)), (Some(896), Some(896)));
        assert_eq!((trimmed.newest(), trimmed.epoch_at(5)), (whole.newest(), 1));
        assert_eq!(trimmed.agreed(&log(&[(1, 650), (2, 9)]), 1600), 650);
        assert_eq!(trimmed.entries(1598, 1600).map(|(p, _)| p).collect::<Vec<_>>(), [1599, 1600]);
        assert!(trimmed.held_bytes() < whole.held_bytes() / 2);
        trimmed.truncate(1000);
        assert_eq!((trimmed.end(), row(&trimmed, 1000)), (1000, Some(999)));
        let bare = Log::snapshot(&whole, 1001);
        assert_eq!(
            (bare.base(), bare.newest(), bare.get(1001)),
            (1001, Version::new(3, 1001), None)
        );
    }

    #[test]
    fn entries_carry_keys_as_long_as_they_are_there() {
        let key = |n: u64| Key { request: n, path: 7 };
        let mut log = Log::default();
        for n in 1..=300 {
            log.append_keyed(1, write(0), (n % 2 == 0).then(|| key(n)));
        }
        log.append_keyed(2, write(0), [key(1), key(2)]);
        let at = |log: &Log, position| log.keys_at(position).map(|k| k.request).collect::<Vec<_>>();
        assert_eq!((at(&log, 127), at(&log, 128), at(&log, 130)), (vec![], vec![128], vec![130]));
        assert_eq!((at(&log, 300), at(&log, 301), at(&log, 302)), (vec![300], vec![1, 2], vec![]));
        assert!(log.holds(Version::new(2, 301)) && !log.holds(Version::new(2, 300)));
        log.trim(128);
        assert_eq!((at(&log, 0), at(&log, 128), at(&log, 130)), (vec![], vec![], vec![130]));
        log.truncate(130);
        assert_eq!((at(&log, 130), at(&log, 131), at(&log, 132)), (vec![130], vec![], vec![]));
        assert!(log.holds(Version::new(1, 9)), "what is trimmed is held");
        assert!(!log.holds(Version::new(1, 131)) && !log.holds(Version::new(2, 131)));
    }

    #[test]
    fn what_was_merged_is_forgotten_with_the_end_of_the_log() {
        let mut log = log(&[(2, 10)]);
        log.mark(1, 7);
        log.append(2, write(1));
        log.mark(1, 9);
        assert_eq!((log.merged(1), log.merged(2)), (9, 0));
        let mut other = Log::snapshot(&log, 10);
        assert_eq!(other.merged(1), 7);
        other.append(2, write(1));
        other.learn_marks(&log);
        assert_eq!(other.merged(1), 9);
        log.truncate(10);
        assert_eq!(log.merged(1), 7);
    }
}
