//! Whether a picture shows another state than the one before.
//!
//! Figures and the reason why stand for a while, so that they can be read. States are drawn at once; so
//! where one has changed, the reason is renewed with it, or it would call fine what is red beside it.

use crate::session::picture::{Flow, Node, Picture};

/// Whether a fault has begun or ended, a node has another state, role or side, is believed otherwise, or
/// a link was cut or is whole again.
pub(super) fn turned(before: &Picture, now: &Picture) -> bool {
    let faults = |p: &Picture| p.faults.iter().map(|f| (f.since, f.verb)).collect::<Vec<_>>();
    let node = |n: &Node| (n.state, n.role, n.believed, n.side);
    let nodes =
        |p: &Picture| p.components.iter().flat_map(|c| &c.nodes).map(node).collect::<Vec<_>>();
    let cut = |flow: &Flow| flow.taps.iter().map(|tap| tap.cut).sum::<usize>();
    let cuts = |p: &Picture| p.flows.iter().map(cut).collect::<Vec<_>>();
    faults(before) != faults(now) || nodes(before) != nodes(now) || cuts(before) != cuts(now)
}
