//! Rules about messages that are given out once more while somebody works on them.

use super::servers::failing;
use super::{Why, fixes};
use crate::observe::figures::{rate, time};
use crate::observe::now::Now;
use crate::sim::fault::Change;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::spec::{Options, QueueOptions};
use crate::sim::time::{Ns, SECOND};

/// From this share of what is published on: a worker that dies leaves fewer.
const WORTH: f64 = 0.01;

/// So long after a worker has come or gone, what is given out again may be what it had in hand.
const WENT: Ns = 10 * SECOND;

/// A queue that gives out again what nobody acknowledges within its visibility.
pub(super) fn again(now: &Now<'_>) -> Option<Why> {
    let queues = now.components().filter_map(|(id, options)| match options {
        Options::Queue(o) => Some((id, o)),
        _ => None,
    });
    let (id, how) = queues.into_iter().find_map(|(id, o)| Some((id, given_again(now, id, o)?)))?;
    let text = format!("{}{how}: each is worked on once more.", failing(now));
    Some(Why::with_fix(text, fixes::VISIBILITY, &[("queue", &now.info(id).name)]))
}

/// `dispatch gives out 470 /s again, not acknowledged within 10 ms (visibility)`, if that is worth a word.
pub(super) fn given_again(now: &Now<'_>, id: ComponentId, o: &QueueOptions) -> Option<String> {
    // What a worker that went had in hand is given out again at once, whatever the visibility.
    let recent = |n: &NodeId| {
        let since = now.node(*n).since;
        since > 0 && now.at.saturating_sub(since) <= WENT
    };
    let workers = now.components().filter(|(_, options)| match options {
        Options::Workers(workers) => workers.from == now.info(id).name,
        _ => false,
    });
    let mut nodes = workers.flat_map(|(id, _)| now.info(id).all());
    let errs = |n: &NodeId| {
        let mut faults = now.world.active_faults();
        faults.any(|f| matches!(&f.change, Change::Error(nodes, _) if nodes.contains(n)))
    };
    // What fails is given out again, too, and for no lack of time.
    if nodes.any(|n| recent(&n) || errs(&n)) {
        return None;
    }
    // What was given out under another visibility says nothing of this one.
    if now.observers.changed().is_some_and(|at| now.at.saturating_sub(at) < SECOND) {
        return None;
    }
    let span = now.settled();
    let (mut again, mut published) = (0, 0);
    for node in now.up(id) {
        again += now.redelivered(node, span);
        published += now.published(node, span);
    }
    (again > 0 && again as f64 >= WORTH * published as f64).then(|| {
        format!(
            "{} gives out {} again, not acknowledged within {} (visibility)",
            now.info(id).name,
            rate(again as f64 / span.seconds),
            time(o.visibility)
        )
    })
}
