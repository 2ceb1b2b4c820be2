//! The heat map of latencies: in each cell of time, which share of the answers took how long.
//!
//! Percentiles hide a second group of answers; here it is a second band. Requests whose users gave
//! up are no answers: they stand in the row of the time that they waited, in the colour of failures.

use super::axis::Axis;
use super::text::Line;
use crate::session::picture::{Bin, Face, Heat, Picture, Vitals};
use crate::sim::time::{MILLISECOND, Ns, SECOND, millis};
use crate::tui::format::{figure, latency, percent};
use crate::tui::theme::Role;

/// From these shares of a cell's answers on it has the second to fifth sign; any answer has the first.
pub const SHARES: [f64; 4] = [0.05, 0.1, 0.2, 0.3];
/// The axis goes up to here also if no answer was so slow, so that ordinary noise does not move it.
const LEAST_TOP: Ns = 100 * MILLISECOND;
/// A bin is worth a row of its own from this share of a cell's answers on.
const WORTH: f64 = 0.01;

/// One cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// 0 for nothing, to 5.
    pub level: u8,
    /// Whether it is of users that gave up.
    pub failed: bool,
}

/// One row: a range of latencies.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// Where it begins: `10 ms`.
    pub label: String,
    /// One for each column of the axis that is not blank.
    pub cells: Vec<Cell>,
}

/// The map.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// Columns of time.
    pub axis: Axis,
    /// Rows, from the slowest.
    pub bands: Vec<Band>,
    /// Percentiles now, and what was slowest.
    pub summary: Line,
}

/// The map of a picture on that axis, of at most `rows` bands.
#[must_use]
pub fn heat(picture: &Picture, vitals: &Vitals, axis: Axis, rows: u16) -> HeatMap {
    let timeout = timeout(picture);
    let columns: Vec<Sum> = axis.columns(&picture.chart).map(Sum::of).collect();
    let (low, high) = range(&columns, timeout, rows);
    let mut bands = Vec::new();
    let mut to = high + 1;
    for bins in shares(high - low + 1, usize::from(rows)) {
        let from = to - bins;
        let first = if from == low { 0 } else { from };
        let cells = columns.iter().map(|c| c.cell(first, to - 1, timeout)).collect();
        bands.push(Band { label: label(from, to - 1, low), cells });
        to = from;
    }
    HeatMap { axis, bands, summary: summary(vitals, &columns) }
}

/// How long users wait, at most.
fn timeout(picture: &Picture) -> Option<Ns> {
    let waits = picture.components.iter().filter_map(|c| match c.face {
        Face::Traffic { timeout, .. } => Some(timeout),
        _ => None,
    });
    waits.max()
}

/// What one column holds.
struct Sum {
    heat: Heat,
    timed_out: u64,
}

impl Sum {
    fn of(bins: &[Bin]) -> Sum {
        let mut sum = Sum { heat: Heat::default(), timed_out: 0 };
        for bin in bins {
            sum.heat.merge(&bin.heat);
            sum.timed_out += bin.timed_out;
        }
        sum
    }

    fn all(&self) -> u64 {
        self.heat.total() + self.timed_out
    }

    /// The cell of a range of bins.
    fn cell(&self, from: usize, to: usize, timeout: Option<Ns>) -> Cell {
        let within: u64 = self.heat.counts()[from..=to].iter().map(|n| u64::from(*n)).sum();
        let gave_up = match timeout.map(Heat::bin) {
            Some(bin) if (from..=to).contains(&bin) => self.timed_out,
            _ => 0,
        };
        let share = (within + gave_up) as f64 / self.all().max(1) as f64;
        Cell { level: level(share), failed: gave_up > within }
    }
}

fn level(share: f64) -> u8 {
    match share {
        s if s <= 0.0 => 0,
        s => 1 + SHARES.iter().filter(|least| s >= **least).count() as u8,
    }
}

/// How many bins each row holds, from the slowest: as few as there is room for, and more of the slow
/// ones, which are rarer.
fn shares(bins: usize, rows: usize) -> Vec<usize> {
    let rows = rows.min(bins);
    let (each, more) = (bins.checked_div(rows).unwrap_or(0), bins.checked_rem(rows).unwrap_or(0));
    (0..rows).map(|row| each + usize::from(row < more)).collect()
}

/// The fastest and the slowest bin that are shown.
fn range(columns: &[Sum], timeout: Option<Ns>, rows: u16) -> (usize, usize) {
    let worth = |c: &&Sum, bin: usize| f64::from(c.heat.counts()[bin]) >= WORTH * c.all() as f64;
    let last = Heat::default().counts().len() - 1;
    let filled = |bin: &usize| columns.iter().any(|c| c.heat.counts()[*bin] > 0 && worth(&c, *bin));
    let low = (0..=last).find(filled).unwrap_or(0);
    let slowest = (0..=last).rev().find(|bin| columns.iter().any(|c| c.heat.counts()[*bin] > 0));
    let waited = timeout.map(Heat::bin).filter(|_| columns.iter().any(|c| c.timed_out > 0));
    let high = slowest.max(waited).unwrap_or(0).max(Heat::bin(LEAST_TOP)).max(low);
    let count = high - low + 1;
    let rows = usize::from(rows);
    // With rows to spare the axis goes on downwards, so that it does not change with every picture.
    (low.saturating_sub(rows.saturating_sub(count)), high)
}

