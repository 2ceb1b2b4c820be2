//! Playbook files: from a TOML document to a [`Playbook`].

use super::check::check;
use super::problem::Problems;
use super::reader::{Item, Reader};
use super::{LENGTH, Playbook, SEED, Step, Trigger, Verdict, set};
use crate::chaos::expected::one_of;
use crate::chaos::{Command, Expected, Scene};
use crate::sim::spec::Cluster;
use crate::sim::time::Ns;
use crate::sim::topology::Topology;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

/// Finds the cluster that a playbook names.
pub(super) type FindCluster<'a> = &'a dyn Fn(&str) -> Result<Cluster, Problems>;

const KEYS: &[&str] = &[
    "title", "asks", "cluster", "seed", "length", "warmup", "recover", "expect", "tags", "set",
    "step",
];
const LATER: &[&str] = &["check", "predict", "stop", "end"];
const STEP_KEYS: &[&str] = &["id", "at", "do", "say"];
const STEP_LATER: &[&str] = &["after", "when", "every", "times"];

/// Reads the document of a playbook file. `None` if its cluster cannot be had: then the rest cannot
/// be checked. Problems of the cluster's own file go to `others`.
pub(super) fn read(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    find: FindCluster<'_>,
    others: &mut Vec<Problems>,
) -> Option<Playbook> {
    known(reader, table, KEYS, LATER, "a playbook");
    let title = reader.string(table, "title");
    reader.require(table, "title", &title);
    let asks = reader.string(table, "asks");
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
    let steps = steps(reader, table, length, cluster.as_ref());
    let cluster = Arc::new(cluster?);
    let playbook = Playbook::of_cluster(cluster);
    Some(Playbook { title, asks, seed, length, warmup, recover, expect, tags, steps, ..playbook })
}

/// Reports keys that are unknown, and those that are not supported yet.
fn known(reader: &mut Reader<'_>, table: &DeTable<'_>, keys: &[&str], later: &[&str], of: &str) {
    let all: Vec<&str> = keys.iter().chain(later).copied().collect();
    reader.unknown(table, &all, of);
    for key in table.keys() {
        let name: &str = key.get_ref();
        if later.contains(&name) {
            reader.other(key.span(), format!("`{name}` of {of} is not supported yet"));
        }
    }
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

fn steps(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    length: Ns,
    cluster: Option<&Cluster>,
) -> Vec<Step> {
    let topology = cluster.map(Topology::new);
    let list = table.get("step").and_then(|item| reader.array(item, "`[[step]]` tables"));
    let mut steps: Vec<Step> = Vec::new();
    for (i, item) in list.unwrap_or_default().iter().enumerate() {
        let Some(table) = reader.table(item) else { continue };
        if let Some(step) = step(reader, item, table, i + 1, length, topology.as_ref()) {
            if steps.iter().any(|earlier| earlier.id == step.id) {
                let at = table.get("id").unwrap_or(item);
                reader.wanted(at, "an `id` that no other step has");
            }
            steps.push(step);
        }
    }
    steps.sort_by_key(Step::at);
    steps
}

fn step(
    reader: &mut Reader<'_>,
    item: &Item<'_>,
    table: &DeTable<'_>,
    number: usize,
    length: Ns,
    topology: Option<&Topology>,
) -> Option<Step> {
    known(reader, table, STEP_KEYS, STEP_LATER, "a step");
    let start = item.span().start;
    let later = STEP_LATER.iter().any(|key| table.contains_key(*key));
    for (key, example) in [("at", "10s"), ("do", "crash web-2")] {
        let excused = later && key == "at";
        if !excused && !table.contains_key(key) {
            let what = format!("`{key} = \"{example}\"` in this step");
            reader.expected(Expected::new(start..start, "", what));
        }
    }
    let at = reader.time(table, "at");
    if let (Some(at), Some(item)) = (at, table.get("at"))
        && at >= length
    {
        let length = crate::chaos::units::print_time(length);
        reader.wanted(item, &format!("a time before the end of the run, {length}"));
    }
    let command = table.get("do").and_then(|item| command(reader, item, topology));
    let id = match table.get("id") {
        Some(item) => reader.parsed(item, crate::chaos::A_NAME, |text| {
            let name = crate::chaos::is_name(text).then(|| text.to_owned());
            name.ok_or_else(|| Expected::whole(text, crate::chaos::A_NAME))
        }),
        None => Some(format!("step-{number}")),
    };
    let say = table.contains_key("say").then(|| reader.string(table, "say"));
    let trigger = Trigger::At(at?);
    Some(Step { id: id?, trigger, repeat: None, command: command?, say })
}

/// A command, whose names are in the cluster.
fn command(
    reader: &mut Reader<'_>,
    item: &Item<'_>,
    topology: Option<&Topology>,
) -> Option<Command> {
    reader.parsed(item, "a command such as `\"crash web-2\"`", |text| {
        let command = Command::parse(text)?;
        // What is taken back is known when it runs.
        if let Some(topology) = topology
            && !command.is_undo()
        {
            command.bind_in(&Scene::planned(topology))?;
        }
        Ok(command)
    })
}
