//! A cache in front of a database.

use super::behaviour::Behaviour;
use super::setting::{Limit, Role, Setting, setting, words};
use crate::sim::time::{MICROSECOND, MILLISECOND, Ns, SECOND};

words! {
    /// Which entry goes when there is no room for another.
    Evict {
        /// The least recently used.
        Lru = "lru",
        /// The least frequently used, without ageing; of several, the least recently used.
        Lfu = "lfu",
        /// The one that was put in first.
        Fifo = "fifo",
    }
}

/// Cache-aside: callers look here first, read the database on a miss, and put what they read
/// without waiting. Entries are real.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheOptions {
    /// The database whose rows it holds.
    pub of: String,
    /// Entries at most.
    pub capacity: Limit,
    /// Which entry goes when there is no room.
    pub evict: Evict,
    /// How long an entry is good.
    pub ttl: Ns,
    /// Each entry is good for `ttl`, more or less by up to this share of it: entries filled together
    /// would else expire together.
    pub jitter: f64,
    /// Whether callers delete a row that they have written. Else readers see the old one until it
    /// expires.
    pub invalidate: bool,
    /// Whether of all requests that a caller's process has for one missing row, one reads the
    /// database and the others wait for it: once per process, as Go's `singleflight` does it.
    pub single_flight: bool,
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
            evict: Evict::Lru,
            ttl: 60 * SECOND,
            jitter: 0.1,
            invalidate: true,
            single_flight: false,
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
        setting!("evict", Word(Evict::WORDS), live, "which entry goes if there is no room", evict),
        setting!("ttl", Time, live, "how long an entry is good", ttl),
        setting!("jitter", Share, live, "of the ttl, which varies by up to this", jitter),
        setting!("invalidate", Flag, live, "whether writers delete the row here", invalidate),
        setting!(
            "single_flight",
            Flag,
            live,
            "one read per missing row and caller; others wait",
            single_flight
        ),
        setting!("get", Time, live, "time of a lookup, without the network", get),
        setting!("call_timeout", Time, live, "how long callers wait for it", call_timeout),
        setting!("enabled", Flag, live, "whether callers use it; entries stay", enabled),
        setting!("boot", Time, live, "from the start of the process until it serves", boot),
    ];
}

impl Behaviour for CacheOptions {
    fn boot(&self) -> Ns {
        self.boot
    }
    fn refers(&self) -> Option<&str> {
        Some(&self.of)
    }
}
