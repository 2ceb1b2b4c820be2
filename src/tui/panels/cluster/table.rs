//! One line for each component, for screens on which boxes do not fit side by side.
//!
//! ```text
//!  component   nodes  state         sends to
//!   app        ●      2 000 /s      edge
//!   edge       ◐      sees 4 up     web  × 1 of 4
//! ```

use super::{Pen, facts, nodes};
use crate::session::picture::{Face, Flow, Picture};
use crate::tui::plan::{Place, Plan, Target, cut_links, taps_counted};
use crate::tui::theme::Role;
use crate::tui::widgets::{fit, width};

/// Columns: where nodes, state and targets begin.
struct Columns {
    nodes: u16,
    state: u16,
    sends: u16,
}

pub(super) fn draw(pen: &mut Pen, plan: &Plan) {
    let components = &pen.picture.components;
    let name = components.iter().map(|c| width(&c.name)).max().unwrap_or(0).clamp(9, 12) as u16;
    let nodes = 2 + name + 1;
    let columns = Columns { nodes, state: nodes + 8, sends: nodes + 22 };
    let style = pen.ink(Role::Dim);
    let room = plan.size.0;
    for (x, text) in [
        (1, "component"),
        (columns.nodes, "nodes"),
        (columns.state, "state"),
        (columns.sends, "sends to"),
    ] {
        pen.put(x, 0, text, room.saturating_sub(x), style);
    }
    for place in &plan.places {
        line(pen, place, &columns);
    }
    let hidden = components.len().saturating_sub(plan.places.len());
    if hidden > 0 {
        let style = pen.ink(Role::Dim);
        pen.put(2, plan.size.1.saturating_sub(1), &format!("… {hidden} more"), room, style);
    }
}

fn line(pen: &mut Pen, place: &Place, columns: &Columns) {
    let picture = pen.picture;
    let Some(c) = picture.components.get(place.component) else { return };
    let (y, right) = (place.area.y, place.area.right());
    let target = Target::Component(place.component);
    pen.mark(1, y, target);
    let style = pen.ink(if pen.selected(target) { Role::Accent } else { Role::Text });
    let room = columns.nodes.saturating_sub(3);
    pen.put(2, y, &fit(&c.name, room as usize), room, style);
    if c.nodes.len() <= 6 {
        nodes::strip(pen, place.component, columns.nodes, y);
    } else {
        nodes::counts(pen, place.component, columns.nodes, y, 7);
    }
    let fact = facts::brief(picture, c);
    let mut x = columns.state;
    let end = columns.sends.min(right);
    if let Some((sign, role)) = fact.sign {
        let style = pen.ink(role);
        x += pen.put(x, y, sign, 1, style) + 1;
    }
    let style = pen.ink(if fact.role == Role::Dim { Role::Text } else { fact.role });
    let room = end.saturating_sub(x + 1);
    let text = fact.texts.iter().find(|t| width(t) <= room as usize).or(fact.texts.last());
    pen.put(x, y, &fit(text.map_or("", |t| t), room as usize), room, style);
    sends(pen, place.component, columns.sends, y, right);
}

/// Names of the targets, each with its failures.
fn sends(pen: &mut Pen, component: usize, x: u16, y: u16, right: u16) {
    let picture = pen.picture;
    if let Face::Failover { of, .. } = picture.components[component].face {
        let name = picture.components.get(of).map_or("", |c| &*c.name);
        let style = pen.ink(Role::Dim);
        pen.put(x, y, &format!("watches {name}"), right.saturating_sub(x), style);
        return;
    }
    let all = targets(pen, component);
    let room = usize::from(right.saturating_sub(x));
    let fits = |shown: &usize| {
        let cells: usize = all[..*shown].iter().flatten().map(|(text, _)| width(text)).sum();
        cells + width(&rest(&all[*shown..]).0) <= room
    };
    let shown = (0..=all.len()).rev().find(fits).unwrap_or(0);
    let mut cursor = x;
    for (text, role) in all[..shown].iter().flatten().chain([&rest(&all[shown..])]) {
        let style = pen.ink(*role);
        cursor += pen.put(cursor, y, text, right.saturating_sub(cursor), style);
    }
}

