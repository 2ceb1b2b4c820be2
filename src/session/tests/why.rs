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
    let (session, why) = after(&["cut web-2|*"], 5_000);
    let start = "web-2 is cut off and out of rotation; the other 3 carry its load at ";
    assert!(why.contains(start), "{why}");
    let picture = session.picture();
    let web = picture.components.iter().find(|c| &*c.name == "web").unwrap();
    let out = web.nodes[1].ejected.unwrap();
    assert!((2 * SECOND..5 * SECOND).contains(&out), "{out}");
    assert_eq!(web.nodes[0].ejected, None);
}

#[test]
fn all_is_not_well_while_a_fault_is_active() {
    let (_, why) = after(&["traffic x0.9"], 3_000);
    assert!(why.starts_with("Nothing fails under traffic x0.9. The first limit is"), "{why}");
}

#[test]
fn a_replica_that_is_down_relieves_nobody() {
    says(
        &["crash orders-db-2"],
        3_000,
        &["replica orders-db-2 is down; the primary at ", " is unaffected, 1 replica left."],
    );
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
