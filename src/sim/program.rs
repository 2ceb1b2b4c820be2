//! Programs: what nodes do with requests, as data.
//!
//! A program is a run of [`Step`]s in one flat vector. There are few kinds of steps, and one
//! interpreter ([`super::world`]); what is particular to a part is an [`Own`] operation of it.
//! Timeout, retry and fan-out are fields of a [`Call`]; each attempt picks its target anew.

use super::agenda::Lane;
use super::id::ComponentId;
use super::part::balancer::BalancerOp;
use super::part::cache::CacheOp;
use super::part::client::ClientOp;
use super::part::database::DatabaseOp;
use super::part::failover::WatcherOp;
use super::part::flight::FlightOp;
use super::part::queue::QueueOp;
use super::part::traffic::TrafficOp;
use super::random::{Purpose, Sampler};
use super::time::Ns;

/// The place of a step in the vector of all programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pc(pub(crate) u32);

impl Step {
    /// Whether it begins or waits for something that costs others: not done after a deadline.
    #[inline]
    pub(crate) fn is_effort(self) -> bool {
        matches!(
            self,
            Step::Accept | Step::Hold(_) | Step::HoldPool { .. } | Step::Work(_) | Step::Call(_)
        )
    }
}

impl Pc {
    /// The step after it.
    #[inline]
    pub(crate) fn next(self) -> Pc {
        Pc(self.0 + 1)
    }
}

/// A resource of a node, by its index there.
pub(crate) mod slot {
    /// Its cores.
    pub(crate) const CORES: u8 = 0;
    /// Its threads.
    pub(crate) const THREADS: u8 = 1;
    /// Its connections, as a database.
    pub(crate) const CONNECTIONS: u8 = 2;
    /// Its pools: one for each node of each database that it calls.
    pub(crate) const POOLS: u8 = 3;
}

/// One step of a program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    /// Takes a thread, or waits for one in the backlog; fails `overloaded` if that is full.
    Accept,
    /// Takes a resource, first come, first served.
    Hold(u8),
    /// Takes a connection of the pool to the database node that the frame has chosen (`first` is the
    /// slot of the database's first node); fails `pool_exhausted` after the call's timeout.
    HoldPool { first: u8, call: u16 },
    /// Gives a resource back.
    Release(u8),
    /// Gives the connection back.
    ReleasePool { first: u8 },
    /// Works, or waits, for a while.
    Work(u16),
    /// Does that work if the call came over a new connection.
    Greet(u16),
    /// Waits for the next beat of a regular period; the first comes at a random phase of it.
    Pace(u16),
    /// Calls and waits for the answer.
    Call(u16),
    /// Calls and does not wait.
    Send(u16),
    /// Does what is particular to a part.
    Own(Own),
    /// Goes to a step if a test holds, else on.
    When(Test, Pc),
    /// Goes to a step.
    Jump(Pc),
    /// Has a frame of its own do what begins at a step, with what this one carries; goes on itself.
    Fork(Pc),
    /// From here on a failure does not end the frame but goes to that step, with nothing held.
    Catch(Pc),
    /// Ends well.
    End,
}

/// An operation of a part. Answers with a [`Flow`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Own {
    Balancer(BalancerOp),
    Cache(CacheOp),
    Client(ClientOp),
    Database(DatabaseOp),
    Flight(FlightOp),
    Watcher(WatcherOp),
    Queue(QueueOp),
    Traffic(TrafficOp),
}

/// What an operation wants to happen next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Flow {
    /// The next step.
    Next,
    /// The next step, at that time.
    Until(Ns),
    /// The same step again, when somebody wakes it.
    Park,
    /// The end, with that outcome.
    End(super::observation::Outcome),
}

/// A condition in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    /// The cache is switched off.
    CacheOff(ComponentId),
    /// The cache is switched off, or is not told of writes.
    Untold(ComponentId),
    /// The last call or operation gave a row.
    Hit,
    /// The last call failed.
    Failed,
}

/// Whom a call is for. Resolved anew at every attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The nodes of a component in turn.
    Turn(ComponentId),
    /// What the balancer's policy picks.
    Backend,
    /// The node of that component at the frame's `local` index.
    Local(ComponentId),
    /// All nodes of a component but oneself.
    Others(ComponentId),
}

/// Which program of the callee's component is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// That one.
    Fixed(u8),
    /// The one for the request's class.
    Class,
}

