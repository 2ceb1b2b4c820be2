//! What is selected, and what commands call it.

use super::hits::{hits, is_cache, members, name, touches};
use super::{App, Overlay, hits};
use crate::session::picture::{Component, Face, Node, Picture, Role};
use crate::sim::observation::NodeState;
use crate::tui::plan::Target;

/// What is selected at the start: the second server of the first service, whose loss the others
/// survive, and so a good first kill.
#[must_use]
pub fn first(picture: &Picture) -> Option<Target> {
    let c = picture
        .components
        .iter()
        .position(|c| matches!(c.face, Face::Service { .. }))
        .or_else(|| (!picture.components.is_empty()).then_some(0))?;
    let nodes = picture.components[c].nodes.len();
    Some(if nodes == 0 { Target::Component(c) } else { Target::Node(c, 1.min(nodes - 1)) })
}

/// The target if it is still there, else what it belonged to.
#[must_use]
pub fn kept(target: Target, picture: &Picture) -> Option<Target> {
    match target {
        Target::Component(c) => (c < picture.components.len()).then_some(target),
        Target::Node(c, n) => {
            let component = picture.components.get(c)?;
            Some(if n < component.nodes.len() { target } else { Target::Component(c) })
        }
        Target::Link(l) => (l < picture.flows.len()).then_some(target),
        Target::Tap(l, n) => {
            let flow = picture.flows.get(l)?;
            Some(if n < flow.taps.len() { target } else { Target::Link(l) })
        }
        Target::Zone(z) => (z < picture.topology.zones.len()).then_some(target),
    }
}

/// Whether a command names that node or component: as a whole word.
#[must_use]
pub fn mentions(command: &str, name: &str) -> bool {
    command.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).any(|word| {
        // An arrow `a->b` leaves a dash at the end of a word.
        word.trim_end_matches('-') == name
    })
}

impl App {
    /// The selected component, also that of a selected node.
    #[must_use]
    pub fn selected_component(&self) -> Option<&Component> {
        match self.selection? {
            Target::Component(c) | Target::Node(c, _) => self.picture().components.get(c),
            Target::Link(_) | Target::Tap(..) | Target::Zone(_) => None,
        }
    }

    /// The selected node; of a component with one node, that.
    #[must_use]
    pub fn selected_node(&self) -> Option<&Node> {
        let nodes = &self.selected_component()?.nodes;
        match self.selection? {
            Target::Node(_, n) => nodes.get(n),
            _ if nodes.len() == 1 => nodes.first(),
            _ => None,
        }
    }

    /// The nodes on which a key would act: not users.
    pub(super) fn selected_nodes(&self) -> Vec<&Node> {
        let users =
            |c: Option<&Component>| c.is_some_and(|c| matches!(c.face, Face::Traffic { .. }));
        match self.selection {
            Some(target) if !users(self.selected_component()) => members(target, self.picture())
                .into_iter()
                .filter_map(|id| self.picture().node(id))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The selection as commands name it: `web-2`, `web`, `edge<->web`, `zone:a`.
    #[must_use]
    pub fn selected_name(&self) -> Option<String> {
        name(self.selection?, self.picture())
    }

    /// Whom the crash key would hit; `None` if nobody.
    #[must_use]
    pub fn victim(&self) -> Option<String> {
        self.can_crash().then(|| self.selected_name()).flatten()
    }

    /// What the command that is being made names, for the picture to mark.
    pub(super) fn would_hit(&self) -> Vec<Target> {
        let text = match (self.overlay(), self.aim_command()) {
            (Overlay::Palette(palette), _) => palette.would_run().to_string(),
            (_, Some(command)) => command,
            _ => return Vec::new(),
        };
        match hits::bind(&text, self.picture()) {
            Ok(Some(bound)) => hits(&bound.change, self.picture()),
            Ok(None) | Err(_) => Vec::new(),
        }
    }

    /// The cache that the cache key switches: the selected one, else the first; and whether it is in
    /// use, or will be once the driver has done what was asked.
    #[must_use]
    pub fn cache(&self) -> Option<(&Component, bool)> {
        let component = self
            .selected_component()
            .filter(|c| is_cache(c))
            .or_else(|| self.picture().components.iter().find(|c| is_cache(c)))?;
        match component.face {
            Face::Cache { enabled, .. } => Some((component, self.asked.cache.unwrap_or(enabled))),
            _ => None,
        }
    }

    /// Whom the promote key would make primary: the selected replica, or the newest of the selected
    /// database that is up.
    #[must_use]
    pub fn heir(&self) -> Option<&Node> {
        let database = self.selected_component()?;
        if !matches!(database.face, Face::Database { .. }) {
            return None;
        }
        let fit =
            |n: &&Node| n.state == NodeState::Up && !matches!(n.role, None | Some(Role::Primary));
        match self.selection? {
            Target::Node(_, n) => database.nodes.get(n).filter(fit),
            // The first of equals.
            _ => database.nodes.iter().rev().filter(fit).max_by_key(|n| n.log),
        }
    }

    /// Whether an active fault touches the selection.
    #[must_use]
    pub fn selection_is_at_fault(&self) -> bool {
        let Some(target) = self.selection else { return false };
        self.picture().faults.iter().any(|f| touches(&f.change, target, self.picture()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::example;

    #[test]
    fn the_first_selection_is_a_server_that_can_be_spared() {
        assert_eq!(first(&example::at_rest()), Some(Target::Node(example::WEB, 1)));
        assert_eq!(first(&example::servers(1)), Some(Target::Node(example::WEB, 0)));
    }

    #[test]
    fn a_target_that_vanishes_leaves_its_component() {
        let picture = example::servers(2);
        assert_eq!(kept(Target::Node(2, 1), &picture), Some(Target::Node(2, 1)));
        assert_eq!(kept(Target::Node(2, 2), &picture), Some(Target::Component(2)));
        assert_eq!(kept(Target::Component(7), &picture), None);
        assert_eq!(kept(Target::Link(9), &picture), None);
        assert_eq!(kept(Target::Tap(1, 5), &picture), Some(Target::Link(1)));
        assert_eq!(kept(Target::Zone(3), &picture), None);
    }

    #[test]
    fn commands_name_whole_words() {
        assert!(mentions("crash web-2", "web-2"));
        assert!(!mentions("crash web-21", "web-2"));
        assert!(!mentions("crash web-2", "web"));
        assert!(mentions("cut web-2->orders-db:primary", "web-2"));
        assert!(mentions("cut web-2->orders-db:primary", "orders-db"));
        assert!(mentions("slow web-1,web-2 factor=10", "web-2"));
    }
}
