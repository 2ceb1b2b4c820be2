//! Injecting: faults begin and end, settings change.
//!
//! What is in force is always recomputed from the configuration and the active faults; nothing is
//! undone by inverse arithmetic.

use super::mask::Mask;
use super::{World, asks_for_users, memory, pool, terms};
use crate::sim::agenda::Kind;
use crate::sim::compile;
use crate::sim::fault::{Change, Fault, Injected};
use crate::sim::id::{ComponentId, FaultId, LinkId, NodeId};
use crate::sim::node::Part;
use crate::sim::observation::{Event, NodeState, Observer};
use crate::sim::part::own::OwnWrites;
use crate::sim::program::slot;
use crate::sim::spec::{Options, Value};
use crate::sim::time::Ns;
use std::sync::Arc;

impl World {
    /// Does something to the world, now: before all events of this instant. A lasting change ends
    /// after `length`, if that is given.
    pub fn inject<O: Observer>(
        &mut self,
        change: Change,
        length: Option<Ns>,
        out: &mut O,
    ) -> Injected {
        self.start(out);
        let injected = match change {
            Change::Restart(nodes) => self.restart(&nodes, out),
            Change::Resume(nodes) => {
                self.end_on(&nodes, |change| matches!(change, Change::Pause(_)), out)
            }
            Change::PowerOn(nodes) => {
                self.end_on(&nodes, |change| matches!(change, Change::PowerOff(_)), out)
            }
            Change::Flush(components) => self.flush(&components),
            Change::Promote(nodes) => self.promote(&nodes, out),
            Change::Scale(components, to) => self.scale(&components, to, out),
            Change::Heal(nodes) => self.heal(nodes.as_deref(), out),
            Change::HealLinks(pairs) => self.heal_links(&pairs, out),
            Change::Set(settings) if length.is_none() => self.set_base(&settings, out),
            change => self.begin_fault(&change, length, out),
        };
        self.go_on(out);
        self.kill_the_doomed(out);
        injected
    }

    fn begin_fault<O: Observer>(
        &mut self,
        change: &Change,
        length: Option<Ns>,
        out: &mut O,
    ) -> Injected {
        let id = self.faults.len() as u32;
        let until = length.map(|l| self.now.saturating_add(l));
        let mut mask = Mask::default();
        let components = |mask: &mut Mask, this: &World, ids: &[ComponentId]| {
            for node in ids.iter().flat_map(|c| this.topology.components[c.index()].nodes()) {
                mask.nodes.add(node.index());
            }
        };
        match change {
            Change::Crash(nodes)
            | Change::Pause(nodes)
            | Change::PowerOff(nodes)
            | Change::Slow(nodes, _)
            | Change::Error(nodes, _) => {
                for node in nodes {
                    mask.nodes.add(node.index());
                }
            }
            Change::Cut(pairs) | Change::Delay(pairs, ..) | Change::Lose(pairs, _) => {
                for &(from, to) in pairs {
                    if let Some(link) = self.link_between(from, to) {
                        mask.links.add(link.index());
                    }
                }
            }
            Change::Traffic(ids, _) => components(&mut mask, self, ids),
            Change::HotKey(hot) => components(&mut mask, self, &self.senders(hot.class)),
            Change::Set(settings) => {
                let ids: Vec<ComponentId> = settings.iter().map(|s| s.0).collect();
                components(&mut mask, self, &ids);
                mask.passes = self.passes(settings);
            }
            Change::Restart(_)
            | Change::Resume(_)
            | Change::PowerOn(_)
            | Change::Flush(_)
            | Change::Promote(_)
            | Change::Scale(..)
            | Change::Heal(_)
            | Change::HealLinks(_) => return Injected::Nothing,
        }
        self.faults.push(Fault {
            id: FaultId(id),
            change: change.clone(),
            nodes: mask.nodes.iter().map(|n| NodeId(n as u16)).collect(),
            pairs: mask.links.iter().map(|l| self.ends(LinkId(l as u32))).collect(),
            start: self.now,
            until,
            ended: None,
            touched_requests: 0,
            touched_messages: 0,
            touched_nodes: 0,
        });
        self.masks.push(mask);
        self.active.push(id);
        out.happened(self.now, Event::Began(FaultId(id)));
        if let Some(until) = until {
            self.agenda.at(until, Kind::FaultEnd, id);
        }
        match change {
            Change::Crash(nodes) => self.each(id, nodes, |world, node| {
                world.nodes[node.index()].crashes += 1;
                world.crash(node, out);
            }),
            Change::Pause(nodes) => self.each(id, nodes, |world, node| {
                world.nodes[node.index()].pauses += 1;
                world.pause(node, out);
            }),
            Change::PowerOff(nodes) => self.each(id, nodes, |world, node| {
                world.nodes[node.index()].offs += 1;
                world.power_off(node, out);
            }),
            // What is in force for no time changes nothing.
            _ if length == Some(0) => {
                self.release(id, |_| true, out);
                return Injected::Fault(FaultId(id));
            }
            _ => {}
        }
        self.recompute(out);
        Injected::Fault(FaultId(id))
    }

