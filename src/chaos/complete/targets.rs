//! What a verb can act on in a cluster.

use super::super::scan::Word;
use super::super::selector::{NodeRole, parse_selector};
use super::super::setting;
use super::super::units::print_value;
use super::super::verb::{ArgKind, Key, Takes, Verb};
use super::{Candidate, Scene};
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::spec::{Kind, Options, Row, Value};
use crate::sim::topology::Topology;

/// Pairs of components are offered up to this many components; beyond, an arrow must be typed.
const PAIRED: usize = 20;

/// The possible targets, as text for the place of the word `last`, which may hold a part that stays:
/// the beginning of a list, or one side of an arrow.
pub(super) fn targets(
    takes: Takes,
    last: &str,
    scene: &Scene<'_>,
    options: &dyn Fn(ComponentId) -> Options,
) -> Vec<Candidate> {
    let topology = scene.topology;
    match takes {
        Takes::Nothing => Vec::new(),
        Takes::Nodes => continued(last, who(topology, |kind| kind != "traffic")),
        Takes::NodesOf(kinds) => {
            let mut all = who(topology, |kind| kinds.contains(&kind));
            all.retain(|c| !c.text.starts_with("zone:"));
            continued(last, all)
        }
        Takes::Links | Takes::Anything if last.contains(['>', '|']) => across(last, scene),
        Takes::Anything => continued(last, who(topology, |_| true)),
        Takes::Links => links(scene),
        Takes::Components(kinds) | Takes::AnyComponents(kinds) => {
            let fitting = topology.components.iter().filter(|c| kinds.contains(&c.kind));
            continued(last, fitting.map(|c| Candidate::new(&c.name, c.kind)).collect())
        }
        Takes::Word(words) => words.iter().map(|w| Candidate::new(*w, "")).collect(),
        Takes::Settings => settings(last, topology, options),
        Takes::Class => {
            let about = |keys: u64| format!("{keys} keys");
            topology.classes.iter().map(|(c, keys)| Candidate::new(c, about(*keys))).collect()
        }
    }
}

/// The keys that must be given with a target, each with a value that fits it.
pub(super) fn required(verb: &Verb, target: &str, scene: &Scene<'_>) -> String {
    let keys = verb.keys.iter().filter(|key| key.default.is_none());
    let value = |key: &Key| match scene.topology.component(target) {
        // Twice as many as there are, or as many as there can be.
        Some(c) if key.kind == ArgKind::Count => {
            let info = &scene.topology.components[c.index()];
            (2 * info.nodes.len()).min(usize::from(info.room)).to_string()
        }
        _ => String::new(),
    };
    let mut text = String::new();
    for key in keys {
        text.extend([" ", key.name, "=", &value(key)]);
    }
    text
}

/// Behind the part of `last` that stays: up to its last comma or arrow.
fn continued(last: &str, all: Vec<Candidate>) -> Vec<Candidate> {
    let stays = last.rfind([',', '>', '|']).map_or("", |i| &last[..=i]);
    let with = |c: Candidate| Candidate { text: format!("{stays}{}", c.text), ..c };
    all.into_iter().map(with).collect()
}

/// What can stand behind an arrow: everything, or whoever has a link with the group before it.
fn across(last: &str, scene: &Scene<'_>) -> Vec<Candidate> {
    let nodes = |text: &str| -> Vec<NodeId> {
        let selector = parse_selector(Word { text, at: 0 }).ok();
        selector.and_then(|s| scene.nodes(&s, true).ok()).unwrap_or_default()
    };
    let component = |node: &NodeId| scene.topology.nodes[node.index()].component;
    let left: Vec<ComponentId> = nodes(left_of_arrow(last)).iter().map(component).collect();
    if left.is_empty() {
        // Whatever stood behind it, it would be no command.
        return Vec::new();
    }
    let joined = |c: &Candidate| {
        nodes(&c.text)
            .iter()
            .map(component)
            .any(|to| left.iter().any(|&of| scene.is_joined(of, to) || scene.is_joined(to, of)))
    };
    let mut all = vec![Candidate::new("*", "everything else")];
    all.extend(who(scene.topology, |_| true).into_iter().filter(joined));
    continued(last, all)
}

/// `web-2` of `web-2<->ord`.
fn left_of_arrow(text: &str) -> &str {
    let end = ["<->", "->", "|"].iter().filter_map(|sign| text.find(sign)).min();
    &text[..end.unwrap_or(text.len())]
}

