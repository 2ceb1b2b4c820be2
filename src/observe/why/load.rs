//! Rules about work that is too much, and how much more there may be.

use super::again::given_again;
use super::patterns::blamed;
use super::servers::{failing, state};
use super::{FULL, Why, accounts, again, bad_share, fixes, held, names, rotation};
use crate::observe::bottleneck::{self, Station, greatest, pooled};
use crate::observe::figures::{count, gauge, percent, rate, several, three, time};
use crate::observe::limits::What;
use crate::observe::now::Now;
use crate::sim::fault::{Change, Fault};
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::Outcome;
use crate::sim::reading::PartReading;
use crate::sim::spec::{Arrivals, Limit, Options, ReadsFrom};
use crate::sim::time::{MILLISECOND, SECOND};

/// Cores that are all busy while work waits; of several, the bottleneck. No request waits for workers.
pub(super) fn overload(now: &Now<'_>) -> Option<Why> {
    full_cores(now, false)
}

/// The same of workers, which make no request fail.
pub(super) fn busy_workers(now: &Now<'_>) -> Option<Why> {
    full_cores(now, true)
}

fn full_cores(now: &Now<'_>, workers: bool) -> Option<Why> {
    let full = |s: &Station| {
        let waits = now.node(s.limit.node).cores.queued > 0;
        // Who has been up for a moment may be full all that time, and is not what a second tells.
        let told = now.load(s.limit.node).is_none_or(|load| load >= FELT);
        s.limit.what == What::Cores && s.utilisation() >= FULL && waits && told
    };
    let is_worker =
        |s: &Station| matches!(now.world.options(now.component(s.limit.node)), Options::Workers(_));
    let all = now.stations(now.second()).into_iter().filter(full);
    let all: Vec<Station> = all.filter(|s| is_worker(s) == workers).collect();
    // What is full where requests fail needs no other one to be told.
    let there = |s: &&Station| now.place() == Some(now.component(s.limit.node));
    let own = greatest(all.iter().filter(there).copied());
    let station = own.or_else(|| greatest(all.iter().copied()))?;
    let node = station.limit.node;
    let component = now.component(node);
    // Where all are full, no single node is the bottleneck; who is sent nothing has nothing to do.
    let span = now.second();
    let full = |n: NodeId| now.utilisation(n, span).is_some_and(|u| u >= FULL);
    let serves = |n: &NodeId| now.edge_of(*n).is_none_or(|edge| edge.sends_to(*n));
    let all: Vec<NodeId> = now.up(component).filter(serves).collect();
    // What is told is the measure of all panels.
    let (name, which, busy) = match all.as_slice() {
        [_, _, ..] if all.iter().all(|n| full(*n)) => {
            let loads: f64 = all.iter().filter_map(|n| now.load(*n)).sum();
            let busy = if all.len() == now.up(component).count() {
                now.load_of(component)
            } else {
                loads / all.len() as f64
            };
            (now.info(component).name.as_str(), all.as_slice(), Some(busy))
        }
        _ => (now.name(node), std::slice::from_ref(&node), now.load(node)),
    };
    let busy = busy.unwrap_or(station.utilisation());
    let waiting = waiting(now, component, which);
    let failing = match (now.requests(now.second()).worst(), bad_share(now)) {
        (Some((reason, _)), Some(share)) if !workers && now.fails_now() => {
            format!("{share} of requests fail ({}). ", reason.word())
        }
        _ => String::new(),
    };
    let text = format!(
        "{failing}{name} is the bottleneck: {} of its cores busy, {waiting}.{}",
        gauge(busy),
        causes(now, component),
    );
    Some(Why::new(text))
}

/// What waits there: `7 waiting`. What waits for workers does so in their queue.
fn waiting(now: &Now<'_>, component: ComponentId, nodes: &[NodeId]) -> String {
    if let Options::Workers(o) = now.world.options(component)
        && let Some(queue) = now.world.topology().component(&o.from)
    {
        let messages = now.info(queue).nodes().map(|n| match now.node(n).part {
            PartReading::Queue { waiting, .. } => waiting,
            _ => 0,
        });
        return format!("{} waiting in {}", several(messages.sum(), "message"), o.from);
    }
    let depth = |n: &NodeId| {
        let queued = u64::from(now.node(*n).cores.queued);
        now.observers.gauges().node(*n).depth.max(queued)
    };
    format!("{} waiting", count(nodes.iter().map(depth).sum()))
}

