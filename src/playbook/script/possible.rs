//! Checks that can never have a full window, found before anything is run.
//!
//! Only what is certain is reported: steps that wait for a condition may come at any time or never,
//! and what mends may mend anything.

use super::super::plan::{Check, Hold, Phases, Scope, Step, Times, fits, planned};
use super::Frame;
use crate::chaos::units::print_time;

/// What the steps of a file plan, as far as that is known before it is run.
pub(super) struct Planned<'a> {
    steps: &'a [Step],
    frame: &'a Frame<'a>,
    phases: Phases,
    times: Vec<Option<Times>>,
    /// All executions that are known, in order of time.
    all: Vec<u64>,
}

impl<'a> Planned<'a> {
    pub fn new(steps: &'a [Step], frame: &'a Frame<'a>) -> Planned<'a> {
        let times = planned(steps);
        let judged = (frame.warmup, frame.length);
        let phases = Phases::planned(steps, &times, judged, frame.recover);
        let mut all: Vec<u64> = times.iter().flatten().flat_map(Times::all).collect();
        all.sort_unstable();
        Planned { steps, frame, phases, times, all }
    }

    /// What should stand there instead, if a check can never have a full window.
    pub fn why_not(&self, check: &Check) -> Option<String> {
        let window = check.that.window();
        match &check.scope {
            Scope::Phases(holds) => {
                let certain = self.times.iter().all(Option::is_some);
                let phases = &self.phases;
                holds.iter().find_map(|hold| impossible(*hold, phases, certain, window, self.steps))
            }
            Scope::Within { within, of } => {
                let first = (*self.times.get(*of)?)?;
                let room = first.all().any(|at| self.has_room(at, *within, window));
                let window = print_time(window);
                let what = "before the next step or the end of the run";
                (!room).then(|| format!("a time that leaves room for a window of {window} {what}"))
            }
        }
    }

    /// Whether a window fits between that long after an execution and the next one, or the end.
    fn has_room(&self, at: u64, within: u64, window: u64) -> bool {
        let Frame { length, warmup, .. } = *self.frame;
        let next = self.all.get(self.all.partition_point(|other| *other <= at));
        let from = at.saturating_add(within).max(warmup);
        fits(from, next.map_or(length, |next| length.min(*next)), window)
    }
}

fn impossible(
    hold: Hold,
    phases: &Phases,
    certain: bool,
    window: u64,
    steps: &[Step],
) -> Option<String> {
    if phases.fit(hold, window) {
        return None;
    }
    let length = print_time(window);
    let harmless = steps.iter().all(|step| step.command.mends());
    match hold {
        Hold::Before => {
            let first = print_time(phases.first.unwrap_or(phases.end));
            let judged = print_time(phases.judged);
            let span = format!("`before` lasts from {judged} to {first}");
            Some(format!("a phase with room for a window of {length}: {span}"))
        }
        Hold::During | Hold::After if certain && harmless => {
            let word = hold.word();
            Some(format!("a phase that comes: `{word}` needs a step that is a fault"))
        }
        Hold::During if certain && endless(steps) => None,
        Hold::During if certain => {
            Some(format!("a phase with room for a window of {length}: no fault lasts so long"))
        }
        Hold::After if certain => match phases.after {
            Some(after) => {
                let (after, end) = (print_time(after), print_time(phases.end));
                let span = format!("`after` lasts from {after} to {end}");
                Some(format!("a phase with room for a window of {length}: {span}"))
            }
            None => Some("a phase that comes: before `after` every fault must end".to_owned()),
        },
        _ => None,
    }
}

/// Whether some fault has no end of its own: where it is mended is a guess.
fn endless(steps: &[Step]) -> bool {
    steps.iter().any(|step| step.command.is_fault() && step.command.length().is_none())
}
