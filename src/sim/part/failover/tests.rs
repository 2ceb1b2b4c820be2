//! One watcher, message by message.

use super::*;
use crate::sim::spec::FailoverOptions;

fn alarmed() -> Watcher {
    let mut w = Watcher::new();
    for _ in 0..3 {
        w.heard(0, None, 3);
    }
    w
}

#[test]
fn three_misses_in_a_row_alarm() {
    let mut w = Watcher::new();
    w.heard(0, None, 3);
    w.heard(0, None, 3);
    w.heard(0, Some((1, true)), 3);
    w.heard(0, None, 3);
    assert!(!w.alarmed);
    assert!(alarmed().alarmed);
    let mut w = alarmed();
    w.heard(1, None, 3);
    assert_eq!(w.missed, 3, "a replica's silence is not the primary's");
}

#[test]
fn a_primary_that_does_not_act_is_missed() {
    let mut w = Watcher::new();
    for _ in 0..3 {
        w.heard(0, Some((1, false)), 3);
    }
    assert!(w.alarmed);
}

/// A frozen primary wakes up and has no lease: it gets as many beats as a silent one. Once: one that
/// comes and goes, and never acts, is replaced.
#[test]
fn the_first_answer_after_a_silence_ends_it() {
    let mut w = Watcher::new();
    for (answer, missed) in [
        (None, 1),
        (None, 2),
        (Some((1, false)), 1),
        (Some((1, true)), 0),
        (None, 1),
        (None, 2),
        (Some((1, false)), 1),
        (None, 2),
        (Some((1, false)), 3),
    ] {
        assert!(!w.alarmed);
        w.heard(0, answer, 3);
        assert_eq!(w.missed, missed);
    }
    assert!(w.alarmed);
    let mut w = Watcher::new();
    for _ in 0..3 {
        w.heard(0, Some((7, false)), 3);
    }
    assert!(w.alarmed, "an answer that tells of another epoch is none of its primary");
}

/// Whoever was the last primary, and is chosen again, has promised to follow the new epoch: its own lease
/// keeps nobody waiting. That of somebody else does.
#[test]
fn nobody_waits_for_the_lease_of_the_one_who_is_chosen() {
    let mut w = alarmed();
    w.in_sync = InSync { epoch: 1, version: 4, members: 0b011 };
    (w.candidate, w.old_lease, w.best) = (2, 500, Some((9, 0)));
    assert_eq!(w.others_lead_until(), 0);
    w.best = Some((9, 1));
    assert_eq!(w.others_lead_until(), 500);
    (w.candidate, w.best) = (3, Some((9, 0)));
    assert_eq!(w.others_lead_until(), 500, "there may have been another one since");
}

fn ask(epoch: u32, real: bool, from: u16, now: Ns) -> Ask {
    Ask { epoch, real, wished: false, from: NodeId(from), now, misses: 3, patience: 100 }
}

#[test]
fn one_vote_for_an_epoch_and_none_without_missing_it() {
    assert!(Watcher::new().vote(&ask(2, true, 7, 0)).is_err());
    let mut w = alarmed();
    assert!(w.vote(&ask(2, false, 7, 0)).is_ok() && w.vote(&ask(2, true, 7, 0)).is_ok());
    assert_eq!(w.vote(&ask(2, true, 7, 0)), Err(2));
}

#[test]
fn who_has_voted_for_another_or_hears_the_primary_again_is_no_candidate() {
    let mut w = alarmed();
    assert!(w.campaign(false, ask(0, false, 7, 0)), "it may ask what others think");
    assert!(w.vote(&ask(2, true, 8, 0)).is_ok());
    assert!(!w.campaign(true, ask(0, true, 7, 0)));
    assert_eq!(w.vote(&ask(3, true, 8, 1)), Ok(0), "and has not used up the next epoch");
    let mut w = alarmed();
    w.heard(0, Some((1, true)), 3);
    assert!(!w.campaign(true, ask(0, true, 7, 0)));
}

#[test]
fn a_candidate_is_left_in_peace_for_a_while() {
    let mut w = alarmed();
    assert!(w.vote(&ask(2, true, 7, 0)).is_ok());
    assert!(w.vote(&ask(3, true, 8, 99)).is_err());
    assert!(w.vote(&ask(3, true, 7, 99)).is_ok(), "the same candidate may try again");
    assert!(w.vote(&ask(4, true, 8, 199)).is_ok(), "and another when it has taken too long");
}

/// Whoever holds the lease, and is promoted again, may have the next one at once: it acts in one epoch.
#[test]
fn who_has_a_lease_gets_that_of_its_next_epoch() {
    let mut w = Watcher::new();
    let (a, b) = (NodeId(1), NodeId(2));
    assert!(w.grant(1, a, 0, 50, true) && w.grant(2, a, 10, 50, true));
    assert!(!w.grant(3, b, 59, 50, true) && w.grant(3, b, 60, 50, true));
    w.crash();
    assert!(w.grant(4, b, 61, 50, true), "also after a crash");
    assert!(w.grant(4, b, 62, 9, true) && w.lease_until == 111, "a shorter one ends no longer one");
}

#[test]
fn one_lease_at_a_time() {
    let mut w = alarmed();
    let (a, b) = (NodeId(1), NodeId(2));
    assert!(w.grant(1, a, 0, 50, true));
    assert!(!w.grant(2, b, 49, 50, true) && w.grant(2, b, 50, 50, true));
    assert!(w.vote(&ask(3, true, 7, 60)).is_ok());
    assert!(!w.grant(2, b, 70, 50, true), "no lease for an older epoch after the vote");
}

