//! Frames of panels.

use super::text::{fit, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::widgets::{Block, Widget};

/// How a panel is framed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Frame<'a> {
    /// At the left of the upper edge.
    pub title: &'a str,
    /// At the right of the upper edge; left out where it does not fit.
    pub note: &'a str,
    /// At the right of the lower edge; left out where it does not fit.
    pub foot: &'a str,
    /// Drawn heavy.
    pub focused: bool,
    /// Only the upper edge, across the whole width: for small screens.
    pub rule: bool,
    /// The lines.
    pub line: Style,
    /// The title.
    pub name: Style,
    /// The note and the foot.
    pub print: Style,
}

/// Draws a frame and gives the room within it.
pub fn frame(look: &Frame, area: Rect, buf: &mut Buffer) -> Rect {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return area;
    }
    if look.rule || area.width < 2 || area.height < 2 {
        let line = if look.focused { "━" } else { "─" };
        for x in area.left()..area.right() {
            buf[(x, area.y)].set_symbol(line).set_style(look.line);
        }
        edge(look, area, area.y, look.note, 1, buf);
        title(look, area, buf);
        return Rect { y: area.y + 1, height: area.height - 1, ..area };
    }
    let set = if look.focused { border::THICK } else { border::PLAIN };
    Block::bordered().border_set(set).border_style(look.line).render(area, buf);
    edge(look, area, area.y, look.note, 2, buf);
    edge(look, area, area.bottom() - 1, look.foot, 2, buf);
    title(look, area, buf);
    Rect { x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 2 }
}

/// ` title `, after one cell of line (two with a corner).
fn title(look: &Frame, area: Rect, buf: &mut Buffer) {
    let start = if look.rule { 1 } else { 2 };
    let room = area.width.saturating_sub(start + 1);
    if look.title.is_empty() || room < 3 {
        return;
    }
    let text = format!(" {} ", fit(look.title, room as usize - 2));
    buf.set_stringn(area.x + start, area.y, text, room as usize, look.name);
}

/// ` text `, at the right of a line, if title and text both fit.
fn edge(look: &Frame, area: Rect, y: u16, text: &str, end: u16, buf: &mut Buffer) {
    let taken = if y == area.y { width(look.title) as u16 + 6 } else { 3 };
    let long = width(text) as u16 + 2;
    if text.is_empty() || long + end + taken > area.width {
        return;
    }
    buf.set_string(area.right() - end - long, y, format!(" {text} "), look.print);
}
