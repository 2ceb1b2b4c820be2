//! What the commands of a run are called, in reports as in recordings: so a recording that is played
//! gives the report that was seen.

use super::Entry;
use crate::playbook::Playbook;
use std::collections::BTreeSet;

/// A name for each command of a log: that of the playbook's step, `crash-2` when it was done again, and
/// `live-1` for what a person did. All differ, and a longer log of the same run begins with the same.
pub(super) fn names(playbook: &Playbook, log: &[Entry]) -> Vec<String> {
    let planned: BTreeSet<&str> = playbook.steps.iter().map(|step| step.id.as_str()).collect();
    let mut taken: BTreeSet<String> = planned.iter().map(|id| (*id).to_owned()).collect();
    let mut used = BTreeSet::new();
    let mut live = 0;
    let mut name = |entry: &Entry| match entry.step.as_deref().filter(|id| planned.contains(id)) {
        Some(id) if used.insert(id.to_owned()) => id.to_owned(),
        Some(id) => free(&mut taken, id, 2),
        None => {
            live += 1;
            free(&mut taken, "live", live)
        }
    };
    log.iter().map(&mut name).collect()
}

/// The first of `name-n`, `name-(n+1)` … that nothing else is called.
fn free(taken: &mut BTreeSet<String>, name: &str, from: u64) -> String {
    let mut number = from;
    loop {
        let id = format!("{name}-{number}");
        if taken.insert(id.clone()) {
            return id;
        }
        number += 1;
    }
}
