//! What can be typed next in a condition, from the table of metrics.

use super::super::Candidate;
use super::{Names, bind};
use crate::observe::metric::{Argument, METRICS, Metric, Unit};
use crate::sim::observation::Outcome;

/// All quantities that can be named in a cluster, each metric alone and with each argument.
#[must_use]
pub fn complete_quantity(names: &Names<'_>) -> Vec<Candidate> {
    let all = METRICS.iter().flat_map(|metric| {
        let with = arguments(metric, names);
        let with = with.into_iter().map(|argument| format!("{}({argument})", metric.name));
        let texts: Vec<String> = std::iter::once(metric.name.to_owned()).chain(with).collect();
        texts.into_iter().map(|text| Candidate::new(text, metric.about))
    });
    all.collect()
}

/// All that could continue the last comparison of a condition. Like
/// [`complete`](super::super::complete()), it does not filter: that is for fuzzy matching.
#[must_use]
pub fn complete_condition(text: &str, names: &Names<'_>) -> Vec<Candidate> {
    let joined = [" and ", " or "].iter().filter_map(|word| Some(text.rfind(word)? + word.len()));
    let (before, last) = text.split_at(joined.max().unwrap_or(0));
    let candidate = |text: String, about: &str| Candidate::new(format!("{before}{text}"), about);
    let mut all = Vec::new();
    if let Some(metric) = METRICS.iter().find(|metric| begins_with(last, metric)) {
        let quantity = last.split(['<', '>', '=', '!', ' ']).next().unwrap_or(last);
        for value in values(metric.unit) {
            all.push(candidate(format!("{quantity} {value}"), metric.about));
            all.push(candidate(format!("{quantity} {value} over 5s"), metric.about));
        }
    } else {
        let quantities = complete_quantity(names).into_iter();
        all.extend(quantities.map(|c| Candidate::new(format!("{before}{}", c.text), c.about)));
    }
    all
}

/// Whether a whole quantity of that metric stands at the beginning.
fn begins_with(text: &str, metric: &Metric) -> bool {
    let rest = text.strip_prefix(metric.name);
    rest.is_some_and(|rest| rest.starts_with([' ', '<', '>', '=', '!']) || rest.contains(')'))
}

fn arguments(metric: &Metric, names: &Names<'_>) -> Vec<String> {
    match metric.takes {
        Argument::Nothing => Vec::new(),
        Argument::Class => names.classes.iter().map(|class| (*class).to_owned()).collect(),
        Argument::Reason => Outcome::REASONS.iter().map(|r| r.word().to_owned()).collect(),
        Argument::Kinds(kinds) => bind::candidates(kinds, names.topology),
    }
}

/// Comparisons that make sense for a unit.
fn values(unit: Unit) -> &'static [&'static str] {
    match unit {
        Unit::Rate => &[">= 95% of baseline", ">= 1000/s"],
        Unit::Share => &[">= 99%", "< 5%"],
        Unit::Time => &["< 250ms", "< 5s", "<= 200% of baseline"],
        Unit::Count => &["== 0", "< 1000"],
        Unit::Factor => &["< 1.5"],
    }
}
