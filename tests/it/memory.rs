//! Memory does not grow with simulated time.

use crate::support::session_of;
use brownout::chaos::command::Command;
use brownout::session::Session;
use brownout::sim::time::SECOND;

/// Every request writes, reads through a cache, and leaves a message.
fn cluster(rate: u64) -> Session {
    let text = format!(
        r#"
        name = "long"
        [traffic.users]
        to = "web"
        rate = "{rate}/s"
        [request.order]
        share = "100%"
        keys = {{ count = 500 }}
        steps = ["read rows", "write store", "publish jobs"]
        [service.web]
        instances = 2
        cores = 64
        threads = "unlimited"
        [cache.rows]
        of = "store"
        capacity = 100
        [database.store]
        replicas = 2
        read = "0s"
        write = "0s"
        apply = "0s"
        [failover.keeper]
        of = "store"
        [queue.jobs]
        [workers.hands]
        from = "jobs"
        steps = ["cpu 1us"]
        "#
    );
    session_of(&text, 7)
}

/// Each fault that is over leaves its row and the nodes that it touched, and nothing else: not the
/// 32 KiB by which its requests were told apart, nor what it held.
#[test]
fn a_fault_that_is_over_leaves_a_few_numbers() {
    const FAULTS: u64 = 50;
    let end = (FAULTS + 2) * SECOND / 2;
    let (mut with, mut without) = (cluster(100), cluster(100));
    without.advance(end).expect("the world goes on");
    let late = Command::parse("delay web->store base=1ms for 200ms").expect("a command");
    for fault in 1..=FAULTS {
        with.advance(fault * SECOND / 2).expect("the world goes on");
        with.inject(&late).expect("it can be done");
    }
    with.advance(end).expect("the world goes on");
    let faults = with.world().faults();
    assert_eq!(faults.len() as u64, FAULTS);
    let node = with.world().topology().node("web-1").expect("it is there");
    for fault in faults {
        assert!(fault.ended.is_some() && fault.touched_requests > 0, "{fault:?}");
        assert!(with.world().touches(fault.id, node) > 0, "{fault:?}");
    }
    let more = with.world().held_bytes().saturating_sub(without.world().held_bytes());
    assert!(more < FAULTS as usize * 1024 + SLACK, "{more} for {FAULTS} faults");
}

/// What world and observers hold, at that time.
fn held(session: &mut Session, seconds: u64) -> (usize, usize) {
    session.advance(seconds * SECOND).expect("the world goes on");
    assert_eq!(session.observers().total().bad(), 0);
    (session.world().held_bytes(), session.observers().held_bytes())
}

/// For a million requests are remembered: the version of the write, eight bytes, and what became of
/// the order, with its write, sixteen. Until then that grows.
const EFFECT: usize = 8 + 16;
/// What capacities may be off by.
const SLACK: usize = 64 * 1024;

/// `BROWNOUT_LONG=1` runs ten million requests instead of forty thousand: minutes, in a release build.
#[test]
fn memory_is_flat_in_time() {
    let long = std::env::var_os("BROWNOUT_LONG").is_some();
    let (rate, first, last) = if long { (5_000, 700, 2_000) } else { (30, 700, 1_400) };
    let mut session = cluster(rate);
    let (world, observers) = held(&mut session, first);
    let (later_world, later_observers) = held(&mut session, last);
    // After a million requests as many effects are forgotten as are added.
    let effects = if long { 0 } else { (last - first) as usize * rate as usize * EFFECT };
    let grown = later_world.saturating_sub(world);
    assert!(grown < effects + world / 20 + SLACK, "{world} has grown by {grown}");
    let grown = later_observers.saturating_sub(observers);
    assert!(grown < observers / 20 + SLACK, "{observers} has grown by {grown}");
}
