//! Executing commands, remembering them, taking them back.

use super::Session;
use super::experiment::END;
use crate::chaos::units::print_value;
use crate::chaos::{Command, Expected};
use crate::sim::fault::{Change, Injected};
use crate::sim::id::{ComponentId, FaultId, NodeId};
use crate::sim::spec::Value;
use crate::sim::time::Ns;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Settings and values.
type Settings = Vec<(ComponentId, &'static str, Value)>;

/// A command that was executed.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When.
    pub at: Ns,
    /// What.
    pub command: Command,
    /// The step of the playbook that it was; `None` if a person gave it.
    pub step: Option<String>,
    /// What it did.
    pub injected: Injected,
    /// The same, bound: to whom. `None` if nothing was changed, and of `undo`.
    pub change: Option<Arc<Change>>,
    undo: Undo,
}

impl Entry {
    /// Whether a playbook did it at its end, and no step or person.
    #[must_use]
    pub fn is_end(&self) -> bool {
        self.step.as_deref() == Some(END)
    }
}

/// How to take a command back.
#[derive(Clone, Debug, PartialEq)]
enum Undo {
    /// By ending its fault.
    End(FaultId),
    /// By setting what was before.
    Set(Settings),
    /// By giving components as many nodes as they had.
    Scale(Vec<(ComponentId, u16)>),
    /// It cannot be, or has been.
    No,
}

impl Session {
    /// Binds and executes a command, now.
    pub(super) fn execute(
        &mut self,
        command: &Command,
        step: Option<&str>,
    ) -> Result<Injected, Expected> {
        if command.is_undo() {
            return Ok(self.undo(command, step));
        }
        let bound = command.bind(&self.world)?;
        let undo = match &bound.change {
            Change::Set(settings) if bound.length.is_none() => Undo::Set(self.before(settings)),
            Change::Scale(components, _) => {
                let had = components.iter().map(|&c| (c, self.world.instances(c)));
                Undo::Scale(had.collect())
            }
            _ => Undo::No,
        };
        self.begin(command);
        let healed = self.healed_by(&bound.change);
        let all = matches!(bound.change, Change::Heal(None));
        let change = Arc::new(bound.change.clone());
        let injected = self.world.inject(bound.change, bound.length, &mut self.observers);
        if injected == Injected::Done {
            self.tell_what_is_left(&healed);
        }
        if all {
            self.tell_what_stays_set();
        }
        let (undo, change) = match injected {
            Injected::Fault(fault) => (Undo::End(fault), Some(change)),
            Injected::Done => (undo, Some(change)),
            Injected::Nothing => (Undo::No, None),
        };
        self.done(command, step, injected, (undo, change));
        Ok(injected)
    }

    /// Active faults of which a change heals something, if it does not heal all.
    fn healed_by(&self, change: &Change) -> Vec<FaultId> {
        let (nodes, pairs) = match change {
            Change::Heal(Some(nodes)) => (nodes.as_slice(), &[][..]),
            Change::HealLinks(pairs) => (&[][..], pairs.as_slice()),
            _ => return Vec::new(),
        };
        let pairs: BTreeSet<&(NodeId, NodeId)> = pairs.iter().collect();
        let of = |n: &NodeId| nodes.contains(n);
        let is_part = |fault: &Change| {
            fault.nodes().iter().any(of)
                || fault.pairs().iter().any(|p| of(&p.0) || of(&p.1) || pairs.contains(p))
        };
        self.world.active_faults().filter(|f| is_part(&f.change)).map(|f| f.id).collect()
    }

    /// Says which of them are not over.
    fn tell_what_is_left(&mut self, healed: &[FaultId]) {
        let active = |id: &FaultId| self.world.active_faults().any(|f| f.id == *id);
        let log = self.observers.log();
        let left = healed.iter().filter(|id| active(id));
        let left: Vec<_> = left.filter_map(|id| log.fault(*id).cloned()).collect();
        for text in left {
            self.observers.log_mut().command_leaves(format!("the rest of {text} stays"));
        }
    }

