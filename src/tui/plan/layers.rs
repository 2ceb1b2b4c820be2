//! Columns: which component stands in which layer, and in which order within it.
//!
//! Layers are longest paths from the first sources; order is by medians (Eades and Wormald, "Edge
//! crossings in drawings of bipartite graphs", 1994; Sugiyama's method, 1981). The order with the
//! fewest crossings of a fixed number of sweeps is taken.

use crate::session::picture::{Component, Face, Flow, Node, Picture};
use crate::sim::observation::NodeState;
use std::ops::Add;

/// Something that takes rows of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    /// A component, by index.
    Box(usize),
    /// A link that only passes through, by index of the flow.
    Pass(usize),
}

/// A piece of a link between two neighbouring layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub flow: usize,
    pub left: Item,
    pub right: Item,
    /// Whether its flow goes from right to left: it closes a circle.
    pub back: bool,
}

/// Components and passing links by layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layers {
    /// Items of each layer, from top to bottom.
    pub items: Vec<Vec<Item>>,
    /// Edges from each layer to the next.
    pub edges: Vec<Vec<Edge>>,
    /// Components that share the box of the first of them; empty if none do.
    pub behind: Vec<usize>,
    /// Flows that run as another does, because their boxes are the same: each with that other.
    pub twins: Vec<(usize, usize)>,
}

const SWEEPS: usize = 4;

/// Whether a component is drawn in the box of its database.
pub(super) fn is_annex(picture: &Picture, component: usize) -> bool {
    match picture.components[component].face {
        Face::Failover { of, .. } => picture.components.get(of).is_some_and(
            |c| matches!(c.face, Face::Database { failover, .. } if failover == Some(component)),
        ),
        _ => false,
    }
}

/// `fold`: whether what lies behind the deepest layer that is in trouble shares one box.
pub(super) fn layers(picture: &Picture, fold: bool) -> Layers {
    let mut of = ranks(picture);
    let behind = if fold { fold_behind(picture, &mut of) } else { Vec::new() };
    let mut layers = populate(picture, &of, behind);
    let mut best = (crossings(&layers), layers.clone());
    for sweep in 0..SWEEPS {
        sweep_once(&mut layers, sweep % 2 == 0);
        let now = crossings(&layers);
        if now < best.0 {
            best = (now, layers.clone());
        }
    }
    best.1
}

/// The layer of each component; `None` if it has no box of its own.
fn ranks(picture: &Picture) -> Vec<Option<usize>> {
    let n = picture.components.len();
    let mut of: Vec<Option<usize>> = (0..n).map(|c| (!is_annex(picture, c)).then_some(0)).collect();
    let forward = forward_edges(picture);
    for _ in 0..n {
        for &(from, to) in &forward {
            if let (Some(a), Some(b)) = (of[from], of[to]) {
                of[to] = Some(b.max(a + 1));
            }
        }
    }
    let last = of.iter().flatten().max().copied().unwrap_or(0);
    for (c, layer) in of.iter_mut().enumerate() {
        let alone = picture.flows.iter().all(|f| f.from != c && f.to != c);
        *layer = layer.map(|l| if alone { last } else { l });
    }
    of
}

/// The layer up to which nothing is ever folded: users, their balancer, and their servers.
const KEPT: usize = 2;

/// Whether a node of it is not there or slow, its nodes do not all hear each other, its workers are stuck,
/// or its writes have not one primary.
pub(super) fn is_in_trouble(component: &Component) -> bool {
    let own = match component.face {
        Face::Database { primaries, .. } => primaries != 1,
        Face::Workers { stuck, .. } => stuck,
        _ => false,
    };
    let ill = |n: &Node| n.state != NodeState::Up || n.slow > 1.0 || n.side > 0;
    own || component.nodes.iter().any(ill)
}

/// Puts all components behind the deepest that is in trouble into one layer, and names them in the
/// order of their layers; none if there would be only one.
fn fold_behind(picture: &Picture, of: &mut [Option<usize>]) -> Vec<usize> {
    let troubled = |c: usize| {
        let failing = |f: &Flow| f.to == c && (f.failed > 0 || f.taps.iter().any(|t| t.cut > 0));
        is_in_trouble(&picture.components[c]) || picture.flows.iter().any(failing)
    };
    // Watchers stand where their database does.
    let layer = |c: usize| match picture.components[c].face {
        Face::Failover { of: database, .. } if is_annex(picture, c) => of[database],
        _ => of[c],
    };
    let deepest = (0..of.len()).filter(|c| troubled(*c)).filter_map(layer).max();
    let last = deepest.unwrap_or(0).max(KEPT);
    let mut behind: Vec<usize> =
        (0..of.len()).filter(|c| of[*c].is_some_and(|layer| layer > last)).collect();
    behind.sort_by_key(|c| of[*c]);
    if behind.len() < 2 {
        return Vec::new();
    }
    for &c in &behind {
        of[c] = Some(last + 1);
    }
    behind
}

