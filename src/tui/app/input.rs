//! Where input goes: to what is open, or to the table of actions.

use super::export::{self, Asked, Export};
use super::find::Sought;
use super::palette::Typed;
use super::{App, Effect, Overlay, Palette, save};
use crate::tui::action::Action;
use crate::tui::feed::Order;
use crate::tui::input::Input;
use crate::tui::keymap::Key;
use crate::tui::plan::Target;
use crate::tui::screen::Form;
use crossterm::event::KeyEvent;

impl App {
    /// Takes one event of the terminal.
    pub fn input(&mut self, input: Input) -> Effect {
        let effect = self.take(input);
        // What waited for something open to be closed is shown, also if no picture comes any more.
        self.follow();
        if let Effect::Order(_) = effect {
            self.asked.sent += 1;
        }
        effect
    }

    fn take(&mut self, input: Input) -> Effect {
        // Where keys are offered depends on what is told beside them.
        let offered = self.key_under(&input);
        if !matches!(input, Input::Resize(..)) {
            // What was told was about the key before.
            self.told = None;
        }
        match input {
            Input::Key(event) => self.key(event),
            Input::Mouse(mouse) => match offered {
                Some(key) => self.key(key.event()),
                None => self.mouse(mouse),
            },
            Input::Resize(width, height) => {
                self.resize(width, height);
                Effect::None
            }
            Input::Paste(text) => self.paste(&text),
        }
    }

    fn key(&mut self, event: KeyEvent) -> Effect {
        let key = Key::of(event);
        let action = self.keymap().action(key);
        let line = self.is_typing() && !matches!(self.overlay, Overlay::Details(_));
        if action == Some(Action::Quit) && self.areas.form == Form::Tiny && !line {
            // Nothing can be seen to be open there, but for a line that is typed.
            return Effect::Quit;
        }
        if self.is_typing() {
            // While typing keys are text, but for those held with control that leave.
            return match action {
                Some(Action::Quit) if key.ctrl => Effect::Quit,
                Some(Action::Suspend) if key.ctrl => Effect::Suspend,
                _ => self.typed_key(event),
            };
        }
        if let Some(lines) = self.turns_page(action) {
            self.scroll_by(lines);
            return Effect::None;
        }
        if matches!(self.overlay, Overlay::Verdict(_)) {
            return self.after_the_end(action);
        }
        if matches!(self.overlay, Overlay::Question(_)) {
            return self.question_key(key, action);
        }
        match action {
            // A letter closes what is open; only with control it leaves at once.
            Some(Action::Quit) if !key.ctrl && self.aim.is_some() => self.aimed(action),
            Some(Action::Quit) if !key.ctrl && self.has_overlay() => {
                self.close();
                Effect::None
            }
            Some(Action::Quit | Action::Suspend) => self.act(&key.to_string(), action),
            _ if self.aim.is_some() => self.aimed(action),
            _ => self.act(&key.to_string(), action),
        }
    }

    /// Does what a key means, or a name, or says why that is nothing now.
    pub(super) fn act(&mut self, key: &str, action: Option<Action>) -> Effect {
        if let Some(why) = action.and_then(|a| self.kept_from(a)) {
            self.say(format!("{key}: {why}"));
            return Effect::None;
        }
        match action {
            Some(action) if action.enabled(self) => self.update(action),
            _ => {
                self.say_why_not(key, action);
                Effect::None
            }
        }
    }

    /// Whether keys are text now.
    fn is_typing(&self) -> bool {
        match &self.overlay {
            Overlay::Palette(_) | Overlay::Find(_) | Overlay::Filter(_) | Overlay::Export(_) => {
                true
            }
            Overlay::Details(details) => details.is_typing(),
            Overlay::None
            | Overlay::Help(_)
            | Overlay::Why(_)
            | Overlay::Verdict(_)
            | Overlay::Question(_) => false,
        }
    }

    fn typed_key(&mut self, event: KeyEvent) -> Effect {
        match &mut self.overlay {
            Overlay::Palette(_) => self.typed(|palette, history| palette.key(event, history)),
            Overlay::Find(find) => {
                let sought = find.key(event);
                self.sought(&sought)
            }
            Overlay::Filter(find) => {
                let sought = find.key(event);
                self.filtered(sought)
            }
            Overlay::Export(export) => {
                let asked = export.key(event);
                self.asked_for(asked)
            }
            Overlay::Details(_) => self.edited(event),
            Overlay::None
            | Overlay::Help(_)
            | Overlay::Why(_)
            | Overlay::Verdict(_)
            | Overlay::Question(_) => Effect::None,
        }
    }

    fn paste(&mut self, text: &str) -> Effect {
        match &mut self.overlay {
            Overlay::Palette(_) => self.typed(|palette, _| palette.paste(text)),
            Overlay::Find(find) => {
                let sought = find.paste(text);
                self.sought(&sought)
            }
            Overlay::Filter(find) => {
                let sought = find.paste(text);
                self.filtered(sought)
            }
            Overlay::Export(export) => {
                let asked = export.paste(text);
                self.asked_for(asked)
            }
            Overlay::Details(details) => {
                details.paste(text);
                Effect::None
            }
            Overlay::None
            | Overlay::Help(_)
            | Overlay::Why(_)
            | Overlay::Verdict(_)
            | Overlay::Question(_) => Effect::None,
        }
    }

    /// Lets the palette take something, and asks for what goes with the new text.
    fn typed(&mut self, take: impl FnOnce(&mut Palette, &[String]) -> Typed) -> Effect {
        let Overlay::Palette(palette) = &mut self.overlay else { return Effect::None };
        match take(palette, &self.history) {
            Typed::Nothing => Effect::None,
            Typed::Text(text) => Effect::Order(Order::Complete(text)),
            Typed::Close => {
                self.overlay = Overlay::None;
                Effect::None
            }
            Typed::Run(text) => {
                self.history.retain(|h| *h != text);
                self.history.push(text.clone());
                if let Some(name) = save::named(&text) {
                    return self.save_as(name);
                }
                if let Some(action) = Action::named(&text) {
                    self.overlay = Overlay::None;
                    return self.act(&text, Some(action));
                }
                if let Some(ended) = self.has_ended() {
                    if let Overlay::Palette(palette) = &mut self.overlay {
                        palette.answered(Some(ended));
                    }
                    return Effect::None;
                }
                let effect = self.order_inject(text);
                if let Overlay::Palette(palette) = &mut self.overlay {
                    palette.wait(self.serial);
                }
                effect
            }
        }
    }

    fn sought(&mut self, sought: &Sought<Option<Target>>) -> Effect {
        match *sought {
            Sought::Looking(target) => self.selection = target,
            Sought::Found => self.overlay = Overlay::None,
            Sought::GivenUp(before) => {
                self.selection = before;
                self.overlay = Overlay::None;
            }
        }
        Effect::None
    }

    fn asked_for(&mut self, asked: Asked) -> Effect {
        match asked {
            Asked::Nothing => Effect::None,
            Asked::Close => {
                self.overlay = Overlay::None;
                Effect::None
            }
            Asked::Save(save) => {
                self.overlay = Overlay::None;
                Effect::Save(save)
            }
        }
    }

    /// Asks for the name of a file.
    pub(super) fn ask_for_a_file(&mut self) {
        let name = format!("{}.svg", export::proposed(self.picture()));
        self.overlay = Overlay::Export(Box::new(Export::new(name)));
    }
}
