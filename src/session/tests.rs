//! Sessions of real worlds: slices, commands, undo, totals.

mod experiment;
mod long;
mod pictures;
mod predict;
mod responses;
mod told;
mod why;

use super::*;
use crate::playbook;
use crate::sim::observation::Outcome;
use crate::sim::time::SECOND;

fn session(name: &str) -> Session {
    Session::new(&open(name), 7)
}

fn open(name: &str) -> Playbook {
    playbook::open(name).unwrap_or_else(|e| panic!("{e}")).into_playbook()
}

fn command(text: &str) -> Command {
    Command::parse(text).unwrap()
}

/// The screen and the report speak of one budget: that of the judged time.
#[test]
fn the_error_budget_is_that_of_the_judged_time() {
    use crate::observe::reliability::budget_spent;
    let mut playbook = open("food-delivery");
    playbook.warmup = 5 * SECOND;
    let mut session = Session::new(&playbook, 7);
    session.advance(SECOND).unwrap();
    let vitals = session.picture().vitals;
    assert_eq!((vitals.budget_spent, vitals.available), (None, None), "nothing is judged yet");
    assert_eq!(vitals.warms_up_until, Some(5 * SECOND), "and that is said");
    session.inject(&command("crash web for 1s")).unwrap();
    session.advance(9 * SECOND).unwrap();
    session.inject(&command("crash web-2 for 1s")).unwrap();
    session.advance(12 * SECOND).unwrap();
    let vitals = session.picture().vitals;
    assert_eq!(vitals.warms_up_until, None);
    let spent = vitals.budget_spent.unwrap();
    assert_eq!(Some(spent), budget_spent(&session.judged().total.tally));
    let available = vitals.available.unwrap();
    assert!(
        spent > 0.0 && ((1.0 - available) * 1_000.0 - spent).abs() < 1e-6,
        "{available}, {spent}"
    );
    let total = session.observers().total();
    let of_all = 1_000.0 * total.bad() as f64 / total.ended() as f64;
    assert!(of_all > 2.0 * spent, "{spent} of the judged, {of_all} of all");
}

/// A run with a fault that ends by itself and commands of a person.
fn play(slice: Ns) -> Session {
    let mut session = session("food-delivery");
    let due = [(2_000, "crash web-2 for 2s"), (3_333, "traffic x1.2"), (4_000, "undo")];
    for (at, text) in due {
        run(&mut session, at * MILLISECOND, slice);
        session.inject(&command(text)).unwrap();
    }
    run(&mut session, 6 * SECOND, slice);
    session
}

fn run(session: &mut Session, until: Ns, slice: Ns) {
    while session.now() < until {
        let next = until.min(session.now().saturating_add(slice));
        session.advance(next).unwrap();
    }
}

#[test]
fn slices_change_neither_the_run_nor_what_was_seen_of_it() {
    let whole = play(Ns::MAX);
    for slice in [7_777_777, 100 * MILLISECOND] {
        let sliced = play(slice);
        assert_eq!(sliced.digest(), whole.digest());
        assert_eq!(sliced.picture(), whole.picture());
        assert_eq!(sliced.judged(), whole.judged());
    }
}

#[test]
fn single_instants_are_slices_too() {
    let (mut stepped, mut whole) = (session("food-delivery"), session("food-delivery"));
    while stepped.now() < 300 * MILLISECOND {
        stepped.step().unwrap();
    }
    whole.advance(stepped.now()).unwrap();
    assert_eq!((stepped.digest(), stepped.picture()), (whole.digest(), whole.picture()));
}

#[test]
fn observers_leave_the_run_as_it_is() {
    let mut observed = session("food-delivery");
    let mut bare = World::new(&observed.playbook().cluster, 7);
    observed.advance(3 * SECOND).unwrap();
    bare.advance(3 * SECOND, &mut ()).unwrap();
    assert_eq!((observed.digest(), observed.events()), (bare.digest(), bare.events()));
}

#[test]
fn every_request_is_counted_once() {
    let mut session = play(Ns::MAX);
    let picture = session.picture();
    let total = session.observers().total();
    assert!(total.offered > 10_000 && total.failed() > 100);
    assert_eq!(total.offered, total.ended() + session.world().in_flight());
    let bins: u64 = picture.chart.iter().map(|b| b.offered).sum();
    let ended: u64 = picture.chart.iter().map(|b| b.ok + b.failed).sum();
    assert_eq!((bins, ended), (total.offered, total.ended()));
    session.advance(7 * SECOND).unwrap();
    let judged = session.judged();
    let classes: u64 = judged.classes.iter().map(|(_, c)| c.tally.offered).sum();
    assert_eq!(classes, judged.total.tally.offered);
}

#[test]
fn what_arrived_before_the_judged_time_is_not_judged() {
    let mut playbook = open("food-delivery");
    playbook.warmup = SECOND;
    let mut session = Session::new(&playbook, 7);
    session.advance(SECOND).unwrap();
    assert_eq!(session.judged().total.tally.offered, 0);
    let early = session.world().in_flight();
    session.advance(2 * SECOND).unwrap();
    let (judged, total) = (session.judged().total, session.observers().total());
    assert_eq!(judged.in_flight(), session.world().in_flight());
    assert!(early > 0 && judged.tally.offered < total.offered);
    let answers = judged.tally.ok() + judged.tally.of(Outcome::Late);
    let mean = judged.tally.answered_ns / answers;
    assert_eq!(judged.latency.mean, Some(mean));
}

#[test]
fn undo_ends_a_fault_or_sets_what_was_before() {
    let mut session = session("food-delivery");
    session.advance(SECOND).unwrap();
    let enabled = |s: &Session| {
        let c = s.world().topology().component("menus").unwrap();
        s.world().options(c).get("enabled")
    };
    let before = enabled(&session);
    session.inject(&command("set menus.enabled=false")).unwrap();
    session.inject(&command("crash web-1")).unwrap();
    assert_ne!(enabled(&session), before);
    assert_eq!(session.picture().undoable.as_deref(), Some("crash web-1"));
    session.inject(&command("undo")).unwrap();
    assert!(session.world().faults().iter().all(|f| f.ended.is_some()));
    session.inject(&command("undo")).unwrap();
    assert_eq!(enabled(&session), before);
    assert_eq!(session.inject(&command("undo")), Ok(Injected::Nothing));
    assert_eq!(session.picture().undoable, None);
}

#[test]
fn a_set_with_an_end_can_be_undone_before_it() {
    let mut session = session("food-delivery");
    session.inject(&command("set menus.enabled=false for 10s")).unwrap();
    session.advance(SECOND).unwrap();
    session.inject(&command("undo")).unwrap();
    let menus = session.world().topology().component("menus").unwrap();
    assert_eq!(
        session.world().options(menus).get("enabled"),
        Some(crate::sim::spec::Value::Flag(true))
    );
}

#[test]
fn a_picture_has_the_flows_of_the_cluster_before_the_first_request() {
    let picture = session("food-delivery").picture();
    let name = |i: usize| picture.components[i].name.to_string();
    let mut flows: Vec<_> =
        picture.flows.iter().map(|f| format!("{}>{}", name(f.from), name(f.to))).collect();
    flows.sort();
    assert_eq!(
        flows,
        [
            "app>edge",
            "couriers>orders-db",
            "dispatch>couriers",
            "edge>web",
            "web>dispatch",
            "web>menus",
            "web>orders-db"
        ]
    );
}
