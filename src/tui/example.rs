//! Example pictures for tests: the cluster `food-delivery` as the mockups draw it.

mod played;

pub use played::{asking, ended, played, predicted};

use crate::session::picture::{
    Bin, Component, Face, Failover, Flow, Heat, Line, Node, Phase, Picture, Role, Tap, Tone, Truth,
    Vitals, Why,
};
use crate::sim::observation::{NodeState, Outcome};
use crate::sim::spec::Options;
use crate::sim::time::{MILLISECOND, Ns, SECOND};
use crate::sim::topology::Topology;
use std::sync::Arc;

const AT: Ns = 42 * SECOND;

/// Indices of the components of [`at_rest`].
pub const APP: usize = 0;
pub const EDGE: usize = 1;
pub const WEB: usize = 2;
pub const MENUS: usize = 3;
pub const ORDERS: usize = 4;
pub const KEEPER: usize = 5;
pub const DISPATCH: usize = 6;
pub const COURIERS: usize = 7;

/// A node that is up and idle.
pub fn node(component: &str, number: usize, of: usize, zone: Option<&str>) -> Node {
    let name = if of == 1 { component.to_string() } else { format!("{component}-{number}") };
    Node {
        name: name.into(),
        number,
        zone: zone.map(Arc::from),
        state: NodeState::Up,
        since: 0,
        believed: None,
        ejected: None,
        checks: None,
        utilisation: 0.0,
        threads: None,
        backlog: None,
        rate: 0.0,
        in_flight: 0,
        side: 0,
        memory: None,
        role: None,
        log: None,
        applied: None,
        slow: 1.0,
        left: None,
        outcomes: (0, 0),
        reasons: Vec::new(),
    }
}

/// A component whose nodes stand in `zones` in turn (users: nowhere).
pub fn component(
    name: &str,
    kind: &'static str,
    face: Face,
    n: usize,
    zones: &[&str],
) -> Component {
    let zone = |i: usize| zones.get(i % zones.len().max(1)).copied();
    Component {
        name: name.into(),
        kind,
        face,
        nodes: (0..n).map(|i| node(name, i + 1, n, zone(i))).collect(),
        settings: Arc::default(),
    }
}

/// Traffic that is answered: `rate` calls per second, spread over the nodes of the target.
pub fn flow(from: usize, to: usize, rate: f64, nodes: usize) -> Flow {
    let each = rate / nodes.max(1) as f64;
    let tap =
        Tap { rate: each, ok: (each / 5.0) as u64, failed: 0, cut: 0, links: 1, ..Tap::default() };
    Flow { from, to, rate, ok: (rate / 5.0) as u64, failed: 0, taps: vec![tap; nodes] }
}

/// `food-delivery` after 42 s in which nothing happened.
pub fn at_rest() -> Picture {
    Picture {
        cluster: "food-delivery".into(),
        seed: 7,
        now: AT,
        topology: topology(4),
        components: components(),
        flows: flows(),
        messages: Vec::new(),
        failovers: Vec::new(),
        vitals: vitals(),
        chart: Arc::new((0..84).map(bin).collect()),
        held: Vec::new(),
        markers: Vec::new(),
        faults: Vec::new(),
        events: vec![
            line(0, Tone::Plain, "started, seed 7, cluster food-delivery"),
            line(0, Tone::Plain, "orders-db-1 is primary (epoch 1)"),
            line(3_100 * MILLISECOND, Tone::Plain, "menus is warm: hit ratio above 80 %"),
        ],
        truth: Truth {
            acknowledged: 32_760,
            logs: vec![32_760, 32_759, 32_759],
            ..Truth::default()
        },
        why: Why {
            text:
                "All is well. The first limit is web: 67 % busy. Losing one of 4 puts the others \
                   at 89 %, losing two at 133 %: overload."
                    .to_string(),
            fix: None,
        },
        where_time: None,
        pools: Vec::new(),
        played: None,
        undoable: None,
    }
}

/// Who is there, with so many servers.
fn topology(servers: u64) -> Arc<Topology> {
    let playbook = crate::playbook::open("food-delivery").unwrap().into_playbook();
    let mut cluster = (*playbook.cluster).clone();
    if let Options::Service(web) = &mut cluster.components[WEB].options {
        web.instances = servers;
    }
    Arc::new(Topology::new(&cluster))
}

fn line(at: Ns, tone: Tone, text: &str) -> Line {
    Line { at, tone, text: text.to_string() }
}

fn bin(i: u64) -> Bin {
    let ok = 985 + i * 7919 % 31;
    Bin {
        start: i * (SECOND / 2),
        filled: 1.0,
        offered: ok,
        ok,
        failed: 0,
        p99: Some((28 + i * 31 % 7) * MILLISECOND),
        p50: Some(7_300_000),
        heat: heat(ok as u32),
        timed_out: 0,
    }
}

