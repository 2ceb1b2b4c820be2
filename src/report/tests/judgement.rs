//! A made-up judgement with every kind of result in it.

use crate::observe::metric::Unit;
use crate::playbook::{Hold, Verdict};
use crate::session::verdict::{Answer, CheckResult, Judgement, Measured, Violation};
use crate::sim::time::{MILLISECOND, SECOND};

pub(super) fn example() -> Judgement {
    let measured = |quantity: &str, unit, sign, value, wanted| Measured {
        quantity: quantity.into(),
        unit,
        value: Some(value),
        sign,
        wanted: Some(wanted),
        baseline: None,
    };
    let fast = measured("p99", Unit::Time, "<", 35.0 * MILLISECOND as f64, 0.25 * SECOND as f64);
    let success = measured("success(order)", Unit::Share, ">=", 0.9899, 0.99);
    let goodput = measured("goodput", Unit::Rate, ">=", 1_553.7, 1_900.0);
    let check = |name: &str, that: &str, scope: &str, measured: Vec<Measured>| CheckResult {
        name: name.into(),
        that: that.into(),
        scope: scope.into(),
        verdict: Verdict::Held,
        measured,
        windows: 45,
        violated: 0,
        first_violation: None,
        why: None,
    };
    let (from, to) = (15 * SECOND, 17 * SECOND);
    Judgement {
        verdict: Verdict::Deviated,
        checks: vec![
            check(
                "fast",
                "p99 < 250ms and success(order) >= 98%",
                "before and after",
                vec![fast, Measured { wanted: Some(0.98), ..success.clone() }],
            ),
            CheckResult {
                verdict: Verdict::Deviated,
                violated: 3,
                first_violation: Some(Violation { from, to, phase: Some(Hold::During) }),
                ..check("orders succeed", "success(order) >= 99% over 2s", "during", vec![success])
            },
            CheckResult {
                verdict: Verdict::Deviated,
                violated: 45,
                first_violation: Some(Violation { from, to, phase: None }),
                ..check(
                    "back",
                    "goodput >= 95% of baseline over 2s",
                    "within 2s of crash",
                    vec![Measured { baseline: Some(2_000.0), ..goodput }],
                )
            },
            CheckResult {
                verdict: Verdict::Inconclusive,
                windows: 0,
                why: Some("nothing was measured in any of 9 windows".into()),
                ..check("slow ones too", "p99(edit) < 1s", "during", Vec::new())
            },
        ],
        stopped: None,
        untouched: Vec::new(),
        answers: vec![answer()],
        at: 60 * SECOND,
        over: true,
    }
}

fn answer() -> Answer {
    Answer {
        ask: "How long are orders refused?".into(),
        quantity: "outage(order)".into(),
        unit: Unit::Time,
        value: Some(1_500.0 * MILLISECOND as f64),
        choice: Some("1 to 5 s".into()),
        predicted: None,
    }
}
