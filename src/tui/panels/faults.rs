//! Active faults, newest first, with what they touched.

use super::lines::{put, put_right};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::lists::Split;
use crate::tui::view::text::Line;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws them from the selected fault on; it is marked if the list has the focus.
pub fn draw(
    faults: &[Split],
    selected: usize,
    focused: bool,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    let heads = faults.iter().enumerate().filter(|(_, line)| line.right.width() > 0);
    let from = heads.map(|(i, _)| i).nth(selected).unwrap_or(0);
    if focused && faults.get(from).is_some_and(|line| line.right.width() > 0) {
        put(&Line::of(Role::Accent, "◆"), area.x, area.y, 1, theme, buf);
    }
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
