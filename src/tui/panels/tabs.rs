//! The names of the panels, where there is one at a time.

use super::lines::put;
use crate::tui::screen::Panel;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::text::Line;
use crate::tui::widgets::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Cells before the first name.
const MARGIN: u16 = 1;

/// The number and the name of a panel.
fn name(panel: Panel) -> String {
    format!("{} {}", panel as usize + 1, panel.word())
}

/// The panels with the cells that each takes: those of its name and one to either side.
fn places() -> impl Iterator<Item = (Panel, std::ops::Range<u16>)> {
    let mut next = MARGIN;
    Panel::ALL.into_iter().map(move |panel| {
        let start = next;
        next += width(&name(panel)) as u16 + 2;
        (panel, start..next)
    })
}

/// The panel whose name stands at a cell, counted from the left of the row.
#[must_use]
pub fn at(x: u16) -> Option<Panel> {
    places().find(|(_, cells)| cells.contains(&x)).map(|(panel, _)| panel)
}

/// Draws `─[1 cluster] 2 chart  3 why …`.
pub fn draw(focus: Panel, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    put(&Line::dim("─".repeat(area.width as usize)), area.x, area.y, area.width, theme, buf);
    for (panel, cells) in places().take_while(|(_, cells)| cells.start < area.width) {
        let line = if panel == focus {
            Line::empty().bold(Role::Accent, format!("[{}]", name(panel)))
        } else {
            Line::dim(format!(" {} ", name(panel)))
        };
        put(&line, area.x + cells.start, area.y, area.width - cells.start, theme, buf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_where_it_is_drawn() {
        let area = Rect::new(0, 0, 60, 1);
        let mut buf = Buffer::empty(area);
        draw(Panel::Why, &Theme::default(), area, &mut buf);
        let drawn: String = (0..60).map(|x| buf[(x, 0)].symbol()).collect();
        assert!(drawn.starts_with("─ 1 cluster  2 chart [3 why] 4 faults  5 events  6 truth ──"));
        for panel in Panel::ALL {
            let start = drawn.chars().position(|c| c == name(panel).chars().next().unwrap());
            assert_eq!(at(start.unwrap() as u16), Some(panel));
        }
        assert_eq!((at(0), at(59)), (None, None));
    }
}
