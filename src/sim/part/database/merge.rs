//! Healing with `prefer = "availability"`: what a node has that its new primary lacks is merged.
//!
//! The node sets aside the end of its log that it must give up, as far as it has not been trimmed. With
//! its answer to the next batch the primary takes that over: of each row the last write wins (by the clocks of the primaries that
//! took the writes, which in this world agree; R. H. Thomas, "A majority consensus approach to
//! concurrency control", 1979). A winner becomes a new write of the primary. A loser is overwritten
//! by someone who never saw it: that is a conflict, on whichever side it was.

use super::Database;
use crate::sim::id::NodeId;
use crate::sim::log::{Key, Log, Version, Write};
use crate::sim::node::Part;
use crate::sim::observation::{Event, Observer};
use crate::sim::spec::Prefer;
use crate::sim::time::Ns;
use crate::sim::world::World;
use std::collections::BTreeMap;

/// An entry of a log that has parted from the primary's.
type Entry = (Version, Write);

/// What a node has set aside for its primary.
#[derive(Clone, Debug, Default)]
pub(super) struct Aside {
    entries: Vec<Entry>,
    /// The keys that entries carry.
    keys: Vec<(Version, Key)>,
}

impl Aside {
    /// Sets aside what a log has after a position.
    pub(super) fn extend(&mut self, log: &Log, end: u64) {
        for (position, write) in log.entries(end, log.end()) {
            let version = Version::new(log.epoch_at(position), position);
            self.entries.push((version, write));
            self.keys.extend(log.keys_at(position).map(|key| (version, key)));
        }
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.keys.clear();
    }

    /// Forgets what has been merged into a log.
    pub(super) fn settle(&mut self, log: &Log) {
        let lacks = |version: Version| version.position() > log.merged(version.epoch());
        self.entries.retain(|&(version, _)| lacks(version));
        self.keys.retain(|&(version, _)| lacks(version));
    }

    /// What it takes in memory, about.
    pub(super) fn held_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
            + self.keys.capacity() * size_of::<(Version, Key)>()
    }

    /// The keys that the entries of each row carry.
    fn keys_by_row(&self) -> BTreeMap<u32, Vec<(Version, Key)>> {
        let mut by_row: BTreeMap<u32, Vec<(Version, Key)>> = BTreeMap::new();
        if self.keys.is_empty() {
            return by_row;
        }
        let rows: BTreeMap<Version, u32> = self.entries.iter().map(|&(v, w)| (v, w.row)).collect();
        for &(version, key) in &self.keys {
            if let Some(&row) = rows.get(&version) {
                by_row.entry(row).or_default().push((version, key));
            }
        }
        by_row
    }
}

/// What a merge did.
#[derive(Clone, Debug, Default, PartialEq)]
struct Merge {
    /// The entries taken in: of which epoch, after which position, up to which.
    taken: Vec<(u32, u64, u64)>,
    /// Writes of either side that were overwritten unseen.
    overwritten: Vec<Version>,
    /// What became of the entries of rows in which their side won: the entry that was appended.
    moved: BTreeMap<Version, Version>,
}

