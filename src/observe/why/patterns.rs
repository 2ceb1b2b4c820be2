//! Rules about how things go wrong: backlogs, retries, policies, gray servers, queues.

use super::load::own_failures;
use super::servers::{failed, failing};
use super::{Why, fixes, names};
use crate::observe::TICK;
use crate::observe::figures::{count, gauge, percent, rate, several, three, time};
use crate::observe::now::Now;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::{Giver, Outcome};
use crate::sim::reading::{LinkReading, PartReading};
use crate::sim::spec::{CacheOptions, Limit, Options, Policy, ReadsFrom};
use crate::sim::time::Ns;

/// Attempts for each request from which on retries are told of.
const STORM: f64 = 1.5;
/// A server that gets this much more than its share is fed.
const FED: f64 = 1.5;

/// Servers that refuse work because their backlog is full.
pub(super) fn backlog(now: &Now<'_>) -> Option<Why> {
    let (worst, _) = blamed(now, Outcome::Overloaded)?;
    let component = now.component(worst);
    let Options::Service(options) = now.world.options(component) else { return None };
    let refused =
        |n: NodeId, span| u64::from(now.calls(n, span).blamed[Outcome::Overloaded.index()]);
    let nodes = now.info(component).nodes();
    let full: Vec<NodeId> = nodes.filter(|n| refused(*n, now.second()) > 0).collect();
    let all: u64 = full.iter().map(|n| refused(*n, now.second())).sum();
    // Of an instant it could not be told: threads are free for moments.
    let lately: u64 = full.iter().map(|n| refused(*n, now.span(3 * TICK))).sum();
    let backlog = match options.backlog {
        Limit::At(n) => format!(" of {}", count(n)),
        Limit::Unlimited => String::new(),
    };
    let threads = u64::from(now.node(worst).threads.capacity);
    let used: u64 = full.iter().map(|n| u64::from(now.node(*n).threads.used)).sum();
    let (name, all) = (names(now, &full), rate(all as f64 / now.second().seconds));
    let (own, backlogs) = if full.len() == 1 {
        (format!("its {}", several(threads, "thread")), format!("its backlog{backlog}"))
    } else {
        (format!("the {} of each", several(threads, "thread")), format!("the backlog{backlog}"))
    };
    let (one, own_one) = (full.len() == 1, threads == 1);
    if lately == 0 {
        let were = if own_one { "was" } else { "were" };
        return Some(Why::new(format!(
            "{}{name} turned {all} away in the last second, while {own} {were} busy and {backlogs} was \
             full. Now {used} {} busy.",
            failed(now),
            super::is_are(used as usize),
        )));
    }
    let (turns, are) = (if one { "turns" } else { "turn" }, super::is_are(threads as usize));
    Some(Why::new(format!(
        "{}{name} {turns} {all} away: {own} {are} busy and {backlogs} is full.",
        failing(now),
    )))
}

/// The node at which most requests failed for that reason in the last second, and how many; where a component
/// is looked at, of its nodes.
pub(super) fn blamed(now: &Now<'_>, reason: Outcome) -> Option<(NodeId, u64)> {
    // What is over is no cause of anything.
    if !now.fails_now() {
        return None;
    }
    let count = |n| u64::from(now.calls(n, now.second()).blamed[reason.index()]);
    let there = |n: &NodeId| now.place().is_none_or(|at| now.component(*n) == at);
    let counted = now.nodes().filter(there).map(|n| (n, count(n))).filter(|(_, n)| *n > 0);
    counted.max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)))
}

