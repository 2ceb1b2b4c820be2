//! The entries of a cache, and the order in which they are evicted, all in constant time.
//!
//! Entries stand in *buckets* by how often they were used, each a list from the newest to the oldest.
//! With `lru` and `fifo` there is one bucket: `lru` moves an entry to its front at every use, `fifo`
//! never. With `lfu` a use moves an entry to the bucket of one more use: the algorithm of Shah, Mitra
//! and Matani, "An O(1) algorithm for implementing the LFU cache eviction scheme", 2010. Where they
//! leave open which of the least frequently used goes, it is the least recently used of them. There
//! is no ageing: what was popular once stays, which is what `lfu` is known for.

use crate::sim::pages::Pages;
use crate::sim::spec::Evict;
use crate::sim::time::Ns;

const NIL: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    expires: Ns,
    version: u64,
    row: u32,
    /// The next newer entry of its bucket; of a free slot, the next free one.
    newer: u32,
    older: u32,
    bucket: u32,
}

/// Entries that were used equally often.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    uses: u64,
    newest: u32,
    oldest: u32,
    /// The bucket of the next more uses; of a free one, the next free one.
    more: u32,
    fewer: u32,
}

/// Real entries of a cache.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    evict: Evict,
    entries: Pages<Entry>,
    /// Slots of `entries` that there are.
    slots: u32,
    used: u64,
    /// The first slot of `entries` that is free.
    free: u32,
    /// Slot + 1 of each row that is here.
    index: Pages<u32>,
    /// At most as many as there are different numbers of uses: their clone costs little.
    buckets: Vec<Bucket>,
    free_bucket: u32,
    /// The bucket of the fewest uses.
    lowest: u32,
}

impl Cache {
    pub(crate) fn new(evict: Evict) -> Cache {
        Cache {
            evict,
            entries: Pages::default(),
            slots: 0,
            used: 0,
            free: NIL,
            index: Pages::default(),
            buckets: Vec::new(),
            free_bucket: NIL,
            lowest: NIL,
        }
    }

    /// Throws everything away; returns how many entries there were.
    pub(crate) fn clear(&mut self) -> u64 {
        std::mem::replace(self, Cache::new(self.evict)).len()
    }

    /// What it takes in memory, about.
    pub(crate) fn held_bytes(&self) -> usize {
        self.entries.held_bytes()
            + self.index.held_bytes()
            + self.buckets.capacity() * size_of::<Bucket>()
    }

    /// Entries that are here, expired ones included.
    pub(crate) fn len(&self) -> u64 {
        self.used
    }

    #[inline]
    fn slot(&self, row: u32) -> Option<u32> {
        self.index.get(row).checked_sub(1)
    }

    /// Takes an entry out of its bucket, and the bucket away if it was the last one there.
    #[inline]
    fn unlink(&mut self, slot: u32) {
        let Entry { newer, older, bucket, .. } = self.entries.get(slot);
        match newer {
            NIL => self.buckets[bucket as usize].newest = older,
            n => self.entries.at(n).older = older,
        }
        match older {
            NIL => self.buckets[bucket as usize].oldest = newer,
            o => self.entries.at(o).newer = newer,
        }
        if self.buckets[bucket as usize].newest == NIL {
            self.remove_bucket(bucket);
        }
    }

    /// Puts an entry at the front of a bucket.
    #[inline]
    fn put_first(&mut self, slot: u32, bucket: u32) {
        let b = &mut self.buckets[bucket as usize];
        let newest = std::mem::replace(&mut b.newest, slot);
        if newest == NIL {
            b.oldest = slot;
        } else {
            self.entries.at(newest).newer = slot;
        }
        let entry = self.entries.at(slot);
        (entry.newer, entry.older, entry.bucket) = (NIL, newest, bucket);
    }

    /// A bucket after `fewer` (the first of all if that is `NIL`), for that many uses.
    fn add_bucket(&mut self, uses: u64, fewer: u32) -> u32 {
        let more = if fewer == NIL { self.lowest } else { self.buckets[fewer as usize].more };
        let bucket = Bucket { uses, newest: NIL, oldest: NIL, more, fewer };
        let number = match self.free_bucket {
            NIL => {
                self.buckets.push(bucket);
                self.buckets.len() as u32 - 1
            }
            free => {
                self.free_bucket = self.buckets[free as usize].more;
                self.buckets[free as usize] = bucket;
                free
            }
        };
        self.join_buckets(fewer, number);
        self.join_buckets(number, more);
        number
    }

    fn remove_bucket(&mut self, bucket: u32) {
        let Bucket { more, fewer, .. } = self.buckets[bucket as usize];
        self.join_buckets(fewer, more);
        self.buckets[bucket as usize].more = self.free_bucket;
        self.free_bucket = bucket;
    }

