//! A component: its frame or its name, and its rows.

use super::facts::{self, Fact};
use super::states::{percent, sides, state, up_count};
use super::trouble::{Unwritten, together};
use super::{Pen, is_head, nodes};
use crate::session::picture::{Component, Face, Picture};
use crate::tui::format::count;
use crate::tui::load::{self, held, share, short_of_threads};
use crate::tui::plan::{Place, Row, Target};
use crate::tui::theme::Role;
use crate::tui::view::node::{UNLIMITED_CORES, has_unlimited_cores};
use crate::tui::widgets::{fit, width};
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// The worst that can be said of a database.
const TWO_PRIMARIES: &str = "▲ 2 PRIMARIES";

pub(super) fn draw(pen: &mut Pen, place: &Place) {
    let component = &pen.picture.components[place.component];
    if place.framed {
        frame(pen, place, component);
    }
    for (i, row) in place.rows.iter().enumerate() {
        let at = place.row(i);
        match *row {
            _ if !place.framed && i == 0 && is_head(*row) => head(pen, place, component, *row),
            Row::Fact(n) => fact(pen, at, &facts::fact(pen.picture, component, n)),
            Row::Node(node) => nodes::row(pen, place, node, at),
            Row::Strip { start, .. } => nodes::strip(pen, place.component, at.x + start, at.y),
            Row::Counts => nodes::counts(pen, place.component, at.x + 1, at.y, at.width),
            Row::Worst if watchers_chosen(pen, place) => watchers(pen, place, at),
            Row::Worst if place.framed => {
                fact(pen, at, &nodes::worst(pen.picture, component));
            }
            Row::Worst => fact(
                pen,
                Rect { x: at.x.saturating_sub(1), width: at.width + 1, ..at },
                &facts::brief(pen.picture, component),
            ),
            Row::Annex(failover) => annex(pen, place, component, failover, at),
            Row::Behind(other) => behind(pen, other, at),
            Row::Line => {}
        }
    }
}

/// Whether the watchers that have no row of their own are selected, or one of them.
fn watchers_chosen(pen: &Pen, place: &Place) -> bool {
    let Some(failover) = place.watchers else { return false };
    let nodes = pen.picture.components.get(failover).map_or(0, |c| c.nodes.len());
    pen.selected(Target::Component(failover))
        || (0..nodes).any(|n| pen.selected(Target::Node(failover, n)))
}

/// The watchers of a database, instead of its figures: while they are selected.
fn watchers(pen: &mut Pen, place: &Place, at: Rect) {
    let picture = pen.picture;
    let Some((f, c)) = place.watchers.and_then(|f| Some((f, picture.components.get(f)?))) else {
        return;
    };
    let whole = Target::Component(f);
    pen.mark(at.x.saturating_sub(1), at.y, whole);
    let style = pen.ink(if pen.selected(whole) { Role::Accent } else { Role::Text });
    let room = at.width.saturating_sub(c.nodes.len() as u16 + 1);
    let used = pen.put(at.x, at.y, &fit(&c.name, room as usize), room, style);
    nodes::strip(pen, f, at.x + used + 1, at.y);
}

/// One figure, after a place for the selection, in the longest form that fits.
fn fact(pen: &mut Pen, at: Rect, fact: &Fact) {
    let room = at.width.saturating_sub(1);
    let mut x = at.x + 1;
    let mut left = room;
    if let Some((sign, role)) = fact.sign {
        let style = pen.ink(role);
        pen.put(x, at.y, sign, left, style);
        x += 2;
        left = left.saturating_sub(2);
    }
    let text = fact.texts.iter().find(|t| width(t) <= left as usize).or(fact.texts.last());
    if let Some(text) = text {
        let style = pen.ink(fact.role);
        pen.put(x, at.y, &fit(text, left as usize), left, style);
    }
}

/// What is wrong with links into a component that have no room for it: at the left of the lower line of
/// its frame or, without a frame, on the row under the link.
pub(super) fn signs(pen: &mut Pen, place: &Place, into: &[&Unwritten]) {
    let style = pen.ink(Role::Marker);
    let Rect { x, y, width: wide, height } = place.area;
    if !place.framed {
        let room = x.saturating_sub(1);
        let Some(text) = together(pen.picture, into, false, room.into()) else { return };
        let cells = width(&text) as u16;
        let at = room - cells;
        // A cell of air on either side.
        let is_free = |row: &u16| pen.is_free(at.saturating_sub(1), *row, cells + 2);
        if let Some(row) = [y + 1, y.saturating_sub(1)].into_iter().find(is_free) {
            pen.put(at, row, &text, cells, style);
        }
        return;
    }
    let component = &pen.picture.components[place.component];
    let taken = foot(component, place).map_or(0, |(foot, _)| width(&foot) as u16 + 2);
    let room = wide.saturating_sub(taken + 4);
    if let Some(text) = together(pen.picture, into, true, room.into()) {
        pen.put(x + 1, y + height - 1, &format!(" {text} "), room + 2, style);
    }
}

