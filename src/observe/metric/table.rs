//! The table of metrics.

use super::values::{
    amplification, at_the_end, availability, counted, data, failures, hit_ratio, in_flight,
    largest, longest_response, mean, missing_writes, of_ended, outage, quantile, rate, summed,
    utilisation, wasted,
};
use super::{Argument, Kind, Metric, Unit, Value};
use crate::observe::tally::ClassTally;
use crate::sim::observation::Outcome;

/// Kinds whose nodes have cores.
const WORKING: &[&str] = &["service", "database", "workers"];
/// Kinds whose nodes run a process.
const PROCESSES: &[&str] =
    &["service", "workers", "database", "cache", "queue", "balancer", "failover"];

/// A share of requests. Rows override what differs.
const REQUESTS: Metric = Metric {
    name: "",
    takes: Argument::Class,
    unit: Unit::Share,
    kind: Kind::Window,
    value: |_, _| None,
    about: "",
};

/// The latency of answers.
const LATENCY: Metric = Metric { unit: Unit::Time, ..REQUESTS };

/// What became of data, counted.
const DATA: Metric =
    Metric { takes: Argument::Nothing, unit: Unit::Count, kind: Kind::Counter, ..REQUESTS };

/// A rate or a share of requests over a window.
const fn requests(name: &'static str, unit: Unit, value: Value, about: &'static str) -> Metric {
    Metric { name, unit, value, about, ..REQUESTS }
}

/// Requests, or attempts, that are counted.
const fn count(name: &'static str, value: Value, about: &'static str) -> Metric {
    Metric { name, unit: Unit::Count, kind: Kind::Counter, value, about, ..REQUESTS }
}

/// A quantile or a mean of latency.
const fn latency(name: &'static str, value: Value, about: &'static str) -> Metric {
    Metric { name, value, about, ..LATENCY }
}

/// What became of data.
const fn of_data(name: &'static str, value: Value, about: &'static str) -> Metric {
    Metric { name, value, about, ..DATA }
}

