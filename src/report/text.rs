//! The report that people read.

pub(super) mod verdict;

use super::went::{self, in_ms};
use super::{FailoverReport, FaultReport, Report};
use crate::observe::figures::{NARROW_SPACE, after, clock, count, gauge, percent, several, time};
use crate::observe::judged::{Component, Requests};
use crate::observe::log::Tone;
use crate::observe::reliability::{TOO_MANY, budget_spent, nines, objective};
use crate::observe::response::ENOUGH;
use crate::sim::observation::Outcome;
use crate::sim::time::{Ns, SECOND, seconds};
use std::fmt::Write as _;
use std::io;

/// Lines of the timeline at most; the middle of a longer one is left out.
const TIMELINE: usize = 120;

/// Writes the report as aligned text.
///
/// # Errors
/// When it cannot be written there.
pub fn write(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let sections = [
        head(report),
        timeline(report),
        verdict::checks(report),
        verdict::answers(report),
        requests(report),
        failures(report),
        latency(report),
        where_time_goes(report),
        failovers(report),
        faults(report),
        notes(report),
        data(report),
        components(report),
        about(report),
        foot(report),
    ];
    let text =
        sections.iter().filter(|s| !s.is_empty()).fold(String::new(), |mut text, section| {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(section);
            text
        });
    // Files and pipes get plain spaces.
    out.write_all(text.replace(NARROW_SPACE, " ").as_bytes())
}

