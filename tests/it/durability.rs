//! What becomes of acknowledged writes when a primary is lost, over many seeds.

use crate::support::{STORE_PARTED, acted_in, session_of, store};
use brownout::session::Session;
use brownout::session::picture::Truth;
use brownout::sim::id::NodeId;
use brownout::sim::observation::Outcome;
use brownout::sim::reading::PartReading;
use brownout::sim::time::SECOND;

const SEEDS: std::ops::Range<u64> = 0..20;

/// Runs a store for so many seconds, with commands at milliseconds.
fn run(seed: u64, seconds: u64, commands: &[(u64, &str)]) -> Session {
    let text = format!("name = \"store\"\n{}", store("boot = \"300ms\""));
    acted_in(session_of(&text, seed), commands, seconds)
}

/// Where the logs of the three nodes end, and how far they are applied.
fn logs(session: &Session) -> Vec<(u64, u64)> {
    let world = session.world();
    let nodes = ["store-1", "store-2", "store-3"].map(|n| world.topology().node(n));
    let log = |n: Option<NodeId>| match world.node(n.expect("it is there")).part {
        PartReading::Database { log_position, applied, .. } => (log_position, applied),
        part => panic!("{part:?}"),
    };
    nodes.map(log).to_vec()
}

/// When the primary is lost: at another moment of batches, beats and leases for each seed.
fn death(seed: u64) -> u64 {
    2_000 + seed * 37
}

#[test]
fn async_loses_what_nobody_else_had_and_says_how_many() {
    for seed in SEEDS {
        let at = death(seed);
        let cut = "cut store-1->store-2,store-3 for 8s";
        let commands = [(at - 300, cut), (at, "power_off store-1 for 6s")];
        let truth = run(seed, 10, &commands).truth();
        // 200 writes a second for 0.3 s.
        assert!((30..90).contains(&truth.lost), "seed {seed}: {} lost", truth.lost);
        let calm = run(seed, 10, &[(at, "slow web factor=2 for 1s")]).truth();
        assert_eq!(calm.lost, 0, "seed {seed}");
        // A replica that hears all is promoted before one that does not: what is lost was written in
        // the last round trip.
        let cut = (at - 300, "cut store-1->store-2 for 8s");
        let newest = run(seed, 10, &[cut, (at, "power_off store-1 for 6s")]).truth();
        assert!(newest.lost <= 5, "seed {seed}: {} lost", newest.lost);
    }
}

#[test]
fn sync_has_every_replica_in_sync_wait_for_the_slowest() {
    let lost = |seed: u64, ack: &str| {
        let at = death(seed);
        let set = format!("set store.ack={ack}");
        // store-2 does not hear for 0.3 s, and counts as in sync for 2 s. Then only it is left.
        let session = run(
            seed,
            9,
            &[
                (500, &set),
                (at - 300, "cut store-1->store-2 for 1s"),
                (at, "power_off store-1,store-3 for 5s"),
            ],
        );
        let done = session.observers().failovers().all().iter().any(|f| !f.is_open());
        assert!(done, "{ack}, seed {seed}: it takes over");
        session.truth().lost
    };
    for seed in SEEDS {
        assert_eq!(lost(seed, "sync"), 0, "seed {seed}");
        // 200 writes a second for 0.3 s.
        assert!(lost(seed, "async") > 30, "seed {seed}");
    }
}

#[test]
fn sync_semi_and_quorum_lose_nothing_whatever_takes_the_primary_away() {
    for ack in ["sync", "semi", "quorum"] {
        let set = format!("set store.ack={ack}");
        for fault in ["crash store-1 for 4s", "power_off store-1 for 4s", STORE_PARTED] {
            for seed in SEEDS {
                let at = death(seed);
                let commands = [(500, set.as_str()), (at, fault)];
                let session = run(seed, 9, &commands);
                let truth = session.truth();
                assert_eq!(truth.lost, 0, "{ack}, {fault}, seed {seed}");
                assert_eq!(truth.split_brain, 0, "{ack}, {fault}, seed {seed}");
                assert!(truth.acknowledged > 900, "{ack}, {fault}: {}", truth.acknowledged);
                let promoted = session.observers().failovers().all().iter().any(|f| !f.is_open());
                assert!(promoted, "{ack}, {fault}, seed {seed}: another has taken over");
            }
        }
    }
}

