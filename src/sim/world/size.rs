//! How much memory a world takes: an estimate that is cheap, and right about what grows.

use super::World;
use super::mask::Mask;
use crate::sim::fault::Fault;
use crate::sim::node::Part;
use crate::sim::pages::Pages;
use crate::sim::part::own::OwnWrites;

impl World {
    /// Bytes that it holds, about: what its state takes, by capacity where that is known. Pages and
    /// chunks that clones share are counted for each.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let parts = self.nodes.iter().map(|node| match &node.part {
            Part::Database(database) => database.held_bytes(),
            Part::Queue(queue) => queue.held_bytes(),
            Part::Cache(cache) => cache.held_bytes(),
            Part::Plain | Part::Traffic(_) | Part::Balancer(_) | Part::Watcher(_) => 0,
        });
        let truth = self.truth.iter().map(Pages::held_bytes);
        let own = self.own_writes.iter().map(OwnWrites::held_bytes);
        let masks = self.masks.iter().map(Mask::held_bytes);
        self.arena.held_bytes()
            + self.agenda.held_bytes()
            + self.effects.held_bytes()
            + self.faults.capacity() * size_of::<Fault>()
            + masks.sum::<usize>()
            + parts.sum::<usize>()
            + truth.sum::<usize>()
            + own.sum::<usize>()
    }
}
