//! How far a playbook is, as it is shown.

use crate::session::verdict::Judgement;
use crate::sim::time::Ns;
use std::sync::Arc;

/// A playbook that is played.
#[derive(Clone, Debug, PartialEq)]
pub struct Played {
    /// One line on what happens.
    pub title: Arc<str>,
    /// How long the run is.
    pub length: Ns,
    /// Its steps, in the order of the file.
    pub steps: Vec<PlayedStep>,
    /// The newest caption, while it stands.
    pub say: Option<Arc<str>>,
    /// Its checks, in the order of the file.
    pub checks: Vec<PlayedCheck>,
    /// Its questions, in the order of the file.
    pub questions: Vec<Question>,
    /// What it has shown, once it is over.
    pub ended: Option<Ended>,
}

/// A question to those who watch.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The question.
    pub ask: Arc<str>,
    /// What can be chosen.
    pub choices: Vec<String>,
    /// Before which step it is asked, by its place among the steps.
    pub before: usize,
    /// Whether that step has not been done: later it is no prediction any more.
    pub open: bool,
    /// Which choice was predicted.
    pub predicted: Option<usize>,
    /// What has been measured until now, if something was predicted and its step is done.
    pub so_far: Option<String>,
}

impl Question {
    /// What was predicted, in words.
    #[must_use]
    pub fn prediction(&self) -> Option<&str> {
        self.choices.get(self.predicted?).map(String::as_str)
    }
}

/// The end of a playbook.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// What it has shown.
    pub judgement: Arc<Judgement>,
    /// Whether that is the verdict that its file expects.
    pub expected: bool,
    /// What it teaches and what to try next; may be empty.
    pub about: Arc<str>,
}

/// A step.
#[derive(Clone, Debug, PartialEq)]
pub struct PlayedStep {
    /// Its command, as text.
    pub command: String,
    /// When it was done, the last time.
    pub done: Option<Ns>,
    /// When it is done next, as far as that is known.
    pub next: Option<Ns>,
    /// What it says when it is done.
    pub say: Option<Arc<str>>,
    /// What it waits for, if that is no time: `when p99 > 1s`.
    pub waits: Option<String>,
}

/// A check.
#[derive(Clone, Debug, PartialEq)]
pub struct PlayedCheck {
    /// Its name.
    pub name: String,
    /// Whether it has held so far; `None` while nothing can be said of one of its phases.
    pub holds: Option<bool>,
}

impl Played {
    /// How many steps are done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.steps.iter().filter(|s| s.done.is_some()).count()
    }

    /// What has been said, in order of time.
    #[must_use]
    pub fn captions(&self) -> Vec<(Ns, &str)> {
        let mut all: Vec<(Ns, &str)> =
            self.steps.iter().filter_map(|s| Some((s.done?, s.say.as_deref()?))).collect();
        all.sort_by_key(|(at, _)| *at);
        all
    }

    /// The step that is done next: the earliest whose time is known.
    #[must_use]
    pub fn next(&self) -> Option<(&PlayedStep, Ns)> {
        let known = self.steps.iter().filter_map(|s| Some((s, s.next?)));
        known.min_by_key(|(_, at)| *at)
    }
}
