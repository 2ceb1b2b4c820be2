//! One node of a database.

use super::*;

const TERMS: Terms = Terms {
    fenced: false,
    watched: true,
    rule: Rule { ack: Ack::Async, min: 1, degrade: false },
    prefer: Prefer::Consistency,
    any_reads: false,
    own_writes: false,
    keep: 1000,
};

pub(super) fn database(index: u16) -> Database {
    Database::new(index, 3, TERMS, 0)
}

#[test]
fn what_is_discarded_uncovers_what_was_before() {
    let mut d = database(0);
    for row in [1, 2, 1, 3] {
        d.append(row, 0);
    }
    assert_eq!(d.discard(2), 2);
    assert_eq!((d.rows.get(1), d.rows.get(3)), (Version::new(1, 1).0, 0));
    assert_eq!((d.applied, d.log.end()), (2, 2));
}

#[test]
fn a_newer_epoch_takes_the_role_away() {
    let mut d = database(0);
    assert!(!d.follow(1, 1), "the same epoch changes nothing");
    assert!(d.follow(2, 1));
    assert!(!d.may_lead(0));
    assert!(!d.follow(3, 2), "it did not lead any more");
}

#[test]
fn the_lease_ends_the_role() {
    let mut d = Database::new(0, 3, Terms { fenced: true, ..TERMS }, 10);
    assert!(d.may_lead(9) && !d.may_lead(10));
    d.set_terms(TERMS, 0, &mut VecDeque::new());
    assert!(d.may_lead(10));
    d.set_terms(Terms { fenced: true, ..TERMS }, 20, &mut VecDeque::new());
    assert!(d.may_lead(19) && !d.may_lead(20), "the time of one lease from the change");
}

#[test]
fn lag_is_the_age_of_the_oldest_write_that_is_missing() {
    let (mut primary, mut replica) = (database(0), database(1));
    primary.append(1, 100);
    primary.append(2, 300);
    assert_eq!(replica.lag(1000, &primary), 900);
    for position in 1..=2 {
        replica.log.append(1, primary.log.get(position).unwrap());
        replica.apply(1100);
    }
    assert_eq!(replica.lag(1100, &primary), 800, "how long the last one took");
    assert_eq!(replica.lag(2 * SECOND, &primary), 0, "long ago");
}

#[test]
fn a_wait_that_is_over_is_no_lag() {
    let (mut primary, mut replica) = (database(0), database(1));
    primary.append(1, 100);
    replica.log.append(1, primary.log.get(1).unwrap());
    replica.apply(9 * SECOND);
    assert_eq!(replica.lag(9 * SECOND, &primary), 0, "it has all");
    primary.append(2, 10 * SECOND);
    assert_eq!(
        replica.lag(10 * SECOND + 700, &primary),
        700,
        "and lacks what is younger than that"
    );
    // One that has led since does not remember what it followed.
    replica.append(3, 10 * SECOND);
    assert_eq!(replica.lag(10 * SECOND + 700, &primary), 0);
}
