//! Checks of a run: one number for a check of one comparison, else an object by quantity.

use super::{Ordered, rounded};
use crate::observe::metric::Unit;
use crate::session::verdict::{Answer, CheckResult, Judgement, Measured};
use crate::sim::time::{SECOND, seconds};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct CheckRow<'a> {
    name: &'a str,
    that: &'a str,
    scope: &'a str,
    verdict: &'static str,
    measured: Amounts<'a>,
    wanted: Amounts<'a>,
    windows: u64,
    violated: u64,
    first_violation_s: Option<f64>,
    why: Option<&'a str>,
}

/// Times in seconds, shares 0 to 1, everything else as it is counted.
#[derive(Serialize)]
#[serde(untagged)]
enum Amounts<'a> {
    One(Option<f64>),
    Several(Ordered<&'a str, Option<f64>>),
}

#[derive(Serialize)]
pub(super) struct StoppedRow<'a> {
    rule: &'a str,
    at_s: f64,
}

#[derive(Serialize)]
pub(super) struct AnswerRow<'a> {
    ask: &'a str,
    quantity: &'a str,
    answer: Option<f64>,
    choice: Option<&'a str>,
    predicted: Option<&'a str>,
}

pub(super) fn checks(judgement: &Judgement) -> Vec<CheckRow<'_>> {
    judgement.checks.iter().map(check).collect()
}

fn check(check: &CheckResult) -> CheckRow<'_> {
    CheckRow {
        name: &check.name,
        that: &check.that,
        scope: &check.scope,
        verdict: check.verdict.word(),
        measured: amounts(&check.measured, |m| m.value),
        wanted: amounts(&check.measured, |m| m.wanted),
        windows: check.windows,
        violated: check.violated,
        first_violation_s: check.first_violation.map(|v| seconds(v.to)),
        why: check.why.as_deref(),
    }
}

fn amounts(all: &[Measured], value: fn(&Measured) -> Option<f64>) -> Amounts<'_> {
    let one = |m: &Measured| value(m).map(|v| amount(m.unit, v));
    match all {
        [] => Amounts::One(None),
        [m] => Amounts::One(one(m)),
        all => {
            Amounts::Several(Ordered(all.iter().map(|m| (m.quantity.as_str(), one(m))).collect()))
        }
    }
}

/// A value in the measure in which reports tell its unit.
fn amount(unit: Unit, value: f64) -> f64 {
    match unit {
        Unit::Time => rounded(value / SECOND as f64, 1e6),
        _ => rounded(value, 1e6),
    }
}

pub(super) fn stopped(judgement: &Judgement) -> Option<StoppedRow<'_>> {
    let stopped = judgement.stopped.as_ref()?;
    Some(StoppedRow { rule: &stopped.rule, at_s: seconds(stopped.at) })
}

pub(super) fn answers(judgement: &Judgement) -> Vec<AnswerRow<'_>> {
    judgement.answers.iter().map(answer).collect()
}

fn answer(answer: &Answer) -> AnswerRow<'_> {
    AnswerRow {
        ask: &answer.ask,
        quantity: &answer.quantity,
        answer: answer.value.map(|v| amount(answer.unit, v)),
        choice: answer.choice.as_deref(),
        predicted: answer.predicted.as_deref(),
    }
}
