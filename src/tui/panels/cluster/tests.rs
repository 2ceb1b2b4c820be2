//! What the picture looks like, at each size and in each state: text, and the roles of its colours.

use super::*;
use crate::session::picture::Face;
use crate::sim::observation::NodeState;
use crate::tui::example;
use crate::tui::theme::Depth;
use crate::tui::{svg, theme};
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;

fn drawn(picture: &Picture, size: (u16, u16), look: &Look) -> Buffer {
    let theme = Theme::named("dark", Depth::True).unwrap();
    let plan = Plan::new(size, picture, Detail::Wide);
    let area = Rect::new(0, 0, size.0, size.1);
    let mut buffer = Buffer::empty(area);
    buffer.set_style(area, theme.base());
    draw(picture, &plan, look, &theme, area, &mut buffer);
    buffer
}

/// Text, and below it the role of each cell that has another colour than plain text.
fn snapshot(buffer: &Buffer) -> String {
    let theme = Theme::default();
    let letter = |style: Style| {
        let (reversed, plain) = (Modifier::REVERSED, style.remove_modifier(Modifier::REVERSED));
        let plain = Style { sub_modifier: Modifier::empty(), ..plain };
        let found = LETTERS.iter().find(|(role, _)| theme.style(*role).fg == plain.fg);
        let letter = found.map_or('?', |(_, letter)| *letter);
        let bold = theme.style(Role::Accent).fg == plain.fg;
        match style.add_modifier.contains(reversed) {
            true => letter.to_ascii_uppercase(),
            false if bold => 'A',
            false => letter,
        }
    };
    let mut styles = String::new();
    for row in buffer.content.chunks(buffer.area.width as usize) {
        let line: String = row
            .iter()
            .map(|cell| if cell.symbol() == " " { ' ' } else { letter(cell.style()) })
            .collect();
        styles.push_str(line.trim_end());
        styles.push('\n');
    }
    format!("{}\n{styles}", svg::text(buffer))
}

/// The text of the cells in which background and text are exchanged, by the roles of bad news.
fn inverse(buffer: &Buffer) -> String {
    let bad = Theme::default().style(Role::DataBad).fg;
    let is_inverse = |cell: &&ratatui::buffer::Cell| {
        cell.modifier.contains(Modifier::REVERSED) && Some(cell.fg) == bad
    };
    buffer.content.iter().filter(is_inverse).map(ratatui::buffer::Cell::symbol).collect()
}

/// Roles that share a colour share a letter: they differ by glyph and word.
const LETTERS: [(Role, char); 9] = [
    (Role::Text, 't'),
    (Role::Dim, '.'),
    (Role::Accent, 'a'),
    (Role::NodeOk, 'o'),
    (Role::NodeWarn, 'w'),
    (Role::NodeDown, 'x'),
    (Role::FlowOk, 'f'),
    (Role::Primary, 'p'),
    (Role::Marker, 'm'),
];

const SIZES: [(u16, u16); 3] = [(118, 15), (198, 17), (80, 8)];

#[test]
fn states_at_all_sizes() {
    let states: [(&str, Picture); 4] = [
        ("rest", example::at_rest()),
        ("crashed", example::crashed()),
        ("promoting", example::promoting()),
        ("cut", example::cut()),
    ];
    for (name, picture) in states {
        for size in SIZES {
            let buffer = drawn(&picture, size, &Look::default());
            insta::with_settings!({snapshot_path => "../../../../tests/snapshots", prepend_module_to_snapshot => false}, {
                insta::assert_snapshot!(format!("cluster_{name}_{}x{}", size.0, size.1), snapshot(&buffer));
            });
        }
    }
}

#[test]
fn small_screens_have_a_table() {
    let buffer = drawn(&example::crashed(), (60, 10), &Look::default());
    insta::with_settings!({snapshot_path => "../../../../tests/snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("cluster_crashed_60x10", snapshot(&buffer));
    });
}

#[test]
fn a_picture_in_ascii_has_the_same_layout() {
    let mut buffer = drawn(&example::crashed(), (118, 15), &Look::default());
    theme::ascii(&mut buffer);
    let text = svg::text(&buffer);
    assert!(text.is_ascii() && !text.contains('?'), "{text}");
    assert!(text.contains("+x>| X web-2 b unseen 0.9s|"), "{text}");
}

#[test]
fn two_primaries_are_inverse_and_in_words() {
    let mut picture = example::at_rest();
    let database = &mut picture.components[example::ORDERS];
    database.nodes[1].role = Some(crate::session::picture::Role::Primary);
    if let Face::Database { primaries, .. } = &mut database.face {
        *primaries = 2;
    }
    let buffer = drawn(&picture, (118, 15), &Look::default());
    let text = snapshot(&buffer);
    assert!(text.contains("▲ SPLIT"), "{text}");
    assert!(inverse(&buffer).contains("▲ SPLIT"), "{:?}", inverse(&buffer));
    assert_eq!(text.matches('★').count(), 2);
    let wide = snapshot(&drawn(&picture, (198, 17), &Look::default()));
    assert!(wide.contains("▲ 2 PRIMARIES"), "{wide}");
    let narrow = snapshot(&drawn(&picture, (80, 7), &Look::default()));
    assert!(narrow.contains("▲ 2 primaries"), "{narrow}");
}

#[test]
fn pulses_move_and_stand_still() {
    let look = |phase, motion| Look { phase, motion, ..Look::default() };
    let picture = example::at_rest();
    let at = |phase, motion| svg::text(&drawn(&picture, (118, 15), &look(phase, motion)));
    assert_ne!(at(0, true), at(1, true));
    assert_eq!(at(0, true), at(12, true));
    assert_eq!(at(0, false), at(1, false));
    assert!(at(0, false).contains("608 /s"), "{}", at(0, false));
}