    /// Does something to nodes in the name of a fault, and counts the requests that this touches.
    fn each(&mut self, fault: u32, nodes: &[NodeId], mut act: impl FnMut(&mut World, NodeId)) {
        for &node in nodes {
            let state = self.nodes[node.index()].state;
            let requests = self.requests_at(node);
            act(self, node);
            if self.nodes[node.index()].state != state {
                self.touch_at_once(fault, node, &requests);
            }
        }
    }

    fn link_between(&self, from: NodeId, to: NodeId) -> Option<LinkId> {
        let (from, to) = (&self.nodes[from.index()], &self.nodes[to.index()]);
        self.links.between((from.component, from.local), (to.component, to.local))
    }

    /// Where a link goes from and to.
    pub(super) fn ends(&self, link: LinkId) -> (NodeId, NodeId) {
        let link = &self.links[link];
        (link.from, link.to)
    }

    /// Ends one fault.
    pub fn end_fault<O: Observer>(&mut self, fault: FaultId, out: &mut O) {
        if self.active.contains(&fault.0) {
            self.release(fault.0, |_| true, out);
            self.recompute(out);
            self.go_on(out);
        }
    }

    /// Takes nodes, with their links, out of a fault's hold.
    fn release<O: Observer>(
        &mut self,
        fault: u32,
        which: impl Fn(NodeId) -> bool,
        out: &mut O,
    ) -> bool {
        self.let_go(fault, &which, |from, to| which(from) || which(to), out)
    }

    /// Takes nodes and links out of a fault's hold; a fault that holds nothing any more has ended.
    fn let_go<O: Observer>(
        &mut self,
        fault: u32,
        node: impl Fn(NodeId) -> bool,
        link: impl Fn(NodeId, NodeId) -> bool,
        out: &mut O,
    ) -> bool {
        let mask = &self.masks[fault as usize];
        let nodes: Vec<NodeId> = (0..self.nodes.len() as u16)
            .map(NodeId)
            .filter(|&n| mask.nodes.has(n.index()) && node(n))
            .collect();
        let links: Vec<usize> = (0..self.links.len())
            .filter(|&i| {
                let (from, to) = self.ends(LinkId(i as u32));
                mask.links.has(i) && link(from, to)
            })
            .collect();
        let mask = &mut self.masks[fault as usize];
        for node in &nodes {
            mask.nodes.remove(node.index());
        }
        for &link in &links {
            mask.links.remove(link);
        }
        let is_set = matches!(self.faults[fault as usize].change, Change::Set(_));
        let freed = !nodes.is_empty() || !links.is_empty();
        let over = (mask.nodes.is_empty() && mask.links.is_empty()) || (is_set && freed);
        let (crash, pause, off) = match self.faults[fault as usize].change {
            Change::Crash(_) => (true, false, false),
            Change::Pause(_) => (false, true, false),
            Change::PowerOff(_) => (false, false, true),
            _ => (false, false, false),
        };
        if over {
            self.active.retain(|&f| f != fault);
            self.faults[fault as usize].ended = Some(self.now);
            self.masks[fault as usize].close();
            out.happened(self.now, Event::Ended(FaultId(fault)));
        }
        for node in nodes {
            let n = &mut self.nodes[node.index()];
            n.crashes -= u16::from(crash);
            n.pauses -= u16::from(pause);
            n.offs -= u16::from(off);
            let (pauses, offs) = (n.pauses, n.offs);
            if off && offs == 0 {
                self.power_on(node, out);
            }
            if crash {
                self.boot(node, out);
            }
            if pause && pauses == 0 {
                self.resume(node, out);
            }
        }
        freed || over
    }

