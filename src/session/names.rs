//! What the commands of a run are called, in reports as in recordings: so a recording that is played
//! gives the report that was seen.

use super::Entry;
use crate::playbook::Playbook;
use std::collections::{BTreeMap, BTreeSet};

/// A name for each command of a log: that of the playbook's step, `crash-2` when it was done again, and
/// `live-1` for what a person did. All differ, and a longer log of the same run begins with the same.
pub(super) fn names(playbook: &Playbook, log: &[Entry]) -> Vec<String> {
    let planned: BTreeSet<&str> = playbook.steps.iter().map(|step| step.id.as_str()).collect();
    let mut taken: BTreeSet<String> = planned.iter().map(|id| (*id).to_owned()).collect();
    // The next number of each.
    let mut next: BTreeMap<&str, u64> = BTreeMap::new();
    let mut name = |entry: &Entry| {
        let id = entry.step.as_deref().and_then(|id| planned.get(id).copied());
        match (id, id.map_or(1, |id| next.get(id).copied().unwrap_or(1))) {
            (Some(id), 1) => {
                next.insert(id, 2);
                id.to_owned()
            }
            (id, _) => {
                let name = id.unwrap_or("live");
                free(&mut taken, name, next.entry(name).or_insert(1))
            }
        }
    };
    log.iter().map(&mut name).collect()
}

/// The first of `name-n`, `name-(n+1)` … that nothing else is called; `next` is the number after it then.
fn free(taken: &mut BTreeSet<String>, name: &str, next: &mut u64) -> String {
    loop {
        let id = format!("{name}-{next}");
        *next += 1;
        if taken.insert(id.clone()) {
            return id;
        }
    }
}
