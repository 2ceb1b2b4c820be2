//! What is told for a moment: why a key does nothing, what an order has done.

use super::{app, press, states};
use crate::session::picture::Picture;
use crate::tui::action::TABLE;
use crate::tui::app::Effect;
use crate::tui::feed::Snapshot;

#[test]
fn a_key_that_does_nothing_now_says_why() {
    let why = |keys: &str| {
        let mut app = app(states::at_rest(), 80, 23);
        assert_eq!(press(&mut app, keys).pop(), Some(Effect::None), "{keys}");
        let said = app.said().map(str::to_string);
        if let Some(said) = &said {
            let screen = super::text(&super::frame(&app));
            assert!(screen.contains(said.as_str()), "it is to be read whole: {screen}");
        }
        said
    };
    assert_eq!(why("H").as_deref(), Some("H: no fault is active; what was set stays set"));
    assert_eq!(why(".").as_deref(), Some(".: only while time is paused"));
    assert_eq!(why("esc x").as_deref(), Some("x: nothing is selected that runs"));
    assert_eq!(why("Z").as_deref(), Some("Z: no key of the map; ? shows them"));
    assert_eq!(why("n x").as_deref(), {
        Some("first the other end of the cut: enter cuts, esc leaves it")
    });
    assert_eq!(why("j"), None, "what does something says nothing");
    // The next key ends it.
    assert_eq!(why("H j"), None);
}

#[test]
fn every_action_that_does_nothing_now_has_a_reason() {
    let mut nothing = app(states::at_rest(), 120, 40);
    press(&mut nothing, "esc");
    let empty =
        app(Picture { components: Vec::new(), flows: Vec::new(), ..states::start() }, 80, 23);
    for app in [nothing, empty, app(states::crashed(), 120, 40), app(states::frozen(), 120, 40)] {
        let off = TABLE.iter().filter(|row| !row.action.enabled(&app));
        for row in off {
            assert!(!row.otherwise.is_empty(), "{}", row.id);
        }
    }
}

#[test]
fn what_an_order_has_done_is_told_in_the_footer_once() {
    let mut app = app(states::at_rest(), 120, 40);
    let told = |order, text: &str| {
        let mut snapshot = Snapshot::still(std::sync::Arc::new(states::at_rest()));
        snapshot.told = Some((order, text.to_string()));
        snapshot
    };
    app.receive(told(1, "menu #7: call leaves app for edge"));
    assert_eq!(app.said(), Some("menu #7: call leaves app for edge"));
    assert!(super::text(&super::frame(&app)).contains("menu #7: call leaves app for edge"));
    app.receive(told(1, "menu #7: call leaves app for edge"));
    // Its 33 characters are read in 3.3 s, whatever comes from the driver.
    let frames = (0..200).take_while(|_| !app.tick()).count();
    assert_eq!((frames, app.said()), (98, None));
    app.receive(told(1, "menu #7: call leaves app for edge"));
    assert_eq!(app.said(), None, "it is told once");
    app.receive(told(2, "menu #7: call leaves app for edge"));
    assert!(app.said().is_some(), "the same may happen again");
}

#[test]
fn what_a_step_has_done_is_told_until_time_goes_on() {
    let mut app = app(states::at_rest(), 120, 40);
    let snapshot = |later: u64, paused| {
        let mut picture = states::at_rest();
        picture.now += later;
        let mut snapshot = Snapshot::still(std::sync::Arc::new(picture));
        (snapshot.pace.paused, snapshot.told) = (paused, Some((1, "call leaves app".into())));
        snapshot
    };
    app.receive(snapshot(0, true));
    assert!(!(0..1_000).any(|_| app.tick()), "who stands still reads in peace");
    assert_eq!(app.said(), Some("call leaves app"));
    // It goes with time, and with the next key.
    app.receive(snapshot(1, false));
    assert_eq!(app.said(), None);
    let mut again = super::app(states::at_rest(), 120, 40);
    again.receive(snapshot(0, true));
    press(&mut again, "j");
    assert_eq!(again.said(), None);
}
