//! What reports say of a real run.

mod formats;
mod judgement;

use super::*;
use crate::observe::bottleneck::{Bottleneck, Over};
use crate::observe::judged::{Component, Requests};
use crate::observe::latency::{Latency, Quantiles};
use crate::observe::log::Tone;
use crate::observe::reliability::Spells;
use crate::observe::tally::{ClassTally, NodeTally};
use crate::observe::where_time::{Spent, WhereTime};
use crate::playbook;
use crate::sim::observation::Outcome;
use crate::sim::time::{MILLISECOND, SECOND};
use serde_json::Value;

fn report() -> Report {
    let playbook = playbook::open("server-crash").unwrap_or_else(|e| panic!("{e}"));
    let mut playbook = playbook.into_playbook();
    playbook.checks.clear();
    let mut session = Session::new(&playbook, 7);
    session.advance(14 * SECOND).unwrap();
    let again = "brownout run server-crash --seed 7".to_string();
    Report::new(&session, Origin { playbook: Some("server-crash".into()), again, wall_s: 0.5 })
}

#[test]
fn json_adds_up_and_keeps_the_keys_of_its_contract() {
    let mut bytes = Vec::new();
    json::write(&report(), &mut bytes).unwrap();
    let run: Value = serde_json::from_slice(&bytes).unwrap();
    let count = |path: &str| run.pointer(path).unwrap().as_u64().unwrap();
    let ended = count("/totals/ok") + count("/totals/late") + count("/totals/failed");
    assert_eq!(count("/totals/offered"), ended + count("/totals/in_flight"));
    let reasons = run["failures"].as_object().unwrap();
    let failed: u64 = reasons.values().filter_map(Value::as_u64).sum();
    assert_eq!(failed, count("/totals/failed"));
    assert!(reasons.contains_key("refused"), "{reasons:?}");
    assert_eq!(run["faults"][0]["id"], "crash");
    assert_eq!(run["faults"][0]["start_s"], 10.0);
    assert!(run["faults"][0]["end_s"].is_null());
    assert_eq!((&run["verdict"], &run["checks"]), (&Value::from("held"), &Value::Array(vec![])));
    assert_eq!(run["digest"].as_str().map(str::len), Some(16));
    for key in ["latency_ms", "classes", "data", "components", "failovers", "availability"] {
        assert!(run.get(key).is_some(), "{key} is missing");
    }
}

