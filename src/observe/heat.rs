//! Latencies in a few coarse bins: what a heat map needs of half a second.

use super::latency::{Latency, Sparse};
use crate::sim::time::{MICROSECOND, Ns};

/// Upper edges of all bins but the last, in microseconds: about six to a decade, from 1 ms to 10 s.
const EDGES_US: [u32; 25] = [
    1_000, 1_500, 2_000, 3_000, 5_000, 7_000, 10_000, 15_000, 20_000, 30_000, 50_000, 70_000,
    100_000, 150_000, 200_000, 300_000, 500_000, 700_000, 1_000_000, 1_500_000, 2_000_000,
    3_000_000, 5_000_000, 7_000_000, 10_000_000,
];
/// How many bins there are.
pub const BINS: usize = EDGES_US.len() + 1;

/// Answers by latency, in bins that are about equally wide on a logarithmic axis. The first holds all
/// under 1 ms, the last all from 10 s on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heat {
    counts: [u32; BINS],
}

impl Heat {
    /// What a histogram holds.
    #[must_use]
    pub fn of(latency: &Latency) -> Heat {
        let mut heat = Heat::default();
        heat.add_all(&latency.sparse());
        heat
    }

    /// Adds what a closed histogram holds.
    pub fn add_all(&mut self, latency: &Sparse) {
        for &(us, count) in latency.buckets() {
            self.add(Ns::from(us) * MICROSECOND, count);
        }
    }

    /// Counts so many answers of that latency.
    pub fn add(&mut self, took: Ns, count: u32) {
        let slot = &mut self.counts[Heat::bin(took)];
        *slot = slot.saturating_add(count);
    }

    /// Adds what another holds.
    pub fn merge(&mut self, other: &Heat) {
        for (slot, count) in self.counts.iter_mut().zip(other.counts) {
            *slot = slot.saturating_add(count);
        }
    }

    /// The bin of a latency.
    #[must_use]
    pub fn bin(took: Ns) -> usize {
        EDGES_US.partition_point(|edge| Ns::from(*edge) * MICROSECOND <= took)
    }

    /// Where a bin ends; `None` of the last.
    #[must_use]
    pub fn edge(bin: usize) -> Option<Ns> {
        EDGES_US.get(bin).map(|us| Ns::from(*us) * MICROSECOND)
    }

    /// Answers in each bin, from the fastest.
    #[must_use]
    pub fn counts(&self) -> &[u32; BINS] {
        &self.counts
    }

    /// All answers.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|c| u64::from(*c)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::time::{MILLISECOND, SECOND};

    #[test]
    fn every_latency_has_a_bin_and_edges_belong_to_the_slower_one() {
        assert_eq!(Heat::bin(0), 0);
        assert_eq!(Heat::bin(MILLISECOND - 1), 0);
        assert_eq!(Heat::bin(MILLISECOND), 1);
        assert_eq!(Heat::bin(10 * SECOND - 1), BINS - 2);
        assert_eq!(Heat::bin(Ns::MAX), BINS - 1);
        assert!((1..BINS - 1).all(|b| Heat::edge(b - 1) < Heat::edge(b)));
        assert_eq!(Heat::edge(BINS - 1), None);
    }

    #[test]
    fn a_histogram_keeps_its_counts() {
        let mut latency = Latency::default();
        for ms in [2, 4, 4, 40, 4_000] {
            latency.record(ms * MILLISECOND + MICROSECOND * 50);
        }
        let mut heat = Heat::of(&latency);
        assert_eq!(heat.total(), 5);
        assert_eq!(heat.counts()[Heat::bin(4 * MILLISECOND)], 2);
        heat.merge(&heat.clone());
        assert_eq!(heat.total(), 10);
    }
}
