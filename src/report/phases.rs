//! Before, during and after the faults: the same figures of each, side by side.

use crate::observe::metric::{METRICS, Metric, Of, Span};
use crate::session::Session;
use crate::sim::time::Ns;

/// Figures of a part of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseReport {
    /// `before`, `during` or `after`.
    pub name: &'static str,
    /// When it begins.
    pub from: Ns,
    /// When it ends.
    pub to: Ns,
    /// The values of [`COMPARED`], each in the measure of its unit; `None` if nothing was counted.
    pub values: Vec<Option<f64>>,
}

/// The metrics that are compared, by their names in the table of metrics. Of writes it is told how many
/// are missing at the end of each part: what is lost for good is known only at the end of the run.
const COMPARED: &[&str] = &[
    "offered",
    "goodput",
    "success",
    "p50",
    "p99",
    "amplification",
    "missing_writes",
    "stale_reads",
];

/// The rows of the table of metrics that are compared.
pub fn compared() -> impl Iterator<Item = &'static Metric> {
    COMPARED.iter().filter_map(|name| METRICS.iter().find(|metric| metric.name == *name))
}

/// The phases of a session that came and had room for a figure. "During" is from the first fault to
/// the end of the last; the time between two faults is in it.
pub(super) fn phases(session: &Session) -> Vec<PhaseReport> {
    let phases = session.phases();
    let Some(first) = phases.first else { return Vec::new() };
    let last = phases.during.last().map_or(first, |(_, end)| *end);
    let parts = [
        ("before", phases.judged, first),
        ("during", first.max(phases.judged), last),
        ("after", phases.after.unwrap_or(phases.end), phases.end),
    ];
    let figures = |(name, from, to): (&'static str, Ns, Ns)| {
        let span = Span::new(session.world(), session.observers(), from, to);
        span.seconds()?;
        let values = compared().map(|metric| (metric.value)(&span, Of::All)).collect();
        Some(PhaseReport { name, from, to, values })
    };
    parts.into_iter().filter_map(figures).collect()
}
