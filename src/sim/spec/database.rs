//! A primary, its replicas, and when a write counts as done.

use super::setting::{Dist, Limit, Setting, setting, words};
use crate::sim::time::{MICROSECOND, MILLISECOND, Ns, SECOND};

words! {
    /// When a write is acknowledged.
    Ack {
        /// When the primary has synced it. What replicas lack when it dies is lost.
        Async = "async",
    }
}

/// Nodes with a log each: one primary, which takes reads and writes, and replicas that follow it.
#[derive(Clone, Debug, PartialEq)]
pub struct DatabaseOptions {
    /// Replicas beside the primary.
    pub replicas: u64,
    /// When a write is acknowledged.
    pub ack: Ack,
    /// Work of a read, on one core.
    pub read: Dist,
    /// Work of a write, on one core, its sync included.
    pub write: Dist,
    /// Work of a replica for each write of the log, one after the other: this is the lag.
    pub apply: Ns,
    /// Cores of a node.
    pub cores: Limit,
    /// Connections that a node accepts.
    pub connections: Limit,
    /// Connections to one of its nodes that a caller's node keeps.
    pub pool: Limit,
    /// From the start of the process until it serves.
    pub boot: Ns,
}

impl Default for DatabaseOptions {
    fn default() -> DatabaseOptions {
        DatabaseOptions {
            replicas: 2,
            ack: Ack::Async,
            read: Dist::Constant(5 * MILLISECOND),
            write: Dist::Constant(8 * MILLISECOND),
            apply: 500 * MICROSECOND,
            cores: Limit::At(8),
            connections: Limit::At(100),
            pool: Limit::At(16),
            boot: 2 * SECOND,
        }
    }
}

impl DatabaseOptions {
    /// What can be set.
    pub const SETTINGS: &'static [Setting<DatabaseOptions>] = &[
        setting!("replicas", Count(0, 99), start, "replicas beside the primary", replicas),
        setting!("ack", Word(Ack::WORDS), live, "when a write is acknowledged", ack),
        setting!("read", Work, live, "work of a read, on one core", read),
        setting!("write", Work, live, "work of a write, on one core", write),
        setting!("apply", Time, live, "a replica's work per write, one by one", apply),
        setting!("cores", Limit(1), live, "cores of a node", cores),
        setting!("connections", Limit(1), live, "connections that a node accepts", connections),
        setting!("pool", Limit(1), live, "connections a caller's node keeps to a node", pool),
        setting!("boot", Time, live, "from the start of the process until it serves", boot),
    ];
}
