//! How a node takes what its primary ships, and how it becomes primary itself.

use super::batch::{Batch, Taken};
use super::in_sync::Members;
use crate::sim::frame::{Frame, Ticket};
use crate::sim::id::{LinkId, NodeId};
use crate::sim::node::Part;
use crate::sim::observation::{Event, Observer, Outcome};
use crate::sim::program::Flow;
use crate::sim::spec::Options;
use crate::sim::time::Ns;
use crate::sim::world::World;

impl World {
    /// How long a promotion of a node takes, without what it has to replay.
    pub(super) fn promotion_length(&self, node: NodeId) -> Ns {
        let component = self.nodes[node.index()].component;
        let failover = self.databases.iter().find(|d| d.component == component);
        match failover.and_then(|d| d.failover).map(|f| &self.options[f.index()]) {
            Some(Options::Failover(o)) => o.promote,
            _ => 0,
        }
    }

    /// A batch is on disk after a while. Until then it is as if it had not come.
    pub(super) fn sync(&mut self, index: u32) -> Flow {
        let node = &self.nodes[self.arena[index].node.index()];
        match &self.options[node.component.index()] {
            Options::Database(o) => Flow::Until(self.now.saturating_add(o.fsync)),
            _ => Flow::Next,
        }
    }

    /// A replica takes a batch of whoever says that it is primary, unless it knows a newer one. All that
    /// it goes by is in the message.
    pub(super) fn receive<O: Observer>(&mut self, index: u32, out: &mut O) -> Flow {
        let now = self.now;
        let frame = &self.arena[index];
        let (me, from) = (frame.node, self.links[frame.link].from);
        let batch = Batch::of(frame);
        let copy = match &self.options[self.nodes[me.index()].component.index()] {
            Options::Database(o) => o.copy,
            _ => 0,
        };
        let Ok([mine, theirs]) = self.nodes.get_disjoint_mut([me.index(), from.index()]) else {
            return Flow::End(Outcome::NoPrimary);
        };
        let (Part::Database(mine), Part::Database(theirs)) = (&mut mine.part, &theirs.part) else {
            return Flow::End(Outcome::NoPrimary);
        };
        let log = theirs.log_of(batch.epoch).filter(|_| batch.epoch >= mine.epoch);
        let Some(log) = log else {
            self.arena[index].value = u64::from(mine.epoch);
            return Flow::End(Outcome::NoPrimary);
        };
        let was = mine.epoch;
        let stepped_down = mine.follow(batch.epoch, theirs.index);
        let (taken, discarded) = mine.take(batch, log);
        let leads = theirs.leads && theirs.epoch == batch.epoch;
        self.arena[index].value = mine.log.end();
        let flow = match taken {
            Taken::All => Flow::Next,
            // A snapshot is a long stream: it ends with its sender's role.
            Taken::Lacking if leads => Flow::Until(mine.restore(batch, theirs, now, copy)),
            Taken::Gap | Taken::Lacking => Flow::End(Outcome::Miss),
        };
        self.ready.extend(super::take_ticket(&mut mine.applier));
        if stepped_down {
            self.wake_writers(me);
            out.happened(now, Event::SteppedDown { node: me, epoch: was, heard: true });
        }
        self.discarded(me, discarded, out);
        flow
    }

    /// Puts a snapshot that is complete into its place; answers where the log ends. A node that follows a
    /// newer epoch by now has no use for it.
    pub(super) fn copied<O: Observer>(&mut self, index: u32, out: &mut O) -> Flow {
        let frame = &self.arena[index];
        let (now, me, sent) = (self.now, frame.node, Batch::epoch_of(frame));
        let Some(database) = self.database_of(me) else { return Flow::Next };
        if sent < database.epoch {
            let epoch = database.epoch;
            database.restored(now);
            self.arena[index].value = u64::from(epoch);
            return Flow::End(Outcome::NoPrimary);
        }
        let discarded = database.restored(now);
        let end = database.log.end();
        self.arena[index].value = end;
        self.discarded(me, discarded, out);
        Flow::Next
    }