/// A name without a frame, and the signs of its nodes.
fn head(pen: &mut Pen, place: &Place, component: &Component, row: Row) {
    let at = place.row(0);
    let target = Target::Component(place.component);
    let marked = pen.selected(target);
    pen.mark(at.x.saturating_sub(1), at.y, target);
    let style = pen.ink(if marked { Role::Accent } else { Role::Text });
    let room = match row {
        Row::Strip { start, .. } => start - 1,
        Row::Counts => at.width.saturating_sub(10),
        _ => at.width,
    };
    let used = pen.put(at.x, at.y, &fit(&component.name, room as usize), room, style);
    match row {
        Row::Strip { start, .. } => nodes::strip(pen, place.component, at.x + start, at.y),
        Row::Counts => {
            let x = at.x + used + 1;
            nodes::counts(pen, place.component, x, at.y, at.right().saturating_sub(x));
        }
        _ => {}
    }
}

fn frame(pen: &mut Pen, place: &Place, component: &Component) {
    let target = Target::Component(place.component);
    let marked = pen.selected(target);
    let line = pen.ink(if marked { Role::Accent } else { Role::Dim });
    let Rect { x, y, width: wide, height } = place.area;
    let level = "─".repeat(wide.saturating_sub(2) as usize);
    pen.put(x, y, &format!("╭{level}╮"), wide, line);
    pen.put(x, y + height - 1, &format!("╰{level}╯"), wide, line);
    for row in y + 1..y + height - 1 {
        pen.put(x, row, "│", 1, line);
        pen.put(x + wide - 1, row, "│", 1, line);
    }
    title(pen, place, component, marked);
    if matches!(place.rows[..], [Row::Behind(_), ..]) {
        return;
    }
    if let Some((foot, role)) = foot(component, place) {
        corner(pen, place.area, y + height - 1, &foot, role, false);
    }
}

fn title(pen: &mut Pen, place: &Place, component: &Component, marked: bool) {
    let Rect { x, y, width: wide, .. } = place.area;
    let style = pen.ink(if marked { Role::Accent } else { Role::Text });
    if let [Row::Behind(_), ..] = place.rows[..] {
        pen.put(x + 1, y, " behind ", wide - 2, style);
        let folded = format!("{} folded", place.rows.len());
        corner(pen, place.area, y, &folded, Role::Dim, false);
        return;
    }
    let name = fit(&component.name, wide.saturating_sub(5) as usize);
    pen.put(x + 1, y, &format!(" {name} "), wide - 2, style);
    pen.mark(x + 1, y, Target::Component(place.component));
    let taken = width(&name) as u16 + 4;
    let room = wide.saturating_sub(taken + 3) as usize;
    for (text, role, inverse) in notes(pen.picture, component, place) {
        if width(&text) <= room {
            corner(pen, place.area, y, &text, role, inverse);
            return;
        }
    }
}

/// A component that shares a box with others: `● menus     hit 87.1 %`.
fn behind(pen: &mut Pen, index: usize, at: Rect) {
    let picture = pen.picture;
    let Some(component) = picture.components.get(index) else { return };
    let target = Target::Component(index);
    pen.mark(at.x, at.y, target);
    let brief = facts::brief(picture, component);
    // How full it is has no sign, as in a box of its own; what is the matter with a node has one.
    let states = component.nodes.iter().map(|node| state(component, node, picture.now));
    let worst = states.max_by_key(|state| state.rank).filter(|state| state.rank > 0);
    let worst = worst.map_or(("●", Role::NodeOk), |state| (state.sign, state.role));
    let (sign, role) = brief.sign.unwrap_or(worst);
    let style = pen.ink(role);
    pen.put(at.x + 1, at.y, sign, 1, style);
    let figure = 12.min(at.width);
    let style = pen.ink(if pen.selected(target) { Role::Accent } else { Role::Text });
    let room = at.width.saturating_sub(figure + 4);
    pen.put(at.x + 3, at.y, &fit(&component.name, room as usize), room, style);
    let room = figure as usize;
    let text = brief.texts.iter().find(|t| width(t) <= room).or(brief.texts.last());
    if let Some(text) = text {
        let style = pen.ink(brief.role);
        let x = at.right().saturating_sub(figure);
        pen.put(x, at.y, &fit(text, room), figure, style);
    }
}

/// Writes at the right end of a line of the frame.
fn corner(pen: &mut Pen, area: Rect, y: u16, text: &str, role: Role, inverse: bool) {
    let mut style = pen.ink(role);
    if inverse {
        style = style.add_modifier(Modifier::REVERSED);
    }
    pen.put_right(area.right() - 1, y, &format!(" {text} "), style);
}

