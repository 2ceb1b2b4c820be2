//! Latencies: an open histogram, its closed sparse form, and what is read off them.
//!
//! Buckets are those of an HDR histogram (Gil Tene) of two significant digits over fixed bounds in
//! microseconds: wide at most 0.8 %, and we report the middle of one. Means never come from buckets
//! but from integer sums beside them.

use crate::sim::time::{MICROSECOND, Ns};
use hdrhistogram::Histogram;

/// The longest latency that is told apart, in microseconds; longer ones count as this (1 000 s).
const HIGHEST_US: u64 = 1_000_000_000;

/// A histogram that is being filled.
#[derive(Clone, Debug)]
pub struct Latency {
    buckets: Histogram<u32>,
}

impl Default for Latency {
    fn default() -> Latency {
        let buckets = Histogram::new_with_bounds(1, HIGHEST_US, 2);
        Latency { buckets: buckets.expect("constant bounds are valid") }
    }
}

impl Latency {
    /// Counts one latency.
    #[inline]
    pub fn record(&mut self, took: Ns) {
        self.buckets.saturating_record(took / MICROSECOND);
    }

    /// Adds what a closed histogram holds.
    pub fn add(&mut self, closed: &Sparse) {
        for &(us, count) in &closed.0 {
            self.buckets.saturating_record_n(u64::from(us), count);
        }
    }

    /// Adds what another holds.
    pub fn merge(&mut self, other: &Latency) {
        // Equal bounds: there is nothing that could not be added.
        let added = self.buckets.add(&other.buckets);
        debug_assert!(added.is_ok());
    }

    /// Empties it and gives what it held.
    pub fn close(&mut self) -> Sparse {
        let held = self.sparse();
        if !self.buckets.is_empty() {
            self.buckets.reset();
        }
        held
    }

    /// What it holds, in little room.
    #[must_use]
    pub fn sparse(&self) -> Sparse {
        if self.buckets.is_empty() {
            return Sparse::default();
        }
        Sparse(self.recorded().map(|(us, count)| (us as u32, count)).collect())
    }

    /// Takes away what it had held before.
    pub fn subtract(&mut self, before: &Sparse) {
        let mut earlier = Latency::default();
        earlier.add(before);
        // Equal bounds, and no bucket held more before than it does now.
        let subtracted = self.buckets.subtract(&earlier.buckets);
        debug_assert!(subtracted.is_ok());
    }

    /// Buckets that were hit, with the upper end of each in microseconds, from the fastest.
    pub fn recorded(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        self.buckets.iter_recorded().map(|v| (v.value_iterated_to(), v.count_at_value()))
    }

    /// How many were recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.len()
    }

    /// The latency that this share (0 to 1) did not exceed, or `None` without samples.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<Ns> {
        if self.buckets.is_empty() {
            return None;
        }
        let us = self.buckets.value_at_quantile(share);
        Some(self.buckets.median_equivalent(us) * MICROSECOND)
    }
}

/// A closed histogram: only the buckets that were hit, as (microseconds, count).
#[derive(Clone, Debug, Default)]
pub struct Sparse(Box<[(u32, u32)]>);

impl Sparse {
    /// Buckets that were hit.
    #[must_use]
    pub fn buckets(&self) -> &[(u32, u32)] {
        &self.0
    }
}

/// What reports say of a set of latencies.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quantiles {
    /// Exact, from integer sums.
    pub mean: Option<Ns>,
    /// Half took at most this.
    pub p50: Option<Ns>,
    /// 90 % took at most this.
    pub p90: Option<Ns>,
    /// 95 % took at most this.
    pub p95: Option<Ns>,
    /// 99 % took at most this.
    pub p99: Option<Ns>,
    /// 99.9 % took at most this.
    pub p999: Option<Ns>,
    /// Exact.
    pub max: Option<Ns>,
}

impl Quantiles {
    /// Reads them off: `sum` and `max` are exact, the others within 0.4 %.
    #[must_use]
    pub fn of(latency: &Latency, sum: Ns, max: Ns) -> Quantiles {
        let count = latency.count();
        let exact = |ns: Ns| (count > 0).then_some(ns);
        // The middle of a bucket may lie above the largest latency in it.
        let at = |share| latency.quantile(share).map(|q| q.min(max));
        Quantiles {
            mean: exact(sum / count.max(1)),
            p50: at(0.5),
            p90: at(0.9),
            p95: at(0.95),
            p99: at(0.99),
            p999: at(0.999),
            max: exact(max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::time::MILLISECOND;

    #[test]
    fn quantiles_are_within_half_a_percent_also_through_closing() {
        let (mut open, mut total) = (Latency::default(), Latency::default());
        for i in 1..=10_000u64 {
            open.record(i * 10 * MICROSECOND);
            if i % 1_000 == 0 {
                total.add(&open.close());
            }
        }
        assert_eq!((open.count(), total.count()), (0, 10_000));
        for (share, true_ns) in [(0.5, 50 * MILLISECOND), (0.99, 99 * MILLISECOND)] {
            let found = total.quantile(share).unwrap() as f64;
            assert!((found / true_ns as f64 - 1.0).abs() < 0.005, "{share}: {found}");
        }
    }

    #[test]
    fn without_samples_there_is_nothing_to_say() {
        assert_eq!(Quantiles::of(&Latency::default(), 0, 0), Quantiles::default());
    }

    #[test]
    fn endless_latencies_count_as_the_longest() {
        let mut open = Latency::default();
        open.record(u64::MAX);
        let longest = open.quantile(0.5).unwrap() as f64 / (HIGHEST_US * MICROSECOND) as f64;
        assert!((longest - 1.0).abs() < 0.01);
    }
}
