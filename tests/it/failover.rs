//! Failovers in running worlds.

use crate::lab::Lab;
use crate::support::{acted, command, session};
use brownout::sim::id::NodeId;
use brownout::sim::reading::PartReading;
use brownout::sim::time::{MILLISECOND, Ns, SECOND};

/// The last log positions of the nodes of the default database after commands at milliseconds.
fn logs(commands: &[(Ns, &str)], until: Ns) -> Vec<u64> {
    let mut session = session("food-delivery", 7);
    for (at, text) in commands {
        session.advance(at * MILLISECOND).expect("the world goes on");
        session.inject(&command(text)).unwrap_or_else(|e| panic!("{text}: {e}"));
    }
    session.advance(until * MILLISECOND).expect("the world goes on");
    let world = session.world();
    let nodes = world.topology().nodes.iter().enumerate();
    nodes
        .filter(|(_, node)| node.name.starts_with("orders-db-"))
        .map(|(n, _)| match world.node(NodeId(n as u16)).part {
            PartReading::Database { log_position, .. } => log_position,
            part => panic!("{part:?}"),
        })
        .collect()
}

/// Whoever was away while another became primary, and lacks what was written meanwhile, is fed again.
#[test]
fn every_node_that_comes_back_catches_up() {
    let away = [(5_000, "crash orders-db-2 for 10s"), (16_000, "crash orders-db-1 for 5s")];
    let logs = logs(&away, 40_000);
    let newest = logs.iter().copied().max().expect("three nodes");
    assert!(newest > 20_000, "{logs:?}");
    for position in &logs {
        assert!(newest - position < 100, "{logs:?}");
    }
}

/// Watchers far from each other that miss the primary in the same beat ask for the same votes at the same
/// time. They come apart: whoever does not win tries again after a time of its own. (With constant times
/// one of eight runs had no primary for ever.)
#[test]
fn candidates_in_lockstep_come_apart() {
    const CLUSTER: &str = r#"
        [zone.a]
        region = "r1"
        [zone.b]
        region = "r2"
        [zone.c]
        region = "r3"
        [traffic.app]
        to = "web"
        rate = "20/s"
        [request.put]
        share = "100%"
        steps = ["write db"]
        [service.web]
        instances = 1
        zones = ["a"]
        [database.db]
        replicas = 2
        zones = ["a", "b", "c"]
        [failover.keeper]
        of = "db"
        zones = ["a", "b", "c"]
        every = "250ms"
        watchers = 3
    "#;
    for seed in 0..60 {
        let mut lab: Lab = Lab::new(CLUSTER, seed);
        lab.run(6 * SECOND).act("power_off db-1").run(30 * SECOND).forget().run(5 * SECOND);
        assert_eq!((lab.failed(), lab.seen.ended.is_empty()), (0, false), "seed {seed}");
    }
}

/// A primary that a new epoch makes knows nothing of the others' logs, and asks: the one that comes back
/// gets what it lacks, and not the whole log once more.
#[test]
fn who_comes_back_gets_what_it_lacks() {
    const CLUSTER: &str = r#"
        [network]
        bandwidth = "1MB/s"
        answer = "1kB"
        [traffic.app]
        to = "web"
        rate = "200/s"
        [request.put]
        share = "100%"
        steps = ["write db"]
        [service.web]
        instances = 1
        threads = "unlimited"
        [database.db]
        replicas = 2
        write = "1ms"
        [failover.keeper]
        of = "db"
        every = "500ms"
    "#;
    let mut lab: Lab = Lab::new(CLUSTER, 1);
    lab.run(60 * SECOND).act("crash db-1 for 5s").run(5 * SECOND);
    // It boots for 2 s. Of what was written in 7 s, 1400 times 1 kB, 1.4 s of the link are left then.
    lab.run(4 * SECOND);
    let ends = ["db-1", "db-2", "db-3"].map(|node| match lab.reading(node).part {
        PartReading::Database { log_position, .. } => log_position,
        part => panic!("{part:?}"),
    });
    let newest = ends.into_iter().max().expect("three");
    assert!(newest > 12_000 && ends.iter().all(|end| newest - end < 20), "{ends:?}");
}

