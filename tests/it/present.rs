//! What *why* says is true at the instant at which it says so: nothing that is over is told as going on,
//! no half of a cause stands for the whole, and nobody is blamed who has nothing to do with it.

use crate::support::{acted, acted_in};
use brownout::observe::now::Now;
use brownout::playbook::parse;
use brownout::session::Session;
use brownout::session::picture::Face;
use brownout::sim::observation::Outcome;
use brownout::sim::reading::PartReading;
use brownout::sim::time::{MILLISECOND, SECOND};

/// What is said of the usual cluster each tenth of a second, for so many seconds after a command at 5 s.
fn looks(commands: &[&str], seconds: u64, mut look: impl FnMut(&Session, &str)) {
    let commands: Vec<_> = commands.iter().map(|text| (5_000, *text)).collect();
    let mut session = acted(&commands, 5);
    for tenth in 1..=10 * seconds {
        session.advance(5 * SECOND + tenth * 100 * MILLISECOND).expect("the world goes on");
        let why = session.picture().why.text;
        look(&session, &why);
    }
}

/// The same at 5 s and a while.
fn told(commands: &[&str], after_ms: u64) -> String {
    let commands: Vec<_> = commands.iter().map(|text| (5_000, *text)).collect();
    let mut session = acted(&commands, 5);
    session.advance(5 * SECOND + after_ms * MILLISECOND).expect("the world goes on");
    session.picture().why.text
}

#[test]
fn nobody_turns_requests_away_who_has_stopped_doing_so() {
    let mut told = 0;
    for command in ["pause orders-db-1 for 6s", "traffic x3 for 3s", "cache off for 4s"] {
        looks(&[command], 10, |session, why| {
            let Some((before, _)) = why.split_once(" turns ") else { return };
            told += 1;
            let name = before.rsplit(' ').next().expect("a name");
            let node = session.world().topology().node(name).expect("a node");
            let now = Now::new(session.world(), session.observers());
            let lately = now.calls(node, now.span(300 * MILLISECOND));
            assert!(lately.blamed[Outcome::Overloaded.index()] > 0, "{command}: {why}");
        });
    }
    assert!(told > 3, "{told}");
}

#[test]
fn a_queue_grows_that_gets_longer() {
    let waiting = |session: &Session| {
        let node = session.world().topology().node("dispatch").expect("a queue");
        match session.world().node(node).part {
            PartReading::Queue { waiting, in_hand, .. } => waiting + in_hand,
            _ => 0,
        }
    };
    let (mut before, mut told) = (vec![0], 0);
    looks(&["pause orders-db-1 for 6s"], 12, |session, why| {
        before.push(waiting(session));
        if why.contains("dispatch grows") {
            told += 1;
            let second = before.len().saturating_sub(6);
            assert!(before.last() > before.get(second), "{why} {before:?}");
        }
    });
    looks(&["scale couriers to=1"], 12, |_, why| told += u32::from(why.contains("dispatch grows")));
    assert!(told > 0, "nothing was seen to grow");
}

#[test]
fn a_balancer_without_servers_has_none() {
    for command in ["crash web for 3s", "pause web for 4s"] {
        let mut without = 0;
        looks(&[command], 8, |_, why| {
            without += u32::from(why.contains("knows no healthy server"));
            assert!(!why.contains("leaves out 0 of"), "{why}");
        });
        assert!(without > 1, "{command}: {without}");
    }
}

#[test]
fn all_that_are_down_and_still_get_requests_are_named() {
    let why = told(&["crash web-1", "crash web-2"], 600);
    assert!(
        why.contains(
            "web-1 and web-2 are down, but edge still counts them as healthy and sends them "
        ),
        "{why}"
    );
    assert!(why.contains(" of 3 health checks of each have failed"), "{why}");
}