/// The programs of a component, by what they answer.
pub(crate) mod entry {
    /// The listener's answer to a health check.
    pub(crate) const PING: u8 = 0;
    /// Of traffic, balancers and services: the first class; the others follow, and then the program
    /// of a user of the closed loop, or the answer of a service to a health check by `http`.
    pub(crate) const FIRST_CLASS: u8 = 1;

    pub(crate) const CACHE_GET: u8 = 1;
    pub(crate) const CACHE_PUT: u8 = 2;
    pub(crate) const CACHE_DELETE: u8 = 3;

    pub(crate) const DB_READ: u8 = 1;
    pub(crate) const DB_WRITE: u8 = 2;
    pub(crate) const DB_RECEIVE: u8 = 3;
    pub(crate) const DB_BEAT: u8 = 4;
    pub(crate) const DB_WHO: u8 = 5;
    pub(crate) const DB_INSPECT: u8 = 6;
    pub(crate) const DB_PROMOTE: u8 = 7;

    pub(crate) const WATCHER_VOTE: u8 = 1;
    pub(crate) const WATCHER_LEASE: u8 = 2;
    pub(crate) const WATCHER_WHO: u8 = 3;
    pub(crate) const WATCHER_HEAR: u8 = 4;

    pub(crate) const QUEUE_PUBLISH: u8 = 1;
    pub(crate) const QUEUE_TAKE: u8 = 2;
    pub(crate) const QUEUE_ACK: u8 = 3;
    pub(crate) const QUEUE_RESET: u8 = 4;
}

/// How many good answers a call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// One.
    First,
    /// So many that with oneself they are a majority of the component.
    Majority,
    /// A majority of a component that one is not part of.
    MajorityOf,
    /// All that can be had before the timeout.
    All,
}

/// What becomes of the key on the way to the callee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// It stays the key of the request's class.
    Same,
    /// It is the key of another class, for the same request.
    Of(u8),
    /// It becomes a row of that database: of a class, or of the request's own.
    In { database: u8, class: Option<u8> },
    /// The callee's key is that of the frame, as it is (a row already).
    Kept,
}

/// What a successful or failed call means beyond its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Nothing.
    Plain,
    /// A lookup in a cache in front of that database (by its index).
    Lookup(u8),
    /// A read of that database.
    Read(u8),
    /// A write of that database.
    Write(u8),
    /// The answer brings a message: its request, class, key and delivery become the frame's.
    Message,
    /// Each answer goes to an operation of the caller's part.
    Gather(Own),
    /// A part of a stream: its sender sees that it gets on, and gives up only when it does not.
    Stream,
}

/// A call: to whom, for what, for how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) target: Target,
    pub(crate) entry: Entry,
    /// How long the caller waits; `None`: for ever.
    pub(crate) timeout: Option<(Ns, Lane)>,
    /// Attempts at most, the first included.
    pub(crate) attempts: u8,
    /// The wait before a second attempt; it doubles with each further one.
    pub(crate) backoff: Ns,
    pub(crate) want: Want,
    pub(crate) row: Row,
    pub(crate) meaning: Meaning,
    /// Whether the program goes on when it fails.
    pub(crate) optional: bool,
    /// Which step of its program it is, for the draws of the callee.
    pub(crate) step: u8,
    /// Whether it needs a connection, which is kept; background work has its own.
    pub(crate) line: bool,
    /// Whether the callee is told when the caller gives up.
    pub(crate) cancel: bool,
}

/// A length of work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Work {
    pub(crate) sampler: Sampler,
    pub(crate) purpose: Purpose,
    /// The lane of a constant length.
    pub(crate) lane: Lane,
    /// Whether a slow processor stretches it.
    pub(crate) cpu: bool,
}

/// A program without end that a node starts when it has booted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Daemon {
    pub(crate) start: Pc,
    /// The frame's `local`: which peer, backend or database it is about.
    pub(crate) local: u32,
    /// Whether it is about a peer of the same component: the node itself has none for itself.
    pub(crate) peer: bool,
}

/// All programs of a cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Code {
    pub(crate) steps: Vec<Step>,
    pub(crate) calls: Vec<Call>,
    pub(crate) works: Vec<Work>,
    /// By component, by entry.
    pub(crate) entries: Vec<Vec<Pc>>,
    /// By component.
    pub(crate) daemons: Vec<Vec<Daemon>>,
}
