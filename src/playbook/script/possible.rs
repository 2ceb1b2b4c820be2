//! Checks that can never have a full window, found before anything is run.
//!
//! Only what is certain is reported: steps that wait for a condition may come at any time or never,
//! and what mends may mend anything.

use super::super::plan::{Check, Hold, Phases, Scope, Step, Times, fits, planned};
use super::Frame;
use crate::chaos::units::print_time;

/// What should stand there instead, if a check can never have a full window.
pub(super) fn why_not(check: &Check, steps: &[Step], frame: &Frame<'_>) -> Option<String> {
    let window = check.that.window();
    match &check.scope {
        Scope::Phases(holds) => {
            let phases = Phases::planned(steps, (frame.warmup, frame.length), frame.recover);
            let certain = planned(steps).iter().all(Option::is_some);
            holds.iter().find_map(|hold| impossible(*hold, &phases, certain, window, steps))
        }
        Scope::Within { within, of } => {
            let times = planned(steps);
            let first = (*times.get(*of)?)?;
            let room = first.all().any(|at| {
                let others = times.iter().flatten().flat_map(Times::all);
                let next = others.filter(|other| *other > at).min().unwrap_or(frame.length);
                let from = at.saturating_add(*within).max(frame.warmup);
                fits(from, next.min(frame.length), window)
            });
            let window = print_time(window);
            let what = "before the next step or the end of the run";
            (!room).then(|| format!("a time that leaves room for a window of {window} {what}"))
        }
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
