//! Rules about nodes that get no work, while the others carry it.

use super::choose::{Group, groups};
use super::servers::{are, failing, remaining, state};
use super::{Why, is_are, names};
use crate::observe::edges::Edge;
use crate::observe::figures::{count, gauge, several, time};
use crate::observe::now::Now;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::{NodeState, Outcome};
use crate::sim::reading::BackendReading;
use crate::sim::spec::{Ack, DatabaseOptions, Options, ReadsFrom};
use crate::sim::time::NEVER;

/// Nodes to which a balancer sends nothing.
pub(super) fn out_of_rotation(now: &Now<'_>) -> Option<Why> {
    // To whom another balancer sends is in rotation.
    let out = |edge: &Edge<'_>, b: &BackendReading| {
        let sends = |e: Edge<'_>| e.options.to == edge.options.to && e.sends_to(b.node);
        !edge.sends_to(b.node) && !now.edges().any(sends)
    };
    let edge = now.edges().find(|edge| edge.backends.iter().any(|b| out(edge, b)))?;
    let (out, in_turn): (Vec<&BackendReading>, Vec<&BackendReading>) =
        edge.backends.iter().partition(|b| out(&edge, b));
    let in_turn = in_turn.iter().filter(|b| now.is_up(b.node));
    let others: Vec<NodeId> = in_turn.map(|b| b.node).collect();
    let who: Vec<NodeId> = out.iter().map(|b| b.node).collect();
    let boot = boot(now, &who);
    let how = match out.as_slice() {
        [one] => how(now, &edge, one),
        _ => boot.clone().unwrap_or_else(|| format!("{} out of rotation", is_are(out.len()))),
    };
    let rest = if others.is_empty() {
        format!("{} has nobody left to send to.", now.name(edge.node))
    } else {
        // Who boots for the first time has no load yet.
        let missing = if boot.is_some() { 0 } else { out.len() };
        carried(now, &others, missing)
    };
    Some(Why::new(format!("{}{} {how}; {rest}", failing(now), names(now, &who))))
}

/// That some nodes of a component get no work from its balancers: `web-2 is out of rotation, 3 carry
/// its load`; or that some workers take none: `couriers-1 is down, 2 carry its load`.
pub(super) fn fewer(now: &Now<'_>, component: ComponentId) -> Option<String> {
    let name = &now.info(component).name;
    let edges: Vec<Edge<'_>> = now.edges().filter(|edge| edge.options.to == *name).collect();
    let workers = matches!(now.world.options(component), Options::Workers(_));
    if edges.is_empty() && !workers {
        return None;
    }
    let sends = |node: NodeId| workers || edges.iter().any(|edge| edge.sends_to(node));
    let sent_to = |node: NodeId| now.is_up(node) && sends(node);
    let has_share = |n: &NodeId| workers || edges.iter().any(|edge| edge.has_share(*n));
    let all = now.info(component).nodes().filter(|n| exists(now, *n)).filter(has_share);
    let (left, out): (Vec<NodeId>, Vec<NodeId>) = all.partition(|n| sent_to(*n));
    (!out.is_empty() && !left.is_empty()).then(|| {
        let boot = boot(now, &out);
        let whose = whose(if boot.is_some() { 0 } else { out.len() });
        let how = boot.unwrap_or_else(|| match out.as_slice() {
            [one] if workers => state(now, *one),
            several if workers => are(now, several),
            _ => format!("{} out of rotation", is_are(out.len())),
        });
        let left = match left.len() {
            1 => "1 carries".to_string(),
            n => format!("{} carry", count(n as u64)),
        };
        format!("{} {how}, {left} {whose} load", names(now, &out))
    })
}

/// `web is scaled from 4 to 2`, if it has fewer nodes than its file gives it.
pub(super) fn scaled(now: &Now<'_>, component: ComponentId) -> Option<String> {
    let (was, is) = (now.world.options(component).instances(), u64::from(now.instances(component)));
    let name = &now.info(component).name;
    (is < was).then(|| format!("{name} is scaled from {} to {}", count(was), count(is)))
}

