//! What a box shows, and how large that is.

use super::layers::is_annex;
use crate::session::picture::{Component, Face, Picture};

/// What a row of a box shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A figure of its kind, by number.
    Fact(usize),
    /// A node.
    Node(usize),
    /// One sign for each node, ten to a group.
    Strip {
        /// Where it begins within the row.
        start: u16,
        /// How many nodes.
        nodes: usize,
    },
    /// How many nodes are in each state.
    Counts,
    /// The worst of its nodes, else its figures in short.
    Worst,
    /// The watchers of a database, by their component.
    Annex(usize),
    /// A component that shares the box of another.
    Behind(usize),
    /// One line of a table.
    Line,
}

/// How much the rows of a box tell.
#[expect(clippy::struct_excessive_bools, reason = "each is granted by itself")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Fit {
    /// Letters of zones.
    pub zones: bool,
    /// `web-2`, not `-2`.
    pub names: bool,
    /// Cells of a gauge.
    pub gauge: u16,
    /// The word of its kind in the title.
    pub kind: bool,
    /// Figures that only a large screen has room for.
    pub long: bool,
    /// Cells by which long names are cut more than usual.
    pub cut: u16,
}

/// Up to that many nodes have a row each.
const ROWS_MAX: usize = 6;
/// Up to that many nodes have a sign each.
const STRIP_MAX: usize = 24;
/// Up to that many without a frame.
const SHORT_STRIP_MAX: usize = 6;
/// Cells of `✗12 ●988`.
const COUNTS: u16 = 9;
/// A sign and a figure of a component that shares a box: ` ● name hit 87.1 %`.
const BEHIND: u16 = 16;
/// Names longer than that are cut where there is little room.
const NAME_MAX: u16 = 12;

/// Cells of a strip: ten to a group, one between groups.
#[must_use]
pub fn strip_width(nodes: usize) -> u16 {
    (nodes + nodes.saturating_sub(1) / 10) as u16
}

/// Which node has its sign there.
pub(super) fn strip_node(x: u16, start: u16) -> Option<usize> {
    let at = x.checked_sub(start)? as usize;
    (at % 11 != 10).then_some(at / 11 * 10 + at % 11)
}

/// Whether its nodes are told apart.
pub(super) fn has_nodes(face: &Face) -> bool {
    matches!(
        face,
        Face::Service { .. } | Face::Workers { .. } | Face::Database { .. } | Face::Failover { .. }
    )
}

/// Rows of a box with a frame. Folded, its nodes share a row.
pub(super) fn framed(picture: &Picture, component: usize, folded: bool, long: bool) -> Vec<Row> {
    let c = &picture.components[component];
    let mut rows = Vec::new();
    if !has_nodes(&c.face) {
        return (0..facts(&c.face) + usize::from(long)).map(Row::Fact).collect();
    }
    let n = c.nodes.len();
    if n <= ROWS_MAX && !folded {
        rows.extend((0..n).map(Row::Node));
    } else {
        rows.push(if n <= STRIP_MAX { Row::Strip { start: 1, nodes: n } } else { Row::Counts });
        rows.push(Row::Worst);
    }
    if matches!(c.face, Face::Database { .. }) {
        rows.extend(long.then_some(Row::Fact(0)));
        rows.extend(watchers(picture, component).map(Row::Annex));
    }
    rows
}

/// The watchers that are drawn with a database.
pub(super) fn watchers(picture: &Picture, component: usize) -> Option<usize> {
    let Face::Database { failover, .. } = picture.components[component].face else { return None };
    failover.filter(|&f| f < picture.components.len() && is_annex(picture, f))
}

/// Rows of a name without a frame.
pub(super) fn frameless(picture: &Picture, component: usize) -> Vec<Row> {
    let c = &picture.components[component];
    let nodes = c.nodes.len();
    let head = if !has_nodes(&c.face) {
        Row::Fact(0)
    } else if nodes <= SHORT_STRIP_MAX {
        Row::Strip { start: name_width(c) + 1, nodes }
    } else {
        Row::Counts
    };
    vec![head, Row::Worst]
}

fn facts(face: &Face) -> usize {
    match face {
        Face::Balancer { .. } => 3,
        _ => 2,
    }
}

