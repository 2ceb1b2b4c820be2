//! What a command would do, before it is run: whom it hits, what these do now, what would be left,
//! who would notice when, and the way back.
//!
//! All of it is arithmetic on what the picture shows and on settings; nothing is run in advance.

mod leaves;
mod notice;

use super::text::Line;
use crate::chaos::units::{print_time, print_value};
use crate::chaos::{Command, setting};
use crate::session::picture::{Component, Face, Node, Picture};
use crate::sim::fault::Change;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::spec::{Limit, Value};
use crate::sim::time::Ns;
use crate::tui::app::hits;
use crate::tui::format::{count, counted, latency, percent, rate};
use crate::tui::plan::Target;
use crate::tui::theme::Role;
use std::collections::BTreeSet;

/// Cells of the word before a line.
pub const WORD: u16 = 11;

/// The lines for a command, or what was expected instead.
#[must_use]
pub fn preview(text: &str, picture: &Picture) -> Vec<Line> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    let bound = match hits::bind(text, picture) {
        Ok(Some(bound)) => bound,
        Ok(None) => return undo(picture),
        Err(expected) => return vec![Line::of(Role::NodeDown, format!("✗ {expected}"))],
    };
    let change = &bound.change;
    let mut lines = Vec::new();
    let mut say = |word: &str, line: Option<Line>| {
        lines.extend(line.map(|line| Line::dim(word).padded(WORD.into()).then(line)));
    };
    say("will hit", will_hit(change, picture));
    say("right now", right_now(change, picture));
    say("leaves", leaves::leaves(change, picture));
    say("noticed", notice::noticed(change, picture));
    let back = match bound.length {
        Some(length) => {
            Some(format!("by itself after {}; u takes it back at once", print_time(length)))
        }
        None => back(change, text, picture),
    };
    say("undo", back.map(Line::text));
    lines
}

/// What `undo` would take back.
fn undo(picture: &Picture) -> Vec<Line> {
    let line = match &picture.undoable {
        Some(command) => Line::text(command.clone()),
        None => Line::dim("nothing: no command can be taken back"),
    };
    vec![Line::dim("takes back").padded(WORD.into()).then(line)]
}

/// Names of what would be hit.
fn will_hit(change: &Change, picture: &Picture) -> Option<Line> {
    if let Change::Set(settings) = change {
        return Some(sets(settings, picture));
    }
    let all = hits::hits(change, picture);
    let name = |t: &Target| hits::name(*t, picture);
    Some(match all.as_slice() {
        [] => Line::dim("nothing: nobody of them is in the picture"),
        [one] => {
            let line = Line::empty().bold(Role::Accent, name(one)?);
            let whose = whose(*one, change, picture).map_or(String::new(), |w| format!("  ({w})"));
            line.with(Role::Dim, whose)
        }
        some => {
            let first: Vec<String> = some.iter().take(4).filter_map(name).collect();
            let more = if some.len() > 4 {
                format!(" and {} more", some.len() - 4)
            } else {
                String::new()
            };
            let line = Line::empty().bold(Role::Accent, first.join(", ") + &more);
            line.with(Role::Dim, format!("  ({})", sum(some)))
        }
    })
}

/// `1 node of 4 in web, zone b`.
fn whose(target: Target, change: &Change, picture: &Picture) -> Option<String> {
    match target {
        Target::Node(c, n) => {
            let component = picture.components.get(c)?;
            let zone = component.nodes.get(n)?.zone.as_ref();
            let zone = zone.map_or(String::new(), |z| format!(", zone {z}"));
            Some(match component.nodes.len() {
                1 => format!("the only node{zone}"),
                all => format!("1 node of {all} in {}{zone}", component.name),
            })
        }
        Target::Component(c) => {
            let nodes = picture.components.get(c)?.nodes.len();
            Some(counted(nodes as u64, "node"))
        }
        Target::Link(_) => {
            let way = one_way(change, picture).unwrap_or("both ways".to_string());
            Some(format!("all of the link, {way}"))
        }
        Target::Tap(..) => Some("one branch of the link".to_string()),
        Target::Zone(_) => None,
    }
}

/// `only from edge to web`, of a change of the network that goes one way.
fn one_way(change: &Change, picture: &Picture) -> Option<String> {
    let pairs: BTreeSet<&(NodeId, NodeId)> = change.pairs().iter().collect();
    let (from, to) = pairs.first()?;
    if pairs.iter().any(|(a, b)| pairs.contains(&(*b, *a))) {
        return None;
    }
    let owner = |node| Some(&picture.components.get(picture.place(node)?.0)?.name);
    Some(format!("only from {} to {}", owner(*from)?, owner(*to)?))
}

