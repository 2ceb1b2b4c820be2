//! Rows of a draft: how high everything is, where it stands, and where links leave and arrive.

use super::Draft;
use crate::session::picture::{Face, Flow, Node, Picture, Role};
use crate::sim::observation::NodeState;
use crate::tui::plan::Row;
use crate::tui::plan::layers::{Edge, Item, median};
use crate::tui::plan::measure;
use crate::tui::plan::route::{End, Net, tracks};
use crate::tui::plan::stack::{self, Want};

/// A passing link should be straight: its wish counts as much as that of so many boxes.
const PASS_WEIGHT: i32 = 50;

/// A number of rows, which may then be moved above the screen.
fn rows(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX / 4)
}

impl Draft<'_> {
    pub(super) fn height(&self, item: Item) -> i32 {
        match item {
            Item::Box(c) => rows(self.rows[c].len()) + if self.framed { 2 } else { 0 },
            Item::Pass(_) => 1,
        }
    }

    /// Rows that the fullest layer takes.
    fn least(&self, gap: i32) -> i32 {
        let layer = |items: &Vec<Item>| stack::least(items.iter().map(|i| self.height(*i)), gap);
        self.layers.items.iter().map(layer).max().unwrap_or(0)
    }

    /// Finds rows for all items, and tracks for all links.
    pub(super) fn arrange(&mut self) -> bool {
        let rows = i32::from(self.size.1);
        self.too_tall = self.least(0) > rows;
        if self.too_tall {
            return false;
        }
        let gap = i32::from(self.framed && self.least(1) <= rows);
        self.settle(gap, rows);
        self.nets = (0..self.layers.edges.len()).map(|g| self.nets_of(g)).collect();
        self.gutters = self.nets.iter_mut().map(|nets| tracks(nets)).collect();
        true
    }

    /// Upper rows, from layer to layer; the whole then stands in the middle.
    fn settle(&mut self, gap: i32, rows: i32) {
        self.tops.clear();
        for (layer, items) in self.layers.items.iter().enumerate() {
            let wants: Vec<Want> = items.iter().map(|&item| self.want(layer, item)).collect();
            self.tops.push(stack::stack(&wants, gap));
        }
        let heights: Vec<Vec<i32>> =
            self.layers.items.iter().map(|l| l.iter().map(|i| self.height(*i)).collect()).collect();
        let all = || self.tops.iter().zip(&heights).flat_map(|(t, h)| t.iter().zip(h));
        let top = all().map(|(t, _)| *t).min().unwrap_or(0);
        let bottom = all().map(|(t, h)| t + h).max().unwrap_or(0);
        let shift = (rows - (bottom - top)).div_euclid(2) - top;
        for (tops, heights) in self.tops.iter_mut().zip(&heights) {
            for top in tops.iter_mut() {
                *top += shift;
            }
            stack::clamp(tops, heights, gap, rows);
        }
    }

    /// Level with what it is linked to in the layer before.
    fn want(&self, layer: usize, item: Item) -> Want {
        let before = layer.checked_sub(1);
        let edges = before.map_or(&[][..], |b| &self.layers.edges[b]);
        let sources = edges.iter().filter(|e| e.right == item);
        let middle = median(sources.map(|e| self.port(layer - 1, e)).collect());
        let middle = middle.map_or(0, |twice| twice.div_euclid(2));
        let (entry, weight) = match item {
            Item::Box(c) => (self.entry_offset(c), 1),
            Item::Pass(_) => (0, PASS_WEIGHT),
        };
        Want { top: middle - entry, height: self.height(item), weight }
    }

    /// From the top of a box to the row at which links prefer to arrive.
    fn entry_offset(&self, component: usize) -> i32 {
        let frame = i32::from(self.framed);
        let database = matches!(self.picture.components[component].face, Face::Database { .. });
        frame + if database { 0 } else { (self.port_rows(component) - 1) / 2 }
    }

    /// How many rows of a box links may use, from its first.
    fn port_rows(&self, component: usize) -> i32 {
        let usable = self.rows[component].iter().filter(|r| !matches!(r, Row::Annex(_))).count();
        if self.framed { rows(usable.max(1)) } else { 1 }
    }

    pub(super) fn top(&self, layer: usize, item: Item) -> i32 {
        let at = self.layers.items[layer].iter().position(|i| *i == item);
        at.and_then(|i| self.tops.get(layer)?.get(i)).copied().unwrap_or(0)
    }

    /// The row at which a link leaves a layer.
    fn port(&self, layer: usize, edge: &Edge) -> i32 {
        let top = self.top(layer, edge.left);
        let Item::Box(c) = edge.left else { return top };
        let usable = self.port_rows(c);
        let place = |item| self.layers.items[layer + 1].iter().position(|i| *i == item);
        let mut out: Vec<(Option<usize>, usize)> = self.layers.edges[layer]
            .iter()
            .filter(|e| e.left == edge.left)
            .map(|e| (place(e.right), e.flow))
            .collect();
        out.sort_unstable();
        let i = rows(out.iter().position(|(_, f)| *f == edge.flow).unwrap_or(0));
        let n = rows(out.len());
        let row = if n == 1 { (usable - 1) / 2 } else { (2 * i + 1) * usable / (2 * n) };
        top + i32::from(self.framed) + row
    }

    fn nets_of(&self, gutter: usize) -> Vec<Net> {
        let mut nets: Vec<Net> = Vec::new();
        let edges = &self.layers.edges[gutter];
        for edge in edges {
            let row = self.port(gutter, edge);
            let ends = self.ends(gutter + 1, edge, row);
            match nets.iter_mut().find(|n| n.row == row) {
                Some(net) => net.ends.extend(ends),
                None => nets.push(Net { row, ends, track: None }),
            }
        }
        nets
    }

    /// Where a piece of a link arrives, coming from that row.
    fn ends(&self, layer: usize, edge: &Edge, from: i32) -> Vec<End> {
        let top = self.top(layer, edge.right);
        let end = |row, node| End { row, flow: edge.flow, node, to: edge.right, back: edge.back };
        let Item::Box(c) = edge.right else { return vec![end(top, None)] };
        let first = top + i32::from(self.framed);
        let flow = &self.picture.flows[edge.flow];
        let row_of = |node: usize| self.rows[c].iter().position(|r| *r == Row::Node(node));
        let whole = edge.back || self.layers.behind.first() == Some(&c);
        let nodes = if whole { Vec::new() } else { used_nodes(self.picture, flow) };
        let used: Vec<(i32, usize)> = nodes
            .into_iter()
            .filter_map(|node| Some((first + rows(row_of(node)?), node)))
            .collect();
        match used[..] {
            [] if self.framed => {
                let rows = self.port_rows(c);
                vec![end(self.entry(layer, edge, from, first, rows), None)]
            }
            [] => vec![end(first, None)],
            [(row, node)] => vec![end(row, Some(node))],
            _ => used.into_iter().map(|(row, node)| end(row, Some(node))).collect(),
        }
    }

    /// The row at which links into a box meet: as level as it can be with the uppermost of them.
    fn entry(&self, layer: usize, edge: &Edge, from: i32, first: i32, rows: i32) -> i32 {
        let others = self.layers.edges[layer - 1].iter().filter(|e| e.right == edge.right);
        let upper = others.map(|e| self.port(layer - 1, e)).min().unwrap_or(from);
        upper.clamp(first, first + rows - 1)
    }
}

