//! A cache in front of a database.

use super::setting::{Limit, Role, Setting, setting};
use crate::sim::time::{MICROSECOND, MILLISECOND, Ns, SECOND};

/// Cache-aside: callers look here first, read the database on a miss, and put what they read
/// without waiting. Entries are real, and the least recently used is evicted.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheOptions {
    /// The database whose rows it holds.
    pub of: String,
    /// Entries at most.
    pub capacity: Limit,
    /// How long an entry is good; each within 10 % of this, or entries filled together would expire
    /// together.
    pub ttl: Ns,
    /// Time of a lookup, without the network.
    pub get: Ns,
    /// How long callers wait for it before they go to the database.
    pub call_timeout: Ns,
    /// Whether callers use it. Entries stay when it is switched off.
    pub enabled: bool,
    /// From the start of the process until it serves; it starts empty.
    pub boot: Ns,
}

impl Default for CacheOptions {
    fn default() -> CacheOptions {
        CacheOptions {
            of: String::new(),
            capacity: Limit::At(10_000),
            ttl: 60 * SECOND,
            get: 300 * MICROSECOND,
            call_timeout: 100 * MILLISECOND,
            enabled: true,
            boot: 2 * SECOND,
        }
    }
}

impl CacheOptions {
    /// What can be set.
    pub const SETTINGS: &'static [Setting<CacheOptions>] = &[
        setting!("of", Name(Role::Database), start, "the database whose rows it holds", of),
        setting!("capacity", Limit(1), live, "entries at most", capacity),
        setting!("ttl", Time, live, "how long an entry is good (within 10 %)", ttl),
        setting!("get", Time, live, "time of a lookup, without the network", get),
        setting!("call_timeout", Time, live, "how long callers wait for it", call_timeout),
        setting!("enabled", Flag, live, "whether callers use it; entries stay", enabled),
        setting!("boot", Time, live, "from the start of the process until it serves", boot),
    ];
}
