//! Tries plans from the richest to the poorest until one fits.
//!
//! Too wide: kind words, long gauges, names of nodes, gauges and letters of zones are what the
//! spare columns of the gutters can pay for, in the reverse order. Too tall: gaps go, then the
//! component with most rows is folded. Then frames go, and at last the picture becomes a table.

use super::layers::{Edge, Item, Layers, layers, median};
use super::measure::{self, Fit, Row};
use super::route::{End, Extent, Net, Router, tracks};
use super::stack::{self, Want};
use super::{Detail, Place, Plan};
use crate::session::picture::{Face, Flow, Picture, Role};
use crate::sim::observation::NodeState;
use ratatui::layout::Rect;

/// A passing link should be straight: its wish counts as much as that of so many boxes.
const PASS_WEIGHT: i32 = 50;
/// Widest gutter; what is left over then stands at both sides.
const GUTTER_MAX: u16 = 16;

pub(super) fn build(size: (u16, u16), picture: &Picture, detail: Detail) -> Plan {
    let layers = layers(picture);
    let mut draft = Draft::new(size, picture, &layers);
    if detail == Detail::Wide && draft.framed(true) {
        return draft.finish(Detail::Wide);
    }
    if detail <= Detail::Normal {
        loop {
            if draft.framed(false) {
                return draft.finish(Detail::Normal);
            }
            if !draft.too_tall || !draft.fold() {
                break;
            }
        }
    }
    if detail <= Detail::Strips && draft.frameless() {
        return draft.finish(Detail::Strips);
    }
    table(size, picture, &layers)
}

/// One line for each component, in the order of layers.
fn table(size: (u16, u16), picture: &Picture, layers: &Layers) -> Plan {
    let boxes = layers.items.iter().enumerate().flat_map(|(layer, items)| {
        items.iter().filter_map(move |item| match item {
            Item::Box(c) => Some((layer, *c)),
            Item::Pass(_) => None,
        })
    });
    let annexes = (0..picture.components.len()).filter(|&c| super::layers::is_annex(picture, c));
    let last = layers.items.len().saturating_sub(1);
    let all = boxes.chain(annexes.map(|c| (last, c)));
    let places = all.zip(1..size.1).map(|((layer, component), y)| Place {
        component,
        layer,
        area: Rect::new(0, y, size.0, 1),
        framed: false,
        rows: vec![Row::Line],
        fit: Fit::default(),
    });
    Plan {
        size,
        detail: Detail::Table,
        places: places.collect(),
        links: Vec::new(),
        wires: Vec::new(),
    }
}

/// A plan that is being made.
struct Draft<'a> {
    size: (u16, u16),
    picture: &'a Picture,
    layers: &'a Layers,
    folded: Vec<bool>,
    /// Whether the last attempt failed for want of rows.
    too_tall: bool,
    framed: bool,
    /// By component.
    rows: Vec<Vec<Row>>,
    fits: Vec<Fit>,
    /// Upper rows by layer and item.
    tops: Vec<Vec<i32>>,
    /// By gutter.
    nets: Vec<Vec<Net>>,
    gutters: Vec<u16>,
    columns: Vec<u16>,
}

