//! What becomes of acknowledged writes: rules of acknowledgement, failovers, and who may be primary.

use crate::support::{command, playbook};
use brownout::observe::TICK;
use brownout::session::Session;
use brownout::session::picture::Truth;
use brownout::sim::observation::Outcome;
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
    let cut = "cut orders-db-1->orders-db-2,orders-db-3 for 20s";
    let mut session = run(7, 3, &[(2_500, cut)]);
    session.inject(&command("crash orders-db-1 for 20s")).expect("it is there");
    session.advance(3 * SECOND + TICK).expect("the world goes on");
    let risk = truth(&session).at_risk;
    session.advance(10 * SECOND).expect("the world goes on");
    let truth = truth(&session);
    assert!(truth.lost > 100, "half a second of 400 writes a second: {}", truth.lost);
    assert_eq!(truth.lost, risk, "what was at risk is what is lost");
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
