//! What helped against failures, as it was seen: the same run again, of the same seed, with other settings.
//!
//! What helps against a failure depends on the rest of the cluster: more servers do nothing where all wait
//! for a frozen database, and leaving servers out makes that worse. So nothing is advised that has not been
//! tried. The caller runs the trials, which are runs like others.

use super::Report;
use super::remedies::remedies;
use crate::observe::judged::{Began, Judged};
use crate::playbook::Playbook;
use crate::session::Session;
use crate::session::picture::Truth;
use crate::sim::time::{NEVER, Ns};
use std::sync::Arc;

/// Groups of failures against which something is tried: the largest.
const GROUPS: usize = 4;
/// Smaller groups are not worth a run: one in so many failures.
const SMALL: u64 = 100;

/// A run that is to be had.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What is changed: `edge.retry_on_next=1`.
    pub words: String,
    /// What is run, with the seed of the first run.
    pub playbook: Playbook,
}

/// What a run has shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// What was changed.
    pub words: String,
    /// The failures, as groups.
    pub began: Vec<Began>,
    /// Requests that were not served in judged time: that failed, were late, or had no answer in the end.
    pub unserved: u64,
    /// Writes that were lost, done twice, overwritten unseen, or never published.
    pub harm: u64,
    /// Commands that were executed: a step that waits for trouble may find none.
    pub commands: usize,
    /// Mean latency of what was answered.
    pub mean: Option<Ns>,
}

/// The change that helps most against a group of failures.
#[derive(Clone, Copy, Debug)]
pub struct Help<'a> {
    /// The trial.
    pub by: &'a Tried,
    /// How many failures of the group are left.
    pub left: u64,
}

/// The trials against the failures of a run, each of its settings once.
#[must_use]
pub fn trials(report: &Report, playbook: &Playbook) -> Vec<Trial> {
    let mut groups = report.judged.began();
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    let all: u64 = groups.iter().map(|group| group.count).sum();
    let mut trials: Vec<Trial> = Vec::new();
    for group in groups.iter().filter(|g| g.count * SMALL >= all).take(GROUPS) {
        for (words, cluster) in remedies(group.reason, &playbook.cluster, &group.at) {
            if trials.iter().any(|trial| trial.words == words) {
                continue;
            }
            // As long as the first run was; what it may not exceed ends it no sooner.
            let length = report.simulated;
            let playbook = Playbook {
                cluster: Arc::new(cluster),
                length,
                checks: Vec::new(),
                stop: Vec::new(),
                ..playbook.clone()
            };
            trials.push(Trial { words, playbook });
        }
    }
    trials
}

impl Tried {
    /// What a trial has shown, at its end.
    #[must_use]
    pub fn new(trial: &Trial, session: &Session) -> Tried {
        let judged = session.judged();
        Tried {
            words: trial.words.clone(),
            began: judged.began(),
            unserved: unserved(&judged),
            harm: harm(&session.truth()),
            commands: session.log().len(),
            mean: judged.total.latency.mean,
        }
    }

    /// How many failures of a group it has.
    fn count(&self, group: &Began) -> u64 {
        let same = |b: &&Began| b.reason == group.reason && b.at == group.at;
        self.began.iter().find(same).map_or(0, |b| b.count)
    }
}

/// Requests of judged time that failed, were late, or had no answer in the end.
fn unserved(judged: &Judged) -> u64 {
    judged.total.tally.offered.saturating_sub(judged.total.tally.ok())
}

/// Writes that were lost, done twice, overwritten unseen, or never published.
fn harm(truth: &Truth) -> u64 {
    truth.lost + truth.doubled.unwrap_or(0) + truth.conflicts.unwrap_or(0) + truth.unpublished
}

impl Report {
    /// Requests of judged time that were not served.
    #[must_use]
    pub fn unserved(&self) -> u64 {
        unserved(&self.judged)
    }

    /// What was seen to help most against a group of failures, whatever it was tried against; `None` if
    /// nothing does. It leaves at most half of them, serves as many more requests, harms no more data, and
    /// all was done that was done in the first run. Of several the one that serves most; of equals that one
    /// with the shortest latency, which is more than room to wait in.
    #[must_use]
    pub fn helped(&self, group: &Began) -> Option<Help<'_>> {
        let (unserved, harm) = (self.unserved(), harm(&self.truth));
        let half = group.count.div_ceil(2).max(1);
        let helps = |t: &&Tried| {
            t.count(group) <= group.count / 2
                && unserved.saturating_sub(t.unserved) >= half
                && t.harm <= harm
                && t.commands >= self.commands.len()
        };
        let best = |t: &&Tried| (t.unserved, t.mean.unwrap_or(NEVER));
        let by = self.tried.iter().filter(helps).min_by_key(best)?;
        Some(Help { by, left: by.count(group) })
    }
}
