//! Values of settings, by their kind.

use super::super::Expected;
use super::super::expected::one_of;
use super::super::scan::{A_NAME, Word, is_name, split};
use super::{
    parse_bytes, parse_count, parse_dist, parse_flag, parse_limit, parse_memory, parse_rate,
    parse_share, parse_speed, parse_stage, parse_step, parse_time, print_bytes, print_count,
    print_dist, print_limit, print_memory, print_rate, print_share, print_speed, print_stage,
    print_step, print_time,
};
use crate::sim::spec::{Kind, Limit, Value};
use crate::sim::time::MILLISECOND;

/// Reads a value of that kind, within its bounds. Steps are a list in brackets:
/// `[cpu 5ms, read menus]`.
///
/// # Errors
/// When the text is no such value, or out of bounds.
pub fn parse_value(kind: Kind, text: &str) -> Result<Value, Expected> {
    Ok(match kind {
        Kind::Time => Value::Time(parse_time(text)?),
        Kind::Period => match parse_time(text)? {
            time if time >= MILLISECOND => Value::Time(time),
            _ => return Err(Expected::whole(text, "at least 1ms")),
        },
        Kind::Work => Value::Work(parse_dist(text)?),
        Kind::Count(low, high) => Value::Count(count(text, low, high)?),
        Kind::Limit(low) => match parse_limit(text)? {
            Limit::At(n) if n < low => {
                return Err(Expected::whole(text, format!("at least {low}, or `unlimited`")));
            }
            limit => Value::Limit(limit),
        },
        Kind::Rate => Value::Rate(parse_rate(text)?),
        Kind::Bytes => Value::Bytes(parse_bytes(text)?),
        Kind::Memory => Value::Memory(parse_memory(text)?),
        Kind::Speed => Value::Speed(parse_speed(text)?),
        Kind::Share => Value::Share(parse_share(text)?),
        Kind::Counts(low, high) => {
            Value::Counts(list(text, "numbers such as `[3, 1]`", |item| count(item, low, high))?)
        }
        Kind::Stages => {
            Value::Stages(list(text, "stages such as `[ramp 1x 2x 30s]`", parse_stage)?)
        }
        Kind::Classes => Value::Classes(list(text, "classes such as `[menu, order]`", class)?),
        Kind::Flag => Value::Flag(parse_flag(text)?),
        Kind::Word(words) => match words.iter().find(|word| **word == text) {
            Some(word) => Value::Word(word),
            None => return Err(Expected::whole(text, one_of(words)).near(words.iter().copied())),
        },
        Kind::Name(_) if is_name(text) => Value::Name(text.to_owned()),
        Kind::Name(_) => return Err(Expected::whole(text, A_NAME)),
        Kind::Steps => Value::Steps(list(text, "steps such as `[cpu 5ms]`", parse_step)?),
    })
}

fn bounds(low: u64, high: u64) -> String {
    format!("a number from {} to {}", print_count(low), print_count(high))
}

fn count(text: &str, low: u64, high: u64) -> Result<u64, Expected> {
    match parse_count(text)? {
        n if (low..=high).contains(&n) => Ok(n),
        _ => Err(Expected::whole(text, bounds(low, high))),
    }
}

fn class(text: &str) -> Result<String, Expected> {
    if is_name(text) { Ok(text.to_owned()) } else { Err(Expected::whole(text, A_NAME)) }
}

/// Reads a list in brackets.
fn list<T>(
    text: &str,
    of: &str,
    parse: impl Fn(&str) -> Result<T, Expected>,
) -> Result<Vec<T>, Expected> {
    let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    let inner = inner.ok_or_else(|| Expected::whole(text, of))?;
    let list = Word { text: inner, at: 1 };
    if inner.trim().is_empty() {
        return Ok(Vec::new());
    }
    split(list, |c| c == ',')
        .iter()
        .map(Word::trimmed)
        .map(|item| parse(item.text).map_err(|e| e.shifted(item.at)))
        .collect()
}

/// Prints a value as [`parse_value`] reads it, and as a file has it (steps without their quotes).
#[must_use]
pub fn print_value(value: &Value) -> String {
    match value {
        Value::Time(ns) => print_time(*ns),
        Value::Work(dist) => print_dist(dist),
        Value::Count(n) => print_count(*n),
        Value::Limit(limit) => print_limit(*limit),
        Value::Rate(rate) => print_rate(*rate),
        Value::Bytes(bytes) => print_bytes(*bytes),
        Value::Memory(limit) => print_memory(*limit),
        Value::Speed(limit) => print_speed(*limit),
        Value::Share(share) => print_share(*share),
        Value::Counts(all) => print_list(all, |n| print_count(*n)),
        Value::Stages(all) => print_list(all, print_stage),
        Value::Classes(all) => print_list(all, Clone::clone),
        Value::Flag(flag) => flag.to_string(),
        Value::Word(word) => (*word).to_owned(),
        Value::Name(name) => name.clone(),
        Value::Steps(all) => print_list(all, print_step),
    }
}

fn print_list<T>(all: &[T], print: impl Fn(&T) -> String) -> String {
    let all: Vec<String> = all.iter().map(print).collect();
    format!("[{}]", all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::step::tests::any_step;
    use super::*;
    use crate::sim::spec::{KINDS, Options};
    use proptest::prelude::*;

    #[test]
    fn every_default_reads_back() {
        for (word, _) in KINDS {
            let options = Options::of_kind(word).unwrap();
            for row in options.settings() {
                let value = options.get(row.name).unwrap();
                if value == Value::Name(String::new()) {
                    continue;
                }
                let text = print_value(&value);
                assert_eq!(parse_value(row.kind, &text), Ok(value), "{word}.{}", row.name);
            }
        }
    }

    #[test]
    fn bounds_are_kept() {
        let message = |kind, text| parse_value(kind, text).unwrap_err().to_string();
        assert_eq!(
            message(Kind::Count(1, 1000), "0"),
            "expected a number from 1 to 1000, found `0`"
        );
        assert_eq!(message(Kind::Limit(1), "0"), "expected at least 1, or `unlimited`, found `0`");
        assert_eq!(
            message(Kind::Word(&["round_robin", "least_connections"]), "round-robin"),
            "expected `round_robin` or `least_connections`, found `round-robin`; did you mean \
             `round_robin`?"
        );
    }

    proptest! {
        #[test]
        fn steps_read_back(steps in prop::collection::vec(any_step(), 0..4)) {
            let value = Value::Steps(steps);
            prop_assert_eq!(parse_value(Kind::Steps, &print_value(&value)), Ok(value));
        }
    }
}
