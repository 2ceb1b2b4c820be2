//! Moving the selection along the picture: from a box to the link that leaves it, and on to the box
//! at its other end; up and down within a layer, or among the links of a gutter.

use super::{Detail, Leg, Link, Place, Plan, Row, Target};
use crate::tui::plan::measure::strip_width;

/// A direction in which the selection moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To what arrives from the left, or the node before in a strip.
    Left,
    /// To what leaves to the right, or the next node in a strip.
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

/// How many watchers have a sign in the box of their database.
const WATCHERS_SHOWN: usize = 7;

impl Plan {
    /// What is selected first: the first component.
    #[must_use]
    pub fn first(&self) -> Option<Target> {
        self.places.first().map(|p| Target::Component(p.component))
    }

    /// What is selected after a step; `None` at the edge of the picture.
    #[must_use]
    pub fn neighbour(&self, from: Target, way: Way) -> Option<Target> {
        match from {
            Target::Link(flow) => self.step_off(flow, None, way),
            Target::Tap(flow, node) => self.step_off(flow, Some(node), way),
            Target::Zone(_) => None,
            Target::Component(_) | Target::Node(..) => {
                let (place, here) = self.find(from)?;
                match way {
                    Way::Left | Way::Right => self.across(place, here, way),
                    Way::Up | Way::Down => self.along(place, here, way).map(|s| s.target),
                }
            }
        }
    }

    /// What stands beside a place in its layer, whatever can be selected within it.
    fn find(&self, target: Target) -> Option<(&Place, Stop)> {
        let mut found = self.places.iter().flat_map(|p| stops(p).into_iter().map(move |s| (p, s)));
        found.find(|(_, s)| s.target == target).or_else(|| match target {
            // A node without a row of its own: its component.
            Target::Node(c, _) => self.find(Target::Component(c)),
            _ => None,
        })
    }

    fn across(&self, place: &Place, here: Stop, way: Way) -> Option<Target> {
        let level = stops(place).into_iter().filter(|s| s.y == here.y && s.target != here.target);
        let within = match way {
            Way::Left => level.filter(|s| s.x < here.x).max_by_key(|s| s.x),
            _ => level.filter(|s| s.x > here.x).min_by_key(|s| s.x),
        };
        let port = || match way {
            Way::Left => self.arriving(place, here),
            _ => self.leaving(place, here),
        };
        within.map(|s| s.target).or_else(port).or_else(|| self.beside(place, here, way))
    }

    /// The link that leaves a box nearest to where the selection stands.
    fn leaving(&self, place: &Place, here: Stop) -> Option<Target> {
        let starts = self.links.iter().filter_map(|link| {
            let (x, y) = start(link)?;
            let own = place.area.contains((x.checked_sub(1)?, y).into());
            own.then_some((y.abs_diff(here.y), Target::Link(link.flow)))
        });
        starts.min_by_key(|(away, _)| *away).map(|(_, target)| target)
    }

    /// The link, or the branch of one, that arrives at a box nearest to where the selection stands.
    fn arriving(&self, place: &Place, here: Stop) -> Option<Target> {
        let ends = self.links.iter().flat_map(|link| {
            link.legs.iter().filter_map(move |leg| Some((end(leg)?, branch(link, leg))))
        });
        let own = ends.filter(|((x, y), _)| place.area.contains((x + 1, *y).into()));
        own.min_by_key(|((_, y), _)| y.abs_diff(here.y)).map(|(_, target)| target)
    }

    /// The box in the next layer, where no link leads there.
    fn beside(&self, place: &Place, here: Stop, way: Way) -> Option<Target> {
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
        there.flat_map(stops).min_by_key(|s| s.y.abs_diff(here.y)).map(|s| s.target)
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

    /// From a link, or its branch to a node, to one of its ends or to the links beside it.
    fn step_off(&self, flow: usize, node: Option<usize>, way: Way) -> Option<Target> {
        let link = self.links.iter().find(|l| l.flow == flow)?;
        let (x, y) = start(link)?;
        match way {
            Way::Left => self.hit(x.checked_sub(1)?, y),
            Way::Right => {
                let ends = link.legs.iter().filter(|leg| match node {
                    Some(node) => leg.node == Some(node),
                    None => link.legs.len() == 1 || leg.node.is_some(),
                });
                let (x, y) = ends.filter_map(end).min_by_key(|(_, to)| to.abs_diff(y))?;
                self.hit(x + 1, y)
            }
            Way::Up | Way::Down => self.among_links(link, node, way),
        }
    }

    /// The link or branch above or below, of those that leave the same layer.
    fn among_links(&self, link: &Link, node: Option<usize>, way: Way) -> Option<Target> {
        let layer = |link: &Link| {
            let (x, y) = start(link)?;
            let left = (x.checked_sub(1)?, y);
            self.places.iter().find(|p| p.area.contains(left.into())).map(|p| p.layer)
        };
        let own = layer(link);
        let mut links: Vec<&Link> = self.links.iter().filter(|l| layer(l) == own).collect();
        links.sort_by_key(|l| start(l).map(|(_, y)| y));
        let all: Vec<Target> = links.into_iter().flat_map(pieces).collect();
        let here = node.map_or(Target::Link(link.flow), |n| Target::Tap(link.flow, n));
        let at = all.iter().position(|t| *t == here)?;
        match way {
            Way::Up => all.get(at.checked_sub(1)?),
            _ => all.get(at + 1),
        }
        .copied()
    }
}

/// Where a link leaves its source.
fn start(link: &Link) -> Option<(u16, u16)> {
    link.legs.first()?.cells.first().map(|&(x, y, _)| (x, y))
}

/// Where a piece of a link ends.
fn end(leg: &Leg) -> Option<(u16, u16)> {
    leg.cells.last().map(|&(x, y, _)| (x, y))
}

/// What a piece of a link is selected as.
fn branch(link: &Link, leg: &Leg) -> Target {
    match leg.node.filter(|_| link.legs.len() > 1) {
        Some(node) => Target::Tap(link.flow, node),
        None => Target::Link(link.flow),
    }
}

/// A link and, where it forks, its branches from the top.
fn pieces(link: &Link) -> Vec<Target> {
    let mut branches: Vec<(u16, Target)> = link
        .legs
        .iter()
        .filter_map(|leg| Some((end(leg)?.1, branch(link, leg))))
        .filter(|(_, target)| matches!(target, Target::Tap(..)))
        .collect();
    branches.sort_by_key(|(y, _)| *y);
    let branches = branches.into_iter().map(|(_, target)| target);
    std::iter::once(Target::Link(link.flow)).chain(branches).collect()
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
            Row::Behind(other) => {
                stops.push(Stop { target: Target::Component(other), x: at.x, y: at.y });
            }
            Row::Annex(failover) => stops.extend(watchers(failover, at.x, at.y)),
            _ => {}
        }
    }
    if let Some(failover) = place.watchers {
        let last = place.row(place.rows.len().saturating_sub(1));
        stops.extend(watchers(failover, last.x, last.y));
    }
    stops
}

/// Watchers together, and then each of those that have a sign.
fn watchers(failover: usize, x: u16, y: u16) -> impl Iterator<Item = Stop> {
    let each = (0..WATCHERS_SHOWN).map(move |i| (Target::Node(failover, i), x + 1 + i as u16));
    let all = std::iter::once((Target::Component(failover), x)).chain(each);
    all.map(move |(target, x)| Stop { target, x, y })
}
