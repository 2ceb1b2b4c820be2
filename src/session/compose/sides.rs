//! Which nodes of a component hear each other.

use crate::observe::now::Now;
use crate::session::picture::Component;
use crate::sim::id::{ComponentId, NodeId};

/// Numbers the sides of a cut among a component's nodes: nodes are on one side if messages come
/// through between them in both directions, also by way of others.
pub(super) fn mark(now: &Now<'_>, id: ComponentId, mut component: Component) -> Component {
    let nodes: Vec<NodeId> = now.info(id).nodes().collect();
    let within = |n: &NodeId| nodes.contains(n);
    if !now.cuts().iter().any(|(a, b)| within(a) && within(b)) {
        return component;
    }
    let apart =
        |a: usize, b: usize| now.is_cut(nodes[a], nodes[b]) || now.is_cut(nodes[b], nodes[a]);
    for (node, side) in component.nodes.iter_mut().zip(sides(nodes.len(), apart)) {
        node.side = side;
    }
    component
}

/// The side of each of `n`, numbered in order of their first.
fn sides(n: usize, apart: impl Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut side = vec![usize::MAX; n];
    let mut count = 0;
    for first in 0..n {
        if side[first] != usize::MAX {
            continue;
        }
        let mut near = vec![first];
        side[first] = count;
        while let Some(a) = near.pop() {
            for (b, side) in side.iter_mut().enumerate() {
                if *side == usize::MAX && !apart(a, b) {
                    *side = count;
                    near.push(b);
                }
            }
        }
        count += 1;
    }
    side
}

#[cfg(test)]
mod tests {
    use super::sides;

    #[test]
    fn those_who_hear_each_other_are_on_one_side() {
        assert_eq!(sides(3, |_, _| false), [0, 0, 0]);
        assert_eq!(sides(3, |a, b| a == 0 || b == 0), [0, 1, 1]);
        // 0 and 2 are apart, and both hear 1.
        assert_eq!(sides(3, |a, b| a.abs_diff(b) == 2), [0, 0, 0]);
    }
}
