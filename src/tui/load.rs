//! How full things are: shares in use, and from where on a share is near its limit or at it. One table
//! for all panels, so that nothing is amber in one of them and calm in another.

use super::theme::Role;
use crate::session::picture::{Component, Face, Node};
use crate::sim::observation::NodeState;

/// From where on a figure is [`Level::Warn`], and above which [`Level::Bad`].
pub type Edges = [f64; 2];

/// Of cores or threads in use: from three quarters on a queue grows fast with each further request.
pub const BUSY: Edges = [0.75, 0.9];
/// Of room in which somebody waits: half of it is something to watch.
pub const WAITING: Edges = [0.5, BUSY[1]];

/// How full something is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing to worry about.
    #[default]
    Ok,
    /// Near its limit.
    Warn,
    /// At its limit.
    Bad,
}

impl Level {
    /// The level of a figure by itself.
    #[must_use]
    pub fn of(figure: f64, edges: Edges) -> Level {
        match figure {
            f if f > edges[1] => Level::Bad,
            f if f >= edges[0] => Level::Warn,
            _ => Level::Ok,
        }
    }

    /// Its colour, where `calm` is that of what is well.
    #[must_use]
    pub fn role(self, calm: Role) -> Role {
        match self {
            Level::Ok => calm,
            Level::Warn => Role::NodeWarn,
            Level::Bad => Role::NodeDown,
        }
    }
}

/// The colour of a share of cores or threads in use, where `calm` is that of what is well.
#[must_use]
pub fn busy(share: f64, calm: Role) -> Role {
    Level::of(share, BUSY).role(calm)
}

/// Whether it serves.
#[must_use]
pub fn serves(node: &Node) -> bool {
    node.state == NodeState::Up
}

/// The nodes of a component that serve.
pub fn up(component: &Component) -> impl Iterator<Item = &Node> {
    component.nodes.iter().filter(|n| serves(n))
}

/// Units in use, and at most: `None` is unlimited.
pub type Use = (u64, Option<u64>);

/// What the nodes that serve hold of something together, and how much they can: wherever it is told it
/// is the same figure. `None` if they hold nothing of that kind; no limit if one of them has none.
#[must_use]
pub fn held(component: &Component, what: fn(&Node) -> Option<Use>) -> Option<Use> {
    let all: Vec<_> = up(component).filter_map(what).collect();
    let used = all.iter().map(|(used, _)| used).sum();
    let limit = all.iter().map(|(_, limit)| *limit).sum();
    (!all.is_empty()).then_some((used, limit))
}

/// Of what there is, what is in use.
#[must_use]
pub fn share(used: u64, limit: u64) -> f64 {
    used as f64 / limit.max(1) as f64
}

/// Threads in use and how many there are, where these and not the cores are what a component is short
/// of: of a server whose threads all wait the cores are idle.
#[must_use]
pub fn short_of_threads(component: &Component) -> Option<(u64, u64)> {
    let Face::Service { utilisation, .. } = component.face else { return None };
    are_short(utilisation, held(component, |n| n.threads)?)
}

/// The same of one of its nodes.
#[must_use]
pub fn node_short_of_threads(component: &Component, node: &Node) -> Option<(u64, u64)> {
    let is_server = matches!(component.face, Face::Service { .. });
    are_short(node.utilisation, node.threads.filter(|_| is_server)?)
}

fn are_short(utilisation: f64, (used, limit): Use) -> Option<(u64, u64)> {
    let limit = limit?;
    // Where the cores are busy, too, threads are held by those who wait for these.
    let short = share(used, limit) >= BUSY[0] && utilisation < BUSY[0];
    short.then_some((used, limit))
}

/// How much is in use of what a node is shortest of: its cores or its threads.
#[must_use]
pub fn fullest(component: &Component, node: &Node) -> f64 {
    node_short_of_threads(component, node)
        .map_or(node.utilisation, |(used, limit)| share(used, limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::example::{self, WEB};

    #[test]
    fn thresholds_are_those_of_the_design() {
        let of = |share| Level::of(share, BUSY);
        assert_eq!([0.749, 0.75, 0.9, 0.901].map(of), {
            [Level::Ok, Level::Warn, Level::Warn, Level::Bad]
        });
        assert_eq!(busy(0.1, Role::Dim), Role::Dim);
        assert_eq!(busy(0.8, Role::Dim), Role::NodeWarn);
        assert_eq!(busy(0.95, Role::Dim), Role::NodeDown);
    }

    /// Of cores that are busy, too, the cores are told, of a component as of each of its nodes.
    #[test]
    fn threads_are_short_only_where_the_cores_are_not() {
        let of = |busy: f64| {
            let mut picture = example::at_rest();
            let web = &mut picture.components[WEB];
            if let Face::Service { utilisation, .. } = &mut web.face {
                *utilisation = busy;
            }
            for node in &mut web.nodes {
                (node.utilisation, node.threads) = (busy, Some((60, Some(64))));
            }
            let nodes = web.nodes.iter().map(|n| node_short_of_threads(web, n));
            (short_of_threads(web), nodes.flatten().count())
        };
        assert_eq!(of(0.3), (Some((240, 256)), 4));
        assert_eq!(of(0.92), (None, 0));
    }
}
