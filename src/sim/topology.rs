//! Who is there: components, nodes, zones, and how long a message takes between two nodes.
//!
//! Made once from a [`Cluster`]; the world shares it between its clones.

use super::id::{ComponentId, NodeId, ZoneId};
use super::spec::Cluster;
use super::time::Ns;
use std::ops::Range;

/// A component as the world knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ComponentInfo {
    /// Its name: `web`.
    pub name: String,
    /// The word of its kind: `service`.
    pub kind: &'static str,
    /// Its nodes now: a run of node ids.
    pub nodes: Range<u16>,
    /// How many nodes it may have: their ids are kept for them, behind those of `nodes`.
    pub room: u16,
}

impl ComponentInfo {
    /// Its nodes, in order of their numbers.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + use<> {
        self.nodes.clone().map(NodeId)
    }

    /// All nodes that it may ever have, in order of their numbers.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + use<> {
        (self.nodes.start..self.nodes.start + self.room).map(NodeId)
    }
}

/// A node as the world knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeInfo {
    /// `web-2`, also where there is only one.
    pub name: String,
    /// The component that it is an instance of.
    pub component: ComponentId,
    /// Its number within the component, from 1.
    pub number: u16,
    /// Where it stands.
    pub zone: ZoneId,
}

/// Components, nodes and zones of a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Topology {
    /// In file order; index by [`ComponentId`].
    pub components: Vec<ComponentInfo>,
    /// Grouped by component, with those that are not there (see [`ComponentInfo::room`]); index by
    /// [`NodeId`].
    pub nodes: Vec<NodeInfo>,
    /// Names of the classes of requests in file order, and how many keys each has.
    pub classes: Vec<(String, u64)>,
    /// Names of zones in file order; empty means one unnamed zone.
    pub zones: Vec<String>,
    /// The name of each zone's region, in the order of the zones; empty is the unnamed region.
    pub regions: Vec<String>,
    users_ns: Ns,
    same_zone_ns: Ns,
    same_region_ns: Ns,
    cross_region_ns: Ns,
}

impl Topology {
    /// The nodes of a cluster: `web` with four instances gives `web-1` to `web-4`, in the zones that
    /// it names in turn.
    #[must_use]
    pub fn new(cluster: &Cluster) -> Topology {
        let mut nodes = Vec::new();
        let mut components = Vec::new();
        for (c, component) in cluster.components.iter().enumerate() {
            let first = nodes.len() as u16;
            let users = component.options.kind() == "traffic";
            let (count, room) =
                (component.options.instances() as u16, component.options.room() as u16);
            for number in 1..=room {
                let zone = match component.zones.as_slice() {
                    _ if users => ZoneId::OUTSIDE,
                    [] => ZoneId(0),
                    zones => {
                        let name = &zones[(number as usize - 1) % zones.len()];
                        ZoneId(cluster.zones.iter().position(|z| z == name).unwrap_or(0) as u8)
                    }
                };
                nodes.push(NodeInfo {
                    name: format!("{}-{number}", component.name),
                    component: ComponentId(c as u16),
                    number,
                    zone,
                });
            }
            components.push(ComponentInfo {
                name: component.name.clone(),
                kind: component.options.kind(),
                nodes: first..first + count,
                room,
            });
        }
        Topology {
            components,
            nodes,
            classes: cluster.classes.iter().map(|c| (c.name.clone(), c.keys.count)).collect(),
            zones: cluster.zones.clone(),
            regions: regions(cluster),
            users_ns: cluster.network.users(),
            same_zone_ns: cluster.network.same_zone,
            same_region_ns: cluster.network.same_region,
            cross_region_ns: cluster.network.cross_region,
        }
    }

    /// Whether a node is there now.
    #[must_use]
    pub fn is_present(&self, node: NodeId) -> bool {
        let component = self.nodes[node.index()].component;
        self.components[component.index()].nodes.contains(&node.0)
    }