/// Rows of cells, each column as wide as its widest cell; the first is to the left, the others to
/// the right, what follows the last is free text.
pub(super) fn table(rows: &[Vec<String>], left: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|t| t.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|c| width(c).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (c, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let pad = " ".repeat(width - cell.chars().count());
            let gap = "  ";
            if c < left {
                line = line + gap + cell + &pad;
            } else {
                line = line + gap + &pad + cell;
            }
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

fn head(report: &Report) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let (cluster, seed) = (&report.cluster, report.seed);
    let mut text = format!("brownout {version}  {}\n", report.title);
    let simulated = seconds(report.simulated);
    let _ = write!(text, "cluster {cluster}, seed {seed}, {simulated} s simulated");
    if report.warmup > 0 {
        let _ = write!(text, ", the first {} s not judged", seconds(report.warmup));
    }
    text.push('\n');
    if !report.origin.again.is_empty() {
        let _ = writeln!(text, "again: {}", report.origin.again);
    }
    text
}

/// What the playbook teaches.
fn about(report: &Report) -> String {
    report.about.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

fn timeline(report: &Report) -> String {
    let mut text = "timeline\n".to_string();
    let lines = &report.lines;
    let (half, left_out) = (TIMELINE / 2, lines.len().saturating_sub(TIMELINE));
    for (i, line) in lines.iter().enumerate() {
        if left_out > 0 && i == half {
            let _ = writeln!(text, "  … {} left out …", several(left_out as u64, "line"));
        }
        if i >= half && i < half + left_out {
            continue;
        }
        let sign = match line.tone {
            Tone::Command => '›',
            Tone::Good => '✓',
            Tone::Warning => '▲',
            Tone::Bad => '✗',
            Tone::Plain => ' ',
        };
        let _ = writeln!(text, "  {}  {sign} {}", clock(line.at), line.text);
    }
    text
}

fn requests(report: &Report) -> String {
    let head = ["", "offered", "ok", "late", "failed", "in flight", "attempts", "available"];
    let mut rows = vec![head.map(str::to_string).to_vec()];
    rows.extend(each_class(report).map(|(name, r)| {
        let mut row = vec![name.to_string()];
        let late = r.tally.of(Outcome::Late);
        let counts = [r.tally.offered, r.tally.ok(), late, r.tally.failed(), r.in_flight()];
        row.extend(counts.map(count));
        row.push(count(r.tally.attempts));
        row.push(r.availability().map_or("no samples".to_string(), percent));
        row
    }));
    let from = clock(report.warmup);
    format!("requests that arrived from {from} on\n{}", table(&rows, 1))
}

/// All requests, then each class if there are several.
fn each_class(report: &Report) -> impl Iterator<Item = (&str, &Requests)> {
    let classes = report.judged.classes.iter().map(|(name, r)| (name.as_ref(), r));
    let several = report.judged.classes.len() > 1;
    std::iter::once(("all", &report.judged.total)).chain(classes.filter(move |_| several))
}

fn failures(report: &Report) -> String {
    let failures = report.judged.total.failures();
    if failures.is_empty() {
        return String::new();
    }
    let began = report.judged.began();
    let row = |(reason, n): &(Outcome, u64)| {
        let at = began.iter().filter(|b| b.reason == *reason);
        let at: Vec<String> = at.map(|b| format!("{} {}", b.at, count(b.count))).collect();
        let (word, sentence) = (reason.word().to_string(), reason.sentence().to_string());
        vec![word, sentence, at.join(", "), count(*n)]
    };
    let rows: Vec<_> = failures.iter().map(row).collect();
    format!("failures, and where they began\n{}", table(&rows, 3))
}

fn latency(report: &Report) -> String {
    let head = ["", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"];
    let mut rows = vec![head.map(str::to_string).to_vec()];
    for (name, r) in each_class(report) {
        let l = &r.latency;
        let cells = [l.mean, l.p50, l.p90, l.p95, l.p99, l.p999, l.max];
        let mut row = vec![name.to_string()];
        row.extend(cells.map(|ns| ns.map_or("–".to_string(), in_ms)));
        rows.push(row);
    }
    format!("latency of answers, ms\n{}", table(&rows, 1))
}

/// Where the time of answered requests went, component by component.
fn where_time_goes(report: &Report) -> String {
    let Some(went) = &report.judged.where_time else { return String::new() };
    let head = [""].into_iter().chain(went::HEADS).map(str::to_string).collect();
    let rows: Vec<_> = std::iter::once(head).chain(went::rows(went)).collect();
    let sample = went.sample();
    format!("where the time of an answered request goes, ms ({sample})\n{}", table(&rows, 1))
}

fn failovers(report: &Report) -> String {
    if report.failovers.is_empty() {
        return String::new();
    }
    let head = ["", "missing since", "detected", "elected", "promoted", "all back", "in all"];
    let mut rows = vec![head.map(str::to_string).to_vec()];
    rows.extend(report.failovers.iter().map(failover));
    let back = "all back: until the last that lacked a primary has found the new one\n";
    format!("failovers\n{}  {back}", table(&rows, 1))
}

fn failover(failover: &FailoverReport) -> Vec<String> {
    let t = &failover.times;
    let name = |node: &Option<String>| node.clone().unwrap_or("nobody".to_string());
    let since = |part: Option<Ns>, before: Ns| match part {
        Some(at) => after(at.saturating_sub(before)),
        None => "–".to_string(),
    };
    let detected = t.detected.unwrap_or(t.started);
    let elected = t.elected.unwrap_or(detected);
    vec![
        format!("{}: {} to {}", failover.component, name(&failover.from), name(&failover.to)),
        clock(t.started),
        since(t.detected, t.started),
        since(t.elected, detected),
        since(t.promoted, elected),
        since(t.recovered, t.promoted.unwrap_or(elected)),
        since(t.recovered, t.started),
    ]
}

fn faults(report: &Report) -> String {
    if report.faults.is_empty() {
        return String::new();
    }
    let head = [
        "",
        "from",
        "to",
        "requests",
        "messages",
        "nodes touched",
        "noticed after",
        "served again after",
    ];
    let mut rows = vec![head.map(str::to_string).to_vec()];
    rows.extend(report.faults.iter().map(fault));
    let enough = percent(ENOUGH);
    let together = if report.faults.len() > 1 { "; faults that overlap, together" } else { "" };
    format!(
        "faults\n{}  served again: until goodput was {enough} of what it had been before{together}\n",
        table(&rows, 1)
    )
}

fn fault(fault: &FaultReport) -> Vec<String> {
    let end = fault.end.map_or("the end".to_string(), clock);
    let touched = [fault.touched_requests, fault.touched_messages, fault.touched_nodes];
    let mut row = vec![shortened(&fault.command), clock(fault.start), end];
    row.extend(touched.map(count));
    let length = |ns: Option<Ns>, none: &str| ns.map_or(none.to_string(), time);
    row.push(length(fault.time_to_detect, "not noticed"));
    row.push(length(fault.time_to_recover, "not yet"));
    row
}

/// Letters of a command in a table; the whole command stands in the timeline.
const COMMAND: usize = 60;

fn shortened(command: &str) -> String {
    match command.char_indices().nth(COMMAND) {
        Some(_) => command.chars().take(COMMAND - 1).chain(['…']).collect(),
        None => command.to_owned(),
    }
}

/// Commands that found nothing to do.
fn notes(report: &Report) -> String {
    let line = |text: String, note: &String| format!("{text}  {note}\n");
    if report.notes.is_empty() {
        return String::new();
    }
    report.notes.iter().fold("notes\n".to_string(), line)
}

fn data(report: &Report) -> String {
    let truth = &report.truth;
    let mut facts = vec![
        several(truth.acknowledged, "acknowledged write"),
        format!("{} lost", count(truth.lost)),
        several(truth.stale, "stale read"),
        format!("two primaries for {:.1} s", truth.split_brain as f64 / SECOND as f64),
        several(report.wasted, "wasted answer"),
    ];
    if let Some(doubled) = truth.doubled {
        facts.insert(3, several(doubled, "doubled effect"));
    }
    if let Some(conflicts) = truth.conflicts {
        facts.insert(4, several(conflicts, "conflict"));
    }
    if truth.unpublished > 0 {
        facts.push(format!("{} never published", count(truth.unpublished)));
    }
    if truth.at_risk > 0 {
        facts.push(format!("{} still at risk", count(truth.at_risk)));
    }
    format!("data\n  {}\n", facts.join(", "))
}

fn components(report: &Report) -> String {
    let head = ["", "", "nodes", "busy", "busiest node", "most waiting", "calls", "failed", ""];
    let mut rows = vec![head.map(str::to_string).to_vec()];
    rows.extend(report.judged.components.iter().map(component));
    let (judged, mut facts) = (&report.judged, String::new());
    if let Some(first) = report.first_limit() {
        let _ = writeln!(facts, "  {first}");
    }
    if let (Some(measured), Some(predicted)) = (judged.total.availability(), judged.predicted) {
        let (measured, predicted) = (percent(measured), percent(predicted));
        let _ = writeln!(
            facts,
            "  available {measured}; {predicted} if failures were independent and noticed at once"
        );
    }
    for component in &report.judged.components {
        facts += &messages(component);
    }
    facts += &reliability(report);
    format!("components\n{}{facts}", table(&rows, 2))
}

/// Nines, the error budget and how often and for how long too many failed, if anything did.
fn reliability(report: &Report) -> String {
    let (tally, outages) = (&report.judged.total.tally, &report.outages);
    let (Some(nines), Some(spent)) = (nines(tally), budget_spent(tally)) else {
        return String::new();
    };
    let (nines, objective) = (several(u64::from(nines), "nine"), percent(objective()));
    let spent = percent(spent);
    let mut text = format!("  {nines}; {spent} of the error budget of {objective} is spent\n");
    if let (Some(mtbf), Some(mttr)) = (outages.mtbf(), outages.mttr()) {
        let (n, mtbf, mttr) = (several(outages.failures(), "time"), time(mtbf), time(mttr));
        let _ = writeln!(
            text,
            "  {n} more than {} failed or were late, or nobody was served: for {mttr} on average, \
             {mtbf} between them",
            percent(TOO_MANY)
        );
    }
    text
}

/// What became of the messages of a queue; nothing of what is none.
fn messages(component: &Component) -> String {
    let Some(queue) = &component.queue else { return String::new() };
    format!(
        "  {}: {} given out again, {}, {} lost or dropped; the oldest waited {}, at the end {}\n",
        component.name,
        count(queue.redelivered),
        several(queue.dead_letters, "dead letter"),
        count(queue.lost),
        time(queue.age_max),
        time(queue.age),
    )
}

/// What of its calls it answered, if not all, and in which share of the time a node of it was up.
fn availability(component: &Component) -> Option<String> {
    let measured = component.availability().filter(|a| *a < 1.0)?;
    let up = percent(component.parallel());
    Some(format!("answered {}, up {up}", percent(measured)))
}

fn component(component: &Component) -> Vec<String> {
    let busy = |share: Option<f64>| share.map_or("–".to_string(), gauge);
    let calls = &component.calls;
    let hits = calls.hit_ratio().map(|r| format!("hit ratio {}", percent(r)));
    let more: Vec<String> = hits.into_iter().chain(availability(component)).collect();
    vec![
        component.name.to_string(),
        component.kind.to_string(),
        count(component.nodes as u64),
        busy(component.utilisation),
        busy(component.utilisation_max),
        count(component.depth_max),
        count(calls.ended()),
        count(calls.failed()),
        more.join(", "),
    ]
}

fn foot(report: &Report) -> String {
    let (events, wall) = (count(report.events), report.origin.wall_s);
    let run = format!("digest {:016x}, {events} events in {wall:.2} s", report.digest);
    let verdict = verdict::verdict(report);
    format!("{verdict}\n{run}\n")
}
