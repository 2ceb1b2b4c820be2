//! Cluster files and playbook files: reading, checking, built-ins.
//!
//! A file is read strictly and completely: unknown keys are errors, and all that is wrong is reported
//! at once, each with its line, its column, what was expected and the nearest valid name. What comes
//! out is plain data that the world and the session can take as it is.

mod about;
mod builtin;
mod check;
mod cluster;
mod file;
mod open;
mod options;
mod plan;
mod problem;
mod reader;
mod script;
mod set;
mod source;

pub use about::{HEADS, lesson, paragraphs, sentence};
pub use builtin::{Builtin, CLUSTERS, PLAYBOOKS};
pub use check::check;
pub use file::{Existing, write_whole};
pub use open::{open, open_with_source, parse};
pub use plan::{Check, Hold, Phases, Predict, Repeat, Scope, Step, Times, Trigger, planned};
pub use problem::{Problem, Problems, position};
pub use source::Source;

use crate::chaos::condition::Condition;
use crate::sim::spec::Cluster;
use crate::sim::time::{Ns, SECOND};
use std::sync::Arc;

/// The seed of a run whose file has none.
pub const SEED: u64 = 7;

/// The length of a run whose file has none.
pub const LENGTH: Ns = 60 * SECOND;

/// A file that was read.
#[derive(Clone, Debug, PartialEq)]
pub enum Opened {
    /// A cluster alone.
    Cluster(Arc<Cluster>),
    /// A playbook with its cluster.
    Playbook(Box<Playbook>),
}

impl Opened {
    /// Its cluster.
    #[must_use]
    pub fn cluster(&self) -> &Arc<Cluster> {
        match self {
            Opened::Cluster(cluster) => cluster,
            Opened::Playbook(playbook) => &playbook.cluster,
        }
    }

    /// As a playbook; a cluster alone is one without steps.
    #[must_use]
    pub fn into_playbook(self) -> Playbook {
        match self {
            Opened::Cluster(cluster) => Playbook::of_cluster(cluster),
            Opened::Playbook(playbook) => *playbook,
        }
    }
}

/// All that a session needs: a cluster, timed steps, and how it is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Playbook {
    /// One line on what happens.
    pub title: String,
    /// The question that it answers; may be empty.
    pub asks: String,
    /// What it teaches and what to try next; may be empty.
    pub about: String,
    /// The cluster, with the changes of `[set]`.
    pub cluster: Arc<Cluster>,
    /// The root seed, unless another is asked for.
    pub seed: u64,
    /// How long the run is.
    pub length: Ns,
    /// How long at its beginning it is not judged.
    pub warmup: Ns,
    /// How long after the last fault "after" begins.
    pub recover: Ns,
    /// The verdict that it must get.
    pub expect: Verdict,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// What is done, in the order of the file.
    pub steps: Vec<Step>,
    /// The hypothesis.
    pub checks: Vec<Check>,
    /// Questions for those who watch.
    pub predict: Vec<Predict>,
    /// Conditions that end the run as soon as one of them holds in a window.
    pub stop: Vec<Condition>,
    /// Whether all faults are ended at the end, after everything was judged.
    pub heal: bool,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// Every check held. A playbook without checks is a measurement, which holds.
    #[default]
    Held,
    /// A check did not hold.
    Deviated,
    /// A fault touched nothing, or a check never had a full window.
    Inconclusive,
    /// A stop rule ended it.
    Stopped,
}

impl Verdict {
    /// All, with their words.
    pub const ALL: &'static [(&'static str, Verdict)] = &[
        ("held", Verdict::Held),
        ("deviated", Verdict::Deviated),
        ("inconclusive", Verdict::Inconclusive),
        ("stopped", Verdict::Stopped),
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Verdict::ALL.iter().find(|(_, v)| *v == self).map_or("held", |(word, _)| word)
    }
}

impl Playbook {
    /// When its steps are done, as far as the file tells.
    #[must_use]
    pub fn planned(&self) -> Vec<Option<Times>> {
        planned(&self.steps)
    }

    /// A run of a cluster in which nothing is done.
    #[must_use]
    pub fn of_cluster(cluster: Arc<Cluster>) -> Playbook {
        Playbook {
            title: cluster.name.clone(),
            asks: String::new(),
            about: String::new(),
            cluster,
            seed: SEED,
            length: LENGTH,
            warmup: 0,
            recover: 0,
            expect: Verdict::Held,
            tags: Vec::new(),
            steps: Vec::new(),
            checks: Vec::new(),
            predict: Vec::new(),
            stop: Vec::new(),
            heal: false,
        }
    }
}

#[cfg(test)]
mod tests;
