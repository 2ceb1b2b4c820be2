//! The one error of everything that is read: what stood there, what was expected, what is nearest.

use std::fmt;
use std::ops::Range;

/// Something that could not be read or does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Where it stands in the text that was read, in bytes.
    pub range: Range<usize>,
    /// What stands there; empty at the end of the text.
    pub found: String,
    /// What should stand there, as a phrase: ``a time such as `250ms` ``.
    pub expected: String,
    /// The nearest valid text, if there is one that is near.
    pub nearest: Option<String>,
}

impl Expected {
    /// `found` stands at `range`, and `expected` should.
    pub fn new(range: Range<usize>, found: &str, expected: impl Into<String>) -> Expected {
        Expected { range, found: found.to_owned(), expected: expected.into(), nearest: None }
    }

    /// The same for a text that is wrong as a whole.
    pub fn whole(found: &str, expected: impl Into<String>) -> Expected {
        Expected::new(0..found.len(), found, expected)
    }

    /// Adds the nearest of the words that would be valid there.
    #[must_use]
    pub fn near<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Expected {
        self.nearest = nearest(&self.found, words).map(str::to_owned);
        self
    }

    /// The same in a longer text, in which this one begins at `by`.
    #[must_use]
    pub fn shifted(mut self, by: usize) -> Expected {
        self.range = self.range.start + by..self.range.end + by;
        self
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found ", self.expected)?;
        if self.found.is_empty() {
            f.write_str("nothing")?;
        } else {
            write!(f, "`{}`", self.found)?;
        }
        match &self.nearest {
            Some(word) => write!(f, "; did you mean `{word}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Expected {}

/// The word that `found` was probably meant to be: one that begins with it, or else the one at the
/// smallest Damerau-Levenshtein distance, of at most a third of its letters. The first of equals.
///
/// A distance costs the product of both lengths: words that are too long or too short to be near are
/// not measured, and of very many words only the first [`MEASURED`] are.
pub fn nearest<'a>(found: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = found.chars().count();
    let limit = letters.div_ceil(3).min(letters.saturating_sub(1));
    let mut best: Option<(usize, &str)> = None;
    let mut measured = 0;
    for word in words {
        if letters >= 2 && word.starts_with(found) {
            return Some(word);
        }
        if measured < MEASURED && word.chars().count().abs_diff(letters) <= limit {
            measured += 1;
            let distance = strsim::damerau_levenshtein(found, word);
            if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, word));
            }
        }
    }
    best.map(|(_, word)| word)
}

/// Words of which the distance to one that is wrong is measured, at most.
const MEASURED: usize = 1_000;

/// `a`, `b` or `c`: the words as a phrase.
pub(crate) fn one_of(words: &[&str]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [word] => format!("`{word}`"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|w| format!("`{w}`")).collect();
            format!("{} or `{last}`", first.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_near() {
        let words = ["crash", "cut", "restart", "orders-db"];
        assert_eq!(nearest("crsh", words), Some("crash"));
        assert_eq!(nearest("carsh", words), Some("crash"));
        assert_eq!(nearest("orders", words), Some("orders-db"));
        assert_eq!(nearest("explode", words), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("", words), None);
    }

    #[test]
    fn it_reads_as_a_sentence() {
        let e = Expected::whole("crsh", "a verb").near(["crash"]);
        assert_eq!(e.to_string(), "expected a verb, found `crsh`; did you mean `crash`?");
        assert_eq!(Expected::whole("", "a verb").to_string(), "expected a verb, found nothing");
        assert_eq!(one_of(&["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
