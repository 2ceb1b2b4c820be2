//! What is left on a screen that is too small for a panel: a figure or two and a word.

use super::lines::put;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::View;
use crate::tui::view::text::Line;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws as many lines as there are rows, most important first.
pub fn draw(view: &View, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut lines = vec![view.status.faults.clone()];
    lines.extend(view.vitals.iter().take(2).map(|v| v.short.clone()));
    let clock = view.status.pace.clone().with(Role::Text, format!(" {}", view.status.clock));
    lines.push(clock);
    if let Some((key, word)) = view.status.keys.last() {
        lines.push(Line::empty().bold(Role::Accent, key).with(Role::Dim, format!(" {word}")));
    }
    for (y, line) in (area.y..area.bottom()).zip(&lines) {
        put(line, area.x, y, area.width, theme, buf);
    }
}
