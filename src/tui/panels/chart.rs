//! Goodput as a wall with its failed part on top, the time axis with commands, and p99.
//!
//! Heights are true to an eighth of a row. What failed is never made higher to be seen: where it has no
//! whole cell, and so no sign of its own, a `×` stands on the line of time under its column.
//!
//! ```text
//!  2 000 ▄▅▅▄▅▅░░
//!        ██████▄▁
//!      0 ████████
//!       └┬─────▲ crash web-2 ─
//!        00:10
//!  p99 1s
//!  10 ms ▅▄▅▅▅▄▄▅
//! ```

use super::axis;
use super::lines::{put, put_right};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::CHART_MARGIN;
use crate::tui::view::chart::{Chart, Rows};
use crate::tui::view::text::Line;
use crate::tui::widgets::{Inks, eighths, spark, stacked};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Cells of the labels at the left.
pub(super) const LABEL: u16 = 6;

/// Draws them.
pub fn draw(chart: &Chart, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let columns =
        Rect { x: area.x + LABEL + 1, width: area.width.saturating_sub(CHART_MARGIN), ..area };
    if columns.is_empty() {
        return;
    }
    let rows = Rows::of(area.height);
    let wall = Rect { height: rows.wall, ..columns };
    draw_wall(chart, theme, wall, buf);
    labels(chart, theme, area, wall, buf);
    let line = Rect { y: wall.bottom(), height: rows.axis, ..columns };
    axis::draw(&chart.axis, theme, line, buf);
    marks(chart, theme, line, buf);
    if rows.latency > 0 {
        let y = wall.bottom() + rows.axis;
        draw_latency(chart, theme, area.x, Rect { y, height: rows.latency, ..columns }, buf);
    }
}

/// The cells of columns that are not blank.
fn cells(chart: &Chart, area: Rect) -> impl Iterator<Item = u16> + use<> {
    area.x.saturating_add(chart.axis.blank as u16)..area.right()
}

/// Draws the columns.
fn draw_wall(chart: &Chart, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let inks = Inks {
        low: theme.style(Role::FlowOk),
        high: theme.style(Role::FlowFail),
        shade: theme.half(Role::FlowFail),
    };
    for (x, column) in cells(chart, area).zip(&chart.columns) {
        let all = eighths(column.ok + column.failed, chart.top, area.height);
        let low = eighths(column.ok, chart.top, area.height).min(all);
        stacked(low, all - low, Rect { x, width: 1, ..area }, inks, buf);
    }
}

/// Marks columns in which something failed on the line of time, where no command stands: little of it
/// has no place in the wall, and in parts of a cell only a colour.
fn marks(chart: &Chart, theme: &Theme, line: Rect, buf: &mut Buffer) {
    let failed = cells(chart, line).zip(&chart.columns).filter(|(_, column)| column.failed > 0.0);
    for (x, _) in failed.filter(|_| !line.is_empty()) {
        let Some(cell) = buf.cell_mut((x, line.y)) else { continue };
        if matches!(cell.symbol(), "─" | "┬") {
            cell.set_symbol("×").set_style(theme.style(Role::FlowFail));
        }
    }
}

/// Labels, each in the uppermost row that a bar of its value fills.
fn labels(chart: &Chart, theme: &Theme, area: Rect, wall: Rect, buf: &mut Buffer) {
    for (rate, text) in chart.labels.iter().rev() {
        let up = (rate / chart.top * f64::from(wall.height)).ceil() as u16;
        let y = wall.bottom() - up.clamp(1, wall.height);
        put_right(&Line::dim(text), area.x, y, LABEL, theme, buf);
    }
}