/// `boot for another 1.4 s`, if that is what all of them do: until the last one is there.
fn boot(now: &Now<'_>, nodes: &[NodeId]) -> Option<String> {
    let until = |n: &NodeId| match now.node(*n).state {
        NodeState::Booting(until) if until < NEVER => Some(until),
        _ => None,
    };
    let last = nodes.iter().map(until).collect::<Option<Vec<_>>>()?.into_iter().max()?;
    let verb = if nodes.len() == 1 { "boots" } else { "boot" };
    Some(format!("{verb} for another {}", remaining(now, last)))
}

/// Whose load others carry, of how many who are out of rotation: of 0 it is nobody's.
fn whose(missing: usize) -> &'static str {
    match missing {
        0 => "the",
        1 => "its",
        _ => "their",
    }
}

fn exists(now: &Now<'_>, node: NodeId) -> bool {
    now.node(node).state != NodeState::Absent
}

/// `is cut off and out of rotation`.
fn how(now: &Now<'_>, edge: &Edge<'_>, backend: &BackendReading) -> String {
    let node = backend.node;
    let is_cut = now.is_cut(edge.node, node) || now.is_cut(node, edge.node);
    match (now.node(node).state, backend.ejected) {
        (NodeState::Up, _) if is_cut => "is cut off and out of rotation".to_string(),
        (NodeState::Up, Some(until)) => {
            let (by, left) = (now.name(edge.node), time(until.saturating_sub(now.at)));
            format!(
                "is up, but {by} leaves it out for another {left}: requests to it got no answer"
            )
        }
        (NodeState::Up, None) => {
            let (seen, rise) = (backend.contradicting, edge.options.health.rise);
            let by = now.name(edge.node);
            format!("is up, but {by} waits for {rise} good checks in a row and has {seen}")
        }
        (NodeState::Crashed, _) => "is down and out of rotation".to_string(),
        _ => {
            format!("{} and is out of rotation", state(now, node))
        }
    }
}

/// `the other 3 carry its load at 85 %.`
fn carried(now: &Now<'_>, others: &[NodeId], missing: usize) -> String {
    let busy: Vec<f64> = others.iter().filter_map(|n| now.load(*n)).collect();
    let at = match busy.len() {
        0 => String::new(),
        n => format!(" at {}", gauge(busy.iter().sum::<f64>() / n as f64)),
    };
    let whose = whose(missing);
    match others.len() {
        1 => format!("the other carries {whose} load{at}."),
        n => format!("the other {} carry {whose} load{at}.", count(n as u64)),
    }
}

/// Other workers of the same queue that are up, where none of these is.
pub(super) fn stands_in(now: &Now<'_>, id: ComponentId, options: &Options) -> Option<ComponentId> {
    let Options::Workers(o) = options else { return None };
    let same = |other: &Options| matches!(other, Options::Workers(w) if w.from == o.from);
    let mut others = now.components().filter(|(other, options)| *other != id && same(options));
    others.find(|(other, _)| now.up(*other).next().is_some()).map(|(other, _)| other)
}

/// Nodes that are down where no balancer stands in front.
pub(super) fn down(now: &Now<'_>) -> Option<Why> {
    now.components().find_map(|(id, options)| {
        let down: Vec<NodeId> = now.info(id).nodes().filter(|n| !now.is_up(*n)).collect();
        let left: Vec<NodeId> = now.up(id).collect();
        let others = stands_in(now, id, options);
        if down.is_empty() || (left.is_empty() && others.is_none()) {
            return None;
        }
        let who = names(now, &down);
        let boot = boot(now, &down);
        // Who boots for the first time has no load yet.
        let missing = if boot.is_some() { 0 } else { down.len() };
        let how = match down.as_slice() {
            [one] => state(now, *one),
            _ => boot.unwrap_or_else(|| "are not up".to_string()),
        };
        let rest = match options {
            Options::Database(o) => replicas(now, id, o, &left)?,
            Options::Failover(_) => watchers(now, id, &left),
            // Who calls it does so in turn.
            Options::Service(_) if down.iter().all(|n| now.edge_of(*n).is_none()) => {
                let them = if down.len() == 1 { "it" } else { "them" };
                format!("nobody leaves {them} out, and calls go on to {them}.")
            }
            _ if let Some(others) = others.filter(|_| left.is_empty()) => {
                format!("{} works on the messages.", now.info(others).name)
            }
            _ => carried(now, &left, missing),
        };
        let replica = matches!(options, Options::Database(_)) && down.len() == 1;
        let what = if replica { "replica " } else { "" };
        Some(Why::new(format!("{}{what}{who} {how}; {rest}", failing(now))))
    })
}

