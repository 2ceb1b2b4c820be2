//! Plain characters for terminals and fonts without the others.

use ratatui::buffer::Buffer;

/// Replaces what is not ASCII, cell by cell, in a finished screen. Every glyph is one cell wide, so
/// nothing moves: the layout is computed once, for both.
///
/// A light shade means *failed* here. A heat map, which has a scale of its own, writes its ASCII
/// steps itself.
pub fn ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let mut chars = cell.symbol().chars();
        if let Some(c) = chars.next().filter(|c| !c.is_ascii()) {
            cell.set_char(plain(c));
        }
    }
}

fn plain(c: char) -> char {
    match c {
        '●' => 'o',
        '○' => 'r',
        '◐' => '~',
        '✗' => 'X',
        '★' => 'P',
        '◆' => '@',
        '▲' => '!',
        '▼' | '↓' => 'v',
        '✓' => 'V',
        '×' | '░' => 'x',
        '━' | '▅' => '=',
        '┃' | '▒' | '┊' | '┆' | '▃' => ':',
        '─' | '–' | '‐' | '‑' | '▄' => '-',
        '│' | '‖' | '▏' | '▎' => '|',
        '▸' | '›' | '→' | '≥' => '>',
        '←' | '‹' | '≤' | '◂' => '<',
        '↑' => '^',
        '■' | '▪' | '█' | '╳' => '#',
        '·' | '▂' | '…' => '.',
        '▓' => '%',
        '▁' => '_',
        '▇' | '\u{2801}'..='\u{28ff}' => '*',
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{2800}' => ' ',
        '▆' | '\u{2500}'..='\u{257f}' => '+',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    #[test]
    fn every_glyph_of_the_mockups_has_a_plain_one() {
        let line = "●○◐✗★◆▲▼✓╳×━┃─│▸■·█░▁▂▃▄▅▆▇╭╮╰╯├┤┼┬┴┌┐└┘┏┓┗┛›…“”→↑↓←◂‖\u{202f}";
        let width = line.chars().count() as u16;
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, 1));
        buffer.set_string(0, 0, line, Style::new());
        ascii(&mut buffer);
        let text = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect::<String>();
        for (a, b) in ["╳×", "✓▼", "╳✗", "◐…", "╳✓"].map(|two| {
            let mut two = two.chars();
            (plain(two.next().unwrap()), two.next().map(plain).unwrap())
        }) {
            assert_ne!(a, b, "one sign, one meaning");
        }
        assert_eq!(text, "or~XP@!vV#x=:-|>#.#x_.:-=+*+++++++++++++++++>.\"\">^v<<| ");
    }
}
