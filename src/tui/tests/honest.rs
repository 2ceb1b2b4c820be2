//! What was told at one size or in one place and not in another, or other than it was.

use super::{app, frame, press, roles, states, text};
use crate::session::picture::{Face, Fault, Picture, PoolUse, Role as DbRole, Tone};
use crate::sim::observation::NodeState;
use crate::sim::reading::MemoryReading;
use crate::sim::time::{MILLISECOND, SECOND};
use crate::tui::action::TABLE;
use crate::tui::app::{App, Overlay};
use crate::tui::example::{self, EDGE, KEEPER, ORDERS, WEB};
use crate::tui::feed::{Pace, Snapshot};
use crate::tui::screen::Panel;
use crate::tui::theme::Role;
use crate::tui::view::node::state;
use crate::tui::view::nodes::nodes;
use crate::tui::view::pools::pools;
use crate::tui::view::preview::preview;
use crate::tui::view::text::Line;
use std::sync::Arc;

fn lines(app: &App) -> Vec<String> {
    text(&frame(app)).lines().map(ToString::to_string).collect()
}

fn paced(picture: Picture, size: (u16, u16), change: impl Fn(&mut Pace)) -> App {
    let mut app = app(picture, size.0, size.1);
    let mut snapshot = Snapshot::still(app.shared_picture().clone());
    change(&mut snapshot.pace);
    app.receive(snapshot);
    app
}

#[test]
fn the_smallest_screen_tells_the_verdict() {
    let app = app(example::ended(), 20, 5);
    let shown = lines(&app);
    assert_eq!(shown[0].trim_end(), "✗ deviated", "{shown:#?}");
    assert!(roles(&frame(&app)).starts_with("X XXXXXXXX\n"));
    assert!(shown.iter().any(|line| line.starts_with("goodput")), "{shown:#?}");
    assert_eq!(shown[4].trim_end(), "01:30.0  q quit");
}

/// All nodes are up, and none may lead: its watchers are gone.
#[test]
fn a_database_without_a_primary_is_not_drawn_calm() {
    for size in [(200, 60), (120, 40), (80, 23)] {
        let mut picture = states::at_rest();
        let database = &mut picture.components[ORDERS];
        database.nodes[0].role = Some(DbRole::CutOff);
        if let Face::Database { primaries, .. } = &mut database.face {
            *primaries = 0;
        }
        let shown = text(&frame(&app(picture, size.0, size.1)));
        let told = ["▲ NO PRIMARY", "▲ NO ★"].iter().any(|word| shown.contains(word));
        assert!(told, "{size:?} {shown}");
    }
}

/// A component is named by its nodes, too.
#[test]
fn the_events_of_a_component_are_those_of_its_nodes() {
    let mut picture = states::at_rest();
    let text = "edge: web-2 is out, 3 checks failed in a row".to_string();
    picture.events.push(crate::observe::log::Line { at: 1, tone: Tone::Warning, text });
    for name in ["w e b", "w e b - 2"] {
        let mut app = app(picture.clone(), 120, 40);
        press(&mut app, &format!("5 / {name} enter"));
        assert!(app.events().any(|e| e.text.contains("web-2 is out")), "{name}");
    }
}

#[test]
fn the_smallest_screen_cuts_no_words() {
    let mut picture = example::at_rest();
    (picture.vitals.failed, picture.vitals.calm_for) = (Some(0.9), None);
    let shown = lines(&app(picture, 20, 5));
    assert_eq!(shown[0].trim_end(), "✗ requests fail", "{shown:#?}");
}

#[test]
fn the_clock_is_as_fine_as_time_is_slow() {
    for size in [(120, 40), (20, 5)] {
        let told =
            |picture, change: &dyn Fn(&mut Pace)| lines(&paced(picture, size, change)).join("\n");
        assert!(told(states::at_rest(), &|p| p.speed = 0.01).contains("00:42.000"));
        assert!(told(states::at_rest(), &|p| p.paused = true).contains("00:42.000000"));
        let end = told(example::ended(), &|p| p.paused = true);
        assert!(end.contains("01:30.0") && !end.contains("01:30.00"), "{end}");
    }
}

