//! Active faults, newest first, with what they touched.

use super::lines::{put, put_right};
use crate::tui::theme::Theme;
use crate::tui::view::lists::Split;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws them, from a line on.
pub fn draw(faults: &[Split], from: usize, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let from = from.min(faults.len().saturating_sub(1));
    let room = area.width.saturating_sub(2);
    for (y, line) in (area.y..area.bottom()).zip(faults.iter().skip(from)) {
        let right = line.right.width() as u16;
        let left = room.saturating_sub(if right > 0 { right + 2 } else { 0 });
        put(&line.left, area.x + 1, y, left, theme, buf);
        put_right(&line.right, area.x + 1, y, room, theme, buf);
    }
}
