//! `[[check]]`, `[[predict]]`, `[stop]` and `[end]` of a playbook.

use super::super::plan::{Check, Hold, Predict, Scope, Step};
use super::super::reader::{ENOUGH, Item, Reader};
use super::ids::Ids;
use super::{Frame, condition, possible, step_named};
use crate::chaos::Expected;
use crate::chaos::condition::{Condition, Quantity};
use crate::chaos::expected::one_of;
use std::collections::BTreeSet;
use toml::de::{DeTable, DeValue};

const CHECK_KEYS: &[&str] = &["name", "that", "hold", "within", "of"];
const PREDICT_KEYS: &[&str] = &["before", "ask", "choices", "answer"];

/// Reads all checks.
pub(super) fn read(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    frame: &Frame<'_>,
    steps: &[Step],
    ids: &Ids,
) -> Vec<Check> {
    let list = table.get("check").and_then(|item| reader.array(item, "`[[check]]` tables"));
    let list = list.unwrap_or_default();
    // Without all steps nothing can be said of phases.
    let whole = !list.is_empty() && steps.len() == ids.len() && reader.wrong.is_empty();
    let planned = whole.then(|| possible::Planned::new(steps, frame));
    let mut checks: Vec<Check> = Vec::new();
    let mut names = BTreeSet::new();
    for (i, item) in list.iter().enumerate() {
        if reader.is_full() {
            break;
        }
        let Some(table) = reader.table(item) else { continue };
        let Some(check) = check(reader, item, table, i, frame, ids) else { continue };
        if !names.insert(check.name.clone()) {
            let at = table.get("name").unwrap_or(item);
            reader.wanted(at, "a `name` that no other check has");
        }
        if let Some(planned) = planned.as_ref().filter(|_| reader.wrong.is_empty()) {
            let at = ["within", "hold", "that"].iter().find_map(|key| table.get(*key));
            if let (Some(what), Some(at)) = (planned.why_not(&check), at) {
                reader.wanted(at, &what);
            }
        }
        checks.push(check);
    }
    checks
}

fn check(
    reader: &mut Reader<'_>,
    item: &Item<'_>,
    table: &DeTable<'_>,
    index: usize,
    frame: &Frame<'_>,
    ids: &Ids,
) -> Option<Check> {
    reader.unknown(table, CHECK_KEYS, "a check");
    let name = if table.contains_key("name") {
        reader.string(table, "name")
    } else {
        format!("check-{}", index + 1)
    };
    if name.trim().is_empty() {
        reader.require(table, "name");
    }
    if !table.contains_key("that") {
        reader.expected(missing(item, "`that = \"p99 < 250ms\"` in this check"));
    }
    let that = table.get("that").and_then(|item| condition(reader, item, frame));
    let scope = scope(reader, table, ids);
    Some(Check { name, that: that?, scope: scope? })
}

/// Something that is not there.
fn missing(item: &Item<'_>, what: &str) -> Expected {
    let start = item.span().start;
    Expected::new(start..start, "", what)
}

fn scope(reader: &mut Reader<'_>, table: &DeTable<'_>, ids: &Ids) -> Option<Scope> {
    let hold = table.get("hold");
    match (table.get("within"), table.get("of")) {
        (None, None) => match hold {
            Some(item) => holds(reader, item).map(Scope::Phases),
            None => Some(Scope::Phases(vec![Hold::Always])),
        },
        (Some(within), None) => {
            reader.wanted(within, "`of = \"…\"`, a step, beside `within`");
            None
        }
        (None, Some(of)) => {
            reader.wanted(of, "`within = \"10s\"` beside `of`");
            None
        }
        (Some(_), Some(of)) => {
            if let Some(hold) = hold {
                reader.wanted(hold, "either `hold` or `within` and `of`");
            }
            let of = step_named(reader, of, ids);
            let within = reader.time(table, "within");
            Some(Scope::Within { within: within?, of: of? })
        }
    }
}

