//! Metrics: what a condition can be about, in one table.
//!
//! A new metric is one row of [`METRICS`] and, if none of those that are there fits, a function that
//! reads it off a [`Span`]. Conditions, `brownout list metrics`, completion, reports and README read
//! the row.
//!
//! A metric has a value over a span of simulated time that is made of whole bins. Where there is
//! nothing to tell (no request ended, so there is no share of successes) it has none: never 0, never
//! `NaN`.

/// What may stand in parentheses behind a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Nothing.
    Nothing,
    /// A class of requests; without one, all requests.
    Class,
    /// A reason for failure; without one, all reasons.
    Reason,
    /// A component of one of these kinds, or one of its nodes; without one, all of them together.
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
    /// One line on what it means.
    pub about: &'static str,
}

impl PartialEq for Metric {
    fn eq(&self, other: &Metric) -> bool {
        self.name == other.name
    }
}