/// So many answers, spread as at rest.
fn heat(answers: u32) -> Heat {
    let mut heat = Heat::default();
    for (ms, percent) in
        [(1, 1), (2, 6), (3, 15), (5, 23), (7, 24), (10, 17), (15, 8), (20, 5), (30, 1)]
    {
        heat.add(ms * MILLISECOND, answers * percent / 100);
    }
    heat
}

fn vitals() -> Vitals {
    Vitals {
        goodput: 2_000.0,
        offered: 2_000.0,
        failed: Some(0.0),
        reason: None,
        calm_for: Some(AT),
        p50: Some(7_300_000),
        p90: Some(17 * MILLISECOND),
        p99: Some(31 * MILLISECOND),
        p999: Some(46 * MILLISECOND),
        slowest: Some(("order".into(), 40 * MILLISECOND)),
        in_flight: 18,
        busiest: Some(("web-3".into(), 0.68)),
        then: Some(("couriers".into(), 0.65)),
        amplification: None,
        warms_up_until: None,
        requests: 84_000,
        available: Some(1.0),
        budget_spent: Some(0.0),
        sparks: [vec![2000.0; 8], vec![0.0; 8], vec![31.0; 8], vec![18.0; 8], vec![0.68; 8]],
    }
}

fn components() -> Vec<Component> {
    let mut all = vec![
        component(
            "app",
            "traffic",
            Face::Traffic { rate: 2000.0, users: 1_000_000, timeout: 2 * SECOND },
            1,
            &[],
        ),
        component("edge", "balancer", balancer(4, 0), 1, &["a"]),
        component("web", "service", Face::Service { utilisation: 0.67, cores: Some(4) }, 4, &ZONES),
        component("menus", "cache", cache(), 1, &["a"]),
        component("orders-db", "database", database(), 3, &ZONES),
        component(
            "keeper",
            "failover",
            Face::Failover { of: ORDERS, fencing: true, phase: None },
            3,
            &ZONES,
        ),
        component("dispatch", "queue", queue(), 1, &["a"]),
        component(
            "couriers",
            "workers",
            Face::Workers { utilisation: 0.65, stuck: false },
            3,
            &["a"],
        ),
    ];
    for (node, busy) in all[WEB].nodes.iter_mut().zip([0.67, 0.66, 0.68, 0.67]) {
        node.utilisation = busy;
        node.believed = Some(true);
        node.threads = Some((5, Some(64)));
        node.backlog = Some((0, Some(128)));
        node.rate = 500.0;
        node.in_flight = 5;
        node.outcomes = (5_000, 0);
    }
    for (node, busy) in all[COURIERS].nodes.iter_mut().zip([0.65, 0.64, 0.66]) {
        node.utilisation = busy;
        node.threads = Some((2, Some(8)));
        node.rate = 126.0;
    }
    let roles = [Role::Primary, Role::Replica(600_000), Role::Replica(600_000)];
    for (node, (role, busy)) in
        all[ORDERS].nodes.iter_mut().zip(roles.into_iter().zip([0.4, 0.05, 0.05]))
    {
        node.role = Some(role);
        node.utilisation = busy;
        node.log = Some(32_760);
        node.applied = node.log;
    }
    all
}

const ZONES: [&str; 3] = ["a", "b", "c"];

fn balancer(sees_up: usize, wrong: usize) -> Face {
    Face::Balancer {
        policy: "round_robin",
        sees_up,
        backends: 4,
        wrong,
        rate: 2_000.0,
        every: SECOND / 2,
        fall: 3,
    }
}

fn cache() -> Face {
    Face::Cache {
        hit_ratio: Some(0.87),
        rate: 1_600.0,
        entries: 10_000,
        capacity: Some(10_000),
        enabled: true,
    }
}

fn database() -> Face {
    Face::Database {
        ack: "async",
        epoch: 1,
        primaries: 1,
        reads: 208.0,
        writes: 780.0,
        failover: Some(KEEPER),
    }
}

fn queue() -> Face {
    Face::Queue {
        depth: 6,
        limit: Some(10_000),
        in_hand: 6,
        dead_letters: 0,
        lost: 0,
        rate: 380.0,
        oldest: Some(25 * MILLISECOND),
    }
}

