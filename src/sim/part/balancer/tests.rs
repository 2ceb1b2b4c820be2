use super::*;
use crate::sim::time::{MILLISECOND, SECOND};

fn balancer(n: u16) -> Balancer {
    Balancer::new((0..n).map(NodeId), Draws::new(1, "edge"))
}

fn options(policy: Policy) -> BalancerOptions {
    BalancerOptions { policy, ..BalancerOptions::default() }
}

/// The backends of so many requests, each of which ends before the next.
fn picks(b: &mut Balancer, o: &BalancerOptions, requests: u64) -> Vec<u32> {
    (1..=requests)
        .map(|request| {
            let ask = Ask { request, user: request as u32, now: request, ..Ask::default() };
            let picked = b.pick(o, &ask).expect("one is usable").0;
            b.backends[picked as usize].in_flight -= 1;
            picked
        })
        .collect()
}

fn counts(picks: &[u32], n: usize) -> Vec<usize> {
    (0..n as u32).map(|i| picks.iter().filter(|&&p| p == i).count()).collect()
}

#[test]
fn round_robin_takes_turns_past_the_sick() {
    let mut b = balancer(3);
    b.backends[1].healthy = false;
    assert_eq!(picks(&mut b, &options(Policy::RoundRobin), 4), vec![0, 2, 0, 2]);
}

#[test]
fn least_connections_prefers_the_idle() {
    let mut b = balancer(3);
    let o = options(Policy::LeastConnections);
    for _ in 0..3 {
        b.pick(&o, &Ask::default());
    }
    b.ended(1, 0, Heard { broken: false, took: 0 }, &o);
    assert_eq!(b.pick(&o, &Ask::default()).map(|p| p.0), Some(1));
}

#[test]
fn weights_are_kept_and_spread_evenly() {
    let o = BalancerOptions { weights: vec![5, 1, 0, 1], ..options(Policy::Weighted) };
    // nginx's own example for weights 5, 1, 1.
    assert_eq!(picks(&mut balancer(4), &o, 7), vec![0, 0, 1, 0, 3, 0, 0]);
}

#[test]
fn random_spreads_evenly_over_the_usable() {
    let mut b = balancer(4);
    b.backends[2].healthy = false;
    let counts = counts(&picks(&mut b, &options(Policy::Random), 30_000), 4);
    assert_eq!(counts[2], 0);
    // 10 000 each, with a standard deviation of 82.
    assert!([0, 1, 3].iter().all(|&i| counts[i].abs_diff(10_000) < 400), "{counts:?}");
}

#[test]
fn two_choices_keeps_the_fullest_lower_than_random() {
    let fullest = |policy| {
        let mut b = balancer(100);
        for request in 0..1000 {
            b.pick(&options(policy), &Ask { request, ..Ask::default() });
        }
        b.backends.iter().map(|b| b.in_flight).max()
    };
    let (random, two) = (fullest(Policy::Random), fullest(Policy::TwoChoices));
    // Mean 10; Mitzenmacher: mean + O(log log n) against mean + O(sqrt(mean log n)).
    assert!(two <= Some(13) && random >= Some(16), "two choices {two:?}, random {random:?}");
}

#[test]
fn a_user_stays_where_he_is_unless_his_server_goes() {
    let mut b = balancer(5);
    let o = options(Policy::UserHash);
    let before = picks(&mut b, &o, 5000);
    assert!(counts(&before, 5).iter().all(|c| c.abs_diff(1000) < 150), "{before:?}");
    b.backends[3].healthy = false;
    let after = picks(&mut b, &o, 5000);
    assert!(before.iter().zip(&after).all(|(b, a)| b == a || *b == 3));
    assert_eq!(counts(&after, 5)[3], 0);
}

