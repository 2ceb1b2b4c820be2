//! The built-in clusters do what they say of themselves.

use crate::support::{command, session};
use brownout::observe::journey::Parts;
use brownout::observe::where_time::Spent;
use brownout::session::Session;
use brownout::sim::time::{MILLISECOND, Ns, SECOND, seconds};

/// Requests that failed or were late so far.
fn bad(session: &Session) -> u64 {
    session.observers().total().bad()
}

/// The busiest node's utilisation, from 0 to 1.
fn busiest(session: &Session) -> f64 {
    session.picture().vitals.busiest.map_or(0.0, |(_, u)| u)
}

/// Several runs, each with a seed of its own.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=4;

fn after(name: &str, seed: u64, at: Ns) -> Session {
    let mut session = session(name, seed);
    session.advance(at).expect("the world goes on");
    session
}

#[test]
fn they_are_comfortable_at_rest() {
    // A minute without a failure, and no node whose cores are busy for more than 75 % of it; but the
    // million users, who send as much in 10 s.
    for (name, length) in [("food-delivery", 60), ("single-server", 60), ("million-users", 10)] {
        for seed in SEEDS {
            let session = after(name, seed, length * SECOND);
            assert_eq!(bad(&session), 0, "{name}, seed {seed}");
            let (gauges, topology) = (session.observers().gauges(), session.world().topology());
            let mut most: f64 = 0.0;
            for node in topology.present() {
                let (busy, cores) = gauges.node(node).judged();
                let part = if cores > 0 { busy as f64 / cores as f64 } else { 0.0 };
                assert!(
                    part < 0.75,
                    "{name}, seed {seed}: {} is {part} busy",
                    topology.display_name(node)
                );
                most = most.max(part);
            }
            assert!(most > 0.3, "{name}: {most}, nothing to do");
        }
    }
}

#[test]
fn a_million_users_send_what_they_say() {
    const LENGTH: u64 = 6;
    for seed in SEEDS {
        let session = after("million-users", seed, LENGTH * SECOND);
        let judged = session.judged();
        for (class, per_minute) in [("menu", 1.2e6), ("order", 50e3)] {
            let of = judged.classes.iter().find(|(name, _)| **name == *class).expect("a class");
            let expected = per_minute * LENGTH as f64 / 60.0;
            let found = of.1.tally.offered as f64;
            // Four standard deviations of a Poisson count, and what the shares of the file round off.
            let within = 4.0 * libm::sqrt(expected) + 0.001 * expected;
            let far = (found - expected).abs();
            assert!(far < within, "{class}, seed {seed}: {found}, expected {expected} ± {within}");
        }
    }
}

#[test]
fn they_limp_without_one_server_and_do_not_die() {
    for (name, kill) in [("food-delivery", 10), ("million-users", 2)] {
        for seed in SEEDS {
            let mut session = after(name, seed, kill * SECOND);
            session.inject(&command("crash web-2")).expect("a command");
            // Until the balancer has seen it, its share is refused.
            session.advance((kill + 2) * SECOND).expect("the world goes on");
            let noticed = bad(&session);
            assert!(noticed > 0, "{name}, seed {seed}");
            session.advance((kill + 6) * SECOND).expect("the world goes on");
            assert_eq!(bad(&session), noticed, "{name}, seed {seed}: the others carry the load");
        }
    }
}

#[test]
fn a_ramp_to_twice_the_traffic_warns_before_it_fails() {
    SEEDS.for_each(ramp);
}

