//! How busy things are, as every panel and every sentence tells it: one measure, so that no two
//! figures of a screen differ.
//!
//! It is the reading of the gauges, a mean with a time constant of 0.5 s. What is decided, and not
//! told, may ask [`Now`] for the exact share over some span.

use super::Observers;
use super::gauges::limited;
use super::now::Now;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::NodeState;
use crate::sim::time::Ns;

impl Observers {
    /// Busy share of a component's cores; 0 where they are unlimited or there are none. Nodes that
    /// are not up or to which no balancer sends anything say nothing of how much more it can take, as
    /// long as there are others. A primary is not relieved by its replicas: of a database the busiest
    /// node counts.
    #[must_use]
    pub fn load(&self, component: ComponentId) -> f64 {
        let info = &self.map.topology.components[component.index()];
        let gauges = info.nodes().filter_map(|n| Some((n, self.gauges.all().get(n.index())?)));
        let up = gauges.filter(|(_, gauge)| gauge.state == NodeState::Up);
        let (out, used): (Vec<_>, Vec<_>) = up.partition(|(n, _)| self.out_since(*n).is_some());
        let counted = if used.is_empty() { out } else { used };
        let all = counted.iter().map(|(_, gauge)| gauge.utilisation);
        if info.kind == "database" {
            all.fold(0.0, f64::max)
        } else {
            all.sum::<f64>() / counted.len().max(1) as f64
        }
    }

    /// Since when no balancer that is up and stands in front of a node sends anything to it; `None` if
    /// one does, or none is there.
    #[must_use]
    pub fn out_since(&self, node: NodeId) -> Option<Ns> {
        let component = self.map.topology.nodes[node.index()].component;
        let of = self.map.balanced.iter().filter(|(_, service)| *service == component);
        let nodes = of.flat_map(|(id, _)| self.map.topology.components[id.index()].nodes());
        let is_up =
            |n: &NodeId| self.gauges.all().get(n.index()).is_some_and(|g| g.state == NodeState::Up);
        self.rotation.out_since(node, nodes.filter(is_up))
    }

    /// Components whose cores do anything, the busiest first; of equals the first in the file.
    #[must_use]
    pub fn loads(&self) -> Vec<(ComponentId, f64)> {
        let ids = (0..self.map.topology.components.len() as u16).map(ComponentId);
        let mut all: Vec<(ComponentId, f64)> =
            ids.map(|id| (id, self.load(id))).filter(|(_, load)| *load > 0.0).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all
    }
}

impl Now<'_> {
    /// Busy share of a node's cores; `None` where they are unlimited or there are none.
    #[must_use]
    pub fn load(&self, node: NodeId) -> Option<f64> {
        limited(&self.node(node).cores).filter(|cores| *cores > 0)?;
        Some(self.observers.gauges().node(node).utilisation)
    }

    /// The node of a component that is up and the busiest, and how busy it is; of equals the first.
    #[must_use]
    pub fn busiest(&self, component: ComponentId) -> Option<(NodeId, f64)> {
        let all = self.up(component).filter_map(|n| Some((n, self.load(n)?)));
        all.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
    }
}
