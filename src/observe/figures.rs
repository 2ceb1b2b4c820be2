//! How figures are written in sentences: three significant digits, a space before the unit.

use crate::sim::time::{MILLISECOND, Ns, SECOND, millis, seconds};

/// Sets thousands apart. Lines are never broken there.
pub const NARROW_SPACE: char = '\u{202f}';

/// An exact count: `1 094`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(NARROW_SPACE);
        }
        out.push(digit);
    }
    out
}

/// `web-1`, `web-1 and web-2`, `web-1, web-2 and 3 more`; `none` of nobody.
#[must_use]
pub fn names<'a>(mut all: impl Iterator<Item = &'a str>) -> String {
    match (all.next(), all.next(), all.count()) {
        (None, ..) => "none".to_string(),
        (Some(one), None, _) => one.to_string(),
        (Some(one), Some(two), 0) => format!("{one} and {two}"),
        (Some(one), Some(two), more) => format!("{one}, {two} and {more} more"),
    }
}

/// A figure of three significant digits: `7.3`, `22.8`, `1 550`.
#[must_use]
pub fn three(x: f64) -> String {
    let size = x.abs();
    if size < 9.95 {
        trim(format!("{x:.2}"))
    } else if size < 99.95 {
        trim(format!("{x:.1}"))
    } else if size < 1_000.0 {
        format!("{x:.0}")
    } else {
        let step = step_of_three(size);
        count((size / step).round() as u64 * step as u64)
    }
}

/// 10, 100, … : what the third digit of a number from 1 000 on counts.
fn step_of_three(size: f64) -> f64 {
    let mut step = 10.0;
    while size / step >= 999.5 {
        step *= 10.0;
    }
    step
}

fn trim(text: String) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_string()
    } else {
        text
    }
}

/// A rate: `1 550 /s`.
#[must_use]
pub fn rate(per_second: f64) -> String {
    format!("{} /s", three(per_second))
}

/// A share (0 to 1) in per cent; 0 and 100 only if exact.
#[must_use]
pub fn percent(share: f64) -> String {
    let p = share * 100.0;
    if p > 0.0 && p < 0.01 {
        "<0.01 %".to_string()
    } else if share < 1.0 && p > 99.99 {
        ">99.99 %".to_string()
    } else {
        format!("{} %", three(p))
    }
}

/// A share (0 to 1 and above) in whole per cent, as on a gauge.
#[must_use]
pub fn gauge(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A length of time: `0.6 ms`, `35 ms`, `1.2 s`.
#[must_use]
pub fn time(ns: Ns) -> String {
    if ns < 10 * MILLISECOND {
        format!("{} ms", trim(format!("{:.1}", millis(ns))))
    } else if ns < SECOND {
        format!("{:.0} ms", millis(ns))
    } else {
        format!("{} s", trim(format!("{:.1}", seconds(ns))))
    }
}

/// A distance on a timeline: `+1.20 s`.
#[must_use]
pub fn after(ns: Ns) -> String {
    format!("+{:.2} s", seconds(ns))
}

/// A point of simulated time: `00:42.0`, from one hour on `1:00:42.0`. Cut, not rounded: a clock
/// never shows what is still to come.
#[must_use]
pub fn clock(at: Ns) -> String {
    let tenths = at / (100 * MILLISECOND);
    let (hours, minutes) = (tenths / 36_000, tenths / 600 % 60);
    let (s, tenth) = (tenths / 10 % 60, tenths % 10);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{s:02}.{tenth}")
    } else {
        format!("{minutes:02}:{s:02}.{tenth}")
    }
}

/// `1 request`, `5 requests`, `2 entries`.
#[must_use]
pub fn several(n: u64, one: &str) -> String {
    let n_of = count(n);
    match one.strip_suffix("ry") {
        _ if n == 1 => format!("{n_of} {one}"),
        Some(stem) => format!("{n_of} {stem}ries"),
        None => format!("{n_of} {one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_never_claim_too_much() {
        let plain = |s: String| s.replace(NARROW_SPACE, " ");
        assert_eq!(plain(count(1_234_567)), "1 234 567");
        assert_eq!(plain(rate(1_553.7)), "1 550 /s");
        assert_eq!(plain(three(99_970.0)), "100 000");
        assert_eq!(
            (three(22.84), three(7.3), three(0.0)),
            ("22.8".into(), "7.3".into(), "0".into())
        );
        assert_eq!((percent(0.000_01), percent(0.999_99)), ("<0.01 %".into(), ">99.99 %".into()));
        assert_eq!((percent(1.0), percent(0.228)), ("100 %".into(), "22.8 %".into()));
        assert_eq!((time(600_000), time(1_200 * MILLISECOND)), ("0.6 ms".into(), "1.2 s".into()));
        assert_eq!(
            (several(1, "request"), several(5, "request"), several(2, "log entry")),
            ("1 request".into(), "5 requests".into(), "2 log entries".into())
        );
    }

    #[test]
    fn clocks_are_cut_not_rounded() {
        assert_eq!(clock(42 * SECOND), "00:42.0");
        assert_eq!(clock(42 * SECOND + 999 * MILLISECOND), "00:42.9");
        assert_eq!(clock(3_642 * SECOND), "1:00:42.0");
    }
}
