//! What becomes of acknowledged writes: rules of acknowledgement, failovers, and who may be primary.

use crate::lab::{Lab, near};
use crate::support::{command, playbook, store};
use brownout::observe::TICK;
use brownout::session::Session;
use brownout::session::picture::Truth;
use brownout::sim::id::NodeId;
use brownout::sim::observation::{NodeState, Outcome};
use brownout::sim::time::{MILLISECOND, SECOND};

const DEFAULT: &str = "food-delivery";

/// Runs the default cluster for so many seconds, with commands at milliseconds.
fn run(seed: u64, seconds: u64, commands: &[(u64, &str)]) -> Session {
    let mut session = Session::new(&playbook(DEFAULT), seed);
    for (at, text) in commands {
        session.advance(at * MILLISECOND).expect("the world goes on");
        session.inject(&command(text)).unwrap_or_else(|e| panic!("{text}: {e}"));
    }
    session.advance(seconds * SECOND).expect("the world goes on");
    session
}

fn truth(session: &Session) -> Truth {
    session.truth()
}

/// Times at which the primary dies: in the middle of batches, of beats, of leases.
const DEATHS: [u64; 4] = [3_000, 3_217, 3_431, 3_999];

#[test]
fn async_loses_what_the_replicas_lacked_and_says_so() {
    // Half a second of 400 writes a second, or that without what the replicas get and do not confirm.
    for (cut, least) in [
        ("cut orders-db-1->orders-db-2,orders-db-3 for 20s", 100),
        ("cut orders-db-2,orders-db-3->orders-db-1 for 20s", 50),
    ] {
        let mut session = run(7, 3, &[(2_500, cut)]);
        let before = truth(&session).at_risk;
        session.inject(&command("crash orders-db-1 for 20s")).expect("it is there");
        session.advance(3 * SECOND + TICK).expect("the world goes on");
        let risk = truth(&session).at_risk;
        session.advance(10 * SECOND).expect("the world goes on");
        let lost = truth(&session).lost;
        assert!(lost > least, "{cut}: {lost}");
        assert_eq!(lost, risk, "{cut}: what was at risk is what is lost");
        assert!(before > least && before <= risk, "{cut}: {before} while it was up");
    }
}

#[test]
fn a_restart_faster_than_the_failover_loses_nothing() {
    let cut = "cut orders-db-1->orders-db-2,orders-db-3 for 20s";
    let crash = (3_000, "crash orders-db-1 for 100ms");
    let commands = [(2_000, "set orders-db.boot=300ms"), (2_500, cut), crash];
    assert_eq!(truth(&run(7, 8, &commands)).lost, 0);
}

#[test]
fn with_replicas_that_answer_no_acknowledged_write_is_lost() {
    for ack in ["semi", "sync", "quorum"] {
        for (seed, death) in (20..).zip(DEATHS) {
            let set = format!("set orders-db.ack={ack}");
            let cut = (death - 300, "cut orders-db-1->orders-db-3 for 10s");
            // With `sync` a replica that is cut off stops the writes; with the others it does not.
            let commands = [(1_000, set.as_str()), cut, (death, "crash orders-db-1 for 10s")];
            let session = run(seed, 12, &commands);
            let truth = truth(&session);
            assert_eq!(truth.lost, 0, "{ack}, dead at {death} ms");
            let before = truth.acknowledged;
            assert!(before > 1_000, "{ack}: {before} writes");
            assert_eq!(session.observers().failovers().all().len(), 1, "{ack}: one failover");
        }
    }
}

