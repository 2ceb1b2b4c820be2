//! What a run has shown of its hypothesis: the result of judging it.

mod told;

use crate::observe::metric::Unit;
use crate::playbook::{Hold, Verdict};
use crate::sim::id::FaultId;
use crate::sim::time::Ns;

/// The result of a judged run, or of its part until now.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Of all.
    pub verdict: Verdict,
    /// Of each check, in the order of the file.
    pub checks: Vec<CheckResult>,
    /// What ended the run early: a rule, and when it did.
    pub stopped: Option<StoppedBy>,
    /// Faults that touched nothing, and steps that should have begun a fault and did not; each is a
    /// sentence without its end. With checks that had no full window they make a run inconclusive.
    pub untouched: Vec<Untouched>,
    /// The answers to its questions, in the order of the file.
    pub answers: Vec<Answer>,
    /// When the run ended, or how far it is.
    pub at: Ns,
    /// Whether it is over: at its length, or stopped.
    pub over: bool,
}

/// The measured answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The question.
    pub ask: String,
    /// What was measured, as text: `outage(order)`.
    pub quantity: String,
    /// In what it is measured.
    pub unit: Unit,
    /// The answer, over the whole judged time; `None` if there was nothing to measure.
    pub value: Option<f64>,
    /// Which of the choices that is; `None` if none of them says so.
    pub choice: Option<String>,
    /// Which of them a person predicted, if one did.
    pub predicted: Option<String>,
}

/// A rule that ended a run.
#[derive(Clone, Debug, PartialEq)]
pub struct StoppedBy {
    /// The rule, as text.
    pub rule: String,
    /// At the end of which window it held.
    pub at: Ns,
    /// What was measured in it.
    pub measured: Vec<Measured>,
}

/// Something that was to do harm and did none.
#[derive(Clone, Debug, PartialEq)]
pub struct Untouched {
    /// The fault, if one began.
    pub fault: Option<FaultId>,
    /// What is wrong: `slow dispatch factor=10 touched nothing`.
    pub why: String,
}

/// A check after it was judged.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckResult {
    /// Its name.
    pub name: String,
    /// Its condition, as text.
    pub that: String,
    /// In which windows it had to hold, as text: `before and after`, `within 12s of kill`.
    pub scope: String,
    /// Held, deviated or inconclusive.
    pub verdict: Verdict,
    /// What was measured, one entry for each comparison: in the first window that did not hold, else
    /// in the window that came nearest to that.
    pub measured: Vec<Measured>,
    /// Windows in which it was judged.
    pub windows: u64,
    /// Of those, the ones in which it did not hold.
    pub violated: u64,
    /// The first of them.
    pub first_violation: Option<Violation>,
    /// Why nothing can be said, if it is inconclusive.
    pub why: Option<String>,
}

/// A window in which a check did not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where the window begins.
    pub from: Ns,
    /// Where it ends: the time at which the violation was found.
    pub to: Ns,
    /// The phase for which it was judged; `None` for `within`.
    pub phase: Option<Hold>,
}

/// A measured value beside the wanted one.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The quantity, as text: `success(order)`.
    pub quantity: String,
    /// In what it is measured.
    pub unit: Unit,
    /// What was measured, in the measure of the unit; `None` if there was nothing to measure.
    pub value: Option<f64>,
    /// The sign of the comparison: `>=`.
    pub sign: &'static str,
    /// What was wanted, in the same measure; `None` if it depends on a baseline that there is not.
    pub wanted: Option<f64>,
    /// The value before the first fault, where the wanted one is a part of it.
    pub baseline: Option<f64>,
}

/// How far a run is: for those who watch.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Simulated time.
    pub now: Ns,
    /// When the run is over.
    pub length: Ns,
    /// Whether it is.
    pub over: bool,
    /// The steps, in the order of the file.
    pub steps: Vec<StepProgress>,
    /// The newest caption and when it was said, while it stands.
    pub say: Option<(Ns, String)>,
    /// The checks, in the order of the file.
    pub checks: Vec<CheckProgress>,
    /// The verdict, once it is over.
    pub verdict: Option<Verdict>,
}

/// How far a step is.
#[derive(Clone, Debug, PartialEq)]
pub struct StepProgress {
    /// Its name.
    pub id: String,
    /// Its command, as text.
    pub command: String,
    /// When it was done last, if it was.
    pub done: Option<Ns>,
    /// How often it was.
    pub times: u32,
    /// When it is done next, as far as that is known.
    pub next: Option<Ns>,
    /// What it says.
    pub say: Option<String>,
    /// What it waits for, if that is no time: `when p99 > 1s`, `after kill`.
    pub waits: Option<String>,
}

/// How a check stands.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckProgress {
    /// Its name.
    pub name: String,
    /// What it says so far; `None` while one of its phases has had no window.
    pub state: Option<Verdict>,
    /// Windows judged, and violated.
    pub windows: (u64, u64),
    /// When it was violated first.
    pub first_violation: Option<Ns>,
}
