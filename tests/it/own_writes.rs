//! `read_your_writes`: one user, who writes rows and reads them.

use crate::support::{command, session_of};
use brownout::sim::observation::Outcome;
use brownout::sim::time::SECOND;

fn cluster(read: &str, cache: &str) -> String {
    format!(
        r#"
        name = "own"
        [traffic.user]
        to = "web"
        rate = "100/s"
        users = 1
        [request.look]
        share = "70%"
        keys = {{ count = 20 }}
        steps = ["read {read}"]
        [request.order]
        share = "30%"
        keys = {{ count = 20 }}
        steps = ["write store keys=look"]
        [service.web]
        instances = 2
        [database.store]
        replicas = 2
        reads_from = "replica"
        read = "1ms"
        write = "1ms"
        {cache}
        "#
    )
}

/// Stale reads in 20 s.
fn stale(text: &str, seed: u64, commands: &[&str]) -> u64 {
    let mut session = session_of(text, seed);
    for text in commands {
        session.inject(&command(text)).unwrap_or_else(|e| panic!("{text}: {e}"));
    }
    session.advance(20 * SECOND).expect("the world goes on");
    session.world().audit().expect("the books add up");
    let total = session.observers().total();
    // A read of a node that has died fails, as it does without the setting.
    let refused = total.of(Outcome::Refused) + total.of(Outcome::Reset);
    assert_eq!(total.of(Outcome::Ok) + refused, total.ended(), "nobody pays for it otherwise");
    session.truth().stale
}

const ON: &str = "set store.read_your_writes=true";

#[test]
fn replicas_that_lag_are_passed_over_for_ones_own_rows() {
    for seed in 0..10 {
        let lag = "set store.apply=20ms";
        let text = cluster("store", "");
        assert!(stale(&text, seed, &[lag]) > 20, "seed {seed}");
        assert_eq!(stale(&text, seed, &[lag, ON]), 0, "seed {seed}");
    }
}

#[test]
fn cached_values_that_are_older_do_not_count() {
    let cache = "[cache.rows]\nof = \"store\"\ncapacity = 100\nttl = \"5s\"\ninvalidate = false";
    for seed in 0..10 {
        let text = cluster("rows", cache);
        assert!(stale(&text, seed, &[]) > 20, "seed {seed}");
        assert_eq!(stale(&text, seed, &[ON]), 0, "seed {seed}");
    }
}

#[test]
fn it_holds_while_replicas_are_away() {
    for seed in 0..10 {
        let commands = ["set store.apply=5ms", "crash store-2 for 5s", ON];
        assert_eq!(stale(&cluster("store", ""), seed, &commands[1..]), 0, "seed {seed}");
    }
}

/// The answers of replicas take 200 ms, those of the primary do not: what is shared among all who ask for
/// a row in that time is older than what is written meanwhile.
const SLOW_ANSWERS: &str = "delay store-2,store-3->web base=200ms";

/// Nothing stays in the cache, so that each read is of the database, or shared.
fn shared(single: bool) -> String {
    let cache = format!(
        "[cache.rows]\nof = \"store\"\ncapacity = 100\nttl = \"1ms\"\nsingle_flight = {single}"
    );
    cluster("rows", &cache)
}

/// Who waits for a read that began before a write was acknowledged, and asked after that, has read
/// something stale, though the leader has not.
#[test]
fn what_is_shared_may_be_stale_for_those_who_came_later() {
    for seed in 0..10 {
        let alone = stale(&shared(false), seed, &[SLOW_ANSWERS]);
        let together = stale(&shared(true), seed, &[SLOW_ANSWERS]);
        assert!(together > 20 && together > 5 * alone, "seed {seed}: {together}, alone {alone}");
    }
}

#[test]
fn who_has_written_a_row_does_not_share_the_read_of_another() {
    for seed in 0..10 {
        assert_eq!(stale(&shared(true), seed, &[SLOW_ANSWERS, ON]), 0, "seed {seed}");
    }
}
