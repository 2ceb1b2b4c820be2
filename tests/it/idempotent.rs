//! Idempotency keys in a running cluster, by what is in the logs.

use crate::support::{command, session_of};
use brownout::session::Session;
use brownout::sim::reading::PartReading;
use brownout::sim::time::{MILLISECOND, SECOND};

/// 50 requests a second, who do that; `hands` work off what they publish, and take longer for it than
/// a message may be in hand, so that each is given out four times within 2 s.
fn cluster(steps: &str, users: &str, hands: &str) -> Session {
    let text = format!(
        r#"
        name = "jobs"
        [traffic.users]
        to = "web"
        rate = "50/s"
        arrivals = "constant"
        {users}
        [request.job]
        share = "100%"
        keys = {{ count = "1k" }}
        steps = [{steps}]
        [service.web]
        instances = 2
        cores = "unlimited"
        [service.stock]
        instances = 2
        cores = "unlimited"
        steps = ["write store"]
        [queue.jobs]
        visibility = "500ms"
        attempts = 4
        [workers.hands]
        from = "jobs"
        instances = 2
        threads = 200
        cores = "unlimited"
        steps = ["write store", "cpu 600ms"]
        {hands}
        [database.store]
        replicas = 2
        write = "1ms"
        [failover.keeper]
        of = "store"
        watchers = 3
        "#
    );
    session_of(&text, 7)
}

/// Goes on with a command, if there is one, until a time.
fn then(session: &mut Session, what: &str, until: u64) {
    if !what.is_empty() {
        session.inject(&command(what)).unwrap_or_else(|e| panic!("{what}: {e}"));
    }
    session.advance(until * MILLISECOND).expect("the world goes on");
    session.world().audit().expect("the books add up");
}

fn part(session: &Session, node: &str) -> PartReading {
    let world = session.world();
    world.node(world.topology().node(node).expect("it is there")).part
}

/// Where the logs of the three nodes end.
fn ends(session: &Session) -> [u64; 3] {
    ["store-1", "store-2", "store-3"].map(|node| match part(session, node) {
        PartReading::Database { log_position, .. } => log_position,
        _ => panic!("no database"),
    })
}

/// Messages that were published.
fn published(session: &Session) -> u64 {
    let PartReading::Queue { published, .. } = part(session, "jobs") else { panic!("no queue") };
    published
}

const KEYS: &str = "idempotent = true";

/// A write is on its way, or a batch.
const UNDER_WAY: u64 = 3;

#[test]
fn the_log_has_one_entry_for_each_message_however_often_it_is_done() {
    let log = |hands: &str| {
        let mut session = cluster("\"publish jobs\"", "", hands);
        then(&mut session, "", 10_000);
        (published(&session), ends(&session), session.truth().doubled)
    };
    let (messages, careless, doubled) = log("");
    assert!(careless[0] > 3 * messages, "{messages} four times: {careless:?}");
    assert!(doubled > Some(2 * messages), "{doubled:?}");
    let (messages, keyed, doubled) = log(KEYS);
    for end in keyed {
        assert!((messages - UNDER_WAY..=messages).contains(&end), "{messages}: {keyed:?}");
    }
    assert_eq!(doubled, Some(0));
}

#[test]
fn the_next_primary_knows_the_keys_too() {
    let mut session = cluster("\"publish jobs\"", "", KEYS);
    // As often as it takes while nobody is primary.
    then(&mut session, "set jobs.attempts=12", 5_000);
    then(&mut session, "promote store-2", 10_000);
    let (messages, ends) = (published(&session), ends(&session));
    assert!(matches!(part(&session, "store-2"), PartReading::Database { primary: true, .. }));
    assert!((messages - UNDER_WAY..=messages).contains(&ends[1]), "{messages}: {ends:?}");
}

#[test]
fn two_writes_of_one_request_are_two() {
    let twice = |steps: &str, session: &mut Session| {
        then(session, "", 10_000);
        let [end, ..] = ends(session);
        let writes = 2 * 50 * 10;
        assert!((writes - 2 * UNDER_WAY..=writes).contains(&end), "{steps}: {end}");
        assert_eq!(session.truth().doubled, Some(0), "{steps}");
    };
    for steps in ["\"call stock\", \"call stock\"", "\"publish jobs\", \"publish jobs\""] {
        twice(steps, &mut cluster(steps, KEYS, KEYS));
    }
}

