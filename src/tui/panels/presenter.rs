//! For a room: a caption in a heavy box and figures that are read from the last row.

use super::lines::{list, put, style};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::presenter::{Big, PresenterView};
use crate::tui::view::text::Line;
use crate::tui::widgets::{Frame, ROWS, digits, fit, frame, width, wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The caption.
pub fn caption(view: &PresenterView, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height < 3 {
        return;
    }
    let look = Frame {
        focused: true,
        line: theme.style(Role::Accent),
        name: theme.style(Role::Text),
        print: theme.style(Role::Dim),
        foot: &view.next,
        ..Frame::default()
    };
    let inside = frame(&look, area, buf);
    let room = inside.width.saturating_sub(4) as usize;
    let text = wrap(&view.caption, room);
    let mut lines: Vec<Line> = text
        .into_iter()
        .take(inside.height as usize)
        .map(|line| Line::text(" ").bold(Role::Text, line))
        .collect();
    if lines.len() < inside.height as usize && !view.why.is_empty() {
        lines.push(Line::dim(format!(" {}", fit(&view.why, room))));
    }
    // In the middle of the box, if there is room.
    let above = inside.height.saturating_sub(lines.len() as u16) / 2;
    let lower = Rect { y: inside.y + above, height: inside.height - above, ..inside };
    list(lines.iter(), theme, lower, buf);
}

/// The figures side by side, each under its name.
pub fn figures(view: &PresenterView, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height < ROWS + 1 {
        return;
    }
    let wide = area.width / (view.figures.len() as u16).max(1);
    let spare = area.height - ROWS - 1;
    // A row above, one between name and figure, and one below, as far as there are any.
    let top = area.y + u16::from(spare > 0);
    for (big, i) in view.figures.iter().zip(0..) {
        let x = area.x + i * wide + 2;
        let column = Rect { x, y: top, width: wide.saturating_sub(2), height: area.height };
        figure(big, theme, column, u16::from(spare > 2), buf);
    }
}

fn figure(big: &Big, theme: &Theme, area: Rect, gap: u16, buf: &mut Buffer) {
    put(&big.label, area.x, area.y, area.width, theme, buf);
    let rows = digits(&big.text);
    let y = area.y + 1 + gap;
    if width(&rows[0]) > area.width as usize {
        let text = Line::empty().bold(big.role, &big.text);
        put(&text, area.x, y + ROWS / 2, area.width, theme, buf);
        return;
    }
    for (y, row) in (y..).zip(&rows) {
        buf.set_stringn(area.x, y, row, area.width as usize, style(theme, big.role, false));
    }
}
