//! Rules about links that are cut: who waits on them, and for how long.

use super::load::{self, more_traffic};
use super::servers::failing;
use super::{FULL, Test, Why, accounts, all_of, begun, is_are, wait};
use crate::observe::figures::{several, time};
use crate::observe::now::Now;
use crate::sim::fault::Change;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::Outcome;
use crate::sim::reading::{Doing, LinkReading, PartReading};
use crate::sim::spec::Options;
use crate::sim::time::Ns;
use std::collections::BTreeSet;

/// The cut links from one component to another on which requests go.
struct Cut {
    from: ComponentId,
    to: ComponentId,
    /// Numbers of the links.
    links: Vec<usize>,
    /// How many links there are, cut or not.
    all: usize,
    /// Requests that wait for an answer over them.
    waiting: u64,
    /// Calls that failed on them in the last second.
    failed: u64,
}

/// The links on which most requests wait; of equals, those nearest to the users. Where a component is looked
/// at, those that begin or end there.
fn worst(now: &Now<'_>) -> Option<Cut> {
    let mut worst: Option<Cut> = None;
    let is_there = |c: &Cut| now.place().is_none_or(|at| c.from == at || c.to == at);
    for cut in cuts(now).into_iter().filter(|c| c.waiting + c.failed > 0 && is_there(c)) {
        // Without a cache everybody gets on: what fails does so for another cut.
        let key = |c: &Cut| (!is_optional(now, c), c.waiting, c.failed);
        if worst.as_ref().is_none_or(|w| key(&cut) > key(w)) {
            worst = Some(cut);
        }
    }
    worst
}

/// Whether callers get on without what is behind these links.
fn is_optional(now: &Now<'_>, cut: &Cut) -> bool {
    matches!(now.world.options(cut.to), Options::Cache(_))
}

/// Links that are cut, and who waits on them.
pub(super) fn cut(now: &Now<'_>) -> Option<Why> {
    let cut = worst(now)?;
    let (from, to) = (&now.info(cut.from).name, &now.info(cut.to).name);
    let n = cut.links.len();
    let links = match (n, cut.all) {
        (1, 1) => "the link".to_string(),
        (n, all) if n == all => all_of(n as u64, "link"),
        (n, all) => format!("{n} of {all} links"),
    };
    let waiting = match cut.waiting {
        0 => several(cut.failed, "call") + " got no answer in the last second",
        n => format!("{} {}", several(n, "request"), wait(n)),
    };
    let (is, until) = (is_are(n), until(now, &cut));
    // Where only answers are lost, what is asked is done.
    let goes = |&l: &usize| now.is_cut(now.links()[l].from, now.links()[l].to);
    let way = if cut.links.iter().any(goes) {
        format!("from {from} to {to}")
    } else {
        format!("back from {to} to {from}")
    };
    let more = now.components().find_map(|(c, _)| more_traffic(now, c));
    let more = more.map_or(String::new(), |more| format!(" {}.", begun(now, more)));
    Some(Why::new(format!("{}{links} {way} {is} cut: {waiting}{until}{more}", failing(now))))
}

/// All pairs of components whose links for requests are cut, in the order of the file.
fn cuts(now: &Now<'_>) -> Vec<Cut> {
    let mut cuts: Vec<Cut> = Vec::new();
    let span = now.second();
    for (i, link) in now.links().iter().enumerate() {
        let is_present = |node| now.world.topology().is_present(node);
        if !now.has_carried(i) || !is_present(link.from) || !is_present(link.to) {
            continue;
        }
        let (from, to) = (now.component(link.from), now.component(link.to));
        if !now.sees(from) || !now.sees(to) {
            continue;
        }
        let known = cuts.iter().position(|c| (c.from, c.to) == (from, to));
        let at = known.unwrap_or_else(|| {
            cuts.push(Cut { from, to, links: Vec::new(), all: 0, waiting: 0, failed: 0 });
            cuts.len() - 1
        });
        cuts[at].all += 1;
        if now.is_cut(link.from, link.to) || now.is_cut(link.to, link.from) {
            cuts[at].links.push(i);
            cuts[at].failed += now.link(i, span).1;
        }
    }
    cuts.retain(|c| !c.links.is_empty());
    cuts.sort_by_key(|c| (c.from, c.to));
    for cut in &mut cuts {
        cut.waiting = waiting(now, cut);
    }
    cuts
}

