//! A question of a playbook and its choices.
//!
//! ```text
//! ┏━ predict first ━━━━━━━━━━━━━━━━━━━━━━ esc leaves it ━┓
//! ┃ How long are orders refused?                         ┃
//! ┃ before crash orders-db:primary in 3.0 s              ┃
//! ┃                                                      ┃
//! ┃ ▸ 1  not at all                                      ┃
//! ┃   2  under 1 s                                       ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use super::page::{body, place};
use super::{dim, more, open};
use crate::tui::panels::lines::list;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::View;
use crate::tui::view::question::QuestionView;
use crate::tui::view::text::Line;
use crate::tui::widgets::wrap;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The widest that it becomes: a comfortable line.
const WIDEST: u16 = 72;

/// Draws it under the picture of the cluster if it fits there. Where not all choices have room, those
/// around the marked one are shown.
pub fn draw(view: &View, question: &QuestionView, theme: &Theme, buf: &mut Buffer) {
    let body = body(view);
    let wide = body.width.min(WIDEST);
    let mut head: Vec<Line> = wrap(&question.ask, usize::from(wide.saturating_sub(4)))
        .into_iter()
        .map(|line| Line::empty().bold(Role::Text, line))
        .collect();
    head.push(Line::dim(&question.before));
    head.push(Line::empty());
    let needed = head.len() + question.choices.len() + 2;
    let area = place(view, body, wide, needed as u16);
    // What can be chosen is needed more than before what it is asked.
    let room = usize::from(area.height.saturating_sub(2));
    if room < needed - 2 {
        head.truncate(head.len().saturating_sub(2).min(room.saturating_sub(1)));
    }
    dim(view.areas.screen, theme, buf);
    let inside = open(&question.title, "esc leaves it", area, theme, buf);
    list(head.iter(), theme, inside, buf);
    let taken = (head.len() as u16).min(inside.height);
    let under = Rect { y: inside.y + taken, height: inside.height - taken, ..inside };
    let rows = usize::from(under.height);
    let from = (question.chosen + 1).saturating_sub(rows);
    list(question.choices.iter().skip(from), theme, under, buf);
    more(question.choices.len().saturating_sub(from + rows), area, theme, buf);
}
