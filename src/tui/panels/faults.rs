//! Active faults, newest first, with what they touched.

use super::lines::{put, put_right};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::lists::Split;
use crate::tui::view::text::Line;
use crate::tui::widgets::{fit_start, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws them from the selected fault on; it is marked if the list has the focus. `key` leads to those
/// that have no row.
pub fn draw(
    (faults, key): (&[Split], &str),
    selected: usize,
    focused: bool,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    let heads = faults.iter().enumerate().filter(|(_, line)| line.right.width() > 0);
    let from = heads.map(|(i, _)| i).nth(selected).unwrap_or(0);
    if focused && faults.get(from).is_some_and(|line| line.right.width() > 0) {
        put(&Line::of(Role::Accent, "◆"), area.x, area.y, 1, theme, buf);
    }
    let room = area.width.saturating_sub(2);
    let later = faults.get(from..).unwrap_or_default();
    let (shown, hidden) = shown(later, area.height as usize);
    if hidden > 0 {
        let more = Line::dim(format!("… {hidden} more, press ")).bold(Role::Accent, key);
        put(&more, area.x + 1, area.y + shown.len() as u16, room, theme, buf);
    }
    for (y, line) in (area.y..area.bottom()).zip(shown) {
        let right = line.right.width() as u16;
        let left = room.saturating_sub(if right > 0 { right + 2 } else { 0 });
        put(&numbered(&line.left, left), area.x + 1, y, left, theme, buf);
        put_right(&line.right, area.x + 1, y, room, theme, buf);
    }
}

/// With fewer cells a text is cut at its end, whatever stands there.
const LEAST: usize = 8;

/// The line in so many cells: where it is cut, the number of the node at its end stays.
pub(super) fn numbered(line: &Line, cells: u16) -> Line {
    let mut line = line.clone();
    let long = line.width();
    if let Some(last) = line.bits.last_mut().filter(|_| long > usize::from(cells)) {
        let room = usize::from(cells).saturating_sub(long - width(&last.text));
        // In less room too little of it would be left before the number.
        if room >= LEAST {
            last.text = fit_start(&last.text, room);
        }
    }
    line
}

/// The lines for so many rows, and how many faults or settings have no row. Each has its own line
/// before any has its small print: the one that is hidden may be the culprit.
fn shown(lines: &[Split], rows: usize) -> (Vec<&Split>, usize) {
    let is_head = |line: &&Split| line.right.width() > 0;
    let heads = lines.iter().filter(is_head).count();
    if heads > rows {
        // In a single row the fault itself says more; how many there are stands in the title.
        let room = if rows < 2 { rows } else { rows - 1 };
        let hidden = if rows < 2 { 0 } else { heads - room };
        return (lines.iter().filter(is_head).take(room).collect(), hidden);
    }
    let mut spare = rows - heads;
    let fits = |line: &&Split| {
        let small = !is_head(line);
        let left_out = small && spare == 0;
        spare -= usize::from(small && !left_out);
        !left_out
    };
    (lines.iter().filter(fits).collect(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[&str]) -> Vec<Split> {
        let line = |text: &&str| Split {
            left: Line::text(*text),
            right: if text.starts_with(' ') { Line::empty() } else { Line::dim("until healed") },
        };
        text.iter().map(line).collect()
    }

    #[test]
    fn a_fault_that_is_cut_keeps_the_number_of_its_node() {
        let line = Line::dim("✗ ").with(Role::Text, "crash a-service-of-some-length-12");
        assert_eq!(numbered(&line, 20).plain(), "✗ crash a-servic…-12");
        assert_eq!(numbered(&line, 35).plain(), line.plain());
    }

    #[test]
    fn each_fault_has_its_line_before_small_print_has_any() {
        let all = lines(&["cut", " hit", " noticed", "menus off"]);
        let shown = |rows| {
            let (lines, hidden) = shown(&all, rows);
            (lines.iter().map(|l| l.left.plain()).collect::<Vec<_>>().join(","), hidden)
        };
        assert_eq!(shown(4), ("cut, hit, noticed,menus off".into(), 0));
        assert_eq!(shown(3), ("cut, hit,menus off".into(), 0));
        assert_eq!(shown(2), ("cut,menus off".into(), 0));
        assert_eq!(shown(1), ("cut".into(), 0));
        let (none, hidden) = super::shown(&[], 3);
        assert!(none.is_empty() && hidden == 0);
        assert_eq!(super::shown(&lines(&["a", "b", "c"]), 2).1, 2);
    }
}
