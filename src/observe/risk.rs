//! Writes that only one node has: lost if that node never comes back.

use super::ledger::LogEnd;
use super::now::Now;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::reading::PartReading;

/// The end of a node's log; `None` if it is no node of a database.
#[must_use]
pub fn log_end(now: &Now<'_>, node: NodeId) -> Option<LogEnd> {
    match now.node(node).part {
        PartReading::Database { log_epoch, log_position, .. } => {
            Some(LogEnd { epoch: log_epoch, position: log_position })
        }
        _ => None,
    }
}

/// Whether a primary is up, and a replica that is up hears it and is heard.
fn is_followed(now: &Now<'_>, database: ComponentId, primary: NodeId) -> bool {
    let hears = |n: NodeId| !now.is_cut(primary, n) && !now.is_cut(n, primary);
    now.is_up(primary) && now.up(database).any(|n| n != primary && hears(n))
}

/// Acknowledged by a primary that is gone or out of its replicas' reach, and on no other node: lost
/// if another is promoted now. What a healthy primary is just shipping does not count.
#[must_use]
pub fn at_risk(now: &Now<'_>, database: ComponentId) -> u64 {
    let holders = now.observers.roles().holders(database);
    if holders.iter().any(|p| is_followed(now, database, *p)) {
        return 0;
    }
    let mut logs: Vec<(LogEnd, NodeId)> =
        now.info(database).nodes().filter_map(|n| Some((log_end(now, n)?, n))).collect();
    logs.sort();
    // Without a primary, the node with the newest log was it.
    let gone = logs.last().filter(|(_, n)| holders.is_empty() && !now.is_up(*n)).map(|l| l.1);
    let others = logs.iter().filter(|(_, n)| !holders.contains(n) && Some(*n) != gone);
    let best = others.map(|(log, _)| *log).max();
    best.map_or(0, |log| now.observers.ledger().beyond(database, log))
}
