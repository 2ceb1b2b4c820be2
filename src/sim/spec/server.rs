//! What services and workers have in common: processes on nodes of their own, of which there can be more
//! or fewer.

use crate::sim::time::{Ns, SECOND};

/// The most instances that a component may have.
pub(crate) const INSTANCES_MAX: u64 = 1000;

/// How long a node that leaves may finish its work: the usual grace between SIGTERM and SIGKILL
/// (Kubernetes, `terminationGracePeriodSeconds`).
pub(super) const DRAIN: Ns = 30 * SECOND;

/// How many nodes a component may be scaled to: what is set, or twice as many as it starts with, and
/// 4 more at least. Never fewer than it starts with.
pub(super) fn room(instances: u64, max: Option<u64>) -> u64 {
    let usual = instances.saturating_mul(2).max(instances.saturating_add(4)).min(INSTANCES_MAX);
    max.unwrap_or(usual).max(instances)
}

/// The table of settings of a kind of servers: rows of its own first, those that all have with others
/// of its own among them, and again its own last.
macro_rules! server_settings {
    ([$($first:expr),* $(,)?]; [$($own:expr),* $(,)?]; [$($last:expr),* $(,)?]) => {{
        use $crate::sim::spec::server::{INSTANCES_MAX, room};
        use $crate::sim::spec::setting::{Kind, Setting, Value, setting as row};
        &[
            $($first,)*
            row!("instances", Count(1, INSTANCES_MAX), start, "nodes", instances),
            Setting {
                name: "instances_max",
                kind: Kind::Count(1, INSTANCES_MAX),
                live: false,
                about: "nodes that `scale` may make of it; default: twice as many, 4 more at least",
                get: |o| Value::Count(o.instances_max.unwrap_or_else(|| room(o.instances, None))),
                set: |o, v| match v {
                    Value::Count(n) => {
                        o.instances_max = Some(n);
                        true
                    }
                    _ => false,
                },
            },
            row!("cores", Limit(1), live, "cores of a node", cores),
            $($own,)*
            row!("call_timeout", Time, live, "how long it waits for those it calls", call_timeout),
            row!("discover", Period, live, "how often it asks who is primary", discover),
            row!("boot", Time, live, "from the start of the process until it works", boot),
            row!("memory", Memory, live, "with more than this it is killed", memory.limit),
            row!("memory_base", Bytes, live, "memory without requests", memory.base),
            row!(
                "memory_per_request",
                Bytes,
                live,
                "memory of each request in progress",
                memory.per_request
            ),
            row!(
                "memory_leak",
                Bytes,
                live,
                "memory that each served request leaves",
                memory.leak
            ),
            row!("cancel", Flag, live, "tells whom it called when it gives up", cancel),
            row!("drain", Time, live, "how long a node that leaves may finish its work", drain),
            $($last,)*
        ]
    }};
}
pub(super) use server_settings;
