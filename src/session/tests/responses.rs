//! How running worlds answer faults: detection and recovery.

use super::{Session, command, session};
use crate::observe::BIN;
use crate::observe::response::Response;
use crate::sim::time::{MILLISECOND, Ns, SECOND};

/// The usual cluster, to which that was done at 12 s, at 40 s.
fn after(text: &str) -> (Session, Response) {
    let mut session = session("food-delivery");
    session.advance(12 * SECOND).unwrap();
    session.inject(&command(text)).unwrap();
    session.advance(40 * SECOND).unwrap();
    let response = session.observers().responses().all()[0].clone();
    (session, response)
}

fn seconds_of(length: Option<Ns>) -> f64 {
    length.map_or(f64::NAN, crate::sim::time::seconds)
}

#[test]
fn a_dead_server_is_noticed_after_its_checks_have_failed() {
    let (session, response) = after("crash web-2 for 10s");
    let out = session.observers().log().newest(99).find(|l| l.text.contains("web-2 is out"));
    assert_eq!(response.detected, out.map(|l| l.at));
    // Three checks in a row, one each half second.
    let detect = seconds_of(response.time_to_detect());
    assert!((1.0..=1.6).contains(&detect), "{detect}");
    assert_eq!(response.ended, Some(22 * SECOND));
}

#[test]
fn a_dead_primary_is_noticed_by_its_watchers_and_got_over_after_its_failover() {
    let (session, response) = after("crash orders-db:primary for 20s");
    let failover = &session.observers().failovers().all()[0];
    assert_eq!(response.detected, failover.detected);
    assert!(response.hurt.is_some_and(|at| at < 14 * SECOND), "{response:?}");
    let back = failover.recovered.unwrap();
    // Bins tell it to half a second; in the one in which the last came back most were served already,
    // or what had piled up fell into the next.
    let near = back - BIN..=back + 2 * BIN;
    assert!(response.recovered.is_some_and(|at| near.contains(&at)), "{response:?}, {back}");
}

/// Who is frozen while it is down has not been hit; what is noticed is the crash.
#[test]
fn what_has_hit_nothing_is_not_noticed() {
    let mut session = session("food-delivery");
    session.advance(12 * SECOND).unwrap();
    session.inject(&command("crash web-1 for 5s")).unwrap();
    session.advance(13 * SECOND).unwrap();
    session.inject(&command("pause web-1 for 2s")).unwrap();
    session.advance(40 * SECOND).unwrap();
    let all = session.observers().responses().all();
    assert!(all[0].detected.is_some_and(|at| at < 14 * SECOND), "{:?}", all[0]);
    assert_eq!(all[1].detected, None);
}

#[test]
fn a_gray_server_passes_its_checks_and_is_never_noticed() {
    let (_, response) = after("error web-3 p=60% for 5s");
    assert_eq!(response.detected, None);
    assert!(response.hurt.is_some() && response.recovered.is_some(), "{response:?}");
}

#[test]
fn a_fault_that_nobody_feels_has_nothing_to_get_over() {
    let (_, response) = after("slow couriers-1 factor=1.1 for 2s");
    assert_eq!((response.hurt, response.time_to_recover()), (None, Some(0)));
}

#[test]
fn outages_are_those_of_the_judged_time() {
    let (session, _) = after("crash orders-db:primary for 20s");
    let outages = session.observers().outages();
    assert_eq!(outages.failures(), 1, "{outages:?}");
    assert!((SECOND..10 * SECOND).contains(&outages.down()), "{outages:?}");
    assert_eq!(outages.mtbf(), Some(40 * SECOND - outages.down()));
    assert!(outages.mttr().is_some_and(|t| t > 500 * MILLISECOND));
}
