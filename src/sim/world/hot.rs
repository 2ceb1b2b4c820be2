//! Keys that are hot for a while: a famous restaurant, a sale that begins.
//!
//! It lies over what users want: whether a request is about the hot key is drawn by its number, beside
//! its other draws, so that no arrival, no class and no work moves. Keys that a step draws of *another*
//! class (`keys=CLASS`) are as they were.

use super::World;
use crate::sim::fault::{Change, HotKey};
use crate::sim::id::{ClassId, ComponentId, NodeId};
use crate::sim::random::Chance;

/// A hot key in force.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hot {
    fault: u32,
    /// What its draws are known by: when it began and, of those that began at once, which it is.
    began: u64,
    nth: u64,
    class: u8,
    chance: Chance,
    key: u32,
}

impl World {
    /// The traffic components that send a class.
    pub(super) fn senders(&self, class: ClassId) -> Vec<ComponentId> {
        let ids = (0..self.topology.components.len() as u16).map(ComponentId);
        ids.filter(|&c| self.demand.sends(c, class.0)).collect()
    }

    /// Brings the hot keys up to the active faults.
    pub(super) fn recompute_hot(&mut self) {
        self.hot.clear();
        for &fault in &self.active {
            if let Change::HotKey(HotKey { class, share, key }) = self.faults[fault as usize].change
            {
                let (began, nth) = (self.faults[fault as usize].start, self.nth_hot(fault));
                let (class, chance) = (class.0, Chance::new(share));
                self.hot.push(Hot { fault, began, nth, class, chance, key });
            }
        }
    }

    /// How many keys became hot at the same instant before that of a fault, and stayed so.
    fn nth_hot(&self, fault: u32) -> u64 {
        let began = self.faults[fault as usize].start;
        let earlier = self.faults[..fault as usize].iter().rev().take_while(|f| f.start == began);
        let hot = earlier.filter(|f| matches!(f.change, Change::HotKey(_)));
        hot.filter(|f| f.ended != Some(began)).count() as u64
    }

    /// The key of a request that a user of that node sends.
    #[inline]
    pub(in crate::sim) fn key_of(&mut self, node: NodeId, class: u8, request: u64) -> u32 {
        let key = self.demand.key(class, request);
        if self.hot.is_empty() { key } else { self.hot_key_of(node, class, request, key) }
    }

    /// Each fault draws for itself; of several that mean a request the first has it.
    #[cold]
    fn hot_key_of(&mut self, node: NodeId, class: u8, request: u64, key: u32) -> u32 {
        let draws = |hot: &&Hot| {
            let mut lot = self.hotness.among(hot.began).among(hot.nth).of(request, 0, 0);
            hot.class == class
                && self.masks[hot.fault as usize].nodes.has(node.index())
                && lot.hits(hot.chance)
        };
        let Some(&hot) = self.hot.iter().find(draws) else { return key };
        if hot.key != key {
            self.touch(hot.fault, &[node], request);
        }
        hot.key
    }
}
