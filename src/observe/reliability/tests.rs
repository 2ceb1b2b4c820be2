//! Bins as they come, and requests that end long after.

use super::*;
use crate::sim::observation::Outcome;

fn tally(offered: u64, ok: u64, bad: u64) -> ClassTally {
    let mut tally = ClassTally { offered, ..ClassTally::default() };
    tally.outcomes[Outcome::Ok.index()] = ok;
    tally.outcomes[Outcome::Refused.index()] = bad;
    tally
}

/// A bin in which 100 come and all end at once.
fn at_once(outages: &mut Outages, bin: u64, bad: u64) {
    (0..100).for_each(|n| outages.ended(bin * BIN, n >= bad));
    outages.bin(bin * BIN, &tally(100, 100 - bad, bad));
}

#[test]
fn spells_are_counted_and_timed() {
    let mut outages = Outages::new(0);
    // Two spells: bins 2, 3 and 5, then bin 12; the good bin 4 is too short a calm.
    for bin in 0..20 {
        at_once(&mut outages, bin, if [2, 3, 5, 12].contains(&bin) { 6 } else { 5 });
    }
    let spells = outages.spells();
    assert_eq!((spells.failures(), spells.down()), (2, 4 * BIN));
    assert_eq!((spells.mtbf(), spells.mttr()), (Some(8 * BIN), Some(2 * BIN)));
    assert_eq!(Spells::default().mtbf(), None);
}

#[test]
fn a_bin_in_which_nobody_comes_goes_on_as_the_last_one() {
    let mut outages = Outages::new(0);
    outages.bin(0, &tally(0, 0, 0));
    at_once(&mut outages, 1, 100);
    outages.bin(2 * BIN, &tally(0, 0, 0));
    assert_eq!((outages.spells().failures(), outages.spells().down()), (1, 2 * BIN));
}

/// A fifth of those who come in bins 2 and 3 get no answer, and give up after ten bins.
#[test]
fn a_failure_counts_when_the_request_came_however_long_its_user_waited() {
    let mut outages = Outages::new(0);
    for bin in 0..20 {
        let lost = if [2, 3].contains(&bin) { 20 } else { 0 };
        (lost..100).for_each(|_| outages.ended(bin * BIN + 1, true));
        if [12, 13].contains(&bin) {
            (0..20).for_each(|_| outages.ended((bin - 10) * BIN + 1, false));
        }
        outages.bin(bin * BIN, &tally(100, 100 - lost, 0));
        // Until they have given up nothing is known, and later bins wait for it.
        let (failures, down) = if bin < 12 { (0, 0) } else { (1, (bin - 11).min(2) * BIN) };
        let spells = outages.spells();
        assert_eq!((spells.failures(), spells.down()), (failures, down), "after bin {bin}");
    }
    assert_eq!(outages.spells().mtbf(), Some(18 * BIN));
    assert_eq!(outages.bins.len(), 1, "all is told");
}

#[test]
fn where_nobody_is_served_it_fails_though_all_wait_patiently() {
    let mut outages = Outages::new(0);
    at_once(&mut outages, 0, 0);
    // Eight come in each of three bins: with the third, more than can be chance.
    for bin in 1..4 {
        assert_eq!(outages.spells().down(), 0);
        outages.bin(bin * BIN, &tally(8, 0, 0));
    }
    assert_eq!((outages.spells().failures(), outages.spells().down()), (1, 3 * BIN));
    // All are answered in the end.
    for bin in 1..4 {
        (0..8).for_each(|_| outages.ended(bin * BIN, true));
    }
    at_once(&mut outages, 4, 0);
    assert_eq!((outages.spells().failures(), outages.spells().down()), (1, 3 * BIN));
}

#[test]
fn who_takes_long_is_no_outage() {
    let mut outages = Outages::new(0);
    // Before the first answer nothing is known.
    (0..4).for_each(|bin| outages.bin(bin * BIN, &tally(100, 0, 0)));
    assert_eq!(outages.spells().failures(), 0);
    // One every other bin, answered in the next: none in half of the bins, and that is no silence.
    for bin in 4..60 {
        outages.bin(bin * BIN, &tally(bin % 2, (bin + 1) % 2, 0));
        (0..bin % 2).for_each(|_| outages.ended(bin * BIN, true));
    }
    assert_eq!(outages.spells().failures(), 0);
}

#[test]
fn what_came_before_the_judged_time_is_not_judged() {
    let mut outages = Outages::new(2 * BIN - 1);
    at_once(&mut outages, 0, 100);
    at_once(&mut outages, 1, 100);
    assert_eq!(outages.spells(), Spells::default());
    at_once(&mut outages, 2, 100);
    assert_eq!((outages.spells().failures(), outages.spells().down()), (1, BIN));
}

#[test]
fn nines_and_the_budget_are_exact() {
    let tally = |ok, bad| tally(ok + bad, ok, bad);
    assert_eq!(nines(&tally(999, 1)), Some(3));
    assert_eq!(nines(&tally(998, 1)), Some(2));
    assert_eq!(nines(&tally(1, 1)), Some(0));
    assert_eq!((nines(&tally(5, 0)), nines(&tally(0, 0))), (None, None));
    assert_eq!(budget_spent(&tally(9_995, 5)), Some(0.5));
    assert_eq!(budget_spent(&tally(0, 0)), None);
}
