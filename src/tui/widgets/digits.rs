//! Figures five rows high, of full blocks: half blocks and finer signs render badly on projectors.

/// Rows of a figure.
pub const ROWS: u16 = 5;
/// Cells between two characters.
const GAP: usize = 2;

/// The shape of a character, row by row; nothing of one that has none.
fn shape(c: char) -> [&'static str; 5] {
    match c {
        '0' => ["██████", "██  ██", "██  ██", "██  ██", "██████"],
        '1' => ["  ██  ", "████  ", "  ██  ", "  ██  ", "██████"],
        '2' => ["██████", "    ██", "██████", "██    ", "██████"],
        '3' => ["██████", "    ██", "██████", "    ██", "██████"],
        '4' => ["██  ██", "██  ██", "██████", "    ██", "    ██"],
        '5' => ["██████", "██    ", "██████", "    ██", "██████"],
        '6' => ["██████", "██    ", "██████", "██  ██", "██████"],
        '7' => ["██████", "    ██", "    ██", "    ██", "    ██"],
        '8' => ["██████", "██  ██", "██████", "██  ██", "██████"],
        '9' => ["██████", "██  ██", "██████", "    ██", "██████"],
        '.' => ["  ", "  ", "  ", "  ", "██"],
        '%' => ["██  ██", "    ██", "  ██  ", "██    ", "██  ██"],
        'k' => ["██    ", "██  ██", "████  ", "██  ██", "██  ██"],
        'M' => ["██  ██", "██████", "██  ██", "██  ██", "██  ██"],
        '<' => ["    ██", "  ██  ", "██    ", "  ██  ", "    ██"],
        '>' => ["██    ", "  ██  ", "    ██", "  ██  ", "██    "],
        '–' => ["      ", "      ", "██████", "      ", "      "],
        _ => ["", "", "", "", ""],
    }
}

/// A figure in rows of equal width. Spaces are as wide as the gap between characters; characters
/// without a shape are left out.
#[must_use]
pub fn digits(text: &str) -> [String; 5] {
    let mut rows: [String; 5] = Default::default();
    for c in text.chars().filter(|c| !shape(*c)[0].is_empty()) {
        let gap = if rows[0].is_empty() { 0 } else { GAP };
        for (row, part) in rows.iter_mut().zip(shape(c)) {
            row.push_str(&" ".repeat(gap));
            row.push_str(part);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::widgets::width;

    #[test]
    fn every_row_is_equally_wide_and_thousands_are_not_set_apart() {
        for text in ["1\u{202f}550", "22.8 %", ">99.99 %", "123k", "4.5M", "–", ""] {
            let rows = digits(text);
            assert!(rows.iter().all(|r| width(r) == width(&rows[0])), "{text}");
        }
        assert_eq!(digits("1\u{202f}550"), digits("1550"));
        assert_eq!(width(&digits("1550")[0]), 4 * 6 + 3 * 2);
    }
}
