//! Settings by their paths, read with the tables of [`crate::sim::spec`].

use super::Expected;
use super::units::{parse_value, print_value};
use crate::sim::spec::{Dist, Kind, Limit, Options, Row, Value};
use crate::sim::time::{MILLISECOND, Ns};

/// The rows of a kind of component.
pub(super) fn rows(kind: &str) -> Vec<Row> {
    Options::of_kind(kind).map(|o| o.settings()).unwrap_or_default()
}

/// The row of a setting of a kind of component.
///
/// # Errors
/// When the kind has no such setting.
pub fn row(kind: &str, setting: &str) -> Result<Row, Expected> {
    let rows = rows(kind);
    if let Some(row) = rows.iter().find(|row| row.name == setting) {
        return Ok(*row);
    }
    let what = format!("a {kind} setting");
    Err(Expected::whole(setting, what).near(rows.iter().map(|row| row.name)))
}

/// Reads the value of a setting.
///
/// # Errors
/// When it is no value of the setting's kind, or out of its bounds.
pub fn parse(row: &Row, text: &str) -> Result<Value, Expected> {
    parse_value(row.kind, text)
}

/// The value that a setting of a kind of component takes after a step up or down, as text: counts by
/// one up to 10 and then by doubling, times, work and rates by doubling, shares by tenths, words and
/// flags in turn. `None` at the end of its bounds, and where there are no steps.
#[must_use]
pub fn step(kind: &str, name: &str, value: &str, up: bool) -> Option<String> {
    let row = row(kind, name).ok()?;
    let now = parse(&row, value).ok()?;
    stepped(row.kind, &now, up).map(|value| print_value(&value))
}

/// Values that are worth trying instead of `now`: steps down and up, and the ends.
#[must_use]
pub fn typical(row: &Row, now: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    let mut steps = |up: bool, times: usize| {
        let mut at = now.clone();
        for _ in 0..times {
            let Some(next) = stepped(row.kind, &at, up) else { return };
            all.push(next.clone());
            at = next;
        }
    };
    steps(true, 2);
    steps(false, 2);
    match row.kind {
        Kind::Flag => all = vec![Value::Flag(true), Value::Flag(false)],
        Kind::Word(words) => all = words.iter().map(|w| Value::Word(w)).collect(),
        Kind::Limit(least) => {
            all.extend([Value::Limit(Limit::At(least)), Value::Limit(Limit::Unlimited)]);
        }
        Kind::Count(least, _) => all.push(Value::Count(least)),
        Kind::Share => all.extend([Value::Share(0.0), Value::Share(1.0)]),
        _ => {}
    }
    all.retain(|value| value != now);
    let mut seen = Vec::new();
    all.retain(|value| {
        !seen.contains(value) && {
            seen.push(value.clone());
            true
        }
    });
    all
}

fn stepped(kind: Kind, value: &Value, up: bool) -> Option<Value> {
    let next = match (kind, value) {
        (Kind::Flag, Value::Flag(on)) => Value::Flag(!on),
        (Kind::Word(words), Value::Word(word)) => {
            let at = words.iter().position(|w| w == word)?;
            let step = if up { 1 } else { words.len() - 1 };
            Value::Word(words[(at + step) % words.len()])
        }
        (Kind::Count(low, high), Value::Count(n)) => Value::Count(next(*n, up).clamp(low, high)),
        (Kind::Limit(low), Value::Limit(Limit::At(n))) => {
            Value::Limit(Limit::At(next(*n, up).max(low)))
        }
        (Kind::Time, Value::Time(t)) => Value::Time(longer(*t, up)),
        (Kind::Period, Value::Time(t)) => Value::Time(longer(*t, up).max(MILLISECOND)),
        (Kind::Work, Value::Work(dist)) => Value::Work(scaled(*dist, up)?),
        (Kind::Rate, Value::Rate(rate)) => Value::Rate(if up { rate * 2.0 } else { rate / 2.0 }),
        (Kind::Share, Value::Share(share)) => {
            let tenths = (share * 10.0).round() + if up { 1.0 } else { -1.0 };
            Value::Share((tenths / 10.0).clamp(0.0, 1.0))
        }
        _ => return None,
    };
    (next != *value).then_some(next)
}

/// The next count: by one up to 10, then twice or half as much.
fn next(n: u64, up: bool) -> u64 {
    match (n, up) {
        (0..10, true) => n + 1,
        (_, true) => n.saturating_mul(2),
        (0..=10, false) => n.saturating_sub(1),
        (_, false) => n / 2,
    }
}

/// Twice or half as long; from nothing to 1 ms, and from under 1 us to nothing.
fn longer(t: Ns, up: bool) -> Ns {
    match (t, up) {
        (0, true) => MILLISECOND,
        (_, true) => t.saturating_mul(2),
        (..1_000, false) => 0,
        (_, false) => t / 2,
    }
}

/// Work that takes twice or half as long, drawn in the same way.
fn scaled(dist: Dist, up: bool) -> Option<Dist> {
    let by = |t: Ns| longer(t, up);
    Some(match dist {
        Dist::Constant(t) => Dist::Constant(by(t)),
        Dist::Exponential(mean) if mean > 1_000 || up => Dist::Exponential(by(mean)),
        Dist::Uniform(a, b) if b > 2_000 || up => Dist::Uniform(by(a), by(b)),
        Dist::Normal(mean, deviation) => Dist::Normal(by(mean), by(deviation)),
        Dist::LogNormal(p50, p99) if p50 > 2_000 || up => Dist::LogNormal(by(p50), by(p99)),
        Dist::Pareto(min, shape) if min > 2_000 || up => Dist::Pareto(by(min), shape),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::spec::KINDS;

    #[test]
    fn steps_are_small_where_numbers_are_and_stop_at_the_bounds() {
        let service = |name, value: &str, up| step("service", name, value, up);
        assert_eq!(service("threads", "64", true).as_deref(), Some("128"));
        assert_eq!(service("threads", "4", true).as_deref(), Some("5"));
        assert_eq!(service("cores", "1", false), None);
        assert_eq!(service("boot", "2s", false).as_deref(), Some("1s"));
        assert_eq!(step("cache", "enabled", "true", true).as_deref(), Some("false"));
        assert_eq!(step("balancer", "panic", "95%", true).as_deref(), Some("100%"));
        assert_eq!(step("balancer", "panic", "0%", false), None);
        assert_eq!(step("balancer", "policy", "round_robin", false).as_deref(), Some("user_hash"));
    }

    #[test]
    fn every_step_and_every_typical_value_can_be_set() {
        for (kind, _) in KINDS {
            let options = Options::of_kind(kind).unwrap();
            for row in options.settings() {
                let now = options.get(row.name).unwrap();
                let steps = [true, false].map(|up| stepped(row.kind, &now, up));
                for value in steps.into_iter().flatten().chain(typical(&row, &now)) {
                    let text = print_value(&value);
                    assert_eq!(parse(&row, &text).as_ref(), Ok(&value), "{kind}.{}", row.name);
                    assert_ne!(value, now);
                }
            }
        }
    }
}