/// `4 nodes`, `2 nodes, 3 links`.
fn sum(all: &[Target]) -> String {
    let of = |is: fn(&Target) -> bool| all.iter().filter(|t| is(t)).count() as u64;
    let parts = [
        (of(|t| matches!(t, Target::Node(..))), "node"),
        (of(|t| matches!(t, Target::Component(_))), "component"),
        (of(|t| matches!(t, Target::Link(_) | Target::Tap(..))), "link"),
    ];
    let parts = parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, noun)| counted(n, noun));
    parts.collect::<Vec<_>>().join(", ")
}

/// `web.threads  64 → 128  requests in progress on a node`.
fn sets(settings: &[(ComponentId, &'static str, Value)], picture: &Picture) -> Line {
    let mut line = Line::empty();
    for (i, (id, name, value)) in settings.iter().enumerate() {
        let Some(component) = picture.component(*id) else { continue };
        let now = component.settings.iter().find(|s| s.name == *name).map_or("", |s| &s.value);
        if i > 0 {
            line = line.with(Role::Dim, "; ");
        }
        let then = print_value(value);
        line = line.bold(Role::Accent, format!("{}.{name}", component.name));
        line = if now == then {
            line.with(Role::Text, format!("  {now} as it is"))
        } else {
            line.with(Role::Text, format!("  {now} → {then}"))
        };
        if settings.len() == 1
            && let Ok(row) = setting::row(component.kind, name)
        {
            line = line.with(Role::Dim, format!("  {}", row.about));
        }
    }
    line
}

/// The nodes that a change is about.
pub(super) fn nodes_of<'p>(change: &Change, picture: &'p Picture) -> Vec<(NodeId, &'p Node)> {
    let ids: BTreeSet<NodeId> = change.nodes().iter().copied().collect();
    ids.into_iter().filter_map(|id| Some((id, picture.node(id)?))).collect()
}

/// What those who would be hit do now, and what would become of it.
fn right_now(change: &Change, picture: &Picture) -> Option<Line> {
    let nodes = nodes_of(change, picture);
    let per_s: f64 = nodes.iter().map(|(_, n)| n.rate).sum();
    let in_hand: u64 = nodes.iter().map(|(_, n)| n.in_flight).sum();
    // Of several nodes the calls between them count, too.
    let calls = format!("{} of calls", rate(per_s));
    let load = || format!("{calls}, {} in hand", count(in_hand));
    Some(Line::text(match change {
        Change::Crash(_) | Change::Restart(_) => match in_hand {
            0 => format!("{calls}, none in hand"),
            1 => format!("{}: it would be reset", load()),
            _ => format!("{}: they would be reset", load()),
        },
        Change::PowerOff(_) => format!("{}: their callers would hear nothing", load()),
        Change::Pause(_) => format!("{}: they would wait", load()),
        Change::Slow(_, factor) => format!("{}: new work takes {factor} times as long", load()),
        Change::Error(_, p) => {
            format!("{calls}: {} of them would fail", rate(per_s * p))
        }
        Change::Cut(_) | Change::Delay(..) | Change::Lose(..) => on_links(change, picture)?,
        Change::Traffic(ids, factor) => {
            let now: f64 = ids.iter().filter_map(|c| picture.component(*c)).map(sent).sum();
            format!("{} now, {} then", rate(now), rate(now * factor))
        }
        Change::Promote(ids) => promoted(ids, picture)?,
        Change::Heal(None) => match picture.faults.len() as u64 {
            0 => "no fault is active".to_string(),
            n => format!("{} would end", counted(n, "fault")),
        },
        Change::Heal(Some(_)) | Change::HealLinks(_) => healed(change, picture),
        Change::Flush(ids) => {
            let held = ids.iter().filter_map(|c| picture.component(*c)).map(leaves::held).sum();
            format!("{} would be thrown away", counted(held, "entry"))
        }
        Change::Scale(ids, to) => {
            let nodes = |c: &Component| c.nodes.len() as u64;
            let now: u64 = ids.iter().filter_map(|c| picture.component(*c)).map(nodes).sum();
            format!("{} now, {} then", counted(now, "node"), u64::from(*to) * ids.len() as u64)
        }
        Change::HotKey(hot) => {
            format!(
                "{} of the requests of its class would ask for key {}",
                percent(hot.share),
                hot.key
            )
        }
        Change::Set(_) | Change::Resume(_) | Change::PowerOn(_) => return None,
    }))
}

/// How many faults would end on what is named.
fn healed(change: &Change, picture: &Picture) -> String {
    let targets = hits::hits(change, picture);
    let touched = picture.faults.iter().filter(|f| match change.pairs() {
        [] => targets.iter().any(|t| hits::touches(&f.change, *t, picture)),
        pairs => f.change.pairs().iter().any(|pair| pairs.contains(pair)),
    });
    match touched.count() as u64 {
        0 => "no fault is active there".to_string(),
        n => format!("{} would end there", counted(n, "fault")),
    }
}

/// Requests that users send, per second.
fn sent(component: &Component) -> f64 {
    match component.face {
        Face::Traffic { rate, .. } => rate,
        _ => 0.0,
    }
}

/// What runs on the links now, as far as requests do.
fn on_links(change: &Change, picture: &Picture) -> Option<String> {
    let mut per_s = 0.0;
    for target in hits::hits(change, picture) {
        match target {
            Target::Link(l) => per_s += picture.flows.get(l)?.rate,
            Target::Tap(l, n) => per_s += picture.flows.get(l)?.taps.get(n)?.rate,
            _ => {}
        }
    }
    let what = match change {
        Change::Cut(_) => "what is sent there would not arrive".to_string(),
        Change::Delay(_, base, 0) => {
            format!("each message would take {} longer", print_time(*base))
        }
        Change::Delay(_, base, jitter) => {
            let (base, jitter) = (print_time(*base), print_time(*jitter));
            format!("each message would take {base} ± {jitter} longer")
        }
        Change::Lose(_, p) => {
            format!("{} messages in 1 000 would be sent again", count((p * 1_000.0) as u64))
        }
        _ => String::new(),
    };
    // Those of nodes that are not there yet are meant, too, and nobody calls over them.
    let is_there = |node: &NodeId| picture.place(*node).is_some();
    let pairs = change.pairs().iter().filter(|(from, to)| is_there(from) && is_there(to)).count();
    let directions = counted(pairs as u64, "pair");
    Some(format!("{} of calls between {directions} of nodes: {what}", rate(per_s)))
}

/// How much of the newest log a node lacks that would be promoted.
fn promoted(ids: &[NodeId], picture: &Picture) -> Option<String> {
    let id = ids.first()?;
    let (c, _) = picture.place(*id)?;
    let newest = picture.components.get(c)?.nodes.iter().filter_map(|n| n.log).max()?;
    let missing = newest.saturating_sub(picture.node(*id)?.log?);
    Some(match missing {
        0 => "it has every write that any node has".to_string(),
        n => format!("it lacks {} that another node has: they would be lost", counted(n, "write")),
    })
}

/// The way back, by hand.
fn back(change: &Change, text: &str, picture: &Picture) -> Option<String> {
    let named = |verb: &str| {
        let command = Command::parse(text).ok()?;
        let rest = command.to_string();
        let target = rest.split(' ').nth(1)?;
        Some(format!("u, or  {verb} {target}"))
    };
    let boot = |ids: &[NodeId]| {
        let (c, _) = picture.place(*ids.first()?)?;
        let component = picture.components.get(c)?;
        time(component, "boot").map(latency)
    };
    let booted = |verb: &str, ids: &[NodeId]| {
        let by = named(verb)?;
        Some(boot(ids).map_or(by.clone(), |boot| format!("{by}  ({boot} to boot)")))
    };
    match change {
        Change::Crash(ids) => booted("restart", ids),
        Change::PowerOff(ids) => booted("power_on", ids),
        Change::Pause(_) => named("resume"),
        Change::Slow(..) | Change::Error(..) => named("heal"),
        Change::Cut(_) | Change::Delay(..) | Change::Lose(..) | Change::Traffic(..) => {
            Some("u, or  heal".to_string())
        }
        Change::HotKey(_) => Some("u, or  heal".to_string()),
        Change::Scale(..) => Some("u goes back to as many nodes as there are now".to_string()),
        Change::Set(_) => Some("u goes back to what is set now".to_string()),
        Change::Restart(_)
        | Change::Resume(_)
        | Change::PowerOn(_)
        | Change::Flush(_)
        | Change::Promote(_)
        | Change::Heal(_)
        | Change::HealLinks(_) => Some("cannot be taken back".to_string()),
    }
}

/// The value of a setting of a component, read back from its text.
fn value(component: &Component, name: &str) -> Option<Value> {
    let setting = component.settings.iter().find(|s| s.name == name)?;
    setting::parse(&setting::row(component.kind, name).ok()?, &setting.value).ok()
}

/// A count of a setting.
pub(super) fn number(component: &Component, name: &str) -> Option<u64> {
    match value(component, name)? {
        Value::Count(n) | Value::Limit(Limit::At(n)) => Some(n),
        _ => None,
    }
}

/// A time of a setting.
pub(super) fn time(component: &Component, name: &str) -> Option<Ns> {
    match value(component, name)? {
        Value::Time(t) => Some(t),
        _ => None,
    }
}
