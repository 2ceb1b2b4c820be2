//! What passes between a database's node and its watchers: beats, promises, leases.
//!
//! A lease lasts `every` x `misses`, counted from when it was asked for, so that the primary gives up
//! before any watcher believes it over; how long that is, each watcher says who grants it. The next is
//! asked for `every` later, or when the last request is answered, if the way to the watchers is longer. The
//! request also tells which replicas are in sync, so that it
//! is made without fencing too, unless writes are acknowledged without replicas. A primary without one
//! stops acting; if nobody has taken its place, the next lease lets it act again.
//!
//! So no two primaries accept writes at a time. That is all that a lease does: what a primary took
//! while its lease was good, and nobody else heard, is not in the log of the next one. With `async` it
//! was acknowledged nevertheless, and healing throws it away, or merges it, where it conflicts with
//! what has been written to the same rows since.

use super::{Database, Ticket};
use crate::sim::id::NodeId;
use crate::sim::node::Part;
use crate::sim::observation::{Event, Observer, Outcome};
use crate::sim::part::failover::Belief;
use crate::sim::program::Flow;
use crate::sim::spec::{Ack, FailoverOptions, Options};
use crate::sim::time::NEVER;
use crate::sim::world::World;

impl World {
    /// The options of whoever watches the database of a node.
    fn watch_options(&self, node: NodeId) -> Option<&FailoverOptions> {
        let component = self.nodes[node.index()].component;
        let info = self.databases.iter().find(|d| d.component == component)?;
        match &self.options[info.failover?.index()] {
            Options::Failover(o) => Some(o),
            _ => None,
        }
    }

    /// Runs `change` on the state of the frame's node; says so if that made it give up the role.
    pub(super) fn stepping_down<O: Observer>(
        &mut self,
        index: u32,
        out: &mut O,
        change: impl FnOnce(&mut Database) -> bool,
    ) {
        let node = self.arena[index].node;
        let now = self.now;
        let Part::Database(database) = &mut self.nodes[node.index()].part else { return };
        let epoch = database.epoch;
        if change(database) {
            let heard = database.epoch > epoch;
            self.wake_writers(node);
            out.happened(now, Event::SteppedDown { node, epoch, heard });
        }
    }

    /// Answers a watcher's beat with its epoch, whether it is being promoted, and whether it acts as
    /// primary.
    pub(super) fn hear_beat<O: Observer>(&mut self, index: u32, out: &mut O) {
        let belief = Belief::unpack(self.arena[index].value);
        self.stepping_down(index, out, |d| d.follow(belief.epoch, belief.primary));
        let now = self.now;
        let frame = &mut self.arena[index];
        let Part::Database(database) = &self.nodes[frame.node.index()].part else { return };
        let flags = u64::from(database.is_promoting()) << 1 | u64::from(database.may_lead(now));
        frame.value = u64::from(database.epoch) << 2 | flags;
    }

    /// Promises a candidate epoch to follow no older one, and answers with its newest entry.
    pub(super) fn inspect<O: Observer>(&mut self, index: u32, out: &mut O) {
        let epoch = self.arena[index].value as u32;
        self.stepping_down(index, out, |d| d.promise(epoch));
        let frame = &mut self.arena[index];
        let Part::Database(database) = &self.nodes[frame.node.index()].part else { return };
        frame.value = database.log.newest().0;
    }

    pub(super) fn lease_due(&mut self, index: u32) -> Flow {
        let frame = &self.arena[index];
        let (me, ticket) = (frame.node, Ticket { index, since: frame.since });
        let every = self.watch_options(me).map_or(0, |o| o.every);
        let now = self.now;
        let Some(database) = self.database_of(me) else { return Flow::Next };
        let tells = database.terms.fenced || database.terms.rule.ack != Ack::Async;
        if !database.leads || !tells {
            database.leaser = ticket;
            return Flow::Park;
        }
        if database.lease_asked == 0 {
            Flow::Next
        } else {
            Flow::Until(now.max(database.lease_asked + every))
        }
    }

    /// Asks for a lease, and tells who is in sync; goes back to wait if the node does not lead any more.
    pub(super) fn lease_ask<O: Observer>(&mut self, index: u32, out: &mut O) -> Flow {
        let now = self.now;
        self.stepping_down(index, out, |d| {
            let over = d.leads && d.terms.fenced && d.leased && now >= d.lease_until;
            d.leased &= !over;
            over
        });
        let frame = &mut self.arena[index];
        let Part::Database(database) = &mut self.nodes[frame.node.index()].part else {
            return Flow::Next;
        };
        if !database.leads {
            return Flow::End(Outcome::NoPrimary);
        }
        // 0 means "never asked".
        database.lease_asked = now.max(1);
        let rule = database.terms.rule;
        database.peers.propose(rule);
        database.peers.told().put(frame);
        frame.mark = NEVER;
        Flow::Next
    }

    /// A watcher that grants says for how long; one that refuses knows a newer epoch.
    pub(super) fn lease_answer<O: Observer>(&mut self, index: u32, out: &mut O) {
        let frame = &mut self.arena[index];
        match frame.result {
            Outcome::Ok => frame.mark = frame.mark.min(frame.delivery),
            Outcome::NoPrimary => {
                let belief = Belief::unpack(frame.value);
                self.stepping_down(index, out, |d| {
                    belief.epoch > d.epoch && d.follow(belief.epoch, belief.primary)
                });
            }
            _ => {}
        }
    }

    /// A majority has granted the lease, or has not.
    pub(super) fn leased(&mut self, index: u32) {
        let frame = &self.arena[index];
        let (me, granted) = (frame.node, frame.result.is_good());
        let length = frame.mark;
        let Some(database) = self.database_of(me) else { return };
        // Asked 0: it has begun another epoch meanwhile.
        if granted && database.leads && database.lease_asked > 0 {
            let until = database.lease_asked.saturating_add(length);
            database.lease_until = database.lease_until.max(until);
            database.leased = true;
            database.peers.commit();
            self.look_again(me);
        }
    }
}
