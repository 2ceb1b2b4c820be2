//! The parser of commands, driven by the table of verbs:
//!
//! ```text
//! command = verb ["x" factor] [target] { key "=" value } [ "for" time ]
//! ```

use super::super::expected::one_of;
use super::super::scan::{Word, is_name, words};
use super::super::selector::{Place, is_glob, parse_links, parse_selector};
use super::super::units::{parse_factor, parse_time};
use super::super::verb::{self, Key, Takes, Verb};
use super::{Argument, Assignment, Command, Expected, Target};
use crate::sim::time::Ns;

/// Reads a whole command.
pub(super) fn command(text: &str) -> Result<Command, Expected> {
    let words = words(text);
    let mut rest = Rest { words: &words, next: 0, text };
    let Some(first) = rest.take() else {
        return Err(rest.end().expected("a command such as `crash web-2`"));
    };
    let Some(verb) = verb::find(first.text) else {
        return Err(first.expected("a command").near(verb::words()));
    };
    let factor = if verb.factor { Some(factor(&mut rest)?) } else { None };
    let target = target(verb, &mut rest)?;
    let arguments = arguments(verb, &mut rest)?;
    let length = length(verb, &mut rest)?;
    match rest.take() {
        Some(more) => Err(more.expected("the end of the command")),
        None => Ok(Command { verb, factor, target, arguments, length }),
    }
}

/// The words that have not been read.
struct Rest<'a> {
    words: &'a [Word<'a>],
    next: usize,
    text: &'a str,
}

impl<'a> Rest<'a> {
    fn peek(&self) -> Option<Word<'a>> {
        self.words.get(self.next).copied()
    }

    fn take(&mut self) -> Option<Word<'a>> {
        let word = self.peek()?;
        self.next += 1;
        Some(word)
    }

    fn end(&self) -> Word<'a> {
        Word { text: "", at: self.text.len() }
    }

    fn take_or_end(&mut self) -> Word<'a> {
        self.take().unwrap_or(self.end())
    }

    /// All words up to the first `key=value` or `for`, as one piece of the text.
    fn take_selector(&mut self) -> Option<Word<'a>> {
        let first = self.peek().filter(is_plain)?;
        let mut last = first;
        while let Some(word) = self.peek().filter(is_plain) {
            last = word;
            self.next += 1;
        }
        let whole = Word { text: self.text, at: 0 };
        Some(whole.part(first.at..last.range().end))
    }
}

fn is_plain(word: &Word<'_>) -> bool {
    word.text != "for" && !word.text.contains('=')
}

fn factor(rest: &mut Rest<'_>) -> Result<f64, Expected> {
    let word = rest.take_or_end();
    match word.split_once("x") {
        Some((before, number)) if before.text.is_empty() => {
            parse_factor(number.text, true).map_err(|e| e.shifted(number.at))
        }
        _ => Err(word.expected("a factor such as `x10`")),
    }
}

fn target(verb: &'static Verb, rest: &mut Rest<'_>) -> Result<Target, Expected> {
    match verb.takes {
        Takes::Nothing => Ok(Target::None),
        Takes::Settings => Ok(Target::Settings(assignments(rest)?)),
        Takes::Word(words) => {
            let word = rest.take_or_end();
            let known = words.iter().find(|known| **known == word.text);
            let known =
                known.ok_or_else(|| word.expected(one_of(words)).near(words.iter().copied()))?;
            Ok(Target::Word(known))
        }
        Takes::Class => {
            let word = rest.take_or_end();
            if !is_name(word.text) || word.text == "for" {
                return Err(word.expected(format!("a class of requests, as in `{}`", verb.example)));
            }
            Ok(Target::Class(word.text.to_owned(), Place::from(word.range())))
        }
        Takes::Links => Ok(Target::Links(parse_links(needed(verb, "links", rest)?)?)),
        Takes::Nodes | Takes::NodesOf(_) | Takes::Components(_) => {
            Ok(Target::Nodes(parse_selector(needed(verb, "a target", rest)?)?))
        }
        Takes::Anything | Takes::AnyComponents(_) => {
            let Some(selector) = rest.take_selector() else { return Ok(Target::None) };
            if verb.takes == Takes::Anything && selector.text.contains(['>', '|']) {
                return Ok(Target::Links(parse_links(selector)?));
            }
            Ok(Target::Nodes(parse_selector(selector)?))
        }
    }
}

