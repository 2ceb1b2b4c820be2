//! What observers call the bottleneck, in worlds of which it is known, by the utilisation law.
//!
//! Arrivals keep equal distances and work is constant wherever that makes the figures exact.

use crate::lab::near;
use crate::support::session_of;
use brownout::observe::bottleneck::{Bottleneck, Over, Station, name};
use brownout::observe::now::Now;
use brownout::session::Session;
use brownout::sim::time::SECOND;

/// Users who come at equal distances.
fn even(rate: u32) -> String {
    format!("rate = \"{rate}/s\"\narrivals = \"constant\"")
}

/// 30 s of users who ask a server that reads a database, or publishes; each is told more.
fn run(traffic: &str, steps: &str, web: &str, db: &str, more: &str) -> Session {
    let text = format!(
        r#"
        name = "lab"
        [network]
        same_zone = "0.5ms"
        [traffic.users]
        to = "web"
        {traffic}
        timeout = "10s"
        [request.look]
        share = "100%"
        steps = [{steps}]
        [service.web]
        instances = 1
        {web}
        [database.db]
        replicas = 0
        {db}
        {more}
        "#
    );
    let mut session = session_of(&text, 3);
    session.advance(30 * SECOND).expect("the world goes on");
    session
}

fn bottleneck(session: &Session) -> Bottleneck {
    session.judged().bottleneck.expect("something is used")
}

/// The same limits in the last 10 s, by name.
fn stations(session: &Session) -> Vec<(String, f64)> {
    let now = Now::new(session.world(), session.observers());
    let all = now.stations(now.span(10 * SECOND));
    let named = |s: &Station| (name(session.world().topology(), s.limit), s.utilisation());
    all.iter().map(named).collect()
}

fn utilisation(session: &Session, limit: &str) -> f64 {
    let all = stations(session);
    let found = all.iter().find(|(name, _)| name == limit);
    found.unwrap_or_else(|| panic!("no {limit} in {all:?}")).1
}

fn why(session: &Session) -> String {
    session.picture().why.text
}

const READS: &str = "\"read db\"";

#[test]
fn cores_of_a_server_that_works_most() {
    // 150 a second of 10 ms on 2 cores; threads and pools are held for little more than that.
    let session = run(
        &even(150),
        "\"cpu 10ms\", \"read db\"",
        "cores = 2\nthreads = 8",
        "read = \"2ms\"",
        "",
    );
    let found = bottleneck(&session);
    assert_eq!((&*found.component, found.resource), ("web", "cores"));
    assert!(near(found.utilisation, 0.75, 0.01), "{found:?}");
    assert!(why(&session).contains("The first limit is web: 75 % busy."), "{}", why(&session));
    // A thread is held for 10 ms of work, 2 ms at the database and two hops: 150 x 13 ms of 8.
    assert!(near(utilisation(&session, "the threads of web"), 0.150 * 13.0 / 8.0, 0.02));
}

#[test]
fn a_pool_that_is_too_small_for_an_idle_database() {
    // A connection is held for 4 ms and two hops: 100 a second take half of one, and the database
    // with its single core is busy for 40 %.
    let session = run(&even(100), READS, "", "read = \"4ms\"\npool = 1\ncores = 1", "");
    let found = bottleneck(&session);
    assert_eq!((&*found.component, found.resource), ("web", "pool"));
    assert_eq!(found.name, "the pool of web to db");
    assert!(near(found.utilisation, 0.5, 0.01), "{found:?}");
    assert!(near(utilisation(&session, "db"), 0.4, 0.01));
    let wanted = "The first limit is the pool of web to db: 50 % in use.";
    assert!(why(&session).contains(wanted), "{}", why(&session));

    // Twice as many as it lets through: all threads are held, by those who wait for the pool.
    let session = run(&even(400), READS, "threads = 32", "read = \"4ms\"\npool = 1", "");
    assert_eq!(bottleneck(&session).name, "the pool of web to db");
    assert!(utilisation(&session, "the pool of web to db") > 0.99);
    assert!(utilisation(&session, "the threads of web") < 2.0 / 32.0, "{:?}", stations(&session));
    assert!(near(utilisation(&session, "db"), 0.8 / 8.0, 0.02), "{:?}", stations(&session));
}

