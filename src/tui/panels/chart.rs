//! Goodput as a wall with its failed part on top, the time axis with commands, and p99.
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

use super::lines::{put, put_right};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::CHART_MARGIN;
use crate::tui::view::chart::{Chart, Sign};
use crate::tui::view::text::Line;
use crate::tui::widgets::{eighths, fit, spark, stacked, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Cells of the labels at the left.
const LABEL: u16 = 6;
/// A command that gets fewer cells is left out.
const LEAST: usize = 7;
/// The most cells of a command.
const MOST: usize = 24;

/// Draws them.
pub fn draw(chart: &Chart, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let columns =
        Rect { x: area.x + LABEL + 1, width: area.width.saturating_sub(CHART_MARGIN), ..area };
    if columns.is_empty() {
        return;
    }
    let (axis, latency) = match area.height {
        9.. => (2, 2),
        5.. => (2, 0),
        4 => (1, 0),
        _ => (0, 0),
    };
    let wall = Rect { height: area.height - axis - latency, ..columns };
    draw_wall(chart, theme, wall, buf);
    labels(chart, theme, area, wall, buf);
    if axis > 0 {
        draw_axis(chart, theme, Rect { y: wall.bottom(), height: axis, ..columns }, buf);
    }
    if latency > 0 {
        let y = wall.bottom() + axis;
        draw_latency(chart, theme, area.x, Rect { y, height: latency, ..columns }, buf);
    }
}

fn draw_wall(chart: &Chart, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let styles = (theme.style(Role::FlowOk), theme.style(Role::FlowFail));
    for (x, column) in (area.x..area.right()).zip(&chart.columns) {
        let low = eighths(column.ok, chart.top, area.height);
        let all = eighths(column.ok + column.failed, chart.top, area.height);
        // A failure is seen, however few there are: it takes the place of what is served.
        let high = if column.failed > 0.0 { (all - low.min(all)).max(5) } else { 0 };
        let low = low.min((8 * area.height).saturating_sub(high));
        stacked(low, high, Rect { x, width: 1, ..area }, styles, buf);
    }
}

/// The top, half of it, and 0, each in the row in which it lies.
fn labels(chart: &Chart, theme: &Theme, area: Rect, wall: Rect, buf: &mut Buffer) {
    let row_of = |rate: f64| {
        let up = (rate / chart.top * f64::from(wall.height)) as u16;
        wall.bottom() - 1 - up.min(wall.height - 1)
    };
    let mut label = |text: &str, y| put_right(&Line::dim(text), area.x, y, LABEL, theme, buf);
    label("0", wall.bottom() - 1);
    if wall.height >= 3 {
        label(&chart.label_half, row_of(chart.top_label_at / 2.0));
    }
    if wall.height >= 2 {
        label(&chart.label_top, row_of(chart.top_label_at));
    }
}

fn draw_axis(chart: &Chart, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let line = format!("└{}", "─".repeat(area.width as usize));
    put(&Line::dim(line), area.x - 1, area.y, area.width + 1, theme, buf);
    let inside = |sign: &&Sign| sign.at < area.width as usize;
    for tick in chart.ticks.iter().filter(inside) {
        put(&Line::dim("┬"), area.x + tick.at as u16, area.y, 1, theme, buf);
    }
    let markers: Vec<&Sign> = chart.markers.iter().filter(inside).collect();
    commands(&markers, theme, Rect { height: 1, ..area }, buf);
    if area.height > 1 {
        let y = area.y + 1;
        for tick in &chart.ticks {
            let stop = tick.at + width(&tick.text);
            if stop <= area.width as usize {
                put(&Line::dim(&tick.text), area.x + tick.at as u16, y, area.width, theme, buf);
            }
        }
    }
}

/// Signs of commands on the axis, and their words from the newest back where there is room. Words
/// begin or end at their sign, so that it is clear whose they are.
fn commands(markers: &[&Sign], theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut taken: Vec<(usize, usize)> = markers.iter().map(|m| (m.at, m.at + 1)).collect();
    for marker in markers.iter().rev() {
        let Some((start, text)) = words(marker, &taken, area.width as usize) else { continue };
        let stop = start + width(&text);
        let line = Line::of(Role::Marker, text);
        put(&line, area.x + start as u16, area.y, (stop - start) as u16, theme, buf);
        taken.push((start, stop));
    }
    for marker in markers {
        put(&Line::of(Role::Marker, "▲"), area.x + marker.at as u16, area.y, 1, theme, buf);
    }
}

/// Where the words of a command begin, with a space to either side, and as many of them as there is
/// room for beside the sign; `None` if that is too little.
fn words(marker: &Sign, taken: &[(usize, usize)], room: usize) -> Option<(usize, String)> {
    let text = fit(&marker.text, MOST);
    let long = width(&text) + 2;
    let others = || taken.iter().filter(|t| **t != (marker.at, marker.at + 1));
    let right = others().map(|(start, _)| *start).filter(|start| *start > marker.at).min();
    let left = others().map(|(_, stop)| *stop).filter(|stop| *stop <= marker.at).max();
    let after = right.unwrap_or(room).saturating_sub(marker.at + 1);
    let before = marker.at - left.unwrap_or(0);
    let cells = before.max(after).min(long);
    if cells < LEAST {
        return None;
    }
    let text = format!(" {} ", fit(&text, cells - 2));
    let follows = after >= long || before < long && after >= before;
    Some((if follows { marker.at + 1 } else { marker.at - width(&text) }, text))
}

fn draw_latency(chart: &Chart, theme: &Theme, left: u16, area: Rect, buf: &mut Buffer) {
    put_right(&Line::dim("p99 1s"), left, area.y, LABEL + 1, theme, buf);
    put_right(&Line::dim("10 ms"), left, area.bottom() - 1, LABEL, theme, buf);
    for (x, column) in (area.x..area.right()).zip(&chart.columns) {
        let Some(level) = column.p99 else { continue };
        let role = if level > 0.75 { Role::NodeWarn } else { Role::Text };
        // What is below the axis is still a sample, and so is seen.
        let high = eighths(level.max(0.001), 1.0, area.height);
        let styles = (theme.style(role), theme.style(role));
        stacked(high, 0, Rect { x, width: 1, ..area }, styles, buf);
    }
}

/// One line of goodput, for screens that show one panel at a time.
pub fn strip(chart: &Chart, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let label = put(&Line::dim(" goodput "), area.x, area.y, area.width, theme, buf);
    let cells = area.width.saturating_sub(label + 5);
    let levels: Vec<f64> = chart.columns.iter().map(|c| c.ok).collect();
    let line = Rect::new(area.x + label, area.y, cells, 1);
    spark(&levels, chart.top, line, theme.style(Role::FlowOk), buf);
    put(&Line::dim(" now"), line.right(), area.y, 4, theme, buf);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker(at: usize, text: &str) -> Sign {
        Sign { at, text: text.to_string() }
    }

    #[test]
    fn words_begin_or_end_at_their_sign() {
        let crash = |at, taken: &[_]| words(&marker(at, "crash web-2"), taken, 40);
        let sign = |at| (at, at + 1);
        assert_eq!(crash(10, &[sign(10)]), Some((11, " crash web-2 ".to_string())));
        assert_eq!(crash(38, &[sign(38)]), Some((25, " crash web-2 ".to_string())));
        let near = crash(20, &[sign(20), sign(12), sign(31)]);
        assert_eq!(near, Some((21, " crash w… ".to_string())));
        let newer = [sign(20), sign(18), sign(24)];
        assert_eq!(crash(20, &newer), None, "too little of it would be seen");
    }
}
