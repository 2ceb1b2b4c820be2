//! Series and parallel.
//!
//! Nodes that fail and are mended independently, up for a while and then down for a while, both
//! exponential, are each up for the share A = MTBF / (MTBF + MTTR) of the time. A request that needs
//! two of them succeeds with probability A², one for which any of n will do with 1 - (1 - A)^n
//! (Barlow, Proschan, "Statistical theory of reliability and life testing", 1975, chapter 2).

use super::estimate::over_seeds;
use super::world;
use brownout::sim::World;
use brownout::sim::fault::Change;
use brownout::sim::id::{ClassId, NodeId};
use brownout::sim::observation::{Ended, Observer, Outcome};
use brownout::sim::time::{Ns, SECOND};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

/// Mean times between failures and to repair, in seconds.
const UP: f64 = 8.0;
const DOWN: f64 = 2.0;

/// The share of time that one node is up.
const AVAILABLE: f64 = UP / (UP + DOWN);

const LENGTH: Ns = 4_000 * SECOND;

#[derive(Default)]
struct Count {
    offered: u64,
    refused: u64,
}

impl Observer for Count {
    fn arrived(&mut self, _at: Ns, _class: ClassId) {
        self.offered += 1;
    }

    fn ended(&mut self, _at: Ns, ended: Ended) {
        match ended.outcome {
            Outcome::Ok => {}
            Outcome::Refused => self.refused += 1,
            other => panic!("a request ended {}", other.word()),
        }
    }
}

/// When nodes fail, and for how long, in order of time.
fn failures(nodes: &[NodeId], seed: u64) -> Vec<(Ns, NodeId, Ns)> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut exponential = |mean: f64| {
        let unit = ((random.next_u64() >> 11) + 1) as f64 / (1u64 << 53) as f64;
        (-libm::log(unit) * mean * SECOND as f64) as Ns
    };
    let mut all = Vec::new();
    for &node in nodes {
        let mut at = exponential(UP);
        while at < LENGTH {
            let down = exponential(DOWN);
            all.push((at, node, down));
            at += down + exponential(UP);
        }
    }
    all.sort();
    all
}

/// The share of requests that fail while the nodes of `service`s fail at random.
fn unavailability(mut world: World, services: &[&str], seed: u64) -> f64 {
    let topology = world.topology().clone();
    let nodes: Vec<NodeId> = services
        .iter()
        .filter_map(|name| topology.component(name))
        .flat_map(|c| topology.components[c.index()].nodes())
        .collect();
    let mut count = Count::default();
    for (at, node, down) in failures(&nodes, seed) {
        world.advance(at, &mut count).expect("goes on");
        world.inject(Change::Crash(vec![node]), Some(down), &mut count);
    }
    world.advance(LENGTH, &mut count).expect("goes on");
    count.refused as f64 / count.offered as f64
}

fn cluster(attempts: u64, instances: u64, services: &str) -> String {
    format!(
        r#"
        name = "availability"
        [network]
        same_zone = "0s"
        [traffic.users]
        to = "front"
        rate = "5/s"
        attempts = {attempts}
        backoff = "0s"
        [request.page]
        share = "100%"
        steps = ["call back"]
        [service.front]
        instances = {instances}
        boot = "0s"
        {services}
        [service.back]
        instances = 1
        boot = "0s"
        steps = ["cpu 0s"]
        "#
    )
}

#[test]
fn two_in_series_multiply() {
    let [down] = over_seeds(|seed| unavailability_of(&cluster(1, 1, ""), &["front", "back"], seed));
    down.agrees("series of two: share that fails", 1.0 - AVAILABLE * AVAILABLE, 0.08);
}

#[test]
fn spare_nodes_multiply_what_is_missing() {
    for (nodes, within) in [(1, 0.08), (2, 0.16), (3, 0.40)] {
        let text = cluster(nodes, nodes, "steps = [\"cpu 0s\"]");
        let [down] = over_seeds(|seed| unavailability_of(&text, &["front"], seed));
        let theory = (0..nodes).fold(1.0, |p, _| p * (1.0 - AVAILABLE));
        down.agrees(&format!("{nodes} in parallel: share that fails"), theory, within);
    }
}

fn unavailability_of(text: &str, services: &[&str], seed: u64) -> [f64; 1] {
    [unavailability(world(text, seed), services, seed)]
}
