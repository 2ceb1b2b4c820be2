//! What is said of running worlds to which something was done.

use super::{Session, command, session};
use crate::sim::time::{MILLISECOND, SECOND};

/// What is said of the usual cluster some time after commands at 2 s.
fn after(commands: &[&str], milliseconds: u64) -> (Session, String) {
    let mut session = session("food-delivery");
    session.advance(2 * SECOND).unwrap();
    for text in commands {
        session.inject(&command(text)).unwrap();
    }
    session.advance(2 * SECOND + milliseconds * MILLISECOND).unwrap();
    let why = session.picture().why.text;
    (session, why)
}

fn says(commands: &[&str], milliseconds: u64, wanted: &[&str]) {
    let (_, why) = after(commands, milliseconds);
    for wanted in wanted {
        assert!(why.contains(wanted), "{commands:?} after {milliseconds} ms: {why}");
    }
}

#[test]
fn a_node_out_of_rotation_is_named_and_the_others_carry_its_load() {
    let (session, why) = after(&["traffic x0.8", "cut web-2|*"], 5_000);
    let start = "web-2 is cut off and out of rotation; the other 3 carry its load at ";
    assert!(why.contains(start), "{why}");
    let (_, why) = after(&["traffic x1.3", "cut web-2|*"], 5_000);
    let cause = "web-2 is out of rotation, 3 carry its load, and traffic is 1.3 times its rate";
    assert!(why.contains("is the bottleneck") && why.contains(cause), "{why}");
    let picture = session.picture();
    let web = picture.components.iter().find(|c| &*c.name == "web").unwrap();
    let out = web.nodes[1].ejected.unwrap();
    assert!((2 * SECOND..5 * SECOND).contains(&out), "{out}");
    assert_eq!(web.nodes[0].ejected, None);
}

#[test]
fn of_a_node_that_is_cut_off_and_down_its_own_state_is_told() {
    says(
        &["traffic x0.8", "cut web-2|*", "crash web-2"],
        5_000,
        &["web-2 is down and out of rotation; the other 3 carry its load at "],
    );
}

#[test]
fn all_is_not_well_while_a_fault_is_active() {
    let (_, why) = after(&["traffic x0.9"], 3_000);
    assert!(why.starts_with("No request fails under traffic x0.9. The first limit is"), "{why}");
}

#[test]
fn a_replica_that_is_down_relieves_nobody() {
    says(
        &["crash orders-db-2"],
        3_000,
        &["Replica orders-db-2 is down; the primary at ", " is unaffected, 1 replica left."],
    );
}

/// From the first failure to the last caller it is said who is dead and, once it is known, who follows.
#[test]
fn a_failover_names_who_is_dead_and_who_follows() {
    for ms in (100..2_000).step_by(100) {
        let (session, why) = after(&["crash orders-db:primary"], ms);
        assert!(why.contains("orders-db-1"), "after {ms} ms: {why}");
        let picture = session.picture();
        let newest = picture.failovers.first();
        if let Some(to) = newest.filter(|f| f.promoted.is_some()).and_then(|f| f.to.as_ref()) {
            assert!(why.contains(&**to), "after {ms} ms: {why}");
        }
    }
}

/// What failed in the last second is told as past as soon as nobody waits for the new primary any more.
#[test]
fn a_failover_that_is_over_is_told_as_that() {
    let mut told = 0;
    for ms in (1_600..2_600).step_by(50) {
        let (session, why) = after(&["crash orders-db:primary"], ms);
        let all = session.observers().failovers().all();
        let over = all.first().is_some_and(|f| f.recovered.is_some() && f.waiting.is_empty());
        let past = why.contains(" of requests failed in the last second: they needed a primary. ");
        let ended = why.contains(" ago, and all callers have found it.");
        assert_eq!(past, ended, "after {ms} ms: {why}");
        assert!(!over || !why.contains("requests fail: they need a primary"), "{ms} ms: {why}");
        assert!(over || !past, "after {ms} ms: {why}");
        told += u32::from(past);
    }
    assert!(told > 2, "{told}");
}