/// Servers that fail what users ask of them and pass their checks.
pub(super) fn gray(now: &Now<'_>) -> Option<Why> {
    let (worst, _) = blamed(now, Outcome::BadDeploy)?;
    let calls = |n: &NodeId| now.calls(*n, now.second());
    // What it only passes on is no error of its own.
    let own = own_failures(now, Outcome::BadDeploy);
    let bad = |n: &NodeId| own[n.index()];
    let nodes = now.info(now.component(worst)).nodes();
    let began = |n: &NodeId| calls(n).blamed[Outcome::BadDeploy.index()] > 0;
    let is_bad = |n: &NodeId| *n == worst || now.is_up(*n) && began(n);
    let all: Vec<NodeId> = nodes.filter(is_bad).collect();
    let ended: u64 = all.iter().map(calls).map(|c| c.ended()).sum();
    let share = all.iter().map(bad).sum::<u64>() as f64 / ended.max(1) as f64;
    let one = all.len() == 1;
    let checked = match now.edge_of(worst) {
        Some(edge) if all.iter().all(|n| edge.healthy(*n) == Some(true)) => {
            let (pass, them) = if one { ("passes", "it") } else { ("pass", "them") };
            let edge = now.name(edge.node);
            format!(" and {pass} the checks of {edge}, which goes on sending to {them}")
        }
        Some(edge) if one && !edge.panics => {
            format!("; {} has taken it out", now.name(edge.node))
        }
        _ => String::new(),
    };
    let (answer, its) = if one { ("answers", "its") } else { ("answer", "their") };
    Some(Why::new(format!(
        "{}{} {answer} {} of {its} calls with errors of {its} own{checked}.",
        failing(now),
        names(now, &all),
        percent(share.min(1.0)),
    )))
}

/// Fewest connections has who fails at once: the policy sends most to whom it should not.
pub(super) fn fed(now: &Now<'_>) -> Option<Why> {
    let (balancing, node, share) = fed_node(now)?;
    let balancer = &now.info(now.component(balancing)).name;
    let (edge, name) = (now.name(balancing), now.name(node));
    let text = format!(
        "{}least_connections sends {} of the requests to {name}: it fails them at once, and so has \
         the fewest connections of all behind {edge}.",
        failing(now),
        gauge(share)
    );
    let options = now.world.options(now.component(balancing));
    let ejects = matches!(options, Options::Balancer(o) if o.eject.after > 0);
    // Who answers with errors is not ejected.
    let calls = now.calls(node, now.second());
    let answers = calls.of(Outcome::BadDeploy) * 2 > calls.failed();
    let fix = if ejects || answers { fixes::POLICY } else { fixes::EJECT };
    Some(Why::with_fix(text, fix, &[("balancer", balancer)]))
}

fn fed_node(now: &Now<'_>) -> Option<(NodeId, NodeId, f64)> {
    let ended = |n: NodeId| {
        let calls = now.calls(n, now.second());
        // Who is full is sent no more than he can take for long, and fails no sooner than others.
        (calls.failed() - calls.of(Outcome::Overloaded), calls.ended())
    };
    let mut fewest = now.edges().filter(|edge| edge.options.policy == Policy::LeastConnections);
    fewest.find_map(|edge| {
        let all: u64 = edge.backends.iter().map(|b| ended(b.node).1).sum();
        let fair = all as f64 / edge.backends.len().max(1) as f64;
        // Where all are full, whoever gets less than the others fails no fewer.
        let spare = |n: NodeId| now.is_up(n) && now.node(n).threads.queued == 0;
        let others = |fed: NodeId| {
            edge.backends.iter().any(|b| b.node != fed && edge.sends_to(b.node) && spare(b.node))
        };
        let fed = edge.backends.iter().filter(|b| edge.sends_to(b.node)).find(|b| {
            let (failed, all) = ended(b.node);
            all as f64 >= FED * fair && failed * 2 > all && others(b.node)
        })?;
        Some((edge.node, fed.node, ended(fed.node).1 as f64 / all.max(1) as f64))
    })
}

pub(super) fn is_fed(now: &Now<'_>, node: Option<NodeId>) -> bool {
    fed_node(now).is_some_and(|(_, fed, _)| Some(fed) == node)
}

/// Retries that keep up an overload of which the cause is gone.
pub(super) fn storm(now: &Now<'_>) -> Option<Why> {
    let last = now.requests(now.second());
    let attempts = last.amplification().filter(|a| *a >= STORM)?;
    if now.world.active_faults().len() > 0 || !now.fails_now() {
        return None;
    }
    // Only of a load that was served before can retries be all that is left.
    let is_more = |(c, _)| super::load::more_traffic(now, c).is_some();
    let over = !now.world.faults().is_empty() && !now.components().any(is_more);
    let why =
        if over { "no fault is active any more, the retries alone keep" } else { "retries keep" };
    let text =
        format!("{}{why} the load at {} times what users ask.", failing(now), three(attempts));
    Some(Why::with_fix(text, fixes::CALM, &[]))
}

