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
    // A chain of steps is at most as long as there are steps.
    for _ in 0..steps.len() {
        let before = known.clone();
        for (i, step) in steps.iter().enumerate() {
            let first = match &step.trigger {
                Trigger::At(at) => Some(*at),
                Trigger::After { step, delay } => {
                    let other = before.get(*step).copied().flatten();
                    other.map(|other| other.last().saturating_add(*delay))
                }
                Trigger::When(_) => None,
            };
            let (every, times) = step.repeat.map_or((0, 1), |r| (r.every, r.times));
            known[i] = first.map(|first| Times { first, every, times });
        }
        if known == before {
            break;
        }
    }
    known
}
