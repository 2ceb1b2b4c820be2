//! Links: what is measured on them moves along them.
//!
//! Density is the rate, colour the outcome of the last 0.2 s; nothing moves where no call ended in
//! that time, nor beyond a cut. Where only some of the links from node to node are cut, the piece
//! says how many. Corners and
//! junctions keep their light shape: pulses are seen on straight cells.

use super::trouble::{self, Unwritten, cut_of, own_cells};
use super::{Pen, messages};
use crate::session::picture::Tap;
use crate::tui::format::rate as rate_text;
use crate::tui::plan::{Leg, Link, Owner, Plan, Target, Wire, glyph, is_level, is_upright};
use crate::tui::theme::Role;
use ratatui::style::Style;

/// A multiple of all distances between pulses, larger than every distance from a source.
const WHOLE: u64 = 12 * 10_000;
/// Failures are spread in so many steps, so that a small change does not move all of them.
const STEPS: u64 = 16;
/// Up to that many cells a piece of a link is short.
const SHORT: usize = 2;

/// What runs through a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Load {
    rate: f64,
    ok: u64,
    failed: u64,
}

/// Draws them, and gives back what had no room to be told on them.
pub(super) fn draw(pen: &mut Pen, plan: &Plan) -> Vec<Unwritten> {
    let fixed: Vec<Vec<Fixed>> = plan.links.iter().map(|link| fixed(pen, plan, link)).collect();
    for wire in &plan.wires {
        cell(pen, wire, &fixed);
    }
    let mut left = Vec::new();
    for link in &plan.links {
        left.extend(trouble::draw(pen, plan, link));
        chosen(pen, plan, link);
    }
    if slow(pen) {
        messages::draw(pen, plan);
    } else if !pen.look.motion {
        for link in &plan.links {
            label(pen, plan, link);
        }
    }
    left
}

/// Whether time runs so slowly that messages are seen one by one.
fn slow(pen: &Pen) -> bool {
    pen.look.motion && pen.look.speed <= messages::SLOW + f64::EPSILON
}

/// What stands still on a piece of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Fixed {
    /// Distance from the source at which the sign of a cut stands, through which nothing comes.
    at: Option<u16>,
    /// Where a branch is so short that a failure would only blink: the failure's place.
    short: Option<u16>,
}

fn fixed(pen: &Pen, plan: &Plan, link: &Link) -> Vec<Fixed> {
    let forks = link.legs.len() > 1;
    let one = |(i, leg): (usize, &Leg)| {
        let Some(flow) = pen.picture.flows.get(link.flow) else { return Fixed::default() };
        let own = own_cells(plan, link, i);
        let middle = own.get(own.len() / 2).map(|w| w.owners[0].at);
        let short = middle.filter(|_| own.len() <= SHORT);
        let (cut, links) = cut_of(pen, flow, leg, forks);
        if cut == 0 || cut < links {
            return Fixed { short, ..Fixed::default() };
        }
        Fixed { at: middle.or(leg.cells.last().map(|c| c.2)), short }
    };
    link.legs.iter().enumerate().map(one).collect()
}

/// The sign of the selection, in the middle of a link or of a branch.
fn chosen(pen: &mut Pen, plan: &Plan, link: &Link) {
    let forks = link.legs.len() > 1;
    for (i, leg) in link.legs.iter().enumerate() {
        let target = match leg.node.filter(|_| forks && i > 0) {
            Some(node) => Target::Tap(link.flow, node),
            None => Target::Link(link.flow),
        };
        if !pen.selected(target) {
            continue;
        }
        let own: Vec<&Wire> = own_cells(plan, link, i).into_iter().filter(|w| !w.arrow).collect();
        let middle = own.get(own.len() / 2).map(|w| (w.x, w.y));
        let any = leg.cells.get(leg.cells.len() / 2).map(|c| (c.0, c.1));
        if let Some((x, y)) = middle.or(any) {
            pen.mark(x, y, target);
        }
    }
}

fn cell(pen: &mut Pen, wire: &Wire, fixed_at: &[Vec<Fixed>]) {
    let marked = wire.owners.iter().any(|o| {
        let branch = o.node.filter(|_| o.leg > 0).map(|n| Target::Tap(o.link, n));
        pen.selected(Target::Link(o.link)) || branch.is_some_and(|branch| pen.selected(branch))
    });
    let idle = pen.ink(if marked { Role::Accent } else { Role::LinkIdle });
    let cut =
        |o: &Owner| fixed_at.get(o.link).and_then(|c| c.get(o.leg)).copied().unwrap_or_default();
    // An arrow that several links share is cut only if all of them are.
    if !wire.owners.is_empty() && wire.owners.iter().all(|o| cut(o).at == Some(o.at)) {
        let style = pen.ink(Role::Marker);
        pen.put(wire.x, wire.y, "╳", 1, style);
        return;
    }
    let through = |o: &&Owner| cut(o).at.is_none_or(|at| o.at <= at);
    let open: Vec<&Owner> = wire.owners.iter().filter(through).collect();
    let load = open.iter().map(|o| load(pen, o)).fold(Load::default(), add);
    if wire.arrow {
        let style = arrow(pen, load, idle);
        pen.put(wire.x, wire.y, if wire.back { "◂" } else { "▸" }, 1, style);
        return;
    }
    let lost = load.failed > 0 && load.ok == 0;
    let still = open.first().is_some_and(|o| cut(o).short == Some(o.at)) && lost;
    let pulse = match open.first() {
        Some(_) if still => Some(true),
        Some(o) => pulse(pen, load, o.at),
        None => None,
    };
    let straight = is_level(wire) || is_upright(wire);
    match pulse.filter(|_| straight) {
        Some(true) => {
            let style = pen.ink(Role::FlowFail);
            pen.put(wire.x, wire.y, "×", 1, style);
        }
        Some(false) => {
            let style = if marked { idle } else { pen.ink(Role::FlowOk) };
            let glyph = if is_level(wire) { "━" } else { "┃" };
            pen.put(wire.x, wire.y, glyph, 1, style);
        }
        None => {
            pen.put(wire.x, wire.y, glyph(wire.open), 1, idle);
        }
    }
}

