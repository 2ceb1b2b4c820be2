//! A failover, as it is shown: what each of its parts took, and what is still to come.

use crate::sim::time::Ns;
use std::sync::Arc;

/// The replacement of a primary.
#[derive(Clone, Debug, PartialEq)]
pub struct Failover {
    /// Index of the database among the components.
    pub database: usize,
    /// The primary that was missed, if it was.
    pub from: Option<Arc<str>>,
    /// The node that took over, or is to.
    pub to: Option<Arc<str>>,
    /// The epoch of the new primary, once one was chosen.
    pub epoch: u32,
    /// When the primary was gone, or first missed.
    pub started: Ns,
    /// When a majority of watchers missed it.
    pub detected: Option<Ns>,
    /// When its successor was chosen.
    pub elected: Option<Ns>,
    /// When the promotion is due, an old lease waited out.
    pub due: Option<Ns>,
    /// When the successor took the role.
    pub promoted: Option<Ns>,
    /// When the last of the callers had done its first operation with it.
    pub recovered: Option<Ns>,
    /// Callers that have not come back yet.
    pub waiting: usize,
    /// How often it found nobody to promote, or lost its majority.
    pub stalled: u32,
}

/// A part of a failover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// A majority misses the primary.
    Detected,
    /// A successor is chosen.
    Elected,
    /// It has taken the role.
    Promoted,
    /// All callers have found it.
    Reconnected,
}

impl Stage {
    /// All, in their order.
    pub const ALL: [Stage; 4] =
        [Stage::Detected, Stage::Elected, Stage::Promoted, Stage::Reconnected];

    /// The word for it once it is done.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Stage::Detected => "detected",
            Stage::Elected => "elected",
            Stage::Promoted => "promoted",
            Stage::Reconnected => "reconnected",
        }
    }

    /// The word for it while it goes on, or is to come.
    #[must_use]
    pub fn doing(self) -> &'static str {
        match self {
            Stage::Detected => "detecting",
            Stage::Elected => "electing",
            Stage::Promoted => "promoting",
            Stage::Reconnected => "reconnecting",
        }
    }
}

impl Failover {
    /// When a part was done, if it is.
    #[must_use]
    pub fn done(&self, stage: Stage) -> Option<Ns> {
        match stage {
            Stage::Detected => self.detected,
            Stage::Elected => self.elected,
            Stage::Promoted => self.promoted,
            // Callers may have come back one by one: it is done with the last.
            Stage::Reconnected if self.promoted.is_some() && self.waiting == 0 => {
                self.recovered.or(self.promoted)
            }
            Stage::Reconnected => None,
        }
    }

    /// The part that goes on now; `None` when all is done.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        let done = Stage::ALL.iter().rposition(|s| self.done(*s).is_some());
        Stage::ALL.get(done.map_or(0, |last| last + 1)).copied()
    }

    /// How long a part took, from the end of the part before it (the first: from the start).
    #[must_use]
    pub fn took(&self, stage: Stage) -> Option<Ns> {
        let end = self.done(stage)?;
        let before = Stage::ALL.iter().take_while(|s| **s < stage).filter_map(|s| self.done(*s));
        Some(end.saturating_sub(before.max().unwrap_or(self.started)))
    }

    /// From the loss of the primary until all was done, or until now.
    #[must_use]
    pub fn length(&self, now: Ns) -> Ns {
        self.done(Stage::Reconnected).unwrap_or(now).saturating_sub(self.started)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_timed_from_one_to_the_next() {
        let mut failover = Failover {
            database: 0,
            from: None,
            to: None,
            epoch: 2,
            started: 1_000,
            detected: Some(2_200),
            elected: Some(2_250),
            due: Some(2_750),
            promoted: None,
            recovered: None,
            waiting: 0,
            stalled: 0,
        };
        assert_eq!(failover.stage(), Some(Stage::Promoted));
        assert_eq!(failover.took(Stage::Detected), Some(1_200));
        assert_eq!(failover.took(Stage::Elected), Some(50));
        assert_eq!(failover.length(2_600), 1_600);
        (failover.promoted, failover.waiting) = (Some(2_750), 2);
        assert_eq!(failover.stage(), Some(Stage::Reconnected));
        (failover.recovered, failover.waiting) = (Some(2_950), 0);
        assert_eq!((failover.stage(), failover.length(9_000)), (None, 1_950));
        // A person has promoted somebody: nobody missed anybody.
        failover.detected = None;
        assert_eq!(failover.stage(), None);
        failover.promoted = None;
        assert_eq!(failover.stage(), Some(Stage::Promoted));
    }
}
