//! How far a replica is behind that is busy with reads.
//!
//! Entries take the replica's one core like reads do, first come, first served. Writes come at random, so
//! that each finds the work that waits there on average (PASTA: Wolff, "Poisson arrivals see time
//! averages", 1982). Of M/G/1 that is (Pollaczek, Khinchine; Takács for the square; Kleinrock, *Queueing
//! Systems*, volume 1, 1975, section 5.7)
//!
//! E[W] = λ E[S²] / (2 (1 - ρ)),  E[W²] = 2 E[W]² + λ E[S³] / (3 (1 - ρ)),
//!
//! and the lag of an entry is W and the time that it takes to apply, a. Entries are applied one by one:
//! one that comes while another waits waits for that first. To them the applier is a server that takes
//! W + a for each, of which M/G/1 says how long they wait for it. That is rough, since waits that follow
//! each other are alike; with two writes a second it is some 5 % of the lag, and the test allows for an
//! error as large as itself.

use super::estimate::over_seeds;
use super::world;
use brownout::sim::World;
use brownout::sim::id::NodeId;
use brownout::sim::reading::PartReading;
use brownout::sim::time::{MILLISECOND, Ns, SECOND, seconds};

/// The work of a read, and of applying an entry, in seconds.
const READ: f64 = 0.005;
const APPLY: f64 = 0.0005;

const WRITES: f64 = 2.0;

/// How long it is watched: for some 400 entries.
const LENGTH: Ns = 200 * SECOND;

/// One replica with one core, which serves so many reads a second.
fn cluster(reads: f64) -> String {
    format!(
        r#"
        name = "lag"
        [network]
        same_zone = "0s"
        [traffic.readers]
        to = "web"
        rate = "{reads}/s"
        classes = ["look"]
        timeout = "100s"
        [traffic.writers]
        to = "web"
        rate = "{WRITES}/s"
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
        read = "{READ}s"
        write = "1ms"
        apply = "{APPLY}s"
        "#
    )
}

/// Entries that a replica has applied, and its lag.
fn behind(world: &World, replica: NodeId) -> (u64, Ns) {
    match world.node(replica).part {
        PartReading::Database { applied, lag, .. } => (applied, lag),
        part => panic!("{part:?}"),
    }
}

/// The mean lag of entries when they have been applied, in seconds. It is looked a hundred times a
/// second, so that hardly ever two are applied between two looks.
fn lag(reads: f64, seed: u64) -> f64 {
    let mut world = world(&cluster(reads), seed);
    let replica = world.topology().node("store-2").expect("there are two");
    let mut lags = Vec::new();
    let mut known = 0;
    for at in (0..10 * SECOND + LENGTH).step_by(10 * MILLISECOND as usize) {
        world.advance(at, &mut ()).expect("goes on");
        let (applied, lag) = behind(&world, replica);
        if applied > known && at > 10 * SECOND {
            lags.push(seconds(lag));
        }
        known = applied;
    }
    lags.iter().sum::<f64>() / lags.len() as f64
}

#[test]
fn a_replica_lags_as_long_as_its_core_is_busy() {
    for (reads, within) in [(20.0, 0.1), (100.0, 0.1), (180.0, 0.12)] {
        let moment = |n: i32| reads * power(READ, n) + WRITES * power(APPLY, n);
        let free = 1.0 - moment(1);
        let wait = moment(2) / (2.0 * free);
        let square = 2.0 * wait * wait + moment(3) / (3.0 * free);
        let (busy, busy_square) = (wait + APPLY, square + 2.0 * wait * APPLY + APPLY * APPLY);
        let others = WRITES * busy_square / (2.0 * (1.0 - WRITES * busy));
        let [measured] = over_seeds(|seed| [lag(reads, seed)]);
        let what = format!("lag beside {reads} reads a second");
        measured.agrees_nearly(&what, busy + others, within, others);
    }
}

fn power(x: f64, n: i32) -> f64 {
    (0..n).map(|_| x).product()
}
