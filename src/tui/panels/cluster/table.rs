//! One line for each component, for screens on which boxes do not fit side by side.
//!
//! ```text
//!  component   nodes  state         sends to
//!   app        ●      2 000 /s      edge
//!   edge       ◐      sees 4 up     web  × 1 of 4
//! ```

use super::{Pen, facts, nodes};
use crate::session::picture::{Face, Flow, Picture};
use crate::tui::plan::{Place, Plan, Target, cut_links, nodes_counted};
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
    let mut cursor = x;
    for (l, flow) in picture.flows.iter().enumerate().filter(|(_, f)| f.from == component) {
        let Some(to) = picture.components.get(flow.to) else { continue };
        let marked = pen.selected(Target::Link(l))
            || (0..flow.taps.len()).any(|n| pen.selected(Target::Tap(l, n)));
        let style = pen.ink(if marked { Role::Accent } else { Role::Dim });
        if marked {
            cursor += pen.put(cursor, y, "◆", right.saturating_sub(cursor), style);
        }
        cursor += pen.put(cursor, y, &format!("{} ", to.name), right.saturating_sub(cursor), style);
        for (text, role) in troubles(picture, flow) {
            let style = pen.ink(role);
            cursor += pen.put(cursor, y, &text, right.saturating_sub(cursor), style);
        }
    }
}

fn troubles(picture: &Picture, flow: &Flow) -> Vec<(String, Role)> {
    let counted = nodes_counted(picture, flow);
    let (cut, links) = cut_links(counted.iter().filter_map(|n| flow.taps.get(*n)));
    let failing = flow.taps.iter().filter(|t| t.failed > 0 && t.ok == 0).count();
    let mut found = Vec::new();
    if cut > 0 {
        found.push((format!("╳{cut}/{links} "), Role::Marker));
    } else if failing > 0 && failing < flow.taps.len() && flow.ok > 0 {
        found.push((format!("× {failing} of {} ", flow.taps.len()), Role::FlowFail));
    } else if flow.failed > 0 {
        let all = flow.ok + flow.failed;
        found.push((format!("× {} % ", flow.failed * 100 / all.max(1)), Role::FlowFail));
    }
    found
}
