//! Balancers in running worlds: how they spread, and what they do about servers that fail.

use crate::lab::{Lab, near};
use brownout::sim::observation::{Event, NodeState, Outcome};
use brownout::sim::reading::PartReading;
use brownout::sim::time::{MILLISECOND, SECOND};

const WEB: [&str; 4] = ["web-1", "web-2", "web-3", "web-4"];

/// Four servers of one core behind a balancer with these settings, busy by that part.
fn four(balancer: &str, busy: f64, seed: u64) -> Lab {
    let rate = 800.0 * busy;
    Lab::new(
        &format!(
            "[traffic.app]\nto = \"edge\"\nrate = \"{rate}/s\"\n\
             [request.page]\nshare = \"100%\"\nsteps = [\"cpu exp(5ms)\"]\n\
             [balancer.edge]\nto = \"web\"\n{balancer}\n\
             [service.web]\ncores = 1\nthreads = \"unlimited\"\nbacklog = \"unlimited\"\n"
        ),
        seed,
    )
}

#[test]
fn policies_spread_as_they_should() {
    for (policy, wanted) in [
        ("policy = \"round_robin\"", [0.25; 4]),
        ("policy = \"least_connections\"", [0.25; 4]),
        ("policy = \"random\"", [0.25; 4]),
        ("policy = \"two_choices\"", [0.25; 4]),
        ("policy = \"user_hash\"", [0.25; 4]),
        ("policy = \"weighted\"\nweights = [3, 1, 0, 1]", [0.6, 0.2, 0.0, 0.2]),
    ] {
        for seed in 1..=3 {
            let mut lab = four(policy, 0.3, seed);
            lab.run(60 * SECOND);
            let (shares, n) = (lab.shares(&WEB), lab.seen.ended.len() as f64);
            // Each request falls to a server as if drawn, and so does each of 10,000 users if his
            // server is his: 4.5 standard deviations of a binomial share. The others spread more
            // evenly than that.
            let far = |(s, w): (&f64, f64)| {
                let deviation = libm::sqrt(w * (1.0 - w) * (1.0 / n + 1.0 / 10_000.0));
                (s - w).abs() > 4.5 * deviation
            };
            assert!(!shares.iter().zip(wanted).any(far), "{policy}: {shares:?}");
            assert_eq!(lab.failed(), 0, "{policy}");
        }
    }
}

#[test]
fn least_latency_leaves_nobody_out() {
    // It goes on with whoever was quick, so that its choices hang together, and no binomial bound
    // holds; but nobody is quicker than the others for ever.
    for seed in 1..=3 {
        let mut lab = four("policy = \"least_latency\"", 0.3, seed);
        lab.run(60 * SECOND);
        let shares = lab.shares(&WEB);
        assert!(shares.iter().all(|s| (0.125..0.5).contains(s)), "{shares:?}");
        assert_eq!(lab.failed(), 0);
    }
}

#[test]
fn a_policy_that_knows_who_is_slow_avoids_him() {
    let share = |policy: &str, seed: u64| {
        let mut lab = four(&format!("policy = \"{policy}\""), 0.3, seed);
        lab.act("slow web-1 factor=10").run(30 * SECOND);
        lab.shares(&WEB)[0]
    };
    for seed in 2..=6 {
        let turn = share("round_robin", seed);
        // The slow one's calls of the last second, its `call_timeout`, have not ended: 1 of 30.
        assert!((turn - 0.25).abs() < 0.25 / 30.0 + 0.001, "in turn: {turn}");
        for policy in ["least_connections", "two_choices", "least_latency"] {
            let found = share(policy, seed);
            // It does 0.1 of what another can, of 1.2 that come: more would queue up there, which is seen.
            assert!(found < 0.1 / 1.2 + 0.01, "{policy}: {found}");
        }
    }
}

