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
//! bound. What it is judged by is none of this room's business.

use super::selector::Place;
use crate::observe::metric::Metric;
use crate::sim::time::{Ns, SECOND};

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
    pub(super) place: Place,
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
