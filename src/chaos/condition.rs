//! Conditions: `success(order) >= 99% over 2s and p99 < 250ms`.
//!
//! ```text
//! condition  = all { "or" all }          all = comparison { "and" comparison }
//! comparison = quantity operator value [ "over" time ]
//! quantity   = metric [ "(" argument ")" ]
//! operator   = "<" | "<=" | ">" | ">=" | "==" | "!="
//! value      = a value of the metric's unit | share "of" "baseline"
//! ```
//!
//! Like a command, a condition is parsed without a cluster at hand; names become ids when it is
//! [bound](Condition::bind). By what it is judged is none of this room's business.

mod amount;
mod bind;
mod complete;
mod parse;

pub use amount::{parse_amount, print_amount};
pub use bind::Names;
pub use complete::{complete_condition, complete_quantity};

use super::Expected;
use super::selector::Place;
use super::units::{print_share, print_time};
use crate::observe::metric::{Metric, Of};
use crate::sim::time::{Ns, SECOND};
use std::fmt;

/// The window of a comparison that names none.
pub const WINDOW: Ns = SECOND;

/// What is measured: a metric, perhaps of one class, component, node or reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// The row of the table.
    pub metric: &'static Metric,
    /// What stands in parentheses.
    pub of: Option<String>,
    /// Where that stands in the text.
    place: Place,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
}

impl Operator {
    /// All, with their signs; a longer one stands before those that it contains.
    pub const ALL: &'static [(&'static str, Operator)] = &[
        ("<=", Operator::AtMost),
        (">=", Operator::AtLeast),
        ("==", Operator::Equal),
        ("!=", Operator::Unequal),
        ("<", Operator::Below),
        (">", Operator::Above),
    ];

    /// Its sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        Operator::ALL.iter().find(|(_, o)| *o == self).map_or("==", |(sign, _)| sign)
    }

    /// Whether a measured value compares so with a wanted one.
    #[must_use]
    #[expect(clippy::float_cmp, reason = "`==` is asked of counts, which are exact")]
    pub fn holds(self, measured: f64, wanted: f64) -> bool {
        match self {
            Operator::Below => measured < wanted,
            Operator::AtMost => measured <= wanted,
            Operator::Above => measured > wanted,
            Operator::AtLeast => measured >= wanted,
            Operator::Equal => measured == wanted,
            Operator::Unequal => measured != wanted,
        }
    }

    /// How far a measured value is on the good side of the wanted one; negative on the bad side.
    #[must_use]
    pub fn margin(self, measured: f64, wanted: f64) -> f64 {
        match self {
            Operator::Below | Operator::AtMost => wanted - measured,
            Operator::Above | Operator::AtLeast => measured - wanted,
            Operator::Equal => -(measured - wanted).abs(),
            Operator::Unequal => (measured - wanted).abs(),
        }
    }
}

/// What a value is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// A value in the measure of the metric's unit.
    Value(f64),
    /// So many times the metric's value over the judged time before the first fault.
    OfBaseline(f64),
}

/// `success(order) >= 99% over 2s`.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What is measured.
    pub quantity: Quantity,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub bound: Bound,
    /// Over how long: a whole number of bins.
    pub window: Ns,
}

/// Comparisons joined by `and` and `or`; `and` binds tighter.
///
/// `Display` prints the one canonical text, which parses to an equal condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// One of these groups must hold, and in it every comparison. None is empty.
    pub any: Vec<Vec<Comparison>>,
}

impl Quantity {
    /// Reads a quantity: `outage(order)`.
    ///
    /// # Errors
    /// What was expected where, and the nearest valid word.
    pub fn parse(text: &str) -> Result<Quantity, Expected> {
        parse::whole_quantity(text)
    }

    /// Finds out what is meant.
    ///
    /// # Errors
    /// When there is no class, component, node or reason of that name, or it is of a wrong kind.
    pub fn bind(&self, names: &Names<'_>) -> Result<Of, Expected> {
        bind::bind(self, names)
    }
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// What was expected where, and the nearest valid word.
    pub fn parse(text: &str) -> Result<Condition, Expected> {
        parse::condition(text)
    }

    /// Its comparisons, in the order of the text.
    pub fn comparisons(&self) -> impl Iterator<Item = &Comparison> {
        self.any.iter().flatten()
    }

    /// Finds out what its comparisons mean, in the order of [`Condition::comparisons`].
    ///
    /// # Errors
    /// As [`Quantity::bind`].
    pub fn bind(&self, names: &Names<'_>) -> Result<Vec<Of>, Expected> {
        self.comparisons().map(|c| c.quantity.bind(names)).collect()
    }

    /// The longest of its windows: all must be full for it to be judged.
    #[must_use]
    pub fn window(&self) -> Ns {
        self.comparisons().map(|c| c.window).max().unwrap_or(WINDOW)
    }

    /// Whether it holds, if each of its comparisons does, does not, or cannot be told (in the order
    /// of [`Condition::comparisons`]). `None` if that cannot be told.
    #[must_use]
    pub fn holds(&self, each: &[Option<bool>]) -> Option<bool> {
        let mut rest = each.iter().copied();
        let mut any = Some(false);
        for group in &self.any {
            let group: Vec<Option<bool>> = rest.by_ref().take(group.len()).collect();
            let all = if group.contains(&Some(false)) {
                Some(false)
            } else {
                group.iter().all(Option::is_some).then_some(true)
            };
            any = match (any, all) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (None, _) | (_, None) => None,
                _ => Some(false),
            };
        }
        any
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.metric.name)?;
        match &self.of {
            Some(of) => write!(f, "({of})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.quantity, self.operator.sign())?;
        match self.bound {
            Bound::Value(value) => {
                f.write_str(&amount::print(self.quantity.metric.unit, value))?;
            }
            Bound::OfBaseline(share) => write!(f, "{} of baseline", print_share(share))?,
        }
        if self.window != WINDOW {
            write!(f, " over {}", print_time(self.window))?;
        }
        Ok(())
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, group) in self.any.iter().enumerate() {
            if i > 0 {
                f.write_str(" or ")?;
            }
            for (j, comparison) in group.iter().enumerate() {
                if j > 0 {
                    f.write_str(" and ")?;
                }
                write!(f, "{comparison}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
