//! `brownout check`: validates files and shows what their steps would hit, and runs nothing.

use super::{Exit, Failure, open_all, output};
use crate::chaos::Scene;
use crate::chaos::units::{print_time, print_value};
use crate::playbook::{Opened, Playbook, open};
use crate::sim::fault::Change;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::spec::Cluster;
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
            Opened::Playbook(playbook) => steps(&mut text, file, playbook),
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

fn steps(text: &mut String, file: &str, playbook: &Playbook) {
    let topology = Topology::new(&playbook.cluster);
    let (cluster, length) = (&playbook.cluster.name, print_time(playbook.length));
    let seed = playbook.seed;
    let _ = writeln!(text, "{file}: a playbook on {cluster}, {length}, seed {seed}");
    let width = playbook.steps.iter().map(|s| s.command.to_string().chars().count()).max();
    for step in &playbook.steps {
        let at = print_time(step.at);
        let hit = match step.command.bind_in(&Scene::planned(&topology)) {
            Ok(bound) => hit(&topology, &bound.change),
            Err(error) => error.to_string(),
        };
        let (command, width) = (step.command.to_string(), width.unwrap_or(0));
        let _ = writeln!(text, "  {at:>8}  {command:width$}  hits {hit}");
    }
}

/// Who is hit, by name.
fn hit(topology: &Topology, change: &Change) -> String {
    let node = |n: &NodeId| topology.display_name(*n);
    let component = |c: &ComponentId| topology.components[c.index()].name.as_str();
    let listed = |names: Vec<&str>| match names.as_slice() {
        [] => "nothing".to_owned(),
        names => names.join(", "),
    };
    match change {
        Change::Crash(nodes)
        | Change::Pause(nodes)
        | Change::Slow(nodes, _)
        | Change::Error(nodes, _)
        | Change::PowerOff(nodes)
        | Change::PowerOn(nodes)
        | Change::Resume(nodes)
        | Change::Restart(nodes)
        | Change::Promote(nodes)
        | Change::Heal(Some(nodes)) => listed(nodes.iter().map(node).collect()),
        Change::Heal(None) => "everything".to_owned(),
        Change::HotKey(hot) => {
            let class = topology.classes.get(hot.class.index());
            class.map_or_else(String::new, |(name, _)| format!("requests of {name}"))
        }
        Change::Traffic(components, _)
        | Change::Flush(components)
        | Change::Scale(components, _) => listed(components.iter().map(component).collect()),
        Change::Cut(pairs) | Change::Delay(pairs, ..) | Change::Lose(pairs, _) => {
            match pairs.as_slice() {
                [] => "nothing".to_owned(),
                [(from, to)] => format!("{} → {}", node(from), node(to)),
                [(from, to), ..] => {
                    format!("{} links: {} → {}, …", pairs.len(), node(from), node(to))
                }
            }
        }
        Change::Set(settings) => {
            let one = |(c, name, value): &(ComponentId, &str, _)| {
                format!("{}.{name} = {}", component(c), print_value(value))
            };
            settings.iter().map(one).collect::<Vec<_>>().join(", ")
        }
    }
}
