//! Numbers and times as the screen writes them.
//!
//! Three significant digits, thousands set apart by a narrow space, a space before the unit. Exactly
//! 0 and exactly 100 % are said only when they are exact. Not for files: those have `units`.

pub use crate::observe::figures::{
    NARROW_SPACE as THIN, clock, count, gauge as busy, several as counted,
};

use crate::sim::time::{MICROSECOND, MILLISECOND, Ns, SECOND, millis, seconds};

/// What stands where nothing was measured.
pub const NO_SAMPLES: &str = "no samples";

/// A quantity in three significant digits: `1 550`, `36.7`, `0.25`, `123k`, `4.5M`.
#[must_use]
pub fn figure(x: f64) -> String {
    if !x.is_finite() {
        return "–".to_string();
    }
    match x.abs() {
        0.0 => "0".to_string(),
        a if a < 0.01 => "<0.01".to_string(),
        a if a < 0.995 => trim(format!("{x:.2}")),
        a if a < 99.95 => trim(format!("{x:.1}")),
        a if a < 999.5 => format!("{x:.0}"),
        a if a < 99_950.0 => {
            let unit = if a < 9_995.0 { 10.0 } else { 100.0 };
            count(((x / unit).round() * unit) as u64)
        }
        a if a < 999_500.0 => format!("{:.0}k", x / 1e3),
        a if a < 99.95e6 => format!("{}M", trim(format!("{:.1}", x / 1e6))),
        _ => format!("{}M", count((x / 1e6).round() as u64)),
    }
}

/// Without a decimal part of zeros.
fn trim(text: String) -> String {
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_string(),
        None => text,
    }
}

/// A rate: `1 550 /s`.
#[must_use]
pub fn rate(per_s: f64) -> String {
    format!("{} /s", figure(per_s))
}

/// A share of 0 to 1: `22.8 %`; `0 %` and `100 %` only if exact.
#[must_use]
pub fn percent(share: f64) -> String {
    let x = share * 100.0;
    match x {
        x if !x.is_finite() => "–".to_string(),
        x if x <= 0.0 => "0 %".to_string(),
        x if x < 0.01 => "<0.01 %".to_string(),
        x if x < 1.0 => format!("{x:.2} %"),
        x if (100.0..100.000_001).contains(&x) => "100 %".to_string(),
        x if x > 99.99 && x < 100.0 => ">99.99 %".to_string(),
        // Rounding must not say 100 for what is less.
        x if x > 99.9 && x < 100.0 => format!("{:.2} %", (x * 100.0).floor() / 100.0),
        x => format!("{} %", trim(format!("{x:.1}"))),
    }
}

/// Availability, rounded down to two decimals: `99.47 %`, `>99.99 %`, `100 %`.
#[must_use]
pub fn availability(share: f64) -> String {
    let x = share * 100.0;
    if x >= 100.0 {
        "100 %".to_string()
    } else if x > 99.99 {
        ">99.99 %".to_string()
    } else {
        format!("{:.2} %", (x * 100.0).floor() / 100.0)
    }
}

/// How many nines an availability has: `2 nines` for 99.47 %; empty under one nine and at 100 %.
#[must_use]
pub fn nines(share: f64) -> String {
    let mut bad = 1.0 - share;
    let mut n = 0;
    // The small slack keeps 99.9 % at three in spite of rounding.
    while bad > 0.0 && bad <= 0.100_000_000_1 && n < 9 {
        bad *= 10.0;
        n += 1;
    }
    match n {
        0 => String::new(),
        1 => "1 nine".to_string(),
        n => format!("{n} nines"),
    }
}

/// A clock to the millisecond, for slow motion, where a tenth of a second takes long: `00:42.007`.
#[must_use]
pub fn clock_fine(at: Ns) -> String {
    format!("{}{:02}", clock(at), at / MILLISECOND % 100)
}

/// A clock to the microsecond, for a world that stands still and is gone through event by event:
/// `00:42.007250`.
#[must_use]
pub fn clock_exact(at: Ns) -> String {
    format!("{}{:05}", clock(at), at / MICROSECOND % 100_000)
}

/// A clock in whole seconds, for axes: `00:42`.
#[must_use]
pub fn clock_short(at: Ns) -> String {
    let text = clock(at);
    text[..text.len() - 2].to_string()
}

