//! What the world tells about itself.
//!
//! An [`Observer`] is called directly (no buffer, no dynamic dispatch), at the moment at which
//! something ended. It never influences the world: with `()` as observer the digest is the same.
//! What is integrated over time (busy cores, queued requests) is not told but read at the end of a
//! window: [`super::World::node`].

use super::id::{ClassId, ComponentId, FaultId, LinkId, NodeId};
use super::time::Ns;

macro_rules! outcomes {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $sentence:literal;)*) => {
        /// How a request, or a call within it, ended. One list: from it come the reason codes of
        /// reports, `brownout list reasons`, and the sentence that a person reads.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
        #[repr(u8)]
        pub enum Outcome {
            /// Answered in time.
            #[default]
            Ok,
            /// Answered: there is no such entry (a cache miss). Never the end of a request.
            Miss,
            /// Answered after its deadline.
            Late,
            $($(#[$doc])* $name,)*
        }

        impl Outcome {
            /// The reasons for which a request can fail, in the order in which they are listed.
            pub const REASONS: &'static [Outcome] = &[$(Outcome::$name),*];

            /// The word for it, as in reports.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    Outcome::Ok => "ok",
                    Outcome::Miss => "miss",
                    Outcome::Late => "late",
                    $(Outcome::$name => $word,)*
                }
            }

            /// The sentence that a person reads.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                match self {
                    Outcome::Ok => "answered in time",
                    Outcome::Miss => "not in the cache",
                    Outcome::Late => "answered after its deadline",
                    $(Outcome::$name => $sentence,)*
                }
            }
        }
    };
}

outcomes! {
    /// Nobody answered in time.
    Timeout = "timeout", "nobody answered before the caller gave up";
    /// The host is there, the process is not.
    Refused = "refused", "the host answered that nothing listens: the process is down";
    /// The process died while it worked on it.
    Reset = "reset", "the process died while it worked on the request";
    /// Threads and backlog are full.
    Overloaded = "overloaded", "all threads are busy and the backlog is full";
    /// No connection of the pool became free in time.
    PoolExhausted = "pool_exhausted", "no pooled connection became free in time";
    /// The balancer believes no backend healthy.
    NoBackend = "no_backend", "the balancer knows no healthy server";
    /// Nobody is known to be primary.
    NoPrimary = "no_primary", "no primary is known that could take it";
    /// The queue is at its limit.
    QueueFull = "queue_full", "the queue is at its limit";
    /// The process is up and fails.
    BadDeploy = "bad_deploy", "the process is up and answered with an error of its own";
    /// Too few replicas are in sync to acknowledge a write.
    NotEnoughReplicas = "not_enough_replicas", "too few replicas are in sync to keep the write";
    /// Its deadline had passed before it was worked on.
    Expired = "expired", "its deadline had passed before work on it could begin";
}

impl Outcome {
    /// How many outcomes there are: the length of a table indexed by [`Outcome::index`].
    pub const COUNT: usize = Outcome::REASONS.len() + 3;

    /// An index below [`Outcome::COUNT`].
    #[must_use]
    #[inline]
    pub fn index(self) -> usize {
        self as usize
    }

    /// Whether it is an answer (in time or not) rather than a failure.
    #[must_use]
    #[inline]
    pub fn is_good(self) -> bool {
        self <= Outcome::Late
    }
}

/// A request has ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// Its number: that of its traffic among the traffic components, times 2^32, and its count among
    /// that traffic's requests, from 1, in order of arrival.
    pub request: u64,
    /// Its class.
    pub class: ClassId,
    /// How it ended: never [`Outcome::Miss`].
    pub outcome: Outcome,
    /// Of a failure: the node at which it began. Of a timeout, the one that was asked by whoever gave
    /// up first.
    pub blame: NodeId,
    /// When it arrived.
    pub arrived: Ns,
    /// Attempts that the client made, the first included.
    pub attempts: u8,
}

impl Ended {
    /// The place of its traffic among the traffic components, from 0.
    #[must_use]
    #[inline]
    pub fn traffic(&self) -> usize {
        super::request::parts(self.request).0
    }
}