#[test]
fn a_room_sees_two_primaries_and_cuts() {
    for size in [(120, 40), (100, 30), (80, 23)] {
        let mut app = app(states::split(), size.0, size.1);
        app.set_presenter(true);
        let shown = text(&frame(&app));
        let primaries =
            shown.contains("PRIMARIES") || shown.contains("SPLIT") || shown.contains("2 primaries");
        assert!(primaries && shown.contains("★"), "{size:?}\n{shown}");
    }
    for size in [(120, 40), (100, 30), (80, 23)] {
        let mut picture = states::at_rest();
        picture.flows[4].taps[0].cut = 4;
        picture.flows[4].taps[0].links = 4;
        let mut app = app(picture, size.0, size.1);
        app.set_presenter(true);
        let shown = text(&frame(&app));
        assert!(shown.contains('╳'), "{size:?}\n{shown}");
    }
}

#[test]
fn watchers_that_do_not_hear_each_other_are_not_just_up() {
    let keeper = |picture: Picture| {
        let all = lines(&app(picture, 60, 18));
        all.into_iter().find(|line| line.contains("keeper")).unwrap()
    };
    assert!(keeper(states::at_rest()).contains("●●●     epoch 1"));
    assert!(
        keeper(states::split()).contains("●●●     2 of 3 linked"),
        "{}",
        keeper(states::split())
    );
    let mut picture = states::at_rest();
    for (side, node) in picture.components[KEEPER].nodes.iter_mut().enumerate() {
        node.side = side;
    }
    assert!(keeper(picture).contains("no quorum"));
    let mut picture = states::at_rest();
    picture.components[KEEPER].nodes[1].state = NodeState::Crashed;
    assert!(keeper(picture.clone()).contains("✗2 crashed"), "{}", keeper(picture));
}

#[test]
fn work_that_nobody_waits_for_is_told_beside_what_is_in_flight() {
    let mut picture = states::at_rest();
    for node in &mut picture.components[WEB].nodes {
        (node.threads, node.backlog) = (Some((64, Some(64))), Some((2_000, Some(2_000))));
    }
    picture.vitals.in_flight = 3_490;
    let shown = text(&frame(&app(picture.clone(), 120, 40))).replace('\u{202f}', " ");
    assert!(shown.contains("▲ 4 770 given up"), "{shown}");
    // Behind a queue nobody waits: what is worked on there is not given up.
    picture.components[EDGE].face = picture.components[example::COURIERS].face.clone();
    let shown = text(&frame(&app(picture, 120, 40)));
    assert!(!shown.contains("given up"), "{shown}");
}

#[test]
fn of_a_long_name_the_end_goes_and_not_the_seed() {
    let mut picture = states::at_rest();
    picture.cluster = "a-cluster-with-a-name-that-is-much-too-long-for-any-line-of-a-screen".into();
    for size in [(120, 40), (80, 23)] {
        let top = lines(&app(picture.clone(), size.0, size.1)).remove(0);
        assert!(top.contains("brownout  a-cluster-wi") && top.contains('…'), "{top}");
        assert!(top.contains("00:42.0") && top.contains("seed 7"), "{top}");
    }
}

#[test]
fn what_boots_is_not_up_while_it_says_so() {
    let mut picture = states::at_rest();
    picture.components[WEB].nodes[1].state = NodeState::Booting(picture.now + SECOND / 100);
    let shown = text(&frame(&app(picture, 120, 40)));
    assert!(shown.contains("booting, 0.1 s left") && shown.contains("boots 0.1s"), "{shown}");
}

/// The table says which actions show something: on the smallest screen there is no room for it.
#[test]
fn what_opens_something_says_so_in_the_table() {
    for row in TABLE {
        let mut app = app(example::asking(), 120, 40);
        press(&mut app, "esc");
        app.update(row.action);
        let opened = !matches!(app.overlay(), Overlay::None | Overlay::Palette(_));
        assert!(!opened || row.opens, "{row:?}");
    }
    assert_eq!(TABLE.iter().filter(|row| row.opens).count(), 7);
}

#[test]
fn on_the_smallest_screen_nothing_opens_that_cannot_be_seen() {
    for row in TABLE.iter().filter(|row| row.opens) {
        let mut app = app(example::asking(), 20, 5);
        press(&mut app, "esc");
        press(&mut app, row.keys[0]);
        assert!(!app.has_overlay() && app.said().is_some(), "{row:?}");
    }
}

#[test]
fn a_preview_counts_what_is_slow_already() {
    let mut picture = states::at_rest();
    let node = &mut picture.components[WEB].nodes[0];
    (node.utilisation, node.slow) = (0.5, 2.0);
    let lines = preview("slow web-1 factor=3", &picture);
    let text = lines.iter().map(Line::plain).collect::<Vec<_>>().join("\n");
    assert!(text.contains("web-1 with 75 % of its cores"), "{text}");
}