#[test]
fn a_user_who_tries_again_with_a_key_writes_once() {
    // Answers of the primary are lost for a while: writes are committed, and users hear nothing.
    let log = |users: &str| {
        let users = format!("timeout = \"300ms\"\nattempts = 4\n{users}");
        let mut session = cluster("\"write store\"", &users, "");
        then(&mut session, "", 2_000);
        then(&mut session, "cut store-1->web for 700ms", 6 * SECOND / MILLISECOND);
        ends(&session)
    };
    let (careless, keyed) = (log("")[0], log(KEYS)[0]);
    // 0.7 s of 50 a second are not answered; some of these find no connection to write with.
    assert!(careless > 300 + 35 / 2, "{careless}");
    assert!((300 - UNDER_WAY..=300).contains(&keyed), "{keyed}");
}

#[test]
fn a_write_that_a_failover_lost_and_a_user_repeats_is_no_second_one() {
    // Writes wait for replicas that are 600 ms away, and the primary dies: what it had not shipped is
    // lost, and users write it again; so they do with what a replica has and nobody has told them of.
    let mut session =
        cluster("\"write store\"", "timeout = \"2s\"\nattempts = 5\nbackoff = \"500ms\"", "");
    for command in ["set store.ack=semi", "delay store-1->store-2,store-3 base=600ms"] {
        then(&mut session, command, 0);
    }
    then(&mut session, "", 5_000);
    then(&mut session, "crash store-1", 20_000);
    let (end, doubled) = (ends(&session)[1], session.truth().doubled.expect("counted"));
    // 600 ms of 50 a second are on their way to a replica, and as many wait to be sent.
    let again = session.observers().total().attempts - 1_000;
    assert!(doubled > 10 && again > doubled + 10, "{doubled} of {again} were there already");
    assert!((end - doubled).abs_diff(1_000) <= UNDER_WAY, "{end} entries, {doubled} of them again");
}

#[test]
fn each_traffic_sends_keys_for_itself() {
    let doubled = |first: &str, second: &str| {
        let patience = "timeout = \"300ms\"\nattempts = 4";
        let others = "[traffic.others]\nto = \"web\"\nrate = \"50/s\"\narrivals = \"constant\"";
        let users = format!("{patience}\n{first}\n{others}\n{patience}\n{second}");
        let mut session = cluster("\"write store\"", &users, "");
        then(&mut session, "", 2_000);
        then(&mut session, "cut store-1->web for 700ms", 6_000);
        let (end, doubled) = (ends(&session)[0], session.truth().doubled.expect("counted"));
        assert!((end - doubled).abs_diff(600) <= 2 * UNDER_WAY, "{end}, {doubled} again");
        doubled
    };
    let (none, one, both) = (doubled("", ""), doubled(KEYS, ""), doubled(KEYS, KEYS));
    assert!(none > 35 && both == 0, "{none}, {both}");
    assert!(one.abs_diff(none / 2) < none / 8, "half of {none} come from each: {one}");
}

/// Users who hear nothing from the new side try the old one, which takes the same write later; or the
/// other way round. A merge brings what the old side wrote last.
#[test]
fn what_both_sides_of_a_split_took_is_doubled_once_it_is_merged() {
    let split = |users: &str| {
        let users = format!("timeout = \"300ms\"\nattempts = 4\n{users}");
        let mut session = cluster("\"write store\"", &users, "");
        then(&mut session, "set keeper.fencing=false store.prefer=availability", 2_000);
        then(&mut session, "cut store-1,web-1|store-2,store-3,keeper,web-2", 8_000);
        then(&mut session, "cut web-2->users", 11_000);
        let apart = session.truth().doubled.expect("counted");
        then(&mut session, "heal", 20_000);
        (ends(&session)[1], apart, session.truth().doubled.expect("counted"))
    };
    let (end, apart, doubled) = split("");
    assert!(doubled > apart, "{doubled}, {apart} before the merge");
    // There were a thousand requests, and each is once in the log if at all: some lost their row to others
    // in the merge.
    assert!(end - doubled <= 1_000, "{end} entries, {doubled} of them again");
    assert_eq!(split(KEYS).2, 0);
}
