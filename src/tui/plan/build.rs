//! Tries plans from the richest to the poorest until one fits.
//!
//! Too wide: kind words, long gauges, names of nodes, gauges and letters of zones are what the
//! spare columns of the gutters can pay for, in the reverse order. Too tall: gaps go, then the
//! component with most rows is folded. Then frames go, and at last the picture becomes a table.

mod levels;

pub(super) use levels::used_nodes;

use super::layers::{Item, Layers, is_annex, is_in_trouble, layers};
use super::measure::{self, Fit, Row};
use super::route::{Extent, Net, Router};
use super::{Detail, Place, Plan};
use crate::session::picture::{Face, Picture};
use ratatui::layout::Rect;

/// Cells that long names lose before frames go.
const NAME_CUT: u16 = 4;
/// Widest gutter; what is left over then stands at both sides.
const GUTTER_MAX: u16 = 16;

pub(super) fn build(size: (u16, u16), picture: &Picture, detail: Detail, fold: bool) -> Plan {
    let layers = layers(picture, fold);
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
    // Without frames there is no box that several could share.
    if fold {
        return build(size, picture, detail, false);
    }
    if detail <= Detail::Strips && (draft.frameless(false) || draft.frameless(true)) {
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
    let annexes = (0..picture.components.len()).filter(|&c| is_annex(picture, c));
    let last = layers.items.len().saturating_sub(1);
    let all = boxes.chain(annexes.map(|c| (last, c)));
    let all: Vec<(usize, usize)> = all.collect();
    // The last row tells how many more there are.
    let rows = usize::from(size.1.saturating_sub(1));
    let shown = if all.len() > rows { rows.saturating_sub(1) } else { rows };
    let mut kept = all;
    while kept.len() > shown {
        // What is in trouble is in view, whatever else is not.
        let well = |(_, c): &(usize, usize)| !is_in_trouble(&picture.components[*c]);
        let last = kept.iter().rposition(well).unwrap_or(kept.len() - 1);
        kept.remove(last);
    }
    let places = kept.into_iter().zip(1..size.1).map(|((layer, component), y)| Place {
        component,
        layer,
        area: Rect::new(0, y, size.0, 1),
        framed: false,
        rows: vec![Row::Line],
        fit: Fit::default(),
        watchers: None,
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
            self.rows[c] = match self.layers.behind.first() {
                Some(first) if *first == c => {
                    self.layers.behind.iter().map(|b| Row::Behind(*b)).collect()
                }
                _ => measure::framed(self.picture, c, self.folded[c], long),
            };
            self.fits[c] = Fit { long, ..Fit::default() };
        }
        self.arrange() && self.spread()
    }

    /// Names with strips; `bare` without the figure below each.
    fn frameless(&mut self, bare: bool) -> bool {
        self.framed = false;
        for c in 0..self.picture.components.len() {
            self.rows[c] = measure::frameless(self.picture, c);
            self.rows[c].truncate(if bare { 1 } else { 2 });
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

    /// Widths: the least, and what the spare columns can pay for. False if it is too wide.
    fn spread(&mut self) -> bool {
        if self.framed && self.total() > self.size.0 {
            // Rather than all frames a piece of the names goes.
            self.fits.iter_mut().for_each(|fit| fit.cut = NAME_CUT);
        }
        if self.total() > self.size.0 {
            return false;
        }
        if self.framed {
            self.pay(|_| true, |fit| fit.cut = 0);
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
                measure::framed_width(self.picture, *c, &self.rows[*c], self.fits[*c])
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
        let (mut links, mut wires) = router.finish();
        for &(twin, of) in &self.layers.twins {
            let legs = links[of].legs.clone();
            links[twin].legs = legs;
            for wire in &mut wires {
                let own = wire.owners.iter().find(|o| o.link == of).copied();
                wire.owners.extend(own.map(|o| super::route::Owner { link: twin, ..o }));
            }
        }
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
            watchers: (!self.framed).then(|| measure::watchers(self.picture, component)).flatten(),
        }
    }
}
