//! A database that does not answer, and callers who can do nothing but ask it: silence costs threads,
//! refusal does not, and one slow answer harms nobody else.

use crate::lab::Lab;
use brownout::sim::id::ClassId;
use brownout::sim::observation::{Ended, Outcome};
use brownout::sim::time::SECOND;

/// 200 requests a second, half of which read a database.
fn lab(database: &str, seed: u64) -> Lab {
    cluster(database, "50%", seed)
}

/// The same with such a share of requests that need nobody else.
fn cluster(database: &str, others: &str, seed: u64) -> Lab {
    Lab::new(
        &format!(
            "[traffic.users]\nto = \"web\"\nrate = \"200/s\"\n\
             [request.look]\nshare = \"50%\"\nkeys = {{ count = 1000 }}\nsteps = [\"read store\"]\n\
             [request.static]\nshare = \"{others}\"\nsteps = [\"cpu 1ms\"]\n\
             [service.web]\ninstances = 1\nthreads = 64\nbacklog = 128\ncall_timeout = \"1s\"\n\
             [database.store]\n{database}\n"
        ),
        seed,
    )
}

/// Requests of a class that ended so.
fn count(lab: &Lab, class: u8, outcome: impl Fn(Outcome) -> bool) -> usize {
    let of_it = |e: &&Ended| e.class == ClassId(class) && outcome(e.outcome);
    lab.seen.ended.iter().filter(of_it).count()
}

/// 100 reads a second that hang for 1 s hold all 64 threads after 0.64 s (Little's law). Of two requests
/// that get one, one reads: 128 a second of the 200 who come are taken in, 64 of them static. After the
/// 128 places of the backlog are full, 2.4 s from the beginning, 36 of 100 static requests are refused
/// each second until the 20 s are over: 634, and those until the line is gone.
#[test]
fn a_frozen_database_takes_the_threads_of_those_who_do_not_need_it() {
    for seed in 0..5 {
        for fault in ["pause store for 20s", "power_off store for 20s", "cut web->store for 20s"] {
            let mut lab = lab("replicas = 0\nboot = \"0s\"\npool = 64", seed);
            lab.run(5 * SECOND).forget().act(fault).run(25 * SECOND);
            let harmed = count(&lab, 1, |outcome| !outcome.is_good());
            assert!((530..780).contains(&harmed), "{fault}, seed {seed}: {harmed}");
            assert_eq!(lab.count(Outcome::NoPrimary), 0, "{fault}: there is no other");
        }
    }
}

#[test]
fn a_dead_database_refuses_each_read_and_harms_nobody_else() {
    let mut lab = lab("replicas = 0\nboot = \"0s\"", 1);
    lab.run(5 * SECOND).act("crash store for 10s").forget().run(9 * SECOND);
    let reads = count(&lab, 0, |_| true);
    let refused =
        count(&lab, 0, |o| o == Outcome::Refused) + count(&lab, 0, |o| o == Outcome::Reset);
    // But those that were under way at one of both ends.
    assert!(reads > 800 && reads - refused <= 2, "{refused} of {reads}");
    assert_eq!(count(&lab, 1, |outcome| !outcome.is_good()), 0);
}

/// With a long tail some reads are given up; the others do not know of it.
#[test]
fn one_slow_answer_harms_nobody_else() {
    let slow = "replicas = 2\nread = \"pareto(min=10ms, shape=1.2)\"\ncores = \"unlimited\"\n\
                [failover.keeper]\nof = \"store\"";
    for seed in 0..5 {
        let mut lab = lab(slow, seed);
        lab.run(60 * SECOND);
        // 100 reads a second longer than 1 s: with probability (10 ms / 1 s) ^ 1.2 = 0.4 %.
        assert!(lab.count(Outcome::Timeout) > 5);
        assert_eq!(lab.count(Outcome::NoPrimary), 0, "seed {seed}");
    }
}

/// Who reads from any node leaves out for 1 s one that did not answer, whichever it is. It is asked for
/// 1 s, until the first of those reads is given up; the last of them is 1 s later, and it is asked again
/// 1 s after that. So half of the reads of one second in three hang: one in six.
#[test]
fn who_may_read_anywhere_reads_elsewhere() {
    for node in ["store-1", "store-2"] {
        let mut lab = lab("replicas = 1\nreads_from = \"any\"", 3);
        lab.run(5 * SECOND).forget().act(&format!("pause {node}")).run(30 * SECOND);
        let (good, all) = (count(&lab, 0, Outcome::is_good), count(&lab, 0, |_| true));
        let share = good as f64 / all as f64;
        assert!((share - 5.0 / 6.0).abs() < 0.02, "{node}: {good} of {all}");
    }
}

/// Reads that leave a node out go to the others in equal parts.
#[test]
fn reads_that_leave_out_a_node_are_shared_by_the_others() {
    let mut lab = lab("replicas = 3\nreads_from = \"any\"", 3);
    lab.run(SECOND).act("crash store-2").run(SECOND).forget().run(20 * SECOND);
    let shares = lab.shares(&["store-1", "store-3", "store-4"]);
    assert!(shares.iter().all(|share| (share - 1.0 / 3.0).abs() < 0.02), "{shares:?}");
}

