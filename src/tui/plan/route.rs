//! Links: tracks in the gutters, and the cells of each link.
//!
//! What leaves one port is one *net*. A net runs level from its port to its track, along the track,
//! and level again to each of its ends. Nets take the first track with the fewest crossings on which
//! they share no cell with another, but for the level run into one and the same end.

use super::layers::Item;
use std::collections::BTreeMap;

/// Directions in which a link leaves a cell.
pub(crate) const NORTH: u8 = 1;
pub(crate) const EAST: u8 = 2;
pub(crate) const SOUTH: u8 = 4;
pub(crate) const WEST: u8 = 8;

/// A link of the picture.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Link {
    /// The index of its flow.
    pub flow: usize,
    /// Its pieces: first what all of its traffic runs along, then one for each node it forks to.
    pub legs: Vec<Leg>,
}

/// A piece of a link.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Leg {
    /// The node to which it leads; `None` where it forks, or leads to no node in particular.
    pub node: Option<usize>,
    /// Cells in the order in which a message passes them: column, row, distance from the source.
    pub cells: Vec<(u16, u16, u16)>,
}

impl Leg {
    /// The same cells from the other end.
    fn turn_round(&mut self) {
        self.cells.reverse();
        for (at, cell) in (0..).zip(&mut self.cells) {
            cell.2 = at;
        }
    }
}

/// A cell through which links run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// Its column.
    pub x: u16,
    /// Its row.
    pub y: u16,
    /// In which directions it is open.
    pub open: u8,
    /// Whether it is the head of an arrow.
    pub arrow: bool,
    /// Whether that points to the left: the link closes a circle.
    pub back: bool,
    /// Whose traffic is seen in it.
    pub owners: Vec<Owner>,
}

/// Whose traffic is seen in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The link.
    pub link: usize,
    /// Its piece.
    pub leg: usize,
    /// The node to which the piece leads.
    pub node: Option<usize>,
    /// Distance from the source, in cells.
    pub at: u16,
}

/// Where a net ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub row: i32,
    pub flow: usize,
    pub node: Option<usize>,
    pub to: Item,
    /// Whether the flow goes from here to the port.
    pub back: bool,
}

/// What leaves one port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Net {
    pub row: i32,
    pub ends: Vec<End>,
    pub track: Option<usize>,
}

impl Net {
    fn span(&self) -> (i32, i32) {
        let rows = || self.ends.iter().map(|e| e.row).chain([self.row]);
        (rows().min().unwrap_or(self.row), rows().max().unwrap_or(self.row))
    }

    fn straight(&self) -> bool {
        self.ends.iter().all(|e| e.row == self.row)
    }

    fn ends_at(&self, row: i32) -> bool {
        self.ends.iter().any(|e| e.row == row)
    }

    /// Whether one of its links has several ends.
    fn forks(&self) -> bool {
        self.ends.iter().enumerate().any(|(i, a)| self.ends[..i].iter().any(|b| a.flow == b.flow))
    }
}

/// Gives each net of a gutter its track, and says how many cells the gutter needs.
pub(super) fn tracks(nets: &mut [Net]) -> u16 {
    let mut count = 0;
    let mut placed: Vec<usize> = Vec::new();
    for i in sequence(nets) {
        let free =
            (0..=count).filter(|&t| placed.iter().all(|&p| !conflict(&nets[i], t, &nets[p])));
        let track = free.min_by_key(|&t| {
            placed.iter().map(|&p| crossings(&nets[i], t, &nets[p])).sum::<usize>()
        });
        let track = track.unwrap_or(count);
        nets[i].track = Some(track);
        count = count.max(track + 1);
        placed.push(i);
    }
    let fork = u16::from(nets.iter().any(Net::forks) || merges(nets));
    2 + (count as u16).max(u16::from(count == 0)) + fork
}

fn merges(nets: &[Net]) -> bool {
    nets.iter()
        .enumerate()
        .any(|(i, a)| nets[..i].iter().any(|b| a.ends.iter().any(|e| b.ends_at(e.row))))
}

/// In which order nets are placed: those first whose port stands on a row on which another ends (the
/// other must turn after them), then from the outside inwards. Straight ones need no track.
fn sequence(nets: &[Net]) -> Vec<usize> {
    let mut rest: Vec<usize> = (0..nets.len()).filter(|&i| !nets[i].straight()).collect();
    rest.sort_by_key(|&i| {
        let net = &nets[i];
        let down = net.span().1 > net.row;
        (down, if down { -net.row } else { net.row })
    });
    let mut order = Vec::new();
    while !rest.is_empty() {
        let first = rest
            .iter()
            .position(|&i| rest.iter().all(|&j| i == j || !nets[i].ends_at(nets[j].row)));
        order.push(rest.remove(first.unwrap_or(0)));
    }
    order
}

