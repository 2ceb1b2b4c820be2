//! The world itself: what it owns, how it begins, and its three verbs.
//!
//! `world/build.rs` makes it, `world/run.rs` advances it (the interpreter), `world/call.rs` carries
//! calls and `world/answer.rs` answers, `world/connect.rs` connects, `world/wire.rs` is what happens to
//! messages under way, `world/timeout.rs` gives up, `world/cancel.rs` takes calls back,
//! `world/memory.rs` kills. `world/change.rs` injects (`world/mask.rs` is what a fault holds,
//! `world/active.rs` finds the faults that hold something) and `world/force.rs` recomputes what is in
//! force. `world/life.rs` lets nodes die and boot, `world/power.rs` their hosts, `world/scale.rs` lets
//! them come and go, `world/hot.rs` makes keys hot, `world/read.rs` is the snapshot.

mod active;
mod answer;
mod audit;
mod build;
mod call;
mod cancel;
mod change;
mod connect;
mod force;
mod hold;
mod holders;
mod hot;
mod life;
mod mask;
mod memory;
mod power;
mod promote;
mod read;
mod run;
mod scale;
mod size;
mod timeout;
mod touch;
mod under_way;
mod wire;

use super::agenda::Agenda;
use super::compile::{self, DatabaseInfo};
use super::effects::Effects;
use super::fault::Fault;
use super::frame::{Arena, Ticket};
use super::id::{ComponentId, NodeId};
use super::network::{Links, Weather};
use super::node::Node;
use super::observation::Observer;
use super::pages::Pages;
use super::part::database::Terms;
use super::part::database::in_sync::Rule;
use super::part::own::OwnWrites;
use super::part::traffic::Demand;
use super::program::Code;
use super::random::Purpose;
use super::spec::{Cluster, Options, Policy, Prefer, ReadsFrom};
use super::time::Ns;
use super::topology::Topology;
use active::Active;
use build::{new_node, tags, talking};
use mask::Mask;
use std::collections::VecDeque;
use std::sync::Arc;

/// Why a world cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// More than a million events within a millisecond: zero latencies loop for ever, or more is
    /// asked for than can be simulated.
    NoProgress(Ns),
    /// More calls in progress than there is room for (4 million): an unlimited queue has run away.
    TooManyFrames(Ns),
    /// More requests of one traffic than have numbers of their own: 2^32 - 1.
    TooManyRequests(Ns),
}

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (at, why) = match self {
            Stopped::NoProgress(at) => {
                let why =
                    "a million events within 1 ms: zero latencies loop, or it is too much load";
                (at, why)
            }
            Stopped::TooManyFrames(at) => (at, "4 million calls in progress: a queue has run away"),
            Stopped::TooManyRequests(at) => {
                (at, "4 294 967 295 requests of one traffic: no more can be told apart")
            }
        };
        write!(f, "the world cannot go on at {:.3} s: {why}", super::time::seconds(*at))
    }
}

impl std::error::Error for Stopped {}

/// A whole simulated cluster at one instant.
#[derive(Clone, Debug)]
pub struct World {
    pub(super) topology: Arc<Topology>,
    cluster: Arc<Cluster>,
    classes: Arc<Vec<String>>,
    seed: u64,
    pub(super) now: Ns,
    /// What the digest calls each node: those that are there from the start are numbered first, so
    /// that room for more changes no digest.
    tags: Arc<[u16]>,
    /// How many nodes each component is to have.
    wanted: Vec<u16>,
    /// How many of them callers without a balancer use in turn: those that have been up.
    joined: Vec<u16>,
    /// Hot keys; recomputed from the active faults.
    hot: Vec<hot::Hot>,
    hotness: Purpose,
    pub(super) agenda: Agenda,
    pub(super) arena: Arena,
    /// Those who go on before the next event.
    pub(super) ready: VecDeque<Ticket>,
    pub(super) nodes: Vec<Node>,
    pub(super) links: Links,
    pub(super) code: Arc<Code>,
    pub(super) databases: Arc<Vec<DatabaseInfo>>,
    pub(super) demand: Arc<Demand>,
    /// Whether a balancer asks for the users of requests.
    pub(super) sticky: bool,
    pub(super) expiry: Purpose,
    /// For which requests a gray node fails.
    pub(super) errors: Purpose,
    /// Options as configured, with what plain `set` has changed.
    base: Arc<Vec<Options>>,
    /// Options in force: `base` and what active faults change.
    pub(super) options: Arc<Vec<Options>>,
    /// The newest acknowledged version of each row, by database. A measuring instrument: nothing in
    /// the world acts on it.
    truth: Vec<Pages>,
    /// What users remember of their writes, by database.
    pub(super) own_writes: Vec<OwnWrites>,
    /// What became of effects. A measuring instrument, too.
    pub(super) effects: Effects,
    faults: Vec<Fault>,
    masks: Vec<Mask>,
    active: Active,
    /// Nodes that take more memory than they may.
    doomed: Vec<NodeId>,
    /// Nodes whose process stands still.
    paused: u32,
    /// Capacities have changed, and who waits has not been given what is free.
    regrant: bool,
    digest: u64,
    events: u64,
    /// Requests that have arrived and not ended.
    pub(super) roots: u64,
    /// Events since it was looked whether time passes, and when that was.
    burst: u32,
    burst_began: Ns,
    pub(in crate::sim) stopped: Option<Stopped>,
    started: bool,
}

