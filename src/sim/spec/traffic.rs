//! Users who send requests.

use super::behaviour::{Behaviour, Peers};
use super::setting::{Dist, Kind, Limit, Role, Setting, Value, setting, words};
use super::stage::Stage;
use crate::sim::time::{MILLISECOND, Ns, SECOND};

words! {
    /// When requests arrive.
    Arrivals {
        /// Open loop: a Poisson process.
        Poisson = "poisson",
        /// Open loop: at equal distances, from a random phase on.
        Constant = "constant",
        /// Closed loop: each user thinks, sends a request, waits for its end, and thinks again.
        Closed = "closed",
    }
}

/// Users of one region.
///
/// In the open loop (the default) arrivals do not wait for answers, so an overloaded cluster is
/// measured without coordinated omission (Gil Tene's term, 2013). In the closed loop a slow cluster
/// gets fewer requests.
#[derive(Clone, Debug, PartialEq)]
pub struct TrafficOptions {
    /// Where requests go.
    pub to: String,
    /// How many different users there are; each arrival is one of them.
    pub users: u64,
    /// Arrivals per second, in the open loop.
    pub rate: f64,
    /// When requests arrive.
    pub arrivals: Arrivals,
    /// How long a user of the closed loop thinks between two requests.
    pub think: Dist,
    /// By what the rate is multiplied over time, in the open loop; empty: always 1.
    pub stages: Vec<Stage>,
    /// The classes that these users send, by their shares among themselves; empty: all.
    pub classes: Vec<String>,
    /// How long a user waits for an attempt.
    pub timeout: Ns,
    /// Attempts at most, the first included.
    pub attempts: u64,
    /// The wait before a second attempt; it doubles with each further one.
    pub backoff: Ns,
    /// The longest such wait (20 s as in the AWS SDKs, "Retry behavior", `MAX_BACKOFF`).
    pub backoff_max: Ns,
    /// By how much of itself a wait is shortened at most, by chance; 1 is "full jitter" (Brooker,
    /// "Exponential backoff and jitter", AWS Architecture Blog, 2015).
    pub jitter: f64,
    /// Retries for each 100 arrivals, as a token bucket of 100 retries (Finagle's `RetryBudget`, and
    /// gRPC's `retryThrottling` by another count).
    pub retry_budget: Limit,
    /// An answer later than this after the arrival is `late`; `None`: `timeout`.
    pub deadline: Option<Ns>,
    /// Whether requests carry their deadline, and all who work on them heed it.
    pub propagate: bool,
    /// Whether requests carry an idempotency key: the write of a second attempt changes nothing if the
    /// first was committed. A message that the second attempt publishes is another message: its workers
    /// need a key of their own. A database remembers the keys of the newest million requests.
    pub idempotent: bool,
}

/// Most users of a closed loop: each is a frame in the arena.
pub(crate) const CLOSED_MAX: u64 = 1_000_000;

impl Default for TrafficOptions {
    fn default() -> TrafficOptions {
        TrafficOptions {
            to: String::new(),
            users: 10_000,
            rate: 100.0,
            arrivals: Arrivals::Poisson,
            think: Dist::Exponential(SECOND),
            stages: Vec::new(),
            classes: Vec::new(),
            timeout: 2 * SECOND,
            attempts: 1,
            backoff: 100 * MILLISECOND,
            backoff_max: 20 * SECOND,
            jitter: 0.0,
            retry_budget: Limit::Unlimited,
            deadline: None,
            propagate: false,
            idempotent: false,
        }
    }
}

impl TrafficOptions {
    /// Requests in a second without stages; in the closed loop, if they were answered at once.
    #[must_use]
    pub fn nominal(&self) -> f64 {
        match self.arrivals {
            Arrivals::Closed => self.users as f64 * SECOND as f64 / self.think.mean_ns(),
            Arrivals::Poisson | Arrivals::Constant => self.rate,
        }
    }

    /// What can be set.
    pub const SETTINGS: &'static [Setting<TrafficOptions>] = &[
        setting!("to", Name(Role::Entry), start, "the balancer or service that takes requests", to),
        setting!("users", Count(1, 1 << 32), live, "different users; each arrival is one", users),
        setting!("rate", Rate, live, "arrivals per second, in the open loop", rate),
        setting!("arrivals", Word(Arrivals::WORDS), live, "when requests arrive", arrivals),
        setting!("think", Work, live, "between two requests of a user, in the closed loop", think),
        setting!("stages", Stages, live, "factors on the rate over time", stages),
        setting!(
            "classes",
            Classes,
            start,
            "the classes that these users send; default: all",
            classes
        ),
        setting!("timeout", Time, live, "how long a user waits for an attempt", timeout),
        setting!("attempts", Count(1, 100), live, "attempts at most, the first included", attempts),
        setting!("backoff", Time, live, "wait before the second attempt, doubling", backoff),
        setting!("backoff_max", Time, live, "the longest wait before an attempt", backoff_max),
        setting!("jitter", Share, live, "part of each wait that is left to chance", jitter),
        setting!("retry_budget", Limit(0), live, "retries for each 100 arrivals", retry_budget),
        Setting {
            name: "deadline",
            kind: Kind::Time,
            live: true,
            about: "an answer after it is late; default: `timeout`",
            get: |o| Value::Time(o.deadline()),
            set: |o, v| match v {
                Value::Time(x) => {
                    o.deadline = Some(x);
                    true
                }
                _ => false,
            },
        },
        setting!("propagate", Flag, live, "whether requests carry their deadline", propagate),
        setting!("idempotent", Flag, live, "whether a second write changes nothing", idempotent),
    ];

    /// How long after its arrival a request is of use.
    #[must_use]
    pub fn deadline(&self) -> Ns {
        self.deadline.unwrap_or(self.timeout)
    }
}

impl Behaviour for TrafficOptions {
    fn refers(&self) -> Option<&str> {
        Some(&self.to)
    }
    fn peers(&self) -> Peers<'_> {
        Peers::Of(&self.to)
    }
}