/// Servers in one region, the database and its watchers in another, 120 ms there and back; more of what the
/// servers and the watchers are set to.
fn far(web: &str, keeper: &str, seed: u64) -> Lab {
    Lab::new(
        &format!(
            "[zone.a]\nregion = \"x\"\n[zone.b]\nregion = \"y\"\n[zone.c]\nregion = \"y\"\n\
             [traffic.app]\nto = \"web\"\nrate = \"100/s\"\ntimeout = \"4s\"\n\
             [request.put]\nshare = \"100%\"\nkeys = {{ count = 1000 }}\nsteps = [\"write db\"]\n\
             [service.web]\ninstances = 1\nzones = [\"a\"]\nthreads = 512\n{web}\n\
             [database.db]\nreplicas = 2\nzones = [\"b\", \"c\", \"b\"]\n\
             [failover.keeper]\nof = \"db\"\n{keeper}\n"
        ),
        seed,
    )
}

/// Whoever asks more often than an answer takes hears it nevertheless: how often one asks is not how long
/// one waits.
#[test]
fn who_asks_from_far_away_hears_the_answer() {
    for discover in ["50ms", "100ms", "200ms"] {
        let keeper = "zones = [\"b\", \"c\", \"b\"]\nevery = \"500ms\"";
        let mut lab = far(&format!("discover = \"{discover}\""), keeper, 3);
        lab.run(5 * SECOND).act("power_off db-1").run(10 * SECOND).forget().run(10 * SECOND);
        assert_eq!((lab.failed(), lab.seen.took.len() > 900), (0, true), "{discover}");
    }
    // Also where a fault makes it far: 280 ms more there and back, 400 in all.
    let mut lab =
        far("discover = \"100ms\"", "zones = [\"b\", \"c\", \"b\"]\nevery = \"500ms\"", 3);
    lab.act("delay web<->keeper base=140ms").run(5 * SECOND).act("power_off db-1");
    lab.run(10 * SECOND).forget().run(10 * SECOND);
    assert_eq!(lab.failed(), 0);
}

/// Watchers that beat more often than an answer takes do not miss a primary that answers each beat.
#[test]
fn watchers_far_away_do_not_miss_who_answers() {
    let keeper = "zones = [\"a\"]\nevery = \"100ms\"\nmisses = 10";
    let mut lab = far("", keeper, 3);
    lab.run(20 * SECOND);
    assert_eq!(lab.failed(), 0);
    assert!(lab.world.is_primary(lab.node("db-1")));
}

/// A primary that is frozen for less than it takes to declare it dead serves again when it wakes up, within
/// the beat in which it asks for another lease. The longer it is frozen, the more fails: no freeze costs
/// more than the failover that a longer one brings.
#[test]
fn a_short_freeze_costs_less_than_a_failover() {
    let failed = |frozen: &str| {
        let runs = (0..12).map(|seed| {
            let mut lab = far("", "zones = [\"b\", \"c\", \"b\"]\nevery = \"500ms\"", seed);
            lab.run(5 * SECOND).forget().act(&format!("freeze db-1 for {frozen}"));
            lab.run(15 * SECOND);
            lab.failed()
        });
        runs.collect::<Vec<_>>()
    };
    // Of 100/s, at most those of the freeze, of a beat and of some round trips of 120 ms.
    let short = failed("1200ms");
    assert!(short.iter().all(|n| *n <= 220), "{short:?}");
    let long = failed("3s");
    let sum = |runs: &[usize]| runs.iter().sum::<usize>();
    assert!(sum(&short) < sum(&long), "{short:?} {long:?}");
}

