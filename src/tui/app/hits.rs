//! Whom a command would hit, found out from the picture alone: the same binding as in the session,
//! against who is there and who is primary in what is shown.

use crate::chaos::{Bound, Command, Expected, Scene};
use crate::session::picture::{Component, Face, Picture, Role};
use crate::sim::fault::Change;
use crate::sim::id::{ComponentId, NodeId};
use crate::tui::plan::Target;
use std::collections::BTreeSet;

/// What a picture tells of who is there.
#[must_use]
pub fn scene(picture: &Picture) -> Scene<'_> {
    let primary = |node| picture.node(node).is_some_and(|n| n.role == Some(Role::Primary));
    Scene::seen(&picture.topology, primary)
}

/// The change that a command would be; `None` for `undo`, which is for the session.
///
/// # Errors
/// What was expected instead, if it is no command or names what is not there.
pub fn bind(text: &str, picture: &Picture) -> Result<Option<Bound>, Expected> {
    let command = Command::parse(text)?;
    if command.is_undo() {
        return Ok(None);
    }
    let bound = command.bind_in(&scene(picture))?;
    Ok(Some(bound))
}

/// Everything in the picture that a change would hit, in its order.
#[must_use]
pub fn hits(change: &Change, picture: &Picture) -> Vec<Target> {
    let nodes = |ids: &[NodeId]| -> Vec<Target> {
        ids.iter().filter_map(|id| picture.place(*id)).map(|(c, n)| Target::Node(c, n)).collect()
    };
    let components = |ids: &mut dyn Iterator<Item = ComponentId>| -> Vec<Target> {
        let mut all: Vec<usize> = ids.map(ComponentId::index).collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter().map(Target::Component).collect()
    };
    match change {
        Change::Traffic(ids, _) | Change::Flush(ids) | Change::Scale(ids, _) => {
            components(&mut ids.iter().copied())
        }
        Change::Set(settings) => components(&mut settings.iter().map(|s| s.0)),
        // A key that is hot is everybody's who asks for it: the users'.
        Change::HotKey(_) => {
            let users = picture.components.iter().enumerate();
            let users = users.filter(|(_, c)| matches!(c.face, Face::Traffic { .. }));
            users.map(|(c, _)| Target::Component(c)).collect()
        }
        Change::Heal(None) => {
            picture.faults.iter().flat_map(|f| hits(&f.change, picture)).collect()
        }
        change => {
            let mut all = nodes(change.nodes());
            all.extend(links(change.pairs(), picture));
            all
        }
    }
}

/// Links of the picture of which some pair is meant and, of several, the nodes that all pairs have in
/// common; where no request runs between any of them, all nodes.
fn links(pairs: &[(NodeId, NodeId)], picture: &Picture) -> Vec<Target> {
    let set: BTreeSet<(NodeId, NodeId)> = pairs.iter().copied().collect();
    let (mut all, mut flows) = (Vec::new(), 0);
    for l in 0..picture.flows.len() {
        let hit = taps(l, &set, picture);
        flows += usize::from(!hit.is_empty());
        if hit.len() == picture.flows[l].taps.len() && hit.len() > 1 {
            all.push(Target::Link(l));
        } else {
            all.extend(hit.into_iter().map(|n| Target::Tap(l, n)));
        }
    }
    let first = pairs.first().map_or([None; 2], |(a, b)| [Some(*a), Some(*b)]);
    let common = |n: &NodeId| pairs.iter().all(|(a, b)| a == n || b == n);
    let mut nodes: BTreeSet<NodeId> = BTreeSet::new();
    if all.is_empty() {
        nodes.extend(pairs.iter().flat_map(|(a, b)| [*a, *b]));
    } else if flows > 1 {
        nodes.extend(first.into_iter().flatten().filter(common));
    }
    let place = |id: NodeId| picture.place(id).map(|(c, n)| Target::Node(c, n));
    all.extend(nodes.into_iter().filter_map(place));
    all
}

/// The nodes of a flow's target to which some pair leads, in either direction.
fn taps(flow: usize, pairs: &BTreeSet<(NodeId, NodeId)>, picture: &Picture) -> Vec<usize> {
    let Some(flow) = picture.flows.get(flow) else { return Vec::new() };
    let sources = nodes_of(picture, flow.from);
    let hit =
        |to: NodeId| sources.iter().any(|s| pairs.contains(&(*s, to)) || pairs.contains(&(to, *s)));
    let targets = nodes_of(picture, flow.to).into_iter().enumerate();
    targets.filter(|(_, to)| hit(*to)).map(|(n, _)| n).take(flow.taps.len()).collect()
}

/// The ids of a component's nodes.
fn nodes_of(picture: &Picture, component: usize) -> Vec<NodeId> {
    let nodes = picture.components.get(component).map_or(0, |c| c.nodes.len());
    (0..nodes).filter_map(|n| picture.id(component, n)).collect()
}

/// Whether a change touches something that can be selected.
#[must_use]
pub fn touches(change: &Change, target: Target, picture: &Picture) -> bool {
    let own = members(target, picture);
    match (change.pairs(), target) {
        ([], _) => hits(change, picture).into_iter().any(|hit| match (hit, target) {
            (_, Target::Link(_) | Target::Tap(..)) => false,
            (Target::Node(c, n), _) => picture.id(c, n).is_some_and(|id| own.contains(&id)),
            (hit, target) => hit == target,
        }),
        (pairs, Target::Link(l) | Target::Tap(l, _)) => {
            let hit = taps(l, &pairs.iter().copied().collect(), picture);
            hit.into_iter().any(|n| target == Target::Link(l) || target == Target::Tap(l, n))
        }
        (pairs, _) => pairs.iter().any(|(a, b)| own.contains(a) || own.contains(b)),
    }
}

