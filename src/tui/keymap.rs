//! Which key does what: the defaults of the table of actions, and a file that changes them.
//!
//! The file is a table of actions and their keys: `crash = ["x", "delete"]`. An action that is named
//! has these keys only; the others keep theirs. A key that two actions claim is an error that names
//! both.

use super::action::{Action, TABLE};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::collections::BTreeMap;
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

/// Why a key map file was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadKeymap {
    /// It is not TOML of that shape; the parser's message.
    Syntax(String),
    /// No action has that name; the nearest one.
    UnknownAction(String, &'static str),
    /// There is no such key.
    UnknownKey(&'static str, String),
    /// Two actions want one key.
    Clash(String, &'static str, &'static str),
    /// Nothing would quit.
    NoKey(&'static str),
}

impl fmt::Display for BadKeymap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadKeymap::Syntax(message) => f.write_str(message),
            BadKeymap::UnknownAction(name, nearest) => {
                write!(f, "no action is called '{name}'; did you mean '{nearest}'?")
            }
            BadKeymap::UnknownKey(action, key) => write!(
                f,
                "'{key}' of '{action}' is no key: expected one character, 'ctrl-' or 'alt-' and \
                 one, f1 to f12, or one of {}",
                NAMED.map_names()
            ),
            BadKeymap::Clash(key, one, other) => {
                write!(f, "the key '{key}' is claimed by '{one}' and by '{other}'")
            }
            BadKeymap::NoKey(action) => write!(f, "'{action}' must have a key"),
        }
    }
}

impl std::error::Error for BadKeymap {}

/// The names of a table of named things, for messages.
trait Names {
    fn map_names(&self) -> String;
}

impl Names for [(&str, KeyCode)] {
    fn map_names(&self) -> String {
        self.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
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
    /// The defaults, changed by the text of a key map file.
    ///
    /// # Errors
    /// When the text is no table of names and keys, names an action or a key that does not exist,
    /// gives one key to two actions, or leaves no key to quit.
    pub fn from_toml(text: &str) -> Result<Keymap, BadKeymap> {
        let file: BTreeMap<String, Vec<String>> =
            toml::from_str(text).map_err(|e| BadKeymap::Syntax(e.to_string()))?;
        let mut map = Keymap::default();
        for (name, keys) in &file {
            let Some(row) = TABLE.iter().find(|r| r.id == name) else {
                return Err(BadKeymap::UnknownAction(name.clone(), nearest(name)));
            };
            map.keys[row.action as usize] = keys
                .iter()
                .map(|k| Key::parse(k).ok_or_else(|| BadKeymap::UnknownKey(row.id, k.clone())))
                .collect::<Result<_, _>>()?;
        }
        map.checked()
    }

    fn checked(self) -> Result<Keymap, BadKeymap> {
        for (i, keys) in self.keys.iter().enumerate() {
            for (j, others) in self.keys.iter().enumerate().skip(i + 1) {
                if let Some(key) = keys.iter().find(|k| others.contains(k)) {
                    return Err(BadKeymap::Clash(key.to_string(), TABLE[i].id, TABLE[j].id));
                }
            }
        }
        if self.keys[Action::Quit as usize].is_empty() {
            return Err(BadKeymap::NoKey(Action::Quit.row().id));
        }
        Ok(self)
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

/// The name of an action that is most like `name`.
fn nearest(name: &str) -> &'static str {
    TABLE
        .iter()
        .map(|r| r.id)
        .min_by_key(|id| strsim::damerau_levenshtein(id, name))
        .unwrap_or(TABLE[0].id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_do_not_clash_and_every_key_can_be_read() {
        let map = Keymap::default().checked().unwrap();
        for (row, keys) in TABLE.iter().zip(&map.keys) {
            let written: Vec<String> = keys.iter().map(Key::to_string).collect();
            assert_eq!(written, row.keys, "{}", row.id);
        }
    }

    #[test]
    fn the_file_that_is_shipped_says_what_the_defaults_are() {
        let map = Keymap::from_toml(include_str!("../../assets/keymap.toml")).unwrap();
        assert_eq!(map.keys, Keymap::default().keys);
    }

    #[test]
    fn a_file_changes_only_what_it_names() {
        let map = Keymap::from_toml("crash = [\"delete\", \"X\"]\n").unwrap();
        assert_eq!(map.keys(Action::Crash), "delete, X");
        assert_eq!(map.action(Key::parse("x").unwrap()), None);
        assert_eq!(map.action(Key::parse("u").unwrap()), Some(Action::Undo));
    }

    #[test]
    fn errors_say_what_is_wrong() {
        let message = |text: &str| Keymap::from_toml(text).unwrap_err().to_string();
        assert_eq!(message("crash = [\"H\"]"), "the key 'H' is claimed by 'crash' and by 'heal'");
        assert_eq!(message("crahs = []"), "no action is called 'crahs'; did you mean 'crash'?");
        assert!(message("crash = [\"ctrl-enterr\"]").starts_with("'ctrl-enterr' of 'crash' is no"));
        assert_eq!(message("quit = []"), "'quit' must have a key");
        assert!(message("crash = 3").contains("expected"));
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
