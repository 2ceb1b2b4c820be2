//! Responses to made-up faults.

use super::*;
use crate::observe::TICK;
use crate::observe::tally::ClassTally;
use crate::sim::id::ComponentId;
use crate::sim::observation::Outcome;
use crate::sim::time::MILLISECOND;

const EDGE: NodeId = NodeId(0);
const WEB: NodeId = NodeId(3);
const OTHER: NodeId = NodeId(4);

fn fault(id: u32, start: Ns, change: Change) -> Fault {
    let (nodes, pairs) = (change.nodes().to_vec(), change.pairs().to_vec());
    Fault {
        id: FaultId(id),
        change,
        nodes: nodes.into(),
        pairs: pairs.into(),
        start,
        until: None,
        ended: None,
        touched_requests: 0,
        touched_messages: 0,
        touched_nodes: 1,
    }
}

/// Decisions of the balancer about those nodes.
fn decided(faults: &[Fault], decisions: &[(Ns, NodeId)]) -> Responses {
    let mut responses = Responses::default();
    responses.meet(faults, &Rolling::default());
    for &(at, backend) in decisions {
        responses.happened(at, &Event::Believed { balancer: EDGE, backend, healthy: false });
        responses.happened(at, &Event::Believed { balancer: EDGE, backend, healthy: true });
    }
    responses.attribute(faults, |_| false);
    responses
}

#[test]
fn the_first_decision_about_what_was_hit_is_the_detection() {
    let faults =
        [fault(0, 500, Change::Crash(vec![WEB])), fault(1, 800, Change::Crash(vec![OTHER]))];
    let responses = decided(&faults, &[(2_000, WEB), (2_500, WEB)]);
    assert_eq!(responses.all()[0].time_to_detect(), Some(1_500));
    assert_eq!(responses.all()[1].time_to_detect(), None, "nobody has decided about it");
}

#[test]
fn what_is_noticed_is_the_newest_thing_that_hit_a_node() {
    let gray = fault(0, 500, Change::Error(vec![WEB], 0.2));
    let crash = fault(1, 9_000, Change::Crash(vec![WEB]));
    let responses = decided(&[gray, crash], &[(10_000, WEB)]);
    assert_eq!(responses.all()[0].detected, None, "checks that passed for 9 s have seen nothing");
    assert_eq!(responses.all()[1].detected, Some(10_000));
}

#[test]
fn what_silences_a_node_is_noticed_before_what_only_delays_it() {
    let crash = fault(0, 500, Change::Crash(vec![WEB]));
    let delay = fault(1, 1_500, Change::Delay(vec![(EDGE, WEB)], 1, 0));
    let cut = fault(2, 1_700, Change::Cut(vec![(EDGE, WEB)]));
    let responses = decided(&[crash, delay, cut], &[(2_000, WEB), (3_000, WEB)]);
    let detected: Vec<_> = responses.all().iter().map(|r| r.detected).collect();
    assert_eq!(detected, [Some(2_000), None, Some(3_000)]);
}

#[test]
fn who_only_hears_of_another_primary_has_noticed_nothing() {
    let cut = fault(0, 500, Change::Cut(vec![(WEB, OTHER)]));
    let detected = |heard: bool| {
        let mut responses = Responses::default();
        responses.meet(std::slice::from_ref(&cut), &Rolling::default());
        let steps = Event::SteppedDown { node: WEB, epoch: 1, heard };
        responses.happened(900, &steps);
        responses.attribute(std::slice::from_ref(&cut), |_| false);
        responses.all()[0].detected
    };
    assert_eq!((detected(false), detected(true)), (Some(900), None));
}

#[test]
fn a_cut_is_detected_by_who_is_cut_off() {
    let elsewhere = fault(0, 0, Change::Cut(vec![(OTHER, WEB)]));
    let here = fault(1, 0, Change::Cut(vec![(WEB, EDGE)]));
    let responses = decided(&[elsewhere, here], &[(700, WEB)]);
    assert_eq!(responses.all()[0].detected, None);
    assert_eq!(responses.all()[1].detected, Some(700));
}

#[test]
fn load_is_to_blame_only_if_nobody_was_hit() {
    let load = Change::Traffic(vec![ComponentId(0)], 3.0);
    let faults = [fault(0, 0, load), fault(1, 0, Change::Crash(vec![WEB]))];
    let both = decided(&faults, &[(900, WEB), (1_000, OTHER)]);
    assert_eq!((both.all()[0].detected, both.all()[1].detected), (Some(1_000), Some(900)));
}

