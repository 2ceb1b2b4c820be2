//! Drawing lines of text with roles.

use crate::tui::theme::{Role, Theme};
use crate::tui::view::text::Line;
use crate::tui::widgets::{fit, width, wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// The style of a role, bold or not.
pub fn style(theme: &Theme, role: Role, bold: bool) -> Style {
    let style = theme.style(role);
    if bold { style.add_modifier(Modifier::BOLD) } else { style }
}

/// Draws a line from a cell on, within that many cells; what does not fit is cut with `…`. Gives the
/// cells it took.
pub fn put(line: &Line, x: u16, y: u16, room: u16, theme: &Theme, buf: &mut Buffer) -> u16 {
    let area = buf.area;
    if y < area.y || y >= area.bottom() || x >= area.right() {
        return 0;
    }
    let room = room.min(area.right() - x);
    let mut at = 0;
    for bit in &line.bits {
        let left = room - at;
        if left == 0 {
            break;
        }
        let text = fit(&bit.text, left as usize);
        let ink = style(theme, bit.role, bit.bold);
        // Only words are inverse: not the gap after them, and no gauge.
        let (words, gap) = text.split_at(text.trim_end_matches([' ', '■']).len());
        let (after, _) = buf.set_stringn(x + at, y, words, left as usize, ink);
        let plain = ink.remove_modifier(Modifier::REVERSED);
        buf.set_stringn(after, y, gap, (x + room - after) as usize, plain);
        at += (width(&text) as u16).min(left);
        if text != bit.text {
            break;
        }
    }
    at
}

/// Draws a line that ends at the right of that room; nothing if it does not fit whole.
pub fn put_right(line: &Line, x: u16, y: u16, room: u16, theme: &Theme, buf: &mut Buffer) {
    let long = line.width() as u16;
    if long <= room {
        put(line, x + room - long, y, long, theme, buf);
    }
}

/// Draws lines from the top, one cell from either edge.
pub fn list<'a>(
    lines: impl Iterator<Item = &'a Line>,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        put(line, area.x + 1, y, area.width.saturating_sub(2), theme, buf);
    }
}

/// Paragraphs broken into lines of that width.
pub fn paragraphs(parts: &[(Role, String)], cells: u16) -> Vec<Line> {
    parts
        .iter()
        .flat_map(|(role, text)| {
            wrap(text, cells as usize).into_iter().map(|line| Line::of(*role, line))
        })
        .collect()
}
