//! Messages of a primary, and what becomes of a replica's log.

use super::super::tests::database;
use super::*;
use crate::sim::log::{CHUNK, Version};

const COPY: Ns = 10;

/// A primary of epoch 1 that has written so many rows, 10 in turn.
fn primary(entries: u64) -> Database {
    let mut d = database(0);
    (0..entries).for_each(|i| _ = d.append((i % 10) as u32, i));
    d
}

/// Ships all that a replica lacks, as far as one message goes.
fn ship(primary: &Database, replica: &mut Database, from: u64) -> (Taken, u64) {
    let mut sender = primary.clone();
    sender.streams[1].sent = from;
    sender.peers.owe(1);
    let batch = sender.batch(1, BATCH).expect("it is owed one");
    replica.follow(batch.epoch, 0);
    replica.take(batch, &primary.log)
}

fn replica_of(primary: &Database) -> Database {
    let mut replica = database(1);
    assert_eq!(ship(primary, &mut replica, 0), (Taken::All, 0));
    while replica.applied < replica.log.end() {
        replica.apply(1000);
    }
    replica
}

#[test]
fn a_message_survives_its_frame() {
    let mut frame = Frame::new(1, crate::sim::id::NodeId(0), crate::sim::program::Pc(0), 0);
    let batch = Batch { epoch: 7, from: 3, end: 900, base: 128, whole: true };
    batch.put(&mut frame, 3);
    assert_eq!(Batch::of(&frame), batch);
}

#[test]
fn who_parted_is_set_right_by_an_empty_message() {
    let old = primary(5);
    let mut replica = replica_of(&old);
    let mut new = replica.clone();
    (new.leads, new.epoch, new.led) = (true, 2, 2);
    new.append(1, 0);
    // The replica had three more of the old primary, which the new one lacks.
    (0..3).for_each(|i| _ = replica.log.append(1, old.log.get(i).unwrap()));
    let mut sender = new.clone();
    sender.streams[1].sent = 6;
    sender.peers.owe(1);
    let batch = sender.batch(1, BATCH).unwrap();
    replica.follow(2, 1);
    assert_eq!(replica.take(batch, &new.log), (Taken::Gap, 3));
    assert_eq!(replica.log.end(), 5);
}

#[test]
fn what_is_beyond_an_older_message_of_the_same_primary_stays() {
    let p = primary(9);
    let mut replica = replica_of(&p);
    let batch = Batch { epoch: 1, from: 0, end: 4, base: 0, whole: true };
    assert_eq!(replica.take(batch, &p.log), (Taken::All, 0));
    assert_eq!(replica.log.end(), 9);
}

#[test]
fn a_log_that_is_thrown_away_is_kept_for_messages_under_way() {
    let mut old = primary(8);
    let (_, late) = (replica_of(&old), Batch { epoch: 1, from: 0, end: 8, base: 0, whole: true });
    let mut new = database(1);
    (0..3).for_each(|i| _ = new.append(20 + i, 0));
    (new.epoch, new.led, new.leads) = (2, 2, true);
    new.log = Log::default();
    (0..3).for_each(|i| _ = new.append(20 + i, 0));
    assert!(old.follow(2, 1));
    let batch = Batch { epoch: 2, from: 0, end: 3, base: 0, whole: true };
    assert_eq!(old.take(batch, &new.log), (Taken::All, 8));
    assert_eq!((old.log.end(), old.log_of(1).map(Log::end)), (3, Some(8)));
    let mut replica = database(2);
    let log = old.log_of(1).unwrap().clone();
    assert_eq!(replica.take(late, &log), (Taken::All, 0));
    assert_eq!(replica.log.end(), 8, "it has what the message said");
}

#[test]
fn who_is_too_far_behind_gets_a_snapshot_as_it_was_when_it_was_sent() {
    let mut p = primary(20 * CHUNK as u64);
    let base = 20 * CHUNK as u64 - 1000 / CHUNK as u64 * CHUNK as u64 - CHUNK as u64;
    assert_eq!(p.log.base(), base, "`keep` is 1000, in whole chunks");
    let mut replica = database(2);
    p.streams[2].sent = 0;
    let batch = p.batch(2, BATCH).unwrap();
    assert_eq!(replica.take(batch, &p.log), (Taken::Lacking, 0));
    p.append(3, 0);
    let due = replica.restore(batch, &p, 100, COPY);
    assert_eq!(due, 100 + 10 * COPY, "ten rows");
    assert_eq!(replica.restored(due - 1), 0);
    assert_eq!(replica.log.end(), 0);
    replica.restored(due);
    assert_eq!((replica.log.end(), replica.applied), (batch.end, batch.end));
    assert_eq!(Version(replica.rows.get(3)).position(), batch.end - 6);
    assert_eq!(replica.rows.get(4), p.rows.get(4));
}

#[test]
fn a_primary_keeps_what_somebody_lacks() {
    let mut p = primary(3 * CHUNK as u64);
    assert_eq!(p.log.base(), 0);
    p.peers.answered(1, 300, None);
    p.peers.answered(2, 200, None);
    p.trim();
    assert_eq!(p.log.base(), CHUNK as u64);
}
