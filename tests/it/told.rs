//! Which cause is told of several that could be: who makes requests fail, and not who is beside it.

use crate::support::acted_in;
use brownout::playbook::parse;
use brownout::session::Session;

/// What is said of the usual cluster at a second with settings of a playbook, after commands at 8 s.
fn set(settings: &str, commands: &[&str], second: u64) -> String {
    let commands: Vec<(u64, &str)> = commands.iter().map(|c| (8_000, *c)).collect();
    set_at(settings, &commands, second)
}

/// The same after commands at those milliseconds.
fn set_at(settings: &str, commands: &[(u64, &str)], second: u64) -> String {
    let text = format!(
        "title = \"t\"\ncluster = \"food-delivery\"\nlength = \"60s\"\nwarmup = \"5s\"\n[set]\n{settings}\n"
    );
    let opened = parse("set.toml", &text, None).unwrap_or_else(|e| panic!("{e}\n{text}"));
    acted_in(Session::new(&opened.into_playbook(), 7), commands, second).picture().why.text
}

/// Retries alone keep up only what was served without them.
#[test]
fn retries_of_a_load_that_never_fitted_are_not_told_as_all_there_is() {
    let more = set("app.rate = \"4000/s\"\napp.attempts = 3", &[], 20);
    assert!(more.contains("% of requests fail: retries keep the load at "), "{more}");
    let stages = "app.attempts = 3\napp.stages = [\"hold 1x 8s\", \"hold 3x 20s\"]";
    for second in [9, 15, 25] {
        let why = set(stages, &[], second);
        assert!(!why.contains("no fault is active"), "{why}");
    }
}

#[test]
fn a_cut_on_the_way_back_is_told_as_that() {
    let why = set("", &["cut orders-db->web-1,web-2 for 10s"], 9);
    assert!(why.contains(" links back from orders-db to web are cut: "), "{why}");
    let why = set("", &["cut web-1,web-2->orders-db for 10s"], 9);
    assert!(why.contains(" links from web to orders-db are cut: "), "{why}");
}

#[test]
fn losing_one_of_those_who_carry_the_load() {
    let three = set("edge.policy = \"weighted\"\nedge.weights = [1, 1, 1, 0]", &[], 20);
    assert!(three.contains("Losing one of 3 puts the others at "), "{three}");
    assert!(set("", &[], 20).contains("Losing one of 4 puts the others at 8"));
}

#[test]
fn stale_reads_are_those_of_who_gave_them() {
    let cache = set("orders-db.reads_from = \"any\"\nmenus.invalidate = false", &[], 20);
    assert!(cache.contains("menus keeps rows for up to "), "{cache}");
    let lag = "delay orders-db-1->orders-db-3 base=700ms";
    let replica = set("orders-db.reads_from = \"any\"", &[lag], 20);
    assert!(
        replica.contains("orders-db-3 is ") && replica.contains(" behind its primary"),
        "{replica}"
    );
    // Acknowledged by who was alone, and lost.
    let cut = "cut orders-db-1,web-1,web-4,couriers,keeper-1|zone:b,zone:c for 10s";
    let lost = |second| set("keeper.fencing = false", &[cut], second);
    assert!(lost(21).contains(" acknowledged writes were lost in the last 10 s: "), "{}", lost(21));
    assert!(lost(30).contains(" lost: until they are written again"), "{}", lost(30));
}

/// What a cache keeps from a primary is what comes to the primary without it.
#[test]
fn a_primary_that_shares_its_reads_gets_a_share_of_what_a_cache_keeps_off() {
    let room = "web.cores = 8\ncouriers.cores = 4\n";
    let would_be = |from: &str| {
        let why = set(&format!("{room}orders-db.reads_from = \"{from}\""), &[], 20);
        let (_, figure) = why.split_once("Without menus it would be ").expect(&why);
        figure.split_once(' ').expect("a unit").0.parse::<f64>().expect("a figure")
    };
    let off = |from: &str| {
        let settings = format!("{room}orders-db.reads_from = \"{from}\"\nmenus.enabled = false");
        let why = set(&settings, &[], 20);
        let (_, busy) = why.rsplit_once("orders-db-1 is ").expect(&why);
        busy.split_once(' ').expect("a unit").0.parse::<f64>().expect("a figure")
    };
    assert!((would_be("any") - off("any")).abs() < 8.0, "{} {}", would_be("any"), off("any"));
}

/// Nobody waits for workers, so that they make no request fail.
#[test]
fn workers_are_not_blamed_for_requests_that_fail() {
    let slow = ["slow couriers factor=3", "delay web<->orders-db base=150ms"];
    for second in [12, 15, 20] {
        let why = set("", &slow, second);
        assert!(!why.contains("couriers is the bottleneck") || !why.contains("fail"), "{why}");
    }
    let far = set("", &[slow[0], "delay app<->edge base=990ms jitter=200ms"], 16);
    assert!(far.contains("of requests fail: messages from "), "{far}");
    let why = set("", &slow[..1], 20);
    assert!(why.starts_with("couriers is the bottleneck: "), "{why}");
}

