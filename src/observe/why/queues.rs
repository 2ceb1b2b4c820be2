//! Queues that are full, grow, or are behind.

use super::patterns::blamed;
use super::servers::failing;
use super::{Why, again, fixes, names};
use crate::observe::TICK;
use crate::observe::figures::{count, rate, several, time};
use crate::observe::now::Now;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::Outcome;
use crate::sim::reading::PartReading;
use crate::sim::spec::{Limit, Options, Overflow};
use crate::sim::time::SECOND;

/// A queue that throws messages away.
pub(super) fn dropping(now: &Now<'_>) -> Option<Why> {
    filled(now, None, |_, drops| drops)
}

/// A queue that takes no more messages, or gets more than leave it: the one that turns most away.
pub(super) fn full(now: &Now<'_>) -> Option<Why> {
    let refuses = blamed(now, Outcome::QueueFull).map(|(node, _)| node);
    filled(now, refuses, |node, drops| !drops && refuses.is_none_or(|other| node == other))
}

/// A queue in which messages wait for long, although it does not grow: all is not well yet.
pub(super) fn behind(now: &Now<'_>) -> Option<Why> {
    for (id, _) in now.components().filter(|(_, o)| matches!(o, Options::Queue(_))) {
        for node in now.up(id) {
            let PartReading::Queue { waiting, oldest: Some(since), .. } = now.node(node).part
            else {
                continue;
            };
            let age = now.at.saturating_sub(since);
            if age >= SECOND {
                let messages = several(waiting, "message");
                return Some(Why::new(format!(
                    "{} is behind: {messages} {}, the oldest for {}.{}",
                    now.name(node),
                    super::wait(waiting),
                    time(age),
                    of_workers(now, id),
                )));
            }
        }
    }
    None
}

/// A queue that is full, or was when it refused messages a moment ago, or gets more than leave it, and is
/// wanted: by its node, and whether it drops its oldest message for each that comes.
fn filled(
    now: &Now<'_>,
    refuses: Option<NodeId>,
    wanted: impl Fn(NodeId, bool) -> bool,
) -> Option<Why> {
    let span = now.settled();
    for (id, options) in now.components() {
        let Options::Queue(options) = options else { continue };
        for node in now.up(id) {
            let PartReading::Queue { waiting, in_hand, oldest, .. } = now.node(node).part else {
                continue;
            };
            let depth = waiting + in_hand;
            let before = span.tick().and_then(|t| t.integrals.get(node.index()));
            let Some(before) = before.map(|i| i.depth) else { continue };
            let come = now.published(node, span);
            let done = (come + before).saturating_sub(depth);
            let now_full = matches!(options.limit, Limit::At(limit) if depth >= limit);
            let full = now_full || refuses == Some(node);
            // Over the whole time, and still.
            let lately = now.span(5 * TICK).tick().and_then(|t| t.integrals.get(node.index()));
            let still = lately.is_none_or(|before| depth > before.depth);
            let grows = still && depth > before + (come / 10).max(50);
            // What is in hand is not dropped.
            let drops = full && waiting > 0 && options.overflow == Overflow::DropOldest;
            if !(full || grows) || !wanted(node, drops) {
                continue;
            }
            let per_s = |n: u64| rate(n as f64 / span.seconds);
            let done = format!(", {} leave it", per_s(done));
            // What is dropped leaves it, too.
            let (how, done) = match full {
                true if drops => ("is full and drops its oldest for new ones", ""),
                true if now_full => ("is full", done.as_str()),
                true => ("is full time and again", done.as_str()),
                false => ("grows", done.as_str()),
            };
            let age = oldest.map_or(String::new(), |at| {
                format!(", the oldest for {}", time(now.at.saturating_sub(at)))
            });
            // What is in hand counts, too.
            let are = super::is_are(in_hand as usize);
            let hand =
                if full { format!(", {} {are} in hand", count(in_hand)) } else { String::new() };
            let hand = match (full, waiting) {
                (false, 0) => format!(", all {} in hand", count(in_hand)),
                _ => hand,
            };
            let text = format!(
                "{}{} {how}: {} come in{done}; {} {}{hand}{age}.",
                failing(now),
                now.name(node),
                per_s(come),
                several(waiting, "message"),
                super::wait(waiting),
            );
            let workers = of_workers(now, id);
            // Nobody is slow, and little waits: what is in hand leaves no room for what comes.
            return Some(match options.limit {
                Limit::At(limit) if full && workers.is_empty() && 2 * waiting <= limit => {
                    let name = now.info(id).name.as_str();
                    let text = format!("{text} Its limit is {}, in hand or not.", count(limit));
                    Why::with_fix(text, fixes::ROOM, &[("queue", name)])
                }
                _ => Why::new(text + &workers),
            });
        }
    }
    None
}

/// ` No node of couriers is up.`, if they are all who work on the messages of a queue; or who of them is cut
/// off, or fails.
fn of_workers(now: &Now<'_>, queue: ComponentId) -> String {
    let workers: Vec<ComponentId> = now.workers_of(queue).collect();
    match workers.first() {
        Some(first) if workers.iter().all(|w| now.up(*w).next().is_none()) => {
            format!(" No node of {} is up.", now.info(*first).name)
        }
        _ => match cut_off(now, queue, &workers).as_slice() {
            [] => {
                let slow = || workers.iter().find_map(|w| super::load::slow(now, *w));
                let what = again::fail(now, queue).or_else(slow);
                what.map_or(String::new(), |what| format!(" {what}."))
            }
            cut => format!(" {} {} cut off from it.", names(now, cut), super::is_are(cut.len())),
        },
    }
}

/// Workers that are up, and hear nothing of their queue, or it nothing of them.
fn cut_off(now: &Now<'_>, queue: ComponentId, workers: &[ComponentId]) -> Vec<NodeId> {
    let apart =
        |w: &NodeId| now.info(queue).nodes().all(|q| now.is_cut(q, *w) || now.is_cut(*w, q));
    workers.iter().flat_map(|c| now.up(*c)).filter(apart).collect()
}
