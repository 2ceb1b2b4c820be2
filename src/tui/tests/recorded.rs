//! Whatever is pressed: what the session did plays again to the same digest.

use crate::chaos::Command;
use crate::playbook::{Playbook, open_with_source, parse};
use crate::session::Session;
use crate::session::record::record;
use crate::sim::time::{MILLISECOND, Ns};
use crate::tui::app::{App, Effect, Options};
use crate::tui::feed::{Order, Reply, Snapshot};
use crate::tui::input::Input;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use std::path::Path;
use std::sync::Arc;

/// What the driver does with an order, without its thread.
fn obey(session: &mut Session, app: &mut App, order: Order) {
    let now = session.now();
    let mut reply = None;
    match order {
        Order::Inject { serial, text } => {
            session.advance(session.next_stamp()).unwrap();
            let done = Command::parse(&text).and_then(|command| session.inject(&command));
            reply = Some(Reply { serial, refused: done.err().map(|e| e.to_string()) });
        }
        Order::Step(by) => session.advance(now + by).unwrap(),
        Order::StepEvent => session.step().unwrap(),
        _ => {}
    }
    let picture = Arc::new(session.picture());
    app.receive(Snapshot { reply, ..Snapshot::still(picture) });
}

fn pressed() -> impl Strategy<Value = (KeyCode, Ns)> {
    // Keys that break, repair, choose and step; no text, which the palette would take.
    let keys = "xfsncrHuhjkl.,".chars().map(KeyCode::Char).chain([KeyCode::Enter, KeyCode::Esc]);
    (prop::sample::select(keys.collect::<Vec<_>>()), 0..120 * MILLISECOND)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn random_keys_play_again(keys in prop::collection::vec(pressed(), 5..30), seed in 0..9u64) {
        let (opened, source) = open_with_source("food-delivery").unwrap();
        let playbook: Playbook = opened.into_playbook();
        let mut session = Session::new(&playbook, seed);
        let first = Snapshot::still(Arc::new(session.picture()));
        let mut app = App::new(first, Options::default(), 120, 40);
        for (code, pause) in keys {
            session.advance(session.now() + pause).unwrap();
            if let Effect::Order(order) = app.input(Input::Key(KeyEvent::new(code, KeyModifiers::NONE))) {
                obey(&mut session, &mut app, order);
            }
        }
        let recording = record(&session, &source, Path::new("")).unwrap();
        let again = parse("r.toml", &recording.text, None).unwrap().into_playbook();
        let mut replayed = Session::new(&again, again.seed);
        replayed.advance(recording.length).unwrap();
        session.advance(recording.length).unwrap();
        prop_assert_eq!(replayed.digest(), session.digest());
        prop_assert_eq!(replayed.log().len(), session.log().len());
    }
}
