//! What faults do to a running cluster, as its callers see it.

use crate::support::{acted, command, playbook};
use brownout::sim::World;
use brownout::sim::fault::{Fault, Injected};
use brownout::sim::id::{ClassId, NodeId};
use brownout::sim::observation::{Called, Ended, NodeState, Observer, Outcome};
use brownout::sim::time::{MICROSECOND, MILLISECOND, Ns};

/// Calls and requests that ended, as told.
#[derive(Default)]
struct Seen {
    calls: Vec<(Ns, Called)>,
    ended: Vec<(Ns, Ended)>,
    arrived: Vec<(Ns, ClassId)>,
}

impl Observer for Seen {
    fn arrived(&mut self, at: Ns, class: ClassId) {
        self.arrived.push((at, class));
    }
    fn called(&mut self, at: Ns, called: Called) {
        self.calls.push((at, called));
    }
    fn ended(&mut self, at: Ns, ended: Ended) {
        self.ended.push((at, ended));
    }
}

/// A world and what it told.
struct Run {
    world: World,
    seen: Seen,
}

impl Run {
    fn new() -> Run {
        Run { world: World::new(&playbook("food-delivery").cluster, 7), seen: Seen::default() }
    }

    fn to(&mut self, ms: u64) -> &mut Run {
        self.world.advance(ms * MILLISECOND, &mut self.seen).expect("the world goes on");
        self.world.audit().expect("the books add up");
        self
    }

    fn say(&mut self, text: &str) -> Injected {
        let bound = command(text).bind(&self.world).unwrap_or_else(|e| panic!("{text}: {e}"));
        let injected = self.world.inject(bound.change, bound.length, &mut self.seen);
        self.world.audit().expect("the books add up");
        injected
    }

    fn node(&self, name: &str) -> NodeId {
        self.world.topology().node(name).expect("it is there")
    }

    fn state(&self, name: &str) -> NodeState {
        self.world.node(self.node(name)).state
    }

    /// How the calls to a node ended that began in a span, users' or background ones.
    fn calls(&self, to: &str, (from, until): (u64, u64), users: bool) -> Vec<Called> {
        let to = self.node(to);
        let span = from * MILLISECOND..until * MILLISECOND;
        let all = self.seen.calls.iter().filter(|(at, c)| {
            c.to == to && c.class.is_some() == users && span.contains(&(at - c.took))
        });
        all.map(|(_, c)| *c).collect()
    }

    fn fault(&self, index: usize) -> &Fault {
        &self.world.faults()[index]
    }
}

#[test]
fn a_host_without_power_is_silent_where_a_crashed_one_refuses() {
    let outcomes = |text: &str| {
        let mut run = Run::new();
        run.to(2_000).say(text);
        run.to(4_500);
        let calls = run.calls("web-2", (2_001, 4_000), true);
        assert!(!calls.is_empty(), "the balancer does not know at once");
        let checks = run.calls("web-2", (2_001, 4_000), false);
        (calls, checks, run)
    };
    let (calls, checks, run) = outcomes("power_off web-2");
    assert!(calls.iter().chain(&checks).all(|c| c.outcome == Outcome::Timeout));
    assert!(checks.iter().all(|c| c.took == 200 * MILLISECOND), "checks wait their timeout");
    assert_eq!(run.state("web-2"), NodeState::Off);
    assert_eq!(run.fault(0).touched_nodes, 1);
    assert!(run.fault(0).touched_requests > 0 && run.fault(0).touched_messages > 0);
    let (calls, checks, _) = outcomes("crash web-2");
    assert!(calls.iter().chain(&checks).all(|c| c.outcome == Outcome::Refused));
}

