//! Who would notice, and when: by the settings of those who watch.

use super::{nodes_of, number, time};
use crate::session::picture::{Component, Face, Node, Picture};
use crate::sim::fault::Change;
use crate::sim::id::NodeId;
use crate::sim::time::Ns;
use crate::tui::format::latency;
use crate::tui::theme::Role;
use crate::tui::view::text::Line;

/// How the nodes that are hit look to somebody who asks them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looks {
    /// They refuse at once.
    Refuses,
    /// They answer nothing.
    Silent,
    /// They answer as if all were well.
    Well,
}

/// Who would notice; `None` where nothing could be noticed.
pub(super) fn noticed(change: &Change, picture: &Picture) -> Option<Line> {
    let looks = match change {
        Change::Crash(_) => Looks::Refuses,
        Change::PowerOff(_) | Change::Pause(_) => Looks::Silent,
        Change::Error(..) | Change::Slow(..) => Looks::Well,
        _ => return None,
    };
    let hit = nodes_of(change, picture);
    let gone = |c: &Component| {
        looks != Looks::Well && c.nodes.iter().all(|n| hit.iter().any(|(_, h)| h.name == n.name))
    };
    let is_slow = matches!(change, Change::Slow(..));
    let watched = |(id, node): &(NodeId, &Node)| {
        let (c, _) = picture.place(*id)?;
        let balancer = in_front_of(c, picture).filter(|_| node.believed.is_some());
        if let Some(balancer) = balancer {
            return Some((gone(balancer), by_checks(balancer, looks, is_slow)));
        }
        let Face::Database { failover: Some(f), .. } = picture.components.get(c)?.face else {
            return None;
        };
        let watchers = picture.components.get(f)?;
        Some((gone(watchers), by_beats(watchers, looks)?))
    };
    hit.first()?;
    let watched: Vec<(bool, Line)> = hit.iter().filter_map(watched).collect();
    // Who goes down with them notices nothing.
    let first = watched.iter().find(|(gone, _)| !gone);
    Some(match (first, watched.is_empty()) {
        (Some((_, line)), _) => line.clone(),
        (None, true) => Line::dim("by nobody who checks: only by failures of those who call it"),
        (None, false) => Line::dim("by nobody: those who check go down, too"),
    })
}

/// The balancer that sends to a component.
fn in_front_of(component: usize, picture: &Picture) -> Option<&Component> {
    let from = picture.flows.iter().filter(|f| f.to == component);
    let mut sources = from.filter_map(|f| picture.components.get(f.from));
    sources.find(|c| matches!(c.face, Face::Balancer { .. }))
}

/// A check fails at once where it is refused, else after its timeout; the first of them falls
/// anywhere between two checks.
fn by_checks(balancer: &Component, looks: Looks, slow: bool) -> Line {
    let Face::Balancer { every, fall, .. } = balancer.face else {
        return Line::dim("by nobody");
    };
    let fall = fall.max(1);
    let name = &balancer.name;
    let wait = time(balancer, "health.timeout").unwrap_or(0);
    match looks {
        Looks::Well if slow => Line::of(
            Role::NodeWarn,
            format!("▲ by {name} only if a check takes more than {}", latency(wait)),
        ),
        Looks::Well => Line::of(Role::NodeWarn, format!("▲ not by {name}: health checks pass")),
        Looks::Refuses | Looks::Silent => {
            let wait = if looks == Looks::Silent { wait } else { 0 };
            let when = between((fall - 1) * every + wait, fall * every + wait);
            Line::text(format!("by {name} after {fall} missed checks: {when}"))
        }
    }
}

/// A majority of watchers must have missed so many beats.
fn by_beats(watchers: &Component, looks: Looks) -> Option<Line> {
    let (every, misses) = (time(watchers, "every")?, number(watchers, "misses")?);
    let name = &watchers.name;
    if looks == Looks::Well {
        let text = format!("▲ not by {name}: beats are answered");
        return Some(Line::of(Role::NodeWarn, text));
    }
    let when = between((misses - 1) * every, misses * every);
    Some(Line::text(format!(
        "by {name} after {misses} missed beats: {when}, then a vote if it leads"
    )))
}

/// `1.0 to 1.5 s`.
fn between(least: Ns, most: Ns) -> String {
    let seconds = |t: Ns| crate::sim::time::seconds(t);
    format!("{:.1} to {:.1} s", seconds(least), seconds(most))
}
