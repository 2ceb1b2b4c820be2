//! What is in force: recomputed from the configuration and the active faults, and never undone by
//! inverse arithmetic.
//!
//! Only that is recomputed of which a setting has changed or a fault has begun or ended to hold it
//! ([`super::active`]), from all faults that hold it.

use super::active::{Hold, Stale};
use super::mask::Bits;
use super::{World, asks_for_users, memory, pool, terms};
use crate::sim::compile;
use crate::sim::fault::Change;
use crate::sim::id::{ComponentId, LinkId, NodeId};
use crate::sim::network::{Delay, Loss, Trouble};
use crate::sim::node::Part;
use crate::sim::observation::Observer;
use crate::sim::part::own::OwnWrites;
use crate::sim::program::slot;
use crate::sim::random::Chance;
use crate::sim::spec::{Options, Value};
use crate::sim::time::Ns;
use std::sync::Arc;

impl World {
    /// Brings what has changed up to settings and faults.
    pub(super) fn recompute<O: Observer>(&mut self, out: &mut O) {
        let stale = self.active.take_stale();
        self.bring_up(&stale);
        self.go_on(out);
    }

    fn bring_up(&mut self, stale: &Stale) {
        for n in stale.nodes.iter() {
            let (slow, errors, changed) = self.node_in_force(NodeId(n as u16));
            let node = &mut self.nodes[n];
            (node.slow, node.errors, node.changed) = (slow, errors, changed);
        }
        if stale.hot {
            self.hot = self.hot_in_force();
        }
        for link in stale.links.iter() {
            let link = LinkId(link as u32);
            self.links.set_trouble(link, self.trouble_in_force(link));
        }
        self.recompute_options(&stale.components);
        for n in 0..self.nodes.len() {
            let component = self.nodes[n].component;
            let changed = stale.nodes.has(n) || stale.components.has(component.index());
            if changed && matches!(self.nodes[n].part, Part::Traffic(_)) {
                let node = NodeId(n as u16);
                self.update_traffic(node, self.traffic_factor(node));
            }
        }
    }

    /// The slow factor of a node, its chance of errors, and whether settings that have an end concern
    /// it. Chances combine as 1 - (1-p)(1-q).
    fn node_in_force(&self, id: NodeId) -> (f64, Chance, bool) {
        let (mut slow, mut passes) = (1.0, 1.0);
        for &fault in self.active.at(id) {
            match self.faults[fault as usize].change {
                Change::Slow(_, factor) => slow *= factor,
                Change::Error(_, p) => passes *= 1.0 - p,
                _ => {}
            }
        }
        (slow, Chance::new(1.0 - passes), !self.active.passed_at(id).is_empty())
    }

    /// By how much the traffic of a node is multiplied.
    fn traffic_factor(&self, id: NodeId) -> f64 {
        let component = self.nodes[id.index()].component;
        let changes = self.active.at(id).iter().map(|&f| &self.faults[f as usize].change);
        let factors = changes.filter_map(|change| match change {
            Change::Traffic(ids, factor) if ids.contains(&component) => Some(*factor),
            _ => None,
        });
        factors.product()
    }

    /// What faults do to a link.
    fn trouble_in_force(&self, link: LinkId) -> Trouble {
        let mut trouble = Trouble::default();
        for &Hold { fault, cause } in self.active.on(link) {
            match self.faults[fault as usize].change {
                Change::Lose(_, p) => {
                    trouble.losses.push(Loss { fault, cause, chance: Chance::new(p) });
                }
                Change::Delay(_, 0, 0) => {}
                Change::Delay(_, base, jitter) => {
                    trouble.delays.push(Delay { fault, cause, base, jitter });
                }
                // Of the others only a cut holds links.
                _ => {
                    if trouble.cuts == 0 {
                        trouble.cut_at = cause.began;
                    }
                    trouble.cuts += 1;
                }
            }
        }
        trouble
    }

    /// Brings the settings of these components up to the configuration and the faults.
    fn recompute_options(&mut self, components: &Bits) {
        let mut options = Arc::clone(&self.options);
        for c in components.iter() {
            let own = self.options_in_force(ComponentId(c as u16));
            if own != options[c] {
                Arc::make_mut(&mut options)[c] = own;
            }
        }
        if !Arc::ptr_eq(&options, &self.options) {
            let before = std::mem::replace(&mut self.options, options);
            self.apply_options(&before);
        }
    }

    /// The settings of a component: those of several faults lie over each other as they came.
    fn options_in_force(&self, component: ComponentId) -> Options {
        let mut own = self.base[component.index()].clone();
        for &fault in self.active.setting(component) {
            if let Change::Set(settings) = &self.faults[fault as usize].change {
                let of_it = settings.iter().filter(|(of, ..)| *of == component);
                of_it.for_each(|(_, name, value)| change_option(&mut own, name, value));
            }
        }
        own
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
            self.apply_capacities(n);
            self.apply_terms(n, before);
        }
        debug_assert!(self.nodes.iter().all(|n| n.resources.len() >= usize::from(slot::POOLS)));
    }

    /// Backlog, memory and resources of a node.
    fn apply_capacities(&mut self, n: usize) {
        let own = &self.options[self.nodes[n].component.index()];
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
    }

    /// What the settings ask of a node of a database, and of a watcher.
    fn apply_terms(&mut self, n: usize, before: &[Options]) {
        let component = self.nodes[n].component;
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

    /// Whether the index of the active faults is right, and what is in force is what they all make of
    /// the configuration.
    pub(super) fn is_up_to_faults(&self) -> bool {
        let indexed = self.faults.iter().zip(&self.masks).all(|(fault, mask)| {
            let active = self.active.has(fault.id.0) == fault.ended.is_none();
            active && self.active.agrees(fault.id.0, mask)
        });
        let nodes = self.nodes.iter().enumerate().all(|(n, node)| {
            let id = NodeId(n as u16);
            let factor = match &node.part {
                Part::Traffic(traffic) => Some(traffic.factor),
                _ => None,
            };
            (node.slow, node.errors, node.changed) == self.node_in_force(id)
                && factor.is_none_or(|factor| factor.to_bits() == self.traffic_factor(id).to_bits())
        });
        let links = (0..self.links.len() as u32).map(LinkId).all(|link| {
            let of_it = self.links.trouble(link).map(|trouble| Trouble::clone(trouble));
            of_it.unwrap_or_default() == self.trouble_in_force(link)
        });
        let options = self.options.iter().enumerate();
        let options = options.map(|(c, own)| (own, self.options_in_force(ComponentId(c as u16))));
        indexed
            && nodes
            && links
            && self.hot == self.hot_in_force()
            && options.into_iter().all(|(own, in_force)| *own == in_force)
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

/// Sets something of a component.
pub(super) fn change_option(options: &mut Options, name: &str, value: &Value) {
    // Commands are checked when they are bound; what does not fit changes nothing.
    let _ = options.set(name, value.clone());
}
