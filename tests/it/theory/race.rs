//! The race of cache-aside: a read that began before a write puts what it read after the write's delete.
//!
//! One row, read R times and written W times a second, through a cache that writes delete from and that
//! keeps a row for T; a read of the database takes S, and shows the row as it was when it began. Reads
//! of one process share one flight. A cycle is an empty cache until the next read (1/R), its flight (S),
//! and a full cache until the next write or the end of T, which lasts F = (1 - exp(-W T)) / W on average.
//! With probability q = 1 - exp(-W S) a write comes in the flight; then those who join after the first
//! one, S - q/W on average, share what is stale by then, and so do all who find it in the cache. Since
//! arrivals are Poisson, the share of stale reads is a ratio of means (the renewal reward theorem):
//! R (S - q/W + q F) / (1 + R (S + F)).

use super::estimate::over_seeds;
use super::world;
use brownout::sim::id::{ClassId, ComponentId};
use brownout::sim::observation::{Ended, Giver, Observer, Outcome};
use brownout::sim::time::{Ns, SECOND};

const RATE: f64 = 500.0;
const WRITES: f64 = 0.04;
const TTL: f64 = 0.5;

/// Reads that have ended, and stale ones.
#[derive(Default)]
struct Reads {
    all: u64,
    stale: u64,
}

impl Observer for Reads {
    fn ended(&mut self, _: Ns, ended: Ended) {
        assert_eq!(ended.outcome, Outcome::Ok);
        self.all += u64::from(ended.class == ClassId(0));
    }
    fn stale(&mut self, _: Ns, _: ComponentId, _: Giver) {
        self.stale += 1;
    }
}

/// The share of stale reads, where the database takes so many milliseconds for one.
fn stale(read_ms: u64, seed: u64) -> f64 {
    let text = format!(
        r#"
        name = "race"
        [network]
        same_zone = "0s"
        [traffic.users]
        to = "web"
        rate = "{RATE}/s"
        timeout = "60s"
        [request.look]
        share = "{}%"
        keys = {{ count = 1 }}
        steps = ["read rows"]
        [request.edit]
        share = "{}%"
        keys = {{ count = 1 }}
        steps = ["write store keys=look"]
        [service.web]
        instances = 1
        cores = "unlimited"
        threads = "unlimited"
        backlog = "unlimited"
        call_timeout = "60s"
        [cache.rows]
        of = "store"
        ttl = "{TTL}s"
        jitter = "0%"
        get = "0s"
        single_flight = true
        [database.store]
        replicas = 0
        cores = "unlimited"
        connections = "unlimited"
        pool = "unlimited"
        read = "{read_ms}ms"
        write = "0s"
        "#,
        100.0 - 100.0 * WRITES,
        100.0 * WRITES,
    );
    let (mut world, mut reads) = (world(&text, seed), Reads::default());
    world.advance(120 * SECOND, &mut reads).expect("it goes on");
    reads.stale as f64 / reads.all as f64
}

#[test]
fn reads_that_race_with_writes_leave_stale_rows_in_the_cache() {
    for read_ms in [5, 20] {
        let (reads, writes) = (RATE * (1.0 - WRITES), RATE * WRITES);
        let length = read_ms as f64 / 1000.0;
        let raced = -libm::expm1(-writes * length);
        let full = -libm::expm1(-writes * TTL) / writes;
        let share =
            reads * (length - raced / writes + raced * full) / (1.0 + reads * (length + full));
        let [found] = over_seeds(|seed| [stale(read_ms, seed)]);
        found.agrees(&format!("stale share, reads of {read_ms} ms"), share, 0.10);
    }
}
