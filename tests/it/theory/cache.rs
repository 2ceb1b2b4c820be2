//! A cache that evicts the least recently used, under Zipf's law.
//!
//! Che, Tung, Wang, "Hierarchical web caching systems: modeling, design and experimental results",
//! IEEE JSAC 20 (7), 2002: row i is found with probability 1 - exp(-q_i t), where t is the time in
//! which as many different rows are asked for as there is room, the root of Σ (1 - exp(-q_i t)) = C.
//! Why it is so good: Fricker, Robert, Roberts, "A versatile and accurate approximation for LRU cache
//! performance", ITC 24, 2012; they find errors of some thousandths at most.

use super::estimate::over_seeds;
use super::world;
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
fn che(exponent: f64, room: u64) -> f64 {
    let weights: Vec<f64> = (1..=ROWS).map(|k| libm::pow(k as f64, -exponent)).collect();
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
        hits.agrees_nearly(&what, che(exponent, room), 0.02, APPROXIMATE);
    }
}
