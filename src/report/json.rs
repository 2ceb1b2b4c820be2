//! One JSON object for a run. Times are seconds of simulated time, shares 0 to 1; what is not known
//! is `null`.

mod checks;

use super::Report;
use crate::observe::gauges::QueueGauge;
use crate::observe::judged::{Component, Judged, Requests};
use crate::observe::latency::Quantiles;
use crate::observe::reliability::{budget_spent, nines, objective};
use crate::observe::tally::ClassTally;
use crate::observe::where_time::{Spent, WhereTime};
use crate::sim::observation::Outcome;
use crate::sim::time::{MILLISECOND, Ns, millis, seconds};
use serde::{Serialize, Serializer};
use std::io;

/// Entries that keep their order.
struct Ordered<K, V>(Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for Ordered<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(k, v)| (k, v)))
    }
}

#[derive(Serialize)]
struct Run<'a> {
    brownout: &'static str,
    playbook: Option<&'a str>,
    title: &'a str,
    about: Option<&'a str>,
    cluster: &'a str,
    seed: u64,
    digest: String,
    simulated_s: f64,
    wall_s: f64,
    events: u64,
    verdict: &'static str,
    checks: Vec<checks::CheckRow<'a>>,
    stopped: Option<checks::StoppedRow<'a>>,
    predictions: Vec<checks::AnswerRow<'a>>,
    faults: Vec<FaultRow<'a>>,
    notes: &'a [String],
    totals: Totals,
    failures: Ordered<&'static str, u64>,
    latency_ms: LatencyMs,
    classes: Ordered<&'a str, Class>,
    data: Data,
    components: Ordered<&'a str, ComponentRow>,
    failovers: Vec<FailoverRow<'a>>,
    availability: Option<f64>,
    availability_predicted: Option<f64>,
    reliability: Reliability,
    bottleneck: Option<&'a str>,
    bottleneck_resource: Option<&'a str>,
    bottleneck_over: Option<&'static str>,
    amplification: Option<f64>,
    between_attempts_ms: Option<f64>,
    followed: Option<FollowedRow>,
}

/// The sample that tells where the time goes.
#[derive(Serialize)]
struct FollowedRow {
    requests: u64,
    one_in: u64,
    mean_ms: f64,
}

#[derive(Serialize)]
struct FaultRow<'a> {
    id: &'a str,
    command: &'a str,
    start_s: f64,
    end_s: Option<f64>,
    touched_requests: u64,
    touched_nodes: u64,
    /// Touches by node: requests and background messages, each time.
    touched: Ordered<&'a str, u64>,
    /// Lengths of time, both from its start.
    time_to_detect_s: Option<f64>,
    time_to_recover_s: Option<f64>,
}

#[derive(Serialize)]
struct Reliability {
    nines: Option<u32>,
    objective: f64,
    error_budget_spent: Option<f64>,
    outages: u64,
    down_s: f64,
    mtbf_s: Option<f64>,
    mttr_s: Option<f64>,
}

#[derive(Serialize)]
struct Totals {
    offered: u64,
    ok: u64,
    late: u64,
    failed: u64,
    in_flight: u64,
    attempts: u64,
}

#[derive(Serialize)]
struct LatencyMs {
    mean: Option<f64>,
    p50: Option<f64>,
    p90: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
    p999: Option<f64>,
    max: Option<f64>,
}

#[derive(Serialize)]
struct Class {
    totals: Totals,
    failures: Ordered<&'static str, u64>,
    latency_ms: LatencyMs,
}

#[derive(Serialize)]
struct Data {
    acknowledged_writes: u64,
    lost_writes: u64,
    stale_reads: u64,
    doubled_effects: Option<u64>,
    conflicts: Option<u64>,
    split_brain_s: f64,
    unpublished: u64,
    wasted: u64,
}

#[derive(Serialize)]
struct ComponentRow {
    kind: &'static str,
    nodes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    utilisation: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    utilisation_max: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hit_ratio: Option<f64>,
    depth_max: u64,
    answered: u64,
    failed: u64,
    /// Calls to it for each request that ended.
    calls_per_request: Option<f64>,
    /// Of the mean latency of the requests that were followed: what went there.
    waiting_ms: Option<f64>,
    working_ms: Option<f64>,
    network_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_for_ms: Option<WaitingFor>,
    /// The share of its calls that were answered.
    availability: Option<f64>,
    /// The share of time in which at least one of its nodes was up: the availability that is
    /// predicted from its nodes alone.
    up: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<QueueRow>,
    /// Requests whose failure began there, by reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    failures_began: Option<Ordered<&'static str, u64>>,
}