/// All metrics, in the order in which they are listed.
pub const METRICS: &[Metric] = &[
    requests("offered", Unit::Rate, |s, of| rate(s, of, |t| t.offered), "requests that arrived"),
    requests("goodput", Unit::Rate, |s, of| rate(s, of, ClassTally::ok), "requests that ended ok"),
    requests(
        "throughput",
        Unit::Rate,
        |s, of| rate(s, of, ClassTally::answered),
        "requests that were answered, in time or late",
    ),
    requests(
        "success",
        Unit::Share,
        |s, of| of_ended(s, of, ClassTally::ok),
        "of the requests that ended, those that ended ok",
    ),
    requests(
        "error_rate",
        Unit::Share,
        |s, of| of_ended(s, of, ClassTally::bad),
        "of the requests that ended, those that failed or were late",
    ),
    count(
        "late",
        |s, of| counted(s, of, |t| t.of(Outcome::Late)),
        "requests that were answered after their deadline",
    ),
    Metric {
        name: "failures",
        takes: Argument::Reason,
        unit: Unit::Count,
        kind: Kind::Counter,
        value: failures,
        about: "requests that failed, for that reason or for any",
    },
    latency("p50", |s, of| quantile(s, of, 0.5), "half of the answers took at most that long"),
    latency("p90", |s, of| quantile(s, of, 0.9), "90 % of the answers took at most that long"),
    latency("p95", |s, of| quantile(s, of, 0.95), "95 % of the answers took at most that long"),
    latency("p99", |s, of| quantile(s, of, 0.99), "99 % of the answers took at most that long"),
    latency("p999", |s, of| quantile(s, of, 0.999), "99.9 % of the answers took at most that long"),
    latency("mean", mean, "mean latency of answers, exact"),
    Metric {
        name: "in_flight",
        unit: Unit::Count,
        kind: Kind::Level,
        value: in_flight,
        about: "requests that had arrived and not ended, at the end of the window",
        ..REQUESTS
    },
    count(
        "attempts",
        |s, of| counted(s, of, |t| t.attempts),
        "attempts that users made, retries included",
    ),
    requests(
        "amplification",
        Unit::Factor,
        amplification,
        "attempts for each request that arrived; 1 without retries",
    ),
    Metric {
        name: "availability",
        kind: Kind::Level,
        value: availability,
        about: "share of ok since the judged time began, of the requests that arrived in it",
        ..REQUESTS
    },
    Metric {
        name: "outage",
        unit: Unit::Time,
        kind: Kind::Counter,
        value: outage,
        about: "time in half seconds in which requests arrived and none succeeded",
        ..REQUESTS
    },
    of_data(
        "acknowledged_writes",
        |s, _| data(s, |d| d.acknowledged),
        "writes whose answer reached the caller",
    ),
    of_data(
        "lost_writes",
        |s, _| data(s, |d| d.lost),
        "acknowledged writes that the official history lacks",
    ),
    Metric {
        name: "missing_writes",
        kind: Kind::Level,
        value: missing_writes,
        about: "those that are missing at the end of the window; a merge may bring some back",
        ..DATA
    },
    of_data(
        "stale_reads",
        |s, _| data(s, |d| d.stale),
        "reads older than the newest write acknowledged before them",
    ),
    of_data(
        "doubled_effects",
        |s, _| data(s, |d| d.doubled),
        "writes that the log has twice: by another attempt, or by a merge",
    ),
    of_data(
        "conflicts",
        |s, _| data(s, |d| d.conflicts),
        "acknowledged writes that a merge overwrote unseen",
    ),
    of_data(
        "unpublished",
        |s, _| data(s, |d| d.unpublished),
        "writes that are there and whose message was never published",
    ),
    Metric {
        name: "split_brain",
        unit: Unit::Time,
        value: |s, _| data(s, |d| d.split_brain),
        about: "time in which two nodes of one database were primary",
        ..DATA
    },
    Metric {
        name: "wasted",
        takes: Argument::Kinds(PROCESSES),
        value: wasted,
        about: "answers for which nobody waited any more",
        ..DATA
    },
    Metric {
        name: "primaries",
        takes: Argument::Kinds(&["database"]),
        unit: Unit::Count,
        kind: Kind::Level,
        value: |s, of| at_the_end(s, of, |n| u64::from(n.primary)),
        about: "nodes that are up and believe to be primary, at the end of the window",
    },
    Metric {
        name: "lag",
        takes: Argument::Kinds(&["database"]),
        unit: Unit::Time,
        kind: Kind::Window,
        value: |s, of| largest(s, of, |n| n.lag, |n| n.up_ticks),
        about: "how far the replica that is farthest behind is behind, mean over the window",
    },
    Metric {
        name: "hit_ratio",
        takes: Argument::Kinds(&["cache"]),
        value: hit_ratio,
        about: "lookups that found an entry",
        ..REQUESTS
    },
    Metric {
        name: "depth",
        takes: Argument::Kinds(&["queue"]),
        unit: Unit::Count,
        kind: Kind::Window,
        value: |s, of| summed(s, of, |n| n.depth),
        about: "messages that wait or are in hand, mean over the window",
    },
    Metric {
        name: "waiting",
        takes: Argument::Kinds(WORKING),
        unit: Unit::Count,
        kind: Kind::Window,
        value: |s, of| summed(s, of, |n| n.depth),
        about: "calls that wait for cores, threads or connections, mean over the window",
    },
    Metric {
        name: "age",
        takes: Argument::Kinds(&["queue"]),
        unit: Unit::Time,
        kind: Kind::Window,
        value: |s, of| largest(s, of, |n| n.age, |n| n.ticks),
        about: "age of the oldest message that waits, mean over the window",
    },
    Metric {
        name: "dead_letters",
        takes: Argument::Kinds(&["queue"]),
        unit: Unit::Count,
        kind: Kind::Level,
        value: |s, of| at_the_end(s, of, |n| n.dead_letters),
        about: "messages put aside, at the end of the window",
    },
    Metric {
        name: "utilisation",
        takes: Argument::Kinds(WORKING),
        value: utilisation,
        about: "busy share of the cores of nodes that are up; without a name, of the busiest node",
        ..REQUESTS
    },
    Metric {
        name: "instances",
        takes: Argument::Kinds(PROCESSES),
        unit: Unit::Count,
        kind: Kind::Level,
        value: |s, of| at_the_end(s, of, |n| u64::from(n.up)),
        about: "nodes that are up, at the end of the window",
    },
    Metric {
        name: "time_to_detect",
        takes: Argument::Nothing,
        kind: Kind::Level,
        value: |s, _| longest_response(s, |f| f.detected),
        about: "from a fault until something in the cluster acted on it; the longest",
        ..LATENCY
    },
    Metric {
        name: "time_to_recover",
        takes: Argument::Nothing,
        kind: Kind::Level,
        value: |s, _| longest_response(s, |f| f.recovered),
        about: "from a fault until users were served as before it; the longest",
        ..LATENCY
    },
];
