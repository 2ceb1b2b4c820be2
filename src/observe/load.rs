//! How busy things are, as every panel and every sentence tells it: one measure, so that no two
//! figures of a screen differ.
//!
//! Of a node it is the reading of its gauge, a mean with a time constant of 0.5 s. Of a component, which
//! is compared with others, it is the mean over the longest window of up to 10 s throughout which it was
//! about the same: calm while nothing changes, and true within a second when something does (the idea of
//! adaptive windows, Bifet and Gavaldà, "Learning from time-changing data", 2007). What is decided, and
//! not told, may ask [`Now`] for the exact share over some span.

use super::Observers;
use super::gauges::limited;
use super::now::Now;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::NodeState;
use crate::sim::time::{Ns, SECOND};

/// Windows over which the load of a component is told, the longest first; else it is a second.
const WINDOWS: [Ns; 3] = [10 * SECOND, 4 * SECOND, 2 * SECOND];
/// By so much the newer half of a window may differ from all of it, as a share of the cores.
const SAME: f64 = 0.03;

/// How long the cores of a node have worked since the start, and how many there are; `None` where they
/// are unlimited or there are none.
type Cores = Option<(Ns, u32)>;

impl Observers {
    /// How busy the busiest component is told to be, at a tick whose gauges have been read: so the
    /// history of that figure is what the figure was.
    pub(super) fn busiest_load(&self, at: Ns) -> f64 {
        let cores = |n: NodeId| {
            let gauge = self.gauges.all().get(n.index())?;
            (gauge.cores > 0).then_some((gauge.busy_ns, gauge.cores))
        };
        let all = (0..self.map.topology.components.len() as u16).map(ComponentId);
        all.map(|id| self.load_of(id, at, cores)).fold(0.0, f64::max)
    }

    /// Busy share of a component's cores, as it is told; 0 where they are unlimited or there are none.
    fn load_of(&self, component: ComponentId, at: Ns, cores: impl Fn(NodeId) -> Cores) -> f64 {
        let mean = |length: Ns| {
            let span = self.span(at, length);
            let share = |n: NodeId| {
                let (busy_ns, count) = cores(n)?;
                Some((span.busy(n, busy_ns) / f64::from(count)).min(1.0))
            };
            self.of_nodes(component, |n| share(n).unwrap_or(0.0))
        };
        let most = self.since_changed(component, at);
        let windows = WINDOWS.map(|window| window.min(most));
        let steady = |window: &Ns| (mean(*window) - mean(window / 2)).abs() <= SAME;
        mean(windows.into_iter().find(steady).unwrap_or(SECOND))
    }

    /// For how long nothing was done to the world, and the component's load was shared by the same nodes.
    fn since_changed(&self, component: ComponentId, at: Ns) -> Ns {
        let nodes = self.map.topology.components[component.index()].nodes();
        let out = nodes.filter_map(|n| self.out_since(n));
        let since = self.changed().max(out.max()).unwrap_or(0);
        at.saturating_sub(since).max(SECOND)
    }

    /// One share from those of a component's nodes. Nodes that are not up or to which no balancer sends
    /// anything say nothing of how much more it can take, as long as there are others. A primary is not
    /// relieved by its replicas: of a database the busiest node counts.
    fn of_nodes(&self, component: ComponentId, share: impl Fn(NodeId) -> f64) -> f64 {
        let info = &self.map.topology.components[component.index()];
        let is_up =
            |n: &NodeId| self.gauges.all().get(n.index()).is_some_and(|g| g.state == NodeState::Up);
        let (out, used): (Vec<_>, Vec<_>) =
            info.nodes().filter(is_up).partition(|n| self.out_since(*n).is_some());
        let counted = if used.is_empty() { out } else { used };
        let all = counted.iter().map(|n| share(*n));
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
}

impl Now<'_> {
    /// Busy share of a component's cores, as it is told; 0 where they are unlimited or there are none.
    #[must_use]
    pub fn load_of(&self, component: ComponentId) -> f64 {
        let cores = |n: NodeId| {
            let cores = &self.node(n).cores;
            Some((cores.busy_ns, limited(cores).filter(|count| *count > 0)?))
        };
        self.observers.load_of(component, self.at, cores)
    }

    /// Components whose cores do anything, the busiest first; of equals the first in the file.
    #[must_use]
    pub fn loads(&self) -> Vec<(ComponentId, f64)> {
        let all = self.components().map(|(id, _)| (id, self.load_of(id)));
        let mut all: Vec<(ComponentId, f64)> = all.filter(|(_, load)| *load > 0.0).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all
    }

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
