//! Counters that only grow: per class, node and link. What happened in a window is the difference of
//! two of them.

use super::latency::Latency;
use crate::sim::observation::Outcome;
use crate::sim::time::Ns;

/// Requests of a class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassTally {
    /// Requests that arrived.
    pub offered: u64,
    /// Requests that ended, by [`Outcome::index`].
    pub outcomes: [u64; Outcome::COUNT],
    /// Attempts: the first of each that arrived, and further ones of requests that ended.
    pub attempts: u64,
    /// Sum of the latencies of answers (ok and late).
    pub answered_ns: u64,
}

impl ClassTally {
    /// Requests that ended so.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.outcomes[outcome.index()]
    }

    /// Requests that ended ok.
    #[must_use]
    pub fn ok(&self) -> u64 {
        self.of(Outcome::Ok)
    }

    /// Requests that ended.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.outcomes.iter().sum()
    }

    /// Requests that were answered, in time or late.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.ok() + self.of(Outcome::Late)
    }

    /// Requests that ended without an answer.
    #[must_use]
    pub fn failed(&self) -> u64 {
        Outcome::REASONS.iter().map(|&r| self.of(r)).sum()
    }

    /// Requests that failed or were late.
    #[must_use]
    pub fn bad(&self) -> u64 {
        self.failed() + self.of(Outcome::Late)
    }

    /// The most frequent way not to end ok, and how often; the first in the list of equals.
    #[must_use]
    pub fn worst(&self) -> Option<(Outcome, u64)> {
        let bad = Outcome::REASONS.iter().chain(&[Outcome::Late]).map(|&r| (r, self.of(r)));
        bad.filter(|(_, n)| *n > 0).fold(None, |most, next| match most {
            Some((_, n)) if n >= next.1 => most,
            _ => Some(next),
        })
    }

    /// Retry amplification: attempts for each request that arrived, 1 without retries; `None` of
    /// nothing.
    #[must_use]
    pub fn amplification(&self) -> Option<f64> {
        share(self.attempts, self.offered)
    }

    /// Adds another.
    pub fn add(&mut self, other: &ClassTally) {
        self.offered += other.offered;
        self.attempts += other.attempts;
        self.answered_ns += other.answered_ns;
        for (mine, theirs) in self.outcomes.iter_mut().zip(other.outcomes) {
            *mine += theirs;
        }
    }

    /// What was counted since `before`, an earlier state of the same counters.
    #[must_use]
    pub fn since(&self, before: &ClassTally) -> ClassTally {
        let mut outcomes = self.outcomes;
        outcomes.iter_mut().zip(before.outcomes).for_each(|(now, then)| *now -= then);
        ClassTally {
            offered: self.offered - before.offered,
            outcomes,
            attempts: self.attempts - before.attempts,
            answered_ns: self.answered_ns - before.answered_ns,
        }
    }
}

/// Calls of requests to a node, as their callers see them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NodeTally {
    /// Calls that ended, by [`Outcome::index`].
    pub outcomes: [u64; Outcome::COUNT],
    /// Users' requests whose failure began there, by [`Outcome::index`].
    pub blamed: [u32; Outcome::COUNT],
    /// Time that those which were answered waited there.
    pub wait_ns: u64,
    /// Time that the node worked on those which were answered.
    pub work_ns: u64,
    /// Answers for which nobody waited any more.
    pub wasted: u64,
    /// Lookups that found an entry.
    pub hits: u64,
    /// Lookups that found none.
    pub misses: u64,
}

impl NodeTally {
    /// Calls that were answered.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.outcomes[..=Outcome::Late.index()].iter().sum()
    }

    /// Calls that failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.outcomes[Outcome::Late.index() + 1..].iter().sum()
    }

    /// Calls that ended.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.answered() + self.failed()
    }

    /// Calls that ended so.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.outcomes[outcome.index()]
    }

    /// Hits of lookups, `None` without lookups.
    #[must_use]
    pub fn hit_ratio(&self) -> Option<f64> {
        share(self.hits, self.hits + self.misses)
    }

    /// Adds another.
    pub fn add(&mut self, other: &NodeTally) {
        for (mine, theirs) in self.outcomes.iter_mut().zip(other.outcomes) {
            *mine += theirs;
        }
        for (mine, theirs) in self.blamed.iter_mut().zip(other.blamed) {
            *mine = mine.wrapping_add(theirs);
        }
        self.wait_ns += other.wait_ns;
        self.work_ns += other.work_ns;
        self.wasted += other.wasted;
        self.hits += other.hits;
        self.misses += other.misses;
    }

    /// What was counted since `before`, an earlier state of the same counters.
    #[must_use]
    pub fn since(&self, before: &NodeTally) -> NodeTally {
        let mut outcomes = self.outcomes;
        outcomes.iter_mut().zip(before.outcomes).for_each(|(now, then)| *now -= then);
        let mut blamed = self.blamed;
        blamed.iter_mut().zip(before.blamed).for_each(|(now, then)| *now = now.wrapping_sub(then));
        NodeTally {
            outcomes,
            blamed,
            wait_ns: self.wait_ns - before.wait_ns,
            work_ns: self.work_ns - before.work_ns,
            wasted: self.wasted - before.wasted,
            hits: self.hits - before.hits,
            misses: self.misses - before.misses,
        }
    }
}

/// Calls on a link. They wrap around: only differences mean something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkTally {
    /// Calls that were answered.
    pub ok: u32,
    /// Calls that failed.
    pub failed: u32,
}

impl LinkTally {
    /// Counts a call.
    #[inline]
    pub fn count(&mut self, answered: bool) {
        if answered {
            self.ok = self.ok.wrapping_add(1);
        } else {
            self.failed = self.failed.wrapping_add(1);
        }
    }

    /// What was counted since `before`.
    #[must_use]
    pub fn since(&self, before: LinkTally) -> LinkTally {
        LinkTally {
            ok: self.ok.wrapping_sub(before.ok),
            failed: self.failed.wrapping_sub(before.failed),
        }
    }
}

/// One class while it is counted: the whole run's counters, and the latencies of the open bin.
#[derive(Clone, Debug, Default)]
pub struct Class {
    /// Counters of the whole run.
    pub tally: ClassTally,
    /// Latencies of answers in the open bin.
    pub open: Latency,
    /// The longest latency of an answer in the whole run.
    pub longest: Ns,
}

impl Class {
    /// Counts a request that arrived.
    #[inline]
    pub fn arrived(&mut self) {
        self.tally.offered += 1;
        self.tally.attempts += 1;
    }

    /// Counts a request that ended.
    #[inline]
    pub fn ended(&mut self, outcome: Outcome, took: Ns, attempts: u8) {
        self.tally.outcomes[outcome.index()] += 1;
        self.tally.attempts += u64::from(attempts.saturating_sub(1));
        if outcome.is_good() {
            self.tally.answered_ns += took;
            self.longest = self.longest.max(took);
            self.open.record(took);
        }
    }
}

/// `part` of `all`, `None` of nothing.
#[must_use]
pub fn share(part: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}
