//! What new connections cost, and when there are any.

use crate::lab::Lab;
use crate::support::OneServer;
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

/// One server between users, who come at equal distances, and a database; both are told more.
fn lab(rate: &str, web: &str, db: &str) -> Lab<Calls> {
    let traffic = format!("rate = \"{rate}\"\narrivals = \"constant\"\ntimeout = \"30s\"");
    let users = OneServer { network: "", traffic: &traffic, step: "read db", server: web };
    let text = format!(
        r#"
        [zone.a]
        region = "x"
        [zone.b]
        region = "y"
        {}
        [database.db]
        replicas = 0
        read = "4ms"
        cores = "unlimited"
        {db}
        "#,
        users.text()
    );
    Lab::watched(&text, 3)
}

impl Lab<Calls> {
    /// The calls to a node that began in a span.
    fn to_node(&self, name: &str, from: Ns, until: Ns) -> Vec<Called> {
        let node = self.node(name);
        let began = |at: Ns, c: &Called| (from..until).contains(&(at - c.took));
        let all = self.seen.0.iter().filter(|(at, c)| c.to == node && began(*at, c));
        all.map(|(_, c)| *c).collect()
    }

    /// How many of those opened a connection: `connect`, and then the read.
    fn opened(&self, from: Ns, until: Ns) -> usize {
        self.to_node("db", from, until).iter().filter(|c| c.work == 14 * MILLISECOND).count()
    }
}

#[test]
fn the_first_call_opens_and_the_next_ones_reuse() {
    let mut run = lab("10/s", "", "boot = \"0s\"");
    run.act("restart db").to(SECOND);
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
    let mut run = lab("1000/s", "boot = \"0s\"", "pool = 8\nboot = \"0s\"");
    // Some 4.5 connections are busy on average; the first rush needs all that a pool may have.
    run.to(SECOND);
    assert_eq!(run.opened(0, SECOND), 0, "the pool is full at the start");
    run.act("restart db").to(2 * SECOND);
    assert_eq!(run.opened(SECOND, 2 * SECOND), 8, "a restarted database has none");
    assert_eq!(run.opened(3 * SECOND / 2, 2 * SECOND), 0, "what was opened is kept");
    run.act("restart web").to(3 * SECOND);
    assert_eq!(run.opened(2 * SECOND, 3 * SECOND), 8, "a restarted caller has none");
    run.act("set db.connect=0s").act("restart db").to(4 * SECOND);
    let free = run.to_node("db", 3 * SECOND, 4 * SECOND);
    assert!(free.iter().all(|c| c.work <= 4 * MILLISECOND), "it is a setting");
}

/// When the first call to the database begins.
fn first_call() -> Ns {
    let mut run = lab("1/s", "", "");
    run.to(2 * SECOND);
    let (at, call) = run.seen.0.iter().find(|(_, c)| c.work > 0).expect("a call");
    at - call.took
}

#[test]
fn a_lost_syn_costs_1_s_and_then_3_s() {
    let began = first_call();
    for (cut, costs) in [(900, 1), (1_500, 3), (3_500, 7)] {
        let mut run = lab("1/s", "call_timeout = \"20s\"", "boot = \"0s\"");
        let cut = began + cut * MILLISECOND;
        run.act("restart db").act(&format!("cut web->db for {cut}ns")).to(12 * SECOND);
        let first = run.to_node("db", began, began + 1);
        let [first] = first.as_slice() else { panic!("{first:?}") };
        assert_eq!(first.outcome, Outcome::Ok);
        assert_eq!(first.took, costs * SECOND + 4 * HOP + 14 * MILLISECOND, "cut for {cut} ns");
    }
}

#[test]
fn a_call_never_gets_through_on_the_syn_of_one_that_gave_up() {
    let mut run = lab("1/s", "call_timeout = \"1s\"", "boot = \"0s\"");
    // The link is back before the SYN is sent again, which is when the call gives up.
    let cut = first_call() + 500 * MILLISECOND;
    run.act("restart db").act(&format!("cut web->db for {cut}ns")).to(10 * SECOND);
    let calls = run.to_node("db", 0, 10 * SECOND);
    let lost = calls.iter().filter(|c| c.outcome == Outcome::Timeout).count();
    assert_eq!(lost, 1, "{calls:?}");
    let worked: Ns = calls.iter().map(|c| c.work).sum();
    assert_eq!(run.reading("db").cores.busy_ns, worked, "nothing was done for who gave up");
}

#[test]
fn who_gave_up_while_a_syn_was_under_way_calls_no_more() {
    let mut run = lab("10/s", "call_timeout = \"200ms\"", "boot = \"0s\"");
    run.act("restart db").act("delay web->db base=300ms for 3s").to(3 * SECOND);
    let calls = run.to_node("db", 0, 3 * SECOND);
    assert!(!calls.is_empty() && calls.iter().all(|c| c.outcome == Outcome::Timeout), "{calls:?}");
    assert_eq!(run.reading("db").cores.busy_ns, 0, "a handshake for nobody brings no call");
    run.to(5 * SECOND);
    assert!(run.reading("db").cores.busy_ns > 0);
}

