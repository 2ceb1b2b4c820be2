//! Where the time of answered requests goes: waiting (for what), working, network.
//!
//! How much of it is spent where is known of those that are followed ([`super::journey`]), and told of
//! them alone. What a request waited for at a component is split as the lines there were long: the
//! integral of those who wait for a resource is the sum of their waiting times (Little's law).

use super::Observers;
use super::figures::several;
use super::journey::{Journeys, Parts};
use super::now::Now;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::spec::Options;
use crate::sim::time::SECOND;
use std::sync::Arc;

/// What the time of a request goes into at one component, in nanoseconds of the mean of the followed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spent {
    /// The component.
    pub name: Arc<str>,
    /// On the way there and back.
    pub network: f64,
    /// Working there.
    pub working: f64,
    /// Waiting there for a thread.
    pub thread: f64,
    /// Waiting there for a core.
    pub core: f64,
    /// Waiting there, at a database, for one of its connections.
    pub connection: f64,
    /// Waiting there for a connection of the caller's pool.
    pub pool: f64,
    /// Waiting there for anything else: replicas, another request that fetches the same, a pause.
    pub other: f64,
    /// Waiting for it in vain: calls that got no answer.
    pub in_vain: f64,
}

impl Spent {
    /// Waiting, for whatever.
    #[must_use]
    pub fn waiting(&self) -> f64 {
        self.thread + self.core + self.connection + self.pool + self.other + self.in_vain
    }

    /// All of it.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.network + self.working + self.waiting()
    }

    /// What it waits for most, and how long.
    #[must_use]
    pub fn mostly(&self) -> (&'static str, f64) {
        let all = [
            ("thread", self.thread),
            ("core", self.core),
            ("connection", self.connection),
            ("pool", self.pool),
            ("other", self.other),
            ("no answer", self.in_vain),
        ];
        all.into_iter().fold(all[0], |most, next| if next.1 > most.1 { next } else { most })
    }
}

/// Where the time of the followed requests that were answered went. The parts add up to their mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WhereTime {
    /// Their mean latency, in nanoseconds.
    pub mean: f64,
    /// Of that, what users waited between attempts.
    pub between: f64,
    /// By component, in file order.
    pub components: Vec<Spent>,
    /// How many they are.
    pub followed: u64,
    /// One in so many requests is followed.
    pub one_in: u64,
}

/// Integrals of those who waited for cores, threads, connections and pools.
pub type Waited = [u64; 4];

impl WhereTime {
    /// Of these journeys; `None` if there was none.
    fn new(
        (journeys, one_in): (&Journeys, u64),
        names: impl Iterator<Item = Arc<str>>,
        waited: impl Fn(usize) -> Waited,
    ) -> Option<WhereTime> {
        if journeys.count == 0 || journeys.took == 0 {
            return None;
        }
        let each = journeys.count as f64;
        let none = Parts::default();
        let spent =
            |(i, name)| spent(name, journeys.parts.get(i).unwrap_or(&none), waited(i), each);
        Some(WhereTime {
            mean: journeys.took as f64 / each,
            between: journeys.between as f64 / each,
            components: names.enumerate().map(spent).collect(),
            followed: journeys.count,
            one_in,
        })
    }

    /// `2 480 requests followed, 1 in 16`.
    #[must_use]
    pub fn sample(&self) -> String {
        let followed = several(self.followed, "request");
        match self.one_in {
            1 => format!("{followed} followed, each one"),
            one_in => format!("{followed} followed, 1 in {one_in}"),
        }
    }
}

fn spent(name: Arc<str>, parts: &Parts, waited: Waited, each: f64) -> Spent {
    let all: u64 = waited.iter().sum();
    let queued = parts.queued as f64 / each;
    // Where no line was seen, a wait was for a core: they are what everybody waits for.
    let share = |i: usize| match all {
        0 => queued * f64::from(u8::from(i == 0)),
        all => queued * waited[i] as f64 / all as f64,
    };
    Spent {
        name,
        network: parts.network as f64 / each,
        working: parts.working as f64 / each,
        core: share(0),
        thread: share(1),
        connection: share(2),
        pool: share(3),
        other: parts.other as f64 / each,
        in_vain: parts.in_vain as f64 / each,
    }
}

/// A pool of connections of a component to a database.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolUse {
    /// Whose it is.
    pub owner: Arc<str>,
    /// To which database.
    pub database: Arc<str>,
    /// Connections in use of the fullest pool of one node to one node.
    pub used: u32,
    /// How many it has; `None` if unlimited.
    pub size: Option<u32>,
    /// Those who wait for one, in all pools of the owner.
    pub waiting: u64,
}

/// All pools of the cluster now, in file order of owners and databases. Those to which nobody waits
/// and that are not in use are left out.
#[must_use]
pub fn pools(now: &Now<'_>) -> Vec<PoolUse> {
    let mut pools = Vec::new();
    for (owner, _) in now.components() {
        for (database, options) in now.components() {
            if matches!(options, Options::Database(_)) && owner != database {
                pools.extend(pool(now, owner, database));
            }
        }
    }
    pools
}

fn pool(now: &Now<'_>, owner: ComponentId, database: ComponentId) -> Option<PoolUse> {
    let (mut used, mut size, mut waiting) = (0, 0, 0);
    for from in now.info(owner).nodes() {
        for to in now.info(database).nodes() {
            let Some(pool) = now.world.pool(from, to) else { continue };
            used = used.max(pool.used);
            size = pool.capacity;
            waiting += u64::from(pool.queued);
        }
    }
    let name = |c: ComponentId| now.info(c).name.as_str().into();
    (used > 0 || waiting > 0).then(|| PoolUse {
        owner: name(owner),
        database: name(database),
        used,
        size: (size < u32::MAX).then_some(size),
        waiting,
    })
}

/// Where the time of the last 10 s went, or of what has passed since something was done.
#[must_use]
pub fn lately(now: &Now<'_>) -> Option<WhereTime> {
    let span = now.span(10 * SECOND);
    let follower = now.observers.follower();
    let all = follower.all();
    let journeys = span.tick().map_or(all.clone(), |tick| all.since(&tick.journeys));
    let names = now.components().map(|(id, _)| now.info(id).name.as_str().into());
    WhereTime::new((&journeys, follower.one_in()), names, |c| {
        let nodes = now.info(ComponentId(c as u16)).nodes();
        let before = |n: NodeId| span.tick().and_then(|t| t.integrals.get(n.index()));
        sum(nodes.map(|n| {
            let (now, before) = (now.world.waited(n), before(n).map_or([0; 4], |i| i.waited));
            std::array::from_fn(|i| now[i].saturating_sub(before[i]))
        }))
    })
}

fn sum(all: impl Iterator<Item = Waited>) -> Waited {
    all.fold([0; 4], |sum, next| std::array::from_fn(|i| sum[i] + next[i]))
}

impl Observers {
    /// Where the time of the followed requests went that arrived in judged time and were answered.
    #[must_use]
    pub fn where_time(&self) -> Option<WhereTime> {
        let journeys = (self.follower.judged(), self.follower.one_in());
        let components = &self.map.topology.components;
        let names = components.iter().map(|c| c.name.as_str().into());
        WhereTime::new(journeys, names, |c| {
            sum(components[c].nodes().map(|n| self.gauges.node(n).judged_waited()))
        })
    }
}
