//! A question of a playbook: asked with `p`, answered before its step, and never a command.
//!
//! The world stands still while it is open, so that a class can vote by hand, and goes on when it is
//! closed, in whatever way: see [`App::owed`].

use super::{App, Effect, Overlay};
use crate::session::picture::Question;
use crate::tui::action::Action;
use crate::tui::feed::Order;
use crate::tui::keymap::Key;
use crate::tui::screen::Form;
use crossterm::event::KeyCode;

/// The question that is open, and which of its choices is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Its place among the playbook's questions.
    pub question: usize,
    /// The marked choice.
    pub chosen: usize,
}

impl App {
    fn questions(&self) -> &[Question] {
        self.picture().played.as_ref().map_or(&[], |played| &played.questions)
    }

    /// A question of the playbook can be answered.
    #[must_use]
    pub fn has_question(&self) -> bool {
        self.areas.form != Form::Tiny && self.question_to_ask().is_some()
    }

    /// The first question that is open and not answered; else the first that is open, whose answer can
    /// still be changed.
    fn question_to_ask(&self) -> Option<usize> {
        let questions = self.questions();
        let unanswered = questions.iter().position(|q| q.open && q.predicted.is_none());
        unanswered.or_else(|| questions.iter().position(|q| q.open))
    }

    /// Opens a question, or closes it. The world stands still meanwhile.
    pub(super) fn ask(&mut self) -> Effect {
        let Some(question) = self.question_to_ask() else { return Effect::None };
        self.open_question(question);
        if self.pace().paused {
            return Effect::None;
        }
        self.stands_for_question = true;
        self.asked.paused = Some(true);
        Effect::Order(Order::Pause(true))
    }

    fn open_question(&mut self, question: usize) {
        let chosen = self.questions().get(question).and_then(|q| q.predicted).unwrap_or(0);
        self.overlay = Overlay::Question(Ask { question, chosen });
    }

    /// A key while a question is open.
    pub(super) fn question_key(&mut self, key: Key, action: Option<Action>) -> Effect {
        let Overlay::Question(ask) = self.overlay else { return Effect::None };
        let choices = self.questions().get(ask.question).map_or(0, |q| q.choices.len());
        let mark = |app: &mut App, chosen| {
            app.overlay = Overlay::Question(Ask { chosen, ..ask });
            Effect::None
        };
        if let Some(choice) = digit(key).filter(|choice| *choice < choices) {
            return self.predict(Ask { chosen: choice, ..ask });
        }
        match action {
            Some(Action::Down) => mark(self, (ask.chosen + 1) % choices.max(1)),
            Some(Action::Up) => mark(self, (ask.chosen + choices.max(1) - 1) % choices.max(1)),
            Some(Action::First) => mark(self, 0),
            Some(Action::Last) => mark(self, choices.saturating_sub(1)),
            Some(Action::Open) => self.predict(ask),
            Some(Action::Predict) => {
                self.close();
                Effect::None
            }
            Some(Action::Quit) if !key.ctrl => {
                self.close();
                Effect::None
            }
            // A presenter goes on whatever lies on top.
            Some(Action::NextStep) if self.can_go_on() => Effect::Order(Order::NextStep),
            Some(Action::Pause | Action::Step | Action::StepEvent) => {
                // Who steers time by hand keeps it so.
                self.stands_for_question = false;
                self.act(&key.to_string(), action)
            }
            _ => self.act(&key.to_string(), action),
        }
    }

    /// Keeps a choice, and opens the next question that is not answered.
    fn predict(&mut self, ask: Ask) -> Effect {
        let Ask { question, chosen } = ask;
        let choice = self.questions().get(question).and_then(|q| q.choices.get(chosen));
        let Some(choice) = choice.cloned() else { return Effect::None };
        let unanswered = |(i, q): (usize, &Question)| {
            (i > question && q.open && q.predicted.is_none()).then_some(i)
        };
        let next = self.questions().iter().enumerate().find_map(unanswered);
        match next {
            Some(next) => self.open_question(next),
            None => self.overlay = Overlay::None,
        }
        self.say(format!("predicted: {choice}"));
        Effect::Order(Order::Predict { question, choice: chosen })
    }

    /// Closes a question whose step has been done: later it would be no prediction.
    pub(super) fn close_a_question_too_late(&mut self) {
        let Overlay::Question(ask) = self.overlay else { return };
        if !self.questions().get(ask.question).is_some_and(|q| q.open) {
            self.overlay = Overlay::None;
            self.say("too late, it has happened".to_string());
        }
    }

    /// What the driver is to be told though no key was pressed: the world that stood still for a
    /// question goes on when it is not open any more.
    pub fn owed(&mut self) -> Option<Order> {
        let is_open = matches!(self.overlay, Overlay::Question(_));
        let goes_on = !is_open && std::mem::take(&mut self.stands_for_question);
        if !goes_on || !self.pace().paused || self.is_over() {
            return None;
        }
        self.asked.sent += 1;
        self.asked.paused = Some(false);
        Some(Order::Pause(false))
    }
}

/// The choice that a digit means, from `1` on.
fn digit(key: Key) -> Option<usize> {
    match key {
        Key { code: KeyCode::Char(c @ '1'..='9'), ctrl: false, alt: false } => {
            Some(c as usize - '1' as usize)
        }
        _ => None,
    }
}
