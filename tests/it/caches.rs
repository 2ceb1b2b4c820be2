//! Caches in a running cluster: what their settings change.

use crate::support::{command, session};
use brownout::observe::tally::NodeTally;
use brownout::session::Session;
use brownout::sim::id::{ComponentId, NodeId};
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
    assert_eq!(run("", 10).truth().stale, 0);
    assert!(run("set menus.invalidate=false", 10).truth().stale > 20);
}

#[test]
fn entries_filled_together_expire_together_without_jitter() {
    // All entries of the first seconds are good for 5 s: the reads of the database come in waves.
    let most = |jitter: &str| {
        let settings = format!("set menus.ttl=5s menus.jitter={jitter}");
        let mut session = session("food-delivery", 7);
        session.inject(&command(&settings)).expect("settings");
        session.inject(&command("set menus.capacity=unlimited")).expect("a setting");
        let mut before = 0;
        let mut misses = Vec::new();
        for tenth in 1..=120 {
            session.advance(tenth * SECOND / 10).expect("the world goes on");
            let now = calls(&session, "menus").misses;
            misses.push(now - before);
            before = now;
        }
        misses[40..].iter().copied().max().expect("tenths")
    };
    let (together, apart) = (most("0%"), most("100%"));
    assert!(together > apart + apart / 5, "{together} at most in 0.1 s without, {apart} with");
}

#[test]
fn of_those_who_miss_one_row_one_reads() {
    let cold = |settings: &str| {
        let mut session = session("food-delivery", 7);
        session.inject(&command(settings)).expect("settings");
        // Reads take long, so that many miss the same row at a time.
        session.inject(&command("slow orders-db factor=10 for 2s")).expect("a fault");
        session.advance(8 * SECOND).expect("the world goes on");
        session.world().audit().expect("the books add up");
        let ended = session.observers().total();
        (calls(&session, "orders-db").answered(), ended.ok())
    };
    let (each, ok_each) = cold("set menus.single_flight=false");
    let (one, ok_one) = cold("set menus.single_flight=true");
    assert!(one < each, "{one} reads and writes, {each} without");
    assert!(ok_one > ok_each, "{ok_one} requests were answered, {ok_each} without");
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
