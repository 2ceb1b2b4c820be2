//! Gauges of a few cells.

use super::spark::level;
use ratatui::buffer::Buffer;
use ratatui::style::{Modifier, Style};

/// Beside a gauge stands its share in whole percent: what reads as 0 % or 100 % looks so, too.
const HALF_A_PERCENT: f64 = 0.005;

const EMPTY: &str = "·";

/// How many of `cells` a share of 0 to 1 fills: to the nearest, but all only at 100 %.
#[must_use]
pub fn filled(share: f64, cells: u16) -> u16 {
    if share.is_nan() || share < HALF_A_PERCENT {
        return 0;
    }
    if share >= 1.0 - HALF_A_PERCENT {
        return cells;
    }
    ((share * f64::from(cells) + 0.5) as u16).min(cells.saturating_sub(1))
}

/// The sign in one cell of a gauge that is filled so far: a little has a sign of its own, for a whole
/// square would be too much and none too little. A gauge of one cell grows upwards.
fn sign(share: f64, cells: u16, cell: u16) -> &'static str {
    let is_some = share >= HALF_A_PERCENT;
    match filled(share, cells) {
        full if cell < full => "■",
        _ if cells == 1 && is_some => level(share, 1.0),
        0 if cell == 0 && is_some => level(0.0, 1.0),
        _ => EMPTY,
    }
}

/// The same as text, and what of it is empty.
#[must_use]
pub fn bar(share: f64, cells: u16) -> (String, String) {
    let (on, off): (Vec<&str>, _) =
        (0..cells).map(|cell| sign(share, cells, cell)).partition(|glyph| *glyph != EMPTY);
    (on.concat(), off.concat())
}

/// Draws `■■■··` in `on` and `off`. A gauge is never inverse: its cells would be holes.
pub fn gauge(share: f64, at: (u16, u16), cells: u16, on: Style, off: Style, buf: &mut Buffer) {
    let on = on.remove_modifier(Modifier::REVERSED);
    for i in 0..cells {
        if let Some(cell) = buf.cell_mut((at.0 + i, at.1)) {
            let glyph = sign(share, cells, i);
            cell.set_symbol(glyph).set_style(if glyph == EMPTY { off } else { on });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sign;

    fn drawn(share: f64, cells: u16) -> String {
        (0..cells).map(|cell| sign(share, cells, cell)).collect()
    }

    #[test]
    fn a_gauge_is_empty_and_full_where_its_figure_is() {
        assert_eq!(drawn(0.0, 7), "·······");
        assert_eq!(drawn(0.004, 7), "·······", "0 %");
        assert_eq!(drawn(0.02, 7), "▁······");
        assert_eq!(drawn(0.1, 7), "■······");
        assert_eq!(drawn(0.67, 7), "■■■■■··");
        assert_eq!(drawn(0.99, 7), "■■■■■■·");
        assert_eq!(drawn(0.996, 7), "■■■■■■■", "100 %");
        assert_eq!(drawn(1.4, 7), "■■■■■■■");
        assert_eq!(drawn(f64::NAN, 7), "·······");
    }

    #[test]
    fn a_gauge_of_one_cell_grows_upwards() {
        let at = [0.0, 0.004, 0.02, 0.3, 0.65, 0.99, 1.0].map(|share| drawn(share, 1));
        assert_eq!(at, ["·", "·", "▁", "▂", "▅", "█", "■"]);
    }
}
