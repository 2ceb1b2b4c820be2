//! README's tables are what the program says of itself.
//!
//! A table stands between `<!-- name -->` and `<!-- /name -->`. The test makes it anew from the
//! program's own tables and compares. `README=accept cargo test --test it readme` writes it.

use crate::tidy::ROOT;
use brownout::chaos::verb::{VERBS, Verb};
use brownout::observe::metric::{METRICS, Metric};
use brownout::playbook::{Builtin, PLAYBOOKS, open};
use brownout::sim::observation::Outcome;
use brownout::sim::spec::{KINDS, Kind, Options};
#[cfg(feature = "tui")]
use brownout::tui::action::{Section, TABLE};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Makes a table.
type Make = fn() -> String;

/// The tables: their names, and what makes them.
const TABLES: &[(&str, Make)] = &[
    #[cfg(feature = "tui")]
    ("keys", keys),
    ("commands", commands),
    ("settings", settings),
    ("metrics", metrics),
    ("playbooks", playbooks),
    ("reasons", reasons),
    ("json", json),
];

#[test]
fn tables_are_what_the_program_says_of_itself() {
    let path = Path::new(ROOT).join("README.md");
    let text = fs::read_to_string(&path).expect("README.md is there");
    let wanted = TABLES.iter().fold(text.clone(), |text, (name, table)| {
        replace(&text, name, &table()).unwrap_or_else(|| panic!("README.md has no <!-- {name} -->"))
    });
    if std::env::var("README").is_ok_and(|v| v == "accept") {
        fs::write(&path, &wanted).expect("README.md can be written");
    } else {
        let line = wanted.lines().zip(text.lines()).position(|(a, b)| a != b);
        let at = line.map_or(0, |i| i + 1);
        assert!(wanted == text, "README.md:{at} differs: run this test with README=accept");
    }
}

/// `text` with the table of that name replaced; `None` without its markers.
fn replace(text: &str, name: &str, table: &str) -> Option<String> {
    let (open, close) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let start = text.find(&open)? + open.len();
    let end = start + text[start..].find(&close)?;
    Some(format!("{}\n\n{}\n{}", &text[..start], table, &text[end..]))
}