impl Database {
    /// Takes in what another node has set aside. Nodes that followed the same old primary set aside
    /// the same entries: each is merged once. A winner stands for all that its side wrote to the row,
    /// and carries those keys; a loser is not done, and neither are its keys.
    fn merge(&mut self, aside: &Aside, now: Ns) -> Merge {
        let (mut merge, entries) = (Merge::default(), &aside.entries);
        let mut keys = aside.keys_by_row();
        let Some(first) = entries.first() else { return merge };
        let fork = first.0.position() - 1;
        let mut sides: BTreeMap<u32, Vec<Entry>> = BTreeMap::new();
        for &(version, write) in entries {
            let (epoch, position) = (version.epoch(), version.position());
            if position <= self.log.merged(epoch) {
                continue;
            }
            match merge.taken.last_mut() {
                Some(taken) if taken.0 == epoch => taken.2 = position,
                _ => merge.taken.push((epoch, position - 1, position)),
            }
            sides.entry(write.row).or_default().push((version, write));
        }
        for side in sides.into_values() {
            let Some(&(version, write)) = side.last() else { continue };
            let mut carried = keys.remove(&write.row).unwrap_or_default();
            let both = carried.iter().any(|&(of, key)| of == version && self.done(key).is_some());
            carried.retain(|&(_, key)| self.done(key).is_none());
            let carried = carried.into_iter().map(|(_, key)| key);
            if both {
                // Both sides did that write, and it stands. What that side alone did before it is done
                // as well: the row stays as it is, and the entry says so.
                if carried.len() > 0 {
                    self.append_keyed(write.row, now, carried);
                }
                continue;
            }
            let mine = Version(self.rows.get(write.row));
            // Of an entry that has been trimmed it is only known that it is no newer than the oldest
            // that is left.
            let written = self.log.get(mine.position()).map_or(0, |mine| mine.at);
            let seen = mine.position() <= fork;
            if !seen && write.at <= written {
                merge.overwritten.push(version);
                continue;
            }
            merge.overwritten.extend((!seen).then_some(mine));
            let new = self.append_keyed(write.row, now, carried);
            merge.moved.extend(side.iter().map(|&(old, _)| (old, new)));
        }
        for &(epoch, _, last) in &merge.taken {
            self.log.mark(epoch, last);
        }
        merge
    }

    /// What it has set aside that a primary of its epoch has not merged yet. The answer to a batch of
    /// that primary brings it; the node forgets it when it learns, with the log, that it is merged.
    fn unmerged(&self, primary: &Database) -> Option<Aside> {
        let lacking =
            |(version, _): &Entry| version.position() > primary.log.merged(version.epoch());
        let owes = self.epoch == primary.epoch && self.diverged.entries.iter().any(lacking);
        owes.then(|| self.diverged.clone())
    }
}