impl World {
    /// The newest acknowledged version of a row of a database (by its index). For measuring only.
    #[inline]
    pub(super) fn newest_acknowledged(&self, database: u8, row: u32) -> u64 {
        self.truth[usize::from(database)].get(row)
    }

    /// A world at time 0. The cluster must be valid: the files room checks what people write.
    #[must_use]
    pub fn new(cluster: &Cluster, seed: u64) -> World {
        let topology = Topology::new(cluster);
        let options: Vec<Options> = cluster.components.iter().map(|c| c.options.clone()).collect();
        let databases = compile::databases(cluster);
        let mut agenda = Agenda::default();
        let code = compile::compile(cluster, &options, &topology, &databases, &mut agenda, seed);
        let weather = Weather::new(seed, &cluster.network);
        let links = Links::new(&topology, &talking(cluster), weather, &mut agenda);
        let nodes = (0..topology.nodes.len())
            .map(|n| new_node(cluster, &options, &topology, &databases, NodeId(n as u16), seed))
            .collect();
        let tags = tags(&topology);
        let counts: Vec<u16> = topology.components.iter().map(|c| c.nodes.len() as u16).collect();
        let active = Active::new(topology.nodes.len(), topology.components.len());
        let options = Arc::new(options);
        let mut world = World {
            classes: Arc::new(cluster.classes.iter().map(|c| c.name.clone()).collect()),
            demand: Arc::new(Demand::new(cluster, seed)),
            sticky: asks_for_users(&options),
            expiry: Purpose::new(seed, "expiry"),
            errors: Purpose::new(seed, "errors"),
            topology: Arc::new(topology),
            cluster: Arc::new(cluster.clone()),
            seed,
            now: 0,
            tags,
            wanted: counts.clone(),
            joined: counts,
            hot: Vec::new(),
            hotness: Purpose::new(seed, "hot keys"),
            agenda,
            arena: Arena::default(),
            ready: VecDeque::new(),
            nodes,
            links,
            code: Arc::new(code),
            truth: vec![Pages::default(); databases.len()],
            own_writes: vec![OwnWrites::default(); databases.len()],
            effects: Effects::new(cluster),
            databases: Arc::new(databases),
            base: Arc::clone(&options),
            options,
            faults: Vec::new(),
            masks: Vec::new(),
            active,
            doomed: Vec::new(),
            paused: 0,
            regrant: false,
            digest: 0x9E37_79B9_7F4A_7C15,
            events: 0,
            roots: 0,
            burst: 0,
            burst_began: 0,
            stopped: None,
            started: false,
        };
        world.fill_pools();
        world
    }

    /// Starts the daemons and the traffic; done once, by the first verb that is used.
    fn start<O: Observer>(&mut self, out: &mut O) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        for n in 0..self.nodes.len() {
            let node = NodeId(n as u16);
            if self.nodes[n].is_up() {
                self.start_daemons(node, out);
                self.schedule_arrival(node);
            }
        }
    }
}

/// Whether a balancer chooses by users, or a database looks after what they wrote.
fn asks_for_users(options: &[Options]) -> bool {
    let by_user = |o: &Options| match o {
        Options::Balancer(b) => b.policy == Policy::UserHash,
        Options::Database(d) => d.read_your_writes,
        _ => false,
    };
    options.iter().any(by_user)
}

/// The capacity of a pool to a database.
fn pool(options: &[Options], database: &DatabaseInfo) -> u32 {
    match &options[database.component.index()] {
        Options::Database(o) => o.pool.count(),
        _ => 0,
    }
}

/// What the settings ask of the nodes of a database.
fn terms(options: &[Options], component: ComponentId, databases: &[DatabaseInfo]) -> Option<Terms> {
    let Options::Database(o) = &options[component.index()] else { return None };
    let watchers = databases.iter().find(|d| d.component == component)?.failover;
    let fencing = |f: ComponentId| matches!(&options[f.index()], Options::Failover(o) if o.fencing);
    Some(Terms {
        fenced: watchers.is_some_and(fencing),
        watched: watchers.is_some(),
        rule: Rule { ack: o.ack, min: o.min_in_sync, degrade: o.degrade },
        prefer: o.prefer,
        own_writes: o.read_your_writes,
        keep: o.keep,
        any_reads: o.reads_from != ReadsFrom::Primary || o.prefer == Prefer::Availability,
    })
}

/// The nodes of a component.
fn nodes_of(topology: &Topology, component: ComponentId) -> std::ops::Range<u16> {
    topology.components[component.index()].nodes.clone()
}
