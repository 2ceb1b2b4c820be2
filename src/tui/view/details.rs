//! The selection opened: what it holds now, and its settings.

use super::node::{face, of_limit, role, sentence, state};
use super::text::Line;
use super::vitals::load_role;
use crate::session::picture::{Component, Node, Picture};
use crate::sim::time::Ns;
use crate::tui::app::App;
use crate::tui::format::{age, busy, count, figure, rate};
use crate::tui::plan::Target;
use crate::tui::theme::Role;
use crate::tui::widgets::filled;

/// Cells of a gauge.
const GAUGE: u16 = 12;

/// Title and columns.
#[must_use]
pub fn details(app: &App) -> (String, Vec<Vec<Line>>) {
    let picture = app.picture();
    let name = app.selected_name().unwrap_or_default();
    match (app.selected_component(), app.selected_node()) {
        (Some(component), Some(node)) => {
            let title = format!("{name} · {}", sentence_title(component, node, picture));
            (title, vec![now(component, node, picture.now), settings(component)])
        }
        (Some(component), None) => {
            let title = format!("{name} · {}", component.kind);
            (title, vec![members(component, picture), settings(component)])
        }
        _ => (name, vec![link(app)]),
    }
}

fn sentence_title(component: &Component, node: &Node, picture: &Picture) -> String {
    let zone = node.zone.as_ref().map_or(String::new(), |z| format!(" · zone {z}"));
    let since = age(picture.now.saturating_sub(node.since));
    let state = match node.state {
        crate::sim::observation::NodeState::Up => format!("up {since}"),
        _ => state(node, picture.now).plain(),
    };
    format!("{} {}{zone} · {state}", component.kind, component.name)
}

fn head(text: &str) -> Line {
    Line::empty().bold(Role::Accent, text)
}

fn row(name: &str, value: Line) -> Line {
    Line::dim(name).padded(11).then(value)
}

fn now(component: &Component, node: &Node, at: Ns) -> Vec<Line> {
    let mut lines = vec![head("now")];
    lines.push(row(
        "cpu",
        gauge(node.utilisation).with(Role::Text, format!("  {}", busy(node.utilisation))),
    ));
    for (name, pool) in [("threads", node.threads), ("backlog", node.backlog)] {
        if let Some((used, limit)) = pool {
            let share = limit.map_or(0.0, |l| used as f64 / l.max(1) as f64);
            lines.push(row(name, gauge(share).with(Role::Text, "  ").then(of_limit(used, limit))));
        }
    }
    lines.push(row("calls", Line::text(rate(node.rate))));
    lines.push(row("in hand", Line::text(count(node.in_flight))));
    lines.extend(memory(node, at));
    if let Some(role) = role(node) {
        lines.push(row("role", role));
    }
    if let Some(log) = node.log {
        lines.push(row("log", Line::text(count(log))));
    }
    if node.slow > 1.0 {
        lines.push(row("slowed", Line::of(Role::NodeWarn, format!("{}x", figure(node.slow)))));
    }
    if let Some(left) = node.left {
        lines.push(row("fault ends", Line::text(format!("in {}", age(left)))));
    }
    if let Some(belief) = super::node::belief(node) {
        lines.push(row("balancer", Line::of(Role::NodeWarn, belief)));
    }
    if component.nodes.len() == 1 {
        lines.push(row("", Line::empty()));
        lines.extend(face(&component.face).into_iter().map(Line::text));
    }
    lines.push(Line::empty());
    lines.push(head("outcomes, last 10 s"));
    let (ok, failed) = node.outcomes;
    lines.push(row("answered", Line::text(count(ok))));
    let role = if failed > 0 { Role::FlowFail } else { Role::Text };
    lines.push(row("failed", Line::of(role, count(failed))));
    lines
}

/// What it takes of memory, and whether it was killed for taking too much.
fn memory(node: &Node, at: Ns) -> Vec<Line> {
    let Some(memory) = node.memory else { return Vec::new() };
    let megabytes = |bytes: u64| figure((bytes as f64 / 1e5).round() / 10.0);
    let used = match memory.limit {
        Some(limit) => {
            let share = memory.used as f64 / limit.max(1) as f64;
            let text = format!("  {} of {} MB", megabytes(memory.used), megabytes(limit));
            gauge(share).with(load_role(share), text)
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
    let on = filled(share, GAUGE) as usize;
    let role = match load_role(share) {
        Role::Text => Role::NodeOk,
        other => other,
    };
    Line::of(role, "■".repeat(on)).with(Role::Dim, "·".repeat(GAUGE as usize - on))
}

fn members(component: &Component, picture: &Picture) -> Vec<Line> {
    let mut lines = vec![head("now")];
    lines.extend(face(&component.face).into_iter().map(Line::text));
    lines.push(Line::empty());
    lines.push(head("nodes"));
    for node in &component.nodes {
        let (glyph, role) = super::node::symbol(node);
        let name = Line::of(role, format!("{glyph} ")).with(Role::Text, node.name.to_string());
        lines.push(name.padded(16).then(sentence(component, node, picture.now)));
    }
    lines
}

fn settings(component: &Component) -> Vec<Line> {
    let mut lines = vec![head(&format!("settings of {}", component.name))];
    for setting in component.settings.iter() {
        let role = if setting.live { Role::Text } else { Role::Dim };
        let line = Line::of(role, setting.name).padded(20).with(role, &setting.value);
        lines.push(if setting.live { line } else { line.with(Role::Dim, "  at the start") });
    }
    if component.settings.iter().any(|s| s.live) {
        lines.push(Line::empty());
        lines.push(Line::dim(format!("change one:  : set {}.NAME=VALUE", component.name)));
    }
    lines
}

fn link(app: &App) -> Vec<Line> {
    let picture = app.picture();
    let Some(Target::Link(l)) = app.selection() else { return Vec::new() };
    let Some(flow) = picture.flows.get(l) else { return Vec::new() };
    let mut lines = vec![
        head("now"),
        row("calls", Line::text(rate(flow.rate))),
        row(
            "last 0.2 s",
            Line::text(format!("{} answered, {} failed", count(flow.ok), count(flow.failed))),
        ),
        Line::empty(),
        head("to"),
    ];
    let nodes = picture.components.get(flow.to).map_or(&[][..], |c| &c.nodes);
    for (tap, node) in flow.taps.iter().zip(nodes) {
        let mut line =
            Line::text(node.name.to_string()).padded(16).with(Role::Text, rate(tap.rate));
        if tap.failed > 0 {
            line = line.with(Role::FlowFail, format!("  × {} failed", count(tap.failed)));
        }
        if tap.cut > 0 {
            line = line.with(Role::Marker, format!("  ╳ {} of {} cut", tap.cut, tap.links));
        }
        lines.push(line);
    }
    lines
}
