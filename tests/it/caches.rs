//! Caches in a running cluster: what their settings change.

use crate::lab::Lab;
use crate::support::{command, session, session_of};
use brownout::observe::tally::NodeTally;
use brownout::session::Session;
use brownout::sim::id::{ClassId, ComponentId, NodeId};
use brownout::sim::observation::Ended;
use brownout::sim::time::SECOND;

/// The default cluster after some seconds, with settings of its cache.
fn run(settings: &str, seconds: u64) -> Session {
    let mut session = session("food-delivery", 7);
    if !settings.is_empty() {
        session.inject(&command(settings)).unwrap_or_else(|e| panic!("{settings}: {e}"));
    }
    session.advance(seconds * SECOND).expect("the world goes on");
    session.world().audit().expect("the books add up");
    session
}

/// Calls to all nodes of a component.
fn calls(session: &Session, component: &str) -> NodeTally {
    let topology = session.world().topology();
    let ComponentId(c) = topology.component(component).expect("there is one");
    let mut sum = NodeTally::default();
    topology.components[usize::from(c)]
        .nodes()
        .for_each(|n: NodeId| sum.add(&session.observers().node(n)));
    sum
}

#[test]
fn what_is_popular_stays_longest_under_lfu_and_shortest_under_fifo() {
    let hits = |evict: &str| {
        let settings = format!("set menus.capacity=1k menus.evict={evict}");
        calls(&run(&settings, 20), "menus").hit_ratio().expect("lookups")
    };
    let (fifo, lru, lfu) = (hits("fifo"), hits("lru"), hits("lfu"));
    assert!(fifo < lru && lru < lfu, "fifo {fifo}, lru {lru}, lfu {lfu}");
}

#[test]
fn without_invalidation_readers_see_what_was_overwritten() {
    // A row that was read just before the write may be put after it was deleted: rare, and real.
    let (told, untold) = (run("", 10).truth().stale, run("set menus.invalidate=false", 10));
    assert!(told < 5 && untold.truth().stale > 20, "{told}, {}", untold.truth().stale);
}

/// 1 000 reads a second of 200 rows, all equally popular.
const EVEN: &str = r#"
name = "even"
about = "Rows that are all equally popular."

[traffic.app]
to = "web"
rate = "1000/s"

[request.look]
share = "100%"
keys = { count = "200" }
steps = ["read rows"]

[service.web]
instances = 1

[cache.rows]
of = "store"
ttl = "5s"

[database.store]
replicas = 0
"#;

#[test]
fn entries_filled_together_expire_together_without_jitter() {
    let most = |jitter: &str| {
        let mut session = session_of(EVEN, 7);
        session.inject(&command(&format!("set rows.jitter={jitter}"))).expect("a setting");
        let mut misses = vec![0];
        for half in 1..=30 {
            session.advance(half * SECOND / 2).expect("the world goes on");
            misses.push(calls(&session, "rows").misses);
        }
        // After the first fill, which comes all at once.
        misses[8..].windows(2).map(|w| w[1] - w[0]).max().expect("half seconds")
    };
    let (together, apart) = (most("0%"), most("100%"));
    assert!(together > 100, "nearly all of 200 rows were filled in half a second: {together}");
    assert!(apart < 50, "{apart}");
}

/// Two servers that look for one row, of which each read takes half a second.
#[test]
fn of_those_who_miss_one_row_one_reads() {
    let reads = |single_flight: bool| {
        let mut lab: Lab = Lab::new(
            &format!(
                "[traffic.app]\nto = \"edge\"\nrate = \"100/s\"\ntimeout = \"5s\"\n\
                 [request.page]\nshare = \"100%\"\nkeys = {{ count = 1 }}\n\
                 steps = [\"read rows\"]\n\
                 [balancer.edge]\nto = \"web\"\n[service.web]\ninstances = 2\n\
                 call_timeout = \"5s\"\nthreads = \"unlimited\"\n\
                 [cache.rows]\nof = \"db\"\nsingle_flight = {single_flight}\n\
                 [database.db]\nread = \"500ms\"\ncores = 1000\npool = 1000\n"
            ),
            3,
        );
        lab.run(5 * SECOND);
        (lab.seen.calls[&lab.node("db-1")], lab.failed())
    };
    let ((one, failed), (each, _)) = (reads(true), reads(false));
    assert_eq!((one, failed), (2, 0), "one for each server");
    assert!(each > 35, "all that come within that time, 50 +- 7: {each}");
}

