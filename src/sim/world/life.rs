//! How nodes die, stand still, and boot.

use super::World;
use crate::sim::agenda::{Entry, Kind};
use crate::sim::frame::{Frame, State};
use crate::sim::id::NodeId;
use crate::sim::node::{Known, Part};
use crate::sim::observation::{Event, NodeState, Observer, Outcome};
use crate::sim::program::{Step, entry, slot};
use crate::sim::spec::Options;
use crate::sim::time::{NEVER, Ns};

impl World {
    /// Starts the programs without end of a node.
    pub(super) fn start_daemons<O: Observer>(&mut self, id: NodeId, out: &mut O) {
        let node = &self.nodes[id.index()];
        let (component, me) = (node.component, u32::from(node.local));
        let daemons = self.code.daemons[component.index()].clone();
        for daemon in daemons.into_iter().filter(|d| !d.peer || d.local != me) {
            if let Part::Balancer(balancer) = &mut self.nodes[id.index()].part
                && !balancer.begins_to_watch(daemon.local)
            {
                continue;
            }
            let seq = self.agenda.next_seq();
            let frame = Frame::new(seq, id, daemon.start, self.now);
            let index = self.arena.add(Frame { local: daemon.local, mark: NEVER, ..frame });
            self.run(index, out);
        }
        self.populate(id);
    }

    pub(super) fn set_state<O: Observer>(
        &mut self,
        id: NodeId,
        state: NodeState,
        ended: u32,
        out: &mut O,
    ) {
        let node = &mut self.nodes[id.index()];
        self.paused -= u32::from(node.state == NodeState::Paused);
        self.paused += u32::from(state == NodeState::Paused);
        node.state = state;
        node.since = self.now;
        let word = match state {
            NodeState::Up => 0,
            NodeState::Booting(_) => 1,
            NodeState::Paused => 2,
            NodeState::Crashed => 3,
            NodeState::Off => 4,
            NodeState::Absent => 5,
        };
        self.fold(Kind::Boot, id, 0, word);
        out.happened(self.now, Event::Node { node: id, state, ended });
    }

    /// The process of a node dies: what it held is given back, who waited for it hears `reset`, and
    /// what was only in memory is gone. Returns how many users' requests that ended.
    pub(super) fn crash<O: Observer>(&mut self, id: NodeId, out: &mut O) -> u32 {
        let state = self.nodes[id.index()].state;
        if matches!(state, NodeState::Crashed | NodeState::Off | NodeState::Absent) {
            return 0;
        }
        self.end_process(id, NodeState::Crashed, out)
    }

    /// Ends the process of a node, which is `then` crashed or not there any more.
    pub(super) fn end_process<O: Observer>(
        &mut self,
        id: NodeId,
        then: NodeState,
        out: &mut O,
    ) -> u32 {
        let now = self.now;
        self.close_connections(id);
        for resource in &mut self.nodes[id.index()].resources {
            resource.reset(now);
        }
        let stash = std::mem::take(&mut self.nodes[id.index()].stash);
        self.nodes[id.index()].woken.clear();
        self.crash_part(id, out);
        let here = self.frames_at(id);
        let ended = self.nodes[id.index()].in_flight;
        self.set_state(id, then, ended, out);
        for index in here {
            let frame = &mut self.arena[index];
            frame.result = Outcome::Reset;
            frame.blame = id;
            frame.broken = true;
            frame.take_held().for_each(drop);
            self.leave_wait(index);
            self.finish(index, out);
        }
        for entry in stash {
            // What waited in the sockets of a process that stood still.
            self.handle(entry, out);
        }
        self.reset_connections(id);
        ended
    }

    /// The frames at a node, in the order in which they were made.
    pub(super) fn frames_at(&self, id: NodeId) -> Vec<u32> {
        let here = self.arena.iter().filter(|(_, f)| f.state == State::Here && f.node == id);
        let mut here: Vec<(u64, u32)> = here.map(|(index, f)| (f.born, index)).collect();
        here.sort_unstable();
        here.into_iter().map(|(_, index)| index).collect()
    }

    /// What a process that dies takes with it: all that its part had only in memory.
    pub(super) fn crash_part<O: Observer>(&mut self, id: NodeId, out: &mut O) {
        self.depopulate(id);
        let node = &mut self.nodes[id.index()];
        node.flights.clear();
        for (known, database) in node.known.iter_mut().zip(self.databases.iter()) {
            *known = Known::cold(database.failover.is_some());
        }
        match &mut node.part {
            Part::Balancer(balancer) => balancer.crash(),
            Part::Cache(cache) => {
                cache.clear();
            }
            Part::Database(database) => database.crash(),
            Part::Watcher(watcher) => watcher.crash(),
            Part::Queue(_) => self.broker_died(id, out),
            Part::Plain | Part::Traffic(_) => {}
        }
    }