#[test]
fn too_few_replicas_fail_writes_and_degrading_loses_them() {
    let end = |degrade: &str| {
        let set = format!("set orders-db.ack=sync {degrade}");
        let cut = "cut orders-db-1|orders-db-2,orders-db-3 for 8s";
        run(5, 12, &[(1_000, &set), (2_000, cut), (9_000, "crash orders-db-1 for 20s")])
    };
    let strict = end("");
    let reasons = |s: &Session| {
        let total = s.observers().total();
        total.of(Outcome::NotEnoughReplicas)
    };
    assert!(reasons(&strict) > 500, "{}", reasons(&strict));
    assert_eq!(truth(&strict).lost, 0);
    let trap = end("orders-db.degrade=true");
    assert_eq!(reasons(&trap), 0);
    assert!(truth(&trap).lost > 500, "{}", truth(&trap).lost);
}

/// The old primary, a watcher, two servers and the couriers on one side; the rest on the other.
const PARTED: &str = "cut orders-db-1,keeper-1,web-1,web-4,couriers|zone:b,zone:c for 8s";

fn parted(settings: &str) -> Session {
    run(7, 16, &[(1_000, &format!("set {settings}")), (3_000, PARTED)])
}

#[test]
fn with_fencing_two_primaries_never_accept() {
    for ack in ["async", "sync", "quorum"] {
        let session = parted(&format!("orders-db.ack={ack}"));
        let truth = truth(&session);
        assert_eq!(truth.split_brain, 0, "{ack}");
        assert_eq!(truth.lost > 0, ack == "async", "{ack}: {} lost", truth.lost);
    }
}

#[test]
fn without_fencing_both_accept_and_the_rest_is_thrown_away_or_merged() {
    let discards = truth(&parted("keeper.fencing=false"));
    assert!((5 * SECOND..8 * SECOND).contains(&discards.split_brain), "{}", discards.split_brain);
    assert!(discards.lost > 500, "{}", discards.lost);
    assert_eq!(discards.conflicts, None);

    let merges = truth(&parted("keeper.fencing=false orders-db.prefer=availability"));
    assert!(merges.split_brain > 5 * SECOND);
    assert_eq!(merges.lost, 0, "the merge brings them back");
    let conflicts = merges.conflicts.expect("somebody counts them");
    assert!((10..merges.acknowledged / 4).contains(&conflicts), "{conflicts}");

    let quorum = truth(&parted("keeper.fencing=false orders-db.ack=quorum"));
    assert!(quorum.split_brain > 5 * SECOND, "it believes itself primary");
    assert_eq!(quorum.lost, 0, "but acknowledges nothing");
}

#[test]
fn replicas_answer_reads_and_some_are_stale() {
    let from = |reads: &str| {
        let set = format!("set orders-db.reads_from={reads} menus.enabled=false");
        let lag = "set orders-db.apply=2ms";
        truth(&run(3, 10, &[(1_000, &set), (1_000, lag)])).stale
    };
    assert_eq!(from("primary"), 0);
    assert!(from("replica") > 0);
}

/// Who is up and believes itself primary.
fn primaries(session: &Session) -> Vec<&str> {
    let world = session.world();
    let topology = world.topology();
    let nodes = (0..topology.nodes.len() as u16).map(NodeId);
    let acts = |n: &NodeId| world.is_primary(*n) && world.node(*n).state == NodeState::Up;
    nodes.filter(acts).map(|n| topology.display_name(n)).collect()
}

#[test]
fn a_person_may_name_the_primary() {
    let commands = [(1_000, "set orders-db.ack=sync"), (3_000, "promote orders-db-3")];
    let session = run(7, 8, &commands);
    assert_eq!(primaries(&session), ["orders-db-3"]);
    assert_eq!((truth(&session).lost, truth(&session).split_brain), (0, 0));
}

