//! `--seeds 1..20`.

use std::fmt;
use std::ops::RangeInclusive;

/// Seeds at most.
const MOST: u64 = 100_000;

/// Seeds from the first to the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Seeds {
    first: u64,
    last: u64,
}

impl Seeds {
    pub(super) fn all(self) -> RangeInclusive<u64> {
        self.first..=self.last
    }
}

impl fmt::Display for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first, self.last)
    }
}

/// Reads `1..20`.
pub(super) fn parse(text: &str) -> Result<Seeds, String> {
    let wrong = || format!("expected two seeds such as `1..20`, found `{text}`");
    let (first, last) = text.split_once("..").ok_or_else(wrong)?;
    let last = last.strip_prefix('=').unwrap_or(last);
    let seed = |text: &str| text.trim().parse::<u64>().map_err(|_| wrong());
    let (first, last) = (seed(first)?, seed(last)?);
    match last.checked_sub(first) {
        None => Err(format!("expected the smaller seed first, found `{text}`")),
        Some(more) if more >= MOST => Err(format!("expected at most {MOST} seeds, found `{text}`")),
        Some(_) => Ok(Seeds { first, last }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_included() {
        let seeds = parse("3..5").unwrap();
        assert_eq!(seeds.all().collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!(seeds.to_string(), "3..5");
        assert_eq!(parse("7..7").unwrap().all().count(), 1);
        assert_eq!(parse("3..=5"), Ok(seeds));
        for wrong in ["", "3", "5..3", "a..b", "-1..2", "1..", "0..100000"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
