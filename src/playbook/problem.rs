//! What is wrong with a file, and where.

use super::reader::ENOUGH;
use crate::chaos::Expected;
use std::fmt;
use std::ops::Range;

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was asked for.
    pub file: String,
    /// Line and column of the first wrong letter, from 1; `None` if the file cannot be read at all.
    pub at: Option<(usize, usize)>,
    /// The text that stands there, if it is about one.
    pub found: String,
    /// The sentence that a person reads.
    pub message: String,
    /// The nearest valid text.
    pub nearest: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some((line, column)) => write!(f, "{}:{line}:{column}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

/// All that is wrong, in the order of the file; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl Problems {
    /// A file that cannot be read at all.
    pub(super) fn of_file(file: &str, message: String, nearest: Option<String>) -> Problems {
        let problem =
            Problem { file: file.to_owned(), at: None, found: file.to_owned(), message, nearest };
        Problems(vec![problem])
    }
}

/// Something wrong in a text, before its place is known as a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wrong {
    /// Something else was expected; its range is in the whole text.
    Expected(Expected),
    /// Any other sentence about a range of the text.
    Other(Range<usize>, String),
}

impl Wrong {
    fn range(&self) -> Range<usize> {
        match self {
            Wrong::Expected(e) => e.range.clone(),
            Wrong::Other(range, _) => range.clone(),
        }
    }

    fn located(self, file: &str, text: &str) -> Problem {
        let range = self.range();
        let at = Some(position(text, range.start));
        let file = file.to_owned();
        match self {
            Wrong::Expected(e) => {
                Problem { file, at, message: e.to_string(), found: e.found, nearest: e.nearest }
            }
            Wrong::Other(_, message) => {
                let found = text.get(range).unwrap_or_default().to_owned();
                Problem { file, at, found, message, nearest: None }
            }
        }
    }
}

/// Problems of one file that are told; of more only their number.
const SHOWN: usize = 50;

/// All that is wrong in a text, in its order, each thing once.
pub(super) fn located(mut wrong: Vec<Wrong>, file: &str, text: &str) -> Problems {
    wrong.sort_by_key(|w| w.range().start);
    let more = wrong.split_off(wrong.len().min(SHOWN));
    let mut problems: Vec<Problem> = wrong.into_iter().map(|w| w.located(file, text)).collect();
    problems.dedup();
    if let Some(first) = more.first() {
        let at_least = if more.len() + SHOWN >= ENOUGH { "at least " } else { "" };
        let message = format!("and {at_least}{} more problems", more.len());
        problems.push(
            Wrong::Other(first.range().start..first.range().start, message).located(file, text),
        );
    }
    Problems(problems)
}

/// Line and column of a byte, from 1; columns count letters.
#[must_use]
pub fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_very_many_problems_the_first_are_told() {
        let wrong = (0..190).rev().map(|i| Wrong::Other(i..i + 1, format!("problem {i}")));
        let told = located(wrong.collect(), "x.toml", &"a".repeat(190)).0;
        assert_eq!(told.len(), SHOWN + 1);
        assert_eq!(told[0].message, "problem 0");
        assert_eq!(told[SHOWN].message, "and 140 more problems");
    }

    #[test]
    fn columns_count_letters() {
        assert_eq!(position("ab\nµs x", 0), (1, 1));
        assert_eq!(position("ab\nµs x", 3), (2, 1));
        assert_eq!(position("ab\nµs x", 7), (2, 4));
        assert_eq!(position("ab", 99), (1, 3));
    }
}
