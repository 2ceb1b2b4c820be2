//! What keys do: orders to the driver, and what is selected, shown and typed.

use super::{app, press, states, suggest};
use crate::tui::app::{App, Effect, Overlay};
use crate::tui::example;
use crate::tui::feed::{Order, Reply, Snapshot};
use crate::tui::plan::Target;

/// The command that the last of these keys sends.
fn command(app: &mut App, keys: &str) -> Option<String> {
    match press(app, keys).pop() {
        Some(Effect::Order(Order::Inject { text, .. })) => Some(text),
        _ => None,
    }
}

#[test]
fn single_keys_are_commands_on_the_selection() {
    let mut up = app(states::at_rest(), 120, 40);
    assert_eq!(command(&mut up, "x").as_deref(), Some("crash web-2"));
    assert_eq!(command(&mut up, "f").as_deref(), Some("pause web-2"));
    assert_eq!(command(&mut up, "c").as_deref(), Some("cache off"));
    for nothing in ["r", "H", "u", ".", ","] {
        assert_eq!(press(&mut up, nothing), [Effect::None], "{nothing}");
    }
    let mut down = app(states::crashed(), 120, 40);
    assert_eq!(command(&mut down, "r").as_deref(), Some("restart web-2"));
    assert_eq!(command(&mut down, "H").as_deref(), Some("heal web-2"));
    assert_eq!(command(&mut down, "u").as_deref(), Some("undo"));
    assert_eq!(command(&mut down, "x"), None);
    assert_eq!(command(&mut down, "esc H").as_deref(), Some("heal"));
}

#[test]
fn every_command_of_a_key_is_one_of_the_grammar() {
    let mut app = app(states::crashed(), 120, 40);
    for keys in ["r", "H", "u", "c", "up x", "f"] {
        let text = command(&mut app, keys).unwrap();
        assert!(crate::chaos::Command::parse(&text).is_ok(), "{text}");
    }
}

#[test]
fn time_is_ordered() {
    let mut app = app(states::at_rest(), 120, 40);
    assert_eq!(press(&mut app, "space"), [Effect::Order(Order::Pause(true))]);
    assert_eq!(press(&mut app, "+"), [Effect::Order(Order::Speed(2.0))]);
    let mut snapshot = Snapshot::still(app.shared_picture().clone());
    snapshot.pace.paused = true;
    app.receive(snapshot);
    assert_eq!(press(&mut app, "."), [Effect::Order(Order::Step(10_000_000))]);
    assert_eq!(press(&mut app, ","), [Effect::Order(Order::StepEvent)]);
    assert_eq!(press(&mut app, "space"), [Effect::Order(Order::Pause(false))]);
}

#[test]
fn keys_pressed_quickly_build_on_each_other() {
    let mut app = app(states::at_rest(), 120, 40);
    let speeds = [2.0, 5.0, 10.0, 5.0].map(|s| Effect::Order(Order::Speed(s)));
    assert_eq!(press(&mut app, "+ + + -"), speeds);
    assert_eq!(command(&mut app, "c").as_deref(), Some("cache off"));
    assert_eq!(command(&mut app, "c").as_deref(), Some("cache on"));
    // A snapshot from before the last order changes nothing; one from after it is believed.
    let mut snapshot = Snapshot::still(app.shared_picture().clone());
    snapshot.orders = 3;
    app.receive(snapshot.clone());
    assert_eq!(press(&mut app, "+"), [Effect::Order(Order::Speed(10.0))]);
    snapshot.orders = 7;
    app.receive(snapshot);
    assert_eq!(press(&mut app, "+"), [Effect::Order(Order::Speed(2.0))]);
}

#[test]
fn the_letter_that_leaves_only_closes_what_is_open() {
    let mut app = app(states::at_rest(), 120, 40);
    for open in ["?", "w", "enter"] {
        press(&mut app, open);
        assert_eq!(press(&mut app, "q"), [Effect::None]);
        assert!(matches!(app.overlay(), Overlay::None), "{open}");
    }
    press(&mut app, "?");
    assert_eq!(press(&mut app, "ctrl-c"), [Effect::Quit]);
    assert_eq!(press(&mut app, "q q"), [Effect::None, Effect::Quit]);
}

