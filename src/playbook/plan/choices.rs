//! Which of the choices of a question its measured answer is.
//!
//! Choices are written for people and read as ranges: `none`, `under 1 s`, `1 to 5 s`, `over 99 %`,
//! `about 15 s`, `10 s`, `never`, and `more`, `longer` or `less` for what is left. What cannot be read
//! as any of these is never the answer.

use super::Predict;
use crate::chaos::condition::parse_amount;
use crate::observe::metric::Unit;

/// A value between two choices belongs to the nearer one, if it is within this factor of it.
const NEAR: f64 = 2.0;

/// What a choice says.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Range {
    /// Nothing at all, or nothing that could be measured.
    Never,
    /// Nothing.
    Zero,
    /// The whole of a share.
    Whole,
    Under(f64),
    Over(f64),
    Between(f64, f64),
    About(f64),
    /// Above all others, and below all others.
    More,
    Less,
}

/// Words for a range.
const WORDS: &[(&str, Range)] = &[
    ("never", Range::Never),
    ("not in this run", Range::Never),
    ("none", Range::Zero),
    ("no", Range::Zero),
    ("not at all", Range::Zero),
    ("all", Range::Whole),
    ("more", Range::More),
    ("longer", Range::More),
    ("less", Range::Less),
];

impl Range {
    fn read(text: &str, unit: Unit) -> Option<Range> {
        let text = text.trim();
        if let Some((_, range)) = WORDS.iter().find(|(word, _)| *word == text) {
            return Some(*range);
        }
        let after = |word: &str| amount(text.strip_prefix(word)?, unit);
        let between = || {
            let (from, to) = text.split_once(" to ")?;
            // `1 to 5 s`: the unit stands once.
            let its_unit = to.trim_start_matches(|c: char| c.is_ascii_digit() || " .".contains(c));
            let bare = from.ends_with(|c: char| c.is_ascii_digit());
            let from = if bare { format!("{from}{its_unit}") } else { from.to_owned() };
            Some(Range::Between(amount(&from, unit)?, amount(to, unit)?))
        };
        after("under ")
            .map(Range::Under)
            .or_else(|| after("over ").map(Range::Over))
            .or_else(|| after("about ").map(Range::About))
            .or_else(between)
            .or_else(|| after("").map(Range::About))
    }

    /// Whether a value lies in it.
    fn holds(self, value: f64) -> bool {
        match self {
            Range::Never | Range::Zero => value <= 0.0,
            Range::Whole => value >= 1.0,
            Range::Under(limit) => value < limit,
            Range::Over(limit) => value > limit,
            Range::Between(from, to) => (from..=to).contains(&value),
            Range::About(_) | Range::More | Range::Less => false,
        }
    }

    /// Its ends, as far as it has any.
    fn ends(self) -> Vec<f64> {
        match self {
            Range::Under(x) | Range::Over(x) | Range::About(x) => vec![x],
            Range::Between(from, to) => vec![from, to],
            Range::Whole => vec![1.0],
            Range::Zero => vec![0.0],
            Range::Never | Range::More | Range::Less => Vec::new(),
        }
    }

    /// By which factor a value is away from it; at least 1.
    fn away(self, value: f64) -> Option<f64> {
        let ends = self.ends().into_iter().filter(|end| *end > 0.0 && value > 0.0);
        ends.map(|end| (value / end).max(end / value)).min_by(f64::total_cmp)
    }
}

/// `1 000`, `150 ms`, `30 %` in the measure of their unit.
fn amount(text: &str, unit: Unit) -> Option<f64> {
    let text: String = text.split_whitespace().collect();
    parse_amount(unit, &text).ok()
}

impl Predict {
    /// The choice that a measured value is, or that says that there is none; `None` if no choice does.
    #[must_use]
    pub fn chosen(&self, value: Option<f64>) -> Option<&str> {
        chosen(&self.choices, self.answer.metric.unit, value)
    }
}

