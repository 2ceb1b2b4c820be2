//! A finished screen as a picture (SVG) or as text, without a terminal.
//!
//! The picture stands on an integer grid: every character has a place of its own, and lines, blocks,
//! braille and signs are drawn as shapes. So it looks the same with every font and every viewer.

mod shapes;

use super::theme::{Rgb, Theme, shown};
use super::widgets::width;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Modifier;
use std::fmt::Write;

/// Width of a cell, in units of the picture.
pub(super) const WIDTH: i32 = 10;
/// Height of a cell.
pub(super) const HEIGHT: i32 = 20;
/// From the top of a cell to the line on which letters stand.
const BASELINE: i32 = 15;
/// Room around the screen.
const MARGIN: i32 = 12;

const FONTS: &str =
    "ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";

/// The screen as text, one line for each row, without spaces at the ends of lines.
#[must_use]
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for row in rows(buffer) {
        let mut line = String::new();
        // The cells behind a wide character hold nothing of their own.
        let mut hidden = 0;
        for cell in row {
            if hidden == 0 {
                line.push_str(cell.symbol());
                hidden = width(cell.symbol());
            }
            hidden = hidden.saturating_sub(1);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The screen as an SVG file.
#[must_use]
pub fn svg(buffer: &Buffer, theme: &Theme) -> String {
    let (wide, high) =
        (i32::from(buffer.area.width) * WIDTH, i32::from(buffer.area.height) * HEIGHT);
    let (full_wide, full_high) = (wide + 2 * MARGIN, high + 2 * MARGIN);
    let mut out = String::with_capacity(64 * buffer.content.len());
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{full_wide}\" height=\"{full_high}\" \
         viewBox=\"{} {} {full_wide} {full_high}\" font-family=\"{FONTS}\" font-size=\"16\">",
        -MARGIN, -MARGIN,
    );
    let _ = writeln!(
        out,
        "<rect x=\"{}\" y=\"{}\" width=\"{full_wide}\" height=\"{full_high}\" rx=\"8\" fill=\"{}\"/>",
        -MARGIN,
        -MARGIN,
        Hex(theme.paper()),
    );
    for (y, row) in rows(buffer).enumerate() {
        let inks: Vec<Ink> = row.iter().map(|cell| Ink::of(cell, theme)).collect();
        let top = units(y, HEIGHT);
        grounds(&mut out, &inks, top, theme.paper());
        figures(&mut out, row, &inks, top);
        letters(&mut out, row, &inks, top);
    }
    out.push_str("</svg>\n");
    out
}

/// So many cells, in units of the picture. Screens have at most 2^16 rows and columns.
fn units(cells: usize, size: i32) -> i32 {
    i32::try_from(cells).unwrap_or(0).saturating_mul(size)
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buffer.content.chunks(usize::from(buffer.area.width).max(1))
}

/// The colours of a cell, as they are seen.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ink {
    front: Rgb,
    ground: Rgb,
    bold: bool,
    italic: bool,
    underlined: bool,
}

impl Ink {
    fn of(cell: &Cell, theme: &Theme) -> Ink {
        let has = |flag| cell.modifier.contains(flag);
        let mut front = shown(cell.fg).unwrap_or(theme.ink());
        let mut ground = shown(cell.bg).unwrap_or(theme.paper());
        if has(Modifier::REVERSED) {
            (front, ground) = (ground, front);
        }
        if has(Modifier::DIM) {
            front = halfway(front, ground);
        }
        Ink {
            front,
            ground,
            bold: has(Modifier::BOLD),
            italic: has(Modifier::ITALIC),
            underlined: has(Modifier::UNDERLINED),
        }
    }
}

impl Ink {
    /// Whether letters look the same; their ground does not matter.
    fn same_letters(self, other: Ink) -> bool {
        Ink { ground: other.ground, ..self } == other
    }
}

fn halfway(a: Rgb, b: Rgb) -> Rgb {
    let half = |a: u8, b: u8| u8::midpoint(a, b);
    Rgb(half(a.0, b.0), half(a.1, b.1), half(a.2, b.2))
}

/// A colour as `#rrggbb`.
struct Hex(Rgb);

impl std::fmt::Display for Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let Rgb(r, g, b) = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

/// One rectangle for each run of cells on the same ground.
fn grounds(out: &mut String, inks: &[Ink], top: i32, paper: Rgb) {
    let mut x = 0;
    for run in inks.chunk_by(|a, b| a.ground == b.ground) {
        let wide = units(run.len(), WIDTH);
        if run[0].ground != paper {
            let fill = Hex(run[0].ground);
            let _ = writeln!(
                out,
                "<rect x=\"{x}\" y=\"{top}\" width=\"{wide}\" height=\"{HEIGHT}\" fill=\"{fill}\" {}/>",
                shapes::CRISP
            );
        }
        x += wide;
    }
}

