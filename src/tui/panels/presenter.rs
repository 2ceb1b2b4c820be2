//! For a room: a caption in a heavy box and figures that are read from the last row.

use super::lines::{list, put, style};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::presenter::{Big, PresenterView};
use crate::tui::view::text::Line;
use crate::tui::widgets::{Frame, ROWS, digits, fit, frame, width, wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Cells that stay free before a figure.
const MARGIN: u16 = 2;

/// The caption.
pub fn caption(view: &PresenterView, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height < 3 {
        return;
    }
    let look = Frame {
        focused: true,
        line: theme.style(Role::Accent),
        name: theme.style(Role::Text),
        print: theme.style(Role::Dim),
        foot: &view.next,
        ..Frame::default()
    };
    let inside = frame(&look, area, buf);
    let room = inside.width.saturating_sub(4) as usize;
    let text = wrap(&view.caption, room);
    let mut lines: Vec<Line> = text
        .into_iter()
        .take(inside.height as usize)
        .map(|line| Line::text(" ").bold(Role::Text, line))
        .collect();
    if lines.len() < inside.height as usize && !view.why.is_empty() {
        lines.push(Line::dim(format!(" {}", fit(&view.why, room))));
    }
    // In the middle of the box, if there is room.
    let above = inside.height.saturating_sub(lines.len() as u16) / 2;
    let lower = Rect { y: inside.y + above, height: inside.height - above, ..inside };
    list(lines.iter(), theme, lower, buf);
}

/// The figures side by side, each under its name.
pub fn figures(view: &PresenterView, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height < ROWS + 1 {
        return;
    }
    let spare = area.height - ROWS - 1;
    // A row above, one between name and figure, and one below, as far as there are any.
    let top = area.y + u16::from(spare > 0);
    let mut x = area.x;
    for (big, wide) in view.figures.iter().zip(columns(&view.figures, area.width)) {
        let inside = Rect { x: x + MARGIN, y: top, width: wide.saturating_sub(MARGIN), ..area };
        figure(big, theme, inside, u16::from(spare > 2), buf);
        x += wide;
    }
}

/// How wide the columns of figures are: equally wide, so that they stand still, unless a figure does
/// not fit that does with what others can spare.
fn columns(figures: &[Big], room: u16) -> Vec<u16> {
    let need = |big: &Big| width(&digits(&big.text)[0]).max(big.label.width()) as u16 + MARGIN;
    let (count, needs) = ((figures.len() as u16).max(1), figures.iter().map(need));
    let (equal, all) = (room / count, needs.clone().sum::<u16>());
    if all > room || needs.clone().all(|need| need <= equal) {
        return vec![equal; figures.len()];
    }
    needs.map(|need| need + (room - all) / count).collect()
}

fn figure(big: &Big, theme: &Theme, area: Rect, gap: u16, buf: &mut Buffer) {
    put(&big.label, area.x, area.y, area.width, theme, buf);
    let rows = digits(&big.text);
    let y = area.y + 1 + gap;
    if width(&rows[0]) > area.width as usize {
        let text = Line::empty().bold(big.role, &big.text);
        put(&text, area.x, y + ROWS / 2, area.width, theme, buf);
        return;
    }
    for (y, row) in (y..).zip(&rows) {
        buf.set_stringn(area.x, y, row, area.width as usize, style(theme, big.role, false));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(texts: &[&str], wide: u16) -> String {
        let big = |text: &&str| Big {
            label: Line::text("FAILED"),
            text: (*text).to_string(),
            role: Role::Text,
        };
        let view = PresenterView {
            caption: String::new(),
            next: String::new(),
            why: String::new(),
            figures: texts.iter().map(big).collect(),
        };
        let area = Rect::new(0, 0, wide, 8);
        let mut buf = Buffer::empty(area);
        figures(&view, &Theme::default(), area, &mut buf);
        buf.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn a_third_figure_makes_none_of_the_others_small() {
        let texts = ["1 490", "22.6 %", "363"];
        assert!(!drawn(&texts, 100).contains("22.6 %"), "it is large");
        assert!(drawn(&texts, 70).contains("22.6 %"), "there is no room for three");
    }
}