    fn join_buckets(&mut self, fewer: u32, more: u32) {
        match fewer {
            NIL => self.lowest = more,
            f => self.buckets[f as usize].more = more,
        }
        if more != NIL {
            self.buckets[more as usize].fewer = fewer;
        }
    }

    /// The bucket for what is used for the first time.
    fn first_bucket(&mut self) -> u32 {
        match self.lowest {
            NIL => self.add_bucket(1, NIL),
            lowest if self.buckets[lowest as usize].uses > 1 => self.add_bucket(1, NIL),
            lowest => lowest,
        }
    }

    /// An entry is used.
    #[inline]
    fn touch(&mut self, slot: u32) {
        let bucket = self.entries.get(slot).bucket;
        match self.evict {
            Evict::Fifo => {}
            Evict::Lru => {
                // Never the last one of its bucket, so that the bucket stays.
                if self.buckets[bucket as usize].newest != slot {
                    self.unlink(slot);
                    self.put_first(slot, bucket);
                }
            }
            Evict::Lfu => {
                let Bucket { uses, more, .. } = self.buckets[bucket as usize];
                let next = match more {
                    m if m != NIL && self.buckets[m as usize].uses == uses + 1 => m,
                    _ => self.add_bucket(uses + 1, bucket),
                };
                self.unlink(slot);
                self.put_first(slot, next);
            }
        }
    }

    /// The version of a row, if it is here and has not expired.
    #[inline]
    pub(super) fn get(&mut self, row: u32, now: Ns) -> Option<u64> {
        let slot = self.slot(row)?;
        let Entry { expires, version, .. } = self.entries.get(slot);
        if expires <= now {
            return None;
        }
        self.touch(slot);
        Some(version)
    }

    /// Puts a row in: a use of it, if it is here. If there is no room, another goes first.
    pub(super) fn put(&mut self, row: u32, version: u64, expires: Ns, capacity: u32) {
        if let Some(slot) = self.slot(row) {
            self.touch(slot);
            let entry = self.entries.at(slot);
            entry.version = version;
            entry.expires = expires;
            return;
        }
        self.shrink(capacity.saturating_sub(1));
        let bucket = self.first_bucket();
        let entry = Entry { expires, version, row, newer: NIL, older: NIL, bucket };
        let slot = match self.free {
            NIL => {
                self.slots += 1;
                self.slots - 1
            }
            free => {
                self.free = self.entries.get(free).newer;
                free
            }
        };
        self.entries.set(slot, entry);
        self.used += 1;
        self.index.set(row, slot + 1);
        self.put_first(slot, bucket);
    }

    pub(super) fn delete(&mut self, row: u32) {
        let Some(slot) = self.slot(row) else { return };
        self.unlink(slot);
        self.index.set(row, 0);
        self.entries.at(slot).newer = self.free;
        self.free = slot;
        self.used -= 1;
    }

    /// Throws away what is more than a capacity.
    fn shrink(&mut self, capacity: u32) {
        while self.used > u64::from(capacity) && self.lowest != NIL {
            let oldest = self.buckets[self.lowest as usize].oldest;
            self.delete(self.entries.get(oldest).row);
        }
    }

    /// Evicts by another rule from now on. What is here keeps its order: the next to go stays so.
    /// Uses are counted from now on.
    pub(super) fn set_evict(&mut self, evict: Evict) {
        if std::mem::replace(&mut self.evict, evict) == Evict::Lfu && evict != Evict::Lfu {
            self.merge_buckets();
        }
    }

