//! The picture of the cluster: boxes with what their nodes do, and traffic moving between them.
//!
//! ```text
//! ╭ edge ──────╮    ╭ web ────── 3 of 4 up ╮
//! │ round robin│ ╭━▸│ ● web-1 a ■■■■■·· 67%│━
//! │ ◐ sees 4 up│━┼×▸│ ✗ web-2 b unseen 0.9s│
//! ╰────────────╯ ╰━▸│ ● web-3 c ■■■■■·· 68%│
//! ```
//!
//! Where things stand is the plan's; what they show is the picture's; this file puts them together.

mod boxes;
mod facts;
mod messages;
mod nodes;
mod states;
mod table;
mod trouble;
mod wires;

use crate::session::picture::Picture;
use crate::tui::load::{BUSY, Level};
use crate::tui::plan::{Detail, Look, Plan, Row, Target};
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// What the signs on links mean, for the edge of the panel; `short` where there is less room. In slow
/// motion they are messages.
#[must_use]
pub fn legend(picture: &Picture, look: &Look, short: bool) -> String {
    if !look.motion {
        let signs = if short { "━ served × failed" } else { "━ served  × failed" };
        return format!("{signs}   motion off");
    }
    if look.speed <= messages::SLOW {
        return messages::legend(picture, look.speed, short);
    }
    let signs =
        if short { "━ served × failed" } else { "━ served  × failed   density = rate" };
    signs.to_string()
}

/// Draws the picture into `area`, for whose size the plan was made.
pub fn draw(
    picture: &Picture,
    plan: &Plan,
    look: &Look,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    let mut pen = Pen { picture, look, theme, buf, area };
    if plan.detail == Detail::Table {
        table::draw(&mut pen, plan);
        return;
    }
    let left = wires::draw(&mut pen, plan);
    for place in &plan.places {
        // A plan of an older picture may name what is no longer there.
        if place.component < picture.components.len() {
            boxes::draw(&mut pen, place);
            let into: Vec<_> = left.iter().filter(|u| u.to == place.component).collect();
            if !into.is_empty() {
                boxes::signs(&mut pen, place, &into);
            }
        }
    }
}

/// What every part of the picture needs to draw.
struct Pen<'a> {
    picture: &'a Picture,
    look: &'a Look,
    theme: &'a Theme,
    buf: &'a mut Buffer,
    area: Rect,
}

impl Pen<'_> {
    /// The style of a role.
    fn ink(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// Writes at a cell of the plan, at most `cells` of it, and gives the cells written.
    fn put(&mut self, x: u16, y: u16, text: &str, cells: u16, style: Style) -> u16 {
        let room = self.area.width.saturating_sub(x).min(cells);
        let at = (self.area.x.saturating_add(x), self.area.y.saturating_add(y));
        if y >= self.area.height || room == 0 || !self.buf.area.contains(at.into()) {
            return 0;
        }
        let (end, _) = self.buf.set_stringn(at.0, at.1, text, room as usize, style);
        end - at.0
    }

    /// Whether nothing is drawn in those cells.
    fn is_free(&self, x: u16, y: u16, cells: u16) -> bool {
        let at = (self.area.x.saturating_add(x), self.area.y.saturating_add(y));
        let piece = Rect::new(at.0, at.1, cells, 1);
        y < self.area.height
            && piece == piece.intersection(self.area).intersection(self.buf.area)
            && (0..cells).all(|i| self.buf[(at.0 + i, at.1)].symbol() == " ")
    }

    /// Writes, ending before the column `right`.
    fn put_right(&mut self, right: u16, y: u16, text: &str, style: Style) {
        let cells = crate::tui::widgets::width(text) as u16;
        self.put(right.saturating_sub(cells), y, text, cells, style);
    }

    /// Exchanges ink and ground of cells that are drawn, in one piece.
    fn inverse(&mut self, x: u16, y: u16, cells: u16, role: Role) {
        let at = (self.area.x.saturating_add(x), self.area.y.saturating_add(y));
        let piece = Rect::new(at.0, at.1, cells, 1).intersection(self.area);
        self.buf.set_style(piece, self.ink(role).add_modifier(Modifier::REVERSED));
    }

    fn selected(&self, target: Target) -> bool {
        self.look.selected == Some(target) || self.look.hit.contains(&target)
    }

    /// The colour of a node's gauge: slow to get better, where that is known.
    fn level(&self, component: usize, node: usize, share: f64) -> Role {
        let known = self.look.levels.get(component).and_then(|nodes| nodes.get(node));
        known.copied().unwrap_or(Level::of(share, BUSY)).role(Role::NodeOk)
    }

    /// The place for the sign of the selection.
    fn mark(&mut self, x: u16, y: u16, target: Target) {
        if self.selected(target) {
            self.put(x, y, "◆", 1, self.ink(Role::Accent));
        }
    }
}

/// Whether a row is the title of a name without a frame.
fn is_head(row: Row) -> bool {
    matches!(row, Row::Fact(_) | Row::Strip { .. } | Row::Counts)
}

#[cfg(test)]
mod tests;
