//! What helped against failures, as it was seen: the same run again, of the same seed, with other settings.
//!
//! What helps against a failure depends on the rest of the cluster: more servers do nothing where all wait
//! for a frozen database, and leaving servers out makes that worse. So nothing is advised that has not been
//! tried. The caller runs the trials, which are runs like others.

use super::Report;
use super::remedies::remedies;
use crate::observe::judged::Began;
use crate::playbook::Playbook;
use crate::session::Session;
use crate::session::picture::Truth;
use crate::sim::observation::Outcome;
use std::sync::Arc;

/// Groups of failures against which something is tried: the largest.
const GROUPS: usize = 4;
/// Smaller groups are not worth a run: one in so many failures.
const SMALL: u64 = 100;

/// Failures for a reason, at the component where they began.
pub type Group = (Outcome, Arc<str>);

/// A run that is to be had.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Against what.
    pub groups: Vec<Group>,
    /// What is changed: `edge.retry_on_next=1`.
    pub words: String,
    /// What is run, with the seed of the first run.
    pub playbook: Playbook,
}

/// What a run has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Against what it was tried.
    pub groups: Vec<Group>,
    /// What was changed.
    pub words: String,
    /// Requests of judged time that failed or were late.
    pub bad: u64,
    /// Writes that were lost, done twice or overwritten unseen.
    pub harm: u64,
}

/// The trials against the failures of a run, each of its settings once.
#[must_use]
pub fn trials(report: &Report, playbook: &Playbook) -> Vec<Trial> {
    let mut groups = report.judged.began();
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    let all: u64 = groups.iter().map(|group| group.count).sum();
    let mut trials: Vec<Trial> = Vec::new();
    for group in groups.iter().filter(|g| g.count * SMALL >= all).take(GROUPS) {
        let of: Group = (group.reason, group.at.clone());
        for (words, cluster) in remedies(group.reason, &playbook.cluster, &group.at) {
            if let Some(same) = trials.iter_mut().find(|trial| trial.words == words) {
                same.groups.push(of.clone());
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
            trials.push(Trial { groups: vec![of.clone()], words, playbook });
        }
    }
    trials
}

impl Tried {
    /// What a trial has shown, at its end.
    #[must_use]
    pub fn new(trial: &Trial, session: &Session) -> Tried {
        Tried {
            groups: trial.groups.clone(),
            words: trial.words.clone(),
            bad: session.observers().judged_tally().bad(),
            harm: harm(&session.truth()),
        }
    }
}

/// Writes that were lost, done twice or overwritten unseen.
fn harm(truth: &Truth) -> u64 {
    truth.lost + truth.doubled.unwrap_or(0) + truth.conflicts.unwrap_or(0)
}

impl Report {
    /// What was seen to help against a group of failures: the best of what was tried, if it spares at least
    /// half as many failures, of any reason, as the group has, and harms no more data. The second is how
    /// much was tried.
    #[must_use]
    pub fn helped(&self, group: &Began) -> (Option<&Tried>, usize) {
        let is_it = |(reason, at): &Group| *reason == group.reason && *at == group.at;
        let tried = || self.tried.iter().filter(|tried| tried.groups.iter().any(is_it));
        let (bad, harm) = (self.judged.total.tally.bad(), harm(&self.truth));
        let helps = |t: &&Tried| {
            t.harm <= harm && bad.saturating_sub(t.bad) >= group.count.div_ceil(2).max(1)
        };
        (tried().filter(helps).min_by_key(|t| t.bad), tried().count())
    }
}
