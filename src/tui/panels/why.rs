//! The reason why, in one or two sentences.

use super::lines::{list, paragraphs};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::text::Line;
use crate::tui::widgets::fit;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws it, from a line on. Where there is more below, its last line ends in `…`.
pub fn draw(parts: &[(Role, String)], from: usize, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let cells = area.width.saturating_sub(2);
    let mut lines = paragraphs(parts, cells);
    let from = from.min(lines.len().saturating_sub(1));
    let end = from + area.height as usize;
    if end < lines.len() {
        lines.truncate(end);
        if let Some(last) = lines.last_mut() {
            *last = to_be_continued(last, cells as usize);
        }
    }
    list(lines.iter().skip(from), theme, area, buf);
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

    fn drawn(text: &str, from: usize, rows: u16) -> Vec<String> {
        let area = Rect::new(0, 0, 14, rows);
        let mut buf = Buffer::empty(area);
        draw(&[(Role::Text, text.to_string())], from, &Theme::default(), area, &mut buf);
        let row = |y| (0..14).map(|x| buf[(x, y)].symbol()).collect::<String>();
        (0..rows).map(|y| row(y).trim().to_string()).collect()
    }

    #[test]
    fn what_goes_on_says_so() {
        let text = "web-2 is down, but edge still sends";
        assert_eq!(drawn(text, 0, 3), ["web-2 is", "down, but", "edge still…"]);
        assert_eq!(drawn(text, 0, 4), ["web-2 is", "down, but", "edge still", "sends"]);
        assert_eq!(drawn(text, 1, 3), ["down, but", "edge still", "sends"]);
        assert_eq!(drawn("one two three four", 0, 1), ["one two…"]);
        assert_eq!(drawn("exactly 12ch more", 0, 1), ["exactly 12c…"]);
        assert_eq!(drawn("It fails. Something else", 0, 1), ["It fails. …"]);
    }
}
