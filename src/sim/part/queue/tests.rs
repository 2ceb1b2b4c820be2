//! A broker alone.

use super::*;

fn message(request: u64) -> Message {
    let (number, delivered) = (0, 0);
    Message {
        number,
        request,
        key: 0,
        user: 0,
        path: 0,
        class: 0,
        delivered,
        published: 10 * request,
    }
}

/// The process of a node that asked then.
fn worker(node: u16, asked: Seq) -> Worker {
    Worker { node: NodeId(node), asked }
}

/// The n-th delivery of a message.
fn delivery(number: u64, nth: u16) -> u64 {
    Message { number, delivered: nth, ..message(1) }.delivery()
}

fn queue(messages: u64) -> Queue {
    let mut queue = Queue::default();
    for request in 1..=messages {
        assert!(queue.push(message(request), 100, Overflow::Reject));
    }
    queue
}

#[test]
fn the_limit_counts_what_is_in_hand() {
    let mut q = queue(1);
    q.take(5, worker(1, 1), 10);
    assert!(!q.push(message(2), 1, Overflow::Reject));
    assert!(!q.push(message(2), 1, Overflow::DropOldest), "what is in hand is not dropped");
    q.acknowledge(delivery(1, 1));
    assert!(q.push(message(2), 1, Overflow::Reject));
}

#[test]
fn the_oldest_that_waits_goes_for_a_new_one() {
    let mut q = queue(3);
    q.take(5, worker(1, 1), 10);
    assert!(q.push(message(4), 3, Overflow::DropOldest));
    let order: Vec<u64> =
        (0..3).filter_map(|_| q.take(5, worker(2, 1), 20)).map(|(_, m)| m.request).collect();
    assert_eq!((order, q.lost, q.published), (vec![3, 4], 1, 4));
}

#[test]
fn what_is_given_back_goes_to_its_old_place() {
    let mut q = queue(3);
    q.take(5, worker(1, 1), 10);
    q.take(5, worker(1, 2), 20);
    assert_eq!(q.oldest(), Some(30));
    assert_eq!(q.expire(10), 1);
    assert_eq!(q.give_back_of(NodeId(1), 3), 1);
    assert_eq!(q.oldest(), Some(10));
    let order: Vec<u64> =
        (0..3).filter_map(|_| q.take(5, worker(2, 1), 20)).map(|(_, m)| m.request).collect();
    assert_eq!(order, vec![1, 2, 3]);
}

#[test]
fn a_reset_that_comes_late_is_about_the_process_that_died() {
    let mut q = queue(2);
    q.take(5, worker(1, 5), 10);
    q.take(5, worker(1, 9), 10);
    assert_eq!(q.give_back_of(NodeId(1), 7), 1);
    assert_eq!((q.in_hand(), q.oldest()), (1, Some(10)));
}

#[test]
fn the_next_expiry_is_the_first_also_when_the_visibility_was_changed() {
    let mut q = queue(3);
    for expires in [30, 10, 20] {
        q.take(5, worker(1, 1), expires);
    }
    assert_eq!(q.next_expiry(), Some(10));
    q.acknowledge(delivery(2, 1));
    assert_eq!((q.next_expiry(), q.expire(19)), (Some(20), 0));
    assert_eq!((q.expire(20), q.next_expiry()), (1, Some(30)));
    q.lose_all();
    assert_eq!(q.next_expiry(), None);
}

#[test]
fn after_its_attempts_a_message_is_put_aside_when_it_would_be_its_turn() {
    for attempts in [2, 1000] {
        let mut q = queue(2);
        for attempt in 1..=attempts {
            assert!(q.take(attempts, worker(1, 1), attempt).is_some_and(|(_, m)| m.request == 1));
            assert_eq!((q.expire(attempt), q.dead_letters), (1, 0), "it may be acknowledged yet");
        }
        assert_eq!(q.redelivered, attempts - 1);
        assert!(q.take(attempts, worker(1, 1), 2000).is_some_and(|(_, m)| m.request == 2));
        assert_eq!((q.dead_letters, q.waiting(), q.in_hand()), (1, 0, 1));
        assert_eq!(q.take(attempts, worker(1, 1), 2000), None);
    }
}

#[test]
fn a_late_acknowledgement_counts_until_the_message_is_given_out_again() {
    let mut q = queue(2);
    let first = q.take(5, worker(1, 1), 10).expect("a message").0;
    q.expire(10);
    q.acknowledge(first);
    assert_eq!((q.acknowledged, q.waiting()), (1, 1), "nobody else need do it");
    let late = q.take(5, worker(1, 1), 20).expect("a message").0;
    q.expire(20);
    let again = q.take(5, worker(2, 1), 30).expect("the same").0;
    q.acknowledge(late);
    assert_eq!((q.acknowledged, q.in_hand()), (1, 1), "another does it now");
    q.acknowledge(again);
    q.acknowledge(again);
    assert_eq!((q.acknowledged, q.in_hand()), (2, 0));
}

#[test]
fn a_crash_loses_what_is_only_in_memory() {
    let mut durable = queue(3);
    durable.take(5, worker(1, 1), 10);
    let mut memory = durable.clone();
    assert_eq!((durable.crash(), durable.waiting(), durable.in_hand()), (1, 3, 0));
    assert_eq!((memory.lose_all(), memory.waiting(), memory.lost), (3, 0, 3));
}