/// Who is up and is sent nothing has room that is of no use to anybody.
#[test]
fn who_is_sent_nothing_is_no_server_with_room() {
    let why = told(&["crash web-2", "cut web-3|*"], 12_000);
    assert!(!why.contains("web-1 is the") && !why.contains("web-4 is the"), "{why}");
    assert!(why.contains("web is the bottleneck: "), "{why}");
}

#[test]
fn all_that_answer_with_errors_are_named() {
    let why = told(&["error web p=10%"], 5_000);
    let wanted = "web-1, web-2 and 2 more answer ";
    assert!(
        why.contains(wanted) && why.contains(" of their calls with errors of their own"),
        "{why}"
    );
    assert!(why.contains("and pass the checks of edge, which goes on sending to them"), "{why}");
}

#[test]
fn who_is_ejected_gets_no_requests() {
    let (mut seen, mut left_out) = (0, 0);
    looks(&["set edge.eject.after=3", "crash web-3"], 2, |session, why| {
        let edge = session.world().topology().node("edge").expect("a balancer");
        let web = session.world().topology().node("web-3").expect("a server");
        let PartReading::Balancer { backends, .. } = session.world().node(edge).part else {
            return;
        };
        let out = backends.iter().any(|b| b.node == web && b.ejected.is_some());
        (seen, left_out) = (seen + 1, left_out + u32::from(out));
        assert!(!out || !why.contains("still counts"), "{why}");
    });
    assert!(left_out > seen / 2, "{left_out} of {seen}");
}

#[test]
fn too_few_watchers_are_too_few_to_elect() {
    let why = told(&["crash keeper-1", "crash keeper-2"], 8_000);
    assert!(
        why.contains(
            "1 of 3 watchers is up, a majority is 2: nobody can elect another or grant a lease."
        ),
        "{why}"
    );
    // They are all up, and have nobody to promote.
    looks(&["crash orders-db for 5s"], 10, |_, why| {
        assert!(!why.contains("no majority of watchers"), "{why}");
    });
}

#[test]
fn who_has_no_lease_is_not_the_primary_that_callers_look_for() {
    looks(&["lose orders-db<->keeper p=60%"], 20, |session, why| {
        let now = Now::new(session.world(), session.observers());
        let database = session.world().topology().component("orders-db").expect("a database");
        let nobody = now.observers.roles().holders(database).is_empty();
        let Some((_, since)) = why.split_once(" is primary since ") else { return };
        // For a second it may still be on its way to its first lease.
        let short = since.starts_with("0.") || since.contains(" ms;") || since.starts_with("1 s;");
        assert!(!nobody || short, "{why}");
    });
}

#[test]
fn a_frozen_primary_is_frozen() {
    let mut frozen = 0;
    looks(&["pause orders-db-1"], 4, |_, why| {
        frozen += u32::from(why.contains("orders-db-1 is frozen"));
        assert!(!why.contains("orders-db-1 down") && !why.contains("orders-db-1 is down"), "{why}");
    });
    assert!(frozen > 3, "{frozen}");
}

#[test]
fn a_link_without_requests_makes_no_tail() {
    let why = told(&["delay edge->web-2 base=900ms"], 8_000);
    assert!(!why.contains("900 ms longer"), "{why}");
    let why = told(&["delay web->menus base=20ms"], 8_000);
    assert!(why.contains(" take 20 ms longer"), "{why}");
}

#[test]
fn what_a_worker_had_that_went_is_not_given_again_for_its_visibility() {
    looks(&["crash couriers for 3s"], 9, |_, why| {
        assert!(!why.contains("(visibility)"), "{why}");
    });
}

/// Who works slower than `visibility` is told, also if a worker died long ago.
#[test]
fn a_worker_that_died_long_ago_hides_no_visibility_that_is_too_short() {
    let commands = [(2_000, "crash couriers-1"), (3_000, "set dispatch.visibility=40ms")];
    let why = acted(&commands, 25).picture().why.text;
    assert!(why.contains("within 40 ms (visibility)"), "{why}");
}

