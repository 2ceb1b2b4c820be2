//! Lines, blocks, braille and signs as shapes in a cell of [`WIDTH`] by [`HEIGHT`] units.

use super::{HEIGHT, WIDTH};
use std::fmt::Write;

/// Half a cell.
const X: i32 = WIDTH / 2;
const Y: i32 = HEIGHT / 2;

/// No smoothing of edges.
pub(super) const CRISP: &str = "shape-rendering=\"crispEdges\"";

/// What is drawn in one ink.
#[derive(Default)]
pub(super) struct Paths {
    /// Areas.
    fill: String,
    /// Areas of whole cells and parts of cells, which must join without a seam.
    block: String,
    /// Areas through which the ground is seen: three shades, from light to dense.
    shade: [String; 3],
    /// Lines: light, heavy, and those of signs.
    light: String,
    heavy: String,
    sign: String,
}

impl Paths {
    pub(super) fn write(&self, out: &mut String, ink: &str) {
        if !self.fill.is_empty() {
            let _ = writeln!(out, "<path fill=\"{ink}\" d=\"{}\"/>", self.fill.trim_end());
        }
        // Viewers smooth edges: two areas that touch would show the ground between them.
        if !self.block.is_empty() {
            let d = self.block.trim_end();
            let _ = writeln!(out, "<path fill=\"{ink}\" {CRISP} d=\"{d}\"/>");
        }
        for (shade, opacity) in self.shade.iter().zip(["0.55", "0.7", "0.85"]) {
            if !shade.is_empty() {
                let d = shade.trim_end();
                let _ = writeln!(
                    out,
                    "<path fill=\"{ink}\" fill-opacity=\"{opacity}\" {CRISP} d=\"{d}\"/>"
                );
            }
        }
        for (lines, width) in [(&self.light, "1.3"), (&self.heavy, "3.2"), (&self.sign, "1.8")] {
            if !lines.is_empty() {
                let d = lines.trim_end();
                let _ = writeln!(
                    out,
                    "<path fill=\"none\" stroke=\"{ink}\" stroke-width=\"{width}\" d=\"{d}\"/>"
                );
            }
        }
    }
}

/// Whether a character is drawn as a shape.
pub(super) fn is_shape(c: char) -> bool {
    matches!(c, '\u{2500}'..='\u{259f}' | '\u{2800}'..='\u{28ff}') || SIGNS.contains(c)
}

const SIGNS: &str = "●○◐■▪▲▼▸◂★◆×✗✓·";

/// Adds a character at a place: its upper left corner.
pub(super) fn draw(paths: &mut Paths, c: char, at: (i32, i32)) {
    match c {
        '╳' => sign(paths, c, at),
        '\u{2500}'..='\u{257f}' => line(paths, c, at),
        '\u{2580}'..='\u{259f}' => block(paths, c, at),
        '\u{2800}'..='\u{28ff}' => braille(paths, c, at),
        _ if SIGNS.contains(c) => sign(paths, c, at),
        _ => {}
    }
}

/// How a line leaves a cell towards north, east, south and west: 0 not, 1 light, 2 heavy.
fn arms(c: char) -> Option<[u8; 4]> {
    Some(match c {
        '─' | '╌' | '┄' | '┈' => [0, 1, 0, 1],
        '━' => [0, 2, 0, 2],
        '│' | '╎' | '┆' | '┊' => [1, 0, 1, 0],
        '┃' => [2, 0, 2, 0],
        '┌' | '╭' => [0, 1, 1, 0],
        '┐' | '╮' => [0, 0, 1, 1],
        '└' | '╰' => [1, 1, 0, 0],
        '┘' | '╯' => [1, 0, 0, 1],
        '┏' => [0, 2, 2, 0],
        '┓' => [0, 0, 2, 2],
        '┗' => [2, 2, 0, 0],
        '┛' => [2, 0, 0, 2],
        '├' => [1, 1, 1, 0],
        '┤' => [1, 0, 1, 1],
        '┬' => [0, 1, 1, 1],
        '┴' => [1, 1, 0, 1],
        '┼' => [1, 1, 1, 1],
        '┣' => [2, 2, 2, 0],
        '┫' => [2, 0, 2, 2],
        '┳' => [0, 2, 2, 2],
        '┻' => [2, 2, 0, 2],
        '╋' => [2, 2, 2, 2],
        '╴' => [0, 0, 0, 1],
        '╵' => [1, 0, 0, 0],
        '╶' => [0, 1, 0, 0],
        '╷' => [0, 0, 1, 0],
        _ => return None,
    })
}

