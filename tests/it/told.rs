//! Which cause is told of several that could be: who makes requests fail, and not who is beside it.

use crate::support::{acted_in, command, session_of};
use brownout::sim::time::MILLISECOND;

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
    acted_in(session_of(&text, 7), commands, second).picture().why.text
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
    let workers = set("couriers.cores = 1\napp.rate = \"1200/s\"", &["scale couriers to=2"], 20);
    let two = "The first limit is couriers: ";
    let strong = "web.cores = 16\napp.rate = \"1700/s\"";
    let idle = set(strong, &["cut dispatch->couriers-1"], 20);
    assert!(idle.contains(two) && idle.contains("Losing one of 2 puts the other at "), "{idle}");
    assert!(
        workers.contains(two) && workers.contains("Losing one of 2 puts the other at "),
        "{workers}"
    );
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

/// A cut before a cache costs nobody anything but what its database cannot do: that is told, with all its
/// causes.
#[test]
fn a_cut_under_more_traffic_is_not_told_alone() {
    let why = set("", &["traffic x3", "cut web->menus"], 16);
    assert!(
        why.contains("orders-db-1 is the bottleneck")
            && why.contains("Traffic is 3 times its rate, and menus is cut off: every read comes"),
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
    let slow = format!("slow v,w factor={factor}");
    let session = session_of(&text, 3);
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

/// An overload that has a cause is told by its cause; here nobody is overloaded.
#[test]
fn whoever_does_not_wait_long_enough_is_named() {
    let why = set("app.timeout = \"9ms\"", &[], 12);
    assert!(why.contains(" timeout: nobody answered before the caller gave up. "), "{why}");
    assert!(why.ends_with("Most of them at edge. app waits at most 9 ms for it."), "{why}");
}

/// Messages that are lost are graver than that nobody works on them, and tell that, too.
#[test]
fn a_queue_that_drops_is_told_before_its_workers_who_are_down() {
    let small = "dispatch.overflow = \"drop_oldest\"\ndispatch.limit = 50";
    let why = set(small, &["crash couriers"], 20);
    assert!(why.starts_with("dispatch is full and drops its oldest for new ones: "), "{why}");
    assert!(why.ends_with("No node of couriers is up."), "{why}");
}

/// Users who wait for their answers do not overload those who are left.
#[test]
fn what_losing_a_server_does_to_users_who_wait() {
    let users = |n: u32, arrivals: &str| {
        let of = format!("app.arrivals = \"{arrivals}\"\napp.users = {n}\napp.think = \"1s\"");
        set(&of, &[], 20)
    };
    let many = users(2_500, "closed");
    assert!(
        many.contains("Losing one of 4 puts the others at 100 %: users wait longer."),
        "{many}"
    );
    let few = users(1_000, "closed");
    assert!(few.contains(", losing two at ") && !few.contains("wait longer"), "{few}");
    let open = set("app.rate = \"2600/s\"", &[], 20);
    assert!(open.contains(" %: overload."), "{open}");
}

#[test]
fn what_a_merge_brings_back_is_missing_and_not_lost() {
    let cut = "cut orders-db-1->orders-db-2,orders-db-3 for 10s";
    let merged = "orders-db.prefer = \"availability\"";
    let risk = |settings: &str| set(settings, &[cut], 12);
    assert!(risk("").contains("If it dies now, they are lost."), "{}", risk(""));
    let then = "If it dies now, they are missing until it is back.";
    assert!(risk(merged).contains(then), "{}", risk(merged));
    let dies = |settings: &str| {
        let acts = [(8_000, cut), (9_500, "crash orders-db:primary")];
        let told = (96..160).map(|tenth| when(settings, &acts, tenth));
        told.filter(|why| why.contains("It never got the last ")).collect::<Vec<_>>()
    };
    let (lost, missing) = (dies(""), dies(merged));
    assert!(!lost.is_empty() && !missing.is_empty(), "{} {}", lost.len(), missing.len());
    assert!(lost.iter().all(|why| why.contains(": lost then.")), "{lost:?}");
    assert!(
        missing.iter().all(|w| w.contains(": missing until the logs are merged.")),
        "{missing:?}"
    );
}

/// The same as [`set_at`], at a tenth of a second.
fn when(settings: &str, commands: &[(u64, &str)], tenth: u64) -> String {
    let text = format!("title = \"t\"\ncluster = \"food-delivery\"\n[set]\n{settings}\n");
    let mut session = acted_in(session_of(&text, 7), &[], 8);
    for (at, text) in commands {
        session.advance(at * MILLISECOND).expect("it goes on");
        session.inject(&command(text)).expect("a command");
    }
    session.advance(tenth * 100 * MILLISECOND).expect("it goes on");
    session.picture().why.text
}

/// What has timed out was sent a timeout ago: a cut of just now has not done that.
#[test]
fn a_cut_is_not_blamed_for_what_was_sent_before_it() {
    let unchecked = "edge.health.every = \"1h\"";
    let (delay, cut) = ("delay edge->web-2 base=5s", "cut edge->web-2");
    let early = when(unchecked, &[(8_000, delay), (12_000, cut)], 122);
    assert!(early.contains(" of requests fail") && !early.contains(" cut: "), "{early}");
    let late = when(unchecked, &[(8_000, cut)], 110);
    assert!(late.contains(" cut: "), "{late}");
}

#[test]
fn of_two_caches_each_loses_its_own_reads() {
    let why = |second: &str| {
        let text = format!(
            r#"
            name = "caches"
            [traffic.app]
            to = "web"
            rate = "100/s"
            [request.a]
            share = "50%"
            steps = ["read one"]
            [request.b]
            share = "50%"
            steps = ["{second}"]
            [service.web]
            instances = 1
            [cache.one]
            of = "store"
            enabled = false
            {}
            [database.store]
            replicas = 0
            "#,
            if second == "read two" { "[cache.two]\nof = \"store\"" } else { "" }
        );
        acted_in(session_of(&text, 1), &[], 5).picture().why.text
    };
    let (alone, two) = (why("read one"), why("read two"));
    assert!(alone.starts_with("one is off: every read goes to store. "), "{alone}");
    assert!(two.starts_with("one is off: each of its reads goes to store. "), "{two}");
}

#[test]
fn what_was_given_out_under_another_visibility_says_nothing_of_this_one() {
    let short = "dispatch.visibility = \"20ms\"";
    assert!(set(short, &[], 10).contains("(visibility)"), "{}", set(short, &[], 10));
    let now = when(short, &[(10_000, "set dispatch.visibility=30s")], 103);
    assert!(!now.contains("(visibility)"), "{now}");
}

/// Messages that end as dead letters are not "all is well", and nor is a queue whose workers fail.
#[test]
fn work_that_fails_is_told_although_no_request_does() {
    let why = |visibility: &str, p: &str| {
        let visibility = format!("dispatch.visibility = \"{visibility}\"");
        set(&visibility, &[&format!("error couriers p={p}")], 20)
    };
    let (aside, grows) = (why("200ms", "100%"), why("2s", "50%"));
    assert!(aside.starts_with("dispatch puts 38"), "{aside}");
    assert!(
        aside.contains(" /s aside: dead letters, not acknowledged in 5 deliveries. "),
        "{aside}"
    );
    assert!(
        aside.ends_with("couriers-1, couriers-2 and 1 more fail 100 % of their work."),
        "{aside}"
    );
    assert!(
        grows.starts_with("dispatch grows: ") && grows.ends_with(" fail 50 % of their work."),
        "{grows}"
    );
    // What is behind is not well, and no visibility is too short for what failed.
    let acts = [(8_000, "error couriers p=60% for 10s")];
    let over = "dispatch.attempts = 2\ndispatch.visibility = \"2s\"";
    for tenth in (184..220).step_by(2) {
        let why = when(over, &acts, tenth);
        assert!(!why.contains("All is well") && !why.contains("(visibility)"), "{tenth}: {why}");
    }
    let behind = when("", &[(8_000, "pause couriers for 8s")], 167);
    assert!(
        behind.starts_with("dispatch is behind: ") && behind.contains("the oldest for "),
        "{behind}"
    );
    let cut = set("", &["cut dispatch->couriers"], 16);
    assert!(cut.ends_with("couriers-1, couriers-2 and 1 more are cut off from it."), "{cut}");
    let one = set("", &["error couriers-1 p=60%"], 16);
    assert!(one.contains(" is the bottleneck: "), "{one}");
    assert!(one.ends_with(" couriers-1 fails 60 % of its work."), "{one}");
    // What fails is given out again, and for no lack of time.
    let few = why("200ms", "10%");
    assert!(few.starts_with("No request fails under error couriers p=10%."), "{few}");
}

#[test]
fn what_failed_a_moment_ago_does_not_fail_now() {
    let acts = [(8_000, "crash couriers"), (8_000, "error web p=5% for 1s")];
    let why = when("", &acts, 95);
    assert!(why.ends_with(" % failed in the last second. All 3 nodes of couriers are down. Nobody works on its messages."), "{why}");
}

/// One cause of its own, and what is left without one, which is worth no word beside it.
#[test]
fn a_cause_is_told_with_its_share_where_others_fail_for_no_cause_that_is_known() {
    let why = set("app.timeout = \"12ms\"", &["error web p=40%"], 12);
    assert!(why.contains(" % of them: web-1, web-2 and 2 more answer "), "{why}");
    assert!(!why.contains(" %: "), "{why}");
}

/// A delay is felt from a twentieth of the shortest timeout on.
#[test]
fn a_delay_is_blamed_from_where_it_is_felt() {
    let why = |delay| set("app.timeout = \"9ms\"", &[delay], 12);
    let (little, much) = (why("delay app->edge base=100us"), why("delay app->edge base=500us"));
    assert!(little.contains("gave up") && !little.contains("messages from"), "{little}");
    assert!(much.contains("messages from app to edge take 0.5 ms longer"), "{much}");
}

#[test]
fn more_connections_are_no_help_where_all_cores_are_busy() {
    let fix = |connections: u32| {
        let few = format!("orders-db.connections = {connections}\nmenus.enabled = false");
        let text = format!("title = \"t\"\ncluster = \"food-delivery\"\n[set]\n{few}\n");
        acted_in(session_of(&text, 7), &[], 12).picture().why
    };
    let (idle, busy) = (fix(4), fix(8));
    assert!(idle.text.contains("all 4 connections of orders-db-1 are in use"), "{}", idle.text);
    assert_eq!(idle.fix.as_deref(), Some("more orders-db.connections"));
    assert!(busy.text.contains("Its cores are 100 % busy."), "{}", busy.text);
    assert_eq!(busy.fix, None);
}

/// Workers who fetch messages are no users: their polls do not count among the calls.
#[test]
fn the_errors_of_a_queue_are_those_of_who_publishes() {
    let why = set("", &["error dispatch p=50%"], 20);
    let (_, share) = why.split_once("dispatch answers ").unwrap_or_else(|| panic!("{why}"));
    let share: f64 = share.split(' ').next().and_then(|n| n.parse().ok()).expect("a share");
    // 4 standard deviations of 380 publications a second.
    assert!((share - 50.0).abs() < 4.0 * 2.6, "{why}");
}

#[test]
fn a_queue_that_is_full_of_what_is_in_hand_has_too_small_a_limit() {
    let why = |second| {
        let text = "title = \"t\"\ncluster = \"food-delivery\"\nlength = \"60s\"\n[set]\ndispatch.limit = 5\n";
        acted_in(session_of(text, 7), &[], second).picture().why
    };
    let told: Vec<_> = (10..16).map(why).collect();
    for why in &told {
        assert!(why.text.contains(": dispatch is full"), "{}", why.text);
        assert!(why.text.ends_with(" Its limit is 5, in hand or not."), "{}", why.text);
        assert_eq!(why.fix.as_deref(), Some("a larger dispatch.limit"));
    }
    let often = told.iter().filter(|why| why.text.contains("is full time and again: ")).count();
    assert!(often > 0, "no moment with room was looked at");
}
