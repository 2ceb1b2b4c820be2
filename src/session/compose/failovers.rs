//! The newest failover of each database.

use crate::observe::now::Now;
use crate::session::picture::Failover;
use crate::sim::id::NodeId;
use std::sync::Arc;

/// In the order of the databases.
pub(super) fn failovers(now: &Now<'_>) -> Vec<Failover> {
    let of = |(id, _): (crate::sim::id::ComponentId, _)| {
        let newest = now.observers.failovers().newest(id)?;
        let name = |node: NodeId| Arc::from(now.name(node));
        Some(Failover {
            database: id.index(),
            from: newest.from.map(name),
            to: newest.to.map(name),
            epoch: newest.epoch,
            started: newest.started,
            detected: newest.detected,
            elected: newest.elected,
            due: newest.due,
            promoted: newest.promoted,
            recovered: newest.recovered,
            waiting: newest.waiting.len(),
            stalled: newest.stalled,
        })
    };
    now.components().filter_map(of).collect()
}