fn line(paths: &mut Paths, c: char, (x, y): (i32, i32)) {
    let rounded = match c {
        '╭' => Some((X, HEIGHT, WIDTH, Y)),
        '╮' => Some((X, HEIGHT, 0, Y)),
        '╰' => Some((X, 0, WIDTH, Y)),
        '╯' => Some((X, 0, 0, Y)),
        _ => None,
    };
    if let Some((x1, y1, x2, y2)) = rounded {
        // Straight to within half a cell of the corner, then a quarter of an ellipse.
        let (turn, bend) = (Y + (y1 - Y) / 2, Y);
        let _ = write!(
            paths.light,
            "M{} {}V{}Q{} {} {} {} ",
            x + x1,
            y + y1,
            y + turn,
            x + X,
            y + bend,
            x + x2,
            y + y2
        );
        return;
    }
    // What has no shape of its own is at least a line.
    let arms = arms(c).unwrap_or([0, 1, 0, 1]);
    strokes(&mut paths.light, arms.map(|arm| arm == 1), (x, y));
    strokes(&mut paths.heavy, arms.map(|arm| arm == 2), (x, y));
}

/// Lines of one weight from the middle of a cell, joined there: around a corner as one line, across
/// a junction straight through.
fn strokes(out: &mut String, arms: [bool; 4], (x, y): (i32, i32)) {
    let ends = [(X, 0), (WIDTH, Y), (X, HEIGHT), (0, Y)].map(|(dx, dy)| (x + dx, y + dy));
    let there: Vec<usize> = (0..4).filter(|i| arms[*i]).collect();
    if let [a, b] = there[..] {
        let ((ax, ay), (bx, by)) = (ends[a], ends[b]);
        let _ = write!(out, "M{ax} {ay}L{} {}L{bx} {by} ", x + X, y + Y);
        return;
    }
    for i in there {
        let (ex, ey) = ends[i];
        let across = (i + 2) % 4;
        if !arms[across] {
            let _ = write!(out, "M{} {}L{ex} {ey} ", x + X, y + Y);
        } else if i < across {
            let _ = write!(out, "M{ex} {ey}L{} {} ", ends[across].0, ends[across].1);
        }
    }
}

fn rect(out: &mut String, (x, y): (i32, i32), (wide, high): (i32, i32)) {
    let _ = write!(out, "M{x} {y}h{wide}v{high}h-{wide}z ");
}

fn block(paths: &mut Paths, c: char, (x, y): (i32, i32)) {
    match c {
        '\u{2581}'..='\u{2588}' => {
            let eighths = c as i32 - 0x2580;
            let high = (HEIGHT * eighths + 4) / 8;
            rect(&mut paths.block, (x, y + HEIGHT - high), (WIDTH, high));
        }
        '▀' => rect(&mut paths.block, (x, y), (WIDTH, Y)),
        '\u{2589}'..='\u{258f}' => {
            let eighths = 0x2590 - c as i32;
            rect(&mut paths.block, (x, y), ((WIDTH * eighths / 8).max(1), HEIGHT));
        }
        '▐' => rect(&mut paths.block, (x + X, y), (WIDTH - X, HEIGHT)),
        '░' => rect(&mut paths.shade[0], (x, y), (WIDTH, HEIGHT)),
        '▒' => rect(&mut paths.shade[1], (x, y), (WIDTH, HEIGHT)),
        '▓' => rect(&mut paths.shade[2], (x, y), (WIDTH, HEIGHT)),
        '▔' => rect(&mut paths.block, (x, y), (WIDTH, 2)),
        '▕' => rect(&mut paths.block, (x + WIDTH - 1, y), (1, HEIGHT)),
        _ => quadrants(paths, c, (x, y)),
    }
}

/// Quarters of a cell: upper left, upper right, lower left, lower right.
fn quadrants(paths: &mut Paths, c: char, (x, y): (i32, i32)) {
    let bits = match c {
        '▖' => 0b0010,
        '▗' => 0b0001,
        '▘' => 0b1000,
        '▙' => 0b1011,
        '▚' => 0b1001,
        '▛' => 0b1110,
        '▜' => 0b1101,
        '▝' => 0b0100,
        '▞' => 0b0110,
        _ => 0b0111,
    };
    for (bit, (dx, dy)) in [(8, (0, 0)), (4, (X, 0)), (2, (0, Y)), (1, (X, Y))] {
        if bits & bit != 0 {
            rect(&mut paths.block, (x + dx, y + dy), (X, Y));
        }
    }
}