/// A call has ended, as its caller sees it.
#[derive(Clone, Copy, Debug)]
pub struct Called {
    /// The link from the caller to the callee.
    pub link: LinkId,
    /// The node that was called.
    pub to: NodeId,
    /// The request for which it was made; 0 for background work.
    pub request: u64,
    /// The class of the request for which it was made; `None` for background work (health checks,
    /// log shipping, watchers).
    pub class: Option<ClassId>,
    /// Whether its answer brought a message, of a request that has published it before: a worker asked for
    /// any, and not for that request.
    pub delivered: bool,
    /// How it ended.
    pub outcome: Outcome,
    /// Time that the callee waited for its own threads, cores and connections; 0 without an answer.
    pub wait: Ns,
    /// Time that the callee worked; 0 without an answer.
    pub work: Ns,
    /// From the arrival at the callee to its answer, calls to others included; 0 without an answer.
    pub inside: Ns,
    /// From the call to its end, network included.
    pub took: Ns,
}

/// A write whose answer has reached the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// The database.
    pub component: ComponentId,
    /// The epoch of the primary that took it.
    pub epoch: u32,
    /// Its position in that primary's log, from 1.
    pub position: u64,
}

/// The state of a node as seen from outside the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeState {
    /// Serving.
    Up,
    /// The process has started and does not serve yet; it will at that time, or `NEVER` while it stands
    /// still.
    Booting(Ns),
    /// The process stands still (a long garbage collection, SIGSTOP).
    Paused,
    /// The process is gone, the host is on.
    Crashed,
    /// The host has no power: nobody answers there.
    Off,
    /// It is not there: `scale` may bring it.
    Absent,
}

/// Something worth a line in the log of events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// A node changed its state. `ended` requests were reset by it.
    Node {
        /// The node.
        node: NodeId,
        /// Its state now.
        state: NodeState,
        /// Users' requests in progress there that the change ended.
        ended: u32,
    },
    /// The process of a node takes more memory than it may, and is killed.
    OutOfMemory {
        /// The node.
        node: NodeId,
        /// Bytes that it takes.
        used: u64,
        /// Bytes that it may take.
        limit: u64,
    },
    /// A fault began.
    Began(FaultId),
    /// A fault ended, by time or by `heal`.
    Ended(FaultId),
    /// A health check ended otherwise than the balancer believed, `in_a_row` times.
    Check {
        /// The balancer.
        balancer: NodeId,
        /// The backend that was checked.
        backend: NodeId,
        /// How the check ended.
        outcome: Outcome,
        /// How many such in a row.
        in_a_row: u32,
    },
    /// A balancer changed its mind about a backend.
    Believed {
        /// The balancer.
        balancer: NodeId,
        /// The backend.
        backend: NodeId,
        /// What the balancer believes now.
        healthy: bool,
    },
    /// A balancer leaves a backend out for a while, because requests to it got no answer.
    Ejected {
        /// The balancer.
        balancer: NodeId,
        /// The backend.
        backend: NodeId,
        /// Until when.
        until: Ns,
    },
    /// A majority of watchers believes the primary dead; `leader` asks to replace it.
    Detected {
        /// The database.
        component: ComponentId,
        /// The primary that is missed.
        primary: NodeId,
        /// The watcher that leads.
        leader: NodeId,
        /// Watchers that miss it, the leader included.
        missing: u32,
    },
    /// A new primary has been chosen.
    Elected {
        /// The database.
        component: ComponentId,
        /// The node that is to be primary.
        node: NodeId,
        /// Its epoch.
        epoch: u32,
        /// When its promotion is due, an old lease waited out.
        due: Ns,
    },
    /// A failover found no node to promote, or lost its majority.
    Stalled {
        /// The database.
        component: ComponentId,
        /// The watcher that gave up, for now.
        leader: NodeId,
    },
    /// A node became primary.
    Promoted {
        /// The database.
        component: ComponentId,
        /// The new primary.
        node: NodeId,
        /// Its epoch.
        epoch: u32,
        /// The epoch of the last entry of its log.
        log_epoch: u32,
        /// The position of the last entry of its log.
        log_position: u64,
    },
    /// A primary gave up its role: it lost its lease, or learned of a newer epoch.
    SteppedDown {
        /// The node.
        node: NodeId,
        /// Its epoch until then.
        epoch: u32,
        /// Whether it heard of a newer primary; else nobody has granted it a lease for too long.
        heard: bool,
    },
    /// The first operation that a caller did with the new primary.
    Reconnected {
        /// The database.
        component: ComponentId,
        /// The caller.
        by: NodeId,
    },
    /// A node threw away the end of its log, which its new primary does not have.
    Discarded {
        /// The node.
        node: NodeId,
        /// How many entries.
        entries: u64,
    },
    /// A primary took in log entries that it lacked, of a node that had parted from it.
    Merged {
        /// The database.
        component: ComponentId,
        /// The node that had them.
        node: NodeId,
        /// Their epoch.
        epoch: u32,
        /// They are those after this position
        after: u64,
        /// up to this one.
        last: u64,
        /// The end of the primary's log with them: its epoch
        log_epoch: u32,
        /// and position.
        log_position: u64,
    },
    /// In a merge, a write was overwritten by one that never saw it.
    Overwritten {
        /// The database.
        component: ComponentId,
        /// The epoch of the write.
        epoch: u32,
        /// Its position.
        position: u64,
    },
    /// A write was appended to a log that has it already, by another attempt.
    Doubled {
        /// The database.
        component: ComponentId,
        /// The epoch of the second entry.
        epoch: u32,
        /// Its position.
        position: u64,
    },
    /// Whoever was to publish a message about a write has failed or died.
    Unpublished {
        /// The database.
        component: ComponentId,
        /// The epoch of the write.
        epoch: u32,
        /// Its position.
        position: u64,
    },
    /// The message about such a write is published after all, or somebody is about to.
    Published {
        /// The database.
        component: ComponentId,
        /// The epoch of the write.
        epoch: u32,
        /// Its position.
        position: u64,
    },
    /// Messages wait again: the worker that had them in hand died or was too slow.
    GivenBack {
        /// The queue.
        queue: NodeId,
        /// How many.
        messages: u32,
    },
    /// A message was given out too often and put aside.
    DeadLettered {
        /// The queue.
        queue: NodeId,
    },
    /// Messages in memory were lost in a crash.
    MessagesLost {
        /// The queue.
        queue: NodeId,
        /// How many.
        messages: u32,
        /// How many of them were in hand: the work on them goes on, and nobody takes note that it is done.
        in_hand: u32,
    },
    /// What a cache or a queue had was thrown away by command.
    Flushed {
        /// The cache or the queue.
        node: NodeId,
        /// How many entries, or messages that waited.
        thrown: u64,
    },
    /// A full queue dropped its oldest message for a new one.
    Dropped {
        /// The queue.
        queue: NodeId,
    },
}