/// Flows without those that close a cycle, found depth first in file order.
fn forward_edges(picture: &Picture) -> Vec<(usize, usize)> {
    let n = picture.components.len();
    let mut state = vec![0u8; n];
    let mut forward = Vec::new();
    for root in 0..n {
        // (component, next flow to look at)
        let mut path = if state[root] == 0 { vec![(root, 0)] } else { Vec::new() };
        state[root] = state[root].max(1);
        while let Some((c, next)) = path.last_mut() {
            let c = *c;
            let found = picture.flows.iter().enumerate().skip(*next).find(|(_, f)| f.from == c);
            let Some((i, flow)) = found else {
                state[c] = 2;
                path.pop();
                continue;
            };
            *next = i + 1;
            if flow.to >= n || state[flow.to] == 1 {
                continue;
            }
            forward.push((c, flow.to));
            if state[flow.to] == 0 {
                state[flow.to] = 1;
                path.push((flow.to, 0));
            }
        }
    }
    forward
}

fn populate(picture: &Picture, of: &[Option<usize>], behind: Vec<usize>) -> Layers {
    // Whose box a component is in.
    let home = |c: usize| if behind.contains(&c) { behind[0] } else { c };
    let count = of.iter().flatten().max().map_or(0, |m| m + 1);
    let mut items = vec![Vec::new(); count];
    for (c, layer) in of.iter().enumerate() {
        if let Some(layer) = layer.filter(|_| home(c) == c) {
            items[layer].push((c, Item::Box(c)));
        }
    }
    let mut edges = vec![Vec::new(); count.saturating_sub(1)];
    let mut twins = Vec::new();
    for (i, flow) in picture.flows.iter().enumerate() {
        let rank = |c: usize| of.get(c).copied().flatten();
        let (Some(a), Some(b)) = (rank(flow.from), rank(flow.to)) else { continue };
        let ends = (home(flow.from), home(flow.to));
        let same = |(_, f): &(usize, &Flow)| (home(f.from), home(f.to)) == ends;
        let first = picture.flows.iter().enumerate().find(same).map_or(i, |(first, _)| first);
        if first != i {
            twins.push((i, first));
            continue;
        }
        // What closes a circle runs the other way round, and has its arrow at the left.
        let back = a > b;
        let ((a, from), (b, to)) =
            if back { ((b, ends.1), (a, ends.0)) } else { ((a, ends.0), (b, ends.1)) };
        for layer in a..b {
            let left = if layer == a { Item::Box(from) } else { Item::Pass(i) };
            let right = if layer + 1 == b { Item::Box(to) } else { Item::Pass(i) };
            edges[layer].push(Edge { flow: i, left, right, back });
            if right == Item::Pass(i) {
                items[layer + 1].push((to, right));
            }
        }
    }
    // In the order of the file: a passing link stands where its target would.
    let sorted = items.into_iter().map(|mut layer| {
        layer.sort();
        layer.into_iter().map(|(_, item)| item).collect()
    });
    let mut layers = Layers { items: sorted.collect(), edges, behind, twins };
    sweep_once(&mut layers, true);
    layers
}

/// Sorts each layer by the medians of its neighbours in the layer before (`down`) or after.
fn sweep_once(layers: &mut Layers, down: bool) {
    let n = layers.items.len();
    for step in 1..n {
        let layer = if down { step } else { n - 1 - step };
        let beside = if down { layer - 1 } else { layer + 1 };
        let edges = &layers.edges[layer.min(beside)];
        let fixed = &layers.items[beside];
        let place = |item: Item| fixed.iter().position(|&i| i == item);
        let key = |now: usize, item: Item| {
            let near = edges.iter().filter_map(|e| match down {
                true if e.right == item => place(e.left),
                false if e.left == item => place(e.right),
                _ => None,
            });
            median(near.collect()).unwrap_or(2 * now)
        };
        let mut keyed: Vec<(usize, Item)> =
            layers.items[layer].iter().enumerate().map(|(i, &item)| (key(i, item), item)).collect();
        keyed.sort_by_key(|(key, _)| *key);
        layers.items[layer] = keyed.into_iter().map(|(_, item)| item).collect();
    }
}

/// Twice the median.
pub(super) fn median<T: Ord + Copy + Add<Output = T>>(mut of: Vec<T>) -> Option<T> {
    of.sort_unstable();
    let n = of.len();
    (n > 0).then(|| of[(n - 1) / 2] + of[n / 2])
}

fn crossings(layers: &Layers) -> usize {
    let mut count = 0;
    for (i, edges) in layers.edges.iter().enumerate() {
        let at = |layer: usize, item| layers.items[layer].iter().position(|&x| x == item);
        let ends: Vec<_> = edges.iter().map(|e| (at(i, e.left), at(i + 1, e.right))).collect();
        for (k, a) in ends.iter().enumerate() {
            count += ends[..k]
                .iter()
                .filter(|b| (a.0 < b.0 && a.1 > b.1) || (a.0 > b.0 && a.1 < b.1))
                .count();
        }
    }
    count
}
