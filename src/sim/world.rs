//! The world itself: what it owns, how it begins, and its three verbs.
//!
//! `world/run.rs` advances it (the interpreter), `world/call.rs` carries calls and answers,
//! `world/connect.rs` connects, `world/wire.rs` what happens to messages under way,
//! `world/timeout.rs` gives up, `world/cancel.rs` takes calls back, `world/memory.rs` kills, `world/change.rs` injects
//! (`world/mask.rs` is what a fault holds),
//! `world/life.rs` lets nodes die and boot, `world/power.rs` their hosts, `world/scale.rs` lets them
//! come and go, `world/hot.rs` makes keys hot, `world/read.rs` is the snapshot.

mod audit;
mod call;
mod cancel;
mod change;
mod connect;
mod hold;
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
use super::memory::Memory;
use super::network::{Links, Weather};
use super::node::{Known, Node, Part};
use super::observation::{NodeState, Observer};
use super::pages::Pages;
use super::part::balancer::{Balancer, Draws};
use super::part::cache::Cache;
use super::part::database::in_sync::Rule;
use super::part::database::{Database, Terms};
use super::part::failover::Watcher;
use super::part::own::OwnWrites;
use super::part::queue::Queue;
use super::part::traffic::{Demand, Traffic};
use super::program::{Code, slot};
use super::random::{Chance, Purpose, Stream};
use super::request::Counter;
use super::resource::Resource;
use super::spec::{self, Cluster, Options, Peers, Policy, Prefer, ReadsFrom};
use super::time::Ns;
use super::topology::Topology;
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
    /// Numbers of the faults that are active, in order.
    active: Vec<u32>,
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
            active: Vec::new(),
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

/// Which components talk to each other: each pair once.
fn talking(cluster: &Cluster) -> Vec<(usize, usize)> {
    let find = |name: &str| cluster.component(name).map(|(i, _)| i);
    let mut pairs = Vec::new();
    for (c, component) in cluster.components.iter().enumerate() {
        let all = |kinds: &[&str]| -> Vec<usize> {
            let is = |o: &spec::Component| kinds.contains(&o.options.kind());
            (0..cluster.components.len()).filter(|&i| is(&cluster.components[i])).collect()
        };
        let peers = match component.options.behaviour().peers() {
            Peers::Nobody => Vec::new(),
            Peers::Of(name) => find(name).into_iter().collect(),
            Peers::Own => vec![c],
            Peers::OwnAnd(name) => find(name).into_iter().chain([c]).collect(),
            Peers::Data => {
                let mut peers = all(&["cache", "database", "queue", "failover"]);
                peers.extend(called(cluster, &component.options).filter_map(find));
                peers
            }
        };
        pairs.extend(peers.into_iter().map(|p| (c, p)));
    }
    pairs
}

/// The names of those whom the steps of a component call.
fn called<'a>(cluster: &'a Cluster, options: &'a Options) -> impl Iterator<Item = &'a str> {
    let classes = cluster.classes.iter().flat_map(|c| c.steps.iter());
    options.steps().iter().chain(classes).filter_map(|step| match step {
        spec::Step::Call { to, .. } => Some(to.as_str()),
        _ => None,
    })
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

fn new_node(
    cluster: &Cluster,
    options: &[Options],
    topology: &Topology,
    databases: &[DatabaseInfo],
    id: NodeId,
    seed: u64,
) -> Node {
    let info = &topology.nodes[id.index()];
    let own = &options[info.component.index()];
    let mut resources: Vec<Resource> = own.behaviour().capacities().map(Resource::new).into();
    debug_assert_eq!(resources.len(), usize::from(slot::POOLS));
    let calls_databases = own.behaviour().discover().is_some();
    if calls_databases {
        for database in databases {
            let capacity = pool(options, database);
            resources.extend((0..database.nodes).map(|_| Resource::new(capacity)));
        }
    }
    let known = Known { primary: Some(0), ..Known::default() };
    let nodes_of =
        |name: &str| topology.component(name).map(|c| topology.components[c.index()].nodes());
    let part = match own {
        Options::Traffic(o) => {
            let numbers = Counter::new(cluster, info.component);
            Part::Traffic(Traffic::new(seed, &info.name, o, numbers))
        }
        Options::Balancer(o) => {
            let draws = Draws::new(seed, &info.name);
            Part::Balancer(Balancer::new(nodes_of(&o.to).into_iter().flatten(), draws))
        }
        Options::Cache(o) => Part::Cache(Cache::new(o.evict)),
        Options::Database(o) => {
            let nodes = o.replicas as usize + 1;
            match terms(options, info.component, databases) {
                Some(terms) => {
                    let watchers = databases.iter().find(|d| d.component == info.component);
                    let watchers = watchers.and_then(|d| d.failover).map(|f| &options[f.index()]);
                    let lease = watchers.map_or(0, |o| change::grace(o, 0));
                    Part::Database(Box::new(Database::new(info.number - 1, nodes, terms, lease)))
                }
                None => Part::Plain,
            }
        }
        Options::Queue(_) => Part::Queue(Queue::default()),
        Options::Failover(_) => {
            let mut watcher = Watcher::new();
            if change::fences(own) {
                // The lease with which the first primary begins.
                watcher.fence(change::grace(own, 0));
            }
            Part::Watcher(watcher)
        }
        Options::Service(_) | Options::Workers(_) => Part::Plain,
    };
    Node {
        component: info.component,
        local: info.number - 1,
        state: if topology.is_present(id) { NodeState::Up } else { NodeState::Absent },
        since: 0,
        leaving: None,
        crashes: 0,
        pauses: 0,
        offs: 0,
        dark: 0,
        died: 0,
        slow: 1.0,
        changed: false,
        errors: Chance::NEVER,
        backlog: own.behaviour().backlog(),
        in_flight: 0,
        memory: Memory::new(memory::terms(own)),
        resources,
        part,
        known: if calls_databases { vec![known; databases.len()] } else { Vec::new() },
        flights: Vec::new(),
        turns: vec![u32::from(info.number - 1); topology.components.len()],
        stream: Stream::named(seed, &format!("{} beats", info.name)),
        stash: Vec::new(),
        woken: Vec::new(),
    }
}

/// The numbers by which the digest knows nodes.
fn tags(topology: &Topology) -> Arc<[u16]> {
    let mut tags = vec![0; topology.nodes.len()];
    let all = || (0..topology.nodes.len() as u16).map(NodeId);
    let (there, absent): (Vec<NodeId>, Vec<NodeId>) = all().partition(|n| topology.is_present(*n));
    for (tag, node) in (0..).zip(there.into_iter().chain(absent)) {
        tags[node.index()] = tag;
    }
    tags.into()
}

/// The nodes of a component.
fn nodes_of(topology: &Topology, component: ComponentId) -> std::ops::Range<u16> {
    topology.components[component.index()].nodes.clone()
}