/// Who gave a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Giver {
    /// A cache, or a read of the same process for which others waited.
    Cache,
    /// A node of the database that acts as primary.
    Primary,
    /// Another node of the database.
    Replica,
}

impl Giver {
    /// How many kinds there are.
    pub const COUNT: usize = 3;
}

/// Told by the world while it advances. Every method does nothing unless implemented.
pub trait Observer {
    /// A request arrived.
    #[inline]
    fn arrived(&mut self, _at: Ns, _class: ClassId) {}
    /// A request ended.
    #[inline]
    fn ended(&mut self, _at: Ns, _ended: Ended) {}
    /// A call ended, as its caller sees it.
    #[inline]
    fn called(&mut self, _at: Ns, _called: Called) {}
    /// An answer about a user's request came for which nobody waits any more.
    #[inline]
    fn wasted(&mut self, _at: Ns, _node: NodeId) {}
    /// The caller of a cache has looked up a row: found, or not, which it also is if nobody answered.
    #[inline]
    fn looked_up(&mut self, _at: Ns, _node: NodeId, _hit: bool) {}
    /// A write was acknowledged.
    #[inline]
    fn acknowledged(&mut self, _at: Ns, _write: Acknowledged) {}
    /// A read of rows of `component` gave an older version than the newest that was acknowledged
    /// when it was sent.
    #[inline]
    fn stale(&mut self, _at: Ns, _component: ComponentId, _giver: Giver) {}
    /// Something worth a line happened.
    #[inline]
    fn happened(&mut self, _at: Ns, _event: Event) {}
}

impl Observer for () {}
