//! What a judgement says, in words: the same in every report and on the screen.

use super::{Answer, CheckResult, Judgement, Measured};
use crate::chaos::condition::print_amount;
use crate::observe::figures::{clock, count, several};
use crate::playbook::Verdict;
use std::fmt::{self, Write as _};

/// `success(order) 97.2 % (wanted >= 99 %)`.
impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount =
            |value: Option<f64>| value.map_or("–".to_string(), |v| print_amount(self.unit, v));
        let (mut value, wanted) = (amount(self.value), amount(self.wanted));
        if value == wanted && self.value != self.wanted {
            // Three digits do not tell them apart.
            let side = if self.value < self.wanted { "below" } else { "above" };
            value = format!("just {side} {value}");
        }
        write!(f, "{} {value} (wanted {} {wanted}", self.quantity, self.sign)?;
        if let Some(baseline) = self.baseline {
            write!(f, ", before: {}", print_amount(self.unit, baseline))?;
        }
        f.write_str(")")
    }
}

fn all(measured: &[Measured]) -> String {
    measured.iter().map(Measured::to_string).collect::<Vec<_>>().join(", ")
}

impl Answer {
    /// What was measured, in its unit, and which choice that is: `674 (under 1 000)`.
    #[must_use]
    pub fn told(&self) -> String {
        let value = self.value.map(|v| print_amount(self.unit, v));
        let value = value.unwrap_or_else(|| "nothing measured".to_owned());
        match &self.choice {
            Some(choice) => format!("{value} ({choice})"),
            None => value,
        }
    }

    /// Whether what was predicted is what was measured; `None` if nothing was predicted, or if the
    /// measured answer is none of the choices.
    #[must_use]
    pub fn is_right(&self) -> Option<bool> {
        Some(self.predicted.as_ref()? == self.choice.as_ref()?)
    }

    /// The word for that; `None` if nothing was predicted.
    #[must_use]
    pub fn judged(&self) -> Option<&'static str> {
        self.predicted.as_ref()?;
        Some(match self.is_right() {
            Some(true) => "right",
            Some(false) => "wrong",
            None => "no choice says so",
        })
    }

    /// What was predicted, if something was, beside what was measured:
    /// `predicted under 1 s, measured 1.5 s (1 to 5 s)`.
    #[must_use]
    pub fn compared(&self) -> String {
        let predicted = self.predicted.as_ref();
        let predicted = predicted.map_or(String::new(), |choice| format!("predicted {choice}, "));
        format!("{predicted}measured {}", self.told())
    }
}

impl CheckResult {
    /// What was measured beside what was wanted, or why nothing can be said.
    #[must_use]
    pub fn told(&self) -> String {
        self.why.clone().unwrap_or_else(|| all(&self.measured))
    }

    /// In how many windows it held and, if not in all, where it did not first: to be put behind
    /// [`CheckResult::told`].
    #[must_use]
    pub fn windows_told(&self) -> String {
        let Some(first) = &self.first_violation else {
            return match self.verdict {
                Verdict::Held => format!(" in {}", several(self.windows, "window")),
                _ => String::new(),
            };
        };
        let phase = first.phase.map_or(String::new(), |phase| format!(", {}", phase.word()));
        let (from, to) = (clock(first.from), clock(first.to));
        let windows = several(self.windows, "window");
        let held = match self.windows.saturating_sub(self.violated) {
            _ if self.windows == 1 => String::new(),
            0 => format!("; held in none of {windows}"),
            held => format!("; held in {} of {windows}", count(held)),
        };
        format!(" in {from} to {to}{phase}{held}")
    }
}

impl Judgement {
    /// What speaks for the verdict: `1 of 3 checks did not hold`. Empty if all held.
    #[must_use]
    pub fn because(&self) -> String {
        match self.verdict {
            Verdict::Held => String::new(),
            Verdict::Stopped => self.stopped.as_ref().map_or(String::new(), |stopped| {
                format!("{} at {} ({})", stopped.rule, clock(stopped.at), all(&stopped.measured))
            }),
            Verdict::Deviated => {
                let failed = self.checks.iter().filter(|c| c.verdict == Verdict::Deviated).count();
                let all = several(self.checks.len() as u64, "check");
                format!("{failed} of {all} did not hold")
            }
            Verdict::Inconclusive => {
                let mut text = String::new();
                let mut say = |part: fmt::Arguments<'_>| {
                    let gap = if text.is_empty() { "" } else { ", " };
                    let _ = write!(text, "{gap}{part}");
                };
                for untouched in &self.untouched {
                    say(format_args!("{}", untouched.why));
                }
                for check in &self.checks {
                    if let Some(why) = &check.why {
                        say(format_args!("{}: {why}", check.name));
                    }
                }
                text
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Violation;
    use super::*;
    use crate::observe::metric::Unit;
    use crate::playbook::Hold;
    use crate::sim::time::SECOND;

    #[test]
    fn windows_are_told_by_those_in_which_it_held() {
        let check = |windows, violated| CheckResult {
            name: String::new(),
            that: String::new(),
            scope: String::new(),
            verdict: Verdict::Deviated,
            measured: Vec::new(),
            windows,
            violated,
            first_violation: Some(Violation { from: 0, to: SECOND, phase: Some(Hold::During) }),
            why: None,
        };
        let told = |windows, violated| check(windows, violated).windows_told();
        assert_eq!(told(16, 16), " in 00:00.0 to 00:01.0, during; held in none of 16 windows");
        assert_eq!(told(16, 3), " in 00:00.0 to 00:01.0, during; held in 13 of 16 windows");
        assert_eq!(told(1, 1), " in 00:00.0 to 00:01.0, during");
        let held = CheckResult { verdict: Verdict::Held, first_violation: None, ..check(16, 0) };
        assert_eq!(held.windows_told(), " in 16 windows");
    }

    #[test]
    fn a_prediction_is_right_if_it_is_the_choice_that_was_measured() {
        let answer = |predicted: Option<&str>, choice: Option<&str>| Answer {
            ask: "How long?".into(),
            quantity: "outage".into(),
            unit: Unit::Time,
            value: Some(1.5 * SECOND as f64),
            choice: choice.map(Into::into),
            predicted: predicted.map(Into::into),
        };
        let right = answer(Some("1 to 5 s"), Some("1 to 5 s"));
        assert_eq!((right.is_right(), right.judged()), (Some(true), Some("right")));
        assert_eq!(right.compared(), "predicted 1 to 5 s, measured 1.5 s (1 to 5 s)");
        let wrong = answer(Some("longer"), Some("1 to 5 s"));
        assert_eq!((wrong.is_right(), wrong.judged()), (Some(false), Some("wrong")));
        let unsaid = answer(Some("longer"), None);
        assert_eq!((unsaid.is_right(), unsaid.judged()), (None, Some("no choice says so")));
        let unasked = answer(None, Some("1 to 5 s"));
        assert_eq!((unasked.is_right(), unasked.judged()), (None, None));
        assert_eq!(unasked.compared(), "measured 1.5 s (1 to 5 s)");
    }

    #[test]
    fn what_three_digits_do_not_tell_apart_is_told_in_words() {
        let measured = Measured {
            quantity: "success".into(),
            unit: Unit::Share,
            value: Some(0.989_96),
            sign: ">=",
            wanted: Some(0.99),
            baseline: None,
        };
        assert_eq!(measured.to_string(), "success just below 99 % (wanted >= 99 %)");
        let measured = Measured { value: Some(0.5), baseline: Some(0.75), ..measured };
        assert_eq!(measured.to_string(), "success 50 % (wanted >= 99 %, before: 75 %)");
    }
}
