//! Quantities as text: the one place that reads and prints times, rates, counts, sizes, shares, limits,
//! distributions, steps and values of settings.
//!
//! Everything that is read prints to a text that reads back as the same value. Times are whole
//! nanoseconds and are computed in integers; nothing is rounded without saying so.

mod bytes;
mod dist;
mod stage;
mod step;
mod value;

pub use bytes::{parse_bytes, parse_memory, parse_speed, print_bytes, print_memory, print_speed};
pub use dist::{parse_dist, print_dist};
pub use stage::{parse_stage, print_stage};
pub use step::{parse_step, print_step};
pub use value::{parse_value, print_value};

use super::Expected;
use super::expected::one_of;
use crate::sim::spec::Limit;
use crate::sim::time::{MICROSECOND, MILLISECOND, Ns, SECOND};

/// Rates per second are at most this.
pub const RATE_MAX: f64 = 1e7;

/// Times are below this: 10 days. The world's agenda holds a little more.
pub const TIME_END: Ns = 10 * 24 * 3600 * SECOND;

/// Factors of speed and traffic are at most this.
pub const FACTOR_MAX: f64 = 10_000.0;

const TIME_UNITS: &[(&str, Ns)] = &[
    ("ns", 1),
    ("us", MICROSECOND),
    ("µs", MICROSECOND),
    ("ms", MILLISECOND),
    ("s", SECOND),
    ("m", 60 * SECOND),
    ("h", 3600 * SECOND),
];

const MULTIPLES: &[(&str, u64)] = &[("", 1), ("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000)];

/// A decimal number as it is written: digits, perhaps a point and more digits; then a unit.
struct Decimal<'a> {
    whole: &'a str,
    fraction: &'a str,
    unit: &'a str,
}

/// Splits a number from its unit. No signs, no exponents, nothing left out.
fn decimal(text: &str) -> Option<Decimal<'_>> {
    let digits = |s: &str| s.len() - s.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let n = digits(text);
    let (whole, rest) = text.split_at(n);
    if n == 0 {
        return None;
    }
    let Some(after) = rest.strip_prefix('.') else {
        return Some(Decimal { whole, fraction: "", unit: rest });
    };
    let (fraction, unit) = after.split_at(digits(after));
    (!fraction.is_empty()).then_some(Decimal { whole, fraction, unit })
}

/// Why a decimal times a unit is not a whole number of 64 bits.
enum Inexact {
    TooLarge,
    NotWhole,
}

impl Decimal<'_> {
    /// The number times `scale`, exactly.
    fn times(&self, scale: u64) -> Result<u64, Inexact> {
        let whole: u128 = self.whole.parse().map_err(|_| Inexact::TooLarge)?;
        let mut sum = whole.checked_mul(u128::from(scale)).ok_or(Inexact::TooLarge)?;
        let fraction = self.fraction.trim_end_matches('0');
        if !fraction.is_empty() {
            // More digits than the scale has cannot give a whole number.
            let places = u32::try_from(fraction.len()).map_err(|_| Inexact::NotWhole)?;
            let ten = 10_u128.checked_pow(places).ok_or(Inexact::NotWhole)?;
            let part: u128 = fraction.parse().map_err(|_| Inexact::NotWhole)?;
            let part = part.checked_mul(u128::from(scale)).ok_or(Inexact::NotWhole)?;
            if part % ten != 0 {
                return Err(Inexact::NotWhole);
            }
            sum = sum.checked_add(part / ten).ok_or(Inexact::TooLarge)?;
        }
        u64::try_from(sum).map_err(|_| Inexact::TooLarge)
    }

    /// The number alone, as the nearest float.
    fn number(&self) -> f64 {
        // Always a legal float: digits, a point, digits.
        let fraction = if self.fraction.is_empty() { "0" } else { self.fraction };
        format!("{}.{fraction}", self.whole).parse().unwrap_or(f64::INFINITY)
    }
}

/// `n / scale` as a decimal without superfluous zeros; `scale` is a power of ten.
fn point(n: u64, scale: u64) -> String {
    let (whole, fraction) = (n / scale, n % scale);
    if fraction == 0 {
        return whole.to_string();
    }
    let places = scale.ilog10() as usize;
    format!("{whole}.{fraction:0places$}").trim_end_matches('0').to_owned()
}

/// Reads a time: `250ms`, `2s`, `5m`, `0.25ms`.
///
/// # Errors
/// When it is not a number and a unit, not a whole number of nanoseconds, or 10 days or more.
pub fn parse_time(text: &str) -> Result<Ns, Expected> {
    const A_TIME: &str = "a time such as `250ms`, `2s` or `5m`";
    let d = decimal(text).ok_or_else(|| Expected::whole(text, A_TIME))?;
    let Some((_, scale)) = TIME_UNITS.iter().find(|(word, _)| *word == d.unit) else {
        return Err(Expected::whole(text, A_TIME));
    };
    match d.times(*scale) {
        Ok(ns) if ns < TIME_END => Ok(ns),
        Ok(_) | Err(Inexact::TooLarge) => Err(Expected::whole(text, "a time below 10 days")),
        Err(Inexact::NotWhole) => Err(Expected::whole(text, "a whole number of nanoseconds")),
    }
}

