//! Watchers of a primary.

use super::behaviour::{Behaviour, Peers};
use super::setting::{Role, Setting, setting};
use crate::sim::time::{MILLISECOND, Ns, SECOND};

/// Watchers ping the primary; a majority that misses it elects a leader, which promotes the replica
/// with the newest log.
#[derive(Clone, Debug, PartialEq)]
pub struct FailoverOptions {
    /// The database that is watched.
    pub of: String,
    /// How many watchers; a majority of them decides.
    pub watchers: u64,
    /// Time between two beats.
    pub every: Ns,
    /// Missed beats in a row after which a watcher believes the primary dead.
    pub misses: u64,
    /// Time of a promotion: replaying the log, opening for writes.
    pub promote: Ns,
    /// Whether the primary needs a lease of the watchers (`every` x `misses`): without one it steps
    /// down, and a promotion waits until the old lease is over. Set while running, it costs nobody
    /// the role: whoever acts as primary then has a lease from the change on.
    pub fencing: bool,
    /// From the start of the process until it watches.
    pub boot: Ns,
}

impl Default for FailoverOptions {
    fn default() -> FailoverOptions {
        FailoverOptions {
            of: String::new(),
            watchers: 3,
            every: SECOND,
            misses: 3,
            promote: 500 * MILLISECOND,
            fencing: true,
            boot: 2 * SECOND,
        }
    }
}

impl FailoverOptions {
    /// What can be set.
    pub const SETTINGS: &'static [Setting<FailoverOptions>] = &[
        setting!("of", Name(Role::Database), start, "the database that is watched", of),
        setting!("watchers", Count(1, 9), start, "watchers; a majority decides", watchers),
        setting!("every", Period, live, "between two beats", every),
        setting!("misses", Count(1, 1000), live, "missed beats before it is dead", misses),
        setting!("promote", Time, live, "time of a promotion", promote),
        setting!("fencing", Flag, live, "a primary without a lease steps down", fencing),
        setting!("boot", Time, live, "from the start of the process until it watches", boot),
    ];
}

impl Behaviour for FailoverOptions {
    fn instances(&self) -> u64 {
        self.watchers
    }
    fn boot(&self) -> Ns {
        self.boot
    }
    fn refers(&self) -> Option<&str> {
        Some(&self.of)
    }
    fn peers(&self) -> Peers<'_> {
        Peers::OwnAnd(&self.of)
    }
}
