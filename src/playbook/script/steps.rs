//! `[[step]]` of a playbook: what is done, and when.

use super::super::plan::{Repeat, Step, Times, Trigger, circular, planned};
use super::super::reader::{Item, Reader};
use super::ids::Ids;
use super::{Frame, condition};
use crate::chaos::scan::Word;
use crate::chaos::units::{parse_time, print_time};
use crate::chaos::{Command, Expected, Scene};
use crate::sim::time::MILLISECOND;
use toml::de::{DeTable, DeValue};

const KEYS: &[&str] = &["id", "at", "after", "when", "every", "times", "do", "say"];
const TRIGGERS: &[&str] = &["at", "after", "when"];

/// Executions of a step at most.
const TIMES_MAX: u64 = 10_000;
/// Executions of all steps at most.
const EXECUTIONS_MAX: u64 = 100_000;

/// Reads all steps, and their names: one for each table, also where something is wrong with it.
pub(super) fn read(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    frame: &Frame<'_>,
) -> (Vec<Step>, Ids) {
    let list = table.get("step").and_then(|item| reader.array(item, "`[[step]]` tables"));
    let list = list.unwrap_or_default();
    let mut ids = Ids::default();
    for (i, item) in list.iter().enumerate() {
        let id = name(reader, item).unwrap_or_else(|| format!("step-{}", i + 1));
        if !ids.add(id) {
            let at = table_of(item).and_then(|table| table.get("id")).unwrap_or(item);
            reader.wanted(at, "an `id` that no other step has");
        }
    }
    let mut steps = Vec::new();
    for (item, id) in list.iter().zip(ids.iter()) {
        if reader.is_full() {
            break;
        }
        let Some(table) = reader.table(item) else { continue };
        steps.extend(step(reader, item, table, id, &ids, frame));
    }
    // Only a whole list can be followed from one step to the other.
    if steps.len() == list.len() {
        follow(reader, list, &steps, frame);
    }
    (steps, ids)
}