#[test]
fn hosts_without_power_are_told_as_that() {
    let told = |commands| acted(commands, 6).picture().why.text;
    let off = told(&[(5_000, "power_off web-1,web-2")]);
    assert!(off.contains("web-1 and web-2 are without power"), "{off}");
    let both = told(&[(5_000, "power_off web-1"), (5_000, "pause web-2")]);
    assert!(both.contains("web-1 and web-2 are without power or frozen"), "{both}");
}

/// Who is ejected is sent nothing, so that the others are full; in panic it is sent to all the same.
#[test]
fn who_is_ejected_is_out_of_rotation() {
    let commands = [
        (3_000, "set edge.eject.after=3"),
        (3_000, "set edge.eject.for=60s"),
        (5_000, "slow web-1 factor=50 for 5s"),
        (15_000, "traffic x1.13"),
    ];
    let quiet =
        acted(&[&commands[..3], &[(10_000, "traffic x0.7")]].concat(), 14).picture().why.text;
    assert!(quiet.contains("web-1 is up, but edge leaves it out for another "), "{quiet}");
    for at in [18, 20, 22] {
        let why = acted(&commands, at).picture().why.text;
        assert!(why.contains("web-1 is out of rotation, 3 carry its load"), "{at}: {why}");
    }
}

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
    assert!(more.contains("attempts: retries keep the load at "), "{more}");
    let stages = "app.attempts = 3\napp.stages = [\"hold 1x 8s\", \"hold 3x 20s\"]";
    for second in [9, 15, 25] {
        let why = set(stages, &[], second);
        assert!(!why.contains("no fault is active") && !why.contains("configured"), "{why}");
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

/// A chain, and a queue that holds fifty and drops the oldest.
fn chain() -> Session {
    let text = r#"
        name = "chain"
        [traffic.app]
        to = "a"
        rate = "100/s"
        [request.page]
        share = "100%"
        steps = ["cpu 1ms", "call b", "publish q"]
        [service.a]
        instances = 1
        threads = "unlimited"
        [service.b]
        instances = 1
        threads = 500
        steps = ["call c"]
        [service.c]
        instances = 2
        steps = ["cpu 1ms"]
        [queue.q]
        limit = 50
        overflow = "drop_oldest"
        [workers.w]
        from = "q"
        instances = 1
        cores = 1
        steps = ["cpu 5ms"]
    "#;
    let opened = parse("chain.toml", text, None).unwrap_or_else(|e| panic!("{e}"));
    Session::new(&opened.into_playbook(), 3)
}

#[test]
fn a_full_queue_that_drops_says_so_and_calls_nothing_done_that_was_dropped() {
    let session = acted_in(chain(), &[(2_000, "slow w factor=4")], 10);
    let picture = session.picture();
    let why = &picture.why.text;
    assert!(why.contains("q is full and drops its oldest for new ones: "), "{why}");
    assert!(!why.contains("are done"), "{why}");
    let told = picture.events.iter().filter(|e| e.text.contains("drops its oldest"));
    assert_eq!(told.count(), 1, "once, while it goes on");
    let lost = picture.components.iter().find_map(|c| match c.face {
        Face::Queue { lost, .. } => Some(lost),
        _ => None,
    });
    assert!(lost > Some(100), "{lost:?}");
}

#[test]
fn callers_behind_a_cut_are_told_that_and_not_that_they_look_for_a_primary() {
    for at in [9, 15, 25] {
        let why = acted(&[(5_000, "cut zone:a|zone:b,zone:c")], at).picture().why.text;
        let cut = " are cut off from orders-db-2, the primary of orders-db.";
        assert!(why.contains("web-1, web-4 and ") && why.contains(cut), "{why}");
        assert!(!why.contains("finding") && !why.contains("no primary is known"), "{why}");
    }
}

#[test]
fn a_silent_node_at_the_end_of_a_chain_is_named() {
    let why = acted_in(chain(), &[(2_000, "power_off c-2")], 8).picture().why.text;
    assert!(why.contains("Most of them at b, which waits for c-2, which has no power."), "{why}");
}
