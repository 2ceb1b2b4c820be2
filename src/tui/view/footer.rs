//! The footer: the selection in words, and up to nine keys that would do something now.

use super::node::{component_sentence, joined, sentence};
use super::text::Line;
use crate::session::picture::Picture;
use crate::sim::observation::NodeState;
use crate::tui::action::Action;
use crate::tui::app::{App, Overlay};
use crate::tui::format::rate;
use crate::tui::plan::Target;
use crate::tui::theme::Role;

/// The most keys that are offered before the last.
const MOST: usize = 9;

/// What the footer shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Footer {
    /// The selection in words.
    pub selection: Line,
    /// The name of the selection alone, or what was just told, for a footer of one row.
    pub name: Option<Line>,
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
    let name = told.clone().or_else(|| {
        let name = app.selected_name()?;
        Some(Line::of(Role::Accent, " ◆ ").bold(Role::Text, name))
    });
    let (selection, name) = (told.unwrap_or_else(|| selected(app)), name);
    if let Some(keys) = overlay_keys(app) {
        return Footer { selection, name: None, keys, last: None };
    }
    let keys = offered(app).into_iter().filter_map(|a| label(app, a)).take(MOST).collect();
    Footer { selection, name, keys, last: label(app, Action::Palette) }
}

/// `◆ web-2  service web · zone b · up · …`.
fn selected(app: &App) -> Line {
    let Some(name) = app.selected_name() else {
        return Line::dim(" nothing selected: arrows, h j k l or the mouse select");
    };
    let (picture, head) = (app.picture(), Line::of(Role::Accent, " ◆ ").bold(Role::Text, name));
    let tail = match app.selection() {
        Some(Target::Link(l)) => link(picture, l),
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
    head.with(Role::Text, "  ").then(tail)
}

fn link(picture: &Picture, index: usize) -> Line {
    let Some(flow) = picture.flows.get(index) else { return Line::empty() };
    let cut: usize = flow.taps.iter().map(|t| t.cut).sum();
    let links: usize = flow.taps.iter().map(|t| t.links).sum();
    let mut parts = vec![Line::dim("link"), Line::text(rate(flow.rate))];
    if flow.failed > 0 {
        let text = format!("× {} of {} failed", flow.failed, flow.ok + flow.failed);
        parts.push(Line::of(Role::FlowFail, text));
    }
    if cut > 0 {
        parts.push(Line::of(Role::Marker, format!("╳ {cut} of {links} cut")));
    }
    joined(parts)
}

/// What can be done to the selection in its state, then repair, then time.
fn offered(app: &App) -> Vec<Action> {
    use Action::{
        Cache, Crash, Cut, Freeze, Heal, Open, Pause, Restart, Slow, Slower, Step, StepEvent,
        Traffic, Undo, Why,
    };
    let dead = app.selected_node().is_some_and(|n| n.state == NodeState::Crashed);
    let mut all = if dead {
        vec![Restart, Open, Heal, Undo, Pause, Step, StepEvent, Slower, Why]
    } else {
        vec![Crash, Restart, Freeze, Slow, Cut, Traffic, Cache, Heal, Undo, Pause, Step, StepEvent]
    };
    if app.is_paused() {
        // Who stands still wants to go on: time comes before what is broken next.
        all.retain(|a| !matches!(a, Pause | Step | StepEvent));
        all.splice(0..0, [Pause, Step, StepEvent]);
    }
    all.retain(|a| a.enabled(app));
    all
}

/// Key and word of an action.
fn label(app: &App, action: Action) -> Option<(String, String)> {
    let word = match action {
        Action::Freeze if app.would_thaw() => "thaw".to_string(),
        Action::Pause if app.is_paused() => "go on".to_string(),
        Action::Cache => format!("cache {}", if app.cache()?.1 { "off" } else { "on" }),
        Action::Undo => {
            let verb = app.picture().undoable.as_deref()?.split(' ').next()?;
            format!("undo {verb}")
        }
        other => other.row().word.to_string(),
    };
    Some((app.keymap().key(action)?, word))
}

/// In an overlay only its own keys are offered.
fn overlay_keys(app: &App) -> Option<Vec<(String, String)>> {
    let keys: &[(&str, &str)] = match app.overlay() {
        Overlay::None => return None,
        Overlay::Palette(_) => &[
            ("esc", "close"),
            ("enter", "run"),
            ("tab", "complete"),
            ("↑ ↓", "choose"),
            ("ctrl-r", "history"),
            ("ctrl-u", "clear"),
        ],
        Overlay::Help(_) | Overlay::Why(_) | Overlay::Details(_) => {
            &[("esc", "close"), ("↑ ↓", "scroll")]
        }
    };
    let mut keys: Vec<_> = keys.iter().map(|(k, w)| ((*k).to_string(), (*w).to_string())).collect();
    if matches!(app.overlay(), Overlay::Details(_)) {
        let more = [Action::Crash, Action::Restart, Action::Freeze, Action::Slow, Action::Undo];
        keys.extend(more.into_iter().filter(|a| a.enabled(app)).filter_map(|a| label(app, a)));
    }
    Some(keys)
}