    /// Says what was set otherwise than in the file: no fault, and so nothing that is healed.
    fn tell_what_stays_set(&mut self) {
        let set = self.set_otherwise();
        let names = match set.as_slice() {
            [] => return,
            [one] => format!("{one} stays set"),
            [one, two] => format!("{one} and {two} stay set"),
            [one, two, rest @ ..] => format!("{one}, {two} and {} more stay set", rest.len()),
        };
        self.observers.log_mut().command_leaves(names);
    }

    /// Settings that are not as in the file for good: `menus.enabled=false`.
    fn set_otherwise(&self) -> Vec<String> {
        let mut set = Vec::new();
        for (i, spec) in self.playbook.cluster.components.iter().enumerate() {
            let now = self.world.configured(ComponentId(i as u16));
            for row in now.settings() {
                let value =
                    now.get(row.name).filter(|v| spec.options.get(row.name).as_ref() != Some(v));
                set.extend(
                    value.map(|v| format!("{}.{}={}", spec.name, row.name, print_value(&v))),
                );
            }
        }
        set
    }

    /// Takes back the newest command that can be: ends its fault, or sets or scales back to what was
    /// before.
    fn undo(&mut self, command: &Command, step: Option<&str>) -> Injected {
        self.begin(command);
        let injected = match self.undoable() {
            None => Injected::Nothing,
            Some(index) => {
                let text = self.log[index].command.to_string();
                self.observers.log_mut().command_takes_back(&text);
                match std::mem::replace(&mut self.log[index].undo, Undo::No) {
                    Undo::End(fault) => self.world.end_fault(fault, &mut self.observers),
                    Undo::Set(old) => {
                        self.world.inject(Change::Set(old), None, &mut self.observers);
                    }
                    Undo::Scale(had) => {
                        for (component, to) in had {
                            let back = Change::Scale(vec![component], to);
                            self.world.inject(back, None, &mut self.observers);
                        }
                    }
                    Undo::No => {}
                }
                Injected::Done
            }
        };
        self.done(command, step, injected, (Undo::No, None));
        injected
    }

    /// The newest command that can be taken back.
    fn undoable(&self) -> Option<usize> {
        self.log.iter().rposition(|entry| match &entry.undo {
            Undo::End(fault) => self.is_active(*fault),
            Undo::Set(_) | Undo::Scale(_) => true,
            Undo::No => false,
        })
    }

    /// That command, as text without its length.
    pub(super) fn undoable_text(&self) -> Option<String> {
        self.undoable().map(|i| self.log[i].command.with_length(None).to_string())
    }

    pub(super) fn is_active(&self, fault: FaultId) -> bool {
        self.world.faults().get(fault.0 as usize).is_some_and(|f| f.ended.is_none())
    }

    /// The lasting values of these settings before they change.
    fn before(&self, settings: &Settings) -> Settings {
        let value = |&(component, name, _): &(ComponentId, &'static str, Value)| {
            Some((component, name, self.world.configured(component).get(name)?))
        };
        settings.iter().filter_map(value).collect()
    }

    fn begin(&mut self, command: &Command) {
        self.observers.log_mut().command_begins(&command.to_string());
    }

    fn done(
        &mut self,
        command: &Command,
        step: Option<&str>,
        injected: Injected,
        (undo, change): (Undo, Option<Arc<Change>>),
    ) {
        let at = self.world.now();
        let fault = match injected {
            Injected::Fault(fault) => Some(fault),
            Injected::Done | Injected::Nothing => None,
        };
        let changed = injected != Injected::Nothing;
        self.observers.done(at);
        self.observers.log_mut().command_done(at, fault, changed);
        let step = step.map(str::to_string);
        self.log.push(Entry { at, command: command.clone(), step, injected, change, undo });
    }
}
