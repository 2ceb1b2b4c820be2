//! What a person stumbled over who saw the screen for the first time: pictures that did not agree, and
//! keys that did what nobody saw.

use super::{app, frame, press, states, suggest, text};
use crate::chaos::Command;
use crate::session::Session;
use crate::session::picture::Picture;
use crate::sim::observation::NodeState;
use crate::sim::time::SECOND;
use crate::tui::app::{App, Effect, Overlay};
use crate::tui::example::WEB;
use crate::tui::feed::{Order, Snapshot};
use crate::tui::plan::Target;
use crate::tui::screen::Panel;
use crate::tui::theme::Role;
use crate::tui::view::preview::preview;
use crate::tui::view::text::Line;
use std::sync::Arc;

/// The usual cluster, some seconds after a command at 3 s.
fn after(text: &str, seconds: u64) -> Picture {
    let playbook = crate::playbook::open("food-delivery").unwrap().into_playbook();
    let mut session = Session::new(&playbook, 7);
    session.advance(3 * SECOND).unwrap();
    session.inject(&Command::parse(text).unwrap()).unwrap();
    session.advance((3 + seconds) * SECOND).unwrap();
    session.picture()
}

const LARGE: [(u16, u16); 3] = [(200, 60), (120, 40), (80, 23)];

/// The signs of cuts on the picture of the cluster: each with what follows it, and its row.
fn cuts(picture: &Picture, size: (u16, u16)) -> Vec<(String, String)> {
    let app = app(picture.clone(), size.0, size.1);
    let all = text(&frame(&app));
    let area = app.areas().of(Panel::Cluster);
    let rows = all.lines().skip(area.y.into()).take(area.height.into());
    let mut found = Vec::new();
    for row in rows {
        let pieces: Vec<&str> = row.split('╳').collect();
        found.extend(pieces[1..].iter().map(|p| {
            let figures = p.chars().take_while(|c| c.is_ascii_digit() || *c == '/');
            (figures.collect(), row.to_string())
        }));
    }
    found
}

#[test]
fn a_cut_is_seen_with_its_count_at_every_size_and_blames_nobody_else() {
    let picture = after("cut web-2|*", 1);
    for size in LARGE {
        let found = cuts(&picture, size);
        let quarters = found.iter().filter(|(count, _)| count == "1/4").count();
        // To the cache, the database and the queue; in strips from the balancer, too.
        assert!(quarters >= 3, "{size:?}: {found:#?}");
        for (count, row) in &found {
            assert!(!count.is_empty() || row.contains("web-2"), "{size:?}: {row}");
        }
    }
}

#[test]
fn a_cut_stays_in_sight_while_two_nodes_are_primaries_and_is_counted_alike_everywhere() {
    let playbook = crate::playbook::open("partition-unfenced").unwrap().into_playbook();
    let mut session = Session::new(&playbook, playbook.seed);
    session.advance(15 * SECOND).unwrap();
    let picture = session.picture();
    for size in LARGE {
        let found = cuts(&picture, size);
        assert!(found.iter().any(|(count, _)| count == "4/8"), "{size:?}: {found:#?}");
    }
}

#[test]
fn the_busiest_is_the_first_limit_and_stands_before_the_next() {
    let playbook = crate::playbook::open("food-delivery").unwrap().into_playbook();
    let mut session = Session::new(&playbook, 3);
    let mut agreed = 0;
    for tenth in 20..260 {
        session.advance(tenth * SECOND / 10).unwrap();
        let picture = session.picture();
        let (busiest, then) = (picture.vitals.busiest.unwrap(), picture.vitals.then.unwrap());
        assert!(busiest.1 >= then.1, "{busiest:?} before {then:?}");
        if let Some((_, limit)) = picture.why.text.split_once("The first limit is ") {
            let share = (busiest.1 * 100.0).round();
            let told = format!("{}: {share} % busy", busiest.0);
            assert!(limit.starts_with(&told), "{told}, and {limit}");
            agreed += 1;
        }
    }
    assert!(agreed > 100, "{agreed}");
}

/// A server all of whose threads are held, on idle cores.
fn stuck() -> Picture {
    let mut picture = states::at_rest();
    for node in &mut picture.components[WEB].nodes {
        node.utilisation = 0.09;
        node.threads = Some((5, Some(64)));
    }
    picture.components[WEB].nodes[1].threads = Some((64, Some(64)));
    picture
}

