//! The charts as columns on a shared time axis: goodput with its failed part, and p99.

use super::axis::Axis;
use super::vitals::{AXIS_HIGH, AXIS_LOW, log_level};
use crate::session::picture::{BIN, Bin, Picture};
use crate::sim::time::{millis, seconds};
use crate::tui::format::figure;

/// Rows from one label to the next, at least.
const ROWS_PER_LABEL: f64 = 2.0;

/// One column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Requests per second that ended ok.
    pub ok: f64,
    /// Requests per second that failed or were late.
    pub failed: f64,
    /// 99th percentile, 0 to 1 on the logarithmic axis; `None` without samples.
    pub p99: Option<f64>,
}

/// Which rows of a chart show what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    /// Of the wall of goodput.
    pub wall: u16,
    /// Of the axis and its words.
    pub axis: u16,
    /// Of the chart of latencies.
    pub latency: u16,
}

impl Rows {
    /// How so many rows are shared.
    #[must_use]
    pub fn of(height: u16) -> Rows {
        let (axis, latency) = match height {
            9.. => (2, 2),
            5.. => (2, 0),
            4 => (1, 0),
            _ => (0, 0),
        };
        Rows { wall: height - axis - latency, axis, latency }
    }
}

/// The charts.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Columns of time.
    pub axis: Axis,
    /// One for each column of the axis that is not blank.
    pub columns: Vec<Column>,
    /// The rate at the upper edge: nothing is higher.
    pub top: f64,
    /// Rates with their labels, upwards, from 0 on.
    pub labels: Vec<(f64, String)>,
}

/// The chart of a picture on that axis, `rows` high.
#[must_use]
pub fn chart(picture: &Picture, axis: Axis, rows: u16) -> Chart {
    let columns: Vec<Column> = axis.columns(&picture.chart).map(column).collect();
    let seen = columns.iter().map(|c| c.ok + c.failed).fold(picture.vitals.offered, f64::max);
    let top = above(seen);
    Chart { labels: labels(top, rows), top, columns, axis }
}

fn column(bins: &[Bin]) -> Column {
    let filled: f64 = bins.iter().map(|b| b.filled).sum();
    let span = seconds(BIN) * filled.max(f64::MIN_POSITIVE);
    let per_s = |n: u64| if filled > 0.0 { n as f64 / span } else { 0.0 };
    let p99 = bins.iter().filter_map(|b| b.p99).max();
    Column {
        ok: per_s(bins.iter().map(|b| b.ok).sum()),
        failed: per_s(bins.iter().map(|b| b.failed).sum()),
        p99: p99.map(|ns| log_level(millis(ns), millis(AXIS_LOW), millis(AXIS_HIGH))),
    }
}

/// The first of these steps, times a power of ten, that is not below `x`.
fn step_from(x: f64, steps: &[f64]) -> f64 {
    let mut power = 1.0;
    while x > power * 10.0 {
        power *= 10.0;
    }
    steps.iter().map(|s| s * power).find(|v| *v >= x).unwrap_or(power * 10.0)
}

/// The upper edge for a chart of values up to `x`.
fn above(x: f64) -> f64 {
    step_from(x, &[1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0])
}

/// Round rates that are far enough apart.
fn labels(top: f64, rows: u16) -> Vec<(f64, String)> {
    let mut all = vec![(0.0, "0".to_string())];
    if rows < 2 {
        return all;
    }
    let least = top * ROWS_PER_LABEL / f64::from(rows);
    let mut step = step_from(least, &[1.0, 2.0, 5.0]);
    if step > top {
        step = top;
    }
    let count = (top / step + 1e-9) as u32;
    all.extend((1..=count).map(|i| f64::from(i) * step).map(|rate| (rate, figure(rate))));
    all
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are exact by construction")]
mod tests {
    use super::*;
    use crate::session::picture::Bin;
    use crate::sim::time::SECOND;
    use crate::tui::example;
    use std::sync::Arc;

    fn of(picture: &Picture, room: usize, bins: usize) -> Chart {
        chart(picture, Axis::new(picture, room, bins), 10)
    }

    #[test]
    fn the_edge_is_above_everything_and_labels_are_round() {
        assert_eq!(above(0.0), 1.0);
        assert_eq!(above(2_001.0), 2_500.0);
        assert_eq!(above(9_000.0), 10_000.0);
        let at = |top, rows| labels(top, rows).iter().map(|l| l.0).collect::<Vec<_>>();
        assert_eq!(at(2_500.0, 10), [0.0, 500.0, 1_000.0, 1_500.0, 2_000.0, 2_500.0]);
        assert_eq!(at(2_500.0, 6), [0.0, 1_000.0, 2_000.0]);
        assert_eq!(at(2_500.0, 2), [0.0, 2_500.0]);
        assert_eq!(at(1.0, 1), [0.0]);
        let chart = of(&example::at_rest(), 64, 1);
        assert!(chart.columns.iter().all(|c| c.ok + c.failed <= chart.top));
    }

    #[test]
    fn an_open_bin_is_told_by_its_rate() {
        let mut picture = example::at_rest();
        let mut bins = picture.chart.to_vec();
        bins.push(Bin { start: 42 * SECOND, filled: 0.5, ok: 90, ..Bin::default() });
        picture.chart = Arc::new(bins);
        let column = of(&picture, 64, 1).columns[63];
        assert!((column.ok - 360.0).abs() < 1e-9, "{column:?}");
    }

    #[test]
    fn wider_cells_add_up_and_stand_on_whole_multiples() {
        let wide = of(&example::at_rest(), 20, 4);
        assert_eq!(wide.columns.len(), 20);
        assert_eq!(wide.axis.scale(), "2 s per cell");
        assert!(wide.columns.iter().all(|c| (1_900.0..2_100.0).contains(&c.ok)), "{wide:?}");
    }
}
