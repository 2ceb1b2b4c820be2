//! What new connections cost, and when there are any.

use crate::support::command;
use brownout::playbook;
use brownout::sim::World;
use brownout::sim::observation::{Called, Observer, Outcome};
use brownout::sim::time::{MICROSECOND, MILLISECOND, Ns, SECOND};

const HOP: Ns = 250 * MICROSECOND;

/// Users' calls, and when each ended.
#[derive(Default)]
struct Calls(Vec<(Ns, Called)>);

impl Observer for Calls {
    fn called(&mut self, at: Ns, called: Called) {
        if called.class.is_some() {
            self.0.push((at, called));
        }
    }
}

struct Run {
    world: World,
    calls: Calls,
}

impl Run {
    /// One server between users, who come at equal distances, and a database; both are told more.
    fn new(rate: &str, web: &str, db: &str) -> Run {
        let text = format!(
            r#"
            name = "connections"
            [zone.a]
            region = "x"
            [zone.b]
            region = "y"
            [traffic.users]
            to = "web"
            rate = "{rate}"
            arrivals = "constant"
            timeout = "30s"
            [request.look]
            share = "100%"
            steps = ["read db"]
            [service.web]
            instances = 1
            {web}
            [database.db]
            replicas = 0
            read = "4ms"
            cores = "unlimited"
            {db}
            "#
        );
        let opened = playbook::parse("lab.toml", &text, None).unwrap_or_else(|e| panic!("{e}"));
        Run { world: World::new(&opened.into_playbook().cluster, 3), calls: Calls::default() }
    }

    fn say(&mut self, text: &str) -> &mut Run {
        let bound = command(text).bind(&self.world).unwrap_or_else(|e| panic!("{text}: {e}"));
        self.world.inject(bound.change, bound.length, &mut self.calls);
        self
    }

    fn to(&mut self, at: Ns) -> &mut Run {
        self.world.advance(at, &mut self.calls).expect("the world goes on");
        self.world.audit().unwrap_or_else(|e| panic!("{e}"));
        self
    }

    /// The calls to a node that began in a span.
    fn to_node(&self, name: &str, from: Ns, until: Ns) -> Vec<Called> {
        let node = self.world.topology().node(name).expect("it is there");
        let began = |at: Ns, c: &Called| (from..until).contains(&(at - c.took));
        let all = self.calls.0.iter().filter(|(at, c)| c.to == node && began(*at, c));
        all.map(|(_, c)| *c).collect()
    }
}

#[test]
fn the_first_call_opens_and_the_next_ones_reuse() {
    let mut run = Run::new("10/s", "", "boot = \"0s\"");
    run.say("restart db").to(SECOND);
    let calls = run.to_node("db", 0, SECOND);
    assert!(calls.len() > 5);
    assert_eq!(calls[0].work, 14 * MILLISECOND, "10 ms for the connection, 4 ms for the read");
    assert_eq!(calls[0].took, 4 * HOP + 14 * MILLISECOND, "a round trip before the call's own");
    for call in &calls[1..] {
        assert_eq!((call.work, call.took), (4 * MILLISECOND, 2 * HOP + 4 * MILLISECOND));
    }
}

#[test]
fn pools_are_full_at_the_start_and_empty_after_a_restart() {
    let mut run = Run::new("1000/s", "boot = \"0s\"", "pool = 8\nboot = \"0s\"");
    let opened = |run: &Run, from, until| {
        run.to_node("db", from, until).iter().filter(|c| c.work == 14 * MILLISECOND).count()
    };
    // Some 4.5 connections are busy on average; the first rush needs all that a pool may have.
    run.to(SECOND);
    assert_eq!(opened(&run, 0, SECOND), 0, "the pool is full at the start");
    run.say("restart db").to(2 * SECOND);
    assert_eq!(opened(&run, SECOND, 2 * SECOND), 8, "a restarted database has none");
    assert_eq!(opened(&run, 3 * SECOND / 2, 2 * SECOND), 0, "what was opened is kept");
    run.say("restart web").to(3 * SECOND);
    assert_eq!(opened(&run, 2 * SECOND, 3 * SECOND), 8, "a restarted caller has none");
    run.say("set db.connect=0s").say("restart db").to(4 * SECOND);
    let free = run.to_node("db", 3 * SECOND, 4 * SECOND);
    assert!(free.iter().all(|c| c.work <= 4 * MILLISECOND), "it is a setting");
}

