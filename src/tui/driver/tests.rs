//! The thread as its owner meets it.

use super::{Driver, Loop, NAP, Writers, start};
use crate::session::Session;
use crate::tui::app::export::{Form, Save, Unwritten};
use crate::tui::feed::{Order, Pace, Snapshot};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};
use tokio::sync::watch;

fn session() -> Session {
    let playbook = crate::playbook::open("food-delivery").unwrap().into_playbook();
    Session::new(&playbook, 7)
}

/// The first snapshot of which that is true; panics after 20 s, for a driver that hangs.
fn wait(driver: &mut Driver, until: impl Fn(&Snapshot) -> bool) -> Snapshot {
    let begun = Instant::now();
    loop {
        let latest = driver.snapshots.borrow_and_update().clone();
        if until(&latest) {
            return latest;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "the driver does not answer");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn inject(driver: &Driver, serial: u64, text: &str) {
    driver.orders.send(Order::Inject { serial, text: text.into() }).unwrap();
}

fn answered(snapshot: &Snapshot, serial: u64) -> bool {
    snapshot.reply.as_ref().is_some_and(|r| r.serial == serial)
}

#[test]
fn commands_act_at_whole_milliseconds_and_are_answered() {
    let pace = Pace { paused: true, ..Pace::default() };
    let mut driver = start(session(), pace, Writers::default()).unwrap();
    driver.orders.send(Order::StepEvent).unwrap();
    inject(&driver, 1, "crash web-2");
    let after = wait(&mut driver, |s| answered(s, 1));
    assert_eq!(after.reply.unwrap().refused, None);
    assert_eq!(after.picture.now % 1_000_000, 0);
    assert_eq!(after.picture.faults.len(), 1);
    assert!(after.pace.paused);
    let Driver { orders, thread, .. } = driver;
    drop(orders);
    thread.join().unwrap();
}

#[test]
fn a_refused_command_says_why_and_does_nothing() {
    let mut driver =
        start(session(), Pace { paused: true, ..Pace::default() }, Writers::default()).unwrap();
    inject(&driver, 1, "crash wbe-2");
    let refused = wait(&mut driver, |s| answered(s, 1)).reply.unwrap().refused.unwrap();
    assert!(refused.contains("web-2"), "{refused}");
    inject(&driver, 2, "crash web-9");
    let after = wait(&mut driver, |s| answered(s, 2));
    let refused = after.reply.unwrap().refused.unwrap();
    assert_eq!(refused, "expected a node that is there (web has 4), found `web-9`");
    assert!(after.picture.faults.is_empty());
}

#[test]
fn a_pace_that_changes_makes_the_same_run() {
    let mut driver =
        start(session(), Pace { speed: 100.0, ..Pace::default() }, Writers::default()).unwrap();
    wait(&mut driver, |s| s.picture.now > 300_000_000);
    driver.orders.send(Order::Speed(20.0)).unwrap();
    wait(&mut driver, |s| s.picture.now > 600_000_000);
    driver.orders.send(Order::Pause(true)).unwrap();
    let stood = wait(&mut driver, |s| s.pace.paused).picture;
    driver.orders.send(Order::Step(10_000_000)).unwrap();
    let stepped = wait(&mut driver, |s| s.picture.now > stood.now).picture;
    assert_eq!(stepped.now, stood.now + 10_000_000);

    let mut alone = session();
    alone.advance(stepped.now).unwrap();
    assert_eq!(*stepped, alone.picture());
}

#[test]
fn suggestions_come_with_the_text_that_they_are_for() {
    let mut driver =
        start(session(), Pace { paused: true, ..Pace::default() }, Writers::default()).unwrap();
    driver.orders.send(Order::Complete("cras w".into())).unwrap();
    let told = wait(&mut driver, |s| s.completion.text == "cras w").completion;
    assert!(told.suggestions.iter().any(|s| s.text == "crash web-2"));
}

#[test]
fn leaving_never_waits_for_a_step() {
    let mut driver =
        start(session(), Pace { paused: true, ..Pace::default() }, Writers::default()).unwrap();
    driver.orders.send(Order::Step(100_000_000_000_000)).unwrap();
    inject(&driver, 1, "crash web-2");
    wait(&mut driver, |s| s.picture.now > 100_000_000);
    let Driver { orders, thread, .. } = driver;
    let begun = Instant::now();
    drop(orders);
    let left = thread.join().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(left.now() < 100_000_000_000_000, "the step was given up");
    assert!(left.log().is_empty(), "what waited for it was not done");
}

/// What the driver says to an order to write there.
fn save(driver: &mut Driver, serial: u64, path: &std::path::Path) -> Option<String> {
    let save = Save { path: path.to_path_buf(), form: Form::Toml, replace: false };
    driver.orders.send(Order::Save { serial, save }).unwrap();
    wait(driver, |s| answered(s, serial)).reply.unwrap().refused
}

#[test]
fn a_session_is_saved_as_a_playbook_that_plays_again() {
    let folder = tempfile::tempdir().unwrap();
    let (opened, source) = crate::playbook::open_with_source("food-delivery").unwrap();
    let session = Session::new(&opened.into_playbook(), 7);
    let writers = Writers { source: Some(source), ..Writers::default() };
    let mut driver = start(session, Pace { paused: true, ..Pace::default() }, writers).unwrap();
    driver.orders.send(Order::Step(20_000_000)).unwrap();
    inject(&driver, 1, "crash web-2");
    driver.orders.send(Order::Step(30_000_000)).unwrap();
    driver.orders.send(Order::StepEvent).unwrap();
    let path = folder.path().join("x.toml");
    assert_eq!(save(&mut driver, 2, &path), None);
    let there = save(&mut driver, 3, &path);
    assert_eq!(there.map(Unwritten::of), Some(Unwritten::Exists));
    let nowhere = save(&mut driver, 4, &folder.path().join("no").join("x.toml")).unwrap();
    assert!(nowhere.starts_with("not written: "), "{nowhere}");
    let again = crate::playbook::open(path.to_str().unwrap()).unwrap().into_playbook();
    let Driver { orders, thread, .. } = driver;
    drop(orders);
    let left = thread.join().unwrap();
    assert_eq!(left.now(), again.length, "up to the next whole millisecond");
    let mut replayed = Session::new(&again, again.seed);
    replayed.advance(again.length).unwrap();
    assert_eq!((replayed.digest(), replayed.log().len()), (left.digest(), 1));
}

#[test]
fn the_next_step_is_done_at_a_whole_millisecond() {
    let mut playbook = crate::playbook::open("server-crash").unwrap().into_playbook();
    (playbook.warmup, playbook.checks) = (0, Vec::new());
    let session = Session::new(&playbook, 7);
    let pace = Pace { paused: true, ..Pace::default() };
    let mut driver = start(session, pace, Writers::default()).unwrap();
    driver.orders.send(Order::StepEvent).unwrap();
    driver.orders.send(Order::NextStep).unwrap();
    let picture = wait(&mut driver, |s| s.orders == 2).picture;
    let played = picture.played.as_ref().unwrap();
    assert_eq!((played.steps[0].done, picture.now % 1_000_000), (Some(picture.now), 0));
    assert!(picture.faults.len() == 1 && picture.now < 10_000_000, "{}", picture.now);
}

#[test]
fn a_step_in_the_warm_up_comes_when_it_is_judged_and_says_so() {
    let playbook = crate::playbook::open("server-crash").unwrap().into_playbook();
    let pace = Pace { paused: true, ..Pace::default() };
    let mut driver = start(Session::new(&playbook, 7), pace, Writers::default()).unwrap();
    driver.orders.send(Order::NextStep).unwrap();
    let done = wait(&mut driver, |s| s.orders == 1);
    assert!(done.picture.now > playbook.warmup, "{}", done.picture.now);
    let told = done.told.map(|(_, text)| text).unwrap();
    let at = super::clock_short(done.picture.now);
    assert_eq!(told, format!("runs ahead to {at}: what comes before is not judged"));
}

#[test]
fn a_prediction_is_kept_until_its_step() {
    let playbook = crate::playbook::open("server-crash").unwrap().into_playbook();
    let pace = Pace { paused: true, ..Pace::default() };
    let mut driver = start(Session::new(&playbook, 7), pace, Writers::default()).unwrap();
    driver.orders.send(Order::Predict { question: 0, choice: 1 }).unwrap();
    let kept = wait(&mut driver, |s| s.orders == 1);
    let question = &kept.picture.played.as_ref().unwrap().questions[0];
    assert_eq!((question.prediction(), kept.told), (Some("under 1 000"), None));
    driver.orders.send(Order::NextStep).unwrap();
    driver.orders.send(Order::Predict { question: 0, choice: 2 }).unwrap();
    let late = wait(&mut driver, |s| s.orders == 3);
    assert_eq!(late.told.map(|(_, text)| text).as_deref(), Some("too late, it has happened"));
    let question = &late.picture.played.as_ref().unwrap().questions[0];
    assert_eq!(question.prediction(), Some("under 1 000"));
}

#[test]
fn at_the_end_of_a_playbook_the_world_stands_still_until_it_is_told_to_go_on() {
    let mut playbook = crate::playbook::open("server-crash").unwrap().into_playbook();
    playbook.length = 200_000_000;
    let pace = Pace { speed: 100.0, ..Pace::default() };
    let mut driver = start(Session::new(&playbook, 7), pace, Writers::default()).unwrap();
    let ended = |s: &Snapshot| s.picture.played.as_ref().is_some_and(|p| p.ended.is_some());
    let end = wait(&mut driver, ended);
    assert_eq!((end.picture.now, end.pace.paused), (playbook.length, true));
    driver.orders.send(Order::Pause(false)).unwrap();
    wait(&mut driver, |s| s.picture.now > playbook.length);
}

#[test]
fn a_step_and_what_is_healed_are_told() {
    let pace = Pace { paused: true, ..Pace::default() };
    let mut driver = start(session(), pace, Writers::default()).unwrap();
    driver.orders.send(Order::StepEvent).unwrap();
    let (order, text) = wait(&mut driver, |s| s.told.is_some()).told.unwrap();
    assert!(!text.is_empty());
    inject(&driver, 1, "cut web-2|*");
    inject(&driver, 2, "heal edge<->web-2");
    let told = wait(&mut driver, |s| answered(s, 2)).told.unwrap();
    assert_eq!(told.1, "heal edge<->web-2: the rest of cut web-2|* stays");
    assert!(told.0 > order);
    let mut say = |serial: u64| {
        inject(&driver, serial, "undo");
        wait(&mut driver, |s| answered(s, serial)).told.unwrap().1
    };
    assert_eq!(say(3), "undo: took back cut web-2|*");
    assert_eq!(say(4), "undo: nothing to change");
}

/// A picture that takes long is made less often: most of the time is the world's.
#[test]
fn pictures_never_take_the_time_of_the_world() {
    let ms = Duration::from_millis;
    assert_eq!(super::picture_every(ms(1)), ms(33), "a fast machine shows 30 a second");
    for took in 7..=50 {
        let every = super::picture_every(ms(took));
        assert!(every >= ms(33) && every >= ms(took) * 5, "{took} ms: {every:?}");
    }
    assert_eq!(super::picture_every(ms(400)), ms(250), "the screen stays alive");
}

/// Time goes on while a slice runs; that must not keep the thread awake.
#[test]
fn a_driver_whose_world_is_where_it_should_be_sleeps() {
    // So slowly that the world costs next to nothing, also where the tests are built without optimizing.
    let (session, pace) = (session(), Pace { speed: 0.1, ..Pace::default() });
    let first = Snapshot { pace, ..Snapshot::still(Arc::new(session.picture())) };
    let (out, _listener) = watch::channel(first.clone());
    let (_orders, inbox) = channel();
    let mut driver = Loop::new(session, pace, first, inbox, out);
    // A slice that the machine interrupts for long may not come so far: of many, few are.
    let naps = (0..100).filter(|_| driver.slice() == NAP).count();
    assert!(naps >= 90, "{naps} of 100");
}