fn draw_latency(chart: &Chart, theme: &Theme, left: u16, area: Rect, buf: &mut Buffer) {
    put_right(&Line::dim("p99 1s"), left, area.y, LABEL + 1, theme, buf);
    put_right(&Line::dim("10 ms"), left, area.bottom() - 1, LABEL, theme, buf);
    for (x, column) in cells(chart, area).zip(&chart.columns) {
        let Some(level) = column.p99 else { continue };
        let role = if level > 0.75 { Role::NodeWarn } else { Role::Text };
        // What is below the axis is still a sample, and so is seen.
        let high = eighths(level.max(0.001), 1.0, area.height);
        let inks = Inks { low: theme.style(role), ..Inks::default() };
        stacked(high, 0, Rect { x, width: 1, ..area }, inks, buf);
    }
}

/// One line of goodput, for screens that show one panel at a time.
pub fn strip(chart: &Chart, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let label = put(&Line::dim(" goodput "), area.x, area.y, area.width, theme, buf);
    let cells = area.width.saturating_sub(label + 5);
    let ink = theme.style(Role::FlowOk);
    let line = Rect::new(area.x + label, area.y, cells, 1);
    spark(chart.columns.iter().map(|c| (c.ok, ink)), chart.top, line, buf);
    put(&Line::dim(" now"), line.right(), area.y, 4, theme, buf);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::example;
    use crate::tui::view::axis::Axis;
    use crate::tui::view::chart::chart;

    /// One request in 200 fails, of which a wall of eight rows has no eighth: it stands as high as
    /// without. One in four is a quarter of its height. A mark says of each that something failed.
    #[test]
    fn failures_are_as_high_as_they_are_and_always_seen() {
        let drawn = |failed: u64| {
            let mut picture = example::at_rest();
            let mut bins = picture.chart.to_vec();
            for bin in &mut bins {
                (bin.ok, bin.failed) = (1_000 - failed, failed);
            }
            picture.chart = std::sync::Arc::new(bins);
            let axis = Axis::new(&picture, 60, 1);
            let chart = chart(&picture, axis, 8);
            let area = Rect::new(0, 0, 68, 12);
            let mut buf = Buffer::empty(area);
            draw(&chart, &Theme::default(), area, &mut buf);
            let column = |x: u16| (0..9).map(|y| buf[(x, y)].symbol()).collect::<String>();
            column(40)
        };
        assert_eq!(drawn(0), "████████─");
        assert_eq!(drawn(5), "████████×");
        assert_eq!(drawn(100), "▂███████×", "a part of a row, and no whole one");
        assert_eq!(drawn(250), "░░██████×");
        assert_eq!(drawn(1_000), "░░░░░░░░×");
    }

    /// Whatever the size and the values, a chart with an axis has its line, its 0, and nothing above
    /// its upper edge.
    #[test]
    fn every_chart_has_its_line_and_its_zero() {
        for height in 5..20 {
            for (width, rate) in [(20, 0.5), (72, 1.0), (98, 1_900.0), (98, 123_456.0), (140, 7.0)]
            {
                let mut picture = example::at_rest();
                let mut bins = picture.chart.to_vec();
                for bin in &mut bins {
                    (bin.ok, bin.failed) = ((rate / 2.0) as u64, (rate / 9.0) as u64);
                }
                picture.chart = std::sync::Arc::new(bins);
                picture.vitals.offered = rate;
                let axis = Axis::new(&picture, usize::from(width - CHART_MARGIN), 1);
                let chart = chart(&picture, axis, Rows::of(height).wall);
                let mut buf = Buffer::empty(Rect::new(0, 0, width, height + 1));
                draw(&chart, &Theme::default(), Rect::new(0, 1, width, height), &mut buf);
                let wall = Rows::of(height).wall + 1;
                let row = |y: u16| -> String { (0..width).map(|x| buf[(x, y)].symbol()).collect() };
                assert!(row(0).trim().is_empty(), "{height}: {}", row(0));
                assert!(chart.columns.iter().all(|c| c.ok + c.failed <= chart.top));
                assert!(chart.labels.iter().all(|(rate, _)| *rate <= chart.top));
                assert!(row(wall - 1).starts_with("     0 "), "{height}: {}", row(wall - 1));
                assert!(row(wall).starts_with("      └"), "{height}: {}", row(wall));
            }
        }
    }
}
