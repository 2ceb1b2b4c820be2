//! What is kept of bins that are no longer: totals up to the oldest bin that is, and copies of these
//! totals at the moments from which or up to which somebody may still ask.
//!
//! A report compares what was before, during and after the faults, and a baseline is the judged time
//! before the first of them. So the moments are the beginning of the judged time and those at which
//! something was done to the world or ended. Of a span with another end nothing is told.

use super::BIN;
use super::latency::{Latency, Sparse};
use super::series::Closed;
use super::tally::ClassTally;
use crate::sim::time::Ns;
use std::sync::Arc;

/// Bins that are kept: ten minutes, twice what the widest chart shows.
pub const KEPT: usize = 1200;
/// The longest window of which everything is known, whatever it was.
pub const LONGEST: Ns = KEPT as Ns * BIN;
/// Moments that are remembered at most: the first half of them, and the newest.
const MOMENTS: usize = 128;
/// Marks that are kept at most: each moment has a boundary of bins on either side.
pub const MARKS: usize = 2 * MOMENTS;

/// Moments from which or up to which a span may go that is longer than what is kept.
#[derive(Clone, Debug, Default)]
pub struct Moments {
    all: Vec<Ns>,
    /// "After" begins so long after the last fault has ended.
    recover: Ns,
}

impl Moments {
    /// The beginning of the judged time.
    #[must_use]
    pub fn new(judged_from: Ns) -> Moments {
        Moments { all: vec![judged_from], recover: 0 }
    }

    /// How long after the end of a fault what comes "after" begins.
    pub fn recover(&mut self, recover: Ns) {
        self.recover = recover;
    }

    /// Something was done to the world, or ended.
    pub fn note(&mut self, at: Ns) {
        for moment in [at, at.saturating_add(self.recover)] {
            if !self.all.contains(&moment) {
                self.all.push(moment);
            }
        }
        while self.all.len() > MOMENTS {
            self.all.remove(MOMENTS / 2);
        }
    }

    /// Whether a span may begin or end at this boundary of two bins: spans are made of the bins that
    /// lie wholly inside.
    #[must_use]
    pub fn contain(&self, boundary: Ns) -> bool {
        self.all.iter().any(|at| boundary.abs_diff(*at) < BIN)
    }
}

/// How a class stood at the end of a bin: what was counted until then.
#[derive(Clone, Debug, Default)]
pub struct Stood<L> {
    /// Its counters.
    pub tally: ClassTally,
    /// Latencies of answers.
    pub latency: L,
    /// Requests in flight.
    pub in_flight: u64,
    /// Of those that had ended: ok, and all.
    pub so_far: (u64, u64),
}

/// Bins in which requests arrived and none succeeded: of those that arrived in judged time, and of
/// all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dark {
    /// Of requests that arrived in judged time.
    pub judged: u64,
    /// Of all requests.
    pub all: u64,
}

impl Dark {
    /// What a bin adds, if these are its requests, in judged time and before it.
    fn of(judged: &ClassTally, early: &ClassTally) -> Dark {
        let dark = |offered: u64, ok: u64| u64::from(offered > 0 && ok == 0);
        Dark {
            judged: dark(judged.offered, judged.ok()),
            all: dark(judged.offered + early.offered, judged.ok() + early.ok()),
        }
    }
}

/// What was counted from the start of the run to the end of a bin.
#[derive(Clone, Debug, Default)]
pub struct Totals<L> {
    /// The end of that bin.
    pub until: Ns,
    /// By class, as in a bin.
    pub classes: Vec<Stood<L>>,
    /// By class, and last of all classes together.
    pub dark: Vec<Dark>,
}

/// The past before the oldest bin that is kept.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Until there.
    gone: Arc<Totals<Latency>>,
    /// At moments before, oldest first.
    marks: Vec<Arc<Totals<Sparse>>>,
}

/// A span of bins: what was counted up to its end less what was counted up to its beginning, and
/// bins besides.
#[derive(Clone, Debug)]
pub struct Stretch<'a> {
    /// Counted up to its beginning; `None` is nothing.
    pub less: Option<&'a Totals<Sparse>>,
    /// Counted up to its end, or up to the oldest bin that is kept.
    pub more: More<'a>,
    /// Numbers of the bins besides.
    pub bins: std::ops::Range<usize>,
}

