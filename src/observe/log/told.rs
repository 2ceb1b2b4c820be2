//! What was told already, so that nothing is told twice and nobody comes back who was never away.

use super::{Log, Tone};
use crate::sim::id::NodeId;
use crate::sim::observation::{Event, NodeState};
use crate::sim::time::{Ns, SECOND};
use crate::sim::topology::Topology;

/// Health checks of which was told lately, and what became of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Checks {
    /// The newest check: of whom, when, and how many in a row contradict.
    last: Option<(NodeId, Ns, u32)>,
    /// Until then checks are not told one by one: those of several backends fail at once.
    crowd_until: Ns,
    /// Balancers and the backends that they have taken out.
    out: Vec<(NodeId, NodeId)>,
}

impl Checks {
    /// Takes a check; whether it is told.
    pub(super) fn is_told(&mut self, at: Ns, backend: NodeId, in_a_row: u32) -> bool {
        let last = self.last.replace((backend, at, in_a_row));
        let crowded = last.is_some_and(|(of, then, _)| of != backend && at - then <= SECOND);
        if crowded || at < self.crowd_until {
            self.crowd_until = at + SECOND;
            return false;
        }
        true
    }

    /// How many checks of a backend contradicted in a row, if the newest was of it.
    pub(super) fn in_a_row(&self, backend: NodeId) -> Option<u32> {
        self.last.filter(|(of, ..)| *of == backend).map(|(.., n)| n)
    }

    /// Whether a balancer had taken that backend out: only then it can be back.
    pub(super) fn was_out(&self, balancer: NodeId, backend: NodeId) -> bool {
        self.out.contains(&(balancer, backend))
    }

    /// Takes an event, once it was told.
    pub(super) fn happened(&mut self, event: &Event) {
        match *event {
            Event::Believed { balancer, backend, healthy } => {
                self.out.retain(|pair| *pair != (balancer, backend));
                if !healthy {
                    self.out.push((balancer, backend));
                }
            }
            // Whoever comes under its name later is another.
            Event::Node { node, state: NodeState::Absent, .. } => {
                self.out.retain(|(_, backend)| *backend != node);
            }
            _ => {}
        }
    }
}

impl Log {
    /// A primary gives up its role in an epoch, which it `held` until now or not; whether that is
    /// news. One that has said so, and not acted since, says it again when it hears of the next epoch.
    pub fn gives_up(&mut self, node: NodeId, epoch: u32, held: bool) -> bool {
        let known = self.gave_up.contains(&(node, epoch));
        if !known {
            self.gave_up.push((node, epoch));
        }
        held || !known
    }

    /// A node takes the role, and may give it up once more; whether it has said that it gave it up.
    pub fn takes_role(&mut self, node: NodeId) -> bool {
        let before = self.gave_up.len();
        self.gave_up.retain(|(by, _)| *by != node);
        self.gave_up.len() < before
    }

    /// A node is seen to hold the role again without having been promoted.
    pub fn holds_again(&mut self, at: Ns, node: NodeId, topology: &Topology) {
        if self.takes_role(node) {
            let name = &topology.nodes[node.index()].name;
            self.say(at, Tone::Good, format!("{name} is primary again"));
        }
    }

    /// What the command that is being executed does not undo, in words.
    pub fn command_leaves(&mut self, text: String) {
        if let Some(command) = &mut self.command {
            command.left.push(text);
        }
    }
}
