//! The faults that are active, by what they hold: a message looks at those of its own link and node,
//! and a recomputation at those of what has changed, however many there are elsewhere.
//!
//! An index, and no more: what is in force is recomputed from these faults (`world/force.rs`).

use super::mask::{Bits, Mask};
use crate::sim::fault::Change;
use crate::sim::id::{ComponentId, LinkId, NodeId};
use crate::sim::network::Cause;
use crate::sim::time::Ns;
use std::collections::BTreeMap;

/// A fault's hold of something for which it draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hold {
    pub(super) fault: u32,
    /// What its draws are known by there.
    pub(super) cause: Cause,
}

/// Those who hold one thing, in the order in which they came.
#[derive(Clone, Debug, Default)]
struct Holds(Vec<Hold>);

impl Holds {
    /// A fault begins to hold it, after all that hold it already. Those that began with it come before
    /// it, also when they end earlier.
    fn add(&mut self, fault: u32, began: Ns) {
        let with_it = self.0.last().filter(|last| last.cause.began == began);
        let nth = with_it.map_or(1, |last| last.cause.nth + 1);
        self.0.push(Hold { fault, cause: Cause { began, nth } });
    }

    /// A fault holds it no more. One that has held it for no time was never there: those that began
    /// with it move up.
    fn remove(&mut self, fault: u32, now: Ns) {
        let Ok(i) = self.0.binary_search_by_key(&fault, |hold| hold.fault) else { return };
        if self.0.remove(i).cause.began == now {
            self.0[i..].iter_mut().for_each(|later| later.cause.nth -= 1);
        }
    }
}

/// What is not up to the configuration and the active faults any more.
#[derive(Clone, Debug, Default)]
pub(super) struct Stale {
    pub(super) nodes: Bits,
    pub(super) links: Bits,
    /// Components whose settings were changed.
    pub(super) components: Bits,
    pub(super) hot: bool,
}

/// The active faults.
#[derive(Clone, Debug, Default)]
pub(super) struct Active {
    /// Numbers of all, in order.
    all: Vec<u32>,
    /// Those that hold a node.
    nodes: Vec<Vec<u32>>,
    /// Those whose settings requests pass at a node.
    passes: Vec<Vec<u32>>,
    /// Those that set something of a component.
    settings: Vec<Vec<u32>>,
    /// Of links that are held.
    links: BTreeMap<LinkId, Holds>,
    hot: Holds,
    stale: Stale,
}

impl Active {
    /// None, in a world of so many nodes and components.
    pub(super) fn new(nodes: usize, components: usize) -> Active {
        Active {
            nodes: vec![Vec::new(); nodes],
            passes: vec![Vec::new(); nodes],
            settings: vec![Vec::new(); components],
            ..Active::default()
        }
    }

    /// All, in order of their numbers.
    pub(super) fn all(&self) -> &[u32] {
        &self.all
    }

    pub(super) fn has(&self, fault: u32) -> bool {
        self.all.binary_search(&fault).is_ok()
    }

    /// Those that hold a node.
    pub(super) fn at(&self, node: NodeId) -> &[u32] {
        &self.nodes[node.index()]
    }

    /// Those whose settings requests pass at a node.
    pub(super) fn passed_at(&self, node: NodeId) -> &[u32] {
        &self.passes[node.index()]
    }

    /// Those that set something of a component.
    pub(super) fn setting(&self, component: ComponentId) -> &[u32] {
        &self.settings[component.index()]
    }

    /// Those that hold a link.
    pub(super) fn on(&self, link: LinkId) -> &[Hold] {
        self.links.get(&link).map_or(&[], |holds| &holds.0)
    }

    /// Those that make a key hot.
    pub(super) fn hot(&self) -> &[Hold] {
        &self.hot.0
    }

    /// A fault begins, which has a greater number than all before it.
    pub(super) fn begin(&mut self, fault: u32, change: &Change, mask: &Mask, now: Ns) {
        self.all.push(fault);
        for node in mask.nodes.iter() {
            self.nodes[node].push(fault);
            self.note(change, node);
        }
        for node in mask.passes.iter() {
            self.passes[node].push(fault);
            self.stale.nodes.add(node);
        }
        for link in mask.links.iter() {
            self.links.entry(LinkId(link as u32)).or_default().add(fault, now);
            self.stale.links.add(link);
        }
        for component in set_by(change).iter() {
            self.settings[component].push(fault);
            self.stale.components.add(component);
        }
        if let Change::HotKey(_) = change {
            self.hot.add(fault, now);
            self.stale.hot = true;
        }
    }

    /// A fault holds a node no more.
    pub(super) fn free_node(&mut self, fault: u32, change: &Change, node: NodeId) {
        remove(&mut self.nodes[node.index()], fault);
        self.note(change, node.index());
    }

    /// A node is held, or not any more, by what may change how it works: what is done to its process
    /// or host is done at once.
    fn note(&mut self, change: &Change, node: usize) {
        if matches!(change, Change::Slow(..) | Change::Error(..) | Change::Traffic(..)) {
            self.stale.nodes.add(node);
        }
    }

    /// A fault holds a link no more.
    pub(super) fn free_link(&mut self, fault: u32, link: LinkId, now: Ns) {
        if let Some(holds) = self.links.get_mut(&link) {
            holds.remove(fault, now);
            if holds.0.is_empty() {
                self.links.remove(&link);
            }
        }
        self.stale.links.add(link.index());
    }

