//! The mouse: it selects, opens, scrolls, and presses the keys that the footer offers.

use super::{App, Effect};
use crate::tui::action::Action;
use crate::tui::input::{Input, Mouse};
use crate::tui::keymap::Key;
use crate::tui::panels::footer::key_at;
use crate::tui::plan::Way;
use crate::tui::screen::Panel;
use crate::tui::view::footer::footer;

/// Rows that the wheel scrolls at a time.
const WHEEL: i32 = 3;

impl App {
    /// The key that the footer offers where the mouse is pressed.
    pub(super) fn key_under(&self, input: &Input) -> Option<Key> {
        let Input::Mouse(Mouse::Click(x, y) | Mouse::Double(x, y)) = input else { return None };
        key_at(&footer(self), self.areas.footer, (*x, *y))
    }

    pub(super) fn mouse(&mut self, mouse: Mouse) -> Effect {
        match mouse {
            Mouse::Click(x, y) if !self.has_overlay() => {
                self.click(x, y);
                Effect::None
            }
            Mouse::Double(x, y) if !self.has_overlay() && self.aim.is_none() => {
                let panel = self.areas.panel_at(x, y);
                self.click(x, y);
                let opens = panel.is_some() && Action::Open.enabled(self);
                if opens { self.update(Action::Open) } else { Effect::None }
            }
            Mouse::Click(..) | Mouse::Double(..) => Effect::None,
            Mouse::Wheel(up, x, y) => {
                self.wheel(up, x, y);
                Effect::None
            }
        }
    }

    /// Gives a panel the focus, and selects what is there.
    fn click(&mut self, x: u16, y: u16) {
        if let Some(panel) = self.areas.tab_at(x, y).or(self.areas.panel_at(x, y)) {
            self.focus_on(panel);
        }
        let area = self.areas.inside(Panel::Cluster);
        if area.contains((x, y).into())
            && let Some(target) = self.plan.hit(x - area.x, y - area.y)
        {
            self.selection = Some(target);
        }
    }

    /// Scrolls what is under the pointer; over the picture it moves the selection.
    fn wheel(&mut self, up: bool, x: u16, y: u16) {
        if !self.has_overlay() {
            match self.areas.panel_at(x, y) {
                Some(Panel::Cluster) => {
                    return self.go(if up { Way::Up } else { Way::Down });
                }
                Some(panel) => self.focus_on(panel),
                None => {}
            }
        }
        self.scroll_by(if up { WHEEL } else { -WHEEL });
    }
}