/// The same, and of a node also what is done to all of its component: its settings, its traffic.
#[must_use]
pub fn reaches(change: &Change, target: Target, picture: &Picture) -> bool {
    let of_component = change.nodes().is_empty() && change.pairs().is_empty();
    touches(change, target, picture)
        || matches!(target, Target::Node(c, _)
            if of_component && touches(change, Target::Component(c), picture))
}

/// The nodes that belong to a target; none for links.
#[must_use]
pub fn members(target: Target, picture: &Picture) -> Vec<NodeId> {
    match target {
        Target::Component(c) => nodes_of(picture, c),
        Target::Node(c, n) => picture.id(c, n).into_iter().collect(),
        Target::Zone(z) => picture.in_zone(z).collect(),
        Target::Link(_) | Target::Tap(..) => Vec::new(),
    }
}

/// How commands name something; `None` if it is not there any more.
#[must_use]
pub fn name(target: Target, picture: &Picture) -> Option<String> {
    let component = |c: usize| picture.components.get(c).map(|c| c.name.to_string());
    let node = |c: usize, n: usize| Some(picture.components.get(c)?.nodes.get(n)?.name.to_string());
    match target {
        Target::Component(c) => component(c),
        Target::Node(c, n) => node(c, n),
        Target::Link(l) => {
            let flow = picture.flows.get(l)?;
            Some(format!("{}<->{}", component(flow.from)?, component(flow.to)?))
        }
        Target::Tap(l, n) => {
            let flow = picture.flows.get(l)?;
            Some(format!("{}<->{}", component(flow.from)?, node(flow.to, n)?))
        }
        Target::Zone(z) => Some(format!("zone:{}", picture.topology.zones.get(z)?)),
    }
}

/// Everything that can be selected, as people would look for it.
#[must_use]
pub fn everything(picture: &Picture) -> Vec<Target> {
    let mut all = Vec::new();
    for (c, component) in picture.components.iter().enumerate() {
        all.push(Target::Component(c));
        if component.nodes.len() > 1 {
            all.extend((0..component.nodes.len()).map(|n| Target::Node(c, n)));
        }
    }
    for (l, flow) in picture.flows.iter().enumerate() {
        all.push(Target::Link(l));
        if flow.taps.len() > 1 {
            all.extend((0..flow.taps.len()).map(|n| Target::Tap(l, n)));
        }
    }
    let used = |z: &usize| picture.in_zone(*z).next().is_some();
    all.extend((0..picture.topology.zones.len()).filter(used).map(Target::Zone));
    all
}

/// Whether it is a cache.
pub(super) fn is_cache(component: &Component) -> bool {
    matches!(component.face, Face::Cache { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::example::{self, EDGE, ORDERS, WEB};

    fn hit(text: &str) -> Vec<String> {
        let picture = example::at_rest();
        let bound = bind(text, &picture).unwrap().unwrap();
        hits(&bound.change, &picture).into_iter().filter_map(|t| name(t, &picture)).collect()
    }

    #[test]
    fn commands_hit_whom_they_select() {
        assert_eq!(hit("crash web-2"), ["web-2"]);
        assert_eq!(hit("crash orders-db:primary"), ["orders-db-1"]);
        assert_eq!(hit("crash zone:b"), ["web-2", "orders-db-2", "keeper-2"]);
        assert_eq!(hit("traffic x10"), ["app"]);
        assert_eq!(hit("set web.threads=8 menus.ttl=1s"), ["web", "menus"]);
    }

    #[test]
    fn network_faults_hit_links_and_the_node_that_they_are_about() {
        assert_eq!(hit("cut edge->web-2"), ["edge<->web-2"]);
        assert_eq!(hit("delay edge<->web"), ["edge<->web"]);
        let alone = hit("cut web-2|*");
        assert!(alone.contains(&"edge<->web-2".to_string()), "{alone:?}");
        assert_eq!(alone.last().map(String::as_str), Some("web-2"));
        assert_eq!(hit("cut orders-db-1->orders-db-2"), ["orders-db-1", "orders-db-2"]);
    }

    #[test]
    fn what_a_fault_touches_is_known_by_its_nodes_and_not_by_its_words() {
        let picture = example::at_rest();
        let touched = |text: &str, target| {
            let bound = bind(text, &picture).unwrap().unwrap();
            touches(&bound.change, target, &picture)
        };
        assert!(touched("crash web-*", Target::Node(WEB, 1)));
        assert!(touched("crash web-2", Target::Component(WEB)));
        assert!(!touched("crash web-2", Target::Node(WEB, 2)));
        assert!(touched("cut edge->web-2", Target::Tap(1, 1)));
        assert!(!touched("cut edge->web-2", Target::Tap(1, 2)));
        assert!(touched("cut edge->web-2", Target::Link(1)));
        assert!(touched("cut edge->web-2", Target::Component(EDGE)));
        assert!(touched("power_off zone:b", Target::Zone(1)));
        assert!(!touched("cut edge->web-2", Target::Component(ORDERS)));
    }
}