fn holds(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<Vec<Hold>> {
    let words: Vec<&str> = Hold::ALL.iter().map(|(word, _)| *word).collect();
    let expected = one_of(&words);
    let list = reader.array(item, "a list such as `[\"before\", \"after\"]`")?;
    if list.is_empty() {
        reader.wanted(item, &format!("at least one of {expected}"));
        return None;
    }
    let mut holds: Vec<Hold> = Vec::new();
    for item in list {
        let hold = reader.parsed(item, &expected, |text| {
            let known = Hold::ALL.iter().find(|(word, _)| *word == text).map(|(_, hold)| *hold);
            known.ok_or_else(|| Expected::whole(text, &expected).near(words.iter().copied()))
        })?;
        if holds.contains(&hold) {
            reader.wanted(item, "each of them once");
        }
        holds.push(hold);
    }
    Some(holds)
}

/// Reads all predictions.
pub(super) fn predict(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    frame: &Frame<'_>,
    ids: &Ids,
) -> Vec<Predict> {
    let list = table.get("predict").and_then(|item| reader.array(item, "`[[predict]]` tables"));
    let mut all = Vec::new();
    for item in list.unwrap_or_default() {
        if reader.is_full() {
            break;
        }
        let Some(table) = reader.table(item) else { continue };
        reader.unknown(table, PREDICT_KEYS, "a prediction");
        let examples = [
            ("before", "`before = \"…\"`, a step,"),
            ("ask", "`ask = \"…\"`"),
            ("choices", "`choices = [\"…\", \"…\"]`"),
            ("answer", "`answer = \"outage(order)\"`"),
        ];
        for (key, example) in examples {
            if !table.contains_key(key) {
                reader.expected(missing(item, &format!("{example} in this prediction")));
            }
        }
        let before = table.get("before").and_then(|item| step_named(reader, item, ids));
        let ask = reader.string(table, "ask");
        let choices = table.get("choices").map(|item| choices(reader, item));
        let answer = table.get("answer").and_then(|item| answer(reader, item, frame));
        if let (Some(before), Some(choices), Some(answer)) = (before, choices, answer) {
            all.push(Predict { before, ask, choices, answer });
        }
    }
    all
}

fn choices(reader: &mut Reader<'_>, item: &Item<'_>) -> Vec<String> {
    let what = "a list such as `[\"under 1 s\", \"longer\"]`";
    let list = reader.array(item, what).unwrap_or_default();
    if matches!(item.get_ref(), DeValue::Array(_)) && list.len() < 2 {
        reader.wanted(item, "at least two choices");
    }
    let mut choices: Vec<String> = Vec::new();
    for item in list {
        let Some(text) = reader.text(item, "a choice in quotes") else { continue };
        if text.value.trim().is_empty() || choices.iter().any(|c| c == text.value) {
            reader.wanted(item, "a choice that is not empty and not there yet");
        }
        choices.push(text.value.to_owned());
    }
    choices
}

fn answer(reader: &mut Reader<'_>, item: &Item<'_>, frame: &Frame<'_>) -> Option<Quantity> {
    reader.parsed(item, "a metric such as `\"outage(order)\"`", |text| {
        let quantity = Quantity::parse(text)?;
        if let Some(places) = frame.places {
            quantity.bind(&places.names())?;
        }
        Ok(quantity)
    })
}

/// Reads the rules to stop by.
pub(super) fn stop(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    frame: &Frame<'_>,
) -> Vec<Condition> {
    let Some(item) = table.get("stop") else { return Vec::new() };
    let Some(table) = reader.table(item) else { return Vec::new() };
    reader.unknown(table, &["if"], "`[stop]`");
    let Some(list) = table.get("if") else {
        reader.expected(missing(item, "`if = [\"error_rate > 90% over 5s\"]` in this table"));
        return Vec::new();
    };
    let what = "a list of conditions such as `[\"error_rate > 90% over 5s\"]`";
    let list = reader.array(list, what).unwrap_or_default();
    let mut rules = Vec::new();
    for item in list.iter().take(ENOUGH) {
        rules.extend(condition(reader, item, frame));
    }
    if let Some(item) = list.get(ENOUGH) {
        reader.wanted(item, &format!("at most {ENOUGH} rules"));
    }
    rules
}

/// Reads whether everything is healed at the end.
pub(super) fn end(reader: &mut Reader<'_>, table: &DeTable<'_>) -> bool {
    let Some(item) = table.get("end") else { return false };
    let Some(table) = reader.table(item) else { return false };
    reader.unknown(table, &["heal"], "`[end]`");
    match table.get("heal").map(|item| (item, item.get_ref())) {
        None => false,
        Some((_, DeValue::Boolean(heal))) => *heal,
        Some((item, _)) => {
            reader.wanted(item, "`true` or `false`, without quotes");
            false
        }
    }
}
