//! What the log says, and what it does not repeat.

use super::*;
use crate::sim::observation::NodeState;
use crate::sim::spec::{Cluster, Component, NetworkOptions, Options};

fn topology() -> Topology {
    let component = |name: &str, kind: &str| Component {
        name: name.to_string(),
        zones: Vec::new(),
        options: Options::of_kind(kind).unwrap(),
    };
    Topology::new(&Cluster {
        name: "t".to_string(),
        about: String::new(),
        network: NetworkOptions::default(),
        zones: Vec::new(),
        components: vec![component("edge", "balancer"), component("web", "service")],
        classes: Vec::new(),
    })
}

fn tell(log: &mut Log, at: Ns, event: Event) {
    log.happened(at, &event, &topology(), &Failovers::default(), [0; 2]);
}

fn texts(log: &Log) -> Vec<&str> {
    log.newest(99).map(|l| l.text.as_str()).collect()
}

const WEB_2: NodeId = NodeId(2);

#[test]
fn what_a_command_does_at_once_is_told_in_its_line() {
    let mut log = Log::default();
    log.command_begins("crash web-2 for 10s");
    tell(&mut log, 5, Event::Began(FaultId(0)));
    tell(&mut log, 5, Event::Node { node: WEB_2, state: NodeState::Crashed, ended: 5 });
    log.command_done(5, Some(FaultId(0)), true);
    tell(&mut log, SECOND, Event::Ended(FaultId(0)));
    let state = NodeState::Booting(3 * SECOND);
    tell(&mut log, SECOND, Event::Node { node: WEB_2, state, ended: 0 });
    assert_eq!(
        texts(&log),
        [
            "crash web-2 for 10s: process gone, host on; 5 requests reset",
            "crash web-2 for 10s: over",
            "web-2 boots, serves in 2 s",
        ]
    );
}

#[test]
fn a_command_is_told_before_what_it_does_in_its_instant() {
    let mut log = Log::default();
    log.failed(4, Outcome::Late);
    log.command_begins("crash dispatch");
    log.failed(5, Outcome::Reset);
    log.failed(5, Outcome::Refused);
    tell(&mut log, 5, Event::MessagesLost { queue: WEB_2, messages: 7, in_hand: 2 });
    tell(&mut log, 5, Event::Node { node: WEB_2, state: NodeState::Crashed, ended: 1 });
    log.command_done(5, Some(FaultId(0)), true);
    log.failed(6, Outcome::Timeout);
    assert_eq!(
        texts(&log),
        [
            "first request failed (reason: late)",
            "crash dispatch: process gone, host on; 1 request reset",
            "first requests failed (reasons: reset, refused)",
            "web-2: 7 messages lost with its memory, 2 of them being worked on",
            "first request failed (reason: timeout)",
        ]
    );
    for (in_hand, text) in [
        (0, "web-2: 7 messages lost with its memory"),
        (7, "web-2: 7 messages lost with its memory, being worked on"),
    ] {
        let mut log = Log::default();
        tell(&mut log, 5, Event::MessagesLost { queue: WEB_2, messages: 7, in_hand });
        assert_eq!(texts(&log), [text]);
    }
}

#[test]
fn only_the_first_failure_of_a_spell_is_told_and_its_end() {
    let mut log = Log::default();
    for i in 0..500 {
        log.failed(42 * SECOND + i * 1_000_000, Outcome::Refused);
    }
    log.failed(42 * SECOND + 500_000_000, Outcome::Late);
    log.tick(43 * SECOND, 7);
    // Reasons that come within a second share a line.
    assert_eq!(texts(&log), ["first requests failed (reasons: refused, late)"]);
    log.tick(43 * SECOND + 500_000_000, 7);
    assert_eq!(texts(&log).len(), 1, "nobody was served since");
    log.tick(43 * SECOND + 600_000_000, 8);
    log.failed(60 * SECOND, Outcome::Refused);
    assert_eq!(
        texts(&log),
        [
            "first requests failed (reasons: refused, late)",
            "nothing fails any more: 501 requests failed, the last 500 ms after the first",
            "first request failed (reason: refused)",
        ]
    );
}

#[test]
fn checks_and_beliefs_are_named_and_repetitions_are_not() {
    let mut log = Log::default();
    let (balancer, backend) = (NodeId(0), WEB_2);
    let check = Event::Check { balancer, backend, outcome: Outcome::Refused, in_a_row: 1 };
    tell(&mut log, 1, check);
    tell(&mut log, 2, Event::Believed { balancer, backend, healthy: false });
    (3..30).for_each(|t| tell(&mut log, t, Event::DeadLettered { queue: balancer }));
    assert_eq!(
        texts(&log),
        [
            "edge: health check 1 of web-2 failed (refused)",
            "edge: web-2 is out, 1 check failed in a row",
            "edge: a message went to the dead letters",
        ]
    );
}

#[test]
fn checks_of_several_backends_that_fail_at_once_are_told_together() {
    let mut log = Log::default();
    let check = |backend: u16, in_a_row| Event::Check {
        balancer: NodeId(0),
        backend: NodeId(backend),
        outcome: Outcome::Refused,
        in_a_row,
    };
    tell(&mut log, SECOND, check(2, 1));
    assert_eq!(texts(&log), ["edge: health check 1 of web-2 failed (refused)"]);
    for n in 0..3 {
        let at = 5 * SECOND + u64::from(n) * 500_000_000;
        tell(&mut log, at, check(1, n + 1));
        tell(&mut log, at + 1, check(2, n + 1));
    }
    let out = Event::Believed { balancer: NodeId(0), backend: NodeId(2), healthy: false };
    tell(&mut log, 6 * SECOND + 1, out);
    assert_eq!(log.newest(99).count(), 3, "{:?}", texts(&log));
    assert_eq!(texts(&log)[2], "edge: web-2 is out, 3 checks failed in a row");
}
