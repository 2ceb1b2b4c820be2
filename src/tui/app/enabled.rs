//! When an action would do anything: the conditions of the table of actions.

use super::{App, Overlay, SPANS};
use crate::session::picture::{Face, Node};
use crate::sim::observation::NodeState;
use crate::tui::action::{Action, Section};
use crate::tui::feed::SPEEDS;
use crate::tui::plan::Target;
use crate::tui::screen::{Form, Panel};

impl App {
    /// Always.
    #[must_use]
    pub fn always(&self) -> bool {
        true
    }
    /// Something can be opened: the selection, or the panel with the focus.
    #[must_use]
    pub fn can_open(&self) -> bool {
        self.selection().is_some() || self.focus() != Panel::Cluster
    }
    /// The selection has settings.
    #[must_use]
    pub fn has_settings(&self) -> bool {
        self.selected_component().is_some_and(|c| !c.settings.is_empty())
    }
    /// A list has the focus, or a page lies over the panels.
    #[must_use]
    pub fn has_rows(&self) -> bool {
        self.has_overlay() || self.focus() != Panel::Cluster || self.lists_cluster()
    }
    /// A node or component that commands on nodes can name: not users, not links, not zones.
    fn any_node(&self, is: impl Fn(&Node) -> bool) -> bool {
        !matches!(self.selection(), Some(Target::Zone(_)))
            && self.selected_nodes().into_iter().any(is)
    }
    /// A selected process is there.
    #[must_use]
    pub fn can_crash(&self) -> bool {
        self.any_node(|n| !matches!(n.state, NodeState::Crashed | NodeState::Off))
    }
    /// A selected process runs or is frozen.
    #[must_use]
    pub fn can_freeze(&self) -> bool {
        self.any_node(|n| matches!(n.state, NodeState::Up | NodeState::Paused))
    }
    /// Every selected process that could run is frozen: the key would thaw.
    #[must_use]
    pub fn would_thaw(&self) -> bool {
        self.any_node(|n| n.state == NodeState::Paused)
            && !self.any_node(|n| n.state == NodeState::Up)
    }
    /// Selected hosts, also those of a zone.
    #[must_use]
    pub fn can_power(&self) -> bool {
        !self.selected_nodes().is_empty()
    }
    /// Every selected host is off: the key would give it power.
    #[must_use]
    pub fn would_power_on(&self) -> bool {
        let nodes = self.selected_nodes();
        !nodes.is_empty() && nodes.iter().all(|n| n.state == NodeState::Off)
    }
    /// A selected process is up.
    #[must_use]
    pub fn can_slow(&self) -> bool {
        self.any_node(|n| n.state == NodeState::Up)
    }
    /// What is selected is asked for things by users: everything but watchers.
    #[must_use]
    pub fn can_fail(&self) -> bool {
        let watchers =
            self.selected_component().is_some_and(|c| matches!(c.face, Face::Failover { .. }));
        !watchers && self.can_slow()
    }
    /// The selection has links, or is some.
    #[must_use]
    pub fn can_cut(&self) -> bool {
        matches!(self.selection(), Some(Target::Link(_) | Target::Tap(..))) || self.can_power()
    }
    /// There is a cache.
    #[must_use]
    pub fn can_cache(&self) -> bool {
        self.cache().is_some()
    }
    /// A replica is selected, or a database that has one.
    #[must_use]
    pub fn can_promote(&self) -> bool {
        self.heir().is_some()
    }
    /// A selected process is not up.
    #[must_use]
    pub fn can_restart(&self) -> bool {
        self.any_node(|n| matches!(n.state, NodeState::Crashed | NodeState::Paused))
    }
    /// A fault is active.
    #[must_use]
    pub fn can_heal(&self) -> bool {
        !self.picture().faults.is_empty()
    }
    /// A command can be taken back.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        self.picture().undoable.is_some()
    }
    /// Time stands still.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.pace().paused
    }
    /// The speed is not the highest.
    #[must_use]
    pub fn can_be_faster(&self) -> bool {
        self.pace().speed < SPEEDS[SPEEDS.len() - 1]
    }
    /// The speed is not the lowest.
    #[must_use]
    pub fn can_be_slower(&self) -> bool {
        self.pace().speed > SPEEDS[0]
    }
    /// The speed is not 1x.
    #[must_use]
    pub fn is_not_real_time(&self) -> bool {
        (self.pace().speed - 1.0).abs() > 1e-9
    }
    /// Charts show more than the least time.
    #[must_use]
    pub fn can_show_less(&self) -> bool {
        self.span > 0
    }
    /// Charts show less than the most time.
    #[must_use]
    pub fn can_show_more(&self) -> bool {
        self.span + 1 < SPANS.len()
    }
    /// A command stands in the events before the selected one.
    #[must_use]
    pub fn has_earlier_marker(&self) -> bool {
        self.marker_row(false).is_some()
    }
    /// A command stands in the events after the selected one.
    #[must_use]
    pub fn has_later_marker(&self) -> bool {
        self.marker_row(true).is_some()
    }
    /// Why an action is not for what lies on top or can be seen: keys do nothing behind a page, nor where
    /// there is no room to show what they would do to whom.
    #[must_use]
    pub(super) fn kept_from(&self, action: Action) -> Option<String> {
        use super::Overlay::{Details, Help, Why};
        let acts = matches!(action.row().section, Section::Break | Section::Repair);
        let closed = |what: &str| {
            let key = self.keymap().key(Action::Close).unwrap_or_default();
            Some(format!("first {key}, which closes {what}"))
        };
        match &self.overlay {
            Help(_) if action.moves_the_world(self) => closed("the keys"),
            Why(_) if acts => closed("the reason why"),
            Details(_) if acts && !self.is_of_the_selection(action) => closed("the details"),
            Overlay::None if self.areas.form == Form::Tiny => self.unseen(action, acts),
            _ => None,
        }
    }

    /// Whether what an action does is done to the selection.
    fn is_of_the_selection(&self, action: Action) -> bool {
        let is = |face: fn(&Face) -> bool| self.selected_component().is_some_and(|c| face(&c.face));
        match action {
            Action::Traffic => is(|f| matches!(f, Face::Traffic { .. })),
            Action::Cache => is(|f| matches!(f, Face::Cache { .. })),
            Action::Heal => self.selection_is_at_fault(),
            _ => true,
        }
    }

    /// On the smallest screen nobody sees what is selected, nor a page: commands are typed there.
    fn unseen(&self, action: Action, acts: bool) -> Option<String> {
        let key = self.keymap().key(Action::Palette).unwrap_or_default();
        // What mends mends all there is, and needs no name.
        let mends = matches!(action, Action::Undo)
            || action == Action::Heal && !self.selection_is_at_fault();
        match (acts && !mends, action.row().opens) {
            (true, _) => Some(format!("too small to see whom; {key} names them")),
            (_, true) => Some("too small to show it".to_string()),
            _ => None,
        }
    }

    /// Whether something lies on top.
    #[must_use]
    pub fn has_overlay(&self) -> bool {
        !matches!(self.overlay, Overlay::None)
    }
}
