//! Nodes: a row each, a strip of signs, or counts.

use super::Pen;
use super::facts::{Fact, threads as threads_in_words};
use super::states::{State, brief, percent, short, slowed, state, whole};
use crate::session::picture::{Component, Face, Node, Picture, Role as DbRole};
use crate::sim::observation::NodeState;
use crate::tui::format::{figure, still};
use crate::tui::load::{fullest, node_short_of_threads};
use crate::tui::plan::{Fit, Place, Target, strip_width};
use crate::tui::theme::Role;
use crate::tui::view::node::has_unlimited_cores;
use crate::tui::widgets::{fit, fit_start, gauge, width};
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// `◆● web-2 b ■■■■■·· 66%`.
pub(super) fn row(pen: &mut Pen, place: &Place, index: usize, at: Rect) {
    let picture = pen.picture;
    let component = &picture.components[place.component];
    let Some(node) = component.nodes.get(index) else { return };
    let s = state(component, node, picture.now);
    let target = Target::Node(place.component, index);
    pen.mark(at.x, at.y, target);
    let sign = pen.ink(s.role);
    pen.put(at.x + 1, at.y, s.sign, 1, sign);
    let start = at.x + 1;
    let mut x = at.x + 3;
    let room = name_room(component, place.fit);
    let style = pen.ink(if pen.selected(target) { Role::Accent } else { name_role(&s) });
    pen.put(x, at.y, &name(component, node, place.fit, room), room, style);
    x += room + 1;
    if place.fit.zones
        && component.nodes.iter().any(|n| n.zone != component.nodes[0].zone)
        && let Some(zone) = &node.zone
    {
        let style = pen.ink(Role::Dim);
        pen.put(x, at.y, &fit(zone, 1), 1, style);
        x += 2;
    }
    let long = place.fit.long && matches!(component.face, Face::Service { .. });
    if long {
        let style = pen.ink(Role::Dim);
        pen.put_right(x + 7, at.y, &per_second(node), style);
        x += 8;
    }
    let busy = pen.level(place.component, index, fullest(component, node));
    let at = Rect { x, width: at.right().saturating_sub(x), ..at };
    slot(pen, component, long, (node, busy), &s, at);
    if s.role == Role::DataBad {
        // In one piece: what stands between sign and word, too.
        let end = at.x + (width(s.word) as u16).min(at.width);
        pen.inverse(start, at.y, end - start, s.role);
    }
}

/// `500/s`.
fn per_second(node: &Node) -> String {
    format!("{}/s", figure(node.rate))
}

fn name_role(s: &State) -> Role {
    match s.rank {
        3 => s.role,
        _ => Role::Text,
    }
}

fn name_room(component: &Component, fit: Fit) -> u16 {
    crate::tui::plan::node_name_width(component, fit)
}

fn name(component: &Component, node: &Node, fit: Fit, room: u16) -> String {
    if fit.names || component.nodes.len() == 1 && width(&node.name) <= room as usize {
        fit_start(&node.name, room as usize)
    } else {
        format!("-{}", node.number)
    }
}

/// The right part of a row: a gauge with its figure, or what is the matter.
fn slot(
    pen: &mut Pen,
    component: &Component,
    long: bool,
    (node, role): (&Node, Role),
    s: &State,
    at: Rect,
) {
    if matches!(component.face, Face::Database { .. }) {
        database(pen, component, (node, role), s, at);
        return;
    }
    if !s.word.is_empty() {
        words(pen, node, s, at);
        return;
    }
    if threads(pen, component, (node, role), at) {
        return;
    }
    if has_unlimited_cores(component) && !slowed(node) {
        // There is no share to be told: what it does is, if that is not told before.
        let style = pen.ink(Role::Text);
        if !long {
            pen.put_right(at.right(), at.y, &fit(&per_second(node), at.width.into()), style);
        }
        return;
    }
    let figure = percent(node.utilisation);
    let style = pen.ink(if role == Role::NodeOk { Role::Text } else { role });
    pen.put_right(at.right(), at.y, &figure, style);
    let cells = at.width.saturating_sub(4);
    let factor = format!("x{}", crate::tui::format::figure(node.slow));
    let forms = [format!("slow {factor}"), factor];
    match forms.iter().find(|f| slowed(node) && width(f) <= cells as usize) {
        Some(text) => {
            let style = pen.ink(Role::NodeWarn);
            pen.put(at.x, at.y, text, cells, style);
        }
        // Also where there is no room for the factor: the sign of the node tells of it.
        None => bar(pen, node.utilisation, role, (at.x, at.y), cells),
    }
}

/// `threads 64/64`, where these are what is short, if there is room for it.
fn threads(pen: &mut Pen, component: &Component, (node, role): (&Node, Role), at: Rect) -> bool {
    let short = node_short_of_threads(component, node);
    let Some(short) = short.filter(|_| !slowed(node)) else { return false };
    let forms = threads_in_words(short);
    let fitting = forms.iter().find(|form| width(form) <= at.width.into());
    if let Some(text) = fitting {
        let style = pen.ink(role);
        pen.put(at.x, at.y, text, at.width, style);
    }
    fitting.is_some()
}

fn bar(pen: &mut Pen, share: f64, role: Role, at: (u16, u16), cells: u16) {
    let (on, off) = (pen.ink(role), pen.ink(Role::Dim));
    let at = (pen.area.x + at.0, pen.area.y + at.1);
    gauge(share, at, cells, on, off, pen.buf);
}

