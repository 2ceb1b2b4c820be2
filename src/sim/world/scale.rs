//! Nodes that come and go: `scale`.
//!
//! Ids and links are kept for as many nodes as a component may ever have; those beyond its number are
//! *absent*. The highest numbers leave and come back.
//!
//! A node that comes boots. Balancers use it when their checks say that it is there; callers without a
//! balancer use it when it is up, in order of the numbers. A node that leaves gets nothing new from the
//! moment of the command (whoever scales tells the balancers, too), finishes what it has or is on its
//! way to it, and is then gone; what it has not done after `drain` is reset. A worker finishes the
//! messages that it has in hand and takes no others.

use super::World;
use crate::sim::agenda::Kind;
use crate::sim::fault::Injected;
use crate::sim::frame::{Frame, State, Ticket};
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::node::{Known, Part};
use crate::sim::observation::{NodeState, Observer};
use crate::sim::part::queue::QueueOp;
use crate::sim::program::{Own, Step};
use crate::sim::spec::Options;
use crate::sim::time::{MILLISECOND, NEVER, Ns};
use std::sync::Arc;

/// How often it is looked whether a node that is to leave has done its work.
const LOOK: Ns = 100 * MILLISECOND;

impl World {
    /// How many nodes a component is to have: those that boot are counted, those that leave are not.
    #[must_use]
    pub fn instances(&self, component: ComponentId) -> u16 {
        self.wanted[component.index()]
    }

    /// Gives components so many nodes.
    pub(super) fn scale<O: Observer>(
        &mut self,
        components: &[ComponentId],
        to: u16,
        out: &mut O,
    ) -> Injected {
        let mut injected = Injected::Nothing;
        for &component in components {
            let c = component.index();
            let Some(drain) = self.options[c].behaviour().drain() else { continue };
            let from = self.wanted[c];
            if to == 0 || to > self.topology.components[c].room || to == from {
                continue;
            }
            self.wanted[c] = to;
            self.joined[c] = self.joined[c].min(to);
            self.tell_balancers(component, to, out);
            let first = self.topology.components[c].nodes.start;
            for local in from..to {
                self.add(NodeId(first + local), out);
            }
            for local in (to..from).rev() {
                self.leave(NodeId(first + local), drain, out);
            }
            injected = Injected::Done;
        }
        injected
    }

    /// Balancers in front of a component spread over so many nodes from now on, and check them.
    fn tell_balancers<O: Observer>(&mut self, component: ComponentId, to: u16, out: &mut O) {
        let info = &self.topology.components[component.index()];
        let (name, first) = (info.name.clone(), NodeId(info.nodes.start));
        for n in 0..self.nodes.len() {
            let node = &mut self.nodes[n];
            let (Part::Balancer(balancer), Options::Balancer(options)) =
                (&mut node.part, &self.options[node.component.index()])
            else {
                continue;
            };
            if options.to == name {
                balancer.resize(usize::from(to), first);
                if matches!(node.state, NodeState::Up | NodeState::Paused) {
                    self.watch(NodeId(n as u16), out);
                }
            }
        }
    }

    /// Starts the health checks of a balancer that do not run yet.
    fn watch<O: Observer>(&mut self, id: NodeId, out: &mut O) {
        let component = self.nodes[id.index()].component;
        for daemon in self.code.daemons[component.index()].clone() {
            let Part::Balancer(balancer) = &mut self.nodes[id.index()].part else { return };
            if balancer.begins_to_watch(daemon.local) {
                let seq = self.agenda.next_seq();
                let frame = Frame::new(seq, id, daemon.start, self.now);
                let index = self.arena.add(Frame { local: daemon.local, mark: NEVER, ..frame });
                self.run(index, out);
            }
        }
    }

