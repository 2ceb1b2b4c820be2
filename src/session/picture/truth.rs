//! What became of data.

use crate::sim::time::Ns;

/// What became of data.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Truth {
    /// Writes whose answer reached the caller.
    pub acknowledged: u64,
    /// Of those, the ones that the new primary's log lacks.
    pub lost: u64,
    /// Acknowledged by a primary that is gone or cut off, and on no replica: lost if one of them is
    /// promoted now.
    pub at_risk: u64,
    /// Reads that gave an older version than the newest acknowledged when they were sent.
    pub stale: u64,
    /// Of those, how many per second in the last second.
    pub stale_per_s: f64,
    /// Writes that the official history has twice; `None` while no observer counts them.
    pub doubled: Option<u64>,
    /// Writes that the official history has and whose message was never published.
    pub unpublished: u64,
    /// Acknowledged writes overwritten unseen in a merge; `None` while no observer counts them.
    pub conflicts: Option<u64>,
    /// Time in which two nodes held the role of primary.
    pub split_brain: Ns,
    /// Last log position of each node of the first database, by its number.
    pub logs: Vec<u64>,
}