/// A latency: `0.6 ms`, `7.3 ms`, `31 ms`, `1.2 s`.
#[must_use]
pub fn latency(length: Ns) -> String {
    let ms = millis(length);
    if length >= SECOND {
        format!("{} s", trim(format!("{:.1}", seconds(length))))
    } else {
        format!("{} ms", millis_figure(ms))
    }
}

/// Milliseconds without the unit.
fn millis_figure(ms: f64) -> String {
    match ms {
        x if x <= 0.0 => "0".to_string(),
        x if x < 0.1 => "<0.1".to_string(),
        x if x < 9.95 => format!("{x:.1}"),
        x => format!("{x:.0}"),
    }
}

/// How long something has lasted or will last: `0.9 s`, `18.2 s`, `3 min 20 s`.
#[must_use]
pub fn age(length: Ns) -> String {
    if length < 100 * SECOND {
        let tenths = length / (100 * MILLISECOND);
        return format!("{}.{} s", tenths / 10, tenths % 10);
    }
    let s = length / SECOND;
    if s < 3_600 {
        format!("{} min {} s", s / 60, s % 60)
    } else {
        format!("{} h {} min", s / 3_600, s / 60 % 60)
    }
}

/// How long something will still last: up to the next tenth of a second, so that no time left is none.
#[must_use]
pub fn still(left: Ns) -> Ns {
    left.max(1).next_multiple_of(100 * MILLISECOND)
}

/// A speed: `1x`, `0.1x`, `0.73x`, `10x`.
#[must_use]
pub fn speed(times: f64) -> String {
    let text = figure(times);
    // Two decimals only where they say something: `0.25x`, but `0.1x`.
    let text = if text.contains('.') { text.trim_end_matches('0') } else { &text };
    format!("{text}x")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        text.replace(THIN, " ")
    }

    #[test]
    fn three_significant_digits() {
        for (x, text) in [
            (0.0, "0"),
            (0.004, "<0.01"),
            (0.25, "0.25"),
            (0.996, "1"),
            (7.3, "7.3"),
            (36.67, "36.7"),
            (99.97, "100"),
            (780.4, "780"),
            (999.6, "1 000"),
            (1_552.0, "1 550"),
            (9_996.0, "10 000"),
            (84_040.0, "84 000"),
            (123_400.0, "123k"),
            (4_500_000.0, "4.5M"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(plain(&figure(x)), text);
        }
    }

    #[test]
    fn shares_are_exact_at_their_ends_only() {
        for (x, text) in [
            (0.0, "0 %"),
            (0.000_01, "<0.01 %"),
            (0.0052, "0.52 %"),
            (0.2279, "22.8 %"),
            (0.999_6, "99.96 %"),
            (0.999_95, ">99.99 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(percent(x), text);
        }
    }

    #[test]
    fn availability_never_rounds_up_and_counts_its_nines() {
        assert_eq!(availability(0.994_799), "99.47 %");
        assert_eq!(availability(0.999_999), ">99.99 %");
        assert_eq!(availability(1.0), "100 %");
        for (x, text) in
            [(0.5, ""), (0.93, "1 nine"), (0.9947, "2 nines"), (0.999, "3 nines"), (1.0, "")]
        {
            assert_eq!(nines(x), text);
        }
    }

    #[test]
    fn clocks_of_axes_are_cut_too() {
        assert_eq!(clock_short(70 * SECOND), "01:10");
        assert_eq!(clock_fine(70 * SECOND + 1_307 * MILLISECOND + 9_999), "01:11.307");
        assert_eq!(clock_exact(70 * SECOND + 1_307 * MILLISECOND + 9_999), "01:11.307009");
    }

    #[test]
    fn times_have_units_that_fit() {
        assert_eq!(latency(600_000), "0.6 ms");
        assert_eq!(latency(7_340_000), "7.3 ms");
        assert_eq!(latency(31_400_000), "31 ms");
        assert_eq!(latency(1_230 * MILLISECOND), "1.2 s");
        assert_eq!(latency(2 * SECOND), "2 s");
        assert_eq!(age(18_260 * MILLISECOND), "18.2 s");
        assert_eq!(age(200 * SECOND), "3 min 20 s");
        assert_eq!([0, 1, 100 * MILLISECOND].map(|left| age(still(left))), ["0.1 s"; 3]);
        for (times, text) in [(0.01, "0.01x"), (0.1, "0.1x"), (0.73, "0.73x"), (10.0, "10x")] {
            assert_eq!(speed(times), text);
        }
    }
}