#[test]
fn nothing_moves_beyond_a_cut() {
    let mut picture = example::at_rest();
    let flow = &mut picture.flows[3];
    for tap in &mut flow.taps {
        (tap.cut, tap.links) = (4, 4);
    }
    for phase in 0..12 {
        let text = svg::text(&drawn(&picture, (118, 15), &Look { phase, ..Look::default() }));
        let line = text.lines().find(|l| l.contains('╳')).unwrap();
        assert!(!line.split('╳').nth(1).unwrap().contains('━'), "{line}");
    }
}

/// Every size down to nothing, every number of nodes: no panic, and nothing outside.
#[test]
fn any_size_and_any_number_of_nodes_can_be_drawn() {
    for nodes in [1, 2, 6, 7, 24, 25, 100] {
        let picture = example::servers(nodes);
        for wide in (0..140).step_by(7) {
            for high in 0..20 {
                let plan = Plan::new((wide, high), &picture, Detail::Wide);
                let drawn = framed_by_dots(&picture, &plan, (wide, high));
                assert_eq!(drawn.1, 0, "{nodes} nodes, {wide}x{high}:\n{}", drawn.0);
                let room = wide >= 70 && high >= 10;
                assert!(!room || drawn.0.contains("web"), "{wide}x{high}:\n{}", drawn.0);
            }
        }
    }
}

/// What a plan of four servers has places for is drawn of a picture that has only one of them.
#[test]
fn a_plan_of_an_older_picture_does_no_harm() {
    let size = (118, 15);
    let plan = Plan::new(size, &example::at_rest(), Detail::Wide);
    let (text, outside) = framed_by_dots(&example::servers(1), &plan, size);
    assert_eq!(outside, 0, "{text}");
    assert!(text.contains("web") && !text.contains("web-4"), "{text}");
}

/// Draws with a margin of two cells all around; the text, and how many cells of the margin are changed.
fn framed_by_dots(picture: &Picture, plan: &Plan, size: (u16, u16)) -> (String, usize) {
    let whole = Rect::new(0, 0, size.0 + 4, size.1 + 4);
    let area = Rect::new(2, 2, size.0, size.1);
    let mut buffer = Buffer::filled(whole, ratatui::buffer::Cell::new("."));
    draw(picture, plan, &Look::default(), &Theme::default(), area, &mut buffer);
    let outside = whole.positions().filter(|at| !area.contains(*at));
    let changed = outside.filter(|at| buffer[*at].symbol() != ".").count();
    (svg::text(&buffer), changed)
}

/// The colour of the first cell of a text.
fn colour_of(text: &str, picture: &Picture, size: (u16, u16)) -> Option<ratatui::style::Color> {
    let buffer = drawn(picture, size, &Look::default());
    let all: Vec<String> = buffer.content.iter().map(|c| c.symbol().to_string()).collect();
    let at = (0..all.len()).find(|i| all[*i..].concat().starts_with(text));
    at.map(|at| buffer.content[at].fg)
}

#[test]
fn a_replica_that_lags_gets_the_colour_of_how_far() {
    use crate::session::picture::Role as DbRole;
    let ink = |role| Theme::default().style(role).fg;
    for (ms, role) in [(99, Role::Replica), (100, Role::NodeWarn), (1_000, Role::NodeDown)] {
        let mut picture = example::at_rest();
        for node in &mut picture.components[example::ORDERS].nodes[1..] {
            node.role = Some(DbRole::Replica(ms * crate::sim::time::MILLISECOND));
        }
        assert_eq!(colour_of("lag", &picture, (118, 15)), ink(role), "{ms} ms");
    }
}

#[test]
fn a_queue_that_fills_up_is_amber_and_then_red() {
    let ink = |role| Theme::default().style(role).fg;
    for (of, role) in [(4_900, Role::Text), (5_000, Role::NodeWarn), (9_500, Role::NodeDown)] {
        let mut picture = example::at_rest();
        if let Face::Queue { depth, .. } = &mut picture.components[example::DISPATCH].face {
            *depth = of;
        }
        assert_eq!(colour_of("depth", &picture, (118, 15)), ink(role), "{of}");
    }
}

#[test]
fn one_of_many_that_nobody_misses_is_no_alarm() {
    let ink = |role| Theme::default().style(role).fg;
    let mut picture = example::servers(20);
    picture.components[example::WEB].nodes[4].state = NodeState::Crashed;
    assert_eq!(colour_of("19 of 20 up", &picture, (118, 15)), ink(Role::Dim));
    picture.flows[1].failed = 1;
    assert_eq!(colour_of("19 of 20 up", &picture, (118, 15)), ink(Role::NodeWarn));
}

#[test]
fn what_is_down_says_for_how_long_still_and_so_does_a_component_of_one_node() {
    let mut picture = example::at_rest();
    let at = picture.now - crate::sim::time::SECOND;
    let node = &mut picture.components[example::WEB].nodes[1];
    (node.state, node.since, node.believed) = (NodeState::Off, at, None);
    node.left = Some(5 * crate::sim::time::SECOND);
    let node = &mut picture.components[example::MENUS].nodes[0];
    (node.state, node.since) = (NodeState::Crashed, at);
    let text = svg::text(&drawn(&picture, (198, 17), &Look::default()));
    assert!(text.contains("off 1.0s · 5.0s left"), "{text}");
    assert!(text.contains("✗ crashed 1.0s  "), "{text}");
}
