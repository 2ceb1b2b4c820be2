//! A file that changes keys and looks.
//!
//! ```toml
//! crash = ["x", "delete"]     # this action has these keys only; the others keep theirs
//!
//! [screen]
//! theme  = "light"
//! ascii  = false
//! motion = true
//! ```
//!
//! A key that two actions claim is an error that names both. All that is wrong is told at once.

use super::{Key, Keymap, NAMED};
use crate::chaos::expected::nearest;
use crate::playbook::position;
use crate::tui::action::{Action, TABLE};
use crate::tui::theme::Theme;
use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What a file says.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The keys: the defaults, but for what the file names.
    pub keymap: Keymap,
    /// Name of the theme.
    pub theme: Option<String>,
    /// Whether only ASCII is drawn.
    pub ascii: Option<bool>,
    /// Whether links show moving pulses.
    pub motion: Option<bool>,
}

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Line and column of the first wrong letter, from 1.
    pub at: (usize, usize),
    /// What was expected.
    pub message: String,
}

/// All that is wrong with a file: at least one thing, from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadConfig {
    /// The file, as it was asked for.
    pub file: String,
    /// What.
    pub wrong: Vec<Wrong>,
}

impl fmt::Display for BadConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, Wrong { at: (line, column), message }) in self.wrong.iter().enumerate() {
            let end = if i > 0 { "\n" } else { "" };
            write!(f, "{end}{}:{line}:{column}: {message}", self.file)?;
        }
        Ok(())
    }
}

impl std::error::Error for BadConfig {}

/// A value and where it stands.
type Item<'i> = Spanned<DeValue<'i>>;

/// Reads the text of a file.
///
/// # Errors
/// All that is wrong: what is no TOML of that shape, names an action, a key or a theme that does not
/// exist, gives one key to two actions, or leaves no key to quit.
pub fn read(file: &str, text: &str) -> Result<Config, BadConfig> {
    let mut reader = Reader { text, wrong: Vec::new(), claims: Vec::new() };
    let mut config = Config::default();
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        reader.wrong(error.span().unwrap_or_default(), format!("not TOML: {}", error.message()));
    }
    if errors.is_empty() {
        reader.actions(table.get_ref(), &mut config);
    }
    let mut wrong = reader.wrong;
    wrong.sort_by_key(|w| w.at);
    if wrong.is_empty() { Ok(config) } else { Err(BadConfig { file: file.to_string(), wrong }) }
}

struct Reader<'a> {
    text: &'a str,
    wrong: Vec<Wrong>,
    /// Keys that the file gives to actions, and where.
    claims: Vec<(Key, Action, Range<usize>)>,
}

impl Reader<'_> {
    fn wrong(&mut self, at: Range<usize>, message: String) {
        self.wrong.push(Wrong { at: position(self.text, at.start), message });
    }

    fn actions(&mut self, table: &DeTable<'_>, config: &mut Config) {
        for (name, item) in table {
            let (word, span) = (name.get_ref().as_ref(), name.span());
            if word == "screen" {
                self.screen(item, config);
                continue;
            }
            let Some(row) = TABLE.iter().find(|r| r.id == word) else {
                let words = TABLE.iter().map(|r| r.id).chain(["screen"]);
                let near = nearest(word, words);
                let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                self.wrong(span, format!("no action is called `{word}`{hint}"));
                continue;
            };
            let keys = self.keys(row.action, item);
            if row.action == Action::Quit && keys.is_empty() {
                self.wrong(item.span(), "`quit` must have a key".to_string());
            }
            config.keymap.set(row.action, keys);
        }
        self.clashes(&config.keymap);
    }

    fn keys(&mut self, action: Action, item: &Item<'_>) -> Vec<Key> {
        let DeValue::Array(all) = item.get_ref() else {
            let what = format!("expected the keys of `{}` as a list: [\"x\"]", action.row().id);
            self.wrong(item.span(), what);
            return action.row().keys.iter().filter_map(|k| Key::parse(k)).collect();
        };
        let mut keys = Vec::new();
        for one in all {
            let text = match one.get_ref() {
                DeValue::String(text) => text.as_ref(),
                _ => "",
            };
            if let Some(key) = Key::parse(text) {
                keys.push(key);
                self.claims.push((key, action, one.span()));
            } else {
                let written = self.text.get(one.span()).unwrap_or_default().to_string();
                let message = no_key(&written, text, action);
                self.wrong(one.span(), message);
            }
        }
        keys
    }

    /// Keys of the file that another action has too, by the file or by default.
    fn clashes(&mut self, keymap: &Keymap) {
        let claims = std::mem::take(&mut self.claims);
        for (i, (key, action, span)) in claims.iter().enumerate() {
            let of_key = |other: &Action| other != action && keymap.has(*other, *key);
            let Some(other) = TABLE.iter().map(|r| r.action).find(of_key) else { continue };
            let (one, two) = (action.row().id, other.row().id);
            match claims.iter().position(|(k, a, _)| (k, a) == (key, &other)) {
                // Of two that the file names the later one is told, with the place of the first.
                Some(first) if first > i => {}
                Some(first) => {
                    let (line, column) = position(self.text, claims[first].2.start);
                    let message = format!(
                        "the key `{key}` is claimed by `{two}` at {line}:{column} and by `{one}`"
                    );
                    self.wrong(span.clone(), message);
                }
                None => {
                    let message =
                        format!("the key `{key}` is claimed by `{two}` by default and by `{one}`");
                    self.wrong(span.clone(), message);
                }
            }
        }
    }

    fn screen(&mut self, item: &Item<'_>, config: &mut Config) {
        let DeValue::Table(table) = item.get_ref() else {
            self.wrong(item.span(), "expected a table `[screen]`".to_string());
            return;
        };
        for (name, item) in table {
            match (name.get_ref().as_ref(), item.get_ref()) {
                ("theme", DeValue::String(text)) if Theme::NAMES.contains(&text.as_ref()) => {
                    config.theme = Some(text.to_string());
                }
                ("theme", _) => {
                    let found = self.text.get(item.span()).unwrap_or_default();
                    let near = nearest(found.trim_matches('"'), Theme::NAMES.iter().copied());
                    let hint = near.map_or(String::new(), |n| format!("; did you mean `{n}`?"));
                    let all = Theme::NAMES.join(", ");
                    let message = format!("expected a theme: {all}; found `{found}`{hint}");
                    self.wrong(item.span(), message);
                }
                ("ascii", DeValue::Boolean(on)) => config.ascii = Some(*on),
                ("motion", DeValue::Boolean(on)) => config.motion = Some(*on),
                (word @ ("ascii" | "motion"), _) => {
                    self.wrong(item.span(), format!("expected `{word}` as true or false"));
                }
                (word, _) => {
                    let near = nearest(word, ["theme", "ascii", "motion"]);
                    let hint = near.map_or(String::new(), |n| format!("; did you mean `{n}`?"));
                    self.wrong(name.span(), format!("`[screen]` has no `{word}`{hint}"));
                }
            }
        }
    }
}

