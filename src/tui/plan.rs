//! Where everything of the cluster's picture stands: boxes, their rows, and each link's cells.
//!
//! A [`Plan`] is a pure function of the picture's structure and the size; it is made when either
//! changes, and both drawing and the mouse read it. Figures do not move anything: only names, counts
//! of nodes, and which node of a database is used do. All arithmetic is in integers, and what is
//! equal stays in the order of the file.
//!
//! The steps: [`layers`] puts components into columns, [`measure`] says what a box can tell and how
//! large it is, [`stack`] finds rows, [`route`] the cells of links, [`build`] tries richer plans
//! before poorer ones.

mod build;
mod counted;
mod layers;
mod measure;
mod moves;
mod route;
mod stack;

pub use counted::{cut_links, nodes_counted, taps_counted};
pub(crate) use measure::node_name_width;
pub use measure::{Fit, Row, strip_width};
pub use moves::Way;
pub use route::{Leg, Link, Owner, Wire, glyph, is_level, is_upright};

use crate::session::picture::Picture;
use crate::tui::load::Level;
use ratatui::layout::Rect;

/// Something in the picture that can be selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A component, by its index.
    Component(usize),
    /// A node: the index of its component, and its own within it, from 0.
    Node(usize, usize),
    /// Traffic from one component to another, by the index of the flow.
    Link(usize),
    /// The part of a flow that goes to one node: the flow, and the node's index in its target.
    Tap(usize, usize),
    /// A zone, by its index in the topology.
    Zone(usize),
}

/// How the picture is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// What is selected.
    pub selected: Option<Target>,
    /// What a command that is being typed would hit.
    pub hit: Vec<Target>,
    /// How far pulses have moved, in cells: a function of simulated time.
    pub phase: u64,
    /// Whether pulses move; rates are written on links if they do not.
    pub motion: bool,
    /// How fast simulated time runs: slowly enough, and messages are seen one by one.
    pub speed: f64,
    /// The largest rate of the cluster file, per second: the scale of density, fixed in a session.
    pub scale: u64,
    /// How busy each node is called, by component and number: see [`Level`]. Where nothing is said,
    /// its figure says it.
    pub levels: Vec<Vec<Level>>,
}

impl Default for Look {
    fn default() -> Look {
        Look {
            selected: None,
            hit: Vec::new(),
            phase: 0,
            motion: true,
            speed: 1.0,
            scale: 2_000,
            levels: Vec::new(),
        }
    }
}

/// How much a picture tells, from most to least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Detail {
    /// Boxes with all they have: for large screens.
    #[default]
    Wide,
    /// Boxes with what matters.
    Normal,
    /// Names with a strip of their nodes, without frames.
    Strips,
    /// A table with one line for each component.
    Table,
}

/// A component in the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Its index in the picture.
    pub component: usize,
    /// Its layer, from 0 at the left.
    pub layer: usize,
    /// Where it stands, from the upper left corner of the picture.
    pub area: Rect,
    /// Whether it has a frame: its rows then begin one cell further in.
    pub framed: bool,
    /// What its rows show, from the top.
    pub rows: Vec<Row>,
    /// How much its rows tell.
    pub fit: Fit,
    /// Its watchers, where no row of their own tells of them: without a frame.
    pub watchers: Option<usize>,
}

impl Place {
    /// Where a row begins and how long it is, within the frame.
    #[must_use]
    pub fn row(&self, index: usize) -> Rect {
        let inset = u16::from(self.framed);
        let width = self.area.width.saturating_sub(2 * inset);
        Rect::new(self.area.x + inset, self.area.y + inset + index as u16, width, 1)
    }
}

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The size for which it was made: columns and rows.
    pub size: (u16, u16),
    /// How much it tells.
    pub detail: Detail,
    /// Boxes, from layer to layer and from top to bottom.
    pub places: Vec<Place>,
    /// One entry for each flow of the picture; without cells where it is not drawn.
    pub links: Vec<Link>,
    /// The cells of all links, each once, in the order of columns and rows.
    pub wires: Vec<Wire>,
}

impl Plan {
    /// The richest plan, at most `detail`, that fits into columns and rows.
    #[must_use]
    pub fn new(size: (u16, u16), picture: &Picture, detail: Detail) -> Plan {
        build::build(size, picture, detail, false)
    }

    /// The same for a room: what lies behind the deepest trouble shares one box.
    #[must_use]
    pub fn folded(size: (u16, u16), picture: &Picture, detail: Detail) -> Plan {
        build::build(size, picture, detail, true)
    }

    /// Where a component stands; a watcher's is its database's.
    #[must_use]
    pub fn place(&self, component: usize) -> Option<&Place> {
        self.places.iter().find(|p| {
            let own = [Row::Annex(component), Row::Behind(component)];
            p.component == component || p.rows.iter().any(|r| own.contains(r))
        })
    }

    /// The cell of links there.
    #[must_use]
    pub fn wire(&self, x: u16, y: u16) -> Option<&Wire> {
        let at = self.wires.binary_search_by(|w| (w.x, w.y).cmp(&(x, y))).ok()?;
        self.wires.get(at)
    }

    /// What is at a cell, counted from the upper left corner of the picture.
    #[must_use]
    pub fn hit(&self, x: u16, y: u16) -> Option<Target> {
        if let Some(place) = self.places.iter().find(|p| p.area.contains((x, y).into())) {
            return Some(place.hit(x, y));
        }
        let owner = self.wire(x, y)?.owners.first()?;
        Some(match owner.node.filter(|_| owner.leg > 0) {
            Some(node) => Target::Tap(owner.link, node),
            None => Target::Link(owner.link),
        })
    }
}

impl Place {
    fn hit(&self, x: u16, y: u16) -> Target {
        let whole = Target::Component(self.component);
        let Some(index) = y.checked_sub(self.row(0).y) else { return whole };
        let within = x.saturating_sub(self.row(0).x);
        match self.rows.get(index as usize) {
            Some(Row::Node(node)) => Target::Node(self.component, *node),
            Some(Row::Annex(other) | Row::Behind(other)) => Target::Component(*other),
            Some(Row::Strip { start, nodes }) => match measure::strip_node(within, *start) {
                Some(node) if node < *nodes => Target::Node(self.component, node),
                _ => whole,
            },
            _ => whole,
        }
    }
}

#[cfg(test)]
mod tests;
