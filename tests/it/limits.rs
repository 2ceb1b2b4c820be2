//! What wires, memory and patience limit: bandwidth, out-of-memory kills, cancelled calls, and runs
//! that could not end.

use crate::lab::{Lab, near};
use crate::support::{OneServer, command, session_of};
use brownout::sim::Stopped;
use brownout::sim::observation::{Called, Event, NodeState, Observer, Outcome};
use brownout::sim::reading::PartReading;
use brownout::sim::time::{MICROSECOND, MILLISECOND, Ns, SECOND};

const HOP: Ns = 250 * MICROSECOND;

/// What ended and happened, and when.
#[derive(Default)]
struct Told {
    calls: Vec<(Ns, Called)>,
    events: Vec<(Ns, Event)>,
    wasted: u64,
}

impl Observer for Told {
    fn called(&mut self, at: Ns, called: Called) {
        if called.class.is_some() {
            self.calls.push((at, called));
        }
    }
    fn happened(&mut self, at: Ns, event: Event) {
        self.events.push((at, event));
    }
    fn wasted(&mut self, _: Ns, _: brownout::sim::id::NodeId) {
        self.wasted += 1;
    }
}

impl Told {
    /// When nodes were killed, with the bytes that they took.
    fn kills(&self) -> Vec<(Ns, u64)> {
        let killed = |(at, event): &(Ns, Event)| match event {
            Event::OutOfMemory { used, .. } => Some((*at, *used)),
            _ => None,
        };
        self.events.iter().filter_map(killed).collect()
    }
}

impl Lab<Told> {
    /// Calls to a node, in order of their ends.
    fn calls(&self, to: &str) -> Vec<(Ns, Called)> {
        let to = self.node(to);
        self.seen.calls.iter().filter(|(_, c)| c.to == to).copied().collect()
    }
}

fn lab(cluster: &str) -> Lab<Told> {
    Lab::watched(cluster, 5)
}

/// Users and one server that works that long on a request.
fn server(network: &str, traffic: &str, web: &str, work: &str) -> String {
    let web = format!("cores = \"unlimited\"\nthreads = \"unlimited\"\n{web}");
    OneServer { network, traffic, step: work, server: &web }.text()
}

#[test]
fn messages_take_as_long_as_their_bytes() {
    let wire = "bandwidth = \"1MB/s\"\nrequest = \"1kB\"\nanswer = \"4kB\"";
    let mut run = lab(&server(wire, "rate = \"10/s\"\narrivals = \"constant\"", "", "cpu 1ms"));
    run.to(3 * SECOND);
    let calls = run.calls("web");
    assert!(calls.len() > 20);
    for (_, call) in &calls {
        assert_eq!(call.took - call.inside, 2 * HOP + 5 * MILLISECOND);
    }
}

#[test]
fn a_wire_is_a_queue_with_one_server_and_constant_work() {
    // M/D/1: half of the time busy for 1 ms each, so that the mean wait is
    // rho D / (2 (1 - rho)) = 0.5 ms (Pollaczek and Khinchine).
    let wire = "bandwidth = \"1MB/s\"\nrequest = \"1kB\"\nanswer = \"1B\"";
    let mut run = lab(&server(wire, "rate = \"500/s\"", "", "cpu 1us"));
    run.to(130 * SECOND);
    let calls = run.calls("web");
    let late: Vec<&Called> =
        calls.iter().filter(|(at, _)| *at > 10 * SECOND).map(|(_, c)| c).collect();
    let fixed = 2 * HOP + MILLISECOND + MICROSECOND;
    let waits: u64 = late.iter().map(|c| c.took - c.inside - fixed).sum();
    let mean = waits as f64 / late.len() as f64;
    assert!(near(mean, 0.5e6, 0.05), "{mean} ns of {} calls", late.len());
}

#[test]
fn a_leak_kills_when_arithmetic_says() {
    let web = "memory = \"150MB\"\nmemory_base = \"100MB\"\nmemory_per_request = \"0B\"\n\
               memory_leak = \"1MB\"\nboot = \"2s\"";
    let users = "rate = \"10/s\"\narrivals = \"constant\"";
    let mut run = lab(&server("", users, web, "cpu 1ms"));
    run.to(30 * SECOND);
    let kills = run.seen.kills();
    let good: Vec<Ns> =
        run.calls("web").iter().filter(|c| c.1.outcome == Outcome::Ok).map(|c| c.0).collect();
    // 50 requests leave 150 MB, which it may have; the 51st is one too much.
    for (i, (at, used)) in kills.iter().enumerate() {
        assert_eq!(*used, 151_000_000);
        assert_eq!(good.get((i + 1) * 51 - 1), Some(&(at + HOP)), "kill {i}");
    }
    assert_eq!(kills.len(), 4, "51 requests and 2 s to boot take 7.1 s");
    let reading = run.reading("web").memory.expect("it is counted");
    assert_eq!(u64::from(reading.kills), kills.len() as u64);
    // Until it has booted, it refuses.
    let refused = run.calls("web").iter().filter(|c| c.1.outcome == Outcome::Refused).count();
    assert!((19..=21).contains(&(refused / kills.len())), "{refused}");
}

