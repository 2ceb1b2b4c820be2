//! Which key does what: the defaults of the table of actions, and a [file](mod@file) that changes them.

pub mod file;

use super::action::{Action, TABLE};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;

/// A key as a person writes it: `x`, `H`, `ctrl-c`, `shift-tab`, `space`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key itself; letters carry their case.
    pub code: KeyCode,
    /// Whether control is held.
    pub ctrl: bool,
    /// Whether alt is held.
    pub alt: bool,
}

/// Keys with names, as files and the help write them.
const NAMED: &[(&str, KeyCode)] = &[
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("insert", KeyCode::Insert),
    ("delete", KeyCode::Delete),
    ("bksp", KeyCode::Backspace),
    // As hints write them.
    ("↑", KeyCode::Up),
    ("↓", KeyCode::Down),
    ("←", KeyCode::Left),
    ("→", KeyCode::Right),
];

impl Key {
    /// The key of an event of the terminal. Shift is dropped: letters carry it in their case, and
    /// terminals disagree on whether they report it for `?` and `+`.
    #[must_use]
    pub fn of(event: KeyEvent) -> Key {
        let shift = event.modifiers.contains(KeyModifiers::SHIFT);
        let code = match event.code {
            KeyCode::Tab if shift => KeyCode::BackTab,
            KeyCode::Char(c) if shift && c.is_ascii_lowercase() => {
                KeyCode::Char(c.to_ascii_uppercase())
            }
            code => code,
        };
        Key {
            code,
            ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
            alt: event.modifiers.contains(KeyModifiers::ALT),
        }
    }

    /// The event of the terminal that is this key.
    #[must_use]
    pub fn event(self) -> KeyEvent {
        let held = [(self.ctrl, KeyModifiers::CONTROL), (self.alt, KeyModifiers::ALT)];
        let held = held.into_iter().filter_map(|(is, modifier)| is.then_some(modifier));
        KeyEvent::new(self.code, held.collect())
    }

    /// Reads a key; `None` if there is no such key.
    #[must_use]
    pub fn parse(text: &str) -> Option<Key> {
        let mut key = Key { code: KeyCode::Null, ctrl: false, alt: false };
        let mut rest = text;
        loop {
            if let Some(after) = rest.strip_prefix("ctrl-").filter(|r| !r.is_empty()) {
                (key.ctrl, rest) = (true, after);
            } else if let Some(after) = rest.strip_prefix("alt-").filter(|r| !r.is_empty()) {
                (key.alt, rest) = (true, after);
            } else {
                break;
            }
        }
        key.code = match NAMED.iter().find(|(name, _)| *name == rest) {
            Some((_, code)) => *code,
            None => match (rest.chars().next(), rest.chars().count()) {
                (Some(c), 1) => KeyCode::Char(c),
                _ => KeyCode::F(rest.strip_prefix('f')?.parse().ok().filter(|n| *n <= 12)?),
            },
        };
        Some(key)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        match (NAMED.iter().find(|(_, code)| *code == self.code), self.code) {
            (Some((name, _)), _) => f.write_str(name),
            (None, KeyCode::Char(c)) => write!(f, "{c}"),
            (None, KeyCode::F(n)) => write!(f, "f{n}"),
            (None, other) => write!(f, "{other}"),
        }
    }
}

/// Which key does what.
#[derive(Clone, Debug)]
pub struct Keymap {
    /// For each action of the table, its keys.
    keys: Vec<Vec<Key>>,
}

impl Default for Keymap {
    fn default() -> Keymap {
        let keys =
            TABLE.iter().map(|r| r.keys.iter().filter_map(|k| Key::parse(k)).collect()).collect();
        Keymap { keys }
    }
}

impl Keymap {
    /// Gives an action these keys, and no others.
    fn set(&mut self, action: Action, keys: Vec<Key>) {
        self.keys[action as usize] = keys;
    }

    /// Whether an action has a key.
    fn has(&self, action: Action, key: Key) -> bool {
        self.keys[action as usize].contains(&key)
    }

    /// What a key does.
    #[must_use]
    pub fn action(&self, key: Key) -> Option<Action> {
        self.keys.iter().position(|keys| keys.contains(&key)).map(|i| TABLE[i].action)
    }

    /// The first key of an action, for the footer; `None` if it has none.
    #[must_use]
    pub fn key(&self, action: Action) -> Option<String> {
        self.keys[action as usize].first().map(Key::to_string)
    }

    /// All keys of an action, for the help: `h, left`.
    #[must_use]
    pub fn keys(&self, action: Action) -> String {
        self.keys[action as usize].iter().map(Key::to_string).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_do_not_clash_and_every_key_can_be_read() {
        let map = Keymap::default();
        for (row, keys) in TABLE.iter().zip(&map.keys) {
            let written: Vec<String> = keys.iter().map(Key::to_string).collect();
            assert_eq!(written, row.keys, "{}", row.id);
            for key in keys {
                assert_eq!(map.action(*key), Some(row.action), "{key}");
            }
        }
    }

    #[test]
    fn shift_is_told_by_the_letter() {
        let press = |code, modifiers| Key::of(KeyEvent::new(code, modifiers)).to_string();
        assert_eq!(press(KeyCode::Char('H'), KeyModifiers::SHIFT), "H");
        assert_eq!(press(KeyCode::Char('h'), KeyModifiers::SHIFT), "H");
        assert_eq!(press(KeyCode::Char('?'), KeyModifiers::SHIFT), "?");
        assert_eq!(press(KeyCode::Tab, KeyModifiers::SHIFT), "shift-tab");
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::CONTROL), "ctrl-c");
    }
}
