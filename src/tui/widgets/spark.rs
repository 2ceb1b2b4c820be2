//! Charts of columns in eighths of a cell.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

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

/// A line of columns, the newest at the right, each in its ink; nothing is the lowest level.
pub fn spark(
    columns: impl DoubleEndedIterator<Item = (f64, Style)>,
    top: f64,
    area: Rect,
    buf: &mut Buffer,
) {
    for (x, (value, style)) in (area.x..area.right()).rev().zip(columns.rev()) {
        if let Some(cell) = buf.cell_mut((x, area.y)) {
            let level = LEVELS[eighths(value, top, 1).max(1) as usize];
            cell.set_symbol(level).set_style(style);
        }
    }
}

/// The inks of a column of two parts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inks {
    /// Of the lower part, in blocks.
    pub low: Style,
    /// Of the upper part, in light shade.
    pub high: Style,
    /// What that shade looks like from afar, for parts of a cell; `None` where there is no such colour.
    pub shade: Option<Color>,
}

/// What one cell of a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Nothing.
    Empty,
    /// The lower part, so many eighths high.
    Low(u16),
    /// The upper part fills the cell.
    High,
    /// The upper part, so many eighths high, and nothing of the lower.
    Top(u16),
    /// The lower part, so many eighths high, and above it the upper.
    Both(u16),
}

impl Part {
    /// Of a cell that the lower part fills up to `below` eighths, and both up to `all`. A cell has two
    /// colours: of three things in it the one goes that is least, and at most two eighths are wrong.
    /// Without a colour for the shade a cell shows what most of it is.
    fn of(below: u16, all: u16, has_shade: bool) -> Part {
        let (above, empty) = (all - below, 8 - all);
        match (below, above, empty) {
            (_, 0, 8) => Part::Empty,
            (_, 0, _) => Part::Low(below),
            (0, 8, _) => Part::High,
            _ if !has_shade && above > below && above >= empty => Part::High,
            (0, ..) if !has_shade => Part::Empty,
            _ if !has_shade => Part::Low(below),
            (0, ..) => Part::Top(all),
            (_, _, 0) => Part::Both(below),
            _ if above <= below.min(empty) => Part::Low(all),
            _ if empty <= below => Part::Both(below),
            _ => Part::Top(all),
        }
    }
}

/// One column, from the bottom of `area` upwards: `low` eighths in blocks, and on them `high` eighths
/// in light shade. In parts of cells the colour alone tells of the upper part, and a little of it may
/// have no place at all.
pub fn stacked(low: u16, high: u16, area: Rect, inks: Inks, buf: &mut Buffer) {
    for row in 0..area.height {
        let Some(cell) = buf.cell_mut((area.x, area.bottom() - 1 - row)) else { continue };
        let up_to = |height: u16| height.saturating_sub(8 * row).min(8);
        let part = Part::of(up_to(low), up_to(low + high), inks.shade.is_some());
        let ground = inks.shade.unwrap_or_default();
        match part {
            Part::Empty => {}
            Part::Low(n) => {
                cell.set_symbol(LEVELS[n as usize]).set_style(inks.low);
            }
            Part::High => {
                cell.set_symbol("░").set_style(inks.high);
            }
            Part::Top(n) => {
                cell.set_symbol(LEVELS[n as usize]).set_style(inks.high.fg(ground));
            }
            Part::Both(n) => {
                cell.set_symbol(LEVELS[n as usize]).set_style(inks.low.bg(ground));
            }
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
        stacked(12, 8, area, Inks::default(), &mut buf);
        let column: Vec<&str> = (0..3).map(|y| buf[(0, y)].symbol()).collect();
        assert_eq!(column, ["░", "▄", "█"]);
    }

    /// What a column of three rows shows, from its top: `L` and `H` with their eighths.
    fn column(low: u16, high: u16) -> String {
        let area = Rect::new(0, 0, 1, 3);
        let mut buf = Buffer::empty(area);
        let inks = Inks {
            low: Style::new().fg(Color::Blue),
            high: Style::new().fg(Color::Red),
            shade: Some(Color::Magenta),
        };
        stacked(low, high, area, inks, &mut buf);
        let one = |y| {
            let cell: &ratatui::buffer::Cell = &buf[(0, y)];
            let n = LEVELS.iter().position(|l| *l == cell.symbol());
            match (cell.symbol(), cell.fg, cell.bg) {
                (" ", ..) => "--".to_string(),
                ("░", ..) => "HH".to_string(),
                (_, Color::Blue, Color::Magenta) => format!("L{}H", n.unwrap()),
                (_, Color::Blue, _) => format!("L{}", n.unwrap()),
                _ => format!("H{}", n.unwrap()),
            }
        };
        (0..3).map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_stack_is_as_high_as_it_is_and_without_gaps() {
        assert_eq!(column(12, 8), "H4 L4H L8");
        assert_eq!(column(8, 8), "-- HH L8");
        assert_eq!(column(20, 4), "L4H L8 L8");
        assert_eq!(column(16, 3), "H3 L8 L8");
        assert_eq!(column(0, 24), "HH HH HH");
        assert_eq!(column(15, 0), "-- L7 L8");
    }

    #[test]
    fn of_three_things_in_a_cell_the_least_has_no_place() {
        assert_eq!(column(19, 1), "L4 L8 L8", "too little to be drawn as a cell of it");
        assert_eq!(column(17, 3), "H4 L8 L8");
        assert_eq!(column(19, 4), "L3H L8 L8");
    }
}
