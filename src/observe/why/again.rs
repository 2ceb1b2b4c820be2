//! Rules about messages that are given out once more, or in vain: while somebody works on them, or since
//! whoever does fails.

use super::data::TOLD;
use super::servers::failing;
use super::{Why, fixes, names};
use crate::observe::figures::{percent, rate, several, time};
use crate::observe::now::Now;
use crate::sim::fault::{Change, Fault};
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::spec::{Options, Overflow, QueueOptions};
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

/// A queue that puts messages aside that were given out too often: what they ask for is never done.
pub(super) fn put_aside(now: &Now<'_>) -> Option<Why> {
    let span = now.settled();
    for (id, options) in now.components() {
        let Options::Queue(queue) = options else { continue };
        let (mut aside, mut published) = (0, 0);
        for node in now.up(id) {
            aside += now.put_aside(node, span);
            published += now.published(node, span);
        }
        if aside == 0 || (aside as f64) < WORTH * published as f64 {
            continue;
        }
        let each = rate(aside as f64 / span.seconds);
        let times = several(queue.attempts, "delivery");
        return Some(Why::new(format!(
            "{}{} puts {each} aside: dead letters, not acknowledged in {times}.{}",
            failing(now),
            now.info(id).name,
            fail(now, id).map_or(String::new(), |fail| format!(" {fail}."))
        )));
    }
    None
}

/// Messages that are gone: with the memory of their queue, since it was full, or thrown away.
pub(super) fn lost(now: &Now<'_>) -> Option<Why> {
    for (id, options) in now.components() {
        let Options::Queue(queue) = options else { continue };
        for node in now.info(id).nodes() {
            let lost = now.lost_messages(node, now.span(TOLD));
            if lost == 0 {
                continue;
            }
            let name = &now.info(id).name;
            let died = !queue.durable && has_died(now, node);
            let how = match queue.overflow {
                Overflow::DropOldest if !died => "dropped",
                _ => "lost",
            };
            let text = format!(
                "{}{} {how} {} in the last {}: nobody will work on them.",
                failing(now),
                now.name(node),
                several(lost, "message"),
                time(TOLD.min(now.at)),
            );
            if !died {
                return Some(Why::new(text));
            }
            let text = text + " Its process died, and it keeps them in memory.";
            return Some(Why::with_fix(text, fixes::DURABLE, &[("queue", name)]));
        }
    }
    None
}

/// Whether the process of a node was ended lately, by whatever does that.
fn has_died(now: &Now<'_>, node: NodeId) -> bool {
    let ends = |fault: &Fault| match &fault.change {
        Change::Crash(nodes) | Change::PowerOff(nodes) | Change::Restart(nodes) => {
            nodes.contains(&node)
        }
        _ => false,
    };
    let lately = |fault: &&Fault| now.at.saturating_sub(fault.start) <= TOLD;
    now.world.faults().iter().filter(lately).any(ends)
}

/// Those who work on the messages of a queue, up or not.
fn workers<'a>(now: &'a Now<'_>, queue: ComponentId) -> impl Iterator<Item = NodeId> + 'a {
    now.workers_of(queue).flat_map(|id| now.info(id).all())
}

/// The share of what a node does that faults make fail.
fn erring(now: &Now<'_>, node: NodeId) -> f64 {
    let share = |change: &Change| match change {
        Change::Error(nodes, share) if nodes.contains(&node) => *share,
        _ => 0.0,
    };
    1.0 - now.world.active_faults().map(|f| 1.0 - share(&f.change)).product::<f64>()
}

/// `couriers-1 fails 50 % of its work`, of the workers of a queue that are up and fail most of it.
pub(super) fn fail(now: &Now<'_>, queue: ComponentId) -> Option<String> {
    let up = || workers(now, queue).filter(|n| now.is_up(*n));
    let most = up().map(|n| erring(now, n)).fold(0.0, f64::max);
    let all: Vec<NodeId> = up().filter(|n| most > 0.0 && erring(now, *n) >= most).collect();
    let share = percent(most);
    match all.as_slice() {
        [] => None,
        [one] => Some(format!("{} fails {share} of its work", now.name(*one))),
        all => Some(format!("{} fail {share} of their work", names(now, all))),
    }
}

/// `dispatch gives out 470 /s again, not acknowledged within 10 ms (visibility)`, if that is worth a word.
pub(super) fn given_again(now: &Now<'_>, id: ComponentId, o: &QueueOptions) -> Option<String> {
    // What a worker that went had in hand is given out again at once, whatever the visibility.
    let recent = |n: &NodeId| {
        let since = now.node(*n).since;
        since > 0 && now.at.saturating_sub(since) <= WENT
    };
    // What fails is given out again, too, and for no lack of time: as late as this is over.
    let late = o.visibility.saturating_add(WENT);
    let errs = |n: NodeId| {
        let lately = |f: &&Fault| f.ended.is_none_or(|at| now.at.saturating_sub(at) <= late);
        let mut faults = now.world.faults().iter().filter(lately);
        faults.any(|f| matches!(&f.change, Change::Error(nodes, _) if nodes.contains(&n)))
    };
    if workers(now, id).any(|n| recent(&n) || errs(n)) {
        return None;
    }
    // What was given out under another visibility says nothing of this one.
    let since = now.at - now.observers.changed().unwrap_or(0).min(now.at);
    if since < o.visibility.max(SECOND) {
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
