//! Whatever is pressed, clicked, resized and shown: no panic, and nothing is drawn off the screen.

use super::{app, states};
use crate::chaos::Command;
use crate::session::Session;
use crate::session::picture::Picture;
use crate::sim::time::{MILLISECOND, Ns};
use crate::tui::action::TABLE;
use crate::tui::app::{App, Effect, Options};
use crate::tui::example;
use crate::tui::feed::{Completion, Order, Pace, Reply, Snapshot, Suggestion};
use crate::tui::input::{Input, Mouse};
use crate::tui::keymap::Key;
use crate::tui::shot::frame;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use std::sync::Arc;

#[derive(Clone, Debug)]
enum Happens {
    Input(Input),
    Picture(usize, bool),
    Reply(u64, bool),
}

fn key() -> impl Strategy<Value = Input> {
    let code = prop_oneof![
        8 => proptest::char::range(' ', '~').prop_map(KeyCode::Char),
        4 => prop::sample::select(vec![
            KeyCode::Up, KeyCode::Down, KeyCode::Left, KeyCode::Right, KeyCode::Enter, KeyCode::Esc,
            KeyCode::Tab, KeyCode::BackTab, KeyCode::Backspace, KeyCode::Delete, KeyCode::Home,
            KeyCode::End, KeyCode::Char('é'), KeyCode::Char('界'),
        ]),
    ];
    (code, any::<bool>()).prop_map(|(code, ctrl)| {
        let held = if ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
        Input::Key(KeyEvent::new(code, held))
    })
}

/// The keys of the table of actions, all of them as often.
pub(super) fn action() -> impl Strategy<Value = Input> {
    let keys = TABLE.iter().flat_map(|row| row.keys).filter_map(|key| Key::parse(key));
    let event = |key: Key| {
        let held = if key.ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
        Input::Key(KeyEvent::new(key.code, held))
    };
    prop::sample::select(keys.map(event).collect::<Vec<_>>())
}

/// The mouse, anywhere.
pub(super) fn mouse() -> impl Strategy<Value = Input> {
    prop_oneof![
        2 => (0..220u16, 0..70u16).prop_map(|(x, y)| Input::Mouse(Mouse::Click(x, y))),
        1 => (0..220u16, 0..70u16).prop_map(|(x, y)| Input::Mouse(Mouse::Double(x, y))),
        1 => (any::<bool>(), 0..220u16, 0..70u16)
            .prop_map(|(up, x, y)| Input::Mouse(Mouse::Wheel(up, x, y))),
    ]
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        8 => key().prop_map(Happens::Input),
        12 => action().prop_map(Happens::Input),
        2 => (0..220u16, 0..70u16).prop_map(|(w, h)| Happens::Input(Input::Resize(w, h))),
        4 => mouse().prop_map(Happens::Input),
        1 => ".{0,12}".prop_map(|text| Happens::Input(Input::Paste(text))),
        2 => (0..7usize, any::<bool>()).prop_map(|(n, paused)| Happens::Picture(n, paused)),
        1 => (0..4u64, any::<bool>()).prop_map(|(n, ok)| Happens::Reply(n, ok)),
    ]
}