#[test]
fn two_choices_keep_queues_shorter_than_chance() {
    let longest = |policy: &str, seed: u64| {
        let mut lab = four(&format!("policy = \"{policy}\""), 0.9, seed);
        let mut sum = 0;
        for _ in 0..1500 {
            lab.run(20 * MILLISECOND);
            let queued = |name: &&str| lab.world.node(lab.node(name)).cores.queued;
            sum += WEB.iter().map(queued).max().unwrap_or(0);
        }
        f64::from(sum) / 1500.0
    };
    for seed in 3..=6 {
        let (random, two) = (longest("random", seed), longest("two_choices", seed));
        assert!(two < random, "two choices {two}, random {random}");
    }
}

#[test]
fn a_refusing_server_looks_idle_and_fast() {
    let share = |policy: &str, seed: u64| {
        let mut lab =
            four(&format!("policy = \"{policy}\"\nhealth = {{ every = \"60s\" }}"), 0.6, seed);
        lab.run(5 * SECOND).act("crash web-1").forget().run(5 * SECOND);
        lab.shares(&WEB)[0]
    };
    for seed in 4..=8 {
        let turn = share("round_robin", seed);
        let (idle, fast) = (share("least_connections", seed), share("least_latency", seed));
        assert!((turn - 0.25).abs() < 0.005, "in turn: {turn}");
        assert!(idle > turn && fast > turn, "least connections {idle}, least latency {fast}");
    }
}

#[test]
fn ejection_is_faster_than_checks() {
    let failed = |balancer: &str| {
        let mut lab = four(balancer, 0.6, 5);
        lab.run(5 * SECOND).act("crash web-1 for 20s").forget().run(10 * SECOND);
        let ejected = lab.seen.events.iter().filter(|e| matches!(e, Event::Ejected { .. })).count();
        (lab.failed(), ejected)
    };
    let ((checked, none), (ejected, some)) =
        (failed(""), failed("eject = { after = 3, for = \"5s\" }"));
    // Checks take 1.0 to 1.5 s of 120 requests a second, give or take four standard deviations of a
    // Poisson count, and lose what was there when the server died. At 60 % that is more than 18 once
    // in ten thousand times (0.6^18); ejection loses the same and 3 requests.
    let there = 18;
    assert!((76..234 + there).contains(&checked) && none == 0, "{checked} failed, {none} ejected");
    assert!((3..=3 + there).contains(&ejected) && some == 1, "{ejected} failed, {some} ejected");
}

#[test]
fn an_ejection_ends() {
    // Checks that take no part.
    let balancer = "health = { every = \"60s\" }\neject = { after = 3, for = \"3s\" }";
    let mut lab = four(balancer, 0.5, 14);
    lab.act("set web.boot=0s").run(5 * SECOND).act("crash web-1 for 1s");
    lab.run(SECOND + 500 * MILLISECOND).forget().run(SECOND);
    assert!(lab.shares(&WEB)[0] < 1e-9, "it is back, and left out");
    lab.run(SECOND).forget().run(5 * SECOND);
    assert!(near(lab.shares(&WEB)[0], 0.25, 0.01), "in turn: {:?}", lab.shares(&WEB));
}

#[test]
fn as_many_good_checks_as_it_takes_bring_a_server_back() {
    for rise in [1, 2, 5] {
        let mut lab = four(&format!("health = {{ rise = {rise} }}"), 0.3, 15);
        lab.run(5 * SECOND).act("crash web-1 for 3s").run(3 * SECOND + MILLISECOND);
        let web = lab.node("web-1");
        let back = |e: &Event| matches!(e, Event::Believed { backend, healthy: true, .. } if *backend == web);
        while !lab.world.node(web).state.eq(&NodeState::Up) {
            lab.run(10 * MILLISECOND);
        }
        let up = lab.world.now();
        while !lab.seen.events.iter().any(back) {
            lab.run(10 * MILLISECOND);
        }
        // One every 500 ms, the first up to that after the boot.
        let took = (lab.world.now() - up) / MILLISECOND;
        let low = 500 * (rise - 1);
        assert!((low..low + 520).contains(&took), "{rise} good checks after {took} ms");
    }
}