/// The word for a state, for how long, and what is known of its end, as much as fits.
fn words(pen: &mut Pen, node: &Node, s: &State, at: Rect) {
    let style = pen.ink(s.word_role);
    let room = at.width as usize;
    let times = s.time.map(|t| [brief(t, false), whole(t)]).unwrap_or_default();
    let checks = node.checks.filter(|_| s.word == "unseen");
    let ends = [
        checks.map(|(missed, fall)| format!(" · {missed} of {fall} checks missed")),
        checks.map(|(missed, fall)| format!(" · {missed} of {fall}")),
        node.left.map(|left| format!(" · {} left", brief(still(left), false))),
    ];
    let long = ends.iter().flatten().map(|end| format!("{} {}{end}", s.word, times[0]));
    let long = long.filter(|_| !times[0].is_empty());
    let short_forms =
        times.iter().filter(|t| !t.is_empty()).map(|time| format!("{} {time}", s.word));
    let forms = long.chain(short_forms);
    let bare = if width(s.word) <= room { s.word } else { short(s.word) };
    let text = forms.into_iter().find(|f| width(f) <= room).unwrap_or(bare.to_string());
    pen.put(at.x, at.y, &fit(&text, room), at.width, style);
}

/// Role and figure of a node of a database.
fn database(
    pen: &mut Pen,
    component: &Component,
    (node, busy): (&Node, Role),
    s: &State,
    at: Rect,
) {
    let is_limited = !has_unlimited_cores(component);
    let style = pen.ink(s.word_role);
    let value = match node.role {
        // A process that does not run has no lag: what is told is how long already, or still.
        _ if node.state != NodeState::Up => brief(s.time.unwrap_or(0), false),
        Some(DbRole::Promoting(share)) => percent(share),
        Some(DbRole::Replica(lag)) => brief(lag, true),
        Some(DbRole::Primary) if s.time.is_none() && is_limited => percent(node.utilisation),
        Some(DbRole::Primary) if s.time.is_none() => per_second(node),
        _ => s.time.map(|t| brief(t, false)).unwrap_or_default(),
    };
    pen.put(at.x, at.y, &fit(s.word, at.width as usize), at.width, style);
    let primary = node.role == Some(DbRole::Primary) && s.time.is_none();
    let figure = match busy {
        _ if !primary => s.word_role,
        Role::NodeOk => Role::Text,
        role => role,
    };
    let figure = match figure {
        Role::Replica => Role::Text,
        role => role,
    };
    let style = pen.ink(figure);
    pen.put_right(at.right(), at.y, &value, style);
    let start = at.x + 10;
    let cells = at.right().saturating_sub(start + 5);
    if primary && is_limited && cells >= 3 {
        bar(pen, node.utilisation, busy, (start, at.y), cells);
    }
}

/// One sign for each node.
pub(super) fn strip(pen: &mut Pen, component: usize, x: u16, y: u16) {
    let picture = pen.picture;
    let c = &picture.components[component];
    for (i, node) in c.nodes.iter().enumerate() {
        let s = state(c, node, picture.now);
        let mut style = pen.ink(s.role);
        if pen.selected(Target::Node(component, i)) {
            style = pen.ink(Role::Accent).add_modifier(Modifier::REVERSED);
        }
        pen.put(x + strip_width(i + 1) - 1, y, s.sign, 1, style);
    }
}

/// `✗ 2  ◐ 1  ● 97`, the worst first.
pub(super) fn counts(pen: &mut Pen, component: usize, x: u16, y: u16, cells: u16) {
    let picture = pen.picture;
    let of = &picture.components[component];
    let mut kinds: Vec<(State, usize)> = Vec::new();
    for node in &of.nodes {
        let found = state(of, node, picture.now);
        match kinds.iter_mut().find(|(k, _)| k.sign == found.sign) {
            Some((_, n)) => *n += 1,
            None => kinds.push((found, 1)),
        }
    }
    kinds.sort_by_key(|(s, _)| std::cmp::Reverse(s.rank));
    let wide = cells >= 14;
    let (mut cursor, end) = (x, x + cells);
    for (s, n) in kinds {
        let text = if wide { format!("{} {n}  ", s.sign) } else { format!("{}{n} ", s.sign) };
        let style = pen.ink(s.role);
        cursor += pen.put(cursor, y, &text, end.saturating_sub(cursor), style);
    }
}

/// Names of the worst nodes and what is the matter with them; how busy all are where all is well.
pub(super) fn worst(picture: &Picture, c: &Component) -> Fact {
    let states = || c.nodes.iter().map(|n| (n, state(c, n, picture.now)));
    let rank = states().map(|(_, s)| s.rank).max().unwrap_or(0);
    let Some((_, first)) = states().find(|(_, s)| rank > 1 && s.rank == rank) else {
        return super::facts::brief(picture, c);
    };
    let bad: Vec<usize> = states().filter(|(_, s)| s.rank == rank).map(|(n, _)| n.number).collect();
    let names: Vec<String> = bad.iter().take(3).map(|n| format!("-{n}")).collect();
    let more = if bad.len() > 3 { " …" } else { "" };
    let names = format!("{}{more}", names.join(" "));
    Fact::new(first.word_role, [format!("{names} {}", first.word), names])
        .signed(first.sign, first.role)
}
