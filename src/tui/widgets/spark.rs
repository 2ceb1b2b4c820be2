//! Charts of columns in eighths of a cell.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

const LEVELS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// The height of a value in eighths of a cell, where `top` fills `cells` cells: at least one eighth
/// for anything above nothing.
#[must_use]
pub fn eighths(value: f64, top: f64, cells: u16) -> u16 {
    let whole = 8 * cells;
    if value.is_nan() || value <= 0.0 || top.is_nan() || top <= 0.0 {
        return 0;
    }
    ((value / top * f64::from(whole) + 0.5) as u16).clamp(1, whole)
}

/// A value as one sign out of eight, where `top` is the highest; nothing is the lowest.
#[must_use]
pub fn level(value: f64, top: f64) -> &'static str {
    LEVELS[eighths(value, top, 1).max(1) as usize]
}

/// A line of columns, the newest at the right; nothing is the lowest level.
pub fn spark(values: &[f64], top: f64, area: Rect, style: Style, buf: &mut Buffer) {
    let shown = values.len().min(area.width as usize);
    let first = area.right() - shown as u16;
    for (x, &value) in (first..).zip(&values[values.len() - shown..]) {
        if let Some(cell) = buf.cell_mut((x, area.y)) {
            let level = LEVELS[eighths(value, top, 1).max(1) as usize];
            cell.set_symbol(level).set_style(style);
        }
    }
}

/// One column, from the bottom of `area` upwards: `low` eighths in blocks of one style, and above
/// them `high` eighths as light shade in another. Where the two meet in one cell, blocks stand
/// before the other's colour only if they fill less than the cell: a cell shows what most of it is.
pub fn stacked(low: u16, high: u16, area: Rect, styles: (Style, Style), buf: &mut Buffer) {
    let sum = low + high;
    for row in 0..area.height {
        let Some(cell) = buf.cell_mut((area.x, area.bottom() - 1 - row)) else { continue };
        let floor = 8 * row;
        let (below, all) = (low.saturating_sub(floor).min(8), sum.saturating_sub(floor).min(8));
        let above = all - below;
        if above > below {
            cell.set_symbol("░").set_style(styles.1);
        } else if below > 0 {
            cell.set_symbol(LEVELS[below as usize]).set_style(styles.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_seen() {
        assert_eq!(eighths(0.0, 10.0, 3), 0);
        assert_eq!(eighths(0.001, 10.0, 3), 1);
        assert_eq!(eighths(5.0, 10.0, 3), 12);
        assert_eq!(eighths(50.0, 10.0, 3), 24);
        assert_eq!(eighths(f64::NAN, 10.0, 3), 0);
    }

    #[test]
    fn a_stack_shows_failures_above_what_is_served() {
        let area = Rect::new(0, 0, 1, 3);
        let mut buf = Buffer::empty(area);
        stacked(12, 8, area, (Style::new(), Style::new()), &mut buf);
        let column: Vec<&str> = (0..3).map(|y| buf[(0, y)].symbol()).collect();
        assert_eq!(column, ["░", "▄", "█"]);
    }
}