/// Reads at a replica that is not up: callers try it again and again, to see whether it is back.
pub(super) fn dead_replica(now: &Now<'_>) -> Option<Why> {
    let dead = groups(now).into_iter().filter(|g| is_dead_replica(now, g));
    let node = dead.max_by_key(|g| g.count)?.node?;
    let (name, state) = (now.name(node), state(now, node));
    Some(Why::new(format!("{}reads are tried at replica {name}, which {state}.", failing(now))))
}

pub(super) fn is_dead_replica(now: &Now<'_>, group: &Group) -> bool {
    let is_dead = |node: NodeId| {
        let database = now.component(node);
        let reads = matches!(
            now.world.options(database),
            Options::Database(o) if o.reads_from != ReadsFrom::Primary
        );
        let leads = now.observers.roles().holders(database);
        reads && !now.is_up(node) && !leads.is_empty() && !leads.contains(&node)
    };
    let silent = matches!(group.reason, Outcome::Refused | Outcome::Reset | Outcome::Timeout);
    silent && group.node.is_some_and(is_dead)
}

/// `the primary at 41 % is unaffected, 1 replica left.`
fn replicas(
    now: &Now<'_>,
    database: ComponentId,
    options: &DatabaseOptions,
    left: &[NodeId],
) -> Option<String> {
    let &[primary] = now.observers.roles().holders(database) else { return None };
    let busy = now.load(primary);
    let at = busy.map_or(String::new(), |busy| format!(" at {}", gauge(busy)));
    let others = left.iter().filter(|n| **n != primary).count() as u64;
    let majority = now.info(database).nodes.len() / 2 + 1;
    let waits = !options.degrade
        && match options.ack {
            Ack::Async => false,
            Ack::Semi | Ack::Sync => others == 0,
            Ack::Quorum => left.len() < majority,
        };
    if waits {
        let what = if options.ack == Ack::Quorum { "a majority" } else { "a replica" };
        return Some(format!("the primary waits with its writes for {what}."));
    }
    let others = if others == 0 { "no replica".to_string() } else { several(others, "replica") };
    Some(format!("the primary{at} is unaffected, {others} left."))
}

/// `2 of 3 watchers are left; a majority is 2.`
fn watchers(now: &Now<'_>, component: ComponentId, left: &[NodeId]) -> String {
    let all = now.info(component).nodes.len();
    let (n, majority) = (left.len(), all / 2 + 1);
    let so = if n < majority { ": no other primary can be elected" } else { "" };
    format!("{n} of {all} watchers {} left, a majority is {majority}{so}.", is_are(n))
}

/// Faults that are active: `while cut web-2|* lasts`.
pub(super) fn while_faults(now: &Now<'_>) -> Option<String> {
    let active: Vec<_> = now.world.active_faults().collect();
    match active.as_slice() {
        [] => None,
        [one] => {
            let left = one.until.map(|until| time(until.saturating_sub(now.at)));
            let left = left.map_or(String::new(), |left| format!(" ({left} left)"));
            let text = now.observers.log().fault(one.id)?;
            let text = text.split(" for ").next().unwrap_or_default();
            Some(format!("No request fails under {text}{left}."))
        }
        several => Some(format!("No request fails under {} faults.", several.len())),
    }
}
