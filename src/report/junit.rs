//! `JUnit`'s XML, as Jenkins, GitLab and most other servers read it: a suite for each run, a case for
//! each check, and one for the run itself, so that no suite is empty.
//!
//! A check that deviated is a *failure*. One that is inconclusive is an *error*, and not *skipped*:
//! an experiment that has shown nothing must not look like one that passed. A rule that stopped the
//! run, and a fault that touched nothing, are errors of the run's own case.

use super::Report;
use super::text::verdict::verdict;
use crate::observe::figures::NARROW_SPACE;
use crate::playbook::{Verdict, paragraphs};
use crate::session::verdict::CheckResult;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

/// The name of the case of the run itself.
pub const RUN: &str = "the run";

/// How a case ended.
enum Result {
    Passed,
    Failed(String),
    /// The verdict, and why.
    Error(Verdict, String),
}

struct Case<'a> {
    name: &'a str,
    time_s: f64,
    result: Result,
}

/// Writes the reports as one document.
///
/// # Errors
/// When they cannot be written there.
pub fn write(reports: &[Report], out: &mut impl io::Write) -> io::Result<()> {
    let suites: Vec<(String, Vec<Case<'_>>)> =
        names(reports).into_iter().zip(reports.iter().map(cases)).collect();
    let all = suites.iter().flat_map(|(_, cases)| cases);
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_string();
    let wall: f64 = reports.iter().map(|r| r.origin.wall_s).sum();
    // The schema has `skipped` for a suite, and not for all of them.
    let _ = writeln!(text, "<testsuites name=\"brownout\"{}>", counts(all, "", wall));
    for ((name, cases), report) in suites.iter().zip(reports) {
        suite(&mut text, name, cases, report);
    }
    text.push_str("</testsuites>\n");
    out.write_all(text.replace(NARROW_SPACE, " ").as_bytes())
}

/// The names of all suites: the file, with its seed where a file was run with several. A run that is
/// there twice has a number, too: servers keep one suite of a name.
fn names(reports: &[Report]) -> Vec<String> {
    let (mut files, mut taken) = (BTreeMap::new(), BTreeMap::new());
    for report in reports {
        *files.entry(file(report)).or_insert(0) += 1;
    }
    let name = |report: &Report| {
        let (path, seed) = (file(report), report.seed);
        let name = if files[path] > 1 { format!("{path} seed {seed}") } else { path.to_string() };
        let times = taken.entry(name.clone()).or_insert(0);
        *times += 1;
        if *times > 1 { format!("{name} #{times}") } else { name }
    };
    reports.iter().map(name).collect()
}

fn file(report: &Report) -> &str {
    report.origin.playbook.as_deref().unwrap_or(&report.cluster)
}

fn cases(report: &Report) -> Vec<Case<'_>> {
    let run = Case { name: RUN, time_s: report.origin.wall_s, result: run(report) };
    std::iter::once(run).chain(report.judgement.checks.iter().map(case)).collect()
}

fn run(report: &Report) -> Result {
    let judgement = &report.judgement;
    let untouched: Vec<&str> = judgement.untouched.iter().map(|u| u.why.as_str()).collect();
    if judgement.stopped.is_some() {
        Result::Error(Verdict::Stopped, verdict(report))
    } else if !untouched.is_empty() {
        Result::Error(Verdict::Inconclusive, untouched.join(", "))
    } else {
        Result::Passed
    }
}

fn case(check: &CheckResult) -> Case<'_> {
    let result = match check.verdict {
        Verdict::Held => Result::Passed,
        Verdict::Deviated => Result::Failed(check.told()),
        verdict @ (Verdict::Inconclusive | Verdict::Stopped) => {
            Result::Error(verdict, check.told())
        }
    };
    Case { name: &check.name, time_s: 0.0, result }
}

/// The attributes that count cases.
fn counts<'a>(cases: impl Iterator<Item = &'a Case<'a>>, skipped: &str, time_s: f64) -> String {
    let (mut tests, mut failures, mut errors) = (0, 0, 0);
    for case in cases {
        tests += 1;
        match case.result {
            Result::Passed => {}
            Result::Failed(_) => failures += 1,
            Result::Error(..) => errors += 1,
        }
    }
    format!(
        " tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"{skipped} time=\"{time_s:.3}\""
    )
}

fn suite(text: &mut String, name: &str, cases: &[Case<'_>], report: &Report) {
    let counts = counts(cases.iter(), " skipped=\"0\"", report.origin.wall_s);
    let _ = writeln!(text, "  <testsuite name=\"{}\"{counts}>", escaped(name));
    let tally = &report.judged.total.tally;
    let properties = [
        ("cluster", report.cluster.clone()),
        ("seed", report.seed.to_string()),
        ("digest", format!("{:016x}", report.digest)),
        ("verdict", report.verdict.word().to_string()),
        ("offered", tally.offered.to_string()),
        ("ok", tally.ok().to_string()),
        ("failed", tally.failed().to_string()),
        ("lost_writes", report.truth.lost.to_string()),
        ("bottleneck", report.first_limit().unwrap_or_default()),
        ("again", report.origin.again.clone()),
        ("about", paragraphs(&report.about).join(" ")),
    ];
    text.push_str("    <properties>\n");
    for (key, value) in properties {
        let _ = writeln!(text, "      <property name=\"{key}\" value=\"{}\"/>", escaped(&value));
    }
    text.push_str("    </properties>\n");
    for case in cases {
        element(text, case, name);
    }
    text.push_str("  </testsuite>\n");
}

fn element(text: &mut String, case: &Case<'_>, suite: &str) {
    let (name, class) = (escaped(case.name), escaped(suite));
    let _ = write!(
        text,
        "    <testcase name=\"{name}\" classname=\"{class}\" time=\"{:.3}\"",
        case.time_s
    );
    let (tag, kind, message) = match &case.result {
        Result::Passed => {
            text.push_str("/>\n");
            return;
        }
        Result::Failed(message) => ("failure", Verdict::Deviated.word(), message),
        Result::Error(verdict, message) => ("error", verdict.word(), message),
    };
    let message = escaped(message);
    let _ =
        writeln!(text, ">\n      <{tag} message=\"{message}\" type=\"{kind}\"/>\n    </testcase>");
}

/// Text as it may stand in an attribute. What XML 1.0 has no place for becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(out, "&#{};", c as u32);
            }
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_an_attribute() {
        let odd = "a < b && \"c\" > 'd'\n\u{1}é";
        let xml = format!("<x y=\"{}\"/>", escaped(odd));
        let document = roxmltree::Document::parse(&xml).unwrap();
        let read = document.root_element().attribute("y").unwrap();
        assert_eq!(read, odd.replace('\u{1}', "\u{fffd}"));
    }
}
