//! The command line with what fits and what it would hit.

use super::{dim, open};
use crate::tui::panels::lines::{hanging, put, put_right};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::View;
use crate::tui::view::palette::PaletteView;
use crate::tui::view::preview::WORD;
use crate::tui::view::text::Line;
use crate::tui::widgets::{fit, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// Matches that are shown at once.
const ROWS: u16 = 8;
/// With fewer matches than that there are no rules.
const LEAST: u16 = 2;
/// The widest a palette becomes.
const WIDEST: u16 = 90;

/// Draws it at the bottom of the panels, so that the picture stays in view.
pub fn draw(view: &View, palette: &PaletteView, theme: &Theme, buf: &mut Buffer) {
    let screen = view.areas.screen;
    let room = view.areas.footer.y.saturating_sub(view.areas.vitals.bottom());
    let wide = screen.width.saturating_sub(4).min(WIDEST);
    if wide < 10 {
        return;
    }
    let rows = (palette.rows.len() as u16).clamp(1, ROWS);
    let below = palette.below.iter().flat_map(|line| hanging(line, wide - 4, WORD));
    let below: Vec<Line> = below.collect();
    // The list keeps its height while it shrinks, so that the frame does not jump.
    let under = below.len().max(if palette.title == "command" { 5 } else { 1 }) as u16;
    let high = (if palette.title == "command" { ROWS } else { rows } + under + 5).min(room);
    if high < 3 {
        return;
    }
    let above = view.areas.footer.y.saturating_sub(screen.y);
    dim(Rect { height: above, ..screen }, theme, buf);
    let x = screen.x + (screen.width - wide) / 2;
    let y = view.areas.footer.y - high - u16::from(room > high + 12);
    let inside = open(palette.title, &palette.note, Rect::new(x, y, wide, high), theme, buf);
    typed(palette, theme, inside, buf);
    let rows = Rows::of(inside.height, below.len() as u16);
    let list = Rect { y: inside.y + 1 + rows.rule, height: rows.list, ..inside };
    matches(palette, theme, list, buf);
    let first = inside.bottom() - rows.under;
    if rows.rule > 0 {
        rule(theme, inside, inside.y + 1, buf);
    }
    if rows.rule > 0 && rows.under > 0 {
        rule(theme, inside, first - 1, buf);
    }
    for (y, line) in (first..inside.bottom()).zip(&below) {
        put(line, inside.x + 1, y, inside.width.saturating_sub(2), theme, buf);
    }
}

/// How the rows under the line that is typed are shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rows {
    /// Of a rule above the list; there is one under it, too.
    rule: u16,
    /// Of the list.
    list: u16,
    /// Of what the chosen row would hit.
    under: u16,
}

impl Rows {
    /// Of so many rows inside the frame, for so many lines under the list. Where there is little room
    /// rules go, and half of the rest is for what is chosen and half for what it would do.
    fn of(height: u16, under: u16) -> Rows {
        let rest = height.saturating_sub(1);
        let rules = 1 + u16::from(under > 0);
        if rest >= rules + under + LEAST {
            return Rows { rule: 1, list: (rest - rules - under).min(ROWS), under };
        }
        let under = under.min(rest / 2);
        Rows { rule: 0, list: (rest - under).min(ROWS), under }
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
    let chosen = palette.chosen.unwrap_or(0);
    let first = chosen.saturating_sub(area.height.saturating_sub(1) as usize);
    let column = palette.column.min(area.width * 2 / 5);
    for (y, i) in (area.y..area.bottom()).zip(first..palette.rows.len()) {
        let (command, about) = &palette.rows[i];
        if Some(i) == palette.chosen {
            put(&Line::of(Role::Accent, "▸"), area.x + 1, y, 1, theme, buf);
        }
        let room = area.width.saturating_sub(4);
        let taken = put(command, area.x + 3, y, room, theme, buf).max(column.min(room)) + 2;
        let about = Line::dim(about);
        put(&about, area.x + 3 + taken, y, room.saturating_sub(taken), theme, buf);
    }
    let below = palette.rows.len().saturating_sub(first + usize::from(area.height));
    if below > 0 && area.height > 1 {
        let line = Line::dim(format!("  ↓ {below} more"));
        put_right(&line, area.x, area.bottom() - 1, area.width.saturating_sub(1), theme, buf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_is_little_room_the_chosen_row_and_its_preview_stay() {
        let of = |height, under| {
            let Rows { rule, list, under } = Rows::of(height, under);
            (rule, list, under)
        };
        assert_eq!(of(16, 5), (1, 8, 5));
        assert_eq!(of(10, 5), (1, 2, 5));
        assert_eq!(of(9, 5), (0, 4, 4));
        assert_eq!(of(5, 5), (0, 2, 2));
        assert_eq!(of(4, 1), (0, 2, 1));
        assert_eq!(of(6, 0), (1, 4, 0));
        assert_eq!(of(1, 5), (0, 0, 0));
    }
}