#[test]
fn an_error_of_the_server_is_no_reason_to_eject_it() {
    let mut lab = Lab::new(
        "[traffic.app]\nto = \"edge\"\nrate = \"100/s\"\n\
         [request.page]\nshare = \"100%\"\nsteps = [\"read store\"]\n\
         [balancer.edge]\nto = \"web\"\neject = { after = 1 }\nretry_on_next = 3\n\
         [service.web]\n[database.store]\nreplicas = 0\n",
        6,
    );
    lab.run(SECOND).act("crash store").forget().run(5 * SECOND);
    assert!(lab.failed() > 400);
    assert!(!lab.seen.events.iter().any(|e| matches!(e, Event::Ejected { .. })));
    let calls: u64 = WEB.iter().map(|n| lab.seen.calls[&lab.node(n)]).sum();
    assert!(calls <= lab.seen.ended.len() as u64 + 2, "{calls} calls to servers");
}

#[test]
fn the_next_server_hides_a_crash() {
    let run = |balancer: &str| {
        let mut lab = four(balancer, 0.5, 7);
        lab.run(5 * SECOND).act("crash web-1 for 10s").forget().run(30 * SECOND);
        lab
    };
    // Checks take at least 1 s of 100 requests a second; four standard deviations.
    assert!(run("").failed() > 60);
    let lab = run("retry_on_next = 1");
    assert_eq!(lab.failed(), 0);
    // The clients did not try again: the balancer did.
    assert!(lab.seen.ended.iter().all(|e| e.attempts == 1));
}

/// A full backlog refuses, as a host does on whose port nobody listens: another server may do it, and
/// who refuses often enough is left out.
#[test]
fn a_full_backlog_is_no_answer() {
    let run = |balancer: &str| {
        let mut lab = four(balancer, 0.3, 16);
        lab.act("set web.threads=1 web.backlog=3").act("slow web-1 factor=10");
        lab.run(SECOND).forget().run(10 * SECOND);
        lab
    };
    // It does 20 of its 60 a second: four standard deviations of a Poisson count.
    let plain = run("");
    assert!(
        plain.count(Outcome::Overloaded) > 400 - 4 * 20,
        "{}",
        plain.count(Outcome::Overloaded)
    );
    let next = run("retry_on_next = 3");
    assert_eq!(next.failed(), 0, "others do it");
    let left_out = run("eject = { after = 3, for = \"5s\" }");
    let web = left_out.node("web-1");
    let ejected = |e: &&Event| matches!(e, Event::Ejected { backend, .. } if *backend == web);
    assert!(left_out.seen.events.iter().filter(ejected).count() >= 2, "for 5 s each");
}

#[test]
fn no_server_is_tried_twice() {
    let mut lab = four("retry_on_next = 9\nhealth = { every = \"60s\" }", 0.1, 8);
    lab.run(SECOND).act("crash web").forget().run(SECOND);
    let ended = lab.seen.ended.len() as u64;
    let calls: u64 = WEB.iter().map(|n| lab.seen.calls[&lab.node(n)]).sum();
    assert_eq!(lab.count(Outcome::Refused) as u64, ended, "the reason of the last attempt");
    assert!(calls.abs_diff(4 * ended) <= 8, "{calls} calls for {ended} requests");
}

#[test]
fn overload_fails_an_http_check_and_not_a_tcp_check() {
    let believed_out = |check: &str| {
        let mut lab = four(&format!("health = {{ check = \"{check}\" }}"), 0.5, 9);
        lab.act("slow web-1 factor=20").run(10 * SECOND);
        let web = lab.node("web-1");
        let out = |e: &Event| matches!(e, Event::Believed { backend, healthy: false, .. } if *backend == web);
        lab.seen.events.iter().any(out)
    };
    assert!(believed_out("http") && !believed_out("tcp"));
}

#[test]
fn an_idle_server_passes_http_checks() {
    let mut lab = four("health = { check = \"http\" }", 0.1, 10);
    lab.run(20 * SECOND);
    assert!(!lab.seen.events.iter().any(|e| matches!(e, Event::Believed { .. })));
}

