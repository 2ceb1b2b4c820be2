//! `brownout list`: what there is, with one line each, from the tables that the program works by.

use super::{Exit, Failure, output};
use crate::chaos::units::print_value;
use crate::chaos::verb::VERBS;
use crate::observe::metric::{METRICS, Metric};
use crate::playbook::{CLUSTERS, Opened, PLAYBOOKS, Problems, lesson, open};
use crate::sim::observation::Outcome;
use crate::sim::spec::{KINDS, NetworkOptions, Options};
use clap::{Args, ValueEnum};
use std::fmt::Write;

/// List what there is, with one line each
#[derive(Args, Debug)]
pub(super) struct List {
    /// What to list
    #[arg(value_enum)]
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Built-in clusters
    Clusters,
    /// Built-in playbooks
    Playbooks,
    /// Commands of the palette and of playbooks
    Commands,
    /// Settings of components, with their defaults
    Settings,
    /// Metrics of conditions, with their units
    Metrics,
    /// Reasons for which a request can fail
    Reasons,
}

/// Lists.
pub(super) fn run(list: &List) -> Result<Exit, Failure> {
    output::write(None, &text(list.what)?)?;
    Ok(Exit::Held)
}

fn text(what: What) -> Result<String, Problems> {
    Ok(table(&match what {
        What::Clusters => clusters()?,
        What::Playbooks => playbooks()?,
        What::Commands => commands(),
        What::Settings => settings(),
        What::Metrics => metrics(),
        What::Reasons => reasons(),
    }))
}

fn clusters() -> Result<Vec<Vec<String>>, Problems> {
    let mut rows = Vec::new();
    for builtin in CLUSTERS {
        if let Opened::Cluster(cluster) = open(builtin.name)? {
            rows.push(vec![builtin.name.to_owned(), cluster.about.clone()]);
        }
    }
    Ok(rows)
}

fn playbooks() -> Result<Vec<Vec<String>>, Problems> {
    let mut rows = Vec::new();
    for builtin in PLAYBOOKS {
        let playbook = open(builtin.name)?.into_playbook();
        let on = format!("on {}", playbook.cluster.name);
        let lesson = lesson(&playbook.about);
        rows.push(vec![builtin.name.to_owned(), on, playbook.title, lesson]);
    }
    Ok(rows)
}

fn commands() -> Vec<Vec<String>> {
    let row = |verb: &crate::chaos::verb::Verb| {
        let mut about = verb.about.to_owned();
        if !verb.aliases.is_empty() {
            let _ = write!(about, " (also {})", verb.aliases.join(", "));
        }
        vec![verb.usage(), about, verb.example.to_owned()]
    };
    VERBS.iter().map(row).collect()
}

fn settings() -> Vec<Vec<String>> {
    let row = |path: String, value: String, live: bool, about: &str| {
        let when = if live { "live" } else { "start" };
        vec![path, value, when.to_owned(), about.to_owned()]
    };
    let network = NetworkOptions::default();
    let mut rows: Vec<Vec<String>> = NetworkOptions::SETTINGS
        .iter()
        .map(|s| {
            let value = print_value(&(s.get)(&network));
            row(format!("network.{}", s.name), value, s.live, s.about)
        })
        .collect();
    for (kind, _) in KINDS {
        let Some(options) = Options::of_kind(kind) else { continue };
        for setting in options.settings() {
            let value = options.get(setting.name).map(|v| print_value(&v)).unwrap_or_default();
            let value = if value.is_empty() { "(needed)".to_owned() } else { value };
            rows.push(row(format!("{kind}.{}", setting.name), value, setting.live, setting.about));
        }
    }
    rows
}

fn metrics() -> Vec<Vec<String>> {
    let row = |m: &Metric| vec![m.usage(), m.unit.word().to_owned(), m.about.to_owned()];
    METRICS.iter().map(row).collect()
}

fn reasons() -> Vec<Vec<String>> {
    let row = |reason: &Outcome| vec![reason.word().to_owned(), reason.sentence().to_owned()];
    Outcome::REASONS.iter().map(row).collect()
}

/// Columns, each as wide as its widest cell.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |c: usize| rows.iter().filter_map(|row| row.get(c)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|c| width(c).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_has_lines_and_names_what_it_lists() {
        for (what, word) in [
            (What::Clusters, "food-delivery"),
            (What::Playbooks, "server-crash"),
            (
                What::Playbooks,
                "The time until somebody notices is the time in which users see errors.",
            ),
            (What::Commands, "slow SELECTOR [factor=10] [for TIME]"),
            (What::Settings, "service.threads"),
            (What::Metrics, "success(class)"),
            (What::Reasons, "pool_exhausted"),
        ] {
            let text = text(what).unwrap();
            assert!(text.contains(word), "{what:?}:\n{text}");
            assert!(text.lines().all(|line| line.trim_end() == line && !line.is_empty()));
        }
    }
}
