//! Reliability over the judged time: nines, error budget, and how often and for how long it fails.
//!
//! IEC 60050-192: the mean operating time between failures is the time in operation divided by the
//! number of failures. Here a *failure* is a spell in which more than [`TOO_MANY`] of the requests
//! that ended failed or were late; it is over when that was so in none of [`CALM`] bins in a row.

use super::BIN;
use super::tally::{ClassTally, share};
use crate::sim::time::Ns;

/// From this share of bad ones among the requests that end in a bin on, the service is failing.
pub const TOO_MANY: f64 = 0.05;
/// So many good bins end a spell: two seconds.
const CALM: u64 = 4;
/// The objective against which the error budget is counted, as parts in [`OF`]: three nines, the
/// example that Google's *Site Reliability Workbook* uses (chapter 2).
const OBJECTIVE: u64 = 999;
const OF: u64 = 1_000;

/// Spells of failures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outages {
    /// Since when it fails, and good bins since the last bad one.
    open: Option<(Ns, u64)>,
    failures: u64,
    down: Ns,
    judged: Ns,
}

impl Outages {
    /// Takes a bin of judged time that has ended, of length [`BIN`].
    pub fn bin(&mut self, start: Ns, total: &ClassTally) {
        self.judged += BIN;
        // Where nothing ends, nothing has changed.
        let bad = match share(total.bad(), total.ended()) {
            Some(bad) => bad > TOO_MANY,
            None => matches!(self.open, Some((_, 0))),
        };
        self.open = match (self.open, bad) {
            (None, false) => None,
            (None, true) => {
                self.failures += 1;
                Some((start, 0))
            }
            (Some((since, _)), true) => Some((since, 0)),
            (Some((_, calm)), false) if calm + 1 == CALM => None,
            (Some((since, calm)), false) => Some((since, calm + 1)),
        };
        self.down += if bad { BIN } else { 0 };
    }

    /// How often it began to fail.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.failures
    }

    /// Since when it fails now.
    #[must_use]
    pub fn failing_since(&self) -> Option<Ns> {
        self.open.map(|(since, _)| since)
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
mod tests {
    use super::*;
    use crate::sim::observation::Outcome;

    fn tally(ok: u64, bad: u64) -> ClassTally {
        let mut tally = ClassTally::default();
        tally.outcomes[Outcome::Ok.index()] = ok;
        tally.outcomes[Outcome::Refused.index()] = bad;
        tally
    }

    #[test]
    fn spells_are_counted_and_timed() {
        let mut outages = Outages::default();
        // Two spells: bins 2, 3 and 5, then bin 12; the good bin 4 is too short a calm.
        for bin in 0..20 {
            let bad = if [2, 3, 5, 12].contains(&bin) { 6 } else { 5 };
            outages.bin(bin * BIN, &tally(100 - bad, bad));
        }
        assert_eq!((outages.failures(), outages.down()), (2, 4 * BIN));
        assert_eq!((outages.mtbf(), outages.mttr()), (Some(8 * BIN), Some(2 * BIN)));
        assert_eq!(outages.failing_since(), None);
        assert_eq!(Outages::default().mtbf(), None);
    }

    #[test]
    fn a_bin_in_which_nothing_ends_goes_on_as_the_last_one() {
        let mut outages = Outages::default();
        outages.bin(0, &tally(0, 0));
        outages.bin(BIN, &tally(0, 9));
        outages.bin(2 * BIN, &tally(0, 0));
        assert_eq!((outages.down(), outages.failing_since()), (2 * BIN, Some(BIN)));
    }

    #[test]
    fn nines_and_the_budget_are_exact() {
        assert_eq!(nines(&tally(999, 1)), Some(3));
        assert_eq!(nines(&tally(998, 1)), Some(2));
        assert_eq!(nines(&tally(1, 1)), Some(0));
        assert_eq!((nines(&tally(5, 0)), nines(&tally(0, 0))), (None, None));
        assert_eq!(budget_spent(&tally(9_995, 5)), Some(0.5));
        assert_eq!(budget_spent(&tally(0, 0)), None);
    }
}
