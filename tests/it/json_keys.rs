//! The keys of `--format json`: one table for README and for the test that a run has just these.

use crate::tidy::ROOT;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

/// Keys by path and what they mean. `[]` is an element of an array, `NAME` any key.
pub const KEYS: &[(&str, &str)] = &[
    ("brownout", "the version"),
    ("playbook", "the file or name; `null` for a cluster alone"),
    ("title", "what happens, in one line; the name of a cluster alone"),
    ("about", "what it teaches and what to try next; `null` if it does not say"),
    ("cluster", "its name"),
    ("seed", "the root seed"),
    ("digest", "16 hex digits; equal for equal inputs, like all but `wall_s`"),
    ("simulated_s", "simulated time"),
    ("wall_s", "real time that the run took"),
    ("events", "events that took effect"),
    ("verdict", "`held`, `deviated`, `inconclusive` or `stopped`"),
    ("checks[].name", "of each check, in the order of the file"),
    ("checks[].that", "its condition"),
    ("checks[].scope", "in which windows it had to hold"),
    ("checks[].verdict", "`held`, `deviated` or `inconclusive`"),
    (
        "checks[].measured",
        "in the first window that did not hold, else in the one that came nearest",
    ),
    ("checks[].wanted", "beside it; objects by quantity if several are compared"),
    ("checks[].windows", "windows that were judged"),
    ("checks[].violated", "those in which it did not hold"),
    ("checks[].first_violation_s", "the end of the first of them"),
    ("checks[].why", "why nothing can be said, if it is inconclusive"),
    ("stopped.rule", "the rule that ended the run; `stopped` is `null` without one"),
    ("stopped.at_s", "when it did"),
    ("predictions[].ask", "of each question"),
    ("predictions[].quantity", "what is measured to answer it"),
    ("predictions[].answer", "what was measured"),
    ("predictions[].choice", "which of its choices that is; `null` if none says so"),
    ("predictions[].predicted", "which a person chose on the live screen; else `null`"),
    (
        "faults[].id",
        "the command that began it: a step, `ID-2` if done again, `live-1` of a person",
    ),
    ("faults[].command", "as it was given"),
    ("faults[].start_s", "when it began"),
    ("faults[].end_s", "when it ended; `null` if it was active at the end"),
    ("faults[].touched_requests", "requests that it touched"),
    ("faults[].touched_nodes", "nodes that it touched"),
    ("faults[].touched.NAME", "how often, by node"),
    ("faults[].time_to_detect_s", "from its start until something in the cluster acted on it"),
    ("faults[].time_to_recover_s", "from its start until users were served as before it"),
    ("notes", "commands that found nothing to change"),
    ("totals.offered", "requests that arrived in judged time"),
    ("totals.ok", "answered in time"),
    ("totals.late", "answered after their deadline"),
    ("totals.failed", "not answered"),
    ("totals.in_flight", "not ended"),
    ("totals.attempts", "attempts that users made"),
    ("failures.NAME", "failed requests by reason"),
    ("latency_ms.mean", "of answers, exact"),
    ("latency_ms.p50", "and further quantiles, to half a per cent"),
    ("latency_ms.p90", ""),
    ("latency_ms.p95", ""),
    ("latency_ms.p99", ""),
    ("latency_ms.p999", ""),
    ("latency_ms.max", "exact"),
    ("classes.NAME", "`totals`, `failures` and `latency_ms` of each class"),
    ("data.acknowledged_writes", "of the whole run, as all of `data`"),
    ("data.lost_writes", "acknowledged and gone"),
    ("data.stale_reads", "answers older than an acknowledged write"),
    ("data.doubled_effects", "writes that the log has twice: by another attempt, or by a merge"),
    (
        "data.conflicts",
        "acknowledged writes that a merge overwrote unseen; `null` if nobody merges (`prefer`) and none was",
    ),
    ("data.split_brain_s", "time with two primaries"),
    ("data.unpublished", "writes that are there and whose message was never published"),
    ("data.wasted", "answers for which nobody waited any more"),
    (
        "components.NAME",
        "`kind`, `nodes`, `utilisation`, calls, times, `availability`, `up`, queue, `failures_began`",
    ),
    ("failovers[].component", "the database"),
    ("failovers[].from", "the primary that was missed"),
    ("failovers[].to", "the node that took over"),
    ("failovers[].detected_s", "absolute simulated time, as all that follow"),
    ("failovers[].elected_s", ""),
    ("failovers[].promoted_s", ""),
    ("failovers[].recovered_s", "when the last client had found the new primary"),
    ("amplification", "attempts for each request"),
    (
        "between_attempts_ms",
        "that users waited between attempts, on average of the followed requests",
    ),
    (
        "followed.requests",
        "of which `between_attempts_ms` and the times of `components` tell: so many were answered",
    ),
    ("followed.one_in", "one in so many requests is followed, by its number: each where few come"),
    ("followed.mean_ms", "their mean latency, to which these times add up"),
    ("reliability.objective", "the availability that is aimed at"),
    ("reliability.nines", "of the availability that was measured"),
    ("reliability.error_budget_spent", "failures for each one that the objective allows"),
    (
        "reliability.outages",
        "spells in which more than 5 % of those who came failed or were late, or nobody was served",
    ),
    ("reliability.down_s", "how long they were together, however long users waited"),
    ("reliability.mtbf_s", "judged time outside of them, divided by their number"),
    ("reliability.mttr_s", "how long one was, on average"),
    ("availability", "share of ok among requests that ended"),
    (
        "availability_predicted",
        "if all that its requests need failed independently and was noticed at once",
    ),
    ("bottleneck", "the component of which something is the first limit"),
    ("bottleneck_resource", "what of it: `cores`, `threads`, `connections`, `pool` or `bandwidth`"),
    (
        "bottleneck_over",
        "of which time: `faults`, while some acted or requests failed after them, or `judged`, all of it",
    ),
];

