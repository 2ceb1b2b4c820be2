//! The report as a reviewer reads it: what was expected, what was done, what was seen, how before
//! compares with during and after, what follows from it, and how to do it again.

use super::phases::compared;
use super::text::verdict::verdict;
use super::{Report, Spread, Summary, went};
use crate::chaos::condition::print_amount;
use crate::observe::figures::{NARROW_SPACE, clock, count, percent, several};
use crate::observe::judged::Began;
use crate::observe::log::{Line, Tone};
use crate::playbook::{HEADS, paragraphs, sentence};
use crate::sim::time::seconds;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

/// Observations at most; the middle of more is left out.
const OBSERVATIONS: usize = 80;

/// Writes the report of one run.
///
/// # Errors
/// When it cannot be written there.
pub fn write(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let mut text = head(report);
    for section in [
        hypothesis(report),
        commands(report),
        observations(report),
        comparison(report),
        totals(report),
        where_time_goes(report),
        improve(report),
        about(report),
        again(&report.origin.again, &[report.digest]),
    ] {
        if !section.is_empty() {
            text.push('\n');
            text.push_str(&section);
        }
    }
    out.write_all(text.replace(NARROW_SPACE, " ").as_bytes())
}

/// Writes the summary of one file over several seeds.
///
/// # Errors
/// When it cannot be written there.
pub fn write_summary(summary: &Summary, out: &mut impl io::Write) -> io::Result<()> {
    let mut text = format!("# {}\n\n", cell(&summary.title));
    let _ = writeln!(
        text,
        "Cluster {}, seeds {}, {} s of simulated time each.\n\n**Verdict:** {}.",
        summary.cluster,
        summary.seeds(),
        seconds(summary.simulated),
        summary.verdict_sentence()
    );
    if !summary.checks.is_empty() {
        text.push_str("\n## Hypothesis\n\n");
        let row = |c: &super::seeds::CheckSummary| {
            vec![c.name.clone(), code(&c.that), format!("{} of {}", c.held, summary.runs)]
        };
        text.push_str(&table(&["check", "that", "held"], summary.checks.iter().map(row)));
    }
    text.push_str("\n## Figures over the seeds\n\n");
    let row = |(name, spread): &(String, Spread)| {
        std::iter::once(name.clone()).chain(spread.cells()).collect()
    };
    let heads = ["", "min", "p10", "median", "p90", "max"];
    text.push_str(&table(&heads, summary.figures.iter().map(row)));
    let _ = write!(text, "\n{}", again(&summary.again, &summary.digests));
    out.write_all(text.replace(NARROW_SPACE, " ").as_bytes())
}

fn head(report: &Report) -> String {
    let mut text = format!("# {}\n", cell(&report.title));
    if !report.asks.is_empty() {
        let _ = writeln!(text, "\n> {}", cell(&report.asks));
    }
    let version = env!("CARGO_PKG_VERSION");
    let (cluster, seed, simulated) = (&report.cluster, report.seed, seconds(report.simulated));
    let _ = write!(text, "\nCluster {cluster}, seed {seed}, {simulated} s of simulated time");
    if report.warmup > 0 {
        let _ = write!(text, ", of which the first {} s are not judged", seconds(report.warmup));
    }
    let _ = writeln!(text, "; brownout {version}.");
    let verdict = verdict(report);
    let verdict = verdict.strip_prefix("verdict ").unwrap_or(&verdict);
    let _ = writeln!(text, "\n**Verdict:** {}.", cell(verdict));
    text
}

fn hypothesis(report: &Report) -> String {
    let checks = &report.judgement.checks;
    if checks.is_empty() {
        return "## Hypothesis\n\nNone: this run is a measurement.\n".to_string();
    }
    let row = |c: &crate::session::verdict::CheckResult| {
        let told = c.told();
        let first = c.first_violation.map_or(String::new(), |v| clock(v.to));
        let verdict = c.verdict.word().to_string();
        vec![c.name.clone(), code(&c.that), c.scope.clone(), verdict, told, first]
    };
    let heads = ["check", "that", "when", "verdict", "measured", "first violated"];
    format!("## Hypothesis\n\n{}", table(&heads, checks.iter().map(row)))
}

