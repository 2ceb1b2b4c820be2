//! A person names the next primary.

use super::World;
use crate::sim::fault::Injected;
use crate::sim::frame::Frame;
use crate::sim::id::NodeId;
use crate::sim::node::Part;
use crate::sim::observation::Observer;
use crate::sim::program::entry;

impl World {
    /// Has nodes become primaries. With watchers, one that is up asks the others for their votes, and
    /// all goes on as in a failover; without, the node begins an epoch by itself.
    pub(super) fn promote<O: Observer>(&mut self, nodes: &[NodeId], out: &mut O) -> Injected {
        let mut injected = Injected::Nothing;
        for &node in nodes {
            if !self.is_primary(node) && self.promote_one(node, out) {
                injected = Injected::Done;
            }
        }
        injected
    }

    fn promote_one<O: Observer>(&mut self, node: NodeId, out: &mut O) -> bool {
        let component = self.nodes[node.index()].component;
        let local = self.nodes[node.index()].local;
        let Some(database) = self.databases.iter().find(|d| d.component == component) else {
            return false;
        };
        let Some(failover) = database.failover else { return self.begin_epoch(node, out) };
        for watcher in self.topology.components[failover.index()].nodes() {
            let watcher = &mut self.nodes[watcher.index()];
            if let (true, Part::Watcher(w)) = (watcher.is_up(), &mut watcher.part) {
                let election = w.ask_for(local);
                self.ready.push_back(election);
                return true;
            }
        }
        false
    }

    /// Without watchers nobody counts the epochs but the nodes themselves.
    fn begin_epoch<O: Observer>(&mut self, node: NodeId, out: &mut O) -> bool {
        if !self.nodes[node.index()].is_up() {
            return false;
        }
        let component = self.nodes[node.index()].component;
        let peers = self.topology.components[component.index()].nodes();
        let epochs = peers.filter_map(|n| match &self.nodes[n.index()].part {
            Part::Database(database) => Some(database.epoch()),
            _ => None,
        });
        let epoch = epochs.max().unwrap_or(0) + 1;
        let pc = self.code.entries[component.index()][usize::from(entry::DB_PROMOTE)];
        let seq = self.agenda.next_seq();
        let frame = Frame::new(seq, node, pc, self.now);
        let index = self.arena.add(Frame { value: u64::from(epoch), ..frame });
        self.run(index, out);
        true
    }
}