#[test]
fn a_preview_of_one_way_does_not_say_both() {
    let told = |text| {
        let lines = preview(text, &states::at_rest());
        lines.iter().map(Line::plain).collect::<Vec<_>>().join("\n")
    };
    let one = told("lose edge->web p=10%");
    assert!(one.contains("(all of the link, only from edge to web)"), "{one}");
    let back = told("delay web->edge base=5ms");
    assert!(back.contains("only from web to edge"), "{back}");
    assert!(told("lose edge<->web p=10%").contains("(all of the link, both ways)"));
}

#[test]
fn a_link_between_zones_has_more_than_one_latency() {
    let mut app = app(states::at_rest(), 120, 40);
    press(&mut app, "/ e d g e < - > w e b enter enter");
    let shown = text(&frame(&app));
    assert!(shown.contains("0.2 ms to 1.0 ms one way"), "{shown}");
}

#[test]
fn a_high_latency_is_amber_in_the_chart() {
    let amber = |p99| {
        let mut picture = states::at_rest();
        let mut bins = picture.chart.to_vec();
        for bin in &mut bins {
            bin.p99 = Some(p99);
        }
        picture.chart = Arc::new(bins);
        let app = app(picture, 120, 40);
        let (buffer, area) = (frame(&app), app.areas().inside(Panel::Chart));
        let ink = app.theme().style(Role::NodeWarn).fg;
        let last = (area.x..area.right()).map(|x| &buffer[(x, area.bottom() - 1)]);
        last.filter(|cell| cell.symbol() != " " && Some(cell.fg) == ink).count()
    };
    assert_eq!(amber(100 * MILLISECOND), 0);
    assert!(amber(900 * MILLISECOND) > 50);
}

#[test]
fn a_fault_that_has_hit_nobody_says_so() {
    let mut picture = states::at_rest();
    let nobody = states::fault(&picture, "lose web->menus p=1%", 0, None, 0);
    picture.faults = vec![Fault { touched_messages: 0, touched_nodes: 0, ..nobody }];
    let shown = text(&frame(&app(picture, 120, 40)));
    assert!(shown.contains("hit nothing yet"), "{shown}");
}

#[test]
fn a_failover_that_cannot_go_on_says_why() {
    let mut picture = states::failover();
    let failover = &mut picture.failovers[0];
    (failover.elected, failover.due, failover.stalled) = (None, None, 1);
    let shown = text(&frame(&app(picture, 120, 40)));
    assert!(shown.contains("electing  no majority, or nobody to promote"), "{shown}");
}

#[test]
fn a_step_that_is_done_has_another_colour_than_one_to_come() {
    let app = app(example::played(), 200, 60);
    let (buffer, area) = (frame(&app), app.areas().playbook);
    let signs = area.positions().map(|at| &buffer[at]).filter(|cell| cell.symbol() == "▲");
    let ink = |role| app.theme().style(role).fg;
    let inks: Vec<_> = signs.map(|cell| Some(cell.fg)).collect();
    assert_eq!(inks, [ink(Role::Marker), ink(Role::Dim), ink(Role::Dim)]);
}

#[test]
fn who_boots_for_want_of_memory_says_so() {
    let mut picture = states::at_rest();
    let now = picture.now;
    let node = &mut picture.components[WEB].nodes[1];
    (node.state, node.since) = (NodeState::Booting(now + SECOND), now);
    let killed = |at| Some(MemoryReading { used: 0, limit: None, kills: 1, killed: at });
    node.memory = killed(None);
    assert!(state(node, now).plain().starts_with("◐ booting"));
    node.memory = killed(Some(now));
    assert_eq!(state(node, now).plain(), "✗ out of memory, boots in 1.0 s");
}

#[test]
fn those_who_wait_for_a_connection_and_what_failed_are_red() {
    let mut picture = states::at_rest();
    picture.components[WEB].nodes[0].outcomes = (10, 3);
    let failed = nodes(&picture).into_iter().find(|line| line.plain().contains("web-1")).unwrap();
    let last = failed.bits.iter().rev().find(|bit| !bit.text.trim().is_empty()).unwrap();
    assert_eq!((last.text.as_str(), last.role), ("3", Role::FlowFail));
    let names = ("web".into(), "orders-db".into());
    let (owner, database) = names;
    picture.pools = vec![PoolUse { owner, database, used: 1, size: Some(8), waiting: 2 }];
    let pools = pools(&picture, 20);
    let waits = pools.iter().find(|line| line.plain().contains("2 wait")).unwrap();
    assert_eq!(waits.bits.last().unwrap().role, Role::NodeDown);
}
