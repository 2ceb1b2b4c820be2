//! Stages of a load: by what the rate of arrivals is multiplied, as a function of simulated time.

use crate::sim::time::Ns;

/// The factor 1, in the units of a stage's factors: thousandths, so that text and value are equal.
pub const FACTOR_ONE: u64 = 1000;

/// A stretch of simulated time with a factor on the rate. Stages follow each other from the start of
/// the run; the factor at the end of the last one stays.
///
/// Factors are in thousandths ([`FACTOR_ONE`]), lengths in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The same factor: `hold 2x 30s`. A short one is a burst.
    Hold {
        /// The factor.
        factor: u64,
        /// How long.
        length: Ns,
    },
    /// In a straight line from one factor to another: `ramp 1x 2x 30s`.
    Ramp {
        /// The factor at the start.
        from: u64,
        /// The factor at the end.
        to: u64,
        /// How long.
        length: Ns,
    },
    /// From the lowest to the highest factor and back, as a day goes: `day 0.2x 1x 24h`. A cosine in
    /// 24 straight pieces.
    Day {
        /// The factor at the start and the end.
        low: u64,
        /// The factor in the middle.
        high: u64,
        /// How long.
        length: Ns,
    },
}