fn arrow(pen: &Pen, load: Load, idle: Style) -> Style {
    match load {
        Load { ok: 0, failed: 1.., .. } => pen.ink(Role::FlowFail),
        Load { ok: 1.., .. } => pen.ink(Role::FlowOk),
        _ => idle,
    }
}

fn load(pen: &Pen, owner: &Owner) -> Load {
    let Some(flow) = pen.picture.flows.get(owner.link) else { return Load::default() };
    if owner.leg == 0 {
        return Load { rate: flow.rate, ok: flow.ok, failed: flow.failed };
    }
    // Branches stand in the order of the nodes that are used; the plan keeps which.
    let tap = owner.node.and_then(|n| flow.taps.get(n)).copied();
    tap.map_or(Load::default(), |Tap { rate, ok, failed, .. }| Load { rate, ok, failed })
}

fn add(a: Load, b: Load) -> Load {
    Load { rate: a.rate + b.rate, ok: a.ok + b.ok, failed: a.failed + b.failed }
}

/// Whether a pulse is in a cell now, and whether it failed.
fn pulse(pen: &Pen, load: Load, at: u16) -> Option<bool> {
    if load.ok + load.failed == 0 || slow(pen) {
        return None;
    }
    let every = spacing(load, pen.look.scale)?;
    let phase = if pen.look.motion { pen.look.phase } else { 0 };
    let ahead = phase + WHOLE - u64::from(at);
    if !ahead.is_multiple_of(every) {
        return None;
    }
    let n = ahead / every % STEPS;
    let share = failures(load);
    Some((n + 1) * share / STEPS > n * share / STEPS)
}

/// Cells from one pulse to the next; `None` for a link on which hardly anything runs.
fn spacing(load: Load, scale: u64) -> Option<u64> {
    // Steps as of a cluster with 2 000 requests per second.
    let rate = (load.rate.max(0.0) * 2_000.0) as u64 / scale.max(1);
    match rate {
        0..20 if load.failed > 0 => Some(6),
        0..20 => None,
        20..150 => Some(6),
        150..400 => Some(4),
        400..1_200 => Some(3),
        _ => Some(2),
    }
}

/// Failed of all, in steps: none only if none failed, all only if all did.
fn failures(load: Load) -> u64 {
    match load.ok + load.failed {
        _ if load.failed == 0 => 0,
        _ if load.ok == 0 => STEPS,
        all => ((load.failed * STEPS + all / 2) / all).clamp(1, STEPS - 1),
    }
}

/// The rate of a link, written on its longest level run.
fn label(pen: &mut Pen, plan: &Plan, link: &Link) {
    let Some(flow) = pen.picture.flows.get(link.flow) else { return };
    let text = format!(" {} ", rate_text(flow.rate));
    let long = text.chars().count() as u16;
    let (mut best, mut run) = ((0, 0, 0), (0, 0, 0));
    for &(x, y, _) in link.legs.iter().take(1).flat_map(|l| &l.cells) {
        let own = plan.wire(x, y).is_some_and(|w| is_level(w) && w.owners.len() == 1 && !w.arrow);
        run = match run {
            (start, row, n) if own && n > 0 && row == y => (start, row, n + 1),
            _ if own => (x, y, 1),
            _ => (0, 0, 0),
        };
        if run.2 > best.2 {
            best = run;
        }
    }
    if best.2 >= long + 2 {
        let style = pen.ink(Role::Dim);
        pen.put(best.0 + (best.2 - long) / 2, best.1, &text, long, style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_failures_is_one_pulse_in_four() {
        let load = Load { rate: 2_000.0, ok: 300, failed: 100 };
        let share = failures(load);
        let failed = (0..STEPS).filter(|n| (n + 1) * share / STEPS > n * share / STEPS).count();
        assert_eq!(failed, 4);
        assert_eq!(failures(Load { ok: 10_000, failed: 1, ..load }), 1);
        assert_eq!(failures(Load { ok: 1, failed: 10_000, ..load }), STEPS - 1);
    }

    #[test]
    fn density_is_the_rate() {
        let at = |rate| spacing(Load { rate, ok: 1, failed: 0 }, 2_000);
        assert_eq!(
            [19.0, 20.0, 380.0, 608.0, 1_600.0].map(at),
            [None, Some(6), Some(4), Some(3), Some(2)]
        );
        let large = spacing(Load { rate: 19_000.0, ok: 1, failed: 0 }, 200_000);
        assert_eq!(large, Some(4));
    }
}
