//! What may help against failures: settings, by the reason of the failures and the kind of component at
//! which they began. Whether it does help depends on all the rest of the cluster, and is not told before
//! it was tried (`report/tried.rs`).

use crate::chaos::setting;
use crate::chaos::units::print_value;
use crate::sim::observation::Outcome::{
    self, BadDeploy, Expired, NoBackend, NoPrimary, NotEnoughReplicas, Overloaded, PoolExhausted,
    QueueFull, Refused, Reset, Timeout,
};
use crate::sim::spec::{Cluster, Component, Limit, Options, Value};

/// How a setting is changed.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// A number of things, or a limit, so many times as large.
    Times(u64),
    /// A time, divided by that.
    Over(u64),
    /// One more, or one less.
    More,
    Less,
    /// That, as in a file.
    To(&'static str),
}

use Change::{Less, More, Over, Times, To};

/// Settings that are changed together: their kind, their name, and how.
type Remedy = &'static [(&'static str, &'static str, Change)];

/// Tries again, far enough apart to outlast what fails, so that no write is done twice.
const AGAIN: Remedy = &[
    ("traffic", "attempts", To("6")),
    ("traffic", "backoff", To("200ms")),
    ("traffic", "idempotent", To("true")),
];
/// Asks another server.
const NEXT: Remedy = &[("balancer", "retry_on_next", More)];
/// The same, before the users give up.
const HURRY: Remedy =
    &[("balancer", "call_timeout", Over(10)), ("balancer", "retry_on_next", More)];
/// Leaves out who does not answer.
const EJECT: Remedy = &[("balancer", "eject.after", To("3")), ("balancer", "retry_on_next", More)];
/// Finds out sooner.
const CHECK: Remedy =
    &[("balancer", "health.every", Over(4)), ("balancer", "health.timeout", Over(4))];
/// Uses all servers where most seem to be ill.
const PANIC: Remedy = &[("balancer", "panic", To("50%"))];
/// More room and more hands.
const SERVERS: Remedy = &[("service", "instances", Times(2))];
const MORE_SERVERS: Remedy = &[("service", "instances", Times(6))];
const SERVER_CORES: Remedy = &[("service", "cores", Times(2))];
const THREADS: Remedy = &[("service", "threads", Times(4))];
/// Gives up sooner on whom it waits for, and has its threads back.
const PATIENCE: Remedy = &[("service", "call_timeout", Over(10))];
/// A shorter failover.
const FAILOVER: Remedy = &[
    ("failover", "every", Over(5)),
    ("failover", "misses", To("2")),
    ("failover", "promote", Over(5)),
];
const POOL: Remedy = &[("database", "pool", Times(20))];
const CONNECTIONS: Remedy = &[("database", "connections", Times(4))];
const CORES: Remedy = &[("database", "cores", Times(10))];
const REPLICAS: Remedy = &[("database", "replicas", More)];
const FEWER_IN_SYNC: Remedy = &[("database", "min_in_sync", Less)];
const WORKERS: Remedy = &[("workers", "instances", Times(10))];
const LIMIT: Remedy = &[("queue", "limit", Times(100))];
/// Keeps retries from keeping up an overload.
const BUDGET: Remedy = &[("traffic", "retry_budget", To("10"))];

/// A reason, the kinds of components at which it can begin, and what may help there.
type Row = (Outcome, &'static [&'static str], &'static [Remedy]);

/// All that is known. `tests/it/helps.rs` has a run for each kind of each row.
const ROWS: &[Row] = &[
    (Timeout, &["balancer"], &[HURRY, AGAIN]),
    (Timeout, &["service"], &[NEXT, EJECT, PATIENCE, SERVERS, SERVER_CORES, THREADS, CORES]),
    (Timeout, &["database"], &[FAILOVER, CORES]),
    (Timeout, &["queue"], &[AGAIN, PATIENCE]),
    (Refused, &["balancer", "queue"], &[AGAIN]),
    (Refused, &["service"], &[NEXT, EJECT, CHECK, SERVERS, AGAIN]),
    (Refused, &["database"], &[FAILOVER, AGAIN]),
    (Reset, &["balancer", "service", "database", "queue"], &[AGAIN]),
    (
        Overloaded,
        &["service"],
        &[SERVERS, MORE_SERVERS, SERVER_CORES, THREADS, PATIENCE, BUDGET, CORES, POOL],
    ),
    (PoolExhausted, &["service"], &[POOL, CONNECTIONS, CORES, FAILOVER]),
    (NoBackend, &["balancer"], &[SERVERS, PANIC, CHECK, AGAIN]),
    (NoPrimary, &["service", "database"], &[FAILOVER, AGAIN]),
    (QueueFull, &["queue"], &[WORKERS, LIMIT]),
    (BadDeploy, &["balancer", "service", "database", "queue"], &[AGAIN]),
    (NotEnoughReplicas, &["database"], &[REPLICAS, FEWER_IN_SYNC]),
    (Expired, &["service"], &[SERVERS, MORE_SERVERS, SERVER_CORES, PATIENCE, CORES]),
    (Expired, &["database"], &[CORES]),
];

