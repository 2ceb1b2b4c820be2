//! The parser of conditions.

use super::super::expected::one_of;
use super::super::scan::Word;
use super::super::selector::Place;
use super::super::units::{parse_percent, parse_time, print_time};
use super::{Bound, Comparison, Condition, Expected, Operator, Quantity, WINDOW, amount};
use crate::observe::BIN;
use crate::observe::history::LONGEST;
use crate::observe::metric::{self, Argument, METRICS, Metric};
use crate::sim::time::Ns;

/// Comparisons of a condition at most: what a person can read.
const MANY: usize = 50;

/// Reads a whole condition.
pub(super) fn condition(text: &str) -> Result<Condition, Expected> {
    let tokens = tokens(text);
    let mut rest = Rest { tokens: &tokens, end: Word { text: "", at: text.len() } };
    let mut any = vec![vec![comparison(&mut rest)?]];
    let mut count = 1;
    while let Some(word) = rest.take() {
        count += 1;
        if count > MANY {
            return Err(word.expected(format!("at most {MANY} comparisons")));
        }
        match (word.text, any.last_mut()) {
            ("and", Some(group)) => group.push(comparison(&mut rest)?),
            ("or", _) => any.push(vec![comparison(&mut rest)?]),
            _ => {
                let words = ["over", "and", "or"];
                return Err(word.expected("`over`, `and`, `or` or the end").near(words));
            }
        }
    }
    Ok(Condition { any })
}

/// Reads a quantity alone.
pub(super) fn whole_quantity(text: &str) -> Result<Quantity, Expected> {
    let tokens = tokens(text);
    let mut rest = Rest { tokens: &tokens, end: Word { text: "", at: text.len() } };
    let quantity = quantity(&mut rest)?;
    match rest.take() {
        Some(more) => Err(more.expected("the end of the metric")),
        None => Ok(quantity),
    }
}

/// Words, signs and parentheses, with or without spaces between them.
fn tokens(text: &str) -> Vec<Word<'_>> {
    let whole = Word { text, at: 0 };
    let mut tokens: Vec<Word<'_>> = Vec::new();
    let mut open: Option<(Class, usize)> = None;
    let close = |open: Option<(Class, usize)>, end: usize, tokens: &mut Vec<_>| {
        if let Some((class, start)) = open
            && class != Class::Space
        {
            tokens.push(whole.part(start..end));
        }
    };
    for (i, c) in text.char_indices() {
        let class = Class::of(c);
        if open.is_none_or(|(before, _)| before != class || class == Class::Parenthesis) {
            close(open, i, &mut tokens);
            open = Some((class, i));
        }
    }
    close(open, text.len(), &mut tokens);
    tokens
}

/// What a letter belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Space,
    Sign,
    Parenthesis,
    Word,
}

impl Class {
    fn of(c: char) -> Class {
        match c {
            c if c.is_whitespace() => Class::Space,
            '<' | '>' | '=' | '!' => Class::Sign,
            '(' | ')' => Class::Parenthesis,
            _ => Class::Word,
        }
    }
}

/// The tokens that have not been read.
struct Rest<'a> {
    tokens: &'a [Word<'a>],
    end: Word<'a>,
}

impl<'a> Rest<'a> {
    fn peek(&self) -> &'a str {
        self.tokens.first().map_or("", |word| word.text)
    }

    fn take(&mut self) -> Option<Word<'a>> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(*first)
    }

    fn take_or_end(&mut self) -> Word<'a> {
        self.take().unwrap_or(self.end)
    }
}

fn comparison(rest: &mut Rest<'_>) -> Result<Comparison, Expected> {
    let quantity = quantity(rest)?;
    let operator = operator(rest)?;
    let bound = bound(quantity.metric, rest)?;
    let window = window(rest)?;
    Ok(Comparison { quantity, operator, bound, window })
}

