//! Recovery as users see it: what was lost comes back in steps that have their reasons (boot, checks, a
//! cold cache, lines that are to be worked off, callers that find the new primary each for itself), and
//! not all at once when a fault ends.

use crate::lab::Lab;
use crate::support::{command, session, store};
use brownout::observe::response::Response;
use brownout::observe::tally::ClassTally;
use brownout::session::Session;
use brownout::sim::observation::Outcome;
use brownout::sim::time::{MILLISECOND, Ns, SECOND};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=3;

/// When things are done to the default cluster.
const AT: Ns = 10 * SECOND;

fn hurt(seed: u64, text: &str) -> Session {
    let mut session = session("food-delivery", seed);
    session.advance(AT).expect("the world goes on");
    session.inject(&command(text)).unwrap_or_else(|e| panic!("{text}: {e}"));
    session
}

/// What ended in the windows of that length up to some time after the fault.
fn windows(session: &mut Session, length: Ns, until: Ns) -> Vec<ClassTally> {
    let mut last = session.observers().total();
    let mut all = Vec::new();
    while session.now() < AT + until {
        session.advance(session.now() + length).expect("the world goes on");
        let now = session.observers().total();
        all.push(now.since(&last));
        last = now;
    }
    all
}

fn mean_ms(tally: &ClassTally) -> f64 {
    tally.answered_ns as f64 / MILLISECOND as f64 / tally.answered().max(1) as f64
}

#[test]
fn servers_that_return_boot_are_checked_and_then_take_their_share_of_a_line() {
    for seed in SEEDS {
        let mut session = hurt(seed, "crash web-1,web-2 for 6s");
        let half = windows(&mut session, SECOND / 2, 14 * SECOND);
        let good = |window: &ClassTally| window.ok() as f64 / window.offered as f64;
        // Two servers do 8 / 5.3 ms = 1510 of 2000 a second. Of 1000 that come in half a second 3 % are
        // chance, and 4 % of what is done: 76 %, give or take four times 5 % of it. From 3 s on that is
        // all; the crash ends after 6 s, the boot after 8 s, and the second good check is at 8.5 s at the
        // earliest.
        for (i, window) in half.iter().enumerate().take(17).skip(6) {
            assert!((0.60..0.91).contains(&good(window)), "seed {seed}: {} at {i}", good(window));
            assert!(mean_ms(window) > 150.0, "seed {seed}: a full line at {i}");
        }
        // At 9 s both are in use. The old ones still have up to 64 + 128 requests each, get half of
        // 1000 a second, and do 755: 0.75 s to work them off, in which answers come from old to new.
        assert!(half[20..].iter().all(|w| w.bad() == 0), "seed {seed}: nobody fails any more");
        let slow = (17..20).map(|i| mean_ms(&half[i])).collect::<Vec<_>>();
        assert!(slow[0] > slow[1] && slow[1] > slow[2], "seed {seed}: {slow:?}");
        // In use from 8.5 s at the earliest, they have 0.25 s of 85 ms and less left at 9 s.
        assert!(slow[1] > 14.0, "seed {seed}: not at once: {slow:?}");
        assert!(mean_ms(&half[20]) < 14.0 && mean_ms(&half[27]) < 14.0, "seed {seed}: as before");
        // What had been put off comes on top: more are answered than come.
        assert!((17..20).any(|i| half[i].ok() > half[i].offered), "seed {seed}");
    }
}

#[test]
fn a_cache_that_returns_is_cold_and_fills_row_by_row() {
    for seed in SEEDS {
        let mut session = hurt(seed, "crash menus for 1s");
        session.advance(AT + 3 * SECOND).expect("the world goes on");
        let menus = session.world().topology().node("menus").expect("a cache");
        let mut ratios = Vec::new();
        let mut last = session.observers().node(menus);
        for _ in 0..5 {
            session.advance(session.now() + 2 * SECOND).expect("the world goes on");
            let now = session.observers().node(menus);
            ratios.push(now.since(&last).hit_ratio().expect("lookups"));
            last = now;
        }
        // 1600 lookups a second, Zipf over 20 000: the ratio grows with the logarithm of what has been
        // read. 3200 lookups tell it to 0.9 %; the first three windows differ by more than five times.
        assert!(ratios[0] < 0.62 && ratios[4] > 0.72, "seed {seed}: {ratios:?}");
        assert!(ratios[0] + 0.03 < ratios[1] && ratios[1] < ratios[2], "seed {seed}: {ratios:?}");
        assert!(ratios[2] < ratios[4], "seed {seed}: {ratios:?}");
    }
}

#[test]
fn after_a_failover_callers_find_the_new_primary_each_for_itself() {
    for seed in SEEDS {
        let mut session = hurt(seed, "crash orders-db:primary for 20s");
        let tenths = windows(&mut session, SECOND / 10, 5 * SECOND);
        let failover = session.observers().failovers().all()[0].clone();
        let promoted = failover.promoted.expect("another takes over");
        // Each of 4 servers and 3 couriers asks every 200 ms, at a phase of its own; couriers try what
        // has failed again after 500 ms. A call takes a new connection and less than 50 ms.
        let recovered = failover.recovered.expect("all have found it");
        let took = recovered - promoted;
        assert!((20 * MILLISECOND..750 * MILLISECOND).contains(&took), "seed {seed}: {took} ns");
        let good = |i: usize| tenths[i].ok() as f64 / tenths[i].ended() as f64;
        let at = |time: Ns| ((time - AT) / (SECOND / 10)) as usize;
        // 20 % are writes, and 80 % reads of which a fifth or more misses: none of those is served.
        for i in 1..at(promoted) {
            assert!(good(i) < 0.75, "seed {seed}: {} at {i}", good(i));
        }
        let between = at(promoted)..=at(recovered);
        assert!(between.clone().count() > 1, "seed {seed}: more than one window");
        assert!(
            between.into_iter().any(|i| (0.6..0.98).contains(&good(i))),
            "seed {seed}: in steps"
        );
        assert!((at(recovered) + 1..50).all(|i| tenths[i].bad() == 0), "seed {seed}: and then all");
    }
}

/// A process that is started again at once refuses nobody: a caller whose request was reset goes on with
/// it, and asks whether another is primary now; nobody but those who were under way is harmed.
#[test]
fn a_reset_harms_only_what_was_under_way() {
    let mut lab = Lab::new(&store("boot = \"0s\""), 5);
    lab.act("slow store factor=10").run(3 * SECOND).forget();
    lab.act("restart store-1").run(SECOND);
    let reset = lab.count(Outcome::Reset);
    assert!(reset > 0 && lab.failed() == reset, "{reset} reset, {} failed", lab.failed());
}

/// A fault that nobody felt, and that is over, has no part in what the next one does.
#[test]
fn what_is_got_over_is_not_taken_back_by_the_next_fault() {
    for seed in SEEDS {
        let mut session = hurt(seed, "slow orders-db-2 factor=2 for 2s");
        session.advance(AT + 10 * SECOND).expect("the world goes on");
        session.inject(&command("crash web-1,web-2 for 6s")).expect("it can be done");
        session.advance(AT + 40 * SECOND).expect("the world goes on");
        let all = session.observers().responses().all();
        let recovered: Vec<_> = all.iter().map(Response::time_to_recover).collect();
        assert_eq!(recovered[0], Some(0), "seed {seed}: {recovered:?}");
        assert!(recovered[1] > Some(6 * SECOND), "seed {seed}: {recovered:?}");
    }
}
