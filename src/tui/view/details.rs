//! The selection opened: what it holds now, what became of it lately, and its settings.

mod link;
mod past;
mod settings;

use super::node::{
    UNLIMITED_CORES, belief, face, has_unlimited_cores, of_limit, role, sentence, state, symbol,
};
use super::text::Line;
use crate::session::picture::{Component, Face, Held, Node, Picture};
use crate::sim::id::NodeId;
use crate::sim::observation::NodeState;
use crate::sim::time::Ns;
use crate::tui::app::{App, Details, hits};
use crate::tui::format::{age, busy, count, figure, rate};
use crate::tui::load::{self, serves, share};
use crate::tui::plan::Target;
use crate::tui::theme::Role;
use crate::tui::widgets::{bar, filled, level};

/// Cells of a gauge.
const GAUGE: u16 = 10;
/// Cells of the bar of an outcome.
const BAR: u16 = 12;
/// Bins in one cell of the small charts: each is a second.
const BINS: usize = 2;

/// What the details show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DetailsView {
    /// Of what.
    pub title: String,
    /// What it holds and does now.
    pub now: Vec<Line>,
    /// What happened to it lately.
    pub lately: Vec<Line>,
    /// Its settings: a head, and a line each.
    pub settings: Vec<Line>,
    /// The line of the settings that has the focus.
    pub focus: Option<usize>,
    /// What stands under the settings: what the focus means, and the command that would run.
    pub below: Vec<Line>,
    /// The first line that is shown where all stand in one column.
    pub from: u16,
}

/// The details of the selection.
#[must_use]
pub fn details(app: &App, open: &Details) -> DetailsView {
    let picture = app.picture();
    let name = app.selected_name().unwrap_or_default();
    let mut view = DetailsView { from: open.from, ..DetailsView::default() };
    match (app.selection(), app.selected_component(), app.selected_node()) {
        (Some(Target::Link(l)), ..) => link::details(&mut view, picture, l, None),
        (Some(Target::Tap(l, n)), ..) => link::details(&mut view, picture, l, Some(n)),
        (Some(Target::Zone(z)), ..) => {
            view.title = format!("zone {}", picture.topology.zones[z]);
            let nodes = picture.in_zone(z).filter_map(|id| picture.node(id));
            view.now = members("nodes", nodes, picture, None);
        }
        (_, Some(component), Some(node)) => {
            view.title = format!("{name} · {}", title(component, node, picture));
            view.now = now(component, node, picture.now);
        }
        (_, Some(component), None) => {
            view.title = format!("{name} · {}", component.kind);
            view.now = vec![head("now")];
            view.now.extend(face(component).into_iter().map(Line::text));
            view.now.push(Line::empty());
            view.now.extend(members("nodes", component.nodes.iter(), picture, Some(component)));
        }
        (_, None, _) => view.title = name,
    }
    view.lately = lately(app);
    settings::settings(&mut view, app, open);
    view
}

fn title(component: &Component, node: &Node, picture: &Picture) -> String {
    let zone = node.zone.as_ref().map_or(String::new(), |z| format!(" · zone {z}"));
    let since = age(picture.now.saturating_sub(node.since));
    let state = match node.state {
        NodeState::Up => format!("● up {since}"),
        _ => state(node, picture.now).plain(),
    };
    format!("{} {}{zone} · {state}", component.kind, component.name)
}

/// The title of a group of lines.
fn head(text: &str) -> Line {
    Line::empty().bold(Role::Accent, text)
}

/// A figure with its name.
fn row(name: &str, value: Line) -> Line {
    Line::dim(name).padded(10).then(value)
}

/// `28 588 writes, 12 943 to apply`.
fn log(node: &Node) -> Option<String> {
    let (received, applied) = node.log.zip(node.applied)?;
    let writes = format!("{} writes", count(received));
    Some(match received.saturating_sub(applied) {
        0 => writes,
        left => format!("{writes}, {} to apply", count(left)),
    })
}

fn now(component: &Component, node: &Node, at: Ns) -> Vec<Line> {
    let mut lines = vec![head("now")];
    if has_unlimited_cores(component) {
        lines.push(row("cpu", Line::text(UNLIMITED_CORES)));
    } else if has_cores(component) {
        let busy = format!("  {}", busy(node.utilisation));
        lines.push(row("cpu", gauge(node.utilisation).with(Role::Text, busy)));
    }
    for (name, pool) in [("threads", node.threads), ("backlog", node.backlog)] {
        if let Some((used, limit)) = pool {
            let share = limit.map_or(0.0, |l| used as f64 / l.max(1) as f64);
            lines.push(row(name, gauge(share).with(Role::Text, "  ").then(of_limit(used, limit))));
        }
    }
    lines.push(row("calls", Line::text(rate(node.rate))));
    lines.push(row("in hand", Line::text(count(node.in_flight))));
    lines.extend(memory(node, at));
    lines.extend(role(node).map(|role| row("role", role)));
    lines.extend(log(node).map(|log| row("log", Line::text(log))));
    if node.slow > 1.0 {
        lines.push(row("slowed", Line::of(Role::NodeWarn, format!("{}x", figure(node.slow)))));
    }
    if let Some(left) = node.left {
        lines.push(row("fault", Line::text(format!("ends in {}", age(left)))));
    }
    if let Some(belief) = belief(node) {
        let (first, rest) = belief.split_once(": ").unwrap_or((&belief, ""));
        lines.push(row("balancer", Line::of(Role::NodeWarn, first)));
        lines.extend((!rest.is_empty()).then(|| row("", Line::of(Role::NodeWarn, rest))));
    }
    if component.nodes.len() == 1 {
        lines.push(Line::empty());
        lines.extend(face(component).into_iter().map(Line::text));
    }
    lines.push(Line::empty());
    lines.extend(outcomes(node));
    lines
}

