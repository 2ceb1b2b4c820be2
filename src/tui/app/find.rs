//! Looking for something by part of a name: what is looked for is shown while it is typed.

use super::choice::Choice;
use super::fuzzy::{Match, matched};
use super::hits::{everything, name};
use crate::session::picture::Picture;
use crate::tui::feed::Suggestion;
use crate::tui::plan::Target;
use crossterm::event::{KeyCode, KeyEvent};

/// What became of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought<T> {
    /// Still looking; this is to be shown meanwhile.
    Looking(T),
    /// Found: it stays.
    Found,
    /// Given up: this was there before.
    GivenUp(T),
}

/// What a text stands for that is no name, and what that is called.
type Free<T> = (fn(&str) -> T, &'static str);

/// A name that is being typed, and what each name stands for.
#[derive(Clone, Debug)]
pub struct Find<T> {
    line: Choice,
    before: T,
    names: Vec<Suggestion>,
    meant: Vec<T>,
    free: Option<Free<T>>,
}

impl Find<Option<Target>> {
    /// Looks for something to select; `before` is selected now.
    #[must_use]
    pub fn target(before: Option<Target>, picture: &Picture) -> Find<Option<Target>> {
        let named = everything(picture).into_iter().filter_map(|target| {
            let text = name(target, picture)?;
            Some((Suggestion { text, about: about(target, picture) }, Some(target)))
        });
        Find::among(before, named)
    }
}

impl<T: Clone> Find<T> {
    /// Looks among names; `before` is there now.
    #[must_use]
    pub fn among(before: T, pairs: impl IntoIterator<Item = (Suggestion, T)>) -> Find<T> {
        let (names, meant) = pairs.into_iter().unzip();
        let mut find = Find { line: Choice::default(), before, names, meant, free: None };
        find.rank();
        find
    }

    /// The same, where a text that is no name stands for something, too.
    #[must_use]
    pub fn or_text(mut self, meant: fn(&str) -> T, about: &'static str) -> Find<T> {
        self.free = Some((meant, about));
        self
    }

    /// What is typed, and the names that fit.
    #[must_use]
    pub fn line(&self) -> &Choice {
        &self.line
    }
    /// How many names there are.
    #[must_use]
    pub fn known(&self) -> usize {
        self.names.len()
    }

    /// Takes a key.
    pub fn key(&mut self, event: KeyEvent) -> Sought<T> {
        match event.code {
            KeyCode::Esc => return Sought::GivenUp(self.before.clone()),
            KeyCode::Enter => return Sought::Found,
            KeyCode::Up | KeyCode::Down | KeyCode::Tab => {
                self.line.choose(event.code != KeyCode::Up);
            }
            _ if self.line.key(event) => self.rank(),
            _ => {}
        }
        Sought::Looking(self.meant())
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) -> Sought<T> {
        self.line.paste(text);
        self.rank();
        Sought::Looking(self.meant())
    }

    /// What is meant by what is typed and chosen.
    fn meant(&self) -> T {
        let row =
            self.line.row().filter(|_| !self.line.text().is_empty() || self.line.chosen() > 0);
        let Some(row) = row else { return self.before.clone() };
        let at = self.names.iter().position(|n| n.text == row.text);
        match (at.and_then(|at| self.meant.get(at)), self.free) {
            (Some(meant), _) => meant.clone(),
            (None, Some((meant, _))) => meant(&row.text),
            (None, None) => self.before.clone(),
        }
    }

    /// The names that fit; before them the text itself if that stands for something, but for a name
    /// that begins with it.
    fn rank(&mut self) {
        let text = self.line.text().trim().to_string();
        let mut rows = matched(&self.names, &text);
        if let Some((_, about)) = self.free.filter(|_| !text.is_empty())
            && !rows.first().is_some_and(|row| row.text.starts_with(&text))
        {
            let typed = (0..text.chars().count() as u32).collect();
            rows.insert(0, Match { text, about: about.to_string(), typed });
        }
        self.line.offer(rows);
    }
}

/// What a name stands for.
fn about(target: Target, picture: &Picture) -> String {
    let zone = |c: usize, n: usize| {
        let zone = picture.components[c].nodes[n].zone.as_ref();
        zone.map_or(String::new(), |z| format!(", zone {z}"))
    };
    match target {
        Target::Component(c) => {
            let component = &picture.components[c];
            match component.nodes.len() {
                1 => format!("{}{}", component.kind, zone(c, 0)),
                n => format!("{}, all {n} of them", component.kind),
            }
        }
        Target::Node(c, n) => format!("{}{}", picture.components[c].kind, zone(c, n)),
        Target::Link(_) => "link".to_string(),
        Target::Tap(..) => "one branch of a link".to_string(),
        Target::Zone(z) => format!("zone, {} nodes", picture.in_zone(z).count()),
    }
}
