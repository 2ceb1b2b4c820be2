//! How nodes and data stood at the end of each bin: sums that only grow, so that a span of bins is
//! the difference of two samples.

use super::chunks::Chunks;
use super::gauges::{Gauges, limited};
use super::history::{KEPT, MARKS, Moments};
use super::tally::NodeTally;
use super::{BIN, TICK};
use crate::sim::id::NodeId;
use crate::sim::observation::NodeState;
use crate::sim::reading::{NodeReading, PartReading};
use crate::sim::time::Ns;
use std::sync::Arc;

/// What is added up of a node at every tick, and how it stood at the newest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Ticks.
    pub ticks: u64,
    /// Ticks at which its process was up.
    pub up_ticks: u64,
    /// Busy cores over the time in which it was up.
    pub busy_ns: u64,
    /// Cores that there were in that time; 0 where they are unlimited.
    pub cores_ns: u64,
    /// Those who waited there, or messages that a queue held, at each tick.
    pub depth: u64,
    /// Age of the oldest message that waited, at each tick.
    pub age: u64,
    /// How far a replica was behind, at each tick at which it was up.
    pub lag: u64,
    /// Whether its process is up.
    pub up: bool,
    /// Whether it is up and holds the role of primary.
    pub primary: bool,
    /// Messages put aside.
    pub dead_letters: u64,
}

impl Sums {
    /// Takes a reading, a tick after the last. `busy_ns` is what its cores have done since then.
    pub fn read(&mut self, now: Ns, reading: &NodeReading, busy_ns: u64, depth: u64) {
        self.ticks += 1;
        self.up = reading.state == NodeState::Up;
        self.primary = false;
        self.depth += depth;
        if self.up {
            let cores_ns = u64::from(limited(&reading.cores).unwrap_or(0)) * TICK;
            self.up_ticks += 1;
            // Cores that were taken away while they worked are still theirs who work.
            self.busy_ns += busy_ns.min(cores_ns);
            self.cores_ns += cores_ns;
        }
        match reading.part {
            PartReading::Database { primary, lag, .. } if self.up => {
                self.primary = primary;
                self.lag += lag;
            }
            PartReading::Queue { oldest, dead_letters, .. } => {
                self.age += oldest.map_or(0, |since| now.saturating_sub(since));
                self.dead_letters = dead_letters;
            }
            _ => {}
        }
    }
}

/// A node at the end of a bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NodeSample {
    /// What ticks have added up.
    pub sums: Sums,
    /// Lookups that found an entry.
    pub hits: u64,
    /// Lookups that found none.
    pub misses: u64,
    /// Answers for which nobody waited any more.
    pub wasted: u64,
}

/// What became of data since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DataSample {
    /// Writes whose answer reached the caller.
    pub acknowledged: u64,
    /// Of those, the ones that the official history lacks now.
    pub lost: u64,
    /// Stale reads.
    pub stale: u64,
    /// Writes that the official history has twice.
    pub doubled: u64,
    /// Acknowledged writes that a merge overwrote unseen.
    pub conflicts: u64,
    /// Writes that the official history has and whose message was never published.
    pub unpublished: u64,
    /// Time in which two nodes of one database held the role of primary.
    pub split_brain: Ns,
}

/// All of it at the end of a bin.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// By node.
    pub nodes: Box<[NodeSample]>,
    /// What became of data.
    pub data: DataSample,
}

impl Sample {
    /// A node; one that was not there yet had counted nothing.
    #[must_use]
    pub fn node(&self, node: NodeId) -> NodeSample {
        self.nodes.get(node.index()).copied().unwrap_or_default()
    }
}

/// A sample for the end of each closed bin that is kept, and of those before at some moments.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    closed: Chunks<Arc<Sample>>,
    /// How many are no longer in the list.
    gone: usize,
    /// Of those, the ones at moments: by their number, oldest first.
    marks: Vec<(usize, Arc<Sample>)>,
}

impl Samples {
    /// Lets go of samples that are older than what is kept, other than those at moments.
    pub fn forget(&mut self, moments: &Moments) {
        for sample in self.closed.keep_newest(KEPT).iter().flat_map(|chunk| chunk.iter()) {
            self.gone += 1;
            if moments.contain(self.gone as Ns * BIN) {
                self.marks.push((self.gone, sample.clone()));
            }
        }
        while self.marks.len() > MARKS {
            self.marks.remove(MARKS / 2);
        }
    }

    /// What it takes in memory, about.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let all = self.closed.iter().chain(self.marks.iter().map(|(_, sample)| sample));
        all.map(|sample| size_of::<Sample>() + size_of_val(&*sample.nodes)).sum()
    }

    /// Adds the sample of a bin that ends now.
    pub fn close(&mut self, gauges: &Gauges, tallies: &[NodeTally], data: DataSample) {
        let node = |(gauge, tally): (&super::gauges::Gauge, &NodeTally)| NodeSample {
            sums: gauge.sums,
            hits: tally.hits,
            misses: tally.misses,
            wasted: tally.wasted,
        };
        let nodes = gauges.all().iter().zip(tallies).map(node).collect();
        self.closed.push(Arc::new(Sample { nodes, data }));
    }

    /// The sample at that time, rounded down to a whole bin; `None` at the start, when nothing had
    /// been counted, and where it is no longer kept. After the newest bin: that one.
    #[must_use]
    pub fn at(&self, time: Ns) -> Option<&Sample> {
        let bins = ((time / BIN) as usize).min(self.gone + self.closed.len());
        if bins <= self.gone {
            let mark = self.marks.iter().find(|(number, _)| *number == bins);
            return mark.map(|(_, sample)| sample.as_ref());
        }
        self.closed.get(bins - self.gone - 1).map(Arc::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_stands_at_the_end_of_its_bin() {
        let mut samples = Samples::default();
        for lost in 1..=3 {
            let data = DataSample { lost, ..DataSample::default() };
            samples.close(&Gauges::default(), &[], data);
        }
        let lost = |time| samples.at(time).map(|s| s.data.lost);
        assert_eq!((lost(0), lost(BIN - 1)), (None, None));
        assert_eq!((lost(BIN), lost(2 * BIN + 1)), (Some(1), Some(2)));
        assert_eq!(lost(99 * BIN), Some(3));
    }
}