/// What was done to the cluster, and what each fault touched.
fn commands(report: &Report) -> String {
    if report.commands.is_empty() {
        return String::new();
    }
    let faults: BTreeMap<&str, &super::FaultReport> =
        report.faults.iter().map(|fault| (fault.id.as_str(), fault)).collect();
    let row = |command: &super::CommandReport| {
        let fault = command.fault.as_ref().and_then(|id| faults.get(id.as_str()));
        let touched = fault.map_or(String::new(), |f| several(f.touched_requests, "request"));
        let until = fault.map_or(String::new(), |f| f.end.map_or("the end".to_string(), clock));
        vec![clock(command.at), code(&command.text), until, touched]
    };
    let heads = ["at", "command", "until", "touched"];
    let rows = table(&heads, report.commands.iter().map(row));
    let gap = if report.notes.is_empty() { "" } else { "\n" };
    let note = |text: String, note: &String| format!("{text}- {}\n", cell(note));
    report.notes.iter().fold(format!("## Commands\n\n{rows}{gap}"), note)
}

fn observations(report: &Report) -> String {
    let seen: Vec<&Line> = report.lines.iter().filter(|l| l.tone != Tone::Command).collect();
    let (half, left_out) = (OBSERVATIONS / 2, seen.len().saturating_sub(OBSERVATIONS));
    let mut text = "## Observations\n\n".to_string();
    for (i, line) in seen.iter().enumerate() {
        if left_out > 0 && i == half {
            let _ = writeln!(text, "- … {} left out …", several(left_out as u64, "line"));
        }
        if i < half || i >= half + left_out {
            let _ = writeln!(text, "- {} {}", clock(line.at), cell(&line.text));
        }
    }
    text
}

fn comparison(report: &Report) -> String {
    if report.phases.is_empty() {
        return String::new();
    }
    let heads: Vec<String> = report
        .phases
        .iter()
        .map(|p| format!("{} ({} to {})", p.name, clock(p.from), clock(p.to)))
        .collect();
    let heads: Vec<&str> = std::iter::once("").chain(heads.iter().map(String::as_str)).collect();
    let rows = compared().enumerate().map(|(i, metric)| {
        let value = |v: Option<f64>| v.map_or("–".to_string(), |v| print_amount(metric.unit, v));
        let values = report.phases.iter().map(|p| value(p.values.get(i).copied().flatten()));
        std::iter::once(metric.name.to_string()).chain(values).collect()
    });
    format!("## Before, during, after\n\n{}", table(&heads, rows))
}

fn totals(report: &Report) -> String {
    let requests = &report.judged.total;
    let tally = &requests.tally;
    let late = tally.of(crate::sim::observation::Outcome::Late);
    let mut rows = vec![
        ("offered", count(tally.offered)),
        ("ok", count(tally.ok())),
        ("late", count(late)),
        ("failed", count(tally.failed())),
        ("in flight", count(requests.in_flight())),
        ("available", requests.availability().map_or("–".to_string(), percent)),
        ("lost writes", count(report.truth.lost)),
        ("stale reads", count(report.truth.stale)),
    ];
    let failures = requests.failures();
    let reasons = failures.iter().map(|(reason, n)| (reason.word(), count(*n)));
    rows.extend(reasons);
    let rows = rows.into_iter().map(|(name, value)| vec![name.to_string(), value]);
    format!("## Totals\n\n{}", table(&["", "requests"], rows))
}

/// Where the time of answered requests went, component by component.
fn where_time_goes(report: &Report) -> String {
    let Some(went) = &report.judged.where_time else { return String::new() };
    let heads = std::iter::once("ms").chain(went::HEADS).collect::<Vec<_>>();
    let table = table(&heads, went::rows(went).into_iter());
    format!("## Where the time of an answered request goes\n\n{}.\n\n{table}", went.sample())
}

