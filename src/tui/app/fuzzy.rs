//! Finding what is meant by a few letters, and typing them.

use crate::tui::feed::Suggestion;
use crossterm::event::KeyCode;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use tui_input::InputRequest;

/// A suggestion that fits what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The whole command.
    pub text: String,
    /// What it means.
    pub about: String,
    /// Which characters of the text were typed.
    pub typed: Vec<u32>,
}

/// What a key does to a line that is being typed.
pub(super) fn request(code: KeyCode, ctrl: bool) -> Option<InputRequest> {
    Some(match (code, ctrl) {
        (KeyCode::Char('u'), true) => InputRequest::DeleteLine,
        (KeyCode::Char('w') | KeyCode::Backspace, true) => InputRequest::DeletePrevWord,
        (KeyCode::Char('k'), true) => InputRequest::DeleteTillEnd,
        (KeyCode::Char('a'), true) | (KeyCode::Home, _) => InputRequest::GoToStart,
        (KeyCode::Char('e'), true) | (KeyCode::End, _) => InputRequest::GoToEnd,
        (KeyCode::Char(c), false) => InputRequest::InsertChar(c),
        (KeyCode::Backspace, false) => InputRequest::DeletePrevChar,
        (KeyCode::Delete, _) => InputRequest::DeleteNextChar,
        (KeyCode::Left, true) => InputRequest::GoToPrevWord,
        (KeyCode::Right, true) => InputRequest::GoToNextWord,
        (KeyCode::Left, false) => InputRequest::GoToPrevChar,
        (KeyCode::Right, false) => InputRequest::GoToNextChar,
        _ => return None,
    })
}

/// What fits a text. An alias of a verb stands in no suggestion: then the words after it decide.
pub(super) fn ranked(suggestions: &[Suggestion], text: &str) -> Vec<Match> {
    let whole = matched(suggestions, text);
    match text.trim_start().split_once(' ') {
        Some((_, rest)) if whole.is_empty() => matched(suggestions, rest),
        _ => whole,
    }
}

pub(super) fn matched(suggestions: &[Suggestion], text: &str) -> Vec<Match> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(&literal(text), CaseMatching::Smart, Normalization::Smart);
    let mut buffer = Vec::new();
    let mut found: Vec<(u32, Match)> = Vec::new();
    for suggestion in suggestions {
        let mut typed = Vec::new();
        let haystack = Utf32Str::new(&suggestion.text, &mut buffer);
        if let Some(score) = pattern.indices(haystack, &mut matcher, &mut typed) {
            typed.sort_unstable();
            typed.dedup();
            let exact = if suggestion.text == text.trim_end() { u32::MAX } else { score };
            let (text, about) = (suggestion.text.clone(), suggestion.about.clone());
            found.push((exact, Match { text, about, typed }));
        }
    }
    // Values stand in an order that means something.
    let short = |m: &Match| if text.ends_with('=') { 0 } else { m.text.len() };
    found.sort_by(|(a, x), (b, y)| b.cmp(a).then(short(x).cmp(&short(y))));
    found.into_iter().map(|(_, m)| m).collect()
}

/// The text with the signs escaped that mean something to the matcher.
fn literal(text: &str) -> String {
    let word = |word: &str| match word.chars().next() {
        Some('^' | '!' | '\'' | '\\') => format!("\\{word}"),
        _ => word.strip_suffix('$').map_or(word.to_string(), |w| format!("{w}\\$")),
    };
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}