/// What has been counted of bins that are not kept.
#[derive(Clone, Copy, Debug)]
pub enum More<'a> {
    /// It reaches into none.
    Nothing,
    /// Up to the oldest that is.
    Gone(&'a Totals<Latency>),
    /// Up to a moment before.
    Mark(&'a Totals<Sparse>),
}

impl History {
    /// Takes a bin that is kept no longer, the oldest that was.
    pub fn take(&mut self, bin: &Closed, moments: &Moments) {
        let gone = Arc::make_mut(&mut self.gone);
        let count = bin.classes.len() / 2;
        gone.until = bin.start + BIN;
        gone.classes.resize_with(bin.classes.len(), Stood::default);
        gone.dark.resize(count + 1, Dark::default());
        let (mut judged, mut early) = (ClassTally::default(), ClassTally::default());
        for (i, (class, stood)) in bin.classes.iter().zip(&mut gone.classes).enumerate() {
            stood.tally.add(&class.tally);
            stood.latency.add(&class.latency);
            (stood.in_flight, stood.so_far) = (class.in_flight, class.so_far);
            if i < count { &mut judged } else { &mut early }.add(&class.tally);
        }
        let each = (0..count).map(|c| (bin.classes[c].tally, bin.classes[count + c].tally));
        let all = each.chain([(judged, early)]);
        for (dark, (judged, early)) in gone.dark.iter_mut().zip(all) {
            let more = Dark::of(&judged, &early);
            dark.judged += more.judged;
            dark.all += more.all;
        }
        if moments.contain(gone.until) {
            self.marks.push(Arc::new(gone.copied()));
        }
        while self.marks.len() > MARKS {
            self.marks.remove(MARKS / 2);
        }
    }

    /// The span from one boundary of bins to another; `None` if too little of it is known.
    #[must_use]
    pub fn stretch(&self, from: Ns, to: Ns) -> Option<Stretch<'_>> {
        let number = |at: Ns| (at / BIN) as usize;
        let until = self.gone.until;
        if from >= until {
            let bins = number(from)..number(to);
            return Some(Stretch { less: None, more: More::Nothing, bins });
        }
        let less = if from == 0 { None } else { Some(self.stood(from)?) };
        if to >= until {
            let bins = number(until)..number(to);
            return Some(Stretch { less, more: More::Gone(&self.gone), bins });
        }
        Some(Stretch { less, more: More::Mark(self.stood(to)?), bins: 0..0 })
    }

    /// How classes stood at a moment; `None` if that is not known.
    #[must_use]
    pub fn stood(&self, at: Ns) -> Option<&Totals<Sparse>> {
        self.marks.iter().find(|mark| mark.until == at).map(Arc::as_ref)
    }

    /// What it takes in memory, about.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let mark = |mark: &Arc<Totals<Sparse>>| {
            let buckets = mark.classes.iter().map(|c| size_of_val(c.latency.buckets()));
            size_of_val(&*mark.classes) + size_of_val(&*mark.dark) + buckets.sum::<usize>()
        };
        self.marks.iter().map(mark).sum()
    }
}

impl Totals<Latency> {
    /// The same, in less room.
    fn copied(&self) -> Totals<Sparse> {
        let class = |stood: &Stood<Latency>| Stood {
            tally: stood.tally,
            latency: stood.latency.sparse(),
            in_flight: stood.in_flight,
            so_far: stood.so_far,
        };
        let classes = self.classes.iter().map(class).collect();
        Totals { until: self.until, classes, dark: self.dark.clone() }
    }
}

impl More<'_> {
    /// Counters of a class.
    #[must_use]
    pub fn tally(&self, place: usize) -> ClassTally {
        match self {
            More::Nothing => None,
            More::Gone(totals) => totals.classes.get(place).map(|c| c.tally),
            More::Mark(totals) => totals.classes.get(place).map(|c| c.tally),
        }
        .unwrap_or_default()
    }

    /// Adds the latencies of a class.
    pub fn add_latency(&self, place: usize, sum: &mut Latency) {
        match self {
            More::Nothing => {}
            More::Gone(totals) => {
                totals.classes.get(place).into_iter().for_each(|c| sum.merge(&c.latency));
            }
            More::Mark(totals) => {
                totals.classes.get(place).into_iter().for_each(|c| sum.add(&c.latency));
            }
        }
    }

    /// Dark bins: of a class, or behind the last of all.
    #[must_use]
    pub fn dark(&self, index: usize) -> Dark {
        let dark = match self {
            More::Nothing => return Dark::default(),
            More::Gone(totals) => &totals.dark,
            More::Mark(totals) => &totals.dark,
        };
        dark.get(index).copied().unwrap_or_default()
    }
}