fn table_of<'t, 'i>(item: &'t Item<'i>) -> Option<&'t DeTable<'i>> {
    match item.get_ref() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

/// The `id` of a step, if it has a right one.
fn name(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<String> {
    reader.parsed(table_of(item)?.get("id")?, crate::chaos::A_NAME, |text| {
        let name = crate::chaos::is_name(text).then(|| text.to_owned());
        name.ok_or_else(|| Expected::whole(text, crate::chaos::A_NAME))
    })
}

fn step(
    reader: &mut Reader<'_>,
    item: &Item<'_>,
    table: &DeTable<'_>,
    id: &str,
    ids: &Ids,
    frame: &Frame<'_>,
) -> Option<Step> {
    reader.unknown(table, KEYS, "a step");
    let missing = |what: &str| {
        let start = item.span().start;
        Expected::new(start..start, "", format!("{what} in this step"))
    };
    let given: Vec<&Item<'_>> = TRIGGERS.iter().filter_map(|key| table.get(*key)).collect();
    if given.is_empty() {
        reader.expected(missing("`at = \"10s\"`, `after = \"…\"` or `when = \"…\"`"));
    } else if let Some(second) = given.get(1) {
        reader.wanted(second, "only one of `at`, `after` and `when` in a step");
    }
    if !table.contains_key("do") {
        reader.expected(missing("`do = \"crash web-2\"`"));
    }
    let trigger = trigger(reader, table, ids, frame);
    let repeat = repeat(reader, table);
    let command = table.get("do").and_then(|item| command(reader, item, frame));
    let say = table.contains_key("say").then(|| reader.string(table, "say"));
    Some(Step { id: id.to_owned(), trigger: trigger?, repeat: repeat?, command: command?, say })
}

fn trigger(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    ids: &Ids,
    frame: &Frame<'_>,
) -> Option<Trigger> {
    let after = table.get("after").and_then(|item| after(reader, item, ids));
    let when = table.get("when").and_then(|item| condition(reader, item, frame));
    let at = reader.time(table, "at");
    at.map(Trigger::At).or(after).or(when.map(Trigger::When))
}

/// `other-id + 5s`, or `other-id` alone.
fn after(reader: &mut Reader<'_>, item: &Item<'_>, ids: &Ids) -> Option<Trigger> {
    reader.parsed(item, "a step and a time such as `\"kill + 5s\"`", |text| {
        let whole = Word { text, at: 0 };
        let (id, delay) = whole.split_once("+").map_or((whole, None), |(id, d)| (id, Some(d)));
        let id = id.trimmed();
        let step = ids.place(id.text).map_err(|e| e.shifted(id.at))?;
        let delay = delay.map(|word| {
            let word = word.trimmed();
            parse_time(word.text).map_err(|e| e.shifted(word.at))
        });
        Ok(Trigger::After { step, delay: delay.transpose()?.unwrap_or(0) })
    })
}

/// `every` and `times`; the outer `None` if something is wrong with them.
#[expect(clippy::option_option, reason = "nothing to repeat is not the same as something wrong")]
fn repeat(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Option<Option<Repeat>> {
    match (table.get("every"), table.get("times")) {
        (None, None) => Some(None),
        (Some(every), None) => {
            reader.wanted(every, "`times = 3` beside `every`");
            None
        }
        (None, Some(times)) => {
            reader.wanted(times, "`every = \"10s\"` beside `times`");
            None
        }
        (Some(every), Some(times)) => {
            let every =
                reader.parsed(every, "a time such as `\"10s\"`", |text| match parse_time(text)? {
                    time if time >= MILLISECOND => Ok(time),
                    _ => Err(Expected::whole(text, "at least 1ms")),
                });
            let number = match times.get_ref() {
                DeValue::Integer(n) => u64::from_str_radix(n.as_str(), n.radix()).ok(),
                _ => None,
            };
            let number = number.filter(|n| (1..=TIMES_MAX).contains(n));
            if number.is_none() {
                reader.wanted(times, "a number from 1 to 10000, without quotes");
            }
            Some(Some(Repeat { every: every?, times: u32::try_from(number?).ok()? }))
        }
    }
}

/// A command, whose names are in the cluster.
fn command(reader: &mut Reader<'_>, item: &Item<'_>, frame: &Frame<'_>) -> Option<Command> {
    reader.parsed(item, "a command such as `\"crash web-2\"`", |text| {
        let command = Command::parse(text)?;
        // What is taken back is known when it runs.
        if let Some(places) = frame.places
            && !command.is_undo()
        {
            command.bind_in(&Scene::planned(&places.topology))?;
        }
        Ok(command)
    })
}

/// Reports steps that wait for themselves, those that would never be done in the run, and those that
/// are too many.
fn follow(reader: &mut Reader<'_>, list: &[Item<'_>], steps: &[Step], frame: &Frame<'_>) {
    let circular = circular(steps);
    let mut executions = 0;
    for (i, times) in planned(steps).iter().enumerate() {
        let Some(table) = table_of(&list[i]) else { continue };
        executions += times.map_or(1, |times| u64::from(times.times));
        if executions > EXECUTIONS_MAX {
            let at = table.get("times").unwrap_or(&list[i]);
            return reader.wanted(at, "at most 100000 executions of steps in all");
        }
        if circular[i] {
            if let Some(item) = table.get("after") {
                let circle = circle(steps, i);
                reader.wanted(item, &format!("a step that does not wait for itself: {circle}"));
            }
        } else if let Some(times) = times {
            ends(reader, table, &steps[i], *times, frame);
        }
        if reader.is_full() {
            return;
        }
    }
}

/// Reports a step that would never be done in the run, or not so often.
fn ends(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    step: &Step,
    times: Times,
    frame: &Frame<'_>,
) {
    let length = print_time(frame.length);
    if times.first >= frame.length {
        let before_end = format!("a time before the end of the run, {length}");
        let item = TRIGGERS.iter().find_map(|key| table.get(*key));
        let what = match step.trigger {
            Trigger::At(_) => before_end,
            _ => format!("{before_end} (this is {})", print_time(times.first)),
        };
        if let Some(item) = item {
            reader.wanted(item, &what);
        }
    } else if times.last() >= frame.length
        && let Some(item) = table.get("times")
    {
        let fit = (frame.length - 1 - times.first) / times.every.max(1) + 1;
        reader.wanted(item, &format!("at most {fit}, the times that fit into {length}"));
    }
}

/// Names of a circle that are told.
const NAMED: usize = 8;

/// `a → b → a`, of a step that waits for itself; the middle of a long circle is left out.
fn circle(steps: &[Step], start: usize) -> String {
    let follows = |at: &usize| match steps[*at].trigger {
        Trigger::After { step, .. } => Some(step),
        Trigger::At(_) | Trigger::When(_) => None,
    };
    let name = |at: usize| steps[at].id.as_str();
    let walk = std::iter::successors(Some(start), follows);
    let way: Vec<&str> = walk.skip(1).take_while(|at| *at != start).map(name).collect();
    let mut path: Vec<&str> = std::iter::once(name(start)).chain(way).collect();
    if path.len() > NAMED {
        path.splice(NAMED - 1..path.len() - 1, ["…"]);
    }
    path.push(name(start));
    path.join(" → ")
}
