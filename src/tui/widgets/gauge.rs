//! Gauges of a few cells.

use ratatui::buffer::Buffer;
use ratatui::style::{Modifier, Style};

/// How many of `cells` a share of 0 to 1 fills: to the nearest, but none only at nothing, and all
/// only at the whole.
#[must_use]
pub fn filled(share: f64, cells: u16) -> u16 {
    if share.is_nan() || share <= 0.0 || cells == 0 {
        return 0;
    }
    if share >= 1.0 {
        return cells;
    }
    let near = (share * f64::from(cells) + 0.5) as u16;
    near.clamp(1, (cells - 1).max(1))
}

/// Draws `■■■··` in `on` and `off`. A gauge is never inverse: its cells would be holes.
pub fn gauge(share: f64, at: (u16, u16), cells: u16, on: Style, off: Style, buf: &mut Buffer) {
    let full = filled(share, cells);
    let on = on.remove_modifier(Modifier::REVERSED);
    for i in 0..cells {
        if let Some(cell) = buf.cell_mut((at.0 + i, at.1)) {
            let (glyph, style) = if i < full { ("■", on) } else { ("·", off) };
            cell.set_symbol(glyph).set_style(style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn a_gauge_is_empty_and_full_only_if_it_is() {
        assert_eq!(filled(0.0, 7), 0);
        assert_eq!(filled(0.001, 7), 1);
        assert_eq!(filled(0.67, 7), 5);
        assert_eq!(filled(0.999, 7), 6);
        assert_eq!(filled(1.0, 7), 7);
        assert_eq!(filled(1.4, 7), 7);
        assert_eq!(filled(f64::NAN, 7), 0);
        assert_eq!(filled(0.5, 1), 1);
    }
}
