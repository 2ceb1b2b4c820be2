//! Rules about nodes that are down, slow or cut off.

use super::{Why, is_are, names};
use crate::observe::figures::{count, gauge, percent, rate, time};
use crate::observe::now::Now;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::NodeState;
use crate::sim::reading::PartReading;
use crate::sim::spec::Options;

/// A backend that cannot serve and still gets requests, because its balancer has not noticed.
pub(super) fn unseen(now: &Now<'_>) -> Option<Why> {
    for (id, options) in now.components() {
        let Options::Balancer(options) = options else { continue };
        for balancer in now.up(id) {
            let PartReading::Balancer { backends } = &now.node(balancer).part else { continue };
            let wrong = backends.iter().find(|b| b.healthy && !now.is_up(b.node));
            let Some(backend) = wrong else { continue };
            let calls = now.calls(backend.node, now.second());
            let sent = rate((calls.answered() + calls.failed()) as f64 / now.second().seconds);
            let (node, edge) = (now.name(backend.node), now.name(balancer));
            let (fall, failed) = (options.health.fall, backend.contradicting);
            let text = format!(
                "{}{node} {}, but {edge} still counts it as healthy and sends it {sent}. \
                 {failed} of {fall} health checks have failed, one every {}.",
                failing(now),
                state(now, backend.node),
                time(options.health.every),
            );
            return Some(Why::with_fix(text, "health.every, health.fall"));
        }
    }
    None
}

/// `22.8 % of requests fail: `, or nothing.
fn failing(now: &Now<'_>) -> String {
    let last = now.requests(now.second());
    match last.bad() {
        0 => String::new(),
        _ if !now.fails_now() => String::new(),
        bad => {
            let share = percent(bad as f64 / last.ended().max(1) as f64);
            format!("{share} of requests fail: ")
        }
    }
}

fn state(now: &Now<'_>, node: NodeId) -> String {
    match now.node(node).state {
        NodeState::Up => "is up".to_string(),
        NodeState::Crashed => "is down".to_string(),
        NodeState::Off => "has no power".to_string(),
        NodeState::Paused => "stands still".to_string(),
        NodeState::Booting(until) => {
            format!("boots for another {}", time(until.saturating_sub(now.at)))
        }
    }
}

/// A component of which no node is up.
pub(super) fn all_down(now: &Now<'_>) -> Option<Why> {
    down(now, |options| !matches!(options, Options::Traffic(_) | Options::Cache(_)))
}

/// A cache that is gone: callers get on without it, as long as its database can.
pub(super) fn cache_down(now: &Now<'_>) -> Option<Why> {
    down(now, |options| matches!(options, Options::Cache(_)))
}

fn down(now: &Now<'_>, wanted: impl Fn(&Options) -> bool) -> Option<Why> {
    for (id, options) in now.components() {
        if !wanted(options) || now.up(id).next().is_some() {
            continue;
        }
        let info = now.info(id);
        let nodes: Vec<NodeId> = info.nodes().collect();
        let [first, ..] = nodes.as_slice() else { continue };
        let how = match nodes.as_slice() {
            [one] => format!("{} {}", now.name(*one), state(now, *one)),
            _ => format!("no node of {} is up ({})", info.name, state(now, *first)),
        };
        return Some(Why::new(format!("{}{how}. {}", failing(now), consequence(options))));
    }
    None
}

/// What it means that a component is gone.
fn consequence(options: &Options) -> &'static str {
    match options {
        Options::Balancer(_) | Options::Service(_) => "What goes through it fails.",
        Options::Cache(_) => "Every read goes to the database.",
        Options::Database(_) => "Nothing can be read from it or written to it.",
        Options::Failover(_) => "Nobody would replace a primary that dies.",
        Options::Queue(_) => "Nothing can be published to it.",
        Options::Workers(_) => "Messages wait until it is back.",
        Options::Traffic(_) => "",
    }
}

/// Links that are cut while calls on them fail.
pub(super) fn cut(now: &Now<'_>) -> Option<Why> {
    let cut: Vec<_> = now.links().iter().filter(|l| l.cut).collect();
    let mut pair: Option<(ComponentId, ComponentId)> = None;
    let (mut failed, mut links) = (0, 0);
    for link in &cut {
        let ends = (now.component(link.from), now.component(link.to));
        let (_, lost) = now.link(link.link.index(), now.second());
        if lost > 0 && *pair.get_or_insert(ends) == ends {
            failed += lost;
            links += 1;
        }
    }
    let (from, to) = pair?;
    let (from, to) = (&now.info(from).name, &now.info(to).name);
    let calls = rate(failed as f64 / now.second().seconds);
    Some(Why::new(format!(
        "{}{links} {} from {from} to {to} {} cut: {calls} calls get no answer, and each caller \
         waits for its timeout.",
        failing(now),
        if links == 1 { "link" } else { "links" },
        is_are(links),
    )))
}

/// A node whose work is stretched.
pub(super) fn slowed(now: &Now<'_>) -> Option<Why> {
    for (id, _) in now.components() {
        let slowed: Vec<NodeId> = now.up(id).filter(|n| now.node(*n).slow > 1.0).collect();
        let Some(first) = slowed.first() else { continue };
        let factor = crate::observe::figures::three(now.node(*first).slow);
        let busy = now
            .utilisation(*first, now.second())
            .map_or(String::new(), |u| format!(" {} is {} busy.", now.name(*first), gauge(u)));
        let who = names(now, &slowed);
        let verb = if slowed.len() == 1 { "works" } else { "work" };
        return Some(Why::new(format!(
            "{}{who} {verb} {factor} times slower, and health checks still pass.{busy}",
            failing(now)
        )));
    }
    None
}

/// Nodes that are down and known to be: the others carry their load.
pub(super) fn degraded(now: &Now<'_>) -> Option<Why> {
    for (id, _) in now.components() {
        let info = now.info(id);
        let down: Vec<NodeId> = info.nodes().filter(|n| !now.is_up(*n)).collect();
        let Some(first) = down.first() else { continue };
        let (all, left) = (info.nodes.len(), info.nodes.len() - down.len());
        let who = names(now, &down);
        let how = if down.len() == 1 { state(now, *first) } else { "are not up".to_string() };
        let load = match now.utilisation_of(id, now.second()) {
            Some(u) => format!("the other {} carry its load at {}", count(left as u64), gauge(u)),
            None => format!("{left} of {all} are left"),
        };
        return Some(Why::new(format!("{}{who} {how}, and known to be: {load}.", failing(now))));
    }
    None
}