#[test]
fn a_server_whose_threads_are_all_held_is_not_shown_as_well() {
    for size in [(200, 60), (120, 40)] {
        let app = app(stuck(), size.0, size.1);
        let all = text(&frame(&app));
        let row = all.lines().find(|l| l.contains("web-2")).unwrap();
        assert!(row.contains("◐ web-2") && row.contains(" 64/64"), "{row}");
        let row = all.lines().find(|l| l.contains("web-1")).unwrap();
        assert!(row.contains("● web-1") && row.contains("9%"), "{row}");
    }
    let mut picture = stuck();
    picture.vitals.in_flight = 260;
    for node in &mut picture.components[WEB].nodes {
        node.threads = Some((64, Some(64)));
    }
    for size in LARGE {
        let app = app(picture.clone(), size.0, size.1);
        let all = text(&frame(&app));
        assert!(all.contains("threads 256/256") || all.contains("thr 100%"), "{all}");
    }
    let in_flight = crate::tui::view::vitals::vitals(&app(picture, 120, 40)).remove(3);
    assert_eq!(in_flight.note, Line::of(Role::NodeDown, "threads 256/256"));
}

#[test]
fn the_footer_of_a_node_that_is_cut_off_says_so() {
    let picture = after("cut web-3|*", 1);
    let mut app = app(picture, 120, 40);
    let footer = |app: &App| crate::tui::view::footer::footer(app).selection.plain();
    assert!(!footer(&app).contains("cut off"), "{}", footer(&app));
    press(&mut app, "/ w e b - 3 enter");
    assert!(footer(&app).contains("◆ web-3  ╳ cut off from all others"), "{}", footer(&app));
    press(&mut app, "/ e d g e enter");
    assert!(!footer(&app).contains("cut off"), "of its links one: {}", footer(&app));
}

#[test]
fn a_preview_says_what_it_counts_and_that_who_watches_is_hit_too() {
    let picture = states::at_rest();
    let lines = |text: &str| {
        let lines = preview(text, &picture);
        lines.iter().map(Line::plain).collect::<Vec<_>>().join("\n")
    };
    let all = lines("crash *");
    assert!(all.contains(" /s of calls, "), "{all}");
    assert!(all.contains("by nobody: those who check go down, too"), "{all}");
    let one = lines("crash edge,web-2");
    assert!(one.contains("by nobody: those who check go down, too"), "{one}");
    let unknown = lines("crash app-less,web-2");
    assert!(unknown.starts_with('✗') && !unknown.contains("noticed"), "{unknown}");
    let watched = lines("crash menus,web-2");
    assert!(watched.contains("by edge after 3 missed checks"), "{watched}");
    assert!(!watched.contains("by nobody"), "{watched}");
}

#[test]
fn the_palette_marks_no_row_that_enter_could_not_run_and_counts_what_is_listed() {
    let mut app = app(states::at_rest(), 120, 40);
    press(&mut app, ": z z z z");
    suggest(&mut app, "zzzz", &[("crash web-1", "a"), ("heal", "b")]);
    let all = text(&frame(&app));
    assert!(all.contains("nothing fits; like it:") && !all.contains("▸ crash"), "{all}");
    assert!(!all.contains("▸ heal"), "{all}");
    press(&mut app, "esc");
    press(&mut app, ": c r a s h space w e b - 9");
    suggest(&mut app, "crash web-9", &[("crash web-9", "not there")]);
    let all = text(&frame(&app));
    assert!(all.contains("crash web-9") && !all.contains("▸ crash web-9"), "{all}");
    press(&mut app, "esc");
    press(&mut app, ": c r a s h");
    let names: Vec<String> = (1..=12).map(|i| format!("crash web-{i}")).collect();
    let rows: Vec<(&str, &str)> = names.iter().map(|n| (n.as_str(), "")).collect();
    suggest(&mut app, "crash", &rows);
    let all = text(&frame(&app));
    assert!(all.contains(" 12 matches") && all.contains("↓ 4 more"), "{all}");
}

fn injects(effects: &[Effect]) -> bool {
    effects.iter().any(|e| matches!(e, Effect::Order(Order::Inject { .. })))
}

#[test]
fn keys_under_the_help_do_not_reach_the_world() {
    for open in ["?", "w"] {
        for key in ["x", "c", "o", "f", "H", "t", "s", "n"] {
            let mut app = app(states::crashed(), 120, 40);
            press(&mut app, open);
            let effects = press(&mut app, key);
            assert!(!injects(&effects) && app.aim().is_none(), "{open} {key}");
            let said = app.said().unwrap_or_default().to_string();
            assert!(said.contains("first esc, which closes "), "{open} {key}: {said}");
            assert!(matches!(app.overlay(), Overlay::Help(_) | Overlay::Why(_)), "{open} {key}");
        }
    }
    let mut app = app(states::at_rest(), 120, 40);
    press(&mut app, "enter");
    assert!(!injects(&press(&mut app, "c")), "the cache is not what is open");
    assert!(injects(&press(&mut app, "x")), "what is open is");
}