/// A piece of text and its colour.
type Bit = (String, Role);

/// Of each target its name, the sign of the selection before it, and what is wrong with its link.
fn targets(pen: &Pen, component: usize) -> Vec<Vec<Bit>> {
    let picture = pen.picture;
    let from_here = picture.flows.iter().enumerate().filter(|(_, f)| f.from == component);
    let one = |(l, flow): (usize, &Flow)| {
        let to = picture.components.get(flow.to)?;
        let marked = pen.selected(Target::Link(l))
            || (0..flow.taps.len()).any(|n| pen.selected(Target::Tap(l, n)));
        let sign = marked.then(|| ("◆".to_string(), Role::Accent));
        let role = if marked { Role::Accent } else { Role::Dim };
        let name = (format!("{} ", to.name), role);
        Some(sign.into_iter().chain([name]).chain(trouble(picture, flow)).collect())
    };
    from_here.filter_map(one).collect()
}

/// What is said of targets that have no room: how many of their links are in trouble.
fn rest(hidden: &[Vec<Bit>]) -> Bit {
    let of = |role| hidden.iter().filter(|bits| bits.iter().any(|bit| bit.1 == role)).count();
    match (of(Role::Marker), of(Role::FlowFail)) {
        _ if hidden.is_empty() => (String::new(), Role::Dim),
        (0, 0) => ("…".to_string(), Role::Dim),
        (0, failing) => (format!("+{failing} fail"), Role::FlowFail),
        (cut, _) => (format!("+{cut} cut"), Role::Marker),
    }
}

/// `╳1/4`, `× 1 of 4`, `× 20 %`.
fn trouble(picture: &Picture, flow: &Flow) -> Option<Bit> {
    let (cut, links) = cut_links(taps_counted(picture, flow));
    let failing = flow.taps.iter().filter(|t| t.failed > 0 && t.ok == 0).count();
    if cut > 0 {
        Some((format!("╳{cut}/{links} "), Role::Marker))
    } else if failing > 0 && failing < flow.taps.len() && flow.ok > 0 {
        Some((format!("× {failing} of {} ", flow.taps.len()), Role::FlowFail))
    } else if flow.failed > 0 {
        let all = flow.ok + flow.failed;
        Some((format!("× {} % ", flow.failed * 100 / all.max(1)), Role::FlowFail))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::example;
    use crate::tui::plan::{Detail, Look};
    use crate::tui::svg;
    use crate::tui::theme::Theme;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    /// Three cuts of one row: those that have room are named, and the others are counted.
    #[test]
    fn no_cut_falls_off_a_row() {
        let mut picture = example::at_rest();
        let from = example::WEB;
        let own = picture.flows.iter_mut().filter(|f| f.from == from);
        let cuts = own.flat_map(|f| &mut f.taps).map(|tap| tap.cut = tap.links.max(1)).count();
        assert!(cuts > 2);
        let row = |wide: u16| {
            let size = (wide, 9);
            let plan = Plan::new(size, &picture, Detail::Table);
            let area = Rect::new(0, 0, size.0, size.1);
            let mut buf = Buffer::empty(area);
            let theme = Theme::default();
            super::super::draw(&picture, &plan, &Look::default(), &theme, area, &mut buf);
            let text = svg::text(&buf);
            text.lines().find(|line| line.contains(" web ")).unwrap_or_default().to_string()
        };
        let flows = picture.flows.iter().filter(|f| f.from == from).count();
        let told = |row: &str| {
            let hidden = row.split_once('+').map_or(0, |(_, n)| n[..1].parse().unwrap());
            row.matches('╳').count() + hidden
        };
        for wide in 50..110 {
            assert_eq!(told(&row(wide)), flows, "{wide}: {}", row(wide));
        }
        assert!(row(60).ends_with("menus ╳1/1 +2 cut"), "{}", row(60));
    }
}
