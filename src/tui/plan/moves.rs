//! Moving the selection: left and right by layer, up and down within one.

use super::{Detail, Place, Plan, Row, Target};
use crate::tui::plan::measure::strip_width;

/// A direction in which the selection moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the layer before, or the node before in a strip.
    Left,
    /// To the next layer, or the next node in a strip.
    Right,
    /// To what stands above in its layer, or in the line above of a table.
    Up,
    /// To what stands below.
    Down,
}

/// Something that can be selected, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stop {
    target: Target,
    x: u16,
    y: u16,
}

impl Plan {
    /// What is selected first: the first component.
    #[must_use]
    pub fn first(&self) -> Option<Target> {
        self.places.first().map(|p| Target::Component(p.component))
    }

    /// What is selected after a step; `None` at the edge of the picture.
    #[must_use]
    pub fn neighbour(&self, from: Target, way: Way) -> Option<Target> {
        if let Target::Link(flow) = from {
            return self.beside_link(flow, way);
        }
        let (place, here) = self.find(from)?;
        let step = match way {
            Way::Left | Way::Right => self.across(place, here, way),
            Way::Up | Way::Down => self.along(place, here, way),
        };
        step.map(|s| s.target)
    }

    /// From a link to its source or its target.
    fn beside_link(&self, flow: usize, way: Way) -> Option<Target> {
        let link = self.links.iter().find(|l| l.flow == flow)?;
        let cells = || link.legs.iter().flat_map(|l| &l.cells);
        let (x, y, _) = match way {
            Way::Left | Way::Up => cells().min()?,
            Way::Right | Way::Down => cells().max()?,
        };
        let x = if matches!(way, Way::Left | Way::Up) { x.checked_sub(1)? } else { x + 1 };
        self.hit(x, *y)
    }

    fn find(&self, target: Target) -> Option<(&Place, Stop)> {
        let mut found = self.places.iter().flat_map(|p| stops(p).into_iter().map(move |s| (p, s)));
        found.find(|(_, s)| s.target == target).or_else(|| match target {
            // A node without a row of its own: its component.
            Target::Node(c, _) => self.find(Target::Component(c)),
            _ => None,
        })
    }

    fn across(&self, place: &Place, here: Stop, way: Way) -> Option<Stop> {
        let level = stops(place).into_iter().filter(|s| s.y == here.y && s.target != here.target);
        let within = match way {
            Way::Left => level.filter(|s| s.x < here.x).max_by_key(|s| s.x),
            _ => level.filter(|s| s.x > here.x).min_by_key(|s| s.x),
        };
        let strip = matches!(here.target, Target::Node(..));
        if within.is_some() && strip {
            return within;
        }
        let layer = |p: &&Place| match way {
            Way::Left => p.layer < place.layer,
            _ => p.layer > place.layer,
        };
        let beside = self.places.iter().filter(layer);
        let nearest = match way {
            Way::Left => beside.map(|p| p.layer).max(),
            _ => beside.map(|p| p.layer).min(),
        }?;
        let there = self.places.iter().filter(|p| p.layer == nearest);
        there.flat_map(stops).min_by_key(|s| s.y.abs_diff(here.y))
    }

    fn along(&self, place: &Place, here: Stop, way: Way) -> Option<Stop> {
        let table = self.detail == Detail::Table;
        let layer = self.places.iter().filter(|p| table || p.layer == place.layer).flat_map(stops);
        if way == Way::Up {
            let above: Vec<Stop> = layer.filter(|s| s.y < here.y).collect();
            let y = above.iter().map(|s| s.y).max()?;
            return above.into_iter().find(|s| s.y == y);
        }
        let below: Vec<Stop> = layer.filter(|s| s.y > here.y).collect();
        let y = below.iter().map(|s| s.y).min()?;
        below.into_iter().find(|s| s.y == y)
    }
}

/// What can be selected in a box, from the top.
fn stops(place: &Place) -> Vec<Stop> {
    let c = place.component;
    let told = place.rows.iter().any(|r| matches!(r, Row::Node(_) | Row::Strip { .. }));
    let title = match (told, place.framed) {
        (true, true) => place.area.y,
        // A name stands on the row of its strip: the strip comes after it.
        _ => place.row(0).y,
    };
    let mut stops = vec![Stop { target: Target::Component(c), x: place.area.x, y: title }];
    for (i, row) in place.rows.iter().enumerate() {
        let at = place.row(i);
        match *row {
            Row::Node(node) => {
                stops.push(Stop { target: Target::Node(c, node), x: at.x, y: at.y });
            }
            Row::Strip { start, nodes } => stops.extend((0..nodes).map(|node| Stop {
                target: Target::Node(c, node),
                x: at.x + start + strip_width(node + 1) - 1,
                y: at.y,
            })),
            Row::Annex(other) | Row::Behind(other) => {
                stops.push(Stop { target: Target::Component(other), x: at.x, y: at.y });
            }
            _ => {}
        }
    }
    stops
}
