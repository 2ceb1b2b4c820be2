//! When an action would do anything: the conditions of the table of actions.

use super::{App, Overlay, SPANS};
use crate::session::picture::{Face, Node};
use crate::sim::observation::NodeState;
use crate::tui::feed::SPEEDS;
use crate::tui::plan::Target;

impl App {
    /// Always.
    #[must_use]
    pub fn always(&self) -> bool {
        true
    }
    /// Something is selected.
    #[must_use]
    pub fn has_selection(&self) -> bool {
        self.selection().is_some()
    }
    /// A node or component that commands on nodes can name: not users, not links.
    fn any_node(&self, is: impl Fn(&Node) -> bool) -> bool {
        let users =
            matches!(self.selected_component().map(|c| &c.face), Some(Face::Traffic { .. }));
        !users && self.selected_nodes().iter().any(is)
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
    /// A selected process is up.
    #[must_use]
    pub fn can_slow(&self) -> bool {
        self.any_node(|n| n.state == NodeState::Up)
    }
    /// The selection has links.
    #[must_use]
    pub fn can_cut(&self) -> bool {
        matches!(self.selection(), Some(Target::Link(_))) || self.any_node(|_| true)
    }
    /// There is a cache.
    #[must_use]
    pub fn can_cache(&self) -> bool {
        self.cache().is_some()
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
    /// Something lies over the panels.
    #[must_use]
    pub fn has_overlay(&self) -> bool {
        !matches!(self.overlay, Overlay::None)
    }
}