/// The nodes to which a flow is drawn: all backends of a balancer; of a database those that are
/// primary, or are to be; else none in particular.
pub(in crate::tui::plan) fn used_nodes(picture: &Picture, flow: &Flow) -> Vec<usize> {
    let (Some(from), Some(to)) =
        (picture.components.get(flow.from), picture.components.get(flow.to))
    else {
        return Vec::new();
    };
    match (&from.face, &to.face) {
        (Face::Balancer { .. }, _) if measure::has_nodes(&to.face) => (0..to.nodes.len()).collect(),
        (_, Face::Database { .. }) => {
            let promoting = to.nodes.iter().any(|n| matches!(n.role, Some(Role::Promoting(_))));
            let used = |(i, n): (usize, &Node)| {
                let up = n.state == NodeState::Up;
                let takes = match n.role {
                    Some(Role::Primary) => up || !promoting,
                    Some(Role::Promoting(_)) => true,
                    _ => false,
                };
                takes.then_some(i)
            };
            let found: Vec<usize> = to.nodes.iter().enumerate().filter_map(used).collect();
            if !found.is_empty() {
                return found;
            }
            let busiest = flow.taps.iter().enumerate().rev().max_by_key(|(_, t)| t.ok + t.failed);
            vec![busiest.map_or(0, |(i, _)| i).min(to.nodes.len().saturating_sub(1))]
        }
        _ => Vec::new(),
    }
}
