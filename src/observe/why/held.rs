//! Rules about connections and threads that are all held, by whom, and for whom those wait.

use super::accounts::patience;
use super::load::{self, FELT};
use super::servers::{are, failing, silence, state};
use super::{FULL, Why, all_of, fixes, is_are, names, patterns, wait};
use crate::observe::TICK;
use crate::observe::figures::{count, gauge, percent, several};
use crate::observe::now::Now;
use crate::observe::where_time::{self, PoolUse};
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::reading::{Doing, ResourceReading};
use crate::sim::spec::Options;
use crate::sim::time::SECOND;
use std::collections::BTreeMap;

/// A node with all threads taken whose cores are less busy than this waits for others.
const IDLE: f64 = 0.7;

/// Busy share of a node's cores, as it is told; where something has just been done to the world, since then:
/// what was before it says nothing of what is held now.
fn busy(now: &Now<'_>, node: NodeId) -> Option<f64> {
    let passed = now.at.saturating_sub(now.observers.changed().unwrap_or(0));
    match passed {
        ..SECOND => now.utilisation(node, now.span(passed.max(2 * TICK))),
        _ => now.load(node),
    }
}

/// Whether all of it is in use while somebody waits.
fn is_full(resource: &ResourceReading) -> bool {
    resource.queued > 0 && resource.used >= resource.capacity
}

/// A node of a database that takes no more operations at a time, while calls wait for it: whoever waits
/// holds a connection of a pool, which may be full for that alone.
pub(super) fn connections(now: &Now<'_>) -> Option<Why> {
    let full = now.nodes().filter(|n| is_full(&now.node(*n).connections));
    let node = full.max_by_key(|n| now.node(*n).connections.queued)?;
    let reading = &now.node(node).connections;
    let (used, waiting) = (u64::from(reading.used), u64::from(reading.queued));
    let name = now.name(node);
    let load = now.utilisation(node, now.second());
    let busy = load.map_or(String::new(), |busy| format!(" Its cores are {} busy.", gauge(busy)));
    let stuck = stuck(now, node);
    let held = stuck.as_deref().unwrap_or_default();
    let text = format!(
        "{}{} of {name} {} in use, {} {} for one.{busy}{held}",
        failing(now),
        all_of(used, "connection"),
        is_are(used as usize),
        several(waiting, "call"),
        wait(waiting),
    );
    // More at a time would wait for the same.
    if stuck.is_some() || load.is_some_and(|busy| busy >= FULL) {
        return Some(Why::new(text));
    }
    let database = &now.info(now.component(node)).name;
    Some(Why::with_fix(text, fixes::CONNECTIONS, &[("database", database)]))
}

/// A pool of connections of which none is free while requests wait. If those who hold them wait for a node
/// that does not answer, that is what there is to tell: a larger pool would wait, too.
pub(super) fn pool(now: &Now<'_>) -> Option<Why> {
    let pools = where_time::pools(now);
    let full = pools.into_iter().filter(|p| p.waiting > 0 && p.size.is_some_and(|s| p.used >= s));
    let pool = full.max_by_key(|p| p.waiting)?;
    let (owner, database) = (&pool.owner, &pool.database);
    let waiting = format!("{} of {owner} {}", several(pool.waiting, "request"), wait(pool.waiting));
    if let Some((node, silence)) = silent(now, &pool) {
        let name = now.name(node);
        return Some(Why::new(format!(
            "{}{name} {silence}: the pool of {owner} to {database} is full of calls that wait for its \
             answer, and {waiting} for a connection.",
            failing(now)
        )));
    }
    let used = count(u64::from(pool.used));
    let component = |name: &str| now.world.topology().component(name);
    let nodes = now.up(component(database)?).filter_map(|n| Some((n, busy(now, n)?)));
    let node = nodes.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    let busy = node.map_or(String::new(), |(node, busy)| {
        format!(" {} is {} busy.", now.name(node), gauge(busy))
    });
    let stuck = node.and_then(|(node, _)| stuck(now, node));
    let way = patterns::on_the_way(now, component(owner)?, component(database)?);
    let way = way.map_or(String::new(), |way| format!(" {}.", super::begun(now, way)));
    let causes = load::causes(now, component(database)?);
    let held = busy + &way + &causes + stuck.as_deref().unwrap_or_default();
    let text = format!(
        "{}the pool of {owner} to {database} is exhausted: {used} of {used} connections of a node are in \
         use, {waiting} for one.{held}",
        failing(now)
    );
    // What was done a moment ago may be why, or why not any more; and no pool is large enough for answers that
    // come too late.
    let settled = now.observers.changed().is_none_or(|at| now.at.saturating_sub(at) >= SECOND);
    let far = patterns::round_trip(now, component(owner)?, component(database)?);
    let late = patience(now.world.options(component(owner)?)).is_some_and(|most| far >= most);
    if stuck.is_some() || !settled || late || node.is_some_and(|(_, busy)| busy >= FELT) {
        return Some(Why::new(text));
    }
    Some(Why::with_fix(text, fixes::POOL, &[("database", database.as_ref())]))
}

