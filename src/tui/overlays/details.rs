//! The details of the selection: panes side by side where there is room, else one column.

use super::page::{body, place};
use super::{dim, more, open};
use crate::tui::panels::lines::{list, put};
use crate::tui::theme::Theme;
use crate::tui::view::View;
use crate::tui::view::details::DetailsView;
use crate::tui::view::text::Line;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// From that width on three panes stand side by side.
const THREE: u16 = 110;
/// From that width on two.
const TWO: u16 = 76;
/// Cells that the settings take: name, value and where it comes from.
const SETTINGS: u16 = 39;

/// Draws them below the picture if they fit there, so that a change is seen in it.
pub fn draw(view: &View, details: &DetailsView, theme: &Theme, buf: &mut Buffer) {
    let body = body(view);
    let settings = settings_height(details);
    let (now, lately) = (details.now.len(), details.lately.len());
    let rows = match body.width {
        THREE.. => now.max(lately).max(settings),
        TWO.. => (now + 1 + lately).max(settings),
        _ => now + 1 + lately + 1 + settings,
    };
    let area = place(view, body, body.width, rows as u16 + 2);
    dim(view.areas.screen, theme, buf);
    let inside = open(&details.title, "esc close", area, theme, buf);
    let below = |lines: &[Line]| {
        let most = lines.len().saturating_sub(inside.height.into());
        most.saturating_sub(details.from.into())
    };
    let beside = if details.settings.is_empty() { 0 } else { SETTINGS.min(inside.width / 2) };
    let mut stacked = details.now.clone();
    stacked.push(Line::empty());
    stacked.extend(details.lately.iter().cloned());
    match body.width {
        THREE.. => {
            let left = (inside.width - beside) * 46 / 100;
            let panes = [left, inside.width - beside - left, beside];
            let [a, b, c] = columns(inside, panes, theme, buf);
            column(&details.now, details.from, theme, a, buf);
            column(&details.lately, details.from, theme, b, buf);
            more(below(&details.now).max(below(&details.lately)), area, theme, buf);
            settings_in(details, theme, c, buf);
        }
        TWO.. if beside > 0 => {
            let [a, b, _] = columns(inside, [inside.width - beside, beside, 0], theme, buf);
            column(&stacked, details.from, theme, a, buf);
            more(below(&stacked), area, theme, buf);
            settings_in(details, theme, b, buf);
        }
        // In one column the settings take over once one of them has the focus.
        _ if details.focus.is_some() => settings_in(details, theme, inside, buf),
        _ => {
            stacked.push(Line::empty());
            stacked.extend(details.settings.iter().chain(&details.below).cloned());
            column(&stacked, details.from, theme, inside, buf);
            more(below(&stacked), area, theme, buf);
        }
    }
}

fn settings_height(details: &DetailsView) -> usize {
    match details.settings.len() {
        0 => 0,
        n => n + 1 + details.below.len(),
    }
}

/// Panes with a line between two.
fn columns(inside: Rect, widths: [u16; 3], theme: &Theme, buf: &mut Buffer) -> [Rect; 3] {
    let mut x = inside.x;
    widths.map(|width| {
        let area = Rect { x, width, ..inside };
        if x > inside.x && width > 0 {
            for y in inside.y..inside.bottom() {
                put(&Line::dim("│"), x, y, 1, theme, buf);
            }
        }
        x += width;
        Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area }
    })
}

/// Lines from one on; the last are always reached.
fn column(lines: &[Line], from: u16, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let most = lines.len().saturating_sub(area.height as usize);
    list(lines.iter().skip((from as usize).min(most)), theme, area, buf);
}

/// The settings, so that the one with the focus is seen, and under them what it means.
fn settings_in(details: &DetailsView, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let below = (details.below.len() as u16).min(area.height.saturating_sub(2));
    let spare = u16::from(area.height > details.settings.len() as u16 + below);
    let rows = area.height.saturating_sub(below + spare);
    let top = Rect { height: rows, ..area };
    let focus = details.focus.unwrap_or(details.from as usize);
    let from = (focus + 1).saturating_sub(rows as usize);
    column(&details.settings, from as u16, theme, top, buf);
    let shown = (details.settings.len() as u16).min(rows);
    let under = Rect { y: area.y + shown + spare, height: below, ..area };
    list(details.below.iter(), theme, under, buf);
}
