//! The world's books: what must always add up. For tests; nothing in a run calls it.

use super::World;
use crate::sim::frame::State;
use crate::sim::id::NodeId;
use crate::sim::node::Part;
use crate::sim::observation::NodeState;

impl World {
    /// Checks that nothing is held twice, by nobody or by the dead, that counts agree with what is
    /// counted, that every message of every queue is somewhere, and that what is in force follows from
    /// the configuration and the active faults.
    ///
    /// # Errors
    /// The first thing that does not add up, in words.
    pub fn audit(&self) -> Result<(), String> {
        for (n, node) in self.nodes.iter().enumerate() {
            let id = NodeId(n as u16);
            let name = self.topology.display_name(id);
            let here = || {
                self.arena.iter().map(|(_, f)| f).filter(|f| f.state == State::Here && f.node == id)
            };
            for (slot, resource) in node.resources.iter().enumerate() {
                let held = here().filter(|f| f.held().any(|s| usize::from(s) == slot)).count();
                let used = resource.reading(self.now).used as usize;
                if held != used {
                    return Err(format!("{name}: {used} of resource {slot} used, {held} held"));
                }
            }
            if let Some(link) = self.links.iter().find(|l| l.from == id && !self.has_room(l)) {
                let to = self.topology.display_name(link.to);
                return Err(format!("{name}: more connections to {to} than its pool may have"));
            }
            let users = here().filter(|f| f.request != 0).count();
            if users != node.in_flight as usize {
                return Err(format!("{name}: {} in flight, {users} there", node.in_flight));
            }
            let down = !matches!(node.state, NodeState::Up | NodeState::Paused);
            if down && here().count() > 0 {
                return Err(format!("{name} is down and has frames"));
            }
            if let Part::Database(database) = &node.part
                && !database.is_sound()
            {
                return Err(format!("{name}: its log lacks what it has applied, or has to apply"));
            }
            if let Part::Queue(queue) = &node.part {
                let known = queue.waiting() + queue.in_hand() + queue.acknowledged;
                if known + queue.dead_letters + queue.lost != queue.published {
                    return Err(format!("{name}: messages do not add up to {}", queue.published));
                }
            }
        }
        let roots = self
            .arena
            .iter()
            .filter(|(_, f)| {
                f.request != 0 && matches!(self.nodes[f.node.index()].part, Part::Traffic(_))
            })
            .count();
        if roots as u64 != self.roots {
            return Err(format!("{} requests in flight, {roots} there", self.roots));
        }
        if !self.is_up_to_faults() {
            return Err("what is in force is not what the active faults make of it".to_string());
        }
        let live = self.arena.iter().count();
        if live != self.arena.live() as usize {
            return Err(format!("{} frames counted, {live} there", self.arena.live()));
        }
        Ok(())
    }
}
