//! `[set]` of a playbook: changes of its cluster before the start.

use super::options::{Given, group, value};
use super::reader::{Item, Reader};
use crate::chaos::Expected;
use crate::sim::spec::{Cluster, NetworkOptions, Options, Row};
use std::collections::BTreeSet;
use toml::de::{DeTable, DeValue};

/// Applies the table. Its keys are paths of settings (`"orders-db.ack"`), quoted or not; a table
/// there (`"edge.health" = { every = "1s" }`) replaces a table whole.
pub(super) fn apply(reader: &mut Reader<'_>, table: &DeTable<'_>, cluster: &mut Cluster) {
    let changes = &mut Changes { cluster, given: BTreeSet::new() };
    for (key, item) in table {
        if reader.is_full() {
            return;
        }
        let name: &str = key.get_ref();
        let (component, setting) = name.split_once('.').unwrap_or((name, ""));
        let Some(part) = find(changes.cluster, component) else {
            let names = changes.cluster.components.iter().map(|c| c.name.as_str());
            let found = Expected::new(key.span(), component, "a component or `network`");
            reader.expected(found.near(names.chain(["network"])));
            continue;
        };
        let rows = part.rows(changes.cluster);
        if setting.is_empty() {
            // Written without quotes, the rest of the path is tables.
            let Some(inner) = reader.table(item) else { continue };
            for (key, item) in inner {
                let setting: &str = key.get_ref();
                one(reader, setting, key.span(), item, part, &rows, changes);
            }
        } else {
            one(reader, setting, key.span(), item, part, &rows, changes);
        }
    }
}

/// The cluster that is changed, and what has a value already.
struct Changes<'a> {
    cluster: &'a mut Cluster,
    given: BTreeSet<(Part, &'static str)>,
}

/// Whose settings they are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Network,
    Component(usize),
}

fn find(cluster: &Cluster, name: &str) -> Option<Part> {
    if name == "network" {
        return Some(Part::Network);
    }
    cluster.component(name).map(|(i, _)| Part::Component(i))
}

impl Part {
    fn rows(self, cluster: &Cluster) -> Vec<Row> {
        match self {
            Part::Network => NetworkOptions::rows(),
            Part::Component(i) => cluster.components[i].options.settings(),
        }
    }

    fn kind(self, cluster: &Cluster) -> &'static str {
        match self {
            Part::Network => "network",
            Part::Component(i) => cluster.components[i].options.kind(),
        }
    }

    fn set(self, reader: &mut Reader<'_>, given: Given, changes: &mut Changes<'_>) {
        if !changes.given.insert((self, given.name)) {
            let what = format!("has a value already: `{}` stands twice under `[set]`", given.name);
            return reader.other(given.span, what);
        }
        let cluster = &mut *changes.cluster;
        let done = match self {
            Part::Network => cluster.network.set(given.name, given.value),
            Part::Component(i) => cluster.components[i].options.set(given.name, given.value),
        };
        if done.is_err() {
            reader.other(given.span, "out of range");
        }
    }

    /// Puts the settings `key.…` back to their defaults.
    fn reset(self, key: &str, rows: &[Row], cluster: &mut Cluster) {
        let Part::Component(i) = self else { return };
        let options = &mut cluster.components[i].options;
        let Some(defaults) = Options::of_kind(options.kind()) else { return };
        let within = |name: &str| name.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
        for row in rows.iter().filter(|row| within(row.name)) {
            if let Some(value) = defaults.get(row.name) {
                // A default is within its own bounds.
                let _ = options.set(row.name, value);
            }
        }
    }
}

fn one(
    reader: &mut Reader<'_>,
    setting: &str,
    span: std::ops::Range<usize>,
    item: &Item<'_>,
    part: Part,
    rows: &[Row],
    changes: &mut Changes<'_>,
) {
    if let Some(row) = rows.iter().find(|row| row.name == setting) {
        if let Some(given) = value(reader, row, item) {
            part.set(reader, given, changes);
        }
        return;
    }
    let is_group = rows
        .iter()
        .any(|row| row.name.strip_prefix(setting).is_some_and(|rest| rest.starts_with('.')));
    if !is_group || !matches!(item.get_ref(), DeValue::Table(_)) {
        let what = format!("a {} setting", part.kind(changes.cluster));
        reader.expected(Expected::new(span, setting, what).near(rows.iter().map(|row| row.name)));
        return;
    }
    // `edge.health.every = …` without quotes is a table too, but it was not written as one.
    if reader.is_written_table(&item.span()) {
        let within = |name: &str| name.strip_prefix(setting).is_some_and(|r| r.starts_with('.'));
        if let Some((_, name)) = changes.given.iter().find(|(p, n)| *p == part && within(n)) {
            let what = format!("has a value already: `{name}` stands twice under `[set]`");
            return reader.other(span, what);
        }
        part.reset(setting, rows, changes.cluster);
    }
    for given in group(reader, setting, item, rows) {
        part.set(reader, given, changes);
    }
}
