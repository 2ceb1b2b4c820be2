//! Checks, answers and the verdict, for people.

use super::{clock, table};
use crate::chaos::condition::print_amount;
use crate::observe::figures::{NARROW_SPACE, several};
use crate::playbook::Verdict;
use crate::report::Report;
use crate::session::verdict::{CheckResult, Measured};
use std::fmt::Write as _;

/// Each check: its verdict, what was measured against what was wanted, and where it failed first.
pub(super) fn checks(report: &Report) -> String {
    let judgement = &report.judgement;
    if judgement.checks.is_empty() {
        return String::new();
    }
    let row = |check: &CheckResult| {
        let verdict = check.verdict.word().to_string();
        let told = check.why.clone().unwrap_or_else(|| measured_all(&check.measured));
        vec![verdict, check.name.clone(), check.scope.clone(), told + &windows(check)]
    };
    let rows: Vec<Vec<String>> = judgement.checks.iter().map(row).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    format!("checks\n{}", table(&rows, columns))
}

/// How many windows there were and, if it did not hold, where that began.
fn windows(check: &CheckResult) -> String {
    let Some(first) = &check.first_violation else {
        return match check.verdict {
            Verdict::Held => format!(" in {}", several(check.windows, "window")),
            _ => String::new(),
        };
    };
    let phase = first.phase.map_or(String::new(), |phase| format!(", {}", phase.word()));
    let (from, to) = (clock(first.from), clock(first.to));
    let (violated, windows) = (check.violated, several(check.windows, "window"));
    format!(" in {from} to {to}{phase}; not in {violated} of {windows}")
}

pub(in crate::report) fn measured_all(all: &[Measured]) -> String {
    all.iter().map(measured).collect::<Vec<_>>().join(", ")
}

/// `success(order) 97.2 % (wanted >= 99 %)`.
fn measured(measured: &Measured) -> String {
    let unit = measured.unit;
    let amount = |value: Option<f64>| value.map_or("–".to_string(), |v| print_amount(unit, v));
    let (mut value, wanted) = (amount(measured.value), amount(measured.wanted));
    if value == wanted && measured.value != measured.wanted {
        // Three digits do not tell them apart.
        let side = if measured.value < measured.wanted { "below" } else { "above" };
        value = format!("just {side} {value}");
    }
    let mut text = format!("{} {value} (wanted {} {wanted}", measured.quantity, measured.sign);
    if let Some(baseline) = measured.baseline {
        let _ = write!(text, ", before: {}", print_amount(unit, baseline));
    }
    text + ")"
}

/// The questions with their measured answers.
pub(super) fn answers(report: &Report) -> String {
    let answers = &report.judgement.answers;
    if answers.is_empty() {
        return String::new();
    }
    let row = |a: &crate::session::verdict::Answer| {
        let value = a.value.map_or("nothing measured".to_string(), |v| print_amount(a.unit, v));
        vec![a.ask.clone(), format!("{} {value}", a.quantity)]
    };
    format!("predictions\n{}", table(&answers.iter().map(row).collect::<Vec<_>>(), 2))
}

/// `verdict inconclusive, slow dispatch touched nothing`.
pub(in crate::report) fn verdict(report: &Report) -> String {
    let judgement = &report.judgement;
    let mut text = format!("verdict {}", report.verdict.word());
    match report.verdict {
        Verdict::Held => {}
        Verdict::Stopped => {
            if let Some(stopped) = &judgement.stopped {
                let (at, measured) = (clock(stopped.at), measured_all(&stopped.measured));
                let _ = write!(text, " at {at}: {} ({measured})", stopped.rule);
            }
        }
        Verdict::Deviated => {
            let failed = judgement.checks.iter().filter(|c| c.verdict == Verdict::Deviated).count();
            let all = several(judgement.checks.len() as u64, "check");
            let _ = write!(text, ": {failed} of {all} did not hold");
        }
        Verdict::Inconclusive => {
            for untouched in &judgement.untouched {
                let _ = write!(text, ", {}", untouched.why);
            }
            let open = judgement.checks.iter().filter_map(|c| Some((&c.name, c.why.as_ref()?)));
            for (name, why) in open {
                let _ = write!(text, ", {name}: {why}");
            }
        }
    }
    text.replace(NARROW_SPACE, " ")
}
