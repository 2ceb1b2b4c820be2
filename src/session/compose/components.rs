//! Components and their nodes.

use super::{passed, phase, sides};
use crate::chaos::units::print_value;
use crate::observe::now::Now;
use crate::observe::tally::NodeTally;
use crate::session::Session;
use crate::session::picture::{Component, Face, Node, Origin, Role, Setting};
use crate::sim::id::{ComponentId, NodeId, ZoneId};
use crate::sim::observation::Outcome;
use crate::sim::reading::{BackendReading, NodeReading, PartReading, ResourceReading};
use crate::sim::spec::{BalancerOptions, Limit, Options, Row, Value};
use crate::sim::time::SECOND;
use std::sync::Arc;

/// All components in file order.
pub(super) fn components(session: &Session, now: &Now<'_>) -> Vec<Component> {
    let beliefs = beliefs(now);
    let zones: Vec<Arc<str>> =
        now.world.topology().zones.iter().map(|z| z.as_str().into()).collect();
    let component = |(id, options): (ComponentId, &Options)| {
        let spec = &session.playbook().cluster.components[id.index()];
        let nodes = now.info(id).nodes().map(|n| node(now, n, options, &beliefs, &zones));
        let component = Component {
            name: spec.name.as_str().into(),
            kind: options.kind(),
            face: face(now, id, options),
            nodes: nodes.collect(),
            settings: Arc::new(settings(options, &spec.options)),
        };
        sides::mark(now, id, component)
    };
    now.components().map(component).collect()
}

/// Settings now, beside those of the file and the defaults.
fn settings(options: &Options, file: &Options) -> Vec<Setting> {
    let default = Options::of_kind(options.kind());
    let one = |row: &Row| {
        let (now, start) = (options.get(row.name), file.get(row.name));
        let origin = match () {
            () if now != start => Origin::Set,
            () if now == default.as_ref().and_then(|d| d.get(row.name)) => Origin::Default,
            () => Origin::File,
        };
        let text = |v: Option<Value>| v.map_or(String::new(), |v| print_value(&v));
        let (value, file) = (text(now), text(start));
        Setting { name: row.name, value, live: row.live, file, origin }
    };
    options.settings().iter().map(one).collect()
}

/// What the balancers that are up believe of a node.
#[derive(Clone, Copy)]
struct Belief {
    healthy: bool,
    failed: u32,
    fall: u32,
}

/// By node: what balancers believe of it, the worst of all.
fn beliefs(now: &Now<'_>) -> Vec<Option<Belief>> {
    let mut beliefs: Vec<Option<Belief>> = vec![None; now.world.topology().nodes.len()];
    for edge in now.edges() {
        let fall = u32::try_from(edge.options.health.fall).unwrap_or(u32::MAX);
        for b in edge.backends {
            let failed = if b.healthy { b.contradicting.min(fall) } else { fall };
            let known = beliefs[b.node.index()];
            beliefs[b.node.index()] = Some(Belief {
                healthy: b.healthy && known.is_none_or(|k| k.healthy),
                failed: failed.max(known.map_or(0, |k| k.failed)),
                fall: fall.max(known.map_or(0, |k| k.fall)),
            });
        }
    }
    beliefs
}

fn limit(limit: Limit) -> Option<u64> {
    match limit {
        Limit::At(n) => Some(n),
        Limit::Unlimited => None,
    }
}

fn face(now: &Now<'_>, id: ComponentId, options: &Options) -> Face {
    let second = now.second();
    let calls = now.calls_to(id, second);
    let ended = calls.ended() as f64 / second.seconds;
    match options {
        Options::Traffic(o) => {
            Face::Traffic { rate: arrivals(now, id), users: o.users, timeout: o.timeout }
        }
        Options::Balancer(o) => balancer(now, id, o, ended),
        Options::Service(o) => {
            Face::Service { utilisation: now.load_of(id), cores: limit(o.cores) }
        }
        Options::Cache(o) => Face::Cache {
            hit_ratio: calls.hit_ratio(),
            rate: (calls.hits + calls.misses) as f64 / second.seconds,
            entries: entries(now, id),
            capacity: limit(o.capacity),
            enabled: o.enabled,
        },
        Options::Database(o) => database(now, id, o.ack.word()),
        Options::Failover(o) => {
            let of = now.observers.watched_by(id).unwrap_or(id);
            Face::Failover { of: of.index(), fencing: o.fencing, phase: phase(now, id, of) }
        }
        Options::Queue(o) => queue(now, id, limit(o.limit)),
        Options::Workers(_) => {
            Face::Workers { utilisation: now.load_of(id), stuck: stuck(now, id) }
        }
    }
}

