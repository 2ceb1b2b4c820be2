//! When steps are done, as far as a file tells.

use super::{Step, Trigger};
use crate::sim::time::Ns;

/// The executions of a step: the first, and how far and how often the others follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// The first.
    pub first: Ns,
    /// From one to the next.
    pub every: Ns,
    /// How many.
    pub times: u32,
}

impl Times {
    /// The last of them.
    #[must_use]
    pub fn last(&self) -> Ns {
        self.first.saturating_add(self.every.saturating_mul(u64::from(self.times.max(1)) - 1))
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = Ns> + use<> {
        let Times { first, every, times } = *self;
        (0..u64::from(times)).map(move |n| first.saturating_add(every.saturating_mul(n)))
    }
}

/// The executions of each step; `None` where they depend on a condition, or on themselves.
#[must_use]
pub fn planned(steps: &[Step]) -> Vec<Option<Times>> {
    let mut known: Vec<Option<Times>> = vec![None; steps.len()];
    let mut seen = vec![false; steps.len()];
    let mut chain = Vec::new();
    for index in 0..steps.len() {
        // Along those that a step waits for, to one that is known or has been met on this way: of
        // steps that wait for themselves nothing is known.
        let mut next = Some(index);
        while let Some(at) = next.filter(|at| *at < steps.len() && !seen[*at]) {
            seen[at] = true;
            chain.push(at);
            next = match steps[at].trigger {
                Trigger::After { step, .. } => Some(step),
                Trigger::At(_) | Trigger::When(_) => None,
            };
        }
        while let Some(at) = chain.pop() {
            known[at] = times(&steps[at], &known);
        }
    }
    known
}

/// The executions of a step, if those of the one that it waits for are known.
fn times(step: &Step, known: &[Option<Times>]) -> Option<Times> {
    let first = match step.trigger {
        Trigger::At(at) => at,
        Trigger::After { step, delay } => {
            known.get(step).copied().flatten()?.last().saturating_add(delay)
        }
        Trigger::When(_) => return None,
    };
    let (every, times) = step.repeat.map_or((0, 1), |r| (r.every, r.times));
    Some(Times { first, every, times })
}

/// Which steps wait for themselves.
#[must_use]
pub fn circular(steps: &[Step]) -> Vec<bool> {
    let mut circular = vec![false; steps.len()];
    // On which walk each step was met first: a walk that meets its own trace has found a circle.
    let mut met: Vec<Option<usize>> = vec![None; steps.len()];
    let follows = |at: usize| match steps[at].trigger {
        Trigger::After { step, .. } => Some(step).filter(|step| *step < steps.len()),
        Trigger::At(_) | Trigger::When(_) => None,
    };
    for walk in 0..steps.len() {
        let mut at = Some(walk);
        while let Some(step) = at.filter(|step| met[*step].is_none()) {
            met[step] = Some(walk);
            at = follows(step);
        }
        while let Some(step) = at.filter(|step| met[*step] == Some(walk) && !circular[*step]) {
            circular[step] = true;
            at = follows(step);
        }
    }
    circular
}