    /// The host of a dead worker tells the broker that the connection is gone.
    pub(super) fn reset_connections(&mut self, id: NodeId) {
        let Options::Workers(workers) = &self.options[self.nodes[id.index()].component.index()]
        else {
            return;
        };
        let Some(queue) = self.topology.component(&workers.from) else { return };
        let to = NodeId(self.topology.components[queue.index()].nodes.start);
        let (from, there) = (&self.nodes[id.index()], &self.nodes[to.index()]);
        let place = (there.component, there.local);
        let Some(link) = self.links.between((from.component, from.local), place) else { return };
        let pc = self.code.entries[queue.index()][usize::from(entry::QUEUE_RESET)];
        let seq = self.agenda.next_seq();
        let frame = Frame::new(seq, to, pc, self.now);
        let index = self.arena.add(Frame { link, state: State::Travelling, ..frame });
        self.transmit(index, link);
    }

    /// Starts the process of a node that is down, unless a fault keeps it down.
    pub(super) fn boot<O: Observer>(&mut self, id: NodeId, out: &mut O) {
        let node = &self.nodes[id.index()];
        if node.state != NodeState::Crashed || node.crashes > 0 {
            return;
        }
        let stands_still = node.pauses > 0;
        let node = &mut self.nodes[id.index()];
        node.boots_in = self.options[node.component.index()].behaviour().boot();
        node.memory.start();
        if stands_still {
            self.touch_pauses(id);
            self.set_state(id, NodeState::Booting(NEVER), 0, out);
        } else {
            self.go_on_booting(id, out);
        }
    }

    /// Its process has so much of its boot before it, and does it.
    fn go_on_booting<O: Observer>(&mut self, id: NodeId, out: &mut O) {
        let done = self.now.saturating_add(self.nodes[id.index()].boots_in);
        self.set_state(id, NodeState::Booting(done), 0, out);
        self.agenda.at(done, Kind::Boot, u32::from(id.0));
    }

    /// A process has booted, unless it was killed meanwhile.
    pub(super) fn booted<O: Observer>(&mut self, id: NodeId, out: &mut O) {
        let node = &self.nodes[id.index()];
        if node.state != NodeState::Booting(self.now) {
            return;
        }
        self.set_state(id, NodeState::Up, 0, out);
        self.start_daemons(id, out);
        self.join(id);
    }

    /// The process of a node stands still: it works on nothing, and holds what it holds.
    pub(super) fn pause<O: Observer>(&mut self, id: NodeId, out: &mut O) {
        let now = self.now;
        let node = &mut self.nodes[id.index()];
        match node.state {
            NodeState::Up => {
                node.resources[usize::from(slot::CORES)].stand_still(now, true);
                self.set_state(id, NodeState::Paused, 0, out);
            }
            NodeState::Booting(done) if done != NEVER => {
                node.boots_in = done - now;
                self.set_state(id, NodeState::Booting(NEVER), 0, out);
            }
            _ => {}
        }
    }

    /// The process of a node goes on: its work takes as much longer as it stood still, and what was due
    /// meanwhile (answers, timers) happens now, in order.
    pub(super) fn resume<O: Observer>(&mut self, id: NodeId, out: &mut O) {
        let now = self.now;
        let node = &mut self.nodes[id.index()];
        match node.state {
            NodeState::Paused => {}
            NodeState::Booting(NEVER) => return self.go_on_booting(id, out),
            _ => return,
        }
        node.resources[usize::from(slot::CORES)].stand_still(now, false);
        let stood = now - node.since;
        if stood > 0 {
            self.postpone(id, stood);
        }
        self.set_state(id, NodeState::Up, 0, out);
        let woken = std::mem::take(&mut self.nodes[id.index()].woken);
        self.ready.extend(woken);
        self.go_on(out);
        for entry in std::mem::take(&mut self.nodes[id.index()].stash) {
            self.handle(entry, out);
            self.go_on(out);
        }
    }

    /// What was worked on at a node that stood still for so long is done as much later.
    fn postpone(&mut self, id: NodeId, stood: Ns) {
        let stash = self.nodes[id.index()].stash.iter().copied();
        let mut due: Vec<Entry> = stash.chain(self.agenda.entries()).collect();
        due.retain(|entry| entry.kind() == Kind::Timer && self.works_on(id, *entry));
        due.sort_unstable();
        for entry in due {
            let index = entry.index();
            self.leave_wait(index);
            self.arena[index].wait += stood;
            self.agenda.at(entry.at().saturating_add(stood), Kind::Timer, index);
        }
    }

    /// Whether an entry is the end of work that a processor of a node does, and not that of a wait.
    fn works_on(&self, id: NodeId, entry: Entry) -> bool {
        if !self.arena.current(entry) {
            return false;
        }
        let frame = &self.arena[entry.index()];
        let next = frame.pc.0 as usize;
        let (Step::Work(work) | Step::Greet(work)) = self.code.steps[next.saturating_sub(1)] else {
            return false;
        };
        // At a call it waits until it tries again.
        let waits = matches!(self.code.steps[next], Step::Call(_));
        frame.node == id && !waits && self.code.works[usize::from(work)].cpu
    }
}
