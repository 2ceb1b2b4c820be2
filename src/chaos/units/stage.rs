//! Stages of a load: `hold 3x 2s`, `ramp 1x 2x 30s`, `day 0.2x 1x 24h`.

use super::super::Expected;
use super::super::scan::{Word, words};
use super::{FACTOR_MAX, decimal, parse_time, point, print_time};
use crate::sim::spec::{FACTOR_ONE, Stage};
use crate::sim::time::Ns;

const A_STAGE: &str = "a stage such as `hold 3x 2s`, `ramp 1x 2x 30s` or `day 0.2x 1x 24h`";

/// Reads one stage.
///
/// # Errors
/// When it is not a word for a stage, its factors and its length.
pub fn parse_stage(text: &str) -> Result<Stage, Expected> {
    let words = words(text);
    let Some((verb, rest)) = words.split_first() else {
        return Err(Expected::whole(text, A_STAGE));
    };
    match (verb.text, rest) {
        ("hold", [at, length]) => Ok(Stage::Hold { factor: factor(at)?, length: time(length)? }),
        ("ramp", [from, to, length]) => {
            Ok(Stage::Ramp { from: factor(from)?, to: factor(to)?, length: time(length)? })
        }
        ("day", [low, high, length]) => {
            Ok(Stage::Day { low: factor(low)?, high: factor(high)?, length: time(length)? })
        }
        ("hold" | "ramp" | "day", _) => Err(Expected::whole(text, A_STAGE)),
        _ => Err(verb.expected("`hold`, `ramp` or `day`").near(["hold", "ramp", "day"])),
    }
}

fn time(word: &Word<'_>) -> Result<Ns, Expected> {
    parse_time(word.text).map_err(|e| e.shifted(word.at))
}

/// A factor in thousandths.
fn factor(word: &Word<'_>) -> Result<u64, Expected> {
    let read = decimal(word.text).filter(|d| d.unit == "x").and_then(|d| d.times(FACTOR_ONE).ok());
    read.filter(|&f| f as f64 <= FACTOR_MAX * FACTOR_ONE as f64)
        .ok_or_else(|| word.expected("a factor such as `2x` or `0.25x`, at most `10000x`"))
}

/// Prints a stage; [`parse_stage`] reads exactly the same back.
#[must_use]
pub fn print_stage(stage: &Stage) -> String {
    let x = |factor: u64| format!("{}x", point(factor, FACTOR_ONE));
    match *stage {
        Stage::Hold { factor, length } => format!("hold {} {}", x(factor), print_time(length)),
        Stage::Ramp { from, to, length } => {
            format!("ramp {} {} {}", x(from), x(to), print_time(length))
        }
        Stage::Day { low, high, length } => {
            format!("day {} {} {}", x(low), x(high), print_time(length))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::time::SECOND;

    #[test]
    fn stages_read_back() {
        for (text, stage) in [
            ("hold 3x 2s", Stage::Hold { factor: 3000, length: 2 * SECOND }),
            ("ramp 1x 2.5x 30s", Stage::Ramp { from: 1000, to: 2500, length: 30 * SECOND }),
            ("day 0.2x 1x 24h", Stage::Day { low: 200, high: 1000, length: 86_400 * SECOND }),
        ] {
            assert_eq!(parse_stage(text), Ok(stage));
            assert_eq!(print_stage(&stage), text);
        }
    }

    #[test]
    fn what_is_no_stage_is_told_where() {
        let wrong = |text: &str| parse_stage(text).expect_err("no stage");
        assert_eq!(wrong("rmap 1x 2x 3s").range, 0..4);
        assert_eq!(wrong("ramp 1x 2 3s").range, 8..9);
        assert_eq!(wrong("hold 1.0001x 3s").range, 5..12);
        assert_eq!(wrong("ramp 1x 3s").range, 0..10);
    }
}
