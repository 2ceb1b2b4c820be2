//! How long a failover takes: detection + election + promotion + reconnect.
//!
//! Of three watchers each beats at a phase of its own, and misses the primary when as many beats in a
//! row as `misses` are refused: at (misses - 1 + U) · every after the crash, U uniform. The second of
//! them makes the majority. The mean of the second of three uniform values is 1/2, its deviation
//! √(1/20) (David, Nagaraja, "Order statistics", 2003, section 2.3).

use super::estimate::Estimate;
use super::world;
use brownout::sim::fault::Change;
use brownout::sim::observation::{Ended, Event, Observer, Outcome};
use brownout::sim::time::{MILLISECOND, Ns, SECOND, seconds};

const RUNS: u64 = 120;
const MISSES: u64 = 3;
const PROMOTE: Ns = 300 * MILLISECOND;
const DISCOVER: Ns = 50 * MILLISECOND;

/// Without latencies every part is exactly what it waits for.
fn cluster(every_ms: u64, fencing: bool) -> String {
    format!(
        r#"
        name = "failover"
        [network]
        same_zone = "0s"
        [traffic.users]
        to = "web"
        rate = "200/s"
        [request.order]
        share = "100%"
        keys = {{ count = 1000 }}
        steps = ["write store"]
        [service.web]
        instances = 1
        discover = "50ms"
        [database.store]
        replicas = 2
        write = "0s"
        apply = "0s"
        [failover.keeper]
        of = "store"
        watchers = 3
        every = "{every_ms}ms"
        misses = {MISSES}
        promote = "300ms"
        fencing = {fencing}
        "#
    )
}

/// When each thing happened.
#[derive(Default)]
struct Story {
    failed: Option<Ns>,
    detected: Option<Ns>,
    elected: Option<Ns>,
    due: Ns,
    promoted: Option<Ns>,
    reconnected: Option<Ns>,
    answered: Option<Ns>,
}

impl Observer for Story {
    fn ended(&mut self, at: Ns, ended: Ended) {
        if ended.outcome != Outcome::Ok {
            self.failed.get_or_insert(at);
        } else if self.failed.is_some() {
            self.answered.get_or_insert(at);
        }
    }

    fn happened(&mut self, at: Ns, event: Event) {
        let slot = match event {
            Event::Detected { .. } => &mut self.detected,
            Event::Elected { due, .. } => {
                self.due = due;
                &mut self.elected
            }
            Event::Promoted { .. } => &mut self.promoted,
            Event::Reconnected { .. } => &mut self.reconnected,
            _ => return,
        };
        assert_eq!(slot.replace(at), None, "there is one failover");
    }
}

/// The parts of one failover, in order.
#[derive(Clone, Copy, Debug)]
struct Parts {
    detection: Ns,
    election: Ns,
    promotion: Ns,
    reconnect: Ns,
}

fn failover(every_ms: u64, fencing: bool, run: u64) -> Parts {
    let mut world = world(&cluster(every_ms, fencing), run);
    let mut story = Story::default();
    let crash = SECOND + run * 7 * MILLISECOND;
    let primary = world.topology().node("store-1").expect("there are three");
    world.advance(crash, &mut story).expect("goes on");
    world.inject(Change::Crash(vec![primary]), None, &mut story);
    world.advance(crash + 5 * SECOND, &mut story).expect("goes on");
    let told = "a failover has all its parts";
    let (detected, elected) = (story.detected.expect(told), story.elected.expect(told));
    let (promoted, reconnected) = (story.promoted.expect(told), story.reconnected.expect(told));
    assert_eq!(promoted, story.due, "promoted when it was announced");
    assert_eq!(story.answered, Some(reconnected), "and so the users are served again");
    let parts = Parts {
        detection: detected - crash,
        election: elected - detected,
        promotion: promoted - elected,
        reconnect: reconnected - promoted,
    };
    let sum = parts.detection + parts.election + parts.promotion + parts.reconnect;
    assert_eq!(story.answered, Some(crash + sum), "the outage is the sum of its parts");
    parts
}

fn mean(figures: &[f64]) -> f64 {
    figures.iter().sum::<f64>() / figures.len() as f64
}

/// What holds for each failover of these settings, and on average.
fn judge(every_ms: u64, fencing: bool) {
    let every = every_ms * MILLISECOND;
    let all: Vec<Parts> = (0..RUNS).map(|run| failover(every_ms, fencing, run)).collect();
    for parts in &all {
        let bounds = (MISSES - 1) * every..=MISSES * every;
        assert!(bounds.contains(&parts.detection), "every {every_ms} ms: {parts:?}");
        assert_eq!(parts.election, 0, "without latencies the messages take no time");
        if fencing {
            // The last lease was asked for at most `every` before the crash, and lasts `misses` of
            // them: it is over when the primary is missed by all, at the latest.
            assert!(parts.promotion >= PROMOTE, "{parts:?}");
            let lease_over = MISSES * every + PROMOTE;
            assert!(parts.detection + parts.promotion <= lease_over.max(parts.detection + PROMOTE));
        } else {
            assert_eq!(parts.promotion, PROMOTE);
        }
        // The next question of the caller, and the next request after the answer.
        assert!(parts.reconnect <= DISCOVER + 80 * MILLISECOND, "{parts:?}");
    }
    let detections: Vec<f64> = all.iter().map(|p| seconds(p.detection)).collect();
    let period = seconds(every);
    let half = 3.29 * period * libm::sqrt(1.0 / 20.0 / RUNS as f64);
    let what = format!("every {every_ms} ms, fencing {fencing}: s until detected");
    let theory = (MISSES as f64 - 0.5) * period;
    Estimate { mean: mean(&detections), half }.agrees(&what, theory, 0.05);
    let promotions: Vec<f64> = all.iter().map(|p| seconds(p.promotion)).collect();
    let reconnects: Vec<f64> = all.iter().map(|p| seconds(p.reconnect)).collect();
    println!(
        "every {every_ms} ms, fencing {fencing}: mean promotion {:.4} s, mean reconnect {:.4} s",
        mean(&promotions),
        mean(&reconnects)
    );
    // A caller asks every `discover`, at some phase, and then a request must come.
    let ask = seconds(DISCOVER);
    let least = reconnects.iter().copied().fold(f64::INFINITY, f64::min);
    let most = reconnects.iter().copied().fold(0.0, f64::max);
    assert!(least < ask / 5.0 && most > ask * 0.8, "{least} to {most}");
}

#[test]
fn changing_the_period_moves_only_detection() {
    // `judge` holds detection to its formula, and election, promotion and reconnect to figures that
    // do not contain the period.
    for every_ms in [100, 250, 1000] {
        judge(every_ms, false);
    }
}

#[test]
fn fencing_adds_what_is_left_of_the_old_lease() {
    judge(100, true);
    judge(500, true);
}