#[test]
fn a_node_returns_when_its_last_fault_ends() {
    let mut run = Run::new();
    run.to(1_000).say("crash web-1 for 3s");
    run.say("power_off web-1 for 1s");
    assert_eq!(run.state("web-1"), NodeState::Off);
    assert_eq!(run.to(2_500).state("web-1"), NodeState::Crashed);
    assert!(matches!(run.to(4_500).state("web-1"), NodeState::Booting(_)));
    assert_eq!(run.to(6_100).state("web-1"), NodeState::Up);

    run.say("power_off web-1 for 2s");
    run.say("crash web-1 for 1s");
    assert_eq!(run.to(7_500).state("web-1"), NodeState::Off, "its crash has ended, no more");
    run.say("restart web-1");
    assert_eq!(run.state("web-1"), NodeState::Off, "no process starts without power");
    assert_eq!(run.say("power_on web-1"), Injected::Done);
    assert!(matches!(run.state("web-1"), NodeState::Booting(_)));
    assert_eq!(run.say("power_on web-1"), Injected::Nothing);

    run.say("pause web-3");
    assert_eq!(run.state("web-3"), NodeState::Paused);
    assert_eq!(run.say("resume web-3"), Injected::Done);
    assert_eq!((run.state("web-3"), run.say("resume web-3")), (NodeState::Up, Injected::Nothing));

    run.say("pause web-3 for 500ms");
    run.say("pause web-3 for 1500ms");
    assert_eq!(run.to(8_500).state("web-3"), NodeState::Paused, "one of two has ended");
    assert_eq!(run.to(9_100).state("web-3"), NodeState::Up);

    run.say("power_off web-3 for 500ms");
    run.say("power_off web-3 for 1500ms");
    assert_eq!(run.to(10_000).state("web-3"), NodeState::Off, "one of two has ended");
    assert!(matches!(run.to(10_700).state("web-3"), NodeState::Booting(_)));
}

#[test]
fn every_host_can_lose_power_at_once_and_come_back() {
    let mut run = Run::new();
    run.to(2_000).say("power_off zone:a,zone:b,zone:c for 2s");
    run.to(3_900);
    assert!(
        run.seen
            .ended
            .iter()
            .all(|(at, e)| *at <= 2_001 * MILLISECOND || e.outcome == Outcome::Timeout)
    );
    run.to(20_000);
    let good = |run: &Run, from: u64| {
        let late = run.seen.ended.iter().filter(|(_, e)| e.arrived >= from * MILLISECOND);
        let (ok, all) = late
            .fold((0, 0), |(ok, all), (_, e)| (ok + u32::from(e.outcome == Outcome::Ok), all + 1));
        f64::from(ok) / f64::from(all)
    };
    assert!(good(&run, 15_000) > 0.99, "{} of requests succeed afterwards", good(&run, 15_000));
    let queue = run.world.node(run.node("dispatch"));
    assert!(queue.in_flight < 100, "workers are back at work");
}

#[test]
fn what_is_on_the_wire_outlives_its_host() {
    let mut run = Run::new();
    run.to(2_000).say("power_off web-2");
    run.to(2_001);
    let late: Vec<&Called> = run.seen.calls.iter().map(|(_, c)| c).collect();
    let from_web = late.iter().filter(|c| c.to == run.node("web-2") && c.class.is_some());
    let after = from_web.filter(|c| c.outcome == Outcome::Reset).count();
    assert_eq!(after, 0, "nobody is told of a reset");
}

#[test]
fn a_gray_node_fails_its_share_and_passes_its_checks() {
    let mut run = Run::new();
    run.to(1_000).say("error web-3 p=30%");
    run.to(11_000);
    let calls = run.calls("web-3", (1_000, 10_900), true);
    let failed = calls.iter().filter(|c| c.outcome == Outcome::BadDeploy).count();
    let share = failed as f64 / calls.len() as f64;
    assert!((share - 0.3).abs() < 0.03, "{failed} of {} calls", calls.len());
    assert!(run.calls("web-3", (1_000, 10_900), false).iter().all(|c| c.outcome == Outcome::Ok));
    let other = run.calls("web-1", (1_000, 10_900), true);
    assert!(other.iter().all(|c| c.outcome != Outcome::BadDeploy));
    let fault = run.fault(0);
    let all = run.calls("web-3", (0, 11_000), true);
    let failed = all.iter().filter(|c| c.outcome == Outcome::BadDeploy).count() as u64;
    // What it has just failed is still on its way back.
    assert!((failed..failed + 5).contains(&fault.touched_requests), "{fault:?}, {failed} failed");
    assert_eq!(fault.touched_nodes, 1);
}

