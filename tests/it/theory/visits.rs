//! A request that comes to the same service twice: each visit is work of its own.

use super::estimate::over_seeds;
use super::world;
use brownout::sim::observation::{Ended, Observer, Outcome};
use brownout::sim::time::{Ns, SECOND, seconds};

/// The mean work of a visit, in seconds.
const WORK: f64 = 0.010;

/// Requests that a run measures.
const REQUESTS: u64 = 40_000;

/// First and second moment of the time in the system, in seconds, of requests that come to a service of
/// so many cores twice: by the same step of a service that they call twice.
fn twice(cores: &str, rate: u64, seed: u64) -> [f64; 2] {
    let text = format!(
        r#"
        name = "visits"
        [network]
        same_zone = "0s"
        [traffic.users]
        to = "web"
        rate = "{rate}/s"
        timeout = "1000s"
        [request.page]
        share = "100%"
        steps = ["call front", "call front"]
        [service.web]
        instances = 1
        cores = "unlimited"
        threads = "unlimited"
        call_timeout = "1000s"
        [service.front]
        instances = 1
        cores = "unlimited"
        threads = "unlimited"
        backlog = "unlimited"
        call_timeout = "1000s"
        steps = ["call back"]
        [service.back]
        instances = 1
        cores = {cores}
        threads = "unlimited"
        backlog = "unlimited"
        steps = ["cpu exp(10ms)"]
        "#
    );
    let mut world = world(&text, seed);
    let mut heard = Seen { from: 10 * SECOND, ..Seen::default() };
    world.advance(REQUESTS * SECOND / rate, &mut heard).expect("goes on");
    let n = heard.count as f64;
    [heard.sum / n, heard.squares / n]
}

#[derive(Default)]
struct Seen {
    from: Ns,
    count: u64,
    sum: f64,
    squares: f64,
}

impl Observer for Seen {
    fn ended(&mut self, at: Ns, ended: Ended) {
        assert_eq!(ended.outcome, Outcome::Ok);
        if ended.arrived >= self.from {
            let took = seconds(at - ended.arrived);
            self.count += 1;
            self.sum += took;
            self.squares += took * took;
        }
    }
}

/// Two independent exponentials make Erlang's law with two stages: mean 2 S, variance 2 S², not the
/// 4 S² of one length that is taken twice.
#[test]
fn visits_to_idle_cores_add_up_as_erlangs_stages() {
    let [mean, variance] = over_seeds(|seed| {
        let [mean, square] = twice("\"unlimited\"", 100, seed);
        [mean, square - mean * mean]
    });
    mean.agrees("Erlang-2: mean", 2.0 * WORK, 0.02);
    variance.agrees("Erlang-2: variance", 2.0 * WORK * WORK, 0.06);
}

/// One core in order of arrival, with the same exponential work at each visit, is M/M/1 at the rate of
/// all visits (a network with routes has the product form: Kelly, "Reversibility and stochastic
/// networks", 1979, chapter 3): each visit takes S / (1 - ρ).
#[test]
fn visits_to_a_busy_core_are_each_m_m_1() {
    for (rate, within) in [(25, 0.03), (40, 0.10)] {
        let load = 2.0 * rate as f64 * WORK;
        let [mean] = over_seeds(|seed| [twice("1", rate, seed)[0]]);
        mean.agrees(&format!("two visits at {load}"), 2.0 * WORK / (1.0 - load), within);
    }
}
