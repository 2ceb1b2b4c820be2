//! What became of data.

use super::lines::list;
use crate::tui::theme::Theme;
use crate::tui::view::text::Line;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws it.
pub fn draw(truth: &[Line], theme: &Theme, area: Rect, buf: &mut Buffer) {
    list(truth.iter(), theme, area, buf);
}
