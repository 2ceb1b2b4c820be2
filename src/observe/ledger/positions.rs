//! Sets of log positions.
//!
//! They are dense: of a log that is written without faults every position is acknowledged. A chunk that
//! is full is but a word, so that a run of any length takes a byte for each 1024 writes.

use std::sync::Arc;

/// Positions of a chunk.
const CHUNK: u64 = 8192;

/// Sets of positions by the epoch in which they were written.
#[derive(Clone, Debug, Default)]
pub(super) struct ByEpoch(Vec<(u32, Positions)>);

impl ByEpoch {
    /// Adds a position; false if it was there.
    pub(super) fn insert(&mut self, epoch: u32, position: u64) -> bool {
        // The newest epoch is the last, and nearly all writes are of it.
        let known = self.0.iter().rposition(|(e, _)| *e == epoch);
        let index = known.unwrap_or_else(|| {
            self.0.push((epoch, Positions::default()));
            self.0.len() - 1
        });
        self.0[index].1.insert(position)
    }

    /// Takes a position out.
    pub(super) fn remove(&mut self, epoch: u32, position: u64) {
        if let Some((_, set)) = self.0.iter_mut().find(|(e, _)| *e == epoch) {
            set.remove(position);
        }
    }

    /// The positions of an epoch.
    pub(super) fn of(&self, epoch: u32) -> Option<&Positions> {
        self.0.iter().find(|(e, _)| *e == epoch).map(|(_, set)| set)
    }

    /// All epochs with their positions.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Positions)> {
        self.0.iter().map(|(epoch, set)| (*epoch, set))
    }

    /// What they take in memory, about.
    pub(super) fn held_bytes(&self) -> usize {
        self.0.iter().map(|(_, set)| set.held_bytes()).sum()
    }
}

/// A set of log positions from 1 on, in chunks that clones share.
#[derive(Clone, Debug, Default)]
pub(super) struct Positions {
    first_chunk: u64,
    /// `None`: all positions of the chunk are in.
    chunks: Vec<Option<Arc<Chunk>>>,
}

#[derive(Clone, Debug)]
struct Chunk {
    count: u32,
    bits: [u64; CHUNK as usize / 64],
}

impl Default for Chunk {
    fn default() -> Chunk {
        Chunk { count: 0, bits: [0; CHUNK as usize / 64] }
    }
}

/// Chunk, word and bit of a position; the first chunk begins with position 1.
fn place(position: u64) -> (u64, usize, u64) {
    let index = position.saturating_sub(1);
    (index / CHUNK, (index % CHUNK / 64) as usize, index % 64)
}

impl Positions {
    /// Adds a position; false if it was there.
    pub(super) fn insert(&mut self, position: u64) -> bool {
        let (chunk, word, bit) = place(position);
        if self.chunks.is_empty() {
            self.first_chunk = chunk;
        }
        while chunk < self.first_chunk {
            self.first_chunk -= 1;
            self.chunks.insert(0, Some(Arc::default()));
        }
        let index = (chunk - self.first_chunk) as usize;
        if self.chunks.len() <= index {
            // Those between have one empty chunk together, until something is put there.
            self.chunks.resize(index + 1, Some(Arc::default()));
        }
        let Some(there) = &mut self.chunks[index] else { return false };
        let there = Arc::make_mut(there);
        let fresh = there.bits[word] >> bit & 1 == 0;
        there.bits[word] |= 1 << bit;
        there.count += u32::from(fresh);
        if u64::from(there.count) == CHUNK {
            self.chunks[index] = None;
        }
        fresh
    }

    /// Takes a position out.
    pub(super) fn remove(&mut self, position: u64) {
        let (chunk, word, bit) = place(position);
        let index = chunk.checked_sub(self.first_chunk);
        let Some(there) = index.and_then(|i| self.chunks.get_mut(i as usize)) else { return };
        let there = Arc::make_mut(there.get_or_insert_with(|| Arc::new(Chunk::FULL)));
        there.count -= (there.bits[word] >> bit & 1) as u32;
        there.bits[word] &= !(1 << bit);
    }

    /// Whether a position is in it.
    pub(super) fn contains(&self, position: u64) -> bool {
        let (chunk, word, bit) = place(position);
        let chunk = chunk.checked_sub(self.first_chunk);
        match chunk.and_then(|c| self.chunks.get(c as usize)) {
            Some(Some(chunk)) => chunk.bits[word] >> bit & 1 == 1,
            Some(None) => true,
            None => false,
        }
    }

    /// How many there are above that position.
    pub(super) fn above(&self, position: u64) -> u64 {
        let cut = position / CHUNK;
        let mut count = 0;
        for (chunk, at) in self.chunks.iter().zip(self.first_chunk..) {
            if at > cut {
                count += chunk.as_ref().map_or(CHUNK, |c| u64::from(c.count));
            } else if at == cut {
                count +=
                    chunk.as_ref().map_or(CHUNK - position % CHUNK, |c| c.from(position % CHUNK));
            }
        }
        count
    }

    /// How many there are.
    pub(super) fn len(&self) -> u64 {
        self.above(0)
    }

    /// What it takes in memory, about.
    pub(super) fn held_bytes(&self) -> usize {
        self.chunks.iter().flatten().count() * size_of::<Chunk>()
            + self.chunks.capacity() * size_of::<Option<Arc<Chunk>>>()
    }
}

impl Chunk {
    const FULL: Chunk = Chunk { count: CHUNK as u32, bits: [u64::MAX; CHUNK as usize / 64] };

    /// How many there are from an index in the chunk on.
    fn from(&self, index: u64) -> u64 {
        let (word, bit) = ((index / 64) as usize, index % 64);
        let rest = self.bits[word] & (u64::MAX << bit);
        let after = self.bits[word + 1..].iter().map(|w| u64::from(w.count_ones()));
        u64::from(rest.count_ones()) + after.sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_chunks_are_words() {
        let mut set = Positions::default();
        assert!((1..=10 * CHUNK + 5).all(|position| set.insert(position)));
        assert!(!set.insert(1) && !set.insert(10 * CHUNK + 5));
        assert_eq!((set.len(), set.above(CHUNK), set.above(CHUNK + 1)), (81_925, 73_733, 73_732));
        assert_eq!(set.above(10 * CHUNK + 3), 2);
        assert!(set.contains(CHUNK) && !set.contains(10 * CHUNK + 6));
        assert!(set.held_bytes() < 2 * size_of::<Chunk>() + 1000, "{}", set.held_bytes());
    }

    #[test]
    fn holes_are_kept() {
        let mut set = Positions::default();
        (1..=3 * CHUNK).filter(|p| p % 1000 != 7).for_each(|p| _ = set.insert(p));
        assert!(!set.contains(7) && set.contains(8));
        let mut whole = Positions::default();
        (1..=2 * CHUNK).for_each(|p| _ = whole.insert(p));
        for position in [5, 5, CHUNK + 3, 9 * CHUNK] {
            whole.remove(position);
        }
        assert_eq!(
            (whole.len(), whole.contains(5), whole.contains(6)),
            (2 * CHUNK - 2, false, true)
        );
        assert!(whole.insert(5));
        assert_eq!(
            (set.above(2000), set.above(2007)),
            (3 * CHUNK - 2000 - 23, 3 * CHUNK - 2007 - 22)
        );
    }
}
