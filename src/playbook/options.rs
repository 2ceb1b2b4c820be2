//! Values of settings from TOML, with the settings tables of each kind.

use super::reader::{Item, Reader};
use crate::chaos::units::parse_step;
use crate::chaos::{Expected, setting};
use crate::sim::spec::{Kind, Options, Row, Value};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A setting that a file gives: its name, its value, where it stands; for steps, where each stands.
pub(super) struct Given {
    pub name: &'static str,
    pub value: Value,
    pub span: Range<usize>,
    pub items: Vec<Range<usize>>,
}

/// Reads the value of a setting; what is wrong is reported.
pub(super) fn value(reader: &mut Reader<'_>, row: &Row, item: &Item<'_>) -> Option<Given> {
    let span = item.span();
    let given = |value, items| Given { name: row.name, value, span, items };
    if row.kind == Kind::Steps {
        let (steps, items) = steps(reader, item)?;
        return Some(given(Value::Steps(steps), items));
    }
    if matches!(row.kind, Kind::Counts(..) | Kind::Stages | Kind::Classes) {
        let value = list(reader, row, item)?;
        return Some(given(value, Vec::new()));
    }
    let value = match (row.kind, item.get_ref()) {
        (Kind::Flag, DeValue::Boolean(flag)) => Some(Value::Flag(*flag)),
        (Kind::Count(..) | Kind::Limit(_), DeValue::Integer(n)) if n.radix() == 10 => {
            match setting::parse(row, n.as_str()) {
                Ok(value) => Some(value),
                Err(e) => {
                    reader.wanted(item, &e.expected);
                    None
                }
            }
        }
        (Kind::Flag, _) => {
            reader.wanted(item, "`true` or `false`, without quotes");
            None
        }
        (_, DeValue::String(_)) => reader.parsed(item, "", |text| setting::parse(row, text)),
        // What the setting would say of an empty text is what it expects.
        _ => {
            let expected = setting::parse(row, "").err().map(|e| e.expected).unwrap_or_default();
            let number = matches!(row.kind, Kind::Count(..) | Kind::Limit(_));
            let quotes = if number { "" } else { ", in quotes" };
            reader.wanted(item, &format!("{expected}{quotes}"));
            None
        }
    };
    value.map(|value| given(value, Vec::new()))
}

/// Reads a list of anything else: its items are written as in a command, numbers without quotes too.
fn list(reader: &mut Reader<'_>, row: &Row, item: &Item<'_>) -> Option<Value> {
    let what = setting::parse(row, "").err().map(|e| e.expected).unwrap_or_default();
    let before = reader.wrong.len();
    let mut texts = Vec::new();
    for item in reader.array(item, &what)? {
        let one = |text: &str| match setting::parse(row, &format!("[{text}]")) {
            Ok(_) => Ok(text.to_owned()),
            Err(e) => Err(Expected {
                range: e.range.start.saturating_sub(1)..e.range.end.saturating_sub(1),
                ..e
            }),
        };
        match item.get_ref() {
            DeValue::Integer(n) if n.radix() == 10 => match one(n.as_str()) {
                Ok(text) => texts.push(text),
                Err(e) => reader.wanted(item, &e.expected),
            },
            _ => texts.extend(reader.parsed(item, &what, one)),
        }
    }
    if reader.wrong.len() > before {
        return None;
    }
    setting::parse(row, &format!("[{}]", texts.join(", "))).ok()
}

/// Reads a list of steps.
pub(super) fn steps(
    reader: &mut Reader<'_>,
    item: &Item<'_>,
) -> Option<(Vec<crate::sim::spec::Step>, Vec<Range<usize>>)> {
    let what = "a list of steps such as `[\"cpu exp(5ms)\"]`";
    let before = reader.wrong.len();
    let items = reader.array(item, what)?;
    let read: Vec<_> = items
        .iter()
        .filter_map(|i| {
            Some((reader.parsed(i, "a step such as `\"cpu exp(5ms)\"`", parse_step)?, i))
        })
        .map(|(step, i)| (step, i.span()))
        .collect();
    (reader.wrong.len() == before).then(|| read.into_iter().unzip())
}

/// Reads all settings of a component's table; keys in `others` are not settings. Tables stand for
/// dotted names: `health = { every = "1s" }` is `health.every`.
pub(super) fn settings(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    options: &Options,
    others: &[&str],
) -> Vec<Given> {
    let of = format!("`[{}]`", options.kind());
    given(reader, table, &options.settings(), others, &of)
}

/// The same for any table of settings.
pub(super) fn given(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    rows: &[Row],
    others: &[&str],
    of: &str,
) -> Vec<Given> {
    let firsts: Vec<&str> = rows.iter().filter_map(|row| row.name.split('.').next()).collect();
    let known: Vec<&str> = firsts.into_iter().chain(others.iter().copied()).collect();
    reader.unknown(table, &known, of);
    let mut all = Vec::new();
    for (key, item) in table {
        let key: &str = key.get_ref();
        if let Some(row) = rows.iter().find(|row| row.name == key) {
            all.extend(value(reader, row, item));
        } else if !others.contains(&key) && known.contains(&key) {
            all.extend(group(reader, key, item, rows));
        }
    }
    all
}

/// The settings `key.…` from a table under that key.
pub(super) fn group(
    reader: &mut Reader<'_>,
    key: &str,
    item: &Item<'_>,
    rows: &[Row],
) -> Vec<Given> {
    let mut all = Vec::new();
    let Some(table) = reader.table(item) else { return all };
    let within = |row: &'static str| row.strip_prefix(key)?.strip_prefix('.');
    let names: Vec<&str> = rows.iter().filter_map(|row| within(row.name)).collect();
    reader.unknown(table, &names, &format!("`{key}`"));
    for (name, item) in table {
        let name: &str = name.get_ref();
        if let Some(row) = rows.iter().find(|row| within(row.name) == Some(name)) {
            all.extend(value(reader, row, item));
        }
    }
    all
}