#[test]
fn without_watchers_only_a_person_replaces_the_primary() {
    let mut playbook = playbook(DEFAULT);
    let mut cluster = (*playbook.cluster).clone();
    cluster.components.retain(|c| c.options.kind() != "failover");
    playbook.cluster = std::sync::Arc::new(cluster);
    let mut session = Session::new(&playbook, 7);
    session.advance(3 * SECOND).expect("the world goes on");
    session.inject(&command("promote orders-db-2")).expect("it is there");
    session.advance(3 * SECOND + 20 * MILLISECOND).expect("the world goes on");
    assert_eq!(primaries(&session), ["orders-db-2"]);
    let before = truth(&session).acknowledged;
    session.inject(&command("crash orders-db-2 for 20s")).expect("it is there");
    session.advance(8 * SECOND).expect("the world goes on");
    assert!(primaries(&session).is_empty());
    assert!(truth(&session).acknowledged < before + 50, "nobody took their place");
    session.inject(&command("promote orders-db-1")).expect("it is there");
    session.advance(10 * SECOND).expect("the world goes on");
    assert_eq!(primaries(&session), ["orders-db-1"]);
    assert!(truth(&session).acknowledged > before + 500, "callers have found it");
}

#[test]
fn a_failover_takes_as_long_as_its_parts_and_the_beat_moves_only_the_detection() {
    let parts = |every: &str| {
        let set = format!("set keeper.fencing=false keeper.every={every}");
        let session = run(7, 15, &[(1_000, &set), (5_000, "crash orders-db-1 for 20s")]);
        let f = session.observers().failovers().all()[0].clone();
        let at = [Some(f.started), f.detected, f.elected, f.promoted, f.recovered];
        let at = at.map(|t| t.expect("it came about"));
        assert!(at.is_sorted(), "{at:?}");
        assert_eq!(at[0], 5 * SECOND);
        [at[1] - at[0], at[2] - at[1], at[3] - at[2]]
    };
    let (fast, slow) = (parts("250ms"), parts("1s"));
    let beat = 250 * MILLISECOND;
    assert!((2 * beat..4 * beat).contains(&fast[0]), "{fast:?}");
    assert!((2 * SECOND..4 * SECOND).contains(&slow[0]), "{slow:?}");
    for part in [1, 2] {
        assert!(fast[part].abs_diff(slow[part]) < 5 * MILLISECOND, "{fast:?} {slow:?}");
    }
    assert!((500..510).contains(&(fast[2] / MILLISECOND)), "the promotion, and a few messages");
}

#[test]
fn the_books_are_right_while_everything_changes() {
    let commands = [
        (500, "set orders-db.ack=sync orders-db.min_in_sync=2"),
        (1_000, "cut orders-db-1|orders-db-2 for 3s"),
        (2_000, "set orders-db.ack=quorum orders-db.pool=4"),
        (2_500, "crash orders-db-3 for 1s"),
        (4_500, "set orders-db.ack=semi orders-db.connections=20"),
        (5_000, "crash orders-db-1 for 2s"),
        (7_000, "promote orders-db-1"),
        (8_500, "set orders-db.ack=sync orders-db.reads_from=any"),
        (9_000, "pause orders-db-2 for 3s"),
        (10_000, "set orders-db.ack=async"),
    ];
    let mut session = Session::new(&playbook(DEFAULT), 11);
    for at in (0..16_000).step_by(50) {
        session.advance(at * MILLISECOND).expect("the world goes on");
        for (_, text) in commands.iter().filter(|c| c.0 == at) {
            session.inject(&command(text)).unwrap_or_else(|e| panic!("{text}: {e}"));
        }
        session.world().audit().unwrap_or_else(|e| panic!("at {at} ms: {e}"));
    }
    assert_eq!(primaries(&session).len(), 1);
}

/// A caller leaves out a replica that did not answer, for a second and no longer.
#[test]
fn a_replica_that_is_back_is_read_from_again() {
    let text = store("reads_from = \"replica\"").replace("write store", "read store");
    let mut lab = Lab::new(&text, 9);
    let both = ["store-2", "store-3"];
    let before = lab.run(5 * SECOND).shares(&both);
    lab.act("crash store-2 for 1s").run(10 * SECOND).forget().run(5 * SECOND);
    let after = lab.shares(&both);
    assert!(before[0] > 0.3 && near(after[0], before[0], 0.01), "{before:?}, {after:?}");
}