/// Cells of a name that is cut where it is too long.
pub(super) fn name_width(c: &Component) -> u16 {
    name_cut(c, Fit::default())
}

/// The same where it may be cut more.
fn name_cut(c: &Component, fit: Fit) -> u16 {
    (crate::tui::widgets::width(&c.name) as u16).min(NAME_MAX - fit.cut.min(NAME_MAX))
}

/// Whether its nodes stand in different zones, so that letters tell something.
pub(super) fn has_zones(c: &Component) -> bool {
    has_nodes(&c.face) && c.nodes.iter().any(|n| n.zone != c.nodes[0].zone)
}

/// The width of a box without a frame.
pub(super) fn frameless_width(c: &Component) -> u16 {
    let n = c.nodes.len();
    let signs = match &c.face {
        face if !has_nodes(face) => 0,
        _ if n <= SHORT_STRIP_MAX => n as u16 + 1,
        _ => COUNTS + 1,
    };
    let figures = match c.face {
        Face::Traffic { .. } | Face::Balancer { .. } => 8,
        Face::Database { .. } | Face::Service { .. } => 10,
        _ => 9,
    };
    (name_width(c) + signs).max(figures)
}

/// The width of a box with a frame, its lines included.
pub(super) fn framed_width(picture: &Picture, component: usize, rows: &[Row], fit: Fit) -> u16 {
    let c = &picture.components[component];
    if let [Row::Behind(_), ..] = rows {
        let name = |row: &Row| match row {
            Row::Behind(b) => name_cut(&picture.components[*b], fit),
            _ => 0,
        };
        return 2 + BEHIND + rows.iter().map(name).max().unwrap_or(0);
    }
    let inner = rows.iter().map(|row| row_width(c, *row, fit)).max().unwrap_or(0);
    2 + inner.max(title_width(c, fit))
}

/// ` name ─`, and what stands at the right.
fn title_width(c: &Component, fit: Fit) -> u16 {
    let note = match (&c.face, fit.long) {
        (Face::Service { .. }, true) => 16,
        (Face::Service { .. }, false) => 9,
        (Face::Database { ack, .. }, _) => ack.len() as u16,
        _ if fit.kind => c.kind.len() as u16,
        _ => return name_cut(c, fit) + 3,
    };
    name_cut(c, fit) + note + 5
}

fn row_width(c: &Component, row: Row, fit: Fit) -> u16 {
    match row {
        Row::Fact(_) => match (&c.face, fit.long) {
            (Face::Traffic { .. }, false) => 9,
            (Face::Database { .. }, _) => 38,
            (Face::Cache { .. }, true) => 20,
            (Face::Balancer { .. }, true) => 18,
            _ => 12,
        },
        Row::Node(_) => node_width(c, fit),
        Row::Strip { start, nodes } => start + strip_width(nodes) + 1,
        Row::Counts => 16,
        Row::Worst => 14,
        // Made to fit.
        Row::Annex(_) | Row::Behind(_) | Row::Line => 0,
    }
}

/// `◆● web-2 b 500/s ■■■■■·· 67%`: a place for the selection, a sign, the name, and the slot.
fn node_width(c: &Component, fit: Fit) -> u16 {
    let zone = if fit.zones && has_zones(c) { 2 } else { 0 };
    let rate = if fit.long && matches!(c.face, Face::Service { .. }) { 8 } else { 0 };
    3 + node_name_width(c, fit) + zone + rate + 1 + slot_width(c, fit)
}

/// Cells of the longest of its nodes' names.
#[must_use]
pub(crate) fn node_name_width(c: &Component, fit: Fit) -> u16 {
    let digits = c.nodes.len().to_string().len() as u16;
    1 + digits + if fit.names { name_cut(c, fit) } else { 0 }
}

/// What stands at the right of a node's row: a gauge, or the words for its state.
#[must_use]
pub(crate) fn slot_width(c: &Component, fit: Fit) -> u16 {
    let gauge = if fit.gauge > 0 { fit.gauge + 1 } else { 0 };
    match c.face {
        Face::Database { .. } => 13 + gauge,
        _ if gauge == 0 => 4,
        _ => 3 + gauge,
    }
}