/// What would have helped, then what helps against each reason for which requests failed, where that
/// began.
fn improve(report: &Report) -> String {
    let failures = report.judged.began();
    if report.findings.is_empty() && failures.is_empty() {
        return String::new();
    }
    let mut text = "## What to improve next\n\n".to_string();
    if let Some(first) = report.first_limit() {
        let first = first.replacen("first", "First", 1);
        let _ = writeln!(text, "- {}.", cell(&first));
    }
    for finding in &report.findings {
        let (why, fix) = (cell(&finding.why), cell(&finding.fix));
        let _ = writeln!(text, "- At {}: {why} The usual remedy: {fix}.", clock(finding.at));
    }
    for failed in &failures {
        text += &helps(report, failed);
    }
    text
}

/// Against failures for a reason that began there: what was tried and seen to help.
fn helps(report: &Report, failed: &Began) -> String {
    let Began { reason, at, count: n, .. } = failed;
    let (n, word, sentence) = (count(*n), reason.word(), reason.sentence());
    let helped = match (report.helped(failed), report.tried.len()) {
        (_, 0) => String::new(),
        (None, 1) => " The one change that was tried does not help.".to_string(),
        (None, tried) => format!(" None of {tried} changes that were tried helps."),
        (Some(help), tried) => {
            let words = code(&cell(&help.by.words));
            let among = if tried > 1 { format!(", the best of {tried}") } else { String::new() };
            let (left, unserved) = (count(help.left), count(help.by.unserved));
            let all = count(report.unserved());
            format!(
                " What helps: {words}. The same run with that{among}: {left} of {n} such failures are \
                 left, and {unserved} of {all} requests that were not served."
            )
        }
    };
    format!("- {n} failed as `{word}` at {}: {sentence}.{helped}\n", cell(at))
}

/// What the playbook teaches, and what to try next: as paragraphs, for its lines end where they like.
fn about(report: &Report) -> String {
    let paragraphs = paragraphs(&report.about);
    if paragraphs.is_empty() {
        return String::new();
    }
    let [lesson, next] = HEADS;
    let part = |text: &String| match (text.strip_prefix(lesson), text.strip_prefix(next)) {
        (Some(text), _) => cell(&sentence(text)),
        (None, Some(text)) => format!("**{next}** {}", cell(text.trim())),
        (None, None) => cell(text),
    };
    let text: Vec<String> = paragraphs.iter().map(part).collect();
    format!("## What it teaches\n\n{}\n", text.join("\n\n"))
}

fn again(command: &str, digests: &[u64]) -> String {
    let mut text = format!("## Again\n\n```sh\n{command}\n```\n\nDigest");
    text.push_str(if digests.len() > 1 { "s" } else { "" });
    for digest in digests {
        let _ = write!(text, " `{digest:016x}`");
    }
    text + ".\n"
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

/// Text that does not become anything else in Markdown. What stands between backticks is shown as it
/// is, entities too.
fn cell(text: &str) -> String {
    let text = text.replace('\n', " ");
    let parts: Vec<&str> = text.split('`').collect();
    // What an odd backtick begins has no end, and is no code.
    let is_code = |i: usize| i % 2 == 1 && i + 1 < parts.len();
    let shown = parts
        .iter()
        .enumerate()
        .map(|(i, part)| if is_code(i) { (*part).to_string() } else { part.replace('<', "&lt;") });
    shown.collect::<Vec<_>>().join("`")
}

fn table(heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &mut dyn Iterator<Item = String>| {
        cells.fold("|".to_string(), |line, cell| line + " " + &cell + " |") + "\n"
    };
    let mut text = line(&mut heads.iter().map(|head| (*head).to_string()));
    text += &line(&mut heads.iter().map(|_| "---".to_string()));
    for row in rows {
        text += &line(&mut row.iter().map(|c| cell(c).replace('|', "\\|")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_a_tag_and_code_stays_as_it_is() {
        assert_eq!(cell("a <b> `c <d>`\n<e>"), "a &lt;b> `c <d>` &lt;e>");
        assert_eq!(cell("a `b <script>"), "a `b &lt;script>");
        assert_eq!(cell("```<b>"), "```&lt;b>");
    }
}
