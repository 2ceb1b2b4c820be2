//! A span of a run, and what was counted in it.

use super::Of;
use crate::observe::history::{Dark, More, Stretch};
use crate::observe::latency::Latency;
use crate::observe::samples::{DataSample, NodeSample};
use crate::observe::series::Closed;
use crate::observe::tally::ClassTally;
use crate::observe::{BIN, Observers};
use crate::sim::World;
use crate::sim::id::NodeId;
use crate::sim::time::{Ns, seconds};

/// A span of simulated time in whole bins; or the whole run, of which requests count that arrived
/// in judged time, and all that became of data.
#[derive(Clone, Copy)]
pub struct Span<'a> {
    /// The world, as it is now.
    pub world: &'a World,
    /// What was told of it until now.
    pub observers: &'a Observers,
    from: Ns,
    to: Ns,
    whole: bool,
}

/// A bin in which requests arrived and none succeeded.
fn is_dark(bin: &ClassTally) -> bool {
    bin.offered > 0 && bin.ok() == 0
}

impl<'a> Span<'a> {
    /// From `from` on, before `to`. A bin counts if it lies wholly inside and has ended. If too
    /// little of it is known, for it begins or ends long ago at no moment of note, it is empty.
    #[must_use]
    pub fn new(world: &'a World, observers: &'a Observers, from: Ns, to: Ns) -> Span<'a> {
        let ended = observers.series().open_start();
        let to = (to - to % BIN).min(ended);
        let from = from.next_multiple_of(BIN).min(to);
        let known = observers.series().history().stretch(from, to).is_some();
        let (from, to) = if known { (from, to) } else { (0, 0) };
        Span { world, observers, from, to, whole: false }
    }

    /// The whole run until now.
    #[must_use]
    pub fn whole(world: &'a World, observers: &'a Observers) -> Span<'a> {
        let from = observers.judged_from();
        Span { whole: true, ..Span::new(world, observers, from, world.now()) }
    }

    /// When it ends.
    #[must_use]
    pub fn to(&self) -> Ns {
        if self.whole { self.world.now() } else { self.to }
    }

    /// How long it is, in seconds; `None` if nothing fits.
    #[must_use]
    pub fn seconds(&self) -> Option<f64> {
        let from = if self.whole { self.observers.judged_from() } else { self.from };
        let length = self.to().saturating_sub(from);
        (length > 0).then(|| seconds(length))
    }

    /// What it is made of.
    fn stretch(&self) -> Stretch<'a> {
        let history = self.observers.series().history();
        let nothing = Stretch { less: None, more: More::Nothing, bins: 0..0 };
        history.stretch(self.from, self.to).unwrap_or(nothing)
    }

    /// Those of its bins that are kept, oldest first.
    fn bins(&self) -> impl Iterator<Item = &'a Closed> + use<'a> {
        let series = self.observers.series();
        self.stretch().bins.filter_map(|number| series.bin(number))
    }

    /// Places of a class in the observers' lists: of requests that arrived in judged time, and
    /// unless it is the whole run, of those that arrived before it.
    fn places(&self, of: Of) -> impl Iterator<Item = usize> + use<> {
        let count = self.observers.class_names().len();
        let both = if self.whole { count } else { 2 * count };
        (0..both).filter(move |place| match of {
            Of::Class(class) => place % count == class.index(),
            _ => true,
        })
    }

    /// Requests of a class, or of all.
    #[must_use]
    pub fn requests(&self, of: Of) -> ClassTally {
        let (mut sum, stretch) = (ClassTally::default(), self.stretch());
        for place in self.places(of) {
            if self.whole {
                sum.add(&self.observers.classes[place].tally);
                continue;
            }
            self.bins().for_each(|bin| sum.add(&bin.classes[place].tally));
            sum.add(&match stretch.less {
                Some(less) => stretch.more.tally(place).since(&less.classes[place].tally),
                None => stretch.more.tally(place),
            });
        }
        sum
    }

    /// Its bins in which requests of a class, or of all, arrived and none succeeded.
    #[must_use]
    pub fn dark_bins(&self, of: Of) -> Ns {
        let places: Vec<usize> = self.places(of).collect();
        let dark = |bin: &&Closed| {
            let mut sum = ClassTally::default();
            for place in &places {
                sum.add(&bin.classes[*place].tally);
            }
            is_dark(&sum)
        };
        let kept = self.bins().filter(dark).count() as Ns;
        let (stretch, classes) = (self.stretch(), self.observers.class_names().len());
        let index = match of {
            Of::Class(class) => class.index(),
            _ => classes,
        };
        let count = |dark: Dark| if self.whole { dark.judged } else { dark.all };
        let before = stretch.less.map_or(0, |less| count(More::Mark(less).dark(index)));
        kept + count(stretch.more.dark(index)) - before
    }

    /// Latencies of answers of a class, or of all.
    #[must_use]
    pub fn latency(&self, of: Of) -> Latency {
        let (mut sum, stretch) = (Latency::default(), self.stretch());
        for place in self.places(of) {
            if self.whole {
                sum.merge(&self.observers.judged[place]);
                sum.merge(&self.observers.classes[place].open);
                continue;
            }
            self.bins().for_each(|bin| sum.add(&bin.classes[place].latency));
            stretch.more.add_latency(place, &mut sum);
            if let Some(less) = stretch.less {
                sum.subtract(&less.classes[place].latency);
            }
        }
        sum
    }

    /// The longest latency of an answer, if it is the whole run: of a span it is not known.
    #[must_use]
    pub fn longest(&self, of: Of) -> Option<Ns> {
        let all = self.places(of).map(|place| self.observers.classes[place].longest);
        if self.whole { all.max() } else { None }
    }

    /// Requests in flight at its end.
    #[must_use]
    pub fn in_flight(&self, of: Of) -> u64 {
        if self.whole {
            let tally = self.requests(of);
            return tally.offered - tally.ended();
        }
        self.last(of).map(|(in_flight, _)| in_flight).sum()
    }

    /// Of requests that arrived in judged time and had ended by the end of the span: ok, and all.
    #[must_use]
    pub fn so_far(&self, of: Of) -> (u64, u64) {
        if self.whole {
            let tally = self.requests(of);
            return (tally.ok(), tally.ended());
        }
        let judged = Span { whole: true, ..*self };
        judged.last(of).fold((0, 0), |sum, (_, (ok, all))| (sum.0 + ok, sum.1 + all))
    }

    /// How classes stood at the end of its last bin: in flight and, of those that had ended, ok and
    /// all.
    fn last(&self, of: Of) -> impl Iterator<Item = (u64, (u64, u64))> {
        let series = self.observers.series();
        let number = (self.to / BIN).checked_sub(1).map(|number| number as usize);
        let bin = number.and_then(|number| series.bin(number));
        let mark = if bin.is_none() { series.history().stood(self.to) } else { None };
        self.places(of).filter_map(move |place| match (bin, mark) {
            (Some(bin), _) => Some((bin.classes[place].in_flight, bin.classes[place].so_far)),
            (_, Some(mark)) => Some((mark.classes[place].in_flight, mark.classes[place].so_far)),
            _ => None,
        })
    }

    /// The nodes that are meant.
    pub fn nodes(&self, of: Of) -> impl Iterator<Item = NodeId> + use<'a> {
        let topology = self.world.topology();
        let all = (0..topology.nodes.len() as u16).map(NodeId);
        all.filter(move |node| match of {
            Of::Nodes(first, end) => (first..end).contains(&node.0),
            Of::Kinds(kinds) => {
                let component = topology.nodes[node.index()].component;
                kinds.contains(&topology.components[component.index()].kind)
            }
            _ => true,
        })
    }

    /// A node at the beginning and at the end.
    #[must_use]
    pub fn node(&self, node: NodeId) -> (NodeSample, NodeSample) {
        let at = |time| self.observers.samples().at(time).map(|s| s.node(node)).unwrap_or_default();
        (at(self.from), at(self.to))
    }

    /// What became of data at the beginning and at the end. The whole run begins with nothing.
    #[must_use]
    pub fn data(&self) -> (DataSample, DataSample) {
        if self.whole {
            return (DataSample::default(), self.observers.data(self.world));
        }
        let at = |time| self.observers.samples().at(time).map(|s| s.data).unwrap_or_default();
        (at(self.from), at(self.to))
    }
}
