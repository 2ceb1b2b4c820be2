//! Keys that are hot for a while: a famous restaurant, a sale that begins.
//!
//! It lies over what users want: whether a request is about the hot key is drawn by its number, beside
//! its other draws, so that no arrival, no class and no work moves. Keys that a step draws of *another*
//! class (`keys=CLASS`) are as they were.

use super::World;
use super::active::Hold;
use crate::sim::fault::{Change, HotKey};
use crate::sim::id::{ClassId, ComponentId, NodeId};
use crate::sim::network::Cause;
use crate::sim::random::Chance;

/// A hot key in force.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hot {
    fault: u32,
    /// What its draws are known by.
    cause: Cause,
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

    /// The hot keys that the active faults make.
    pub(super) fn hot_in_force(&self) -> Vec<Hot> {
        let hot = self.active.hot().iter().filter_map(|&Hold { fault, cause }| {
            let change = &self.faults[fault as usize].change;
            let Change::HotKey(HotKey { class, share, key }) = *change else { return None };
            Some(Hot { fault, cause, class: class.0, chance: Chance::new(share), key })
        });
        hot.collect()
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
            let Cause { began, nth } = hot.cause;
            // From 0.
            let mut lot = self.hotness.among(began).among(u64::from(nth - 1)).of(request, 0, 0);
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