/// When the first call to the database begins.
fn first_call() -> Ns {
    let mut run = Run::new("1/s", "", "");
    run.to(2 * SECOND);
    let (at, call) = run.calls.0.iter().find(|(_, c)| c.work > 0).expect("a call");
    at - call.took
}

#[test]
fn a_lost_syn_costs_1_s_and_then_3_s() {
    let began = first_call();
    for (cut, costs) in [(900, 1), (1_500, 3), (3_500, 7)] {
        let mut run = Run::new("1/s", "call_timeout = \"20s\"", "boot = \"0s\"");
        let cut = began + cut * MILLISECOND;
        run.say("restart db").say(&format!("cut web->db for {cut}ns")).to(12 * SECOND);
        let first = run.to_node("db", began, began + 1);
        let [first] = first.as_slice() else { panic!("{first:?}") };
        assert_eq!(first.outcome, Outcome::Ok);
        assert_eq!(first.took, costs * SECOND + 4 * HOP + 14 * MILLISECOND, "cut for {cut} ns");
    }
}

#[test]
fn a_call_never_gets_through_on_the_syn_of_one_that_gave_up() {
    let mut run = Run::new("1/s", "call_timeout = \"1s\"", "boot = \"0s\"");
    // The link is back before the SYN is sent again, which is when the call gives up.
    let cut = first_call() + 500 * MILLISECOND;
    run.say("restart db").say(&format!("cut web->db for {cut}ns")).to(10 * SECOND);
    let calls = run.to_node("db", 0, 10 * SECOND);
    let lost = calls.iter().filter(|c| c.outcome == Outcome::Timeout).count();
    assert_eq!(lost, 1, "{calls:?}");
    let worked: Ns = calls.iter().map(|c| c.work).sum();
    let db = run.world.topology().node("db").expect("a node");
    assert_eq!(run.world.node(db).cores.busy_ns, worked, "nothing was done for who gave up");
}

#[test]
fn who_gave_up_while_a_syn_was_under_way_calls_no_more() {
    let mut run = Run::new("10/s", "call_timeout = \"200ms\"", "boot = \"0s\"");
    run.say("restart db").say("delay web->db base=300ms for 3s").to(3 * SECOND);
    let calls = run.to_node("db", 0, 3 * SECOND);
    assert!(calls.len() > 20 && calls.iter().all(|c| c.outcome == Outcome::Timeout), "{calls:?}");
    let db = run.world.topology().node("db").expect("a node");
    let worked = |run: &Run| run.world.node(db).cores.busy_ns;
    assert_eq!(worked(&run), 0, "a handshake for nobody brings no call");
    run.to(5 * SECOND);
    assert!(worked(&run) > 0);
}

#[test]
fn a_connection_between_regions_takes_two_more_round_trips() {
    let mut run = Run::new("1/s", "zones = [\"a\"]", "zones = [\"b\"]\nboot = \"0s\"");
    run.say("restart db").to(5 * SECOND);
    let calls = run.to_node("db", 0, 5 * SECOND);
    let trip = 120 * MILLISECOND;
    assert_eq!(calls[0].took, 4 * trip + 14 * MILLISECOND);
    assert_eq!(calls[1].took, trip + 4 * MILLISECOND);
}

#[test]
fn a_refusal_takes_one_round_trip_and_a_timeout_drops_the_connection() {
    let mut run = Run::new("10/s", "call_timeout = \"50ms\"", "");
    run.to(SECOND).say("crash db for 1s").to(2 * SECOND);
    let refused = run.to_node("db", SECOND, 2 * SECOND - 100 * MILLISECOND);
    assert!(!refused.is_empty());
    assert!(refused.iter().all(|c| (c.outcome, c.took) == (Outcome::Refused, 2 * HOP)));

    let mut run = Run::new("10/s", "call_timeout = \"50ms\"", "pool = 1");
    run.to(SECOND).say("pause db for 200ms").to(2 * SECOND);
    let calls = run.to_node("db", SECOND, 2 * SECOND);
    let late = calls.iter().filter(|c| c.outcome == Outcome::Timeout).count();
    let opened = calls.iter().filter(|c| c.work == 14 * MILLISECOND).count();
    assert!(late > 0);
    assert_eq!(opened, late, "{calls:?}");
}
