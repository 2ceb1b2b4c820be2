//! The ledger, case by case.

use super::*;

const DB: ComponentId = ComponentId(3);

fn ledger() -> Ledger {
    let mut ledger = Ledger::default();
    ledger.open(DB, 1);
    ledger
}

fn write(ledger: &mut Ledger, epoch: u32, positions: std::ops::RangeInclusive<u64>) {
    for position in positions {
        ledger.acknowledged(Acknowledged { component: DB, epoch, position });
    }
}

fn promote(ledger: &mut Ledger, epoch: u32, log_epoch: u32, log_position: u64) {
    let node = NodeId(9);
    ledger.happened(&Event::Promoted { component: DB, node, epoch, log_epoch, log_position });
}

#[test]
fn a_crash_loses_what_the_replica_lacked() {
    let mut ledger = ledger();
    write(&mut ledger, 1, 1..=58_500);
    assert_eq!(ledger.beyond(DB, LogEnd { epoch: 1, position: 58_344 }), 156);
    assert_eq!(ledger.lost(), 0);
    promote(&mut ledger, 2, 1, 58_344);
    assert_eq!((ledger.acknowledged_writes(), ledger.lost()), (58_500, 156));
    // The new primary writes on from where its log ended.
    write(&mut ledger, 2, 58_345..=58_400);
    assert_eq!((ledger.acknowledged_writes(), ledger.lost()), (58_556, 156));
}

#[test]
fn a_write_that_was_never_acknowledged_is_not_lost() {
    let mut ledger = ledger();
    write(&mut ledger, 1, 1..=100);
    write(&mut ledger, 1, 105..=105);
    promote(&mut ledger, 2, 1, 98);
    assert_eq!(ledger.lost(), 3);
}

#[test]
fn an_old_primary_that_goes_on_writes_for_nothing() {
    let mut ledger = ledger();
    write(&mut ledger, 1, 1..=10);
    promote(&mut ledger, 2, 1, 10);
    write(&mut ledger, 1, 11..=15);
    write(&mut ledger, 2, 11..=13);
    assert_eq!(ledger.lost(), 5);
}

#[test]
fn an_old_primary_promoted_again_brings_its_writes_back() {
    let mut ledger = ledger();
    write(&mut ledger, 1, 1..=10);
    promote(&mut ledger, 2, 1, 8);
    write(&mut ledger, 2, 9..=12);
    assert_eq!(ledger.lost(), 2);
    promote(&mut ledger, 3, 1, 10);
    assert_eq!(ledger.lost(), 4, "those of epoch 2 instead");
}

#[test]
fn a_restart_before_any_failover_loses_nothing() {
    let mut ledger = ledger();
    write(&mut ledger, 1, 1..=1_000);
    assert_eq!(ledger.lost(), 0);
    // It may announce itself again, in its own epoch or a new one: its log has everything.
    promote(&mut ledger, 2, 1, 1_000);
    assert_eq!(ledger.lost(), 0);
}

#[test]
fn three_primaries_in_a_row_keep_the_middle_of_the_history() {
    let mut ledger = ledger();
    write(&mut ledger, 1, 1..=20_000);
    promote(&mut ledger, 2, 1, 20_000);
    write(&mut ledger, 2, 20_001..=40_000);
    promote(&mut ledger, 3, 2, 39_990);
    assert_eq!(ledger.lost(), 10);
    assert_eq!(ledger.beyond(DB, LogEnd { epoch: 1, position: 20_000 }), 19_990);
}

fn merge(ledger: &mut Ledger, after: u64, last: u64, log_position: u64) {
    let (node, log_epoch) = (NodeId(8), 2);
    let event =
        Event::Merged { component: DB, node, epoch: 1, after, last, log_epoch, log_position };
    ledger.happened(&event);
}

#[test]
fn a_merge_brings_lost_writes_back_until_it_is_lost_itself() {
    let mut ledger = ledger();
    write(&mut ledger, 1, 1..=10);
    promote(&mut ledger, 2, 1, 6);
    assert_eq!(ledger.lost(), 4);
    merge(&mut ledger, 6, 10, 9);
    assert_eq!(ledger.lost(), 0);
    write(&mut ledger, 1, 11..=11);
    assert_eq!(ledger.lost(), 1, "it was not merged");
    promote(&mut ledger, 3, 2, 8);
    assert_eq!(ledger.lost(), 5, "the new primary has nothing of the merge");
}

