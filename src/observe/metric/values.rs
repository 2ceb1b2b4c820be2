//! How each metric is read off a span.

use super::Of;
use super::span::Span;
use crate::observe::BIN;
use crate::observe::response::Response;
use crate::observe::samples::{DataSample, Sums};
use crate::observe::tally::{ClassTally, share};
use crate::sim::id::NodeId;
use crate::sim::time::Ns;

/// Requests counted by `count`, per second.
pub(super) fn rate(span: &Span<'_>, of: Of, count: fn(&ClassTally) -> u64) -> Option<f64> {
    Some(count(&span.requests(of)) as f64 / span.seconds()?)
}

/// Requests counted by `count`, among those that ended.
pub(super) fn of_ended(span: &Span<'_>, of: Of, count: fn(&ClassTally) -> u64) -> Option<f64> {
    let tally = span.requests(of);
    share(count(&tally), tally.ended())
}

/// Requests counted by `count`.
pub(super) fn counted(span: &Span<'_>, of: Of, count: fn(&ClassTally) -> u64) -> Option<f64> {
    span.seconds()?;
    Some(count(&span.requests(of)) as f64)
}

/// Requests that failed for a reason, or for any.
pub(super) fn failures(span: &Span<'_>, of: Of) -> Option<f64> {
    span.seconds()?;
    let tally = span.requests(Of::All);
    Some(match of {
        Of::Reason(reason) => tally.of(reason),
        _ => tally.failed(),
    } as f64)
}

/// A quantile of the latency of answers, within 0.4 %.
pub(super) fn quantile(span: &Span<'_>, of: Of, at: f64) -> Option<f64> {
    let latency = span.latency(of).quantile(at)?;
    // The middle of a bucket may lie above the largest latency in it.
    Some(span.longest(of).map_or(latency, |longest| latency.min(longest)) as f64)
}

/// The mean latency of answers: exact.
pub(super) fn mean(span: &Span<'_>, of: Of) -> Option<f64> {
    let tally = span.requests(of);
    tally.answered_ns.checked_div(tally.answered()).map(|ns| ns as f64)
}

/// Attempts for each request that arrived.
pub(super) fn amplification(span: &Span<'_>, of: Of) -> Option<f64> {
    span.requests(of).amplification()
}

/// Requests in flight at the end.
pub(super) fn in_flight(span: &Span<'_>, of: Of) -> Option<f64> {
    span.seconds()?;
    Some(span.in_flight(of) as f64)
}

/// Share of ok since the judged time began.
pub(super) fn availability(span: &Span<'_>, of: Of) -> Option<f64> {
    let (ok, ended) = span.so_far(of);
    share(ok, ended)
}

/// Time in bins in which requests arrived and none succeeded.
pub(super) fn outage(span: &Span<'_>, of: Of) -> Option<f64> {
    span.seconds()?;
    Some((span.dark_bins(of) * BIN) as f64)
}

/// What became of data in the span. Losses that a merge brought back are none.
pub(super) fn data(span: &Span<'_>, count: fn(&DataSample) -> u64) -> Option<f64> {
    span.seconds()?;
    let (before, after) = span.data();
    Some(count(&after).saturating_sub(count(&before)) as f64)
}

/// Acknowledged writes that are not there at the end of the span. A merge may bring them back later.
pub(super) fn missing_writes(span: &Span<'_>, _: Of) -> Option<f64> {
    span.seconds()?;
    Some(span.data().1.lost as f64)
}

/// Answers for which nobody waited any more.
pub(super) fn wasted(span: &Span<'_>, of: Of) -> Option<f64> {
    span.seconds()?;
    let each = span.nodes(of).map(|node| {
        let (before, after) = span.node(node);
        after.wasted - before.wasted
    });
    Some(each.sum::<u64>() as f64)
}

/// Hits of lookups.
pub(super) fn hit_ratio(span: &Span<'_>, of: Of) -> Option<f64> {
    let (mut hits, mut all) = (0, 0);
    for node in span.nodes(of) {
        let (before, after) = span.node(node);
        hits += after.hits - before.hits;
        all += (after.hits + after.misses) - (before.hits + before.misses);
    }
    share(hits, all)
}

/// Busy share of the cores of what is named; without a name, of the busiest node.
pub(super) fn utilisation(span: &Span<'_>, of: Of) -> Option<f64> {
    let used = |node: NodeId| {
        let (before, after) = span.node(node);
        (after.sums.busy_ns - before.sums.busy_ns, after.sums.cores_ns - before.sums.cores_ns)
    };
    if let Of::Nodes(..) = of {
        let add = |sum: (u64, u64), one: (u64, u64)| (sum.0 + one.0, sum.1 + one.1);
        let (busy, cores) = span.nodes(of).map(used).fold((0, 0), add);
        return share(busy, cores);
    }
    let each = span.nodes(of).map(used).filter_map(|(busy, cores)| share(busy, cores));
    each.fold(None, |most, one| Some(most.map_or(one, |m: f64| m.max(one))))
}

/// The mean over ticks of what was added up, of all nodes together.
pub(super) fn summed(span: &Span<'_>, of: Of, sum: fn(&Sums) -> u64) -> Option<f64> {
    each_mean(span, of, sum, |sums| sums.ticks)
        .fold(None, |all, one| Some(all.unwrap_or(0.0) + one))
}

/// The mean over ticks of what was added up, of the node for which it is largest.
pub(super) fn largest(
    span: &Span<'_>,
    of: Of,
    sum: fn(&Sums) -> u64,
    ticks: fn(&Sums) -> u64,
) -> Option<f64> {
    let each = each_mean(span, of, sum, ticks);
    each.fold(None, |most, one| Some(most.map_or(one, |m: f64| m.max(one))))
}

fn each_mean<'a>(
    span: &Span<'a>,
    of: Of,
    sum: fn(&Sums) -> u64,
    ticks: fn(&Sums) -> u64,
) -> impl Iterator<Item = f64> + use<'a> {
    let span = *span;
    span.nodes(of).filter_map(move |node| {
        let (before, after) = span.node(node);
        let ticks = ticks(&after.sums) - ticks(&before.sums);
        share(sum(&after.sums) - sum(&before.sums), ticks)
    })
}

/// How many nodes are so at the end, or how many things they hold together.
pub(super) fn at_the_end(span: &Span<'_>, of: Of, count: fn(&Sums) -> u64) -> Option<f64> {
    span.seconds()?;
    Some(span.nodes(of).map(|node| count(&span.node(node).1.sums)).sum::<u64>() as f64)
}

/// The longest of the faults of the judged time whose second instant had come by the end of the span.
pub(super) fn longest_response(span: &Span<'_>, until: fn(&Response) -> Option<Ns>) -> Option<f64> {
    let judged = span.observers.judged_from();
    let all = span.observers.responses().all().iter().filter(|r| r.start >= judged);
    let took = all.filter_map(|r| {
        let at = until(r).filter(|at| *at <= span.to())?;
        Some(at.saturating_sub(r.start))
    });
    took.max().map(|ns| ns as f64)
}
