//! A span of a run, and what was counted in it.

use super::Of;
use crate::observe::latency::Latency;
use crate::observe::samples::{DataSample, NodeSample};
use crate::observe::series::{ClassBin, Closed};
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

impl<'a> Span<'a> {
    /// From `from` on, before `to`. A bin counts if it lies wholly inside and has ended.
    #[must_use]
    pub fn new(world: &'a World, observers: &'a Observers, from: Ns, to: Ns) -> Span<'a> {
        let ended = observers.series().open_start();
        let to = (to - to % BIN).min(ended);
        Span { world, observers, from: from.next_multiple_of(BIN).min(to), to, whole: false }
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

    /// Its bins, oldest first.
    pub fn bins(&self) -> impl Iterator<Item = &'a Closed> + use<'a> {
        let series = self.observers.series();
        let numbers = (self.from / BIN) as usize..(self.to / BIN) as usize;
        numbers.filter_map(|number| series.bin(number))
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
        let mut sum = ClassTally::default();
        for place in self.places(of) {
            if self.whole {
                sum.add(&self.observers.classes[place].tally);
            } else {
                self.bins().for_each(|bin| sum.add(&bin.classes[place].tally));
            }
        }
        sum
    }

    /// Requests of a class, or of all, in each of its bins.
    pub fn each_bin(&self, of: Of) -> impl Iterator<Item = ClassTally> + use<'a> {
        let places: Vec<usize> = self.places(of).collect();
        self.bins().map(move |bin| {
            let mut sum = ClassTally::default();
            for place in &places {
                sum.add(&bin.classes[*place].tally);
            }
            sum
        })
    }

    /// Latencies of answers of a class, or of all.
    #[must_use]
    pub fn latency(&self, of: Of) -> Latency {
        let mut sum = Latency::default();
        for place in self.places(of) {
            if self.whole {
                sum.merge(&self.observers.judged[place]);
                sum.merge(&self.observers.classes[place].open);
            } else {
                self.bins().for_each(|bin| sum.add(&bin.classes[place].latency));
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
        self.last(of, |bin| bin.in_flight).sum()
    }

    /// Of requests that arrived in judged time and had ended by the end of the span: ok, and all.
    #[must_use]
    pub fn so_far(&self, of: Of) -> (u64, u64) {
        if self.whole {
            let tally = self.requests(of);
            return (tally.ok(), tally.ended());
        }
        let judged = Span { whole: true, ..*self };
        judged.last(of, |bin| bin.so_far).fold((0, 0), |sum, bin| (sum.0 + bin.0, sum.1 + bin.1))
    }

    /// What is read off the classes of its last bin.
    fn last<T>(&self, of: Of, read: impl Fn(&ClassBin) -> T) -> impl Iterator<Item = T> {
        let number = (self.to / BIN).checked_sub(1).map(|number| number as usize);
        let bin = number.and_then(|number| self.observers.series().bin(number));
        self.places(of).filter_map(move |place| bin.map(|bin| read(&bin.classes[place])))
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