    /// Makes one bucket of all: first those used least, each from the oldest on.
    fn merge_buckets(&mut self) {
        let mut order = Vec::with_capacity(self.used as usize);
        let mut bucket = self.lowest;
        while bucket != NIL {
            let b = self.buckets[bucket as usize];
            let mut slot = b.oldest;
            while slot != NIL {
                order.push(slot);
                slot = self.entries.get(slot).newer;
            }
            bucket = b.more;
        }
        self.buckets.clear();
        (self.free_bucket, self.lowest) = (NIL, NIL);
        for slot in order {
            let first = self.first_bucket();
            self.put_first(slot, first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(evict: Evict, rows: u32) -> Cache {
        let mut cache = Cache::new(evict);
        for row in 1..=rows {
            cache.put(row, u64::from(row), 100, rows);
        }
        cache
    }

    fn here(cache: &Cache) -> Vec<u32> {
        (0..20).filter(|&row| cache.slot(row).is_some()).collect()
    }

    #[test]
    fn the_least_recently_used_goes() {
        let mut cache = filled(Evict::Lru, 3);
        assert_eq!(cache.get(1, 0), Some(1));
        cache.put(4, 4, 100, 3);
        assert_eq!(here(&cache), vec![1, 3, 4]);
    }

    #[test]
    fn the_first_in_goes_however_it_was_used() {
        let mut cache = filled(Evict::Fifo, 3);
        assert_eq!(cache.get(1, 0), Some(1));
        cache.put(1, 9, 100, 3);
        cache.put(4, 4, 100, 3);
        assert_eq!(here(&cache), vec![2, 3, 4]);
    }

    #[test]
    fn the_least_frequently_used_goes() {
        let mut cache = filled(Evict::Lfu, 3);
        for row in [1, 1, 2, 3, 3] {
            assert!(cache.get(row, 0).is_some());
        }
        cache.put(4, 4, 100, 3);
        assert_eq!(here(&cache), vec![1, 3, 4], "2 was used twice, the others three times");
        cache.put(5, 5, 100, 3);
        assert_eq!(here(&cache), vec![1, 3, 5], "4 was used once");
    }

    #[test]
    fn entries_expire() {
        let mut cache = filled(Evict::Lru, 1);
        assert_eq!((cache.get(1, 99), cache.get(1, 100)), (Some(1), None));
    }

    #[test]
    fn another_rule_keeps_the_order() {
        let mut cache = filled(Evict::Lfu, 3);
        for row in [1, 1, 3] {
            cache.get(row, 0);
        }
        cache.set_evict(Evict::Fifo);
        cache.shrink(2);
        assert_eq!(here(&cache), vec![1, 3]);
        cache.shrink(1);
        assert_eq!(here(&cache), vec![1]);
        cache.set_evict(Evict::Lfu);
        cache.put(7, 7, 100, 2);
        cache.get(7, 0);
        cache.put(8, 8, 100, 2);
        assert_eq!(here(&cache), vec![7, 8], "uses count from the change on");
    }

    #[test]
    fn a_clone_shares_what_is_not_written() {
        let mut cache = Cache::new(Evict::Lru);
        for row in 0..100_000 {
            cache.put(row, 1, 100, u32::MAX);
        }
        let copy = cache.clone();
        assert_eq!(copy.entries.shared_with(&cache.entries), 196);
        cache.get(50_000, 0);
        let shared = copy.entries.shared_with(&cache.entries);
        assert!((192..196).contains(&shared), "{shared}: the entry, its neighbours and the newest");
        assert_eq!(copy.buckets[0].newest, 99_999, "the clone is as it was");
    }

    /// What a cache does, by searching a list of (row, version, uses) from the newest to the oldest.
    struct Model {
        evict: Evict,
        list: Vec<(u32, u64, u64)>,
    }

    impl Model {
        fn used(&mut self, row: u32) -> Option<u64> {
            let at = self.list.iter().position(|e| e.0 == row)?;
            self.list[at].2 += 1;
            let version = self.list[at].1;
            if self.evict != Evict::Fifo {
                let entry = self.list.remove(at);
                self.list.insert(0, entry);
            }
            Some(version)
        }

        fn evict_one(&mut self) {
            let least = self.list.iter().map(|e| e.2).min();
            let by_uses = self.evict == Evict::Lfu;
            let victim = self.list.iter().rposition(|e| !by_uses || Some(e.2) == least);
            self.list.remove(victim.expect("not empty"));
        }

        fn put(&mut self, row: u32, version: u64, capacity: usize) {
            if self.used(row).is_none() {
                while self.list.len() >= capacity {
                    self.evict_one();
                }
                self.list.insert(0, (row, version, 1));
            }
            self.list.iter_mut().filter(|e| e.0 == row).for_each(|e| e.1 = version);
        }
    }

    fn any_evict() -> impl Strategy<Value = Evict> {
        prop::sample::select(vec![Evict::Lru, Evict::Lfu, Evict::Fifo])
    }

    proptest! {
        #[test]
        fn behaves_like_a_list(
            evict in any_evict(),
            steps in prop::collection::vec((0u8..5, 0u32..12), 1..300),
        ) {
            let mut cache = Cache::new(evict);
            let mut model = Model { evict, list: Vec::new() };
            for (i, (op, row)) in steps.into_iter().enumerate() {
                match op {
                    0 | 1 => prop_assert_eq!(cache.get(row, 0), model.used(row)),
                    2 | 3 => {
                        cache.put(row, i as u64, 1, 5);
                        model.put(row, i as u64, 5);
                    }
                    _ => {
                        cache.delete(row);
                        model.list.retain(|e| e.0 != row);
                    }
                }
                let mut rows: Vec<u32> = model.list.iter().map(|e| e.0).collect();
                rows.sort_unstable();
                prop_assert_eq!(here(&cache), rows);
                prop_assert_eq!(cache.len(), model.list.len() as u64);
            }
        }
    }
}
