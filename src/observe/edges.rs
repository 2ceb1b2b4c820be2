//! Balancers that are up, and what each believes of those to whom it sends.

use super::now::Now;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::reading::{BackendReading, PartReading};
use crate::sim::spec::{BalancerOptions, Options, Policy};

/// A node of a balancer that is up.
pub struct Edge<'a> {
    /// The node.
    pub node: NodeId,
    /// Its component.
    pub component: ComponentId,
    /// Its settings.
    pub options: &'a BalancerOptions,
    /// What it believes of its backends, in order.
    pub backends: &'a [BackendReading],
    /// Whether it sends to all of them, whatever it believes.
    pub panics: bool,
}

impl Edge<'_> {
    /// Whether it counts a backend as healthy; `None` if that is none of its own.
    #[must_use]
    pub fn healthy(&self, node: NodeId) -> Option<bool> {
        self.backends.iter().find(|b| b.node == node).map(|b| b.healthy)
    }

    /// Whether a backend has a share of what it sends: all have, but for those of weight 0.
    #[must_use]
    pub fn has_share(&self, node: NodeId) -> bool {
        let weighted = self.options.policy == Policy::Weighted;
        let weights = self.backends.iter().zip(&self.options.weights);
        !weighted || weights.filter(|(b, _)| b.node == node).all(|(_, weight)| *weight > 0)
    }

    /// Whether it sends to a backend: those that are usable or, in panic, any.
    #[must_use]
    pub fn sends_to(&self, node: NodeId) -> bool {
        self.backends.iter().any(|b| b.node == node && (b.is_usable() || self.panics))
    }
}

impl Now<'_> {
    /// The balancers' nodes that are up, in file order.
    pub fn edges(&self) -> impl Iterator<Item = Edge<'_>> {
        self.components().flat_map(move |(component, options)| {
            let edge = move |node| match (options, &self.node(node).part) {
                (Options::Balancer(options), PartReading::Balancer { backends, panics }) => {
                    Some(Edge { node, component, options, backends, panics: *panics })
                }
                _ => None,
            };
            self.up(component).filter_map(edge)
        })
    }

    /// The first balancer in front of a node.
    #[must_use]
    pub fn edge_of(&self, node: NodeId) -> Option<Edge<'_>> {
        self.edges().find(|edge| edge.healthy(node).is_some())
    }
}