    /// A fault ends; what it still holds is free.
    pub(super) fn end(&mut self, fault: u32, change: &Change, mask: &Mask, now: Ns) {
        remove(&mut self.all, fault);
        for node in mask.nodes.iter() {
            self.free_node(fault, change, NodeId(node as u16));
        }
        for link in mask.links.iter() {
            self.free_link(fault, LinkId(link as u32), now);
        }
        for node in mask.passes.iter() {
            remove(&mut self.passes[node], fault);
            self.stale.nodes.add(node);
        }
        for component in set_by(change).iter() {
            remove(&mut self.settings[component], fault);
            self.stale.components.add(component);
        }
        if let Change::HotKey(_) = change {
            self.hot.remove(fault, now);
            self.stale.hot = true;
        }
    }

    /// Settings of a component have changed for good.
    pub(super) fn configured(&mut self, component: ComponentId) {
        self.stale.components.add(component.index());
    }

    /// What has changed since this was asked last.
    pub(super) fn take_stale(&mut self) -> Stale {
        std::mem::take(&mut self.stale)
    }

    /// Whether it says of a fault what its mask says.
    pub(super) fn agrees(&self, fault: u32, mask: &Mask) -> bool {
        let has = |list: &Vec<u32>| list.binary_search(&fault).is_ok();
        let holds = |holds: &Holds| holds.0.iter().any(|hold| hold.fault == fault);
        let links = self.links.iter().filter(|(_, of)| holds(of)).map(|(link, _)| link.index());
        (0..self.nodes.len()).all(|n| has(&self.nodes[n]) == mask.nodes.has(n))
            && (0..self.passes.len()).all(|n| has(&self.passes[n]) == mask.passes.has(n))
            && links.eq(mask.links.iter())
    }
}

/// The components of which a change sets something.
fn set_by(change: &Change) -> Bits {
    let mut components = Bits::default();
    if let Change::Set(settings) = change {
        for (component, ..) in settings {
            components.add(component.index());
        }
    }
    components
}

/// Takes a fault out of a list in order of numbers.
fn remove(list: &mut Vec<u32>, fault: u32) {
    if let Ok(i) = list.binary_search(&fault) {
        list.remove(i);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::spec::Value;

    fn mask(nodes: &[usize], links: &[usize]) -> Mask {
        let mut mask = Mask::default();
        for &node in nodes {
            mask.nodes.add(node);
        }
        for &link in links {
            mask.links.add(link);
        }
        mask
    }

    fn stale(active: &mut Active) -> [Vec<usize>; 3] {
        let Stale { nodes, links, components, hot } = active.take_stale();
        assert!(!hot);
        [nodes, links, components].map(|bits| bits.iter().collect())
    }

    fn nths(active: &Active, link: u32) -> Vec<(u32, u32)> {
        active.on(LinkId(link)).iter().map(|hold| (hold.fault, hold.cause.nth)).collect()
    }

    /// What a thousand faults elsewhere would cost is not asked for.
    #[test]
    fn only_what_a_fault_holds_is_recomputed() {
        let mut active = Active::new(4, 3);
        let delay = Change::Delay(Vec::new(), 1, 0);
        active.begin(0, &delay, &mask(&[], &[5, 70]), 1);
        assert_eq!(stale(&mut active), [vec![], vec![5, 70], vec![]]);
        active.begin(1, &Change::Slow(Vec::new(), 2.0), &mask(&[2], &[]), 1);
        assert_eq!(stale(&mut active), [vec![2], vec![], vec![]]);
        let crash = Change::Crash(Vec::new());
        active.begin(2, &crash, &mask(&[0], &[]), 1);
        active.end(2, &crash, &mask(&[0], &[]), 1);
        assert_eq!(stale(&mut active), [const { Vec::<usize>::new() }; 3], "it lies over nothing");
        let set = Change::Set(vec![(ComponentId(1), "threads", Value::Count(1))]);
        let mut of_set = mask(&[1], &[]);
        of_set.passes = mask(&[1, 3], &[]).nodes;
        active.begin(3, &set, &of_set, 1);
        assert_eq!(stale(&mut active), [vec![1, 3], vec![], vec![1]]);
        assert_eq!((active.passed_at(NodeId(3)), active.at(NodeId(3))), (&[3][..], &[][..]));
        active.free_link(0, LinkId(70), 2);
        assert_eq!(stale(&mut active), [vec![], vec![70], vec![]]);
        active.end(0, &delay, &mask(&[], &[5]), 2);
        assert_eq!(stale(&mut active), [vec![], vec![5], vec![]]);
        active.end(3, &set, &of_set, 2);
        assert_eq!(stale(&mut active), [vec![1, 3], vec![], vec![1]]);
        assert_eq!((active.all(), active.has(1), active.has(3)), (&[1][..], true, false));
        assert!(active.setting(ComponentId(1)).is_empty() && active.on(LinkId(5)).is_empty());
    }

    #[test]
    fn who_ends_later_keeps_its_number_and_who_held_it_for_no_time_had_none() {
        let mut active = Active::new(0, 0);
        let cut = Change::Cut(Vec::new());
        let on = mask(&[], &[0]);
        for fault in 0..3 {
            active.begin(fault, &cut, &on, 7);
        }
        assert_eq!(nths(&active, 0), [(0, 1), (1, 2), (2, 3)]);
        active.end(1, &cut, &on, 7);
        assert_eq!(nths(&active, 0), [(0, 1), (2, 2)], "it was never there");
        active.end(0, &cut, &on, 9);
        active.begin(3, &cut, &on, 9);
        assert_eq!(nths(&active, 0), [(2, 2), (3, 1)], "it was there");
    }
}
