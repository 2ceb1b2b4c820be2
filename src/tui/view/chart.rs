//! The charts as columns on a shared time axis: goodput with its failed part, and p99.

use super::vitals::{AXIS_HIGH, AXIS_LOW, log_level};
use crate::session::picture::{BIN, Bin, Marker, Picture};
use crate::sim::time::{Ns, millis, seconds};
use crate::tui::format::{clock_short, count};

/// A bin of the chart that is open is shown from here on: before, its rate says too little.
const FILLED_ENOUGH: f64 = 0.3;
/// Room above the label of the top, so that ordinary noise stays on the chart.
const HEADROOM: f64 = 1.09;
/// Cells between two ticks of the axis.
const CELLS_PER_TICK: u64 = 20;

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

/// A sign on the time axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Sign {
    /// Column.
    pub at: usize,
    /// What is written there.
    pub text: String,
}

/// The charts.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Columns from left to right; the newest is the last.
    pub columns: Vec<Column>,
    /// How many columns there is room for.
    pub room: usize,
    /// The value of the label at the top.
    pub label_top: String,
    /// The value of the label half way up.
    pub label_half: String,
    /// The rate at the upper edge.
    pub top: f64,
    /// The rate of the label at the top.
    pub top_label_at: f64,
    /// Ticks of time.
    pub ticks: Vec<Sign>,
    /// Commands.
    pub markers: Vec<Sign>,
    /// `0.5 s per cell`.
    pub scale: String,
}

/// The chart of a picture for that many columns of `bins` bins each.
#[must_use]
pub fn chart(picture: &Picture, room: usize, bins: usize) -> Chart {
    let length = BIN * bins as u64;
    let newest = picture.chart.last().map_or(0, |b| b.start / length);
    let first = (newest + 1).saturating_sub(room as u64);
    let columns = columns(&picture.chart, first, newest, length);
    let seen = columns.iter().map(|c| c.ok + c.failed).fold(picture.vitals.offered, f64::max);
    let label = nice(seen / HEADROOM);
    Chart {
        room,
        label_top: count(label as u64),
        label_half: if label >= 2.0 { count((label / 2.0) as u64) } else { String::new() },
        top: label * HEADROOM,
        top_label_at: label,
        ticks: ticks(first, room, length),
        markers: markers(&picture.markers, first, newest, length),
        scale: format!("{} s per cell", seconds(length)),
        columns,
    }
}

fn columns(bins: &[Bin], first: u64, newest: u64, length: Ns) -> Vec<Column> {
    let mut all = Vec::new();
    let mut rest = bins.iter().skip_while(|b| b.start / length < first).peekable();
    for index in first..=newest {
        let (mut ok, mut failed, mut filled, mut p99) = (0, 0, 0.0, None);
        while let Some(bin) = rest.next_if(|b| b.start / length == index) {
            ok += bin.ok;
            failed += bin.failed;
            filled += bin.filled;
            p99 = p99.max(bin.p99);
        }
        if index == newest && filled < FILLED_ENOUGH {
            break;
        }
        let span = seconds(BIN) * filled.max(f64::MIN_POSITIVE);
        all.push(Column {
            ok: ok as f64 / span,
            failed: failed as f64 / span,
            p99: p99.map(|ns| log_level(millis(ns), millis(AXIS_LOW), millis(AXIS_HIGH))),
        });
    }
    all
}

/// The smallest of 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten that is not below `x`.
fn nice(x: f64) -> f64 {
    const STEPS: [f64; 9] = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0];
    let mut power = 1.0;
    while x > power * 10.0 {
        power *= 10.0;
    }
    STEPS.iter().map(|s| s * power).find(|v| *v >= x).unwrap_or(power * 10.0)
}

fn ticks(first: u64, room: usize, length: Ns) -> Vec<Sign> {
    (first..first + room as u64)
        .filter(|cell| cell % CELLS_PER_TICK == 0)
        .map(|cell| Sign { at: (cell - first) as usize, text: clock_short(cell * length) })
        .collect()
}

fn markers(all: &[Marker], first: u64, newest: u64, length: Ns) -> Vec<Sign> {
    all.iter()
        .filter(|m| (first..=newest).contains(&(m.at / length)))
        .map(|m| Sign { at: (m.at / length - first) as usize, text: m.text.clone() })
        .collect()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are exact by construction")]
mod tests {
    use super::*;
    use crate::sim::time::SECOND;
    use crate::tui::example;
    use std::sync::Arc;

    #[test]
    fn the_label_is_round_and_noise_stays_under_the_edge() {
        assert_eq!(nice(0.0), 1.0);
        assert_eq!(nice(1_900.0), 2_000.0);
        assert_eq!(nice(2_001.0), 2_500.0);
        let chart = chart(&example::at_rest(), 64, 1);
        assert_eq!(chart.top_label_at, 2_000.0);
        assert!(chart.columns.iter().all(|c| c.ok + c.failed <= chart.top));
    }

    #[test]
    fn an_open_bin_waits_until_it_says_something() {
        let mut picture = example::at_rest();
        let before = chart(&picture, 64, 1);
        let mut bins = picture.chart.to_vec();
        bins.push(Bin { start: 42 * SECOND, filled: 0.1, ok: 90, ..Bin::default() });
        picture.chart = Arc::new(bins.clone());
        assert_eq!(chart(&picture, 64, 1).columns.len(), before.columns.len() - 1);
        bins[84].filled = 0.5;
        picture.chart = Arc::new(bins);
        let column = chart(&picture, 64, 1).columns[63];
        assert!((column.ok - 360.0).abs() < 1e-9, "{column:?}");
    }

    #[test]
    fn wider_cells_add_up_and_stand_on_whole_multiples() {
        let picture = example::at_rest();
        let wide = chart(&picture, 20, 4);
        assert_eq!(wide.columns.len(), 20);
        assert_eq!(wide.scale, "2 s per cell");
        assert!(wide.columns.iter().all(|c| (1_900.0..2_100.0).contains(&c.ok)), "{wide:?}");
    }

    #[test]
    fn commands_stand_where_they_happened() {
        let mut picture = example::at_rest();
        picture.markers.push(Marker { at: 41 * SECOND + 700_000_000, text: "crash web-2".into() });
        let chart = chart(&picture, 64, 1);
        assert_eq!(chart.markers[0].at, 63);
        assert_eq!(chart.ticks.last().map(|t| t.text.as_str()), Some("00:40"));
    }
}