#[test]
fn workers_err_too_and_try_again() {
    let mut run = Run::new();
    run.to(1_000).say("error couriers p=100% for 2s");
    run.to(6_000);
    assert!(run.fault(0).touched_requests > 0);
    let queue = run.world.node(run.node("dispatch"));
    assert!(format!("{:?}", queue.part).contains("dead_letters: 0"));
}

#[test]
fn delays_add_and_jitter_stays_in_its_bounds() {
    let mut run = Run::new();
    run.to(1_000).say("delay edge->web-1 base=40ms jitter=10ms");
    run.to(1_100).say("delay web-1->edge base=5ms");
    run.to(3_000).say("delay edge->web-1 base=60ms");
    run.to(5_000);
    let network = |c: &Called| c.took - c.inside;
    // Who finds no idle connection opens one, with two more messages: 70 ms at least.
    let (one, opened): (Vec<Called>, Vec<Called>) = run
        .calls("web-1", (1_200, 2_900), true)
        .into_iter()
        .partition(|c| network(c) < 60 * MILLISECOND);
    assert!(opened.len() * 10 < one.len());
    assert!(opened.iter().all(|c| network(c) >= 70 * MILLISECOND));
    let (low, high) = (one.iter().map(network).min(), one.iter().map(network).max());
    let (low, high) = (low.expect("calls") / MILLISECOND, high.expect("calls") / MILLISECOND);
    assert!((35..40).contains(&low) && (50..58).contains(&high), "{low} to {high} ms");
    let two = run.calls("web-1", (3_000, 4_500), true);
    let low = two.iter().map(network).min().expect("calls") / MILLISECOND;
    assert!((95..100).contains(&low), "two delays and the way back: {low} ms");
    let others = run.calls("web-2", (1_200, 4_500), true);
    // A new connection takes a second round trip.
    assert!(others.iter().all(|c| network(c) < 5 * MILLISECOND));
    assert_eq!(run.fault(1).touched_nodes, 2);
}

#[test]
fn a_lossy_link_shows_as_a_tail_and_not_as_failures() {
    let mut run = Run::new();
    run.to(1_000).say("lose edge->web-1 p=5%");
    run.to(1_000).say("lose edge->web-1 p=10%");
    run.to(21_000);
    let calls = run.calls("web-1", (1_000, 19_000), true);
    let lost = calls.iter().filter(|c| c.took - c.inside > 200 * MILLISECOND).count();
    let share = lost as f64 / calls.len() as f64;
    // 1 - 0.95 * 0.9. Few give up and open a new connection, which has a message more to lose.
    assert!((share - 0.145).abs() < 0.015, "{lost} of {} messages were lost", calls.len());
    let twice = calls.iter().filter(|c| c.took - c.inside > 600 * MILLISECOND).count();
    let share = twice as f64 / calls.len() as f64;
    assert!((share - 0.021).abs() < 0.007, "{twice} of {} were lost twice", calls.len());
    assert_eq!(run.fault(0).touched_nodes, 2);
    let reading = run.world.links().find(|l| l.loss > 0.0).expect("it can be seen");
    assert!((reading.loss - 0.145).abs() < 1e-9 && !reading.cut && reading.delay == 0);
}

#[test]
fn a_fault_that_ends_at_once_was_never_there() {
    let digest = |texts: &[&str]| {
        let mut run = Run::new();
        run.to(2_000);
        for text in texts {
            run.say(text);
        }
        run.to(6_000).world.digest()
    };
    let nothing = digest(&[]);
    for text in
        ["error web p=50%", "delay web<->orders-db base=100ms jitter=20ms", "lose app->edge p=50%"]
    {
        assert_eq!(digest(&[text, "heal"]), nothing, "{text}");
        assert_ne!(digest(&[text]), nothing, "{text}");
    }
    for text in ["error web p=0%", "delay web->orders-db base=0ms", "lose web->orders-db p=0%"] {
        assert_eq!(digest(&[text]), nothing, "{text}");
    }
}

