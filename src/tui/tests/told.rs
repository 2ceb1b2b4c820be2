//! What is told for a moment: why a key does nothing, what an order has done.

use super::{app, frame, press, states, text};
use crate::session::picture::{Origin, Picture};
use crate::tui::action::TABLE;
use crate::tui::app::Effect;
use crate::tui::example;
use crate::tui::feed::Snapshot;
use std::sync::Arc;

#[test]
fn a_key_that_does_nothing_now_says_why() {
    let why = |keys: &str| {
        let mut app = app(states::at_rest(), 80, 23);
        assert_eq!(press(&mut app, keys).pop(), Some(Effect::None), "{keys}");
        let said = app.said().map(str::to_string);
        if let Some(said) = &said {
            let screen = text(&frame(&app));
            assert!(screen.contains(said.as_str()), "it is to be read whole: {screen}");
        }
        said
    };
    assert_eq!(why("H").as_deref(), Some("H: nothing to heal: no fault is active"));
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
    let apps = [nothing, empty, app(states::crashed(), 120, 40), app(states::frozen(), 120, 40)];
    for mut app in apps {
        for row in TABLE {
            if row.action.enabled(&app) {
                continue;
            }
            assert!(!row.otherwise.is_empty(), "{}", row.id);
            press(&mut app, row.keys[0]);
            let told = format!("{}: {}", row.keys[0], row.otherwise);
            assert_eq!(app.said(), Some(told.as_str()), "{}", row.id);
        }
    }
}

/// Nothing runs over the links of a node that is down: another is chosen, and that is told.
#[test]
fn a_cut_that_begins_elsewhere_says_so() {
    let mut app = app(states::crashed(), 120, 40);
    press(&mut app, "n");
    assert_eq!(app.said(), Some("web-2 is down: the cut begins at web-3"));
    assert_eq!(app.selected_name().as_deref(), Some("web-3"));
}

/// One reason is that of one condition: actions that give the same are enabled together, always.
#[test]
fn a_reason_belongs_to_a_condition() {
    let mut apps: Vec<_> =
        [states::at_rest(), states::crashed(), states::frozen(), example::played()]
            .map(|picture| app(picture, 120, 40))
            .into();
    for keys in ["esc", "left", "right", "right right", "5", "<", ">", "/ m e n u s enter"] {
        let mut other = app(states::crashed(), 120, 40);
        press(&mut other, keys);
        apps.push(other);
    }
    let mut snapshot = Snapshot::still(Arc::new(states::at_rest()));
    (snapshot.pace.paused, snapshot.pace.speed) = (true, 100.0);
    let mut still = app(states::at_rest(), 120, 40);
    still.receive(snapshot);
    apps.push(still);
    for (i, row) in TABLE.iter().enumerate().filter(|(_, row)| !row.otherwise.is_empty()) {
        for other in TABLE[i + 1..].iter().filter(|other| other.otherwise == row.otherwise) {
            let differs = apps.iter().find(|app| (row.enabled)(app) != (other.enabled)(app));
            assert!(differs.is_none(), "{} and {}: {}", row.id, other.id, row.otherwise);
        }
    }
}

#[test]
fn what_an_order_has_done_is_told_in_the_footer_once() {
    let mut app = app(states::at_rest(), 120, 40);
    let told = |order, text: &str| {
        let mut snapshot = Snapshot::still(Arc::new(states::at_rest()));
        snapshot.told = Some((order, text.to_string()));
        snapshot
    };
    app.receive(told(1, "menu #7: call leaves app for edge"));
    assert_eq!(app.said(), Some("menu #7: call leaves app for edge"));
    assert!(text(&frame(&app)).contains("menu #7: call leaves app for edge"));
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
        let mut snapshot = Snapshot::still(Arc::new(picture));
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

/// What is red in the picture is not called fine beside it until the figures are due again.
#[test]
fn the_reason_is_renewed_with_a_state_that_is_drawn_at_once() {
    let snapshot = |picture| Snapshot::still(Arc::new(picture));
    let mut app = app(states::at_rest(), 120, 40);
    let mut later = states::at_rest();
    later.why.text = "Something else.".into();
    app.receive(snapshot(later));
    assert_ne!(app.why().text, "Something else.", "it can be read in peace");
    app.receive(snapshot(states::crashed()));
    assert_eq!(app.why(), &states::crashed().why);
    app.receive(snapshot(states::split()));
    assert_eq!(app.why(), &states::split().why);
}

#[test]
fn what_is_set_is_no_fault() {
    let mut picture = states::crashed();
    let title = |picture: &Picture| {
        let screen = text(&frame(&app(picture.clone(), 120, 40)));
        let line = screen.lines().find(|line| line.contains("active faults"));
        line.unwrap_or_default().to_string()
    };
    assert!(title(&picture).contains("─ 1 ─"), "{}", title(&picture));
    let settings = Arc::make_mut(&mut picture.components[example::WEB].settings);
    settings[1].origin = Origin::Set;
    assert!(title(&picture).contains("─ 1 and 1 set ─"), "{}", title(&picture));
}
