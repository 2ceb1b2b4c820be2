//! The table of metrics.

use super::values::{
    amplification, answered, at_the_end, availability, counted, data, failures, hit_ratio,
    in_flight, largest, longest_response, mean, of_ended, outage, quantile, rate, summed,
    utilisation, wasted,
};
use super::{Argument, Kind, Metric, Unit};
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

/// All metrics, in the order in which they are listed.
pub const METRICS: &[Metric] = &[
    Metric {
        name: "offered",
        unit: Unit::Rate,
        value: |s, of| rate(s, of, |t| t.offered),
        about: "requests that arrived",
        ..REQUESTS
    },
    Metric {
        name: "goodput",
        unit: Unit::Rate,
        value: |s, of| rate(s, of, ClassTally::ok),
        about: "requests that ended ok",
        ..REQUESTS
    },
    Metric {
        name: "throughput",
        unit: Unit::Rate,
        value: |s, of| rate(s, of, answered),
        about: "requests that were answered, in time or late",
        ..REQUESTS
    },
    Metric {
        name: "success",
        value: |s, of| of_ended(s, of, ClassTally::ok),
        about: "of the requests that ended, those that ended ok",
        ..REQUESTS
    },
    Metric {
        name: "error_rate",
        value: |s, of| of_ended(s, of, ClassTally::bad),
        about: "of the requests that ended, those that failed or were late",
        ..REQUESTS
    },
    Metric {
        name: "late",
        unit: Unit::Count,
        kind: Kind::Counter,
        value: |s, of| counted(s, of, |t| t.of(Outcome::Late)),
        about: "requests that were answered after their deadline",
        ..REQUESTS
    },
    Metric {
        name: "failures",
        takes: Argument::Reason,
        unit: Unit::Count,
        kind: Kind::Counter,
        value: failures,
        about: "requests that failed, for that reason or for any",
    },
    Metric {
        name: "p50",
        value: |s, of| quantile(s, of, 0.5),
        about: "half of the answers took at most that long",
        ..LATENCY
    },
    Metric {
        name: "p90",
        value: |s, of| quantile(s, of, 0.9),
        about: "90 % of the answers took at most that long",
        ..LATENCY
    },
    Metric {
        name: "p95",
        value: |s, of| quantile(s, of, 0.95),
        about: "95 % of the answers took at most that long",
        ..LATENCY
    },
    Metric {
        name: "p99",
        value: |s, of| quantile(s, of, 0.99),
        about: "99 % of the answers took at most that long",
        ..LATENCY
    },
    Metric {
        name: "p999",
        value: |s, of| quantile(s, of, 0.999),
        about: "99.9 % of the answers took at most that long",
        ..LATENCY
    },
    Metric { name: "mean", value: mean, about: "mean latency of answers, exact", ..LATENCY },
    Metric {
        name: "in_flight",
        unit: Unit::Count,
        kind: Kind::Level,
        value: in_flight,
        about: "requests that had arrived and not ended, at the end of the window",
        ..REQUESTS
    },
    Metric {
        name: "attempts",
        unit: Unit::Count,
        kind: Kind::Counter,
        value: |s, of| counted(s, of, |t| t.attempts),
        about: "attempts that users made, retries included",
        ..REQUESTS
    },
    Metric {
        name: "amplification",
        unit: Unit::Factor,
        value: amplification,
        about: "attempts for each request that arrived; 1 without retries",
        ..REQUESTS
    },
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
    Metric {
        name: "acknowledged_writes",
        value: |s, _| data(s, |d| d.acknowledged),
        about: "writes whose answer reached the caller",
        ..DATA
    },
    Metric {
        name: "lost_writes",
        value: |s, _| data(s, |d| d.lost),
        about: "acknowledged writes that the official history lacks",
        ..DATA
    },
    Metric {
        name: "stale_reads",
        value: |s, _| data(s, |d| d.stale),
        about: "reads older than the newest write acknowledged before them",
        ..DATA
    },
    Metric {
        name: "doubled_effects",
        value: |s, _| data(s, |d| d.doubled),
        about: "writes that were done again for the same request and step",
        ..DATA
    },
    Metric {
        name: "conflicts",
        value: |s, _| data(s, |d| d.conflicts),
        about: "acknowledged writes that a merge overwrote unseen",
        ..DATA
    },
    Metric {
        name: "unpublished",
        value: |s, _| data(s, |d| d.unpublished),
        about: "requests whose write was done and whose message was never published",
        ..DATA
    },
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
