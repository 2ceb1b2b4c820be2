//! `brownout check`: validates files and shows what their steps would hit, and runs nothing.

mod timeline;

use super::{Exit, Failure, open_all, output};
use crate::chaos::Scene;
use crate::chaos::units::{print_time, print_value};
use crate::playbook::{Opened, Playbook, Step, Trigger, open};
use crate::sim::fault::Change;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::spec::Cluster;
use crate::sim::time::Ns;
use crate::sim::topology::Topology;
use clap::Args;
use std::fmt::Write;

/// Check files and show what their steps would hit; run nothing
///
/// Roles are those at the start: whoever is primary when a step runs is hit then.
#[derive(Args, Debug)]
pub(super) struct Check {
    /// Playbooks or clusters: paths or built-in names
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
}

/// Checks all files. All that is wrong is reported, and then nothing else.
pub(super) fn run(check: &Check) -> Result<Exit, Failure> {
    let opened = open_all(&check.files, open)?;
    let mut text = String::new();
    for (file, opened) in check.files.iter().zip(&opened) {
        match opened {
            Opened::Cluster(cluster) => {
                let _ = writeln!(text, "{file}: a cluster, {}", size(cluster));
            }
            Opened::Playbook(playbook) => plan(&mut text, file, playbook),
        }
    }
    output::write(None, &text)?;
    Ok(Exit::Held)
}

fn size(cluster: &Cluster) -> String {
    let topology = Topology::new(cluster);
    let (components, nodes) = (topology.components.len(), topology.present().count());
    let mut size = format!("{components} components, {nodes} nodes");
    if !topology.zones.is_empty() {
        let _ = write!(size, ", {} zones", topology.zones.len());
    }
    size
}

/// What a playbook plans: its time line, steps, checks and questions.
fn plan(text: &mut String, file: &str, playbook: &Playbook) {
    let (cluster, length) = (&playbook.cluster.name, print_time(playbook.length));
    let (seed, expect) = (playbook.seed, playbook.expect.word());
    let head = format!("{file}: a playbook on {cluster}, {length}, seed {seed}, expects {expect}");
    let _ = writeln!(text, "{head}");
    if !playbook.asks.is_empty() {
        let _ = writeln!(text, "  {}", playbook.asks);
    }
    text.push_str(&timeline::timeline(playbook));
    section(text, "steps", steps(playbook), 1);
    for step in playbook.steps.iter().filter(|step| step.command.length() == Some(0)) {
        let _ = writeln!(text, "  warning: `{}` does nothing: it lasts 0s", step.id);
    }
    section(text, "checks", checks(playbook), 0);
    section(text, "predictions", predictions(playbook), 0);
    for rule in &playbook.stop {
        let _ = writeln!(text, "  stops if {rule}");
    }
    if playbook.heal {
        let _ = writeln!(text, "  heals everything at the end");
    }
    for line in playbook.about.lines() {
        let _ = writeln!(text, "  {line}");
    }
}

/// A heading and rows, each column as wide as its widest cell; the first ones to the right.
fn section(text: &mut String, head: &str, rows: Vec<Vec<String>>, right: usize) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(text, "  {head}");
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|t| t.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|c| width(c).unwrap_or(0)).collect();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(c, (cell, width))| {
            if c < right { format!("{cell:>width$}") } else { format!("{cell:width$}") }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(text, "    {}", line.trim_end());
    }
}

fn steps(playbook: &Playbook) -> Vec<Vec<String>> {
    let topology = Topology::new(&playbook.cluster);
    let planned = playbook.planned();
    let mut order: Vec<(Ns, usize)> = planned
        .iter()
        .enumerate()
        .map(|(i, times)| (times.map_or(Ns::MAX, |times| times.first), i))
        .collect();
    order.sort_unstable();
    let row = |(_, i): (Ns, usize)| {
        let step = &playbook.steps[i];
        let hit = match step.command.bind_in(&Scene::planned(&topology)) {
            _ if step.command.is_undo() => "what the newest command hit".to_owned(),
            Ok(bound) => hit(&topology, &bound.change),
            Err(error) => error.to_string(),
        };
        let at = planned[i].map_or("?".to_owned(), |times| print_time(times.first));
        vec![
            at,
            step.id.clone(),
            step.command.to_string(),
            format!("hits {hit}{}", more(playbook, step)),
        ]
    };
    order.into_iter().map(row).collect()
}

/// When a step is done, beside its first time: what it waits for, and how often it comes again.
fn more(playbook: &Playbook, step: &Step) -> String {
    let mut more = String::new();
    match &step.trigger {
        Trigger::At(_) => {}
        Trigger::After { step, delay } => {
            let id = playbook.steps.get(*step).map_or("", |step| step.id.as_str());
            let _ = write!(more, "; {} after {id}", print_time(*delay));
        }
        Trigger::When(condition) => {
            let _ = write!(more, "; when {condition}");
        }
    }
    if let Some(repeat) = step.repeat {
        let _ = write!(more, "; every {}, {} times", print_time(repeat.every), repeat.times);
    }
    more
}

fn checks(playbook: &Playbook) -> Vec<Vec<String>> {
    let row = |check: &crate::playbook::Check| {
        vec![check.name.clone(), check.that.to_string(), check.scope.text(&playbook.steps)]
    };
    playbook.checks.iter().map(row).collect()
}

fn predictions(playbook: &Playbook) -> Vec<Vec<String>> {
    let row = |p: &crate::playbook::Predict| {
        let before = playbook.steps.get(p.before).map_or("", |step| step.id.as_str());
        let choices = p.choices.join(" / ");
        vec![format!("before {before}"), p.ask.clone(), choices, format!("measured: {}", p.answer)]
    };
    playbook.predict.iter().map(row).collect()
}

/// Who is hit, by name.
fn hit(topology: &Topology, change: &Change) -> String {
    let node = |n: &NodeId| topology.display_name(*n);
    let is_present = |n: &NodeId| topology.is_present(*n);
    let component = |c: &ComponentId| topology.components[c.index()].name.as_str();
    let listed = |names: Vec<&str>| match names.as_slice() {
        [] => "nothing".to_owned(),
        names => names.join(", "),
    };
    match change {
        Change::Heal(None) => "everything".to_owned(),
        Change::HotKey(hot) => {
            let class = topology.classes.get(hot.class.index());
            class.map_or_else(String::new, |(name, _)| format!("requests of {name}"))
        }
        Change::Traffic(components, _)
        | Change::Flush(components)
        | Change::Scale(components, _) => listed(components.iter().map(component).collect()),
        Change::Set(settings) => {
            let one = |(c, name, value): &(ComponentId, &str, _)| {
                format!("{}.{name} = {}", component(c), print_value(value))
            };
            settings.iter().map(one).collect::<Vec<_>>().join(", ")
        }
        change if change.pairs().is_empty() => {
            let there = change.nodes().iter().copied().filter(is_present);
            listed(there.map(|n| topology.display_name(n)).collect())
        }
        change => {
            let is_there = |(from, to): &&(NodeId, NodeId)| is_present(from) && is_present(to);
            match change.pairs().iter().filter(is_there).collect::<Vec<_>>().as_slice() {
                [] => listed(Vec::new()),
                [(from, to)] => format!("{} → {}", node(from), node(to)),
                [(from, to), more @ ..] => {
                    format!("{} links: {} → {}, …", more.len() + 1, node(from), node(to))
                }
            }
        }
    }
}
