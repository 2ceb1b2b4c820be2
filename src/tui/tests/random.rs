//! Whatever is pressed, clicked, resized and shown: no panic, and nothing is drawn off the screen.

use super::{app, states};
use crate::session::picture::Picture;
use crate::tui::example;
use crate::tui::feed::{Completion, Pace, Reply, Snapshot, Suggestion};
use crate::tui::input::{Input, Mouse};
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

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        10 => key().prop_map(Happens::Input),
        2 => (0..220u16, 0..70u16).prop_map(|(w, h)| Happens::Input(Input::Resize(w, h))),
        2 => (0..220u16, 0..70u16).prop_map(|(x, y)| Happens::Input(Input::Mouse(Mouse::Click(x, y)))),
        1 => any::<bool>().prop_map(|up| Happens::Input(Input::Mouse(Mouse::Wheel(up)))),
        1 => ".{0,12}".prop_map(|text| Happens::Input(Input::Paste(text))),
        2 => (0..6usize, any::<bool>()).prop_map(|(n, paused)| Happens::Picture(n, paused)),
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
}
