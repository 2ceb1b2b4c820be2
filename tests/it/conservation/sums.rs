//! The figures of a report add up: of random clusters, with random things done to them.

use super::{Case, UNTIL, Verdict, judge};
use brownout::playbook::Playbook;
use brownout::report::{Origin, Report, json};
use brownout::session::Session;
use brownout::sim::time::{MILLISECOND, SECOND};
use proptest::prelude::*;
use serde_json::{Map, Value};

const TOTALS: [&str; 6] = ["offered", "ok", "late", "failed", "in_flight", "attempts"];

/// The report of a case as a program reads it. Half of the cases have a warm-up.
fn report(case: &Case) -> Value {
    let warmup = if case.seed.is_multiple_of(2) { 500 * MILLISECOND } else { 0 };
    let plain = Playbook::of_cluster(case.cluster.clone());
    let playbook = Playbook { warmup, length: UNTIL + SECOND, ..plain };
    let mut session = Session::new(&playbook, case.seed);
    for deed in &case.deeds {
        session.run(deed.at).expect("the world goes on");
        if let Some(command) = deed.command(session.world()) {
            // What cannot be done now is refused, and no part of this.
            let _ = session.inject(&command);
        }
    }
    session.run(playbook.length).expect("the world goes on");
    let mut bytes = Vec::new();
    json::write(&Report::new(&session, Origin::default()), &mut bytes).expect("memory takes it");
    serde_json::from_slice(&bytes).expect("one document")
}

fn count(of: &Value, key: &str) -> u64 {
    of[key].as_u64().unwrap_or_else(|| panic!("{key} is no count in {of:#}"))
}

fn object<'a>(of: &'a Value, key: &str) -> &'a Map<String, Value> {
    of[key].as_object().unwrap_or_else(|| panic!("{key} is no object in {of:#}"))
}

fn sum(of: &Map<String, Value>) -> u64 {
    of.values().filter_map(Value::as_u64).sum()
}

/// `totals`, `failures` and `latency_ms` of all requests, or of a class.
fn requests_add_up(of: &Value) -> Verdict {
    let [offered, ok, late, failed, in_flight, attempts] = TOTALS.map(|k| count(&of["totals"], k));
    prop_assert_eq!(offered, ok + late + failed + in_flight, "{:#}", of);
    prop_assert_eq!(failed, sum(object(of, "failures")), "{:#}", of);
    prop_assert!(attempts >= offered, "each that arrived was tried: {:#}", of);
    let keys = ["p50", "p90", "p95", "p99", "p999", "max"];
    let known: Vec<f64> = keys.iter().filter_map(|key| of["latency_ms"][key].as_f64()).collect();
    let answered = ok + late > 0;
    prop_assert_eq!(known.len(), if answered { keys.len() } else { 0 }, "{:#}", of);
    prop_assert!(known.is_sorted(), "{:#}", of);
    prop_assert_eq!(of["latency_ms"]["mean"].is_f64(), answered, "{:#}", of);
    Ok(())
}

/// What classes have makes up what there is.
fn classes_add_up(run: &Value) -> Verdict {
    let classes = object(run, "classes");
    for key in TOTALS {
        let all: u64 = classes.values().map(|class| count(&class["totals"], key)).sum();
        prop_assert_eq!(all, count(&run["totals"], key), "{}", key);
    }
    for (reason, n) in object(run, "failures") {
        let of = |class: &Value| class["failures"][reason].as_u64().unwrap_or(0);
        prop_assert_eq!(classes.values().map(of).sum::<u64>(), n.as_u64().unwrap_or(0));
    }
    Ok(())
}

/// Shares are those of the counts beside them, and no share is less than nothing or more than all.
fn shares_are_right(run: &Value) -> Verdict {
    let [offered, ok, late, failed, _, attempts] = TOTALS.map(|key| count(&run["totals"], key));
    let ended = ok + late + failed;
    let near = |key: &str, n: u64, of: u64, digits: f64| {
        let wanted = (of > 0).then(|| n as f64 / of as f64);
        let found = run[key].as_f64();
        let is_near = match (wanted, found) {
            (Some(wanted), Some(found)) => (wanted - found).abs() <= digits,
            (wanted, found) => wanted.is_none() && found.is_none(),
        };
        prop_assert!(is_near, "{} is {:?} and not {:?}", key, found, wanted);
        Ok(())
    };
    near("availability", ok, ended, 1e-6)?;
    near("amplification", attempts, offered, 1e-3)?;
    for (name, component) in object(run, "components") {
        for key in ["utilisation", "utilisation_max", "hit_ratio", "availability", "up"] {
            let share = component[key].as_f64().unwrap_or(0.0);
            prop_assert!((0.0..=1.0).contains(&share), "{}.{}: {}", name, key, share);
        }
    }
    Ok(())
}

/// Nothing begins before the run or ends after it, and nothing ends before it begins.
fn times_are_of_the_run(run: &Value) -> Verdict {
    let end = run["simulated_s"].as_f64().unwrap_or_default();
    for fault in run["faults"].as_array().into_iter().flatten() {
        let start = fault["start_s"].as_f64().unwrap_or(-1.0);
        let over = fault["end_s"].as_f64().unwrap_or(end);
        prop_assert!((0.0..=end).contains(&start) && (start..=end).contains(&over), "{:#}", fault);
        let touched = object(fault, "touched");
        prop_assert_eq!(touched.len() as u64, count(fault, "touched_nodes"), "{:#}", fault);
    }
    let data = &run["data"];
    prop_assert!(count(data, "lost_writes") <= count(data, "acknowledged_writes"), "{:#}", data);
    let reliability = &run["reliability"];
    prop_assert!(reliability["down_s"].as_f64().is_some_and(|s| (0.0..=end).contains(&s)));
    Ok(())
}

#[test]
fn the_figures_of_a_report_add_up() {
    judge(b'f', 150, |case| {
        let run = report(&case);
        requests_add_up(&run)?;
        for class in object(&run, "classes").values() {
            requests_add_up(class)?;
        }
        classes_add_up(&run)?;
        shares_are_right(&run)?;
        times_are_of_the_run(&run)
    });
}
