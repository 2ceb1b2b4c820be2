//! The names of the panels, where there is one at a time.

use super::lines::put;
use crate::tui::screen::Panel;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::text::Line;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws `─[1 cluster] 2 chart  3 why …`.
pub fn draw(focus: Panel, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let mut line = Line::dim("─");
    for (i, panel) in Panel::ALL.into_iter().enumerate() {
        let name = format!("{} {}", i + 1, panel.word());
        line = if panel == focus {
            line.bold(Role::Accent, format!("[{name}]"))
        } else {
            line.with(Role::Dim, format!(" {name} "))
        };
    }
    let rest = (area.width as usize).saturating_sub(line.width());
    put(&line.with(Role::Dim, "─".repeat(rest)), area.x, area.y, area.width, theme, buf);
}
