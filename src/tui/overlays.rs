//! What lies over the panels: pages of text and the command line. The panels behind are dimmed.

pub mod details;
pub mod page;
pub mod palette;
pub mod question;

use super::panels::lines::put_right;
use super::theme::{Role, Theme};
use super::view::text::Line;
use super::view::{Over, View};
use super::widgets::{Frame, frame};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// Draws what is open, if something is.
pub fn draw(view: &View, theme: &Theme, buf: &mut Buffer) {
    match &view.overlay {
        Over::None => {}
        Over::Page(sheet) => page::draw(view, sheet, theme, buf),
        Over::Details(details) => details::draw(view, details, theme, buf),
        Over::Palette(palette) => palette::draw(view, palette, theme, buf),
        Over::Question(question) => question::draw(view, question, theme, buf),
    }
}

/// Clears an area, with a cell of air at its left and right, frames it heavily and gives the room
/// within.
fn open(title: &str, note: &str, area: Rect, theme: &Theme, buf: &mut Buffer) -> Rect {
    let air = Rect { x: area.x.saturating_sub(1), width: area.width + 2, ..area };
    for cell in air.intersection(buf.area).positions() {
        buf[cell].reset();
        buf[cell].set_style(theme.base());
    }
    let look = Frame {
        title,
        note,
        foot: "",
        focused: true,
        rule: false,
        line: theme.style(Role::Accent),
        name: theme.style(Role::Accent).add_modifier(Modifier::BOLD),
        print: theme.style(Role::Dim),
    };
    frame(&look, area, buf)
}

/// Tells at the lower edge of what is open how many lines are below.
fn more(below: usize, area: Rect, theme: &Theme, buf: &mut Buffer) {
    if below > 0 && area.height > 1 {
        let line = Line::dim(format!(" ↓ {below} more "));
        put_right(&line, area.x, area.bottom() - 1, area.width.saturating_sub(2), theme, buf);
    }
}

/// Draws everything in an area dim, so that what lies over it stands out.
fn dim(area: Rect, theme: &Theme, buf: &mut Buffer) {
    let style = theme.style(Role::Dim);
    for cell in area.intersection(buf.area).positions() {
        let cell = &mut buf[cell];
        cell.modifier = Modifier::empty();
        cell.set_style(style);
    }
}
