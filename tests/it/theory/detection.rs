//! How long a balancer takes to see that a server is gone.
//!
//! Checks come every 500 ms, at a phase that the crash does not know, and three in a row must fail.
//! So a crash, which is refused at once, is seen between 2 and 3 periods later, uniformly: 1.0 to
//! 1.5 s, and a round trip.

use super::estimate::Estimate;
use super::world;
use brownout::sim::fault::Change;
use brownout::sim::id::NodeId;
use brownout::sim::observation::{Event, Observer};
use brownout::sim::time::{MILLISECOND, Ns, SECOND, seconds};

const RUNS: u64 = 400;

const CLUSTER: &str = r#"
    name = "checks"
    [network]
    same_zone = "0.25ms"
    [traffic.users]
    to = "edge"
    rate = "0/s"
    [request.page]
    share = "100%"
    steps = ["cpu 1ms"]
    [balancer.edge]
    to = "web"
    health = { every = "500ms", timeout = "200ms", fall = 3, rise = 2 }
    [service.web]
    instances = 3
    boot = "0s"
"#;

/// When the balancer changed its mind about each node.
#[derive(Default)]
struct Beliefs(Vec<(Ns, NodeId, bool)>);

impl Observer for Beliefs {
    fn happened(&mut self, at: Ns, event: Event) {
        if let Event::Believed { backend, healthy, .. } = event {
            self.0.push((at, backend, healthy));
        }
    }
}

/// Times from a change of a node until it is believed, over many runs; the changes are spread over
/// the period of the checks as well.
fn delays(pause: bool, healthy: bool) -> Vec<f64> {
    (0..RUNS)
        .map(|run| {
            let mut world = world(CLUSTER, run);
            let mut beliefs = Beliefs::default();
            let node = world.topology().node("web-2").expect("there are three");
            let change = if pause { Change::Pause(vec![node]) } else { Change::Crash(vec![node]) };
            let mut at = 5 * SECOND + run * 7 * MILLISECOND;
            world.advance(at, &mut beliefs).expect("goes on");
            assert!(beliefs.0.is_empty(), "nothing was wrong yet");
            world.inject(change, Some(5 * SECOND), &mut beliefs);
            if healthy {
                at += 5 * SECOND;
            }
            world.advance(at + 4 * SECOND, &mut beliefs).expect("goes on");
            let &(seen, which, now) = beliefs.0.last().expect("it was seen");
            assert_eq!((which, now), (node, healthy));
            seconds(seen - at)
        })
        .collect()
}

/// Requires delays that are uniform from `low` to `high` seconds.
fn are_uniform(what: &str, delays: &[f64], low: f64, high: f64) {
    let n = delays.len() as f64;
    let least = delays.iter().copied().fold(f64::INFINITY, f64::min);
    let most = delays.iter().copied().fold(0.0, f64::max);
    println!("{what}: {least:.4} to {most:.4} s, theory {low:.4} to {high:.4}");
    assert!(least >= low && most <= high, "{what}: {least} to {most}");
    // Of n uniform values the first and the last n-th part are all empty with probability 0.001 at
    // most if that part is ln(1000) / n.
    let edge = (high - low) * 6.9 / n;
    assert!(least <= low + edge && most >= high - edge, "{what}: {least} to {most}");
    let mean = delays.iter().sum::<f64>() / n;
    // The deviation of a uniform law is its width / √12; 3.29 is the normal's 99.95 % quantile.
    let half = 3.29 * (high - low) / libm::sqrt(12.0 * n);
    Estimate { mean, half }.agrees(&format!("{what}: mean"), f64::midpoint(low, high), 0.05);
}

#[test]
fn a_crash_is_seen_in_two_to_three_periods() {
    let trip = 0.0005;
    are_uniform("crash seen", &delays(false, false), 1.0 + trip, 1.5 + trip);
}

/// A process that stands still lets each check wait for its whole timeout. A check that was under way
/// when it stopped counts too, so that a delivery before the pause may save up to one way.
#[test]
fn silence_is_seen_later_by_the_timeout() {
    are_uniform("silence seen", &delays(true, false), 1.2 - 0.0005, 1.7);
}

#[test]
fn a_server_that_is_back_is_seen_in_one_to_two_periods() {
    let trip = 0.0005;
    are_uniform("return seen", &delays(false, true), 0.5 + trip - 0.0005, 1.0 + trip);
}
