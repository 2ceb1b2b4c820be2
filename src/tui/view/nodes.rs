//! A table of all nodes that serve: what they use of what they have. For large screens.

use super::node::{of_limit, serves, state, symbol};
use super::text::Line;
use super::vitals::load_role;
use crate::session::picture::{Component, Face, Node, Picture};
use crate::tui::format::{busy, count, figure};
use crate::tui::theme::Role;

/// Widths of the columns: name, state, cpu, threads, backlog, in flight, rate, failed.
const WIDTHS: [usize; 8] = [14, 22, 14, 11, 11, 9, 8, 6];

/// The head and a line for each node, in file order.
#[must_use]
pub fn nodes(picture: &Picture) -> Vec<Line> {
    let heads = ["node", "state", "cpu", "threads", "backlog", "in hand", "per s", "failed"];
    let head = heads
        .iter()
        .zip(WIDTHS)
        .fold(Line::empty(), |line, (text, width)| line.then(Line::dim(*text).padded(width)));
    let served = picture
        .components
        .iter()
        .filter(|c| !matches!(c.face, Face::Traffic { .. } | Face::Failover { .. }));
    let rows = served.flat_map(|c| c.nodes.iter().map(|n| row(c, n, picture)));
    std::iter::once(head).chain(rows).collect()
}

fn row(component: &Component, node: &Node, picture: &Picture) -> Line {
    let (glyph, role) = symbol(node);
    let name = Line::of(role, format!("{glyph} ")).with(Role::Text, node.name.to_string());
    let cells = [
        name,
        short_state(node, picture),
        cpu(component, node),
        limited(node.threads),
        limited(node.backlog),
        Line::text(count(node.in_flight)),
        Line::text(figure(node.rate)),
        failed(node),
    ];
    cells.into_iter().zip(WIDTHS).fold(Line::empty(), |line, (cell, w)| line.then(cell.padded(w)))
}

fn short_state(node: &Node, picture: &Picture) -> Line {
    match super::node::role(node) {
        Some(role) if serves(node) => role,
        _ if serves(node) && node.slow <= 1.0 => Line::dim("up"),
        _ => state(node, picture.now),
    }
}

fn cpu(component: &Component, node: &Node) -> Line {
    let has_cores = matches!(
        component.face,
        Face::Service { .. } | Face::Workers { .. } | Face::Database { .. }
    );
    if !has_cores || !serves(node) {
        return Line::dim("–");
    }
    let on = crate::tui::widgets::filled(node.utilisation, 7) as usize;
    let role = match load_role(node.utilisation) {
        Role::Text => Role::NodeOk,
        other => other,
    };
    Line::of(role, "■".repeat(on))
        .with(Role::Dim, "·".repeat(7 - on))
        .with(Role::Text, format!(" {}", busy(node.utilisation)))
}

fn limited(used: Option<(u64, Option<u64>)>) -> Line {
    used.map_or_else(|| Line::dim("–"), |(used, limit)| of_limit(used, limit))
}

fn failed(node: &Node) -> Line {
    match node.outcomes {
        (0, 0) => Line::dim("–"),
        (_, 0) => Line::dim("0"),
        (_, failed) => Line::of(Role::FlowFail, count(failed)),
    }
}