/// A balancer that believes in none of its servers.
pub(super) fn no_backend(now: &Now<'_>) -> Option<Why> {
    let (edge, _) = blamed(now, Outcome::NoBackend)?;
    let PartReading::Balancer { backends, .. } = &now.node(edge).part else { return None };
    let usable = backends.iter().filter(|b| b.is_usable()).count();
    if usable > 0 {
        return Some(Why::new(format!(
            "{}{} knew no healthy server. Now it knows {usable} of {}.",
            failed(now),
            now.name(edge),
            backends.len()
        )));
    }
    let up = backends.iter().filter(|b| now.is_up(b.node)).count();
    let ill = backends.len() - usable;
    let is_cut = |n| now.is_cut(edge, n) || now.is_cut(n, edge);
    let rest = match backends.iter().filter(|b| is_cut(b.node)).count() {
        0 => format!("and {up} of them {} up", super::is_are(up)),
        cut => format!("and is cut off from {cut} of them"),
    };
    Some(Why::new(format!(
        "{}{} knows no healthy server: it leaves out {ill} of {}, {rest}.",
        failing(now),
        now.name(edge),
        backends.len()
    )))
}

/// A primary that may not acknowledge what too few replicas have.
pub(super) fn not_enough(now: &Now<'_>) -> Option<Why> {
    let (node, _) = blamed(now, Outcome::NotEnoughReplicas)?;
    let Options::Database(options) = now.world.options(now.component(node)) else { return None };
    let up = now.up(now.component(node)).filter(|n| *n != node).count();
    Some(Why::new(format!(
        "{}{} refuses writes: with ack {} it needs replicas in sync, and too few are; {} up.",
        failing(now),
        now.name(node),
        options.ack.word(),
        match up {
            1 => "1 is".to_string(),
            n => format!("{n} are"),
        },
    )))
}

/// Reads that give old rows, and who is behind.
pub(super) fn stale(now: &Now<'_>) -> Option<Why> {
    let stale = now.stale(now.second());
    let all = now.requests(now.second()).ended();
    if stale == 0 || (stale as f64) < super::STALE_WORTH * all as f64 {
        return None;
    }
    let per_s = rate(stale as f64 / now.second().seconds);
    let lag = |n: NodeId| match now.node(n).part {
        PartReading::Database { lag, primary: false, .. } => lag,
        _ => 0,
    };
    // Who does not answer reads is not to blame.
    let reads = |n: &NodeId| match now.world.options(now.component(*n)) {
        Options::Database(o) => o.reads_from != ReadsFrom::Primary,
        _ => false,
    };
    let lags = now.nodes().filter(|n| now.is_up(*n)).filter(reads).map(|n| (n, lag(n)));
    let behind = lags.filter(|(_, l)| *l > 0).max_by_key(|(_, l)| *l);
    let by = now.stale_by(now.second());
    let [caches, primary, replicas] =
        [Giver::Cache, Giver::Primary, Giver::Replica].map(|giver| by[giver as usize]);
    let lost = now.observers.ledger().lost();
    let behind = match behind {
        // A primary has no older rows than others, but for what it never got.
        _ if primary > 0 && lost > 0 => {
            let (writes, are) = (several(lost, "acknowledged write"), super::is_are(lost as usize));
            format!(" {writes} {are} lost: until they are written again, such rows are as before.")
        }
        Some((n, lag)) if is_lag(now, caches, replicas) => {
            format!(" {} is {} behind its primary.", now.name(n), time(lag))
        }
        _ => outlived(now).unwrap_or_default(),
    };
    Some(Why::new(format!(
        "{}{per_s} of reads are stale: they give older rows than were \
         acknowledged.{behind}",
        failing(now)
    )))
}

/// Whether who is behind is to blame, and not a cache that is told of no write: what caches have else is
/// filled from there.
fn is_lag(now: &Now<'_>, caches: u64, replicas: u64) -> bool {
    let mut all = now.components();
    let untold = all.any(|(_, o)| matches!(o, Options::Cache(c) if c.enabled && !c.invalidate));
    replicas > 0 && (!untold || replicas >= caches)
}

