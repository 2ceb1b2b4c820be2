//! Rules about primaries and what is written to them.

use super::choose::Group;
use super::servers::{are, failing, state};
use super::{Why, bad_share, fixes, names, rotation};
use crate::observe::failovers::Failover;
use crate::observe::figures::{count, several, time};
use crate::observe::now::Now;
use crate::observe::risk::{at_risk, log_end};
use crate::observe::samples::Sample;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::Outcome;
use crate::sim::reading::PartReading;
use crate::sim::spec::{Ack, Options, Prefer};
use crate::sim::time::{NEVER, Ns, SECOND};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// So long after a promotion failures are those of callers that have not found the new primary.
const FINDING: Ns = 10 * SECOND;

/// The databases of the cluster.
fn databases<'a>(now: &'a Now<'_>) -> impl Iterator<Item = ComponentId> + 'a {
    now.components().filter(|(_, o)| matches!(o, Options::Database(_))).map(|(id, _)| id)
}

pub(super) fn two_primaries(now: &Now<'_>) -> Option<Why> {
    let database = databases(now).find(|d| now.observers.roles().holders(*d).len() > 1)?;
    let holders = now.observers.roles().holders(database);
    let since = time(now.observers.roles().both(database, now.at));
    let failed = now.requests(now.second()).bad() > 0;
    let danger = if failed { "" } else { "Nothing fails, and that is the danger: " };
    let (name, who) = (&now.info(database).name, names(now, holders));
    let sides: Vec<(NodeId, u64)> =
        holders.iter().map(|n| (*n, written_alone(now, database, *n))).collect();
    let written = sides.iter().map(|(n, writes)| format!("{} at {}", count(*writes), now.name(*n)));
    let written: Vec<String> = written.collect();
    let watchers = watchers(now, database);
    Some(Why::with_fix(
        format!(
            "{danger}{who} both act as primary of {name}, for {since}. Acknowledged writes that the \
             other has not: {}. {}",
            written.join(", "),
            after_healing(now, database)
        ),
        fixes::FENCE,
        watchers.as_slice(),
    ))
}

/// The kind and the name of a database's watchers, if it has some.
fn watchers<'a>(now: &'a Now<'_>, database: ComponentId) -> Option<(&'a str, &'a str)> {
    let watchers = now.info(now.observers.watcher_of(database)?);
    Some((watchers.kind, &watchers.name))
}

/// Acknowledged writes of one of two primaries.
fn written_alone(now: &Now<'_>, database: ComponentId, primary: NodeId) -> u64 {
    match now.node(primary).part {
        PartReading::Database { epoch, .. } => now.observers.ledger().alone(database, epoch),
        _ => 0,
    }
}