#[derive(Serialize)]
struct QueueRow {
    redelivered: u64,
    dead_letters: u64,
    lost: u64,
    oldest_s: f64,
    oldest_max_s: f64,
}

#[derive(Serialize)]
struct WaitingFor {
    thread: f64,
    core: f64,
    connection: f64,
    pool: f64,
    other: f64,
    in_vain: f64,
}

#[derive(Serialize)]
struct FailoverRow<'a> {
    component: &'a str,
    from: Option<&'a str>,
    to: Option<&'a str>,
    detected_s: Option<f64>,
    elected_s: Option<f64>,
    promoted_s: Option<f64>,
    recovered_s: Option<f64>,
}

/// Writes the report as one object, ended by a new line.
///
/// # Errors
/// When it cannot be written there.
pub fn write(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &run(report))?;
    writeln!(out)
}

/// Writes the reports as an array, ended by a new line.
///
/// # Errors
/// When they cannot be written there.
pub fn write_all(reports: &[Report], out: &mut impl io::Write) -> io::Result<()> {
    let runs: Vec<Run<'_>> = reports.iter().map(run).collect();
    serde_json::to_writer_pretty(&mut *out, &runs)?;
    writeln!(out)
}

fn run(report: &Report) -> Run<'_> {
    let judged = &report.judged;
    Run {
        brownout: env!("CARGO_PKG_VERSION"),
        playbook: report.origin.playbook.as_deref(),
        title: &report.title,
        about: Some(report.about.as_str()).filter(|about| !about.is_empty()),
        cluster: &report.cluster,
        seed: report.seed,
        digest: format!("{:016x}", report.digest),
        simulated_s: seconds(report.simulated),
        wall_s: rounded(report.origin.wall_s, 1e3),
        events: report.events,
        verdict: report.verdict.word(),
        checks: checks::checks(&report.judgement),
        stopped: checks::stopped(&report.judgement),
        predictions: checks::answers(&report.judgement),
        faults: report.faults.iter().map(fault).collect(),
        notes: &report.notes,
        totals: totals(&judged.total),
        failures: failures(&judged.total.tally),
        latency_ms: latency(&judged.total.latency),
        classes: Ordered(judged.classes.iter().map(|(n, c)| (n.as_ref(), class(c))).collect()),
        data: data(report),
        components: Ordered(
            judged.components.iter().map(|c| (c.name.as_ref(), component(judged, c))).collect(),
        ),
        failovers: report.failovers.iter().map(failover).collect(),
        availability: judged.total.availability().map(share),
        availability_predicted: judged.predicted.map(share),
        reliability: reliability(report),
        bottleneck: judged.bottleneck.as_ref().map(|b| b.component.as_ref()),
        bottleneck_resource: judged.bottleneck.as_ref().map(|b| b.resource),
        bottleneck_over: judged.bottleneck.as_ref().map(|b| b.over.word()),
        amplification: judged.total.tally.amplification().map(|a| rounded(a, 1e3)),
        between_attempts_ms: judged.where_time.as_ref().map(|w| in_ms(w.between)),
        followed: judged.where_time.as_ref().map(followed),
    }
}

fn followed(went: &WhereTime) -> FollowedRow {
    FollowedRow { requests: went.followed, one_in: went.one_in, mean_ms: in_ms(went.mean) }
}

/// Shares are told to six digits: the billionth request changes no verdict.
fn share(share: f64) -> f64 {
    rounded(share, 1e6)
}

fn rounded(x: f64, digits: f64) -> f64 {
    (x * digits).round() / digits
}

fn fault(fault: &super::FaultReport) -> FaultRow<'_> {
    FaultRow {
        id: &fault.id,
        command: &fault.command,
        start_s: seconds(fault.start),
        end_s: fault.end.map(seconds),
        touched_requests: fault.touched_requests,
        touched_nodes: fault.touched_nodes,
        touched: Ordered(fault.touched.iter().map(|(n, times)| (n.as_str(), *times)).collect()),
        time_to_detect_s: fault.time_to_detect.map(seconds),
        time_to_recover_s: fault.time_to_recover.map(seconds),
    }
}

fn reliability(report: &Report) -> Reliability {
    let (tally, outages) = (&report.judged.total.tally, &report.outages);
    Reliability {
        nines: nines(tally),
        objective: objective(),
        error_budget_spent: budget_spent(tally).map(|spent| rounded(spent, 1e3)),
        outages: outages.failures(),
        down_s: seconds(outages.down()),
        mtbf_s: outages.mtbf().map(seconds),
        mttr_s: outages.mttr().map(seconds),
    }
}

