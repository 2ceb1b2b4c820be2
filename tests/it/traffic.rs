//! Users in running worlds: when they come, how long they wait, and how they try again.

use crate::lab::{Lab, near};
use brownout::sim::observation::Outcome;
use brownout::sim::time::{MILLISECOND, SECOND};

/// One server with so many cores and no limits, and users with these settings. A request takes
/// `work` of a core.
fn server(traffic: &str, cores: u32, work: &str, seed: u64) -> Lab {
    Lab::new(
        &format!(
            "[network]\nsame_zone = \"0ms\"\n\
             [traffic.app]\nto = \"web\"\n{traffic}\n\
             [request.page]\nshare = \"100%\"\nsteps = [\"cpu {work}\"]\n\
             [service.web]\ninstances = 1\ncores = {cores}\n\
             threads = \"unlimited\"\nbacklog = \"unlimited\"\n"
        ),
        seed,
    )
}

#[test]
fn the_closed_loop_obeys_the_response_time_law() {
    for (users, think) in [(20, "exp(500ms)"), (100, "exp(500ms)"), (50, "uniform(0ms, 1s)")] {
        let traffic = format!(
            "arrivals = \"closed\"\nusers = {users}\nthink = \"{think}\"\ntimeout = \"60s\""
        );
        let mut lab = server(&traffic, 4, "exp(50ms)", 1);
        lab.run(20 * SECOND).forget().run(200 * SECOND);
        let throughput = lab.seen.ended.len() as f64 / 200.0;
        // N = X (R + Z) (Denning, Buzen, "The operational analysis of queueing network models", 1978).
        let found = throughput * (lab.mean() + 0.5);
        // It holds for the mean of what was thought, which has the spread of so many thoughts; those
        // of an exponential law spread by their mean, uniform ones by less. The ends of the run cut
        // one request of each user. Four standard deviations.
        let thoughts = throughput * 200.0;
        let within = 4.0 * throughput * 0.5 / libm::sqrt(thoughts) + f64::from(users) / thoughts;
        let far = (found - f64::from(users)).abs();
        assert!(far < within, "{users} users of {think}: {found} ± {within}");
        assert!(throughput < 80.5, "four cores do 80 a second: {throughput}");
    }
}

/// From the first instant as many come in a time as later: who thinks for an exponential time has no
/// memory, and of a constant one any part may be over.
#[test]
fn the_closed_loop_begins_as_it_goes_on() {
    for (think, come) in [("exp(1s)", 1.0 - libm::exp(-0.1)), ("1s", 0.1)] {
        let closed = format!("arrivals = \"closed\"\nusers = 1000\nthink = \"{think}\"");
        let mut lab = server(&closed, 1000, "10ms", 1);
        lab.run(100 * MILLISECOND);
        let (first, mean) = (lab.seen.arrived.len() as f64, 1000.0 * come);
        // Four standard deviations of a binomial count.
        let within = 4.0 * libm::sqrt(mean * (1.0 - come));
        assert!((first - mean).abs() < within, "{think}: {first}, {mean} ± {within}");
    }
}

#[test]
fn the_closed_loop_has_as_many_users_as_it_is_set_to() {
    let closed = "arrivals = \"closed\"\nusers = 10\nthink = \"0ms\"\ntimeout = \"60s\"";
    let mut lab = server(closed, 1, "10ms", 2);
    for (command, users) in [
        ("set app.users=10", 10),
        ("set app.users=25", 25),
        ("set app.users=4", 4),
        ("traffic x3 for 3s", 12),
        ("set app.users=4", 4),
        ("set app.arrivals=poisson app.rate=0/s", 0),
        ("set app.arrivals=closed", 4),
    ] {
        lab.act(command).run(2 * SECOND);
        assert_eq!(lab.world.in_flight(), users, "{command}");
        lab.run(2 * SECOND);
    }
}