/// Prints a time with the unit in which it is short; [`parse_time`] reads exactly the same back.
#[must_use]
pub fn print_time(ns: Ns) -> String {
    const MINUTE: Ns = 60 * SECOND;
    const HOUR: Ns = 60 * MINUTE;
    match ns {
        0 => "0s".to_owned(),
        _ if ns.is_multiple_of(HOUR) => format!("{}h", ns / HOUR),
        // `60s` is what people write.
        _ if ns.is_multiple_of(MINUTE) && ns > MINUTE => format!("{}m", ns / MINUTE),
        SECOND.. => format!("{}s", point(ns, SECOND)),
        10_000.. => format!("{}ms", point(ns, MILLISECOND)),
        MICROSECOND.. => format!("{}us", point(ns, MICROSECOND)),
        _ => format!("{ns}ns"),
    }
}

/// Reads a count: `64`, `20k`, `1.5M`.
///
/// # Errors
/// When it is not a whole number, or does not fit 64 bits.
pub fn parse_count(text: &str) -> Result<u64, Expected> {
    let wrong = || Expected::whole(text, "a whole number such as `64`, `20k` or `1M`");
    let d = decimal(text).ok_or_else(wrong)?;
    let (_, scale) = MULTIPLES.iter().find(|(word, _)| *word == d.unit).ok_or_else(wrong)?;
    d.times(*scale).map_err(|why| match why {
        Inexact::TooLarge => Expected::whole(text, "a smaller number"),
        Inexact::NotWhole => wrong(),
    })
}

/// Prints a count; [`parse_count`] reads exactly the same back.
#[must_use]
pub fn print_count(n: u64) -> String {
    match n {
        _ if n >= 1_000_000 && n.is_multiple_of(1_000_000) => format!("{}M", n / 1_000_000),
        _ if n >= 10_000 && n.is_multiple_of(1_000) => format!("{}k", n / 1_000),
        _ => n.to_string(),
    }
}

/// Reads a limit: a count, or `unlimited`.
///
/// # Errors
/// As [`parse_count`].
pub fn parse_limit(text: &str) -> Result<Limit, Expected> {
    if text == "unlimited" {
        return Ok(Limit::Unlimited);
    }
    parse_count(text).map(Limit::At).map_err(|mut e| {
        e.expected.push_str(", or `unlimited`");
        e.near(["unlimited"])
    })
}

/// Prints a limit; [`parse_limit`] reads exactly the same back.
#[must_use]
pub fn print_limit(limit: Limit) -> String {
    match limit {
        Limit::At(n) => print_count(n),
        Limit::Unlimited => "unlimited".to_owned(),
    }
}

/// Reads a rate, in events per second: `2000/s`, `50k/min`, `0.5/h`.
///
/// # Errors
/// When it is not a number, a slash and one of `s`, `min`, `h`.
pub fn parse_rate(text: &str) -> Result<f64, Expected> {
    let wrong = || Expected::whole(text, "a rate such as `2000/s` or `50k/min`");
    let (number, per) = text.split_once('/').ok_or_else(wrong)?;
    let seconds = match per {
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(wrong()),
    };
    let d = decimal(number).ok_or_else(wrong)?;
    let (_, scale) = MULTIPLES.iter().find(|(word, _)| *word == d.unit).ok_or_else(wrong)?;
    let rate = d.number() * *scale as f64 / seconds;
    if rate <= RATE_MAX { Ok(rate) } else { Err(Expected::whole(text, "at most `10M/s`")) }
}

/// Prints a rate per second; [`parse_rate`] reads exactly the same back.
#[must_use]
pub fn print_rate(per_second: f64) -> String {
    format!("{per_second}/s")
}

/// Reads a share of a whole, 0 to 1: `80%`, `0.1%`.
///
/// # Errors
/// When it is not a number and `%`, or more than 100 %.
pub fn parse_share(text: &str) -> Result<f64, Expected> {
    match parse_percent(text)? {
        share if share <= 1.0 => Ok(share),
        _ => Err(Expected::whole(text, "a share of at most `100%`")),
    }
}

/// Reads so many hundredths of something, which may be more than it: `80%`, `250%`.
///
/// # Errors
/// When it is not a number and `%`, or more than [`FACTOR_MAX`] times.
pub fn parse_percent(text: &str) -> Result<f64, Expected> {
    let wrong = || Expected::whole(text, "a share such as `80%`");
    let d = decimal(text).filter(|d| d.unit == "%").ok_or_else(wrong)?;
    // The point is moved in the text, so that the float is the nearest to the number meant.
    let digits = format!("{:0>3}", d.whole);
    let (whole, tail) = digits.split_at(digits.len() - 2);
    let share: f64 = format!("{whole}.{tail}{}", d.fraction).parse().map_err(|_| wrong())?;
    if share <= FACTOR_MAX { Ok(share) } else { Err(Expected::whole(text, "a smaller share")) }
}

