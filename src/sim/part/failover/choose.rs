//! Which node is to be the next primary.
//!
//! The newest log wins, among those that are sure to have every acknowledged write: with `quorum` any
//! majority contains one that does; with `sync` every member of the in-sync set does; with `semi` one
//! of the set does besides the primary, so that all of it but one must have answered, or the last
//! primary itself. With `async` nothing is sure, and those who answered must do.

use crate::sim::part::database::in_sync::{Members, Rule, everybody, member};
use crate::sim::spec::Ack;

/// What a choice depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice {
    pub(super) rule: Rule,
    /// The in-sync set, as far as a majority of watchers knows.
    pub(super) in_sync: Members,
    /// The primary that is to be replaced, if it is known to be the last one.
    pub(super) old: Option<u16>,
    /// Nodes of the database.
    pub(super) nodes: usize,
    /// The node that a person has named.
    pub(super) wish: Option<u16>,
}

/// The newest entry (as one number) and the index of a data node that answered.
pub(super) type Log = (u64, u16);

/// The nodes of these logs.
pub(super) fn reached(logs: &[Log]) -> Members {
    logs.iter().fold(0, |set, &(_, node)| set | member(usize::from(node)))
}

impl Choice {
    /// Who may be chosen when these have answered.
    fn candidates(&self, reached: Members) -> Option<Members> {
        let (all, set) = (everybody(self.nodes), self.in_sync);
        let old = self.old.map_or(0, |old| member(usize::from(old)));
        let sure = match self.rule.ack {
            Ack::Async => true,
            Ack::Quorum => reached.count_ones() as usize > self.nodes / 2,
            Ack::Sync => reached & set != 0,
            Ack::Semi => {
                let missing = (set & !reached).count_ones();
                reached & set & old != 0 || (reached & set != 0 && missing <= 1)
            }
        };
        match self.rule.ack {
            Ack::Async | Ack::Quorum if sure => Some(all),
            _ if sure => Some(set),
            _ => self.rule.degrade.then_some(all),
        }
    }

    /// The node to promote. One that a person names must have answered and be sure to lose nothing
    /// (unless nothing is sure anyway), or the newest log is chosen after all: the old primary has
    /// given up its role by then.
    pub(super) fn of(&self, logs: &[Log]) -> Option<Log> {
        let candidates = self.candidates(reached(logs))?;
        let among = || logs.iter().filter(|l| candidates & member(usize::from(l.1)) != 0);
        let best = *among().max_by_key(|&&(newest, node)| (newest, std::cmp::Reverse(node)))?;
        let Some(wish) = self.wish else { return Some(best) };
        let lossy = self.rule.degrade || matches!(self.rule.ack, Ack::Async | Ack::Sync);
        let wished = among().find(|&&(newest, node)| node == wish && (lossy || newest == best.0));
        Some(*wished.unwrap_or(&best))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(ack: Ack) -> Choice {
        let rule = Rule { ack, min: 1, degrade: false };
        Choice { rule, in_sync: 0b111, old: Some(0), nodes: 3, wish: None }
    }

    fn chosen(choice: Choice, logs: &[Log]) -> Option<u16> {
        choice.of(logs).map(|l| l.1)
    }

    #[test]
    fn the_newest_log_wins_and_then_the_lowest_number() {
        for ack in [Ack::Async, Ack::Semi, Ack::Sync, Ack::Quorum] {
            assert_eq!(chosen(choice(ack), &[(7, 1), (8, 2)]), Some(2));
            assert_eq!(chosen(choice(ack), &[(8, 1), (8, 2)]), Some(1));
            assert_eq!(chosen(choice(ack), &[]), None);
        }
    }

    #[test]
    fn one_of_two_replicas_is_enough_where_each_has_all() {
        let one = [(8, 2)];
        assert_eq!(chosen(choice(Ack::Async), &one), Some(2));
        assert_eq!(chosen(choice(Ack::Sync), &one), Some(2));
        assert_eq!(chosen(choice(Ack::Semi), &one), None, "the other may have more");
        assert_eq!(chosen(choice(Ack::Quorum), &one), None);
        assert_eq!(chosen(choice(Ack::Semi), &[(8, 0)]), Some(0), "the old primary has all");
    }

    #[test]
    fn who_was_primary_once_may_lack_what_a_later_one_acknowledged() {
        let unknown = Choice { old: None, ..choice(Ack::Semi) };
        assert_eq!(chosen(unknown, &[(8, 0)]), None, "two others may have acknowledged more");
        assert_eq!(chosen(unknown, &[(8, 0), (7, 2)]), Some(0), "one of any two has it");
    }

    #[test]
    fn who_is_not_in_sync_is_not_chosen() {
        let two = |ack| Choice { in_sync: 0b011, ..choice(ack) };
        assert_eq!(chosen(two(Ack::Sync), &[(7, 1), (8, 2)]), Some(1));
        assert_eq!(chosen(two(Ack::Semi), &[(7, 1)]), Some(1), "it is all of the set that is left");
        assert_eq!(chosen(two(Ack::Sync), &[(8, 2)]), None);
        let mut trap = two(Ack::Sync);
        trap.rule.degrade = true;
        assert_eq!(chosen(trap, &[(8, 2)]), Some(2));
    }

    #[test]
    fn a_wish_is_granted_where_it_loses_nothing_or_nothing_is_sure() {
        let wish = |ack| Choice { wish: Some(1), ..choice(ack) };
        let logs = [(9, 0), (7, 1), (9, 2)];
        assert_eq!(chosen(wish(Ack::Async), &logs), Some(1));
        assert_eq!(chosen(wish(Ack::Sync), &logs), Some(1), "what it lacks is not acknowledged");
        assert_eq!(chosen(wish(Ack::Semi), &logs), Some(0), "it lacks what may be acknowledged");
        assert_eq!(chosen(wish(Ack::Quorum), &[(9, 0), (9, 1)]), Some(1));
        assert_eq!(chosen(wish(Ack::Async), &[(9, 0)]), Some(0), "it did not answer");
    }
}
