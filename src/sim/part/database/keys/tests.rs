//! What a node of a database knows of keys.

use super::super::batch::{BATCH, Taken as Received};
use super::super::in_sync::Rule;
use super::super::tests::database;
use super::*;
use crate::sim::frame::Ticket;
use crate::sim::spec::Ack;

const fn key(request: u64) -> Key {
    Key { request, path: 7 }
}

/// Has a primary take a write; the version, and whether it was done before.
fn write(d: &mut Database, row: u32, key: impl Into<Option<Key>>) -> (Version, bool) {
    let taken = d.take_write(row, key.into(), 0).expect("it leads");
    (taken.version, taken.again)
}

/// Ships to peer 1 what it lacks.
fn ship(primary: &Database, replica: &mut Database, now: Ns) {
    let mut sender = primary.clone();
    sender.streams[1].sent = replica.log.end();
    sender.peers.owe(1);
    let batch = sender.batch(1, BATCH).expect("it is owed one");
    replica.follow(batch.epoch, primary.index);
    if replica.take(batch, &primary.log).0 == Received::Lacking {
        replica.restore(batch, primary, now, 0);
        replica.restored(now);
    }
    while replica.applied < replica.log.end() {
        replica.apply(now);
    }
}

/// Makes a node the primary of an epoch.
fn lead(d: &mut Database, epoch: u32) {
    (d.leads, d.epoch, d.led) = (true, epoch, epoch);
}

#[test]
fn a_key_that_is_known_changes_nothing_and_brings_the_old_version() {
    let mut d = database(0);
    let first = write(&mut d, 5, key(1));
    let other = write(&mut d, 5, key(2));
    assert_eq!((first, other), ((Version::new(1, 1), false), (Version::new(1, 2), false)));
    assert_eq!(write(&mut d, 5, key(1)), (Version::new(1, 1), true));
    assert_eq!((d.log.end(), d.rows.get(5)), (2, Version::new(1, 2).0), "the newer write stays");
    let path = Key { request: 1, path: 8 };
    assert!(!write(&mut d, 5, path).1, "another write of the same request");
    assert!(!write(&mut d, 5, None).1 && !write(&mut d, 5, None).1, "no key, no memory");
}

#[test]
fn keys_travel_with_the_log_and_with_snapshots() {
    let (mut primary, mut replica, mut late) = (database(0), database(1), database(1));
    let versions = [1, 2, 3].map(|n| write(&mut primary, n, key(u64::from(n))).0);
    ship(&primary, &mut replica, 0);
    (4..400).for_each(|n| _ = write(&mut primary, n, key(u64::from(n))));
    primary.log.trim(300);
    ship(&primary, &mut late, 0);
    assert_eq!((late.log.base(), late.log.end()), (399, 399), "a snapshot");
    lead(&mut replica, 2);
    lead(&mut late, 2);
    assert_eq!(write(&mut replica, 2, key(2)), (versions[1], true));
    assert_eq!(write(&mut late, 2, key(2)), (versions[1], true));
    assert!(!write(&mut replica, 9, key(9)).1, "it never got that one");
    assert_eq!((replica.log.end(), late.log.end()), (4, 399));
}

#[test]
fn what_is_thrown_away_is_not_done() {
    let (mut old, mut new) = (database(0), database(1));
    write(&mut old, 1, key(1));
    ship(&old, &mut new, 0);
    write(&mut old, 2, key(2));
    lead(&mut new, 2);
    write(&mut new, 3, None);
    assert_eq!(new.done(Key { request: 2, path: 7 }), None);
    new.streams.iter_mut().for_each(|stream| stream.sent = 2);
    new.terms = old.terms;
    new.peers.owe(0);
    let batch = new.batch(0, BATCH).expect("it is owed one");
    old.follow(2, 1);
    assert_eq!(old.take(batch, &new.log).1, 1, "one is thrown away");
    lead(&mut old, 3);
    assert!(write(&mut old, 1, key(1)).1 && !write(&mut old, 2, key(2)).1);
}

#[test]
fn a_write_that_was_done_before_waits_as_the_first_did() {
    let mut d = database(0);
    d.terms.rule = Rule { ack: Ack::Semi, min: 1, degrade: false };
    let version = write(&mut d, 1, key(1)).0;
    lead(&mut d, 2);
    let ticket = Ticket { index: 1, since: 1 };
    assert!(write(&mut d, 1, key(1)).1);
    assert_eq!(d.acknowledge((version, 2), ticket, 0), Flow::Park);
    d.peers.answered(1, 1, None);
    assert_eq!(d.acknowledge((version, 2), ticket, 0), Flow::Next);
    assert_eq!(d.acknowledge((version, 1), ticket, 0), Flow::End(Outcome::NoPrimary));
}
