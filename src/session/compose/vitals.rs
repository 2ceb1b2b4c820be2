//! The figures at the top.

use crate::observe::BIN;
use crate::observe::now::Now;
use crate::observe::reliability::budget_spent;
use crate::observe::tally::share;
use crate::session::picture::Vitals;
use crate::sim::id::{ClassId, ComponentId};
use crate::sim::time::{Ns, SECOND, millis, seconds};
use std::sync::Arc;

/// Closed bins that make up a second.
const SECOND_BINS: usize = (SECOND / BIN) as usize;
/// Seconds that the small charts show.
const SPARK: usize = 8;

/// The figures of the last second; latencies are of the open bin and the second of bins before it.
pub(super) fn vitals(now: &Now<'_>) -> Vitals {
    let span = now.second();
    let last = now.requests(span);
    let judged = now.observers.judged_tally();
    let latency = now.observers.latency(None, SECOND_BINS);
    let (busiest, then) = busiest(now);
    Vitals {
        goodput: last.ok() as f64 / span.seconds,
        offered: last.offered as f64 / span.seconds,
        failed: share(last.bad(), last.ended()),
        reason: last.worst().map(|(r, n)| (r, n as f64 / span.seconds)),
        calm_for: calm_for(now),
        p50: latency.quantile(0.5),
        p90: latency.quantile(0.9),
        p99: latency.quantile(0.99),
        p999: latency.quantile(0.999),
        slowest: slowest(now),
        in_flight: now.world.in_flight(),
        busiest,
        then,
        amplification: last.amplification(),
        warms_up_until: Some(now.observers.judged_from()).filter(|from| now.at < *from),
        requests: judged.offered,
        available: share(judged.ok(), judged.ended()),
        budget_spent: budget_spent(&judged),
        sparks: sparks(now),
    }
}

fn calm_for(now: &Now<'_>) -> Option<Ns> {
    let calm = now.at - now.observers.log().last_failure().unwrap_or(0);
    let never = now.observers.log().last_failure().is_none();
    (never || calm >= SECOND).then_some(calm)
}

/// The class with the largest p99.
fn slowest(now: &Now<'_>) -> Option<(Arc<str>, Ns)> {
    let mut most: Option<(Arc<str>, Ns)> = None;
    for (c, name) in now.observers.class_names().iter().enumerate() {
        let latency = now.observers.latency(Some(ClassId(c as u8)), SECOND_BINS);
        if let Some(p99) = latency.quantile(0.99)
            && most.as_ref().is_none_or(|(_, m)| p99 > *m)
        {
            most = Some((name.clone(), p99));
        }
    }
    most
}

/// A component and its utilisation.
type Busy = Option<(Arc<str>, f64)>;

/// The two busiest components.
fn busiest(now: &Now<'_>) -> (Busy, Busy) {
    let named = |(id, load): (ComponentId, f64)| (now.info(id).name.as_str().into(), load);
    let mut all = now.loads().into_iter().map(named);
    (all.next(), all.next())
}

/// One value for each of the last whole seconds: goodput, failed share, p99 in ms, in flight,
/// busiest utilisation.
fn sparks(now: &Now<'_>) -> [Vec<f64>; 5] {
    let mut sparks: [Vec<f64>; 5] = Default::default();
    let bins: Vec<_> = now.observers.series().newest(SPARK * SECOND_BINS + 1).collect();
    // Pairs begin on whole seconds, so that values do not change while they move on.
    let first = bins.iter().position(|b| b.start.is_multiple_of(SECOND)).unwrap_or(bins.len());
    let seconds_of_bins = bins[first..].chunks_exact(SECOND_BINS);
    for second in seconds_of_bins {
        let ok: u64 = second.iter().map(|b| b.total.ok()).sum();
        let bad: u64 = second.iter().map(|b| b.total.bad()).sum();
        let ended: u64 = second.iter().map(|b| b.total.ended()).sum();
        let p99 = second.iter().filter_map(|b| b.p99).max().unwrap_or(0);
        let last = second.last();
        sparks[0].push(ok as f64 / seconds(BIN * SECOND_BINS as u64));
        sparks[1].push(share(bad, ended).unwrap_or(0.0));
        sparks[2].push(millis(p99));
        sparks[3].push(last.map_or(0.0, |b| b.in_flight as f64));
        sparks[4].push(last.map_or(0.0, |b| b.busiest));
    }
    sparks
}