#[test]
fn without_fencing_two_primaries_accept_and_conflicts_are_counted() {
    let end = |seed: u64, fencing: bool| -> Truth {
        let set = format!("set keeper.fencing={fencing} store.prefer=availability");
        run(seed, 9, &[(500, &set), (death(seed), STORE_PARTED)]).truth()
    };
    for seed in SEEDS {
        let both = end(seed, false);
        assert!(both.split_brain > 2 * SECOND, "seed {seed}: {}", both.split_brain);
        assert!(both.conflicts.is_some_and(|c| c > 5), "seed {seed}: {:?}", both.conflicts);
        assert_eq!(both.lost, 0, "seed {seed}: what is merged is not lost");
        let one = end(seed, true);
        assert_eq!(one.split_brain, 0, "seed {seed}");
        // What the old one took in its last lease, and nobody heard of, is merged, too.
        assert!(one.conflicts < both.conflicts, "seed {seed}: {:?}", one.conflicts);
    }
}

#[test]
fn a_change_of_fencing_costs_no_availability_and_no_safety() {
    for seed in SEEDS {
        let off_and_on = [(1_000, "set keeper.fencing=false"), (2_013, "set keeper.fencing=true")];
        let session = run(seed, 6, &off_and_on);
        assert_eq!(session.observers().total().of(Outcome::NoPrimary), 0, "seed {seed}");
        assert_eq!(session.observers().failovers().all().len(), 0, "seed {seed}");
        // Who is cut off at that moment acts for one lease, and nobody else does.
        let cut = [off_and_on[0], off_and_on[1], (2_013, STORE_PARTED)];
        assert_eq!(run(seed, 9, &cut).truth().split_brain, 0, "seed {seed}");
    }
}

#[test]
fn who_parted_is_set_right_without_a_write() {
    for seed in SEEDS {
        let at = death(seed);
        let session = run(
            seed,
            12,
            &[
                (at - 300, "cut store-1->store-2,store-3 for 1s"),
                (at, "crash store-1 for 3s"),
                (at, "set users.rate=0/s"),
            ],
        );
        let logs = logs(&session);
        assert!(logs.iter().all(|log| *log == logs[0]), "seed {seed}: {logs:?}");
        assert!(session.truth().lost > 0);
    }
}

#[test]
fn who_was_away_too_long_gets_a_snapshot() {
    for seed in SEEDS {
        let away = "crash store-3 for 5s";
        let keep = (500, "set store.keep=128 store.copy=1ms");
        let session = run(seed, 9, &[keep, (1_000, away), (8_000, "set users.rate=0/s")]);
        let logs = logs(&session);
        assert!(logs.iter().all(|log| *log == logs[0]), "seed {seed}: {logs:?}");
        assert!(logs[0].0 > 1_000);
        assert_eq!(session.observers().total().bad(), 0, "seed {seed}: nobody noticed");
    }
}

#[test]
fn watchers_wait_for_a_promotion_that_gets_on() {
    for seed in 0..5 {
        // Replicas lag: what is left to apply takes far longer than a promotion may without a sign.
        let lag = [(500, "set store.apply=30ms"), (2_000, "crash store-1 for 60s")];
        let session = run(seed, 20, &lag);
        let failovers = session.observers().failovers().all();
        assert_eq!(failovers.len(), 1, "seed {seed}");
        let (first, promoted) = (&failovers[0], failovers[0].promoted.expect("it came about"));
        assert_eq!(first.elections, 1, "seed {seed}: nobody outbid it");
        assert!(promoted - first.started > 4 * SECOND, "seed {seed}: {promoted}");
        assert_eq!(session.truth().split_brain, 0);
    }
}
