//! What faults have touched: requests, each once; background messages; and at which nodes.
//!
//! A fault touches what it changes: what it drops, delays, refuses, resets or slows, and under
//! `set … for` what passes the changed component. Requests are numbered in order of arrival, so that
//! one bit tells whether a fault has counted one. The bits of the newest [`NEWEST`] requests are kept:
//! no more are ever under way at a time; what is still done for older ones (a message that waited for
//! minutes) is not counted again.

use super::World;
use super::mask::Bits;
use crate::sim::fault::Change;
use crate::sim::id::{ComponentId, LinkId, NodeId};
use crate::sim::request::parts;
use crate::sim::spec::{Options, Value};

/// Requests that are told apart: 32 KiB for each active fault that has touched one.
const NEWEST: u64 = 1 << 18;

/// What one fault has touched.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched {
    /// By node: how often. None when the fault is over.
    nodes: Vec<u64>,
    /// What is kept of that when the fault is over: the nodes that it touched, in order.
    sums: Box<[(NodeId, u64)]>,
    /// Requests, by the traffic that sent them; none when the fault is over.
    requests: Vec<Newest>,
}

/// A bit for each of the newest requests of one traffic; none before the first.
#[derive(Clone, Debug, Default)]
struct Newest {
    bits: Vec<u64>,
    newest: u64,
}

impl Touched {
    /// Notes a request; true if it is one more.
    fn request(&mut self, request: u64) -> bool {
        let (traffic, count) = parts(request);
        if self.requests.len() <= traffic {
            self.requests.resize_with(traffic + 1, Newest::default);
        }
        self.requests[traffic].add(count)
    }

    /// Notes a node; true if it is one more.
    fn node(&mut self, node: NodeId) -> bool {
        if self.nodes.len() <= node.index() {
            self.nodes.resize(node.index() + 1, 0);
        }
        let times = &mut self.nodes[node.index()];
        *times += 1;
        *times == 1
    }

    /// How often a node was.
    pub(super) fn at(&self, node: NodeId) -> u64 {
        match self.sums.binary_search_by_key(&node, |(n, _)| *n) {
            Ok(i) => self.sums[i].1,
            Err(_) => self.nodes.get(node.index()).copied().unwrap_or(0),
        }
    }

    /// The fault is over: nothing more is to be told apart, and of the nodes those that it did not
    /// touch need no place.
    pub(super) fn close(&mut self) {
        self.requests = Vec::new();
        let nodes = std::mem::take(&mut self.nodes).into_iter().enumerate();
        let touched = nodes.filter(|(_, times)| *times > 0);
        self.sums = touched.map(|(n, times)| (NodeId(n as u16), times)).collect();
    }

    /// What it takes in memory beside itself.
    pub(super) fn held_bytes(&self) -> usize {
        let requests = self.requests.iter().map(|r| r.bits.capacity() * size_of::<u64>());
        size_of_val(&*self.sums)
            + self.nodes.capacity() * size_of::<u64>()
            + requests.sum::<usize>()
    }
}

impl Newest {
    /// Adds a request; true if it was not in, and is not too old to tell.
    fn add(&mut self, request: u64) -> bool {
        if self.bits.is_empty() {
            self.bits = vec![0; (NEWEST / 64) as usize];
            self.newest = request;
        }
        if request > self.newest {
            // Of a whole round nothing is left.
            for passed in (self.newest + 1..=request).rev().take(NEWEST as usize) {
                let (word, bit) = place(passed);
                self.bits[word] &= !bit;
            }
            self.newest = request;
        } else if self.newest - request >= NEWEST {
            return false;
        }
        let (word, bit) = place(request);
        let fresh = self.bits[word] & bit == 0;
        self.bits[word] |= bit;
        fresh
    }
}

/// Word and bit of a request.
fn place(request: u64) -> (usize, u64) {
    let slot = request % NEWEST;
    ((slot / 64) as usize, 1 << (slot % 64))
}

impl World {
    /// Counts what a fault did to a request (0 is a background message) at these nodes.
    pub(super) fn touch(&mut self, fault: u32, nodes: &[NodeId], request: u64) {
        let touched = &mut self.masks[fault as usize].touched;
        let fault = &mut self.faults[fault as usize];
        if fault.ended.is_some() {
            return;
        }
        if request == 0 {
            fault.touched_messages += 1;
        } else {
            fault.touched_requests += u64::from(touched.request(request));
        }
        for &node in nodes {
            fault.touched_nodes += u64::from(touched.node(node));
        }
    }

    /// Counts what the active faults of a kind did to a request at a node.
    pub(in crate::sim) fn touch_node(
        &mut self,
        node: NodeId,
        request: u64,
        kind: impl Fn(&Change) -> bool,
    ) {
        for i in 0..self.active.at(node).len() {
            let fault = self.active.at(node)[i];
            if kind(&self.faults[fault as usize].change) {
                self.touch(fault, &[node], request);
            }
        }
    }

