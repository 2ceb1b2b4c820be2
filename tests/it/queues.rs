//! Queues, workers and what becomes of their effects in a running cluster.

use crate::support::{command, session};
use brownout::session::Session;
use brownout::sim::reading::PartReading;
use brownout::sim::time::{MILLISECOND, SECOND};

/// The default cluster with commands at milliseconds, until the end of a second.
fn run(commands: &[(u64, &str)], seconds: u64) -> Session {
    let mut session = session("food-delivery", 7);
    for (at, text) in commands {
        session.advance(at * MILLISECOND).expect("the world goes on");
        session.inject(&command(text)).unwrap_or_else(|e| panic!("{text}: {e}"));
    }
    session.advance(seconds * SECOND).expect("the world goes on");
    session.world().audit().expect("the books add up");
    session
}

fn doubled(session: &Session) -> u64 {
    session.truth().doubled.expect("counted")
}

#[test]
fn nothing_is_doubled_or_unpublished_at_rest() {
    let session = run(&[], 10);
    assert_eq!((doubled(&session), session.truth().unpublished), (0, 0));
}

#[test]
fn a_message_done_twice_has_its_effect_twice_unless_workers_are_idempotent() {
    // Workers are slower than the visibility timeout: every message is given out again.
    let slow = [(2_000, "set dispatch.visibility=50ms"), (2_000, "slow couriers factor=20 for 2s")];
    let careless = run(&slow, 8);
    assert!(doubled(&careless) > 10, "{}", doubled(&careless));
    let idempotent = [(0, "set couriers.idempotent=true"), slow[0], slow[1]];
    assert_eq!(doubled(&run(&idempotent, 8)), 0);
}

#[test]
fn a_client_that_tries_again_writes_twice_unless_it_sends_a_key() {
    // Answers of the primary are lost for a while: writes are committed, and clients hear nothing.
    let cut =
        [(0, "set app.attempts=3 app.timeout=500ms"), (2_000, "cut orders-db-1->web for 700ms")];
    let careless = run(&cut, 8);
    assert!(doubled(&careless) > 10, "{}", doubled(&careless));
    // A key stops the second write, but not the second message: workers need theirs, too.
    let keyed = run(&[(0, "set app.idempotent=true"), cut[0], cut[1]], 8);
    assert!(doubled(&keyed) < doubled(&careless), "{}", doubled(&keyed));
    let keys = [(0, "set app.idempotent=true couriers.idempotent=true"), cut[0], cut[1]];
    assert_eq!(doubled(&run(&keys, 8)), 0);
}

#[test]
fn a_crash_between_write_and_publish_leaves_orders_that_are_never_dispatched() {
    let crashed = run(&[(2_000, "crash web-1,web-2,web-3 for 1s")], 8);
    let unpublished = crashed.truth().unpublished;
    assert!((1..100).contains(&unpublished), "{unpublished}");
}

#[test]
fn orders_that_no_queue_takes_are_unpublished() {
    let full = run(&[(2_000, "set dispatch.limit=1"), (2_000, "pause couriers for 2s")], 8);
    let refused = full.truth().unpublished;
    assert!(refused > 100, "{refused}");
    // A queue that drops its oldest refuses nobody, and loses messages.
    let dropping = [
        (0, "set dispatch.overflow=drop_oldest"),
        (2_000, "set dispatch.limit=100"),
        (2_000, "slow couriers factor=20 for 2s"),
    ];
    let dropping = run(&dropping, 8);
    let world = dropping.world();
    let queue = world.topology().node("dispatch").expect("there is one");
    let PartReading::Queue { lost, .. } = world.node(queue).part else { panic!("no queue") };
    assert!(lost > 100, "{lost}");
    assert_eq!(dropping.truth().unpublished, 0);
    let failed = dropping.observers().total().bad();
    assert_eq!(failed, 0, "nobody is refused");
}
