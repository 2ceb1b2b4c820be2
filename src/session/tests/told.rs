//! What is told of a run as it goes: captions that end, parts that are healed, nothing twice.

use super::experiment::tiny;
use super::{Session, command, session};
use crate::observe::figures::gauge;
use crate::session::picture::{Face, Picture};
use crate::sim::time::{MILLISECOND, Ns, SECOND};

/// The log of a cluster to which that was done at 2 s.
fn log(commands: &[&str], until: Ns) -> Vec<String> {
    let mut session = session("food-delivery");
    session.advance(2 * SECOND).unwrap();
    for text in commands {
        session.inject(&command(text)).unwrap();
    }
    session.advance(until).unwrap();
    session.picture().events.into_iter().map(|line| line.text).collect()
}

#[test]
fn a_caption_stands_as_long_as_its_fault_and_until_it_is_read() {
    let steps = r#"
[[step]]
at = "3s"
do = "crash web for 5s"
say = "It is gone."
[[step]]
at = "12s"
do = "traffic x2 for 1s"
say = "Twice as many come, for a second"
"#;
    let mut session = Session::new(&tiny(steps), 7);
    let mut said = |at: Ns| {
        session.advance(at).unwrap();
        session.picture().played.unwrap().say
    };
    assert_eq!(said(2 * SECOND), None);
    // 11 characters are read in 1.1 s, but the fault goes on until 8 s.
    assert_eq!(said(3 * SECOND).as_deref(), Some("It is gone."));
    assert_eq!(said(7_900 * MILLISECOND).as_deref(), Some("It is gone."));
    assert_eq!(said(8_100 * MILLISECOND), None);
    // The fault is over after 1 s, but 32 characters are read in 3.2 s.
    assert!(said(15_100 * MILLISECOND).is_some());
    assert_eq!(said(15_300 * MILLISECOND), None);
}

#[test]
fn what_is_healed_in_part_says_what_stays() {
    let of = |texts: &[&str]| log(texts, 2_500 * MILLISECOND);
    let has = |log: &[String], line: &str| assert!(log.iter().any(|l| l == line), "{log:#?}");
    let part = of(&["cut web-2|*", "heal edge<->web-2"]);
    has(&part, "heal edge<->web-2: the rest of cut web-2|* stays");
    let node = of(&["slow web-1,web-2 factor=2", "crash web-3", "heal web-2"]);
    has(&node, "heal web-2: the rest of slow web-1,web-2 factor=2 stays");
    has(&of(&["cut edge<->web-2", "heal edge<->web-2"]), "heal edge<->web-2: 1 fault ended");
    has(&of(&["cut web-2|*", "crash web-3", "heal"]), "heal: 2 faults ended; serves in 2 s");
}

#[test]
fn healing_everything_says_what_stays_set() {
    let of = |texts: &[&str]| {
        let log = log(texts, 2_500 * MILLISECOND);
        log.into_iter().find(|line| line.starts_with("heal")).unwrap()
    };
    assert_eq!(of(&["cache off", "crash web-3", "heal"]), {
        "heal: 1 fault ended; menus.enabled=false stays set; serves in 2 s"
    });
    let several = of(&["cache off", "set web.threads=8", "set edge.policy=random", "heal"]);
    assert!(several.contains("and 1 more stay set"), "{several}");
    // What lasts for a time only is a fault, and a part of the cluster is no everything.
    assert_eq!(of(&["set web.threads=8 for 9s", "heal"]), "heal: 1 fault ended");
    assert!(!of(&["cache off", "crash web-3", "heal web-3"]).contains("stays set"));
}

#[test]
fn a_primary_gives_up_its_role_once() {
    let others = "orders-db-2,orders-db-3,keeper-2,keeper-3,web-2,web-3,web-4";
    let cut = format!("cut orders-db-1,keeper-1,web-1|{others} for 5s");
    let log = log(&[&cut], 9 * SECOND);
    let times = log.iter().filter(|l| l.starts_with("orders-db-1 gave up its role")).count();
    assert_eq!(times, 1, "{log:#?}");
}

#[test]
fn a_server_that_is_new_is_not_back() {
    let log = log(&["scale web to=5", "crash web-2 for 3s"], 10 * SECOND);
    let has = |text: &str| log.iter().any(|l| l.contains(text));
    assert!(has("edge: web-5 passes its checks, it gets requests"), "{log:#?}");
    assert!(has("edge: web-2 is back, it gets requests again"), "{log:#?}");
    assert!(!has("web-5 is back"), "{log:#?}");
}

/// How busy a component is, as its box tells it.
fn in_box(picture: &Picture, name: &str) -> f64 {
    let component = picture.components.iter().find(|c| &*c.name == name).unwrap();
    match component.face {
        Face::Service { utilisation, .. } | Face::Workers { utilisation, .. } => utilisation,
        _ => component.nodes.iter().map(|n| n.utilisation).fold(0.0, f64::max),
    }
}

#[test]
fn a_screen_has_one_figure_for_how_busy_a_component_is() {
    let mut session = session("food-delivery");
    for second in 4..10 {
        session.advance(second * SECOND).unwrap();
        let picture = session.picture();
        let text = &picture.why.text;
        let name = text.split("The first limit is ").nth(1).and_then(|t| t.split(':').next());
        let figure = gauge(in_box(&picture, name.unwrap()));
        assert!(text.contains(&format!(": {figure} busy")), "{figure}: {text}");
        let (busiest, load) = picture.vitals.busiest.clone().unwrap();
        assert!((load - in_box(&picture, &busiest)).abs() < 1e-9);
        // Its history ends with the figure.
        let newest = picture.vitals.sparks[4].last().copied().unwrap();
        assert!((newest - load).abs() < 1e-9, "{newest} {load}");
    }
}