    /// A node comes; one that was to leave and is still there stays. What holds it down still does.
    fn add<O: Observer>(&mut self, id: NodeId, out: &mut O) {
        let node = &mut self.nodes[id.index()];
        if node.state != NodeState::Absent {
            return self.stay(id);
        }
        for (known, database) in node.known.iter_mut().zip(self.databases.iter()) {
            *known = Known::cold(database.failover.is_some());
        }
        let component = node.component.index();
        // It has no connections, and answers what still comes in on those of one that went dark.
        self.close_connections(id);
        self.reset_connections(id);
        let end = &mut Arc::make_mut(&mut self.topology).components[component].nodes.end;
        *end = (*end).max(id.0 + 1);
        let node = &mut self.nodes[id.index()];
        match (node.offs, node.crashes) {
            (0, 0) => {
                node.state = NodeState::Crashed;
                self.boot(id, out);
            }
            (0, _) => self.set_state(id, NodeState::Crashed, 0, out),
            _ => self.set_state(id, NodeState::Off, 0, out),
        }
    }

    /// A node does not leave after all: its threads take messages again.
    fn stay(&mut self, id: NodeId) {
        self.nodes[id.index()].leaving = None;
        let done = Step::Own(Own::Queue(QueueOp::Done));
        let idle = |f: &Frame| f.node == id && self.code.steps[f.pc.0 as usize] == done;
        let tickets: Vec<Ticket> = self
            .arena
            .iter()
            .filter(|(_, f)| idle(f))
            .map(|(index, f)| Ticket { index, since: f.since })
            .collect();
        self.ready.extend(tickets);
        self.join(id);
    }

    /// A node that has been up for the first time since it came is used in turn.
    pub(super) fn join(&mut self, id: NodeId) {
        let component = self.nodes[id.index()].component.index();
        let first = self.topology.components[component].nodes.start;
        let is_up = |local: u16| self.nodes[usize::from(first + local)].is_up();
        let mut joined = self.joined[component];
        while joined < self.wanted[component] && is_up(joined) {
            joined += 1;
        }
        self.joined[component] = joined;
    }

    /// A node is to leave. Who is not up has nothing to finish.
    fn leave<O: Observer>(&mut self, id: NodeId, drain: Ns, out: &mut O) {
        let node = &mut self.nodes[id.index()];
        if node.leaving.is_some() || node.state == NodeState::Absent {
            return;
        }
        node.leaving = Some(self.now.saturating_add(drain));
        self.look_whether_done(id, out);
    }

    /// Lets a node go that has done its work, or has had the time to.
    pub(super) fn look_whether_done<O: Observer>(&mut self, id: NodeId, out: &mut O) {
        let node = &self.nodes[id.index()];
        let Some(limit) = node.leaving else { return };
        let works = matches!(node.state, NodeState::Up | NodeState::Paused);
        if works && self.now < limit && self.has_work(id) {
            let next = self.now.saturating_add(LOOK).min(limit);
            self.agenda.at(next, Kind::Leave, u32::from(id.0));
        } else {
            self.go(id, out);
        }
    }

    /// Whether requests are at a node, or on their way to it.
    fn has_work(&self, id: NodeId) -> bool {
        let there = |f: &Frame| matches!(f.state, State::Here | State::Travelling);
        self.arena.iter().any(|(_, f)| f.node == id && f.request != 0 && there(f))
    }

    /// A node is gone.
    fn go<O: Observer>(&mut self, id: NodeId, out: &mut O) {
        let state = self.nodes[id.index()].state;
        if matches!(state, NodeState::Up | NodeState::Paused) {
            self.end_process(id, NodeState::Absent, out);
        } else {
            self.set_state(id, NodeState::Absent, 0, out);
            if state == NodeState::Off {
                // It could not say so itself, and never will: its address is taken off the network.
                self.close_connections(id);
                self.reset_connections(id);
            }
        }
        let node = &mut self.nodes[id.index()];
        node.leaving = None;
        let component = node.component.index();
        let range = self.topology.components[component].nodes.clone();
        let is_there = |n: &u16| self.nodes[usize::from(*n)].state != NodeState::Absent;
        let end = range.clone().rev().find(is_there).map_or(range.start, |last| last + 1);
        Arc::make_mut(&mut self.topology).components[component].nodes.end = end;
    }
}
