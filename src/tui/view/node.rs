//! A node in words: its state, its symbol, its figures.

use super::text::Line;
use crate::session::picture::{Component, Face, Node, Role as DbRole};
use crate::sim::observation::NodeState;
use crate::sim::time::{NEVER, Ns};
use crate::tui::format::{age, busy, count, latency, percent, rate, still};
use crate::tui::load::{self, serves, share};
use crate::tui::theme::Role;

/// Its state as symbol and word: `✗ crashed 0.9 s ago`.
#[must_use]
pub fn state(node: &Node, now: Ns) -> Line {
    let since = now.saturating_sub(node.since);
    match node.state {
        NodeState::Up if node.slow > 1.0 => {
            Line::of(Role::NodeWarn, format!("◐ slowed {}x", crate::tui::format::figure(node.slow)))
        }
        NodeState::Up => Line::of(Role::NodeOk, "● up"),
        NodeState::Booting(NEVER) => {
            Line::of(Role::NodeWarn, format!("◐ frozen as it booted, {}", age(since)))
        }
        NodeState::Booting(ready) => {
            let left = age(still(ready.saturating_sub(now)));
            // It boots at the instant at which it is killed.
            if node.memory.is_some_and(|m| m.killed == Some(node.since)) {
                return Line::of(Role::NodeDown, format!("✗ out of memory, boots in {left}"));
            }
            Line::of(Role::NodeWarn, format!("◐ booting, {left} left"))
        }
        NodeState::Paused => Line::of(Role::NodeWarn, format!("◐ frozen {}", age(since))),
        NodeState::Absent => Line::of(Role::NodeWarn, format!("◐ gone {}", age(since))),
        NodeState::Off => Line::of(Role::NodeDown, format!("■ off {}", age(since))),
        NodeState::Crashed => Line::of(Role::NodeDown, format!("✗ crashed {} ago", age(since))),
    }
}

/// The state as one symbol, with the role of a database.
#[must_use]
pub fn symbol(node: &Node) -> (&'static str, Role) {
    match (node.state, node.role) {
        (NodeState::Crashed, _) => ("✗", Role::NodeDown),
        (NodeState::Off, _) => ("■", Role::NodeDown),
        (NodeState::Booting(_) | NodeState::Paused | NodeState::Absent, _)
        | (_, Some(DbRole::Promoting(_))) => ("◐", Role::NodeWarn),
        (NodeState::Up, Some(DbRole::Primary)) => ("★", Role::Primary),
        (NodeState::Up, Some(DbRole::Replica(_))) => ("○", Role::Replica),
        (NodeState::Up, Some(DbRole::CutOff | DbRole::Diverged)) => ("○", Role::NodeWarn),
        (NodeState::Up, None) => ("●", Role::NodeOk),
    }
}

/// What the balancers have not noticed: `not yet ejected: 2 of 3 checks missed`.
#[must_use]
pub fn belief(node: &Node) -> Option<String> {
    match (serves(node), node.believed?, node.checks) {
        (false, true, Some((missed, fall))) => {
            Some(format!("not yet ejected: {missed} of {fall} checks missed"))
        }
        (false, true, None) => Some("not yet ejected".to_string()),
        (false, false, _) => Some("ejected".to_string()),
        (true, false, _) => Some("still ejected".to_string()),
        (true, true, _) => None,
    }
}

/// Its role in a database: `primary`, `lag 0.6 ms`.
#[must_use]
pub fn role(node: &Node) -> Option<Line> {
    Some(match node.role? {
        DbRole::Primary => Line::of(Role::Primary, "primary"),
        DbRole::Replica(lag) => Line::of(lag_role(lag), format!("replica, lag {}", latency(lag))),
        DbRole::CutOff => Line::of(Role::NodeWarn, "cut off from the primary"),
        DbRole::Diverged => Line::of(Role::NodeWarn, "diverged from the primary"),
        DbRole::Promoting(share) => Line::of(Role::NodeWarn, format!("promoting {}", busy(share))),
    })
}

fn lag_role(lag: Ns) -> Role {
    match lag {
        l if l > 1_000_000_000 => Role::NodeDown,
        l if l >= 100_000_000 => Role::NodeWarn,
        _ => Role::Replica,
    }
}

/// The line of a selected node: `service web · zone b · up · 66 % of 4 cores · 500 /s`.
#[must_use]
pub fn sentence(component: &Component, node: &Node, now: Ns) -> Line {
    let mut parts = vec![Line::dim(format!("{} {}", component.kind, component.name))];
    if let Some(zone) = &node.zone {
        parts.push(Line::dim(format!("zone {zone}")));
    }
    parts.push(match node.state {
        NodeState::Up if node.slow <= 1.0 => Line::text("up"),
        _ => state(node, now),
    });
    parts.extend(role(node));
    if let Some(belief) = belief(node) {
        parts.push(Line::of(Role::NodeWarn, belief));
    }
    if serves(node) {
        parts.extend(figures(component, node));
    }
    joined(parts)
}

