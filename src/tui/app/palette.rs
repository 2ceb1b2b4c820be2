//! The command line: what is typed, what could be meant, and which of that is chosen.

use super::choice::Choice;
use super::fuzzy::{Match, ranked};
use super::save;
use crate::chaos::{Command, verb};
use crate::tui::action::{self, Action};
use crate::tui::feed::{Completion, Suggestion};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What became of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Nothing that concerns others.
    Nothing,
    /// The text is another one.
    Text(String),
    /// The palette is to be closed.
    Close,
    /// A command is to be run.
    Run(String),
}

/// The command line.
#[derive(Clone, Debug)]
pub struct Palette {
    line: Choice,
    known: Completion,
    /// Whether the choice was made by hand, and not by being the best.
    by_hand: bool,
    /// Whether earlier commands are shown instead of what could follow.
    history: bool,
    refused: Option<String>,
    waiting: Option<u64>,
    /// Whether nothing fits what is typed: the list is of what was typed before.
    astray: bool,
}

/// Whether a row is what a text begins: it has its verb, and the text goes on after that.
fn begins(text: &str, row: &str) -> bool {
    let verb = text.trim_start().split_once(' ').map(|(verb, _)| verb.to_lowercase());
    verb.is_some_and(|verb| row.to_lowercase().starts_with(&verb))
}

impl Palette {
    /// A palette with a command begun.
    #[must_use]
    pub fn new(text: &str) -> Palette {
        Palette {
            line: Choice::new(text),
            known: Completion::default(),
            by_hand: false,
            history: false,
            refused: None,
            waiting: None,
            astray: false,
        }
    }

