//! Single flight: of all requests of one process for one row that its cache lacks, one reads the
//! database, and the others wait for what it gets.
//!
//! This is what Go's `singleflight` (of groupcache) does, once for each process that calls: with four
//! servers four may read the same row at a time. (A lease at the cache would make it one in all:
//! Nishtala and others, "Scaling Memcache at Facebook", 2013, 3.2.1.) As there, who waits shares the
//! fate of the one that leads, a failure included, and its answer may be older than a write that was
//! acknowledged meanwhile: counted as a stale read. The leader and those who wait are of one process,
//! so that a crash ends them together.

use crate::sim::frame::{Frame, Ticket};
use crate::sim::id::ComponentId;
use crate::sim::observation::{Giver, Observer, Outcome};
use crate::sim::program::{Flow, Meaning, Target};
use crate::sim::spec::Options;
use crate::sim::time::Ns;
use crate::sim::world::World;

/// Operations of a caller's programs, between the lookup in a cache and the read of its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlightOp {
    /// After that lookup found nothing: leads, or waits for the one that does.
    Join(u16),
    /// What was read is there.
    Land,
}

/// A read that others wait for, on one node.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    cache: ComponentId,
    row: u32,
    /// The frame that reads.
    leader: u32,
    /// The index of its database.
    database: u8,
    waiting: Vec<Waiter>,
}

#[derive(Clone, Copy, Debug)]
struct Waiter {
    ticket: Ticket,
    /// The newest acknowledged version of the row when it began to wait.
    floor: u64,
}

impl World {
    pub(in crate::sim) fn flight_op<O: Observer>(
        &mut self,
        op: FlightOp,
        index: u32,
        out: &mut O,
    ) -> Flow {
        match op {
            FlightOp::Join(lookup) => self.join_flight(lookup, index),
            FlightOp::Land => {
                let frame = &mut self.arena[index];
                if frame.holds(Frame::FLIGHT) {
                    frame.let_go(Frame::FLIGHT);
                    let value = frame.value;
                    self.land(index, Ok(value), out);
                }
                Flow::Next
            }
        }
    }

    fn join_flight(&mut self, lookup: u16, index: u32) -> Flow {
        let call = self.code.calls[usize::from(lookup)];
        let (Target::Turn(cache), Meaning::Lookup(database)) = (call.target, call.meaning) else {
            return Flow::Next;
        };
        if !matches!(&self.options[cache.index()], Options::Cache(o) if o.single_flight) {
            return Flow::Next;
        }
        let (_, row) = self.row(&self.arena[index], call.row);
        let user = self.arena[index].user;
        if self.own_writes[usize::from(database)].needs(user, row, self.now) > 0 {
            // What others read may be older than what this user wrote.
            return Flow::Next;
        }
        let floor = self.newest_acknowledged(database, row);
        let frame = &mut self.arena[index];
        let flights = &mut self.nodes[frame.node.index()].flights;
        if let Some(flight) = flights.iter_mut().find(|f| (f.cache, f.row) == (cache, row)) {
            frame.mark = self.now;
            let ticket = Ticket { index, since: frame.since };
            flight.waiting.push(Waiter { ticket, floor });
            return Flow::Park;
        }
        frame.hold(Frame::FLIGHT);
        flights.push(Flight { cache, row, leader: index, database, waiting: Vec::new() });
        Flow::Next
    }

    /// The frame that reads for one that waits for what it gets.
    pub(in crate::sim) fn leader_of(&self, index: u32) -> Option<u32> {
        let flights = &self.nodes[self.arena[index].node.index()].flights;
        let is_it = |w: &Waiter| w.ticket.index == index && self.arena.alive(w.ticket);
        flights.iter().find(|f| f.waiting.iter().any(is_it)).map(|f| f.leader)
    }

    /// The read that a frame led has ended: whoever waited for it goes on with what it got.
    pub(in crate::sim) fn land<O: Observer>(
        &mut self,
        leader: u32,
        got: Result<u64, Outcome>,
        out: &mut O,
    ) {
        let now: Ns = self.now;
        let flights = &mut self.nodes[self.arena[leader].node.index()].flights;
        let Some(at) = flights.iter().position(|f| f.leader == leader) else { return };
        let flight = flights.swap_remove(at);
        let component = self.databases[usize::from(flight.database)].component;
        for Waiter { ticket, floor } in flight.waiting {
            if !self.arena.alive(ticket) {
                continue;
            }
            let frame = &mut self.arena[ticket.index];
            frame.wait += now - frame.mark;
            match got {
                Ok(value) => {
                    frame.value = value;
                    frame.result = Outcome::Ok;
                    frame.pc = frame.pc.next();
                    if value < floor {
                        out.stale(now, component, Giver::Cache);
                    }
                    self.ready.push_back(ticket);
                }
                Err(why) => {
                    if self.fail(ticket.index, why, out) {
                        self.ready.push_back(ticket);
                    }
                }
            }
        }
    }
}
