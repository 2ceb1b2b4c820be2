//! A cache that evicts the least recently used, under Zipf's law.
//!
//! Che, Tung, Wang, "Hierarchical web caching systems: modeling, design and experimental results",
//! IEEE JSAC 20 (7), 2002: row i is found with probability 1 - exp(-q_i t), where t is the time in
//! which as many different rows are asked for as there is room, the root of Σ (1 - exp(-q_i t)) = C.
//! Why it is so good: Fricker, Robert, Roberts, "A versatile and accurate approximation for LRU cache
//! performance", ITC 24, 2012; they find errors of some thousandths at most.

use super::estimate::over_seeds;
use super::world;
use crate::support::playbook;
use brownout::sim::World;
use brownout::sim::id::NodeId;
use brownout::sim::observation::Observer;
use brownout::sim::time::{Ns, SECOND};

/// Rows that there are.
const ROWS: u64 = 5_000;

/// What the approximation may be wrong by.
const APPROXIMATE: f64 = 0.001;

/// Lookups before and while hits are counted.
const WARM: u64 = 30_000;
const COUNTED: u64 = 40_000;

/// The hit ratio by Che's approximation.
fn che(rows: u64, exponent: f64, room: u64) -> f64 {
    let weights: Vec<f64> = (1..=rows).map(|k| libm::pow(k as f64, -exponent)).collect();
    let total: f64 = weights.iter().sum();
    let rates: Vec<f64> = weights.iter().map(|w| w / total).collect();
    let there = |q: f64, t: f64| -libm::expm1(-q * t);
    let (mut low, mut high) = (0.0, 1e9);
    for _ in 0..200 {
        let t = f64::midpoint(low, high);
        let filled: f64 = rates.iter().map(|&q| there(q, t)).sum();
        if filled < room as f64 { low = t } else { high = t }
    }
    rates.iter().map(|&q| q * there(q, low)).sum()
}

#[derive(Default)]
struct Lookups {
    from: Ns,
    all: u64,
    hits: u64,
}

impl Observer for Lookups {
    fn looked_up(&mut self, at: Ns, _node: NodeId, hit: bool) {
        if at >= self.from {
            self.all += 1;
            self.hits += u64::from(hit);
        }
    }
}

fn hit_ratio(exponent: f64, room: u64, seed: u64) -> f64 {
    let cluster = format!(
        r#"
        name = "cache"
        [network]
        same_zone = "0s"
        [traffic.users]
        to = "server"
        rate = "1000/s"
        [request.page]
        share = "100%"
        keys = {{ count = {ROWS}, zipf = {exponent:.1} }}
        steps = ["read pages"]
        [service.server]
        instances = 1
        threads = "unlimited"
        [cache.pages]
        of = "store"
        capacity = {room}
        ttl = "100000s"
        get = "0s"
        [database.store]
        replicas = 0
        read = "0s"
        "#
    );
    let mut world = world(&cluster, seed);
    let mut lookups = Lookups { from: WARM * SECOND / 1000, ..Lookups::default() };
    world.advance((WARM + COUNTED) * SECOND / 1000, &mut lookups).expect("goes on");
    lookups.hits as f64 / lookups.all as f64
}

#[test]
fn a_cache_hits_as_che_says() {
    for (exponent, room) in [(0.0, 1000), (0.7, 500), (1.0, 100), (1.0, 1000), (1.3, 50)] {
        let [hits] = over_seeds(|seed| [hit_ratio(exponent, room, seed)]);
        let what = format!("LRU, {room} of {ROWS} rows, Zipf {exponent}: hit ratio");
        hits.agrees_nearly(&what, che(ROWS, exponent, room), 0.02, APPROXIMATE);
    }
}

/// Lookups, and hits among them, of W1 that begins cold: until its 8,000 places are taken nothing is
/// evicted, and lookup k finds a row that one of the k - 1 before it has asked for, of 10,000; from
/// then on Che's approximation holds.
fn cold_start(rows: f64, room: f64, warm: f64, lookups: f64) -> f64 {
    // Rows that k lookups have asked for are rows (1 - e^(-k / rows)); there is room for so many
    // after `filled` lookups.
    let filled = rows * libm::log(rows / (rows - room));
    filled - room + (lookups - filled) * warm
}

#[test]
fn w1_hits_as_che_and_its_cold_start_say() {
    const LENGTH: u64 = 40;
    let (rows, room, rate) = (10_000.0, 8_000.0, 2_000.0);
    let [whole, warm] = over_seeds(|seed| {
        let mut world = World::new(&playbook("w1.toml").cluster, seed);
        let mut cold = Lookups::default();
        world.advance(10 * SECOND, &mut cold).expect("goes on");
        let mut warm = Lookups::default();
        world.advance(LENGTH * SECOND, &mut warm).expect("goes on");
        let hits = (cold.hits + warm.hits) as f64 / (cold.all + warm.all) as f64;
        [hits, warm.hits as f64 / warm.all as f64]
    });
    let che = che(10_000, 0.0, 8_000);
    // A row that is being read is not there yet: those who ask for it meanwhile miss, too. There are
    // as many such rows as misses a second times how long a miss takes (Little): 400 × 12 ms.
    let reading = (1.0 - che) * rate * 0.012 / rows;
    warm.agrees_nearly("W1: hit ratio after 10 s", che, 0.005, reading + APPROXIMATE);
    // Cold, misses come faster (2,000/s) than the database reads (16 cores of 10 ms, 1,600/s), until
    // a fifth is found: 0.223 × 5 s. By then 215 rows wait to be read; the database has caught up
    // before the cache is full, 8 s after the start.
    let lookups = rate * LENGTH as f64;
    let behind = 8.0 * 215.0 / rows / LENGTH as f64;
    let expected = cold_start(rows, room, che, lookups) / lookups;
    whole.agrees_nearly("W1: hit ratio from a cold start", expected, 0.005, behind + reading);
}
