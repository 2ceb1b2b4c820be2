//! What a node's state is called, and its sign and colour: always all three.

use crate::session::picture::{Component, Face, Node, Role as DbRole};
use crate::sim::observation::NodeState;
use crate::sim::time::{MILLISECOND, NEVER, Ns, SECOND};
use crate::tui::format::still;
use crate::tui::load::{BUSY, Level, node_short_of_threads, share};
use crate::tui::theme::Role;

/// A node's state, as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    /// One glyph.
    pub sign: &'static str,
    /// The colour of the sign.
    pub role: Role,
    /// A word; empty where a figure tells enough.
    pub word: &'static str,
    /// The colour of the word.
    pub word_role: Role,
    /// How long already, or how long still.
    pub time: Option<Ns>,
    /// How bad: 0 is well.
    pub rank: u8,
}

impl State {
    fn new(
        sign: &'static str,
        role: Role,
        word: &'static str,
        time: Option<Ns>,
        rank: u8,
    ) -> State {
        State { sign, role, word, word_role: role, time, rank }
    }
}

/// The state of a node of that component.
pub(super) fn state(component: &Component, node: &Node, now: Ns) -> State {
    let age = Some(now.saturating_sub(node.since));
    let out = node.ejected.map(|at| now.saturating_sub(at)).or(age);
    match node.state {
        NodeState::Crashed | NodeState::Off => {
            let off = node.state == NodeState::Off;
            let (sign, word) = if off { ("■", "off") } else { ("✗", "crashed") };
            let mut state = State::new(sign, Role::NodeDown, word, age, 3);
            match node.believed {
                Some(true) => (state.word, state.word_role) = ("unseen", Role::NodeWarn),
                Some(false) => (state.word, state.time) = ("ejected", out),
                None => {}
            }
            state
        }
        NodeState::Paused | NodeState::Booting(NEVER) => {
            State::new("◐", Role::NodeWarn, "frozen", age, 2)
        }
        NodeState::Booting(until) => {
            State::new("◐", Role::NodeWarn, "boots", Some(still(until.saturating_sub(now))), 2)
        }
        NodeState::Absent => State::new("◐", Role::NodeWarn, "gone", age, 2),
        NodeState::Up => up(component, node, age, out),
    }
}

fn up(component: &Component, node: &Node, age: Option<Ns>, out: Option<Ns>) -> State {
    let state = match (&component.face, node.role) {
        (Face::Database { primaries, .. }, Some(DbRole::Primary)) if *primaries > 1 => {
            State::new("★", Role::DataBad, "primary", None, 3)
        }
        (_, Some(DbRole::Primary)) => State::new("★", Role::Primary, "primary", None, 0),
        (_, Some(DbRole::Promoting(_))) => State::new("◐", Role::NodeWarn, "promoting", None, 2),
        (_, Some(DbRole::Replica(lag))) => {
            let mut state = State::new("○", Role::Replica, "lag", Some(lag), lag_rank(lag));
            state.word_role =
                [Role::Replica, Role::NodeWarn, Role::NodeDown][lag_rank(lag) as usize];
            state
        }
        (_, Some(DbRole::CutOff)) => State::new("○", Role::NodeWarn, "cut off", None, 2),
        (_, Some(DbRole::Diverged)) => State::new("○", Role::NodeWarn, "diverged", None, 2),
        (Face::Database { .. }, None) => State::new("○", Role::Replica, "no role", age, 1),
        (Face::Workers { stuck: true, .. }, _) => State::new("◐", Role::NodeWarn, "stuck", None, 2),
        _ if node.believed == Some(false) => State::new("◐", Role::NodeWarn, "ejected", out, 2),
        _ => State::new("●", Role::NodeOk, "", None, 0),
    };
    let full = node_short_of_threads(component, node)
        .is_some_and(|(used, limit)| Level::of(share(used, limit), BUSY) == Level::Bad);
    if (slowed(node) || full) && state.rank == 0 {
        return State {
            role: Role::NodeWarn,
            sign: "◐",
            word_role: Role::NodeWarn,
            rank: 1,
            ..state
        };
    }
    state
}

/// Whether its work is slower or faster than configured.
pub(super) fn slowed(node: &Node) -> bool {
    (node.slow - 1.0).abs() > 1e-9
}

fn lag_rank(lag: Ns) -> u8 {
    match lag {
        l if l < 100 * MILLISECOND => 0,
        l if l < SECOND => 1,
        _ => 2,
    }
}

/// How many nodes serve.
pub(super) fn up_count(component: &Component) -> usize {
    component.nodes.iter().filter(|n| n.state == NodeState::Up).count()
}

/// A word of at most five letters for a state, where there is no room for its own.
pub(super) fn short(word: &'static str) -> &'static str {
    match word {
        "crashed" => "down",
        "ejected" => "out",
        "frozen" => "froze",
        "unseen" => "gone?",
        "cut off" => "cut",
        "diverged" => "apart",
        other => other,
    }
}

/// A time in a row, without a space before the unit: `0.9s`, `1m07s`, `2h`, `0.6 ms` (only for
/// `fine`).
pub(super) fn brief(time: Ns, fine: bool) -> String {
    let tenths = time / (100 * MILLISECOND);
    match time {
        0 if fine => "0 ms".to_string(),
        t if fine && t < SECOND => format!("{}.{} ms", t / MILLISECOND, t / 100_000 % 10),
        t if t < 60 * SECOND => format!("{}.{}s", tenths / 10, tenths % 10),
        t if t < 6_000 * SECOND => {
            format!("{}m{:02}s", t / (60 * SECOND), t / SECOND % 60)
        }
        t => format!("{}h", t / (3_600 * SECOND)),
    }
}

/// The same without tenths: `5s`, cut and not rounded.
pub(super) fn whole(time: Ns) -> String {
    if time < 60 * SECOND { format!("{}s", time / SECOND) } else { brief(time, false) }
}

/// A share in whole percent, without a space: `67%`.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

/// Which nodes of a component hear each other, if it is cut in parts: `a ┊ b c` by zones, or by
/// numbers where a zone is cut in two: `-1 ┊ -2 -3`.
pub(super) fn sides(component: &Component) -> Option<String> {
    let last = component.nodes.iter().map(|n| n.side).max().filter(|s| *s > 0)?;
    let of = |side: usize| component.nodes.iter().filter(move |n| n.side == side);
    let zones = |side: usize| {
        let mut names: Vec<&str> = of(side).filter_map(|n| n.zone.as_deref()).collect();
        names.dedup();
        names
    };
    let whole = (0..=last).all(|side| {
        !zones(side).is_empty()
            && (0..side).all(|other| zones(other).iter().all(|z| !zones(side).contains(z)))
    });
    let numbers =
        |side: usize| of(side).map(|n| format!("-{}", n.number)).collect::<Vec<_>>().join(" ");
    let name = |side: usize| if whole { zones(side).join(" ") } else { numbers(side) };
    Some((0..=last).map(name).collect::<Vec<_>>().join(" ┊ "))
}
