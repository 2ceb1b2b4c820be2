//! What keys do: orders to the driver, and what is selected, shown and typed.

use super::{app, press, states, suggest};
use crate::tui::app::{App, Effect, Overlay};
use crate::tui::example;
use crate::tui::feed::{Order, Reply, Snapshot};
use crate::tui::input::{Input, Mouse};
use crate::tui::plan::Target;
use crate::tui::screen::Panel;

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
    assert_eq!(
        command(&mut app(states::frozen(), 120, 40), "f").as_deref(),
        Some("resume web-2"),
        "and ends nothing else"
    );
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

/// A link that is cut is healed itself, and not what it leads to.
#[test]
fn the_heal_key_on_a_link_heals_the_link() {
    let mut picture = states::at_rest();
    picture.faults = vec![states::fault(&picture, "cut edge<->web-3", 0, None, 9)];
    let mut app = app(picture, 120, 40);
    select(&mut app, Target::Tap(1, 2));
    assert_eq!(command(&mut app, "H").as_deref(), Some("heal edge<->web-3"));
    select(&mut app, Target::Link(1));
    assert_eq!(command(&mut app, "H").as_deref(), Some("heal edge<->web"));
    // Another link has no fault: all faults are healed.
    select(&mut app, Target::Tap(1, 0));
    assert_eq!(command(&mut app, "H").as_deref(), Some("heal"));
}

/// Clicks where a target is drawn.
fn select(app: &mut App, target: Target) {
    let cluster = app.areas().inside(Panel::Cluster);
    let mut cells = (0..cluster.width).flat_map(|x| (0..cluster.height).map(move |y| (x, y)));
    let (x, y) = cells.find(|(x, y)| app.plan().hit(*x, *y) == Some(target)).expect("it is drawn");
    app.input(Input::Mouse(Mouse::Click(cluster.x + x, cluster.y + y)));
    assert_eq!(app.selection(), Some(target));
}

