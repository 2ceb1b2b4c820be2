//! Rules about nodes that are down, slow or cut off.

use super::accounts::gone;
use super::choose::groups;
use super::{Why, all_of, bad_share, fixes, names, rotation, wait};
use crate::observe::figures::{gauge, percent, rate, several, time};
use crate::observe::now::Now;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::NodeState;
use crate::sim::reading::{BackendReading, PartReading};
use crate::sim::spec::Options;
use crate::sim::time::{MILLISECOND, NEVER, Ns, SECOND};

/// A backend that cannot serve and still gets requests, because its balancer has not noticed.
pub(super) fn unseen(now: &Now<'_>) -> Option<Why> {
    let wrong = |b: &&BackendReading| b.is_usable() && !now.is_up(b.node);
    let edge = now.edges().find(|edge| edge.backends.iter().any(|b| wrong(&b)))?;
    let all: Vec<&BackendReading> = edge.backends.iter().filter(wrong).collect();
    let nodes: Vec<NodeId> = all.iter().map(|b| b.node).collect();
    let (how, them, each) = match nodes.as_slice() {
        [one] => (state(now, *one), "it", ""),
        several => (are(now, several), "them", " of each"),
    };
    // A host without its process says so; one that is frozen is silent, also as it boots.
    let refuses = |n: &NodeId| match now.node(*n).state {
        NodeState::Booting(until) => until < NEVER,
        state => state == NodeState::Crashed,
    };
    let refuse = nodes.iter().all(refuses);
    let sent: u64 = nodes.iter().map(|n| now.calls(*n, now.second()).ended()).sum();
    // Who is silent ends no call before its timeout.
    let sent = if refuse {
        format!("sends {them} {}", rate(sent as f64 / now.second().seconds))
    } else {
        let waiting: u64 = all.iter().map(|b| u64::from(b.in_flight)).sum();
        format!(
            "goes on sending to {them}: {} {} there",
            several(waiting, "request"),
            wait(waiting)
        )
    };
    let least = all.iter().map(|b| b.contradicting).min().unwrap_or(0);
    let text = format!(
        "{}{} {how}, but {} still counts {them} as healthy and {}. {least} of {} health checks{each} have \
         failed, one every {}.",
        failing(now),
        names(now, &nodes),
        now.name(edge.node),
        sent,
        edge.options.health.fall,
        time(edge.options.health.every),
    );
    let balancer = &now.info(edge.component).name;
    Some(Why::with_fix(text, fixes::CHECK, &[("balancer", balancer)]))
}

/// So much of what fails may still do so where a fix is worth its name.
const BETTER: f64 = 0.9;

/// A balancer that sends to all its backends, since it believes in too few.
pub(super) fn panics(now: &Now<'_>) -> Option<Why> {
    let edge = now.edges().find(|edge| edge.panics)?;
    let unusable = edge.backends.iter().filter(|b| !b.is_usable());
    let unusable: Vec<NodeId> = unusable.map(|b| b.node).collect();
    let (all, name) = (edge.backends.len(), now.name(edge.node));
    let text = format!(
        "{}{name} is in panic and sends to all {all}, also to {}, which it would leave out: {} of \
         {all} usable is less than panic ({}).",
        failing(now),
        names(now, &unusable),
        all - unusable.len(),
        percent(edge.options.panic),
    );
    // Left alone, the usable ones get all of it, and what is more than they can do fails.
    let usable: Vec<f64> =
        edge.backends.iter().filter(|b| b.is_usable()).filter_map(|b| now.load(b.node)).collect();
    let load = usable.iter().sum::<f64>() * all as f64 / usable.len().pow(2).max(1) as f64;
    let last = now.requests(now.second());
    let fails = last.bad() as f64 / last.ended().max(1) as f64;
    if usable.is_empty() || 1.0 - 1.0 / load.max(1.0) > BETTER * fails {
        return Some(Why::new(text));
    }
    let balancer = &now.info(edge.component).name;
    Some(Why::with_fix(text, fixes::PANIC, &[("balancer", balancer)]))
}

/// A backend that is gone and noticed: what it was doing waits for its timeout, and fails.
pub(super) fn left(now: &Now<'_>) -> Option<Why> {
    let group = groups(now).into_iter().filter(|g| gone(now, g)).max_by_key(|g| g.count)?;
    let node = group.node?;
    let edge = now.edge_of(node).filter(|edge| !edge.sends_to(node))?;
    Some(Why::new(format!(
        "{}they were at {}, which {}; {} sends it nothing any more.",
        failing(now),
        now.name(node),
        state(now, node),
        now.name(edge.node)
    )))
}

/// `22.8 % of requests fail: `, or nothing.
pub(super) fn failing(now: &Now<'_>) -> String {
    share_failing(now).map_or(String::new(), |share| format!("{share} of requests fail: "))
}

/// `22.8 % of requests failed in the last second: `, of what is over; or nothing.
pub(super) fn failed(now: &Now<'_>) -> String {
    share_failing(now)
        .map_or(String::new(), |share| format!("{share} of requests failed in the last second: "))
}

/// The share of requests that failed in the last second, if some still do.
fn share_failing(now: &Now<'_>) -> Option<String> {
    bad_share(now).filter(|_| now.fails_now())
}