/// Signs and lines as shapes: one path for each run of cells of the same ink.
fn figures(out: &mut String, row: &[Cell], inks: &[Ink], top: i32) {
    let mut start = 0;
    for run in inks.chunk_by(|a, b| a.front == b.front) {
        let mut paths = shapes::Paths::default();
        for (i, cell) in row[start..start + run.len()].iter().enumerate() {
            let left = units(start + i, WIDTH);
            if let Some(c) = single(cell) {
                shapes::draw(&mut paths, c, (left, top));
            }
        }
        start += run.len();
        paths.write(out, &Hex(run[0].front).to_string());
    }
}

/// Letters: one element for each word of one look, with a place for each character. Viewers that
/// heed only the first place then still begin every word at its cell.
fn letters(out: &mut String, row: &[Cell], inks: &[Ink], top: i32) {
    let mut word = Word::default();
    for (i, (cell, ink)) in row.iter().zip(inks).enumerate() {
        let drawn = single(cell).is_some_and(shapes::is_shape);
        let blank = drawn || cell.symbol().trim().is_empty();
        if blank || word.ink.is_some_and(|w| !w.same_letters(*ink)) {
            word.write(out, top);
        }
        if !blank {
            word.push(cell, *ink, units(i, WIDTH));
        }
    }
    word.write(out, top);
}

/// Letters of one look, side by side.
#[derive(Default)]
struct Word {
    places: String,
    chars: String,
    ink: Option<Ink>,
}

impl Word {
    fn push(&mut self, cell: &Cell, ink: Ink, x: i32) {
        if !self.places.is_empty() {
            self.places.push(' ');
        }
        let _ = write!(self.places, "{x}");
        // A place belongs to one character: what combines with it is left out.
        self.chars.extend(cell.symbol().chars().take(1).map(clean));
        self.ink = Some(ink);
    }

    fn write(&mut self, out: &mut String, top: i32) {
        let Word { places, chars, ink: Some(look) } = std::mem::take(self) else { return };
        let bold = if look.bold { " font-weight=\"bold\"" } else { "" };
        let italic = if look.italic { " font-style=\"italic\"" } else { "" };
        let line = if look.underlined { " text-decoration=\"underline\"" } else { "" };
        let _ = writeln!(
            out,
            "<text y=\"{}\" fill=\"{}\"{bold}{italic}{line} x=\"{places}\">{}</text>",
            top + BASELINE,
            Hex(look.front),
            escaped(&chars),
        );
    }
}

/// The character of a cell that has only one.
fn single(cell: &Cell) -> Option<char> {
    let mut chars = cell.symbol().chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// What XML 1.0 does not allow becomes the sign for the unknown.
fn clean(c: char) -> char {
    match c {
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        c => c,
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Role;
    use ratatui::layout::Rect;

    fn buffer(line: &str) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
        buffer.set_string(0, 0, line, Theme::default().style(Role::Text));
        buffer
    }

    #[test]
    fn text_has_no_spaces_at_the_ends() {
        assert_eq!(text(&buffer("a  b")), "a  b\n");
    }

    #[test]
    fn a_wide_character_takes_the_cell_behind_it() {
        assert_eq!(text(&buffer("夕食 x")), "夕食 x\n");
    }

    #[test]
    fn letters_are_escaped_and_have_places() {
        let out = svg(&buffer("a<&"), &Theme::default());
        assert!(out.contains("x=\"0 10 20\">a&lt;&amp;</text>"), "{out}");
    }

    #[test]
    fn no_line_or_sign_is_left_to_a_font() {
        let signs = "─│╭╮╰╯├┤┬┴┼━┃┏┓┗┛┌┐└┘▁▂▃▄▅▆▇█░▒▓⠁⣿●○◐■▲▼▸★◆×╳✗✓·";
        for sign in signs.chars() {
            let out = svg(&buffer(&sign.to_string()), &Theme::default());
            assert!(!out.contains("<text"), "{sign}");
            assert!(out.contains("<path"), "{sign}");
        }
    }

    #[test]
    fn inverse_exchanges_ink_and_ground() {
        let mut buffer = buffer("a");
        buffer[(0, 0)].set_style(ratatui::style::Style::new().add_modifier(Modifier::REVERSED));
        let out = svg(&buffer, &Theme::default());
        assert!(out.contains("width=\"10\" height=\"20\" fill=\"#d8dee4\""), "{out}");
        assert!(out.contains("fill=\"#101418\" x=\"0\">a"), "{out}");
    }
}
