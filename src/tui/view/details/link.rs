//! A link opened: what runs on it, how long messages take, and what faults do to it.

use super::{DetailsView, head, row};
use crate::session::picture::{Component, Picture, Tap};
use crate::sim::fault::Change;
use crate::sim::id::NodeId;
use crate::sim::time::Ns;
use crate::tui::app::hits;
use crate::tui::format::{count, latency, percent, rate};
use crate::tui::plan::{Target, nodes_counted};
use crate::tui::theme::Role;
use crate::tui::view::text::Line;
use std::collections::BTreeSet;

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
    let reached = node.map_or_else(|| nodes_counted(picture, flow), |n| vec![n]);
    let pairs = pairs(picture, flow.from, flow.to, &reached);
    view.now = vec![
        head("now"),
        row("calls", Line::text(rate(per_s))),
        row("just now", answered(sum(|t| t.ok), sum(|t| t.failed))),
        row("latency", Line::text(one_way(picture, &pairs) + " one way")),
    ];
    view.now.extend(troubles(picture, target, &pairs));
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

/// The pairs of nodes between which it runs, to those of its target that count.
fn pairs(picture: &Picture, from: usize, to: usize, nodes: &[usize]) -> Vec<(NodeId, NodeId)> {
    let from = hits::members(Target::Component(from), picture);
    let to: Vec<NodeId> = nodes.iter().filter_map(|n| picture.id(to, *n)).collect();
    from.iter().flat_map(|f| to.iter().map(|t| (*f, *t))).collect()
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

/// What active faults do to it, to how much of it, and which.
fn troubles(picture: &Picture, target: Target, pairs: &[(NodeId, NodeId)]) -> Vec<Line> {
    let here = picture.faults.iter().filter(|f| hits::touches(&f.change, target, picture));
    let mut lines = Vec::new();
    for fault in here {
        let part = Part::of(&fault.change, pairs);
        let line = match fault.change {
            Change::Cut(_) => row("╳ cut", Line::of(Role::Marker, part.cut(picture, pairs))),
            Change::Delay(_, base, jitter) => {
                let text = added(base, jitter) + &part.on(picture, pairs);
                row("◐ delay", Line::of(Role::NodeWarn, text))
            }
            Change::Lose(_, p) => {
                let text = format!("{} are sent again{}", percent(p), part.on(picture, pairs));
                row("◐ loss", Line::of(Role::NodeWarn, text))
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

/// How much of a link a fault of the network holds.
struct Part {
    links: usize,
    /// Links that it holds in the direction of the link, against it, and in either.
    there: usize,
    back: usize,
    either: usize,
}

impl Part {
    fn of(change: &Change, pairs: &[(NodeId, NodeId)]) -> Part {
        let held: BTreeSet<&(NodeId, NodeId)> = change.pairs().iter().collect();
        let mut part = Part { links: pairs.len(), there: 0, back: 0, either: 0 };
        for (from, to) in pairs {
            let (there, back) = (held.contains(&(*from, *to)), held.contains(&(*to, *from)));
            part.there += usize::from(there);
            part.back += usize::from(back);
            part.either += usize::from(there || back);
        }
        part
    }

    /// `1 of 4 links`, `all 4 links: nothing arrives`, `all 4 links, from web to menus`.
    fn cut(&self, picture: &Picture, pairs: &[(NodeId, NodeId)]) -> String {
        let links = match (self.either, self.links) {
            (1, 1) => "the link".to_string(),
            (n, all) if n == all => format!("all {n} links"),
            (n, all) => format!("{n} of {all} links"),
        };
        if self.there == self.links && self.back == self.links {
            return format!("{links}: nothing arrives");
        }
        links + &self.way(picture, pairs)
    }

    /// ` on 1 of 4 links`; nothing where it holds all of them, both ways.
    fn on(&self, picture: &Picture, pairs: &[(NodeId, NodeId)]) -> String {
        let part = match self.either {
            n if n == self.links => String::new(),
            n => format!(" on {n} of {} links", self.links),
        };
        part + &self.way(picture, pairs)
    }

    /// `, from web to menus`, where it is one way only.
    fn way(&self, picture: &Picture, pairs: &[(NodeId, NodeId)]) -> String {
        let name = |node: NodeId| {
            let (component, _) = picture.place(node)?;
            Some(picture.components[component].name.to_string())
        };
        let ends = pairs.first().and_then(|(from, to)| Some((name(*from)?, name(*to)?)));
        match (ends, self.there, self.back) {
            (Some((from, to)), 1.., 0) => format!(", from {from} to {to}"),
            (Some((from, to)), 0, 1..) => format!(", from {to} to {from}"),
            _ => String::new(),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::example::{self, WEB};
    use crate::tui::tests::states;

    /// What is told of the cut of the link from the servers to the dispatcher, or to one of them.
    fn cut(text: &str, target: Target) -> String {
        let mut picture = example::at_rest();
        picture.faults = vec![states::fault(&picture, text, 40_000_000_000, None, 0)];
        let mut view = DetailsView::default();
        match target {
            Target::Tap(l, n) => details(&mut view, &picture, l, Some(n)),
            Target::Link(l) => details(&mut view, &picture, l, None),
            _ => unreachable!("only links are asked about"),
        }
        let lines = view.now.iter().map(Line::plain);
        let line = lines.into_iter().find(|l| l.starts_with("╳ cut")).unwrap_or_default();
        line.trim_start_matches("╳ cut").trim().split("  by ").next().unwrap_or("").to_string()
    }

    #[test]
    fn what_a_cut_does_is_told_and_not_more() {
        let picture = example::at_rest();
        let link = |to| picture.flows.iter().position(|f| f.from == WEB && f.to == to).unwrap();
        let dispatch = Target::Link(link(example::DISPATCH));
        assert_eq!(cut("cut web-2|dispatch", dispatch), "1 of 4 links");
        assert_eq!(cut("cut web|dispatch", dispatch), "all 4 links: nothing arrives");
        assert_eq!(cut("cut web->dispatch", dispatch), "all 4 links, from web to dispatch");
        assert_eq!(cut("cut dispatch->web-3", dispatch), "1 of 4 links, from dispatch to web");
        let orders = link(example::ORDERS);
        assert_eq!(cut("cut web-1,web-2|orders-db", Target::Link(orders)), "2 of 4 links");
        assert_eq!(cut("cut web-1,web-2|orders-db", Target::Tap(orders, 2)), "2 of 4 links");
        let edge = Target::Tap(1, 1);
        assert_eq!(cut("cut edge|web-2", edge), "the link: nothing arrives");
    }
}