/// `is down`, `boots for another 1.4 s`.
pub(super) fn state(now: &Now<'_>, node: NodeId) -> String {
    match now.node(node).state {
        NodeState::Up => "is up".to_string(),
        NodeState::Crashed => "is down".to_string(),
        NodeState::Off => "has no power".to_string(),
        NodeState::Paused => "is frozen".to_string(),
        NodeState::Absent => "is gone".to_string(),
        NodeState::Booting(NEVER) => "is frozen as it boots".to_string(),
        NodeState::Booting(until) => {
            format!("boots for another {}", remaining(now, until))
        }
    }
}

/// How long it is until then: no time at all would be none to wait for.
pub(super) fn remaining(now: &Now<'_>, until: Ns) -> String {
    time(until.saturating_sub(now.at).max(MILLISECOND))
}

/// Why nothing that one node asks of another is answered, if nothing is: `is frozen`. A process that is
/// down is no silence: its host refuses.
pub(super) fn silence(now: &Now<'_>, from: NodeId, to: NodeId) -> Option<String> {
    match now.node(to).state {
        NodeState::Off | NodeState::Paused => Some(state(now, to)),
        _ if now.is_cut(from, to) || now.is_cut(to, from) => Some("is cut off".to_string()),
        _ => None,
    }
}

/// A balancer that is gone: told before its users' timeouts are over, whatever else is missing behind it.
pub(super) fn entrance_down(now: &Now<'_>) -> Option<Why> {
    down(now, |options| matches!(options, Options::Balancer(_)))
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
        if !wanted(options) || !concerns_place(now, id) || now.up(id).next().is_some() {
            continue;
        }
        let info = now.info(id);
        let nodes: Vec<NodeId> = info.nodes().collect();
        if nodes.is_empty() || rotation::stands_in(now, id, options).is_some() {
            continue;
        }
        let how = match nodes.as_slice() {
            [one] => format!("{} {}", now.name(*one), state(now, *one)),
            all => {
                let nodes = all_of(all.len() as u64, "node");
                format!("{nodes} of {} {}", info.name, are(now, all))
            }
        };
        return Some(Why::new(format!("{}{how}. {}", failing(now), consequence(now, id, options))));
    }
    None
}

/// Whether what fails at the component that is looked at can do so for another: it is that one, or sends to
/// it. Where none is looked at, any.
pub(super) fn concerns_place(now: &Now<'_>, component: ComponentId) -> bool {
    now.place().is_none_or(|place| match now.world.options(place) {
        _ if place == component => true,
        Options::Balancer(o) => o.to == now.info(component).name,
        _ => false,
    })
}

/// What several nodes of which none is up are: `are down or without power`.
pub(super) fn are(now: &Now<'_>, nodes: &[NodeId]) -> String {
    let word = |state: NodeState| match state {
        NodeState::Up => "up",
        NodeState::Crashed => "down",
        NodeState::Off => "without power",
        NodeState::Paused => "frozen",
        NodeState::Absent => "gone",
        NodeState::Booting(_) => "booting",
    };
    let mut words: Vec<&str> = Vec::new();
    for node in nodes {
        let word = word(now.node(*node).state);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    match words.split_last() {
        Some((last, others @ [_, ..])) => format!("are {} or {last}", others.join(", ")),
        _ => format!("are {}", words.concat()),
    }
}

/// What it means that a component is gone.
fn consequence(now: &Now<'_>, id: ComponentId, options: &Options) -> &'static str {
    match options {
        Options::Cache(_) if super::load::reads(now, id) != "every read" => {
            "Each of its reads goes to the database."
        }
        Options::Balancer(_) | Options::Service(_) => "What goes through it fails.",
        Options::Cache(_) => "Every read goes to the database.",
        Options::Database(_) => "Nothing can be read from it or written to it.",
        Options::Failover(o) if o.fencing => "The primary steps down when its lease is over.",
        Options::Failover(_) => "Nobody would replace a primary that dies.",
        Options::Queue(_) => "Nothing can be published to it.",
        Options::Workers(_) => "Nobody works on its messages.",
        Options::Traffic(_) => "",
    }
}

/// A node whose work is stretched.
pub(super) fn slowed(now: &Now<'_>) -> Option<Why> {
    for (id, options) in now.components() {
        let Some((slowed, factor)) = super::load::slowest(now, id) else { continue };
        // Nothing is slower where nothing is worked on; the work of a cache needs no cores.
        let works = |n: &NodeId| now.node(*n).cores.busy_ns > 0;
        if !matches!(options, Options::Cache(_)) && !slowed.iter().any(works) {
            continue;
        }
        let factor = crate::observe::figures::three(factor);
        let busy = slowed.first().and_then(|first| Some((now.name(*first), now.load(*first)?)));
        let busy = busy.map_or(String::new(), |(name, u)| format!(" {name} is {} busy.", gauge(u)));
        let lag = |n: &NodeId| match now.node(*n).part {
            PartReading::Database { lag, primary: false, .. } => lag,
            _ => 0,
        };
        let most = slowed.iter().map(|n| (lag(n), *n)).max().filter(|(lag, _)| *lag >= SECOND);
        let behind = most.map_or(String::new(), |(lag, n)| {
            format!(" {} is {} behind its primary.", now.name(n), time(lag))
        });
        let who = names(now, &slowed);
        let verb = if slowed.len() == 1 { "works" } else { "work" };
        // Whom nobody checks passes no checks.
        let passes =
            |n: &NodeId| now.edge_of(*n).is_some_and(|edge| edge.healthy(*n) == Some(true));
        let checked = if slowed.iter().any(passes) { ", and health checks still pass" } else { "" };
        return Some(Why::new(format!(
            "{}{who} {verb} {factor} times slower{checked}.{busy}{behind}",
            failing(now)
        )));
    }
    None
}
