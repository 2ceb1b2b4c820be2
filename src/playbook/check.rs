//! What must hold in a cluster beyond the form of its file: names, references, shares, steps.

mod calls;
mod steps;

use super::reader::ENOUGH;
use crate::chaos::Expected;
use crate::sim::TRAFFICS_MAX;
use crate::sim::spec::{Cluster, Options, Value};
use crate::sim::topology::Topology;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The cluster as a whole.
    Cluster,
    /// A zone.
    Zone(usize),
    /// A component.
    Component(usize),
    /// A setting of a component.
    Setting(usize, &'static str),
    /// One of the zones of a component.
    Stands(usize, usize),
    /// A class of requests.
    Class(usize),
    /// A step of a class.
    ClassStep(usize, usize),
    /// A step of a component's own work.
    OwnStep(usize, usize),
}

/// Something that does not hold. The range of the error is of no use: the cluster has no text.
pub type Finding = (Subject, Expected);

/// Words that may not be names, as the grammar of commands and the paths of settings use them.
pub const RESERVED: &[&str] = &["for", "zone", "region", "network", "keys"];

/// The most zones, and the most classes.
const MANY: usize = 250;
/// The most nodes.
const NODES_MAX: u64 = 10_000;
/// The most nodes with those that may come: their ids have 16 bits.
const ROOM_MAX: u64 = 50_000;

/// All that does not hold. A cluster without findings can be simulated.
#[must_use]
pub fn check(cluster: &Cluster) -> Vec<Finding> {
    let mut findings = Vec::new();
    sizes(cluster, &mut findings);
    if node_count(cluster) > NODES_MAX {
        // What would follow compares all with all.
        return findings;
    }
    names(cluster, &mut findings);
    references(cluster, &mut findings);
    places(cluster, &mut findings);
    shares(cluster, &mut findings);
    sent(cluster, &mut findings);
    steps::check(cluster, &mut findings);
    if findings.is_empty() {
        calls::check(cluster, &mut findings);
    }
    findings
}

fn names(cluster: &Cluster, findings: &mut Vec<Finding>) {
    let components = cluster.components.iter().enumerate();
    let components = components.map(|(i, c)| (Subject::Component(i), c.name.as_str()));
    let classes = cluster.classes.iter().enumerate();
    let classes = classes.map(|(i, c)| (Subject::Class(i), c.name.as_str()));
    let all: Vec<(Subject, &str)> = components.chain(classes).collect();
    let zones = cluster.zones.iter().enumerate();
    let zones = zones.map(|(i, z)| (Subject::Zone(i), z.as_str()));
    for (subject, name) in all.iter().copied().chain(zones) {
        if !crate::chaos::is_name(name) {
            findings.push((subject, Expected::whole(name, crate::chaos::A_NAME)));
        } else if RESERVED.contains(&name) {
            findings.push((subject, Expected::whole(name, "a name that is no word of commands")));
        }
    }
    for (i, (subject, name)) in all.iter().enumerate() {
        if all[..i].iter().any(|(_, earlier)| earlier == name) {
            findings.push((*subject, Expected::whole(name, "a name that is not taken")));
        }
    }
    let fits = node_count(cluster) <= NODES_MAX && room(cluster) <= ROOM_MAX;
    let nodes = if fits { Topology::new(cluster).nodes } else { Vec::new() };
    for (subject, name) in &all {
        if nodes.iter().any(|node| node.name == *name) {
            findings.push((*subject, Expected::whole(name, "a name that is not a node's")));
        }
    }
}

fn sizes(cluster: &Cluster, findings: &mut Vec<Finding>) {
    let mut require = |holds: bool, found: String, expected: &str| {
        if !holds {
            findings.push((Subject::Cluster, Expected::whole(&found, expected)));
        }
    };
    let traffic = cluster.components.iter().any(|c| c.options.kind() == "traffic");
    require(traffic, String::new(), "at least one `[traffic.NAME]`");
    let traffics = cluster.components.iter().filter(|c| c.options.kind() == "traffic").count();
    let found = format!("{traffics} of them");
    require(traffics <= TRAFFICS_MAX, found, "at most 256 tables `[traffic.NAME]`");
    require(!cluster.classes.is_empty(), String::new(), "at least one `[request.NAME]`");
    let nodes = node_count(cluster);
    require(nodes <= NODES_MAX, format!("{nodes} nodes"), "at most 10 000 nodes");
    let room = room(cluster);
    let what = "at most 50 000 nodes with those that `scale` may bring (`instances_max`)";
    require(room <= ROOM_MAX, format!("{room} nodes"), what);
    let (zones, classes) = (cluster.zones.len(), cluster.classes.len());
    require(zones <= MANY, format!("{zones} zones"), "at most 250 zones");
    require(classes <= MANY, format!("{classes} classes"), "at most 250 classes of requests");
    let keys = cluster.classes.iter().fold(0, |sum: u64, c| sum.saturating_add(c.keys.count));
    let room = u64::from(u32::MAX);
    require(keys <= room, format!("{keys} keys"), "at most 4 294 967 295 keys in all classes");
    let longest = cluster.classes.iter().map(|c| c.steps.len()).chain(own_steps(cluster)).max();
    let longest = longest.unwrap_or(0);
    require(longest <= MANY, format!("{longest} steps"), "at most 250 steps in a list");
    let databases = cluster.components.iter().filter(|c| c.options.kind() == "database");
    let nodes = databases.map(|c| c.options.instances()).fold(0, u64::saturating_add);
    require(nodes <= MANY as u64, format!("{nodes} nodes of databases"), "at most 250");
}