/// The node that most of those who wait for a connection would ask in vain, if they would.
fn silent(now: &Now<'_>, pool: &PoolUse) -> Option<(NodeId, String)> {
    let component = |name: &str| now.world.topology().component(name);
    let (owner, database) = (component(&pool.owner)?, component(&pool.database)?);
    let (mut in_vain, mut most): (u64, Option<(u32, NodeId, String)>) = (0, None);
    for from in now.up(owner) {
        for to in now.info(database).nodes() {
            let Some(pool) = now.world.pool(from, to).filter(is_full) else { continue };
            let Some(why) = silence(now, from, to) else { continue };
            in_vain += u64::from(pool.queued);
            if most.as_ref().is_none_or(|(queued, ..)| pool.queued > *queued) {
                most = Some((pool.queued, to, why));
            }
        }
    }
    most.filter(|_| 2 * in_vain > pool.waiting).map(|(_, node, why)| (node, why))
}

/// What most calls at a node of a database wait for, if most do: they would with a larger pool, too.
fn stuck(now: &Now<'_>, node: NodeId) -> Option<String> {
    let held = Held::new(now, &[node])?;
    let cores = held.works.saturating_sub(u64::from(now.node(node).cores.used));
    let (replicas, all) = (held.waits, held.works + held.waits);
    let what = if replicas > cores { "replicas" } else { "a core" };
    let name = now.name(node);
    let why = if replicas > cores { deaf(now, node) } else { String::new() };
    (2 * (replicas + cores) > all).then(|| format!(" Most calls at {name} wait for {what}{why}."))
}

/// `: db-2 and db-3 are down`: why the other nodes of a database do not acknowledge what one sends them.
fn deaf(now: &Now<'_>, primary: NodeId) -> String {
    let database = now.component(primary);
    let others = || now.info(database).nodes().filter(|n| *n != primary);
    let down: Vec<NodeId> = others().filter(|n| !now.is_up(*n)).collect();
    let apart = |n: &NodeId| now.is_cut(*n, primary) || now.is_cut(primary, *n);
    let cut: Vec<NodeId> = others().filter(apart).collect();
    match (down.as_slice(), cut.as_slice()) {
        ([one], _) => format!(": {} {}", now.name(*one), state(now, *one)),
        ([_, ..], _) => format!(": {} {}", names(now, &down), are(now, &down)),
        (_, [_, ..]) => format!(": {} {} cut off", names(now, &cut), is_are(cut.len())),
        _ => patterns::on_the_way(now, database, database)
            .map_or(String::new(), |way| format!(": {way}")),
    }
}

/// Servers of a service whose threads are all taken, and what those do who hold them.
struct Held {
    /// Those of them with the first number.
    node: NodeId,
    /// How many work, or wait for a core.
    works: u64,
    /// How many wait, for whom or whatever.
    waits: u64,
    /// How many of those for each node.
    asks: BTreeMap<NodeId, u64>,
}

impl Held {
    fn new(now: &Now<'_>, nodes: &[NodeId]) -> Option<Held> {
        let node = *nodes.first()?;
        let mut held = Held { node, works: 0, waits: 0, asks: BTreeMap::new() };
        for (_, doing) in now.world.holders(|n| nodes.contains(&n)) {
            match doing {
                Doing::Works => held.works += 1,
                Doing::Asks(node) => *held.asks.entry(node).or_default() += 1,
                Doing::Other => {}
            }
            held.waits += u64::from(doing != Doing::Works);
        }
        Some(held)
    }

    /// The share of all threads whose holder works: over the last second, for those of an instant are few.
    fn share_at_work(&self, now: &Now<'_>) -> f64 {
        let (cores, threads) = (now.node(self.node).cores, now.node(self.node).threads);
        let busy = busy(now, self.node).unwrap_or(0.0) * f64::from(cores.capacity);
        busy / f64::from(threads.capacity.max(1))
    }