/// A server that may take few requests at a time, and a database.
fn slow_data() -> String {
    let server = "memory = \"150MB\"\nmemory_base = \"100MB\"\nmemory_per_request = \"10MB\"\n\
                  call_timeout = \"10s\"";
    let traffic = "rate = \"10/s\"\narrivals = \"constant\"";
    let users = OneServer { network: "", traffic, step: "read db", server };
    format!("{}\n[database.db]\nreplicas = 0", users.text())
}

#[test]
fn requests_that_wait_for_a_slow_database_kill_too() {
    let mut run = lab(&slow_data());
    run.to(SECOND).act("pause db for 900ms").to(1_900 * MILLISECOND);
    let kills = run.seen.kills();
    assert_eq!(kills.len(), 1, "five fit, the sixth does not");
    assert_eq!(kills[0].1, 160_000_000);
    assert!((1_500 * MILLISECOND..1_601 * MILLISECOND).contains(&kills[0].0), "{kills:?}");
    let reset = run.seen.events.iter().find_map(|(_, e)| match e {
        Event::Node { state: NodeState::Crashed, ended, .. } => Some(*ended),
        _ => None,
    });
    assert_eq!(reset, Some(6));
    run.to(4 * SECOND);
    let reset = run.calls("web").iter().filter(|c| c.1.outcome == Outcome::Reset).count();
    assert_eq!(reset, 6);
    assert_eq!(run.reading("web").state, NodeState::Up, "it has booted");
}

#[test]
fn a_kill_is_told_and_shown() {
    let text = format!("name = \"oom\"\n{}", slow_data());
    let mut session = session_of(&text, 5);
    session.advance(SECOND).expect("the world goes on");
    session.inject(&command("pause db for 2s")).expect("a command");
    session.advance(2 * SECOND).expect("the world goes on");
    let picture = session.picture();
    let told = picture.events.iter().find(|line| line.text.contains("out of memory (oom)"));
    assert_eq!(
        told.expect("a line").text,
        "web out of memory (oom): 160.0 of 150.0 MB, killed",
        "{:?}",
        picture.events
    );
    let web = picture.components.iter().find(|c| &*c.name == "web").expect("it is there");
    assert_eq!(web.nodes[0].memory.expect("it is counted").kills, 1);
}

/// A server that calls a slow one, through which every call takes longer than it waits.
fn chain(web: &str) -> String {
    let traffic = "rate = \"1/s\"\narrivals = \"constant\"\ntimeout = \"10s\"";
    let server = format!("call_timeout = \"100ms\"\n{web}");
    let users = OneServer { network: "", traffic, step: "call mid", server: &server };
    format!(
        r#"
        {}
        [service.mid]
        instances = 1
        call_timeout = "10s"
        steps = ["call back"]
        [service.back]
        instances = 1
        cores = 1
        steps = ["cpu 700ms"]
        "#,
        users.text()
    )
}

#[test]
fn who_gives_up_stops_what_it_began() {
    let mut plain = lab(&chain(""));
    let mut cancel = lab(&chain("cancel = true"));
    plain.to(10 * SECOND);
    cancel.to(10 * SECOND);
    assert!(plain.seen.wasted >= 8 && cancel.seen.wasted == 0, "{}", cancel.seen.wasted);
    // Each call opens a connection to `mid` and works until the word has come two hops far; the
    // connection from `mid` to `back` is dropped, too.
    let worked = cancel.reading("back").cores.busy_ns;
    let calls = cancel.calls("mid").len() as u64;
    assert_eq!(worked, calls * (100 * MILLISECOND - 4 * HOP));
    for name in ["mid", "back"] {
        let node = cancel.reading(name);
        assert_eq!((node.in_flight, node.threads.used, node.cores.used), (0, 0, 0), "{name}");
    }
    cancel.act("set web.cancel=false").to(20 * SECOND);
    assert!(cancel.seen.wasted >= 8, "it is a setting");
}