    /// Ends the faults on nodes, or all.
    fn heal<O: Observer>(&mut self, nodes: Option<&[NodeId]>, out: &mut O) -> Injected {
        let mut healed = false;
        for fault in self.active.clone() {
            healed |= self.release(fault, |n| nodes.is_none_or(|nodes| nodes.contains(&n)), out);
        }
        self.recompute(out);
        if healed { Injected::Done } else { Injected::Nothing }
    }

    /// Ends the faults of the network between these ordered pairs of nodes.
    fn heal_links<O: Observer>(&mut self, pairs: &[(NodeId, NodeId)], out: &mut O) -> Injected {
        let mut healed = false;
        for fault in self.active.clone() {
            if !self.faults[fault as usize].change.pairs().is_empty() {
                healed |= self.let_go(fault, |_| false, |a, b| pairs.contains(&(a, b)), out);
            }
        }
        self.recompute(out);
        if healed { Injected::Done } else { Injected::Nothing }
    }

    /// Ends the faults of a kind on these nodes, and only there.
    fn end_on<O: Observer>(
        &mut self,
        nodes: &[NodeId],
        kind: impl Fn(&Change) -> bool,
        out: &mut O,
    ) -> Injected {
        let mut ended = false;
        for fault in self.active.clone() {
            if kind(&self.faults[fault as usize].change) {
                ended |= self.release(fault, |n| nodes.contains(&n), out);
            }
        }
        if ended { Injected::Done } else { Injected::Nothing }
    }

    /// Starts processes: ends the crashes and pauses of these nodes; who is up is stopped first.
    fn restart<O: Observer>(&mut self, nodes: &[NodeId], out: &mut O) -> Injected {
        for &node in nodes {
            let held: Vec<u32> = self
                .active
                .iter()
                .copied()
                .filter(|&f| {
                    let change = &self.faults[f as usize].change;
                    matches!(change, Change::Crash(_) | Change::Pause(_))
                        && self.masks[f as usize].nodes.has(node.index())
                })
                .collect();
            let state = self.nodes[node.index()].state;
            if !matches!(state, NodeState::Crashed | NodeState::Off | NodeState::Absent) {
                self.crash(node, out);
            }
            for fault in held {
                self.release(fault, |n| n == node, out);
            }
            self.boot(node, out);
        }
        Injected::Done
    }

    fn flush(&mut self, components: &[ComponentId]) -> Injected {
        let mut injected = Injected::Nothing;
        for node in components.iter().flat_map(|c| self.topology.components[c.index()].nodes()) {
            let thrown = match &mut self.nodes[node.index()].part {
                Part::Cache(cache) => cache.clear(),
                Part::Queue(queue) => queue.flush(),
                _ => 0,
            };
            if thrown > 0 {
                injected = Injected::Done;
            }
        }
        injected
    }

