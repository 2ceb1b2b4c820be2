//! Whatever is pressed: what the session did is saved, and plays again to the same digest.

use super::random::{action, mouse};
use crate::chaos::verb::VERBS;
use crate::playbook::{open, open_with_source};
use crate::session::Session;
use crate::sim::time::{MILLISECOND, Ns};
use crate::tui::app::{App, Effect, Options};
use crate::tui::driver::{Driver, Writers, start};
use crate::tui::feed::{Order, Pace, Snapshot};
use crate::tui::input::Input;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use std::path::Path;
use std::time::{Duration, Instant};

/// The screen with the driver's own thread behind it.
struct Played {
    app: App,
    driver: Driver,
    sent: u64,
}

impl Played {
    fn new(file: &str, seed: u64) -> Played {
        let (opened, source) = open_with_source(file).unwrap();
        let session = Session::new(&opened.into_playbook(), seed);
        let writers = Writers { source: Some(source), ..Writers::default() };
        let pace = Pace { paused: true, ..Pace::default() };
        let driver = start(session, pace, writers).unwrap();
        let first = driver.snapshots.borrow().clone();
        Played { app: App::new(first, Options::default(), 120, 40), driver, sent: 0 }
    }

    /// Sends an order and shows what came of it.
    fn order(&mut self, order: Order) -> Snapshot {
        self.driver.orders.send(order).unwrap();
        self.sent += 1;
        let begun = Instant::now();
        loop {
            let latest = self.driver.snapshots.borrow_and_update().clone();
            if latest.orders >= self.sent {
                self.app.receive(latest.clone());
                return latest;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "the driver does not answer");
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// What the driver is asked for is done; files are written only if they are wanted.
    fn input(&mut self, input: Input, writes: bool) {
        match self.app.input(input) {
            Effect::Order(order) => drop(self.order(order)),
            Effect::Save(save) if writes => {
                let order = self.app.order_save(save);
                self.order(order);
            }
            Effect::None | Effect::Save(_) | Effect::Suspend | Effect::Quit => {}
        }
    }

    fn press(&mut self, code: KeyCode, writes: bool) {
        self.input(Input::Key(KeyEvent::new(code, KeyModifiers::NONE)), writes);
    }

    /// Types a line into the palette.
    fn run(&mut self, line: &str, writes: bool) {
        // Whatever is open is closed, and what is being aimed at forgotten.
        (0..4).for_each(|_| self.press(KeyCode::Esc, false));
        self.press(KeyCode::Char(':'), writes);
        line.chars().for_each(|c| self.press(KeyCode::Char(c), writes));
        self.press(KeyCode::Enter, writes);
    }

    /// Leaves; the session as it was.
    fn end(self) -> Session {
        let Driver { orders, thread, .. } = self.driver;
        drop(orders);
        thread.join().unwrap()
    }
}

/// Something that a person does.
#[derive(Clone, Debug)]
enum Does {
    Presses(Input),
    Types(&'static str),
    Waits(Ns),
}

fn does() -> impl Strategy<Value = Does> {
    let examples: Vec<&str> = VERBS.iter().map(|verb| verb.example).collect();
    prop_oneof![
        8 => action().prop_map(Does::Presses),
        2 => mouse().prop_map(Does::Presses),
        2 => prop::sample::select(examples).prop_map(Does::Types),
        4 => (0..150 * MILLISECOND).prop_map(Does::Waits),
    ]
}

/// What was saved at that path plays to the digest of the session that was left.
fn plays_again(path: &Path, mut left: Session) -> Result<(), TestCaseError> {
    let again = open(path.to_str().unwrap()).unwrap_or_else(|e| panic!("{e}")).into_playbook();
    std::fs::remove_file(path).unwrap();
    let mut replayed = Session::new(&again, again.seed);
    replayed.advance(again.length).unwrap();
    left.advance(again.length).unwrap();
    prop_assert_eq!(replayed.digest(), left.digest());
    prop_assert_eq!(replayed.log().len(), left.log().len());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn random_keys_play_again(
        all in prop::collection::vec(does(), 5..40),
        seed in 0..9u64,
        file in prop::sample::select(vec!["food-delivery", "primary-crash", "retry-storm"]),
    ) {
        let mut played = Played::new(file, seed);
        for one in all {
            match one {
                Does::Presses(input) => played.input(input, false),
                Does::Types(line) => played.run(line, false),
                Does::Waits(length) => drop(played.order(Order::Step(length))),
            }
        }
        played.order(Order::Pause(true));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        played.run(&format!("save {}", path.display()), true);
        plays_again(&path, played.end())?;
    }
}
