//! How far replicas are behind, and what that depends on.

use crate::lab::Lab;
use brownout::sim::reading::PartReading;
use brownout::sim::time::{MILLISECOND, Ns, SECOND};

/// One replica with one core, which serves so many reads of 5 ms a second, and gets 20 writes.
fn cluster(reads: u64) -> String {
    format!(
        r#"
        [network]
        same_zone = "0s"
        [traffic.readers]
        to = "web"
        rate = "{reads}/s"
        classes = ["look"]
        timeout = "100s"
        [traffic.writers]
        to = "web"
        rate = "20/s"
        classes = ["order"]
        [request.look]
        share = "50%"
        steps = ["read store"]
        [request.order]
        share = "50%"
        steps = ["write store"]
        [service.web]
        instances = 1
        cores = "unlimited"
        threads = "unlimited"
        call_timeout = "100s"
        [database.store]
        replicas = 1
        reads_from = "replica"
        cores = 1
        connections = "unlimited"
        pool = "unlimited"
        read = "5ms"
        write = "1ms"
        apply = "500us"
        "#
    )
}

/// The mean lag of the replica, asked a hundred times a second, in nanoseconds.
fn lag(reads: u64) -> Ns {
    let mut lab: Lab = Lab::new(&cluster(reads), 1);
    lab.run(10 * SECOND);
    let samples = 10_000;
    let lag = |lab: &mut Lab| match lab.run(10 * MILLISECOND).reading("store-2").part {
        PartReading::Database { lag, .. } => lag,
        _ => panic!("no database"),
    };
    (0..samples).map(|_| lag(&mut lab)).sum::<Ns>() / samples
}

/// An entry waits for the core like a read. Of M/G/1 (Pollaczek, Khinchine) that is λ E[S²] / (2 (1 - ρ)),
/// here nearly all reads: 25 ms at ρ = 0.91. Entries are applied one by one, so those that come
/// meanwhile add some: the lag is more, and a few times that at most.
#[test]
fn a_replica_that_is_busy_with_reads_lags() {
    let (idle, busy) = (lag(1), lag(180));
    let wait = |reads: f64| {
        let load = reads * 0.005 + 20.0 * 0.0005;
        (reads * 0.005 * 0.005 / (2.0 * (1.0 - load)) * SECOND as f64) as Ns
    };
    // Of a lag that is over the last one is told, so that the mean is over all of them.
    assert!(idle < 2 * MILLISECOND, "{idle}");
    assert!((wait(180.0)..4 * wait(180.0)).contains(&busy), "{busy}, {}", wait(180.0));
}