/// Whether its nodes work on cores that are counted.
fn has_cores(component: &Component) -> bool {
    matches!(component.face, Face::Service { .. } | Face::Workers { .. } | Face::Database { .. })
}

/// How calls to it ended, by reason.
fn outcomes(node: &Node) -> Vec<Line> {
    let mut lines = vec![head("calls that ended, last 10 s")];
    let (ok, failed) = node.outcomes;
    if ok + failed == 0 {
        lines.push(Line::dim(crate::tui::format::NO_SAMPLES));
        return lines;
    }
    let all = ok + failed;
    let line = |name: &str, n: u64, role: Role| {
        let cells = match filled(n as f64 / all as f64, BAR) {
            // The least that can be seen.
            0 if n > 0 => "▏".to_string(),
            cells => "█".repeat(cells.into()),
        };
        let figure = count(n);
        let gap = " ".repeat(7_usize.saturating_sub(figure.chars().count()));
        row(name, Line::text(gap + &figure).with(role, format!("  {cells}")))
    };
    lines.push(line("answered", ok, Role::FlowOk));
    let reasons = node.reasons.iter().map(|(why, n)| line(why.word(), *n, Role::FlowFail));
    lines.extend(reasons);
    if node.reasons.is_empty() {
        lines.push(line("failed", failed, Role::FlowFail));
    }
    lines
}

/// What it takes of memory, and whether it was killed for taking too much.
fn memory(node: &Node, at: Ns) -> Vec<Line> {
    let Some(memory) = node.memory else { return Vec::new() };
    let megabytes = |bytes: u64| figure((bytes as f64 / 1e5).round() / 10.0);
    let used = match memory.limit {
        Some(limit) => {
            let full = share(memory.used, limit);
            let text = format!("  {} of {} MB", megabytes(memory.used), megabytes(limit));
            gauge(full).with(load::busy(full, Role::Text), text)
        }
        None => Line::text(format!("{} MB", megabytes(memory.used))),
    };
    let mut lines = vec![row("memory", used)];
    if let Some(killed) = memory.killed {
        let ago = age(at.saturating_sub(killed));
        let text = format!("{} times (oom), last {ago} ago", count(u64::from(memory.kills)));
        lines.push(row("killed", Line::of(Role::NodeDown, text)));
    }
    lines
}

fn gauge(share: f64) -> Line {
    let (on, off) = bar(share, GAUGE);
    Line::of(load::busy(share, Role::NodeOk), on).with(Role::Dim, off)
}

/// Nodes with their states, those first that do not serve.
fn members<'a>(
    title: &str,
    nodes: impl Iterator<Item = &'a Node>,
    picture: &Picture,
    component: Option<&Component>,
) -> Vec<Line> {
    let mut nodes: Vec<&Node> = nodes.collect();
    nodes.sort_by_key(|n| serves(n));
    let mut lines = vec![head(title)];
    for node in nodes {
        let (glyph, role) = symbol(node);
        let name = Line::of(role, format!("{glyph} ")).with(Role::Text, node.name.to_string());
        let told = match component {
            Some(component) => short(&sentence(component, node, picture.now)),
            None => state(node, picture.now),
        };
        lines.push(name.padded(16).then(told));
    }
    lines
}

/// A sentence without what its component says already: its first two parts.
fn short(sentence: &Line) -> Line {
    let parts = sentence.bits.iter().position(|bit| bit.text == " · ");
    let bits = sentence.bits.iter().skip(parts.map_or(0, |at| at + 1)).cloned();
    Line { bits: bits.collect() }
}

/// What was done to it, and what it held over time.
fn lately(app: &App) -> Vec<Line> {
    let picture = app.picture();
    let Some(target) = app.selection() else { return Vec::new() };
    let mut lines = past::faults(picture, target);
    let nodes = hits::members(target, picture);
    if !nodes.is_empty() && picture.held.len() > BINS {
        lines.extend(chart("requests held", &nodes, picture, |h| h.used));
        lines.extend(chart("waiting", &nodes, picture, |h| h.waiting));
    }
    lines
}

/// One figure of some nodes together over the last while: a title with its last value, and levels.
fn chart(
    what: &str,
    nodes: &[NodeId],
    picture: &Picture,
    figure: impl Fn(&Held) -> u32,
) -> Vec<Line> {
    let sum = |bin: &std::sync::Arc<[Held]>| -> u64 {
        nodes.iter().filter_map(|n| bin.get(n.index())).map(|h| u64::from(figure(h))).sum()
    };
    let bins: Vec<u64> = picture.held.iter().map(sum).collect();
    // Pairs are taken from the newest, of each the larger: a short peak is not lost.
    let mut cells: Vec<u64> =
        bins.rchunks(BINS).map(|pair| pair.iter().copied().max().unwrap_or(0)).collect();
    cells.reverse();
    let top = cells.iter().copied().max().unwrap_or(0).max(1);
    let role = if what == "waiting" { Role::NodeWarn } else { Role::FlowOk };
    let levels: String = cells.iter().map(|n| level(*n as f64, top as f64)).collect();
    let peak = cells.iter().copied().max().unwrap_or(0);
    vec![
        Line::empty(),
        head(&format!("{what}, last {} s", cells.len()))
            .with(Role::Dim, format!("  max {}", count(peak))),
        Line::of(role, levels),
    ]
}