#[test]
fn a_connection_between_regions_takes_two_more_round_trips() {
    let mut run = lab("1/s", "zones = [\"a\"]", "zones = [\"b\"]\nboot = \"0s\"");
    run.act("restart db").to(5 * SECOND);
    let calls = run.to_node("db", 0, 5 * SECOND);
    let trip = 120 * MILLISECOND;
    assert_eq!(calls[0].took, 4 * trip + 14 * MILLISECOND);
    assert_eq!(calls[1].took, trip + 4 * MILLISECOND);
}

#[test]
fn a_refusal_takes_one_round_trip_and_a_timeout_drops_the_connection() {
    let mut run = lab("10/s", "call_timeout = \"50ms\"", "");
    run.to(SECOND).act("crash db for 1s").to(2 * SECOND);
    let refused = run.to_node("db", SECOND, 2 * SECOND - 100 * MILLISECOND);
    assert!(!refused.is_empty());
    assert!(refused.iter().all(|c| (c.outcome, c.took) == (Outcome::Refused, 2 * HOP)));

    let mut run = lab("10/s", "call_timeout = \"50ms\"", "pool = 1");
    run.to(SECOND).act("pause db for 200ms").to(2 * SECOND);
    let calls = run.to_node("db", SECOND, 2 * SECOND);
    let late = calls.iter().filter(|c| c.outcome == Outcome::Timeout).count();
    // Each attempt of the frozen time is given up with its connection, and the first one after it opens
    // another.
    assert_eq!(late, 2);
    let work: Vec<Ns> = calls.iter().skip(late).map(|c| c.work).collect();
    assert_eq!(work[0], 14 * MILLISECOND, "{calls:?}");
    assert!(work[1..].iter().all(|w| *w == 4 * MILLISECOND), "{calls:?}");
}

/// The smallest patience with which a call over a new connection succeeds: a round trip to open it,
/// two more between regions (TLS), 10 ms of `connect`, the read, and the call's own round trip. What is
/// answered at that very instant is late.
fn whole_call(round_trip: Ns, trips: u64) -> Ns {
    trips * round_trip + 14 * MILLISECOND + 1
}

/// A caller that is more impatient than opening and calling take together works on the connections
/// that it has. When they are lost it never gets another one: each attempt is given up before its
/// connection is open. (Deadlines of Go's `database/sql` and of gRPC cover the opening, too.)
#[test]
fn a_patience_that_opening_exceeds_works_until_the_connections_are_lost() {
    let regions = ["zones = [\"a\"]", "zones = [\"b\"]\nboot = \"0s\""];
    for (zones, round_trip, trips) in
        [(["", "boot = \"0s\""], 2 * HOP, 2), (regions, 120 * MILLISECOND, 4)]
    {
        let enough = whole_call(round_trip, trips);
        let few = round_trip + 5 * MILLISECOND;
        for (patience, recovers) in [(enough, true), (enough - 1, false), (few, false)] {
            let web = format!("call_timeout = \"{patience}ns\"\n{}", zones[0]);
            let mut run = lab("1/s", &web, zones[1]);
            run.to(5 * SECOND).act("restart db").to(15 * SECOND);
            let good = |from, until| {
                let calls = run.to_node("db", from, until);
                let good = calls.iter().filter(|c| c.outcome == Outcome::Ok).count();
                (good, calls.len())
            };
            let name = format!("{patience} ns at a round trip of {round_trip} ns");
            let (before, of) = good(0, 5 * SECOND);
            assert!(before == of && of >= 3, "{name}: {before} of {of} before");
            let (after, of) = good(5 * SECOND, 14 * SECOND);
            assert_eq!(after, if recovers { of } else { 0 }, "{name}: of {of} after");
            assert!(of >= 8, "{name}: they try: {of}");
            // It is a setting, and all is well again once it is long enough.
            run.act(&format!("set web.call_timeout={enough}ns")).to(20 * SECOND);
            let last = run.to_node("db", 15 * SECOND, 19 * SECOND);
            assert!(!last.is_empty() && last.iter().all(|c| c.outcome == Outcome::Ok), "{name}");
        }
    }
}

#[test]
fn a_smaller_pool_closes_what_is_idle_at_once() {
    let mut run = lab("10/s", "", "pool = 8");
    // What was closed must be opened again: of eight that rush, all but the two that were kept.
    run.to(SECOND).act("set db.pool=2").to(2 * SECOND).act("set db.pool=8");
    assert_eq!(run.opened(0, 2 * SECOND), 0, "two are more than enough for ten calls a second");
    run.act("set users.rate=1000/s").to(3 * SECOND);
    assert_eq!(run.opened(2 * SECOND, 3 * SECOND), 6);
}

