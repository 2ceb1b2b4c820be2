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

/// A line broken at spaces into rows of that width, of which all but the first stand in.
pub fn hanging(line: &Line, cells: u16, indent: u16) -> Vec<Line> {
    let indent = if indent < cells { usize::from(indent) } else { 0 };
    let mut rows = vec![Line::empty()];
    let mut taken = 0;
    for bit in &line.bits {
        // Words keep the space before them, so that a bit may begin with one.
        for word in bit.text.split_inclusive(' ') {
            let long = width(word.trim_end());
            if taken > indent && taken + long > usize::from(cells) {
                rows.push(Line::dim(" ".repeat(indent)));
                taken = indent;
            }
            let Some(row) = rows.last_mut() else { continue };
            let rest = usize::from(cells).saturating_sub(taken);
            let word = if long > rest { fit(word, rest) } else { word.to_string() };
            taken += width(&word);
            let row_with = std::mem::take(row);
            *row = if bit.bold {
                row_with.bold(bit.role, word)
            } else {
                row_with.with(bit.role, word)
            };
        }
    }
    rows.into_iter().map(trimmed).collect()
}

/// The line without spaces at its end.
fn trimmed(mut line: Line) -> Line {
    if let Some(last) = line.bits.last_mut() {
        last.text.truncate(last.text.trim_end_matches(' ').len());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_at_spaces_and_keeps_its_roles() {
        let line = Line::empty().bold(Role::NodeDown, "✗ bad").with(Role::Dim, "  one two three");
        let rows = hanging(&line, 10, 2);
        let plain: Vec<String> = rows.iter().map(Line::plain).collect();
        assert_eq!(plain, ["✗ bad  one", "  two", "  three"]);
        assert!(rows[0].bits[0].bold && rows[1].bits[1].role == Role::Dim);
        assert!(rows.iter().all(|row| row.width() <= 10), "not even by a space");
        assert_eq!(hanging(&Line::text("abcdefgh"), 4, 0)[0].plain(), "abc…");
        assert_eq!(hanging(&Line::empty(), 4, 2).len(), 1);
    }
}
