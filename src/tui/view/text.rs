//! Text with roles: what view data is made of.

use crate::tui::theme::Role;
use unicode_width::UnicodeWidthStr;

/// A run of text in one role.
#[derive(Clone, Debug, PartialEq)]
pub struct Bit {
    /// What it means.
    pub role: Role,
    /// Whether it stands out.
    pub bold: bool,
    /// The text.
    pub text: String,
}

/// One line of text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Its runs, from left to right.
    pub bits: Vec<Bit>,
}

impl Line {
    /// A line with nothing on it.
    #[must_use]
    pub fn empty() -> Line {
        Line::default()
    }

    /// A line in one role.
    #[must_use]
    pub fn of(role: Role, text: impl Into<String>) -> Line {
        Line::empty().with(role, text)
    }

    /// A line of plain text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Line {
        Line::of(Role::Text, text)
    }

    /// A line of small print.
    #[must_use]
    pub fn dim(text: impl Into<String>) -> Line {
        Line::of(Role::Dim, text)
    }

    /// The same with a run at its end.
    #[must_use]
    pub fn with(mut self, role: Role, text: impl Into<String>) -> Line {
        self.push(role, false, text.into());
        self
    }

    /// The same with a run at its end that stands out.
    #[must_use]
    pub fn bold(mut self, role: Role, text: impl Into<String>) -> Line {
        self.push(role, true, text.into());
        self
    }

    /// The same with another line at its end.
    #[must_use]
    pub fn then(mut self, other: Line) -> Line {
        self.bits.extend(other.bits);
        self
    }

    fn push(&mut self, role: Role, bold: bool, text: String) {
        if !text.is_empty() {
            self.bits.push(Bit { role, bold, text });
        }
    }

    /// How many cells it takes.
    #[must_use]
    pub fn width(&self) -> usize {
        self.bits.iter().map(|b| b.text.width()).sum()
    }

    /// The same, filled with spaces up to a width.
    #[must_use]
    pub fn padded(self, width: usize) -> Line {
        let gap = width.saturating_sub(self.width());
        self.with(Role::Text, " ".repeat(gap))
    }

    /// The text alone.
    #[must_use]
    pub fn plain(&self) -> String {
        self.bits.iter().map(|b| b.text.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_know_their_width() {
        let line = Line::text("ab").bold(Role::Accent, "●").padded(5);
        assert_eq!(line.width(), 5);
        assert_eq!(line.plain(), "ab●  ");
    }
}
