//! Links: ordered pairs of nodes, and what is wrong with them.
//!
//! Loss behaves as TCP's does to an application: what is sent on a cut link is sent again after
//! `rto`, doubling, until it gets through or nobody waits for it.

use super::agenda::{Agenda, Lane};
use super::id::{ComponentId, LinkId, NodeId};
use super::time::Ns;
use super::topology::Topology;
use std::sync::Arc;

/// One direction between two nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    /// The link of the other direction.
    pub(crate) back: LinkId,
    /// The lane of its latency.
    pub(crate) lane: Lane,
    pub(crate) latency: Ns,
    /// Active faults that cut it.
    pub(crate) cuts: u16,
    /// Messages ever sent on it.
    pub(crate) sent: u64,
}

/// All links between components that talk to each other.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    links: Vec<Link>,
    /// First link from one component to another, by (from, to); `u32::MAX` if there are none.
    blocks: Arc<Vec<u32>>,
    /// How many nodes each component has.
    widths: Arc<Vec<u32>>,
}

/// Where a node is: its component, and its index there.
pub(crate) type Place = (ComponentId, u16);

impl std::ops::Index<LinkId> for Links {
    type Output = Link;
    #[inline]
    fn index(&self, link: LinkId) -> &Link {
        &self.links[link.index()]
    }
}

impl std::ops::IndexMut<LinkId> for Links {
    #[inline]
    fn index_mut(&mut self, link: LinkId) -> &mut Link {
        &mut self.links[link.index()]
    }
}

impl Links {
    /// The links between all nodes of these pairs of components, both ways. A component may be paired
    /// with itself.
    pub(crate) fn new(topology: &Topology, pairs: &[(usize, usize)], agenda: &mut Agenda) -> Links {
        let components = topology.components.len();
        let mut blocks = vec![u32::MAX; components * components];
        let mut directed: Vec<(usize, usize)> =
            pairs.iter().flat_map(|&(a, b)| [(a, b), (b, a)]).collect();
        directed.sort_unstable();
        directed.dedup();
        let mut links = Vec::new();
        for &(a, b) in &directed {
            blocks[a * components + b] = links.len() as u32;
            for from in topology.components[a].nodes() {
                for to in topology.components[b].nodes() {
                    let latency = topology.latency(from, to);
                    let lane = agenda.lane(latency);
                    let back = LinkId(0);
                    links.push(Link { from, to, back, lane, latency, cuts: 0, sent: 0 });
                }
            }
        }
        let widths = topology.components.iter().map(|c| c.nodes.len() as u32).collect();
        let mut all = Links { links, blocks: Arc::new(blocks), widths: Arc::new(widths) };
        let place = |node: NodeId| {
            let info = &topology.nodes[node.index()];
            (info.component, info.number - 1)
        };
        for i in 0..all.links.len() {
            let Link { from, to, .. } = all.links[i];
            all.links[i].back = all.between(place(to), place(from)).unwrap_or(LinkId(i as u32));
        }
        all
    }

    /// The link from one node to another, if their components talk to each other.
    #[inline]
    pub(crate) fn between(&self, from: Place, to: Place) -> Option<LinkId> {
        let block = self.blocks[from.0.index() * self.widths.len() + to.0.index()];
        let width = self.widths[to.0.index()];
        (block != u32::MAX).then(|| LinkId(block + u32::from(from.1) * width + u32::from(to.1)))
    }

    /// How many links there are.
    pub(crate) fn len(&self) -> usize {
        self.links.len()
    }

    /// All links, in order of their numbers.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Link> {
        self.links.iter()
    }
}