/// Entries of all nodes of a cache.
fn entries(now: &Now<'_>, id: ComponentId) -> u64 {
    let of = |part: &PartReading| match *part {
        PartReading::Cache { entries } => entries,
        _ => 0,
    };
    now.info(id).nodes().map(|n| of(&now.node(n).part)).sum()
}

/// Arrivals per second. Where there are several components of users, by the calls that they made.
fn arrivals(now: &Now<'_>, id: ComponentId) -> f64 {
    let second = now.second();
    let users = now.components().filter(|(_, o)| matches!(o, Options::Traffic(_))).count();
    if users == 1 {
        return now.requests(second).offered as f64 / second.seconds;
    }
    calls_from(now, id) as f64 / second.seconds
}

/// Calls in the last second that a component's nodes made.
fn calls_from(now: &Now<'_>, id: ComponentId) -> u64 {
    let second = now.second();
    let links = now.observers.ends().iter().enumerate();
    let of = links.filter(|(_, (from, _))| now.component(*from) == id);
    of.map(|(link, _)| now.link(link, second)).map(|(ok, failed)| ok + failed).sum()
}

fn balancer(now: &Now<'_>, id: ComponentId, options: &BalancerOptions, rate: f64) -> Face {
    let mut seen: Vec<BackendReading> = Vec::new();
    for node in now.info(id).nodes() {
        if let PartReading::Balancer { backends, .. } = &now.node(node).part {
            seen.extend(backends);
        }
    }
    Face::Balancer {
        policy: options.policy.word(),
        sees_up: seen.iter().filter(|b| b.healthy).count(),
        backends: seen.len(),
        wrong: seen.iter().filter(|b| b.healthy != now.is_up(b.node)).count(),
        rate,
        every: options.health.every,
        fall: options.health.fall,
    }
}

fn database(now: &Now<'_>, id: ComponentId, ack: &'static str) -> Face {
    let epoch = |n: NodeId| match now.node(n).part {
        PartReading::Database { epoch, .. } => epoch,
        _ => 0,
    };
    let (reads, writes) = reads_and_writes(now, id);
    Face::Database {
        ack,
        epoch: now.info(id).nodes().map(epoch).max().unwrap_or(0),
        primaries: now.observers.roles().holders(id).len(),
        reads,
        writes,
        failover: now.observers.watcher_of(id).map(ComponentId::index),
    }
}

/// Writes are what its newest log grew by; the other calls that were answered were reads.
fn reads_and_writes(now: &Now<'_>, id: ComponentId) -> (f64, f64) {
    let second = now.second();
    let calls = now.calls_to(id, second).answered();
    let writes = now.acknowledged(id, second).min(calls);
    ((calls - writes) as f64 / second.seconds, writes as f64 / second.seconds)
}

fn queue(now: &Now<'_>, id: ComponentId, limit: Option<u64>) -> Face {
    let second = now.second();
    let mut sum = (0, 0, 0, 0);
    for node in now.info(id).nodes() {
        if let PartReading::Queue { waiting, in_hand, dead_letters, lost, .. } = now.node(node).part
        {
            sum = (sum.0 + waiting + in_hand, sum.1 + in_hand, sum.2 + dead_letters, sum.3 + lost);
        }
    }
    let (depth, in_hand, dead_letters, lost) = sum;
    let published: u64 = now.info(id).nodes().map(|n| now.published(n, second)).sum();
    let oldest = now.info(id).nodes().filter_map(|n| match now.node(n).part {
        PartReading::Queue { oldest, .. } => oldest,
        _ => None,
    });
    Face::Queue {
        depth,
        limit,
        in_hand,
        dead_letters,
        lost,
        rate: published as f64 / second.seconds,
        oldest: oldest.min().map(|at| now.at.saturating_sub(at)),
    }
}

/// Workers with messages in hand, of whom none has computed or got an answer in the last second.
fn stuck(now: &Now<'_>, id: ComponentId) -> bool {
    let second = now.second();
    let busy = now.utilisation_of(id, second).is_some_and(|u| u > 0.001);
    let links = now.observers.ends().iter().enumerate();
    let mut own = links.filter(|(_, (from, _))| now.component(*from) == id);
    let answered = own.any(|(link, _)| now.link(link, second).0 > 0);
    let in_hand: u32 = now.up(id).map(|n| now.node(n).in_flight).sum();
    now.at >= SECOND && in_hand > 0 && !busy && !answered
}

