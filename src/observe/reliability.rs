//! Reliability over the judged time: nines, error budget, and how often and for how long it fails.
//!
//! IEC 60050-192: the mean operating time between failures is the time in operation divided by the
//! number of failures. Here a *failure* is a spell of bad bins; it is over when [`CALM`] bins in a row
//! were good. A bin of [`BIN`] is bad
//!
//! - if more than [`TOO_MANY`] of the requests that *arrived* in it failed or were late, whenever that
//!   came out: a request that nobody hears fails a timeout later, and that is the patience of users and
//!   not the state of the service; or
//! - if nobody was served: none was answered in time in it, while at least [`MANY`] came since the last
//!   who was. Some of those may be served yet, if they are patient, but not now.
//!
//! So an outage is as long as it is, however long users wait: who gives up early makes its bins bad by
//! the first rule, who waits it out by the second.
//!
//! What has not ended at the end of the run has not failed: a bin that may still become either is good.

use super::BIN;
use super::tally::ClassTally;
use crate::sim::time::Ns;
use std::collections::VecDeque;

/// From this share of bad ones among the requests that arrive in a bin on, the service is failing.
pub const TOO_MANY: f64 = 0.05;
/// Where answers come as requests do, none comes while n requests do with a chance of e^-n: in a
/// year's 63 million bins, 20 of them go without an answer once in eight years.
const MANY: u64 = 20;
/// So many good bins end a spell: two seconds.
const CALM: u64 = 4;
/// The objective against which the error budget is counted, as parts in [`OF`]: three nines, the
/// example that Google's *Site Reliability Workbook* uses (chapter 2).
const OBJECTIVE: u64 = 999;
const OF: u64 = 1_000;

/// Spells of failures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spells {
    /// Good bins since the last bad one of a spell that is not over.
    calm: Option<u64>,
    failures: u64,
    down: Ns,
    judged: Ns,
}

impl Spells {
    /// Takes the next bin.
    fn bin(&mut self, state: State) {
        self.judged += BIN;
        let bad = match state {
            State::Bad => true,
            State::Good | State::Open => false,
            // Where nobody comes, nothing has changed.
            State::Empty => self.calm == Some(0),
        };
        self.failures += u64::from(bad && self.calm.is_none());
        self.down += if bad { BIN } else { 0 };
        self.calm = match self.calm {
            _ if bad => Some(0),
            Some(calm) if calm + 1 < CALM => Some(calm + 1),
            _ => None,
        };
    }

    /// How often it began to fail.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.failures
    }

    /// How long it has failed in all.
    #[must_use]
    pub fn down(&self) -> Ns {
        self.down
    }

    /// Mean time in operation between failures; `None` without failures.
    #[must_use]
    pub fn mtbf(&self) -> Option<Ns> {
        (self.judged - self.down).checked_div(self.failures)
    }

    /// Mean time that a failure lasts; `None` without failures.
    #[must_use]
    pub fn mttr(&self) -> Option<Ns> {
        self.down.checked_div(self.failures)
    }
}

/// What is known of a bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Bad,
    Good,
    /// Nobody came.
    Empty,
    /// It depends on requests that have not ended.
    Open,
}

/// What became of the requests that arrived in a bin.
#[derive(Clone, Copy, Debug, Default)]
struct Cohort {
    offered: u64,
    ok: u64,
    bad: u64,
    /// Nobody was served in it.
    dark: bool,
}

impl Cohort {
    fn state(&self) -> State {
        let many = self.offered as f64 * TOO_MANY;
        if self.offered == 0 {
            State::Empty
        } else if self.dark || self.bad as f64 > many {
            State::Bad
        } else if self.offered.saturating_sub(self.ok) as f64 <= many {
            State::Good
        } else {
            State::Open
        }
    }
}

/// Bins on their way to be told good or bad: until all that arrived in them has ended, at most.
#[derive(Clone, Debug)]
pub struct Outages {
    /// Up to the first bin of which it is not known.
    told: Spells,
    /// Those that follow; the last has not ended.
    bins: VecDeque<Cohort>,
    /// When the first of them began.
    first: Ns,
    /// Bins in a row without an answer in time, and how many came in them; `None` before the first
    /// such answer of the run: until then all may take that long.
    unserved: Option<(usize, u64)>,
}

impl Outages {
    /// What arrives before `judged_from` is not judged.
    #[must_use]
    pub fn new(judged_from: Ns) -> Outages {
        let bins = VecDeque::from([Cohort::default()]);
        let first = judged_from.next_multiple_of(BIN);
        Outages { told: Spells::default(), bins, first, unserved: None }
    }

    /// A request ended that arrived then.
    #[inline]
    pub fn ended(&mut self, arrived: Ns, ok: bool) {
        let Some(past) = arrived.checked_sub(self.first) else { return };
        if let Some(cohort) = self.bins.get_mut((past / BIN) as usize) {
            if ok {
                cohort.ok += 1;
            } else {
                cohort.bad += 1;
            }
        }
    }

    /// Takes a bin that has ended, of length [`BIN`], and what came and ended in it.
    pub fn bin(&mut self, start: Ns, total: &ClassTally) {
        let served = total.ok() > 0;
        self.unserved = match self.unserved {
            _ if served => Some((0, 0)),
            unserved => unserved.map(|(bins, came)| (bins + 1, came + total.offered)),
        };
        if start < self.first {
            return;
        }
        if let Some(cohort) = self.bins.back_mut() {
            cohort.offered = total.offered;
        }
        if let Some((bins, MANY..)) = self.unserved {
            self.bins.iter_mut().rev().take(bins).for_each(|cohort| cohort.dark = true);
        }
        self.bins.push_back(Cohort::default());
        self.tell();
    }

    /// Tells bins good or bad, in their order, as far as it is known.
    fn tell(&mut self) {
        while self.bins.len() > 1
            && let Some(state) = self.bins.front().map(Cohort::state)
            && state != State::Open
        {
            self.told.bin(state);
            self.bins.pop_front();
            self.first += BIN;
        }
    }

    /// Spells of failures until now.
    #[must_use]
    pub fn spells(&self) -> Spells {
        let mut spells = self.told;
        let ended = self.bins.iter().take(self.bins.len().saturating_sub(1));
        ended.for_each(|cohort| spells.bin(cohort.state()));
        spells
    }
}

/// Whole nines of availability: 3 if at most one of 1 000 requests that ended was bad; `None` if none
/// ended or none was bad, for then there is no end to them.
#[must_use]
pub fn nines(tally: &ClassTally) -> Option<u32> {
    let (bad, ended) = (u128::from(tally.bad()), u128::from(tally.ended()));
    let reached = |n: &u32| bad * 10u128.pow(*n) <= ended;
    (bad > 0).then(|| (1..19).take_while(reached).count() as u32)
}

/// Share of the error budget that is spent, 1 and above if the objective of 99.9 % is missed; `None`
/// if no request ended.
#[must_use]
pub fn budget_spent(tally: &ClassTally) -> Option<f64> {
    let allowed = tally.ended() as f64 * (OF - OBJECTIVE) as f64 / OF as f64;
    (tally.ended() > 0).then(|| tally.bad() as f64 / allowed)
}

/// The objective of the error budget, 0 to 1.
#[must_use]
pub fn objective() -> f64 {
    OBJECTIVE as f64 / OF as f64
}

#[cfg(test)]
mod tests;