/// How many steps components have of their own.
fn own_steps(cluster: &Cluster) -> impl Iterator<Item = usize> {
    cluster.components.iter().map(|c| c.options.steps().len())
}

fn node_count(cluster: &Cluster) -> u64 {
    cluster.components.iter().map(|c| c.options.instances()).fold(0, u64::saturating_add)
}

/// Nodes with those that `scale` may bring.
fn room(cluster: &Cluster) -> u64 {
    cluster.components.iter().map(|c| c.options.room()).fold(0, u64::saturating_add)
}

fn references(cluster: &Cluster, findings: &mut Vec<Finding>) {
    for (i, component) in cluster.components.iter().enumerate() {
        if findings.len() >= ENOUGH {
            return;
        }
        for (setting, name, role) in component.options.references() {
            let what = format!("a {}", role.kinds().join(" or a "));
            if name.is_empty() {
                let what = format!("`{setting} = \"…\"` in its table, the name of {what}");
                findings.push((Subject::Component(i), Expected::whole("", what)));
            } else if let Some(e) = wrong_name(cluster, name, role.kinds(), &what) {
                findings.push((Subject::Setting(i, setting), e));
            }
        }
        let max = component.options.get("instances_max");
        let least = component.options.instances();
        if let Some(Value::Count(max)) = max
            && max < least
        {
            let what = format!("at least as many as `instances`: {least}");
            findings.push((
                Subject::Setting(i, "instances_max"),
                Expected::whole(&max.to_string(), what),
            ));
        }
        let Options::Failover(o) = &component.options else { continue };
        let same = |c: &&crate::sim::spec::Component| matches!(&c.options, Options::Failover(earlier) if earlier.of == o.of);
        if let Some(earlier) = cluster.components[..i].iter().find(same) {
            let what = format!("a database without a failover (`{}` watches it)", earlier.name);
            findings.push((Subject::Setting(i, "of"), Expected::whole(&o.of, what)));
        }
    }
}

/// What is wrong with a name that should be of one of these kinds.
fn wrong_name(cluster: &Cluster, name: &str, kinds: &[&str], what: &str) -> Option<Expected> {
    match cluster.component(name) {
        Some((_, c)) if kinds.contains(&c.options.kind()) => None,
        Some((_, c)) => {
            let what = format!("{what} (`{name}` is a {})", c.options.kind());
            Some(Expected::whole(name, what))
        }
        None => {
            let fitting = cluster.components.iter();
            let fitting = fitting.filter(|c| kinds.contains(&c.options.kind()));
            Some(Expected::whole(name, what).near(fitting.map(|c| c.name.as_str())))
        }
    }
}

fn places(cluster: &Cluster, findings: &mut Vec<Finding>) {
    for (i, component) in cluster.components.iter().enumerate() {
        for (j, zone) in component.zones.iter().enumerate() {
            if !cluster.zones.contains(zone) {
                let e = Expected::whole(zone, "a zone of this file");
                let zones = cluster.zones.iter().map(String::as_str);
                findings.push((Subject::Stands(i, j), e.near(zones)));
            }
        }
    }
}

/// The classes that traffic sends.
fn sent(cluster: &Cluster, findings: &mut Vec<Finding>) {
    let classes = || cluster.classes.iter().map(|c| c.name.as_str());
    for (i, component) in cluster.components.iter().enumerate() {
        let Options::Traffic(o) = &component.options else { continue };
        let here = Subject::Setting(i, "classes");
        for name in o.classes.iter().filter(|name| !classes().any(|c| c == name.as_str())) {
            findings.push((here, Expected::whole(name, "a class of this file").near(classes())));
        }
        let share = |c: &&crate::sim::spec::Class| c.share > 0.0;
        let sends = |c: &&crate::sim::spec::Class| o.classes.contains(&c.name);
        if !o.classes.is_empty() && !cluster.classes.iter().filter(sends).any(|c| share(&c)) {
            findings.push((here, Expected::whole("", "a class with a share above 0%")));
        }
    }
}

/// Shares that are written as `33.3%` three times are as good as a whole.
const SHARES_SLACK: f64 = 0.001 + 1e-9;

fn shares(cluster: &Cluster, findings: &mut Vec<Finding>) {
    let sum: f64 = cluster.classes.iter().map(|class| class.share).sum();
    if !cluster.classes.is_empty() && (sum - 1.0).abs() > SHARES_SLACK {
        // Two decimals, by integers: a sum of shares is not exact.
        let hundredths = (sum * 10_000.0).round() as u64;
        let found = crate::chaos::units::print_share(hundredths as f64 / 10_000.0);
        let last = Subject::Class(cluster.classes.len() - 1);
        findings.push((last, Expected::whole(&found, "shares that add up to 100%")));
    }
}