/// The same with two of three, each of which is tried for one second of three: for a third of the reads if
/// the other is tried, too, else for half of them. In step with each other 2/9 of the reads hang, and as
/// independent 2 (1/3 · 1/3 + 2/3 · 1/2) / 3 = 8/27.
#[test]
fn who_is_cut_off_reads_from_the_node_on_its_side() {
    for seed in 0..5 {
        let mut lab = lab("replicas = 2\nreads_from = \"any\"\npool = 64", seed);
        lab.run(5 * SECOND).forget().act("cut web|store-2,store-3").run(30 * SECOND);
        let (good, all) = (count(&lab, 0, Outcome::is_good), count(&lab, 0, |_| true));
        let share = good as f64 / all as f64;
        assert!((0.68..0.80).contains(&share), "seed {seed}: {good} of {all}");
    }
}

/// Each is left out for its own silence: a few slow answers, here and there, leave nobody with the load of
/// all. 1000 reads a second of 3.9 ms on average are 44 % of the 3 cores on each of three nodes; of them
/// 0.18 % take longer than the 60 ms for which they are waited for.
#[test]
fn slow_answers_of_some_nodes_do_not_leave_out_the_others() {
    let slow =
        "replicas = 2\nreads_from = \"any\"\ncores = 3\nread = \"lognormal(p50=2ms, p99=30ms)\"";
    for seed in 0..10 {
        let mut lab = lab(slow, seed);
        lab.act("set web.call_timeout=60ms web.threads=unlimited users.rate=2000/s");
        lab.run(20 * SECOND);
        let (good, all) = (count(&lab, 0, Outcome::is_good), count(&lab, 0, |_| true));
        assert!(good as f64 > 0.96 * all as f64, "seed {seed}: {good} of {all}");
    }
}

/// Writes to a frozen primary time out all the time; the replicas, which were away for a second, are read
/// from as soon as they answer.
#[test]
fn who_comes_back_is_read_from_whatever_others_do() {
    let writers = "replicas = 2\nreads_from = \"any\"\nboot = \"500ms\"\npool = 64\n\
                   [traffic.writers]\nto = \"web\"\nrate = \"20/s\"\nclasses = [\"order\"]\n\
                   [request.order]\nshare = \"1%\"\nsteps = [\"write store keys=look\"]";
    for seed in 0..5 {
        let mut lab = cluster(writers, "49%", seed);
        lab.run(5 * SECOND).act("pause store-1").run(5 * SECOND);
        lab.act("crash store-2,store-3 for 1s").run(4 * SECOND).forget().run(20 * SECOND);
        let (good, all) = (count(&lab, 0, Outcome::is_good), count(&lab, 0, |_| true));
        assert!(good as f64 > 0.95 * all as f64, "seed {seed}: {good} of {all}");
    }
}

/// A watcher that is alone in its corner, or a replica that has heard nothing since, takes nobody's primary
/// away: it has no majority, and its news are old. The reads that take longer than 1 s, 0.4 %, are given
/// up, and nobody else is harmed.
#[test]
fn who_knows_nothing_new_harms_nobody() {
    let slow = "replicas = 2\nread = \"pareto(min=10ms, shape=1.2)\"\ncores = \"unlimited\"\n";
    let watched = format!("{slow}[failover.keeper]\nof = \"store\"");
    for seed in 0..5 {
        let mut lab = lab(&watched, seed);
        lab.act("cut keeper-1|keeper-2,keeper-3,store").run(60 * SECOND);
        assert!(lab.count(Outcome::Timeout) > 5);
        assert_eq!(lab.count(Outcome::NoPrimary), 0, "seed {seed}");
        let mut lab = cluster(slow, "50%", seed);
        lab.act("cut store-3|store-1,store-2").run(SECOND).act("pause store-1");
        lab.act("promote store-2").run(4 * SECOND).forget().run(60 * SECOND);
        let (good, all) = (count(&lab, 0, Outcome::is_good), count(&lab, 0, |_| true));
        assert!(good as f64 > 0.98 * all as f64, "seed {seed}: {good} of {all}");
    }
}

/// A process that starts while the only database is frozen knows its address from its configuration, and
/// hangs on it as it did before.
#[test]
fn who_starts_meanwhile_hangs_too() {
    let mut lab = lab("replicas = 0\npool = 64", 1);
    lab.act("set web.boot=100ms").run(5 * SECOND).act("pause store for 30s").run(SECOND);
    lab.act("restart web").run(2 * SECOND).forget().run(20 * SECOND);
    let harmed = count(&lab, 1, |outcome| !outcome.is_good());
    // 36 of 100 a second, as above.
    assert!((600..850).contains(&harmed), "{harmed}");
    assert_eq!(lab.count(Outcome::NoPrimary), 0, "there is no other");
}