/// Whether a net on that track would run along another.
fn conflict(net: &Net, track: usize, other: &Net) -> bool {
    let Some(taken) = other.track else { return false };
    let ((top, bottom), (other_top, other_bottom)) = (net.span(), other.span());
    (track == taken && top <= other_bottom && other_top <= bottom)
        || (other.ends_at(net.row) && taken <= track)
        || (net.ends_at(other.row) && track <= taken)
}

fn crossings(net: &Net, track: usize, other: &Net) -> usize {
    let Some(taken) = other.track else { return 0 };
    let level = |a: &Net, t: usize, b: &Net, u: usize| {
        let (top, bottom) = b.span();
        let inside = |row: i32| top < row && row < bottom;
        usize::from(inside(a.row) && u < t)
            + a.ends.iter().filter(|e| inside(e.row) && u > t && !b.ends_at(e.row)).count()
    };
    level(net, track, other, taken) + level(other, taken, net, track)
}

/// The horizontal extent of a gutter or a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub x: u16,
    pub width: u16,
}

/// Draws links cell by cell.
#[derive(Default)]
pub(super) struct Router {
    links: Vec<Link>,
    cells: BTreeMap<(u16, u16), Vec<Piece>>,
    arrows: Vec<(u16, u16)>,
    /// Flows that run from right to left.
    backward: Vec<usize>,
}

/// What one net has in one cell.
struct Piece {
    net: usize,
    open: u8,
    owners: Vec<Owner>,
}

impl Router {
    pub(super) fn new(flows: usize) -> Router {
        let links = (0..flows).map(|flow| Link { flow, legs: vec![Leg::default()] }).collect();
        Router { links, ..Router::default() }
    }

    /// The part of a net in a gutter. `net` is a number of its own.
    pub(super) fn gutter(&mut self, number: usize, net: &Net, gutter: Extent) {
        let turn = gutter.x + 1 + net.track.unwrap_or(0) as u16;
        let mut flows: Vec<usize> = net.ends.iter().map(|e| e.flow).collect();
        flows.dedup();
        for flow in flows {
            let ends: Vec<End> = net.ends.iter().filter(|e| e.flow == flow).copied().collect();
            let row = net.row as u16;
            // What comes from a column goes on from its last cell.
            let passing = !self.links[flow].legs[0].cells.is_empty();
            self.run(number, (flow, 0), (gutter.x - u16::from(passing), row), (turn, row));
            let at = self.length(flow, 0);
            if let [end] = ends[..] {
                self.links[flow].legs[0].node = end.node;
                self.run(number, (flow, 0), (turn, row), (turn, end.row as u16));
                self.last(number, (flow, 0), turn, gutter, end);
                continue;
            }
            self.fork(number, flow, &ends, (turn, row), at);
            for end in ends {
                self.links[flow].legs.push(Leg { node: end.node, cells: Vec::new() });
                let leg = self.links[flow].legs.len() - 1;
                let from = at + net.row.abs_diff(end.row) as u16;
                self.start(flow, leg, (turn, end.row as u16), from);
                self.last(number, (flow, leg), turn, gutter, end);
            }
        }
    }

    /// A passing link in a column.
    pub(super) fn pass(&mut self, number: usize, flow: usize, row: i32, column: Extent) {
        let row = row as u16;
        let from = (column.x.saturating_sub(1), row);
        self.run(number, (flow, 0), from, (column.x + column.width - 1, row));
    }

    /// The upright of a fork: shared by all that branch off it.
    fn fork(&mut self, number: usize, flow: usize, ends: &[End], turn: (u16, u16), at: u16) {
        let rows = || ends.iter().map(|e| e.row as u16);
        for far in [rows().min(), rows().max()].into_iter().flatten() {
            let mut y = turn.1;
            while y != far {
                let next = if far > y { y + 1 } else { y - 1 };
                self.step(number, (turn.0, y), (turn.0, next));
                self.own(number, flow, 0, (turn.0, next), at + next.abs_diff(turn.1));
                y = next;
            }
        }
    }

    /// Level to the right, up to a box or a column.
    fn last(&mut self, number: usize, of: (usize, usize), turn: u16, gutter: Extent, end: End) {
        let x = gutter.x + gutter.width - 1;
        let row = end.row as u16;
        self.run(number, of, (turn, row), (x, row));
        if end.back && !self.backward.contains(&end.flow) {
            self.backward.push(end.flow);
        } else if !end.back && matches!(end.to, Item::Box(_)) {
            self.arrows.push((x, row));
        }
        self.open(number, (x, row), EAST);
    }

    fn length(&self, flow: usize, leg: usize) -> u16 {
        self.links[flow].legs[leg].cells.last().map_or(0, |c| c.2)
    }

