//! Counters as they were at the last ticks: rolling figures are differences to them.

use super::TICK;
use super::journey::Journeys;
use super::limits::Use;
use super::response::Served;
use super::tally::{ClassTally, LinkTally, NodeTally};
use super::where_time::Waited;
use crate::sim::observation::Giver;
use crate::sim::time::{Ns, SECOND, seconds};
use std::collections::VecDeque;
use std::sync::Arc;

/// Ticks that are kept: one second of them, both ends included.
const FINE: usize = (SECOND / TICK) as usize + 1;
/// Whole bins that are kept beside them: ten seconds, both ends included.
const COARSE: usize = 21;

/// What the world has integrated at a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Integral {
    /// Busy cores over time.
    pub busy_ns: u64,
    /// Messages ever published there.
    pub published: u64,
    /// Messages ever given out again there.
    pub redelivered: u64,
    /// Messages ever put aside there, less those that went with its memory.
    pub dead_letters: u64,
    /// Messages ever lost there.
    pub lost: u64,
    /// Those who wait there, or messages.
    pub depth: u64,
    /// Those who waited for its resources, over time.
    pub waited: Waited,
}

/// All counters at one instant.
#[derive(Clone, Debug, Default)]
pub struct Tick {
    /// When.
    pub at: Ns,
    /// By class.
    pub classes: Vec<ClassTally>,
    /// By node.
    pub nodes: Vec<NodeTally>,
    /// By link.
    pub links: Vec<LinkTally>,
    /// By node.
    pub integrals: Vec<Integral>,
    /// What was used of limits, in the order of [`super::limits::Limits::all`].
    pub uses: Vec<Use>,
    /// Acknowledged writes by component.
    pub writes: Vec<u64>,
    /// Stale reads, by who gave them.
    pub stale: [u64; Giver::COUNT],
    /// Followed requests that were answered.
    pub journeys: Journeys,
}

impl Tick {
    /// A link's counters then; links that are newer had counted nothing.
    #[must_use]
    pub fn link(&self, index: usize) -> LinkTally {
        self.links.get(index).copied().unwrap_or_default()
    }

    /// Requests that had ended ok then.
    #[must_use]
    pub fn ok(&self) -> u64 {
        self.classes.iter().map(ClassTally::ok).sum()
    }

    /// Requests that had failed then, or were late.
    #[must_use]
    pub fn bad(&self) -> u64 {
        self.classes.iter().map(ClassTally::bad).sum()
    }

    /// Requests that had arrived then.
    #[must_use]
    pub fn offered(&self) -> u64 {
        self.classes.iter().map(|class| class.offered).sum()
    }

    /// How users were served since an older tick.
    #[must_use]
    pub fn served_since(&self, before: &Tick) -> Served {
        let passed = seconds(self.at - before.at);
        let rate = |now: u64, then: u64| (now - then) as f64 / passed;
        Served {
            goodput: rate(self.ok(), before.ok()),
            offered: rate(self.offered(), before.offered()),
        }
    }

    /// A node's counters then.
    #[must_use]
    pub fn node(&self, index: usize) -> NodeTally {
        self.nodes.get(index).copied().unwrap_or_default()
    }
}

/// The last ticks. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Rolling {
    fine: VecDeque<Arc<Tick>>,
    coarse: VecDeque<Arc<Tick>>,
}

impl Rolling {
    /// Adds a tick, which `fill` writes into the storage of one that is no longer needed. `whole`
    /// says whether a bin ended with it.
    pub fn push(&mut self, whole: bool, fill: impl FnOnce(&mut Tick)) {
        let mut spare = Arc::default();
        if self.fine.len() == FINE {
            spare = self.fine.pop_front().unwrap_or_default();
        }
        if Arc::get_mut(&mut spare).is_none() {
            spare = Arc::default();
        }
        if let Some(tick) = Arc::get_mut(&mut spare) {
            fill(tick);
        }
        if whole {
            if self.coarse.len() == COARSE {
                self.coarse.pop_front();
            }
            self.coarse.push_back(spare.clone());
        }
        self.fine.push_back(spare);
    }

    /// The oldest tick that is at most `span` before `now`; `None` before the first.
    #[must_use]
    pub fn before(&self, now: Ns, span: Ns) -> Option<&Tick> {
        let from = now.saturating_sub(span);
        let ticks = if span <= SECOND { &self.fine } else { &self.coarse };
        ticks.get(ticks.partition_point(|t| t.at < from)).map(Arc::as_ref)
    }

    /// How users were served in a span that ends with the newest tick, `now`; `None` if the run is
    /// younger.
    #[must_use]
    pub fn served(&self, now: Ns, span: Ns) -> Option<Served> {
        let (newest, oldest) = (self.newest()?, self.before(now, span)?);
        let whole = newest.at == now && newest.at - oldest.at == span;
        whole.then(|| newest.served_since(oldest))
    }

    /// The same for each bin of a span that ends with the newest tick, oldest first.
    #[must_use]
    pub fn served_in_bins(&self, now: Ns, span: Ns) -> Vec<Served> {
        let from = self.coarse.partition_point(|t| t.at < now.saturating_sub(span));
        let bins = self.coarse.iter().skip(from).zip(self.coarse.iter().skip(from + 1));
        bins.map(|(start, end)| end.served_since(start)).collect()
    }

    /// The newest tick.
    #[must_use]
    pub fn newest(&self) -> Option<&Tick> {
        self.fine.back().map(Arc::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_tick_within_the_span_is_found() {
        let mut rolling = Rolling::default();
        for i in 0..200 {
            rolling.push(i % 5 == 0, |t| t.at = i * TICK);
        }
        let now = 199 * TICK + TICK / 2;
        let at = |span| rolling.before(now, span).map(|t| t.at / TICK);
        assert_eq!(at(SECOND), Some(190));
        assert_eq!(at(2 * TICK), Some(198));
        assert_eq!(at(10 * SECOND), Some(100));
        assert_eq!(rolling.fine.len(), FINE);
    }

    #[test]
    fn a_clone_keeps_its_ticks() {
        let mut rolling = Rolling::default();
        (0..11).for_each(|i| rolling.push(false, |t| t.at = i * TICK));
        let kept = rolling.clone();
        (11..40).for_each(|i| rolling.push(false, |t| t.at = i * TICK));
        assert_eq!(kept.before(10 * TICK, SECOND).map(|t| t.at), Some(0));
    }
}
