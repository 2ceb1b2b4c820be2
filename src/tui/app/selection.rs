//! What is selected, and what commands call it.

use super::{App, Overlay};
use crate::session::picture::{Component, Face, Node, Picture};
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

/// The nodes that a command names, by themselves or with their component.
#[must_use]
pub fn named(command: &str, picture: &Picture) -> Vec<Target> {
    let mut all = Vec::new();
    for (c, component) in picture.components.iter().enumerate() {
        let whole = mentions(command, &component.name);
        let nodes = component.nodes.iter().enumerate();
        let hit = nodes.filter(|(_, n)| whole || mentions(command, &n.name));
        all.extend(hit.map(|(n, _)| Target::Node(c, n)));
    }
    all
}

/// Whether it is a cache.
pub(super) fn is_cache(component: &Component) -> bool {
    matches!(component.face, Face::Cache { .. })
}

impl App {
    /// The selected component, also that of a selected node.
    #[must_use]
    pub fn selected_component(&self) -> Option<&Component> {
        match self.selection? {
            Target::Component(c) | Target::Node(c, _) => self.picture().components.get(c),
            Target::Link(_) => None,
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

    /// The nodes on which a key would act.
    pub(super) fn selected_nodes(&self) -> &[Node] {
        match (self.selection, self.selected_component()) {
            (Some(Target::Node(_, n)), Some(c)) => c.nodes.get(n..=n).unwrap_or_default(),
            (_, Some(c)) => &c.nodes,
            _ => &[],
        }
    }

    /// The selection as commands name it: `web-2`, `web`, `edge<->web`.
    #[must_use]
    pub fn selected_name(&self) -> Option<String> {
        let name = |c: usize| self.picture().components.get(c).map(|c| c.name.to_string());
        match self.selection? {
            Target::Component(c) => name(c),
            Target::Node(..) => self.selected_node().map(|n| n.name.to_string()),
            Target::Link(l) => {
                let flow = self.picture().flows.get(l)?;
                Some(format!("{}<->{}", name(flow.from)?, name(flow.to)?))
            }
        }
    }

    /// Whom the crash key would hit; `None` if nobody.
    #[must_use]
    pub fn victim(&self) -> Option<String> {
        self.can_crash().then(|| self.selected_name()).flatten()
    }

    /// What the command on the command line names, for the picture to mark.
    pub(super) fn would_hit(&self) -> Vec<Target> {
        let Overlay::Palette(palette) = self.overlay() else { return Vec::new() };
        named(palette.would_run(), self.picture())
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

    /// Whether an active fault names the selection or a node of it.
    pub(super) fn selection_is_at_fault(&self) -> bool {
        let named = |name: &str| self.picture().faults.iter().any(|f| mentions(&f.text, name));
        match self.selection {
            Some(Target::Link(_)) | None => false,
            Some(Target::Component(_)) => {
                self.selected_component().is_some_and(|c| named(&c.name))
                    || self.selected_nodes().iter().any(|n| named(&n.name))
            }
            Some(Target::Node(..)) => self.selected_nodes().iter().any(|n| named(&n.name)),
        }
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
