//! What is left on a screen that is too small for a panel: a figure or two and a word.

use super::lines::{hanging, put};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::text::Line;
use crate::tui::view::{Over, View};
use crate::tui::widgets::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws as many lines as there are rows, most important first, and the way out below them. What is typed
/// or told has the last rows instead.
pub fn draw(view: &View, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let verdict = view.playbook.as_ref().and_then(|playbook| playbook.verdict.clone());
    // Words that do not fit are left out, and not cut: `✗ requests fail  no…`.
    let mut faults = view.status.faults.clone();
    while faults.bits.len() > 1 && faults.width() > usize::from(area.width) {
        faults.bits.pop();
    }
    let mut lines: Vec<Line> = verdict.into_iter().chain([faults]).collect();
    lines.extend(view.vitals.iter().take(2).map(|v| v.short.clone()));
    let rows = usize::from(area.height);
    let clock = || Line::text(format!("{} ", view.status.clock));
    let mut over = over(view, area.width);
    let leave = view.status.keys.last().filter(|_| over.is_empty()).map(|(key, word)| {
        Line::empty().bold(Role::Accent, key).with(Role::Dim, format!(" {word}"))
    });
    match leave {
        // Both have to do with one row.
        Some(leave) if lines.len() + 2 > rows => {
            over.push(clock().with(Role::Text, " ").then(leave));
        }
        leave => {
            lines.push(clock().then(view.status.pace.clone()));
            over.extend(leave);
        }
    }
    lines.truncate(rows.saturating_sub(over.len()));
    for (y, line) in (area.y..area.bottom()).zip(lines.iter().chain(&over)) {
        put(line, area.x, y, area.width, theme, buf);
    }
}

/// A line that is typed, and what it would do; else what was told.
fn over(view: &View, cells: u16) -> Vec<Line> {
    if let Over::Palette(palette) = &view.overlay {
        let text = fit_end(&palette.text, usize::from(cells).saturating_sub(3));
        let typed =
            Line::empty().bold(Role::Accent, palette.sign).with(Role::Text, format!(" {text}"));
        let typed = typed.with(Role::Accent, "▏");
        let below = palette.below.first().cloned().unwrap_or_else(Line::empty);
        return vec![typed, below];
    }
    match view.footer.name.as_ref().filter(|_| view.footer.passes) {
        Some(told) => hanging(told, cells, 1),
        None => Vec::new(),
    }
}

/// The end of a text, as much of it as fits.
fn fit_end(text: &str, cells: usize) -> &str {
    let mut rest = text;
    while width(rest) > cells {
        let Some(first) = rest.chars().next() else { break };
        rest = &rest[first.len_utf8()..];
    }
    rest
}