fn braille(paths: &mut Paths, c: char, (x, y): (i32, i32)) {
    let bits = c as u32 - 0x2800;
    // Dots 1 to 8 in the order of their bits: column, row.
    let dots = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)];
    for (bit, (column, row)) in dots.into_iter().enumerate() {
        if bits >> bit & 1 == 1 {
            rect(&mut paths.block, (x + 2 + 5 * column, y + 2 + 5 * row), (2, 2));
        }
    }
    if bits == 0 {
        rect(&mut paths.block, (x, y), (0, 0));
    }
}

fn sign(paths: &mut Paths, c: char, (x, y): (i32, i32)) {
    let (cx, cy) = (x + X, y + Y);
    match c {
        '●' => disc(&mut paths.fill, (cx, cy)),
        '○' => disc(&mut paths.sign, (cx, cy)),
        '◐' => {
            disc(&mut paths.sign, (cx, cy));
            let _ = write!(paths.fill, "M{cx} {}a4 4 0 0 0 0 8z ", cy - 4);
        }
        '■' => rect(&mut paths.fill, (x + 1, cy - 4), (8, 8)),
        '▪' => rect(&mut paths.fill, (cx - 2, cy - 2), (4, 4)),
        '▲' => polygon(&mut paths.fill, (cx, cy), &[(0, -5), (5, 4), (-5, 4)]),
        '▼' => polygon(&mut paths.fill, (cx, cy), &[(0, 5), (5, -4), (-5, -4)]),
        '▸' => polygon(&mut paths.fill, (cx, cy), &[(-4, -5), (5, 0), (-4, 5)]),
        '◂' => polygon(&mut paths.fill, (cx, cy), &[(4, -5), (-5, 0), (4, 5)]),
        '◆' => polygon(&mut paths.fill, (cx, cy), &[(0, -6), (5, 0), (0, 6), (-5, 0)]),
        '★' => star(&mut paths.fill, (cx, cy)),
        '·' => rect(&mut paths.fill, (cx - 1, cy - 1), (2, 2)),
        '×' => cross(&mut paths.sign, (cx, cy), (3, 3)),
        '✗' => cross(&mut paths.sign, (cx, cy), (4, 5)),
        '╳' => cross(&mut paths.sign, (cx, cy), (5, 8)),
        '✓' => {
            let _ =
                write!(paths.sign, "M{} {cy}L{} {}L{} {} ", cx - 4, cx - 1, cy + 4, cx + 4, cy - 5);
        }
        _ => {}
    }
}

fn disc(out: &mut String, (cx, cy): (i32, i32)) {
    let _ = write!(out, "M{} {cy}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z ", cx - 4);
}

fn cross(out: &mut String, (cx, cy): (i32, i32), (dx, dy): (i32, i32)) {
    let (left, right, top, bottom) = (cx - dx, cx + dx, cy - dy, cy + dy);
    let _ = write!(out, "M{left} {top}L{right} {bottom}M{right} {top}L{left} {bottom} ");
}

fn polygon(out: &mut String, (cx, cy): (i32, i32), corners: &[(i32, i32)]) {
    for (i, (dx, dy)) in corners.iter().enumerate() {
        let _ = write!(out, "{}{} {}", if i == 0 { 'M' } else { 'L' }, cx + dx, cy + dy);
    }
    out.push_str("z ");
}

/// A star of five points, in tenths of a unit: outer radius 6, inner radius 2.4.
fn star(out: &mut String, (cx, cy): (i32, i32)) {
    const TENTHS: [(i32, i32); 10] = [
        (0, -60),
        (14, -19),
        (57, -19),
        (23, 7),
        (35, 49),
        (0, 24),
        (-35, 49),
        (-23, 7),
        (-57, -19),
        (-14, -19),
    ];
    for (i, (dx, dy)) in TENTHS.into_iter().enumerate() {
        let (px, py) = (cx * 10 + dx, cy * 10 + dy);
        let sign = |p: i32| if p < 0 { "-" } else { "" };
        let (ax, ay) = (px.abs(), py.abs());
        let _ = write!(
            out,
            "{}{}{}.{} {}{}.{}",
            if i == 0 { 'M' } else { 'L' },
            sign(px),
            ax / 10,
            ax % 10,
            sign(py),
            ay / 10,
            ay % 10
        );
    }
    out.push_str("z ");
}
