//! For which failures a cause can account: by their reason, and where they began.

use super::choose::Group;
use crate::observe::edges::Edge;
use crate::observe::now::Now;
use crate::sim::id::NodeId;
use crate::sim::observation::Outcome;
use crate::sim::spec::Options;
use crate::sim::time::Ns;

/// Whether calls to a node, or waits at it, ended so because nobody answered.
fn is_silence(reason: Outcome) -> bool {
    matches!(reason, Outcome::Timeout | Outcome::Refused | Outcome::Reset)
}

/// Whether there was too much to do, or it was done too slowly.
fn is_load(reason: Outcome) -> bool {
    use Outcome::{Expired, Late, Overloaded, PoolExhausted, Timeout};
    matches!(reason, Timeout | Overloaded | Late | PoolExhausted | Expired)
}

/// For none: the rule is heard while nothing fails, or nothing else is known.
pub(super) fn nothing(_: &Now<'_>, _: &Group) -> bool {
    false
}

/// What a database without a primary costs.
pub(super) fn primary(now: &Now<'_>, group: &Group) -> bool {
    let of_database =
        |n: NodeId| matches!(now.world.options(now.component(n)), Options::Database(_));
    match group.reason {
        Outcome::NoPrimary | Outcome::PoolExhausted => true,
        reason => is_silence(reason) && group.node.is_some_and(of_database),
    }
}

/// Requests sent to a server that is down and counts as healthy, also if their users gave up while the
/// balancer still waited.
pub(super) fn unseen(now: &Now<'_>, group: &Group) -> bool {
    let is_there = |edge: &Edge<'_>| {
        let unseen = edge.backends.iter().filter(|b| b.is_usable() && !now.is_up(b.node));
        unseen.map(|b| b.node).any(|n| group.node == Some(n) || group.node == Some(edge.node))
    };
    is_silence(group.reason) && now.edges().any(|edge| is_there(&edge))
}

/// Requests sent to a server that its balancer would leave out, were it not in panic.
pub(super) fn panics(now: &Now<'_>, group: &Group) -> bool {
    let Some(node) = group.node else { return false };
    now.edges()
        .any(|edge| edge.panics && edge.backends.iter().any(|b| b.node == node && !b.is_usable()))
}

/// Requests that were with a server when it went.
pub(super) fn gone(now: &Now<'_>, group: &Group) -> bool {
    is_silence(group.reason) && group.node.is_some_and(|n| !now.is_up(n))
}

/// A component of which no node is up, and the balancer in front of it.
pub(super) fn down(now: &Now<'_>, group: &Group) -> bool {
    let gone = |n: NodeId| now.up(now.component(n)).next().is_none();
    match group.reason {
        Outcome::NoBackend => true,
        reason => is_silence(reason) && group.node.is_some_and(gone),
    }
}

/// How long a component waits for an answer to what it does for users.
pub(super) fn patience(options: &Options) -> Option<Ns> {
    match options {
        Options::Traffic(o) => Some(o.timeout),
        Options::Balancer(o) => Some(o.call_timeout),
        Options::Service(o) => Some(o.call_timeout),
        _ => None,
    }
}

/// The shortest time for which anybody waits for an answer.
pub(super) fn least_timeout(now: &Now<'_>) -> Ns {
    now.components().filter_map(|(_, options)| patience(options)).min().unwrap_or(0)
}

/// Too much to send: checks do not come through, either.
pub(super) fn link(_: &Now<'_>, group: &Group) -> bool {
    is_load(group.reason) || group.reason == Outcome::NoBackend
}

/// Too much work: not of who is not there.
pub(super) fn load(now: &Now<'_>, group: &Group) -> bool {
    is_load(group.reason) && !gone(now, group)
}

/// No connection free: what waits for one holds a thread, so that others are turned away.
pub(super) fn pool(_: &Now<'_>, group: &Group) -> bool {
    is_load(group.reason)
}

/// So many times slower, a server is felt in front of it.
const MUCH: f64 = 1.5;

/// A slow server: what was asked of it, and what timed out in front of it.
pub(super) fn slowed(now: &Now<'_>, group: &Group) -> bool {
    let slow = |n: NodeId| now.node(n).slow > 1.0;
    // No request waits for workers.
    let mut asked = now.components().filter(|(_, o)| !matches!(o, Options::Workers(_)));
    let much = asked.any(|(c, _)| now.up(c).any(|n| now.node(n).slow >= MUCH));
    let front = |n: NodeId| matches!(now.world.options(now.component(n)), Options::Balancer(_));
    let at = group.node;
    is_load(group.reason) && (at.is_some_and(slow) || much && at.is_none_or(front))
}

/// Threads that wait.
pub(super) fn held(now: &Now<'_>, group: &Group) -> bool {
    is_load(group.reason) && super::held::is_held(now, group.node)
}

/// Messages that come late.
pub(super) fn tail(now: &Now<'_>, group: &Group) -> bool {
    is_load(group.reason) && super::patterns::is_on_tail(now, group.node)
}