/// Calls over the links that are told of: what timed out at their far end, and what could not be done at
/// their near end. Where a database has all that it can do without its cache, the cut is only the cause of
/// that.
pub(super) fn accounts(now: &Now<'_>) -> Test {
    let Some(cut) = worst(now) else { return Box::new(|_, _| false) };
    let ends = |end: fn(&LinkReading) -> NodeId| -> BTreeSet<NodeId> {
        cut.links.iter().map(|l| end(&now.links()[*l])).collect()
    };
    let (near, far) = (ends(|l| l.from), ends(|l| l.to));
    let optional = is_optional(now, &cut);
    let overload = optional && load::overload(now).is_some();
    // What has timed out was sent that long ago, or has waited so long for a connection.
    let since = began(now, &cut).map(|at| now.at.saturating_sub(at));
    let waited = since.is_none_or(|since| since >= accounts::least_timeout(now));
    Box::new(move |now, group| {
        let Some(node) = group.node else { return false };
        let (near, far) = (near.contains(&node), far.contains(&node));
        if overload || optional && far {
            return false;
        }
        match group.reason {
            Outcome::Timeout | Outcome::PoolExhausted => (far || near) && waited,
            Outcome::NoBackend | Outcome::NoPrimary | Outcome::NotEnoughReplicas => far || near,
            // Threads that wait are no lack of cores.
            Outcome::Overloaded => {
                near && now.utilisation(node, now.second()).is_none_or(|u| u < FULL)
            }
            _ => false,
        }
    })
}

/// Requests that wait for an answer over these links.
fn waiting(now: &Now<'_>, cut: &Cut) -> u64 {
    let ends = || cut.links.iter().map(|&l| (now.links()[l].from, now.links()[l].to));
    match now.world.options(cut.from) {
        Options::Traffic(_) => {
            let at = |n: NodeId| u64::from(now.node(n).in_flight);
            let behind: u64 = now.up(cut.to).map(at).sum();
            now.info(cut.from).nodes().map(at).sum::<u64>().saturating_sub(behind)
        }
        Options::Balancer(_) => ends().map(|(from, to)| in_flight(now, from, to)).sum(),
        _ => {
            let pairs: BTreeSet<(NodeId, NodeId)> = ends().collect();
            let waits = |&(from, doing): &(NodeId, Doing)| match doing {
                Doing::Asks(to) => pairs.contains(&(from, to)),
                Doing::Works | Doing::Other => false,
            };
            now.world.holders(|n| now.component(n) == cut.from).filter(waits).count() as u64
        }
    }
}

/// Requests that a balancer has sent to a backend and that are not answered.
fn in_flight(now: &Now<'_>, balancer: NodeId, backend: NodeId) -> u64 {
    let PartReading::Balancer { backends, .. } = &now.node(balancer).part else { return 0 };
    let to = backends.iter().find(|b| b.node == backend);
    to.map_or(0, |b| u64::from(b.in_flight))
}

/// `; they time out in 0.4 s.`, or how long each waits once the first have given up.
fn until(now: &Now<'_>, cut: &Cut) -> String {
    let Some(timeout) = timeout(now, cut) else { return ".".to_string() };
    let first = began(now, cut).map(|at| (at + timeout).saturating_sub(now.at));
    match first.filter(|left| *left > 0) {
        Some(left) if cut.waiting == 1 => format!("; it times out in {}.", time(left)),
        Some(left) if cut.waiting > 0 => format!("; they time out in {}.", time(left)),
        _ if cut.waiting == 0 => ".".to_string(),
        _ if cut.waiting == 1 => format!(", until its timeout of {}.", time(timeout)),
        _ => format!(", each until its timeout of {}.", time(timeout)),
    }
}

/// How long the source waits for an answer of the target.
fn timeout(now: &Now<'_>, cut: &Cut) -> Option<Ns> {
    match (now.world.options(cut.from), now.world.options(cut.to)) {
        (Options::Traffic(o), _) => Some(o.timeout),
        (Options::Balancer(o), _) => Some(o.call_timeout),
        (_, Options::Cache(o)) => Some(o.call_timeout),
        (Options::Service(o), _) => Some(o.call_timeout),
        (Options::Workers(o), _) => Some(o.call_timeout),
        _ => None,
    }
}

/// Since when the first of these links is cut.
fn began(now: &Now<'_>, cut: &Cut) -> Option<Ns> {
    let links = cut.links.iter().map(|&l| &now.links()[l]);
    let ends: BTreeSet<(NodeId, NodeId)> = links.map(|l| (l.from, l.to)).collect();
    let is_one =
        |&(from, to): &(NodeId, NodeId)| ends.contains(&(from, to)) || ends.contains(&(to, from));
    let cutting = now.world.active_faults().filter(|fault| match &fault.change {
        Change::Cut(pairs) => pairs.iter().any(is_one),
        _ => false,
    });
    cutting.map(|f| f.start).min()
}