#[test]
fn the_cut_key_begins_with_a_node_alone() {
    let mut app = app(states::at_rest(), 120, 40);
    let begun = Effect::Order(Order::Complete("cut web-2|*".into()));
    assert_eq!(press(&mut app, "n"), [begun]);
    let run = Order::Inject { serial: 1, text: "cut web-2|*".into() };
    assert_eq!(press(&mut app, "enter"), [Effect::Order(run)]);
}

#[test]
fn keys_begin_a_command_that_needs_more() {
    let mut app = app(states::at_rest(), 120, 40);
    let begun = Effect::Order(Order::Complete("slow web-2 factor=".into()));
    assert_eq!(press(&mut app, "s"), [begun]);
    // While typing, keys are text, but for the one that leaves.
    assert_eq!(
        press(&mut app, "q").pop(),
        Some(Effect::Order(Order::Complete("slow web-2 factor=q".into())))
    );
    assert_eq!(press(&mut app, "ctrl-c"), [Effect::Quit]);
}

#[test]
fn a_refused_command_stays_and_an_accepted_one_closes() {
    let mut app = app(states::at_rest(), 120, 40);
    let sent = press(&mut app, ": h e a l enter").pop();
    let order = Order::Inject { serial: 1, text: "heal".into() };
    assert_eq!(sent, Some(Effect::Order(order)));
    let mut answer = |serial, refused: Option<&str>| {
        let mut snapshot = Snapshot::still(app.shared_picture().clone());
        snapshot.reply = Some(Reply { serial, refused: refused.map(str::to_string) });
        app.receive(snapshot);
        matches!(app.overlay(), Overlay::Palette(_))
    };
    assert!(answer(7, None), "an answer to another command closes nothing");
    assert!(answer(1, Some("expected a node")));
    press(&mut app, "enter");
    let mut snapshot = Snapshot::still(app.shared_picture().clone());
    snapshot.reply = Some(Reply { serial: 2, refused: None });
    app.receive(snapshot);
    assert!(matches!(app.overlay(), Overlay::None));
}

#[test]
fn the_selection_goes_along_the_picture_and_outlives_its_node() {
    let mut app = app(states::at_rest(), 120, 40);
    press(&mut app, "j");
    assert_eq!(app.selection(), Some(Target::Node(example::WEB, 2)));
    press(&mut app, "h");
    assert!(matches!(
        app.selection(),
        Some(Target::Component(1) | Target::Node(1, 0) | Target::Link(1))
    ));
    press(&mut app, "esc");
    assert_eq!(app.selection(), None);
    press(&mut app, "l j j");
    let picture = std::sync::Arc::new(example::servers(2));
    app.receive(Snapshot::still(picture));
    app.resize(40, 8);
    app.resize(200, 60);
    assert!(app.selected_name().is_some());
}

#[test]
fn pulses_move_with_simulated_time_and_never_faster_than_the_eye() {
    let mut app = app(states::at_rest(), 120, 40);
    let start = app.look().phase;
    let mut after = |seconds: u64, speed: f64| {
        let mut picture = app.shared_picture().as_ref().clone();
        picture.now += seconds * 1_000_000_000;
        let mut snapshot = Snapshot::still(std::sync::Arc::new(picture));
        snapshot.pace.speed = speed;
        app.receive(snapshot);
        app.look().phase - start
    };
    assert_eq!(after(1, 1.0), 12);
    assert_eq!(after(1, 0.1), 24, "slow motion moves as far in simulated time");
    assert_eq!(after(10, 10.0), 36, "ten seconds in one are shown as one");
}

#[test]
fn suggestions_for_an_older_text_are_ignored() {
    let mut app = app(states::at_rest(), 120, 40);
    press(&mut app, ": h");
    suggest(&mut app, "", &[("crash", "")]);
    let Overlay::Palette(palette) = app.overlay() else { panic!("no palette") };
    assert!(palette.matches().is_empty());
}
