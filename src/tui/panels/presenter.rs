//! For a room: a caption in a heavy box and figures that are read from the last row.

use super::lines::{list, put, style};
use super::why::shown;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::presenter::{Big, PresenterView};
use crate::tui::view::text::Line;
use crate::tui::widgets::{Frame, ROWS, digits, fit, frame, width, wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Cells that stay free before a figure.
const MARGIN: u16 = 2;

/// What is said, and under it why things are so.
pub fn caption(view: &PresenterView, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height < 3 {
        return;
    }
    let room = (area.width.saturating_sub(2), area.height - 2);
    let (lines, is_cut) = told(view, room);
    let next = fit(&view.next, usize::from(area.width.saturating_sub(8)));
    let look = Frame {
        focused: true,
        line: theme.style(Role::Accent),
        name: theme.style(Role::Text),
        print: theme.style(Role::Dim),
        note: if is_cut { &view.whole } else { "" },
        foot: &next,
        ..Frame::default()
    };
    let inside = frame(&look, area, buf);
    // In the middle of the box, if there is room.
    let above = inside.height.saturating_sub(lines.len() as u16) / 2;
    let lower = Rect { y: inside.y + above, height: inside.height - above, ..inside };
    list(lines.iter(), theme, lower, buf);
}

/// The lines of the caption for so many cells and rows, and whether the reason why is cut.
fn told(view: &PresenterView, (cells, rows): (u16, u16)) -> (Vec<Line>, bool) {
    let air = |line: Line| Line::text(" ").then(line);
    let said = wrap(&view.caption, usize::from(cells.saturating_sub(4)));
    // Of what is said nothing is left out but for one row of the reason.
    let said = said.into_iter().filter(|line| !line.is_empty()).take(usize::from(rows.max(2) - 1));
    let mut lines: Vec<Line> = said.map(|line| air(Line::empty().bold(Role::Text, line))).collect();
    let is_said = !lines.is_empty();
    let rest = rows.saturating_sub(lines.len() as u16);
    let area = Rect::new(0, 0, cells.saturating_sub(2), rest);
    let (why, is_cut) = shown(&view.why, 0, area);
    let toned = |line: Line| {
        if is_said {
            return Line::dim(line.plain());
        }
        line.bits.into_iter().fold(Line::empty(), |line, bit| match bit.role {
            Role::Text => line.bold(Role::Text, bit.text),
            role => line.with(role, bit.text),
        })
    };
    lines.extend(why.into_iter().take(rest.into()).map(|line| air(toned(line))));
    (lines, is_cut)
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
            why: Vec::new(),
            whole: "w all".into(),
            figures: texts.iter().map(big).collect(),
        };
        let area = Rect::new(0, 0, wide, 8);
        let mut buf = Buffer::empty(area);
        figures(&view, &Theme::default(), area, &mut buf);
        buf.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn under_what_is_said_stands_as_much_of_the_reason_as_there_are_rows() {
        let reason = "web-2 is down, but edge still counts it as healthy and sends it 500 /s.";
        let view = |caption: &str| PresenterView {
            caption: caption.into(),
            next: String::new(),
            why: vec![(Role::Text, reason.into()), (Role::Dim, "fix: fall".into())],
            whole: "w all".into(),
            figures: Vec::new(),
        };
        let lines = |view: &PresenterView, rows| {
            let (lines, is_cut) = told(view, (44, rows));
            let plain = lines.iter().map(|line| line.plain().trim().to_string());
            (plain.collect::<Vec<_>>(), is_cut)
        };
        let one = "web-2 is down, but edge still counts it";
        let two = "as healthy and sends it 500 /s.";
        let whole = |lines: &[&str], cut| (lines.iter().map(ToString::to_string).collect(), cut);
        assert_eq!(lines(&view(""), 3), whole(&[one, two, "fix: fall"], false));
        assert_eq!(lines(&view("“It is gone.”"), 3), {
            whole(&["“It is gone.”", "web-2 is down, but edge still counts it…", "fix: fall"], true)
        });
        assert_eq!(lines(&view("“It is gone.”"), 2).0.len(), 2);
    }

    #[test]
    fn a_third_figure_makes_none_of_the_others_small() {
        let texts = ["1 490", "22.6 %", "363"];
        assert!(!drawn(&texts, 100).contains("22.6 %"), "it is large");
        assert!(drawn(&texts, 70).contains("22.6 %"), "there is no room for three");
    }
}