fn totals(requests: &Requests) -> Totals {
    let tally = &requests.tally;
    Totals {
        offered: tally.offered,
        ok: tally.ok(),
        late: tally.of(Outcome::Late),
        failed: tally.failed(),
        in_flight: requests.in_flight(),
        attempts: tally.attempts,
    }
}

/// Reasons that occurred, in the order in which they are listed.
fn failures(tally: &ClassTally) -> Ordered<&'static str, u64> {
    by_reason(|reason| tally.of(reason))
}

fn by_reason(count: impl Fn(Outcome) -> u64) -> Ordered<&'static str, u64> {
    let all = Outcome::REASONS.iter().map(|r| (r.word(), count(*r)));
    Ordered(all.filter(|(_, n)| *n > 0).collect())
}

/// Quantiles are known to half a per cent: microseconds are more than enough.
fn latency(quantiles: &Quantiles) -> LatencyMs {
    let ms = |ns: Option<Ns>| ns.map(|ns| rounded(millis(ns), 1e3));
    LatencyMs {
        mean: ms(quantiles.mean),
        p50: ms(quantiles.p50),
        p90: ms(quantiles.p90),
        p95: ms(quantiles.p95),
        p99: ms(quantiles.p99),
        p999: ms(quantiles.p999),
        max: ms(quantiles.max),
    }
}

fn class(requests: &Requests) -> Class {
    Class {
        totals: totals(requests),
        failures: failures(&requests.tally),
        latency_ms: latency(&requests.latency),
    }
}

fn data(report: &Report) -> Data {
    let truth = &report.truth;
    Data {
        acknowledged_writes: truth.acknowledged,
        lost_writes: truth.lost,
        stale_reads: truth.stale,
        doubled_effects: truth.doubled,
        conflicts: truth.conflicts,
        split_brain_s: seconds(truth.split_brain),
        unpublished: truth.unpublished,
        wasted: report.wasted,
    }
}

fn component(judged: &Judged, component: &Component) -> ComponentRow {
    let went = judged.where_time.as_ref();
    let spent = went.and_then(|w| w.components.iter().find(|s| s.name == component.name));
    let known = component.up.len() >= component.nodes && component.nodes > 0;
    ComponentRow {
        kind: component.kind,
        nodes: component.nodes,
        utilisation: component.utilisation.map(share),
        utilisation_max: component.utilisation_max.map(share),
        hit_ratio: component.calls.hit_ratio().map(share),
        depth_max: component.depth_max,
        answered: component.calls.answered(),
        failed: component.calls.failed(),
        calls_per_request: judged.calls_per_request(component).map(|n| rounded(n, 1e3)),
        waiting_ms: spent.map(|s| in_ms(s.waiting())),
        working_ms: spent.map(|s| in_ms(s.working)),
        network_ms: spent.map(|s| in_ms(s.network)),
        waiting_for_ms: spent.filter(|s| s.waiting() > 0.0).map(waiting_for),
        availability: component.availability().map(share),
        up: known.then(|| share(component.parallel())),
        queue: component.queue.as_ref().map(queue),
        failures_began: Some(by_reason(|r| component.began[r.index()])).filter(|b| !b.0.is_empty()),
    }
}

fn queue(queue: &QueueGauge) -> QueueRow {
    QueueRow {
        redelivered: queue.redelivered,
        dead_letters: queue.dead_letters,
        lost: queue.lost,
        oldest_s: seconds(queue.age),
        oldest_max_s: seconds(queue.age_max),
    }
}

fn waiting_for(spent: &Spent) -> WaitingFor {
    WaitingFor {
        thread: in_ms(spent.thread),
        core: in_ms(spent.core),
        connection: in_ms(spent.connection),
        pool: in_ms(spent.pool),
        other: in_ms(spent.other),
        in_vain: in_ms(spent.in_vain),
    }
}

/// Nanoseconds of a mean in milliseconds, to the microsecond.
fn in_ms(ns: f64) -> f64 {
    rounded(ns / MILLISECOND as f64, 1e3)
}

fn failover(failover: &super::FailoverReport) -> FailoverRow<'_> {
    let times = &failover.times;
    FailoverRow {
        component: &failover.component,
        from: failover.from.as_deref(),
        to: failover.to.as_deref(),
        detected_s: times.detected.map(seconds),
        elected_s: times.elected.map(seconds),
        promoted_s: times.promoted.map(seconds),
        recovered_s: times.recovered.map(seconds),
    }
}
