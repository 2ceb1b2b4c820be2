//! Processes that take too much memory are killed, and boot again.
//!
//! Who goes over its limit is noted at once and killed at the end of the event, before any other: so
//! no program is in the middle of a step.

use super::World;
use crate::sim::id::NodeId;
use crate::sim::memory::Memory;
use crate::sim::observation::{Event, Observer};
use crate::sim::reading::MemoryReading;
use crate::sim::spec::{MemoryOptions, Options};

/// The memory settings of a kind that has any.
pub(super) fn terms(options: &Options) -> MemoryOptions {
    match options {
        Options::Service(o) => o.memory,
        Options::Workers(o) => o.memory,
        _ => MemoryOptions::default(),
    }
}

impl World {
    /// Looks whether a process takes more than it may.
    #[cold]
    pub(in crate::sim) fn check_memory(&mut self, id: NodeId) {
        let node = &self.nodes[id.index()];
        if node.is_up() && node.memory.is_over(node.in_flight) && !self.doomed.contains(&id) {
            self.doomed.push(id);
        }
    }

    /// A node has served a request.
    #[cold]
    pub(in crate::sim) fn leak_memory(&mut self, id: NodeId) {
        self.nodes[id.index()].memory.serve();
        self.check_memory(id);
    }

    /// Kills those who have gone over their limits.
    #[cold]
    pub(super) fn kill_the_doomed<O: Observer>(&mut self, out: &mut O) {
        while !self.doomed.is_empty() {
            for id in std::mem::take(&mut self.doomed) {
                if self.nodes[id.index()].is_up() {
                    self.run_out_of_memory(id, out);
                }
            }
            self.go_on(out);
        }
    }

    fn run_out_of_memory<O: Observer>(&mut self, id: NodeId, out: &mut O) {
        let node = &mut self.nodes[id.index()];
        let (used, limit) = (node.memory.used(node.in_flight), node.memory.limit());
        node.memory.kill(self.now);
        out.happened(self.now, Event::OutOfMemory { node: id, used, limit: limit.unwrap_or(used) });
        self.crash(id, out);
        self.boot(id, out);
    }

    /// What the memory of a node is now; `None` if nothing limits it and it was never killed.
    pub(super) fn memory(&self, id: NodeId) -> Option<MemoryReading> {
        let node = &self.nodes[id.index()];
        let Memory { metered, kills, killed, .. } = node.memory;
        (metered || kills > 0).then(|| MemoryReading {
            used: if node.is_running() { node.memory.used(node.in_flight) } else { 0 },
            limit: node.memory.limit(),
            kills,
            killed,
        })
    }
}