fn picture(n: usize) -> Picture {
    match n {
        0 => states::at_rest(),
        1 => states::crashed(),
        2 => states::failover(),
        3 => states::start(),
        4 => example::servers(30),
        5 => example::ended(),
        _ => Picture { components: Vec::new(), flows: Vec::new(), ..states::start() },
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn nothing_panics(all in prop::collection::vec(happens(), 1..40)) {
        let mut app = app(states::at_rest(), 80, 24);
        for one in all {
            match one {
                Happens::Input(input) => { app.input(input); }
                Happens::Picture(n, paused) => {
                    let mut snapshot = Snapshot::still(Arc::new(picture(n)));
                    snapshot.pace = Pace { paused, ..Pace::default() };
                    let text = "crash ".to_string();
                    let suggestions = vec![
                        Suggestion { text: "crash web-2".into(), about: "é界".into() };
                        n * 5
                    ];
                    snapshot.completion = Arc::new(Completion { text, suggestions });
                    app.receive(snapshot);
                }
                Happens::Reply(serial, ok) => {
                    let mut snapshot = Snapshot::still(app.shared_picture().clone());
                    let refused = (!ok).then(|| "expected a node, found `x`".to_string());
                    snapshot.reply = Some(Reply { serial, refused });
                    app.receive(snapshot);
                }
            }
            let buffer = frame(&app);
            prop_assert_eq!(buffer.area, app.areas().screen);
        }
    }

    /// The screen over a session, whatever is done with it, makes the run that its commands make
    /// without a screen.
    #[test]
    fn the_run_is_that_of_its_commands(
        all in prop::collection::vec((any::<bool>(), happens(), 0..8u64), 1..30),
    ) {
        let mut shown = Shown::new();
        for (passes, one, ms) in all {
            if let Happens::Input(input) = one {
                shown.input(input);
            }
            if passes {
                shown.pass(ms * MILLISECOND);
            }
            let buffer = frame(&shown.app);
            prop_assert_eq!(buffer.area, shown.app.areas().screen);
        }
        let mut alone = start();
        for (at, text) in &shown.done {
            alone.advance(*at).unwrap();
            let _ = alone.inject(&Command::parse(text).unwrap());
        }
        alone.advance(shown.session.now()).unwrap();
        prop_assert_eq!(shown.session.digest(), alone.digest());
    }
}

fn start() -> Session {
    let playbook = crate::playbook::open("food-delivery").unwrap().into_playbook();
    Session::new(&playbook, 7)
}

/// An app over a session, with a driver that does at once what it is asked.
struct Shown {
    app: App,
    session: Session,
    snapshot: Snapshot,
    /// Commands that were carried out, and when.
    done: Vec<(Ns, String)>,
}

impl Shown {
    fn new() -> Shown {
        let mut session = start();
        session.advance(50 * MILLISECOND).unwrap();
        let snapshot = Snapshot::still(Arc::new(session.picture()));
        let app = App::new(snapshot.clone(), Options::default(), 120, 40);
        Shown { app, session, snapshot, done: Vec::new() }
    }

    fn input(&mut self, input: Input) {
        let Effect::Order(order) = self.app.input(input) else { return };
        match order {
            Order::Inject { serial, text } => {
                let refused = self.inject(&text).err();
                self.snapshot.reply = Some(Reply { serial, refused });
            }
            Order::Complete(text) => {
                let all = self.session.complete(&text).into_iter();
                let suggestions =
                    all.map(|c| Suggestion { text: c.text, about: c.about }).collect();
                self.snapshot.completion = Arc::new(Completion { text, suggestions });
            }
            Order::Speed(speed) => self.snapshot.pace.speed = speed,
            Order::Pause(paused) => self.snapshot.pace.paused = paused,
            Order::Step(length) => self.session.advance(self.session.now() + length).unwrap(),
            Order::StepEvent => drop(self.session.step().unwrap()),
            Order::NextStep => drop(self.session.next_step()),
            Order::Predict { question, choice } => drop(self.session.predict(question, choice)),
            Order::Save { .. } => {}
        }
        self.snapshot.orders += 1;
        self.tell();
    }

    fn inject(&mut self, text: &str) -> Result<(), String> {
        let command = Command::parse(text).map_err(|e| e.to_string())?;
        self.session.advance(self.session.next_stamp()).unwrap();
        self.done.push((self.session.now(), text.to_string()));
        self.session.inject(&command).map(|_| ()).map_err(|e| e.to_string())
    }

    fn pass(&mut self, length: Ns) {
        if !self.snapshot.pace.paused {
            self.session.advance(self.session.now() + length).unwrap();
        }
        self.tell();
    }

    fn tell(&mut self) {
        self.snapshot.picture = Arc::new(self.session.picture());
        self.app.receive(self.snapshot.clone());
    }
}