/// Keys under which anything may stand: what is below them is not listed.
const OPEN: &[&str] = &["failures", "classes", "components", "faults[].touched"];

/// Lists that may have nothing in them.
const MAY_BE_EMPTY: &[&str] = &["notes"];

/// Keys that are `null` in the run of the test, and have keys of their own when they are not.
const NULL: &[(&str, &[&str])] = &[("stopped", &["stopped.rule", "stopped.at_s"])];

fn paths(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) if OPEN.contains(&path) => {
            assert!(!map.is_empty(), "the run has no {path}");
            found.insert(format!("{path}.NAME"));
        }
        Value::Object(map) if !["checks[].measured", "checks[].wanted"].contains(&path) => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                paths(value, &path, found);
            }
        }
        Value::Array(_) if MAY_BE_EMPTY.contains(&path) => drop(found.insert(path.to_owned())),
        Value::Array(all) => {
            assert!(!all.is_empty(), "the run has no {path}");
            for value in all {
                paths(value, &format!("{path}[]"), found);
            }
        }
        Value::Null if NULL.iter().any(|(key, _)| *key == path) => {
            let keys = NULL.iter().filter(|(key, _)| *key == path).flat_map(|(_, keys)| *keys);
            found.extend(keys.map(|key| (*key).to_owned()));
        }
        _ => drop(found.insert(path.to_owned())),
    }
}

#[test]
fn a_run_has_just_the_keys_that_are_listed() {
    let out = Command::new(env!("CARGO_BIN_EXE_brownout"))
        .args(["run", "tests/fixtures/hot-writes.toml", "--format", "json"])
        .current_dir(ROOT)
        .output()
        .expect("the program can be started");
    let run: Value = serde_json::from_slice(&out.stdout).expect("one JSON document");
    let mut found = BTreeSet::new();
    paths(&run, "", &mut found);
    let listed: BTreeSet<String> = KEYS.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(found, listed);
}