fn chosen(choices: &[String], unit: Unit, value: Option<f64>) -> Option<&str> {
    let read = |text: &'_ String| Range::read(text, unit);
    let all: Vec<(usize, Range)> =
        choices.iter().enumerate().filter_map(|(i, text)| Some((i, read(text)?))).collect();
    let find = |is: &dyn Fn(Range) -> bool| {
        all.iter().find(|(_, range)| is(*range)).map(|(i, _)| choices[*i].as_str())
    };
    let Some(value) = value else { return find(&|range| range == Range::Never) };
    if let Some(choice) = find(&|range| range.holds(value)) {
        return Some(choice);
    }
    let ends: Vec<f64> = all.iter().flat_map(|(_, range)| range.ends()).collect();
    let rest = match ends.as_slice() {
        [] => None,
        ends if ends.iter().all(|end| value > *end) => find(&|range| range == Range::More),
        ends if ends.iter().all(|end| value < *end) => find(&|range| range == Range::Less),
        _ => None,
    };
    let away = |(i, range): &(usize, Range)| Some((range.away(value)?, *i));
    let nearest = || all.iter().filter_map(away).min_by(|a, b| a.0.total_cmp(&b.0));
    rest.or_else(|| {
        let (away, i) = nearest()?;
        (away <= NEAR).then(|| choices[i].as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(unit: Unit, choices: &[&str], value: f64) -> Option<String> {
        let choices: Vec<String> = choices.iter().map(|c| (*c).to_owned()).collect();
        let value = (!value.is_nan()).then_some(value);
        chosen(&choices, unit, value).map(str::to_owned)
    }

    #[test]
    fn a_value_is_found_in_its_range() {
        let counts =
            |n: f64| of(Unit::Count, &["none", "under 1 000", "1 000 to 5 000", "more"], n);
        for (n, wanted) in
            [(0.0, "none"), (674.0, "under 1 000"), (1_000.0, "1 000 to 5 000"), (5_001.0, "more")]
        {
            assert_eq!(counts(n).as_deref(), Some(wanted), "{n}");
        }
        let shares = |x: f64| of(Unit::Share, &["all", "over 95 %", "70 to 95 %", "less"], x);
        for (x, wanted) in [(1.0, "all"), (0.951, "over 95 %"), (0.7, "70 to 95 %"), (0.1, "less")]
        {
            assert_eq!(shares(x).as_deref(), Some(wanted), "{x}");
        }
        let times = |s: f64| {
            of(Unit::Time, &["under 50 ms", "50 to 500 ms", "500 ms to 2 s", "longer"], s * 1e9)
        };
        for (s, wanted) in
            [(0.01, "under 50 ms"), (0.3, "50 to 500 ms"), (1.9, "500 ms to 2 s"), (2.1, "longer")]
        {
            assert_eq!(times(s).as_deref(), Some(wanted), "{s}");
        }
    }

    #[test]
    fn between_two_choices_the_nearer_one_is_meant_if_it_is_near() {
        let seconds = |s: f64| of(Unit::Time, &["5 s", "10 s", "20 s", "not in this run"], s * 1e9);
        assert_eq!(seconds(14.5).as_deref(), Some("20 s"));
        assert_eq!(seconds(13.5).as_deref(), Some("10 s"));
        assert_eq!(seconds(41.0), None);
        assert_eq!(seconds(f64::NAN).as_deref(), Some("not in this run"));
        let factors = |x: f64| of(Unit::Factor, &["1.0", "1.1 to 1.5", "more"], x);
        assert_eq!(factors(1.03).as_deref(), Some("1.0"));
        assert_eq!(factors(1.6).as_deref(), Some("more"));
    }

    #[test]
    fn what_cannot_be_read_is_never_the_answer() {
        assert_eq!(
            of(Unit::Share, &["no", "one in a hundred", "more"], 0.9).as_deref(),
            Some("more")
        );
        assert_eq!(of(Unit::Count, &["a few", "many", "more"], 3.0), None);
        assert_eq!(of(Unit::Count, &["none", "1 to 10"], f64::NAN), None);
        assert_eq!(of(Unit::Time, &["never", "under 5 s"], 0.0).as_deref(), Some("never"));
    }
}
