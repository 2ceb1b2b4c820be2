//! How far an experiment is, for those who watch: cheap enough for every picture.

use super::judge::Tally;
use crate::playbook::{Check, Step, Trigger, Verdict};
use crate::session::Session;
use crate::session::verdict::{CheckProgress, Progress, StepProgress};

impl Session {
    /// How far the playbook is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let experiment = &self.experiment;
        let steps = self.playbook.steps.iter().zip(&experiment.steps);
        let judge = &experiment.judge;
        let hopeless = judge.hopeless.iter().copied().chain(std::iter::repeat(false));
        let checks = self.playbook.checks.iter().zip(&judge.checks).zip(hopeless);
        Progress {
            now: self.now(),
            length: self.playbook.length,
            over: experiment.is_over(),
            steps: steps
                .map(|(step, state)| StepProgress {
                    id: step.id.clone(),
                    command: step.command.to_string(),
                    done: state.last,
                    times: state.done,
                    next: state.due,
                    say: step.say.clone(),
                    waits: self.waits(step).filter(|_| state.done == 0 && state.due.is_none()),
                })
                .collect(),
            say: self.caption().map(|caption| (caption.at, caption.text.clone())),
            checks: checks.map(|((check, tallies), lost)| progress(check, tallies, lost)).collect(),
            verdict: self.final_judgement().map(|judgement| judgement.verdict),
        }
    }

    /// What a step waits for, if that is no time.
    fn waits(&self, step: &Step) -> Option<String> {
        match &step.trigger {
            Trigger::At(_) => None,
            Trigger::After { step, .. } => {
                Some(format!("after {}", self.playbook.steps.get(*step)?.id))
            }
            Trigger::When(condition) => Some(format!("when {condition}")),
        }
    }
}

/// How far a check is; of one that is judged at the end it may be certain already that it will not
/// hold.
fn progress(check: &Check, tallies: &[Tally], is_hopeless: bool) -> CheckProgress {
    let windows = tallies.iter().map(|t| t.windows).sum();
    let violated = tallies.iter().map(|t| t.violated).sum();
    let first = tallies.iter().filter_map(|t| t.first.as_ref()).map(|(v, _)| v.to).min();
    let is_whole = tallies.iter().all(|t| t.windows > 0);
    CheckProgress {
        name: check.name.clone(),
        state: match violated {
            _ if is_hopeless => Some(Verdict::Deviated),
            0 => is_whole.then_some(Verdict::Held),
            _ => Some(Verdict::Deviated),
        },
        windows: (windows, violated),
        first_violation: first,
    }
}