    /// The component for which most of them wait, and how many do.
    fn most(&self, now: &Now<'_>) -> Option<(ComponentId, u64)> {
        let mut by_component: BTreeMap<ComponentId, u64> = BTreeMap::new();
        for (node, n) in &self.asks {
            *by_component.entry(now.component(*node)).or_default() += n;
        }
        by_component.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)))
    }

    /// `, 95 % of them for dispatch, which is frozen`.
    fn whom(&self, now: &Now<'_>) -> String {
        let Some((component, n)) = self.most(now) else { return String::new() };
        let share = match n {
            n if n == self.waits => "all".to_string(),
            n => percent(n as f64 / self.waits as f64),
        };
        let of = self.asks.iter().filter(|(node, _)| now.component(**node) == component);
        let node = of.max_by_key(|(_, n)| **n).map_or(self.node, |(node, _)| *node);
        match silence(now, self.node, node) {
            Some(why) => format!(", {share} of them for {}, which {why}", now.name(node)),
            None => format!(", {share} of them for {}", now.info(component).name),
        }
    }
}

/// For whom most requests at a node wait, if that one is silent: `, which waits for c-2, which has no power`.
pub(super) fn waits_for(now: &Now<'_>, node: NodeId) -> Option<String> {
    let held = Held::new(now, &[node])?;
    let (asked, _) = held.asks.iter().max_by_key(|(_, n)| **n)?;
    let why = silence(now, node, *asked)?;
    Some(format!(", which waits for {}, which {why}", now.name(*asked)))
}

/// Servers whose threads are all taken, by requests that wait for somebody else or by more work than they
/// are enough for.
pub(super) fn threads(now: &Now<'_>) -> Option<Why> {
    let mut services: BTreeMap<ComponentId, Vec<NodeId>> = BTreeMap::new();
    held(now).for_each(|n| services.entry(now.component(n)).or_default().push(n));
    let all: Vec<Held> = services.values().filter_map(|nodes| Held::new(now, nodes)).collect();
    // Who waits for one whose threads are held, too, waits for whom that one waits.
    let last = |h: &&Held| h.most(now).is_none_or(|(of, _)| !services.contains_key(&of));
    let held = all.iter().find(last).or(all.first())?;
    let most = held.most(now).map_or(0, |(_, n)| n);
    let (name, reading) = (now.name(held.node), now.node(held.node).threads);
    let busy = gauge(busy(now, held.node).unwrap_or(0.0));
    let (threads, n) = (u64::from(reading.capacity), u64::from(reading.queued));
    let (all, are) = (all_of(threads, "thread"), is_are(threads as usize));
    let queued = format!("{} {} for a thread", several(n, "more request"), wait(n));
    if held.share_at_work(now) > most as f64 / (held.works + held.waits).max(1) as f64 {
        let text = format!(
            "{}{all} of {name} {are} in use while its cores are {busy} busy: more could work at a time. \
             {queued}.",
            failing(now)
        );
        let service = &now.info(now.component(held.node)).name;
        return Some(Why::with_fix(text, fixes::THREADS, &[("service", service)]));
    }
    let whom = held.most(now).map(|(whom, _)| whom);
    let way = whom.and_then(|of| patterns::on_the_way(now, now.component(held.node), of));
    let way = way.map_or(String::new(), |way| format!(" {}.", super::begun(now, way)));
    let text = format!(
        "{}{all} of {name} {are} held by requests that wait{}.{way} {name} is {busy} busy, {queued}.",
        failing(now),
        held.whom(now),
    );
    Some(Why::new(text))
}

/// Servers with all threads taken, none of which computes much.
fn held<'a>(now: &'a Now<'_>) -> impl Iterator<Item = NodeId> + 'a {
    let services = now.components().filter(|(_, o)| matches!(o, Options::Service(_)));
    let nodes = services.flat_map(|(id, _)| now.up(id).collect::<Vec<_>>());
    nodes
        .filter(|n| is_full(&now.node(*n).threads) && busy(now, *n).is_some_and(|busy| busy < IDLE))
}

pub(super) fn is_held(now: &Now<'_>, node: Option<NodeId>) -> bool {
    node.is_none_or(|node| held(now).any(|n| now.component(n) == now.component(node)))
        || node.is_some_and(|n| matches!(now.world.options(now.component(n)), Options::Balancer(_)))
}
