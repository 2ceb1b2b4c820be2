//! Cluster files: from a TOML document to a [`Cluster`], with the place of everything in it.

mod class;

use super::check::{Finding, Subject, check};
use super::options::{given, settings};
use super::problem::Wrong;
use super::reader::{Item, Reader};
use crate::chaos::{Expected, is_name};
use crate::sim::spec::{Cluster, Component, KINDS, NetworkOptions, Options};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable};

/// Where the parts of a cluster stand in its file.
#[derive(Default)]
pub(super) struct Places(Vec<(Subject, Range<usize>)>);

impl Places {
    fn add(&mut self, subject: Subject, range: Range<usize>) {
        self.0.push((subject, range));
    }

    fn find(&self, subject: Subject) -> Range<usize> {
        self.0.iter().find(|(s, _)| *s == subject).map(|(_, r)| r.clone()).unwrap_or_default()
    }
}

/// Reads the document of a cluster file. What comes out is whole only if nothing is wrong.
pub(super) fn read(reader: &mut Reader<'_>, table: &DeTable<'_>, text: &str) -> Cluster {
    let kinds = KINDS.iter().map(|(word, _)| *word);
    let known: Vec<&str> = ["name", "about", "network", "zone", "request"].into_iter().collect();
    let known: Vec<&str> = known.into_iter().chain(kinds).collect();
    reader.unknown(table, &known, "a cluster file");
    let mut places = Places::default();
    let mut cluster = Cluster {
        name: reader.string(table, "name"),
        about: reader.string(table, "about"),
        network: NetworkOptions { regions: regions(reader, table), ..network(reader, table) },
        zones: zones(reader, table, &mut places),
        components: components(reader, table, &mut places),
        classes: class::read(reader, table, &mut places),
    };
    reader.require(table, "name");
    if reader.wrong.is_empty() {
        let findings = check(&cluster);
        reader.wrong.extend(findings.into_iter().map(|f| place(f, &places, text)));
        class::make_whole(&mut cluster.classes);
    }
    cluster
}

/// A finding about a cluster, where it stands in its file.
fn place((subject, e): Finding, places: &Places, text: &str) -> Wrong {
    let range = places.find(subject);
    let start = range.start + word_at(text.get(range).unwrap_or_default(), &e.found);
    Wrong::Expected(Expected { range: start..start + e.found.len(), ..e })
}

/// Where a name stands in what is written, as a word of its own; 0 if it does not.
fn word_at(written: &str, name: &str) -> usize {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let alone = |i: &usize| {
        let after = &written[i + name.len()..];
        !written[..*i].ends_with(letter) && !after.starts_with(letter)
    };
    let mut places = written.match_indices(name).map(|(i, _)| i);
    places.find(alone).filter(|_| !name.is_empty()).unwrap_or(0)
}

fn network(reader: &mut Reader<'_>, table: &DeTable<'_>) -> NetworkOptions {
    let mut network = NetworkOptions::default();
    if let Some(table) = table.get("network").and_then(|item| reader.table(item)) {
        for given in given(reader, table, &NetworkOptions::rows(), &[], "`[network]`") {
            if network.set(given.name, given.value).is_err() {
                reader.other(given.span, "out of range");
            }
        }
    }
    network
}

fn zones(reader: &mut Reader<'_>, table: &DeTable<'_>, places: &mut Places) -> Vec<String> {
    let mut zones = Vec::new();
    for (i, (key, item)) in named(reader, table, "zone").into_iter().enumerate() {
        if let Some(table) = reader.table(item) {
            for key in table.keys() {
                let name: &str = key.get_ref();
                match name {
                    "region" => {}
                    _ => reader.expected(
                        Expected::new(key.span(), name, "a key of a zone").near(["region"]),
                    ),
                }
            }
        }
        places.add(Subject::Zone(i), key.span());
        zones.push(key.get_ref().to_string());
    }
    zones
}

/// The region of each zone, in the order of [`zones`]; empty where none is given.
fn regions(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Vec<String> {
    let what = "the name of a region in quotes";
    let mut regions = Vec::new();
    for (_, item) in named(reader, table, "zone") {
        let region = item.get_ref().as_table().and_then(|zone| zone.get("region"));
        let text = region.and_then(|item| Some((item, reader.text(item, what)?)));
        regions.push(match text {
            Some((item, text)) if !is_name(text.value) => {
                reader.wanted(item, what);
                String::new()
            }
            Some((_, text)) => text.value.to_string(),
            None => String::new(),
        });
    }
    regions
}

/// The named tables under a key, such as `[service.web]`, in the order of the file.
fn named<'t, 'i>(
    reader: &mut Reader<'_>,
    table: &'t DeTable<'i>,
    key: &str,
) -> Vec<(&'t Spanned<DeString<'i>>, &'t Item<'i>)> {
    let Some(tables) = table.get(key).and_then(|item| reader.table(item)) else {
        return Vec::new();
    };
    let mut all: Vec<_> = tables.iter().collect();
    all.sort_by_key(|(key, _)| key.span().start);
    all
}

fn components(reader: &mut Reader<'_>, table: &DeTable<'_>, places: &mut Places) -> Vec<Component> {
    let mut all = Vec::new();
    for (kind, _) in KINDS {
        for (key, item) in named(reader, table, kind) {
            all.push((key, item, *kind));
        }
    }
    all.sort_by_key(|(key, _, _)| key.span().start);
    let mut components = Vec::new();
    for (key, item, kind) in all {
        let (Some(table), Some(options)) = (reader.table(item), Options::of_kind(kind)) else {
            continue;
        };
        let i = components.len();
        places.add(Subject::Component(i), key.span());
        let name = key.get_ref().to_string();
        components.push(component(reader, table, name, options, i, places));
    }
    components
}

fn component(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    name: String,
    mut options: Options,
    i: usize,
    places: &mut Places,
) -> Component {
    // Users are outside all zones.
    let others: &[&str] = if options.kind() == "traffic" { &[] } else { &["zones"] };
    for given in settings(reader, table, &options, others) {
        places.add(Subject::Setting(i, given.name), given.span.clone());
        for (j, span) in given.items.into_iter().enumerate() {
            places.add(Subject::OwnStep(i, j), span);
        }
        if options.set(given.name, given.value).is_err() {
            reader.other(given.span, "out of range");
        }
    }
    let mut zones = Vec::new();
    let list = table.get("zones").filter(|_| !others.is_empty());
    let what = "a list of zones such as `[\"a\", \"b\"]`";
    for item in list.and_then(|item| reader.array(item, what)).unwrap_or_default() {
        if let Some(zone) = reader.text(item, "a zone in quotes") {
            places.add(Subject::Stands(i, zones.len()), item.span());
            zones.push(zone.value.to_owned());
        }
    }
    Component { name, zones, options }
}
