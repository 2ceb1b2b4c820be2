//! What limits the cluster: the limit with the greatest demand of its own.
//!
//! The utilisation law (Denning and Buzen, "The operational analysis of queueing network models",
//! 1978) says that a station with `m` units is busy by `U = X D / m`: throughput times what a request
//! demands of it, a unit. As the load grows, the station with the greatest `D / m` is the first that has
//! no more to give, and nothing behind or before it can make up for that.
//!
//! Of a core the demand is work. Threads and connections are also held while their holder waits in a
//! line behind them: for a core, for a connection, at whomever it has called. That is the demand of
//! what it waits for. So what a limit is *held for its own sake* is the time in which it was held, less
//! the time that its holders waited in lines behind it. A pool that is full because its database is
//! overloaded is not the bottleneck; one that is full in front of an idle database is.
//!
//! Waiting is taken from the lengths of lines (Little's law), and given to callers by their share of
//! the calls; those for a link with a bandwidth are in line there, too. What is not waited for in a line
//! (a long way, a server that is silent or stands still) counts as the holder's own: more threads would
//! help against it.

mod judged;

use super::limits::{Limit, Use, What};
use super::now::{Now, Span};
use crate::sim::id::NodeId;
use crate::sim::topology::{ComponentInfo, Topology};

pub(super) use judged::Acted;
pub use judged::{Bottleneck, Over};

/// Rounds in which waiting is handed on to callers: as deep as chains of calls are, and an end where
/// servers call each other in a circle.
const DEPTH: usize = 16;

/// A limit as a station of a queueing network, over some time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Station {
    /// The limit; of several nodes that share their load, that of the first.
    pub limit: Limit,
    /// For how long it was held for its own sake, in unit-nanoseconds.
    own: f64,
    /// What there was of it.
    units: f64,
}

impl Station {
    /// The share of it that its own demand takes, 0 to 1.
    #[must_use]
    pub fn utilisation(&self) -> f64 {
        self.own / self.units
    }
}

/// Calls from one node to another that have ended.
pub type Calls = (NodeId, NodeId, u64);

/// All limits that were there, as stations: what was used of each, and who called whom meanwhile.
#[must_use]
pub fn stations(limits: &[Limit], uses: &[Use], calls: &[Calls], nodes: usize) -> Vec<Station> {
    let shares = shares(calls, nodes);
    let behind = waited_behind(limits, uses, &shares, nodes);
    let all = limits.iter().zip(uses).filter(|(_, used)| used.units > 0);
    let station = |(limit, used): (&Limit, &Use)| {
        let in_lines = match limit.what {
            What::Cores | What::Link(..) => 0.0,
            What::Threads | What::Connections => behind[limit.node.index()] - used.waited as f64,
            What::Pool(to) => {
                let share = shares.iter().find(|s| (s.0, s.1) == (limit.node, to));
                share.map_or(0.0, |(_, _, share)| share * behind[to.index()])
            }
        };
        let own = (used.held as f64 - in_lines).max(0.0);
        Station { limit: *limit, own, units: used.units as f64 }
    };
    all.map(station).collect()
}

/// Of the calls to a node, the share that each caller made.
fn shares(calls: &[Calls], nodes: usize) -> Vec<(NodeId, NodeId, f64)> {
    let mut to = vec![0; nodes];
    for &(_, node, n) in calls {
        to[node.index()] += n;
    }
    let made = calls.iter().filter(|call| call.2 > 0);
    made.map(|&(from, node, n)| (from, node, n as f64 / to[node.index()] as f64)).collect()
}

/// How long those who were at a node waited in lines, there and at whom it called for them.
fn waited_behind(
    limits: &[Limit],
    uses: &[Use],
    shares: &[(NodeId, NodeId, f64)],
    nodes: usize,
) -> Vec<f64> {
    let mut here = vec![0.0; nodes];
    limits.iter().zip(uses).for_each(|(l, used)| here[l.node.index()] += used.waited as f64);
    let mut all = here.clone();
    for _ in 0..DEPTH {
        let mut next = here.clone();
        for &(from, to, share) in shares {
            next[from.index()] += share * all[to.index()];
        }
        if next == all {
            break;
        }
        all = next;
    }
    all
}