/// What becomes of the writes of two primaries when they hear each other again.
fn after_healing(now: &Now<'_>, database: ComponentId) -> &'static str {
    if merges(now, database) {
        "Healing will merge them; of two to one row, one is overwritten."
    } else {
        "Healing will throw away those of the older one."
    }
}

/// Whether what two primaries have taken is merged, and none of it thrown away.
fn merges(now: &Now<'_>, database: ComponentId) -> bool {
    matches!(now.world.options(database), Options::Database(o) if o.prefer == Prefer::Availability)
}

/// So long after they happened things are told of that are wrong with data and fail for nobody.
pub(super) const TOLD: Ns = 10 * SECOND;

/// How much a count has grown since then.
fn lately(now: &Now<'_>, count: u64, of: fn(&Sample) -> u64) -> u64 {
    let before = now.observers.samples().at(now.at.saturating_sub(TOLD));
    count.saturating_sub(before.map_or(0, of))
}

/// Writes whose message was never published: writing and publishing are two steps, and between them
/// something went wrong.
pub(super) fn unpublished(now: &Now<'_>) -> Option<Why> {
    let more = lately(now, now.observers.ledger().unpublished(), |sample| sample.data.unpublished);
    if more == 0 {
        return None;
    }
    let writes = several(more, "write");
    let (have, what) = if more == 1 { ("has", "it") } else { ("have", "them") };
    // Who died between the two is often still gone, and that is felt as well.
    let gone = rotation::out_of_rotation(now).or_else(|| rotation::down(now));
    let gone = gone.map_or(String::new(), |why| format!(" {}", super::begun(now, why.text)));
    Some(Why::new(format!(
        "{}{writes} of the last {} {have} no message: stored, and then not published, so that no worker \
         will ever see {what}.{gone}",
        failing(now),
        time(TOLD.min(now.at)),
    )))
}

/// Acknowledged writes that the newest primary never got.
pub(super) fn lost(now: &Now<'_>) -> Option<Why> {
    let lost = lately(now, now.observers.ledger().lost(), |sample| sample.data.lost);
    if lost == 0 {
        return None;
    }
    let ledger = now.observers.ledger();
    let promoted = |d: &ComponentId| now.observers.failovers().newest(*d).and_then(|f| f.promoted);
    let losers = databases(now).filter(|d| ledger.lost_of(*d) > 0 && promoted(d).is_some());
    let database = losers.max_by_key(|d| (promoted(d), Reverse(d.0)))?;
    let lost = lost.min(ledger.lost_of(database));
    let verb = if lost == 1 { "was" } else { "were" };
    let writes = several(lost, "acknowledged write");
    let own = ("database", now.info(database).name.as_str());
    let components: Vec<(&str, &str)> =
        std::iter::once(own).chain(watchers(now, database)).collect();
    Some(Why::with_fix(
        format!(
            "{}{writes} {verb} lost in the last {}: the primary of {} never got them.",
            failing(now),
            time(TOLD.min(now.at)),
            now.info(database).name
        ),
        wait(now, database),
        &components,
    ))
}

/// What would have kept the writes of a database: what is set already would not.
fn wait(now: &Now<'_>, database: ComponentId) -> fixes::Fix {
    let fenced = || {
        now.observers.watcher_of(database).is_none_or(
            |watchers| matches!(now.world.options(watchers), Options::Failover(o) if o.fencing),
        )
    };
    match now.world.options(database) {
        Options::Database(o) if o.degrade && o.ack == Ack::Quorum => fixes::REFUSE,
        Options::Database(o) if o.degrade && o.ack == Ack::Semi && fenced() => fixes::REFUSE,
        _ => fixes::WAIT,
    }
}

/// Two primaries' writes were merged, and some were overwritten by ones that never saw them.
pub(super) fn conflicts(now: &Now<'_>) -> Option<Why> {
    let conflicts = lately(now, now.observers.ledger().conflicts(), |sample| sample.data.conflicts);
    if conflicts == 0 {
        return None;
    }
    let verb = if conflicts == 1 { "was" } else { "were" };
    let writes = several(conflicts, "acknowledged write");
    Some(Why::with_fix(
        format!(
            "{}{writes} {verb} overwritten when the logs of two primaries were merged: what \
             overwrote them had never seen them.",
            failing(now)
        ),
        fixes::WAIT,
        &[],
    ))
}

pub(super) fn failing_over(now: &Now<'_>) -> Option<Why> {
    let failover = databases(now).find_map(|d| {
        let newest = now.observers.failovers().newest(d)?;
        newest.is_open().then_some(newest)
    })?;
    let why = state_of(now, failover.component, failover.from);
    let next = step_of(now, failover);
    let lost = will_be_lost(now, failover);
    let text = format!("{}{why} {next}{lost}{}", lacking(now), unreached(now, failover.component));
    Some(Why::new(text))
}

/// ` 2 of 3 watchers are cut off from main-1.`: why watchers miss a node that is up, if something keeps them from
/// it.
fn unreached(now: &Now<'_>, database: ComponentId) -> String {
    let Some(watchers) = now.observers.watcher_of(database) else { return String::new() };
    let apart = |node: NodeId| {
        now.up(watchers).filter(|w| now.is_cut(*w, node) || now.is_cut(node, *w)).count()
    };
    match now.up(database).map(|n| (apart(n), n)).max_by_key(|(n, node)| (*n, Reverse(node.0))) {
        Some((cut @ 1.., node)) => {
            let (all, are) = (now.info(watchers).nodes.len(), super::is_are(cut));
            format!(" {cut} of {all} watchers {are} cut off from {}.", now.name(node))
        }
        _ => super::patterns::on_the_way(now, watchers, database)
            .map_or(String::new(), |way| format!(" {}.", super::begun(now, way))),
    }
}

/// `30 % of requests fail: they need a primary. `
fn lacking(now: &Now<'_>) -> String {
    let text = |share| format!("{share} of requests fail: they need a primary. ");
    bad_share(now).map(text).unwrap_or_default()
}

/// The same, once there is one.
fn lacked(now: &Now<'_>) -> String {
    let text =
        |share| format!("{share} of requests failed in the last second: they needed a primary. ");
    bad_share(now).map(text).unwrap_or_default()
}

fn state_of(now: &Now<'_>, database: ComponentId, primary: Option<NodeId>) -> String {
    match primary {
        Some(node) if !now.is_up(node) => format!("{} {};", now.name(node), state(now, node)),
        Some(node) => format!("The watchers miss {};", now.name(node)),
        None => format!("{} has no primary;", now.info(database).name),
    }
}

/// What the failover does next.
fn step_of(now: &Now<'_>, failover: &Failover) -> String {
    match (failover.to, failover.due) {
        (Some(to), _) if !now.is_up(to) => {
            let (name, state) = (now.name(to), state(now, to));
            format!("{name} was to take over and {state}: the watchers have to elect another.")
        }
        (Some(to), Some(due)) => {
            let left = time(due.saturating_sub(now.at));
            format!("{} takes over in {left}.", now.name(to))
        }
        _ if is_unwatched(now, failover.component) => NOBODY_WATCHES.to_string(),
        _ if now.up(failover.component).next().is_none() => {
            format!("no node of {} is up that could take over.", now.info(failover.component).name)
        }
        _ if !is_watched(now, failover.component) => {
            "no majority of watchers is up: nobody can replace it.".to_string()
        }
        _ if failover.stalled > 0 => {
            "the watchers try again: they had no majority, or reached nobody who may lead."
                .to_string()
        }
        _ => "the watchers elect another.".to_string(),
    }
}

const NOBODY_WATCHES: &str = "no watcher is up: nobody can elect another.";

/// Whether there are watchers and none of them is up.
fn is_unwatched(now: &Now<'_>, database: ComponentId) -> bool {
    now.observers.watcher_of(database).is_some_and(|w| now.up(w).next().is_none())
}

/// Whether enough watchers of a database are up to elect.
fn is_watched(now: &Now<'_>, database: ComponentId) -> bool {
    now.observers.watcher_of(database).is_some_and(|watchers| is_majority(now, watchers))
}

/// Whether enough watchers are up to elect.
fn is_majority(now: &Now<'_>, watchers: ComponentId) -> bool {
    now.up(watchers).count() > now.info(watchers).nodes.len() / 2
}

/// A new primary that took the role a short while ago, and since when.
fn new_primary(now: &Now<'_>, database: ComponentId) -> Option<(NodeId, Ns)> {
    let newest = now.observers.failovers().newest(database)?;
    let (to, at) = (newest.to?, newest.promoted?);
    (now.is_up(to) && now.at.saturating_sub(at) <= FINDING).then_some((to, at))
}

/// `orders-db-1 is down; `, of the primary before this one.
fn old_primary(now: &Now<'_>, database: ComponentId) -> String {
    let newest = now.observers.failovers().newest(database);
    match newest.and_then(|f| f.from).filter(|from| !now.is_up(*from)) {
        Some(from) => format!("{} ", state_of(now, database, Some(from))),
        None => String::new(),
    }
}

/// A new primary that some callers have not found yet, or only just: their requests failed.
pub(super) fn finding(now: &Now<'_>) -> Option<Why> {
    let found = databases(now).find_map(|d| {
        let newest = now.observers.failovers().newest(d)?;
        let just = newest.recovered.is_some_and(|at| now.at.saturating_sub(at) <= SECOND);
        let waiting = newest.waiting.len();
        let (node, at) = new_primary(now, d)?;
        let leads = now.observers.roles().holders(d).contains(&node);
        (leads && (waiting > 0 || just) && now.fails_now()).then_some((d, node, at, waiting))
    });
    let (database, node, at, waiting) = found?;
    let old = old_primary(now, database);
    if waiting == 0 {
        return Some(Why::new(format!(
            "{}{old}{} took over {} ago, and all callers have found it.",
            lacked(now),
            now.name(node),
            time(now.at.saturating_sub(at))
        )));
    }
    let since = time(now.at.saturating_sub(at));
    let (callers, are) = (several(waiting as u64, "caller"), super::is_are(waiting));
    Some(Why::new(format!(
        "{}{old}{} is primary since {since}; {callers} {are} still finding it.",
        lacking(now),
        now.name(node)
    )))
}

/// Nodes that are up and have called a database, and are cut off from its only primary, with that.
fn cut_off(now: &Now<'_>, database: ComponentId) -> Option<(NodeId, Vec<NodeId>)> {
    let &[primary] = now.observers.roles().holders(database) else { return None };
    let links = now.links().iter().enumerate().filter(|(i, _)| now.has_carried(*i));
    let calling = links.filter(|(_, link)| now.component(link.to) == database).map(|(_, l)| l.from);
    let is_cut = |n: &NodeId| now.is_cut(*n, primary) || now.is_cut(primary, *n);
    let callers: BTreeSet<NodeId> =
        calling.filter(|n| now.component(*n) != database && now.is_up(*n)).filter(is_cut).collect();
    (!callers.is_empty()).then(|| (primary, callers.into_iter().collect()))
}

/// Callers who find no primary, since a cut is between them and the one that there is.
pub(super) fn behind_a_cut(now: &Now<'_>) -> Option<Why> {
    let (database, (primary, callers)) =
        databases(now).find_map(|d| Some((d, cut_off(now, d)?))).filter(|_| now.fails_now())?;
    Some(Why::new(format!(
        "{}{} {} cut off from {}, the primary of {}.",
        lacking(now),
        names(now, &callers),
        super::is_are(callers.len()),
        now.name(primary),
        now.info(database).name
    )))
}

/// Whether it accounts for failures: those of callers behind the cut, who find no primary, or only nodes
/// of the database that are none.
pub(super) fn is_behind_a_cut(now: &Now<'_>, group: &Group) -> bool {
    let is_behind = |node: NodeId| {
        databases(now).filter_map(|d| Some((d, cut_off(now, d)?))).any(|(d, (primary, callers))| {
            let serves_them = node != primary && now.component(node) == d;
            serves_them || callers.contains(&node)
        })
    };
    group.reason == Outcome::NoPrimary && group.node.is_some_and(is_behind)
}

/// What will be lost when the chosen node takes over.
fn will_be_lost(now: &Now<'_>, failover: &Failover) -> String {
    let log = failover.to.and_then(|to| log_end(now, to));
    let writes = |n| several(n, "acknowledged write");
    match log.map_or(0, |log| now.observers.ledger().beyond(failover.component, log)) {
        0 => String::new(),
        n if merges(now, failover.component) => {
            format!(" It never got the last {}: missing until the logs are merged.", writes(n))
        }
        n => format!(" It never got the last {}: lost then.", writes(n)),
    }
}

pub(super) fn no_primary(now: &Now<'_>) -> Option<Why> {
    let without = |d: &ComponentId| now.observers.roles().holders(*d).is_empty();
    let database = databases(now).find(without)?;
    let name = &now.info(database).name;
    // Until it has its first lease, it does not count as holding the role.
    let taking = new_primary(now, database).filter(|(_, at)| now.at.saturating_sub(*at) <= SECOND);
    if let Some((node, at)) = taking {
        let since = time(now.at.saturating_sub(at));
        let (old, new) = (old_primary(now, database), now.name(node));
        return Some(Why::new(format!(
            "{}{old}{new} is primary since {since}; callers are still finding it.",
            lacking(now)
        )));
    }
    let watched = now.observers.watcher_of(database);
    let missed = now.observers.failovers().missed_since(database);
    let beats = match watched.map(|w| now.world.options(w)) {
        Some(Options::Failover(o)) => several(o.misses, "beat"),
        _ => String::new(),
    };
    let next = match (watched, missed) {
        (None, _) => "Nobody watches it: nobody elects another.".to_string(),
        _ if is_unwatched(now, database) => {
            "No watcher is up: nobody can elect another.".to_string()
        }
        (Some(watchers), _) if !is_majority(now, watchers) => {
            let (up, all) = (now.up(watchers).count(), now.info(watchers).nodes.len());
            format!(
                "{up} of {all} watchers {} up, a majority is {}: nobody can elect another or grant a lease.",
                super::is_are(up),
                all / 2 + 1
            )
        }
        (Some(watchers), Some(since)) => {
            let gone = now.at - since;
            let missed = match now.world.options(watchers) {
                // The first beat of a primary that is gone is missed at most so late.
                Options::Failover(o) => o.every.saturating_mul(o.misses.saturating_add(2)),
                _ => NEVER,
            };
            let so = if gone > missed {
                ", and have not agreed on who takes over.".to_string()
            } else {
                format!("; a majority must miss {beats} in a row.")
            };
            format!("Watchers have missed it for {}{so}", time(gone))
        }
        (Some(_), None) => "The watchers have not noticed yet.".to_string(),
    };
    let down = now.info(database).nodes().filter(|n| !now.is_up(*n)).collect::<Vec<_>>();
    let who = match down.as_slice() {
        [] => String::new(),
        [one] => format!(" ({} {})", now.name(*one), state(now, *one)),
        nodes => format!(" ({} {})", names(now, nodes), are(now, nodes)),
    };
    let apart = unreached(now, database);
    Some(Why::new(format!("{}{name} has no primary{who}. {next}{apart}", lacking(now))))
}

/// A primary whose replicas are all cut off or gone, with writes that only it has.
pub(super) fn primary_cut_off(now: &Now<'_>) -> Option<Why> {
    for database in databases(now) {
        let &[primary] = now.observers.roles().holders(database) else { continue };
        let writes = at_risk(now, database);
        if writes > 0 {
            let (exist, they) = match writes {
                1 => ("exists", "it is"),
                _ => ("exist", "they are"),
            };
            let (name, writes) = (now.name(primary), several(writes, "acknowledged write"));
            let fate = if merges(now, database) { "missing until it is back" } else { "lost" };
            return Some(Why::new(format!(
                "No replica hears {name}: {writes} {exist} only there. If it dies now, {they} {fate}."
            )));
        }
    }
    None
}