fn quantity(rest: &mut Rest<'_>) -> Result<Quantity, Expected> {
    let word = rest.take_or_end();
    let Some(metric) = metric::find(word.text) else {
        return Err(word.expected("a metric").near(METRICS.iter().map(|m| m.name)));
    };
    if rest.peek() != "(" {
        return Ok(Quantity { metric, of: None, place: Place::default() });
    }
    let open = rest.take_or_end();
    if metric.takes == Argument::Nothing {
        return Err(open.expected(format!("no argument: `{}` has none", metric.name)));
    }
    let argument = rest.take_or_end();
    if argument.text.is_empty() || argument.text.starts_with(['(', ')', '<', '>', '=', '!']) {
        return Err(argument.expected(format!("{} for `{}`", what(metric), metric.name)));
    }
    let close = rest.take_or_end();
    if close.text != ")" {
        return Err(close.expected("`)`"));
    }
    let place = Place::from(argument.range());
    Ok(Quantity { metric, of: Some(argument.text.to_owned()), place })
}

/// What a metric takes, as a phrase.
pub(super) fn what(metric: &Metric) -> String {
    match metric.takes {
        Argument::Nothing => "nothing".to_owned(),
        Argument::Class => "a class of requests".to_owned(),
        Argument::Reason => "a reason for failure".to_owned(),
        Argument::Kinds(kinds) => format!("a {} or a node of one", kinds.join(", a ")),
    }
}

fn operator(rest: &mut Rest<'_>) -> Result<Operator, Expected> {
    let word = rest.take_or_end();
    let known = Operator::ALL.iter().find(|(sign, _)| *sign == word.text);
    known.map(|(_, operator)| *operator).ok_or_else(|| {
        let signs = ["<", "<=", ">", ">=", "==", "!="];
        let expected = word.expected(one_of(&signs));
        let meant = match word.text {
            "=" => Some("=="),
            "=<" => Some("<="),
            "=>" => Some(">="),
            "<>" | "=!" => Some("!="),
            _ => None,
        };
        Expected { nearest: meant.map(str::to_owned), ..expected }
    })
}

fn bound(metric: &Metric, rest: &mut Rest<'_>) -> Result<Bound, Expected> {
    let word = rest.take_or_end();
    if rest.peek() == "of" {
        let share = parse_percent(word.text).map_err(|e| e.shifted(word.at))?;
        rest.take_or_end();
        let baseline = rest.take_or_end();
        if baseline.text != "baseline" {
            return Err(baseline.expected("`baseline`").near(["baseline"]));
        }
        return Ok(Bound::OfBaseline(share));
    }
    match amount::parse_amount(metric.unit, word.text) {
        Ok(value) => Ok(Bound::Value(value)),
        // A share of something that is no share lacks what it is a share of.
        Err(_) if parse_percent(word.text).is_ok() => {
            let example = amount::example(metric.unit);
            let baseline = format!("{} of baseline", word.text);
            Err(word.expected(format!("{example}, or `{baseline}`")))
        }
        Err(e) => {
            let what = match e.expected.as_str() {
                limit if limit.contains("such as") => amount::example(metric.unit).to_owned(),
                limit => limit.to_owned(),
            };
            let what = format!("{what} for `{}`, or `N% of baseline`", metric.name);
            Err(word.expected(what))
        }
    }
}

fn window(rest: &mut Rest<'_>) -> Result<Ns, Expected> {
    if rest.peek() != "over" {
        return Ok(WINDOW);
    }
    rest.take_or_end();
    let word = rest.take_or_end();
    let window = parse_time(word.text).map_err(|e| e.shifted(word.at))?;
    if window == 0 || !window.is_multiple_of(BIN) {
        let what = format!("a window that is a multiple of {}", print_time(BIN));
        return Err(word.expected(what));
    }
    if window > LONGEST {
        return Err(word.expected(format!("a window of at most {}", print_time(LONGEST))));
    }
    Ok(window)
}
