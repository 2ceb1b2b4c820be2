//! A page of text: the keys, the reason why.

use super::{dim, more, open};
use crate::tui::panels::lines::{hanging, list, paragraphs};
use crate::tui::screen::Panel;
use crate::tui::theme::Theme;
use crate::tui::view::help::KEYS;
use crate::tui::view::text::Line;
use crate::tui::view::{Page, Sheet, View};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Width of a page of sentences: a comfortable line.
const SENTENCES: u16 = 72;
/// Width of a page of lines with figures.
const FIGURES: u16 = 100;
/// Cells between two columns.
const GAP: u16 = 3;

/// Draws it below the picture of the cluster if it fits there, else over the whole screen.
pub fn draw(view: &View, over: &Sheet, theme: &Theme, buf: &mut Buffer) {
    let Sheet { title, note, page, from } = over;
    let body = body(view);
    let cells = match page {
        Page::Columns(_) => body.width,
        Page::Text(_) => body.width.min(SENTENCES),
        Page::Lines(_) => body.width.min(FIGURES),
    };
    let room = cells.saturating_sub(4);
    let columns = match page {
        Page::Columns(columns) => flowed(columns, room, body.height.saturating_sub(2)),
        Page::Text(parts) => vec![paragraphs(parts, room)],
        Page::Lines(lines) => {
            vec![lines.iter().flat_map(|(line, by)| hanging(line, room, *by)).collect()]
        }
    };
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0) as u16;
    let area = place(view, body, cells, rows + 2);
    dim(view.areas.screen, theme, buf);
    let inside = open(title, note, area, theme, buf);
    let from = (*from).min(rows.saturating_sub(inside.height)) as usize;
    more(usize::from(rows.saturating_sub(inside.height)) - from, area, theme, buf);
    let n = columns.len().max(1) as u16;
    let wide = inside.width.saturating_sub(GAP * (n - 1)) / n;
    for (i, column) in columns.iter().enumerate() {
        let x = inside.x + i as u16 * (wide + GAP);
        let area = Rect { x, width: wide.min(inside.right().saturating_sub(x)), ..inside };
        list(column.iter().skip(from), theme, area, buf);
    }
}

/// Everything between the strip of figures and the footer.
pub(super) fn body(view: &View) -> Rect {
    let areas = &view.areas;
    let top = areas.vitals.bottom();
    Rect { y: top, height: areas.footer.y.saturating_sub(top), ..areas.screen }
}

/// Under the cluster, so that what is changed is seen there; in the middle if that is too low.
pub(super) fn place(view: &View, body: Rect, width: u16, height: u16) -> Rect {
    let height = height.min(body.height);
    let x = body.x + (body.width - width) / 2;
    let below = view.areas.of(Panel::Cluster).bottom();
    let y = if below > body.y && body.bottom().saturating_sub(below) >= height {
        below
    } else {
        body.y + (body.height - height) / 2
    };
    Rect::new(x, y, width, height)
}

/// Sections laid out in as many columns as keep their sentences whole, each filled from the top.
fn flowed(sections: &[Vec<Line>], room: u16, rows: u16) -> Vec<Vec<Line>> {
    let widest = sections.iter().flatten().map(Line::width).max().unwrap_or(1).max(1) as u16 + 2;
    let most = ((room + GAP) / (widest + GAP)).clamp(1, sections.len().max(1) as u16) as usize;
    let total: usize = sections.iter().map(|s| s.len() + 1).sum();
    let target = total.div_ceil(most).max((rows as usize).min(total) / most);
    let mut columns: Vec<Vec<Line>> = vec![Vec::new()];
    for section in sections {
        let full =
            columns.last().is_some_and(|c| !c.is_empty() && c.len() + section.len() > target);
        if full && columns.len() < most {
            columns.push(Vec::new());
        }
        if let Some(column) = columns.last_mut() {
            if !column.is_empty() {
                column.push(Line::empty());
            }
            column.extend(section.iter().cloned());
        }
    }
    match columns.as_mut_slice() {
        // In one column sentences are broken where they do not fit.
        [one] => vec![one.iter().flat_map(|line| hanging(line, room, KEYS as u16)).collect()],
        _ => columns,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_stay_whole_and_lose_no_line() {
        let section = |n: usize| vec![Line::text("12345678"); n];
        let sections = [section(5), section(4), section(3), section(8)];
        for room in [5, 10, 24, 40, 100] {
            let columns = flowed(&sections, room, 20);
            let lines = columns.iter().flatten().filter(|l| l.width() > 0).count();
            assert_eq!(lines, 20, "{room}");
        }
        assert_eq!(flowed(&sections, 10, 20).len(), 1);
        assert!(flowed(&sections, 40, 20).len() > 1);
    }
}
