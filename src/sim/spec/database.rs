//! A primary, its replicas, and when a write counts as done.

use super::behaviour::{Behaviour, Capacities, Peers};
use super::setting::{Dist, Limit, Setting, setting, words};
use crate::sim::time::{MICROSECOND, MILLISECOND, Ns, SECOND};

words! {
    /// When a write is acknowledged.
    Ack {
        /// When the primary has synced it. What replicas lack when it dies is lost.
        Async = "async",
        /// When one replica of the in-sync set has received and synced it, too.
        Semi = "semi",
        /// When all replicas of the in-sync set have.
        Sync = "sync",
        /// When a majority of all nodes has.
        Quorum = "quorum",
    }
}

words! {
    /// Which nodes answer reads.
    ReadsFrom {
        /// The primary: what it answers is never older than what it has acknowledged.
        Primary = "primary",
        /// The replicas, in turn: they answer what they have applied.
        Replica = "replica",
        /// All nodes, in turn.
        Any = "any",
    }
}

words! {
    /// What matters more while nodes do not hear each other.
    Prefer {
        /// One truth: who reads from the primary (`reads_from`) does not read without one, and what the
        /// new primary lacks is thrown away. Reads from replicas go on: they asked for older rows.
        Consistency = "consistency",
        /// Answers: any node reads, and what the new primary lacks is merged, the last write of a row
        /// wins.
        Availability = "availability",
    }
}

/// Nodes with a log each: one primary, which takes reads and writes, and replicas that follow it.
#[derive(Clone, Debug, PartialEq)]
pub struct DatabaseOptions {
    /// Replicas beside the primary.
    pub replicas: u64,
    /// When a write is acknowledged.
    pub ack: Ack,
    /// With `semi` and `sync`: replicas in sync without which writes fail. `quorum` always needs a
    /// majority (like `min.insync.replicas` of Kafka, which counts the primary too).
    pub min_in_sync: u64,
    /// Whether writes are acknowledged without replicas where there are too few, and a node that may
    /// lack some of them is promoted: the trap of falling back (`rpl_semi_sync_master_timeout` of
    /// `MySQL`, `unclean.leader.election` of Kafka).
    pub degrade: bool,
    /// Which nodes answer reads.
    pub reads_from: ReadsFrom,
    /// Whether a user reads at least the version of a row that he wrote himself in the last 10 s: a
    /// replica that lacks it has the caller read from the primary, and a cached one does not count.
    pub read_your_writes: bool,
    /// What matters more while nodes do not hear each other.
    pub prefer: Prefer,
    /// Work of a read, on one core.
    pub read: Dist,
    /// Work of a write, on one core, its sync included.
    pub write: Dist,
    /// Work of a replica for each write of the log, one after the other: this is the lag.
    pub apply: Ns,
    /// How long a replica takes to have on disk what it has received, before it confirms that. Many
    /// do so at once (group commit). The primary's own is part of `write`.
    pub fsync: Ns,
    /// Entries of the log that the primary keeps for nodes that have not confirmed them, at most; who
    /// needs older ones gets a snapshot (`max_slot_wal_keep_size` of `PostgreSQL`, there in bytes).
    pub keep: u64,
    /// Work of a replica for each row of a snapshot: 1 kB at 100 MB/s.
    pub copy: Ns,
    /// Cores of a node.
    pub cores: Limit,
    /// Connections that a node accepts.
    pub connections: Limit,
    /// Connections to one of its nodes that a caller's node keeps.
    pub pool: Limit,
    /// Work of a core for each new connection, before its first operation.
    pub connect: Ns,
    /// From the start of the process until it serves.
    pub boot: Ns,
}

impl Default for DatabaseOptions {
    fn default() -> DatabaseOptions {
        DatabaseOptions {
            replicas: 2,
            ack: Ack::Async,
            min_in_sync: 1,
            degrade: false,
            reads_from: ReadsFrom::Primary,
            read_your_writes: false,
            prefer: Prefer::Consistency,
            read: Dist::Constant(5 * MILLISECOND),
            write: Dist::Constant(8 * MILLISECOND),
            apply: 500 * MICROSECOND,
            fsync: 0,
            keep: 65_536,
            copy: 10 * MICROSECOND,
            cores: Limit::At(8),
            connections: Limit::At(100),
            pool: Limit::At(16),
            connect: 10 * MILLISECOND,
            boot: 2 * SECOND,
        }
    }
}

impl DatabaseOptions {
    /// What can be set.
    pub const SETTINGS: &'static [Setting<DatabaseOptions>] = &[
        setting!("replicas", Count(0, 99), start, "replicas beside the primary", replicas),
        setting!("ack", Word(Ack::WORDS), live, "when a write is acknowledged", ack),
        setting!(
            "min_in_sync",
            Count(1, 99),
            live,
            "semi, sync: replicas needed to write",
            min_in_sync
        ),
        setting!("degrade", Flag, live, "with too few replicas, acknowledge without", degrade),
        setting!(
            "reads_from",
            Word(ReadsFrom::WORDS),
            live,
            "which nodes answer reads",
            reads_from
        ),
        setting!(
            "read_your_writes",
            Flag,
            live,
            "users read at least what they wrote",
            read_your_writes
        ),
        setting!(
            "prefer",
            Word(Prefer::WORDS),
            live,
            "cut off: refuse and discard, or serve and merge",
            prefer
        ),
        setting!("read", Work, live, "work of a read, on one core", read),
        setting!("write", Work, live, "work of a write, on one core", write),
        setting!("apply", Time, live, "a replica's work per write, one by one", apply),
        setting!("fsync", Time, live, "a replica's time to disk before it confirms", fsync),
        setting!(
            "keep",
            Count(1, 1 << 24),
            live,
            "log kept for nodes that lack it; more is a snapshot",
            keep
        ),
        setting!("copy", Time, live, "a replica's work per row of a snapshot", copy),
        setting!("cores", Limit(1), live, "cores of a node", cores),
        setting!(
            "connections",
            Limit(1),
            live,
            "connections in use that a node works for at a time",
            connections
        ),
        setting!("pool", Limit(1), live, "connections a caller's node keeps to a node", pool),
        setting!("connect", Time, live, "work of a core for each new connection", connect),
        setting!("boot", Time, live, "from the start of the process until it serves", boot),
    ];
}

impl Behaviour for DatabaseOptions {
    fn instances(&self) -> u64 {
        self.replicas + 1
    }
    fn boot(&self) -> Ns {
        self.boot
    }
    fn capacities(&self) -> Capacities {
        [self.cores.count(), 0, self.connections.count()]
    }
    fn peers(&self) -> Peers<'_> {
        Peers::Own
    }
}
