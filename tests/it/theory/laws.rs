//! Laws that hold for whatever is in the boxes: Little's law and the utilisation law, on every
//! resource of the default cluster.
//!
//! Little, "A proof for the queuing formula L = λW", Operations Research 9 (3), 1961: the mean number
//! in a system is the arrival rate times the mean time there. From an empty system to an empty system
//! it is exact (Little, Graves, 2008): the integral of the number over time (which the world keeps in
//! its resources) is the sum of all times there (which observers add up from single calls). Two
//! books, kept in different places, must agree to the nanosecond.

use super::estimate::over_seeds;
use brownout::playbook;
use brownout::sim::World;
use brownout::sim::fault::Change;
use brownout::sim::id::{ClassId, NodeId};
use brownout::sim::observation::{Called, Observer, Outcome};
use brownout::sim::reading::{PartReading, ResourceReading};
use brownout::sim::spec::{Cluster, Value};
use brownout::sim::time::{MILLISECOND, Ns, SECOND, seconds};
use std::collections::BTreeMap;
use std::sync::Arc;

fn default_cluster() -> Arc<Cluster> {
    let opened = playbook::open("food-delivery").unwrap_or_else(|e| panic!("{e}"));
    opened.into_playbook().cluster
}

/// Times that calls of users' requests spent at nodes, and on the way there.
#[derive(Default)]
struct Times {
    arrivals: [u64; 3],
    calls: BTreeMap<NodeId, u64>,
    wait: BTreeMap<NodeId, Ns>,
    work: BTreeMap<NodeId, Ns>,
    inside: BTreeMap<NodeId, Ns>,
    /// By caller and callee.
    took: BTreeMap<(NodeId, NodeId), Ns>,
    links: Vec<(NodeId, NodeId)>,
    failed: u64,
}

impl Observer for Times {
    fn arrived(&mut self, _at: Ns, class: ClassId) {
        self.arrivals[class.index()] += 1;
    }

    fn called(&mut self, _at: Ns, called: Called) {
        if called.class.is_none() {
            return;
        }
        self.failed += u64::from(!called.outcome.is_good());
        assert_ne!(called.outcome, Outcome::Timeout, "nobody gives up here");
        *self.calls.entry(called.to).or_default() += 1;
        *self.wait.entry(called.to).or_default() += called.wait;
        *self.work.entry(called.to).or_default() += called.work;
        *self.inside.entry(called.to).or_default() += called.inside;
        *self.took.entry(self.links[called.link.index()]).or_default() += called.took;
    }
}

/// Runs the default cluster for a while, and then until it is empty.
fn run(seed: u64, length: Ns) -> (World, Times) {
    let mut world = World::new(&default_cluster(), seed);
    let links = world.links().map(|l| (l.from, l.to)).collect();
    let mut times = Times { links, ..Times::default() };
    world.advance(length, &mut times).expect("goes on");
    let users = world.topology().component("app").expect("there are users");
    world.inject(Change::Set(vec![(users, "rate", Value::Rate(0.0))]), None, &mut times);
    world.advance(length + 5 * SECOND, &mut times).expect("goes on");
    assert_eq!(world.in_flight(), 0, "the cluster is empty again");
    assert_eq!(times.failed, 0, "and nothing has failed");
    (world, times)
}

fn number(resource: ResourceReading) -> Ns {
    resource.busy_ns + resource.queued_ns
}

#[test]
fn littles_law_holds_on_every_resource() {
    let (world, times) = run(11, 20 * SECOND);
    let topology = Arc::clone(world.topology());
    let nodes = |name: &str| {
        let c = topology.component(name).expect("the default cluster has it");
        topology.components[c.index()].nodes()
    };
    let mut judged = 0;
    let mut equal = |what: String, integral: Ns, sum: Ns| {
        let n = (seconds(integral), seconds(sum));
        println!("{what}: integral {:.9} unit-seconds, sum over calls {:.9}", n.0, n.1);
        assert_eq!(integral, sum, "{what}");
        judged += u64::from(sum > 0);
    };
    for node in nodes("web").chain(nodes("orders-db")) {
        let name = topology.display_name(node);
        let r = world.node(node);
        let of = |sums: &BTreeMap<NodeId, Ns>| sums.get(&node).copied().unwrap_or(0);
        // Nobody calls a replica; it applies the log, 0.5 ms for each entry.
        let applied = match r.part {
            PartReading::Database { primary: false, applied, .. } => applied * MILLISECOND / 2,
            _ => 0,
        };
        equal(format!("{name}: cores in use"), r.cores.busy_ns, of(&times.work) + applied);
        let pools: Ns = nodes("orders-db")
            .filter_map(|db| world.pool(node, db))
            .map(|pool| pool.queued_ns)
            .sum();
        let queued = r.cores.queued_ns + r.threads.queued_ns + r.connections.queued_ns + pools;
        equal(format!("{name}: waiting"), queued, of(&times.wait));
        // A request is inside while it holds its thread (or connection), or waits for one.
        let inside = number(r.threads) + number(r.connections);
        equal(format!("{name}: inside"), inside, of(&times.inside));
    }
    for caller in nodes("web").chain(nodes("couriers")) {
        for db in nodes("orders-db") {
            let pool = world.pool(caller, db).expect("it calls the database");
            let name = (topology.display_name(caller), topology.display_name(db));
            let took = times.took.get(&(caller, db)).copied().unwrap_or(0);
            equal(format!("pool of {} to {}", name.0, name.1), pool.busy_ns, took);
        }
    }
    assert!(judged > 20, "{judged} resources were used");
}

/// U = λ S (Denning, Buzen, "The operational analysis of queueing network models", 1978): cores are
/// busy for the arrival rate times the mean work. The works are those of the cluster's file.
#[test]
fn the_utilisation_law_holds_where_work_is_done() {
    let length = 20 * SECOND;
    let [web, couriers] = over_seeds(|seed| {
        let (world, times) = run(seed, length);
        let topology = Arc::clone(world.topology());
        let busy = |name: &str| -> f64 {
            let c = topology.component(name).expect("the default cluster has it");
            let nodes = topology.components[c.index()].nodes();
            nodes.map(|n| seconds(world.cores(n).busy_ns)).sum()
        };
        let db = topology.node("orders-db-1").expect("there is a primary");
        let read_or_write = times.calls[&db];
        let writes = 2 * times.arrivals[1] + times.arrivals[2];
        let work = (read_or_write - writes) * 4 * MILLISECOND + writes * 3 * MILLISECOND;
        assert_eq!(world.cores(db).busy_ns, work, "constant work: exactly");
        [busy("web") / seconds(length), busy("couriers") / seconds(length)]
    });
    let work = 2000.0 * (0.80 * 0.0048 + 0.19 * 0.0075 + 0.01 * 0.003);
    web.agrees("busy cores of web", work, 0.02);
    couriers.agrees("busy cores of couriers", 2000.0 * 0.19 * 0.005, 0.03);
}
