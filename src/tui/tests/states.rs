//! Pictures of the mockups, with all that their panels show.

use crate::session::picture::{
    Bin, Face, Fault, Line, Marker, Message, Origin, Picture, Setting, Tone, Truth, Vitals, Why,
};
use crate::sim::observation::{NodeState, Outcome};
use crate::sim::time::{MILLISECOND, SECOND};
use crate::tui::example;
use std::sync::Arc;

fn line(at: u64, tone: Tone, text: &str) -> Line {
    Line { at, tone, text: text.to_string() }
}

pub fn fault(picture: &Picture, text: &str, since: u64, until: Option<u64>, touched: u64) -> Fault {
    let command = crate::chaos::Command::parse(text).unwrap();
    let scene = crate::chaos::Scene::planned(&picture.topology);
    Fault {
        change: command.bind_in(&scene).unwrap().change,
        verb: command.verb(),
        text: text.to_string(),
        since,
        until,
        touched_requests: touched,
        touched_messages: 2,
        touched_nodes: 1,
        detected: None,
        recovered: None,
    }
}

/// A command on the axis of time that did what it says.
fn marker(picture: &Picture, at: u64, text: &str) -> Marker {
    let change = fault(picture, text, at, None, 0).change;
    Marker { at, text: text.to_string(), change: Some(Arc::new(change)), ended: None }
}

/// 42 s without faults.
pub fn at_rest() -> Picture {
    let mut picture = example::at_rest();
    let setting = |name, value: &str, live| Setting {
        name,
        value: value.into(),
        live,
        file: value.into(),
        origin: Origin::Default,
    };
    picture.components[example::WEB].settings = Arc::new(vec![
        setting("instances", "4", false),
        setting("threads", "64", true),
        setting("cores", "4", true),
        setting("backlog", "128", true),
    ]);
    picture
}

/// 0.9 s after `crash web-2`.
pub fn crashed() -> Picture {
    let mut picture = Picture { components: at_rest().components, ..example::crashed() };
    picture.components = {
        let mut components = example::crashed().components;
        components[example::WEB].settings = at_rest().components[example::WEB].settings.clone();
        components
    };
    let at = 42 * SECOND;
    let mut bins = picture.chart.to_vec();
    let bin = |start, filled, ok, failed| Bin {
        start,
        filled,
        offered: ok + failed,
        ok,
        failed,
        p99: Some(31 * MILLISECOND),
        p50: Some(7 * MILLISECOND),
        ..Bin::default()
    };
    bins.push(bin(at, 1.0, 800, 205));
    bins.push(bin(at + SECOND / 2, 0.8, 600, 200));
    picture.chart = Arc::new(bins);
    picture.markers = vec![marker(&picture, at, "crash web-2")];
    picture.faults = vec![fault(&picture, "crash web-2", at, None, 455)];
    picture.events.extend([
        line(at, Tone::Command, "crash web-2: process gone, host on; 5 requests reset"),
        line(at, Tone::Bad, "first request refused (reason: refused)"),
        line(
            at + 300 * MILLISECOND,
            Tone::Warning,
            "edge: health check 1 of web-2 failed (refused)",
        ),
        line(
            at + 800 * MILLISECOND,
            Tone::Warning,
            "edge: health check 2 of web-2 failed (refused)",
        ),
    ]);
    picture.why = Why {
        text: "1 in 4 requests is refused: web-2 is down, but edge still counts it as healthy and \
               sends it 500\u{202f}/s. 2 of 3 health checks have failed; the third is due in 0.4 s."
            .into(),
        fix: Some("health.every, fall, or retry on next".into()),
    };
    picture.vitals.available = Some(0.9947);
    picture.vitals.budget_spent = Some(5.3);
    picture.vitals.sparks[0] = vec![2000.0, 2000.0, 2000.0, 2000.0, 2000.0, 2000.0, 1900.0, 1550.0];
    picture.vitals.sparks[1] = vec![0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.05, 0.228];
    picture.undoable = Some("crash web-2".into());
    picture
}

/// The primary is gone and its replicas had been cut off.
pub fn failover() -> Picture {
    let mut picture = example::promoting();
    let at = 75 * SECOND;
    picture.faults = vec![
        fault(
            &picture,
            "cut orders-db-1->orders-db-2,orders-db-3",
            at - SECOND / 5,
            Some(95 * SECOND),
            0,
        ),
        fault(&picture, "crash orders-db-1", at, Some(95 * SECOND), 1_094),
    ];
    picture.truth = Truth {
        acknowledged: 58_500,
        at_risk: 156,
        logs: vec![58_500, 58_344, 58_343],
        ..Truth::default()
    };
    picture.vitals.failed = Some(0.304);
    picture.vitals.reason = Some((Outcome::NoPrimary, 365.0));
    picture.vitals.calm_for = None;
    picture.undoable = Some("crash orders-db:primary".into());
    picture
}

/// Time 0: nothing has been measured.
pub fn start() -> Picture {
    let mut picture = example::at_rest();
    picture.now = 0;
    picture.vitals = Vitals::default();
    picture.chart = Arc::default();
    picture.events.truncate(1);
    picture.truth = Truth::default();
    picture.why = Why { text: "Nothing has happened yet.".into(), fix: None };
    for node in &mut picture.components[example::WEB].nodes {
        node.threads = Some((0, Some(64)));
    }
    picture
}

/// Two nodes take writes, and cannot hear each other.
pub fn split() -> Picture {
    let mut picture = at_rest();
    let nodes = &mut picture.components[example::ORDERS].nodes;
    nodes[1].role = nodes[0].role;
    (nodes[1].utilisation, nodes[0].utilisation) = (0.13, 0.27);
    for component in [example::ORDERS, example::KEEPER] {
        for node in &mut picture.components[component].nodes[1..] {
            node.side = 1;
        }
    }
    if let Face::Database { primaries, epoch, .. } = &mut picture.components[example::ORDERS].face {
        (*primaries, *epoch) = (2, 2);
    }
    if let Face::Failover { fencing, .. } = &mut picture.components[example::KEEPER].face {
        *fencing = false;
    }
    picture.truth = Truth {
        acknowledged: 40_000,
        at_risk: 4_531,
        conflicts: Some(1_216),
        split_brain: 6_400 * MILLISECOND,
        logs: vec![36_531, 33_280, 33_280],
        ..Truth::default()
    };
    let at = 35 * SECOND;
    picture.faults = vec![fault(
        &picture,
        "cut orders-db-1|orders-db-2,orders-db-3",
        at,
        Some(55 * SECOND),
        2_120,
    )];
    picture.markers = vec![marker(&picture, at, "cut orders-db-1|orders-db-2,orders-db-3")];
    picture
}

/// Messages under way, one of each kind on each link.
pub fn messages() -> Picture {
    let mut picture = at_rest();
    let one = |flow, way, reply, failed| Message {
        flow,
        node: 0,
        way,
        reply,
        failed,
        letter: if flow % 2 == 0 { 'm' } else { 'o' },
        request: flow as u64 + 1,
    };
    picture.messages = (0..picture.flows.len())
        .flat_map(|f| {
            [one(f, 0.1, false, false), one(f, 0.5, true, false), one(f, 0.8, true, true)]
        })
        .collect();
    picture
}

/// The server that is selected at the start is frozen.
pub fn frozen() -> Picture {
    let mut picture = at_rest();
    picture.components[example::WEB].nodes[1].state = NodeState::Paused;
    picture
}