    /// Changes settings for good.
    fn set_base<O: Observer>(
        &mut self,
        settings: &[(ComponentId, &'static str, Value)],
        out: &mut O,
    ) -> Injected {
        let mut base = Arc::clone(&self.base);
        change_options(Arc::make_mut(&mut base).as_mut_slice(), settings);
        if base == self.base {
            return Injected::Nothing;
        }
        self.base = base;
        self.recompute(out);
        Injected::Done
    }

    /// Brings everything that settings and faults decide up to them.
    fn recompute<O: Observer>(&mut self, out: &mut O) {
        for node in &mut self.nodes {
            node.slow = 1.0;
        }
        self.recompute_errors();
        self.recompute_hot();
        self.recompute_links();
        self.recompute_passes();
        let mut options = Arc::clone(&self.base);
        let mut traffic = vec![1.0; self.topology.components.len()];
        for &f in &self.active {
            let mask = &self.masks[f as usize];
            match &self.faults[f as usize].change {
                Change::Slow(_, factor) => {
                    for (n, node) in self.nodes.iter_mut().enumerate() {
                        if mask.nodes.has(n) {
                            node.slow *= factor;
                        }
                    }
                }
                Change::Traffic(ids, factor) => {
                    for c in ids {
                        traffic[c.index()] *= factor;
                    }
                }
                Change::Set(settings) => {
                    change_options(Arc::make_mut(&mut options).as_mut_slice(), settings);
                }
                _ => {}
            }
        }
        if options != self.options {
            let before = std::mem::replace(&mut self.options, options);
            self.apply_options(&before);
        }
        for n in 0..self.nodes.len() {
            let component = self.nodes[n].component.index();
            if let Options::Traffic(_) = &self.options[component] {
                self.update_traffic(NodeId(n as u16), traffic[component]);
            }
        }
        self.go_on(out);
    }

    /// Puts changed options into force. Who waits is given what is free now when time goes on
    /// ([`World::settle`]), so that a change that ends at once gives nothing to anybody.
    fn apply_options(&mut self, before: &[Options]) {
        let code = compile::compile(
            &self.cluster,
            &self.options,
            &self.topology,
            &self.databases,
            &mut self.agenda,
            self.seed,
        );
        self.code = Arc::new(code);
        self.regrant = true;
        self.sticky = asks_for_users(&self.options);
        for (database, own) in self.databases.iter().zip(&mut self.own_writes) {
            let options = &self.options[database.component.index()];
            if !matches!(options, Options::Database(o) if o.read_your_writes) {
                *own = OwnWrites::default();
            }
        }
        for n in 0..self.nodes.len() {
            let component = self.nodes[n].component;
            let own = &self.options[component.index()];
            self.nodes[n].backlog = own.behaviour().backlog();
            self.nodes[n].memory.set_terms(memory::terms(own));
            let mut capacity: Vec<u32> = own.behaviour().capacities().into();
            if self.nodes[n].resources.len() > capacity.len() {
                for database in self.databases.iter() {
                    let size = pool(&self.options, database);
                    capacity.resize(capacity.len() + database.nodes, size);
                }
            }
            for (slot, &units) in capacity.iter().enumerate() {
                self.nodes[n].resources[slot].set_capacity(units);
            }
            let terms = terms(&self.options, component, &self.databases);
            let watchers = self.databases.iter().find(|d| d.component == component);
            let watchers = watchers.and_then(|d| d.failover).map(|f| &self.options[f.index()]);
            match (&mut self.nodes[n].part, terms) {
                (Part::Database(database), Some(terms)) => {
                    let grace = watchers.map_or(self.now, |o| grace(o, self.now));
                    database.set_terms(terms, grace, &mut self.ready);
                }
                (Part::Watcher(watcher), _)
                    if !fences(&before[component.index()])
                        && fences(&self.options[component.index()]) =>
                {
                    watcher.fence(grace(&self.options[component.index()], self.now));
                }
                _ => {}
            }
        }
        debug_assert!(self.nodes.iter().all(|n| n.resources.len() >= usize::from(slot::POOLS)));
    }

    /// Gives what larger capacities have freed to those who wait, and closes the connections that
    /// smaller pools have no place for.
    pub(super) fn settle(&mut self) {
        if !std::mem::replace(&mut self.regrant, false) {
            return;
        }
        self.close_idle();
        let now = self.now;
        for n in 0..self.nodes.len() {
            for slot in 0..self.nodes[n].resources.len() {
                let arena = &self.arena;
                let granted = self.nodes[n].resources[slot].grant(now, |t| arena.alive(t));
                for ticket in granted {
                    self.grant(ticket, slot as u8);
                }
            }
        }
    }
}

/// Whether watchers fence.
pub(super) fn fences(options: &Options) -> bool {
    matches!(options, Options::Failover(o) if o.fencing)
}

/// Until when a primary may act that needs a lease from now on: as long as a lease would last.
pub(super) fn grace(options: &Options, now: Ns) -> Ns {
    match options {
        Options::Failover(o) => now.saturating_add(o.every.saturating_mul(o.misses)),
        _ => now,
    }
}

fn change_options(options: &mut [Options], settings: &[(ComponentId, &'static str, Value)]) {
    for (component, setting, value) in settings {
        // Commands are checked when they are bound; what does not fit changes nothing.
        let _ = options[component.index()].set(setting, value.clone());
    }
}
