//! Metrics: what a condition can be about, in one table.
//!
//! A new metric is one row of [`METRICS`] and, if none of those that are there fits, a function that
//! reads it off a [`Span`]. Conditions, `brownout list metrics`, completion, reports and README read
//! the row.
//!
//! A metric has a value over a span of simulated time that is made of whole bins, and over the whole
//! run. Where there is nothing to tell (no request ended, so there is no share of successes) it has
//! none: never 0, never `NaN`.

mod span;
mod table;
mod values;

pub use span::Span;
pub use table::METRICS;

use crate::sim::id::ClassId;
use crate::sim::observation::Outcome;

/// What may stand in parentheses behind a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Nothing.
    Nothing,
    /// A class of requests; without one, all requests.
    Class,
    /// A reason for failure; without one, all reasons.
    Reason,
    /// A component of one of these kinds, or one of its nodes; without one, all of these kinds.
    Kinds(&'static [&'static str]),
}

/// In what a metric is measured. Values are kept in the unit's own measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Events per second: `2000/s`.
    Rate,
    /// A share, 0 to 1: `95%`.
    Share,
    /// Nanoseconds of simulated time: `250ms`.
    Time,
    /// A number of things: `20k`.
    Count,
    /// A plain number: `1.5`.
    Factor,
}

impl Unit {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Unit::Rate => "per second",
            Unit::Share => "share",
            Unit::Time => "time",
            Unit::Count => "count",
            Unit::Factor => "factor",
        }
    }
}

/// How values over a span come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A rate, a share, a quantile, a mean over the span.
    Window,
    /// What happened in the span. At the end of a run it is judged by its total.
    Counter,
    /// How it stood at the end of the span.
    Level,
}

/// What is meant, in ids: the argument of a metric in one world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// All requests.
    All,
    /// Requests of a class.
    Class(ClassId),
    /// Failures for a reason.
    Reason(Outcome),
    /// Nodes from the first on, before the second.
    Nodes(u16, u16),
    /// All nodes of components of these kinds.
    Kinds(&'static [&'static str]),
}

/// Reads a metric off a span.
pub type Value = fn(&Span<'_>, Of) -> Option<f64>;

/// One metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// The word.
    pub name: &'static str,
    /// What may stand in parentheses behind it.
    pub takes: Argument,
    /// In what it is measured.
    pub unit: Unit,
    /// How its values come about.
    pub kind: Kind,
    /// Its value over a span, in the measure of its unit; `None` where there is nothing to tell.
    pub value: Value,
    /// One line on what it means.
    pub about: &'static str,
}

impl PartialEq for Metric {
    fn eq(&self, other: &Metric) -> bool {
        self.name == other.name
    }
}

impl Metric {
    /// How it is written: `success(class)`.
    #[must_use]
    pub fn usage(&self) -> String {
        let argument = match self.takes {
            Argument::Nothing => return self.name.to_owned(),
            Argument::Class => "class".to_owned(),
            Argument::Reason => "reason".to_owned(),
            Argument::Kinds([one]) => (*one).to_owned(),
            Argument::Kinds(_) => "node".to_owned(),
        };
        format!("{}({argument})", self.name)
    }
}

/// The metric of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

#[cfg(test)]
mod tests;
