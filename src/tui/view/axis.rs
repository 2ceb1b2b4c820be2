//! The axis of time that all charts of a screen share: which half seconds each column shows, ticks,
//! and commands.

use crate::session::picture::{BIN, Bin, Marker, Picture};
use crate::sim::time::{Ns, SECOND, seconds};
use crate::tui::format::clock_short;

/// A bin that is open is shown from here on: before, its rate says too little.
const FILLED_ENOUGH: f64 = 0.3;
/// Cells from one tick to the next, at least.
const CELLS_PER_TICK: u64 = 14;
/// Times from one tick to the next.
const STEPS: [u64; 11] = [5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600];

/// A sign on the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Sign {
    /// Column.
    pub at: usize,
    /// What is written there.
    pub text: String,
}

/// Columns of time; the newest is the last one.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// How many columns there are.
    pub room: usize,
    /// How many of them, from the left, lie before the start of the run: they are empty.
    pub blank: usize,
    /// The length of time of a column.
    pub length: Ns,
    /// Number of the first column that is not blank, counted from the start of the run.
    first: u64,
    /// Ticks of time.
    pub ticks: Vec<Sign>,
    /// Commands.
    pub markers: Vec<Sign>,
}

impl Axis {
    /// The axis of a picture, for that many columns of `bins` bins each. It ends now.
    #[must_use]
    pub fn new(picture: &Picture, room: usize, bins: usize) -> Axis {
        let length = BIN * bins.max(1) as u64;
        let newest = newest(&picture.chart, length);
        let shown = newest.map_or(0, |n| n + 1).min(room as u64);
        let first = newest.map_or(0, |n| n + 1 - shown);
        let mut axis = Axis {
            room,
            blank: room - shown as usize,
            length,
            first,
            ticks: Vec::new(),
            markers: Vec::new(),
        };
        let step = axis.step();
        let on_step = |cell: &u64| (cell * length).is_multiple_of(step);
        axis.ticks = (first..first + shown)
            .filter(on_step)
            .filter_map(|cell| {
                Some(Sign { at: axis.column(cell * length)?, text: clock_short(cell * length) })
            })
            .collect();
        axis.markers = picture.markers.iter().filter_map(|m| axis.marker(m)).collect();
        axis
    }

    fn step(&self) -> Ns {
        let wide = |s: &&u64| **s * SECOND >= CELLS_PER_TICK * self.length;
        STEPS.iter().find(wide).map_or(3_600 * SECOND, |s| s * SECOND)
    }

    fn marker(&self, marker: &Marker) -> Option<Sign> {
        Some(Sign { at: self.column(marker.at)?, text: marker.text.clone() })
    }

    /// The column of a time; `None` where it is not on the chart.
    #[must_use]
    pub fn column(&self, at: Ns) -> Option<usize> {
        let cell = (at / self.length).checked_sub(self.first)? as usize;
        let column = self.blank + cell;
        // What has just been done belongs to the newest column, also before that has one of its own.
        (column <= self.room && self.room > 0).then(|| column.min(self.room - 1))
    }

    /// The bins of each column that is not blank, in order.
    pub fn columns<'a>(&self, bins: &'a [Bin]) -> impl Iterator<Item = &'a [Bin]> + use<'a> {
        let (first, length, shown) = (self.first, self.length, self.room - self.blank);
        let start = bins.partition_point(|b| b.start / length < first);
        let end = bins.partition_point(|b| b.start / length < first + shown as u64);
        let mut rest = &bins[start..end];
        (first..first + shown as u64).map(move |cell| {
            let (now, later) = rest.split_at(rest.partition_point(|b| b.start / length <= cell));
            rest = later;
            now
        })
    }

    /// `0.5 s per cell`.
    #[must_use]
    pub fn scale(&self) -> String {
        format!("{} s per cell", seconds(self.length))
    }
}

/// Number of the newest column that says enough to be shown.
fn newest(bins: &[Bin], length: Ns) -> Option<u64> {
    let last = bins.last()?.start / length;
    let filled: f64 =
        bins.iter().rev().take_while(|b| b.start / length == last).map(|b| b.filled).sum();
    if filled >= FILLED_ENOUGH { Some(last) } else { last.checked_sub(1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::example;
    use std::sync::Arc;

    fn bins(n: u64) -> Vec<Bin> {
        (0..n).map(|i| Bin { start: i * BIN, filled: 1.0, ..Bin::default() }).collect()
    }

    fn picture(n: u64) -> Picture {
        Picture { chart: Arc::new(bins(n)), ..example::at_rest() }
    }

    #[test]
    fn the_newest_is_at_the_right_and_the_past_is_blank() {
        let axis = Axis::new(&picture(84), 92, 1);
        assert_eq!((axis.blank, axis.column(0), axis.column(83 * BIN)), (8, Some(8), Some(91)));
        assert_eq!(axis.ticks.iter().map(|t| t.at).collect::<Vec<_>>(), [8, 28, 48, 68, 88]);
        assert_eq!(axis.ticks[1].text, "00:10");
        let full = Axis::new(&picture(84), 64, 1);
        assert_eq!((full.blank, full.column(0), full.column(20 * BIN)), (0, None, Some(0)));
        let empty = Axis::new(&picture(0), 64, 1);
        assert_eq!((empty.blank, empty.columns(&[]).count()), (64, 0));
    }

    #[test]
    fn every_bin_is_in_one_column() {
        for (n, room, per) in [(84, 64, 1), (85, 20, 4), (7, 40, 2), (1, 3, 10), (600, 5, 60)] {
            let picture = picture(n);
            let axis = Axis::new(&picture, room, per);
            let columns: Vec<&[Bin]> = axis.columns(&picture.chart).collect();
            assert_eq!(columns.len(), room - axis.blank);
            for (i, column) in columns.iter().enumerate() {
                assert!(!column.is_empty(), "{n} {room} {per}");
                assert!(column.iter().all(|b| axis.column(b.start) == Some(axis.blank + i)));
            }
        }
    }

    #[test]
    fn an_open_bin_waits_until_it_says_something() {
        let mut picture = picture(85);
        let mut all = bins(85);
        all[84].filled = 0.1;
        picture.chart = Arc::new(all.clone());
        assert_eq!(
            Axis::new(&picture, 64, 1).columns(&all).last().map(|c| c[0].start),
            Some(83 * BIN)
        );
        all[84].filled = 0.5;
        picture.chart = Arc::new(all.clone());
        assert_eq!(
            Axis::new(&picture, 64, 1).columns(&all).last().map(|c| c[0].start),
            Some(84 * BIN)
        );
    }

    #[test]
    fn ticks_are_round_at_every_scale() {
        for (per, step) in [(1, 10), (2, 20), (4, 30), (10, 120), (20, 300), (60, 600)] {
            let axis = Axis::new(&picture(600), 64, per);
            assert_eq!(axis.step(), step * SECOND, "{per}");
        }
    }
}