    /// Where a branch begins: its first cell is the one after.
    fn start(&mut self, flow: usize, leg: usize, at: (u16, u16), distance: u16) {
        self.links[flow].legs[leg].cells.push((at.0, at.1, distance));
    }

    /// A straight run of a piece of a link, both ends included.
    fn run(&mut self, net: usize, of: (usize, usize), from: (u16, u16), to: (u16, u16)) {
        let (mut x, mut y) = from;
        if self.links[of.0].legs[of.1].cells.is_empty() {
            self.open(net, from, WEST);
            self.visit(net, of, from);
        }
        while (x, y) != to {
            let before = (x, y);
            x = if to.0 > x { x + 1 } else { x - u16::from(to.0 < x) };
            y = if to.1 > y { y + 1 } else { y - u16::from(to.1 < y) };
            self.step(net, before, (x, y));
            self.visit(net, of, (x, y));
        }
    }

    fn visit(&mut self, net: usize, (flow, leg): (usize, usize), at: (u16, u16)) {
        let distance = self.links[flow].legs[leg].cells.last().map_or(0, |c| c.2 + 1);
        self.links[flow].legs[leg].cells.push((at.0, at.1, distance));
        self.own(net, flow, leg, at, distance);
    }

    fn own(&mut self, net: usize, link: usize, leg: usize, cell: (u16, u16), at: u16) {
        let node = self.links[link].legs[leg].node;
        let owners = &mut self.piece(net, cell).owners;
        if owners.iter().all(|o| o.link != link) {
            owners.push(Owner { link, leg, node, at });
        }
    }

    /// Opens two neighbouring cells towards each other.
    fn step(&mut self, net: usize, a: (u16, u16), b: (u16, u16)) {
        let (there, back) = match (b.0 > a.0, b.0 < a.0, b.1 > a.1) {
            (true, ..) => (EAST, WEST),
            (_, true, _) => (WEST, EAST),
            (.., true) => (SOUTH, NORTH),
            _ => (NORTH, SOUTH),
        };
        self.open(net, a, there);
        self.open(net, b, back);
    }

    fn open(&mut self, net: usize, cell: (u16, u16), way: u8) {
        self.piece(net, cell).open |= way;
    }

    fn piece(&mut self, net: usize, cell: (u16, u16)) -> &mut Piece {
        let pieces = self.cells.entry(cell).or_default();
        let at = pieces.iter().position(|p| p.net == net).unwrap_or_else(|| {
            pieces.push(Piece { net, open: 0, owners: Vec::new() });
            pieces.len() - 1
        });
        &mut pieces[at]
    }

    /// Links and cells. Where two nets cross, the upright one passes in front.
    pub(super) fn finish(self) -> (Vec<Link>, Vec<Wire>) {
        let mut links = self.links;
        let backward = self.backward;
        let mut heads = Vec::new();
        let mut lengths = vec![0; links.len()];
        for link in &mut links {
            link.legs.retain(|leg| !leg.cells.is_empty());
            if backward.contains(&link.flow)
                && let Some(leg) = link.legs.first_mut()
            {
                leg.turn_round();
                heads.extend(leg.cells.last().map(|c| (c.0, c.1)));
                lengths[link.flow] = leg.cells.len() as u16;
            }
        }
        let arrows = self.arrows;
        let wires = self.cells.into_iter().map(|((x, y), pieces)| {
            let front = pieces.iter().position(|p| p.open == NORTH | SOUTH);
            let level = pieces.iter().any(|p| p.open == EAST | WEST);
            let pieces = match front {
                Some(i) if level && pieces.len() > 1 => &pieces[i..=i],
                _ => &pieces[..],
            };
            let turned = |o: Owner| {
                let last = lengths[o.link].saturating_sub(1);
                let at = if backward.contains(&o.link) { last.saturating_sub(o.at) } else { o.at };
                Owner { at, ..o }
            };
            let back = heads.contains(&(x, y));
            Wire {
                x,
                y,
                back,
                open: pieces.iter().fold(0, |open, p| open | p.open),
                arrow: back || arrows.contains(&(x, y)),
                owners: pieces.iter().flat_map(|p| p.owners.iter().copied().map(turned)).collect(),
            }
        });
        (links, wires.collect())
    }
}

/// The line that is open in those directions.
#[must_use]
pub fn glyph(open: u8) -> &'static str {
    const GLYPHS: [&str; 16] =
        ["·", "│", "─", "╰", "│", "│", "╭", "├", "─", "╯", "─", "┴", "╮", "┤", "┬", "┼"];
    GLYPHS[(open & 15) as usize]
}

/// Whether a cell is part of a level line.
#[must_use]
pub fn is_level(wire: &Wire) -> bool {
    wire.open == EAST | WEST && !wire.arrow
}

/// Whether a cell is part of an upright line.
#[must_use]
pub fn is_upright(wire: &Wire) -> bool {
    wire.open == NORTH | SOUTH
}
