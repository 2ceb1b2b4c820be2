//! The playbook: what it says, a line of time with its steps, and its checks.
//!
//! ```text
//!  “Four servers share the work. In three seconds one of them dies.”
//!
//!  00:00 ━━━━━━━━━━━━━●──▲ crash────────▲ heal──────── 01:30
//!  p predict first  How many users will notice?
//!  ✓ orders go on   ◐ back in 2 s
//! ```

use super::lines::{put, put_right};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::playbook::{Mark, PlaybookView};
use crate::tui::view::text::Line;
use crate::tui::widgets::{fit, width, wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the panel.
pub fn draw(playbook: &PlaybookView, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let (x, room) = (area.x + 1, area.width.saturating_sub(2));
    let said = wrap(&playbook.say, room as usize);
    // The line of time and one for the checks stay whatever is said.
    let most = usize::from(area.height.saturating_sub(2)).clamp(1, 3);
    let mut y = area.y;
    for line in said.iter().take(most) {
        put(&Line::empty().bold(Role::Text, line), x, y, room, theme, buf);
        y += 1;
    }
    if usize::from(area.height) > said.len().min(most) + 2 {
        y += 1;
    }
    if y < area.bottom() {
        timeline(playbook, theme, Rect { x, y, width: room, height: 1 }, buf);
        y += 1;
    }
    // One row is left to the checks.
    let most = area.bottom().saturating_sub(y + 1).into();
    for line in playbook.questions.iter().take(most) {
        put(line, x, y, room, theme, buf);
        y += 1;
    }
    checks(
        playbook,
        theme,
        Rect { x, y, width: room, height: area.bottom().saturating_sub(y) },
        buf,
    );
}

fn timeline(playbook: &PlaybookView, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let start = put(&Line::dim("00:00 "), area.x, area.y, area.width, theme, buf);
    let end = width(&playbook.end) as u16 + 1;
    put_right(&Line::dim(format!(" {}", playbook.end)), area.x, area.y, area.width, theme, buf);
    let cells = area.width.saturating_sub(start + end);
    if cells < 2 {
        return;
    }
    let left = area.x + start;
    let cell = |share: f64| left + (share * f64::from(cells - 1) + 0.5) as u16;
    let now = cell(playbook.now);
    for x in left..left + cells {
        let (line, role) = if x < now { ("━", Role::FlowOk) } else { ("─", Role::Dim) };
        put(&Line::of(role, line), x, area.y, 1, theme, buf);
    }
    let places: Vec<u16> = playbook.marks.iter().map(|m| cell(m.at)).collect();
    for (mark, &x) in playbook.marks.iter().zip(&places) {
        word(mark, x, &places, now, left + cells, theme, area.y, buf);
    }
    put(&Line::empty().bold(Role::Accent, "●"), now, area.y, 1, theme, buf);
}

/// A sign, and its word as far as nothing else stands there.
#[expect(clippy::too_many_arguments, reason = "a place, its neighbours and what to draw with")]
fn word(
    mark: &Mark,
    x: u16,
    places: &[u16],
    now: u16,
    end: u16,
    theme: &Theme,
    y: u16,
    buf: &mut Buffer,
) {
    let role = if mark.past { Role::Marker } else { Role::Dim };
    put(&Line::of(role, "▲"), x, y, 1, theme, buf);
    let next = places.iter().chain([&now]).copied().filter(|p| *p > x).min().unwrap_or(end);
    let text = format!(" {} ", mark.word);
    if x + 1 + width(&text) as u16 <= next {
        put(&Line::of(role, text), x + 1, y, next - x, theme, buf);
    }
}

/// Cells between two checks.
const GAP: u16 = 3;

/// The verdict and the checks, side by side as long as they fit; of those without a place, how many.
fn checks(playbook: &PlaybookView, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut all: Vec<&Line> = playbook.verdict.iter().chain(&playbook.checks).collect();
    if rows(all.clone(), area.width).len() > area.height.into() {
        // Those that do not hold are the last to be left out.
        let verdict = playbook.verdict.iter().len();
        all[verdict..].sort_by_key(|line| !fails(line));
    }
    let mut rows = rows(all, area.width);
    let mut hidden = rows.split_off(rows.len().min(area.height.into())).concat();
    if let Some(last) = rows.last_mut() {
        let needs = |hidden: &[&Line]| more(hidden).map_or(0, |line| GAP + line.width() as u16);
        while last.len() > 1 && long(last) + needs(&hidden) > area.width {
            hidden.extend(last.pop());
        }
    }
    let (mut x, mut y) = (area.x, area.y);
    for (i, row) in rows.iter().enumerate() {
        (x, y) = (area.x, area.y + i as u16);
        for line in row {
            put(line, x, y, area.right().saturating_sub(x), theme, buf);
            x += line.width() as u16 + GAP;
        }
    }
    if let Some(more) = more(&hidden) {
        x += put(&more, x, y, area.right().saturating_sub(x), theme, buf);
    }
    // In a row under the caption that has been told.
    let told = area.height == 1 || !playbook.next.starts_with("next");
    if !told && y < area.bottom() && x + width(&playbook.next) as u16 <= area.right() {
        put_right(&Line::dim(&playbook.next), area.x, y, area.width, theme, buf);
    }
}

/// Lines in rows of so many cells.
fn rows(lines: Vec<&Line>, cells: u16) -> Vec<Vec<&Line>> {
    let mut rows: Vec<Vec<&Line>> = Vec::new();
    for line in lines {
        match rows.last_mut() {
            Some(row) if long(row) + GAP + line.width() as u16 <= cells => row.push(line),
            _ => rows.push(vec![line]),
        }
    }
    rows
}

/// How many cells a row takes.
fn long(row: &[&Line]) -> u16 {
    let gaps = GAP * (row.len() as u16).saturating_sub(1);
    gaps + row.iter().map(|line| line.width() as u16).sum::<u16>()
}

/// Whether it is that of a check that does not hold.
fn fails(line: &Line) -> bool {
    line.bits.first().is_some_and(|bit| bit.role == Role::NodeDown)
}

/// `… 3 more, ✗ 1`, of checks that have no place.
fn more(hidden: &[&Line]) -> Option<Line> {
    let bad = hidden.iter().filter(|line| fails(line)).count();
    let line = Line::dim(format!("… {} more", hidden.len()));
    let line = if bad > 0 { line.with(Role::NodeDown, format!(", ✗ {bad}")) } else { line };
    (!hidden.is_empty()).then_some(line)
}

/// One row: the caption, and what is next. A second one is for the checks.
pub fn caption(playbook: &PlaybookView, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let room = area.width.saturating_sub(2);
    let under = Rect { x: area.x + 1, y: area.y + 1, width: room, height: area.height - 1 };
    if !under.is_empty() {
        checks(playbook, theme, under, buf);
    }
    // A long command leaves half to the caption.
    let next = || {
        let asked = playbook.question.clone();
        let asked = asked.map_or_else(Line::empty, |line| line.with(Role::Dim, " · "));
        let rest = usize::from(room / 2).saturating_sub(asked.width());
        asked.with(Role::Dim, fit(&playbook.next, rest))
    };
    let right = match &playbook.verdict {
        Some(_) if !under.is_empty() => Line::empty(),
        Some(verdict) => verdict.clone(),
        None => next(),
    };
    let beside = right.width() as u16 + 3;
    let say = Line::empty().bold(Role::Text, &playbook.say);
    put(&say, area.x + 1, area.y, room.saturating_sub(beside), theme, buf);
    put_right(&right, area.x + 1, area.y, room, theme, buf);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn playbook() -> PlaybookView {
        PlaybookView {
            title: String::new(),
            note: String::new(),
            say: String::new(),
            now: 0.0,
            marks: Vec::new(),
            end: "01:30".into(),
            checks: Vec::new(),
            next: "next in 3.0 s: crash web-2".into(),
            questions: Vec::new(),
            question: None,
            verdict: None,
        }
    }

    #[test]
    fn of_checks_without_a_place_it_is_told_how_many_there_are() {
        let check = |i: usize| match i {
            5 => Line::of(Role::NodeDown, "✗ ").with(Role::Text, "the check 5"),
            i => Line::of(Role::Dim, "◐ ").with(Role::Text, format!("the check {i}")),
        };
        let drawn = |height| {
            let view = PlaybookView { checks: (0..6).map(check).collect(), ..playbook() };
            let area = Rect::new(0, 0, 32, height);
            let mut buf = Buffer::empty(area);
            checks(&view, &Theme::default(), area, &mut buf);
            let row = |y| (0..32).map(|x| buf[(x, y)].symbol()).collect::<String>();
            (0..height).map(|y| row(y).trim_end().to_string()).collect::<Vec<_>>()
        };
        let row = |a, b| format!("◐ the check {a}   ◐ the check {b}");
        let last = "◐ the check 4   ✗ the check 5".to_string();
        assert_eq!(drawn(3), [row(0, 1), row(2, 3), last]);
        let first = "✗ the check 5   ◐ the check 0".to_string();
        assert_eq!(drawn(2), [first, "◐ the check 1   … 3 more".to_string()]);
        assert_eq!(drawn(1), ["✗ the check 5   … 5 more"]);
    }

    #[test]
    fn a_long_step_leaves_half_of_the_row_to_the_caption() {
        let playbook = PlaybookView {
            say: "“A primary is cut off from its replicas, and from all that use it, for long.”"
                .into(),
            next: "next in 3.0 s: cut orders-db-1,web-1,web-2|orders-db-2,orders-db-3".into(),
            ..playbook()
        };
        let area = Rect::new(0, 0, 80, 1);
        let mut buf = Buffer::empty(area);
        caption(&playbook, &Theme::default(), area, &mut buf);
        let row: String = buf.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!(row.chars().nth(37), Some(' '), "{row}");
        assert!(row.contains("…   next in 3.0 s: cut orders"), "{row}");
        assert!(row.trim_end().ends_with('…'), "{row}");
    }
}