#[test]
fn an_acknowledged_write_overwritten_unseen_is_one_conflict() {
    let mut ledger = ledger();
    let over = |ledger: &mut Ledger, position| {
        ledger.happened(&Event::Overwritten { component: DB, epoch: 1, position });
    };
    write(&mut ledger, 1, 1..=5);
    over(&mut ledger, 5);
    over(&mut ledger, 5);
    over(&mut ledger, 6);
    assert_eq!(ledger.conflicts(), 1, "nobody was told that write 6 is done");
    write(&mut ledger, 1, 6..=6);
    assert_eq!(ledger.conflicts(), 2, "the answer was still on its way");
}

#[test]
fn two_primaries_are_timed() {
    let mut roles = Roles::default();
    roles.set(0, DB, &[NodeId(1)]);
    roles.take(100, DB, NodeId(2));
    assert_eq!(roles.split_brain(130), 30);
    roles.leave(150, NodeId(1));
    roles.take(200, DB, NodeId(2));
    assert_eq!((roles.split_brain(500), roles.holders(DB)), (50, &[NodeId(2)][..]));
}

#[test]
fn each_time_and_each_database_is_timed_for_itself() {
    let mut roles = Roles::default();
    let other = ComponentId(DB.0 + 1);
    roles.set(0, DB, &[NodeId(1)]);
    roles.set(0, other, &[NodeId(5)]);
    roles.take(100, DB, NodeId(2));
    roles.leave(150, NodeId(2));
    assert_eq!((roles.both(DB, 180), roles.split_brain(180)), (0, 50));
    roles.take(200, DB, NodeId(2));
    roles.take(270, other, NodeId(6));
    assert_eq!((roles.both(DB, 280), roles.both(other, 280)), (80, 10), "this time");
    assert_eq!(roles.split_brain(280), 130, "in all");
}

#[test]
fn an_answer_that_comes_after_the_merge_is_of_a_write_that_is_there() {
    let mut ledger = ledger();
    write(&mut ledger, 1, 1..=10);
    promote(&mut ledger, 2, 1, 6);
    merge(&mut ledger, 6, 12, 9);
    assert_eq!(ledger.lost(), 0);
    write(&mut ledger, 1, 11..=13);
    assert_eq!(ledger.lost(), 1, "of three the merge brought two");
}

#[test]
fn what_was_done_twice_counts_while_the_history_has_it() {
    let mut ledger = ledger();
    let doubled = |ledger: &mut Ledger, epoch, position| {
        ledger.happened(&Event::Doubled { component: DB, epoch, position });
        ledger.doubled()
    };
    assert_eq!((doubled(&mut ledger, 1, 5), doubled(&mut ledger, 1, 9)), (1, 2));
    promote(&mut ledger, 2, 1, 7);
    assert_eq!(ledger.doubled(), 1, "the second of them is gone");
    assert_eq!(doubled(&mut ledger, 1, 10), 1, "on the other side of a split");
    assert_eq!(doubled(&mut ledger, 2, 8), 2);
    promote(&mut ledger, 3, 1, 10);
    assert_eq!(ledger.doubled(), 3, "5, 9 and 10");
}

/// An order whose own write is gone does not wait for its message.
#[test]
fn what_was_never_published_counts_while_the_history_has_it() {
    let mut ledger = ledger();
    let of = |position| Event::Unpublished { component: DB, epoch: 1, position };
    (3..=9).for_each(|position| ledger.happened(&of(position)));
    ledger.happened(&Event::Published { component: DB, epoch: 1, position: 4 });
    assert_eq!(ledger.unpublished(), 6);
    promote(&mut ledger, 2, 1, 6);
    assert_eq!(ledger.unpublished(), 3, "3, 5 and 6");
    let (after, last) = (6, 8);
    let (log_epoch, log_position) = (2, 9);
    let node = NodeId(9);
    let epoch = 1;
    let merged = Event::Merged { component: DB, node, epoch, after, last, log_epoch, log_position };
    ledger.happened(&merged);
    assert_eq!(ledger.unpublished(), 5, "7 and 8 are back");
}

#[test]
fn a_promotion_to_an_epoch_that_is_over_changes_nothing() {
    let mut ledger = ledger();
    write(&mut ledger, 1, 1..=10);
    promote(&mut ledger, 3, 1, 10);
    write(&mut ledger, 3, 11..=20);
    promote(&mut ledger, 2, 1, 4);
    write(&mut ledger, 3, 21..=30);
    assert_eq!(ledger.lost(), 0);
}
