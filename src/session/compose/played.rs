//! How far the playbook is.

use crate::session::Session;
use crate::session::picture::{Played, PlayedStep};

/// Of a cluster alone, in which nothing is planned, there is nothing to tell.
pub(super) fn played(session: &Session) -> Option<Played> {
    let playbook = &session.playbook;
    if playbook.steps.is_empty() {
        return None;
    }
    let done = |id: &str| {
        let entry = session.log.iter().rev().find(|e| e.step.as_deref() == Some(id));
        entry.map(|e| e.at)
    };
    let steps = playbook.steps.iter().enumerate().map(|(i, step)| PlayedStep {
        command: step.command.to_string(),
        done: done(&step.id),
        next: (i >= session.next_step).then_some(step.at),
        waits: None,
    });
    let said = playbook.steps[..session.next_step].iter().rev().find_map(|s| s.say.as_deref());
    Some(Played {
        title: playbook.title.as_str().into(),
        length: playbook.length,
        steps: steps.collect(),
        say: said.map(Into::into),
        checks: Vec::new(),
        verdict: None,
    })
}
