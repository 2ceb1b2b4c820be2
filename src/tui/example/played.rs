//! The same cluster with a playbook: in the middle of it, and at its end.

use super::at_rest;
use crate::observe::metric::Unit;
use crate::playbook::{Hold, Verdict};
use crate::session::picture::{Ended, Picture, Played, PlayedCheck, PlayedStep, Question};
use crate::session::verdict::{Answer, CheckResult, Judgement, Measured, Violation};
use crate::sim::time::SECOND;
use std::sync::Arc;

/// The same with a playbook that is half over.
pub fn played() -> Picture {
    let step = |command: &str, done: Option<u64>, next: Option<u64>| PlayedStep {
        command: command.into(),
        done: done.map(|s| s * SECOND),
        next: next.map(|s| s * SECOND),
        say: done.map(|_| CAPTION.into()),
        waits: None,
    };
    let check = |name: &str, holds| PlayedCheck { name: name.into(), holds };
    let played = Played {
        title: "One server of four dies".into(),
        length: 90 * SECOND,
        steps: vec![
            step("crash web-2", Some(40), None),
            step("restart web-2", None, Some(60)),
            step("traffic x2", None, Some(75)),
        ],
        say: Some(CAPTION.into()),
        checks: vec![
            check("nothing lost", Some(true)),
            check("success ≥ 99.9 %", Some(false)),
            check("back in 2 s", None),
        ],
        questions: Vec::new(),
        ended: None,
    };
    Picture { played: Some(played), ..at_rest() }
}

const CAPTION: &str = "web-2 is dead. Who has not noticed yet?";

/// The same when it is over: one check held, one did not, and of one nothing can be said.
pub fn ended() -> Picture {
    let check = |name: &str, scope: &str, verdict, measured: Vec<Measured>| CheckResult {
        name: name.into(),
        that: String::new(),
        scope: scope.into(),
        verdict,
        measured,
        windows: 43,
        violated: 0,
        first_violation: None,
        why: None,
    };
    let measured = |quantity: &str, unit, sign, value, wanted| Measured {
        quantity: quantity.into(),
        unit,
        value: Some(value),
        sign,
        wanted: Some(wanted),
        baseline: None,
    };
    let lost = measured("lost_writes", Unit::Count, "==", 0.0, 0.0);
    let success = measured("success(order)", Unit::Share, ">=", 0.7512, 0.999);
    let violation = Violation { from: 40 * SECOND, to: 41 * SECOND, phase: Some(Hold::During) };
    let judgement = Judgement {
        verdict: Verdict::Deviated,
        checks: vec![
            check("nothing lost", "end", Verdict::Held, vec![lost]),
            CheckResult {
                violated: 2,
                first_violation: Some(violation),
                ..check("success ≥ 99.9 %", "always", Verdict::Deviated, vec![success])
            },
            CheckResult {
                windows: 0,
                why: Some("nothing was measured in any of 9 windows".into()),
                ..check("back in 2 s", "within 2s of crash", Verdict::Inconclusive, Vec::new())
            },
        ],
        stopped: None,
        untouched: Vec::new(),
        answers: vec![Answer {
            ask: "How many requests fail?".into(),
            quantity: "failures".into(),
            unit: Unit::Count,
            value: Some(674.0),
            choice: Some("under 1 000".into()),
            predicted: None,
        }],
        at: 90 * SECOND,
        over: true,
    };
    let about = "What it teaches: the time until somebody notices is the time in which users see\n\
        errors. Three checks of 500 ms must fail.\n\
        Try next: checks every 100 ms. How long are errors seen then?";
    let ended = Ended { judgement: Arc::new(judgement), expected: true, about: about.into() };
    let mut picture = Picture { now: 90 * SECOND, ..played() };
    if let Some(played) = &mut picture.played {
        played.ended = Some(ended);
        for step in &mut played.steps {
            step.done = step.done.or(step.next.take());
        }
    }
    picture
}

/// Before the first step, with a question.
pub fn asking() -> Picture {
    let mut picture = played();
    if let Some(played) = &mut picture.played {
        (played.steps[0].done, played.steps[0].next) = (None, Some(45 * SECOND));
        (played.steps[0].say, played.say) = (None, None);
        let choices = ["none", "under 1 000", "1 000 to 5 000", "more"];
        played.questions = vec![Question {
            ask: "How many requests fail?".into(),
            choices: choices.map(Into::into).to_vec(),
            before: 0,
            open: true,
            predicted: None,
            so_far: None,
        }];
    }
    picture
}

/// Over, with two predictions: the first right, the second wrong.
pub fn predicted() -> Picture {
    let mut picture = ended();
    if let Some(ended) = picture.played.as_mut().and_then(|p| p.ended.as_mut()) {
        let mut judgement = ended.judgement.as_ref().clone();
        judgement.answers[0].predicted = Some("under 1 000".into());
        judgement.answers.push(Answer {
            ask: "How long?".into(),
            quantity: "outage".into(),
            unit: Unit::Time,
            value: Some(1.5 * SECOND as f64),
            choice: Some("1 to 5 s".into()),
            predicted: Some("under 1 s".into()),
        });
        ended.judgement = Arc::new(judgement);
    }
    picture
}
