//! The axis of time under a chart: ticks, and the commands that were given.

use super::lines::put;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::axis::{Axis, Sign};
use crate::tui::view::text::Line;
use crate::tui::widgets::{fit_start, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A command that gets fewer cells is left out.
const LEAST: usize = 7;
/// The most cells of a command.
const MOST: usize = 24;

/// Draws it in one row, or in two: the line with its commands, and times. `area` holds the columns;
/// the corner stands left of it.
pub fn draw(axis: &Axis, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let line = format!("└{}", "─".repeat(area.width as usize));
    put(&Line::dim(line), area.x.saturating_sub(1), area.y, area.width + 1, theme, buf);
    let inside = |sign: &&Sign| sign.at < area.width as usize;
    let markers: Vec<&Sign> = axis.markers.iter().filter(inside).collect();
    let two = area.height > 1;
    let mut taken = Vec::new();
    if two {
        let words = Rect { y: area.y + 1, height: 1, ..area };
        taken = commands(&markers, theme, words, Vec::new(), buf);
    }
    for tick in axis.ticks.iter().filter(inside) {
        // A tick without its time would only look like one that is wrong.
        if !two || time(tick, &taken, theme, Rect { y: area.y + 1, ..area }, buf) {
            put(&Line::dim("┬"), area.x + tick.at as u16, area.y, 1, theme, buf);
        }
    }
    for marker in &markers {
        put(&Line::of(Role::Marker, "▲"), area.x + marker.at as u16, area.y, 1, theme, buf);
    }
    if !two {
        let signs = markers.iter().map(|m| (m.at, m.at + 1)).collect();
        commands(&markers, theme, area, signs, buf);
    }
}

/// Writes the time of a tick where no command stands; whether there was room.
fn time(
    tick: &Sign,
    taken: &[(usize, usize)],
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) -> bool {
    let stop = tick.at + width(&tick.text);
    let free = taken.iter().all(|(from, to)| stop < *from || tick.at > *to);
    let fits = stop <= area.width as usize && free;
    if fits {
        put(&Line::dim(&tick.text), area.x + tick.at as u16, area.y, area.width, theme, buf);
    }
    fits
}

/// Words of commands, from the newest back where there is room. They begin or end at their sign, so
/// that it is clear whose they are. Gives the cells that are taken.
fn commands(
    markers: &[&Sign],
    theme: &Theme,
    area: Rect,
    mut taken: Vec<(usize, usize)>,
    buf: &mut Buffer,
) -> Vec<(usize, usize)> {
    for marker in markers.iter().rev() {
        let Some((start, text)) = words(marker, &taken, area.width as usize) else { continue };
        let stop = start + width(&text);
        let line = Line::of(Role::Marker, text);
        put(&line, area.x + start as u16, area.y, (stop - start) as u16, theme, buf);
        // The cell before it stays free, too.
        taken.push((start.saturating_sub(1), stop));
    }
    taken
}

/// Where the words of a command begin, with a space to either side, and as many of them as there is
/// room for beside the sign; `None` if that is too little.
fn words(marker: &Sign, taken: &[(usize, usize)], room: usize) -> Option<(usize, String)> {
    let text = fit_start(&marker.text, MOST);
    let long = width(&text) + 2;
    let own = taken.contains(&(marker.at, marker.at + 1));
    let others = || taken.iter().filter(|t| **t != (marker.at, marker.at + 1));
    if others().any(|(from, to)| (*from..*to).contains(&marker.at)) {
        return None;
    }
    // In a row of their own words begin below their sign, else beside it.
    let aside = usize::from(own);
    let right = others().map(|(start, _)| *start).filter(|start| *start > marker.at).min();
    let left = others().map(|(_, stop)| *stop).filter(|stop| *stop <= marker.at).max();
    let after = right.unwrap_or(room).saturating_sub(marker.at + aside);
    let before = marker.at + 1 - aside - left.unwrap_or(0);
    let cells = before.max(after).min(long);
    if cells < LEAST {
        return None;
    }
    let bare = fit_start(&text, cells - 2);
    let follows = after >= long || before < long && after >= before;
    Some(match (follows, own) {
        (true, true) => (marker.at + 1, format!(" {bare} ")),
        (false, true) => (marker.at - width(&bare) - 2, format!(" {bare} ")),
        (true, false) => (marker.at, format!("{bare}  ")),
        (false, false) => (marker.at + 1 - width(&bare) - 2, format!("  {bare}")),
    })
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

    #[test]
    fn in_a_row_of_their_own_words_stand_under_their_sign() {
        let crash = |at, taken: &[_]| words(&marker(at, "crash web-2"), taken, 40);
        assert_eq!(crash(10, &[]), Some((10, "crash web-2  ".to_string())));
        assert_eq!(crash(39, &[]), Some((27, "  crash web-2".to_string())));
        assert_eq!(crash(10, &[(5, 20)]), None);
    }
}