/// Prints a share; [`parse_share`] reads exactly the same back.
#[must_use]
pub fn print_share(share: f64) -> String {
    let text = share.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = format!("{fraction:0<2}");
    let (percent, rest) = digits.split_at(2);
    let percent = format!("{whole}{percent}");
    let percent = percent.trim_start_matches('0');
    let percent = if percent.is_empty() { "0" } else { percent };
    if rest.is_empty() { format!("{percent}%") } else { format!("{percent}.{rest}%") }
}

/// Reads a factor: a number above 0 (or, where that makes sense, 0) and at most [`FACTOR_MAX`].
///
/// # Errors
/// When it is not such a number.
pub fn parse_factor(text: &str, zero: bool) -> Result<f64, Expected> {
    let factor = decimal(text).filter(|d| d.unit.is_empty()).map(|d| d.number());
    match factor {
        Some(f) if f <= FACTOR_MAX && (zero || f > 0.0) => Ok(f),
        _ if zero => Err(Expected::whole(text, "a number from 0 to 10000")),
        _ => Err(Expected::whole(text, "a number above 0 and at most 10000")),
    }
}

/// Reads `true` or `false`.
///
/// # Errors
/// When it is anything else.
pub fn parse_flag(text: &str) -> Result<bool, Expected> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Expected::whole(text, one_of(&["true", "false"])).near(["true", "false"])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times() {
        for (text, ns) in [
            ("250ms", 250 * MILLISECOND),
            ("2s", 2 * SECOND),
            ("5m", 300 * SECOND),
            ("0.25ms", 250_000),
            ("10000s", 10_000 * SECOND),
            ("1.5us", 1_500),
            ("7ns", 7),
            ("0s", 0),
            ("60s", 60 * SECOND),
        ] {
            assert_eq!(parse_time(text), Ok(ns), "{text}");
            assert_eq!(print_time(ns), text);
        }
        assert_eq!(parse_time("2h"), Ok(7200 * SECOND));
        assert_eq!(parse_time("0.000000001s"), Ok(1));
        assert_eq!(parse_time("864000s").unwrap_err().expected, "a time below 10 days");
        assert_eq!(parse_time("863999.999999999s"), Ok(TIME_END - 1));
        assert_eq!(parse_time("0.5ns").unwrap_err().expected, "a whole number of nanoseconds");
        for wrong in ["", "5", "ms", "-5ms", "5 ms", "5.ms", ".5s", "5S", "1e3s", "٣s", "5sec"] {
            let e = parse_time(wrong).unwrap_err();
            assert_eq!(e.expected, "a time such as `250ms`, `2s` or `5m`", "{wrong}");
        }
        let long = format!("{}s", "9".repeat(50));
        assert_eq!(parse_time(&long).unwrap_err().expected, "a time below 10 days");
    }

    #[test]
    fn counts_rates_and_shares() {
        for (text, n) in [("64", 64), ("20k", 20_000), ("1M", 1_000_000), ("1500", 1500)] {
            assert_eq!(parse_count(text), Ok(n));
            assert_eq!(print_count(n), text);
        }
        assert_eq!(parse_count("1.5M"), Ok(1_500_000));
        assert!(parse_count("1.5").is_err());
        assert_eq!(parse_count("99999999999G").unwrap_err().expected, "a smaller number");
        assert_eq!(parse_rate("2000/s"), Ok(2000.0));
        assert_eq!(parse_rate("60k/min"), Ok(1000.0));
        assert_eq!(print_rate(2000.0), "2000/s");
        assert!(parse_rate("2000").is_err());
        for (text, share) in
            [("80%", 0.8), ("7%", 0.07), ("0.1%", 0.001), ("100%", 1.0), ("0%", 0.0)]
        {
            assert_eq!(parse_share(text), Ok(share), "{text}");
            assert_eq!(print_share(share), text);
        }
        assert!(parse_share("101%").is_err());
        assert_eq!(
            parse_limit("unlimted").unwrap_err().to_string(),
            "expected a whole number such as `64`, `20k` or `1M`, or `unlimited`, found \
             `unlimted`; did you mean `unlimited`?"
        );
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(
            ns in 0..TIME_END, n: u64, rate in 0.0..RATE_MAX, share in 0.0..=1.0_f64,
        ) {
            prop_assert_eq!(parse_time(&print_time(ns)), Ok(ns));
            prop_assert_eq!(parse_count(&print_count(n)), Ok(n));
            prop_assert_eq!(parse_rate(&print_rate(rate)), Ok(rate));
            prop_assert_eq!(parse_share(&print_share(share)), Ok(share));
        }

        #[test]
        fn no_text_panics(text in ".{0,20}") {
            let _ = (parse_time(&text), parse_count(&text), parse_rate(&text), parse_share(&text));
            let _ = (parse_limit(&text), parse_factor(&text, true), parse_flag(&text));
        }
    }
}
