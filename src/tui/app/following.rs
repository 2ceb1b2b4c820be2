//! Following a playbook: its next step, what it said before, and its verdict when it is over.

use super::{App, Effect, Overlay};
use crate::session::picture::Played;
use crate::sim::time::Ns;
use crate::tui::action::Action;
use crate::tui::feed::Order;

/// Lines by which a page is turned.
const PAGE: i32 = 4;

/// How far a person has followed the playbook.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Following {
    /// Whether its end was told.
    told: bool,
    /// Whether the world stands still since then: until the person goes on.
    halted: bool,
    /// By how many captions one has gone back.
    back: usize,
    /// How many captions there were.
    said: usize,
    /// What stood after the newest of them.
    after: usize,
}

impl App {
    /// Opens the verdict once the playbook is over, as soon as nothing else is open; a new caption
    /// ends the reading of old ones.
    pub(super) fn follow(&mut self) {
        self.close_a_question_too_late();
        let said = self.picture().played.as_ref().map_or(0, |p| p.captions().len());
        let after = self.after_captions();
        if said != self.following.said {
            (self.following.said, self.following.back) = (said, 0);
        } else if after > self.following.after && self.following.back > 0 {
            // What is being read stays where it is.
            self.following.back += 1;
        }
        self.following.after = after;
        if !self.is_over() {
            self.following.told = false;
        } else if !self.following.told && !self.has_overlay() && self.aim.is_none() {
            (self.following.told, self.following.halted) = (true, true);
            self.overlay = Overlay::Verdict(0);
        }
    }

    /// Whether the playbook is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.picture().played.as_ref().is_some_and(|p| p.ended.is_some())
    }

    /// What the playbook says: the newest while it stands, or what was said before with its time. Once it is over
    /// its end stands after all captions.
    #[must_use]
    pub fn caption(&self) -> Option<(Option<Ns>, &str)> {
        let played = self.picture().played.as_ref()?;
        let back = self.following.back;
        if back == 0 {
            return Some((None, played.say.as_deref()?));
        }
        let (at, text) = played.captions().into_iter().rev().nth(back - self.after_captions())?;
        Some((Some(at), text))
    }

    /// A playbook is played, and has a step to come or a verdict to be shown; or an older caption is
    /// being read.
    #[must_use]
    pub fn can_go_on(&self) -> bool {
        let to_come = |p: &Played| p.steps.iter().any(|s| s.done.is_none() || s.next.is_some());
        let played = self.picture().played.as_ref();
        self.following.back > 0 || self.is_over() || played.is_some_and(to_come)
    }

    /// Something was said before.
    #[must_use]
    pub fn has_caption_before(&self) -> bool {
        self.following.back + 1 < self.following.said + self.after_captions()
    }

    /// What stands after the newest caption: the end, once it is over; what the playbook is about,
    /// once the newest caption does not stand any more.
    fn after_captions(&self) -> usize {
        let silent = |p: &Played| p.say.is_none() && !p.captions().is_empty();
        usize::from(self.is_over() || self.picture().played.as_ref().is_some_and(silent))
    }

    /// Back to the newest caption by one; else does the next step; else shows the verdict.
    pub(super) fn go_on(&mut self) -> Effect {
        if self.following.back > 0 {
            self.following.back -= 1;
        } else if self.is_over() {
            self.overlay = Overlay::Verdict(0);
        } else {
            return Effect::Order(Order::NextStep);
        }
        Effect::None
    }

    /// Reads the caption before.
    pub(super) fn caption_before(&mut self) {
        self.following.back += usize::from(self.has_caption_before());
    }

    /// A key while the verdict is shown: it leaves, scrolls, or goes on living with the cluster.
    pub(super) fn after_the_end(&mut self, action: Option<Action>) -> Effect {
        match action {
            Some(action @ (Action::Quit | Action::Suspend)) => self.update(action),
            Some(scroll @ (Action::Up | Action::Down | Action::First | Action::Last)) => {
                self.update(scroll)
            }
            _ => self.go_on_living(),
        }
    }

    /// Whether an action turns the pages of what lies on top: the keys of a playbook's steps do, and
    /// the playbook waits. By so many lines.
    pub(super) fn turns_page(&self, action: Option<Action>) -> Option<i32> {
        let is_page = matches!(
            self.overlay,
            Overlay::Help(_) | Overlay::Why(_) | Overlay::Verdict(_) | Overlay::Details(_)
        );
        match action.filter(|_| is_page)? {
            Action::NextStep => Some(-PAGE),
            Action::CaptionBefore => Some(PAGE),
            _ => None,
        }
    }

    /// Closes the verdict; the world, which has stood still since the end, goes on.
    fn go_on_living(&mut self) -> Effect {
        self.close();
        if std::mem::take(&mut self.following.halted) && self.pace().paused {
            self.say("the playbook is over; its world goes on".to_string());
            self.asked.paused = Some(false);
            return Effect::Order(Order::Pause(false));
        }
        Effect::None
    }
}
