//! Why things are as they are: who holds what, and for whom they wait at that moment.

use crate::support::{acted, acted_in, session_of};
use brownout::session::Session;
use brownout::sim::time::SECOND;

/// Pages that read, and orders that first call another service.
const TWO: &str = r#"
    name = "two"
    [traffic.app]
    to = "edge"
    rate = "400/s"
    [request.page]
    share = "70%"
    steps = ["cpu exp(2ms)", "read db"]
    [request.pay]
    share = "30%"
    steps = ["cpu exp(2ms)", "call payments", "write db"]
    [balancer.edge]
    to = "web"
    [service.web]
    instances = 2
    [service.payments]
    instances = 1
    steps = ["cpu exp(5ms)"]
    [database.db]
    replicas = 0
"#;

/// What is said of it at a second, and what would help, after commands at 2 s.
fn told(commands: &[&str], seconds: u64) -> (String, Option<String>) {
    of(session_of(TWO, 3), commands, seconds)
}

/// The same of the usual cluster.
fn usual(commands: &[&str], seconds: u64) -> (String, Option<String>) {
    of(acted(&[], 1), commands, seconds)
}

fn of(session: Session, commands: &[&str], seconds: u64) -> (String, Option<String>) {
    let commands: Vec<_> = commands.iter().map(|text| (2_000, *text)).collect();
    let why = acted_in(session, &commands, seconds).picture().why;
    (why.text, why.fix)
}

