//! The selection in words and the keys that would do something.

use super::faults::numbered;
use super::lines::put;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::footer::Footer;
use crate::tui::view::text::Line;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws it in two rows, or the name of the selection and the keys in one. What does not fit is dropped from the right, but
/// the last key stays.
pub fn draw(footer: &Footer, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    if area.height > 1 {
        put(&footer.selection, area.x, area.y, area.width, theme, buf);
    }
    let last = footer.last.as_ref().map(|(k, w)| label(k, w));
    let kept = last.as_ref().map_or(0, |l| l.width() as u16 + 2);
    let (y, mut x) = (area.bottom() - 1, 1);
    if let Some(name) = footer.name.as_ref().filter(|_| area.height == 1) {
        // Keys stay beside a name, and give way to what is told for a moment.
        let most = if footer.passes { area.width } else { area.width / 2 };
        let room = area.width.saturating_sub(kept + 2).min(most);
        x = put(&numbered(name, room), area.x, y, room, theme, buf) + 2;
    }
    for (key, word) in &footer.keys {
        let line = label(key, word);
        let long = line.width() as u16;
        if x + long + kept > area.width {
            break;
        }
        put(&line, area.x + x, y, long, theme, buf);
        x += long + 2;
    }
    if let Some(last) = last {
        put(&last, area.x + x, y, area.width.saturating_sub(x), theme, buf);
    }
}

fn label(key: &str, word: &str) -> Line {
    Line::empty().bold(Role::Accent, key).with(Role::Dim, format!(" {word}"))
}
