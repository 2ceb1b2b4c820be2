//! The closed loop: users who think, send a request, wait for its end, and think again.
//!
//! Each is a frame of its traffic node; his request is another, which wakes him when it ends.

use super::TrafficOp;
use crate::sim::agenda::Kind;
use crate::sim::frame::{Frame, Ticket};
use crate::sim::id::NodeId;
use crate::sim::node::Part;
use crate::sim::observation::{Observer, Outcome};
use crate::sim::program::Flow;
use crate::sim::random::{Lot, Sampler};
use crate::sim::spec::Options;
use crate::sim::time::Ns;
use crate::sim::world::World;

/// How long somebody thinks on who is met somewhere in his thinking: of a constant length any part, of
/// an exponential one as long as from its beginning, for it has no memory (and of others so, too, which
/// is right but for the first request of each).
fn rest(thinking: Sampler, lot: &mut Lot) -> Ns {
    match thinking {
        Sampler::Constant(length) => (lot.unit() * length as f64) as Ns,
        other => other.draw(lot),
    }
}

impl World {
    /// Lets users into the closed loop until there are as many as there should be; each begins
    /// somewhere in his thinking. Those who are too many leave: who thinks now, who waits later.
    pub(in crate::sim) fn populate(&mut self, id: NodeId) {
        let node = &mut self.nodes[id.index()];
        let (component, up) = (node.component, node.is_up());
        let (Part::Traffic(traffic), Options::Traffic(options)) =
            (&mut node.part, &self.options[component.index()])
        else {
            return;
        };
        let (population, purpose) = (traffic.population, traffic.draws.think);
        let sampler = Sampler::new(options.think);
        if traffic.users.iter().skip(population).any(|&there| there) {
            self.thin_out(id, population);
        }
        // The program of a user is the last; he begins in the middle of his thinking.
        let Some(start) = self.code.entries[component.index()].last().filter(|_| up) else {
            return;
        };
        for user in 0..population {
            let Part::Traffic(traffic) = &mut self.nodes[id.index()].part else { return };
            if traffic.users.len() <= user {
                traffic.users.push(false);
            }
            if std::mem::replace(&mut traffic.users[user], true) {
                continue;
            }
            let mut lot = purpose.of(user as u64, 1, 0);
            let think = rest(sampler, &mut lot);
            let seq = self.agenda.next_seq();
            let frame = Frame { local: user as u32, ..Frame::new(seq, id, start.next(), self.now) };
            let index = self.arena.add(frame);
            self.agenda.at(self.now.saturating_add(think), Kind::Timer, index);
        }
    }

    /// Users who think and are too many leave at once, as if they had never come.
    #[cold]
    fn thin_out(&mut self, id: NodeId, population: usize) {
        let thinks = |f: &Frame| f.node == id && f.request == 0 && f.outstanding == 0;
        let surplus: Vec<u32> = self
            .arena
            .iter()
            .filter(|(_, f)| thinks(f) && f.local as usize >= population)
            .map(|(index, _)| index)
            .collect();
        for index in surplus {
            let user = self.arena[index].local as usize;
            if let Part::Traffic(traffic) = &mut self.nodes[id.index()].part {
                traffic.users[user] = false;
            }
            let seq = self.agenda.next_seq();
            self.arena.remove(index, seq);
        }
    }

    /// The process of a traffic node has died: its users are gone with their frames.
    pub(in crate::sim) fn depopulate(&mut self, node: NodeId) {
        if let Part::Traffic(traffic) = &mut self.nodes[node.index()].part {
            traffic.users.clear();
        }
    }

    pub(in crate::sim) fn traffic_op<O: Observer>(
        &mut self,
        op: TrafficOp,
        index: u32,
        out: &mut O,
    ) -> Flow {
        let frame = &mut self.arena[index];
        let (id, user, since) = (frame.node, frame.local, frame.since);
        let node = &mut self.nodes[id.index()];
        let (Part::Traffic(traffic), Options::Traffic(options)) =
            (&mut node.part, &self.options[node.component.index()])
        else {
            return Flow::Next;
        };
        match op {
            TrafficOp::Think if user as usize >= traffic.population => {
                traffic.users[user as usize] = false;
                Flow::End(Outcome::Ok)
            }
            TrafficOp::Think => {
                let mut lot = traffic.draws.think.of(frame.value, 0, 0);
                Flow::Until(self.now.saturating_add(Sampler::new(options.think).draw(&mut lot)))
            }
            TrafficOp::Send if frame.outstanding > 0 => {
                frame.outstanding = 0;
                Flow::Next
            }
            TrafficOp::Send => {
                frame.outstanding = 1;
                frame.value = traffic.numbers.next();
                self.send_request(id, Some(Ticket { index, since }), out);
                Flow::Park
            }
        }
    }
}
