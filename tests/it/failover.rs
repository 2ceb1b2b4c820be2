//! Failovers in running worlds.

use crate::support::{command, session};
use brownout::sim::id::NodeId;
use brownout::sim::reading::PartReading;
use brownout::sim::time::{MILLISECOND, Ns};

/// The last log positions of the nodes of the default database after commands at milliseconds.
fn logs(commands: &[(Ns, &str)], until: Ns) -> Vec<u64> {
    let mut session = session("food-delivery", 7);
    for (at, text) in commands {
        session.advance(at * MILLISECOND).expect("the world goes on");
        session.inject(&command(text)).unwrap_or_else(|e| panic!("{text}: {e}"));
    }
    session.advance(until * MILLISECOND).expect("the world goes on");
    let world = session.world();
    let nodes = world.topology().nodes.iter().enumerate();
    nodes
        .filter(|(_, node)| node.name.starts_with("orders-db-"))
        .map(|(n, _)| match world.node(NodeId(n as u16)).part {
            PartReading::Database { log_position, .. } => log_position,
            part => panic!("{part:?}"),
        })
        .collect()
}

/// Whoever was away while another became primary, and lacks what was written meanwhile, is fed again.
#[test]
fn every_node_that_comes_back_catches_up() {
    let away = [(5_000, "crash orders-db-2 for 10s"), (16_000, "crash orders-db-1 for 5s")];
    let logs = logs(&away, 40_000);
    let newest = logs.iter().copied().max().expect("three nodes");
    assert!(newest > 20_000, "{logs:?}");
    for position in &logs {
        assert!(newest - position < 100, "{logs:?}");
    }
}
