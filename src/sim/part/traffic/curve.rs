//! Stages as a clock: how much time has passed, each nanosecond counted as often as the factor says.
//!
//! Everything is in whole numbers, so that a wait may be cut in two at any instant and adds up to the
//! same: that is why a change of a rate moves nothing else.

use crate::sim::spec::{FACTOR_ONE, Stage};
use crate::sim::time::{Ns, SECOND};

/// Pieces of a day.
const HOURS: u64 = 24;

/// A straight piece.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    start: Ns,
    /// The clock at its start.
    base: u128,
    /// Factors in thousandths.
    from: u64,
    to: u64,
    length: Ns,
}

impl Piece {
    /// By how much the clock has gone on, `t` after the start: the integral of the factor, rounded
    /// down. Factors are at most 10^7 and times below 2^50: it fits.
    fn passed(&self, t: Ns) -> u128 {
        let (t, length) = (i128::from(t), i128::from(self.length));
        let (from, to) = (i128::from(self.from), i128::from(self.to));
        if from == to {
            return (from * t) as u128;
        }
        ((2 * length * from * t + (to - from) * t * t) / (2 * length)) as u128
    }

    /// The first time after the start at which that much has passed; `within` it.
    fn when(&self, much: u128, within: Ns) -> Option<Ns> {
        if self.from == self.to {
            let t = (self.from > 0).then(|| much.div_ceil(u128::from(self.from)))?;
            return Ns::try_from(t).ok();
        }
        // The root of the quadratic, which may be off by rounding, and then the exact place by halves.
        let (f, slope) = (self.from as f64, (self.to as f64 - self.from as f64) / within as f64);
        let root = libm::sqrt((f * f + 2.0 * slope * much as f64).max(0.0));
        let guess = (2.0 * much as f64 / (f + root).max(f64::MIN_POSITIVE)) as Ns;
        let (mut low, mut high) =
            (guess.saturating_sub(8).min(within), guess.saturating_add(8).min(within));
        if self.passed(low) >= much {
            low = 0;
        }
        if self.passed(high) < much {
            high = within;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if self.passed(middle) >= much { high = middle } else { low = middle + 1 }
        }
        Some(low)
    }
}

/// Stages, ready to be integrated.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Curve(Vec<Piece>);

impl Curve {
    /// The curve of stages; `None` without any.
    pub(super) fn new(stages: &[Stage]) -> Option<Curve> {
        let mut curve = Curve(Vec::new());
        let (mut start, mut base, mut last) = (0, 0, FACTOR_ONE);
        let mut add = |from: u64, to: u64, length: Ns| {
            let piece = Piece { start, base, from, to, length };
            if length > 0 {
                curve.0.push(piece);
                start += length;
                base += piece.passed(length);
            }
            last = to;
        };
        for stage in stages {
            match *stage {
                Stage::Hold { factor, length } => add(factor, factor, length),
                Stage::Ramp { from, to, length } => add(from, to, length),
                Stage::Day { low, high, length } => {
                    for hour in 0..HOURS {
                        let passed =
                            |h: u64| (u128::from(length) * u128::from(h) / u128::from(HOURS)) as Ns;
                        let length = passed(hour + 1) - passed(hour);
                        add(of_day(low, high, hour), of_day(low, high, hour + 1), length);
                    }
                }
            }
        }
        // The last factor stays.
        curve.0.push(Piece { start, base, from: last, to: last, length: 0 });
        (!stages.is_empty()).then_some(curve)
    }

    /// The clock at a time: nanoseconds times thousandths.
    pub(super) fn at(&self, t: Ns) -> u128 {
        let piece = &self.0[self.0.partition_point(|p| p.start <= t) - 1];
        piece.base + piece.passed(t - piece.start)
    }

    /// The first time at which the clock shows at least that.
    pub(super) fn when(&self, clock: u128) -> Option<Ns> {
        let i = self.0.partition_point(|p| p.base < clock).saturating_sub(1);
        let piece = &self.0[i];
        Some(
            piece.start.saturating_add(piece.when(clock.saturating_sub(piece.base), piece.length)?),
        )
    }

