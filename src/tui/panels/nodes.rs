//! The table of nodes: what each uses of what it has.

use super::lines::list;
use crate::tui::theme::Theme;
use crate::tui::view::text::Line;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws as many rows as fit.
pub fn draw(rows: &[Line], theme: &Theme, area: Rect, buf: &mut Buffer) {
    list(rows.iter(), theme, area, buf);
}