fn no_key(written: &str, text: &str, action: Action) -> String {
    let names = NAMED.iter().map(|(name, _)| *name).filter(|name| name.is_ascii());
    let bare = text.trim_start_matches("ctrl-").trim_start_matches("alt-");
    let hint =
        nearest(bare, names.clone()).map_or(String::new(), |n| format!("; did you mean `{n}`?"));
    let names: Vec<&str> = names.collect();
    format!(
        "{written} of `{}` is no key: expected one character, `ctrl-` or `alt-` and one, f1 to f12, \
         or one of {}{hint}",
        action.row().id,
        names.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        read("keys.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn the_file_that_is_shipped_says_what_the_defaults_are() {
        let text = include_str!("../../../assets/keymap.toml");
        let config = read("keymap.toml", text).unwrap();
        for row in TABLE {
            assert!(text.contains(&format!("# {}\n", row.sentence)), "{}", row.sentence);
            let written = config.keymap.keys(row.action);
            assert_eq!(written, row.keys.join(", "), "{}", row.id);
        }
    }

    #[test]
    fn a_file_changes_only_what_it_names() {
        let config = read("", "crash = [\"delete\", \"X\"]\n").unwrap();
        assert_eq!(config.keymap.keys(Action::Crash), "delete, X");
        assert_eq!(config.keymap.action(Key::parse("x").unwrap()), None);
        assert_eq!(config.keymap.action(Key::parse("u").unwrap()), Some(Action::Undo));
        let screen = read("", "[screen]\ntheme = \"light\"\nmotion = false\n").unwrap();
        assert_eq!(screen.theme.as_deref(), Some("light"));
        assert_eq!((screen.ascii, screen.motion), (None, Some(false)));
    }

    #[test]
    fn clashes_name_both_actions_and_their_places() {
        assert_eq!(
            wrong("# mine\ncrash = [\"H\"]\n"),
            "keys.toml:2:10: the key `H` is claimed by `heal` by default and by `crash`"
        );
        assert_eq!(
            wrong("crash = [\"Z\"]\nundo = [\"u\", \"Z\"]\n"),
            "keys.toml:2:14: the key `Z` is claimed by `crash` at 1:10 and by `undo`"
        );
        // An action that gives its key away leaves it free.
        assert!(read("", "crash = [\"H\"]\nheal = [\"x\"]\n").is_ok());
    }

    #[test]
    fn all_that_is_wrong_is_told_with_its_place() {
        assert_eq!(
            wrong("crahs = []\nquit = []\n"),
            "keys.toml:1:1: no action is called `crahs`; did you mean `crash`?\n\
             keys.toml:2:8: `quit` must have a key"
        );
        assert!(
            wrong("crash = 3")
                .starts_with("keys.toml:1:9: expected the keys of `crash` as a list: [\"x\"]")
        );
        let no_key = wrong("crash = [\"ctrl-entr\"]");
        assert!(no_key.starts_with("keys.toml:1:10: \"ctrl-entr\" of `crash` is no key: expected"));
        assert!(no_key.ends_with("did you mean `enter`?"), "{no_key}");
        assert!(wrong("crash = [").starts_with("keys.toml:1:"));
        assert_eq!(
            wrong("[screen]\ntheme = \"lihgt\"\nasci = true\nmotion = 1\n"),
            "keys.toml:2:9: expected a theme: dark, light, high-contrast, mono; found `\"lihgt\"`; \
             did you mean `light`?\n\
             keys.toml:3:1: `[screen]` has no `asci`; did you mean `ascii`?\n\
             keys.toml:4:10: expected `motion` as true or false"
        );
    }
}
