//! Walking a TOML document: values with their places, and all that is wrong with them.

use super::problem::Wrong;
use crate::chaos::Expected;
use crate::chaos::units::parse_time;
use crate::sim::time::Ns;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value of the document and where it stands.
pub(super) type Item<'i> = Spanned<DeValue<'i>>;

/// Problems that are enough.
pub(super) const ENOUGH: usize = 200;

/// Collects what is wrong while a document is walked.
pub(super) struct Reader<'a> {
    text: &'a str,
    pub wrong: Vec<Wrong>,
}

/// A string of the document.
#[derive(Clone, Debug)]
pub(super) struct Text<'t> {
    pub value: &'t str,
    span: Range<usize>,
    /// Where its first letter stands, if it is written letter by letter (without escapes).
    start: Option<usize>,
}

impl Text<'_> {
    /// An error in this string, as one in the document.
    pub fn place(&self, e: Expected) -> Expected {
        match self.start {
            Some(start) => e.shifted(start),
            None => Expected { range: self.span.clone(), ..e },
        }
    }
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Reader<'a> {
        Reader { text, wrong: Vec::new() }
    }

    /// Parses the document; `None` if it is not TOML.
    pub fn document(&mut self) -> Option<Spanned<DeTable<'a>>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let span = error.span().unwrap_or_default();
            self.wrong.push(Wrong::Other(span, format!("not TOML: {}", error.message())));
        }
        errors.is_empty().then_some(table)
    }

    /// Whether so much is wrong that nobody needs to be told more: what comes in lists is then read no
    /// further, for to find the nearest name for each of very many wrong ones takes long.
    pub fn is_full(&self) -> bool {
        self.wrong.len() >= ENOUGH
    }

    pub fn expected(&mut self, e: Expected) {
        self.wrong.push(Wrong::Expected(e));
    }

    pub fn other(&mut self, range: Range<usize>, message: impl Into<String>) {
        self.wrong.push(Wrong::Other(range, message.into()));
    }

    /// What is written at a range: its first line, shortened.
    pub fn written(&self, range: &Range<usize>) -> &'a str {
        let line = self.text.get(range.clone()).unwrap_or_default().lines().next().unwrap_or("");
        line.char_indices().nth(40).map_or(line, |(i, _)| &line[..i])
    }

    /// Whether the range begins like a table that is written as one: `{…}` or `[…]`.
    pub fn is_written_table(&self, range: &Range<usize>) -> bool {
        self.written(range).starts_with(['{', '['])
    }

    /// Reports that something else should stand there.
    pub fn wanted(&mut self, item: &Item<'_>, expected: &str) {
        let found = self.written(&item.span());
        self.expected(Expected::new(item.span(), found, expected));
    }

    /// Reports the keys that are not known.
    pub fn unknown(&mut self, table: &DeTable<'_>, known: &[&str], of: &str) {
        for key in table.keys() {
            if self.is_full() {
                return;
            }
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let e = Expected::new(key.span(), name, format!("a key of {of}"));
                self.expected(e.near(known.iter().copied()));
            }
        }
    }

    pub fn table<'t, 'i>(&mut self, item: &'t Item<'i>) -> Option<&'t DeTable<'i>> {
        let DeValue::Table(table) = item.get_ref() else {
            self.wanted(item, "a table");
            return None;
        };
        Some(table)
    }

    pub fn array<'t, 'i>(&mut self, item: &'t Item<'i>, of: &str) -> Option<&'t [Item<'i>]> {
        let DeValue::Array(items) = item.get_ref() else {
            self.wanted(item, of);
            return None;
        };
        Some(items)
    }

    /// A string; `expected` says of what kind.
    pub fn text<'t>(&mut self, item: &'t Item<'_>, expected: &str) -> Option<Text<'t>> {
        let DeValue::String(text) = item.get_ref() else {
            self.wanted(item, expected);
            return None;
        };
        // A terminal would obey them.
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.wanted(item, "a text without control characters");
            return None;
        }
        let span = item.span();
        let inner = span.start + 1..span.end.saturating_sub(1);
        let start = (self.text.get(inner) == Some(text)).then_some(span.start + 1);
        Some(Text { value: text, span, start })
    }

    /// A string that `parse` reads; `expected` says of what kind where it is no string.
    pub fn parsed<T>(
        &mut self,
        item: &Item<'_>,
        expected: &str,
        parse: impl Fn(&str) -> Result<T, Expected>,
    ) -> Option<T> {
        let text = self.text(item, expected)?;
        match parse(text.value) {
            Ok(value) => Some(value),
            Err(e) => {
                self.expected(text.place(e));
                None
            }
        }
    }

    /// A string under a key, as it is; empty without one.
    pub fn string(&mut self, table: &DeTable<'_>, key: &str) -> String {
        let text = table.get(key).and_then(|item| self.text(item, "a string in quotes"));
        text.map(|t| t.value.to_owned()).unwrap_or_default()
    }

    /// Reports that a string under a key is not there, or empty.
    pub fn require(&mut self, table: &DeTable<'_>, key: &str) {
        match table.get(key) {
            None => self.expected(Expected::new(0..0, "", format!("`{key} = \"…\"`"))),
            Some(item) if matches!(item.get_ref(), DeValue::String(text) if text.is_empty()) => {
                self.wanted(item, "a text that is not empty");
            }
            Some(_) => {}
        }
    }

    /// A time under a key.
    pub fn time(&mut self, table: &DeTable<'_>, key: &str) -> Option<Ns> {
        self.parsed(table.get(key)?, "a time such as `\"10s\"`", parse_time)
    }
}
