//! Injecting: faults begin and end, settings change. What that puts into force is recomputed
//! (`world/force.rs`).

use super::World;
use super::force::change_option;
use super::mask::Mask;
use crate::sim::agenda::Kind;
use crate::sim::fault::{Change, Fault, Injected};
use crate::sim::id::{ComponentId, FaultId, LinkId, NodeId};
use crate::sim::node::Part;
use crate::sim::observation::{Event, NodeState, Observer};
use crate::sim::spec::Value;
use crate::sim::time::Ns;
use std::collections::BTreeSet;
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
            Change::Flush(components) => self.flush(&components, out),
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
        let Some(mask) = self.held_by(change) else { return Injected::Nothing };
        let id = self.faults.len() as u32;
        let until = length.map(|l| self.now.saturating_add(l));
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
        self.active.begin(id, change, &mask, self.now);
        self.masks.push(mask);
        out.happened(self.now, Event::Began(FaultId(id)));
        if let Some(until) = until {
            self.agenda.at(until, Kind::FaultEnd, id);
        }
        if !self.act_at_once(id, change, out) && length == Some(0) {
            // What is in force for no time changes nothing.
            self.release(id, |_| true, out);
        }
        self.recompute(out);
        Injected::Fault(FaultId(id))
    }

    /// What a change takes hold of; `None` if it does not last.
    fn held_by(&self, change: &Change) -> Option<Mask> {
        let mut mask = Mask::default();
        let components = |mask: &mut Mask, ids: &[ComponentId]| {
            for node in ids.iter().flat_map(|c| self.topology.components[c.index()].nodes()) {
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
            Change::Traffic(ids, _) => components(&mut mask, ids),
            Change::HotKey(hot) => components(&mut mask, &self.senders(hot.class)),
            Change::Set(settings) => {
                let ids: Vec<ComponentId> = settings.iter().map(|s| s.0).collect();
                components(&mut mask, &ids);
                mask.passes = self.passes(settings);
            }
            Change::Restart(_)
            | Change::Resume(_)
            | Change::PowerOn(_)
            | Change::Flush(_)
            | Change::Promote(_)
            | Change::Scale(..)
            | Change::Heal(_)
            | Change::HealLinks(_) => return None,
        }
        Some(mask)
    }

    /// Does what a fault does when it begins; false if it does nothing but lie over the configuration.
    fn act_at_once<O: Observer>(&mut self, id: u32, change: &Change, out: &mut O) -> bool {
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
            _ => return false,
        }
        true
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
        if self.active.has(fault.0) {
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
        let nodes = mask.nodes.iter().map(|n| NodeId(n as u16)).filter(|&n| node(n));
        let nodes: Vec<NodeId> = nodes.collect();
        let links = mask.links.iter().map(|l| LinkId(l as u32)).filter(|&l| {
            let (from, to) = self.ends(l);
            link(from, to)
        });
        let links: Vec<LinkId> = links.collect();
        let mask = &mut self.masks[fault as usize];
        for &node in &nodes {
            mask.nodes.remove(node.index());
            self.active.free_node(fault, &self.faults[fault as usize].change, node);
        }
        for &link in &links {
            mask.links.remove(link.index());
            self.active.free_link(fault, link, self.now);
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
            let (mask, change) =
                (&mut self.masks[fault as usize], &self.faults[fault as usize].change);
            self.active.end(fault, change, mask, self.now);
            mask.close();
            self.faults[fault as usize].ended = Some(self.now);
            out.happened(self.now, Event::Ended(FaultId(fault)));
        } else {
            self.faults[fault as usize].change.let_go(&node, &link);
        }
        for node in nodes {
            let n = &mut self.nodes[node.index()];
            n.crashes -= u32::from(crash);
            n.pauses -= u32::from(pause);
            n.offs -= u32::from(off);
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
        for fault in self.active.all().to_vec() {
            healed |= self.release(fault, |n| nodes.is_none_or(|nodes| nodes.contains(&n)), out);
        }
        self.recompute(out);
        if healed { Injected::Done } else { Injected::Nothing }
    }

    /// Ends the faults of the network between these ordered pairs of nodes.
    fn heal_links<O: Observer>(&mut self, pairs: &[(NodeId, NodeId)], out: &mut O) -> Injected {
        let pairs: BTreeSet<(NodeId, NodeId)> = pairs.iter().copied().collect();
        let mut healed = false;
        for fault in self.active.all().to_vec() {
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
        for fault in self.active.all().to_vec() {
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
                .at(node)
                .iter()
                .copied()
                .filter(|&f| {
                    let change = &self.faults[f as usize].change;
                    matches!(change, Change::Crash(_) | Change::Pause(_))
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

    fn flush<O: Observer>(&mut self, components: &[ComponentId], out: &mut O) -> Injected {
        let mut injected = Injected::Nothing;
        for node in components.iter().flat_map(|c| self.topology.components[c.index()].nodes()) {
            let thrown = match &mut self.nodes[node.index()].part {
                Part::Cache(cache) => cache.clear(),
                Part::Queue(queue) => queue.flush(),
                _ => 0,
            };
            if thrown > 0 {
                injected = Injected::Done;
                out.happened(self.now, Event::Flushed { node, thrown });
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
        let options = Arc::make_mut(&mut base);
        for (component, name, value) in settings {
            change_option(&mut options[component.index()], name, value);
            self.active.configured(*component);
        }
        if base == self.base {
            return Injected::Nothing;
        }
        self.base = base;
        self.recompute(out);
        Injected::Done
    }
}