    /// What is typed, and what fits it.
    #[must_use]
    pub fn line(&self) -> &Choice {
        &self.line
    }
    /// What is typed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.line.text()
    }
    /// What fits, best first.
    #[must_use]
    pub fn matches(&self) -> &[Match] {
        self.line.rows()
    }
    /// What could stand on the line: commands, and of one word what the screen can do by itself, too,
    /// unless a command is called so.
    fn all(&self) -> Vec<Suggestion> {
        let mut all = self.known.suggestions.clone();
        let text = self.text().trim_start();
        if self.history || text.is_empty() || text.contains(' ') || all.is_empty() {
            return all;
        }
        let named = action::named()
            .map(|row| Suggestion { text: row.id.to_string(), about: row.sentence.to_string() });
        let new: Vec<Suggestion> = named.filter(|s| all.iter().all(|o| o.text != s.text)).collect();
        all.extend(new);
        all
    }
    /// Whether earlier commands are shown.
    #[must_use]
    pub fn is_history(&self) -> bool {
        self.history
    }
    /// What was wrong with the latest command.
    #[must_use]
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }
    /// Whether nothing fits what is typed, so that the list is of what was typed before.
    #[must_use]
    pub fn is_astray(&self) -> bool {
        self.astray
    }
    /// Whether a row is chosen: not one that is only like what is typed, unless by hand.
    #[must_use]
    pub fn is_chosen(&self) -> bool {
        self.by_hand || !self.astray
    }
    /// The command that enter would run or complete to.
    #[must_use]
    pub fn would_run(&self) -> &str {
        match self.line.row() {
            Some(_) if self.astray && !self.by_hand => self.text(),
            Some(m) if self.by_hand || !runs(self.text()) => &m.text,
            _ => self.text(),
        }
    }

    /// Notes that a command was sent under that number.
    pub fn wait(&mut self, serial: u64) {
        self.waiting = Some(serial);
    }

    /// Whether it waits for that answer.
    #[must_use]
    pub fn waits_for(&self, serial: u64) -> bool {
        self.waiting == Some(serial)
    }

    /// Takes the answer; true if the palette has done its work.
    pub fn answered(&mut self, refused: Option<String>) -> bool {
        self.waiting = None;
        self.refused = refused;
        self.refused.is_none()
    }

    /// Takes suggestions of the driver, if they are for what is typed now.
    pub fn suggest(&mut self, completion: &Completion) {
        if !self.history && completion.text == self.text() && *completion != self.known {
            self.known = completion.clone();
            self.rank();
        }
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) -> Typed {
        self.line.paste(text);
        self.changed()
    }

    /// Takes a key.
    pub fn key(&mut self, event: KeyEvent, history: &[String]) -> Typed {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        match event.code {
            KeyCode::Esc => Typed::Close,
            KeyCode::Enter => self.run(),
            KeyCode::Tab => self.take(),
            KeyCode::Up if self.text().is_empty() && !self.history && !history.is_empty() => {
                self.remember(history)
            }
            KeyCode::Up => self.choose(false),
            KeyCode::Down => self.choose(true),
            KeyCode::Char('p') if ctrl => self.choose(false),
            KeyCode::Char('n') if ctrl => self.choose(true),
            KeyCode::Char('r') if ctrl => self.remember(history),
            _ if self.line.key(event) => self.changed(),
            _ => Typed::Nothing,
        }
    }

    fn changed(&mut self) -> Typed {
        self.refused = None;
        self.by_hand = false;
        self.rank();
        Typed::Text(self.text().to_string())
    }

    /// Runs the row that was chosen by hand, else exactly what is typed, else the marked row if that
    /// is a command that goes on as what is typed begins: it has stood there to be read, with what it
    /// would hit. Any other row completes the text, and so does the first one while nothing is typed.
    fn run(&mut self) -> Typed {
        let typed = self.text().trim().to_string();
        let marked = self.line.row().map(|m| m.text.clone());
        let marked = marked.filter(|_| !self.astray || self.by_hand);
        match marked {
            Some(row) if self.by_hand && runs(&row) => Typed::Run(row),
            // A space after the name of an action begins a command: `pause web-2`.
            _ if runs(self.text()) => Typed::Run(typed),
            Some(row) if row != typed && (self.by_hand || keeps_numbers(&typed, &row)) => {
                let meant = self.by_hand || self.history || begins(self.text(), &row);
                if meant && runs(&row) { Typed::Run(row) } else { self.put(row) }
            }
            _ if typed.is_empty() => Typed::Close,
            _ => Typed::Run(typed),
        }
    }

    fn put(&mut self, text: String) -> Typed {
        self.line.put(text);
        self.history = false;
        self.changed()
    }

    /// Puts the chosen suggestion on the line.
    fn take(&mut self) -> Typed {
        let fits = !self.astray || self.by_hand;
        let Some(found) = self.line.row().filter(|_| fits) else {
            return Typed::Nothing;
        };
        let mut text = found.text.clone();
        // What can go on does so with the next word.
        if text == self.text() {
            text.push(' ');
        }
        self.put(text)
    }

    fn choose(&mut self, down: bool) -> Typed {
        self.by_hand |= self.line.choose(down);
        Typed::Nothing
    }

    /// Shows earlier commands, newest first; again, what could follow.
    fn remember(&mut self, history: &[String]) -> Typed {
        self.history = !self.history;
        self.known = Completion::default();
        if self.history {
            let earlier = |text: &String| Suggestion { text: text.clone(), about: String::new() };
            self.known.suggestions = history.iter().rev().map(earlier).collect();
        }
        self.changed()
    }

    /// Finds what fits the text, best first; of equals the first of the grammar. A text that is a
    /// command or names an action fits itself, whether or not somebody thought of suggesting it. Where
    /// nothing else fits, all is shown, what is most like the text first: a wrong letter takes nothing
    /// away.
    fn rank(&mut self) {
        let typed = self.text().trim().to_string();
        let (command, action) = (Command::parse(&typed).ok(), Action::named(self.text()));
        let all = self.all();
        let mut rows = ranked(&all, self.text());
        if let Some(meant) = verb::meant(self.text()) {
            let mut first = ranked(&all, &meant);
            rows.retain(|m| first.iter().all(|f| f.text != m.text));
            first.append(&mut rows);
            rows = first;
        }
        let nothing = rows.is_empty() && !typed.is_empty();
        self.astray = nothing && command.is_none() && action.is_none();
        if nothing {
            rows = nearest_first(&all, &typed);
        }
        let own = match (command, action) {
            (Some(command), _) if rows.iter().all(|m| m.text != typed) => Some(command.about()),
            // Of a verb that is no command by itself it is said what enter would do.
            (None, Some(action)) => Some(action.row().sentence),
            _ => None,
        };
        if let Some(about) = own.filter(|_| !self.history) {
            rows.retain(|m| m.text != typed);
            let marked = (0..typed.chars().count() as u32).collect();
            rows.insert(0, Match { text: typed, about: about.to_string(), typed: marked });
        }
        self.line.offer(rows);
    }
}

/// Whether a text can be run as it is: a command, an action of the screen, or a file to be saved.
fn runs(text: &str) -> bool {
    let does = || Command::parse(text).is_ok() || Action::named(text).is_some();
    save::named(text).map_or_else(does, |name| save::asked(name).is_ok())
}

/// All suggestions, those first that are most like a text; of equals the first of the grammar.
fn nearest_first(all: &[Suggestion], text: &str) -> Vec<Match> {
    let mut rows: Vec<(usize, &Suggestion)> =
        all.iter().map(|s| (strsim::damerau_levenshtein(&s.text, text), s)).collect();
    rows.sort_by_key(|(away, _)| *away);
    let row = |(_, s): (usize, &Suggestion)| Match {
        text: s.text.clone(),
        about: s.about.clone(),
        typed: Vec::new(),
    };
    rows.into_iter().map(row).collect()
}

/// Whether every number that was typed stands in a row as that number: 1 never becomes 10.
fn keeps_numbers(typed: &str, row: &str) -> bool {
    let numbers = |text| str::split(text, |c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty());
    let mut of_row = numbers(row);
    numbers(typed).all(|n| of_row.any(|of| of == n))
}

#[cfg(test)]
mod tests;
