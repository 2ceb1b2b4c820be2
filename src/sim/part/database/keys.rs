//! Idempotency keys: which writes are done, whoever brings them again.
//!
//! Each node of a database remembers the version that the write with a key made: a primary when it
//! appends it, a replica when it applies the entry, which carries the key. A snapshot brings the
//! memory of its primary. A key counts only while the log has the entry that made its version: what a
//! divergence throws away is not done, and nothing needs to be undone for that. The newest requests
//! of each traffic are remembered ([`crate::sim::book`]).
//!
//! (Stripe, "Designing robust and predictable APIs with idempotency", 2017, and the producer ids that
//! travel with the log of Kafka, KIP-98, 2017.)

use super::Database;
use crate::sim::id::LinkId;
use crate::sim::log::{Key, Version};
use crate::sim::node::Part;
use crate::sim::observation::{Event, Observer, Outcome};
use crate::sim::program::Flow;
use crate::sim::request::parts;
use crate::sim::spec::Options;
use crate::sim::time::Ns;
use crate::sim::world::World;

impl Database {
    /// The version that the write with that key made, if it is done.
    pub(super) fn done(&self, key: Key) -> Option<Version> {
        self.keys.version(key).filter(|&version| self.log.holds(version))
    }

    /// A primary takes a write: its version. A key that is known brings the version that there is,
    /// and changes nothing.
    fn take_write(&mut self, row: u32, key: Option<Key>, now: Ns) -> Result<Taken, Outcome> {
        if !self.may_lead(now) {
            return Err(Outcome::NoPrimary);
        }
        if let Some(version) = key.and_then(|key| self.done(key)) {
            return Ok(Taken { version, again: true });
        }
        if !self.may_write() {
            return Err(Outcome::NotEnoughReplicas);
        }
        Ok(Taken { version: self.append_keyed(row, now, key), again: false })
    }
}

/// A write that a primary has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Taken {
    version: Version,
    /// Whether it was done before.
    again: bool,
}

impl World {
    /// A primary takes the write of a frame, which then waits for its replicas.
    pub(super) fn take_write<O: Observer>(&mut self, index: u32, out: &mut O) -> Flow {
        let now = self.now;
        let frame = &self.arena[index];
        let (me, row, request, path) = (frame.node, frame.key, frame.request, frame.path);
        let (class, step, link, caller) = (frame.class, frame.step, frame.link, frame.caller);
        let keyed = request != 0 && self.sends_key(request, link);
        let write = Key { request, path };
        let node = &mut self.nodes[me.index()];
        let component = node.component;
        let Part::Database(database) = &mut node.part else { return Flow::Next };
        let taken = match database.take_write(row, keyed.then_some(write), now) {
            Ok(taken) => taken,
            Err(why) => return Flow::End(why),
        };
        let frame = &mut self.arena[index];
        frame.value = taken.version.0;
        frame.delivery = u64::from(database.epoch);
        if !taken.again {
            self.ready.extend(database.shippers.iter_mut().filter_map(super::take_ticket));
            if request != 0 {
                let has = |version| database.log.holds(version);
                if self.effects.committed(write, taken.version, has) {
                    let (epoch, position) = (taken.version.epoch(), taken.version.position());
                    out.happened(now, Event::Doubled { component, epoch, position });
                }
                let order = (request, component, taken.version);
                self.await_message(order, (class, step), (link, caller), out);
            }
        }
        Flow::Next
    }

    /// Whether the write of a request that comes over a link carries a key: that of the workers who do
    /// it, else that of the users who sent the request.
    fn sends_key(&self, request: u64, link: LinkId) -> bool {
        let by = self.nodes[self.links[link].from.index()].component;
        if let Options::Workers(o) = &self.options[by.index()] {
            return o.idempotent;
        }
        let keyed = |o: &Options| match o {
            Options::Traffic(o) => Some(o.idempotent),
            _ => None,
        };
        self.options.iter().filter_map(keyed).nth(parts(request).0).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests;