    /// Counts what a fault did at once to a node and the requests that were there.
    pub(super) fn touch_at_once(&mut self, fault: u32, node: NodeId, requests: &[u64]) {
        let touched = &mut self.masks[fault as usize].touched;
        let fresh = requests.iter().filter(|&&r| touched.request(r)).count();
        let first = touched.node(node);
        let fault = &mut self.faults[fault as usize];
        fault.touched_requests += fresh as u64;
        fault.touched_nodes += u64::from(first);
    }

    /// Notes that active pauses keep the process of a node from booting.
    pub(super) fn touch_pauses(&mut self, node: NodeId) {
        for i in 0..self.active.at(node).len() {
            let fault = self.active.at(node)[i];
            if matches!(self.faults[fault as usize].change, Change::Pause(_)) {
                self.touch_at_once(fault, node, &[]);
            }
        }
    }

    /// Users' requests in progress at a node, in the order in which they came.
    pub(super) fn requests_at(&self, node: NodeId) -> Vec<u64> {
        let here = self.frames_at(node).into_iter().map(|index| self.arena[index].request);
        here.filter(|&request| request != 0).collect()
    }

    /// Counts a message that active cuts have stopped.
    pub(super) fn touch_cuts(&mut self, link: LinkId, request: u64) {
        for i in 0..self.active.on(link).len() {
            let fault = self.active.on(link)[i].fault;
            if matches!(self.faults[fault as usize].change, Change::Cut(_)) {
                self.touch_ends(fault, link, request);
            }
        }
    }

    /// Counts a message that a fault has lost or delayed, and the nodes at both ends of its link.
    pub(super) fn touch_ends(&mut self, fault: u32, link: LinkId, request: u64) {
        let ends = [self.links[link].from, self.links[link].to];
        self.touch(fault, &ends, request);
    }

    /// Notes that the active `traffic` faults have changed the rate of a node.
    pub(in crate::sim) fn touch_rate(&mut self, node: NodeId) {
        for &f in self.active.at(node) {
            let fault = &mut self.faults[f as usize];
            if matches!(fault.change, Change::Traffic(..)) {
                let touched = &mut self.masks[f as usize].touched;
                fault.touched_nodes += u64::from(touched.node(node));
            }
        }
    }

    /// Counts a request that arrived while the traffic is more or less than configured.
    pub(in crate::sim) fn touch_traffic(
        &mut self,
        component: ComponentId,
        node: NodeId,
        request: u64,
    ) {
        self.touch_node(
            node,
            request,
            |change| matches!(change, Change::Traffic(ids, _) if ids.contains(&component)),
        );
    }

    /// Counts a request that passes a node under settings that have an end.
    #[cold]
    pub(in crate::sim) fn touch_settings(&mut self, node: NodeId, request: u64) {
        for i in 0..self.active.passed_at(node).len() {
            let fault = self.active.passed_at(node)[i];
            self.touch(fault, &[node], request);
        }
    }

    /// The nodes that requests pass which changed settings concern: those of the components and, where
    /// a cache is switched, those of its database, to which callers go without it.
    pub(super) fn passes(&self, settings: &[(ComponentId, &'static str, Value)]) -> Bits {
        let mut passes = Bits::default();
        let mut add = |component: ComponentId| {
            let nodes = self.topology.components[component.index()].nodes();
            nodes.for_each(|n| _ = passes.add(n.index()));
        };
        for &(component, name, _) in settings {
            add(component);
            if let (Options::Cache(cache), "enabled") = (&self.options[component.index()], name)
                && let Some(database) = self.topology.component(&cache.of)
            {
                add(database);
            }
        }
        passes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_counts_once_however_often_it_is_touched() {
        let mut touched = Touched::default();
        let requests = [5, 7, 5, 6, 7, 5 + NEWEST - 1, 6, 8];
        let fresh: Vec<bool> = requests.iter().map(|&r| touched.request(r)).collect();
        assert_eq!(fresh, [true, true, false, true, false, true, false, true]);
    }

    #[test]
    fn what_is_too_old_to_tell_is_not_counted_again() {
        let mut touched = Touched::default();
        assert!(touched.request(1) && touched.request(NEWEST + 1));
        assert!(!touched.request(1), "its bit is that of another by now");
        assert!(touched.request(5 * NEWEST) && !touched.request(5 * NEWEST));
        assert!(touched.request(5 * NEWEST - 1), "a leap leaves no bits behind");
        touched.close();
        assert!(touched.requests.is_empty());
    }

    #[test]
    fn nodes_count_once_and_are_told_how_often() {
        let mut touched = Touched::default();
        assert!(touched.node(NodeId(3)) && !touched.node(NodeId(3)) && touched.node(NodeId(0)));
        assert_eq!(
            (touched.at(NodeId(3)), touched.at(NodeId(1)), touched.at(NodeId(9))),
            (2, 0, 0)
        );
        touched.close();
        assert_eq!(
            (touched.at(NodeId(3)), touched.at(NodeId(0)), touched.at(NodeId(9))),
            (2, 1, 0)
        );
        assert_eq!(touched.held_bytes(), 2 * size_of::<(NodeId, u64)>());
    }
}