/// The most causes that are told: a third would not be read.
const CAUSES: usize = 2;
/// From this load on a node is as good as full, and what a cache does not answer is felt by its database.
pub(super) const FELT: f64 = 0.9;

/// From this share of all requests on, more of them are a cause of load.
const FELT_OF_ALL: f64 = 0.1;

/// A link that has no time left, while messages wait before it; of several, the one before which they
/// wait longest.
pub(super) fn full_link(now: &Now<'_>) -> Option<Why> {
    let full = |s: &Station| match s.limit.what {
        What::Link(link, to) if s.utilisation() >= FULL => {
            let backlog = now.links()[link.index()].backlog;
            (backlog > MILLISECOND).then_some((backlog, s.limit.node, to))
        }
        _ => None,
    };
    let all = now.stations(now.second());
    let (backlog, from, to) = all.iter().filter_map(full).max_by_key(|(backlog, ..)| *backlog)?;
    let text = format!(
        "{}the link from {} to {} is full: what is sent now waits {} before it leaves.",
        failing(now),
        now.name(from),
        now.name(to),
        time(backlog)
    );
    Some(Why::with_fix(text, fixes::BANDWIDTH, &[]))
}

/// What has made it too much, if that was done to the world: all that act, for they add up.
pub(super) fn causes(now: &Now<'_>, component: ComponentId) -> String {
    let others = now.components().filter_map(|(id, options)| cause(now, component, id, options));
    let fewer = rotation::scaled(now, component).into_iter().chain(rotation::fewer(now, component));
    let own = slow(now, component).into_iter().chain(fewer);
    let all: Vec<String> = own.chain(others).take(CAUSES).collect();
    match all.as_slice() {
        [] => String::new(),
        all => format!(" {}.", super::begun(now, all.join(", and "))),
    }
}

/// Its own nodes that work slower than they should.
pub(super) fn slow(now: &Now<'_>, component: ComponentId) -> Option<String> {
    let (nodes, factor) = slowest(now, component)?;
    let factor = three(factor);
    let verb = if nodes.len() == 1 { "works" } else { "work" };
    Some(format!("{} {verb} {factor} times slower", names(now, &nodes)))
}

/// The nodes of a component that work slowest, and how many times slower than they should.
pub(super) fn slowest(now: &Now<'_>, component: ComponentId) -> Option<(Vec<NodeId>, f64)> {
    let most = now.up(component).map(|n| now.node(n).slow).fold(1.0, f64::max);
    let nodes = now.up(component).filter(|n| now.node(*n).slow >= most).collect();
    (most > 1.0).then_some((nodes, most))
}

/// What another component adds to the load of this one.
fn cause(now: &Now<'_>, of: ComponentId, other: ComponentId, options: &Options) -> Option<String> {
    match options {
        Options::Cache(cache) => {
            let database = now.world.topology().component(&cache.of)?;
            let place = match now.load_of(database) {
                _ if database == of => "comes here".to_string(),
                load if load >= FELT => format!("goes to {}, {} busy", cache.of, gauge(load)),
                _ => return None,
            };
            let name = &now.info(other).name;
            if now.up(other).next().is_none() {
                let first = now.info(other).nodes().next();
                let state = first.map_or("is gone".to_string(), |node| state(now, node));
                return Some(format!("{name} {state}: {} {place}", reads(now, other)));
            }
            if is_cut_off(now, other) {
                return Some(format!("{name} is cut off: {} {place}", reads(now, other)));
            }
            if !cache.enabled {
                return Some(format!("{name} is off: {} {place}", reads(now, other)));
            }
            let calls = now.calls_to(other, now.second());
            let fails = calls.failed() as f64 / calls.ended().max(1) as f64;
            if fails >= FELT_OF_ALL {
                let share = percent(fails);
                return Some(format!("{name} fails {share} of its lookups: each of them {place}"));
            }
            let (share, before) = fewer_hits(now, other)?;
            Some(format!("{name} answers only {share} of its lookups{before}; the rest {place}"))
        }
        Options::Queue(queue) if now.workers_of(other).any(|id| id == of) => {
            given_again(now, other, queue).or_else(|| again::fail(now, other))
        }
        Options::Traffic(_) => more_traffic(now, other).or_else(|| set_traffic(now, other)),
        _ => None,
    }
}