#[test]
fn a_fault_on_one_link_moves_no_arrival() {
    let arrivals = |text: Option<&str>| {
        let mut run = Run::new();
        run.to(1_000);
        if let Some(text) = text {
            run.say(text);
        }
        run.to(6_000);
        run.seen.arrived
    };
    let (plain, lossy) = (arrivals(None), arrivals(Some("lose edge->web-1 p=10%")));
    assert_eq!(plain, lossy);
}

#[test]
fn a_request_that_comes_again_is_touched_once() {
    let mut run = Run::new();
    run.to(500).say("set app.attempts=3");
    run.to(1_000).say("error web p=90% for 4s");
    run.to(8_000);
    let all: u64 = run
        .seen
        .calls
        .iter()
        .filter(|(_, c)| c.class.is_some() && c.outcome == Outcome::BadDeploy)
        .filter(|(_, c)| run.world.topology().display_name(c.to).starts_with("web"))
        .count() as u64;
    let failed: std::collections::BTreeSet<u64> = run
        .seen
        .calls
        .iter()
        .filter(|(_, c)| c.outcome == Outcome::BadDeploy)
        .map(|(_, c)| c.request)
        .collect();
    let (fault, nodes) = (run.fault(0), ["web-1", "web-2", "web-3", "web-4"]);
    assert_eq!(fault.touched_requests, failed.len() as u64, "of {all} calls");
    let at_nodes: u64 = nodes.iter().map(|n| run.world.touches(fault.id, run.node(n))).sum();
    assert_eq!(at_nodes, all, "each time is told at its node");
    assert!(at_nodes > fault.touched_requests, "they did come again");
}

#[test]
fn a_setting_with_an_end_touches_what_passes_it() {
    let mut run = Run::new();
    run.to(2_000).say("set web.cores=3 for 1s");
    run.to(6_000);
    let fault = run.fault(0);
    let arrived = run
        .seen
        .arrived
        .iter()
        .filter(|(at, _)| (2_000 * MILLISECOND..3_000 * MILLISECOND).contains(at));
    let arrived = arrived.count() as u64;
    assert!(
        fault.touched_requests.abs_diff(arrived) < 20,
        "{} of {arrived}",
        fault.touched_requests
    );
    assert_eq!((fault.touched_nodes, fault.touched_messages), (4, 0));

    run.say("set menus.enabled=false for 1s");
    run.to(9_000);
    let database = run.world.touches(run.fault(1).id, run.node("orders-db-1"));
    assert!(run.fault(1).touched_requests > 1_000 && database > 1_000, "{:?}", run.fault(1));
    let before = run.fault(1).touched_requests;
    run.to(10_000);
    assert_eq!(run.fault(1).touched_requests, before, "it is over");
}

/// What is healed of a link is that link: the others stay cut, and so do other faults on its ends.
#[test]
fn a_link_is_healed_alone() {
    let mut run = Run::new();
    run.to(1_000).say("cut edge|web");
    run.say("slow web-2 factor=1.1");
    // One server can carry it.
    run.say("traffic x0.2");
    run.to(2_000).say("heal edge<->web-2");
    run.to(4_000);
    let answered = |run: &Run, to: &str| {
        let calls = run.calls(to, (2_500, 3_500), true);
        calls.iter().any(|c| c.outcome == Outcome::Ok)
    };
    assert!(answered(&run, "web-2"), "it is reached again");
    assert!(!answered(&run, "web-3"), "this link is still cut");
    assert!(run.fault(0).ended.is_none() && run.fault(1).ended.is_none(), "both faults go on");
    assert_eq!(run.say("heal app<->edge"), Injected::Nothing);
    run.say("heal edge<->web");
    assert!(run.fault(0).ended.is_some() && run.fault(1).ended.is_none());
}

