//! Rules about processes that take too much memory, or nearly.

use super::choose::Group;
use super::servers::{concerns_place, failing, state};
use super::{Why, fixes, is_are};
use crate::observe::figures::{gauge, several, three, time};
use crate::observe::now::Now;
use crate::sim::id::NodeId;
use crate::sim::observation::Outcome;
use crate::sim::reading::MemoryReading;
use crate::sim::time::{Ns, SECOND};

/// So long after a process was killed for its memory that is told of.
const LATELY: Ns = 10 * SECOND;
/// From this share of its limit on, a process nears it: what alerts commonly use.
const NEAR: f64 = 0.9;
const MEGABYTE: f64 = 1e6;

/// The nodes whose memory is counted.
fn metered<'a>(now: &'a Now<'_>) -> impl Iterator<Item = (NodeId, MemoryReading)> + 'a {
    now.nodes().filter_map(|node| Some((node, now.node(node).memory?)))
}

/// Those whose processes were killed lately, and when.
fn killed_lately<'a>(now: &'a Now<'_>) -> impl Iterator<Item = (NodeId, MemoryReading, Ns)> + 'a {
    let lately = |at: &Ns| now.at.saturating_sub(*at) <= LATELY;
    let there = metered(now).filter(move |(n, _)| concerns_place(now, now.component(*n)));
    there.filter_map(move |(n, memory)| Some((n, memory, memory.killed.filter(lately)?)))
}

/// A process that was killed for taking more memory than it may; of several, the newest.
pub(super) fn killed(now: &Now<'_>) -> Option<Why> {
    let (node, memory, at) = killed_lately(now).max_by_key(|(n, _, at)| (*at, n.0))?;
    let others = killed_lately(now).count() as u64 - 1;
    let others = match others {
        0 => String::new(),
        n => format!(" {} {} killed so, too.", several(n, "other node"), was_were(n)),
    };
    let limit = memory.limit.map_or(String::new(), |limit| format!(" of {}", megabytes(limit)));
    let ago = time(now.at.saturating_sub(at));
    let (name, state) = (now.name(node), state(now, node));
    let again = match memory.kills {
        0 | 1 => String::new(),
        n => format!(", {n} times so far"),
    };
    let text = format!(
        "{}{name} was killed for its memory {ago} ago{again}: it took more than its limit{limit}. It \
         {state}.{others}",
        failing(now)
    );
    let component = &now.info(now.component(node)).name;
    Some(Why::with_fix(text, fixes::MEMORY, &[("service", component)]))
}

fn was_were(n: u64) -> &'static str {
    if n == 1 { "was" } else { "were" }
}

/// Calls that were reset with a killed process, or came while it booted, and what others could not
/// do without it.
pub(super) fn accounts(now: &Now<'_>, group: &Group) -> bool {
    use Outcome::{NoBackend, Refused, Reset, Timeout};
    // What fails at a process that has been up for a second is not for that.
    let is_back = |n: NodeId| now.is_up(n) && now.at - now.node(n).since > SECOND;
    let mut gone = killed_lately(now).map(|(n, ..)| n).filter(|n| !is_back(*n));
    match group.reason {
        Refused | Reset | Timeout => group.node.is_some_and(|n| gone.any(|k| k == n)),
        NoBackend => gone.next().is_some(),
        _ => false,
    }
}

/// Processes that take nearly as much as they may.
pub(super) fn near(now: &Now<'_>) -> Option<Why> {
    let share = |m: &MemoryReading| Some(m.used as f64 / m.limit.filter(|l| *l > 0)? as f64);
    let near = metered(now).filter_map(|(n, m)| Some((n, m, share(&m)?)));
    let near: Vec<_> = near.filter(|(_, _, share)| *share >= NEAR).collect();
    let (node, memory, most) =
        near.iter().max_by(|a, b| a.2.total_cmp(&b.2).then(b.0.cmp(&a.0)))?;
    let limit = memory.limit?;
    let others = match near.len() - 1 {
        0 => String::new(),
        n => format!(" {} {} near it, too.", several(n as u64, "other node"), is_are(n)),
    };
    let component = &now.info(now.component(*node)).name;
    Some(Why::with_fix(
        format!(
            "{}{} takes {} of its memory, {} of {}: with more it is killed.{others}",
            failing(now),
            now.name(*node),
            gauge(*most),
            megabytes(memory.used),
            megabytes(limit),
        ),
        fixes::MEMORY,
        &[("service", component)],
    ))
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", three(bytes as f64 / MEGABYTE))
}