    fn discarded<O: Observer>(&self, node: NodeId, entries: u64, out: &mut O) {
        if entries > 0 {
            out.happened(self.now, Event::Discarded { node, entries });
        }
    }

    /// A promotion begins, unless the node has promised to follow a newer epoch.
    pub(super) fn prepare(&mut self, index: u32) -> Flow {
        let now = self.now;
        let frame = &self.arena[index];
        let (me, epoch) = (frame.node, frame.value as u32);
        let due = now.saturating_add(self.promotion_length(me));
        let Some(database) = self.database_of(me) else { return Flow::Next };
        if epoch < database.epoch {
            return Flow::End(Outcome::NoPrimary);
        }
        database.promoting = Some((now, due));
        database.promised = epoch;
        Flow::Next
    }

    /// Waits for the next entry that is left of the log, as long as applying takes by now: the rest is
    /// applied one by one before the node leads. It gives up if it has promised a newer epoch.
    pub(super) fn replay(&mut self, index: u32) -> Flow {
        let now = self.now;
        let frame = &mut self.arena[index];
        let node = &mut self.nodes[frame.node.index()];
        let apply = match &self.options[node.component.index()] {
            Options::Database(o) => o.apply,
            _ => 0,
        };
        let Part::Database(database) = &mut node.part else { return Flow::Next };
        let left = database.log.end() - database.applied;
        if left == 0 || database.promised != frame.value as u32 || !database.is_promoting() {
            frame.result = Outcome::Miss;
            return Flow::Next;
        }
        database.replaying = true;
        if let Some(promoting) = &mut database.promoting {
            promoting.1 = now.saturating_add(left.saturating_mul(apply));
        }
        frame.result = Outcome::Ok;
        Flow::Until(now.saturating_add(apply))
    }

    /// Who was in sync with the last primary, and who of them is known to live, by what the watcher at
    /// the other end of a link wrote of that epoch.
    fn heirs(&self, link: LinkId, epoch: u32) -> (Members, Members) {
        if link == Frame::NO_LINK {
            return (0, 0);
        }
        match &self.nodes[self.links[link].from.index()].part {
            Part::Watcher(watcher) => watcher.heirs(epoch),
            _ => (0, 0),
        }
    }

    /// Becomes primary of the epoch that the frame carries.
    pub(super) fn lead<O: Observer>(&mut self, index: u32, out: &mut O) -> Flow {
        let now = self.now;
        let (me, epoch) = (self.arena[index].node, self.arena[index].value as u32);
        let component = self.nodes[me.index()].component;
        let (old, next) = self.heirs(self.arena[index].link, epoch);
        let ready = &mut self.ready;
        let Part::Database(database) = &mut self.nodes[me.index()].part else { return Flow::Next };
        database.promoting = None;
        database.replaying = false;
        if epoch < database.epoch {
            ready.extend(super::take_ticket(&mut database.applier));
            return Flow::End(Outcome::NoPrimary);
        }
        while database.applied < database.log.end() {
            database.apply(now);
        }
        let newest = database.log.newest();
        database.restoring = None;
        database.epoch = epoch;
        database.led = epoch;
        database.leads = true;
        database.leader = database.index;
        database.lease_until = 0;
        database.lease_asked = 0;
        database.leased = false;
        let end = database.log.end();
        database.streams.iter_mut().for_each(|stream| stream.begin(end));
        database.peers.lead(epoch, (old, next), database.terms.rule.ack, end);
        // An empty batch at once: who has something else, or returns, is set right without a write.
        ready.extend(database.shippers.iter_mut().filter_map(super::take_ticket));
        let leaser = std::mem::replace(&mut database.leaser, Ticket::NOBODY);
        self.wake(leaser);
        out.happened(
            now,
            Event::Promoted {
                component,
                node: me,
                epoch,
                log_epoch: newest.epoch(),
                log_position: newest.position(),
            },
        );
        Flow::Next
    }
}