/// A place is healed with all that may come to it, as it was cut: nothing is left of the fault.
#[test]
fn a_place_is_healed_as_it_was_cut() {
    let mut run = Run::new();
    run.to(1_000).say("cut zone:a|zone:b");
    run.say("cut web|orders-db");
    run.to(2_000).say("heal zone:a");
    assert!(run.fault(0).ended.is_some(), "all its links end there");
    run.say("heal web");
    assert!(run.fault(1).ended.is_some(), "also those of servers that were never there");
}

/// What is healed is no part of its fault any more, also between those who do not talk to each other.
#[test]
fn a_fault_of_which_a_part_is_healed_is_that_much_smaller() {
    let mut run = Run::new();
    run.to(1_000).say("cut zone:a|zone:b");
    let web_2 = run.node("web-2");
    let of_it = |run: &Run| {
        let of = |p: &&(NodeId, NodeId)| p.0 == web_2 || p.1 == web_2;
        run.fault(0).change.pairs().iter().filter(of).count()
    };
    let before = run.fault(0).change.pairs().len();
    let own = of_it(&run);
    run.say("heal web-2");
    assert!(own > 0 && run.fault(0).ended.is_none());
    assert_eq!((of_it(&run), run.fault(0).change.pairs().len()), (0, before - own));
}

/// Who is down is not frozen; its next process is, as it boots.
#[test]
fn a_pause_touches_the_process_that_it_keeps_from_booting() {
    let mut run = Run::new();
    run.to(1_000).say("crash web-2 for 2s");
    run.to(2_000).say("pause web-2 for 3s");
    run.to(2_900);
    assert_eq!(run.fault(1).touched_nodes, 0);
    run.to(4_000);
    assert_eq!(run.fault(1).touched_nodes, 1);
}

/// Each adds to what is in force, and is counted and healed like a few. `benches/engine.rs`
/// measures what that costs.
#[test]
fn thousands_of_faults_overlap() {
    const MANY: u64 = 5_000;
    let mut run = Run::new();
    run.to(2_000);
    let bound = command("delay edge->web-1 base=1us").bind(&run.world).expect("it binds");
    for _ in 0..MANY {
        run.world.inject(bound.change.clone(), None, &mut run.seen);
    }
    let ends = (run.node("edge"), run.node("web-1"));
    let delayed = |world: &World| {
        let link = world.links().find(|link| (link.from, link.to) == ends).expect("a link");
        link.delay
    };
    assert_eq!(delayed(&run.world), MANY * MICROSECOND);
    run.to(2_100);
    let touched = |fault: &Fault| (fault.touched_requests > 0, fault.touched_messages > 0);
    let all: Vec<_> = run.world.active_faults().map(touched).collect();
    assert_eq!(all, vec![(true, false); MANY as usize], "by 100 ms of requests, and no check");
    run.say("heal");
    assert_eq!((delayed(&run.world), run.world.active_faults().len()), (0, 0));
}

/// A node may be held by more faults than 16 bits can count.
#[test]
fn a_node_is_held_by_as_many_faults_as_come() {
    let mut run = Run::new();
    run.to(100);
    let bound = command("crash web-1").bind(&run.world).expect("it binds");
    for _ in 0..=u16::MAX {
        run.world.inject(bound.change.clone(), None, &mut run.seen);
    }
    assert_eq!(run.state("web-1"), NodeState::Crashed);
    run.say("restart web-1");
    assert_eq!(run.world.active_faults().len(), 0);
    assert!(matches!(run.state("web-1"), NodeState::Booting(_)));
}

/// What is healed on one node is no part of its fault any more; a fault that is over tells where it was.
#[test]
fn who_is_healed_is_no_part_of_a_fault() {
    let commands = [(2_000, "slow web factor=3"), (4_000, "heal web-1")];
    let session = acted(&commands, 5);
    let world = session.world();
    let held: Vec<&str> = world
        .active_faults()
        .flat_map(|f| f.change.nodes())
        .map(|n| world.topology().display_name(*n))
        .collect();
    assert_eq!(held, ["web-2", "web-3", "web-4"]);
}