/// Stages are factors on the number of users of a closed loop: on a slope they come one by one.
#[test]
fn the_closed_loop_has_stages() {
    let closed = "arrivals = \"closed\"\nusers = 20\nthink = \"0ms\"\ntimeout = \"60s\"\n\
                  stages = [\"hold 1x 10s\", \"ramp 1x 2x 10s\", \"hold 0.5x 10s\"]";
    let mut lab = server(closed, 1, "10ms", 2);
    // Who is too many leaves when his request is answered.
    for (seconds, users) in [(5, 20), (15, 30), (19, 38), (25, 10), (60, 10)] {
        lab.to(seconds * SECOND);
        assert!(
            lab.world.in_flight().abs_diff(users) <= 1,
            "{seconds} s: {}",
            lab.world.in_flight()
        );
    }
    lab.act("traffic x2").run(SECOND);
    assert_eq!(lab.world.in_flight(), 20);
}

#[test]
fn users_who_are_let_in_and_out_at_once_move_nothing() {
    let run = |commands: &[&str]| {
        let mut lab = server("arrivals = \"closed\"\nusers = 10", 1, "10ms", 12);
        lab.run(5 * SECOND);
        for command in commands {
            lab.act(command);
        }
        lab.run(5 * SECOND);
        lab.world.digest()
    };
    assert_eq!(run(&["set app.users=50 for 1s", "heal"]), run(&[]));
    assert_ne!(run(&["set app.users=50 for 1s"]), run(&[]));
}

#[test]
fn constant_arrivals_wait_less_than_random_ones() {
    let mean = |arrivals: &str, work: &str| {
        let traffic = format!("rate = \"160/s\"\narrivals = \"{arrivals}\"\ntimeout = \"60s\"");
        let mut lab = server(&traffic, 1, work, 3);
        lab.run(20 * SECOND).forget().run(1000 * SECOND).mean() * 1000.0
    };
    // At 80 %: M/M/1 takes 5 / (1 - 0.8) ms. D/M/1 takes 5 / (1 - s) with s = e^(-(1 - s) / 0.8),
    // 0.6286 (Kleinrock, "Queueing systems", volume 1, 6.4). D/D/1 never waits. The number in M/M/1
    // varies by 2ρ(1+ρ)/(1-ρ)^4 over the work of one mean (Whitt, "Planning queueing simulations",
    // 1989): over 200,000 of them its mean of 4 has a standard deviation of 2.4 %. Four of those; D/M/1
    // has less than half the variance.
    let (random, constant) = (mean("poisson", "exp(5ms)"), mean("constant", "exp(5ms)"));
    assert!(near(random, 25.0, 0.1), "M/M/1: {random} ms");
    assert!(near(constant, 13.46, 0.07), "D/M/1: {constant} ms");
    assert!(near(mean("constant", "5ms"), 5.0, 1e-6), "D/D/1");
}

#[test]
fn arrivals_follow_their_stages() {
    let stages =
        "stages = [\"hold 1x 10s\", \"ramp 1x 3x 10s\", \"hold 5x 2s\", \"day 0x 1x 24s\"]";
    let mut lab = server(&format!("rate = \"500/s\"\n{stages}"), 64, "1ms", 4);
    lab.run(60 * SECOND);
    let count = |from: u64, to: u64| {
        let within = from * SECOND..to * SECOND;
        lab.seen.arrived.iter().filter(|(at, _)| within.contains(at)).count() as f64
    };
    for (from, to, factors) in
        [(0, 10, 10.0), (10, 15, 7.5), (15, 20, 12.5), (20, 22, 10.0), (22, 46, 12.0)]
    {
        let wanted: f64 = 500.0 * factors;
        let slack = 4.0 / wanted.sqrt();
        assert!(near(count(from, to), wanted, slack), "{from} to {to} s: {}", count(from, to));
    }
    assert!(near(count(28, 40), 500.0 * 9.82, 0.06), "the middle of the day");
    assert!(count(47, 60) < 0.5, "the last factor stays");
}