    /// When somebody who counts by the factor is to look at it again: at the end of a piece, and on a
    /// slope every tenth of a second.
    pub(super) fn turns_after(&self, t: Ns) -> Option<Ns> {
        let piece = &self.0[self.0.partition_point(|p| p.start <= t) - 1];
        let end = piece.start + piece.length;
        let level = piece.from == piece.to;
        (piece.length > 0).then(|| if level { end } else { end.min(t + SECOND / 10) })
    }

    /// The factor at a time.
    pub(super) fn factor(&self, t: Ns) -> f64 {
        let piece = &self.0[self.0.partition_point(|p| p.start <= t) - 1];
        let (from, to) = (piece.from as f64, piece.to as f64);
        let part = (t - piece.start) as f64 / piece.length.max(1) as f64;
        let factor = if piece.length == 0 { from } else { from + (to - from) * part };
        factor / FACTOR_ONE as f64
    }
}

/// The factor at an hour of a day that is low at both ends: a cosine.
fn of_day(low: u64, high: u64, hour: u64) -> u64 {
    let turn = core::f64::consts::TAU * hour as f64 / HOURS as f64;
    let up = (1.0 - libm::cos(turn)) / 2.0;
    libm::floor(low as f64 + (high as f64 - low as f64) * up + 0.5) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_stage() -> impl Strategy<Value = Stage> {
        let factor = 0..20_000_u64;
        let length = 0..100 * SECOND;
        (factor.clone(), factor, length, 0..3).prop_map(|(a, b, length, kind)| match kind {
            0 => Stage::Hold { factor: a, length },
            1 => Stage::Ramp { from: a, to: b, length },
            _ => Stage::Day { low: a.min(b), high: a.max(b), length },
        })
    }

    #[test]
    fn a_ramp_passes_its_mean() {
        let stages = [Stage::Ramp { from: 1000, to: 2000, length: 10 * SECOND }];
        let curve = Curve::new(&stages).expect("a curve");
        assert_eq!(curve.at(10 * SECOND), 15_000 * u128::from(SECOND));
        assert_eq!(curve.at(12 * SECOND), 19_000 * u128::from(SECOND), "the last factor stays");
        assert!((curve.factor(5 * SECOND) - 1.5).abs() < 1e-9);
    }

    #[test]
    fn a_day_goes_up_and_down() {
        let day = [Stage::Day { low: 200, high: 1000, length: 24 * SECOND }];
        let curve = Curve::new(&day).expect("a curve");
        let at = |s: u64| libm::floor(curve.factor(s * SECOND) * 1000.0 + 0.5);
        assert_eq!((at(0), at(6), at(12), at(18), at(24)), (200.0, 600.0, 1000.0, 600.0, 200.0));
    }

    #[test]
    fn nothing_comes_while_the_factor_is_0() {
        let curve = Curve::new(&[Stage::Hold { factor: 0, length: SECOND }]).expect("a curve");
        assert_eq!(curve.when(1), None);
        let then =
            [Stage::Hold { factor: 0, length: SECOND }, Stage::Hold { factor: 1000, length: 1 }];
        assert_eq!(Curve::new(&then).and_then(|c| c.when(1)), Some(SECOND + 1));
    }

    proptest! {
        #[test]
        fn the_clock_never_goes_back_and_is_read_exactly(
            stages in prop::collection::vec(any_stage(), 1..5), t in 0..400 * SECOND, on in 0..SECOND,
        ) {
            let curve = Curve::new(&stages).expect("a curve");
            let clock = curve.at(t);
            prop_assert!(clock <= curve.at(t + on));
            let first = curve.when(clock).expect("it has been");
            prop_assert!(first <= t && curve.at(first) >= clock);
            prop_assert!(first == 0 || curve.at(first - 1) < clock);
        }
    }
}
