//! Clicks on what the footer offers do what its keys do.

use super::{app, frame, press, states, text};
use crate::tui::app::{App, Effect, Overlay};
use crate::tui::input::{Input, Mouse};

/// Clicks on the first cell of a hint in the last row of the screen.
fn click(app: &mut App, hint: &str) -> Effect {
    let shown = text(&frame(app));
    let row = shown.lines().last().unwrap();
    let byte = row.find(hint).unwrap_or_else(|| panic!("{hint} is not in {row}"));
    let x = row[..byte].chars().count() as u16;
    app.input(Input::Mouse(Mouse::Click(x, app.areas().footer.bottom() - 1)))
}

#[test]
fn a_hint_that_is_clicked_does_what_its_key_does() {
    for (width, height) in [(200, 55), (120, 40), (80, 23), (60, 18)] {
        for (hint, key) in [("x crash", "x"), ("f freeze", "f"), ("s slow…", "s"), (": all", ":")]
        {
            let mut clicked = app(states::at_rest(), width, height);
            let mut pressed = app(states::at_rest(), width, height);
            let effect = click(&mut clicked, hint);
            assert_eq!([effect], press(&mut pressed, key)[..], "{width}x{height} {hint}");
            assert_eq!(text(&frame(&clicked)), text(&frame(&pressed)), "{width}x{height} {hint}");
        }
    }
}

#[test]
fn of_a_hint_with_several_keys_the_one_there_is_meant() {
    let mut app = app(states::crashed(), 120, 40);
    press(&mut app, "?");
    let scrolled = |app: &App| match app.overlay() {
        Overlay::Help(lines) => *lines,
        _ => panic!("the keys are not open"),
    };
    click(&mut app, "pgdn");
    let far = scrolled(&app);
    assert!(far > 1);
    click(&mut app, "↑");
    assert_eq!(scrolled(&app), far - 1);
    click(&mut app, "scroll");
    assert_eq!(scrolled(&app), far - 1, "a word of several keys is none of them");
    click(&mut app, "esc close");
    assert!(!app.has_overlay());
}

/// What is told takes the place of keys in a footer of one row: nothing is pressed there.
#[test]
fn what_is_told_is_no_hint() {
    let mut app = app(states::at_rest(), 60, 18);
    press(&mut app, "H");
    assert_eq!(click(&mut app, "nothing to heal"), Effect::None);
    assert!(!app.has_overlay() && app.aim().is_none());
}
