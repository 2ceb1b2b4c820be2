//! Active faults, newest first, with what they touched.

use super::lines::{put, put_right};
use crate::tui::theme::Theme;
use crate::tui::view::lists::Split;
use crate::tui::view::text::Line;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws them, from a line on.
pub fn draw(faults: &[Split], from: usize, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let from = from.min(faults.len().saturating_sub(1));
    let room = area.width.saturating_sub(2);
    let shown = shown(faults, from, area.height as usize);
    let hidden = faults.iter().skip(from + shown).filter(|line| line.right.width() > 0).count();
    if hidden > 0 {
        let more = Line::dim(format!("… {hidden} more"));
        put(&more, area.x + 1, area.y + shown as u16, room, theme, buf);
    }
    for (y, line) in (area.y..area.bottom()).zip(faults.iter().skip(from).take(shown)) {
        let right = line.right.width() as u16;
        let left = room.saturating_sub(if right > 0 { right + 2 } else { 0 });
        put(&line.left, area.x + 1, y, left, theme, buf);
        put_right(&line.right, area.x + 1, y, room, theme, buf);
    }
}

/// How many lines are shown: all that fit, or one less, for the row that tells how many faults more.
fn shown(faults: &[Split], from: usize, rows: usize) -> usize {
    let lines = faults.len().saturating_sub(from);
    let is_head = |line: &Split| line.right.width() > 0;
    // In a single row the fault itself says more; how many there are stands in the title.
    if rows < 2 || lines <= rows || !faults.iter().skip(from + rows).any(is_head) {
        return lines.min(rows);
    }
    rows.saturating_sub(1)
}