#[test]
fn a_slow_database_behind_threads_and_a_pool_that_are_full() {
    // Four cores do 100 reads of 40 ms a second; 150 are asked for.
    let db = "read = \"40ms\"\ncores = 4\npool = 12";
    let session = run(&even(150), READS, "threads = 16", db, "");
    let now = Now::new(session.world(), session.observers());
    let web = session.world().topology().node("web").expect("a server");
    let threads = now.node(web).threads;
    assert!(threads.used == 16 && threads.queued > 0, "all are held: {threads:?}");
    let found = bottleneck(&session);
    assert_eq!((found.name.as_str(), found.resource), ("db", "cores"));
    assert!(found.utilisation > 0.99);
    // Of the time that a thread or a connection is held, 40 ms and two hops are for its own sake.
    let own = 100.0 * 0.041;
    assert!(near(utilisation(&session, "the threads of web"), own / 16.0, 0.05));
    assert!(near(utilisation(&session, "the pool of web to db"), own / 12.0, 0.05));
    assert!(why(&session).contains("db is the bottleneck"), "{}", why(&session));
}

#[test]
fn threads_that_a_slow_wire_holds() {
    // 100 a second of 1 ms of work, and a database that is 50 ms away: 101 ms and the read.
    let session = run(
        &even(100),
        "\"cpu 1ms\", \"read db\"",
        "threads = 16\nzones = [\"a\"]",
        "read = \"2ms\"\nzones = [\"b\"]",
        "[zone.a]\nregion = \"x\"\n[zone.b]\nregion = \"y\"",
    );
    let found = bottleneck(&session);
    assert_eq!((&*found.component, found.resource), ("web", "threads"));
    // Two hops of 60 ms between regions.
    assert!(near(found.utilisation, 0.1 * (1.0 + 2.0 + 120.0) / 16.0, 0.02), "{found:?}");
}

#[test]
fn connections_that_a_database_accepts() {
    // One connection, held for the 4 ms of a read, at 100 a second; one core of 8, 5 of 5 ms of the pool.
    let session = run(&even(100), READS, "", "read = \"4ms\"\nconnections = 1", "");
    let found = bottleneck(&session);
    assert_eq!((found.name.as_str(), found.resource), ("the connections of db", "connections"));
    assert!(near(found.utilisation, 0.4, 0.01), "{found:?}");
}

#[test]
fn cores_of_workers_and_messages_in_their_hands() {
    let run = |threads: u32| {
        let hands = format!(
            "[queue.jobs]\n[workers.hands]\nfrom = \"jobs\"\ninstances = 2\ncores = 1\n\
             threads = {threads}\nsteps = [\"cpu 12ms\", \"read db\"]"
        );
        // Hands are counted at ticks: users who came at equal distances would always meet them at the
        // same moment of their work.
        let steps = "\"cpu 2ms\", \"publish jobs\"";
        run("rate = \"100/s\"", steps, "cores = 4", "read = \"4ms\"", &hands)
    };
    let both = |session: &Session, limit: &str| {
        let all = stations(session);
        let of: Vec<f64> = all.iter().filter(|(n, _)| n == limit).map(|(_, u)| *u).collect();
        of[..2].iter().sum::<f64>() / 2.0
    };
    // 100 a second of 12 ms on two cores. The last 10 s have 1 000 messages, give or take 3.2 %: four
    // of those.
    let session = run(8);
    let found = bottleneck(&session);
    assert_eq!((&*found.component, found.resource), ("hands", "cores"));
    assert!(near(both(&session, "hands"), 0.6, 0.13), "{:?}", stations(&session));
    // One message at a time: in hand for 12 ms, 4 ms and two hops.
    let session = run(1);
    let found = bottleneck(&session);
    assert_eq!((&*found.component, found.resource), ("hands", "threads"));
    assert!(near(both(&session, "hands"), 0.6, 0.13), "{:?}", stations(&session));
    assert!(near(both(&session, "the threads of hands"), 0.85, 0.13), "{:?}", stations(&session));
}

#[test]
fn while_faults_act_it_may_be_another_than_over_all_judged_time() {
    // At rest the servers work most: 66 %. Without the cache the primary is asked for 8.7 of its 8
    // cores, for 10 of 60 s.
    let mut session = crate::support::session("food-delivery", 10);
    session.advance(14 * SECOND).expect("the world goes on");
    let before = session.judged();
    assert_eq!(before.bottleneck, before.bottleneck_of_all, "no fault has acted");
    session
        .inject(&crate::support::command("set menus.enabled=false for 10s"))
        .expect("it can be done");
    session.advance(60 * SECOND).expect("the world goes on");
    let judged = session.judged();
    let (acted, all) = (judged.bottleneck.expect("one"), judged.bottleneck_of_all.expect("one"));
    assert_eq!((&*acted.component, acted.over), ("orders-db", Over::Faults(10 * SECOND)));
    assert!(acted.utilisation > 0.97, "{acted:?}");
    assert_eq!((&*all.component, all.over), ("web", Over::Judged));
    assert!(near(all.utilisation, 0.66, 0.05), "{all:?}");
}