/// A table in Markdown, its columns aligned.
fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let escaped = |cell: &str| cell.replace('|', "\\|");
    let width = |i: usize| {
        let cells = rows.iter().map(|row| escaped(&row[i]).chars().count());
        cells.chain([heads[i].len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let mut out = String::new();
    let mut line = |cells: Vec<String>| {
        for (cell, width) in cells.iter().zip(&widths) {
            write!(out, "| {cell:<width$} ").expect("a string takes everything");
        }
        out.push_str("|\n");
    };
    line(heads.iter().map(|head| (*head).to_string()).collect());
    line(widths.iter().map(|width| "-".repeat(*width)).collect());
    for row in rows {
        line(row.iter().map(|cell| escaped(cell)).collect());
    }
    out
}

/// Keys by section, as the help has them.
#[cfg(feature = "tui")]
fn keys() -> String {
    let rows = Section::ALL.iter().flat_map(|section| {
        TABLE.iter().filter(move |row| row.section == *section).map(|row| {
            let keys: Vec<String> = row.keys.iter().map(|key| format!("`{key}`")).collect();
            vec![keys.join(" "), row.sentence.to_string(), row.section.title().to_string()]
        })
    });
    table(&["key", "does", "section"], &rows.collect::<Vec<_>>())
}

/// Verbs with their usage.
fn commands() -> String {
    let row = |verb: &Verb| {
        let usage = format!("`{}`", verb.usage());
        vec![usage, verb.about.to_string(), format!("`{}`", verb.example)]
    };
    table(&["command", "does", "example"], &VERBS.iter().map(row).collect::<Vec<_>>())
}

/// Settings by kind of component.
fn settings() -> String {
    let mut rows = Vec::new();
    for (word, _) in KINDS {
        let options = Options::of_kind(word).expect("every kind has options");
        rows.extend(options.settings().iter().map(|row| {
            let when = if row.live { "while it runs" } else { "in the file" };
            vec![format!("`{word}` `{}`", row.name), takes(row.kind), when.into(), row.about.into()]
        }));
    }
    table(&["setting", "value", "set", "meaning"], &rows)
}

/// What values a setting takes, as a reader would write them.
fn takes(kind: Kind) -> String {
    match kind {
        Kind::Time | Kind::Period => "time".into(),
        Kind::Work => "time or distribution".into(),
        Kind::Count(low, high) => format!("{low} to {}", grouped(high)),
        Kind::Limit(low) => format!("from {low}, or unlimited"),
        Kind::Rate => "rate".into(),
        Kind::Bytes => "size".into(),
        Kind::Memory => "size, or unlimited".into(),
        Kind::Speed => "size per second, or unlimited".into(),
        Kind::Share => "0 % to 100 %".into(),
        Kind::Counts(low, high) => format!("a list of {low} to {}", grouped(high)),
        Kind::Stages => "stages: `hold 3x 2s`, `ramp 1x 2x 30s`, `day 0.2x 1x 24h`".into(),
        Kind::Classes => "classes of requests".into(),
        Kind::Flag => "true or false".into(),
        Kind::Word(words) => words.join(", "),
        Kind::Name(role) => format!("a {}", role.kinds().join(" or ")),
        Kind::Steps => "steps".into(),
    }
}

/// A number with a space between thousands.
fn grouped(number: u64) -> String {
    match (number / 1000, number % 1000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{} {rest:03}", grouped(thousands)),
    }
}

/// What conditions can be about.
fn metrics() -> String {
    let row = |m: &Metric| {
        vec![format!("`{}`", m.usage()), m.unit.word().to_string(), m.about.to_string()]
    };
    table(&["metric", "unit", "meaning"], &METRICS.iter().map(row).collect::<Vec<_>>())
}

/// The shipped playbooks, with the verdict that each must get.
fn playbooks() -> String {
    let row = |builtin: &Builtin| {
        let opened = open(builtin.name).unwrap_or_else(|e| panic!("{e}"));
        let playbook = opened.into_playbook();
        let file = format!("[`{0}`](playbooks/{0}.toml)", builtin.name);
        vec![file, playbook.asks.clone(), playbook.expect.word().to_string()]
    };
    table(&["playbook", "asks", "verdict"], &PLAYBOOKS.iter().map(row).collect::<Vec<_>>())
}

/// Why requests fail.
fn reasons() -> String {
    let row = |o: &Outcome| vec![format!("`{}`", o.word()), o.sentence().to_string()];
    table(&["reason", "meaning"], &Outcome::REASONS.iter().map(row).collect::<Vec<_>>())
}

/// Keys of the JSON of a run.
fn json() -> String {
    let row = |(path, about): &(&str, &str)| vec![format!("`{path}`"), (*about).to_string()];
    table(&["key", "meaning"], &crate::json_keys::KEYS.iter().map(row).collect::<Vec<_>>())
}

#[test]
fn a_stale_table_is_replaced_and_a_missing_one_is_noticed() {
    let text = "a\n<!-- t -->\nold\n<!-- /t -->\nb";
    let new = replace(text, "t", "| new |\n").expect("the markers are there");
    assert_eq!(new, "a\n<!-- t -->\n\n| new |\n\n<!-- /t -->\nb");
    assert_eq!(replace(&new, "t", "| new |\n"), Some(new.clone()), "a second time changes nothing");
    assert_eq!(replace(text, "u", ""), None);
}

#[test]
fn bars_in_cells_do_not_break_a_table() {
    let text = table(&["a", "b"], &[vec!["x|y".to_string(), "z".to_string()]]);
    assert_eq!(text, "| a    | b |\n| ---- | - |\n| x\\|y | z |\n");
}
