//! What a watcher writes to the node that it makes primary.
//!
//! That is more than a frame can carry. The message names its epoch, which has one winner, and what the
//! winner wrote of it stays with the winner and never changes, whatever it learns meanwhile.

use crate::sim::part::database::in_sync::Members;

/// Appointments that are kept, for messages that are still under way: a later one begins only when the
/// last one has failed, or is so old that its node has been asked to follow somebody else.
const KEPT: usize = 4;

/// One node made primary of an epoch.
#[derive(Clone, Copy, Debug)]
struct Appointment {
    epoch: u32,
    /// Who was in sync with the last primary.
    in_sync: Members,
    /// Who of them had told of its log.
    live: Members,
}

/// The last appointments of one watcher, the newest last. They are on disk, like its votes.
#[derive(Clone, Debug, Default)]
pub(super) struct Appointments(Vec<Appointment>);

impl Appointments {
    /// Writes one down.
    pub(super) fn add(&mut self, epoch: u32, in_sync: Members, live: Members) {
        if self.0.len() == KEPT {
            self.0.remove(0);
        }
        self.0.push(Appointment { epoch, in_sync, live });
    }

    /// What was written to the primary of an epoch: who was in sync, and who of them is known to live;
    /// nobody, if that is too long ago.
    pub(super) fn of(&self, epoch: u32) -> (Members, Members) {
        let written = self.0.iter().find(|a| a.epoch == epoch);
        written.map_or((0, 0), |a| (a.in_sync, a.live))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_stays_and_the_oldest_go() {
        let mut all = Appointments::default();
        for epoch in 2..=6 {
            all.add(epoch, 0b111, Members::from(epoch));
        }
        assert_eq!((all.of(2), all.of(3), all.of(6)), ((0, 0), (0b111, 3), (0b111, 6)));
    }
}
