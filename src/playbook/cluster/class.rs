//! Classes of requests: `[request.menu]`.

use super::super::check::Subject;
use super::super::options::steps;
use super::super::reader::{Item, Reader};
use super::{Places, named};
use crate::chaos::Expected;
use crate::chaos::units::{parse_count, parse_share};
use crate::sim::spec::{Class, Keys};
use toml::de::{DeTable, DeValue};

/// The most keys of a class.
const KEYS_MAX: u64 = 1 << 32;
/// The largest exponent of a Zipf law.
const ZIPF_MAX: f64 = 10.0;

/// Reads all classes.
pub(super) fn read(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    places: &mut Places,
) -> Vec<Class> {
    let all = named(reader, table, "request");
    let only = all.len() == 1;
    let mut classes = Vec::new();
    for (key, item) in all {
        let Some(table) = reader.table(item) else { continue };
        reader.unknown(table, &["share", "keys", "steps"], "`[request]`");
        let i = classes.len();
        let share = match table.get("share") {
            Some(item) => reader.parsed(item, "a share such as `\"80%\"`", parse_share),
            // One class is all requests.
            None if only => Some(1.0),
            None => {
                reader.expected(Expected::new(key.span(), "", "`share = \"…%\"` in its table"));
                None
            }
        };
        let share_span = table.get("share").map_or(key.span(), Item::span);
        // The name comes first: findings about the name are found in it.
        places.add(Subject::Class(i), key.span().start..share_span.end.max(key.span().end));
        let mut own = Vec::new();
        if let Some(item) = table.get("steps") {
            let (read, spans) = steps(reader, item).unwrap_or_default();
            own = read;
            for (j, span) in spans.into_iter().enumerate() {
                places.add(Subject::ClassStep(i, j), span);
            }
        } else {
            reader.expected(Expected::new(key.span(), "", "`steps = [\"…\"]` in its table"));
        }
        let keys = table.get("keys").and_then(|item| keys(reader, item)).unwrap_or_default();
        let share = share.unwrap_or_default();
        classes.push(Class { name: key.get_ref().to_string(), share, keys, steps: own });
    }
    classes
}

/// `{ count = "20k", zipf = 1.0 }`.
fn keys(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<Keys> {
    let table = reader.table(item)?;
    reader.unknown(table, &["count", "zipf"], "`keys`");
    let mut keys = Keys::default();
    if let Some(item) = table.get("count") {
        const A_COUNT: &str = "a number from 1 to 4294967296 such as `\"20k\"`";
        let count = match item.get_ref() {
            DeValue::Integer(n) if n.radix() == 10 => parse_count(n.as_str()).ok(),
            DeValue::String(text) => parse_count(text).ok(),
            _ => None,
        };
        match count.filter(|n| (1..=KEYS_MAX).contains(n)) {
            Some(count) => keys.count = count,
            None => reader.wanted(item, A_COUNT),
        }
    }
    if let Some(item) = table.get("zipf") {
        let zipf: Option<f64> = match item.get_ref() {
            DeValue::Float(x) => x.as_str().parse().ok(),
            DeValue::Integer(n) if n.radix() == 10 => n.as_str().parse().ok(),
            _ => None,
        };
        match zipf.filter(|x| (0.0..=ZIPF_MAX).contains(x)) {
            Some(zipf) => keys.zipf = zipf,
            None => reader.wanted(item, "a number from 0 to 10"),
        }
    }
    Some(keys)
}

/// Shares that were rounded in the file are stretched to a whole.
pub(super) fn make_whole(classes: &mut [Class]) {
    let sum: f64 = classes.iter().map(|class| class.share).sum();
    if sum > 0.0 && (sum - 1.0).abs() > 1e-9 {
        for class in classes {
            class.share /= sum;
        }
    }
}
