//! The command line with what fits and what it would hit.

use super::{dim, open};
use crate::tui::panels::lines::put;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::View;
use crate::tui::view::palette::PaletteView;
use crate::tui::view::text::Line;
use crate::tui::widgets::{fit, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// Matches that are shown at once.
const ROWS: u16 = 8;
/// The widest a palette becomes.
const WIDEST: u16 = 90;

/// Draws it at the bottom of the panels, so that the picture stays in view.
pub fn draw(view: &View, palette: &PaletteView, theme: &Theme, buf: &mut Buffer) {
    let screen = view.areas.screen;
    let room = view.areas.footer.y.saturating_sub(view.areas.vitals.bottom());
    let wide = screen.width.saturating_sub(4).min(WIDEST);
    let rows = (palette.rows.len() as u16).clamp(1, ROWS);
    // The list keeps its height while it shrinks, so that the frame does not jump.
    let under = palette.below.len().max(if palette.title == "command" { 5 } else { 1 }) as u16;
    let high = (if palette.title == "command" { ROWS } else { rows } + under + 5).min(room);
    if high < 3 || wide < 10 {
        return;
    }
    let below = view.areas.footer.y.saturating_sub(screen.y);
    dim(Rect { height: below, ..screen }, theme, buf);
    let x = screen.x + (screen.width - wide) / 2;
    let y = view.areas.footer.y - high - u16::from(room > high + 12);
    let inside = open(palette.title, &palette.note, Rect::new(x, y, wide, high), theme, buf);
    typed(palette, theme, inside, buf);
    let under = palette.below.len() as u16;
    let rows = inside.height.saturating_sub(2 + if under > 0 { under + 1 } else { 0 });
    if inside.height > 2 {
        rule(theme, inside, inside.y + 1, buf);
        let list = Rect { y: inside.y + 2, height: rows.min(ROWS), ..inside };
        matches(palette, theme, list, buf);
    }
    if under > 0 && inside.height > under + 3 {
        let y = inside.bottom() - under;
        rule(theme, inside, y - 1, buf);
        for (y, line) in (y..).zip(&palette.below) {
            put(line, inside.x + 1, y, inside.width.saturating_sub(2), theme, buf);
        }
    }
}

fn rule(theme: &Theme, area: Rect, y: u16, buf: &mut Buffer) {
    let line = Line::dim("─".repeat(area.width.saturating_sub(2) as usize));
    put(&line, area.x + 1, y, area.width, theme, buf);
}

/// The text with its cursor; a text longer than the line shows the end around the cursor.
fn typed(palette: &PaletteView, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let room = area.width.saturating_sub(5) as usize;
    let mut text = palette.text.as_str();
    let mut cursor = palette.cursor;
    while cursor > room {
        let Some(first) = text.chars().next() else { break };
        cursor -= width(first.encode_utf8(&mut [0; 4]));
        text = &text[first.len_utf8()..];
    }
    put(&Line::empty().bold(Role::Accent, palette.sign), area.x + 1, area.y, 1, theme, buf);
    put(&Line::text(fit(text, room + 1)), area.x + 3, area.y, room as u16 + 1, theme, buf);
    if let Some(cell) = buf.cell_mut((area.x + 3 + cursor as u16, area.y)) {
        cell.modifier |= Modifier::REVERSED;
    }
}

/// Matches around the chosen one.
fn matches(palette: &PaletteView, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if palette.rows.is_empty() {
        let hint =
            if palette.text.is_empty() { "" } else { "nothing fits; enter tries it as typed" };
        put(&Line::dim(hint), area.x + 3, area.y, area.width.saturating_sub(4), theme, buf);
        return;
    }
    let first = palette.chosen.saturating_sub(area.height.saturating_sub(1) as usize);
    for (y, i) in (area.y..area.bottom()).zip(first..palette.rows.len()) {
        let (command, about) = &palette.rows[i];
        if i == palette.chosen {
            put(&Line::of(Role::Accent, "▸"), area.x + 1, y, 1, theme, buf);
        }
        let room = area.width.saturating_sub(4);
        let taken = put(command, area.x + 3, y, room, theme, buf).max(palette.column.min(room)) + 2;
        let about = Line::dim(about);
        put(&about, area.x + 3 + taken, y, room.saturating_sub(taken), theme, buf);
    }
}
