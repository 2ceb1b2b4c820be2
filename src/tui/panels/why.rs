//! The reason why, in one or two sentences.

use super::lines::{list, paragraphs};
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws it, from a line on.
pub fn draw(parts: &[(Role, String)], from: usize, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let lines = paragraphs(parts, area.width.saturating_sub(2));
    let from = from.min(lines.len().saturating_sub(1));
    list(lines.iter().skip(from), theme, area, buf);
}