#[test]
fn the_slow_get_less_until_that_is_forgotten() {
    let mut b = balancer(2);
    let o = options(Policy::LeastLatency);
    b.pick(&o, &Ask::default());
    assert_eq!(b.pick(&o, &Ask::default()).map(|p| p.0), Some(1), "the unknown is not crowded");
    b.ended(0, 0, Heard { broken: false, took: 100 * MILLISECOND }, &o);
    b.ended(1, 0, Heard { broken: false, took: 5 * MILLISECOND }, &o);
    let at = |b: &mut Balancer, now| {
        let picked = b.pick(&o, &Ask { now, ..Ask::default() }).map(|p| p.0);
        b.backends[1].in_flight = 0;
        picked
    };
    assert_eq!(at(&mut b, SECOND), Some(1));
    b.measure(1, 39 * SECOND, 5 * MILLISECOND, o.decay);
    assert_eq!(at(&mut b, 40 * SECOND), Some(0), "e^-4 of 100 ms is less than 5 ms");
}

#[test]
fn unanswered_requests_in_a_row_eject_for_a_while() {
    let eject = Eject { after: 2, time: SECOND };
    let mut b = balancer(2);
    assert!(!b.judge(0, 5, true, &eject) && !b.judge(0, 6, false, &eject));
    assert!(!b.judge(0, 7, true, &eject) && b.judge(0, 8, true, &eject));
    assert!(!b.judge(0, 9, true, &eject) && !b.judge(0, 9, true, &eject), "it is out already");
    let o = options(Policy::RoundRobin);
    assert_eq!(picks(&mut b, &o, 3), vec![1, 1, 1]);
    assert!(b.backends[0].usable(SECOND + 8));
}

#[test]
fn below_the_panic_threshold_all_are_used() {
    let mut b = balancer(4);
    b.backends.iter_mut().take(3).for_each(|b| b.healthy = false);
    let o = BalancerOptions { panic: 0.5, ..options(Policy::RoundRobin) };
    assert_eq!(picks(&mut b, &o, 4), vec![0, 1, 2, 3]);
    b.backends[0].healthy = true;
    assert_eq!(picks(&mut b, &o, 4), vec![0, 3, 0, 3], "half is enough");
}

#[test]
fn what_was_tried_is_not_tried_again() {
    let mut b = balancer(3);
    let o = options(Policy::Random);
    for request in 0..100 {
        let tried = policy::tried(0) | policy::tried(2);
        let ask = Ask { request, tried, ..Ask::default() };
        assert_eq!(b.pick(&o, &ask).map(|p| p.0), Some(1));
    }
    assert!(!b.has_another(&o, &Ask { tried: 7, ..Ask::default() }));
}

#[test]
fn three_failures_put_it_out_and_two_successes_bring_it_back() {
    let health = BalancerOptions::default().health;
    let mut b = balancer(1);
    assert_eq!(b.checked(0, false, &health), Checked::Contradicts(1));
    assert_eq!(b.checked(0, true, &health), Checked::AsBelieved);
    for in_a_row in 1..=2 {
        assert_eq!(b.checked(0, false, &health), Checked::Contradicts(in_a_row));
    }
    assert_eq!(b.checked(0, false, &health), Checked::Changed(3));
    assert_eq!(b.pick(&options(Policy::RoundRobin), &Ask::default()), None);
    assert_eq!(b.checked(0, true, &health), Checked::Contradicts(1));
    assert_eq!(b.checked(0, true, &health), Checked::Changed(2));
}

#[test]
fn who_is_a_backend_no_more_is_not_picked() {
    let mut b = balancer(4);
    let o = options(Policy::LeastConnections);
    let picked: Vec<_> = (0..3).map(|_| b.pick(&o, &Ask::default()).map(|p| p.0)).collect();
    assert_eq!(picked, vec![Some(0), Some(1), Some(2)]);
    b.ended(2, 0, Heard { broken: false, took: 0 }, &o);
    b.resize(2, NodeId(0));
    assert_eq!(b.pick(&o, &Ask::default()).map(|p| p.0), Some(0), "the idle one has left");
}

#[test]
fn who_has_no_weight_of_its_own_counts_1() {
    let o = BalancerOptions { weights: vec![2], ..options(Policy::Weighted) };
    assert_eq!(counts(&picks(&mut balancer(3), &o, 4), 3), vec![2, 1, 1]);
}