#[test]
fn word_that_is_lost_is_sent_again() {
    let mut run = lab(&chain("cancel = true"));
    // Until the first call is on its way.
    while run.reading("back").cores.used == 0 {
        let next = run.world.now() + 50 * MICROSECOND;
        run.to(next);
    }
    run.act("cut web->mid for 250ms");
    let next = run.world.now() + 900 * MILLISECOND;
    run.to(next);
    // Lost after 100 ms, sent again 200 ms later.
    assert_eq!(run.reading("back").cores.busy_ns, 300 * MILLISECOND - 4 * HOP);
}

#[test]
fn a_cancelled_call_leaves_the_queues_that_it_waits_in() {
    let text = chain("cancel = true").replace("rate = \"1/s\"", "rate = \"40/s\"");
    let mut run = lab(&text);
    run.to(10 * SECOND);
    let back = run.reading("back");
    // 4 calls are in progress at a time: 40 a second, 100 ms each.
    assert!(back.cores.queued <= 4 && back.threads.used <= 5, "{back:?}");
    run.act("set users.rate=0/s").to(11 * SECOND);
    let back = run.reading("back");
    assert_eq!((back.cores.queued, back.cores.used, back.threads.used), (0, 0, 0));
}

#[test]
fn a_run_that_could_not_end_is_an_error() {
    let users = "arrivals = \"closed\"\nusers = 1\nthink = \"0s\"";
    for latency in ["0s", "1ns"] {
        let wire = format!("same_zone = \"{latency}\"");
        let mut run = lab(&server(&wire, users, "", "cpu 0s"));
        let stopped = run.world.advance(SECOND, &mut run.seen);
        assert!(matches!(stopped, Err(Stopped::NoProgress(at)) if at < MILLISECOND), "{stopped:?}");
        assert_eq!(run.world.advance(2 * SECOND, &mut run.seen), stopped, "it stays so");
    }
    let mut run = lab(&server("", "rate = \"10M/s\"", "", "cpu 1ms"));
    run.act("traffic x10000");
    let stopped = run.world.advance(SECOND, &mut run.seen);
    assert!(matches!(stopped, Err(Stopped::NoProgress(_))), "{stopped:?}");
}

/// A primary and a replica; each entry takes so long on the wire, and each answer a tenth of that.
fn slow_wire(entry: Ns, ack: &str) -> Lab<Told> {
    let rate = 4_000 * SECOND / entry;
    let users = OneServer {
        network: &format!("bandwidth = \"{rate}B/s\"\nrequest = \"4kB\"\nanswer = \"400B\""),
        traffic: "rate = \"15/min\"\narrivals = \"constant\"\ntimeout = \"60s\"",
        step: "write db",
        server: "call_timeout = \"30s\"",
    };
    lab(&format!("{}\n[database.db]\nreplicas = 1\nack = \"{ack}\"\n", users.text()))
}

/// Where the logs of the two nodes end.
fn ends(lab: &Lab<Told>) -> [u64; 2] {
    ["db-1", "db-2"].map(|name| match lab.reading(name).part {
        PartReading::Database { log_position, .. } => log_position,
        part => panic!("{part:?}"),
    })
}

#[test]
fn a_log_entry_gets_through_however_slow_the_wire() {
    // A primary waits 200 ms for an answer: from when the last byte has left.
    for entry in [100, 300, 1_000, 3_000] {
        let mut run = slow_wire(entry * MILLISECOND, "async");
        run.to(60 * SECOND).act("set users.rate=0/s").to(90 * SECOND);
        let [primary, replica] = ends(&run);
        assert!(primary >= 10, "{primary} writes of {entry} ms");
        assert_eq!(replica, primary, "entries of {entry} ms");
    }
    // And the primary learns of it: writes that wait for the replica are acknowledged.
    let mut run = slow_wire(SECOND, "semi");
    run.to(60 * SECOND);
    let writes = run.calls("db-1");
    assert!(writes.len() >= 10 && writes.iter().all(|c| c.1.outcome == Outcome::Ok), "{writes:?}");
}

#[test]
fn replication_goes_on_over_a_link_of_any_latency() {
    // A round trip takes longer than the 200 ms, and `semi` needs the answer.
    let users = OneServer {
        network: "",
        traffic: "rate = \"1/s\"\narrivals = \"constant\"\ntimeout = \"60s\"",
        step: "write db",
        server: "call_timeout = \"30s\"",
    };
    let mut run = lab(&format!("{}\n[database.db]\nreplicas = 1\nack = \"semi\"\n", users.text()));
    run.act("delay db-1<->db-2 base=700ms").to(30 * SECOND);
    let writes = run.calls("db-1");
    assert!(writes.len() >= 20, "{}", writes.len());
    for (_, call) in &writes {
        assert_eq!(call.outcome, Outcome::Ok);
        assert!((1_400..3_000).contains(&(call.took / MILLISECOND)), "{call:?}");
    }
}

