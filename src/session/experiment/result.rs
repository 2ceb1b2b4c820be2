//! The result of judging a run.

use super::bound::{Source, Window};
use super::judge::Tally;
use crate::chaos::units::print_time;
use crate::playbook::{Check, Hold, Phases, Scope, Verdict};
use crate::session::Session;
use crate::session::verdict::{Answer, CheckResult, Judgement, StoppedBy, Untouched};
use crate::sim::fault::Injected;
use std::sync::Arc;

impl Session {
    /// What the run has shown of its hypothesis: until now, or until its end once it is over.
    ///
    /// Before it is over, windows that wait for their baseline and what is judged at the end are
    /// missing.
    #[must_use]
    pub fn judgement(&self) -> Judgement {
        self.final_judgement().map_or_else(|| self.judged_now(), |j| j.as_ref().clone())
    }

    /// What the run had shown at its end, once it is over.
    #[must_use]
    pub fn final_judgement(&self) -> Option<&Arc<Judgement>> {
        self.experiment.over.as_ref()?.judgement.as_ref()
    }

    pub(super) fn judged_now(&self) -> Judgement {
        let experiment = &self.experiment;
        let phases = self.phases();
        let tallies = self.playbook.checks.iter().zip(&experiment.judge.checks);
        let checks: Vec<CheckResult> = tallies
            .enumerate()
            .map(|(index, (check, tallies))| self.result((index, check), tallies, &phases))
            .collect();
        let stopped = self.stopped_by();
        let untouched = self.untouched();
        let any = |verdict| checks.iter().any(|check| check.verdict == verdict);
        let verdict = if stopped.is_some() {
            Verdict::Stopped
        } else if any(Verdict::Deviated) {
            Verdict::Deviated
        } else if any(Verdict::Inconclusive) || !untouched.is_empty() {
            Verdict::Inconclusive
        } else {
            Verdict::Held
        };
        let over = experiment.over.as_ref();
        Judgement {
            verdict,
            checks,
            stopped,
            untouched,
            answers: self.all_answers(),
            at: over.map_or(self.now(), |over| over.at),
            over: over.is_some(),
        }
    }

    fn all_answers(&self) -> Vec<Answer> {
        (0..self.playbook.predict.len()).filter_map(|question| self.answer(question)).collect()
    }

    fn stopped_by(&self) -> Option<StoppedBy> {
        let over = self.experiment.over.as_ref()?;
        let rule = over.rule?;
        let baseline = self.baseline_until(&self.phases());
        let reading = self.read(Source::Stop(rule), Window::Until(over.at), baseline);
        let text = self.playbook.stop.get(rule)?.to_string();
        Some(StoppedBy { rule: text, at: over.at, measured: reading.measured })
    }

    /// Faults that touched nothing and, once it is over, steps that should have begun one and did
    /// not.
    fn untouched(&self) -> Vec<Untouched> {
        let faults = self.world.faults().iter();
        let idle = faults.filter(|f| f.change.lasts() && f.touched_nothing());
        let mut all: Vec<Untouched> = idle
            .map(|f| {
                let entry = self.log.iter().find(|e| e.injected == Injected::Fault(f.id));
                let command = entry.map_or(String::new(), |e| e.command.to_string());
                Untouched { fault: Some(f.id), why: format!("{command} touched nothing") }
            })
            .collect();
        if self.experiment.over.as_ref().is_some_and(|over| over.rule.is_none()) {
            let steps = self.playbook.steps.iter().zip(&self.experiment.steps);
            for (step, state) in steps.filter(|(step, _)| step.command.is_fault()) {
                let why = match &state.failed {
                    Some(why) => format!("{} was not done: {why}", step.command),
                    None if state.done == 0 => {
                        format!("{} was never done: step `{}` was never due", step.command, step.id)
                    }
                    None => continue,
                };
                all.push(Untouched { fault: None, why });
            }
        }
        all
    }

    fn result(
        &self,
        (index, check): (usize, &Check),
        tallies: &[Tally],
        phases: &Phases,
    ) -> CheckResult {
        let windows = tallies.iter().map(|t| t.windows).sum();
        let violated = tallies.iter().map(|t| t.violated).sum();
        let first = tallies.iter().filter_map(|t| t.first.as_ref()).min_by_key(|(v, _)| v.to);
        let idle = tallies.iter().position(|t| t.windows == 0);
        let (verdict, why) = match (violated, idle) {
            (1.., _) => (Verdict::Deviated, None),
            // Whoever leaves before the end need not wait for it to know.
            (0, Some(_)) if self.is_hopeless(index) => (Verdict::Deviated, None),
            (0, Some(part)) => {
                (Verdict::Inconclusive, Some(self.why(check, part, &tallies[part], phases)))
            }
            (0, None) => (Verdict::Held, None),
        };
        let measured = match first {
            Some((_, measured)) => measured.clone(),
            None => nearest(tallies),
        };
        CheckResult {
            name: check.name.clone(),
            that: check.that.to_string(),
            scope: check.scope.text(&self.playbook.steps),
            verdict,
            measured,
            windows,
            violated,
            first_violation: first.map(|(violation, _)| *violation),
            why,
        }
    }

    /// Why a part of a check had no window in which it could be judged.
    fn why(&self, check: &Check, part: usize, tally: &Tally, phases: &Phases) -> String {
        if tally.lacked_baseline > 0 {
            return "there is no baseline: nothing was measured before the first fault".to_owned();
        }
        if tally.unknown > 0 {
            return format!("nothing was measured in any of {} windows", tally.unknown);
        }
        let window = print_time(check.that.window());
        let hold = match &check.scope {
            Scope::Within { within, of } => return self.why_not_within(*within, *of, &window),
            Scope::Phases(holds) => holds.get(part).copied().unwrap_or(Hold::Always),
        };
        let full = format!("`{}` never had a full window of {window}", hold.word());
        match hold {
            Hold::Before => match phases.first {
                Some(first) => format!("{full}: the first fault came at {}", print_time(first)),
                None => full,
            },
            Hold::During | Hold::After if phases.first.is_none() => {
                format!("{full}: there was no fault")
            }
            Hold::After => match phases.after {
                None => format!("{full}: a fault was still active at the end"),
                Some(after) => format!("{full}: it began at {}", print_time(after)),
            },
            Hold::During | Hold::Always | Hold::End => full,
        }
    }

    fn why_not_within(&self, within: u64, of: usize, window: &str) -> String {
        let id = self.playbook.steps.get(of).map_or("", |step| step.id.as_str());
        if self.spans_after(of, within).next().is_none() {
            return format!("step `{id}` was never done");
        }
        let within = print_time(within);
        format!("no full window of {window} from {within} after `{id}` to the next step or the end")
    }
}

/// What was measured in the window that came nearest to a violation.
fn nearest(tallies: &[Tally]) -> Vec<crate::session::verdict::Measured> {
    let known = tallies.iter().filter_map(|t| t.nearest.as_ref());
    let nearest = known.reduce(|a, b| match (a.0, b.0) {
        (Some(x), Some(y)) if x <= y => a,
        _ => b,
    });
    nearest.map(|(_, measured)| measured.clone()).unwrap_or_default()
}