fn contains(text: &str, wanted: &[&str]) {
    for wanted in wanted {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
}

/// Who is silent answers nobody, and so is in no sum of those who answered.
#[test]
fn held_threads_name_whom_their_holders_wait_for_now() {
    let (why, _) = usual(&["pause dispatch"], 12);
    contains(&why, &["threads of web-", " of them for dispatch, which is frozen"]);
    assert!(!why.contains("orders-db"), "{why}");
    let (why, _) = told(&["pause payments"], 4);
    contains(&why, &["threads of web-", " of them for payments, which is frozen"]);
}

/// Who waits for a service whose threads are held, too, waits for whom that one waits.
#[test]
fn the_last_of_those_whose_threads_are_held_is_named() {
    let deep = TWO
        .replace("cpu exp(5ms)", "read db")
        .replace("\"call payments\", \"write db\"", "\"call payments\"");
    let deep = deep
        .replace("70%", "1%")
        .replace("30%", "99%")
        .replace("[service.web]", "[service.web]\ncall_timeout = \"5s\"");
    let session = session_of(&deep, 3);
    let (why, _) = of(session, &["set db.pool=1000", "pause db"], 4);
    contains(
        &why,
        &[
            "threads of payments are held by requests that wait, all of them for db, which is frozen",
        ],
    );
}

#[test]
fn threads_that_are_too_few_for_their_cores_are_told_as_that() {
    let (why, fix) = usual(&["set web.threads=6"], 12);
    contains(
        &why,
        &["ll 6 threads of web-", " are in use while its cores are ", " more could work at a time"],
    );
    assert_eq!(fix.as_deref(), Some("more web.threads"));
}

/// However many connections there are, they wait as well.
#[test]
fn a_pool_whose_holders_wait_for_a_silent_node_is_no_limit() {
    for (command, wanted) in [
        ("power_off db", "b has no power: the pool of web to db is full of calls that wait"),
        ("pause db", "b is frozen: the pool of web to db is full of calls that wait"),
        ("cut web|db", "oth links from web to db are cut"),
    ] {
        for seconds in [4, 12] {
            let (why, fix) = told(&[command], seconds);
            contains(&why, &[wanted]);
            assert!(!why.contains("is exhausted"), "{command}: {why}");
            assert!(fix.is_none_or(|fix| !fix.contains("pool")), "{command}: {why}");
        }
    }
}

/// A call that waits at the database, for a core or for a replica, waits there with a larger pool, too.
#[test]
fn a_pool_whose_holders_wait_at_the_database_is_no_limit() {
    for (commands, wanted) in [
        (["set orders-db.ack=sync", "cut orders-db-2->orders-db-1"], "wait for replicas"),
        (["pause menus", "set orders-db.cores=5"], "wait for a core"),
    ] {
        let (why, fix) = usual(&commands, 3);
        assert!(!why.contains("is exhausted") || why.contains(wanted), "{why}");
        assert!(fix.is_none_or(|fix| !fix.contains("pool")), "{why}");
    }
}

/// Who stands in a backlog, or asks somebody else, does not wait for an answer over a cut link.
#[test]
fn at_a_cut_wait_those_who_ask_over_it() {
    // Else that would be what there is to tell.
    let (why, _) = usual(&["set orders-db.cores=64", "cut web|menus"], 12);
    let (before, _) =
        why.split_once(" requests wait, each until").unwrap_or_else(|| panic!("{why}"));
    let waiting = before.rsplit(' ').next().expect("a figure").replace('\u{202f}', "");
    // 1 580 lookups a second, each for 0.1 s: 158, and four standard deviations.
    let waiting: u32 = waiting.parse().unwrap_or_else(|_| panic!("{why}"));
    assert!((60..=210).contains(&waiting), "{why}");
}

/// What was with a server as it went fails when its timeout is over, whoever is busy by then.
#[test]
fn who_is_gone_is_blamed_for_what_was_there_and_no_busy_neighbour() {
    let said = (2_000..5_000).step_by(100).map(|at| acted(&[(at, "power_off web-2")], 6));
    let said: Vec<String> = said.map(|session| session.picture().why.text).collect();
    let blames = ": they were at web-2, which has no power; edge sends it nothing any more.";
    assert!(said.iter().filter(|why| why.contains(blames)).count() >= 5, "{said:#?}");
    for why in said {
        assert!(!why.contains(" of requests fail (timeout). web"), "{why}");
    }
}

/// The holders of an instant are few where threads are: what is told is what holds for a second.
#[test]
fn what_is_told_of_few_threads_does_not_change_from_look_to_look() {
    let mut session = acted(&[(2_000, "set web.threads=2")], 10);
    for look in 1..=100 {
        session.advance(10 * SECOND + look * SECOND / 10).expect("the world goes on");
        let why = session.picture().why;
        contains(&why.text, &["oth threads of web-", " more could work at a time"]);
        assert_eq!(why.fix.as_deref(), Some("more web.threads"), "look {look}");
    }
}

/// Who is left out is sent nothing, unless too few are left: then all are.
#[test]
fn a_balancer_in_panic_says_that_it_sends_to_all() {
    let down = ["crash web-1", "crash web-2", "crash web-3"];
    let (why, _) = usual(&down, 12);
    assert!(!why.contains("panic"), "{why}");
    let (why, fix) = usual(&[&["set edge.panic=50%"], &down[..]].concat(), 12);
    contains(
        &why,
        &[" % of requests fail: edge is in panic and sends to all 4, also to web-1, web-2 and 1 \
             more, which it would leave out: 1 of 4 usable is less than panic (50 %)."],
    );
    assert_eq!(fix.as_deref(), Some("a smaller edge.panic leaves them out"));
    let (why, _) = usual(&[&["set edge.panic=25%"], &down[..]].concat(), 12);
    assert!(!why.contains("panic"), "1 of 4 is not less than a quarter: {why}");
    // Checks cannot come through; requests can, so that nothing fails.
    let (why, _) = usual(&["set edge.panic=50%", "set edge.health.timeout=1us"], 12);
    assert!(why.starts_with("edge is in panic and sends to all 4, "), "{why}");
}

/// Work that is done twice is not "all is well", and neither a lack of workers.
#[test]
fn messages_that_are_given_out_again_are_told_with_their_cause() {
    let (why, fix) = usual(&["set dispatch.visibility=40ms"], 20);
    contains(&why, &["dispatch gives out ", " again, not acknowledged within 40 ms (visibility)"]);
    assert_eq!(fix.as_deref(), Some("a longer dispatch.visibility"));
    let (why, _) = usual(&["set dispatch.visibility=10ms"], 20);
    contains(
        &why,
        &["couriers is the bottleneck", "ispatch gives out ", "within 10 ms (visibility)."],
    );
    let (why, _) = usual(&["power_off couriers-1"], 40);
    assert!(!why.contains("again"), "what a dead worker had is a handful: {why}");
}

/// What fails for nobody is told when nothing else is.
#[test]
fn writes_without_a_message_are_told() {
    let session = acted(&[(2_000, "crash dispatch for 2s"), (9_000, "heal")], 10);
    let lost = session.truth().unpublished;
    assert!(lost > 100, "{lost}");
    contains(&session.picture().why.text, &[" writes of the last 10 s have no message: "]);
    // Whose death it was carries on: both are told.
    let why = acted(&[(12_000, "crash web-2")], 15).picture().why.text;
    let both =
        [" of the last 10 s has no message: ", " web-2 is down and out of rotation; the other 3 "];
    contains(&why, &both);
}

#[test]
fn a_pool_that_is_held_by_a_long_way_tells_of_it() {
    let (why, _) = usual(&["delay web<->orders-db base=300ms"], 12);
    contains(&why, &["the pool of web to orders-db is exhausted", " take 300 ms longer."]);
    let (why, _) = usual(&["pause menus"], 12);
    contains(&why, &["enus is frozen: every read comes here"]);
}

#[test]
fn only_who_is_checked_passes_checks() {
    let (why, _) = usual(&["slow menus factor=200"], 6);
    contains(&why, &["enus works 200 times slower"]);
    assert!(!why.contains("health checks"), "{why}");
    let (why, _) = usual(&["slow web-1 factor=1.2"], 6);
    contains(&why, &["web-1 works 1.2 times slower, and health checks still pass."]);
}

#[test]
fn who_has_nothing_to_work_on_is_not_told_to_be_slow() {
    let (why, _) = usual(&["slow edge factor=100"], 6);
    assert!(!why.contains("slower"), "{why}");
}

#[test]
fn a_balancer_that_is_cut_off_from_all_says_so() {
    let (why, _) = usual(&["cut edge->web"], 12);
    contains(
        &why,
        &["dge knows no healthy server: it leaves out 4 of 4, and is cut off from 4 of them."],
    );
}

#[test]
fn watchers_who_have_nobody_to_promote_are_not_to_blame() {
    let (why, _) = usual(&["pause orders-db"], 8);
    contains(&why, &["no node of orders-db is up that could take over."]);
    assert!(!why.contains("no majority"), "{why}");
}

#[test]
fn what_waits_for_workers_waits_in_their_queue() {
    let session = acted(&[(2_000, "scale couriers to=1")], 20);
    let why = session.picture().why.text;
    contains(&why, &["ouriers is the bottleneck: ", " messages waiting in dispatch."]);
}

#[test]
fn one_and_two_are_told_in_words() {
    let (why, _) = told(&["set db.connections=1"], 6);
    contains(&why, &["he only connection of db is in use, "]);
    let (why, _) = told(&["cut web|db"], 6);
    contains(&why, &["oth links from web to db are cut"]);
}