fn flows() -> Vec<Flow> {
    let mut flows = vec![
        flow(APP, EDGE, 2_000.0, 1),
        flow(EDGE, WEB, 2_000.0, 4),
        flow(WEB, MENUS, 1_600.0, 1),
        flow(WEB, ORDERS, 608.0, 3),
        flow(WEB, DISPATCH, 380.0, 1),
        flow(DISPATCH, COURIERS, 380.0, 3),
        flow(COURIERS, ORDERS, 380.0, 3),
    ];
    for i in [3, 6] {
        only(&mut flows[i], 0);
    }
    flows
}

/// All of a flow goes to one node of its target.
pub fn only(flow: &mut Flow, node: usize) {
    let (rate, ok, failed) = (flow.rate, flow.ok, flow.failed);
    for (i, tap) in flow.taps.iter_mut().enumerate() {
        *tap = Tap { rate: 0.0, ok: 0, failed: 0, ..*tap };
        if i == node {
            (tap.rate, tap.ok, tap.failed) = (rate, ok, failed);
        }
    }
}

/// 0.9 s after `crash web-2`: refused, and not yet noticed.
pub fn crashed() -> Picture {
    let mut p = at_rest();
    p.now = AT + 900 * MILLISECOND;
    let web2 = &mut p.components[WEB].nodes[1];
    (web2.state, web2.since) = (NodeState::Crashed, AT);
    (web2.utilisation, web2.checks) = (0.0, Some((2, 3)));
    p.components[EDGE].face = balancer(4, 1);
    p.flows[1].taps[1] =
        Tap { rate: 500.0, ok: 0, failed: 100, cut: 0, links: 1, ..Tap::default() };
    (p.flows[1].ok, p.flows[1].failed) = (300, 100);
    p.vitals.goodput = 1_550.0;
    p.vitals.failed = Some(0.228);
    p.vitals.reason = Some((Outcome::Refused, 450.0));
    p.vitals.calm_for = None;
    p
}

/// 1.8 s after `crash orders-db-1`: its replica is being promoted.
pub fn promoting() -> Picture {
    let mut p = at_rest();
    p.now = 76 * SECOND + 800 * MILLISECOND;
    let nodes = &mut p.components[ORDERS].nodes;
    (nodes[0].state, nodes[0].since) = (NodeState::Crashed, 75 * SECOND);
    (nodes[0].role, nodes[0].utilisation) = (None, 0.0);
    nodes[1].role = Some(Role::Promoting(0.8));
    p.components[ORDERS].face = Face::Database {
        ack: "async",
        epoch: 2,
        primaries: 0,
        reads: 0.0,
        writes: 0.0,
        failover: Some(KEEPER),
    };
    p.components[KEEPER].face =
        Face::Failover { of: ORDERS, fencing: true, phase: Some(Phase::Promoting(0.8)) };
    let at = |ms: u64| 75 * SECOND + ms * MILLISECOND;
    p.failovers = vec![Failover {
        database: ORDERS,
        from: Some("orders-db-1".into()),
        to: Some("orders-db-2".into()),
        epoch: 2,
        started: at(0),
        detected: Some(at(1_200)),
        elected: Some(at(1_300)),
        due: Some(at(1_900)),
        promoted: None,
        recovered: None,
        waiting: 0,
        stalled: 0,
    }];
    p.components[COURIERS].face = Face::Workers { utilisation: 0.0, stuck: true };
    for node in &mut p.components[COURIERS].nodes {
        node.utilisation = 0.0;
    }
    for i in [3, 6] {
        let flow = &mut p.flows[i];
        (flow.ok, flow.failed) = (0, 120);
        only(flow, 1);
    }
    p
}

/// The link from edge to web-3 is cut.
pub fn cut() -> Picture {
    let mut p = at_rest();
    p.flows[1].taps[2] =
        Tap { rate: 500.0, ok: 0, failed: 100, cut: 1, links: 1, ..Tap::default() };
    (p.flows[1].ok, p.flows[1].failed) = (300, 100);
    p.components[WEB].nodes[2].utilisation = 0.0;
    p
}

/// Users, a balancer and `n` servers, in three zones.
pub fn servers(n: usize) -> Picture {
    let mut p = at_rest();
    p.topology = topology(n as u64);
    p.components.truncate(2);
    p.components.push(component(
        "web",
        "service",
        Face::Service { utilisation: 0.67, cores: Some(4) },
        n,
        &ZONES,
    ));
    if let Face::Balancer { sees_up, backends, .. } = &mut p.components[EDGE].face {
        (*sees_up, *backends) = (n, n);
    }
    for node in &mut p.components[WEB].nodes {
        node.rate = 2_000.0 / n as f64;
        node.utilisation = 0.67;
        node.believed = Some(true);
    }
    p.flows = vec![flow(APP, EDGE, 2_000.0, 1), flow(EDGE, WEB, 2_000.0, n)];
    p
}
