//! A line that is typed, and the rows that fit it, of which one is chosen.

use super::fuzzy::{Match, request};
use crossterm::event::{KeyEvent, KeyModifiers};
use tui_input::{Input, InputRequest};

/// Longer lines are cut: nobody reads them, and matching costs with their length.
const LONGEST: usize = 500;

/// A line and its rows.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    input: Input,
    rows: Vec<Match>,
    chosen: usize,
}

impl Choice {
    /// A line that is begun, without rows.
    #[must_use]
    pub fn new(text: &str) -> Choice {
        Choice { input: Input::new(text.to_string()), ..Choice::default() }
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
    /// The rows, best first.
    #[must_use]
    pub fn rows(&self) -> &[Match] {
        &self.rows
    }
    /// Which of them is chosen.
    #[must_use]
    pub fn chosen(&self) -> usize {
        self.chosen
    }
    /// The chosen row, if there is any.
    #[must_use]
    pub fn row(&self) -> Option<&Match> {
        self.rows.get(self.chosen)
    }

    /// Other rows: the first is chosen.
    pub fn offer(&mut self, rows: Vec<Match>) {
        self.rows = rows;
        self.chosen = 0;
    }

    /// Chooses the next row, or the one before, in a circle; false without rows.
    pub fn choose(&mut self, down: bool) -> bool {
        let Some(last) = self.rows.len().checked_sub(1) else { return false };
        self.chosen = (self.chosen + if down { 1 } else { last }) % (last + 1);
        true
    }

    /// Another text.
    pub fn put(&mut self, text: String) {
        self.input = Input::new(text);
    }

    /// Takes a key that types or moves the cursor; whether the text is another one now.
    pub fn key(&mut self, event: KeyEvent) -> bool {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let done = request(event.code, ctrl).and_then(|request| self.input.handle(request));
        let changed = done.is_some_and(|change| change.value);
        if changed && let Some((end, _)) = self.text().char_indices().nth(LONGEST) {
            self.put(self.text()[..end].to_string());
        }
        changed
    }

    /// Takes pasted text, as one line.
    pub fn paste(&mut self, text: &str) {
        insert(&mut self.input, text);
    }
}

/// Types a text as one line. Where a line of it ends there is a space, so that no two words become
/// one; a terminal sends such an end as `\r`.
pub(super) fn insert(input: &mut Input, text: &str) {
    let lines = text.split(char::is_control).filter(|line| !line.trim().is_empty());
    let line = lines.collect::<Vec<_>>().join(" ");
    let room = LONGEST.saturating_sub(input.value().chars().count());
    for c in line.chars().take(room) {
        input.handle(InputRequest::InsertChar(c));
    }
}
