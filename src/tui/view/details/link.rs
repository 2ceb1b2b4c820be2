//! A link opened: what runs on it, how long messages take, and what faults do to it.

use super::{DetailsView, head, row};
use crate::session::picture::{Component, Picture, Tap};
use crate::sim::fault::Change;
use crate::sim::id::NodeId;
use crate::sim::time::Ns;
use crate::tui::app::hits;
use crate::tui::format::{count, latency, percent, rate};
use crate::tui::plan::Target;
use crate::tui::theme::Role;
use crate::tui::view::text::Line;

/// Fills in a flow, or its branch to one node.
pub(super) fn details(
    view: &mut DetailsView,
    picture: &Picture,
    index: usize,
    node: Option<usize>,
) {
    let Some(flow) = picture.flows.get(index) else { return };
    let (Some(from), Some(to)) =
        (picture.components.get(flow.from), picture.components.get(flow.to))
    else {
        return;
    };
    let taps: Vec<(usize, &Tap)> =
        flow.taps.iter().enumerate().filter(|(i, _)| node.is_none_or(|n| n == *i)).collect();
    let target = node.map_or(Target::Link(index), |n| Target::Tap(index, n));
    view.title = format!("{} · link", hits::name(target, picture).unwrap_or_default());
    let sum = |figure: fn(&Tap) -> u64| taps.iter().map(|(_, t)| figure(t)).sum::<u64>();
    let per_s: f64 = taps.iter().map(|(_, t)| t.rate).sum();
    let pairs = pairs(picture, flow.from, flow.to, node);
    view.now = vec![
        head("now"),
        row("calls", Line::text(rate(per_s))),
        row("in 0.2 s", answered(sum(|t| t.ok), sum(|t| t.failed))),
        row("latency", Line::text(one_way(picture, &pairs) + " one way")),
    ];
    view.now.extend(troubles(picture, target));
    view.now.push(Line::empty());
    view.now.push(head(&format!("from {} to", from.name)));
    view.now.extend(taps.iter().map(|(i, tap)| branch(to, *i, tap)));
}

fn answered(ok: u64, failed: u64) -> Line {
    let line = Line::text(format!("{} answered", count(ok)));
    match failed {
        0 => line,
        n => line.with(Role::FlowFail, format!("  × {} failed", count(n))),
    }
}

/// The pairs of nodes between which it runs.
fn pairs(picture: &Picture, from: usize, to: usize, node: Option<usize>) -> Vec<(NodeId, NodeId)> {
    let ids = |c| hits::members(Target::Component(c), picture);
    let to: Vec<NodeId> = match node {
        Some(n) => picture.id(to, n).into_iter().collect(),
        None => ids(to),
    };
    ids(from).iter().flat_map(|f| to.iter().map(|t| (*f, *t))).collect()
}

/// `0.3 ms`, `0.3 to 1.0 ms`: by the zones of its ends.
fn one_way(picture: &Picture, pairs: &[(NodeId, NodeId)]) -> String {
    let all = || pairs.iter().map(|(a, b)| picture.topology.latency(*a, *b));
    match (all().min(), all().max()) {
        (Some(least), Some(most)) if least < most => {
            format!("{} to {}", latency(least), latency(most))
        }
        (Some(one), _) => latency(one),
        _ => crate::tui::format::NO_SAMPLES.to_string(),
    }
}

/// What active faults do to it, and which.
fn troubles(picture: &Picture, target: Target) -> Vec<Line> {
    let here = picture.faults.iter().filter(|f| hits::touches(&f.change, target, picture));
    let mut lines = Vec::new();
    for fault in here {
        let line = match fault.change {
            Change::Cut(_) => row("╳ cut", Line::of(Role::Marker, "nothing arrives")),
            Change::Delay(_, base, jitter) => {
                row("◐ delay", Line::of(Role::NodeWarn, added(base, jitter)))
            }
            Change::Lose(_, p) => {
                row("◐ loss", Line::of(Role::NodeWarn, format!("{} are sent again", percent(p))))
            }
            _ => continue,
        };
        lines.push(line.with(Role::Dim, "  by ").with(Role::Text, &fault.text));
    }
    if lines.is_empty() {
        lines.push(row("network", Line::of(Role::NodeOk, "✓ no delay, no loss, no cut")));
    }
    lines
}

fn added(base: Ns, jitter: Ns) -> String {
    match jitter {
        0 => format!("+ {}", latency(base)),
        jitter => format!("+ {} ± {}", latency(base), latency(jitter)),
    }
}

fn branch(to: &Component, index: usize, tap: &Tap) -> Line {
    let name = to.nodes.get(index).map_or(String::new(), |n| n.name.to_string());
    let mut line = Line::text(name).padded(16).with(Role::Text, rate(tap.rate));
    if tap.failed > 0 {
        line = line.with(Role::FlowFail, format!("  × {} failed", count(tap.failed)));
    }
    if tap.cut > 0 {
        line = line.with(Role::Marker, format!("  ╳ {} of {} cut", tap.cut, tap.links));
    }
    line
}