/// One that gave up its role since its lease was over, and gets another before anybody has replaced it, says
/// so.
#[test]
fn who_gets_its_role_back_is_told() {
    let mut told = 0;
    for frozen in (1_000..2_000).step_by(100) {
        let mut session = session("food-delivery", 7);
        session.advance(5 * SECOND).expect("the world goes on");
        session.inject(&command(&format!("freeze orders-db-1 for {frozen}ms"))).expect("it can be");
        session.advance(15 * SECOND).expect("the world goes on");
        let lines = session.observers().log().newest(100).map(|line| line.text.clone());
        let lines: Vec<String> = lines.collect();
        let count = |what: &str| lines.iter().filter(|line| line.contains(what)).count();
        let gave_up = count("orders-db-1 gave up its role");
        if count("promoted") == 0 {
            assert_eq!(count("orders-db-1 is primary again"), gave_up, "{frozen} {lines:?}");
            told += gave_up;
        } else {
            assert_eq!(count("is primary again"), 0, "{frozen} {lines:?}");
        }
    }
    assert!(told > 0);
}

/// The answer of a watcher that is far away is heard, and one that is silent keeps nobody waiting for the
/// others.
#[test]
fn who_asks_hears_the_first_that_knows() {
    // 520 ms there and back, in the same region.
    let failed = |acts: &[&str], seed: u64| {
        let keeper = "zones = [\"b\", \"c\", \"b\"]\nevery = \"500ms\"";
        let mut lab = far("discover = \"100ms\"", keeper, seed);
        for act in acts {
            lab.act(act);
        }
        lab.run(5 * SECOND).act("crash db-1").run(10 * SECOND);
        lab.failed()
    };
    let delayed = failed(&["delay web<->keeper base=200ms"], 3);
    assert!(delayed < 500, "{delayed} of 1000");
    let runs = |acts: &[&str]| (0..10).map(|seed| failed(acts, seed)).sum::<usize>();
    // Of 100/s, at most one round trip of 120 ms more in each run, as the watcher who is asked first may be
    // the one that is off; waiting for it would cost up to 1 s.
    let (all, without) = (runs(&[]), runs(&["power_off keeper-3"]));
    assert!(without < all + 10 * 25, "{all} {without}");
}

/// A primary that comes back from a crash, and is chosen again while the watchers still count its last lease,
/// has the next one: else it would be missed before it could act, in each epoch anew. (So it was in one of
/// fifty runs.)
#[test]
fn who_is_chosen_again_acts() {
    const CLUSTER: &str = r#"
        [traffic.users]
        to = "web"
        rate = "20/s"
        [request.put]
        share = "100%"
        steps = ["write db"]
        [service.web]
        instances = 1
        [database.db]
        replicas = 3
        boot = "278ms"
        [failover.keeper]
        of = "db"
        every = "200ms"
        misses = 2
        promote = "100ms"
    "#;
    let mut again = 0;
    for seed in 0..200 {
        let mut lab: Lab = Lab::new(CLUSTER, seed);
        lab.run(557 * MILLISECOND).act("crash db-1 for 0ms").run(5 * SECOND);
        let primary = lab.node("db-1");
        let PartReading::Database { epoch, .. } = lab.reading("db-1").part else {
            panic!("it is one")
        };
        assert!(epoch <= 3, "seed {seed}: epoch {epoch}");
        again += u32::from(epoch > 1 && lab.world.is_primary(primary));
        lab.forget().run(5 * SECOND);
        assert_eq!(lab.failed(), 0, "seed {seed}");
    }
    assert!(again > 0, "or this shows nothing");
}

/// With `semi` a write is at the primary and at one other node, that may be silent while its primary is chosen
/// again: it stays a member, or the third node would be promoted without that write when both are gone.
#[test]
fn semi_loses_nothing_when_a_primary_is_chosen_again_and_goes() {
    let faults = [
        (1_000, "set orders-db.ack=semi"),
        (10_000, "cut orders-db-1|orders-db-3"),
        (11_500, "power_off orders-db-2"),
        (12_000, "pause orders-db-1 for 2.5s"),
        (20_000, "crash orders-db-1 for 20s"),
        (50_000, "heal"),
    ];
    let session = acted(&faults, 60);
    let truth = session.truth();
    assert_eq!(truth.lost, 0);
    let again = session.observers().failovers().all();
    assert!(again.iter().any(|f| f.from.is_some() && f.from == f.to), "nobody was chosen again");
}
