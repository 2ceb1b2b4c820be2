//! For which failures a cause can account: by their reason, and where they began.

use super::choose::Group;
use crate::observe::now::Now;
use crate::sim::id::NodeId;
use crate::sim::observation::Outcome;
use crate::sim::spec::Options;

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

/// Requests sent to a server that is down and counts as healthy.
pub(super) fn unseen(now: &Now<'_>, group: &Group) -> bool {
    let Some(node) = group.node.filter(|n| !now.is_up(*n)) else { return false };
    is_silence(group.reason) && now.edges().any(|edge| edge.healthy(node) == Some(true))
}

/// Requests sent to a server that its balancer would leave out, were it not in panic.
pub(super) fn panics(now: &Now<'_>, group: &Group) -> bool {
    let Some(node) = group.node else { return false };
    now.edges().any(|edge| edge.panics && edge.healthy(node) == Some(false))
}

/// Requests that were with a server when it went.
pub(super) fn gone(now: &Now<'_>, group: &Group) -> bool {
    is_silence(group.reason) && group.node.is_some_and(|n| !now.is_up(n))
}

/// A component of which no node is up, and those in front of it.
pub(super) fn down(now: &Now<'_>, group: &Group) -> bool {
    let gone = |n: NodeId| now.up(now.component(n)).next().is_none();
    match group.reason {
        Outcome::NoBackend => true,
        reason => is_silence(reason) && group.node.is_some_and(gone),
    }
}

/// Calls over links that are cut.
pub(super) fn cut(now: &Now<'_>, group: &Group) -> bool {
    let ends = |n: NodeId| now.cuts().iter().any(|(from, to)| *from == n || *to == n);
    let waits = matches!(group.reason, Outcome::Timeout | Outcome::PoolExhausted);
    let hidden = matches!(
        group.reason,
        Outcome::NoBackend | Outcome::NoPrimary | Outcome::NotEnoughReplicas | Outcome::Overloaded
    );
    (waits || hidden) && group.node.is_some_and(ends)
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

/// A slow server: what was asked of it, and what timed out in front of it.
pub(super) fn slowed(now: &Now<'_>, group: &Group) -> bool {
    let slow = |n: NodeId| now.node(n).slow > 1.0;
    let front = |n: NodeId| matches!(now.world.options(now.component(n)), Options::Balancer(_));
    is_load(group.reason) && group.node.is_none_or(|n| slow(n) || front(n))
}

/// Threads that wait.
pub(super) fn held(now: &Now<'_>, group: &Group) -> bool {
    is_load(group.reason) && super::held::is_held(now, group.node)
}

/// Messages that come late.
pub(super) fn tail(now: &Now<'_>, group: &Group) -> bool {
    is_load(group.reason) && super::patterns::is_on_tail(now, group.node)
}
