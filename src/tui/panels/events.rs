//! The log of events: the newest at the bottom.

use super::lines::{list, put};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::View;
use crate::tui::view::lists::unbroken;
use crate::tui::view::text::Line;
use crate::tui::widgets::{width, wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// With less room than that for its text, an event is cut and not broken.
const LEAST: usize = 20;

/// Draws the events before the selected one, and what of the newer fits below it; `back` counts from the
/// newest. Under that stands what goes on, always seen while nobody reads back. A long event takes
/// several rows. The selected one is marked if the list has the focus.
pub fn draw(
    (events, goes_on): (&[Line], &[Line]),
    back: usize,
    focused: bool,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    let shown = Shown::of((events, goes_on), back, area);
    list(shown.rows.iter(), theme, area, buf);
    if let Some(row) = shown.mark.filter(|_| focused) {
        put(&Line::of(Role::Accent, "◆"), area.x, area.y + row as u16, 1, theme, buf);
    }
}

/// The rows that are seen.
struct Shown {
    rows: Vec<Line>,
    /// That of the selected event.
    mark: Option<usize>,
    /// Events that are newer than the last which is seen.
    newer: usize,
}

impl Shown {
    fn of((events, goes_on): (&[Line], &[Line]), back: usize, area: Rect) -> Shown {
        let room = area.height as usize;
        let cells = area.width.saturating_sub(2) as usize;
        let all: Vec<&Line> = events.iter().chain(goes_on).collect();
        let selected = events.len().saturating_sub(back + 1);
        let mut last = if back == 0 { all.len() } else { selected + 1 }.min(all.len());
        let (mut rows, mut mark): (Vec<Line>, _) = (Vec::new(), None);
        for (i, event) in all[..last].iter().enumerate().rev() {
            let lines = wrapped(event, cells);
            if !rows.is_empty() && rows.len() + lines.len() > room {
                break;
            }
            rows.extend(lines.into_iter().rev());
            if i == selected && i < events.len() {
                mark = Some(rows.len());
            }
        }
        rows.reverse();
        let mark = mark.map(|from_last| rows.len() - from_last).filter(|row| *row < room);
        while last < all.len() && rows.len() < room {
            rows.extend(wrapped(all[last], cells));
            last += 1;
        }
        Shown { rows, mark, newer: events.len().saturating_sub(last) }
    }
}

/// An event in rows of so many cells; its text goes on under where it began.
fn wrapped(event: &Line, cells: usize) -> Vec<Line> {
    let Some((text, before)) = event.bits.split_last() else { return vec![event.clone()] };
    let start: usize = before.iter().map(|bit| width(&bit.text)).sum();
    if event.width() <= cells || cells < start + LEAST {
        return vec![event.clone()];
    }
    let mut rows = Vec::new();
    for (i, part) in wrap(&unbroken(&text.text), cells - start).into_iter().enumerate() {
        let head = match i {
            0 => Line { bits: before.to_vec() },
            _ => Line::dim(" ".repeat(start)),
        };
        rows.push(head.with(text.role, part));
    }
    rows
}

/// What stands at the right of the title: which are shown, and how many newer ones are not seen in that
/// area.
pub fn note(view: &View, back: usize, area: Rect) -> String {
    let of = match view.filter.as_str() {
        "all" => String::new(),
        filter => format!("{filter} "),
    };
    let told = u16::from(view.no_event.is_some()).min(area.height);
    let area = Rect { height: area.height - told, ..area };
    match Shown::of((&view.events, &view.goes_on), back, area).newer {
        0 => format!("{of}{}", view.events.len()),
        newer => format!("{of}{newer} newer below"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The row that is marked, and the rows.
    fn drawn(back: usize, height: u16) -> (Option<String>, Vec<String>) {
        let line = |text: &str| Line::dim("00:01.0  ").with(Role::Text, text);
        let events = ["first", "second", "newest"].map(line);
        let area = Rect::new(0, 0, 30, height);
        let mut buf = Buffer::empty(area);
        draw((&events, &[line("goes on")]), back, true, &Theme::default(), area, &mut buf);
        let row = |y| (0..30).map(|x| buf[(x, y)].symbol()).collect::<String>();
        let word =
            |row: &String| row.trim_end().rsplit("  ").next().unwrap_or_default().to_string();
        let rows: Vec<String> = (0..height).map(row).collect();
        let marked = rows.iter().find(|row| row.starts_with('◆')).map(word);
        (marked, rows.iter().map(word).collect())
    }

    #[test]
    fn no_event_is_skipped_on_the_way_up_while_something_goes_on() {
        assert_eq!(
            drawn(0, 3),
            (Some("newest".into()), ["second", "newest", "goes on"].map(Into::into).into())
        );
        assert_eq!(drawn(1, 3).0.as_deref(), Some("second"));
        assert_eq!(
            drawn(2, 3),
            (Some("first".into()), ["first", "second", "newest"].map(Into::into).into())
        );
        assert_eq!(drawn(0, 1).1, ["goes on"]);
    }

    #[test]
    fn newer_ones_are_counted_from_the_last_that_is_seen() {
        let events: Vec<Line> = (0..9).map(|i| Line::text(format!("event {i}"))).collect();
        let newer = |back, high| Shown::of((&events, &[]), back, Rect::new(0, 0, 30, high)).newer;
        assert_eq!(newer(0, 3), 0);
        assert_eq!(newer(3, 3), 3, "the selected one is the last that is seen");
        assert_eq!(newer(8, 3), 6, "the oldest, and two after it");
        assert_eq!(newer(1, 12), 0, "all are seen");
    }

    #[test]
    fn no_row_ends_between_a_figure_and_its_unit() {
        let text = "orders-db-2 is at +0.50 s now";
        let event = Line::dim("00:14.2  ").with(Role::NodeOk, "✓ ").with(Role::Text, text);
        // The first row has room for the figure alone.
        let rows: Vec<String> = wrapped(&event, 35).iter().map(Line::plain).collect();
        assert!(rows[0].ends_with("is at"), "{rows:?}");
        assert!(rows[1].ends_with("+0.50\u{202f}s now"), "{rows:?}");
    }

    #[test]
    fn a_long_event_goes_on_under_its_text() {
        let event = Line::dim("00:42.0  ")
            .with(Role::NodeDown, "✗ ")
            .with(Role::Text, "5 acknowledged writes missing in the new primary's log");
        let rows: Vec<String> = wrapped(&event, 50).iter().map(Line::plain).collect();
        assert_eq!(
            rows,
            ["00:42.0  ✗ 5 acknowledged writes missing in the", "           new primary's log"]
        );
    }
}
