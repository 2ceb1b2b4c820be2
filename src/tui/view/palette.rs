//! The command line as it is drawn.

use super::text::Line;
use crate::session::picture::{Component, Node, Picture};
use crate::tui::app::{App, Palette, mentions};
use crate::tui::format::{count, counted, rate};
use crate::tui::theme::Role;
use std::fmt::Write as _;

/// What the palette shows.
pub struct PaletteView {
    /// What is typed.
    pub text: String,
    /// Cells before the cursor.
    pub cursor: usize,
    /// The matches: the command with its typed letters marked, and what it means.
    pub rows: Vec<(Line, String)>,
    /// Which one is chosen.
    pub chosen: usize,
    /// `3 of 40 match`.
    pub note: String,
    /// What the chosen command would hit, or what was wrong with the latest.
    pub below: Vec<Line>,
}

/// What a palette shows.
#[must_use]
pub fn view(app: &App, palette: &Palette) -> PaletteView {
    let rows = palette.matches().iter().map(|m| (marked(&m.text, &m.typed), m.about.clone()));
    let (shown, known) = (palette.matches().len(), palette.known());
    let what = if palette.is_history() { "earlier commands" } else { "matches" };
    let below = match palette.refused() {
        Some(refused) => vec![Line::of(Role::NodeDown, format!("✗ {refused}"))],
        None => preview(app.picture(), palette.would_run()),
    };
    PaletteView {
        text: palette.text().to_string(),
        cursor: palette.cursor(),
        rows: rows.collect(),
        chosen: palette.chosen(),
        note: if known > 0 { format!("{shown} of {known} {what}") } else { String::new() },
        below,
    }
}

/// The letters that were typed stand out.
fn marked(text: &str, typed: &[u32]) -> Line {
    let mut line = Line::empty();
    let mut run = String::new();
    let mut run_typed = false;
    for (i, c) in text.chars().enumerate() {
        let is_typed = typed.binary_search(&(i as u32)).is_ok();
        if is_typed != run_typed && !run.is_empty() {
            line = push(line, run_typed, std::mem::take(&mut run));
        }
        run_typed = is_typed;
        run.push(c);
    }
    push(line, run_typed, run)
}

fn push(line: Line, typed: bool, text: String) -> Line {
    if typed { line.bold(Role::Accent, text) } else { line.with(Role::Text, text) }
}

/// Whom the command names, and what these do right now: facts of the picture, not a forecast.
fn preview(picture: &Picture, command: &str) -> Vec<Line> {
    let mut named: Vec<(&Component, Vec<&Node>)> = Vec::new();
    for component in &picture.components {
        let whole = mentions(command, &component.name);
        let nodes: Vec<&Node> =
            component.nodes.iter().filter(|n| whole || mentions(command, &n.name)).collect();
        if !nodes.is_empty() {
            named.push((component, nodes));
        }
    }
    if named.is_empty() {
        return Vec::new();
    }
    let mut who = String::new();
    for (i, (component, nodes)) in named.iter().enumerate() {
        let comma = if i > 0 { ", " } else { "" };
        let _ = match nodes.as_slice() {
            [one] => write!(who, "{comma}{}", one.name),
            some => {
                write!(who, "{comma}{} of {}", counted(some.len() as u64, "node"), component.name)
            }
        };
    }
    let all = || named.iter().flat_map(|(_, nodes)| nodes);
    let calls: f64 = all().map(|n| n.rate).sum();
    let in_hand: u64 = all().map(|n| n.in_flight).sum();
    vec![
        Line::dim("names      ").with(Role::Text, who),
        Line::dim("right now  ")
            .with(Role::Text, format!("{} calls, {} in hand", rate(calls), count(in_hand))),
    ]
}
