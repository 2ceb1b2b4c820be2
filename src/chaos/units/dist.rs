//! Distributions: `5ms`, `exp(5ms)`, `uniform(1ms, 3ms)`, `lognormal(p50=4ms, p99=30ms)`.

use super::super::Expected;
use super::super::scan::{Word, split};
use super::{parse_factor, parse_time, print_time};
use crate::sim::spec::Dist;
use crate::sim::time::Ns;

/// Each distribution's word and the names of its arguments (an empty name: by position).
const SHAPES: &[(&str, &[&str])] = &[
    ("exp", &[""]),
    ("uniform", &["", ""]),
    ("normal", &["", ""]),
    ("lognormal", &["p50", "p99"]),
    ("pareto", &["min", "shape"]),
];

const A_WORK: &str = "a time such as `5ms` or `exp(5ms)`";

/// Reads a constant or a distribution.
///
/// # Errors
/// When it is neither, or its arguments make no distribution.
pub fn parse_dist(text: &str) -> Result<Dist, Expected> {
    let whole = Word { text, at: 0 };
    let Some((name, rest)) = whole.split_once("(") else {
        return parse_time(text).map(Dist::Constant).map_err(|e| {
            if e.expected.starts_with("a time such") { whole.expected(A_WORK) } else { e }
        });
    };
    let Some((word, names)) = SHAPES.iter().find(|(word, _)| *word == name.text) else {
        return Err(name.expected("a distribution").near(SHAPES.iter().map(|(word, _)| *word)));
    };
    let wrong = || whole.expected(format!("`{}`", example(word)));
    let inner = rest.text.strip_suffix(')').ok_or_else(wrong)?;
    let given = split(rest.part(0..inner.len()), |c| c == ',');
    if given.len() != names.len() {
        return Err(wrong());
    }
    let mut arguments = Vec::new();
    for (argument, name) in given.iter().map(Word::trimmed).zip(*names) {
        arguments.push(match name {
            &"" => argument,
            name => match argument.split_once("=") {
                Some((key, value)) if key.text.trim_end() == *name => value.trimmed(),
                _ => return Err(argument.expected(format!("`{name}=…`"))),
            },
        });
    }
    build(word, &arguments)
}

/// The distribution of that word of [`SHAPES`], with as many arguments as it has there.
fn build(word: &str, arguments: &[Word<'_>]) -> Result<Dist, Expected> {
    let time = |i: usize| -> Result<Ns, Expected> {
        parse_time(arguments[i].text).map_err(|e| e.shifted(arguments[i].at))
    };
    let refuse = |i: usize, why: &str| Err(arguments[i].expected(why));
    Ok(match word {
        "exp" => Dist::Exponential(time(0)?),
        "uniform" => match (time(0)?, time(1)?) {
            (low, high) if low <= high => Dist::Uniform(low, high),
            _ => return refuse(1, "a time that is not below the first"),
        },
        "normal" => Dist::Normal(time(0)?, time(1)?),
        "lognormal" => match (time(0)?, time(1)?) {
            (0, _) => return refuse(0, "a time above 0"),
            (p50, p99) if p50 <= p99 => Dist::LogNormal(p50, p99),
            _ => return refuse(1, "a time that is not below `p50`"),
        },
        _ => {
            let shape = parse_factor(arguments[1].text, false);
            let shape = shape.map_err(|e| e.shifted(arguments[1].at))?;
            match time(0)? {
                0 => return refuse(0, "a time above 0"),
                min => Dist::Pareto(min, shape),
            }
        }
    })
}

fn example(word: &str) -> &'static str {
    match word {
        "uniform" => "uniform(1ms, 3ms)",
        "normal" => "normal(5ms, 1ms)",
        "lognormal" => "lognormal(p50=4ms, p99=30ms)",
        "pareto" => "pareto(min=1ms, shape=1.5)",
        _ => "exp(5ms)",
    }
}

/// Prints a constant or a distribution; [`parse_dist`] reads exactly the same back.
#[must_use]
pub fn print_dist(dist: &Dist) -> String {
    let t = print_time;
    match *dist {
        Dist::Constant(d) => t(d),
        Dist::Exponential(mean) => format!("exp({})", t(mean)),
        Dist::Uniform(low, high) => format!("uniform({}, {})", t(low), t(high)),
        Dist::Normal(mean, deviation) => format!("normal({}, {})", t(mean), t(deviation)),
        Dist::LogNormal(p50, p99) => format!("lognormal(p50={}, p99={})", t(p50), t(p99)),
        Dist::Pareto(min, shape) => format!("pareto(min={}, shape={shape})", t(min)),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::TIME_END;
    use super::*;
    use proptest::prelude::*;

    pub fn any_dist() -> impl Strategy<Value = Dist> {
        let t = || 1..TIME_END;
        prop_oneof![
            (0..TIME_END).prop_map(Dist::Constant),
            t().prop_map(Dist::Exponential),
            (t(), t()).prop_map(|(a, b)| Dist::Uniform(a.min(b), a.max(b))),
            (t(), t()).prop_map(|(a, b)| Dist::Normal(a, b)),
            (t(), t()).prop_map(|(a, b)| Dist::LogNormal(a.min(b), a.max(b))),
            (t(), 0.001..100.0).prop_map(|(min, shape)| Dist::Pareto(min, shape)),
        ]
    }

    #[test]
    fn wrong_ones_say_what_is_expected() {
        for (text, message) in [
            ("exq(5ms)", "expected a distribution, found `exq`; did you mean `exp`?"),
            ("5", "expected a time such as `5ms` or `exp(5ms)`, found `5`"),
            ("exp(5)", "expected a time such as `250ms`, `2s` or `5m`, found `5`"),
            ("exp(5ms", "expected `exp(5ms)`, found `exp(5ms`"),
            ("uniform(3ms, 1ms)", "expected a time that is not below the first, found `1ms`"),
            ("uniform(3ms)", "expected `uniform(1ms, 3ms)`, found `uniform(3ms)`"),
            ("lognormal(p50=1ms, p90=2ms)", "expected `p99=…`, found `p90=2ms`"),
            ("lognormal(p50=0s, p99=2ms)", "expected a time above 0, found `0s`"),
            ("pareto(min=1ms, shape=0)", "expected a number above 0 and at most 10000, found `0`"),
        ] {
            let e = parse_dist(text).unwrap_err();
            assert_eq!(e.to_string(), message);
            assert_eq!(&text[e.range], e.found);
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(dist in any_dist()) {
            prop_assert_eq!(parse_dist(&print_dist(&dist)), Ok(dist));
        }

        #[test]
        fn no_text_panics(text in "(exp|uniform|normal|lognormal|pareto)?[(),=. 0-9a-zµ]{0,16}") {
            let _ = parse_dist(&text);
        }
    }
}
