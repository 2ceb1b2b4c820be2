//! Simulated time: integer nanoseconds since the start of the run.
//!
//! There is no other clock in the world. Wall time exists only outside it, where it paces a run.

/// Nanoseconds of simulated time: an instant (since the start) or a length.
pub type Ns = u64;

/// One microsecond.
pub const MICROSECOND: Ns = 1_000;
/// One millisecond.
pub const MILLISECOND: Ns = 1_000_000;
/// One second.
pub const SECOND: Ns = 1_000_000_000;
/// Never: later than every event. Entries of the agenda hold times below 2^50 ns (13 days).
pub const NEVER: Ns = u64::MAX;

/// `ns` in seconds, for people and reports (never for decisions of the world).
#[must_use]
pub fn seconds(ns: Ns) -> f64 {
    ns as f64 / SECOND as f64
}

/// `ns` in milliseconds, for people and reports.
#[must_use]
pub fn millis(ns: Ns) -> f64 {
    ns as f64 / MILLISECOND as f64
}
