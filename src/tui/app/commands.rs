//! The commands of keys: what each says for the selection, and what needs a second choice.

use super::hits::{is_cache, name};
use super::{App, Effect, Overlay, Palette};
use crate::session::picture::Node;
use crate::sim::observation::NodeState;
use crate::tui::action::Action;
use crate::tui::feed::Order;
use crate::tui::plan::Target;

impl App {
    /// The command of a key on the selection.
    #[must_use]
    pub fn command(&self, action: Action) -> Option<String> {
        let name = self.selected_name();
        Some(match action {
            Action::Crash => format!("crash {}", name?),
            Action::Restart => format!("restart {}", name?),
            Action::Freeze if self.would_thaw() => format!("resume {}", name?),
            Action::Freeze => format!("pause {}", name?),
            Action::Power if self.would_power_on() => format!("power_on {}", name?),
            Action::Power => format!("power_off {}", name?),
            Action::Cut => format!("cut {}", name?),
            Action::Promote => format!("promote {}", self.heir()?.name),
            Action::Cache => {
                let (cache, enabled) = self.cache()?;
                let caches = &mut self.picture().components.iter().filter(|c| is_cache(c));
                if caches.next().is_some_and(|first| first.name == cache.name) {
                    format!("cache {}", if enabled { "off" } else { "on" })
                } else {
                    format!("set {}.enabled={}", cache.name, !enabled)
                }
            }
            Action::Heal if self.selection_is_at_fault() => format!("heal {}", name?),
            Action::Heal => "heal".to_string(),
            Action::Undo => "undo".to_string(),
            _ => return None,
        })
    }

    /// Sends the command of a key.
    pub(super) fn send(&mut self, action: Action) -> Effect {
        let Some(command) = self.command(action) else { return Effect::None };
        if action == Action::Cache {
            self.asked.cache = self.cache().map(|(_, enabled)| !enabled);
        }
        self.order_inject(command)
    }

    /// Whether a link is selected: faults of the network need no other end then.
    fn link_is_selected(&self) -> bool {
        matches!(self.selection, Some(Target::Link(_) | Target::Tap(..)))
    }

    /// Cuts the selected link, or asks for the other end.
    pub(super) fn cut(&mut self) -> Effect {
        if self.link_is_selected() {
            return self.send(Action::Cut);
        }
        let down = self.selected_name();
        if let Some(living) = self.living() {
            self.selection = Some(living);
            let names = [down, self.selected_name()].map(Option::unwrap_or_default);
            self.say(format!("{} is down: the cut begins at {}", names[0], names[1]));
        }
        self.aim = self.selection;
        Effect::None
    }

    /// Of a node that is down, another of its component that is up: nothing runs over the links of the
    /// dead.
    fn living(&self) -> Option<Target> {
        let Some(Target::Node(c, n)) = self.selection else { return None };
        let nodes = &self.picture().components.get(c)?.nodes;
        let is_down = |n: &Node| matches!(n.state, NodeState::Crashed | NodeState::Off);
        nodes.get(n).filter(|n| is_down(n))?;
        let after = (n + 1..nodes.len()).chain(0..n);
        after.into_iter().find(|i| nodes[*i].state == NodeState::Up).map(|i| Target::Node(c, i))
    }

    /// From where a cut is being aimed.
    #[must_use]
    pub fn aim(&self) -> Option<Target> {
        self.aim
    }

    /// The command that enter would run while a cut is being aimed: to what is selected, or to
    /// everything else.
    #[must_use]
    pub fn aim_command(&self) -> Option<String> {
        let from = self.aim?;
        let here = name(from, self.picture())?;
        Some(match self.selection {
            Some(to) if to != from => {
                let there = name(to, self.picture())?;
                if matches!(to, Target::Link(_) | Target::Tap(..)) {
                    format!("cut {there}")
                } else {
                    format!("cut {here}|{there}")
                }
            }
            _ => format!("cut {here}|*"),
        })
    }

    /// A key while a cut is being aimed: it moves, runs, or gives up.
    pub(super) fn aimed(&mut self, action: Option<Action>) -> Effect {
        match action {
            Some(Action::Open | Action::Cut) => {
                let command = self.aim_command();
                let from = self.aim.take();
                self.selection = from.or(self.selection);
                command.map_or(Effect::None, |command| self.order_inject(command))
            }
            Some(Action::Palette) => {
                let text = self.aim_command().unwrap_or_default();
                self.selection = self.aim.take().or(self.selection);
                self.open_palette(text)
            }
            Some(
                way @ (Action::Left | Action::Right | Action::Up | Action::Down | Action::Find),
            ) => self.update(way),
            Some(Action::Close | Action::Quit) => {
                self.selection = self.aim.take().or(self.selection);
                Effect::None
            }
            _ => {
                self.say("first the other end of the cut: enter cuts, esc leaves it".to_string());
                Effect::None
            }
        }
    }

    /// Opens the palette with a command begun.
    pub(super) fn begin(&mut self, action: Action) -> Effect {
        let name = self.selected_name().unwrap_or_default();
        let links = if self.link_is_selected() { name.clone() } else { format!("{name}|*") };
        let text = match action {
            Action::Slow => format!("slow {name} factor="),
            Action::Errors => format!("error {name} p="),
            Action::Delay => format!("delay {links} base="),
            Action::Lose => format!("lose {links} p="),
            Action::Traffic => "traffic x".to_string(),
            _ => String::new(),
        };
        self.open_palette(text)
    }

    fn open_palette(&mut self, text: String) -> Effect {
        self.overlay = Overlay::Palette(Box::new(Palette::new(&text)));
        Effect::Order(Order::Complete(text))
    }
}