/// What the title says at the right: the first that fits is taken.
fn notes(picture: &Picture, component: &Component, place: &Place) -> Vec<(String, Role, bool)> {
    let kind = || place.fit.kind.then(|| (component.kind.to_string(), Role::Dim, false));
    match component.face {
        Face::Service { utilisation, cores } => {
            let (up, all) = (up_count(component), component.nodes.len());
            if up < all {
                let failing = picture.flows.iter().any(|f| f.to == place.component && f.failed > 0);
                let role = match up {
                    0 => Role::NodeDown,
                    // One of many, and nobody notices: the count is told, and no alarm.
                    _ if !failing && (all - up) * 10 < all => Role::Dim,
                    _ => Role::NodeWarn,
                };
                return vec![
                    (format!("{up} of {all} up"), role, false),
                    (format!("{up} of {all}"), role, false),
                ];
            }
            if let Some((used, limit)) = short_of_threads(component) {
                let role = load::busy(share(used, limit), Role::NodeOk);
                return facts::threads((used, limit)).map(|text| (text, role, false)).to_vec();
            }
            if has_unlimited_cores(component) {
                let words = [UNLIMITED_CORES, "unlimited"];
                return words.map(|word| (word.to_string(), Role::Dim, false)).to_vec();
            }
            let busy = percent(utilisation);
            let role = load::busy(utilisation, Role::Dim);
            let long = cores
                .filter(|_| place.fit.long)
                .map(|c| (format!("{busy} of {} cores", c * all as u64), role, false));
            long.into_iter().chain([(busy, role, false)]).collect()
        }
        Face::Database { primaries, ack, .. } => {
            if primaries > 1 {
                return vec![
                    (TWO_PRIMARIES.replace('2', &primaries.to_string()), Role::DataBad, true),
                    ("▲ SPLIT".to_string(), Role::DataBad, true),
                ];
            }
            if facts::lacks_primary(component) {
                return facts::NO_PRIMARY.map(|w| (w.to_string(), Role::NodeDown, true)).to_vec();
            }
            let kind = kind().filter(|_| place.fit.long);
            kind.into_iter().chain([(ack.to_string(), Role::Dim, false)]).collect()
        }
        _ => kind().into_iter().collect(),
    }
}

/// What the lower line says at the right: who hears whom in a database that is cut in parts; on large
/// screens threads in use.
fn foot(component: &Component, place: &Place) -> Option<(String, Role)> {
    if matches!(component.face, Face::Database { .. })
        && let Some(sides) = sides(component)
    {
        return Some((format!("╳ {sides}"), Role::Marker));
    }
    if !place.fit.long || !matches!(component.face, Face::Service { .. }) {
        return None;
    }
    let (used, limit) = held(component, |n| n.threads)?;
    Some((format!("{} of {} threads", count(used), count(limit?)), Role::Dim))
}

/// The watchers of a database: `├ keeper ●●● epoch 1 ─┤`.
fn annex(pen: &mut Pen, place: &Place, database: &Component, failover: usize, at: Rect) {
    let Some(watchers) = pen.picture.components.get(failover) else { return };
    let target = Target::Component(failover);
    let marked = pen.selected(target);
    let line = pen.ink(if marked { Role::Accent } else { Role::Dim });
    let Rect { x, width: wide, .. } = place.area;
    let level = "─".repeat(wide.saturating_sub(2) as usize);
    pen.put(x, at.y, &format!("├{level}┤"), wide, line);
    let (word, role) = facts::told_by(database, watchers);
    let shown = &watchers.nodes[..watchers.nodes.len().min(7)];
    let apart = |i: usize| i > 0 && shown[i].side != shown[i - 1].side;
    let signs = (shown.len() + (0..shown.len()).filter(|i| apart(*i)).count()) as u16;
    // The name is cut last: the word has a shorter form.
    // Spaces between, but none before the frame where that would cost the word.
    let needed = width(&watchers.name) + signs as usize + width(&word) + 3;
    let word = if needed > at.width as usize { word.replace("ing", "") } else { word };
    let name =
        fit(&watchers.name, at.width.saturating_sub(signs + width(&word) as u16 + 3) as usize);
    let style = pen.ink(if marked { Role::Accent } else { Role::Text });
    let mut cursor = at.x + pen.put(at.x, at.y, &format!(" {name} "), at.width, style);
    pen.mark(at.x, at.y, target);
    for (i, node) in shown.iter().enumerate() {
        if apart(i) {
            let style = pen.ink(Role::Marker);
            cursor += pen.put(cursor, at.y, "╳", 1, style);
        }
        let state = state(watchers, node, pen.picture.now);
        let mut style = pen.ink(state.role);
        if pen.selected(Target::Node(failover, i)) {
            style = pen.ink(Role::Accent).add_modifier(Modifier::REVERSED);
        }
        cursor += pen.put(cursor, at.y, state.sign, 1, style);
    }
    let room = at.right().saturating_sub(cursor);
    let style = pen.ink(role);
    pen.put(cursor, at.y, &format!(" {word} "), room, style);
}
