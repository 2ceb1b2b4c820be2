//! What a playbook plans: steps, checks, predictions, rules to stop by.

mod choices;
mod phases;
mod times;

pub use phases::{Phases, fits};
pub use times::{Times, circular, planned};

use crate::chaos::Command;
use crate::chaos::condition::{Bound, Condition, Quantity};
use crate::chaos::units::print_time;
use crate::sim::time::Ns;
use std::fmt;

/// Something that is done.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name, unique in the playbook: as in the file, else `step-1`.
    pub id: String,
    /// When it is done, the first time.
    pub trigger: Trigger,
    /// How it is repeated after that, if it is.
    pub repeat: Option<Repeat>,
    /// What is done.
    pub command: Command,
    /// A caption for those who watch.
    pub say: Option<String>,
}

/// When a step is done.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// At that simulated time.
    At(Ns),
    /// That long after another step was executed, for the last time if it repeats.
    After {
        /// The other's place in the playbook's list of steps.
        step: usize,
        /// How long after it.
        delay: Ns,
    },
    /// At the end of the first window in which that holds.
    When(Condition),
}

/// `every = "10s", times = 3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The time from one execution to the next.
    pub every: Ns,
    /// Executions in all; at least 1.
    pub times: u32,
}

/// A part of the run in which a check is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The judged time until the first fault.
    Before,
    /// While any fault is active.
    During,
    /// From the end of the last fault (and the recovery time) on.
    After,
    /// All of the judged time.
    Always,
    /// The last full window, or the total of a counter.
    End,
}

impl Hold {
    /// All, with their words.
    pub const ALL: &'static [(&'static str, Hold)] = &[
        ("before", Hold::Before),
        ("during", Hold::During),
        ("after", Hold::After),
        ("always", Hold::Always),
        ("end", Hold::End),
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Hold::ALL.iter().find(|(_, h)| *h == self).map_or("always", |(word, _)| word)
    }
}

/// In which windows a check must hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Scope {
    /// In all windows of these phases; at least one phase, none twice.
    Phases(Vec<Hold>),
    /// In all windows from that long after each execution of a step until something else is done,
    /// or the end.
    Within {
        /// How long after.
        within: Ns,
        /// The step's place in the playbook's list of steps.
        of: usize,
    },
}

/// A part of the hypothesis.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Its name, unique in the playbook.
    pub name: String,
    /// What must hold.
    pub that: Condition,
    /// When.
    pub scope: Scope,
}

impl Check {
    /// Whether what it says depends on the time before the first fault.
    #[must_use]
    pub fn looks_before(&self) -> bool {
        let before = matches!(&self.scope, Scope::Phases(holds) if holds.contains(&Hold::Before));
        before || self.has_baseline()
    }

    /// Whether it compares with what was measured before the first fault.
    #[must_use]
    pub fn has_baseline(&self) -> bool {
        self.that.comparisons().any(|c| matches!(c.bound, Bound::OfBaseline(_)))
    }
}

/// A question that is asked before a step. The answer is measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Predict {
    /// The step's place in the playbook's list of steps.
    pub before: usize,
    /// The question.
    pub ask: String,
    /// What can be chosen; at least two.
    pub choices: Vec<String>,
    /// What is measured to answer it, over the whole judged time.
    pub answer: Quantity,
}

impl Scope {
    /// As a person reads it: `before and after`, `within 12s of kill`.
    #[must_use]
    pub fn text(&self, steps: &[Step]) -> String {
        match self {
            Scope::Phases(holds) => {
                let words: Vec<&str> = holds.iter().map(|hold| hold.word()).collect();
                words.join(" and ")
            }
            Scope::Within { within, of } => {
                let of = steps.get(*of).map_or("", |step| step.id.as_str());
                format!("within {} of {of}", print_time(*within))
            }
        }
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