#[test]
fn without_watchers_nobody_is_elected() {
    says(
        &["crash keeper", "crash orders-db:primary"],
        3_000,
        &["o watcher is up: nobody can elect another."],
    );
}

#[test]
fn requests_that_wait_behind_a_cut_are_counted() {
    says(
        &["cut edge|web"],
        300,
        &["All 4 links from edge to web are cut: ", " requests wait; they time out in "],
    );
    says(&["cut web|orders-db"], 3_000, &["links from web to orders-db are cut"]);
}

#[test]
fn links_that_do_not_exist_are_not_offered() {
    let session = session("food-delivery");
    let offers = |text: &str, wanted: &str| session.complete(text).iter().any(|c| c.text == wanted);
    assert!(offers("cut ", "cut web->orders-db"));
    assert!(!offers("cut ", "cut app->orders-db"));
    assert!(offers("cut web-4|", "cut web-4|*"));
    assert!(offers("cut web-4|", "cut web-4|edge"));
    assert!(!offers("cut web-4|", "cut web-4|app"));
}

#[test]
fn a_pool_that_is_exhausted_names_the_database_and_who_waits() {
    says(
        &["set orders-db.pool=1"],
        3_000,
        &["he pool of web to orders-db is exhausted: 1 of 1 connections"],
    );
}

#[test]
fn a_gray_server_is_named_and_its_checks() {
    says(
        &["error web-3 p=30%"],
        3_000,
        &["web-3 answers ", " of its calls with errors of its own and passes the checks of edge"],
    );
}

#[test]
fn fewest_connections_has_who_fails_at_once() {
    let commands = ["set edge.policy=least_connections", "error web-2 p=100%"];
    says(
        &commands,
        3_000,
        &["least_connections sends ", " of the requests to web-2: it fails them"],
    );
}

#[test]
fn a_link_with_delay_is_a_tail() {
    let why = "Messages from edge to web-1 and on 1 other link take 50 ms longer: p99 is ";
    says(&["delay edge<->web-1 base=50ms"], 3_000, &[why]);
    says(&["lose edge->web-1 p=10%"], 3_000, &["10 % of the messages from edge to web-1 are lost"]);
}

#[test]
fn a_queue_that_is_full_tells_what_comes_and_what_is_done() {
    let commands = ["set dispatch.limit=100", "slow couriers factor=6"];
    says(&commands, 6_000, &["dispatch is full: ", " come in, ", " leave it; "]);
}

#[test]
fn two_causes_are_named_with_their_shares() {
    let commands = ["error web-3 p=60%", "crash orders-db:primary"];
    let (_, why) = after(&commands, 1_000);
    for wanted in [" of requests fail. ", " of them: ", "web-3 answers ", "orders-db"] {
        assert!(why.contains(wanted), "{why}");
    }
}

#[test]
fn two_causes_of_one_bottleneck_are_both_told() {
    says(
        &["traffic x2", "cache off"],
        3_000,
        &["raffic is 2 times its rate, and menus is off: every read "],
    );
    says(
        &["slow orders-db factor=3", "cache off"],
        3_000,
        &["orders-db-1", " 3 times slower, and menus is off: every read comes here."],
    );
}

#[test]
fn nothing_is_well_while_something_fails() {
    for text in [
        "error web-3 p=1%",
        "crash web-2",
        "pause orders-db-1",
        "power_off web-1",
        "slow web factor=2",
    ] {
        let mut session = session("food-delivery");
        session.advance(2 * SECOND).unwrap();
        session.inject(&command(text)).unwrap();
        for tenth in 1..80 {
            session.advance(2 * SECOND + tenth * 100 * MILLISECOND).unwrap();
            let why = session.picture().why.text;
            assert!(!why.contains("All is well"), "{text} after {tenth} tenths: {why}");
        }
    }
}

#[test]
fn a_process_that_is_killed_for_its_memory_is_named_and_how_often() {
    let commands = ["set web.memory=200MB web.memory_per_request=10MB", "slow web-1 factor=3"];
    says(&commands, 1_000, &[" was killed for its memory ", "its limit of 200 MB."]);
}

