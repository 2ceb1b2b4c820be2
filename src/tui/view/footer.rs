//! The footer: the selection in words, and up to nine keys that would do something now.

use super::node::{component_sentence, joined, sentence, state};
use super::text::Line;
use crate::session::picture::{Face, Node, Picture};
use crate::sim::fault::Change;
use crate::sim::id::NodeId;
use crate::sim::observation::NodeState;
use crate::tui::action::Action;
use crate::tui::app::{App, Overlay, hits};
use crate::tui::format::{counted, rate};
use crate::tui::load::serves;
use crate::tui::plan::{Target, cut_links, taps_counted};
use crate::tui::screen::{Form, Panel};
use crate::tui::theme::Role;
use std::collections::BTreeSet;

/// The most keys that are offered before the last.
const MOST: usize = 9;

/// What the footer shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Footer {
    /// The selection in words.
    pub selection: Line,
    /// The name of the selection alone, or what was just told, for a footer of one row.
    pub name: Option<Line>,
    /// Whether that is told for a moment only, and may take the place of keys.
    pub passes: bool,
    /// Keys and words, most important first.
    pub keys: Vec<(String, String)>,
    /// The key that always stays.
    pub last: Option<(String, String)>,
}

/// The footer of an app now.
#[must_use]
pub fn footer(app: &App) -> Footer {
    let told = match (app.notice(), app.said()) {
        (Some(notice), _) => Some(Line::of(Role::NodeDown, format!(" ✗ {notice}"))),
        (None, Some(said)) => Some(Line::of(Role::Accent, format!(" {said}"))),
        (None, None) => None,
    };
    let passes = told.is_some();
    let told = told.or_else(|| aiming(app));
    let name = || Some(Line::of(Role::Accent, " ◆ ").bold(Role::Text, app.selected_name()?));
    let (alone, told) = (told.clone(), told.or_else(|| would_be_hit(app)));
    let selection = told.unwrap_or_else(|| selected(app));
    if let Some(keys) = overlay_keys(app) {
        // What is told and what is being aimed at have nowhere else to stand.
        return Footer { selection, name: alone, passes, keys, last: None };
    }
    let keys = offered(app).into_iter().filter_map(|a| label(app, a)).take(MOST).collect();
    let last = label(app, Action::Palette);
    Footer { selection, name: alone.or_else(name), passes, keys, last }
}

/// `◆ web-2  would be hit by: crash web-2`, while a command is being typed.
fn would_be_hit(app: &App) -> Option<Line> {
    let Overlay::Palette(palette) = app.overlay() else { return None };
    let (hit, command) = (app.look().hit, palette.would_run());
    let names: Vec<String> = hit.iter().filter_map(|t| hits::name(*t, app.picture())).collect();
    let names = match names.as_slice() {
        [] => return None,
        [first, second, _, ..] => format!("{first}, {second} and {} more", names.len() - 2),
        few => few.join(", "),
    };
    let line = Line::of(Role::Accent, " ◆ ").bold(Role::Text, names);
    Some(line.with(Role::Dim, "  would be hit by: ").with(Role::Text, command))
}

/// `◆ cut web-2|orders-db`, while the other end is being chosen.
fn aiming(app: &App) -> Option<Line> {
    let command = app.aim_command()?;
    let from = hits::name(app.aim()?, app.picture())?;
    let runs = |line: Line| line.with(Role::Dim, format!("   runs: {command}"));
    let to = match app.selection() {
        // A link has both its ends.
        Some(Target::Link(_) | Target::Tap(..)) => {
            let line = Line::of(Role::Accent, " ╳ ").with(Role::Text, "cut the link ");
            return Some(runs(line.bold(Role::Text, app.selected_name()?)));
        }
        to if to == app.aim() => "everything else".to_string(),
        _ => app.selected_name()?,
    };
    let line = Line::of(Role::Accent, " ╳ ").with(Role::Text, "cut from ").bold(Role::Text, from);
    Some(runs(line.with(Role::Text, " to ").bold(Role::Text, to)))
}