#[test]
fn the_help_scrolls_by_pages_and_to_its_end() {
    let mut app = app(states::at_rest(), 80, 23);
    press(&mut app, "?");
    let at = |app: &App| match app.overlay() {
        Overlay::Help(at) => *at,
        _ => panic!("the help is open"),
    };
    let first = text(&frame(&app));
    assert!(first.contains("pgup pgdn scroll"), "{first}");
    press(&mut app, "pgdn");
    assert!(at(&app) > 0 && app.said().is_none());
    press(&mut app, "end");
    let end = text(&frame(&app));
    let goes_on = end.lines().any(|l| l.contains('↓') && l.contains(" more "));
    assert!(end.contains("leave") && !goes_on, "{end}");
    press(&mut app, "home");
    assert_eq!((at(&app), text(&frame(&app))), (0, first));
}

#[test]
fn on_the_smallest_screen_nothing_is_done_to_somebody_unseen() {
    let mut app = app(states::at_rest(), 20, 5);
    for key in ["x", "o", "s", "n", "t", "c"] {
        assert!(!injects(&press(&mut app, key)), "{key}");
        let all = text(&frame(&app)).replace('\n', " ");
        assert!(all.contains("too small"), "{key}: {all}");
        assert!(app.aim().is_none() && !app.has_overlay(), "{key}");
    }
    press(&mut app, ": c r a s h space w e b - 1");
    let all = text(&frame(&app));
    assert!(all.contains(": crash web-1▏") && all.contains("will hit   web-1"), "{all}");
    assert_ne!(press(&mut app, "q"), [Effect::Quit], "a letter of the line");
    press(&mut app, "bksp enter");
    press(&mut app, "esc");
    assert_eq!(press(&mut app, "q"), [Effect::Quit]);
}

#[test]
fn motion_that_is_off_is_seen_to_be() {
    let mut app = app(states::at_rest(), 120, 40);
    assert!(!text(&frame(&app)).contains("motion off"));
    press(&mut app, "a j");
    assert!(text(&frame(&app)).contains("motion off"), "also when it is not told any more");
}

#[test]
fn a_setting_that_is_as_in_the_file_says_so_when_it_is_reset() {
    let mut app = app(states::at_rest(), 120, 40);
    press(&mut app, "i bksp");
    assert_eq!(app.said(), Some("threads is 64 in the file, too: nothing to reset"));
}

#[test]
fn a_cut_begins_at_somebody_who_lives() {
    let mut picture = states::crashed();
    assert_eq!(picture.components[WEB].nodes[1].state, NodeState::Crashed);
    let mut shown = app(picture.clone(), 120, 40);
    press(&mut shown, "n");
    assert_eq!(shown.aim_command().as_deref(), Some("cut web-3|*"));
    for node in &mut picture.components[WEB].nodes {
        node.state = NodeState::Crashed;
    }
    let mut shown = app(picture, 120, 40);
    press(&mut shown, "n");
    assert_eq!(shown.aim_command().as_deref(), Some("cut web-2|*"), "nobody lives");
}

#[test]
fn the_footer_tells_what_a_panel_can_do_and_the_way_out() {
    let mut app = app(states::crashed(), 200, 60);
    let keys = |app: &App| {
        let footer = crate::tui::view::footer::footer(app);
        footer.keys.into_iter().map(|(key, word)| format!("{key} {word}")).collect::<Vec<_>>()
    };
    assert_eq!(keys(&app)[0], "r restart");
    press(&mut app, "5");
    assert_eq!(keys(&app)[..4], ["z zoom", "/ find", "g first", "G last"]);
    press(&mut app, "z");
    assert_eq!(keys(&app)[0], "esc back");
    press(&mut app, "esc 2");
    assert_eq!(keys(&app)[0], "z zoom");
    press(&mut app, "enter");
    assert_eq!(keys(&app)[0], "esc back");
}

#[test]
fn the_name_of_the_world_stays_when_the_machine_is_slow() {
    for (width, height) in [(60, 18), (80, 23), (120, 40)] {
        let mut app = app(states::at_rest(), width, height);
        assert!(text(&frame(&app)).lines().next().unwrap().contains("food-delivery"));
        let mut snapshot = Snapshot::still(Arc::clone(app.shared_picture()));
        snapshot.pace.reached = Some(0.9);
        app.receive(snapshot);
        let all = text(&frame(&app));
        let top = all.lines().next().unwrap();
        assert!(top.contains("food-delivery") && top.contains("00:42"), "{top}");
    }
}

#[test]
fn nothing_to_heal_is_said_plainly() {
    let mut app = app(states::at_rest(), 120, 40);
    press(&mut app, "H");
    assert_eq!(app.said(), Some("H: nothing to heal: no fault is active"));
    assert_eq!(app.selection(), Some(Target::Node(WEB, 1)));
}