impl World {
    /// A primary takes what a peer has set aside; `peer` is its index.
    pub(super) fn take_diverged<O: Observer>(&mut self, me: NodeId, peer: usize, out: &mut O) {
        let now = self.now;
        let component = self.nodes[me.index()].component;
        let first = usize::from(self.topology.components[component.index()].nodes.start);
        let Ok([mine, theirs]) = self.nodes.get_disjoint_mut([me.index(), first + peer]) else {
            return;
        };
        let (Part::Database(mine), Part::Database(theirs)) = (&mut mine.part, &theirs.part) else {
            return;
        };
        if !mine.leads || mine.terms.prefer == Prefer::Consistency {
            return;
        }
        let Some(aside) = theirs.unmerged(mine) else { return };
        let merge = mine.merge(&aside, now);
        let newest = mine.log.newest();
        let doubled = self.effects.moved(&merge.moved, |version| mine.log.holds(version));
        let shippers = mine.shippers.iter_mut();
        self.ready.extend(shippers.filter_map(super::take_ticket));
        let node = NodeId((first + peer) as u16);
        for (epoch, after, last) in merge.taken {
            let (log_epoch, log_position) = (newest.epoch(), newest.position());
            let event =
                Event::Merged { component, node, epoch, after, last, log_epoch, log_position };
            out.happened(now, event);
        }
        for version in merge.overwritten {
            let (epoch, position) = (version.epoch(), version.position());
            out.happened(now, Event::Overwritten { component, epoch, position });
        }
        for version in doubled {
            let (epoch, position) = (version.epoch(), version.position());
            out.happened(now, Event::Doubled { component, epoch, position });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::database;
    use super::*;

    /// A primary of epoch 2 that shares one entry with the old one, and then wrote these rows at
    /// these times.
    fn primary(writes: &[(u32, Ns)]) -> Database {
        let mut d = database(1);
        d.log.append(1, Write { row: 9, at: 1, before: Version::default() });
        (d.applied, d.epoch, d.leads) = (1, 2, true);
        for &(row, at) in writes {
            d.append(row, at);
        }
        d
    }

    /// What the old primary wrote after that one entry.
    fn diverged(writes: &[(u32, Ns)]) -> Aside {
        let before = Version::default();
        let entry = |(position, &(row, at))| (Version::new(1, position), Write { row, at, before });
        Aside { entries: (2..).zip(writes).map(entry).collect(), keys: Vec::new() }
    }

    #[test]
    fn what_wins_carries_the_keys_of_its_side_and_what_both_did_is_done_once() {
        let key = |request| Key { request, path: 3 };
        let mut p = primary(&[]);
        p.append_keyed(1, 10, [key(1)]);
        p.append(2, 10);
        // Row 1: the same write as here. Row 2 loses. Row 3: two writes, of which the last wins.
        let mut aside = diverged(&[(1, 9), (2, 8), (3, 5), (3, 6)]);
        aside.keys = (2..=5).map(|n| (Version::new(1, n), key(n - 1))).collect();
        let merge = p.merge(&aside, 100);
        assert_eq!(merge.overwritten, vec![Version::new(1, 3)]);
        assert_eq!((p.log.end(), p.rows.get(1)), (4, Version::new(2, 2).0));
        let done = [1, 2, 3, 4].map(|n| p.done(key(n)));
        let won = Some(Version::new(2, 4));
        assert_eq!(done, [Some(Version::new(2, 2)), None, won, won]);
    }

    #[test]
    fn what_came_before_a_write_that_both_did_is_done_and_no_key_moves() {
        let key = |request| Key { request, path: 3 };
        let mut p = primary(&[]);
        p.append_keyed(1, 10, [key(2)]);
        p.append_keyed(2, 10, [key(3)]);
        // Row 1: a write that only that side did, and one that both did. Row 2: one that both did, and
        // a newer one.
        let mut aside = diverged(&[(1, 5), (1, 9), (2, 11), (2, 12)]);
        aside.keys = (2..=5).map(|n| (Version::new(1, n), key(n - 1))).collect();
        let merge = p.merge(&aside, 100);
        assert_eq!(merge.overwritten, vec![Version::new(2, 3)]);
        let done = [1, 2, 3, 4].map(|n| p.done(key(n)).map(Version::position));
        assert_eq!(done, [Some(4), Some(2), Some(3), Some(5)], "each where it was done");
    }

    #[test]
    fn what_nobody_else_wrote_comes_back() {
        let mut p = primary(&[(1, 10)]);
        let merge = p.merge(&diverged(&[(2, 5), (3, 6), (3, 7)]), 100);
        let moved = [(2, 3), (3, 4), (4, 4)];
        let moved = moved.map(|(old, new)| (Version::new(1, old), Version::new(2, new))).into();
        assert_eq!(merge, Merge { taken: vec![(1, 1, 4)], overwritten: vec![], moved });
        assert_eq!((p.log.end(), p.rows.get(3)), (4, Version::new(2, 4).0));
    }

    #[test]
    fn the_last_write_of_a_row_wins_and_the_other_is_a_conflict() {
        let mut p = primary(&[(1, 10), (2, 10)]);
        let merge = p.merge(&diverged(&[(1, 9), (2, 11)]), 100);
        assert_eq!(merge.overwritten, vec![Version::new(1, 2), Version::new(2, 3)]);
        assert_eq!(merge.moved, [(Version::new(1, 3), Version::new(2, 4))].into());
        assert_eq!((p.rows.get(1), p.log.end()), (Version::new(2, 2).0, 4));
    }

    #[test]
    fn a_write_that_its_own_side_overwrote_is_no_conflict() {
        let mut p = primary(&[(1, 10)]);
        let merge = p.merge(&diverged(&[(1, 8), (1, 9)]), 100);
        assert_eq!(merge.overwritten, vec![Version::new(1, 3)]);
    }

    #[test]
    fn entries_are_merged_once() {
        let mut p = primary(&[]);
        p.merge(&diverged(&[(2, 5)]), 100);
        let again = p.merge(&diverged(&[(2, 5), (3, 6)]), 200);
        assert_eq!((again.taken, p.log.end()), (vec![(1, 2, 3)], 3));
    }
}