fn figures(component: &Component, node: &Node) -> Vec<Line> {
    let mut parts = Vec::new();
    if has_unlimited_cores(component) {
        parts.push(Line::text(UNLIMITED_CORES));
    } else if let Face::Service { cores, .. } = component.face {
        let of = cores.map_or_else(String::new, |n| format!(" of {} cores", count(n)));
        parts
            .push(Line::of(load::busy(node.utilisation, Role::Text), busy(node.utilisation) + &of));
    } else if matches!(component.face, Face::Workers { .. } | Face::Database { .. }) {
        parts.push(Line::of(
            load::busy(node.utilisation, Role::Text),
            format!("{} busy", busy(node.utilisation)),
        ));
    }
    if let Some((used, limit)) = node.threads {
        parts.push(of_limit(used, limit).with(Role::Text, " threads"));
    }
    parts.push(Line::text(rate(node.rate)));
    parts
}

/// `5 of 64`, in the role of its share.
#[must_use]
pub fn of_limit(used: u64, limit: Option<u64>) -> Line {
    match limit {
        Some(limit) => {
            let role = load::busy(share(used, limit), Role::Text);
            Line::of(role, format!("{} of {}", count(used), count(limit)))
        }
        None => Line::text(count(used)),
    }
}

/// The line of a selected component: its kind and what is particular to it.
#[must_use]
pub fn component_sentence(component: &Component) -> Line {
    let mut parts = vec![Line::dim(component.kind)];
    parts.extend(face(component).into_iter().map(Line::text));
    let down = component.nodes.iter().filter(|n| !serves(n)).count();
    if down > 0 {
        let all = component.nodes.len();
        parts.push(Line::of(Role::NodeDown, format!("✗ {} of {all} up", all - down)));
    }
    joined(parts)
}

/// What is particular to a kind, in a few words each.
#[must_use]
pub fn face(component: &Component) -> Vec<String> {
    match &component.face {
        Face::Traffic { rate: r, users, timeout } => vec![
            rate(*r),
            format!("{} users", crate::tui::format::figure(*users as f64)),
            format!("give up after {}", latency(*timeout)),
        ],
        Face::Balancer { policy, sees_up, backends, rate: r, every, fall, .. } => vec![
            policy.replace('_', " "),
            format!("sees {sees_up} of {backends} up"),
            format!("check every {}, out after {fall}", latency(*every)),
            rate(*r),
        ],
        Face::Service { utilisation, .. } => vec![busy_of(component, *utilisation)],
        Face::Cache { hit_ratio, rate: r, entries, capacity, enabled } => vec![
            if *enabled { "on".to_string() } else { "off".to_string() },
            hit_ratio.map_or_else(|| "no lookups".to_string(), |h| format!("hit {}", percent(h))),
            rate(*r),
            match capacity {
                Some(c) => format!("{} of {} entries", count(*entries), count(*c)),
                None => format!("{} entries", count(*entries)),
            },
        ],
        Face::Database { ack, epoch, primaries, reads, writes, .. } => {
            let mut parts = vec![(*ack).to_string(), format!("epoch {epoch}")];
            if *primaries != 1 {
                parts.push(format!("▲ {primaries} primaries"));
            }
            parts.push(format!("reads {}", rate(*reads)));
            parts.push(format!("writes {}", rate(*writes)));
            parts
        }
        Face::Failover { fencing, .. } => {
            vec![if *fencing { "fenced" } else { "▲ not fenced" }.to_string()]
        }
        Face::Queue { depth, limit, in_hand, dead_letters, lost, rate: r, .. } => {
            let mut parts = vec![
                match limit {
                    Some(l) => format!("{} of {} messages", count(*depth), count(*l)),
                    None => format!("{} messages", count(*depth)),
                },
                format!("{} in hand", count(*in_hand)),
                format!("{} dead", count(*dead_letters)),
            ];
            if *lost > 0 {
                parts.push(format!("✗ {} lost", count(*lost)));
            }
            parts.push(rate(*r));
            parts
        }
        Face::Workers { utilisation, stuck } => {
            let mut parts = vec![busy_of(component, *utilisation)];
            if *stuck {
                parts.push("◐ stuck".to_string());
            }
            parts
        }
    }
}

/// Whether its nodes have all the cores that they can use, so that there is no share of them.
#[must_use]
pub fn has_unlimited_cores(component: &Component) -> bool {
    component.settings.iter().any(|s| s.name == "cores" && s.value == "unlimited")
}

/// What stands for a share of cores where there is no whole of which it could be one.
pub const UNLIMITED_CORES: &str = "unlimited cores";

/// `67 % busy`.
fn busy_of(component: &Component, utilisation: f64) -> String {
    if has_unlimited_cores(component) {
        return UNLIMITED_CORES.to_string();
    }
    format!("{} busy", busy(utilisation))
}

/// Parts with a dot between them.
#[must_use]
pub fn joined(parts: Vec<Line>) -> Line {
    let mut line = Line::empty();
    for (i, part) in parts.into_iter().enumerate() {
        if i > 0 {
            line = line.with(Role::Dim, " · ");
        }
        line = line.then(part);
    }
    line
}
