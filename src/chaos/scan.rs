//! Cutting text into words. Parentheses, brackets and quotes hold a word together, so that
//! `normal(5ms, 1ms)` is one.

use super::Expected;
use std::ops::Range;

/// A piece of a text and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Word<'a> {
    pub text: &'a str,
    pub at: usize,
}

impl<'a> Word<'a> {
    pub fn range(&self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    /// An error about this word.
    pub fn expected(&self, expected: impl Into<String>) -> Expected {
        Expected::new(self.range(), self.text, expected)
    }

    /// The part of it in that range of its bytes.
    pub fn part(&self, range: Range<usize>) -> Word<'a> {
        Word { text: &self.text[range.clone()], at: self.at + range.start }
    }

    /// Before and after the first `separator`.
    pub fn split_once(&self, separator: &str) -> Option<(Word<'a>, Word<'a>)> {
        let i = self.text.find(separator)?;
        Some((self.part(0..i), self.part(i + separator.len()..self.text.len())))
    }

    /// Without white space at both ends.
    pub fn trimmed(&self) -> Word<'a> {
        let start = self.text.len() - self.text.trim_start().len();
        let text = self.text.trim();
        Word { text, at: self.at + start }
    }
}

/// The pieces between separators that stand outside parentheses, brackets and quotes.
pub(crate) fn split(whole: Word<'_>, separates: impl Fn(char) -> bool) -> Vec<Word<'_>> {
    let mut pieces = Vec::new();
    let (mut depth, mut quoted, mut start) = (0_usize, false, 0);
    for (i, c) in whole.text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth = depth.saturating_sub(1),
            c if depth == 0 && !quoted && separates(c) => {
                pieces.push(whole.part(start..i));
                start = i + c.len_utf8();
            }
            _ => {}
        }
    }
    pieces.push(whole.part(start..whole.text.len()));
    pieces
}

/// The words of a text.
pub(crate) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = split(Word { text, at: 0 }, char::is_whitespace);
    words.retain(|w| !w.text.is_empty());
    words
}

/// Whether a component, class or zone may be called that: letters, digits, `-` and `_`; it begins
/// with a letter and does not end with a sign.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// What [`is_name`] asks for, as a phrase.
pub const A_NAME: &str = "a name of letters, digits, `-` and `_`, beginning with a letter";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parentheses_hold_words_together() {
        let w = words("set a.b=normal(5ms, 1ms)  for 2s ");
        let texts: Vec<&str> = w.iter().map(|w| w.text).collect();
        assert_eq!(texts, ["set", "a.b=normal(5ms, 1ms)", "for", "2s"]);
        assert_eq!(w[2].range(), 26..29);
    }

    #[test]
    fn names_hold_nothing_that_the_grammar_uses() {
        for good in ["web", "orders-db", "a", "W_2"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "-a", "a-", "2a", "a b", "a.b", "a:b", "a*", "a,b", "a|b", "a=b", "é"] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
