//! The rule on figures that can be added up by hand.

use super::*;

const WEB: NodeId = NodeId(0);
const HANDS: NodeId = NodeId(1);
const DB: NodeId = NodeId(2);

fn limit(node: NodeId, what: What) -> Limit {
    Limit { node, what }
}

fn used(held: u64, units: u64, waited: u64) -> Use {
    Use { held, units, waited }
}

/// A server and a worker call a database, the server three times as often. Of 100 ns: the server has
/// 10 threads, all held; its pool of 8 to the database is held, and so is the one of the worker.
fn limits() -> [Limit; 5] {
    [
        limit(WEB, What::Cores),
        limit(WEB, What::Threads),
        limit(WEB, What::Pool(DB)),
        limit(HANDS, What::Pool(DB)),
        limit(DB, What::Cores),
    ]
}

const CALLS: [Calls; 2] = [(WEB, DB, 300), (HANDS, DB, 100)];

fn utilisations(uses: [Use; 5]) -> Vec<f64> {
    stations(&limits(), &uses, &CALLS, 3).iter().map(Station::utilisation).collect()
}

#[test]
fn what_waits_in_lines_behind_is_the_demand_of_what_it_waits_for() {
    // Four cores of the database are always busy, and 8 wait for one: 800 ns of lines, of which the
    // server's calls have three quarters. Two wait for the server's pool.
    let uses = [
        used(40, 400, 0),
        used(1_000, 1_000, 500),
        used(800, 800, 200),
        used(800, 800, 0),
        used(400, 400, 800),
    ];
    let found = utilisations(uses);
    // Threads: 1000 held, 200 waited for the pool and 600 at the database.
    assert_eq!(found, [0.1, 0.2, 0.25, 0.75, 1.0]);
    let all = stations(&limits(), &uses, &CALLS, 3).into_iter();
    assert_eq!(greatest(all).map(|s| s.limit), Some(limit(DB, What::Cores)));
}

#[test]
fn a_limit_in_front_of_what_is_idle_is_the_bottleneck() {
    let uses = [
        used(40, 400, 0),
        used(1_000, 1_000, 500),
        used(800, 800, 200),
        used(80, 800, 0),
        used(300, 400, 0),
    ];
    assert_eq!(utilisations(uses), [0.1, 0.8, 1.0, 0.1, 0.75]);
    let all = stations(&limits(), &uses, &CALLS, 3).into_iter();
    assert_eq!(greatest(all).map(|s| s.limit), Some(limit(WEB, What::Pool(DB))));
}

#[test]
fn nobody_is_held_for_less_than_no_time() {
    // Who gave up holds nothing any more, and still stands in the line of the database.
    let uses = [
        Use::default(),
        used(10, 1_000, 0),
        used(5, 800, 0),
        used(0, 800, 0),
        used(400, 400, 9_000),
    ];
    assert_eq!(utilisations(uses)[..3], [0.0, 0.0, 0.0]);
}

#[test]
fn servers_that_call_each_other_come_to_an_end() {
    let limits = [limit(WEB, What::Threads), limit(DB, What::Cores)];
    let uses = [used(100, 100, 0), used(50, 100, 40)];
    let calls = [(WEB, DB, 2), (DB, WEB, 1), (HANDS, WEB, 3)];
    let found = stations(&limits, &uses, &calls, 3);
    // A quarter of what waits at the database comes back to it through the server: 40 / (1 - 1/4).
    assert!((found[0].utilisation() - (1.0 - 40.0 / 0.75 / 100.0)).abs() < 1e-3, "{found:?}");
}