fn node(
    now: &Now<'_>,
    id: NodeId,
    options: &Options,
    beliefs: &[Option<Belief>],
    zones: &[Arc<str>],
) -> Node {
    let (info, reading) = (&now.world.topology().nodes[id.index()], now.node(id));
    let belief = beliefs[id.index()];
    let last = now.calls(id, now.second());
    let ten = now.calls(id, now.span(10 * SECOND));
    Node {
        name: now.name(id).into(),
        number: usize::from(info.number),
        zone: (info.zone != ZoneId::OUTSIDE)
            .then(|| zones.get(info.zone.index()).cloned())
            .flatten(),
        state: reading.state,
        since: reading.since,
        believed: belief.map(|b| b.healthy),
        ejected: now.observers.out_since(id),
        checks: belief.map(|b| (b.failed, b.fall)),
        utilisation: now.observers.gauges().node(id).utilisation,
        threads: used(&reading.threads),
        backlog: match options {
            Options::Service(o) => Some((u64::from(reading.threads.queued), limit(o.backlog))),
            _ => None,
        },
        rate: match options {
            Options::Traffic(_) => arrivals(now, now.component(id)),
            Options::Workers(_) => done(now, id),
            _ => last.ended() as f64 / now.second().seconds,
        },
        in_flight: u64::from(reading.in_flight),
        side: 0,
        memory: reading.memory,
        role: role(now, id, reading),
        log: match reading.part {
            PartReading::Database { log_position, .. } => Some(log_position),
            _ => None,
        },
        applied: match reading.part {
            PartReading::Database { applied, .. } => Some(applied),
            _ => None,
        },
        slow: reading.slow,
        left: now.world.held_until(id).map(|at| at.saturating_sub(now.at)),
        outcomes: (ten.answered(), ten.failed()),
        reasons: reasons(&ten),
    }
}

/// Why calls failed, most frequent first; of equals the first in the list of reasons.
fn reasons(calls: &NodeTally) -> Vec<(Outcome, u64)> {
    let all = Outcome::REASONS.iter().map(|o| (*o, calls.of(*o)));
    let mut found: Vec<(Outcome, u64)> = all.filter(|(_, n)| *n > 0).collect();
    found.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    found
}

/// Units in use and at most; `None` where there are none.
fn used(resource: &ResourceReading) -> Option<(u64, Option<u64>)> {
    let at_most = (resource.capacity < u32::MAX).then_some(u64::from(resource.capacity));
    (resource.capacity > 0).then(|| (u64::from(resource.used), at_most))
}

/// Messages per second that a worker told its queue it had done.
fn done(now: &Now<'_>, id: NodeId) -> f64 {
    let second = now.second();
    let is_queue = |n: NodeId| now.info(now.component(n)).kind == "queue";
    let links = now.observers.ends().iter().enumerate();
    let own = links.filter(|(_, (from, to))| *from == id && is_queue(*to));
    let answered: u64 = own.map(|(link, _)| now.link(link, second).0).sum();
    answered as f64 / second.seconds
}

fn role(now: &Now<'_>, id: NodeId, reading: &NodeReading) -> Option<Role> {
    match reading.part {
        PartReading::Database { promoting: Some((from, due)), .. } => {
            Some(Role::Promoting(passed(now.at, from, due)))
        }
        PartReading::Database { primary, lag, epoch, .. } => {
            let holders = now.observers.roles().holders(now.component(id));
            Some(match newer_and_apart(now, id, epoch) {
                _ if primary || holders.contains(&id) => Role::Primary,
                Some(newer) if now.world.has_diverged(id, newer) => Role::Diverged,
                Some(_) => Role::CutOff,
                None => Role::Replica(lag),
            })
        }
        _ => None,
    }
}

/// The newest primary, if all are of a newer epoch than the node knows, and do not hear it or are not
/// heard: then it follows none of them, and has no lag behind them that could shrink.
fn newer_and_apart(now: &Now<'_>, id: NodeId, knows: u32) -> Option<NodeId> {
    let epoch = |primary: &NodeId| match now.node(*primary).part {
        PartReading::Database { epoch, .. } => epoch,
        _ => 0,
    };
    let apart = |primary: &NodeId| now.is_cut(*primary, id) || now.is_cut(id, *primary);
    let holders = now.observers.roles().holders(now.component(id));
    let follows_none = holders.iter().all(|p| apart(p) && epoch(p) > knows);
    holders.iter().copied().filter(|_| follows_none).max_by_key(epoch)
}