#[test]
fn below_its_panic_threshold_a_balancer_uses_all() {
    let run = |panic: &str| {
        let mut lab = four(panic, 0.1, 11);
        lab.act("crash web-1,web-2,web-3 for 20s").run(5 * SECOND).forget().run(5 * SECOND);
        (lab.shares(&WEB)[3], lab.failed())
    };
    let ((alone, none), (spread, some)) = (run(""), run("panic = \"50%\""));
    assert!((alone - 1.0).abs() < 1e-9 && none == 0, "{alone} {none}");
    // In turn; three of four fail, of 400 requests: four standard deviations of a Poisson count.
    assert!(near(spread, 0.25, 0.02) && some.abs_diff(300) < 70, "{spread} {some}");
}

#[test]
fn a_user_stays_with_his_server() {
    let mut lab = four("policy = \"user_hash\"", 0.3, 12);
    lab.act("set app.users=1").run(5 * SECOND);
    let mut shares = lab.shares(&WEB);
    shares.sort_by(f64::total_cmp);
    assert_eq!(shares, vec![0.0, 0.0, 0.0, 1.0]);
}

#[test]
fn balancers_stand_beside_each_other_inside_or_nowhere() {
    let mut lab = Lab::new(
        "[traffic.app]\nto = \"edge\"\nrate = \"100/s\"\n\
         [traffic.partners]\nto = \"gate\"\nrate = \"50/s\"\n\
         [traffic.batch]\nto = \"web\"\nrate = \"40/s\"\n\
         [request.page]\nshare = \"100%\"\nsteps = [\"cpu 1ms\", \"call inner\"]\n\
         [balancer.edge]\nto = \"web\"\n[balancer.gate]\nto = \"web\"\n\
         [balancer.inner]\nto = \"prices\"\npolicy = \"two_choices\"\nretry_on_next = 1\n\
         [service.web]\n\
         [service.prices]\ninstances = 2\nsteps = [\"cpu exp(2ms)\"]\n",
        13,
    );
    lab.run(10 * SECOND).act("crash prices-1").run(10 * SECOND);
    assert_eq!(lab.failed(), 0, "the inner balancer hides the crash");
    let calls = |name: &str| lab.seen.calls[&lab.node(name)] as f64;
    assert!(near(calls("edge"), 2000.0, 0.1) && near(calls("gate"), 1000.0, 0.1));
    let web: f64 = WEB.iter().map(|n| calls(n)).sum();
    assert!(near(web, 3800.0, 0.1) && near(calls("inner"), web, 0.01), "{web}");
}

/// A request that its caller takes back says nothing about the server that worked on it.
#[test]
fn who_is_told_to_stop_is_not_ejected() {
    let mut lab = Lab::new(
        "[traffic.app]\nto = \"web\"\nrate = \"1/s\"\narrivals = \"constant\"\n\
         [request.page]\nshare = \"100%\"\nsteps = [\"call edge\"]\n\
         [service.web]\ninstances = 1\ncall_timeout = \"100ms\"\ncancel = true\n\
         [balancer.edge]\nto = \"back\"\neject = { after = 1 }\n\
         [service.back]\ninstances = 2\nsteps = [\"cpu 700ms\"]\n",
        8,
    );
    lab.run(5 * SECOND);
    assert!(lab.failed() >= 4 && lab.seen.wasted == 0, "all are given up, and stopped");
    assert!(!lab.seen.events.iter().any(|e| matches!(e, Event::Ejected { .. })));
}

#[test]
fn a_balancer_that_starts_again_believes_in_all() {
    let mut lab = four("", 0.3, 9);
    let believes = |lab: &Lab| match lab.reading("edge").part {
        PartReading::Balancer { backends, .. } => backends[0].healthy,
        part => panic!("{part:?}"),
    };
    lab.run(2 * SECOND).act("crash web-1").run(3 * SECOND);
    assert!(!believes(&lab));
    lab.act("restart edge");
    while lab.reading("edge").state != NodeState::Up {
        lab.run(10 * MILLISECOND);
    }
    assert!(believes(&lab), "what it knew is gone");
    lab.run(2 * SECOND);
    assert!(!believes(&lab), "three checks later it knows again");
}
