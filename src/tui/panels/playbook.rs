//! The playbook: what it says, a line of time with its steps, and its checks.
//!
//! ```text
//!  “Four servers share the work. In three seconds one of them dies.”
//!
//!  00:00 ━━━━━━━━━━━━━●──▲ crash────────▲ heal──────── 01:30
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

/// The verdict and the checks, side by side as long as they fit.
fn checks(playbook: &PlaybookView, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut y = area.y;
    let mut x = 0;
    for line in playbook.verdict.iter().chain(&playbook.checks) {
        let long = line.width() as u16;
        if x > 0 && x + long > area.width {
            (x, y) = (0, y + 1);
        }
        if y >= area.bottom() {
            return;
        }
        put(line, area.x + x, y, area.width - x, theme, buf);
        x += long + 3;
    }
    let told = !playbook.next.starts_with("next");
    if !told && y < area.bottom() && x + width(&playbook.next) as u16 <= area.width {
        put_right(&Line::dim(&playbook.next), area.x, y, area.width, theme, buf);
    }
}

/// One row: the caption, and what is next.
pub fn caption(playbook: &PlaybookView, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let room = area.width.saturating_sub(2);
    // A long command leaves half to the caption.
    let right = match &playbook.verdict {
        Some(verdict) => verdict.clone(),
        None => Line::dim(fit(&playbook.next, usize::from(room / 2))),
    };
    let beside = right.width() as u16 + 3;
    let say = Line::empty().bold(Role::Text, &playbook.say);
    put(&say, area.x + 1, area.y, room.saturating_sub(beside), theme, buf);
    put_right(&right, area.x + 1, area.y, room, theme, buf);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_step_leaves_half_of_the_row_to_the_caption() {
        let playbook = PlaybookView {
            title: String::new(),
            note: String::new(),
            say: "“A primary is cut off from its replicas, and from all that use it, for long.”"
                .into(),
            now: 0.0,
            marks: Vec::new(),
            end: String::new(),
            checks: Vec::new(),
            next: "next: cut orders-db-1,web-1,web-2|orders-db-2,orders-db-3 in 3.0 s".into(),
            verdict: None,
        };
        let area = Rect::new(0, 0, 80, 1);
        let mut buf = Buffer::empty(area);
        caption(&playbook, &Theme::default(), area, &mut buf);
        let row: String = buf.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!(row.chars().nth(37), Some(' '), "{row}");
        assert!(row.contains("…   next: cut orders-db-1,web-1"), "{row}");
        assert!(row.trim_end().ends_with('…'), "{row}");
    }
}
