//! Playbook files: from a TOML document to a [`Playbook`].

mod checks;
mod ids;
mod possible;
mod steps;

use super::check::check;
use super::problem::Problems;
use super::reader::{Item, Reader};
use super::{LENGTH, Playbook, SEED, Verdict, set};
use crate::chaos::Expected;
use crate::chaos::condition::{Condition, Names};
use crate::chaos::expected::one_of;
use crate::chaos::units::print_time;
use crate::sim::spec::Cluster;
use crate::sim::time::Ns;
use crate::sim::topology::Topology;
use ids::Ids;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

/// Finds the cluster that a playbook names.
pub(super) type FindCluster<'a> = &'a dyn Fn(&str) -> Result<Cluster, Problems>;

const KEYS: &[&str] = &[
    "title", "asks", "about", "cluster", "seed", "length", "warmup", "recover", "expect", "tags",
    "set", "step", "check", "predict", "stop", "end",
];

/// Reads the document of a playbook file. `None` if its cluster cannot be had: then the rest cannot
/// be checked. Problems of the cluster's own file go to `others`.
pub(super) fn read(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    find: FindCluster<'_>,
    others: &mut Vec<Problems>,
) -> Option<Playbook> {
    reader.unknown(table, KEYS, "a playbook");
    let title = reader.string(table, "title");
    reader.require(table, "title");
    let asks = reader.string(table, "asks");
    let about = reader.string(table, "about").trim().to_owned();
    let seed = table.get("seed").and_then(|item| seed(reader, item)).unwrap_or(SEED);
    let length = reader.time(table, "length").unwrap_or(LENGTH);
    let warmup = reader.time(table, "warmup").unwrap_or(0);
    if length == 0 || warmup >= length {
        let item = table.get("warmup").or_else(|| table.get("length"));
        if let Some(item) = item {
            reader.wanted(item, "a `warmup` that is shorter than the `length`");
        }
    }
    let recover = reader.time(table, "recover").unwrap_or(0);
    let expect = table.get("expect").and_then(|item| expect(reader, item)).unwrap_or_default();
    let tags = tags(reader, table);
    let cluster = cluster(reader, table, find, others);
    let places = cluster.as_ref().map(Places::new);
    let frame = Frame { length, warmup, recover, places: places.as_ref() };
    let (steps, ids) = steps::read(reader, table, &frame);
    let checks = checks::read(reader, table, &frame, &steps, &ids);
    let predict = checks::predict(reader, table, &frame, &ids);
    let stop = checks::stop(reader, table, &frame);
    let heal = checks::end(reader, table);
    let plain = Playbook::of_cluster(Arc::new(cluster?));
    let judged = Playbook { steps, checks, predict, stop, heal, ..plain };
    Some(Playbook { title, asks, about, seed, length, warmup, recover, expect, tags, ..judged })
}

/// What the parts of a playbook are checked against.
struct Frame<'a> {
    length: Ns,
    warmup: Ns,
    recover: Ns,
    /// The cluster's names; `None` if the cluster cannot be had.
    places: Option<&'a Places>,
}

/// The names of a cluster.
struct Places {
    topology: Topology,
    classes: Vec<String>,
}

impl Places {
    fn new(cluster: &Cluster) -> Places {
        let classes = cluster.classes.iter().map(|class| class.name.clone()).collect();
        Places { topology: Topology::new(cluster), classes }
    }

    fn names(&self) -> Names<'_> {
        Names {
            topology: &self.topology,
            classes: self.classes.iter().map(String::as_str).collect(),
        }
    }
}

/// A condition, whose names are in the cluster.
fn condition(reader: &mut Reader<'_>, item: &Item<'_>, frame: &Frame<'_>) -> Option<Condition> {
    let what = "a condition such as `\"p99 < 250ms\"`";
    let condition = reader.parsed(item, what, |text| {
        let condition = Condition::parse(text)?;
        if let Some(places) = frame.places {
            condition.bind(&places.names())?;
        }
        Ok(condition)
    })?;
    let judged = frame.length.saturating_sub(frame.warmup);
    if condition.window() > judged {
        let judged = print_time(judged);
        reader.wanted(item, &format!("a window of at most {judged}, the judged time of the run"));
    }
    Some(condition)
}

/// The place of a step in the list of steps, by its name.
fn step_named(reader: &mut Reader<'_>, item: &Item<'_>, ids: &Ids) -> Option<usize> {
    reader.parsed(item, "the `id` of a step", |text| ids.place(text))
}

fn seed(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<u64> {
    let seed = match item.get_ref() {
        DeValue::Integer(n) => u64::from_str_radix(n.as_str(), n.radix()).ok(),
        _ => None,
    };
    if seed.is_none() {
        reader.wanted(item, "a whole number of at least 0, without quotes");
    }
    seed
}

fn expect(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<Verdict> {
    let words: Vec<&str> = Verdict::ALL.iter().map(|(word, _)| *word).collect();
    let expected = one_of(&words);
    reader.parsed(item, &expected, |text| {
        let found = Verdict::ALL.iter().find(|(word, _)| *word == text).map(|(_, v)| *v);
        found.ok_or_else(|| Expected::whole(text, &expected).near(words.iter().copied()))
    })
}

fn tags(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Vec<String> {
    let what = "a list of words such as `[\"failover\"]`";
    let list = table.get("tags").and_then(|item| reader.array(item, what)).unwrap_or_default();
    let texts = list.iter().filter_map(|item| reader.text(item, "a word in quotes"));
    texts.map(|t| t.value.to_owned()).collect()
}

/// The cluster that the playbook names, with the changes of `[set]`.
fn cluster(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    find: FindCluster<'_>,
    others: &mut Vec<Problems>,
) -> Option<Cluster> {
    let Some(item) = table.get("cluster") else {
        reader.expected(Expected::new(0..0, "", "`cluster = \"…\"`, a built-in name or a path"));
        return None;
    };
    let name = reader.text(item, "a built-in name or a path, in quotes")?;
    let mut cluster = match find(name.value) {
        Ok(cluster) => cluster,
        // A file that is not there is a problem of this line; a wrong one has its own lines.
        Err(Problems(problems)) => {
            match problems.as_slice() {
                [one] if one.at.is_none() => reader.other(item.span(), one.message.clone()),
                _ => others.push(Problems(problems)),
            }
            return None;
        }
    };
    if let Some(item) = table.get("set")
        && let Some(changes) = reader.table(item)
    {
        let before = reader.wrong.len();
        set::apply(reader, changes, &mut cluster);
        if reader.wrong.len() == before {
            for (_, e) in check(&cluster) {
                reader.other(item.span(), format!("with these settings: {e}"));
            }
        }
        if reader.wrong.len() > before {
            return None;
        }
    }
    Some(cluster)
}