/// The words of a selector that may not be left out.
fn needed<'a>(verb: &Verb, what: &str, rest: &mut Rest<'a>) -> Result<Word<'a>, Expected> {
    let wanted = format!("{what}, as in `{}`", verb.example);
    let next = rest.peek().unwrap_or(rest.end());
    rest.take_selector().ok_or_else(|| next.expected(wanted))
}

/// `path=value`, one or more.
fn assignments(rest: &mut Rest<'_>) -> Result<Vec<Assignment>, Expected> {
    let mut found = Vec::new();
    while let Some(word) = rest.peek().filter(|w| w.text != "for") {
        rest.next += 1;
        let Some((path, value)) = word.split_once("=") else {
            return Err(word.expected("`path=value`, as in `set menus.enabled=false`"));
        };
        if !is_path(path.text) {
            return Err(path.expected("a path such as `menus.enabled`"));
        }
        if value.text.is_empty() {
            return Err(value.expected("a value"));
        }
        let at = Place::from(word.range());
        found.push(Assignment { path: path.text.to_owned(), value: value.text.to_owned(), at });
    }
    if found.is_empty() {
        let what = "`path=value`, as in `set menus.enabled=false`";
        return Err(rest.peek().unwrap_or(rest.end()).expected(what));
    }
    Ok(found)
}

/// The component before the first dot may be a pattern.
fn is_path(text: &str) -> bool {
    let Some((component, setting)) = text.split_once('.') else { return false };
    (is_name(component) || is_glob(component)) && setting.split('.').all(is_name)
}

/// `key=value`, each at most once, sorted as the verb's table has them.
fn arguments(
    verb: &'static Verb,
    rest: &mut Rest<'_>,
) -> Result<Vec<(&'static Key, Argument)>, Expected> {
    let mut found: Vec<(usize, Argument)> = Vec::new();
    while let Some(word) = rest.peek().filter(|w| w.text.contains('=')) {
        rest.next += 1;
        let Some((name, value)) = word.split_once("=") else { break };
        let Some(i) = verb.keys.iter().position(|key| key.name == name.text) else {
            return Err(unknown_key(verb, name));
        };
        if found.iter().any(|(j, _)| *j == i) {
            return Err(name.expected("each key once"));
        }
        let argument = Argument::parse(verb.keys[i].kind, value.text);
        found.push((i, argument.map_err(|e| e.shifted(value.at))?));
    }
    for (i, key) in verb.keys.iter().enumerate() {
        if key.default.is_none() && !found.iter().any(|(j, _)| *j == i) {
            return Err(rest.end().expected(format!("`{}=…`", key.name)));
        }
    }
    found.sort_by_key(|(i, _)| *i);
    Ok(found.into_iter().map(|(i, argument)| (&verb.keys[i], argument)).collect())
}

fn unknown_key(verb: &Verb, name: Word<'_>) -> Expected {
    let names: Vec<&str> = verb.keys.iter().map(|key| key.name).collect();
    if names.is_empty() {
        return name.expected(format!("no key after `{}`", verb.name));
    }
    name.expected(format!("{} after `{}`", one_of(&names), verb.name)).near(names)
}

/// `for 10s`.
fn length(verb: &Verb, rest: &mut Rest<'_>) -> Result<Option<Ns>, Expected> {
    let Some(word) = rest.peek().filter(|w| w.text == "for") else { return Ok(None) };
    if !verb.lasts {
        return Err(word.expected(format!("the end: `{}` happens at once", verb.name)));
    }
    rest.next += 1;
    let time = rest.take_or_end();
    parse_time(time.text).map(Some).map_err(|e| e.shifted(time.at))
}
