//! Checks, answers and the verdict, for people.

use super::table;
use crate::observe::figures::NARROW_SPACE;
use crate::observe::metric::find;
use crate::playbook::Verdict;
use crate::report::Report;
use crate::session::verdict::{Answer, CheckResult};
use std::fmt::Write as _;

/// Each check: its verdict, what was measured against what was wanted, and where it failed first.
pub(super) fn checks(report: &Report) -> String {
    let judgement = &report.judgement;
    if judgement.checks.is_empty() {
        return String::new();
    }
    let row = |check: &CheckResult| {
        let verdict = check.verdict.word().to_string();
        let told = check.told() + &check.windows_told();
        vec![verdict, check.name.clone(), check.scope.clone(), told]
    };
    let rows: Vec<Vec<String>> = judgement.checks.iter().map(row).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    format!("checks\n{}", table(&rows, columns))
}

/// The questions with their measured answers, and what those mean.
pub(super) fn answers(report: &Report) -> String {
    let answers = &report.judgement.answers;
    if answers.is_empty() {
        return String::new();
    }
    let row = |a: &Answer| vec![a.ask.clone(), format!("{} {}", a.quantity, a.told())];
    let rows: Vec<Vec<String>> = answers.iter().map(row).collect();
    let mut text = format!("predictions\n{}", table(&rows, 2));
    let mut told: Vec<&str> = Vec::new();
    for metric in answers.iter().filter_map(|a| find(word(&a.quantity))) {
        if !told.contains(&metric.name) {
            let _ = writeln!(text, "  {}: {}", metric.name, metric.about);
            told.push(metric.name);
        }
    }
    text
}

/// The metric of a quantity: `outage` of `outage(order)`.
fn word(quantity: &str) -> &str {
    quantity.split_once('(').map_or(quantity, |(word, _)| word)
}

/// `verdict inconclusive, slow dispatch touched nothing`.
pub(in crate::report) fn verdict(report: &Report) -> String {
    let (word, because) = (report.verdict.word(), report.judgement.because());
    let gap = match report.verdict {
        _ if because.is_empty() => "",
        Verdict::Inconclusive => ", ",
        _ => ": ",
    };
    format!("verdict {word}{gap}{because}").replace(NARROW_SPACE, " ")
}