#[test]
fn text_tells_what_ran_and_what_came_out() {
    let mut bytes = Vec::new();
    text::write(&report(), &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    for part in [
        "One server of four dies",
        "again: brownout run server-crash --seed 7",
        "› crash web-2 for 20s: process gone, host on",
        "edge: web-2 is out",
        "nothing listens: the process is down",
        "verdict held",
    ] {
        assert!(text.contains(part), "`{part}` is missing in\n{text}");
    }
    assert!(text.lines().all(|line| line.trim_end() == line), "{text}");
}

/// A made-up run with everything in it, for how it looks.
fn example() -> Report {
    let line = |s: f64, tone, text: &str| Line { at: (s * 1e9) as Ns, tone, text: text.into() };
    Report {
        origin: Origin {
            playbook: Some("x.toml".into()),
            again: "brownout run x.toml --seed 42".into(),
            wall_s: 0.123_456,
        },
        title: "The primary dies".into(),
        about: "What it teaches.\nTry next: sync.".into(),
        asks: "Do we lose orders?".into(),
        cluster: "food-delivery".into(),
        seed: 42,
        digest: 0xABC,
        simulated: 60 * SECOND,
        warmup: 5 * SECOND,
        events: 1_234_567,
        verdict: Verdict::Deviated,
        judgement: judgement::example(),
        judged: judged(),
        phases: Vec::new(),
        findings: Vec::new(),
        notes: vec!["back: undo at 00:09.0 had nothing to change".to_string()],
        tried: Vec::new(),
        commands: Vec::new(),
        faults: vec![crash()],
        failovers: vec![FailoverReport {
            component: "orders-db".into(),
            from: Some("orders-db-1".into()),
            to: Some("orders-db-2".into()),
            times: times(),
        }],
        outages: Spells::default(),
        truth: Truth { acknowledged: 58_500, lost: 156, ..Truth::default() },
        wasted: 7,
        lines: vec![
            line(0.0, Tone::Plain, "started, seed 42, cluster food-delivery"),
            line(15.0, Tone::Command, "crash orders-db:primary for 20s: process gone, host on"),
            line(15.0, Tone::Bad, "first request failed (reason: reset)"),
        ],
    }
}

/// Totals, classes, components and two limits.
fn judged() -> Judged {
    let limit = |name: &str, resource, utilisation, over| Bottleneck {
        component: "web".into(),
        resource,
        name: name.into(),
        utilisation,
        over,
    };
    let faults = Over::Faults(20 * SECOND);
    Judged {
        total: requests(100),
        classes: vec![("menu".into(), requests(80)), ("order".into(), requests(20))],
        components: vec![
            component("web", "service", Some(0.664)),
            component("menus", "cache", None),
        ],
        predicted: Some(1.0),
        where_time: Some(where_time()),
        bottleneck: Some(limit("the pool of web to orders-db", "pool", 0.97, faults)),
        bottleneck_of_all: Some(limit("web", "cores", 0.664, Over::Judged)),
    }
}

/// So many times 1 100 requests, of which 1 050 are ok and 5 in flight.
fn requests(scale: u64) -> Requests {
    let mut tally = ClassTally { offered: 1_100 * scale, ..ClassTally::default() };
    tally.outcomes[Outcome::Ok.index()] = 1_050 * scale;
    tally.outcomes[Outcome::Refused.index()] = 45 * scale;
    tally.attempts = 1_095 * scale;
    let mut latency = Latency::default();
    (1..=100).for_each(|i| latency.record(i * MILLISECOND / 3));
    let latency = Quantiles::of(&latency, 1_683 * MILLISECOND, 100 * MILLISECOND / 3);
    Requests { tally, latency }
}

fn component(name: &str, kind: &'static str, utilisation: Option<f64>) -> Component {
    let mut calls = NodeTally { hits: 87, misses: 13, ..NodeTally::default() };
    calls.outcomes[Outcome::Ok.index()] = 12_345;
    let mut began = [0; Outcome::COUNT];
    if kind == "service" {
        began[Outcome::Refused.index()] = 4_500;
    }
    Component {
        name: name.into(),
        kind,
        nodes: 4,
        utilisation,
        utilisation_max: utilisation,
        depth_max: 12,
        calls: if kind == "cache" { calls } else { NodeTally::default() },
        up: vec![1.0; 4],
        primary: 0,
        queue: None,
        began,
    }
}

/// Twenty seconds without the primary.
fn crash() -> FaultReport {
    FaultReport {
        id: "crash".into(),
        command: "crash orders-db:primary for 20s".into(),
        start: 15 * SECOND,
        end: Some(35 * SECOND),
        touched_requests: 1_094,
        touched_messages: 3,
        touched_nodes: 1,
        touched: vec![("orders-db-1".into(), 1_097)],
        time_to_detect: Some(1_200 * MILLISECOND),
        time_to_recover: None,
    }
}

/// Detected after 1.2 s, elected, promoted and recovered.
fn times() -> Failover {
    let at = |s: f64| Some((s * 1e3).round() as Ns * MILLISECOND);
    Failover {
        component: ComponentId(0),
        from: None,
        to: None,
        epoch: 2,
        started: 15 * SECOND,
        detected: at(16.2),
        elected: at(16.25),
        elections: 1,
        due: None,
        promoted: at(16.75),
        recovered: at(16.9),
        stalled: 0,
        waiting: Vec::new(),
    }
}

/// 16.83 ms, of which users waited 0.5 ms between attempts.
fn where_time() -> WhereTime {
    let ms = |x: f64| x * 1e6;
    let web = Spent {
        name: "web".into(),
        network: ms(1.0),
        working: ms(5.25),
        thread: ms(2.0),
        core: ms(6.0),
        pool: ms(0.08),
        ..Spent::default()
    };
    let menus = Spent { name: "menus".into(), network: ms(1.5), working: ms(0.5), ..web.clone() };
    let menus = Spent { thread: 0.0, core: 0.0, pool: 0.0, ..menus };
    let components = vec![web, menus];
    WhereTime { mean: ms(16.83), between: ms(0.5), components, followed: 6_900, one_in: 16 }
}

#[test]
fn text_is_aligned() {
    let mut bytes = Vec::new();
    text::write(&example(), &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap().replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(text);
}

#[test]
fn json_has_a_fixed_form() {
    let mut bytes = Vec::new();
    json::write(&example(), &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap().replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(text);
}
