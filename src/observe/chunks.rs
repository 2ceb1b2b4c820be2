//! A list that only grows, in chunks that its clones share.

use std::sync::Arc;

/// Entries of a chunk.
const CHUNK: usize = 64;

/// A list that only grows. Full chunks never change, so clones share them: a clone of thousands of
/// entries copies some dozen pointers. The last chunk is copied at the first push after a clone.
#[derive(Clone, Debug)]
pub struct Chunks<T> {
    full: Vec<Arc<Vec<T>>>,
    last: Arc<Vec<T>>,
}

impl<T> Default for Chunks<T> {
    fn default() -> Chunks<T> {
        Chunks { full: Vec::new(), last: Arc::new(Vec::new()) }
    }
}

impl<T: Clone> Chunks<T> {
    /// Adds an entry at the end.
    pub fn push(&mut self, entry: T) {
        let last = Arc::make_mut(&mut self.last);
        last.push(entry);
        if last.len() == CHUNK {
            self.full.push(std::mem::take(&mut self.last));
        }
    }

    /// Forgets the oldest entries, chunk by chunk, as far as `count` of the newest are left, and gives
    /// the chunks that it has forgotten, oldest first.
    pub fn keep_newest(&mut self, count: usize) -> Vec<Arc<Vec<T>>> {
        let spare = self.len().saturating_sub(count) / CHUNK;
        self.full.drain(..spare.min(self.full.len())).collect()
    }

    /// Replaces the newest entry, if there is one.
    pub fn replace_last(&mut self, entry: T) {
        if self.last.is_empty() {
            self.last = self.full.pop().unwrap_or_default();
        }
        let last = Arc::make_mut(&mut self.last);
        last.pop();
        self.push(entry);
    }
}

impl<T> Chunks<T> {
    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.full.len() * CHUNK + self.last.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The newest entry.
    #[must_use]
    pub fn last(&self) -> Option<&T> {
        self.last.last().or_else(|| self.full.last()?.last())
    }

    /// The entry at that place.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&T> {
        match self.full.get(index / CHUNK) {
            Some(chunk) => chunk.get(index % CHUNK),
            None => self.last.get(index.checked_sub(self.full.len() * CHUNK)?),
        }
    }

    /// The newest `count` entries (or all there are), oldest first.
    pub fn newest(&self, count: usize) -> impl DoubleEndedIterator<Item = &T> {
        let len = self.len();
        (len - count.min(len)..len).filter_map(|i| self.get(i))
    }

    /// All entries, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.newest(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_and_do_not_disturb_each_other() {
        let mut a = Chunks::default();
        (0..130).for_each(|i| a.push(i));
        let mut b = a.clone();
        b.push(1_000);
        a.push(2_000);
        assert_eq!((a.len(), b.len()), (131, 131));
        assert_eq!((a.last(), b.last()), (Some(&2_000), Some(&1_000)));
        assert!(Arc::ptr_eq(&a.full[0], &b.full[0]));
        assert_eq!(a.newest(3).copied().collect::<Vec<_>>(), [128, 129, 2_000]);
        assert_eq!(a.iter().count(), 131);
    }

    #[test]
    fn the_oldest_are_forgotten_in_whole_chunks() {
        let mut a = Chunks::default();
        (0..300).for_each(|i| a.push(i));
        let forgotten: Vec<i32> = a.keep_newest(100).iter().flat_map(|c| c.to_vec()).collect();
        assert_eq!(forgotten, (0..192).collect::<Vec<_>>());
        assert_eq!((a.len(), a.get(0), a.last()), (108, Some(&192), Some(&299)));
    }

    #[test]
    fn the_newest_can_be_replaced_at_the_edge_of_a_chunk() {
        let mut a = Chunks::default();
        (0..64).for_each(|i| a.push(i));
        a.replace_last(7);
        assert_eq!((a.len(), a.last(), a.get(62)), (64, Some(&7), Some(&62)));
    }
}