#[test]
fn who_waits_for_a_leader_shares_its_fate() {
    let mut session = session("food-delivery", 7);
    session.inject(&command("set menus.single_flight=true menus.ttl=1s")).expect("settings");
    for (at, text) in
        [(2, "crash web-1 for 1s"), (3, "cut web->orders-db for 3s"), (7, "flush menus")]
    {
        session.advance(at * SECOND).expect("the world goes on");
        session.inject(&command(text)).expect("a command");
        session.world().audit().expect("the books add up");
    }
    session.advance(12 * SECOND).expect("the world goes on");
    session.world().audit().expect("the books add up");
    // Nobody is left waiting for a leader that has gone.
    session.inject(&command("set app.rate=0/s")).expect("a setting");
    session.advance(20 * SECOND).expect("the world goes on");
    session.world().audit().expect("the books add up");
    assert_eq!(session.world().in_flight(), 0);
}

/// Two kinds of users read the same row, which is hardly ever cached: those of `hasty` wait for 100 ms and
/// take their calls back, those of `calm` wait.
fn flights(rate: u32) -> Lab {
    let users = |name: &str| {
        format!(
            "[traffic.{name}-users]\nto = \"{name}\"\nrate = \"{rate}/s\"\narrivals = \"constant\"\n\
             timeout = \"20s\"\nclasses = [\"{name}-look\"]\n\
             [request.{name}-look]\nshare = \"50%\"\nkeys = {{ count = 1 }}\nsteps = [\"call web\"]\n"
        )
    };
    Lab::new(
        &format!(
            "{}{}[service.hasty]\ninstances = 1\ncall_timeout = \"100ms\"\ncancel = true\n\
             [service.calm]\ninstances = 1\ncall_timeout = \"10s\"\n\
             [service.web]\ninstances = 1\nboot = \"0s\"\ncall_timeout = \"10s\"\n\
             steps = [\"read rows keys=calm-look\"]\n\
             [cache.rows]\nof = \"store\"\nttl = \"1ms\"\nsingle_flight = true\n\
             [database.store]\nreplicas = 0\nread = \"400ms\"\n",
            users("hasty"),
            users("calm")
        ),
        3,
    )
}

#[test]
fn a_read_that_others_wait_for_is_not_taken_back() {
    let mut lab = flights(10);
    lab.run(20 * SECOND);
    let ended = |class: u8, good: bool| {
        let of = |e: &&Ended| e.class == ClassId(class) && e.outcome.is_good() == good;
        lab.seen.ended.iter().filter(of).count()
    };
    assert!(ended(0, false) > 100, "hasty users give up");
    assert_eq!(ended(1, false), 0, "and nobody else has to");
    assert!(ended(1, true) > 150);
    // Some 200 of each came; each read serves all who came within its 400 ms.
    let reads = lab.seen.calls[&lab.node("store")];
    assert!(reads <= 20_000 / 400, "{reads} reads");
}

#[test]
fn a_process_that_dies_leaves_no_flight_behind() {
    let mut lab = flights(10);
    lab.run(2 * SECOND).act("restart web").run(2 * SECOND).act("set *-users.rate=0/s");
    lab.forget().run(5 * SECOND);
    assert!(lab.seen.ended.iter().any(|e| e.outcome.is_good()), "it reads again");
    let web = lab.reading("web");
    assert_eq!((web.in_flight, web.threads.used), (0, 0), "nobody waits for ever");
}

/// A cache that answers when its callers have given up, or not at all, has missed: they read the database.
#[test]
fn the_hit_ratio_is_that_of_the_callers() {
    for fault in ["slow menus factor=500", "pause menus", "crash menus", "cut web->menus"] {
        let mut session = session("food-delivery", 7);
        session.advance(20 * SECOND).expect("the world goes on");
        let before = hits(&session);
        assert!(before.0 > 20_000, "{before:?}");
        session.inject(&command(&format!("{fault} for 10s"))).expect("a fault");
        // Those that were under way are answered.
        session.advance(20 * SECOND + SECOND / 2).expect("the world goes on");
        let then = hits(&session);
        session.advance(29 * SECOND).expect("the world goes on");
        let after = hits(&session);
        assert_eq!(after.0, then.0, "{fault}: none is found");
        assert!(after.1 > then.1 + 1_000, "{fault}: {} missed", after.1 - then.1);
    }
}

/// Lookups that found a row, and others.
fn hits(session: &Session) -> (u64, u64) {
    let calls = calls(session, "menus");
    (calls.hits, calls.misses)
}
