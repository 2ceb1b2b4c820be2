//! Random draws belong to requests and to places, not to the order in which things happen: a fault
//! changes no arrival, and no work anywhere but where it acts.
//!
//! Two clusters in one file have nothing to do with each other, but for the users. What happens to
//! the left one must not be visible at the right one at all. And what a server works for a request is
//! the same whoever serves it, and whatever happened to other requests.

use crate::support::playbook_of;
use brownout::chaos::Command;
use brownout::sim::World;
use brownout::sim::id::{ClassId, LinkId, NodeId};
use brownout::sim::observation::{Called, Ended, Observer, Outcome};
use brownout::sim::time::{Ns, SECOND};
use std::collections::BTreeMap;

const UNTIL: Ns = 10 * SECOND;

/// Between two nodes of one zone, there and back.
const ROUND_TRIP: Ns = 500_000;

/// A left and a right half. Each has an entry, servers, a cache, a database with watchers, a queue
/// and workers; all work is drawn.
fn cluster() -> World {
    halves("", "")
}

/// The same with a network of its own, and more servers or room for them on the left.
fn halves(network: &str, left: &str) -> World {
    let half = |side: &str, more: &str| {
        format!(
            r#"
            [balancer.edge-{side}]
            to = "web-{side}"
            [service.web-{side}]
            {more}
            cores = 4
            boot = "500ms"
            steps = ["cpu lognormal(p50=4ms, p99=30ms)", "read rows-{side}", "write db-{side}", "publish jobs-{side}"]
            [cache.rows-{side}]
            of = "db-{side}"
            capacity = 100
            [database.db-{side}]
            replicas = 2
            read = "exp(4ms)"
            write = "exp(3ms)"
            [failover.keeper-{side}]
            of = "db-{side}"
            every = "200ms"
            [queue.jobs-{side}]
            [workers.hands-{side}]
            from = "jobs-{side}"
            threads = 8
            steps = ["cpu exp(2ms)", "write db-{side}"]
            "#
        )
    };
    let text = format!(
        r#"
        name = "halves"
        [network]
        {network}
        [traffic.app]
        to = "door"
        rate = "400/s"
        timeout = "1s"
        [request.left]
        share = "50%"
        keys = {{ count = 500, zipf = 0.8 }}
        steps = ["call edge-left"]
        [request.right]
        share = "50%"
        keys = {{ count = 500, zipf = 0.8 }}
        steps = ["call edge-right"]
        [service.door]
        instances = 1
        threads = "unlimited"
        cores = "unlimited"
        call_timeout = "5s"
        {}{}
        "#,
        half("left", if left.is_empty() { "instances = 3" } else { left }),
        half("right", "instances = 3")
    );
    World::new(&playbook_of(&text).cluster, 5)
}

/// A call as it is told: when it ended, its link, its outcome, wait, work, time inside, time taken.
type Told = (Ns, LinkId, Outcome, Ns, Ns, Ns, Ns);

/// When a request ended, its number, its class, how.
type End = (Ns, u64, ClassId, Outcome);

#[derive(Default)]
struct Record {
    arrivals: Vec<(Ns, ClassId)>,
    ended: Vec<End>,
    calls: Vec<Told>,
}

impl Observer for Record {
    fn arrived(&mut self, at: Ns, class: ClassId) {
        self.arrivals.push((at, class));
    }
    fn ended(&mut self, at: Ns, ended: Ended) {
        self.ended.push((at, ended.request, ended.class, ended.outcome));
    }
    fn called(&mut self, at: Ns, c: Called) {
        self.calls.push((at, c.link, c.outcome, c.wait, c.work, c.inside, c.took));
    }
}

/// A run with commands at second 2 and later.
struct Run {
    world: World,
    record: Record,
}

fn run(commands: &[(u64, &str)]) -> Run {
    run_in(cluster(), commands)
}

fn run_in(mut world: World, commands: &[(u64, &str)]) -> Run {
    let mut record = Record::default();
    for (at, text) in commands {
        world.advance(at * SECOND / 1000, &mut record).expect("goes on");
        let command = Command::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let bound = command.bind(&world).unwrap_or_else(|e| panic!("{text}: {e}"));
        world.inject(bound.change, bound.length, &mut record);
    }
    world.advance(UNTIL, &mut record).expect("goes on");
    Run { world, record }
}

impl Run {
    fn name(&self, node: NodeId) -> &str {
        &self.world.topology().nodes[node.index()].name
    }

    /// The ends of a link, by name.
    fn ends(&self, link: LinkId) -> (&str, &str) {
        let link = self.world.links().nth(link.index()).expect("it is a link");
        (self.name(link.from), self.name(link.to))
    }

    /// All calls between nodes of the right half, background ones too, and the ends of its requests.
    fn right(&self) -> (Vec<Told>, Vec<End>) {
        let is_right: Vec<bool> = (0..self.world.links().len() as u32)
            .map(|i| {
                let (from, to) = self.ends(LinkId(i));
                from.contains("-right") && to.contains("-right")
            })
            .collect();
        let calls = self.record.calls.iter().filter(|c| is_right[c.1.index()]).copied().collect();
        let ends = self.record.ended.iter().filter(|e| e.2 == ClassId(1)).copied().collect();
        (calls, ends)
    }

