//! Users who send requests.

use super::setting::{Role, Setting, setting};
use crate::sim::time::{MILLISECOND, Ns, SECOND};

/// Open-loop users of one region: arrivals are a Poisson process and do not wait for answers, so an
/// overloaded cluster is measured without coordinated omission (Gil Tene's term, 2013).
#[derive(Clone, Debug, PartialEq)]
pub struct TrafficOptions {
    /// Where requests go.
    pub to: String,
    /// How many different users there are; each arrival is one of them.
    pub users: u64,
    /// Arrivals per second.
    pub rate: f64,
    /// How long a user waits for an attempt.
    pub timeout: Ns,
    /// Attempts at most, the first included.
    pub attempts: u64,
    /// The wait before a second attempt; it doubles with each further one.
    pub backoff: Ns,
    /// Whether requests carry an idempotency key: the write of a second attempt changes nothing if the
    /// first was committed. It counts only if all users of the cluster send one. A message
    /// that the second attempt publishes is another message: its workers need a key of their own.
    pub idempotent: bool,
}

impl Default for TrafficOptions {
    fn default() -> TrafficOptions {
        TrafficOptions {
            to: String::new(),
            users: 10_000,
            rate: 100.0,
            timeout: 2 * SECOND,
            attempts: 1,
            backoff: 100 * MILLISECOND,
            idempotent: false,
        }
    }
}

impl TrafficOptions {
    /// What can be set.
    pub const SETTINGS: &'static [Setting<TrafficOptions>] = &[
        setting!("to", Name(Role::Entry), start, "the balancer or service that takes requests", to),
        setting!("users", Count(1, 1 << 32), live, "different users; each arrival is one", users),
        setting!("rate", Rate, live, "arrivals per second, Poisson", rate),
        setting!("timeout", Time, live, "how long a user waits for an attempt", timeout),
        setting!("attempts", Count(1, 100), live, "attempts at most, the first included", attempts),
        setting!("backoff", Time, live, "wait before the second attempt, doubling", backoff),
        setting!("idempotent", Flag, live, "whether a second write changes nothing", idempotent),
    ];
}
