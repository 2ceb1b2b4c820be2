//! What a world is made of at time 0.

use super::{force, memory, pool, terms};
use crate::sim::compile::DatabaseInfo;
use crate::sim::id::NodeId;
use crate::sim::memory::Memory;
use crate::sim::node::{Known, Node, Part};
use crate::sim::observation::NodeState;
use crate::sim::part::balancer::{Balancer, Draws};
use crate::sim::part::cache::Cache;
use crate::sim::part::database::Database;
use crate::sim::part::failover::Watcher;
use crate::sim::part::queue::Queue;
use crate::sim::part::traffic::Traffic;
use crate::sim::program::slot;
use crate::sim::random::{Chance, Stream};
use crate::sim::request::Counter;
use crate::sim::resource::Resource;
use crate::sim::spec::{self, Cluster, Options, Peers};
use crate::sim::topology::Topology;
use std::sync::Arc;

/// Which components talk to each other: each pair once.
pub(super) fn talking(cluster: &Cluster) -> Vec<(usize, usize)> {
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

/// A node at time 0.
pub(super) fn new_node(
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
    let part = new_part(cluster, options, topology, databases, id, seed);
    Node {
        component: info.component,
        local: info.number - 1,
        state: if topology.is_present(id) { NodeState::Up } else { NodeState::Absent },
        since: 0,
        leaving: None,
        crashes: 0,
        pauses: 0,
        boots_in: 0,
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

/// What is particular to it.
fn new_part(
    cluster: &Cluster,
    options: &[Options],
    topology: &Topology,
    databases: &[DatabaseInfo],
    id: NodeId,
    seed: u64,
) -> Part {
    let info = &topology.nodes[id.index()];
    let own = &options[info.component.index()];
    let nodes_of =
        |name: &str| topology.component(name).map(|c| topology.components[c.index()].nodes());
    match own {
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
                    let lease = watchers.map_or(0, |o| force::grace(o, 0));
                    Part::Database(Box::new(Database::new(info.number - 1, nodes, terms, lease)))
                }
                None => Part::Plain,
            }
        }
        Options::Queue(_) => Part::Queue(Queue::default()),
        Options::Failover(_) => {
            let mut watcher = Watcher::new();
            if force::fences(own) {
                // The lease with which the first primary begins.
                watcher.fence(force::grace(own, 0));
            }
            Part::Watcher(watcher)
        }
        Options::Service(_) | Options::Workers(_) => Part::Plain,
    }
}

/// The numbers by which the digest knows nodes.
pub(super) fn tags(topology: &Topology) -> Arc<[u16]> {
    let mut tags = vec![0; topology.nodes.len()];
    let all = || (0..topology.nodes.len() as u16).map(NodeId);
    let (there, absent): (Vec<NodeId>, Vec<NodeId>) = all().partition(|n| topology.is_present(*n));
    for (tag, node) in (0..).zip(there.into_iter().chain(absent)) {
        tags[node.index()] = tag;
    }
    tags.into()
}