/// A run in which 100 requests come in each tick, of which that many are served.
fn run(goodput: impl Fn(u64) -> u64, ticks: u64) -> Response {
    run_with(|tick| (goodput(tick), 100), ticks)
}

/// A run with that goodput in each tick, and so many arrivals; the fault begins at 12 s. Looked at
/// until the end.
fn run_with(served: impl Fn(u64) -> (u64, u64), ticks: u64) -> Response {
    let start = 12 * SECOND;
    let faults = [fault(0, start, Change::Crash(vec![WEB]))];
    let (mut rolling, mut responses, mut ok) = (Rolling::default(), Responses::default(), 0);
    let mut offered = 0;
    for tick in 0..=ticks {
        let now = tick * TICK;
        let (good, came) = served(tick);
        (ok, offered) = (ok + good, offered + came);
        if now > start {
            responses.meet(&faults, &rolling);
        }
        rolling.push(tick % 5 == 0, |t| {
            let mut tally = ClassTally { offered, ..ClassTally::default() };
            tally.outcomes[Outcome::Ok.index()] = ok;
            t.at = now;
            t.classes = vec![tally];
        });
        if tick % 5 == 0 {
            responses.bin(now, &rolling);
        }
    }
    responses.all()[0].clone()
}

#[test]
fn recovery_runs_from_the_start_until_users_are_served_again() {
    // Half the goodput from 12 s to 20 s.
    let dip = |tick| if (121..=200).contains(&tick) { 50 } else { 100 };
    let response = run(dip, 400);
    assert_eq!(response.baseline, Some(Served { goodput: 1_000.0, offered: 1_000.0 }));
    assert_eq!(response.hurt, Some(12 * SECOND + 500 * MILLISECOND));
    // It is known at 22 s, when a window was good, and was so from 20 s on.
    assert_eq!(response.time_to_recover(), Some(8 * SECOND));
    assert_eq!(run(dip, 220).time_to_recover(), Some(8 * SECOND));
    let still = run(dip, 215);
    assert_eq!((still.recovered, still.time_to_recover()), (None, None));
    // A tenth of a second is 5 % of a window, and has not been got over for that.
    let dip = |tick| if (121..=201).contains(&tick) { 50 } else { 100 };
    assert_eq!(run(dip, 400).time_to_recover(), Some(8_500 * MILLISECOND));
}

#[test]
fn a_second_dip_takes_the_recovery_back() {
    let dips =
        |tick| if (121..=140).contains(&tick) || (201..=220).contains(&tick) { 0 } else { 100 };
    assert_eq!(run(dips, 400).time_to_recover(), Some(10 * SECOND));
    assert_eq!(run(dips, 190).time_to_recover(), Some(2 * SECOND));
}

#[test]
fn who_was_always_served_has_nothing_to_get_over() {
    let response = run(|_| 100, 200);
    assert_eq!((response.hurt, response.time_to_recover()), (None, Some(0)));
    assert_eq!(run(|_| 100, 130).recovered, None, "it is too early to tell");
}

#[test]
fn fewer_users_than_before_are_no_harm_unless_far_fewer_come() {
    let after = |tick: u64, few: u64| if tick > 120 { (few, few) } else { (100, 100) };
    // 2 000 in a window, give or take 45: four times that are 9 %.
    let by_chance = run_with(|tick| after(tick, 93), 200);
    assert_eq!((by_chance.hurt, by_chance.time_to_recover()), (None, Some(0)));
    assert!(run_with(|tick| after(tick, 90), 200).hurt.is_some(), "they stay away");
    let failing = |tick: u64| if tick > 120 { (88, 93) } else { (100, 100) };
    assert!(run_with(failing, 200).hurt.is_some(), "5 % of those who come are not served");
}

#[test]
fn to_serve_as_many_as_before_of_three_times_as_many_is_no_recovery() {
    // From 12 s to 20 s three times as many come, and half as many again are served.
    let spike = |tick| if (121..=200).contains(&tick) { (150, 300) } else { (100, 100) };
    let response = run_with(spike, 400);
    assert!(response.hurt.is_some());
    assert_eq!(response.recovered, Some(20 * SECOND), "the first window without the spike");
    let served = |tick| if (121..=200).contains(&tick) { (295, 300) } else { (100, 100) };
    assert_eq!(run_with(served, 400).time_to_recover(), Some(0));
}
