//! Selecting by part of a name: the selection follows what is typed.

use super::fuzzy::{Match, matched, request};
use super::hits::{everything, name};
use crate::session::picture::Picture;
use crate::tui::feed::Suggestion;
use crate::tui::plan::Target;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought {
    /// Still looking; this is to be selected meanwhile.
    Looking(Option<Target>),
    /// Found: the selection stays.
    Found,
    /// Given up: this was selected before.
    GivenUp(Option<Target>),
}

/// A name that is being typed.
#[derive(Clone, Debug)]
pub struct Find {
    input: Input,
    before: Option<Target>,
    names: Vec<Suggestion>,
    targets: Vec<Target>,
    matches: Vec<Match>,
    chosen: usize,
}

impl Find {
    /// Begins; `before` is selected now.
    #[must_use]
    pub fn new(before: Option<Target>, picture: &Picture) -> Find {
        let mut find = Find {
            input: Input::default(),
            before,
            names: Vec::new(),
            targets: Vec::new(),
            matches: Vec::new(),
            chosen: 0,
        };
        for target in everything(picture) {
            if let Some(text) = name(target, picture) {
                find.names.push(Suggestion { text, about: about(target, picture) });
                find.targets.push(target);
            }
        }
        find.rank();
        find
    }

    /// What is typed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.input.value()
    }
    /// Cells before the cursor.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.input.visual_cursor()
    }
    /// The names that fit, best first.
    #[must_use]
    pub fn matches(&self) -> &[Match] {
        &self.matches
    }
    /// Which of them is chosen.
    #[must_use]
    pub fn chosen(&self) -> usize {
        self.chosen
    }
    /// How many names there are.
    #[must_use]
    pub fn known(&self) -> usize {
        self.names.len()
    }

    /// Takes a key.
    pub fn key(&mut self, event: KeyEvent) -> Sought {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        match event.code {
            KeyCode::Esc => return Sought::GivenUp(self.before),
            KeyCode::Enter => return Sought::Found,
            KeyCode::Up => self.choose(false),
            KeyCode::Down | KeyCode::Tab => self.choose(true),
            code => {
                if let Some(request) = request(code, ctrl) {
                    self.input.handle(request);
                    self.rank();
                }
            }
        }
        self.looking()
    }

    /// Takes pasted text: its first line.
    pub fn paste(&mut self, text: &str) -> Sought {
        super::palette::insert_line(&mut self.input, text);
        self.rank();
        self.looking()
    }

    fn looking(&self) -> Sought {
        let typed = !self.text().is_empty() || self.chosen > 0;
        let found = self.matches.get(self.chosen).and_then(|m| {
            let at = self.names.iter().position(|n| n.text == m.text)?;
            self.targets.get(at).copied()
        });
        Sought::Looking(if typed { found.or(self.before) } else { self.before })
    }

    fn rank(&mut self) {
        self.matches = matched(&self.names, self.input.value());
        self.chosen = 0;
    }

    fn choose(&mut self, down: bool) {
        let n = self.matches.len().max(1);
        self.chosen = (self.chosen + if down { 1 } else { n - 1 }) % n;
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