/// Where a band begins; the fastest holds all below its end.
fn label(from: usize, to: usize, low: usize) -> String {
    match (from == low, Heat::edge(to), from.checked_sub(1).and_then(Heat::edge)) {
        (true, Some(end), _) => format!("<{}", short(end)),
        (_, _, Some(start)) => short(start),
        _ => String::new(),
    }
}

/// `10 ms`, `1.5 s`.
fn short(at: Ns) -> String {
    if at < 10 * MILLISECOND && at.is_multiple_of(MILLISECOND) {
        return format!("{} ms", at / MILLISECOND);
    }
    latency(at)
}

fn summary(v: &Vitals, columns: &[Sum]) -> Line {
    let Some(p50) = v.p50 else { return Line::dim(crate::tui::format::NO_SAMPLES) };
    let mut line = Line::empty();
    // Milliseconds are named once, as long as all are.
    let fast = v.p999.or(v.p99).is_none_or(|slowest| slowest < SECOND);
    // The map is of all that it shows; these are as at the top.
    line = line.with(Role::Dim, "last 1 s   ");
    for (name, value) in [("p50", Some(p50)), ("p90", v.p90), ("p99", v.p99), ("p99.9", v.p999)] {
        let Some(value) = value else { continue };
        let text = if fast { figure_ms(value) } else { latency(value) };
        line = line.with(Role::Dim, format!("{name} ")).with(Role::Text, format!("{text}   "));
    }
    if fast {
        line = line.with(Role::Dim, "ms   ");
    }
    let gave_up: u64 = columns.iter().map(|c| c.timed_out).sum();
    let all: u64 = columns.iter().map(Sum::all).sum();
    if gave_up > 0 {
        let share = percent(gave_up as f64 / all.max(1) as f64);
        line.with(Role::FlowFail, format!("× {share} of all shown timed out"))
    } else {
        let slowest = columns.iter().filter_map(Sum::slowest).max();
        let edge = slowest.and_then(Heat::edge);
        let text = edge.map_or(String::new(), |e| format!("nothing above {}", short(e)));
        line.with(Role::Dim, text)
    }
}

impl Sum {
    fn slowest(&self) -> Option<usize> {
        self.heat.counts().iter().rposition(|n| *n > 0)
    }
}

/// Milliseconds, without the unit.
fn figure_ms(at: Ns) -> String {
    figure(if at < 10 * MILLISECOND {
        (millis(at) * 10.0).round() / 10.0
    } else {
        millis(at).round()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::example;
    use std::sync::Arc;

    fn map(picture: &Picture, rows: u16) -> HeatMap {
        heat(picture, &picture.vitals, Axis::new(picture, 64, 1), rows)
    }

    #[test]
    fn shares_have_five_steps() {
        assert_eq!([0.0, 0.001, 0.05, 0.1, 0.2, 0.9].map(level), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn rest_is_one_band() {
        let map = map(&example::at_rest(), 13);
        let labels: Vec<&str> = map.bands.iter().map(|b| b.label.as_str()).collect();
        assert_eq!(labels[0], "100 ms");
        assert!(labels.last().is_some_and(|l| l.starts_with('<')), "{labels:?}");
        assert!(map.bands[0].cells.iter().all(|c| c.level == 0));
        let at = |name: &str| map.bands.iter().find(|b| b.label == name).unwrap().cells[5].level;
        assert_eq!([at("5 ms"), at("7 ms"), at("10 ms"), at("15 ms")], [4, 4, 3, 2]);
        assert!(map.summary.plain().ends_with("nothing above 50 ms"), "{}", map.summary.plain());
    }

    #[test]
    fn users_that_gave_up_are_a_band_of_their_own() {
        let mut picture = example::at_rest();
        let mut bins = picture.chart.to_vec();
        bins[83].timed_out = 400;
        picture.chart = Arc::new(bins);
        let map = map(&picture, 26);
        let band = map.bands.iter().find(|b| b.label == "2 s").unwrap();
        assert_eq!(band.cells[63], Cell { level: 4, failed: true });
        assert_eq!(band.cells[62], Cell::default());
        assert!(map.summary.plain().contains(" of all shown timed out"), "{}", map.summary.plain());
    }

    #[test]
    fn every_answer_is_in_some_band_at_any_height() {
        let mut picture = example::at_rest();
        let mut bins = picture.chart.to_vec();
        bins[80].heat.add(9 * SECOND, 40);
        bins[81].heat.add(0, 3);
        picture.chart = Arc::new(bins);
        for rows in 1..30 {
            let map = map(&picture, rows);
            assert!(map.bands.len() <= usize::from(rows), "{rows}");
            for (i, column) in map.axis.columns(&picture.chart).enumerate() {
                let seen = map.bands.iter().any(|b| b.cells[i].level > 0);
                assert_eq!(seen, column.iter().any(|b| b.heat.total() > 0), "{rows} {i}");
            }
        }
        assert!(map(&picture, 0).bands.is_empty());
    }
}
