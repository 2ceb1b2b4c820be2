//! The selection in words and the keys that would do something.

use super::faults::numbered;
use super::lines::put;
use crate::tui::keymap::Key;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::footer::Footer;
use crate::tui::view::text::Line;
use crate::tui::widgets::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws it in two rows, or the name of the selection and the keys in one. What does
/// not fit is dropped from the right, but the last key stays.
pub fn draw(footer: &Footer, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let y = area.bottom() - 1;
    if area.height > 1 {
        put(&footer.selection, area.x, area.y, area.width, theme, buf);
    }
    if let Some((name, room)) = name(footer, area) {
        put(&name, area.x, y, room, theme, buf);
    }
    for (x, hint) in hints(footer, area) {
        put(&label(hint), area.x + x, y, area.width.saturating_sub(x), theme, buf);
    }
}

/// The key that is offered at a cell: that of the hint there, and of a hint with several the one there.
#[must_use]
pub fn key_at(footer: &Footer, area: Rect, (x, y): (u16, u16)) -> Option<Key> {
    if !area.contains((x, y).into()) || y != area.bottom() - 1 {
        return None;
    }
    let cell = x - area.x;
    let (at, hint) = hints(footer, area).into_iter().rev().find(|(at, _)| *at <= cell)?;
    let within = usize::from(cell - at);
    if within >= label(hint).width() {
        return None;
    }
    let mut keys = Vec::new();
    let mut end = 0;
    for key in hint.0.split(' ') {
        keys.push((end..end + width(key), key));
        end += width(key) + 1;
    }
    let key = match keys[..] {
        [(_, key)] => key,
        _ => keys.into_iter().find(|(cells, _)| cells.contains(&within))?.1,
    };
    Key::parse(key)
}

/// The name of the selection, or what is told for a moment, in a footer of one row, and its room.
fn name(footer: &Footer, area: Rect) -> Option<(Line, u16)> {
    let name = footer.name.as_ref().filter(|_| area.height == 1)?;
    // Keys stay beside a name, and give way to what is told for a moment.
    let most = if footer.passes { area.width } else { area.width / 2 };
    let room = area.width.saturating_sub(kept(footer) + 2).min(most);
    Some((numbered(name, room), room))
}

/// A key and its word.
type Hint = (String, String);

/// The hints that have room, and in which column of the last row each begins.
fn hints(footer: &Footer, area: Rect) -> Vec<(u16, &Hint)> {
    let after = |(name, room): (Line, u16)| (name.width() as u16).min(room) + 2;
    let mut x = name(footer, area).map_or(1, after);
    let mut hints = Vec::new();
    for hint in &footer.keys {
        let long = label(hint).width() as u16;
        if x + long + kept(footer) > area.width {
            break;
        }
        hints.push((x, hint));
        x += long + 2;
    }
    hints.extend(footer.last.as_ref().map(|last| (x, last)));
    hints
}

/// Cells of the key that always stays, and before it.
fn kept(footer: &Footer) -> u16 {
    footer.last.as_ref().map_or(0, |last| label(last).width() as u16 + 2)
}

fn label((key, word): &Hint) -> Line {
    Line::empty().bold(Role::Accent, key).with(Role::Dim, format!(" {word}"))
}