    /// The work of servers for requests of the left half, by when the request left the balancer.
    /// That is a fixed time after its arrival, and so names the request.
    fn left_work(&self) -> BTreeMap<Ns, (Ns, String)> {
        let to_web: Vec<bool> = (0..self.world.links().len() as u32)
            .map(|i| {
                let (from, to) = self.ends(LinkId(i));
                from.starts_with("edge-left") && to.starts_with("web-left")
            })
            .collect();
        let served = self.record.calls.iter().filter(|c| to_web[c.1.index()] && c.4 > 0);
        served.map(|c| (c.0 - c.6, (c.4, self.ends(c.1).1.to_owned()))).collect()
    }
}

const FAULTS: &[&[(u64, &str)]] = &[
    &[(2000, "cut edge-left->web-left-2 for 3s")],
    &[(2000, "cut web-left-1|db-left for 2s")],
    &[(2000, "cut hands-left->jobs-left for 2s")],
    &[(2000, "crash web-left-1 for 3s")],
    &[(2000, "crash db-left:primary for 6s")],
    &[(2000, "crash rows-left for 1s"), (4000, "flush rows-left")],
    &[(2000, "crash jobs-left for 1s"), (3000, "crash keeper-left-1 for 1s")],
    &[(2000, "pause edge-left for 700ms")],
    &[(2000, "hot_key left share=70% key=450 for 3s")],
    &[(2000, "scale web-left to=6"), (6000, "scale web-left to=2")],
    &[(2000, "slow web-left factor=8 for 3s")],
    &[(2000, "slow db-left factor=30 for 3s")],
    &[(2000, "set edge-left.policy=least_connections web-left.threads=3")],
    &[(2000, "set db-left.read=uniform(1ms, 90ms)"), (3000, "restart web-left-3")],
];

#[test]
fn what_happens_on_the_left_is_not_seen_on_the_right() {
    let calm = run(&[]);
    assert!(calm.record.arrivals.len() > 3000 && calm.right().0.len() > 10_000);
    for fault in FAULTS {
        let hurt = run(fault);
        assert_eq!(hurt.record.arrivals, calm.record.arrivals, "{fault:?}: arrivals");
        assert!(hurt.right() == calm.right(), "{fault:?} is seen on the right");
        assert!(hurt.record.calls != calm.record.calls, "{fault:?} does nothing");
    }
}

/// Faults on the right of which each message or request draws whether and how they hit it.
const DRAWN: &[(u64, &str)] = &[
    (2000, "lose edge-right->web-right p=20% for 4s"),
    (2000, "lose web-right->edge-right p=10%"),
    (2000, "lose web-right->edge-right p=10%"),
    (3000, "delay web-right<->db-right base=2ms jitter=2ms"),
    (3000, "error web-right p=30% for 3s"),
    (3000, "hot_key right share=50% for 3s"),
];

#[test]
fn draws_on_a_link_know_it_by_name() {
    // Links and nodes are told by their names: their numbers move with the room of others. What users
    // are told comes over a link that both halves share.
    let right = |run: &Run| {
        let calls = run.right().0.into_iter();
        let named = calls.map(|c| {
            let (from, to) = run.ends(c.1);
            (c.0, from.to_owned(), to.to_owned(), c.2, c.3, c.4, c.5, c.6)
        });
        named.collect::<Vec<_>>()
    };
    let network = "jitter = \"0.1ms\"";
    let few = run_in(halves(network, ""), DRAWN);
    assert!(right(&few) != right(&run_in(halves(network, ""), &[])), "they hit something");
    assert!(right(&few) != right(&run_in(halves("", ""), DRAWN)), "there is jitter");
    for more in ["instances = 3\ninstances_max = 40", "instances = 5"] {
        let many = run_in(halves(network, more), DRAWN);
        assert_eq!(many.record.arrivals, few.record.arrivals);
        assert!(right(&many) == right(&few), "`{more}` on the left is seen on the right");
    }
    // Faults elsewhere, before and at the same instant, and one that is over at once.
    let elsewhere: &[(u64, &str)] = &[
        (1500, "lose edge-left->web-left p=50% for 3s"),
        (2000, "delay web-left->db-left base=5ms jitter=5ms"),
        (2000, "hot_key left share=20% for 5s"),
        (2000, "lose edge-right->web-right p=20% for 0s"),
        (2000, "crash hands-left for 1s"),
    ];
    let mut all: Vec<(u64, &str)> = elsewhere.iter().chain(DRAWN).copied().collect();
    all.sort_by_key(|(at, _)| *at);
    let hurt = run_in(halves(network, ""), &all);
    assert_eq!(hurt.record.arrivals, few.record.arrivals);
    assert!(right(&hurt) == right(&few), "faults on the left are seen on the right");
}

