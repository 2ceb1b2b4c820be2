//! Traffic between components.

use crate::observe::now::{Now, Span};
use crate::session::flows::Flows;
use crate::session::picture::{Flow, Tap, Trouble};
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::reading::LinkReading;
use crate::sim::time::{MILLISECOND, Ns};

/// Outcomes are those of the last 0.2 s.
const FLASH: Ns = 200 * MILLISECOND;

/// A flow while it is added up: each tap counts calls of a second before it becomes a rate.
struct Sum {
    from: usize,
    to: usize,
    /// Whether its calls go the other way: workers ask their queue for messages.
    backwards: bool,
    taps: Vec<Tap>,
}

/// All flows of the cluster, in order.
pub(super) fn flows(flows: &Flows, now: &Now<'_>) -> Vec<Flow> {
    let mut sums: Vec<Sum> = flows.pairs.iter().map(|&(from, to)| sum(now, from, to)).collect();
    // Which flow a call from one component to another belongs to.
    let components = now.world.topology().components.len();
    let mut index = vec![None; components * components];
    for (i, sum) in sums.iter().enumerate() {
        let (from, to) = if sum.backwards { (sum.to, sum.from) } else { (sum.from, sum.to) };
        index[from * components + to] = Some(i);
    }
    let place = |a: NodeId, b: NodeId| {
        index[now.component(a).index() * components + now.component(b).index()]
    };
    let (second, flash) = (now.second(), now.span(FLASH));
    for (link, &(from, to)) in now.observers.ends().iter().enumerate() {
        if let Some(i) = place(from, to) {
            count(now, &mut sums[i], (link, from, to), second, flash);
        }
    }
    mark_cuts(now, &mut sums, place);
    mark_troubles(now, &mut sums, place);
    sums.into_iter().map(|sum| flow(sum, second.seconds)).collect()
}

fn sum(now: &Now<'_>, from: usize, to: usize) -> Sum {
    let info = |c: usize| now.info(ComponentId(c as u16));
    let links = info(from).nodes.len();
    let tap = Tap { links, ..Tap::default() };
    let backwards = info(from).kind == "queue";
    Sum { from, to, backwards, taps: vec![tap; info(to).nodes.len()] }
}

/// The tap of a flow that a call between two nodes belongs to.
fn tap<'s>(now: &Now<'_>, sum: &'s mut Sum, from: NodeId, to: NodeId) -> Option<&'s mut Tap> {
    let target = if sum.backwards { from } else { to };
    let number = now.world.topology().nodes[target.index()].number;
    sum.taps.get_mut(usize::from(number) - 1)
}

fn count(
    now: &Now<'_>,
    sum: &mut Sum,
    (link, from, to): (usize, NodeId, NodeId),
    second: Span<'_>,
    flash: Span<'_>,
) {
    let (answered, failed) = now.link(link, second);
    if answered + failed == 0 {
        return;
    }
    let (ok, bad) = now.link(link, flash);
    if let Some(tap) = tap(now, sum, from, to) {
        tap.rate += (answered + failed) as f64;
        tap.ok += ok;
        tap.failed += bad;
    }
}

/// Counts pairs of nodes that do not hear each other, in one direction or both, once.
fn mark_cuts(now: &Now<'_>, sums: &mut [Sum], place: impl Fn(NodeId, NodeId) -> Option<usize>) {
    for &(from, to) in now.cuts() {
        for (caller, other) in [(from, to), (to, from)] {
            let again = caller == to && now.is_cut(caller, other);
            if let Some(i) = place(caller, other)
                && !again
                && let Some(tap) = tap(now, &mut sums[i], caller, other)
            {
                tap.cut += 1;
            }
        }
    }
}

/// Notes what is wrong with each direction, of the worst link.
fn mark_troubles(now: &Now<'_>, sums: &mut [Sum], place: impl Fn(NodeId, NodeId) -> Option<usize>) {
    let troubled = |l: &&LinkReading| l.cut || l.delay > 0 || l.loss > 0.0;
    for link in now.links().iter().filter(troubled) {
        for (caller, other, calls) in [(link.from, link.to, true), (link.to, link.from, false)] {
            let Some(i) = place(caller, other) else { continue };
            let with = calls != sums[i].backwards;
            let Some(tap) = tap(now, &mut sums[i], caller, other) else { continue };
            let trouble = if with { &mut tap.there } else { &mut tap.back };
            *trouble = Trouble {
                cut: trouble.cut + usize::from(link.cut),
                delay: trouble.delay.max(link.delay),
                loss: trouble.loss.max(link.loss),
            };
        }
    }
}

fn flow(sum: Sum, seconds: f64) -> Flow {
    let mut taps = sum.taps;
    for tap in &mut taps {
        tap.rate /= seconds;
    }
    Flow {
        from: sum.from,
        to: sum.to,
        rate: taps.iter().map(|t| t.rate).sum(),
        ok: taps.iter().map(|t| t.ok).sum(),
        failed: taps.iter().map(|t| t.failed).sum(),
        taps,
    }
}