#[test]
fn a_smaller_pool_closes_what_is_busy_when_it_is_given_back() {
    let mut run = lab("1000/s", "call_timeout = \"5s\"", "pool = 8");
    run.to(SECOND).act("pause db").to(1_050 * MILLISECOND);
    run.act("set users.rate=0/s").act("set db.pool=2");
    run.to(1_100 * MILLISECOND).act("resume db").to(2 * SECOND);
    let calls = run.to_node("db", 0, 2 * SECOND);
    assert!(calls.iter().all(|c| c.outcome == Outcome::Ok), "nobody is cut off");
    assert_eq!(run.opened(0, 2 * SECOND), 0);
    run.act("set db.pool=8").act("set users.rate=1000/s").to(3 * SECOND);
    assert_eq!(run.opened(2 * SECOND, 3 * SECOND), 6);
}

#[test]
fn a_pool_that_is_smaller_for_no_time_closes_nothing() {
    let mut run = lab("10/s", "", "pool = 8");
    run.to(SECOND).act("set db.pool=2").act("set db.pool=8");
    run.act("set users.rate=1000/s").to(2 * SECOND);
    assert_eq!(run.opened(0, 2 * SECOND), 0);
}

/// A handshake of three round trips between regions, of which the host of the callee sees the first.
#[test]
fn a_handshake_whose_host_loses_power_ends_in_silence_or_in_a_reset() {
    let regions = ("zones = [\"a\"]\ncall_timeout = \"900ms\"", "zones = [\"b\"]\nboot = \"0s\"");
    let start = |run: &mut Lab<Calls>| {
        run.act("restart db");
        let (web, db) = (run.node("web"), run.node("db"));
        while run.world.pool(web, db).is_none_or(|pool| pool.used == 0) {
            run.run(MILLISECOND);
        }
        let began = run.world.now();
        // After 60 ms the SYN is answered.
        run.run(70 * MILLISECOND);
        began
    };
    // It stays dark: nobody answers, and the caller gives up.
    let mut run = lab("1/s", regions.0, regions.1);
    let began = start(&mut run);
    run.act("power_off db for 5s").to(began + 2 * SECOND);
    let calls = run.to_node("db", 0, began);
    let [call] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!((call.outcome, call.took), (Outcome::Timeout, 900 * MILLISECOND));
    // It is back before the next message comes, which is for a connection that it does not know.
    let mut run = lab("1/s", regions.0, regions.1);
    let began = start(&mut run);
    run.act("power_off db for 10ms").to(began + 2 * SECOND);
    let calls = run.to_node("db", 0, began);
    let [call] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!((call.outcome, call.took), (Outcome::Reset, 240 * MILLISECOND), "two round trips");
    let next = run.to_node("db", began, began + 2 * SECOND);
    assert!(next.iter().all(|c| c.work == 14 * MILLISECOND), "a new connection: {next:?}");
}

/// An answer that was lost is sent again, unless its host has lost power meanwhile and forgotten it.
#[test]
fn a_host_forgets_the_answers_that_it_had_to_send_again() {
    let outcome = |dark: bool| {
        let mut run = lab("1/s", "call_timeout = \"900ms\"", "boot = \"0s\"");
        let began = first_call();
        // Lost at once and after 200 ms; the next time is after 600 ms.
        run.act(&format!("cut db->web for {}ns", began + 300 * MILLISECOND));
        run.to(began + 350 * MILLISECOND);
        if dark {
            run.act("power_off db for 10ms");
        }
        run.to(began + 2 * SECOND);
        let calls = run.to_node("db", began, began + 1);
        let [call] = calls.as_slice() else { panic!("{calls:?}") };
        (call.outcome, call.took)
    };
    let resent = 600 * MILLISECOND + 2 * HOP + 4 * MILLISECOND;
    assert_eq!(outcome(false), (Outcome::Ok, resent));
    assert_eq!(outcome(true), (Outcome::Timeout, 900 * MILLISECOND));
}

/// The answer is on the wire when its sender dies: it arrives, and its connection is gone.
#[test]
fn a_connection_whose_callee_died_behind_an_answer_is_not_kept() {
    let mut run = lab("1/s", "", "boot = \"0s\"");
    let began = first_call();
    run.act("delay db->web base=100ms for 2s").to(began + 50 * MILLISECOND).act("restart db");
    run.to(began + 3 * SECOND);
    let work: Vec<Ns> = run.to_node("db", 0, began + 3 * SECOND).iter().map(|c| c.work).collect();
    assert_eq!(work[..3], [4, 14, 4].map(|ms| ms * MILLISECOND), "the second call opens a new one");
}

#[test]
fn who_gets_no_connection_has_waited_for_one() {
    let mut run = lab("20/s", "call_timeout = \"200ms\"", "pool = 1");
    run.to(SECOND).act("pause db for 3s").to(3 * SECOND);
    let calls = run.to_node("web", SECOND, 2 * SECOND);
    let mut without = calls.iter().filter(|c| c.outcome == Outcome::PoolExhausted).peekable();
    assert!(without.peek().is_some(), "{calls:?}");
    assert!(without.all(|c| c.wait == 200 * MILLISECOND), "{calls:?}");
}
