//! The reason why, in one or two sentences, and what would help.
//!
//! Where there is no room for all of it, what would help stays, for it is what a person does next: the
//! reason is cut, at its end.

use super::lines::{hanging, list, paragraphs, put};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::text::Line;
use crate::tui::widgets::fit;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws it, from a line on. Of what is cut the last row tells in `whole` how to see it all, if the
/// frame has no room for that.
pub fn draw(
    parts: &[(Role, String)],
    from: usize,
    whole: &str,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    let (mut rows, hint) = (area.height, Line::dim(whole));
    if rows > 1 && hint.width() > 0 && is_cut(parts, from, area) {
        rows -= 1;
        put(&hint, area.x + 1, area.y + rows, area.width.saturating_sub(2), theme, buf);
    }
    let area = Rect { height: rows, ..area };
    list(shown(parts, from, area).0.iter(), theme, area, buf);
}

/// Whether something of it is not to be seen in that area.
#[must_use]
pub fn is_cut(parts: &[(Role, String)], from: usize, area: Rect) -> bool {
    shown(parts, from, area).1
}

/// The lines from a line on, and whether that is not all.
pub(super) fn shown(parts: &[(Role, String)], from: usize, area: Rect) -> (Vec<Line>, bool) {
    let (cells, rows) = (area.width.saturating_sub(2), usize::from(area.height));
    let mut lines = paragraphs(parts, cells);
    if lines.len() <= rows || rows == 0 {
        let from = from.min(lines.len().saturating_sub(1));
        return (lines.split_off(from), from > 0);
    }
    if from > 0 {
        let lines = lines.split_off(from.min(lines.len() - 1));
        return (cut(lines, rows, cells), true);
    }
    // In one paragraph it may need a row less.
    let joined = parts.iter().enumerate().fold(Line::empty(), |line, (i, (role, text))| {
        line.with(*role, format!("{}{text}", if i > 0 { " " } else { "" }))
    });
    let joined = hanging(&joined, cells, 0);
    if joined.len() <= rows {
        return (joined, false);
    }
    let (reason, help) = parts.split_at(1.min(parts.len()));
    let help = paragraphs(help, cells);
    let kept = help.len().min(rows / 2);
    let mut lines = cut(paragraphs(reason, cells), rows - kept, cells);
    lines.extend(cut(help, kept, cells));
    (lines, true)
}

/// As many lines as there are rows; where there are more, the last ends in `…`.
fn cut(mut lines: Vec<Line>, rows: usize, cells: u16) -> Vec<Line> {
    if lines.len() > rows {
        lines.truncate(rows);
        if let Some(last) = lines.last_mut() {
            *last = to_be_continued(last, cells.into());
        }
    }
    lines
}

/// The line with `…` at its end.
fn to_be_continued(line: &Line, cells: usize) -> Line {
    let role = line.bits.first().map_or(Role::Text, |bit| bit.role);
    let text = line.plain();
    let text = text.trim_end();
    // After a full stop it stands apart.
    let gap = if text.ends_with('.') { " " } else { "" };
    Line::of(role, fit(&format!("{text}{gap}…"), cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(parts: &[&str], from: usize, rows: u16) -> (Vec<String>, bool) {
        let area = Rect::new(0, 0, 14, rows);
        let mut buf = Buffer::empty(area);
        let parts: Vec<_> = parts.iter().map(|text| (Role::Text, (*text).to_string())).collect();
        draw(&parts, from, "", &Theme::default(), area, &mut buf);
        let row = |y| (0..14).map(|x| buf[(x, y)].symbol()).collect::<String>();
        let rows = (0..rows).map(|y| row(y).trim().to_string()).collect();
        (rows, is_cut(&parts, from, area))
    }

    fn of(lines: &[&str], is_cut: bool) -> (Vec<String>, bool) {
        (lines.iter().map(ToString::to_string).collect(), is_cut)
    }

    #[test]
    fn what_goes_on_says_so() {
        let text = ["web-2 is down, but edge still sends"];
        assert_eq!(drawn(&text, 0, 3), of(&["web-2 is", "down, but", "edge still…"], true));
        let whole = of(&["web-2 is", "down, but", "edge still", "sends"], false);
        assert_eq!(drawn(&text, 0, 4), whole);
        assert_eq!(drawn(&text, 1, 3), of(&["down, but", "edge still", "sends"], true));
        assert_eq!(drawn(&["one two three four"], 0, 1), of(&["one two…"], true));
        assert_eq!(drawn(&["exactly 12ch more"], 0, 1), of(&["exactly 12c…"], true));
        assert_eq!(drawn(&["It fails. Something else"], 0, 1), of(&["It fails. …"], true));
    }

    #[test]
    fn what_would_help_stays_where_the_reason_is_cut() {
        let parts = ["web-2 is down, but edge still sends", "fix: fall"];
        assert_eq!(drawn(&parts, 0, 3), of(&["web-2 is", "down, but…", "fix: fall"], true));
        assert_eq!(drawn(&parts, 0, 2), of(&["web-2 is…", "fix: fall"], true));
        assert_eq!(drawn(&parts, 0, 1), of(&["web-2 is…"], true));
        // In one paragraph there is room for both.
        let short = ["web is at 99 %", "fix: a"];
        assert_eq!(drawn(&short, 0, 2), of(&["web is at 99", "% fix: a"], false));
        assert_eq!(drawn(&["it fails", "help that is long"], 0, 2).0, ["it fails", "help that i…"]);
    }

    #[test]
    fn where_no_frame_can_say_it_the_last_row_tells_how_to_see_all() {
        let area = Rect::new(0, 0, 14, 3);
        let mut buf = Buffer::empty(area);
        let parts = [(Role::Text, "web-2 is down, but edge still sends".to_string())];
        draw(&parts, 0, "w all", &Theme::default(), area, &mut buf);
        let row = |y| (0..14).map(|x| buf[(x, y)].symbol()).collect::<String>();
        assert_eq!([row(1).trim(), row(2).trim()], ["down, but…", "w all"]);
    }
}
