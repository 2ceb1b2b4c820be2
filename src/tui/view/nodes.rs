//! A table of all nodes that serve: what they use of what they have. For large screens.

use super::node::{has_unlimited_cores, of_limit, state, symbol};
use super::text::Line;
use crate::session::picture::{Component, Face, Node, Picture};
use crate::tui::format::{busy, count, figure};
use crate::tui::load::{self, serves};
use crate::tui::theme::Role;
use crate::tui::widgets::bar;

/// Columns: name, state, cpu, threads, backlog, in flight, rate, failed.
const COLUMNS: usize = 8;

/// Their least widths: with usual figures columns stand still.
const LEAST: [usize; COLUMNS] = [14, 22, 14, 11, 11, 9, 8, 6];

/// Cells between two columns.
const GAP: usize = 2;

/// A row of cells.
type Row = [Line; COLUMNS];

/// The head and a line for each node, in file order.
#[must_use]
pub fn nodes(picture: &Picture) -> Vec<Line> {
    let heads = ["node", "state", "cpu", "threads", "backlog", "in hand", "per s", "failed"];
    let served = picture
        .components
        .iter()
        .filter(|c| !matches!(c.face, Face::Traffic { .. } | Face::Failover { .. }));
    let rows = served.flat_map(|c| c.nodes.iter().map(|n| row(c, n, picture)));
    aligned(std::iter::once(heads.map(Line::dim)).chain(rows).collect())
}

/// Rows with their columns under each other: each as wide as its widest cell, and a gap.
fn aligned(rows: Vec<Row>) -> Vec<Line> {
    let mut widths = LEAST;
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width() + GAP);
        }
    }
    let line = |row: Row| {
        let cells = row.into_iter().zip(widths);
        cells.fold(Line::empty(), |line, (cell, width)| line.then(cell.padded(width)))
    };
    rows.into_iter().map(line).collect()
}

fn row(component: &Component, node: &Node, picture: &Picture) -> Row {
    let (glyph, role) = symbol(node);
    let name = Line::of(role, format!("{glyph} ")).with(Role::Text, node.name.to_string());
    [
        name,
        short_state(node, picture),
        cpu(component, node),
        limited(node.threads),
        limited(node.backlog),
        Line::text(count(node.in_flight)),
        Line::text(figure(node.rate)),
        failed(node),
    ]
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
    if has_unlimited_cores(component) {
        return Line::dim("unlimited");
    }
    let (on, off) = bar(node.utilisation, 7);
    let role = load::busy(node.utilisation, Role::NodeOk);
    Line::of(role, on).with(Role::Dim, off).with(Role::Text, format!(" {}", busy(node.utilisation)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::picture::{Origin, Setting};
    use crate::sim::observation::NodeState;
    use crate::tui::example;

    #[test]
    fn columns_never_touch_and_stay_under_each_other() {
        let mut picture = example::servers(3);
        let node = &mut picture.components[example::WEB].nodes[1];
        node.name = "a-name-longer-than-its-column-2".into();
        node.state = NodeState::Booting(picture.now + 100_000_000_000);
        (node.threads, node.backlog) = (Some((60_000, Some(64_000))), Some((1, Some(100_000))));
        let table: Vec<String> = nodes(&picture).iter().map(Line::plain).collect();
        let cell = |line: &str| line.chars().collect::<Vec<_>>();
        // Where a column begins in the head, every row has a gap before it.
        let head = cell(&table[0]);
        let begins = (2..head.len()).filter(|i| head[i - 1] == ' ' && head[*i] != ' ');
        let starts: Vec<usize> = begins.filter(|i| head[i - 2] == ' ').collect();
        assert_eq!(starts.len(), COLUMNS - 1, "{}", table[0]);
        for line in &table {
            let line = cell(line);
            for start in &starts {
                assert!(line[start - 1] == ' ' && line[start - 2] == ' ', "{table:#?}");
                assert!(line[*start] != ' ', "{table:#?}");
            }
        }
    }

    #[test]
    fn cores_without_a_limit_have_a_word_and_no_empty_gauge() {
        let mut picture = example::servers(1);
        let web = &mut picture.components[example::WEB];
        let cores = |value: &str| Setting {
            name: "cores",
            value: value.into(),
            live: true,
            file: "4".into(),
            origin: Origin::Set,
        };
        web.settings = vec![cores("4")].into();
        assert!(!has_unlimited_cores(web));
        web.settings = vec![cores("unlimited")].into();
        assert!(has_unlimited_cores(web));
        let table: Vec<String> = nodes(&picture).iter().map(Line::plain).collect();
        let row = table.iter().find(|line| line.contains("unlimited")).unwrap();
        assert!(!row.contains('%'), "{row}");
        let web = &picture.components[example::WEB];
        let told = crate::tui::view::node::sentence(web, &web.nodes[0], picture.now).plain();
        assert!(told.contains("unlimited cores") && !told.contains('%'), "{told}");
    }
}