#[test]
fn a_process_that_nears_its_memory_is_named_before_it_is_killed() {
    let wanted =
        "web-1 takes 95 % of its memory, 190 MB of 200 MB: with more it is killed. 3 other";
    says(
        &["set web.memory=200MB web.memory_base=190MB web.memory_per_request=0MB"],
        3_000,
        &[wanted],
    );
    let (_, why) = after(&["set web.memory=200MB web.memory_base=100MB"], 3_000);
    assert!(!why.contains("memory"), "{why}");
}

/// The primary with a watcher and a server, apart from the rest.
const PARTED: &str =
    "cut orders-db-1,keeper-1,web-1|orders-db-2,orders-db-3,keeper-2,keeper-3,web-2,web-3,web-4";

#[test]
fn two_primaries_are_told_with_what_each_has_taken_alone() {
    let (session, why) = after(&["set keeper.fencing=false", PARTED], 8_000);
    let truth = session.truth();
    for wanted in ["orders-db-1 and orders-db-", " both act as primary of orders-db, for "] {
        assert!(why.contains(wanted), "{why}");
    }
    // Of the older one, those that the official history lacks are lost by now.
    let narrow = crate::observe::figures::count(truth.lost);
    assert!(truth.lost > 0 && why.contains(&format!("{narrow} at orders-db-1")), "{why}");
    assert!(why.contains("Healing will throw away those of the older one."), "{why}");
}

#[test]
fn writes_that_a_merge_overwrote_are_counted() {
    let commands =
        ["set keeper.fencing=false orders-db.prefer=availability", &format!("{PARTED} for 6s")];
    let (session, why) = after(&commands, 9_000);
    let conflicts = session.truth().conflicts.unwrap();
    assert!(conflicts > 0, "{why}");
    let wanted = " overwritten when the logs of two primaries were merged";
    assert!(why.contains(wanted), "{conflicts}: {why}");
}

#[test]
fn threads_that_wait_for_others_are_told_from_threads_that_work() {
    let commands = ["set web.threads=8", "delay web->orders-db base=200ms"];
    says(&commands, 3_000, &["ll 8 threads of web-", " are held by requests that wait"]);
}

#[test]
fn a_full_backlog_is_told_where_threads_are_busy_and_nobody_waits_for_cores() {
    let wanted = "the 4 threads of each are busy and the backlog of 0 is full";
    says(&["set web.threads=4 web.backlog=0"], 2_000, &[" and 2 more turn ", wanted]);
}

#[test]
fn retries_that_outlive_their_cause_are_told() {
    let commands = ["set app.timeout=150ms app.attempts=5 app.backoff=10ms", "traffic x3 for 2s"];
    says(&commands, 6_000, &["no fault is active any more, the retries alone keep the load at "]);
}

#[test]
fn a_balancer_that_believes_in_nobody_says_how_many_are_up() {
    let wanted = "edge knows no healthy server: it leaves out 4 of 4, and 4 of them are up.";
    says(&["delay edge<->web base=300ms"], 5_000, &[wanted]);
}

#[test]
fn a_primary_without_enough_replicas_says_what_it_needs() {
    let commands = ["set orders-db.ack=semi", "crash orders-db-2,orders-db-3"];
    let wanted = "orders-db-1 refuses writes: with ack semi it needs replicas in sync";
    says(&commands, 4_000, &[wanted, "0 are up."]);
}

#[test]
fn stale_reads_name_who_is_behind() {
    let commands = ["set orders-db.reads_from=replica orders-db.apply=20ms"];
    says(&commands, 6_000, &[" of reads are stale: ", " behind its primary."]);
}

#[test]
fn stale_reads_of_a_cache_name_it_and_how_long_they_stay() {
    let mut session = session("food-delivery");
    session.advance(4 * SECOND).unwrap();
    session.inject(&command("cut web|menus")).unwrap();
    session.advance(8 * SECOND).unwrap();
    session.inject(&command("heal")).unwrap();
    session.advance(11 * SECOND).unwrap();
    let picture = session.picture();
    assert!(picture.truth.stale_per_s > 0.0 && picture.faults.is_empty());
    let why = picture.why.text;
    for wanted in [" of reads are stale: ", "menus has rows that were written since: ", " (ttl)."] {
        assert!(why.contains(wanted), "{why}");
    }
}