impl<'a> Draft<'a> {
    fn new(size: (u16, u16), picture: &'a Picture, layers: &'a Layers) -> Draft<'a> {
        let n = picture.components.len();
        Draft {
            size,
            picture,
            layers,
            folded: vec![false; n],
            too_tall: false,
            framed: true,
            rows: vec![Vec::new(); n],
            fits: vec![Fit::default(); n],
            tops: Vec::new(),
            nets: Vec::new(),
            gutters: Vec::new(),
            columns: Vec::new(),
        }
    }

    /// Boxes with frames; `long` with all they have. False if it does not fit.
    fn framed(&mut self, long: bool) -> bool {
        self.framed = true;
        for c in 0..self.picture.components.len() {
            self.rows[c] = measure::framed(self.picture, c, self.folded[c], long);
            self.fits[c] = Fit { long, ..Fit::default() };
        }
        self.arrange() && self.spread()
    }

    fn frameless(&mut self) -> bool {
        self.framed = false;
        for c in 0..self.picture.components.len() {
            self.rows[c] = measure::frameless(self.picture, c);
            self.fits[c] = Fit::default();
        }
        self.arrange() && self.spread()
    }

    /// Folds the component with most rows; false if there is none left to fold.
    fn fold(&mut self) -> bool {
        let nodes = |c: &usize| self.rows[*c].iter().filter(|r| matches!(r, Row::Node(_))).count();
        let open = (0..self.rows.len()).rev().filter(|c| !self.folded[*c] && nodes(c) > 2);
        let Some(most) = open.max_by_key(nodes) else { return false };
        self.folded[most] = true;
        true
    }

    fn height(&self, item: Item) -> i32 {
        match item {
            Item::Box(c) => self.rows[c].len() as i32 + if self.framed { 2 } else { 0 },
            Item::Pass(_) => 1,
        }
    }

    /// Rows that the fullest layer takes.
    fn least(&self, gap: i32) -> i32 {
        let layer = |items: &Vec<Item>| stack::least(items.iter().map(|i| self.height(*i)), gap);
        self.layers.items.iter().map(layer).max().unwrap_or(0)
    }

    /// Finds rows for all items, and tracks for all links.
    fn arrange(&mut self) -> bool {
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
        // Doubled and moved so that no row is negative: medians are of counts.
        let rows = sources.map(|e| (self.port(layer - 1, e) + 10_000) as usize).collect();
        let middle = median(rows).map_or(0, |m| m as i32 / 2 - 10_000);
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
        let rows = &self.rows[component];
        let usable = rows.iter().filter(|r| !matches!(r, Row::Annex(_))).count();
        if self.framed { usable.max(1) as i32 } else { 1 }
    }

    fn top(&self, layer: usize, item: Item) -> i32 {
        let at = self.layers.items[layer].iter().position(|i| *i == item);
        at.and_then(|i| self.tops.get(layer)?.get(i)).copied().unwrap_or(0)
    }

    /// The row at which a link leaves a layer.
    fn port(&self, layer: usize, edge: &Edge) -> i32 {
        let top = self.top(layer, edge.left);
        let Item::Box(c) = edge.left else { return top };
        let rows = self.port_rows(c);
        let place = |item| self.layers.items[layer + 1].iter().position(|i| *i == item);
        let mut out: Vec<(Option<usize>, usize)> = self.layers.edges[layer]
            .iter()
            .filter(|e| e.left == edge.left)
            .map(|e| (place(e.right), e.flow))
            .collect();
        out.sort_unstable();
        let i = out.iter().position(|(_, f)| *f == edge.flow).unwrap_or(0) as i32;
        let n = out.len() as i32;
        let row = if n == 1 { (rows - 1) / 2 } else { (2 * i + 1) * rows / (2 * n) };
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
        let end = |row, node| End { row, flow: edge.flow, node, to: edge.right };
        let Item::Box(c) = edge.right else { return vec![end(top, None)] };
        let first = top + i32::from(self.framed);
        let flow = &self.picture.flows[edge.flow];
        let row_of = |node: usize| self.rows[c].iter().position(|r| *r == Row::Node(node));
        let used: Vec<(i32, usize)> = used_nodes(self.picture, flow)
            .into_iter()
            .filter_map(|node| Some((first + row_of(node)? as i32, node)))
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

    /// Widths: the least, and what the spare columns can pay for. False if it is too wide.
    fn spread(&mut self) -> bool {
        if self.total() > self.size.0 {
            return false;
        }
        if self.framed {
            self.enrich();
        }
        self.columns = self.widths();
        let mut spare = self.size.0.saturating_sub(self.total());
        while spare > 0 && self.gutters.iter().any(|g| *g < GUTTER_MAX) {
            // From right to left, so that remainders go to the right.
            for gutter in self.gutters.iter_mut().rev().filter(|g| **g < GUTTER_MAX) {
                if spare > 0 {
                    *gutter += 1;
                    spare -= 1;
                }
            }
        }
        true
    }

    fn widths(&self) -> Vec<u16> {
        let width = |item: &Item| match item {
            Item::Box(c) if self.framed => {
                measure::framed_width(&self.picture.components[*c], &self.rows[*c], self.fits[*c])
            }
            Item::Box(c) => measure::frameless_width(&self.picture.components[*c]),
            Item::Pass(_) => 1,
        };
        self.layers.items.iter().map(|items| items.iter().map(width).max().unwrap_or(0)).collect()
    }

    fn total(&self) -> u16 {
        // Without frames the first column needs a place for the sign of the selection.
        self.widths().iter().chain(&self.gutters).sum::<u16>() + u16::from(!self.framed)
    }

    /// Pays for what boxes can tell, the most telling first, as long as there is room.
    fn enrich(&mut self) {
        let servers = |face: &Face| matches!(face, Face::Service { .. });
        let nodes = |face: &Face| measure::has_nodes(face);
        let any = |_: &Face| true;
        self.pay(any, |fit| fit.zones = true);
        self.pay(servers, |fit| fit.gauge = 3);
        self.pay(servers, |fit| fit.names = true);
        for _ in 3..7 {
            self.pay(servers, |fit| fit.gauge += 1);
        }
        self.pay(nodes, |fit| fit.gauge = fit.gauge.max(3));
        self.pay(nodes, |fit| fit.names = true);
        for gauge in 4..8 {
            self.pay(nodes, |fit| fit.gauge = fit.gauge.max(gauge));
        }
        self.pay(any, |fit| fit.kind = true);
        if self.fits.iter().any(|fit| fit.long) {
            for gauge in 8..17 {
                self.pay(servers, |fit| fit.gauge = fit.gauge.max(gauge));
            }
        }
    }

    /// Grants something to each component of a kind for which there is room.
    fn pay(&mut self, whom: impl Fn(&Face) -> bool, grant: impl Fn(&mut Fit)) {
        for c in 0..self.fits.len() {
            if !whom(&self.picture.components[c].face) {
                continue;
            }
            let before = self.fits[c];
            grant(&mut self.fits[c]);
            if self.total() > self.size.0 {
                self.fits[c] = before;
            }
        }
    }

    /// Places and cells from widths and rows.
    fn finish(self, detail: Detail) -> Plan {
        let spare = self.size.0.saturating_sub(self.columns.iter().chain(&self.gutters).sum());
        let mut x = if self.framed { spare / 2 } else { 1 };
        let mut places = Vec::new();
        let mut router = Router::new(self.picture.flows.len());
        let mut net = 0;
        for (layer, items) in self.layers.items.iter().enumerate() {
            let column = Extent { x, width: self.columns[layer] };
            for &item in items {
                match item {
                    Item::Box(c) => places.push(self.placed(layer, c, column)),
                    Item::Pass(flow) => {
                        router.pass(net, flow, self.top(layer, item), column);
                        net += 1;
                    }
                }
            }
            x += column.width;
            let Some(&width) = self.gutters.get(layer) else { break };
            for cells in &self.nets[layer] {
                router.gutter(net, cells, Extent { x, width });
                net += 1;
            }
            x += width;
        }
        let (links, wires) = router.finish();
        Plan { size: self.size, detail, places, links, wires }
    }

    fn placed(&self, layer: usize, component: usize, column: Extent) -> Place {
        let item = Item::Box(component);
        let (top, height) = (self.top(layer, item), self.height(item));
        Place {
            component,
            layer,
            area: Rect::new(column.x, top as u16, column.width, height as u16),
            framed: self.framed,
            rows: self.rows[component].clone(),
            fit: self.fits[component],
        }
    }
}

/// The nodes to which a flow is drawn: all backends of a balancer; of a database those that are
/// primary, or are to be; else none in particular.
fn used_nodes(picture: &Picture, flow: &Flow) -> Vec<usize> {
    let (Some(from), Some(to)) =
        (picture.components.get(flow.from), picture.components.get(flow.to))
    else {
        return Vec::new();
    };
    match (&from.face, &to.face) {
        (Face::Balancer { .. }, _) if measure::has_nodes(&to.face) => (0..to.nodes.len()).collect(),
        (_, Face::Database { .. }) => {
            let promoting = to.nodes.iter().any(|n| matches!(n.role, Some(Role::Promoting(_))));
            let used = |(i, n): (usize, &crate::session::picture::Node)| {
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