/// `◆ web-2  service web · zone b · up · …`.
fn selected(app: &App) -> Line {
    let Some(name) = app.selected_name() else {
        return Line::dim(" nothing selected: arrows, h j k l or the mouse select");
    };
    let (picture, head) = (app.picture(), Line::of(Role::Accent, " ◆ ").bold(Role::Text, name));
    if let Some(tail) = failing_over(app) {
        return head.with(Role::Text, "  ").then(tail);
    }
    let tail = match app.selection() {
        Some(Target::Link(l)) => link(picture, l, None),
        Some(Target::Tap(l, node)) => link(picture, l, Some(node)),
        Some(Target::Zone(z)) => zone(picture, z),
        Some(Target::Component(_)) if app.selected_node().is_none() => {
            app.selected_component().map_or_else(Line::empty, component_sentence)
        }
        _ => match (app.selected_component(), app.selected_node()) {
            (Some(c), Some(n)) if c.nodes.len() == 1 && n.state == NodeState::Up => {
                component_sentence(c)
            }
            (Some(c), Some(n)) => sentence(c, n, picture.now),
            _ => Line::empty(),
        },
    };
    let tail = match cut_off(app) {
        Some(cut) => joined(vec![cut, tail]),
        None => tail,
    };
    head.with(Role::Text, "  ").then(tail)
}

/// `╳ cut off from 14 of 15 nodes`, of a node that active cuts keep from several.
fn cut_off(app: &App) -> Option<Line> {
    let picture = app.picture();
    let target = app.selection().filter(|_| app.selected_node().is_some())?;
    let own = *hits::members(target, picture).first()?;
    let pairs = picture.faults.iter().filter_map(|f| match &f.change {
        Change::Cut(pairs) => Some(pairs),
        _ => None,
    });
    let other = |(a, b): &(NodeId, NodeId)| match (*a == own, *b == own) {
        (true, false) => Some(*b),
        (false, true) => Some(*a),
        _ => None,
    };
    let is_there = |id: &NodeId| picture.node(*id).is_some();
    let cut: BTreeSet<NodeId> = pairs.flatten().filter_map(other).filter(is_there).collect();
    let all: usize = picture.components.iter().map(|c| c.nodes.len()).sum();
    let text = match (cut.len(), all.saturating_sub(1)) {
        // That is a matter of one link.
        (0 | 1, _) => return None,
        (n, others) if n >= others => "╳ cut off from all others".to_string(),
        (n, others) => format!("╳ cut off from {n} of {others} nodes"),
    };
    Some(Line::of(Role::Marker, text))
}

/// `database · epoch 2 · ◐ failover 1.8 s: …`, of a database whose primary is being replaced; of one
/// of its nodes its own state comes first.
fn failing_over(app: &App) -> Option<Line> {
    let (picture, component) = (app.picture(), app.selected_component()?);
    let Face::Database { epoch, .. } = component.face else { return None };
    let at = picture.components.iter().position(|c| c.name == component.name)?;
    let failover = super::failover::sentence(picture, at)?;
    let own = match app.selected_node() {
        Some(node) => state(node, picture.now),
        None => Line::dim(format!("epoch {epoch}")),
    };
    Some(joined(vec![Line::dim(component.kind), own, failover]))
}

fn link(picture: &Picture, index: usize, node: Option<usize>) -> Line {
    let Some(flow) = picture.flows.get(index) else { return Line::empty() };
    let tap = node.and_then(|node| flow.taps.get(node));
    let (cut, links) = match node {
        Some(_) => cut_links(tap),
        None => cut_links(taps_counted(picture, flow)),
    };
    let (per_s, ok, failed) =
        tap.map_or((flow.rate, flow.ok, flow.failed), |tap| (tap.rate, tap.ok, tap.failed));
    let mut parts = vec![Line::dim("link"), Line::text(rate(per_s))];
    if failed > 0 {
        let text = format!("× {failed} of {} failed just now", ok + failed);
        parts.push(Line::of(Role::FlowFail, text));
    }
    if cut > 0 {
        parts.push(Line::of(Role::Marker, format!("╳ {cut} of {links} cut")));
    }
    joined(parts)
}

fn zone(picture: &Picture, index: usize) -> Line {
    let nodes: Vec<&Node> = picture.in_zone(index).filter_map(|id| picture.node(id)).collect();
    let up = nodes.iter().filter(|n| serves(n)).count();
    let all = Line::text(counted(nodes.len() as u64, "node"));
    let up = match nodes.len() - up {
        0 => Line::of(Role::NodeOk, "● all up"),
        _ => Line::of(Role::NodeDown, format!("✗ {up} up")),
    };
    joined(vec![Line::dim("zone"), all, up])
}

