//! Runs that are longer than what is kept of each half second.

use super::{Session, command};
use crate::observe::history::LONGEST;
use crate::observe::metric::{Of, Span, find};
use crate::playbook;
use crate::sim::id::ClassId;
use crate::sim::time::{Ns, SECOND};

/// One server that is asked for little, and is down from 100 s to 130 s. In half a second 25 requests
/// come: that all of them come at its very end, too late for an answer within it, is out of the question.
fn long() -> Session {
    let text = r#"
        name = "seldom"
        [traffic.users]
        to = "web"
        rate = "50/s"
        [request.page]
        share = "50%"
        steps = ["cpu 1ms"]
        [request.form]
        share = "50%"
        steps = ["cpu 2ms"]
        [service.web]
        instances = 1
    "#;
    let opened = playbook::parse("seldom.toml", text, None).unwrap_or_else(|e| panic!("{e}"));
    let mut playbook = opened.into_playbook();
    (playbook.warmup, playbook.recover) = (5 * SECOND, 10 * SECOND);
    let mut session = Session::new(&playbook, 7);
    session.advance(100 * SECOND).unwrap();
    session.inject(&command("crash web-1 for 30s")).unwrap();
    session
}

fn value(session: &Session, name: &str, of: Of, (from, to): (u64, u64)) -> Option<f64> {
    let span = Span::new(session.world(), session.observers(), from * SECOND, to * SECOND);
    (find(name).unwrap().value)(&span, of)
}

fn whole(session: &Session, name: &str) -> Option<f64> {
    (find(name).unwrap().value)(&Span::whole(session.world(), session.observers()), Of::All)
}

#[test]
fn what_was_before_and_during_a_fault_is_known_after_its_bins_are_gone() {
    const NAMES: [&str; 9] = [
        "offered",
        "goodput",
        "success",
        "p50",
        "p99",
        "mean",
        "amplification",
        "outage",
        "availability",
    ];
    let mut session = long();
    session.advance(500 * SECOND).unwrap();
    let figures = |session: &Session| {
        let spans = [(5, 100), (100, 130), (5, 130)];
        let of = [Of::All, Of::Class(ClassId(1))];
        let each = |span| of.map(|of| NAMES.map(|name| value(session, name, of, span)));
        (spans.map(each), whole(session, "outage"))
    };
    let then = figures(&session);
    let outage = then.1.unwrap();
    assert!((25.0..35.0).contains(&(outage / SECOND as f64)), "{outage}");
    // While it is down nothing is answered, so that there is no latency.
    let around = [then.0[0], then.0[2]];
    assert!(around.iter().flatten().flatten().all(Option::is_some), "{then:?}");
    session.advance(900 * SECOND).unwrap();
    assert!(session.observers().series().bin(400).is_none(), "its bins are gone");
    assert_eq!(figures(&session), then);
}

#[test]
fn a_span_that_begins_among_the_bins_that_are_gone_goes_on_into_those_that_are_kept() {
    let mut session = long();
    session.advance(1_000 * SECOND).unwrap();
    // After the fault and the time to recover.
    let all = value(&session, "offered", Of::All, (140, 1_000)).unwrap();
    let newest = value(&session, "offered", Of::All, (500, 1_000)).unwrap();
    // Four standard deviations of Poisson's: the root of 50/860, and of 50/500.
    assert!((all - 50.0).abs() < 1.0 && (newest - 50.0).abs() < 1.3, "{all} {newest}");
    let each = [(5, 100), (100, 130), (130, 1_000)];
    let count =
        |(from, to)| value(&session, "offered", Of::All, (from, to)).unwrap() * (to - from) as f64;
    let sum: f64 = each.map(count).iter().sum();
    let total = whole(&session, "offered").unwrap() * 995.0;
    assert!((sum - total).abs() < 0.5, "{sum} of {total}");
    assert_eq!(value(&session, "outage", Of::All, (140, 1_000)), Some(0.0));
}

#[test]
fn of_a_span_that_is_not_known_nothing_is_told() {
    let mut session = long();
    session.advance(1_000 * SECOND).unwrap();
    for name in ["offered", "success", "p99", "outage", "in_flight", "availability"] {
        assert_eq!(value(&session, name, Of::All, (50, 90)), None, "{name}");
        assert_eq!(value(&session, name, Of::All, (50, 1_000)), None, "{name}");
    }
    let window: Ns = LONGEST / SECOND;
    assert!(value(&session, "offered", Of::All, (1_000 - window, 1_000)).is_some());
}
