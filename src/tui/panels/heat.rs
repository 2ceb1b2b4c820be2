//! The heat map: one row for each range of latencies, one column for each cell of time.

use super::axis;
use super::chart::LABEL;
use super::lines::{put, put_right};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::CHART_MARGIN;
use crate::tui::view::heat::{Cell, HeatMap};
use crate::tui::view::text::Line;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Signs of the five steps.
const SIGNS: [&str; 5] = ["·", "░", "▒", "▓", "█"];
/// The same in ASCII: none of them is the sign of a failure.
const PLAIN: [&str; 5] = [".", "-", ":", "%", "#"];

/// What the signs mean, for the edge of the panel.
#[must_use]
pub fn steps(theme: &Theme) -> &'static str {
    // The light shade is the sign of failures in ASCII, so this is not left to the replacement.
    if theme.ascii { "- 5  : 10  % 20  # 30 %" } else { "░ 5  ▒ 10  ▓ 20  █ 30 %" }
}

/// How many bands there is room for: the axis and a line of words take the rest.
#[must_use]
pub fn bands(height: u16) -> u16 {
    height.saturating_sub(if height >= 6 { 3 } else { 0 })
}

/// Draws it.
pub fn draw(map: &HeatMap, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let columns =
        Rect { x: area.x + LABEL + 1, width: area.width.saturating_sub(CHART_MARGIN), ..area };
    if columns.is_empty() {
        return;
    }
    let rows = bands(area.height);
    let lowest = area.y + rows;
    let first = lowest.saturating_sub(map.bands.len() as u16).max(area.y);
    for (y, band) in (first..lowest).zip(&map.bands) {
        put_right(&Line::dim(&band.label), area.x, y, LABEL, theme, buf);
        let start = columns.x.saturating_add(map.axis.blank as u16);
        for (x, cell) in (start..columns.right()).zip(&band.cells) {
            draw_cell(*cell, theme, (x, y), buf);
        }
    }
    if rows < area.height {
        axis::draw(&map.axis, theme, Rect { y: lowest, height: 2, ..columns }, buf);
        let y = area.bottom() - 1;
        put(&map.summary, area.x + 1, y, area.width.saturating_sub(2), theme, buf);
    }
}

fn draw_cell(cell: Cell, theme: &Theme, at: (u16, u16), buf: &mut Buffer) {
    let Some(step) = cell.level.checked_sub(1).map(usize::from) else { return };
    let signs = if theme.ascii { PLAIN } else { SIGNS };
    // What gave up is no shade of what was served: it has its own sign and colour.
    let (sign, style) = if cell.failed {
        ("×", theme.style(Role::FlowFail))
    } else {
        (signs[step.min(4)], theme.shade(Role::FlowOk, cell.level, 5))
    };
    if let Some(target) = buf.cell_mut(at) {
        target.set_symbol(sign).set_style(style);
    }
}