/// What can be done to the selection in its state, then repair, then time.
fn offered(app: &App) -> Vec<Action> {
    use Action::{
        Export, Faster, Heal, NextStep, Open, Pause, Predict, Quit, Slower, Step, StepEvent, Undo,
        Why,
    };
    let enabled = |all: Vec<Action>| all.into_iter().filter(|a| a.enabled(app));
    if app.stopped().is_some() {
        return enabled(vec![Quit, Export, Why, Open]).collect();
    }
    let mut doing: Vec<Action> = enabled(done_to(app)).collect();
    let repair: Vec<Action> = if app.can_heal() || app.can_undo() {
        enabled(vec![Heal, Undo]).collect()
    } else {
        Vec::new()
    };
    // What mends, and that time can stand still, is never crowded out by what breaks.
    let next: Vec<Action> = enabled(vec![Predict, NextStep]).collect();
    doing.truncate(MOST - repair.len() - next.len() - 1);
    let panel = panel_keys(app);
    doing.truncate(doing.len().saturating_sub(panel.len()));
    let doing: Vec<Action> = panel.into_iter().chain(doing).collect();
    if app.is_paused() {
        // Who stands still wants to go on: time comes before what is broken next.
        let time = enabled(vec![Pause, Step, StepEvent]);
        return time.chain(next).chain(repair).chain(doing).collect();
    }
    let time = enabled(vec![Pause, Slower, Why, Faster]);
    doing.into_iter().chain(repair).chain(next).chain(time).collect()
}

/// What a panel with the focus can do, and the way out of one that has the screen for itself.
fn panel_keys(app: &App) -> Vec<Action> {
    use Action::{Close, Find, First, Last, NextMarker, PreviousMarker, Zoom};
    let way = match app.areas().form {
        // Each has the screen for itself there.
        Form::Single | Form::Tiny => None,
        _ if app.zoomed() => Some(Close),
        _ => Some(Zoom),
    };
    let own = match app.focus() {
        Panel::Cluster => return way.filter(|way| *way == Close).into_iter().collect(),
        Panel::Events => vec![Find, First, Last, PreviousMarker, NextMarker],
        _ => Vec::new(),
    };
    way.into_iter().chain(own).filter(|a| a.enabled(app)).collect()
}

/// What can be done to the selection, most telling first.
fn done_to(app: &App) -> Vec<Action> {
    use Action::{
        Cache, Crash, Cut, Delay, Errors, Freeze, Lose, Open, Power, Promote, Restart, Settings,
        Slow, Traffic,
    };
    match app.selection() {
        Some(Target::Link(_) | Target::Tap(..)) => return vec![Cut, Delay, Lose, Open, Traffic],
        Some(Target::Zone(_)) => return vec![Power, Cut, Delay, Lose, Traffic],
        Some(Target::Component(_) | Target::Node(..)) | None => {}
    }
    let of = |is: fn(&Face) -> bool| app.selected_component().is_some_and(|c| is(&c.face));
    match app.selected_node().map(|n| n.state) {
        Some(NodeState::Crashed) => return vec![Restart, Power, Open, Settings],
        Some(NodeState::Off) => return vec![Power, Open, Settings],
        Some(NodeState::Paused) => return vec![Freeze, Restart, Crash, Power, Open],
        _ => {}
    }
    if !app.can_crash() && app.can_restart() {
        return vec![Restart, Power, Open, Settings];
    }
    if of(|f| matches!(f, Face::Database { .. })) {
        return vec![Promote, Crash, Freeze, Slow, Cut, Errors, Settings, Restart];
    }
    if of(|f| matches!(f, Face::Cache { .. })) {
        return vec![Cache, Crash, Freeze, Slow, Cut, Errors, Settings, Restart];
    }
    if of(|f| matches!(f, Face::Traffic { .. })) {
        return vec![Traffic, Settings, Open, Cache];
    }
    vec![Crash, Restart, Freeze, Slow, Cut, Errors, Traffic, Cache, Settings]
}

