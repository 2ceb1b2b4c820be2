//! The load balancer: policy and health checks.

use super::setting::{Role, Setting, setting, words};
use crate::sim::time::{MILLISECOND, Ns, SECOND};

words! {
    /// How a balancer chooses among the backends that it believes healthy.
    Policy {
        /// Each in turn.
        RoundRobin = "round_robin",
        /// The one with the fewest requests in flight through this balancer; ties in turn. A
        /// refusing server looks idle, and gets more.
        LeastConnections = "least_connections",
    }
}

/// Active health checks, as messages over the same network.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// Time between two checks of one backend; the first comes at a random phase of it.
    pub every: Ns,
    /// A check unanswered for this long has failed. A refusal fails at once.
    pub timeout: Ns,
    /// Failed checks in a row after which a backend gets no more requests.
    pub fall: u64,
    /// Good checks in a row after which it gets requests again.
    pub rise: u64,
}

/// A reverse proxy that spreads requests over the nodes of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct BalancerOptions {
    /// The service whose nodes are its backends.
    pub to: String,
    /// How it chooses among healthy backends.
    pub policy: Policy,
    /// Its active health checks.
    pub health: Health,
    /// How long it waits for a backend.
    pub call_timeout: Ns,
    /// From the start of the process until it serves.
    pub boot: Ns,
}

impl Default for BalancerOptions {
    fn default() -> BalancerOptions {
        BalancerOptions {
            to: String::new(),
            policy: Policy::RoundRobin,
            health: Health {
                every: 500 * MILLISECOND,
                timeout: 200 * MILLISECOND,
                fall: 3,
                rise: 2,
            },
            call_timeout: SECOND,
            boot: 2 * SECOND,
        }
    }
}

impl BalancerOptions {
    /// What can be set.
    pub const SETTINGS: &'static [Setting<BalancerOptions>] = &[
        setting!("to", Name(Role::Service), start, "the service whose nodes are backends", to),
        setting!("policy", Word(Policy::WORDS), live, "how it chooses a healthy backend", policy),
        setting!("health.every", Period, live, "between two checks of one backend", health.every),
        setting!("health.timeout", Time, live, "an unanswered check has failed", health.timeout),
        setting!("health.fall", Count(1, 1000), live, "failures before it is out", health.fall),
        setting!("health.rise", Count(1, 1000), live, "successes before it is back", health.rise),
        setting!("call_timeout", Time, live, "how long it waits for a backend", call_timeout),
        setting!("boot", Time, live, "from the start of the process until it serves", boot),
    ];
}