#[test]
fn a_request_carries_its_work_whoever_serves_it() {
    let calm = run(&[]).left_work();
    assert!(calm.len() > 1500);
    for fault in FAULTS.iter().filter(|f| !f[0].1.starts_with("pause edge")) {
        let hurt = run(fault).left_work();
        let slowed = fault[0].1.starts_with("slow web-left ");
        let (mut moved, mut stretched) = (0, 0);
        for (sent, (work, server)) in &hurt {
            // What waits longer leaves fewer idle connections: a request may open one where it found
            // one before, or the other way round, and comes a round trip later or earlier.
            let times = [*sent, sent - ROUND_TRIP, sent + ROUND_TRIP];
            let Some((usual, usual_server)) = times.iter().find_map(|t| calm.get(t)) else {
                panic!("{fault:?}: a request was sent at {sent} that was not there")
            };
            moved += u64::from(server != usual_server);
            if slowed && work == &(((*usual as f64) * 8.0) as Ns) {
                stretched += 1;
            } else {
                assert_eq!(work, usual, "{fault:?}: the request of {sent}");
            }
        }
        assert!(hurt.len() > 1000, "{fault:?}: {} were served", hurt.len());
        if fault[0].1.starts_with("crash web-left") {
            assert!(moved > 100, "{moved} requests went elsewhere");
        }
        if slowed {
            assert!(stretched > 100, "{stretched} requests were slowed");
        }
    }
}

/// Two regions with users of their own, who share all that is behind the door; when each request of
/// the second region arrived, its class, and its work at the door by when it was sent.
fn two_regions(commands: &[&str]) -> (Vec<(Ns, ClassId)>, BTreeMap<Ns, Ns>, usize) {
    let text = r#"
        name = "regions"
        [traffic.east]
        to = "door-east"
        rate = "400/s"
        [traffic.west]
        to = "door-west"
        rate = "300/s"
        [request.look]
        share = "70%"
        keys = { count = 500, zipf = 0.8 }
        steps = ["cpu exp(2ms)", "read rows"]
        [request.order]
        share = "30%"
        steps = ["cpu lognormal(p50=2ms, p99=20ms)", "write db"]
        [balancer.door-east]
        to = "web"
        [balancer.door-west]
        to = "web"
        [service.web]
        cores = "unlimited"
        threads = "unlimited"
        [cache.rows]
        of = "db"
        capacity = 100
        [database.db]
    "#;
    let mut world = World::new(&playbook_of(text).cluster, 9);
    let west = world.topology().node("door-west-1").expect("a node");
    let mut record = West {
        edge: west,
        links: world.links().map(|l| (l.from, l.to)).collect(),
        ..West::default()
    };
    world.advance(2 * SECOND, &mut record).expect("goes on");
    for text in commands {
        let command = Command::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let bound = command.bind(&world).unwrap_or_else(|e| panic!("{text}: {e}"));
        world.inject(bound.change, bound.length, &mut record);
    }
    world.advance(UNTIL, &mut record).expect("goes on");
    (record.came, record.work, record.others)
}

/// What the balancer of the west is asked for, and what servers work for it.
#[derive(Default)]
struct West {
    edge: NodeId,
    links: Vec<(NodeId, NodeId)>,
    came: Vec<(Ns, ClassId)>,
    work: BTreeMap<Ns, Ns>,
    others: usize,
}

impl Observer for West {
    fn called(&mut self, at: Ns, c: Called) {
        let Some(class) = c.class else { return };
        let (from, to) = self.links[c.link.index()];
        if to == self.edge {
            self.came.push((at - c.took, class));
        } else if from == self.edge && c.outcome.is_good() {
            self.work.insert(at - c.took, c.work);
        } else {
            self.others += 1;
        }
    }
}

#[test]
fn what_happens_to_one_region_moves_no_demand_of_another() {
    let (calm, calm_work, calm_others) = two_regions(&[]);
    let mut calm = calm;
    calm.sort_unstable();
    assert!(calm.len() > 2500, "{} requests of the west", calm.len());
    for fault in [
        "traffic x5 east for 3s",
        "traffic x0 east",
        "cut door-east|web-1 for 3s",
        "lose door-east->web p=50% for 3s",
        "set east.rate=50/s",
        "set east.arrivals=closed east.users=30",
    ] {
        let (mut hurt, work, others) = two_regions(&[fault]);
        hurt.sort_unstable();
        assert_ne!(others, calm_others, "{fault} does nothing");
        // What was under way at the end may be told or not.
        let both = hurt.len().min(calm.len()) - 100;
        assert_eq!(hurt[..both], calm[..both], "{fault}: arrivals and classes of the west");
        let same = work.iter().filter(|(sent, work)| calm_work.get(sent) == Some(work)).count();
        let known = work.keys().filter(|sent| calm_work.contains_key(sent)).count();
        assert_eq!(same, known, "{fault}: work for the west");
        assert!(known > 2000, "{fault}: {known} are known");
    }
}