/// `40 %` and `, 98 % before`: of a cache that answers less than half, or makes twice the reads that it made in
/// the seconds before the last, since it was emptied or is asked for other rows.
fn fewer_hits(now: &Now<'_>, cache: ComponentId) -> Option<(String, String)> {
    let (last, all) = (now.second(), now.span(10 * SECOND));
    let counts = |span| {
        let calls = now.calls_to(cache, span);
        (calls.hits, calls.hits + calls.misses)
    };
    let ((hits, lookups), (all_hits, all_lookups)) = (counts(last), counts(all));
    let ratio = |hits: u64, of: u64| (of > 0).then_some(hits as f64 / of as f64);
    let is = ratio(hits, lookups)?;
    let was = ratio(all_hits - hits, all_lookups - lookups);
    let fell = was.filter(|was| was - is >= FEWER && 1.0 - is >= 2.0 * (1.0 - was));
    let before = fell.map_or(String::new(), |was| format!(", {} before", gauge(was)));
    (is < 0.5 || fell.is_some()).then(|| (gauge(is), before))
}

/// So many fewer hits are more than chance.
const FEWER: f64 = 0.02;

/// Whether nobody who has called a component hears of it.
fn is_cut_off(now: &Now<'_>, component: ComponentId) -> bool {
    let ends = now.observers.ends().iter().enumerate().filter(|(i, _)| now.has_carried(*i));
    let mut callers = ends.map(|(_, ends)| *ends).filter(|(_, to)| now.component(*to) == component);
    let is_cut = |(from, to): (NodeId, NodeId)| now.is_cut(from, to) || now.is_cut(to, from);
    callers.next().is_some_and(is_cut) && callers.all(is_cut)
}

