//! A command that is being executed, and what it does at once.

use super::Line;
use crate::observe::figures::{several, time};
use crate::sim::observation::{Event, NodeState};
use crate::sim::time::{NEVER, Ns};
use std::sync::Arc;

/// A command that is being executed: what it does at once is told in its own line.
#[derive(Clone, Debug, Default)]
pub(super) struct Command {
    pub(super) text: String,
    states: Vec<NodeState>,
    reset: u32,
    ended: u32,
    pub(super) taken_back: Option<String>,
    /// What it does not undo.
    pub(super) left: Vec<String>,
    /// What else is told of its instant.
    pub(super) follow: Vec<Arc<Line>>,
}

impl Command {
    pub(super) fn new(text: &str) -> Command {
        Command { text: text.to_string(), ..Command::default() }
    }

    /// Whether the event is told as part of the command.
    pub(super) fn absorbs(&mut self, event: &Event) -> bool {
        match *event {
            Event::Node { state, ended, .. } => {
                self.states.push(state);
                self.reset += ended;
            }
            Event::Began(_) => {}
            Event::Ended(_) => self.ended += 1,
            _ => return false,
        }
        true
    }

    /// What it did at once: `: process gone, host on; 5 requests reset`.
    pub(super) fn effect(&self, at: Ns) -> String {
        let mut parts = Vec::new();
        if let Some(text) = &self.taken_back {
            parts.push(format!("took back {text}"));
        } else if self.ended > 0 {
            parts.push(format!("{} ended", several(u64::from(self.ended), "fault")));
        }
        parts.extend(self.left.iter().cloned());
        match self.states.as_slice() {
            [] => {}
            [NodeState::Crashed] => parts.push("process gone, host on".to_string()),
            [NodeState::Off] => parts.push("no power, no answer".to_string()),
            [NodeState::Paused] => parts.push("process frozen".to_string()),
            [NodeState::Up] => parts.push("process is up".to_string()),
            [NodeState::Booting(NEVER)] => parts.push("process frozen as it boots".to_string()),
            &[.., NodeState::Booting(until)] => {
                parts.push(format!("serves in {}", time(until.saturating_sub(at))));
            }
            states => parts.push(several(states.len() as u64, "node")),
        }
        if self.reset > 0 {
            let how = if self.states.contains(&NodeState::Off) { "lost" } else { "reset" };
            parts.push(format!("{} {how}", several(u64::from(self.reset), "request")));
        }
        if parts.is_empty() { String::new() } else { format!(": {}", parts.join("; ")) }
    }
}