/// What began seconds after a process was back is not for its end.
#[test]
fn a_process_that_was_killed_and_is_back_is_not_blamed_for_a_cut() {
    let commands = [(8_000, "set web.memory_base=500MB for 1ms"), (13_000, "cut edge->web-1")];
    let told = |second| set_at("web.memory = \"400MB\"", &commands, second);
    assert!(told(9).contains("was killed for its memory"), "{}", told(9));
    let cut = told(15);
    assert!(!cut.contains("was killed") && cut.contains("from edge to web is cut"), "{cut}");
}

/// Users who give up before their balancer does are sent to the same dead server.
#[test]
fn who_gives_up_early_fails_for_the_same_cause() {
    let why = set("app.timeout = \"500ms\"", &["pause web-1"], 9);
    assert!(why.contains("web-1 is frozen, but edge still counts it as healthy"), "{why}");
}

/// What is a little slower, or a little longer on its way, makes nobody fail.
#[test]
fn little_things_are_not_blamed_for_much() {
    let far = "delay app<->edge base=990ms jitter=200ms";
    let why = set("", &["slow web-1 factor=1.1", far], 13);
    assert!(why.contains("of requests fail") && !why.contains("1.1 times slower"), "{why}");
    assert!(
        why.contains("messages from app to edge") || why.contains("messages from edge to app"),
        "{why}"
    );
    let near = ["delay app<->edge base=1ms", "pause web-3"];
    let why = set("app.timeout = \"500ms\"", &near, 9);
    assert!(why.contains("web-3 is frozen") && !why.contains("1 ms longer"), "{why}");
}

/// Threads that wait at a cut are too few for three times the traffic: both are told.
#[test]
fn a_cut_under_more_traffic_is_not_told_alone() {
    let why = set("", &["traffic x3", "cut web->menus"], 16);
    assert!(
        why.contains("web to menus are cut") && why.contains("Traffic is 3 times its rate."),
        "{why}"
    );
    // Two servers left for all are full, whatever is cut behind them.
    let why = set("", &["cut zone:a|zone:b,zone:c"], 16);
    assert!(why.contains("web is the bottleneck") && !why.contains("links from web"), "{why}");
}

#[test]
fn who_was_to_take_over_and_died_takes_nothing_over() {
    let commands = [(8_000, "crash orders-db-1"), (10_500, "power_off orders-db-2")];
    let why = set_at("keeper.promote = \"3s\"", &commands, 11);
    assert!(why.contains("orders-db-2 was to take over and has no power"), "{why}");
}

#[test]
fn workers_whose_work_fails_are_given_no_longer_visibility() {
    let fails = set("dispatch.visibility = \"2s\"", &["error couriers p=100%"], 20);
    assert!(!fails.contains("(visibility)"), "{fails}");
    let gone = [(8_000, "power_off couriers-3"), (11_000, "scale couriers to=2")];
    let gone = set_at("dispatch.visibility = \"4s\"", &gone, 13);
    assert!(!gone.contains("(visibility)"), "{gone}");
}

#[test]
fn who_is_down_answers_with_no_errors_of_its_own() {
    let why = set_at("", &[(8_000, "error web p=10%"), (9_500, "crash web-2")], 10);
    assert!(why.contains("answer") && !why.contains("web-1, web-2 and"), "{why}");
}

/// Two queues, of which one drops what is oldest and the other turns away; their workers work so slowly.
fn two_queues(threads: u32, factor: u32, second: u64) -> String {
    let text = format!(
        r#"
        name = "two"
        [traffic.app]
        to = "a"
        rate = "100/s"
        [request.page]
        share = "100%"
        steps = ["cpu 1ms", "publish one", "publish two"]
        [service.a]
        instances = 1
        threads = "unlimited"
        [queue.one]
        limit = 20
        overflow = "drop_oldest"
        [queue.two]
        limit = 50
        [workers.v]
        from = "one"
        instances = 1
        threads = {threads}
        cores = 1
        steps = ["cpu 5ms"]
        [workers.w]
        from = "two"
        instances = 1
        cores = 1
        steps = ["cpu 5ms"]
        "#
    );
    let opened = parse("two.toml", &text, None).unwrap_or_else(|e| panic!("{e}"));
    let slow = format!("slow v,w factor={factor}");
    let session = Session::new(&opened.into_playbook(), 3);
    acted_in(session, &[(2_000, &slow)], second).picture().why.text
}

#[test]
fn workers_who_are_all_down_are_named_where_their_queue_is_full() {
    let why = set("dispatch.limit = 50", &["crash couriers for 8s"], 12);
    assert!(
        why.contains("dispatch is full: ") && why.contains("No node of couriers is up."),
        "{why}"
    );
}

/// Who drops turns nobody away, and what is in hand is not dropped.
#[test]
fn the_queue_that_turns_requests_away_is_the_one_that_is_told() {
    let both = two_queues(1, 4, 15);
    assert!(both.contains("two is full: ") && !both.contains("one is full"), "{both}");
    // Now all that the first may hold is in hand: it drops nothing, and turns most away.
    let in_hand = two_queues(20, 400, 6);
    assert!(in_hand.contains("one is full: ") && !in_hand.contains("drops"), "{in_hand}");
}