#[test]
fn callers_hear_of_no_primary_while_one_is_chosen() {
    let mut w = alarmed();
    assert_eq!(w.primary(3), None);
    w.adopt(Belief { epoch: 2, primary: 1 });
    assert_eq!(w.primary(3), Some(1));
    w.adopt(Belief { epoch: 1, primary: 0 });
    assert_eq!(w.primary(3), Some(1), "older news change nothing");
}

#[test]
fn beliefs_travel_whole() {
    let belief = Belief { epoch: 70_000, primary: 99 };
    assert_eq!(Belief::unpack(belief.pack()), belief);
}

/// A frame as it comes to a watcher.
fn frame() -> Frame {
    Frame::new(1, NodeId(9), crate::sim::program::Pc(0), 0)
}

#[test]
fn a_request_for_a_lease_says_who_was_in_sync_when_it_was_made() {
    let options = FailoverOptions::default();
    let told = InSync { epoch: 1, version: 3, members: 0b101 };
    let mut w = Watcher::new();
    let mut frame = frame();
    told.put(&mut frame);
    let granted = w.talk(WatcherOp::Grant, &mut frame, &options, ask(0, false, 7, 0));
    assert_eq!((granted, w.in_sync), (Flow::Next, told));
    assert_eq!(frame.delivery, options.every * options.misses, "and the answer, for how long");
    InSync { version: 2, ..told }.put(&mut frame);
    w.talk(WatcherOp::Grant, &mut frame, &options, ask(0, false, 7, 0));
    assert_eq!(w.in_sync, told, "an older one comes later");
    w.adopt(Belief { epoch: 2, primary: 1 });
    InSync { version: 4, ..told }.put(&mut frame);
    let refused = w.talk(WatcherOp::Grant, &mut frame, &options, ask(0, false, 7, 0));
    assert_eq!((refused, w.in_sync), (Flow::End(Outcome::NoPrimary), told));
}

#[test]
fn a_vote_brings_what_its_voter_knew() {
    let options = FailoverOptions::default();
    let told = InSync { epoch: 1, version: 3, members: 0b011 };
    let (mut voter, mut candidate) = (alarmed(), alarmed());
    (voter.in_sync, voter.lease_until) = (told, 77);
    let mut frame = frame();
    let campaign = candidate.talk(WatcherOp::Campaign, &mut frame, &options, ask(0, true, 7, 0));
    assert_eq!(campaign, Flow::Next);
    assert_eq!(voter.talk(WatcherOp::Vote, &mut frame, &options, ask(0, true, 7, 0)), Flow::Next);
    // Whatever it learns while its answer is under way.
    voter.in_sync = InSync { version: 9, ..told };
    frame.result = Outcome::Ok;
    candidate.talk(WatcherOp::VoteAnswer, &mut frame, &options, ask(0, true, 7, 0));
    assert_eq!((candidate.in_sync, candidate.old_lease, candidate.votes), (told, 77, 2));
}

#[test]
fn votes_and_leases_outlive_its_process() {
    let mut w = alarmed();
    assert!(w.vote(&ask(2, true, 7, 0)).is_ok());
    w.crash();
    assert_eq!((w.missed, w.alarmed), (0, false), "what it was doing is gone");
    for _ in 0..3 {
        w.heard(0, None, 3);
    }
    assert_eq!(w.vote(&ask(2, true, 8, 500)), Err(2), "it has voted");
    let mut w = Watcher::new();
    let (a, b) = (NodeId(1), NodeId(2));
    assert!(w.grant(1, a, 0, 100, true));
    w.crash();
    assert!(
        !w.grant(2, b, 99, 100, true) && w.grant(2, b, 100, 100, true),
        "so long it has promised"
    );
}

#[test]
fn who_has_asked_in_vain_rests_until_its_time_is_over_unless_a_person_wants_it_now() {
    let me = NodeId(9);
    let mut w = alarmed();
    w.rests_until = 50;
    assert!(!w.begins(49, me), "it rests");
    w.heard(0, None, 3);
    assert!(w.begins(50, me), "the next missed beat has it look again");
    w.heard(0, None, 3);
    (w.rests_until, w.election) = (200, Ticket { index: 4, since: 5 });
    assert_eq!(w.ask_for(2), Ticket { index: 4, since: 5 }, "who waits is woken");
    assert!(w.begins(60, me) && w.wished == Some(2));
}

/// What the primary of an epoch knew counts as long as there was no other: neither one that this
/// watcher knows of nor an epoch that it may have missed.
#[test]
fn the_last_primary_is_who_told_the_newest_set_in_the_epoch_before() {
    let mut w = alarmed();
    w.in_sync = InSync { epoch: 1, version: 4, members: 0b011 };
    w.candidate = 2;
    assert_eq!(w.last_primary(), Some(0));
    w.candidate = 3;
    assert_eq!(w.last_primary(), None, "there may have been one of epoch 2");
    w.adopt(Belief { epoch: 2, primary: 1 });
    assert_eq!(w.last_primary(), None, "it has told nothing yet");
    w.in_sync.epoch = 2;
    assert_eq!(w.last_primary(), Some(1));
}
