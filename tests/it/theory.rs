//! The world against theory: small clusters whose behaviour has a formula.
//!
//! Each figure is measured in twenty runs with seeds of their own (`theory/estimate.rs`), and what the
//! formula says must lie in the confidence interval that the spread over these runs gives. Seeds are
//! fixed, so that a run of these tests is a computation with one result.

mod availability;
mod cache;
mod detection;
mod estimate;
mod failover;
mod lag;
mod laws;
mod queues;
mod race;
mod visits;

use crate::support::playbook_of;
use brownout::sim::World;

/// A world made from the text of a cluster file.
pub fn world(text: &str, seed: u64) -> World {
    World::new(&playbook_of(text).cluster, seed)
}