/// The settings that are worth trying against failures for that reason that began at a component: for each
/// try the changed cluster, and in words what is changed, as `[set]` of a playbook has it.
pub(super) fn remedies(reason: Outcome, cluster: &Cluster, at: &str) -> Vec<(String, Cluster)> {
    let Some((_, at)) = cluster.component(at) else { return Vec::new() };
    let kind = at.options.kind();
    let row = ROWS.iter().find(|(of, kinds, _)| *of == reason && kinds.contains(&kind));
    let all = row.map_or(&[][..], |(_, _, remedies)| remedies);
    all.iter().filter_map(|remedy| changed(remedy, cluster, at)).collect()
}

/// Reasons with the kinds at which they can begin, against which something is known.
pub fn known() -> impl Iterator<Item = (Outcome, &'static str)> {
    ROWS.iter().flat_map(|(reason, at, _)| at.iter().map(|kind| (*reason, *kind)))
}

/// The cluster with a remedy; `None` if that changes nothing, or makes a cluster that cannot be.
fn changed(remedy: Remedy, cluster: &Cluster, at: &Component) -> Option<(String, Cluster)> {
    let (mut other, mut words) = (cluster.clone(), Vec::new());
    for (kind, name, change) in remedy {
        for component in &mut other.components {
            if component.options.kind() != *kind || !concerns(&component.options, component, at) {
                continue;
            }
            let now = component.options.get(name)?;
            let new = change.of(kind, name, &now)?;
            if new == now {
                continue;
            }
            let word = format!("{}.{name}={}", component.name, print_value(&new));
            component.options.set(name, new).ok()?;
            words.push(word);
        }
    }
    let is_sound = !words.is_empty() && crate::playbook::check(&other).is_empty();
    is_sound.then(|| (words.join(" "), other))
}

/// Whether a component has to do with the one at which failures began: it is that one, stands in front of
/// it, watches it or works for it, or nothing is known of how they stand to each other.
fn concerns(options: &Options, component: &Component, at: &Component) -> bool {
    match (options, &at.options) {
        (Options::Balancer(o), Options::Service(_)) => o.to == at.name,
        (Options::Service(_), Options::Balancer(o)) => o.to == component.name,
        (Options::Failover(o), Options::Database(_)) => o.of == at.name,
        (Options::Workers(o), Options::Queue(_)) => o.from == at.name,
        (one, other) => one.kind() != other.kind() || component.name == at.name,
    }
}

impl Change {
    /// The new value of a setting; `None` where there is none.
    fn of(self, kind: &str, name: &str, now: &Value) -> Option<Value> {
        Some(match (self, now) {
            (Times(factor), Value::Count(n)) => Value::Count(n.saturating_mul(factor)),
            (Times(factor), Value::Limit(Limit::At(n))) => {
                Value::Limit(Limit::At(n.saturating_mul(factor)))
            }
            (Times(_), Value::Limit(Limit::Unlimited)) => now.clone(),
            (Over(parts), Value::Time(t)) => Value::Time(t / parts),
            (More, Value::Count(n)) => Value::Count(n.saturating_add(1)),
            (Less, Value::Count(n)) => Value::Count(n.saturating_sub(1)),
            (To(text), _) => setting::parse(&setting::row(kind, name).ok()?, text).ok()?,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn something_is_known_against_each_reason_and_no_place_has_two_rows() {
        let all: Vec<_> = known().collect();
        let once: BTreeSet<_> = all.iter().collect();
        assert_eq!(once.len(), all.len());
        for reason in Outcome::REASONS {
            assert!(all.iter().any(|(of, _)| of == reason), "nothing is known of {reason:?}");
        }
    }

    #[test]
    fn every_change_fits_its_setting() {
        let mut changes = 0;
        for (kind, name, change) in ROWS.iter().flat_map(|row| row.2).copied().flatten() {
            let mut options = Options::of_kind(kind).expect("a kind");
            let now = options.get(name).unwrap_or_else(|| panic!("{kind} has no {name}"));
            let new = change.of(kind, name, &now).unwrap_or_else(|| panic!("{kind}.{name}"));
            // One less, or many more, may be out of bounds.
            assert!(
                options.set(name, new).is_ok() || matches!(change, Less | Times(_)),
                "{kind}.{name}"
            );
            changes += 1;
        }
        assert!(changes > ROWS.len());
    }

    #[test]
    fn what_stands_elsewhere_is_left_as_it_is() {
        let text = r#"
            name = "two"
            [traffic.app]
            to = "edge"
            rate = "10/s"
            [request.page]
            share = "100%"
            steps = ["call payments"]
            [balancer.edge]
            to = "web"
            [service.web]
            [service.payments]
            steps = ["cpu 1ms"]
        "#;
        let opened =
            crate::playbook::parse("two.toml", text, None).unwrap_or_else(|e| panic!("{e}"));
        let cluster = opened.into_playbook().cluster;
        let tried = |at: &str| -> Vec<String> {
            remedies(Refused, &cluster, at).into_iter().map(|(words, _)| words).collect()
        };
        let web = tried("web");
        assert_eq!(web[0], "edge.retry_on_next=1");
        assert!(web.contains(&"web.instances=8".to_string()), "{web:?}");
        let payments = tried("payments");
        assert_eq!(payments[0], "payments.instances=8", "no balancer stands before it");
        assert_eq!(payments.len(), 2);
    }
}