/// The bottleneck: the greatest demand of its own; of equals, the last, which is the deepest in a file
/// that goes from users to data. `None` where nothing is used.
#[must_use]
pub fn greatest(stations: impl Iterator<Item = Station>) -> Option<Station> {
    let used = stations.filter(|s| s.own > 0.0);
    used.max_by(|a, b| a.utilisation().total_cmp(&b.utilisation()))
}

/// The same limits of nodes that share their load, taken together. Those of databases stay apart: a
/// primary is not relieved by its replicas.
#[must_use]
pub fn pooled(stations: Vec<Station>, topology: &Topology) -> Vec<Station> {
    let mut pooled: Vec<Station> = Vec::new();
    let component = |s: &Station| topology.nodes[s.limit.node.index()].component;
    for station in stations {
        let alone = topology.components[component(&station).index()].kind == "database";
        let same = |s: &&mut Station| {
            component(s) == component(&station) && s.limit.what == station.limit.what
        };
        match pooled.iter_mut().find(same).filter(|_| !alone) {
            Some(sum) => {
                sum.own += station.own;
                sum.units += station.units;
            }
            None => pooled.push(station),
        }
    }
    pooled
}

/// What a person calls a limit: `web`, `the threads of web`, `the pool of web to orders-db`.
#[must_use]
pub fn name(topology: &Topology, limit: Limit) -> String {
    name_as(topology, limit, &component_of(topology, limit.node).name)
}

/// The same with that name for whose it is.
fn name_as(topology: &Topology, limit: Limit, owner: &str) -> String {
    let of = |node| component_of(topology, node).name.as_str();
    match limit.what {
        What::Cores => owner.to_string(),
        What::Threads => format!("the threads of {owner}"),
        What::Connections => format!("the connections of {owner}"),
        What::Pool(to) => format!("the pool of {owner} to {}", of(to)),
        What::Link(_, to) => format!("the bandwidth from {owner} to {}", of(to)),
    }
}

fn component_of(topology: &Topology, node: NodeId) -> &ComponentInfo {
    &topology.components[topology.nodes[node.index()].component.index()]
}

/// Below this part of its utilisation others of its kind have room.
const ROOM: f64 = 0.9;

/// The nodes that have no more room than a station's, if others that share its load have: what is short
/// are these nodes, and not their component. A primary is always told of by its database.
fn short(station: &Station, all: &[Station], topology: &Topology) -> Vec<NodeId> {
    let owner = |s: &Station| topology.nodes[s.limit.node.index()].component;
    let same = |s: &&Station| owner(s) == owner(station) && s.limit.what == station.limit.what;
    let full = |s: &Station| s.utilisation() >= ROOM * station.utilisation();
    let others = all.iter().filter(same).filter(|s| s.limit.node != station.limit.node);
    let (own, units) = others.fold((0.0, 0.0), |(o, u), s| (o + s.own, u + s.units));
    let shares = topology.components[owner(station).index()].kind != "database";
    if !shares || units == 0.0 || own / units >= ROOM * station.utilisation() {
        return Vec::new();
    }
    all.iter().filter(same).filter(|s| full(s)).map(|s| s.limit.node).collect()
}

impl Now<'_> {
    /// The limits of nodes that are up, as stations over some time.
    #[must_use]
    pub fn stations(&self, span: Span<'_>) -> Vec<Station> {
        let limits = &self.observers.limits;
        let before =
            |i: usize| span.tick().and_then(|tick| tick.uses.get(i)).copied().unwrap_or_default();
        let uses = limits.uses().iter().enumerate();
        let uses: Vec<Use> = uses.map(|(i, used)| used.since(&before(i))).collect();
        let ends = self.observers.ends().iter().enumerate();
        let calls = ends.map(|(i, &(from, to))| {
            let (answered, failed) = self.link(i, span);
            (from, to, answered + failed)
        });
        let calls: Vec<Calls> = calls.filter(|call| call.2 > 0).collect();
        let mut all = stations(limits.all(), &uses, &calls, self.world.topology().nodes.len());
        all.retain(|s| self.is_up(s.limit.node) && self.sees(self.component(s.limit.node)));
        all
    }
}

#[cfg(test)]
mod tests;
