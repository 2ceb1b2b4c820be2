use super::*;
use crate::sim::spec::Stage;

fn options(rate: f64) -> TrafficOptions {
    TrafficOptions { rate, ..TrafficOptions::default() }
}

fn traffic(options: &TrafficOptions) -> Traffic {
    Traffic::new(1, "app", options, Counter::default())
}

/// Arrivals before `until`.
fn arrivals(t: &mut Traffic, until: Ns) -> Vec<Ns> {
    let mut all = Vec::new();
    while let Some(at) = t.next().filter(|&at| at < until) {
        all.push(at);
        t.draw(at);
    }
    all
}

#[test]
fn arrivals_have_their_rate() {
    let n = arrivals(&mut traffic(&options(2000.0)), 50 * SECOND).len() as f64;
    assert!((n / 100_000.0 - 1.0).abs() < 0.01, "{n}");
}

#[test]
fn constant_arrivals_keep_their_distance() {
    let constant = TrafficOptions { arrivals: Arrivals::Constant, ..options(2000.0) };
    let all = arrivals(&mut traffic(&constant), SECOND);
    assert_eq!(all.len(), 2000);
    assert!(all.windows(2).all(|w| (w[1] - w[0]).abs_diff(500_000) <= 1));
}

#[test]
fn stages_have_their_rate_and_change_nothing_else() {
    let stages = vec![
        Stage::Hold { factor: 500, length: 10 * SECOND },
        Stage::Ramp { from: 500, to: 2500, length: 20 * SECOND },
    ];
    let all = arrivals(&mut traffic(&TrafficOptions { stages, ..options(1000.0) }), 40 * SECOND);
    let between = |from: u64, to: u64| {
        all.iter().filter(|&&at| (from * SECOND..to * SECOND).contains(&at)).count() as f64
    };
    // Means of the curve; four standard deviations of a Poisson count.
    for (from, to, mean) in
        [(0, 10, 5_000.0), (10, 20, 10_000.0), (20, 30, 20_000.0), (30, 40, 25_000.0)]
    {
        let n = between(from, to);
        assert!((n - mean).abs() < 4.0 * libm::sqrt(mean), "{from} to {to} s: {n}, not {mean}");
    }
    let flat = vec![Stage::Hold { factor: 1000, length: SECOND }];
    let with = arrivals(&mut traffic(&TrafficOptions { stages: flat, ..options(1000.0) }), SECOND);
    assert_eq!(with, arrivals(&mut traffic(&options(1000.0)), SECOND));
}

#[test]
fn a_change_that_ends_at_once_moves_nothing() {
    let ramp = vec![Stage::Ramp { from: 100, to: 3000, length: SECOND }];
    for options in [options(333.3), TrafficOptions { stages: ramp, ..options(333.3) }] {
        let mut t = traffic(&options);
        let due = t.next();
        for at in [100_000, 100_001, 200_000] {
            assert!(t.set(at, &options, 0.01) && t.set(at, &options, 1.0));
        }
        assert_eq!(t.next(), due);
    }
}

#[test]
fn a_change_keeps_what_is_left_of_the_wait() {
    let o = options(100.0);
    let mut t = traffic(&o);
    let due = t.next().expect("a rate");
    let half = due / 2;
    assert!(t.set(half, &o, 2.0));
    let sooner = t.next().expect("a rate");
    assert!(sooner.abs_diff(half + (due - half) / 2) <= 2, "{sooner} of {due}");
    assert!(t.set(half, &o, 0.0));
    assert_eq!(t.next(), None);
}

#[test]
fn a_budget_allows_its_share_of_retries() {
    let budget = Limit::At(20);
    let mut t = traffic(&options(1.0));
    let saved = (0..1000).filter(|_| t.withdraw(budget)).count();
    assert_eq!(saved, 100, "what was saved up");
    let mut retries = 0;
    for _ in 0..1000 {
        t.deposit(budget);
        retries += u32::from(t.withdraw(budget));
    }
    assert_eq!(retries, 200);
    assert!((0..1000).all(|_| t.withdraw(Limit::Unlimited)));
}

#[test]
fn jitter_shortens_waits_by_chance_and_the_deadline_ends_them() {
    let o = TrafficOptions { jitter: 0.5, ..options(1.0) };
    let mut t = traffic(&o);
    let mut wait = |request, deadline| {
        let frame =
            Frame { request, deadline, ..Frame::new(1, NodeId(0), crate::sim::program::Pc(0), 0) };
        t.backoff(&frame, 1000, 0, &o)
    };
    let waits: Vec<Ns> = (0..1000).filter_map(|r| wait(r, NEVER)).collect();
    assert!(waits.iter().all(|w| (500..=1000).contains(w)));
    let mean = waits.iter().sum::<u64>() / 1000;
    assert!((735..=765).contains(&mean), "{mean}");
    assert_eq!(wait(1, 400), None);
    let o = TrafficOptions { backoff_max: 700, ..options(1.0) };
    let frame = Frame::new(1, NodeId(0), crate::sim::program::Pc(0), 0);
    assert_eq!(t.backoff(&frame, 1000, 0, &o), Some(700), "no wait is longer");
}

/// Numbers are never given twice: a world whose users have used them all stops, and says so.
#[test]
fn a_world_stops_when_requests_cannot_be_told_apart_any_more() {
    use crate::sim::spec::{Class, Cluster, Component, Keys, NetworkOptions};
    let mut options = [Options::of_kind("traffic"), Options::of_kind("service")]
        .map(|options| options.expect("a kind"));
    if let Options::Traffic(options) = &mut options[0] {
        options.to = "web".to_string();
    }
    let names = ["app", "web"].into_iter().map(str::to_string);
    let component = |(name, options)| Component { name, zones: Vec::new(), options };
    let mut world = World::new(
        &Cluster {
            name: "t".to_string(),
            about: String::new(),
            network: NetworkOptions::default(),
            zones: Vec::new(),
            components: names.zip(options).map(component).collect(),
            classes: vec![Class {
                name: "page".to_string(),
                share: 1.0,
                keys: Keys::default(),
                steps: Vec::new(),
            }],
        },
        1,
    );
    let Part::Traffic(traffic) = &mut world.nodes[0].part else { panic!("users are first") };
    traffic.numbers = Counter::nearly_out();
    let stopped = world.advance(SECOND, &mut ()).expect_err("a hundred come");
    assert!(matches!(stopped, Stopped::TooManyRequests(_)), "{stopped}");
    assert!(stopped.to_string().contains("no more can be told apart"), "{stopped}");
    assert_eq!(world.advance(2 * SECOND, &mut ()), Err(stopped), "and stays so");
}
