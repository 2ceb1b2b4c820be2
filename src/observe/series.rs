//! Closed bins: what happened in each half second of the run.

use super::BIN;
use super::chunks::Chunks;
use super::heat::Heat;
use super::history::{History, KEPT, Moments};
use super::latency::{Latency, Sparse};
use super::tally::{Class, ClassTally};
use crate::sim::time::Ns;
use std::sync::Arc;

/// Requests of one class in a bin.
#[derive(Clone, Debug, Default)]
pub struct ClassBin {
    /// What was counted in it.
    pub tally: ClassTally,
    /// Latencies of answers in it.
    pub latency: Sparse,
    /// Requests in flight at its end.
    pub in_flight: u64,
    /// Of those that had ended by its end since the start: ok, and all.
    pub so_far: (u64, u64),
}

/// A bin that has ended. It never changes.
#[derive(Clone, Debug)]
pub struct Closed {
    /// When it began; it is [`BIN`] long.
    pub start: Ns,
    /// All classes together.
    pub total: ClassTally,
    /// Median latency of answers.
    pub p50: Option<Ns>,
    /// 99th percentile of answers.
    pub p99: Option<Ns>,
    /// Answers by latency, coarsely.
    pub heat: Heat,
    /// Requests in flight at its end.
    pub in_flight: u64,
    /// How busy the busiest component was told to be at its end.
    pub busiest: f64,
    /// What each node held at its end.
    pub nodes: Arc<[Held]>,
    /// By class; see [`Series::close`].
    pub classes: Box<[ClassBin]>,
}

/// What a node held at one instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Threads in use, or requests in progress where there are no threads.
    pub used: u32,
    /// Those who waited.
    pub waiting: u32,
}

/// The newest bins that have ended, oldest first, without gaps, and what is told of those before.
#[derive(Clone, Debug, Default)]
pub struct Series {
    closed: Chunks<Arc<Closed>>,
    history: History,
    /// Counters of each class when the open bin began.
    opened: Vec<ClassTally>,
}

impl Series {
    /// Lets go of bins that are older than what is kept.
    pub fn forget(&mut self, moments: &Moments) {
        for bin in self.closed.keep_newest(KEPT).iter().flat_map(|chunk| chunk.iter()) {
            self.history.take(bin, moments);
        }
    }

    /// What was before the oldest bin that is kept.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Closes the open bin, which ends `now`.
    ///
    /// Each class gives one [`ClassBin`], in the same order; their open latencies are emptied.
    pub fn close(
        &mut self,
        now: Ns,
        classes: &mut [Class],
        in_flight: u64,
        busiest: f64,
        nodes: Arc<[Held]>,
    ) {
        self.opened.resize(classes.len(), ClassTally::default());
        let (mut total, mut all) = (ClassTally::default(), Latency::default());
        let mut heat = Heat::default();
        let mut bins = Vec::with_capacity(classes.len());
        for (class, opened) in classes.iter_mut().zip(&mut self.opened) {
            let (so_far, ended) = (class.tally, class.tally.ended());
            let bin = ClassBin {
                tally: so_far.since(opened),
                latency: class.open.close(),
                in_flight: so_far.offered - ended,
                so_far: (so_far.ok(), ended),
            };
            *opened = class.tally;
            total.add(&bin.tally);
            all.add(&bin.latency);
            heat.add_all(&bin.latency);
            bins.push(bin);
        }
        self.closed.push(Arc::new(Closed {
            start: now.saturating_sub(BIN),
            total,
            p50: all.quantile(0.5),
            p99: all.quantile(0.99),
            heat,
            in_flight,
            busiest,
            nodes,
            classes: bins.into(),
        }));
    }

    /// What it takes in memory, about.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let bin = |bin: &Closed| {
            let classes = bin
                .classes
                .iter()
                .map(|c| size_of::<ClassBin>() + size_of_val(c.latency.buckets()));
            size_of::<Closed>() + size_of_val(&*bin.nodes) + classes.sum::<usize>()
        };
        self.history.held_bytes() + self.newest(KEPT + 64).map(bin).sum::<usize>()
    }

    /// What the open bin has counted so far, all classes together.
    #[must_use]
    pub fn open(&self, classes: &[Class]) -> ClassTally {
        let mut total = ClassTally::default();
        for (i, class) in classes.iter().enumerate() {
            let opened = self.opened.get(i).copied().unwrap_or_default();
            total.add(&class.tally.since(&opened));
        }
        total
    }

    /// When the open bin began.
    #[must_use]
    pub fn open_start(&self) -> Ns {
        self.closed.last().map_or(0, |bin| bin.start + BIN)
    }

    /// The newest `count` closed bins, oldest first.
    pub fn newest(&self, count: usize) -> impl DoubleEndedIterator<Item = &Closed> {
        self.closed.newest(count).map(Arc::as_ref)
    }

    /// The bin with that number, from 0: it began at that many times [`BIN`]. `None` if it has not
    /// ended, or is no longer kept.
    #[must_use]
    pub fn bin(&self, number: usize) -> Option<&Closed> {
        let ended = (self.open_start() / BIN) as usize;
        let dropped = ended.saturating_sub(self.closed.len());
        self.closed.get(number.checked_sub(dropped)?).map(Arc::as_ref)
    }

    /// The newest closed bin.
    #[must_use]
    pub fn last(&self) -> Option<&Closed> {
        self.closed.last().map(Arc::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::observation::Outcome;
    use crate::sim::time::MILLISECOND;

    #[test]
    fn a_bin_holds_what_happened_in_it_and_totals_are_their_sums() {
        let (mut series, mut classes) = (Series::default(), vec![Class::default(); 2]);
        for bin in 1..=3u64 {
            (0..bin).for_each(|_| classes[0].arrived());
            classes[1].arrived();
            classes[0].ended(Outcome::Ok, bin * 10 * MILLISECOND, 1);
            classes[1].ended(Outcome::Refused, MILLISECOND, 2);
            series.close(bin * BIN, &mut classes, 7, 0.5, Arc::default());
        }
        classes[1].arrived();
        classes[1].ended(Outcome::Late, MILLISECOND, 1);
        assert_eq!(series.open(&classes).bad(), 1);
        assert_eq!(series.open_start(), 3 * BIN);
        let bins: Vec<_> = series.newest(9).collect();
        assert_eq!(bins.iter().map(|b| b.start).collect::<Vec<_>>(), [0, BIN, 2 * BIN]);
        assert_eq!((bins[2].total.offered, bins[2].total.ok(), bins[2].total.bad()), (4, 1, 1));
        assert!(bins[2].p99.is_some_and(|p| p.abs_diff(30 * MILLISECOND) < MILLISECOND / 4));
        assert_eq!(bins[2].heat.total(), 1);
        assert_eq!(bins[0].classes[1].tally.attempts, 2, "the first and a retry");
    }
}
