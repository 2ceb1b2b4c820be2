//! The availability that is predicted from what requests need, against arithmetic that is done here by
//! hand, and against what is measured where nothing has to be noticed.

use crate::support::{command, session_of};
use brownout::sim::time::SECOND;

/// Shares of 60 s: a crash of 20 s at 10 s, and a boot of 2 s.
const DOWN: f64 = 22.0 / 60.0;
const UP: f64 = 1.0 - DOWN;

/// What is predicted and measured over 60 s in which commands act at seconds.
fn run(cluster: &str, commands: &[(u64, &str)]) -> (f64, f64) {
    let text = format!("name = \"lab\"\n{cluster}");
    let mut session = session_of(&text, 3);
    for (at, text) in commands {
        session.advance(at * SECOND).expect("it goes on");
        session.inject(&command(text)).unwrap_or_else(|e| panic!("{text}: {e}"));
    }
    session.advance(60 * SECOND).expect("it goes on");
    let judged = session.judged();
    (judged.predicted.expect("some came"), judged.total.availability().expect("some ended"))
}

/// Half reads, half writes, of a primary and two replicas with these settings, which are watched.
fn watched(settings: &str, watchers: &str) -> String {
    format!(
        "[traffic.app]\nto = \"web\"\nrate = \"200/s\"\n\
         [request.look]\nshare = \"50%\"\nsteps = [\"read db\"]\n\
         [request.order]\nshare = \"50%\"\nsteps = [\"write db\"]\n\
         [service.web]\nthreads = \"unlimited\"\n\
         [database.db]\nreplicas = 2\n{settings}\n\
         [failover.k]\nof = \"db\"\nevery = \"200ms\"\n{watchers}"
    )
}

fn is(predicted: f64, wanted: f64) {
    assert!((predicted - wanted).abs() < 0.006, "{predicted}, and not {wanted}");
}

/// The primary is up all the time, and one of two others is needed beside it.
#[test]
fn a_write_needs_as_many_nodes_as_acknowledge_it() {
    let two_of_three = 0.5 + 0.5 * (1.0 - DOWN * DOWN);
    for ack in ["quorum", "semi", "sync"] {
        let cluster = watched(&format!("ack = \"{ack}\""), "");
        let (predicted, measured) = run(&cluster, &[(10, "crash db-2,db-3 for 20s")]);
        is(predicted, two_of_three);
        assert!(measured < predicted, "both were down at the same time: {measured}");
    }
    let both = watched("ack = \"sync\"\nmin_in_sync = 2", "");
    is(run(&both, &[(10, "crash db-2,db-3 for 20s")]).0, 0.5 + 0.5 * UP * UP);
    for settings in ["", "ack = \"semi\"\ndegrade = true"] {
        is(run(&watched(settings, ""), &[(10, "crash db-2,db-3 for 20s")]).0, 1.0);
    }
}

#[test]
fn reads_from_replicas_need_one_beside_the_primary() {
    let cluster = watched("reads_from = \"replica\"", "");
    is(run(&cluster, &[(10, "crash db-2,db-3 for 20s")]).0, 0.5 + 0.5 * (1.0 - DOWN * DOWN));
    let cluster = watched("reads_from = \"any\"", "");
    is(run(&cluster, &[(10, "crash db-2,db-3 for 20s")]).0, 1.0);
}

/// A cache answers for those who read through it, and for nobody else of the same request.
#[test]
fn who_reads_a_database_directly_is_helped_by_no_cache() {
    let reads = |steps: &str| {
        let cluster = format!(
            "[traffic.app]\nto = \"web\"\nrate = \"200/s\"\n\
             [request.look]\nshare = \"100%\"\nkeys = {{ count = 10 }}\nsteps = [{steps}]\n\
             [service.web]\nthreads = \"unlimited\"\n\
             [cache.menus]\nof = \"db\"\nttl = \"10m\"\n[database.db]\nreplicas = 0"
        );
        run(&cluster, &[(10, "crash db for 20s")])
    };
    // Ten rows, each looked up from the database once.
    is(reads("\"read menus\"").0, 1.0);
    is(reads("\"read menus\", \"read db\"").0, UP);
    is(reads("\"read db\", \"read menus\"").0, UP);
}

/// A primary with a lease needs a majority of the watchers, two of three; without a lease it needs them
/// only while it is down itself.
#[test]
fn watchers_are_in_series_where_they_grant_leases() {
    let majority = UP * UP * UP + 3.0 * UP * UP * DOWN;
    let (predicted, measured) = run(&watched("", ""), &[(10, "crash k for 20s")]);
    is(predicted, majority);
    // All are down together here, which is better than two of three at random times.
    assert!((measured - UP).abs() < 0.03, "{measured}");
    let free = watched("", "fencing = false");
    is(run(&free, &[(10, "crash k for 20s")]).0, 1.0);
    is(run(&free, &[(10, "crash k,db-1 for 20s")]).0, majority + (1.0 - majority) * UP);
    let available = watched("prefer = \"availability\"", "");
    is(run(&available, &[(10, "crash k for 20s")]).0, 0.5 + 0.5 * majority);
}

/// Where nobody watches, the one is needed that acts, and not the one that did at first.
#[test]
fn who_was_promoted_by_hand_is_the_primary() {
    let cluster = watched("", "").split("[failover").next().expect("what is before it").to_owned();
    for (down, wanted) in [("db-1", 1.0), ("db-2", UP)] {
        let crash = format!("crash {down} for 20s");
        let (predicted, measured) = run(&cluster, &[(1, "promote db-2"), (10, &crash)]);
        is(predicted, wanted);
        assert!((measured - predicted).abs() < 0.02, "{measured}, predicted {predicted}");
    }
}

/// Users of two regions need what lies before them, and not what lies before the others.
#[test]
fn what_is_needed_is_known_of_each_traffic() {
    let region = |n: u32| {
        format!(
            "[traffic.app{n}]\nto = \"edge{n}\"\nrate = \"100/s\"\n[balancer.edge{n}]\nto = \"web{n}\"\n\
             [service.web{n}]\n"
        )
    };
    let steps = "[request.get]\nshare = \"100%\"\nsteps = [\"cpu 1ms\"]\n";
    let cluster = format!("{}{}{steps}", region(1), region(2));
    let (predicted, measured) = run(&cluster, &[(10, "crash edge1 for 20s")]);
    is(predicted, 1.0 - DOWN / 2.0);
    assert!((measured - predicted).abs() < 0.02, "{measured}, predicted {predicted}");
    let (predicted, measured) = run(&cluster, &[(10, "crash edge1,edge2 for 20s")]);
    is(predicted, UP);
    assert!((measured - predicted).abs() < 0.02, "{measured}, predicted {predicted}");
}

/// Three of four servers are there half of the time, also if they do not come back.
#[test]
fn a_node_that_is_not_there_is_not_up() {
    let cluster = "[traffic.app]\nto = \"web\"\nrate = \"100/s\"\n[service.web]\ninstances = 4\n\
                   [request.get]\nshare = \"100%\"\nsteps = [\"cpu 1ms\"]\n";
    let commands = [(30, "scale web to=1"), (32, "crash web-1 for 20s")];
    let (predicted, measured) = run(cluster, &commands);
    is(predicted, 1.0 - DOWN * 0.125);
    assert!(measured < predicted, "{measured}");
}
