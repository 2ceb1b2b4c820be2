//! A cache: real entries, of which the least recently used is evicted.

use crate::sim::frame::Frame;
use crate::sim::node::Part;
use crate::sim::observation::{Observer, Outcome};
use crate::sim::pages::Pages;
use crate::sim::program::Flow;
use crate::sim::random::Lot;
use crate::sim::spec::Options;
use crate::sim::time::Ns;
use crate::sim::world::World;

/// Operations of a cache's programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CacheOp {
    /// Looks a row up.
    Lookup,
    /// Puts what was read from the database.
    Put,
    /// Deletes a row that was written.
    Delete,
}

const NIL: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Entry {
    expires: Ns,
    version: u64,
    row: u32,
    newer: u32,
    older: u32,
}

/// Entries in one vector, linked from the newest to the oldest use; an index by row.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    entries: Vec<Entry>,
    /// Slots of `entries` that are free.
    free: Vec<u32>,
    /// Slot + 1 of each row that is here.
    index: Pages,
    newest: u32,
    oldest: u32,
}

impl Cache {
    pub(crate) fn new() -> Cache {
        Cache {
            entries: Vec::new(),
            free: Vec::new(),
            index: Pages::default(),
            newest: NIL,
            oldest: NIL,
        }
    }

    /// Entries that are here, expired ones included.
    pub(crate) fn len(&self) -> u64 {
        (self.entries.len() - self.free.len()) as u64
    }

    #[inline]
    fn slot(&self, row: u32) -> Option<u32> {
        (self.index.get(row) as u32).checked_sub(1)
    }

    #[inline]
    fn unlink(&mut self, slot: u32) {
        let Entry { newer, older, .. } = self.entries[slot as usize];
        match newer {
            NIL => self.newest = older,
            n => self.entries[n as usize].older = older,
        }
        match older {
            NIL => self.oldest = newer,
            o => self.entries[o as usize].newer = newer,
        }
    }

    #[inline]
    fn to_front(&mut self, slot: u32) {
        let newest = self.newest;
        let entry = &mut self.entries[slot as usize];
        entry.newer = NIL;
        entry.older = newest;
        match newest {
            NIL => self.oldest = slot,
            n => self.entries[n as usize].newer = slot,
        }
        self.newest = slot;
    }

    /// The version of a row, if it is here and has not expired.
    #[inline]
    fn get(&mut self, row: u32, now: Ns) -> Option<u64> {
        let slot = self.slot(row)?;
        let entry = self.entries[slot as usize];
        if entry.expires <= now {
            return None;
        }
        if self.newest != slot {
            self.unlink(slot);
            self.to_front(slot);
        }
        Some(entry.version)
    }

    fn put(&mut self, row: u32, version: u64, expires: Ns, capacity: u32) {
        if let Some(slot) = self.slot(row) {
            self.unlink(slot);
            self.to_front(slot);
            let entry = &mut self.entries[slot as usize];
            entry.version = version;
            entry.expires = expires;
            return;
        }
        while self.len() >= u64::from(capacity) && self.oldest != NIL {
            self.delete(self.entries[self.oldest as usize].row);
        }
        let entry = Entry { expires, version, row, newer: NIL, older: NIL };
        let slot = if let Some(slot) = self.free.pop() {
            self.entries[slot as usize] = entry;
            slot
        } else {
            self.entries.push(entry);
            self.entries.len() as u32 - 1
        };
        self.index.set(row, u64::from(slot) + 1);
        self.to_front(slot);
    }

    fn delete(&mut self, row: u32) {
        let Some(slot) = self.slot(row) else { return };
        self.unlink(slot);
        self.index.set(row, 0);
        self.free.push(slot);
    }
}

/// When an entry put now expires: within 10 % of the ttl, or entries that are filled together would
/// expire together.
fn expiry(now: Ns, ttl: Ns, lot: &mut Lot) -> Ns {
    let tenth = ttl / 10;
    now.saturating_add(ttl - tenth).saturating_add(lot.below(2 * tenth + 1))
}

impl World {
    pub(in crate::sim) fn cache_op<O: Observer>(
        &mut self,
        op: CacheOp,
        index: u32,
        out: &mut O,
    ) -> Flow {
        let now = self.now;
        let frame: &mut Frame = &mut self.arena[index];
        let node = &mut self.nodes[frame.node.index()];
        let (Part::Cache(cache), Options::Cache(options)) =
            (&mut node.part, &self.options[node.component.index()])
        else {
            return Flow::Next;
        };
        match op {
            CacheOp::Lookup => {
                let found = cache.get(frame.key, now);
                out.looked_up(now, frame.node, found.is_some());
                let Some(version) = found else { return Flow::End(Outcome::Miss) };
                frame.value = version;
            }
            CacheOp::Put => {
                let mut lot = self.expiry.of(frame.request, frame.step, frame.attempt);
                let expires = expiry(now, options.ttl, &mut lot);
                cache.put(frame.key, frame.value, expires, options.capacity.count());
            }
            CacheOp::Delete => cache.delete(frame.key),
        }
        Flow::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::random::Purpose;
    use proptest::prelude::*;

    #[test]
    fn the_least_recently_used_goes() {
        let mut cache = Cache::new();
        for row in 1..=3 {
            cache.put(row, u64::from(row), 100, 3);
        }
        assert_eq!(cache.get(1, 0), Some(1));
        cache.put(4, 4, 100, 3);
        assert_eq!((cache.get(2, 0), cache.get(1, 0), cache.get(4, 0)), (None, Some(1), Some(4)));
    }

    #[test]
    fn entries_expire() {
        let mut cache = Cache::new();
        cache.put(1, 9, 100, 3);
        assert_eq!((cache.get(1, 99), cache.get(1, 100)), (Some(9), None));
    }

    #[test]
    fn expiry_is_within_a_tenth() {
        let purpose = Purpose::new(1, "expiry");
        for r in 0..1000 {
            let at = expiry(1000, 100, &mut purpose.of(r, 0, 0));
            assert!((1090..=1110).contains(&at), "{at}");
        }
    }

    proptest! {
        /// The same as a plain list that is searched from the front.
        #[test]
        fn behaves_like_a_list(steps in prop::collection::vec((0u8..3, 0u32..12), 1..300)) {
            let mut cache = Cache::new();
            let mut list: Vec<(u32, u64)> = Vec::new();
            for (i, (op, row)) in steps.into_iter().enumerate() {
                let at = list.iter().position(|e| e.0 == row);
                match op {
                    0 => {
                        let want = at.map(|i| list.remove(i));
                        if let Some(e) = want { list.insert(0, e); }
                        prop_assert_eq!(cache.get(row, 0), want.map(|e| e.1));
                    }
                    1 => {
                        if let Some(i) = at { list.remove(i); }
                        list.insert(0, (row, i as u64));
                        list.truncate(5);
                        cache.put(row, i as u64, 1, 5);
                    }
                    _ => {
                        if let Some(i) = at { list.remove(i); }
                        cache.delete(row);
                    }
                }
                prop_assert_eq!(cache.len(), list.len() as u64);
            }
        }
    }
}
