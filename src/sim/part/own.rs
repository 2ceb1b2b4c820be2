//! Reading one's own writes: what a user's session remembers.
//!
//! With `read_your_writes` a user who has written a row reads at least that version (the session
//! guarantee of Terry and others, "Session guarantees for weakly consistent replicated data", 1994).
//! As in `MediaWiki`'s `ChronologyProtector` and `GitLab`'s load balancing, the answer to a write leaves
//! its position with the user, for [`REMEMBER`]; a read shows it, and a replica that has not come so
//! far says so, whereupon the caller reads from the primary. A cached value that is older counts as a
//! miss, and the read for it is not shared with others. A user who comes back later, or by a replica
//! that lags more than that, has no guarantee.

use crate::sim::time::{Ns, SECOND};
use std::collections::{BTreeMap, VecDeque};

/// How long a session remembers a write (`ChronologyProtector`'s cookie: 10 s).
const REMEMBER: Ns = 10 * SECOND;
/// Writes that are remembered of all users, at most: the oldest go first.
const WRITES: usize = 65_536;

/// Needs a version that only a primary may have: for a read that a replica has sent on.
pub(crate) const PRIMARY_ONLY: u64 = u64::MAX;

/// The newest versions that users have written lately, in one database. Empty unless the setting is
/// on.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnWrites {
    /// By user and row: the version, and when it was acknowledged.
    newest: BTreeMap<(u32, u32), (u64, Ns)>,
    /// The same, in order of time.
    order: VecDeque<(Ns, u32, u32)>,
}

impl OwnWrites {
    /// A user's write of a row has been acknowledged.
    pub(crate) fn wrote(&mut self, (user, row): (u32, u32), version: u64, now: Ns) {
        while let Some(&(at, user, row)) = self.order.front()
            && (at.saturating_add(REMEMBER) <= now || self.order.len() >= WRITES)
        {
            self.order.pop_front();
            if self.newest.get(&(user, row)).is_some_and(|&(_, newest)| newest == at) {
                self.newest.remove(&(user, row));
            }
        }
        let newest = self.newest.entry((user, row)).or_default();
        *newest = (newest.0.max(version), now);
        self.order.push_back((now, user, row));
    }

    /// The version of a row that a user must see; 0 if any will do.
    pub(crate) fn needs(&self, user: u32, row: u32, now: Ns) -> u64 {
        let known = self.newest.get(&(user, row));
        known.filter(|(_, at)| now < at.saturating_add(REMEMBER)).map_or(0, |&(version, _)| version)
    }

    /// Whether there is nothing to remember.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// What it takes in memory, about.
    pub(crate) fn held_bytes(&self) -> usize {
        self.newest.len() * size_of::<((u32, u32), (u64, Ns))>()
            + self.order.capacity() * size_of::<(Ns, u32, u32)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_remembers_the_newest_write_for_a_while() {
        let mut own = OwnWrites::default();
        own.wrote((7, 1), 5, 0);
        own.wrote((7, 1), 4, SECOND);
        own.wrote((7, 2), 6, SECOND);
        assert_eq!((own.needs(7, 1, SECOND), own.needs(7, 2, SECOND)), (5, 6));
        assert_eq!((own.needs(8, 1, SECOND), own.needs(7, 1, REMEMBER + SECOND)), (0, 0));
        own.wrote((7, 3), 9, REMEMBER + SECOND);
        assert_eq!((own.newest.len(), own.order.len()), (1, 1));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut own = OwnWrites::default();
        (0..100_000).for_each(|i| own.wrote((i, 1), 1, 5));
        assert_eq!((own.order.len(), own.newest.len()), (WRITES, WRITES));
        assert_eq!((own.needs(0, 1, 5), own.needs(99_999, 1, 5)), (0, 1));
    }
}
