//! States that must be plain to who sees them for the first time: a world that has stopped, an overload
//! without a fault, a filter without hits, lists that go on.

use super::{app, check_roles, check_text, frame, press, states, suggest, text};
use crate::session::picture::Picture;
use crate::tui::app::{App, Effect};
use crate::tui::feed::{Order, Snapshot};
use crate::tui::screen::Panel;

fn stopped(picture: Picture, width: u16, height: u16) -> App {
    let mut app = app(picture, width, height);
    let mut snapshot = Snapshot::still(app.shared_picture().clone());
    snapshot.stopped = Some("the world cannot go on at 42.000 s: too much load".into());
    app.receive(snapshot);
    app
}

#[test]
fn keys_that_act_on_a_world_that_has_stopped_say_that_it_has() {
    let mut app = stopped(states::crashed(), 120, 40);
    for key in ["x", "r", "f", "o", "s", "n", "t", "c", "H", "u", "space", "+", "0", "."] {
        assert_eq!(press(&mut app, key), [Effect::None], "{key}");
        let said = app.said().map(str::to_string);
        assert_eq!(said, Some(format!("{key}: the run has ended: q leaves, E exports")));
        assert!(app.aim().is_none() && !app.has_overlay(), "{key}");
    }
    press(&mut app, "j");
    assert!(app.said().is_none(), "who only looks is told nothing");
    assert_eq!(press(&mut app, "q"), [Effect::Quit]);
}

#[test]
fn no_command_and_no_setting_reaches_a_world_that_has_stopped() {
    let mut app = stopped(states::crashed(), 120, 40);
    let sends = |effects: Vec<Effect>| {
        effects.iter().any(|e| matches!(e, Effect::Order(Order::Inject { .. })))
    };
    assert!(!sends(press(&mut app, ": h e a l enter")));
    assert!(text(&frame(&app)).contains("✗ the run has ended: q leaves, E exports"));
    press(&mut app, "esc");
    assert!(!sends(press(&mut app, "i right enter 9 enter")));
    assert!(text(&frame(&app)).contains("the run has ended"));
}

#[test]
fn a_world_that_has_stopped_is_plain_to_see() {
    check_roles("screen-stopped-120x40", &stopped(states::crashed(), 120, 40));
    check_text("screen-stopped-80x23", &stopped(crate::tui::example::played(), 80, 23));
}

#[test]
fn the_sign_of_no_faults_is_that_of_health() {
    let head = |failed: f64| {
        let mut picture = states::at_rest();
        picture.vitals.failed = Some(failed);
        let screen = text(&frame(&app(picture, 120, 40)));
        screen.lines().next().unwrap_or_default().to_string()
    };
    assert!(head(0.0).contains("✓ no faults"));
    assert!(head(0.005).contains("▲ some fail  no faults"));
    assert!(head(0.4).contains("✗ requests fail  no faults"), "{}", head(0.4));
    // The sign stands a second longer than the figure beside it: by then none fails any more.
    let mut app = app(
        {
            let mut picture = states::at_rest();
            picture.vitals.failed = Some(0.005);
            picture
        },
        120,
        40,
    );
    for _ in 0..8 {
        app.receive(Snapshot::still(std::sync::Arc::new(states::at_rest())));
    }
    let screen = text(&frame(&app));
    assert!(screen.contains("▲ some failed  no faults"), "{screen}");
    let still = stopped(states::at_rest(), 120, 40);
    assert!(!text(&frame(&still)).contains("✓ no faults"), "nothing is well any more");
}

#[test]
fn a_filter_without_hits_says_so_and_escape_shows_all() {
    let mut app = app(states::crashed(), 120, 40);
    press(&mut app, "5 / x y z enter");
    check_roles("events-none-120x40", &app);
    assert!(text(&frame(&app)).contains("no event matches “xyz”; esc shows all"));
    press(&mut app, "esc");
    let screen = text(&frame(&app));
    assert!(screen.contains("health check 2 of web-2 failed") && !screen.contains("xyz"));
    assert_eq!(app.focus(), Panel::Events, "one thing at a time");
    press(&mut app, "esc");
    assert_eq!(app.focus(), Panel::Cluster);
}

#[test]
fn faults_without_a_row_name_the_key_that_leads_to_them() {
    let mut picture = states::crashed();
    let texts = ["crash web-1", "crash web-2", "crash web-3", "slow web-4 factor=10", "traffic x2"];
    let at = picture.now;
    picture.faults = texts.map(|text| states::fault(&picture, text, at, None, 0)).into();
    let mut app = app(picture, 120, 40);
    assert!(text(&frame(&app)).contains("… 3 more, press 4"), "{}", text(&frame(&app)));
    press(&mut app, "4");
    assert!(text(&frame(&app)).contains("… 3 more, press down"));
    press(&mut app, "down down");
    let screen = text(&frame(&app));
    assert!(screen.contains("crash web-1") && !screen.contains(" more, press"), "{screen}");
}

#[test]
fn names_of_what_the_screen_can_do_are_typed_in_the_palette() {
    let mut app = app(states::at_rest(), 120, 40);
    assert_eq!(press(&mut app, ": q enter").pop(), Some(Effect::Quit));
    assert_eq!(press(&mut app, ": q u i t enter").pop(), Some(Effect::Quit));
    press(&mut app, ": h e l p enter");
    assert!(text(&frame(&app)).contains("━ keys ━"));
    press(&mut app, "esc");
    let paused = press(&mut app, ": p a u s e enter").pop();
    assert_eq!(paused, Some(Effect::Order(Order::Pause(true))));
    press(&mut app, ": s t e p - e v");
    suggest(&mut app, "step-ev", &[("heal", "ends all faults")]);
    assert!(text(&frame(&app)).contains("▸ step-event"));
    press(&mut app, "tab");
    check_text("overlay-palette-action-120x40", &app);
}

#[test]
fn the_smallest_palette_shows_the_chosen_row_and_what_it_would_do() {
    let mut app = app(states::at_rest(), 40, 10);
    press(&mut app, ": c r a s h space w e b - 2");
    suggest(&mut app, "crash web-2", &[("crash web-2", "the process is gone")]);
    check_text("overlay-palette-40x10", &app);
    assert!(text(&frame(&app)).contains("▸ crash web-2"));
}
