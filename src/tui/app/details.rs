//! The details of the selection: which of its settings has the focus, and changing it there.

use super::fuzzy::request;
use super::{App, Effect, Overlay};
use crate::chaos::setting;
use crate::session::picture::{Component, Setting};
use crate::tui::action::Action;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;

/// The details, open.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// The first line that is shown.
    pub from: u16,
    /// The setting that has the focus, by its place in the table of its kind.
    focus: Option<usize>,
    /// Its new value, while it is being typed.
    input: Option<Input>,
    /// Why a value was not taken.
    refused: Option<String>,
    waiting: Option<u64>,
}

impl Details {
    /// Opened on the first setting that can be changed.
    #[must_use]
    pub fn on_settings(component: Option<&Component>) -> Details {
        let first = component.and_then(|c| c.settings.iter().position(|s| s.live));
        Details { focus: first, ..Details::default() }
    }

    /// The setting that has the focus.
    #[must_use]
    pub fn focus(&self) -> Option<usize> {
        self.focus
    }
    /// The value that is being typed, and the cells before its cursor.
    #[must_use]
    pub fn typed(&self) -> Option<(&str, usize)> {
        self.input.as_ref().map(|input| (input.value(), input.visual_cursor()))
    }
    /// Why a value was not taken.
    #[must_use]
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }
    /// Whether keys are text.
    #[must_use]
    pub fn is_typing(&self) -> bool {
        self.input.is_some()
    }

    /// Takes pasted text, while a value is being typed.
    pub fn paste(&mut self, text: &str) {
        if let Some(input) = &mut self.input {
            super::choice::insert(input, text);
        }
    }

    /// Takes the answer to a command; whether it was for it.
    pub(super) fn answered(&mut self, serial: u64, refused: Option<&String>) -> bool {
        if self.waiting != Some(serial) {
            return false;
        }
        self.waiting = None;
        self.refused = refused.cloned();
        true
    }

    /// The next setting that can be changed, up or down: the same at the end, none above the first.
    fn choose(&mut self, settings: &[Setting], up: bool) {
        let live = |i: &usize| settings[*i].live;
        let next = match (self.focus, up) {
            (None, true) => None,
            (None, false) => (0..settings.len()).find(live),
            (Some(at), true) => (0..at.min(settings.len())).rev().find(live),
            (Some(at), false) => (at + 1..settings.len()).find(live),
        };
        self.focus = if up { next } else { next.or(self.focus) };
        self.refused = None;
    }
}

impl App {
    /// A setting has the focus in the details.
    #[must_use]
    pub fn has_setting(&self) -> bool {
        self.focused_setting().is_some()
    }

    /// The setting that has the focus, and whose it is.
    #[must_use]
    pub fn focused_setting(&self) -> Option<(&Component, &Setting)> {
        let Overlay::Details(details) = &self.overlay else { return None };
        let component = self.selected_component()?;
        Some((component, component.settings.get(details.focus?)?))
    }

    /// Up and down in the details choose a setting; false if there are none.
    pub(super) fn choose_setting(&mut self, up: bool) -> bool {
        let settings = self.selected_component().map(|c| c.settings.clone()).unwrap_or_default();
        let Overlay::Details(details) = &mut self.overlay else { return false };
        if !settings.iter().any(|s| s.live) {
            return false;
        }
        details.choose(&settings, up);
        true
    }

    /// What a key does to the setting that has the focus.
    pub(super) fn on_setting(&mut self, action: Action) -> Effect {
        let Some((component, setting)) = self.focused_setting() else {
            if action == Action::Open {
                self.overlay = Overlay::None;
            }
            return Effect::None;
        };
        let value = match action {
            Action::Reset if setting.file == setting.value => {
                let (name, value) = (setting.name, setting.value.clone());
                self.say(format!("{name} is {value} in the file, too: nothing to reset"));
                return Effect::None;
            }
            Action::Reset => Some(setting.file.clone()),
            Action::Left | Action::Right => {
                setting::step(component.kind, setting.name, &setting.value, action == Action::Right)
            }
            _ => {
                let value = setting.value.clone();
                if let Overlay::Details(details) = &mut self.overlay {
                    details.input = Some(Input::new(value));
                    details.refused = None;
                }
                return Effect::None;
            }
        };
        value.map_or(Effect::None, |value| self.set(&value))
    }

    /// The command that gives the setting with the focus a value.
    #[must_use]
    pub fn set_command(&self, value: &str) -> Option<String> {
        let (component, setting) = self.focused_setting()?;
        Some(format!("set {}.{}={value}", component.name, setting.name))
    }

    fn set(&mut self, value: &str) -> Effect {
        let Some(command) = self.set_command(value) else { return Effect::None };
        if let Some(ended) = self.has_ended() {
            if let Overlay::Details(details) = &mut self.overlay {
                details.refused = Some(ended);
            }
            return Effect::None;
        }
        let effect = self.order_inject(command);
        let serial = self.serial;
        if let Overlay::Details(details) = &mut self.overlay {
            details.waiting = Some(serial);
            details.refused = None;
        }
        effect
    }

    /// A key while a value is being typed.
    pub(super) fn edited(&mut self, event: KeyEvent) -> Effect {
        let row = self.focused_setting().map(|(c, s)| setting::row(c.kind, s.name));
        let Overlay::Details(details) = &mut self.overlay else { return Effect::None };
        let Some(input) = &mut details.input else { return Effect::None };
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        match event.code {
            KeyCode::Esc => (details.input, details.refused) = (None, None),
            KeyCode::Enter => {
                let value = input.value().trim().to_string();
                let Some(Ok(row)) = row else {
                    details.input = None;
                    return Effect::None;
                };
                if let Err(expected) = setting::parse(&row, &value) {
                    details.refused = Some(expected.to_string());
                } else {
                    details.input = None;
                    return self.set(&value);
                }
            }
            code => {
                if let Some(request) = request(code, ctrl) {
                    input.handle(request);
                    details.refused = None;
                }
            }
        }
        Effect::None
    }
}
