//! Composing the picture of a session: a pure function of it, for the present as for the past.

mod components;
mod failovers;
mod flows;
mod messages;
mod played;
mod sides;
mod vitals;

use super::Session;
use super::picture::{Bin, Fault, Heat, Line, Marker, Phase, Picture, Truth};
use crate::observe::BIN;
use crate::observe::now::Now;
use crate::observe::risk::{at_risk, log_end};
use crate::observe::where_time;
use crate::observe::why::why;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::Outcome;
use crate::sim::reading::PartReading;
use crate::sim::spec::{Options, Prefer};
use crate::sim::time::Ns;
use std::sync::Arc;

/// Bins that a picture holds, the open one beside them: five minutes.
const BINS: usize = 600;
/// Bins for which a picture holds what each node held: 36 s, what a pane of details has room for.
const HELD: usize = 72;
/// Lines of the log of events that a picture holds.
const LINES: usize = 200;
/// Commands that a picture marks on its time axis.
const MARKERS: usize = 200;

/// The picture of a session now.
pub(super) fn picture(session: &Session) -> Picture {
    let now = Now::new(&session.world, &session.observers);
    Picture {
        cluster: session.playbook.cluster.name.as_str().into(),
        seed: session.seed,
        now: now.at,
        topology: session.world.topology().clone(),
        components: components::components(session, &now),
        flows: flows::flows(&session.flows, &now),
        messages: messages::messages(&session.flows, &now),
        failovers: failovers::failovers(&now),
        vitals: vitals::vitals(&now),
        chart: Arc::new(chart(&now)),
        held: now.observers.series().newest(HELD).map(|bin| bin.nodes.clone()).collect(),
        markers: markers(session),
        faults: faults(session),
        events: now.observers.log().newest(LINES).cloned().collect::<Vec<Line>>(),
        truth: truth(&now),
        why: why(&now),
        where_time: where_time::lately(&now),
        pools: where_time::pools(&now),
        played: played::played(session),
        undoable: session.undoable_text(),
    }
}

/// The newest bins, the open one last.
fn chart(now: &Now<'_>) -> Vec<Bin> {
    let closed = now.observers.series().newest(BINS).map(|bin| Bin {
        start: bin.start,
        filled: 1.0,
        offered: bin.total.offered,
        ok: bin.total.ok(),
        failed: bin.total.bad(),
        p99: bin.p99,
        p50: bin.p50,
        heat: bin.heat,
        timed_out: bin.total.of(Outcome::Timeout),
    });
    let mut bins: Vec<Bin> = closed.collect();
    let (start, open) = now.observers.open_bin();
    let latency = now.observers.latency(None, 0);
    bins.push(Bin {
        start,
        filled: (now.at - start) as f64 / BIN as f64,
        offered: open.offered,
        ok: open.ok(),
        failed: open.bad(),
        p99: latency.quantile(0.99),
        p50: latency.quantile(0.5),
        heat: Heat::of(&latency),
        timed_out: open.of(Outcome::Timeout),
    });
    bins
}

fn markers(session: &Session) -> Vec<Marker> {
    let entries = &session.log[session.log.len().saturating_sub(MARKERS)..];
    let ended = |e: &super::Entry| match e.injected {
        super::Injected::Fault(id) => session.world.faults().get(id.0 as usize)?.ended,
        super::Injected::Done | super::Injected::Nothing => None,
    };
    let marker = |e: &super::Entry| Marker {
        at: e.at,
        text: e.command.with_length(None).to_string(),
        change: e.change.clone(),
        ended: ended(e),
    };
    entries.iter().map(marker).collect()
}

fn faults(session: &Session) -> Vec<Fault> {
    let active = session.world.active_faults();
    active
        .map(|f| {
            let by = super::Injected::Fault(f.id);
            let entry = session.log.iter().rev().find(|e| e.injected == by);
            let response = session.observers.responses().of(f.id);
            let (text, verb) = match entry {
                Some(e) => (e.command.with_length(None).to_string(), e.command.verb()),
                None => (String::new(), ""),
            };
            Fault {
                text,
                verb,
                change: f.change.clone(),
                since: f.start,
                until: f.until,
                touched_requests: f.touched_requests,
                touched_messages: f.touched_messages,
                touched_nodes: f.touched_nodes,
                detected: response.and_then(|r| r.detected),
                recovered: response.and_then(|r| r.recovered),
            }
        })
        .collect()
}

/// What became of data.
pub(super) fn truth(now: &Now<'_>) -> Truth {
    let ledger = now.observers.ledger();
    let databases = now.components().filter(|(id, _)| now.info(*id).kind == "database");
    let databases: Vec<ComponentId> = databases.map(|(id, _)| id).collect();
    Truth {
        acknowledged: ledger.acknowledged_writes(),
        lost: ledger.lost(),
        at_risk: databases.iter().map(|d| at_risk(now, *d)).sum(),
        stale: ledger.stale_reads(),
        stale_per_s: now.stale(now.second()) as f64 / now.second().seconds,
        doubled: Some(ledger.doubled()),
        unpublished: ledger.unpublished(),
        conflicts: conflicts(now),
        split_brain: now.observers.roles().split_brain(now.at),
        logs: databases.first().map_or(Vec::new(), |d| logs(now, *d)),
    }
}

/// Conflicts arise where a database merges: elsewhere nobody need count them.
fn conflicts(now: &Now<'_>) -> Option<u64> {
    let merges =
        |o: &Options| matches!(o, Options::Database(o) if o.prefer == Prefer::Availability);
    let count = now.observers.ledger().conflicts();
    (count > 0 || now.components().any(|(_, options)| merges(options))).then_some(count)
}

fn logs(now: &Now<'_>, database: ComponentId) -> Vec<u64> {
    let nodes = now.info(database).nodes();
    nodes.map(|n| log_end(now, n).map_or(0, |log| log.position)).collect()
}

/// Where the failover of a database stands, if one is going on.
fn phase(now: &Now<'_>, watchers: ComponentId, database: ComponentId) -> Option<Phase> {
    let failovers = now.observers.failovers();
    match failovers.newest(database).filter(|f| f.is_open()) {
        Some(f) => Some(match (f.elected, f.due) {
            (Some(elected), Some(due)) => Phase::Promoting(passed(now.at, elected, due)),
            _ => Phase::Electing,
        }),
        None => failovers.missed_since(database).map(|_| {
            let misses =
                |n: &NodeId| matches!(now.node(*n).part, PartReading::Watcher { missed: 1.., .. });
            let missing = now.up(watchers).filter(misses).count();
            Phase::Detecting { missing, of: now.info(watchers).nodes().count() }
        }),
    }
}

/// How much of a span has passed, 0 to 1.
fn passed(at: Ns, from: Ns, to: Ns) -> f64 {
    let whole = to.saturating_sub(from).max(1);
    (at.saturating_sub(from) as f64 / whole as f64).min(1.0)
}