/// Key and word of an action.
fn label(app: &App, action: Action) -> Option<(String, String)> {
    let word = match action {
        Action::Freeze if app.would_thaw() => "thaw".to_string(),
        Action::Power if app.would_power_on() => "power on".to_string(),
        Action::Pause if app.is_paused() => "go on".to_string(),
        Action::NextStep if app.is_over() => "verdict".to_string(),
        Action::Heal if !app.selection_is_at_fault() => "heal all".to_string(),
        Action::Close => "back".to_string(),
        Action::Cut if matches!(app.selection(), Some(Target::Link(_) | Target::Tap(..))) => {
            "cut".to_string()
        }
        Action::Cache => format!("cache {}", if app.cache()?.1 { "off" } else { "on" }),
        Action::Undo => {
            let undone = in_words_of_keys(app.picture().undoable.as_deref()?);
            format!("undo {}", undone.split(' ').next()?)
        }
        other => other.row().word.to_string(),
    };
    Some((app.keymap().key(action)?, word))
}

/// A command in the words of the keys: on the screen only time is paused.
#[must_use]
pub fn in_words_of_keys(text: &str) -> String {
    match text.strip_prefix("pause ") {
        Some(target) => format!("{} {target}", Action::Freeze.row().word),
        None => text.to_string(),
    }
}

/// Keys of what is open, as they are written.
type Keys = &'static [(&'static str, &'static str)];

const PALETTE: Keys = &[
    ("esc", "close"),
    ("enter", "run"),
    ("tab", "complete"),
    ("↑ ↓", "choose"),
    ("ctrl-r", "history"),
    ("ctrl-u", "clear"),
];
const FIND: Keys = &[("esc", "back"), ("enter", "select"), ("↑ ↓", "choose"), ("ctrl-u", "clear")];
const FILTER: Keys =
    &[("esc", "as before"), ("enter", "keep"), ("↑ ↓", "choose"), ("ctrl-u", "clear")];
const EXPORT: Keys = &[("esc", "close"), ("enter", "write"), ("↑ ↓", "another form")];
const PAGE: Keys = &[("esc", "close"), ("↑ ↓ pgup pgdn", "scroll"), ("home end", "first, last")];
const VERDICT: Keys = &[("q", "quit"), ("any other", "go on"), ("↑ ↓ pgup pgdn", "scroll")];
const QUESTION: Keys = &[
    ("1-9", "predict"),
    ("↑ ↓", "choose"),
    ("enter", "predict"),
    ("pgdn", "next step"),
    ("esc", "leave it"),
];
const TYPING: Keys = &[("enter", "set"), ("esc", "leave it"), ("ctrl-u", "clear")];
const SETTINGS: Keys =
    &[("↑ ↓", "setting"), ("enter", "edit"), ("← →", "step"), ("bksp", "reset"), ("esc", "close")];
const TO_SETTINGS: Keys = &[("esc", "close"), ("↑ ↓", "settings")];
const AIM: Keys =
    &[("enter", "cut"), ("← ↓ ↑ →", "other end"), (":", "type it"), ("esc", "leave it")];

/// In an overlay only its own keys are offered.
fn overlay_keys(app: &App) -> Option<Vec<(String, String)>> {
    let keys = match app.overlay() {
        Overlay::None if app.aim().is_some() => AIM,
        Overlay::None => return None,
        Overlay::Palette(_) => PALETTE,
        Overlay::Find(_) => FIND,
        Overlay::Filter(_) => FILTER,
        Overlay::Export(_) => EXPORT,
        Overlay::Details(details) if details.is_typing() => TYPING,
        Overlay::Details(_) if app.has_setting() => SETTINGS,
        Overlay::Details(_) if app.has_settings() => TO_SETTINGS,
        Overlay::Verdict(_) => VERDICT,
        Overlay::Question(_) => QUESTION,
        Overlay::Help(_) | Overlay::Why(_) | Overlay::Details(_) => PAGE,
    };
    let mut keys: Vec<_> = keys.iter().map(|(k, w)| ((*k).to_string(), (*w).to_string())).collect();
    if matches!(app.overlay(), Overlay::Details(details) if !details.is_typing()) {
        // Of what acts, only what is done to the selection.
        let more = [Action::Crash, Action::Restart, Action::Slow, Action::Cut, Action::Undo];
        keys.extend(more.into_iter().filter(|a| a.enabled(app)).filter_map(|a| label(app, a)));
    }
    Some(keys)
}