/// While all are down nothing is used; what they are short of when they are back is what counts.
#[test]
fn what_a_short_fault_began_is_judged_as_long_as_it_lasts() {
    let commands = [(9_000, "set orders-db.connect=500ms"), (10_000, "crash web for 1s")];
    let session = crate::support::acted(&commands, 50);
    let found = session.judged().bottleneck.expect("something is used");
    assert_eq!(&*found.component, "orders-db", "{found:?}");
    assert!(matches!(found.over, Over::Faults(time) if time > 10 * SECOND), "{found:?}");
    let session = crate::support::acted(&[(10_000, "crash web for 1s")], 11);
    let found = session.judged().bottleneck.expect("something is used");
    assert!(found.utilisation > 0.05, "who does nothing limits nobody: {found:?}");
}

/// Twice as many come as can be served: what fails after a fault is not what that began.
#[test]
fn what_failed_before_a_fault_does_not_prolong_it() {
    let mut session = run(&even(400), "\"cpu 10ms\"", "cores = 2\nthreads = 8", "", "");
    session.inject(&crate::support::command("slow web factor=2 for 1s")).expect("it can be done");
    session.advance(60 * SECOND).expect("the world goes on");
    let found = bottleneck(&session);
    assert!(matches!(found.over, Over::Faults(time) if time <= SECOND), "{found:?}");
}

/// One server that works slower is full; what is short is that one.
#[test]
fn one_node_of_several_is_named_where_the_others_have_room() {
    let found = |command| {
        let session = crate::support::acted(&[(10_000, command)], 30);
        session.judged().bottleneck.expect("something is used")
    };
    let one = found("slow web-2 factor=3");
    assert_eq!((&*one.component, one.name.as_str()), ("web", "web-2"), "{one:?}");
    assert!(one.utilisation > 0.97, "{one:?}");
    let two = found("slow web-1,web-3 factor=3");
    assert_eq!((&*two.component, two.name.as_str()), ("web", "web-1 and web-3"), "{two:?}");
    let all = found("slow web factor=1.3");
    assert_eq!((&*all.component, all.name.as_str()), ("web", "web"), "{all:?}");
    // Its replicas have room, too, and take nothing off it.
    let primary = found("set menus.enabled=false");
    assert_eq!(primary.name, "orders-db", "{primary:?}");
}

/// Answers of 4 kB take 4 ms on a wire that carries 1 MB a second.
fn narrow(rate: u32) -> Session {
    let text = format!(
        r#"
        name = "lab"
        [network]
        same_zone = "0.5ms"
        bandwidth = "1MB/s"
        answer = "4kB"
        request = "100B"
        [traffic.users]
        to = "web"
        {}
        timeout = "1s"
        [request.look]
        share = "100%"
        steps = ["cpu 1ms"]
        [service.web]
        instances = 1
        "#,
        even(rate)
    );
    let mut session = session_of(&text, 3);
    session.advance(30 * SECOND).expect("the world goes on");
    session
}

#[test]
fn a_link_that_carries_the_most_is_the_bottleneck() {
    const LINK: &str = "the bandwidth from web to users";
    let session = narrow(200);
    let found = bottleneck(&session);
    assert_eq!((&*found.name, found.resource), (LINK, "bandwidth"));
    assert!(near(found.utilisation, 0.8, 0.01), "{found:?}");
    assert!(near(utilisation(&session, "the bandwidth from users to web"), 0.02, 0.01));
    assert!(near(utilisation(&session, "web"), 200.0 * 0.001 / 4.0, 0.01));
    let full = narrow(400);
    let found = bottleneck(&full);
    assert_eq!(&*found.name, LINK);
    assert!(near(found.utilisation, 1.0, 0.001), "{found:?}");
    // What is sent stands before the wire, and nobody's threads are held for that.
    assert!(utilisation(&full, "the threads of web") < 0.01);
    let why = why(&full);
    // Of 400 answers a second it sends 250; 30 s of the rest take 18 s.
    assert!(why.contains("the link from web to users is full: what is sent now waits 18"), "{why}");
}

/// Who waits at a database holds a connection of a pool: the deeper limit is told, by the report and by
/// *why*.
#[test]
fn connections_of_a_database_behind_a_pool_that_is_full_for_them() {
    // 150 reads of 40 ms need 6 at a time, of 4.
    let session = run(&even(150), READS, "", "read = \"40ms\"\nconnections = 4\npool = 16", "");
    let found = bottleneck(&session);
    assert_eq!((found.component.as_ref(), found.resource), ("db", "connections"));
    let why = session.picture().why;
    assert!(
        why.text.contains("ll 4 connections of db are in use, 12 calls wait for one."),
        "{why:?}"
    );
    assert_eq!(why.fix.as_deref(), Some("more db.connections"));
}
