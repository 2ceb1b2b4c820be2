//! The log of events: the newest at the bottom.

use super::lines::list;
use crate::tui::screen::Panel;
use crate::tui::theme::Theme;
use crate::tui::view::View;
use crate::tui::view::text::Line;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the last that fit, `back` lines before the end.
pub fn draw(events: &[Line], back: usize, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let room = area.height as usize;
    let most = events.len().saturating_sub(room);
    let first = most.saturating_sub(back);
    list(events.iter().skip(first), theme, area, buf);
}

/// What stands at the right of the title: how far it is scrolled back.
pub fn note(view: &View) -> String {
    match view.scroll {
        back if back > 0 && view.focus == Panel::Events => format!("{back} newer below"),
        _ => format!("{}", view.events.len()),
    }
}
