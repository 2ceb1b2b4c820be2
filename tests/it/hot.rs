//! A key that is hot for a while.

use crate::lab::Lab;
use brownout::sim::World;
use brownout::sim::id::NodeId;
use brownout::sim::observation::Observer;
use brownout::sim::time::{Ns, SECOND};

/// Uniform keys of which a cache holds next to none.
fn lab(seed: u64) -> Lab {
    Lab::new(
        "[traffic.app]\nto = \"web\"\nrate = \"1000/s\"\n\
         [request.look]\nshare = \"80%\"\nkeys = { count = \"1M\" }\nsteps = [\"read rows\"]\n\
         [request.other]\nshare = \"20%\"\nkeys = { count = \"1M\" }\nsteps = [\"read rows\"]\n\
         [service.web]\n[cache.rows]\nof = \"db\"\ncapacity = 50\n\
         [database.db]\nread = \"1ms\"\ncores = 64\n",
        seed,
    )
}

#[derive(Default)]
struct Lookups {
    all: u64,
    hits: u64,
}

impl Observer for Lookups {
    fn looked_up(&mut self, _: Ns, _: NodeId, hit: bool) {
        self.all += 1;
        self.hits += u64::from(hit);
    }
}

fn hit_ratio(world: &mut World, length: Ns) -> (f64, f64) {
    let mut lookups = Lookups::default();
    world.advance(world.now() + length, &mut lookups).expect("goes on");
    (lookups.hits as f64 / lookups.all as f64, lookups.all as f64)
}

#[test]
fn a_share_of_a_class_goes_to_one_key() {
    let mut lab = lab(1);
    lab.run(SECOND);
    let (cold, _) = hit_ratio(&mut lab.world, 20 * SECOND);
    assert!(cold < 0.001, "50 of a million rows: {cold}");
    lab.act("hot_key look share=60% key=777777");
    let (hot, n) = hit_ratio(&mut lab.world, 20 * SECOND);
    // 60 % of 80 % ask for a row that is in the cache but for the first few times. Four standard
    // deviations of a binomial share.
    let expected = 0.6 * 0.8;
    let within = 4.0 * libm::sqrt(expected * (1.0 - expected) / n);
    assert!((hot - expected).abs() < within, "{hot}, expected {expected} ± {within}");
    let fault = lab.world.faults().last().expect("a fault");
    let touched = fault.touched_requests as f64 / n;
    assert!((touched - expected).abs() < within, "{touched} are touched");
    assert_eq!(fault.touched_nodes, 1, "the users");
    lab.act("heal");
    let (after, _) = hit_ratio(&mut lab.world, 20 * SECOND);
    assert!(after < 0.001, "{after}");
}

#[test]
fn it_moves_no_arrival_and_without_a_share_nothing() {
    let run = |text: &str| {
        let mut lab = lab(2);
        lab.run(SECOND);
        if !text.is_empty() {
            lab.act(text);
        }
        lab.run(5 * SECOND);
        let arrived = lab.seen.arrived.clone();
        (arrived, lab.world.digest())
    };
    let (calm, hot, none) = (run(""), run("hot_key look"), run("hot_key look share=0%"));
    assert_eq!(calm.0, hot.0);
    assert_ne!(calm.1, hot.1);
    assert_eq!(calm, none);
}

#[test]
fn who_wants_the_key_anyway_is_not_touched() {
    let mut lab = Lab::new(
        "[traffic.app]\nto = \"web\"\nrate = \"100/s\"\n\
         [request.look]\nshare = \"100%\"\nsteps = [\"cpu 1ms\"]\n[service.web]\n",
        3,
    );
    lab.run(SECOND).act("hot_key look share=100%").run(5 * SECOND);
    assert_eq!(lab.world.faults()[0].touched_requests, 0, "the class has one key");
}

#[test]
fn of_several_hot_keys_the_first_has_the_request() {
    let mut lab = lab(4);
    lab.run(SECOND).act("hot_key look share=100% key=1").act("hot_key look share=50% key=2");
    lab.run(SECOND);
    let touched: Vec<u64> = lab.world.faults().iter().map(|f| f.touched_requests).collect();
    assert!(touched[0] > 0 && touched[1] == 0, "{touched:?}");
}