/// What a cache that is not there leaves to its database: `every read`, unless others are before it, too.
pub(super) fn reads(now: &Now<'_>, cache: ComponentId) -> &'static str {
    let caches = now
        .components()
        .filter(|(id, options)| *id != cache && matches!(options, Options::Cache(_)));
    if caches.count() == 0 { "every read" } else { "each of its reads" }
}

/// `traffic is 3 times its rate`, if it is more than that, and that is felt where others send, too.
pub(super) fn more_traffic(now: &Now<'_>, component: ComponentId) -> Option<String> {
    let factor = traffic_factor(now, component);
    let all = || now.components().filter(|(_, o)| matches!(o, Options::Traffic(_)));
    let offered = |(id, options): (ComponentId, &Options)| match options {
        Options::Traffic(o) => (id, o.rate * traffic_factor(now, id)),
        _ => (id, 0.0),
    };
    let sum: f64 = all().map(offered).map(|(_, rate)| rate).sum();
    let own = all().map(offered).find(|(id, _)| *id == component).map_or(0.0, |(_, rate)| rate);
    let more = own - own / factor;
    if factor <= 1.0 || (sum > 0.0 && more < FELT_OF_ALL * sum) {
        return None;
    }
    let alone = now.world.topology().components.iter().filter(|c| c.kind == "traffic").count() == 1;
    let name = if alone { "traffic" } else { &now.info(component).name };
    let closed = matches!(now.world.options(component), Options::Traffic(o) if o.arrivals == Arrivals::Closed);
    Some(match three(factor) {
        factor if closed => format!("{name} has {factor} times its users"),
        factor => format!("{name} is {factor} times its rate"),
    })
}

/// `desk.users=2000 is set`: what somebody has set of who sends, and how much.
fn set_traffic(now: &Now<'_>, component: ComponentId) -> Option<String> {
    let sets = |f: &&Fault| match &f.change {
        Change::Set(values) => {
            values.iter().any(|(c, key, _)| *c == component && ["users", "rate"].contains(key))
        }
        _ => false,
    };
    let set = now.world.active_faults().filter(sets).last()?;
    let text = now.observers.log().fault(set.id)?;
    let text = text.split(" for ").next().unwrap_or_default();
    Some(format!("{} is set", text.strip_prefix("set ").unwrap_or(text)))
}

fn traffic_factor(now: &Now<'_>, component: ComponentId) -> f64 {
    let factors = now.info(component).nodes().map(|n| match now.node(n).part {
        PartReading::Traffic { factor } => factor,
        _ => 1.0,
    });
    factors.fold(1.0, f64::max)
}

/// A cache that callers do not use.
pub(super) fn cache_off(now: &Now<'_>) -> Option<Why> {
    let off = now.components().find_map(|(id, o)| match o {
        Options::Cache(cache) if !cache.enabled => Some((id, cache)),
        _ => None,
    });
    let (cache, options) = off?;
    let database = now.world.topology().component(&options.of)?;
    let (node, busy) = now.busiest(database)?;
    let (name, database) = (&now.info(cache).name, now.name(node));
    let text = format!(
        "{name} is off: {} goes to {}. {database} is {} busy.",
        reads(now, cache),
        options.of,
        gauge(busy)
    );
    Some(Why::with_fix(text, fixes::CACHE, &[("cache", name)]))
}

/// Requests fail for none of the causes above: say how, and where.
pub(super) fn unexplained(now: &Now<'_>) -> Option<Why> {
    if !now.fails_now() {
        return None;
    }
    let (reason, n) = now.requests(now.second()).worst()?;
    let share = bad_share(now)?;
    let each = rate(n as f64 / now.second().seconds);
    let place = match place_of(now, reason) {
        Some((node, _)) if !now.is_up(node) => {
            format!(" Most of them at {}, which {}.", now.name(node), state(now, node))
        }
        Some((node, alone)) => {
            let component = &now.info(now.component(node)).name;
            let name = if alone { now.name(node) } else { component.as_str() };
            let behind = held::waits_for(now, node).unwrap_or_default();
            // It is up: whom it has asked is not.
            match reason {
                Outcome::Refused | Outcome::Reset => format!(" Most of them in calls of {name}."),
                Outcome::Timeout => {
                    let patience = patience(now, node).unwrap_or_default();
                    format!(" Most of them at {name}{behind}.{patience}")
                }
                _ => format!(" Most of them at {name}{behind}."),
            }
        }
        None => String::new(),
    };
    let (word, sentence) = (reason.word(), reason.sentence());
    Some(Why::new(format!("{share} of requests fail, {each} {word}: {sentence}.{place}")))
}

/// ` web waits at most 5 ms for it.`: who of those that ask a node waits least.
fn patience(now: &Now<'_>, node: NodeId) -> Option<String> {
    let callers = now.observers.ends().iter().filter(|(_, to)| *to == node);
    let waits = callers.filter_map(|(from, _)| {
        let component = now.component(*from);
        Some((accounts::patience(now.world.options(component))?, component))
    });
    let (least, component) = waits.min_by_key(|(least, component)| (*least, component.0))?;
    Some(format!(" {} waits at most {} for it.", now.info(component).name, time(least)))
}

/// The node at which most requests began to fail so, if that is known; else the one at which most calls
/// ended so, other than because those that it called did. And whether most were there: else they were at
/// its component. `None` if they were not even there.
fn place_of(now: &Now<'_>, reason: Outcome) -> Option<(NodeId, bool)> {
    let span = now.second();
    let nodes: Vec<NodeId> = now.nodes().collect();
    let began = |n: NodeId| u64::from(now.calls(n, span).blamed[reason.index()]);
    let ended = own_failures(now, reason);
    let known = blamed(now, reason).is_some();
    let count = |n: NodeId| if known { began(n) } else { ended[n.index()] };
    let most = *nodes.iter().max_by_key(|n| (count(**n), std::cmp::Reverse(n.0)))?;
    let all: u64 = nodes.iter().copied().map(count).sum();
    let there: u64 = now.info(now.component(most)).nodes().map(count).sum();
    (2 * there > all).then_some((most, 2 * count(most) > all))
}

/// By node, calls that ended so there in the last second, other than because those that it called did.
pub(super) fn own_failures(now: &Now<'_>, reason: Outcome) -> Vec<u64> {
    let span = now.second();
    let nodes = (0..now.world.topology().nodes.len() as u16).map(NodeId);
    let mut behind = vec![0; nodes.len()];
    for (link, &(from, _)) in now.observers.ends().iter().enumerate() {
        behind[from.index()] += now.link(link, span).1;
    }
    nodes.map(|n| now.calls(n, span).of(reason).saturating_sub(behind[n.index()])).collect()
}

/// Nothing fails: what is the first limit, and what would losing a part of it do?
pub(super) fn at_rest(now: &Now<'_>) -> Option<Why> {
    let topology = now.world.topology();
    let first = greatest(pooled(now.stations(now.settled()), topology).into_iter())?;
    // Of cores those that are told to be the busiest everywhere on the screen.
    let cores = now.loads().first().copied().filter(|_| first.limit.what == What::Cores);
    let (id, busy) = cores.unwrap_or((now.component(first.limit.node), first.utilisation()));
    let (how, loss) = match (first.limit.what, now.world.options(id)) {
        (What::Cores, Options::Database(_)) => ("busy", without_cache(now, id, busy)),
        (What::Cores, _) => {
            // Who is sent nothing carries nothing.
            let serves = |n: &NodeId| now.utilisation(*n, now.settled()).is_some_and(|u| u > 0.0);
            let (up, serving) = (now.up(id).count(), now.up(id).filter(serves).count());
            let each = busy * up as f64 / serving.max(1) as f64;
            ("busy", losing(serving.max(1), each, is_closed(now)))
        }
        _ => ("in use", String::new()),
    };
    let well = match rotation::while_faults(now) {
        // That some did is told before this.
        _ if now.requests(now.second()).bad() > 0 => "Nothing fails now.".to_string(),
        Some(faults) => faults,
        None if busy < 0.9 => "All is well.".to_string(),
        None => "Nothing fails yet.".to_string(),
    };
    let name = match cores {
        Some((id, _)) => now.info(id).name.clone(),
        None => bottleneck::name(topology, first.limit),
    };
    Some(Why::new(format!("{well} The first limit is {name}: {} {how}.{loss}", gauge(busy))))
}

/// Whether all users wait for their answers before they ask again: too much makes them wait longer.
fn is_closed(now: &Now<'_>) -> bool {
    now.components().all(
        |(_, o)| !matches!(o, Options::Traffic(traffic) if traffic.arrivals != Arrivals::Closed),
    )
}

/// What losing one or two of `up` equal nodes does to the others, if all their work is still asked for.
fn losing(up: usize, busy: f64, closed: bool) -> String {
    let after = |lost: usize| {
        let busy = busy * up as f64 / (up - lost) as f64;
        match closed {
            true if busy > 1.0 => format!("{}: users wait longer", gauge(1.0)),
            false if busy > 1.0 => format!("{}: overload", gauge(busy)),
            _ => gauge(busy),
        }
    };
    match up {
        0 | 1 => " It is the only one.".to_string(),
        2 => format!(" Losing one of 2 puts the other at {}.", after(1)),
        _ if busy * up as f64 > (up - 1) as f64 => {
            format!(" Losing one of {up} puts the others at {}.", after(1))
        }
        _ => format!(
            " Losing one of {up} puts the others at {}, losing two at {}.",
            after(1),
            after(2)
        ),
    }
}

/// What switching off the cache in front of a database does to its primary: its hits become reads.
fn without_cache(now: &Now<'_>, database: ComponentId, busy: f64) -> String {
    let Options::Database(options) = now.world.options(database) else { return String::new() };
    let Limit::At(cores) = options.cores else { return String::new() };
    let span = now.settled();
    for (id, cache) in now.components() {
        let Options::Cache(cache) = cache else { continue };
        let hits = now.calls_to(id, span).hits as f64 / span.seconds;
        if cache.enabled && now.info(database).name == cache.of && hits > 0.0 {
            // Of the reads those that come to the node that is told.
            let share = match options.reads_from {
                ReadsFrom::Primary => 1.0,
                ReadsFrom::Any => 1.0 / now.up(database).count().max(1) as f64,
                ReadsFrom::Replica => match now.busiest(database) {
                    Some((node, _)) if !now.observers.roles().holders(database).contains(&node) => {
                        1.0 / now.up(database).count().saturating_sub(1).max(1) as f64
                    }
                    _ => 0.0,
                },
            };
            let more = share * hits * options.read.mean_ns() / 1e9 / cores as f64;
            let name = &now.info(id).name;
            return format!(" Without {name} it would be {}.", gauge(busy + more));
        }
    }
    match mean_wait(now, database) {
        // Told as 0 ms otherwise.
        wait if wait < MILLISECOND / 20 => " Hardly a request waits there.".to_string(),
        wait => format!(" Requests wait there {} on average.", time(wait)),
    }
}

/// Mean waiting time of calls that were answered.
fn mean_wait(now: &Now<'_>, component: ComponentId) -> u64 {
    let calls = now.calls_to(component, now.second());
    calls.wait_ns / calls.answered().max(1)
}