#[test]
fn a_stage_that_is_set_and_healed_moves_no_arrival() {
    let run = |commands: &[&str]| {
        let mut lab = server("rate = \"300/s\"\nstages = [\"ramp 1x 2x 10s\"]", 4, "exp(5ms)", 5);
        lab.run(3333 * MILLISECOND);
        for command in commands {
            lab.act(command);
        }
        lab.run(5 * SECOND);
        lab.world.digest()
    };
    let nothing = run(&[]);
    assert_eq!(run(&["set app.stages=[hold 9x 1s] for 2s", "heal"]), nothing);
    assert_eq!(run(&["traffic x7 for 2s", "heal"]), nothing);
    assert_ne!(run(&["set app.stages=[hold 9x 1s]"]), nothing);
}

#[test]
fn each_wait_is_twice_the_last_and_none_goes_past_a_deadline_that_is_known() {
    let retries = |more: &str| {
        let traffic = format!("rate = \"1/s\"\narrivals = \"constant\"\nattempts = 4\n{more}");
        let mut lab = server(&traffic, 1, "1ms", 9);
        lab.act("crash web");
        let mut when = |in_flight: u64| {
            while lab.world.in_flight() != in_flight {
                lab.run(MILLISECOND);
            }
            lab.world.now()
        };
        let came = when(1);
        let took = (when(0) - came) / MILLISECOND;
        assert_eq!(lab.count(Outcome::Refused), 1);
        (took, lab.seen.ended[0].attempts)
    };
    // Refused at once, without a network: 100, 200 and 400 ms of waiting.
    let (took, attempts) = retries("backoff = \"100ms\"");
    assert!((699..=701).contains(&took) && attempts == 4, "{took} ms, {attempts} attempts");
    // 200 and 400 ms; another 800 ms would end after the second that all know of.
    let (took, attempts) = retries("backoff = \"200ms\"\ndeadline = \"1s\"\npropagate = true");
    assert!((599..=601).contains(&took) && attempts == 3, "{took} ms, {attempts} attempts");
}

/// A server at 70 % that is offered three times that for 5 s, with clients who give up after 500 ms
/// and try three times: what part of requests succeeds a minute later, and their attempts.
fn after_a_storm(more: &str, seed: u64) -> (f64, f64) {
    let retries = "timeout = \"500ms\"\nattempts = 3\nbackoff = \"50ms\"\ndeadline = \"2s\"";
    let mut lab = server(&format!("rate = \"560/s\"\n{retries}\n{more}"), 4, "exp(5ms)", seed);
    lab.run(5 * SECOND).act("traffic x3 for 5s").run(60 * SECOND).forget().run(10 * SECOND);
    let attempts: u64 = lab.seen.ended.iter().map(|e| u64::from(e.attempts)).sum();
    let ended = lab.seen.ended.len() as f64;
    (lab.count(Outcome::Ok) as f64 / ended, attempts as f64 / ended)
}

#[test]
fn a_retry_storm_outlives_its_cause_and_a_budget_ends_it() {
    // Bronson et al., "Metastable failures in distributed systems", 2021.
    for seed in 6..=8 {
        let (alone, amplified) = after_a_storm("", seed);
        // More than 800 attempts a second for what can do 800, a minute after the cause: 560 requests
        // of 1.43 attempts each, and each attempt is answered too late.
        assert!(alone < 0.5 && amplified > 800.0 / 560.0, "{alone} succeed, {amplified} attempts");
        let (saved, amplified) = after_a_storm("retry_budget = 10", seed);
        // A tenth of retries makes 616 attempts a second at most, but for those saved up.
        let most = 1.1 + 100.0 / 5600.0;
        assert!(saved > 0.9 && amplified < most, "{saved} succeed, {amplified} attempts");
    }
}

