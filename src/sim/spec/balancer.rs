//! The load balancer: policy, health checks, ejection, retries.

use super::behaviour::{Behaviour, Peers};
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
        /// Each in turn, as often as its weight says.
        Weighted = "weighted",
        /// Any.
        Random = "random",
        /// The one with fewer requests in flight of two that are drawn.
        TwoChoices = "two_choices",
        /// The one with the lowest product of latency (a moving average that jumps up and decays)
        /// and requests in flight. A refusing server looks fast, and gets more.
        LeastLatency = "least_latency",
        /// The same one for the same user, while it is healthy.
        UserHash = "user_hash",
    }
}

words! {
    /// Who answers a health check.
    Check {
        /// The listener: the process is there.
        Tcp = "tcp",
        /// The application, with a thread and a little work on a core: overload fails it.
        Http = "http",
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
    /// Who answers.
    pub check: Check,
}

/// Passive ejection: what requests themselves tell of a backend.
#[derive(Clone, Debug, PartialEq)]
pub struct Eject {
    /// Requests in a row without any answer (refused, reset, timed out) after which a backend is
    /// left out; 0 is never.
    pub after: u64,
    /// For how long. nginx's `fail_timeout` is 10 s too.
    pub time: Ns,
}

/// A reverse proxy that spreads requests over the nodes of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct BalancerOptions {
    /// The service whose nodes are its backends.
    pub to: String,
    /// How it chooses among healthy backends.
    pub policy: Policy,
    /// Weights of the backends, in order, for the policy `weighted`; 1 where none is given. A
    /// backend of weight 0 gets nothing.
    pub weights: Vec<u64>,
    /// Time constant with which the policy `least_latency` forgets. Finagle's default is 10 s.
    pub decay: Ns,
    /// Its active health checks.
    pub health: Health,
    /// Its passive ejection.
    pub eject: Eject,
    /// How many other backends it tries for a request that got no answer from the first.
    pub retry_on_next: u64,
    /// When fewer than this share of backends are usable, all are used; 0 is never.
    pub panic: f64,
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
            weights: Vec::new(),
            decay: 10 * SECOND,
            health: Health {
                every: 500 * MILLISECOND,
                timeout: 200 * MILLISECOND,
                fall: 3,
                rise: 2,
                check: Check::Tcp,
            },
            eject: Eject { after: 0, time: 10 * SECOND },
            retry_on_next: 0,
            panic: 0.0,
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
        setting!("weights", Counts(0, 1000), live, "weights of backends, for `weighted`", weights),
        setting!("decay", Time, live, "time in which `least_latency` forgets", decay),
        setting!("health.every", Period, live, "between two checks of one backend", health.every),
        setting!("health.timeout", Time, live, "an unanswered check has failed", health.timeout),
        setting!("health.fall", Count(1, 1000), live, "failures before it is out", health.fall),
        setting!("health.rise", Count(1, 1000), live, "successes before it is back", health.rise),
        setting!("health.check", Word(Check::WORDS), live, "who answers a check", health.check),
        setting!(
            "eject.after",
            Count(0, 1000),
            live,
            "unanswered requests in a row after which it is left out; 0: never",
            eject.after
        ),
        setting!("eject.for", Time, live, "how long it is left out", eject.time),
        setting!(
            "retry_on_next",
            Count(0, 100),
            live,
            "other backends to try for a request that got no answer",
            retry_on_next
        ),
        setting!(
            "panic",
            Share,
            live,
            "with fewer usable backends than this, all are used; 0%: never",
            panic
        ),
        setting!("call_timeout", Time, live, "how long it waits for a backend", call_timeout),
        setting!("boot", Time, live, "from the start of the process until it serves", boot),
    ];
}

impl Behaviour for BalancerOptions {
    fn boot(&self) -> Ns {
        self.boot
    }
    fn refers(&self) -> Option<&str> {
        Some(&self.to)
    }
    fn peers(&self) -> Peers<'_> {
        Peers::Of(&self.to)
    }
}