fn ramp(seed: u64) {
    // From 1x to 2x in 30 s, in steps of half a second.
    let mut session = after("food-delivery", seed, 20 * SECOND);
    let (mut warned, mut failed) = (None, None);
    for step in 1..=60u64 {
        session.inject(&command("heal")).expect("a command");
        let factor = 1.0 + step as f64 / 60.0;
        session.inject(&command(&format!("traffic x{factor:.3}"))).expect("a command");
        for tenth in 1..=5 {
            let at = 20 * SECOND + (step - 1) * SECOND / 2 + tenth * SECOND / 10;
            session.advance(at).expect("the world goes on");
            warned = warned.or((busiest(&session) >= 0.75).then_some(at));
            failed = failed.or((bad(&session) > 0).then_some(at));
        }
    }
    let (warned, failed) = (warned.expect("a warning"), failed.expect("2x is too much"));
    println!("seed {seed}: warned at {} s, failed at {} s", seconds(warned), seconds(failed));
    let between = seconds(failed) - seconds(warned);
    assert!(failed >= warned + 5 * SECOND, "seed {seed}: {between} s");
    // Back to 1x: it recovers.
    session.inject(&command("heal")).expect("a command");
    let start = session.now();
    let mut calm = None;
    for tenth in 1..=300 {
        let before = bad(&session);
        session.advance(start + tenth * SECOND / 10).expect("the world goes on");
        if bad(&session) > before {
            calm = None;
        } else if calm.is_none() {
            calm = Some(tenth);
        }
    }
    println!("seed {seed}: calm {calm:?} tenths of a second after the ramp");
    assert!(calm.is_some_and(|tenth| tenth < 200), "seed {seed}: {calm:?}");
}

#[test]
fn where_time_goes_adds_up_to_the_mean_of_answers() {
    let session = after("food-delivery", 7, 20 * SECOND);
    let judged = session.judged();
    let mean = judged.total.latency.mean.expect("answers") as f64;
    let went = judged.where_time.clone().expect("some are followed");
    let sum: f64 = went.components.iter().map(Spent::sum).sum::<f64>() + went.between;
    assert!((sum - went.mean).abs() < 2.0, "{sum} of {}", went.mean);
    let of = |name: &str| went.components.iter().find(|s| &*s.name == name).expect("it is there");
    assert!(of("couriers").sum() < 1.0, "nobody waits for workers");
    // By the file: 0.8 of 4.8 ms, 0.19 of 7.5 ms and 0.01 of 3 ms. It is a sample of 2 500.
    let work = of("web").working / MILLISECOND as f64;
    assert!((work / 5.295 - 1.0).abs() < 0.06, "{work} ms");
    // The sample is like all of them.
    assert!((went.mean / mean - 1.0).abs() < 0.05, "{} of {mean}", went.mean);
    assert!(judged.predicted.is_some_and(|p| (p - 1.0).abs() < 1e-9), "nothing was down");
    // 80 % menus, of which hits are not read: far fewer calls of the database than of the servers.
    let calls = |name: &str| {
        let component = judged.components.iter().find(|c| &*c.name == name).expect("it is there");
        judged.calls_per_request(component).expect("requests")
    };
    assert!((calls("web") - 1.0).abs() < 0.01 && calls("orders-db") < 0.9, "calls per request");
}

#[test]
fn where_time_goes_adds_up_in_trouble_too() {
    let mut session = session("food-delivery", 3);
    for text in
        ["set app.attempts=3", "crash orders-db:primary for 5s", "slow web-3 factor=4 for 10s"]
    {
        session.advance(session.now() + SECOND).expect("the world goes on");
        session.inject(&command(text)).expect("a command");
    }
    session.advance(15 * SECOND).expect("the world goes on");
    let journeys = session.observers().follower().all();
    let parts: u64 = journeys.parts.iter().map(Parts::sum).sum();
    assert_eq!(parts + journeys.between, journeys.took);
    assert!(journeys.between > 0, "users waited between their attempts");
    assert!(journeys.parts.iter().any(|p| p.in_vain > 0), "some waited in vain");
    let picture = session.picture();
    let went = picture.where_time.expect("answers");
    let sum: f64 = went.components.iter().map(Spent::sum).sum::<f64>() + went.between;
    assert!((sum - went.mean).abs() < 2.0, "{sum} of {}", went.mean);
    assert!(picture.pools.iter().any(|p| &*p.owner == "web" && &*p.database == "orders-db"));
}