/// What is under way when its link is cut arrives; what waits for those before it is lost, and sent again.
/// Of several cuts the first counts.
#[test]
fn what_had_left_before_the_first_cut_arrives() {
    // Half a second until it has left, and a second under way.
    let network = "bandwidth = \"2kB/s\"\nrequest = \"1kB\"\nanswer = \"1B\"";
    let users = "rate = \"1/s\"\narrivals = \"constant\"\ntimeout = \"30s\"";
    let later = |cuts: &[u64]| {
        let mut run = lab(&server(network, users, "", "cpu 1ms"));
        run.act("delay users->web base=1s").to(3 * SECOND);
        let (end, first) = run.calls("web")[0];
        let sent = (end - first.took) + 3 * SECOND;
        for after in cuts {
            run.to(sent + after * MILLISECOND).act("cut users->web for 3s");
        }
        run.to(sent + 20 * SECOND);
        let began = |at: &Ns, call: &Called| (at - call.took).abs_diff(sent) < MILLISECOND;
        let call = run.calls("web").into_iter().find(|(at, call)| began(at, call));
        call.expect("it has ended").1.took.saturating_sub(first.took) / MILLISECOND
    };
    assert_eq!(later(&[]), 0);
    assert_eq!(later(&[1_000]), 0, "it was under way");
    // It is sent again until the cut is over.
    assert!(later(&[200]) > 1_000, "it had not left");
    assert!(later(&[200, 1_000]) > 1_000, "nor does a second cut let it out");
}

/// What a host says of a process that died is no answer that somebody made.
#[test]
fn nobody_has_answered_who_was_frozen_and_killed() {
    let users = "rate = \"10/s\"\narrivals = \"constant\"\ntimeout = \"1s\"";
    let wasted = |commands: [&str; 2]| {
        let mut run = lab(&server("", users, "", "cpu 1ms"));
        run.to(2 * SECOND).act(commands[0]).to(6 * SECOND).act(commands[1]).to(20 * SECOND);
        run.seen.wasted
    };
    assert_eq!(wasted(["pause web", "crash web"]), 0);
    assert!(wasted(["pause web for 4s", "traffic x1"]) > 10, "who goes on answers them all");
}

/// The handshake of a connection is of segments without data, whatever a request is long.
#[test]
fn a_handshake_takes_the_time_of_its_headers() {
    // 60 bytes of headers take 1 ms, a message 10 ms.
    let wire = "bandwidth = \"60kB/s\"\nrequest = \"600B\"\nanswer = \"600B\"";
    let traffic = "rate = \"1/s\"\narrivals = \"constant\"";
    let users = OneServer { network: wire, traffic, step: "read db", server: "" };
    let mut run = lab(&format!("{}\n[database.db]\nreplicas = 0\nboot = \"0s\"", users.text()));
    run.act("restart db").to(5 * SECOND);
    let calls = run.calls("db");
    let wire: Vec<Ns> = calls.iter().map(|(_, c)| c.took - c.inside).collect();
    let message = HOP + 10 * MILLISECOND;
    assert_eq!(wire[0], 2 * (HOP + MILLISECOND) + 2 * message);
    assert!(wire.len() > 2 && wire[1..].iter().all(|w| *w == 2 * message), "{wire:?}");
}

/// What has come to a process that stands still waits in its sockets. If it dies, its host refuses it; if
/// the host loses power, it is sent again until the host is back.
#[test]
fn what_waits_in_the_sockets_of_a_process_that_dies_is_refused_or_sent_again() {
    let users = "rate = \"10/s\"\narrivals = \"constant\"\ntimeout = \"10s\"";
    let outcomes = |what: &str| {
        let mut run = lab(&server("", users, "boot = \"0s\"", "cpu 1ms"));
        run.to(SECOND).act("pause web for 500ms").to(1_490 * MILLISECOND).act(what);
        run.to(15 * SECOND);
        let began =
            |(at, c): &&(Ns, Called)| (SECOND..1_480 * MILLISECOND).contains(&(at - c.took));
        let calls = run.calls("web");
        let late: Vec<_> = calls.iter().filter(began).map(|(at, c)| (*at, c.outcome)).collect();
        assert!(late.len() >= 4, "{late:?}");
        late
    };
    let refused = outcomes("crash web for 2s");
    let at = 1_490 * MILLISECOND + HOP;
    assert!(refused.iter().all(|told| *told == (at, Outcome::Refused)), "{refused:?}");
    let again = outcomes("power_off web for 2s");
    assert!(again.iter().all(|(_, outcome)| *outcome == Outcome::Ok), "{again:?}");
}
