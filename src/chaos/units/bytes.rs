//! Sizes and speeds: bytes, and bytes per second.

use super::{Inexact, decimal};
use crate::chaos::Expected;
use crate::sim::spec::Limit;

/// Decimal units, as of disks and networks; the largest first.
const UNITS: &[(&str, u64)] =
    &[("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("B", 1)];

/// Reads a size: `512B`, `2kB`, `1.5MB`, `4GB`.
///
/// # Errors
/// When it is not a number and a unit, or no whole number of bytes.
pub fn parse_bytes(text: &str) -> Result<u64, Expected> {
    const A_SIZE: &str = "a size such as `2kB`, `512MB` or `4GB`";
    let wrong = || Expected::whole(text, A_SIZE);
    let d = decimal(text).ok_or_else(wrong)?;
    let (_, scale) = UNITS.iter().find(|(word, _)| *word == d.unit).ok_or_else(wrong)?;
    d.times(*scale).map_err(|why| match why {
        Inexact::TooLarge => Expected::whole(text, "a smaller size"),
        Inexact::NotWhole => Expected::whole(text, "a whole number of bytes"),
    })
}

/// Prints a size; [`parse_bytes`] reads exactly the same back.
#[must_use]
pub fn print_bytes(bytes: u64) -> String {
    let fits = |scale: u64| bytes >= scale && bytes.is_multiple_of(scale);
    let (unit, scale) = UNITS.iter().find(|(_, scale)| fits(*scale)).unwrap_or(&("B", 1));
    format!("{}{unit}", bytes / scale)
}

/// Reads a size, or `unlimited`.
///
/// # Errors
/// As [`parse_bytes`].
pub fn parse_memory(text: &str) -> Result<Limit, Expected> {
    limit(text, parse_bytes)
}

/// Prints a size or `unlimited`; [`parse_memory`] reads exactly the same back.
#[must_use]
pub fn print_memory(limit: Limit) -> String {
    match limit {
        Limit::At(bytes) => print_bytes(bytes),
        Limit::Unlimited => "unlimited".to_owned(),
    }
}

/// Reads a speed in bytes per second, above 0: `125MB/s`, or `unlimited`.
///
/// # Errors
/// When it is not a size and `/s`, or 0.
pub fn parse_speed(text: &str) -> Result<Limit, Expected> {
    const A_SPEED: &str = "a speed such as `125MB/s`";
    limit(text, |text| {
        let size = text.strip_suffix("/s").ok_or_else(|| Expected::whole(text, A_SPEED))?;
        match parse_bytes(size) {
            Ok(0) => Err(Expected::whole(text, "at least `1B/s`")),
            Ok(bytes) => Ok(bytes),
            Err(_) => Err(Expected::whole(text, A_SPEED)),
        }
    })
}

/// Prints a speed or `unlimited`; [`parse_speed`] reads exactly the same back.
#[must_use]
pub fn print_speed(limit: Limit) -> String {
    match limit {
        Limit::At(bytes) => format!("{}/s", print_bytes(bytes)),
        Limit::Unlimited => "unlimited".to_owned(),
    }
}

fn limit(text: &str, parse: impl Fn(&str) -> Result<u64, Expected>) -> Result<Limit, Expected> {
    if text == "unlimited" {
        return Ok(Limit::Unlimited);
    }
    parse(text).map(Limit::At).map_err(|mut e| {
        e.expected.push_str(", or `unlimited`");
        e.near(["unlimited"])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_and_speeds() {
        for (text, bytes) in [("512B", 512), ("2kB", 2_000), ("1500kB", 1_500_000), ("0B", 0)] {
            assert_eq!(parse_bytes(text), Ok(bytes));
            assert_eq!(print_bytes(bytes), text);
        }
        assert_eq!(parse_bytes("1.5MB"), Ok(1_500_000));
        assert_eq!(parse_bytes("1.5B").unwrap_err().expected, "a whole number of bytes");
        assert_eq!(parse_bytes("99999999TB").unwrap_err().expected, "a smaller size");
        for wrong in ["", "2", "kB", "2 kB", "2KB", "-1B"] {
            assert!(parse_bytes(wrong).is_err(), "{wrong}");
        }
        assert_eq!(parse_speed("125MB/s"), Ok(Limit::At(125_000_000)));
        assert_eq!(
            parse_speed("125MB").unwrap_err().to_string(),
            "expected a speed such as `125MB/s`, or `unlimited`, found `125MB`"
        );
        assert!(parse_speed("0B/s").is_err());
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(bytes: u64) {
            prop_assert_eq!(parse_bytes(&print_bytes(bytes)), Ok(bytes));
            for limit in [Limit::At(bytes), Limit::Unlimited] {
                prop_assert_eq!(parse_memory(&print_memory(limit)), Ok(limit));
                if limit != Limit::At(0) {
                    prop_assert_eq!(parse_speed(&print_speed(limit)), Ok(limit));
                }
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,20}") {
            let _ = (parse_bytes(&text), parse_memory(&text), parse_speed(&text));
        }
    }
}
