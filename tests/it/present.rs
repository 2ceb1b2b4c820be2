//! What *why* says is true at the instant at which it says so: nothing that is over is told as going on,
//! no half of a cause stands for the whole, and nobody is blamed who has nothing to do with it.

use crate::support::{acted, acted_in, session_of};
use brownout::observe::now::Now;
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
            let Some((before, _)) = why.split_once(" away: ") else { return };
            told += 1;
            let name = before.split([' ', ',']).find(|w| w.starts_with("web-")).expect("a name");
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

/// Nobody fails any more, and the header still says how many did: so does this.
#[test]
fn what_failed_in_the_last_second_is_told_until_it_is_longer_ago() {
    let mut quiet = 0;
    looks(&["crash orders-db-1"], 9, |session, why| {
        let now = Now::new(session.world(), session.observers());
        let failed = now.requests(now.second()).bad() > 0;
        if failed && !now.fails_now() {
            quiet += 1;
            assert!(why.contains(" % failed in the last second. "), "{why}");
        }
        assert!(failed || !why.contains("failed in the last second"), "{why}");
    });
    assert!(quiet > 3, "{quiet}");
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

/// Who is silent ends no call before its timeout: what waits there is what was sent.
#[test]
fn what_is_sent_to_who_is_frozen_waits_there() {
    let why = told(&["pause web-1"], 900);
    let (_, sent) = why.split_once("goes on sending to it: ").expect(&why);
    let waiting: f64 =
        sent.split_once(" requests wait there").expect(&why).0.parse().expect("a count");
    assert!((300.0..600.0).contains(&waiting), "0.9 s of 500 a second: {why}");
    let refused = told(&["crash web-1"], 900);
    assert!(refused.contains("and sends it 4") || refused.contains("and sends it 5"), "{refused}");
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
    session_of(text, 3)
}

#[test]
fn a_full_queue_that_drops_says_so_and_calls_nothing_done_that_was_dropped() {
    let session = acted_in(chain(), &[(2_000, "slow w factor=4")], 10);
    let picture = session.picture();
    let why = &picture.why.text;
    assert!(why.contains("q is full and drops its oldest for new ones: "), "{why}");
    assert!(!why.contains(" leave it"), "{why}");
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