/// Nodes, components of several nodes, roles and zones.
fn who(topology: &Topology, fits: impl Fn(&str) -> bool) -> Vec<Candidate> {
    let mut all = Vec::new();
    for node in topology.present() {
        let info = &topology.nodes[node.index()];
        let component = &topology.components[info.component.index()];
        if fits(component.kind) {
            let name = topology.display_name(node);
            let about = match topology.zones.get(info.zone.index()) {
                Some(zone) => format!("{}, zone {zone}", component.kind),
                None => component.kind.to_owned(),
            };
            all.push(Candidate::new(name, about));
        }
    }
    for component in &topology.components {
        let nodes = component.nodes.len();
        if nodes > 1 && fits(component.kind) {
            all.push(Candidate::new(&component.name, format!("all {nodes} of them")));
        }
        if nodes > 1 && component.kind == "database" {
            for role in NodeRole::WORDS {
                let about = format!("whoever is {role} then");
                all.push(Candidate::new(format!("{}:{role}", component.name), about));
            }
        }
    }
    let zones = topology.zones.iter().enumerate().filter(|(i, _)| {
        topology.present().any(|node| topology.nodes[node.index()].zone.index() == *i)
    });
    all.extend(zones.map(|(_, z)| Candidate::new(format!("zone:{z}"), format!("all of zone {z}"))));
    let mut regions: Vec<&str> = topology.regions.iter().map(String::as_str).collect();
    regions.retain(|r| !r.is_empty());
    regions.sort_unstable();
    regions.dedup();
    let about = |r: &str| Candidate::new(format!("region:{r}"), format!("all of region {r}"));
    all.extend(regions.into_iter().map(about));
    all
}

/// Zones from each other, nodes from everything, and the links that there are.
fn links(scene: &Scene<'_>) -> Vec<Candidate> {
    let topology = scene.topology;
    let mut all = Vec::new();
    let zones = &topology.zones;
    let used =
        |i: usize| topology.present().any(|node| topology.nodes[node.index()].zone.index() == i);
    for i in 0..zones.len() {
        for j in (i + 1..zones.len()).filter(|j| used(i) && used(*j)) {
            let text = format!("zone:{}|zone:{}", zones[i], zones[j]);
            all.push(Candidate::new(text, "everything between two zones"));
        }
    }
    for node in
        who(topology, |kind| kind != "traffic").iter().filter(|_| topology.present().count() > 1)
    {
        let text = format!("{}|*", node.text);
        all.push(Candidate::new(text, format!("{} from everything else", node.text)));
    }
    let components = &topology.components;
    let ids = || (0..components.len() as u16).map(ComponentId);
    for from in ids().filter(|_| components.len() <= PAIRED) {
        for to in ids().filter(|to| *to != from && scene.is_joined(from, *to)) {
            let (a, b) = (&components[from.index()], &components[to.index()]);
            all.push(Candidate::new(format!("{}->{}", a.name, b.name), "one direction"));
        }
    }
    all
}

fn settings(
    last: &str,
    topology: &Topology,
    options: &dyn Fn(ComponentId) -> Options,
) -> Vec<Candidate> {
    let typed = last.split_once('=').map(|(path, _)| path);
    let mut all = Vec::new();
    for (i, component) in topology.components.iter().enumerate() {
        let options = options(ComponentId(i as u16));
        for row in options.settings().iter().filter(|row| row.live) {
            let path = format!("{}.{}", component.name, row.name);
            if typed.is_some_and(|typed| typed != path) {
                continue;
            }
            let Some(now) = options.get(row.name) else { continue };
            let about = |value: &Value| match value {
                value if *value == now => format!("as it is: {}", row.about),
                _ => format!("{} now: {}", print_value(&now), row.about),
            };
            let offered = values(row, &now, typed.is_some());
            all.extend(offered.into_iter().map(|value| {
                Candidate::new(format!("{path}={}", print_value(&value)), about(&value))
            }));
        }
    }
    all
}

/// The values that are offered: at first words and flags other than now, else the value as it is, to
/// be edited; once the path is typed also those that are worth trying.
fn values(row: &Row, now: &Value, all: bool) -> Vec<Value> {
    let typical = setting::typical(row, now);
    if all {
        return std::iter::once(now.clone()).chain(typical).collect();
    }
    match row.kind {
        Kind::Flag | Kind::Word(_) if !typical.is_empty() => typical,
        _ => vec![now.clone()],
    }
}