#[test]
fn the_names_of_panels_are_clicked_where_there_is_one_at_a_time() {
    let mut app = app(states::at_rest(), 60, 18);
    let tabs = app.areas().tabs;
    let shown = crate::tui::tests::text(&crate::tui::shot::frame(&app));
    let row = shown.lines().nth(usize::from(tabs.y)).unwrap();
    for panel in Panel::ALL {
        let byte = row.find(panel.word()).unwrap();
        let x = row[..byte].chars().count() as u16;
        app.input(Input::Mouse(Mouse::Click(x, tabs.y)));
        assert_eq!(app.focus(), panel);
    }
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
fn a_cut_is_aimed_at_its_other_end() {
    let mut app = app(states::at_rest(), 120, 40);
    assert_eq!(press(&mut app, "n"), [Effect::None]);
    assert_eq!(app.aim_command().as_deref(), Some("cut web-2|*"));
    assert!(press(&mut app, "x s u").iter().all(|e| *e == Effect::None), "nothing else is done");
    assert_eq!(command(&mut app, "enter").as_deref(), Some("cut web-2|*"));
    assert_eq!(app.aim(), None);
    // The other end is found by moving, or by its name; what was selected stays so.
    assert_eq!(command(&mut app, "n / o r d e r s - d b - 3 enter enter").as_deref(), {
        Some("cut web-2|orders-db-3")
    });
    assert_eq!(app.selected_name().as_deref(), Some("web-2"));
    press(&mut app, "n j j esc");
    assert_eq!((app.aim(), app.selected_name().as_deref()), (None, Some("web-2")));
    let begun = Effect::Order(Order::Complete("cut web-2|web-3".into()));
    assert_eq!(press(&mut app, "n j :").pop(), Some(begun));
}

#[test]
fn links_are_selected_and_acted_upon() {
    let mut app = app(states::at_rest(), 120, 40);
    press(&mut app, "h");
    assert_eq!(app.selected_name().as_deref(), Some("edge<->web-2"));
    assert_eq!(command(&mut app, "n").as_deref(), Some("cut edge<->web-2"));
    let begun = Effect::Order(Order::Complete("delay edge<->web-2 base=".into()));
    assert_eq!(press(&mut app, "d"), [begun]);
    press(&mut app, "esc");
    let begun = Effect::Order(Order::Complete("lose edge<->web-2 p=".into()));
    assert_eq!(press(&mut app, "L"), [begun]);
    press(&mut app, "esc k k");
    assert_eq!(app.selected_name().as_deref(), Some("edge<->web"));
    press(&mut app, "h");
    assert_eq!(app.selected_name().as_deref(), Some("edge"));
    assert_eq!(command(&mut app, "x").as_deref(), Some("crash edge"));
    press(&mut app, "l j j j l l");
    assert!(app.selected_name().is_some_and(|n| n.starts_with("web")), "{:?}", app.selection());
}

#[test]
fn every_key_of_the_map_does_its_part() {
    let mut app = app(states::at_rest(), 120, 40);
    assert_eq!(command(&mut app, "o").as_deref(), Some("power_off web-2"));
    let begun = Effect::Order(Order::Complete("error web-2 p=".into()));
    assert_eq!(press(&mut app, "e"), [begun]);
    press(&mut app, "esc / z o n e : b enter");
    assert_eq!(app.selected_name().as_deref(), Some("zone:b"));
    assert_eq!(command(&mut app, "o").as_deref(), Some("power_off zone:b"));
    assert_eq!(command(&mut app, "x"), None, "a zone is no process");
    assert_eq!(command(&mut app, "n / z o n e : a enter enter").as_deref(), {
        Some("cut zone:b|zone:a")
    });
    press(&mut app, "/ o r d e r s - d b enter");
    assert_eq!(command(&mut app, "m").as_deref(), Some("promote orders-db-2"));
    assert_eq!(press(&mut app, "P"), [Effect::None]);
    assert!(app.presenter());
    assert_eq!(press(&mut app, "ctrl-z"), [Effect::Suspend]);
    let saved = press(&mut app, "E enter").pop();
    assert!(matches!(saved, Some(Effect::Save(s)) if s.path.ends_with("food-delivery-42s.svg")));
}

#[test]
fn a_name_is_found_while_it_is_typed_and_given_back_by_escape() {
    let mut app = app(states::at_rest(), 80, 23);
    press(&mut app, "/ k e e p");
    assert_eq!(app.selected_name().as_deref(), Some("keeper"));
    press(&mut app, "esc");
    assert_eq!(app.selected_name().as_deref(), Some("web-2"));
    // Watchers have no row of their own here, and stand below their database.
    press(&mut app, "/ o r d e r s - d b enter down");
    assert_eq!(app.selected_name().as_deref(), Some("keeper"));
    press(&mut app, "right right");
    assert_eq!(app.selected_name().as_deref(), Some("keeper-2"));
}

#[test]
fn the_mouse_selects_scrolls_and_opens() {
    let mut app = app(states::crashed(), 120, 40);
    let why = app.areas().of(Panel::Why);
    app.input(Input::Mouse(Mouse::Click(why.x + 3, why.y + 1)));
    assert_eq!(app.focus(), Panel::Why);
    app.input(Input::Mouse(Mouse::Double(why.x + 3, why.y + 1)));
    assert!(matches!(app.overlay(), Overlay::Why(_)));
    press(&mut app, "esc");
    let events = app.areas().of(Panel::Events);
    app.input(Input::Mouse(Mouse::Wheel(true, events.x + 3, events.y + 1)));
    assert_eq!((app.focus(), app.scroll()), (Panel::Events, 3));
    let cluster = app.areas().inside(Panel::Cluster);
    let cells = (0..cluster.width).flat_map(|x| (0..cluster.height).map(move |y| (x, y)));
    let at = cells.clone().find(|(x, y)| app.plan().hit(*x, *y) == Some(Target::Tap(1, 2)));
    let (x, y) = at.expect("the branch to web-3 is drawn");
    app.input(Input::Mouse(Mouse::Double(cluster.x + x, cluster.y + y)));
    assert_eq!(app.selection(), Some(Target::Tap(1, 2)));
    assert!(matches!(app.overlay(), Overlay::Details(_)));
}

#[test]
fn events_are_filtered_and_commands_found_among_them() {
    let mut app = app(states::crashed(), 120, 40);
    press(&mut app, "{");
    let row = app.scroll() as usize;
    let selected = app.events().rev().nth(row).map(|line| line.text.clone());
    assert!(selected.is_some_and(|text| text.starts_with("crash web-2")));
    assert_eq!(press(&mut app, "{"), [Effect::None], "there is no earlier one");
    let all = app.events().count();
    press(&mut app, "G / c o m");
    assert_eq!((app.filter().word(), app.events().count()), ("commands", 1), "while it is typed");
    press(&mut app, "esc");
    assert_eq!((app.filter().word(), app.events().count()), ("all", all));
    press(&mut app, "/ t r o enter");
    assert_eq!((app.filter().word(), app.events().count()), ("trouble", 3));
    press(&mut app, "/ w e b - 2 enter");
    assert_eq!((app.filter().word(), app.events().count()), ("web-2", 3));
    press(&mut app, "/ R E F U S enter");
    assert_eq!(app.filter().word(), "REFUS");
    let refused = app.events().count();
    assert!(refused > 0 && app.events().all(|line| line.text.contains("refus")));
    press(&mut app, "/ z z z enter");
    assert_eq!(app.events().count(), 0);
    press(&mut app, "/ a l l enter");
    assert_eq!((app.filter().word(), app.events().count()), ("all", all));
}

#[test]
fn a_fault_that_is_selected_in_its_list_is_selected_in_the_picture() {
    let mut app = app(states::failover(), 120, 40);
    press(&mut app, "4 j");
    assert!(app.selected_name().is_some_and(|n| n.starts_with("orders-db")));
    assert_eq!(app.scroll(), 1);
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
    assert_eq!(app.selection(), Some(Target::Tap(1, 2)));
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

#[test]
fn settings_are_stepped_edited_and_reset_where_they_stand() {
    let mut app = app(states::at_rest(), 120, 40);
    press(&mut app, "i");
    assert_eq!(command(&mut app, "right").as_deref(), Some("set web.threads=128"));
    assert_eq!(command(&mut app, "left").as_deref(), Some("set web.threads=32"));
    assert_eq!(press(&mut app, "bksp"), [Effect::None], "it is as the file has it");
    let mut picture = states::at_rest();
    let settings = std::sync::Arc::make_mut(&mut picture.components[example::WEB].settings);
    settings[1].value = "128".into();
    app.receive(Snapshot::still(std::sync::Arc::new(picture)));
    assert_eq!(command(&mut app, "bksp").as_deref(), Some("set web.threads=64"));
    // A value that cannot be is told, and nothing is sent.
    assert_eq!(command(&mut app, "enter ctrl-u 0 enter"), None);
    let Overlay::Details(details) = app.overlay() else { panic!("no details") };
    assert!(details.refused().is_some_and(|r| r.contains("expected")), "{:?}", details.refused());
    assert_eq!(command(&mut app, "bksp 8 enter").as_deref(), Some("set web.threads=8"));
    // Who gives it up leaves no trace of it.
    press(&mut app, "enter ctrl-u 0 enter esc");
    let Overlay::Details(details) = app.overlay() else { panic!("no details") };
    assert_eq!((details.refused(), details.is_typing()), (None, false));
    assert_eq!(app.selected_name().as_deref(), Some("web-2"), "the selection did not move");
}

#[test]
fn the_smallest_screen_can_always_be_left() {
    let mut app = app(states::at_rest(), 120, 40);
    press(&mut app, ":");
    app.resize(20, 5);
    assert_eq!(press(&mut app, "ctrl-c"), [Effect::Quit], "the line that is typed takes letters");
    press(&mut app, "esc");
    assert_eq!(press(&mut app, "q"), [Effect::Quit]);
    let mut app = self::app(states::at_rest(), 120, 40);
    press(&mut app, "i enter");
    app.resize(20, 5);
    assert_eq!(press(&mut app, "q"), [Effect::Quit], "a value that is typed is not seen there");
}

/// The line of the screen on which the playbook speaks.
fn caption(app: &App) -> String {
    super::text(&super::frame(app)).lines().nth(4).unwrap_or_default().to_string()
}

#[test]
fn the_verdict_comes_once_and_another_key_goes_on() {
    let mut app = app(example::played(), 120, 40);
    press(&mut app, ":");
    app.receive(Snapshot::still(std::sync::Arc::new(example::ended())));
    assert!(matches!(app.overlay(), Overlay::Palette(_)), "what is being typed is not disturbed");
    press(&mut app, "esc");
    assert!(matches!(app.overlay(), Overlay::Verdict(0)), "also if the world stands still");
    assert_eq!(press(&mut app, "j j"), [Effect::None, Effect::None]);
    assert!(matches!(app.overlay(), Overlay::Verdict(2)), "it can be read to its end");
    assert_eq!(press(&mut app, "x"), [Effect::None], "and crashes nothing");
    assert!(matches!(app.overlay(), Overlay::None));
    app.receive(Snapshot::still(app.shared_picture().clone()));
    assert!(matches!(app.overlay(), Overlay::None));
    assert_eq!(command(&mut app, "x").as_deref(), Some("crash web-2"), "life goes on");
    press(&mut app, "pgdn");
    assert!(matches!(app.overlay(), Overlay::Verdict(0)), "it can be read again");
    assert_eq!(press(&mut app, "q"), [Effect::Quit]);
}

/// The driver lets the world stand still at the end.
#[test]
fn the_world_goes_on_with_the_key_that_leaves_the_verdict() {
    let mut app = app(example::played(), 120, 40);
    let still = |paused| {
        let mut snapshot = Snapshot::still(std::sync::Arc::new(example::ended()));
        snapshot.pace.paused = paused;
        snapshot
    };
    app.receive(still(true));
    assert!(matches!(app.overlay(), Overlay::Verdict(0)));
    assert_eq!(press(&mut app, "enter"), [Effect::Order(Order::Pause(false))]);
    app.receive(still(false));
    // Who reads it again has said meanwhile what time is to do.
    app.receive(still(true));
    assert_eq!(press(&mut app, "pgdn enter"), [Effect::None, Effect::None]);
}

#[test]
fn a_caption_that_does_not_stand_any_more_can_be_read_again() {
    let mut app = app(example::played(), 120, 40);
    let mut picture = example::played();
    picture.played.as_mut().unwrap().say = None;
    app.receive(Snapshot::still(std::sync::Arc::new(picture)));
    assert!(caption(&app).contains("One server of four dies."), "{}", caption(&app));
    press(&mut app, "pgup");
    assert!(caption(&app).contains("00:40 “web-2 is dead."), "{}", caption(&app));
    assert_eq!(press(&mut app, "pgdn pgdn"), [Effect::None, Effect::Order(Order::NextStep)]);
}

#[test]
fn a_clicker_goes_on_and_back() {
    let mut app = app(example::played(), 120, 40);
    assert_eq!(press(&mut app, "pgup"), [Effect::None], "nothing was said before");
    assert_eq!(press(&mut app, "pgdn"), [Effect::Order(Order::NextStep)]);
    let mut picture = example::played();
    let played = picture.played.as_mut().unwrap();
    let step = &mut played.steps[1];
    (step.done, step.next) = (Some(60_000_000_000), None);
    (step.say, played.say) = (Some("It boots.".into()), Some("It boots.".into()));
    app.receive(Snapshot::still(std::sync::Arc::new(picture)));
    assert!(caption(&app).contains("“It boots.”"), "{}", caption(&app));
    press(&mut app, "pgup");
    assert!(caption(&app).contains("00:40 “web-2 is dead."), "{}", caption(&app));
    assert_eq!(press(&mut app, "pgdn"), [Effect::None], "first back to what is said now");
    assert!(caption(&app).contains("“It boots.”"), "{}", caption(&app));
    assert_eq!(press(&mut app, "pgdn"), [Effect::Order(Order::NextStep)]);
    let mut rest = super::app(states::at_rest(), 120, 40);
    assert_eq!(press(&mut rest, "pgdn pgup"), [Effect::None, Effect::None]);
}

/// What lies on top is scrolled by it, and no step is done behind it.
#[test]
fn a_page_is_read_before_the_playbook_goes_on() {
    for opens in ["?", "w", "enter"] {
        let mut app = app(example::played(), 120, 40);
        press(&mut app, opens);
        assert_eq!(press(&mut app, "pgdn pgup"), [Effect::None, Effect::None], "{opens}");
        assert_eq!(press(&mut app, "esc pgdn")[1], Effect::Order(Order::NextStep), "{opens}");
    }
}

#[test]
fn a_session_is_saved_from_the_palette() {
    let mut app = app(states::at_rest(), 120, 40);
    let typed = ": s a v e space x . t o m l enter";
    let Some(Effect::Save(save)) = press(&mut app, typed).pop() else { panic!("nothing is saved") };
    assert_eq!((save.path.to_str(), save.replace), (Some("x.toml"), false));
    assert!(matches!(app.overlay(), Overlay::None));
    // One that is there is asked about again, with its name.
    app.saved(&save, Err(crate::tui::app::Unwritten::Exists));
    let Some(Effect::Save(again)) = press(&mut app, "enter").pop() else { panic!("it is not") };
    assert!(again.replace && again.path == save.path);
    assert_eq!(press(&mut app, ": s a v e space x . d o c enter").pop(), Some(Effect::None));
    let Overlay::Palette(palette) = app.overlay() else { panic!("the palette stays open") };
    assert!(
        palette.refused().is_some_and(|why| why.contains("`.toml`")),
        "{:?}",
        palette.refused()
    );
}