    /// The nodes that are there now, in order.
    pub fn present(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.components.iter().flat_map(ComponentInfo::nodes)
    }

    /// The component of that name.
    #[must_use]
    pub fn component(&self, name: &str) -> Option<ComponentId> {
        self.components.iter().position(|c| c.name == name).map(|i| ComponentId(i as u16))
    }

    /// The node of that name, there or not; the bare name of a component with one node is an alias.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<NodeId> {
        if let Some(i) = self.nodes.iter().position(|n| n.name == name) {
            return Some(NodeId(i as u16));
        }
        let c = self.components.iter().find(|c| c.name == name && c.nodes.len() == 1)?;
        Some(NodeId(c.nodes.start))
    }

    /// The name that people read: the bare component's where there is one node.
    #[must_use]
    pub fn display_name(&self, node: NodeId) -> &str {
        let info = &self.nodes[node.index()];
        let component = &self.components[info.component.index()];
        if component.nodes.len() == 1 { &component.name } else { &info.name }
    }

    /// One-way latency between two nodes, without jitter and faults.
    #[must_use]
    pub fn latency(&self, from: NodeId, to: NodeId) -> Ns {
        let (a, b) = (self.nodes[from.index()].zone, self.nodes[to.index()].zone);
        if a == ZoneId::OUTSIDE || b == ZoneId::OUTSIDE {
            self.users_ns
        } else if a == b {
            self.same_zone_ns
        } else if self.region(a) == self.region(b) {
            self.same_region_ns
        } else {
            self.cross_region_ns
        }
    }

    /// Whether two nodes stand in different regions: users, who are outside, are in none.
    #[must_use]
    pub fn crosses_regions(&self, from: NodeId, to: NodeId) -> bool {
        let (a, b) = (self.nodes[from.index()].zone, self.nodes[to.index()].zone);
        let outside = a == ZoneId::OUTSIDE || b == ZoneId::OUTSIDE;
        !outside && self.region(a) != self.region(b)
    }

    /// The name of a zone's region; empty is the unnamed one.
    #[must_use]
    pub fn region(&self, zone: ZoneId) -> &str {
        self.regions.get(zone.index()).map_or("", String::as_str)
    }
}

/// The region of each zone.
fn regions(cluster: &Cluster) -> Vec<String> {
    let region = |i: usize| cluster.network.regions.get(i).cloned().unwrap_or_default();
    (0..cluster.zones.len()).map(region).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::spec::{Component, NetworkOptions, Options};
    use crate::sim::time::MILLISECOND;

    #[test]
    fn regions_are_farther_apart_than_zones() {
        let zones = ["a", "b", "c"].map(str::to_owned).to_vec();
        let regions = ["x", "x", "y"].map(str::to_owned).to_vec();
        let component = |name: &str, kind| Component {
            name: name.to_owned(),
            zones: zones.clone(),
            options: Options::of_kind(kind).expect("a kind"),
        };
        let cluster = Cluster {
            name: String::new(),
            about: String::new(),
            network: NetworkOptions { regions, ..NetworkOptions::default() },
            zones: zones.clone(),
            components: vec![component("app", "traffic"), component("web", "service")],
            classes: Vec::new(),
        };
        let topology = Topology::new(&cluster);
        let latency = |a: &str, b: &str| {
            let node = |name| topology.node(name).expect("it is there");
            (topology.latency(node(a), node(b)), topology.latency(node(b), node(a)))
        };
        assert_eq!(latency("web-1", "web-2"), (MILLISECOND, MILLISECOND));
        assert_eq!(latency("web-2", "web-3"), (60 * MILLISECOND, 60 * MILLISECOND));
        assert_eq!(latency("web-1", "web-4"), (MILLISECOND / 4, MILLISECOND / 4));
        assert_eq!(latency("app-1", "web-3"), (MILLISECOND / 4, MILLISECOND / 4));
    }
}