#[test]
fn a_deadline_that_propagates_saves_the_work_that_is_of_no_use() {
    // Three times 70 % for 5 s leaves a queue of requests that nobody waits for any more.
    let after = |more: &str| {
        let mut lab =
            server(&format!("rate = \"560/s\"\ntimeout = \"500ms\"\n{more}"), 4, "exp(5ms)", 7);
        lab.run(5 * SECOND).act("traffic x3 for 5s").run(6 * SECOND);
        let web = lab.node("web-1");
        let before = lab.world.node(web).cores.busy_ns;
        lab.forget().run(5 * SECOND);
        let busy = (lab.world.node(web).cores.busy_ns - before) as f64 / (4 * 5 * SECOND) as f64;
        (lab.count(Outcome::Ok) as f64 / lab.seen.ended.len() as f64, busy)
    };
    let ((useless, busy), (useful, spared)) = (after(""), after("propagate = true"));
    assert!(useless < 0.05 && busy > 0.99, "{useless} succeed, cores {busy} busy");
    assert!(useful > 0.99 && near(spared, 0.7, 0.1), "{useful} succeed, cores {spared} busy");
}

#[test]
fn a_call_whose_deadline_has_passed_is_not_made() {
    let mut lab = Lab::new(
        "[traffic.app]\nto = \"web\"\nrate = \"10/s\"\ndeadline = \"100ms\"\npropagate = true\n\
         [request.page]\nshare = \"100%\"\nsteps = [\"cpu 150ms\", \"call inner\"]\n\
         [service.web]\n[service.inner]\nsteps = [\"cpu 1ms\"]\n",
        8,
    );
    lab.run(10 * SECOND);
    assert!(!lab.seen.calls.contains_key(&lab.node("inner-1")));
    assert_eq!(lab.count(Outcome::Expired), lab.seen.ended.len());
}

#[test]
fn an_answer_after_the_deadline_is_late() {
    let outcome = |deadline: &str| {
        let traffic = format!(
            "rate = \"100/s\"\ntimeout = \"100ms\"\nattempts = 2\nbackoff = \"0ms\"\n{deadline}"
        );
        let mut lab = server(&traffic, 64, "10ms", 9);
        // The first attempt of each gets no answer.
        lab.run(SECOND).act("pause web for 150ms").forget().run(SECOND);
        let second: Vec<Outcome> =
            lab.seen.ended.iter().filter(|e| e.attempts == 2).map(|e| e.outcome).collect();
        assert!(!second.is_empty());
        second[0]
    };
    assert_eq!(outcome(""), Outcome::Late, "by default the timeout of one attempt");
    assert_eq!(outcome("deadline = \"1s\""), Outcome::Ok);
}

#[test]
fn jitter_spreads_retries_and_moves_no_arrival() {
    let run = |jitter: &str| {
        let traffic = format!("rate = \"100/s\"\nattempts = 2\nbackoff = \"1s\"\n{jitter}");
        let mut lab = server(&traffic, 4, "1ms", 10);
        lab.run(SECOND).act("crash web").run(5 * SECOND);
        let arrived: Vec<u64> = lab.seen.arrived.iter().map(|a| a.0).collect();
        (arrived, lab.world.digest())
    };
    let ((plain, one), (jittered, other)) = (run(""), run("jitter = \"100%\""));
    assert_eq!(plain, jittered);
    assert_ne!(one, other);
}

#[test]
fn each_traffic_sends_its_classes() {
    let mut lab = Lab::new(
        "[traffic.app]\nto = \"web\"\nrate = \"300/s\"\n\
         [traffic.kitchen]\nto = \"web\"\nrate = \"100/s\"\nclasses = [\"edit\"]\n\
         [request.menu]\nshare = \"50%\"\nsteps = [\"cpu 1ms\"]\n\
         [request.edit]\nshare = \"50%\"\nsteps = [\"cpu 1ms\"]\n[service.web]\n",
        11,
    );
    lab.run(20 * SECOND);
    let edits = lab.seen.arrived.iter().filter(|a| a.1.index() == 1).count() as f64;
    // (300 / 2 + 100) of 400; four standard deviations of a binomial share of 8,000.
    assert!(near(edits / lab.seen.arrived.len() as f64, 0.625, 0.035), "{edits}");
}
