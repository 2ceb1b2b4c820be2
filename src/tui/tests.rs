//! Whole screens and overlays as text and colours, and a screen that is used at random.

mod clicks;
mod fresh;
mod honest;
mod plain;
mod question;
mod random;
mod recorded;
pub(super) mod states;
mod told;
mod use_of_keys;

use super::app::{App, Options};
use super::feed::{Completion, Snapshot, Suggestion};
use super::input::Input;
use super::keymap::Key;
use super::shot::frame;
use super::theme::{Role, Theme};
use crate::session::picture::Picture;
use crossterm::event::{KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use std::sync::Arc;

/// An app that shows a picture on a screen of that size.
fn app(picture: Picture, width: u16, height: u16) -> App {
    App::new(Snapshot::still(Arc::new(picture)), Options::default(), width, height)
}

/// Presses keys as a key map writes them, a space between two.
fn press(app: &mut App, keys: &str) -> Vec<super::app::Effect> {
    let event = |key: &str| {
        let key = Key::parse(key).unwrap();
        let ctrl = if key.ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
        Input::Key(KeyEvent::new(key.code, ctrl))
    };
    keys.split(' ').map(|key| app.input(event(key))).collect()
}

/// What the driver would suggest for `text`.
fn suggest(app: &mut App, text: &str, all: &[(&str, &str)]) {
    let suggestions = all
        .iter()
        .map(|(text, about)| Suggestion { text: (*text).into(), about: (*about).into() })
        .collect();
    let mut snapshot = Snapshot::still(app.shared_picture().clone());
    snapshot.completion = Arc::new(Completion { text: text.into(), suggestions });
    app.receive(snapshot);
}

/// The characters, one line for each row.
fn text(buffer: &Buffer) -> String {
    super::svg::text(buffer)
}

/// One letter for the role of each cell that is not empty, in the dark theme.
fn roles(buffer: &Buffer) -> String {
    let theme = Theme::default();
    let letter = |cell: &ratatui::buffer::Cell| {
        if cell.symbol() == " " {
            return ' ';
        }
        // A part of a cell of what failed.
        let half = theme.half(Role::FlowFail);
        if half.is_some_and(|half| [cell.fg, cell.bg].contains(&half)) {
            return 'x';
        }
        // Roles of equal colour share the letter of the first.
        let role = Role::ALL.iter().find(|(_, r)| theme.style(*r).fg == Some(cell.fg));
        role.map_or('?', |(_, r)| match r {
            Role::Text => 't',
            Role::Dim | Role::LinkIdle => '.',
            Role::Accent => 'A',
            Role::NodeOk => 'o',
            Role::NodeWarn => 'w',
            Role::NodeDown | Role::FlowFail | Role::DataBad => 'X',
            Role::FlowOk | Role::Replica => 'f',
            Role::Primary => 'P',
            Role::Marker => 'm',
        })
    };
    let width = buffer.area.width as usize;
    let rows = buffer.content.chunks(width);
    let rows = rows.map(|row| row.iter().map(letter).collect::<String>().trim_end().to_string());
    rows.collect::<Vec<_>>().join("\n")
}

/// Compares with a snapshot in `tests/snapshots/`.
fn check(name: &str, content: &str) {
    insta::with_settings!({
        snapshot_path => "../../tests/snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, content);
    });
}

fn check_text(name: &str, app: &App) {
    check(name, &text(&frame(app)));
}

fn check_roles(name: &str, app: &App) {
    let buffer = frame(app);
    check(name, &format!("{}\n\n{}", text(&buffer), roles(&buffer)));
}

const SIZES: [(u16, u16); 5] = [(200, 60), (120, 40), (80, 23), (60, 18), (20, 5)];

#[test]
fn at_rest_at_every_size() {
    for (width, height) in SIZES {
        let app = app(states::at_rest(), width, height);
        check_text(&format!("screen-rest-{width}x{height}"), &app);
    }
}

#[test]
fn after_a_crash_at_every_size() {
    for (width, height) in SIZES {
        let app = app(states::crashed(), width, height);
        check_roles(&format!("screen-crash-{width}x{height}"), &app);
    }
}

#[test]
fn a_failover_with_writes_at_risk() {
    check_roles("screen-failover-120x40", &app(states::failover(), 120, 40));
    check_text("screen-failover-80x23", &app(states::failover(), 80, 23));
}

#[test]
fn a_playbook_is_told_where_there_is_room() {
    for (width, height) in [(200, 60), (120, 40), (80, 23)] {
        let app = app(super::example::played(), width, height);
        check_text(&format!("screen-playbook-{width}x{height}"), &app);
    }
}

#[test]
fn the_verdict_of_a_playbook_is_told_at_every_size() {
    for (width, height) in [(200, 60), (120, 40), (80, 23), (40, 10)] {
        let app = app(super::example::ended(), width, height);
        check_roles(&format!("overlay-verdict-{width}x{height}"), &app);
    }
    let mut app = app(super::example::ended(), 40, 10);
    press(&mut app, "G");
    check_text("overlay-verdict-end-40x10", &app);
}

#[test]
fn a_room_is_shown_few_things_and_large() {
    for (width, height) in [(200, 60), (120, 40), (100, 30), (80, 23)] {
        let picture = Picture { played: super::example::played().played, ..states::crashed() };
        let mut app = app(picture, width, height);
        app.set_presenter(true);
        if width == 100 {
            check_roles("presenter-100x30", &app);
        } else {
            check_text(&format!("presenter-{width}x{height}"), &app);
        }
    }
}

#[test]
fn two_primaries_are_told_at_every_size() {
    check_roles("screen-split-120x40", &app(states::split(), 120, 40));
    check_text("screen-split-200x60", &app(states::split(), 200, 60));
    check_text("screen-split-80x23", &app(states::split(), 80, 23));
}

#[test]
fn slow_motion_shows_messages() {
    let mut app = app(states::messages(), 120, 40);
    let mut snapshot = Snapshot::still(app.shared_picture().clone());
    for (speed, name) in [(0.1, "tenth"), (0.01, "hundredth")] {
        snapshot.pace.speed = speed;
        app.receive(snapshot.clone());
        check_text(&format!("screen-slow-{name}-120x40"), &app);
    }
}

#[test]
fn nothing_measured_yet() {
    check_text("screen-start-120x40", &app(states::start(), 120, 40));
    check_text("screen-start-80x23", &app(states::start(), 80, 23));
}

#[test]
fn ascii_is_the_same_screen() {
    let options = Options { ascii: true, ..Options::default() };
    let snapshot = Snapshot::still(Arc::new(states::crashed()));
    let plain = frame(&App::new(snapshot, options, 120, 40));
    assert!(plain.content.iter().all(|c| c.symbol().is_ascii()));
    check("screen-ascii-120x40", &text(&plain));
}

#[test]
fn a_world_that_stopped_is_shown() {
    let mut app = app(states::at_rest(), 120, 40);
    let mut snapshot = Snapshot::still(app.shared_picture().clone());
    snapshot.stopped = Some("more than a million events at one instant, 00:42.0".into());
    app.receive(snapshot);
    let screen = text(&frame(&app));
    assert!(screen.contains("✗ stopped"), "{screen}");
    assert!(screen.contains("The world has stopped: more than a million"), "{screen}");
}

#[test]
fn the_pace_is_told() {
    let mut app = app(states::at_rest(), 120, 40);
    let mut told = |change: &dyn Fn(&mut super::feed::Pace)| {
        let mut snapshot = Snapshot::still(app.shared_picture().clone());
        change(&mut snapshot.pace);
        app.receive(snapshot);
        text(&frame(&app)).lines().next().unwrap_or_default().to_string()
    };
    assert!(told(&|p| p.speed = 0.1).contains("▸ 0.1x"));
    assert!(told(&|p| (p.speed, p.reached) = (10.0, Some(0.7))).contains("▸ 0.7x of 10x"));
    assert!(told(&|p| p.paused = true).contains("‖ paused at 1x"));
}

#[test]
fn the_overlays() {
    let mut app = app(states::crashed(), 120, 40);
    press(&mut app, "?");
    check_text("overlay-help-120x40", &app);
    app.resize(80, 23);
    check_text("overlay-help-80x23", &app);
    press(&mut app, "down down down down");
    check_text("overlay-help-scrolled-80x23", &app);
    app.resize(120, 40);
    press(&mut app, "w");
    check_text("overlay-why-120x40", &app);
    press(&mut app, "enter");
    check_roles("overlay-details-120x40", &app);
    app.resize(60, 18);
    check_text("overlay-details-60x18", &app);
}

#[test]
fn the_palette() {
    let mut app = app(states::at_rest(), 120, 40);
    press(&mut app, ": c r a s space w 2");
    let all = [
        ("crash web-1", "the process is gone, the host stays on"),
        ("crash web-2", "the process is gone, the host stays on"),
        ("crash web-2 for 10s", "the same, and back after 10s"),
        ("heal", "ends all faults"),
    ];
    suggest(&mut app, "cras w2", &all);
    check_roles("overlay-palette-120x40", &app);
    app.resize(80, 23);
    check_text("overlay-palette-80x23", &app);
    app.resize(40, 8);
    check_text("overlay-palette-40x8", &app);
}

#[test]
fn details_and_settings() {
    let mut app = app(states::crashed(), 120, 40);
    press(&mut app, "i down");
    check_roles("overlay-settings-120x40", &app);
    press(&mut app, "enter bksp bksp x enter");
    check_text("overlay-setting-refused-120x40", &app);
    app.resize(80, 23);
    check_text("overlay-setting-refused-80x23", &app);
    app.resize(60, 18);
    check_text("overlay-setting-refused-60x18", &app);
    press(&mut app, "esc esc h enter");
    check_text("overlay-link-60x18", &app);
    app.resize(120, 40);
    check_text("overlay-link-120x40", &app);
    press(&mut app, "esc / z o n e : b enter enter");
    check_text("overlay-zone-120x40", &app);
}

#[test]
fn finding_aiming_and_writing() {
    let mut app = app(states::at_rest(), 120, 40);
    press(&mut app, "/ k e e p");
    check_text("overlay-find-120x40", &app);
    press(&mut app, "esc n j");
    check_roles("aim-120x40", &app);
    app.resize(80, 23);
    check_text("aim-80x23", &app);
    press(&mut app, "esc E bksp enter");
    check_text("overlay-export-80x23", &app);
    app.resize(60, 18);
    check_text("overlay-export-60x18", &app);
}

#[test]
fn links_are_marked_in_every_form() {
    for (width, height) in [(120, 40), (80, 23), (60, 18)] {
        let mut app = app(states::at_rest(), width, height);
        press(&mut app, "/ w e b < - > o r d e r s - d b enter");
        assert_eq!(app.selected_name().as_deref(), Some("web<->orders-db"));
        check_text(&format!("screen-link-{width}x{height}"), &app);
    }
}

#[test]
fn the_preview_of_each_verb() {
    let picture = states::crashed();
    let mut all = String::new();
    for verb in crate::chaos::verb::VERBS {
        for line in super::view::preview::preview(verb.example, &picture) {
            all = all + verb.example + "  |  " + &line.plain() + "\n";
        }
    }
    check("previews", &all);
}

#[test]
fn what_has_no_place_of_its_own_is_shown_when_asked_for() {
    let mut app = app(states::crashed(), 80, 23);
    press(&mut app, "5");
    assert!(text(&frame(&app)).contains("health check 2 of web-2 failed"));
    press(&mut app, "6");
    assert!(text(&frame(&app)).contains("acknowledged writes"));
    press(&mut app, "y");
    assert!(text(&frame(&app)).contains("theme light"));
}

#[test]
fn what_is_not_back_yet_is_no_rest() {
    let head = |picture| {
        let screen = text(&frame(&app(picture, 120, 40)));
        screen.lines().next().unwrap_or_default().to_string()
    };
    let mut picture = states::at_rest();
    picture.components[super::example::WEB].nodes[1].believed = Some(false);
    assert!(head(picture).contains("◐ recovering"));
    let mut picture = states::at_rest();
    for component in &mut picture.components {
        if let crate::session::picture::Face::Cache { enabled, .. } = &mut component.face {
            *enabled = false;
        }
    }
    assert!(head(picture).contains("◐ menus off"));
}

#[test]
fn one_panel_at_a_time() {
    for (key, name) in
        [("2", "chart"), ("3", "why"), ("4", "faults"), ("5", "events"), ("6", "truth")]
    {
        let mut app = app(states::crashed(), 60, 18);
        press(&mut app, key);
        check_text(&format!("panel-{name}-60x18"), &app);
    }
}

#[test]
fn a_zoomed_panel_has_the_screen() {
    let mut app = app(states::crashed(), 120, 40);
    press(&mut app, "2 z");
    check_text("zoom-chart-120x40", &app);
    press(&mut app, "z");
    assert_eq!(app.areas().of(super::screen::Panel::Cluster).height, 15);
}
