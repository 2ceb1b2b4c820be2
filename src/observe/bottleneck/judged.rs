//! The bottleneck that a report names: of all judged time, and of the part of it in which faults acted.
//!
//! What a fault began may outlast it: as long as requests fail after it, its time goes on.
//!
//! A run is mostly quiet, and what is short in quiet times need not be what was short in trouble: of a
//! minute in which a cache was off for twenty seconds the servers may work most over all, and the
//! database while it mattered.

use super::{Calls, Station, component_of, greatest, name_as, short, stations};
use crate::observe::figures::names;
use crate::observe::limits::{Use, What};
use crate::observe::tally::{ClassTally, LinkTally};
use crate::observe::{Observers, TICK};
use crate::sim::World;
use crate::sim::id::ClassId;
use crate::sim::time::{Ns, SECOND};
use std::sync::Arc;

/// The limit that is the first to have no more to give (see [`super`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Bottleneck {
    /// Whose it is.
    pub component: Arc<str>,
    /// The resource, in a word: `cores`, `threads`, `connections` or `pool`.
    pub resource: &'static str,
    /// What a person calls it: `web`, `the pool of web to orders-db`; `web-2` or `web-1 and web-2`, if the
    /// others have room.
    pub name: String,
    /// The share of it that its own demand takes, 0 to 1.
    pub utilisation: f64,
    /// Over which part of the run.
    pub over: Over,
}

/// A part of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// All judged time.
    Judged,
    /// Judged time in which some fault acted, or requests failed after one, and how much of it there was.
    Faults(Ns),
}

impl Over {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Over::Judged => "judged",
            Over::Faults(_) => "faults",
        }
    }
}

/// What was used and called in judged time while some fault acted, or what it began lasted: by limit and
/// by link, as it grows.
#[derive(Clone, Debug, Default)]
pub(in crate::observe) struct Acted {
    time: Ns,
    /// Whether a fault acted when the last tick ended.
    acts: bool,
    /// Whether one began when nothing failed, so that what fails after it is its doing.
    from_calm: bool,
    uses: Vec<Use>,
    calls: Vec<u64>,
}

impl Acted {
    fn add(&mut self, uses: impl Iterator<Item = Use>, links: impl Iterator<Item = LinkTally>) {
        self.time += TICK;
        for (i, used) in uses.enumerate() {
            match self.uses.get_mut(i) {
                Some(sum) => sum.add(&used),
                None => self.uses.push(used),
            }
        }
        for (i, tally) in links.enumerate() {
            match self.calls.get_mut(i) {
                Some(sum) => *sum += ended(tally),
                None => self.calls.push(ended(tally)),
            }
        }
    }
}

/// Below this utilisation a limit limits nobody.
const IDLE: f64 = 0.1;

/// Calls that have ended.
fn ended(tally: LinkTally) -> u64 {
    u64::from(tally.ok) + u64::from(tally.failed)
}

impl Observers {
    /// Whether a fault acts, or one has acted and requests have failed since the last tick: what it began
    /// may outlast it, if all was well before.
    pub(in crate::observe) fn is_troubled(&mut self, world: &World) -> bool {
        let Some(last) = self.rolling.newest() else { return false };
        let acts = world.active_faults().len() > 0;
        if acts != self.acted.acts {
            // What it has done itself since the last tick does not count.
            let earlier = self.rolling.before(last.at, SECOND);
            let calm = earlier.is_none_or(|tick| tick.bad() == last.bad());
            let acted = Arc::make_mut(&mut self.acted);
            acted.acts = acts;
            acted.from_calm |= acts && calm;
        }
        let bad = |c: ClassId, was: &ClassTally| self.class(c).since(was).bad() > 0;
        let fails = || (0..).map(ClassId).zip(&last.classes).any(|(c, was)| bad(c, was));
        acts || (self.acted.from_calm && fails())
    }

    /// Adds the tick that ends now to those that were in trouble. The counters of the last one are
    /// still the newest that are remembered.
    pub(in crate::observe) fn note_acting(&mut self) {
        let Some(last) = self.rolling.newest() else { return };
        let acted = Arc::make_mut(&mut self.acted);
        let before = |i: usize| last.uses.get(i).copied().unwrap_or_default();
        let uses = self.limits.uses().iter().enumerate();
        let links = self.links.iter().enumerate();
        let links = links.map(|(i, tally)| tally.since(last.link(i)));
        acted.add(uses.map(|(i, now)| now.since(&before(i))), links);
    }

    /// The bottleneck of the time that matters: in trouble, if there was any; `None` before the
    /// judged time, or where nothing is limited.
    pub(in crate::observe) fn bottleneck_that_matters(&self) -> Option<Bottleneck> {
        if self.acted.time == 0 {
            return self.bottleneck_of_all();
        }
        let calls = self.ends.iter().zip(&self.acted.calls);
        let calls = calls.map(|(&(from, to), &n)| (from, to, n));
        let found = self.bottleneck(&self.acted.uses, calls, Over::Faults(self.acted.time));
        // While nothing could be done, nothing was short.
        found.filter(|b| b.utilisation >= IDLE).or_else(|| self.bottleneck_of_all())
    }

    /// The bottleneck of all judged time.
    pub(in crate::observe) fn bottleneck_of_all(&self) -> Option<Bottleneck> {
        let before = |i: usize| self.before.limits.get(i).copied().unwrap_or_default();
        let uses = self.limits.uses().iter().enumerate();
        let uses: Vec<Use> = uses.map(|(i, now)| now.since(&before(i))).collect();
        let ends = self.links.iter().zip(self.ends.iter()).enumerate();
        let calls = ends.map(|(i, (tally, &(from, to)))| {
            let before = self.before.links.get(i).copied().unwrap_or_default();
            (from, to, ended(tally.since(before)))
        });
        self.bottleneck(&uses, calls, Over::Judged)
    }

    fn bottleneck(
        &self,
        uses: &[Use],
        calls: impl Iterator<Item = Calls>,
        over: Over,
    ) -> Option<Bottleneck> {
        let topology = &self.map.topology;
        let calls: Vec<Calls> = calls.filter(|call| call.2 > 0).collect();
        let all = stations(self.limits.all(), uses, &calls, topology.nodes.len());
        let station: Station = greatest(all.iter().copied())?;
        let node = station.limit.node;
        let component = component_of(topology, node).name.as_str();
        let owner = match short(&station, &all, topology) {
            nodes if nodes.is_empty() => component.to_string(),
            nodes => names(nodes.into_iter().map(|n| topology.display_name(n))),
        };
        Some(Bottleneck {
            component: component.into(),
            resource: match station.limit.what {
                What::Cores => "cores",
                What::Threads => "threads",
                What::Connections => "connections",
                What::Pool(_) => "pool",
                What::Link(..) => "bandwidth",
            },
            name: name_as(topology, station.limit, &owner),
            utilisation: station.utilisation(),
            over,
        })
    }
}