/// Where only primaries are read, old rows are those of a cache: it was not told of a write, or took in
/// what was read before it.
fn outlived(now: &Now<'_>) -> Option<String> {
    let (id, cache): (ComponentId, &CacheOptions) =
        now.components().find_map(|(id, options)| match options {
            Options::Cache(cache) if cache.enabled => Some((id, cache)),
            _ => None,
        })?;
    let (name, ttl) = (&now.info(id).name, time(cache.ttl));
    let calls = now.calls_to(id, now.second());
    let bad = calls.of(Outcome::BadDeploy);
    Some(if cache.invalidate && bad > 0 {
        format!(
            " {name} answers {} of its calls with errors of its own, also where rows that were written \
             are to be deleted there. Each stays for up to {ttl} (ttl).",
            percent(bad as f64 / calls.ended().max(1) as f64)
        )
    } else if cache.invalidate {
        format!(
            " {name} has rows that were written since: whoever wrote them could not delete them there, \
             or they were read for it just before. Each stays for up to {ttl} (ttl)."
        )
    } else {
        format!(" {name} keeps rows for up to {ttl} (ttl): nobody deletes there what is written.")
    })
}

/// Links on which messages are delayed, or lost and sent again.
fn troubled<'a>(now: &'a Now<'_>) -> impl Iterator<Item = &'a LinkReading> {
    now.links().iter().filter(|l| !l.cut && (l.delay > 0 || l.loss > 0.0))
}

/// `messages from web-1 to db-1 and on 3 other links take 300 ms longer`: of the worst of some links.
fn trouble<'a>(now: &Now<'_>, links: impl Iterator<Item = &'a LinkReading>) -> Option<String> {
    let links: Vec<&LinkReading> = links.collect();
    let worst = links.iter().max_by(|a, b| {
        a.loss.total_cmp(&b.loss).then(a.delay.cmp(&b.delay)).then(b.link.cmp(&a.link))
    })?;
    let (from, to) = (now.name(worst.from), now.name(worst.to));
    let more = match links.len() {
        1 => String::new(),
        n => format!(" and on {}", several(n as u64 - 1, "other link")),
    };
    Some(if worst.loss > 0.0 {
        let share = percent(worst.loss);
        format!("{share} of the messages from {from} to {to}{more} are lost and sent again")
    } else {
        format!("messages from {from} to {to}{more} take {} longer", time(worst.delay))
    })
}

/// What makes the way between two components long, if something does.
pub(super) fn on_the_way(now: &Now<'_>, one: ComponentId, other: ComponentId) -> Option<String> {
    let ends = [(one, other), (other, one)];
    let between = |l: &&LinkReading| ends.contains(&(now.component(l.from), now.component(l.to)));
    trouble(now, troubled(now).filter(between))
}

/// How much longer a call between two components and its answer take than they should, at most.
pub(super) fn round_trip(now: &Now<'_>, one: ComponentId, other: ComponentId) -> Ns {
    let most = |from: ComponentId, to: ComponentId| {
        let links =
            troubled(now).filter(|l| (now.component(l.from), now.component(l.to)) == (from, to));
        links.map(|l| l.delay).max().unwrap_or(0)
    };
    most(one, other).saturating_add(most(other, one))
}

/// Whether calls of requests over a link, or the answers to them, have ended in the last second.
fn carries_requests(now: &Now<'_>, link: &LinkReading) -> bool {
    let ends = [(link.from, link.to), (link.to, link.from)];
    let of_it = now.observers.ends().iter().enumerate().filter(|(_, pair)| ends.contains(pair));
    of_it.map(|(i, _)| now.link(i, now.second())).any(|(ok, failed)| ok + failed > 0)
}

/// Troubled links: a tail of latency.
pub(super) fn tail(now: &Now<'_>) -> Option<Why> {
    let how = trouble(now, troubled(now).filter(|l| carries_requests(now, l)))?;
    let p99 = now.observers.latency(None, 2).quantile(0.99);
    let p99 = p99.map_or(String::new(), |p99| format!(": p99 is {}", time(p99)));
    Some(Why::new(format!("{}{how}{p99}.", failing(now))))
}

/// From this share of the shortest timeout on, a delay is felt as failures.
const LONG: f64 = 0.05;

/// Whether a group of failures can be that of troubled links: of calls to, or waits at, their ends.
pub(super) fn is_on_tail(now: &Now<'_>, node: Option<NodeId>) -> bool {
    let least = super::accounts::least_timeout(now);
    let is_felt = |l: &&LinkReading| l.loss > 0.0 || l.delay as f64 >= LONG * least as f64;
    troubled(now).filter(is_felt).any(|l| node.is_none_or(|n| l.from == n || l.to == n))
}
