//! Links: ordered pairs of nodes, and what is wrong with them.
//!
//! Loss behaves as TCP's does to an application: what is sent on a cut link is sent again after
//! `rto`, doubling, until it gets through or nobody waits for it.
//!
//! Jitter can let one message overtake another on the same link: they belong to different calls, each
//! with a connection of its own, and connections keep no order among themselves. Those of a stream
//! have one connection, and keep it while the link is troubled.

use super::agenda::{Agenda, LAST, Lane};
use super::id::{ComponentId, LinkId, NodeId};
use super::random::{Chance, Lot, Purpose, hash_name};
use super::reading::ResourceReading;
use super::spec::{Limit, NetworkOptions};
use super::time::{Ns, SECOND};
use super::topology::Topology;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Delays are cut here: what is later than this never happens.
const NEVER_LATER: Ns = LAST;

/// One direction between two nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    /// The link of the other direction.
    pub(crate) back: LinkId,
    /// The lane of its latency.
    pub(crate) lane: Lane,
    pub(crate) latency: Ns,
    /// Whether anything can happen to a message on it but its latency.
    pub(crate) troubled: bool,
    /// Messages ever sent on it.
    pub(crate) sent: u64,
    /// Connections for calls in this direction that are open and idle. Busy ones are in the hands of
    /// the frames of those calls.
    pub(crate) idle: u32,
}

/// What draws know a cause of trouble on a link by: when it began there and, of several that began at
/// once, which it is. Not the number of a fault, which those elsewhere would move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cause {
    pub(crate) began: Ns,
    /// From 1; 0 is the network's own jitter.
    pub(crate) nth: u32,
}

/// A share of the messages that is lost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Loss {
    /// The fault that does it.
    pub(crate) fault: u32,
    pub(crate) cause: Cause,
    pub(crate) chance: Chance,
}

/// A time that is added: `base`, give or take up to `jitter`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Delay {
    /// The fault that does it.
    pub(crate) fault: u32,
    pub(crate) cause: Cause,
    pub(crate) base: Ns,
    pub(crate) jitter: Ns,
}

/// What active faults do to a link. Each draws for itself, so that losses combine as
/// 1 - (1-p)(1-q), delays add, and the end of one moves no draw of another.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Trouble {
    /// Faults that cut it, and when the first of them began.
    pub(crate) cuts: u32,
    pub(crate) cut_at: Ns,
    pub(crate) losses: Vec<Loss>,
    pub(crate) delays: Vec<Delay>,
}

/// What is drawn for messages, and the jitter that the network always has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    purpose: Purpose,
    jitter: Ns,
    /// Bytes per second of each link; `None` is no limit.
    bandwidth: Option<u64>,
}

impl Weather {
    pub(crate) fn new(seed: u64, network: &NetworkOptions) -> Weather {
        let bandwidth = match network.bandwidth {
            Limit::At(bytes) => Some(bytes.max(1)),
            Limit::Unlimited => None,
        };
        Weather { purpose: Purpose::new(seed, "messages"), jitter: network.jitter, bandwidth }
    }

    /// Whether every message takes a time of its own.
    fn is_rough(self) -> bool {
        self.jitter > 0 || self.bandwidth.is_some()
    }

    /// The draws of one cause for one message: by the names of the nodes at both ends, and how many
    /// messages the link has seen.
    fn lot(self, (from, to): (u64, u64), cause: Cause, sent: u64) -> Lot {
        let link = self.purpose.among(from).among(to);
        link.among(cause.began).among(u64::from(cause.nth)).of(sent, 0, 0)
    }
}

/// What a link with a bandwidth has sent, and is to send.
#[derive(Clone, Copy, Debug, Default)]
struct Wire {
    /// When it has sent all that it was given.
    busy_until: Ns,
    /// How long all that it was ever given takes.
    given: Ns,
    /// How long messages wait for those before them, all in all, from when they are given to it: calls, and
    /// answers.
    calls_wait: Ns,
    answers_wait: Ns,
}

/// All links between components that talk to each other.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    all: Vec<Link>,
    /// First link from one component to another, by (from, to); `u32::MAX` if there are none.
    blocks: Arc<Vec<u32>>,
    /// How many nodes each component may have.
    widths: Arc<Vec<u32>>,
    /// What draws know nodes by: their names, as numbers. Ids move with the room of others.
    names: Arc<[u64]>,
    weather: Weather,
    /// What each link has to send; empty without a bandwidth.
    wires: Vec<Wire>,
    /// Of links that faults trouble.
    troubles: BTreeMap<LinkId, Arc<Trouble>>,
}

/// Where a node is: its component, and its index there.
pub(crate) type Place = (ComponentId, u16);

impl std::ops::Index<LinkId> for Links {
    type Output = Link;
    #[inline]
    fn index(&self, link: LinkId) -> &Link {
        &self.all[link.index()]
    }
}

impl std::ops::IndexMut<LinkId> for Links {
    #[inline]
    fn index_mut(&mut self, link: LinkId) -> &mut Link {
        &mut self.all[link.index()]
    }
}

impl Links {
    /// The links between all nodes of these pairs of components, both ways. A component may be paired
    /// with itself.
    pub(crate) fn new(
        topology: &Topology,
        pairs: &[(usize, usize)],
        weather: Weather,
        agenda: &mut Agenda,
    ) -> Links {
        let components = topology.components.len();
        let mut blocks = vec![u32::MAX; components * components];
        let mut directed: Vec<(usize, usize)> =
            pairs.iter().flat_map(|&(a, b)| [(a, b), (b, a)]).collect();
        directed.sort_unstable();
        directed.dedup();
        let mut links = Vec::new();
        for &(a, b) in &directed {
            blocks[a * components + b] = links.len() as u32;
            for from in topology.components[a].all() {
                for to in topology.components[b].all() {
                    let latency = topology.latency(from, to);
                    let lane = agenda.lane(latency);
                    let back = LinkId(0);
                    let troubled = weather.is_rough();
                    let (sent, idle) = (0, 0);
                    links.push(Link { from, to, back, lane, latency, troubled, sent, idle });
                }
            }
        }
        let widths = topology.components.iter().map(|c| u32::from(c.room)).collect();
        let (blocks, widths) = (Arc::new(blocks), Arc::new(widths));
        let narrow = weather.bandwidth.is_some();
        let wires = vec![Wire::default(); if narrow { links.len() } else { 0 }];
        let troubles = BTreeMap::new();
        let names = topology.nodes.iter().map(|n| hash_name(&n.name)).collect();
        let mut all = Links { all: links, blocks, widths, names, weather, wires, troubles };
        let place = |node: NodeId| {
            let info = &topology.nodes[node.index()];
            (info.component, info.number - 1)
        };
        for i in 0..all.all.len() {
            let Link { from, to, .. } = all.all[i];
            all.all[i].back = all.between(place(to), place(from)).unwrap_or(LinkId(i as u32));
        }
        all
    }

    /// The link from one node to another, if their components talk to each other.
    #[inline]
    pub(crate) fn between(&self, from: Place, to: Place) -> Option<LinkId> {
        let block = self.blocks[from.0.index() * self.widths.len() + to.0.index()];
        let width = self.widths[to.0.index()];
        (block != u32::MAX).then(|| LinkId(block + u32::from(from.1) * width + u32::from(to.1)))
    }

    /// A process at a node has died, or its host: no connection from it or to it is left.
    pub(crate) fn close(&mut self, node: NodeId) {
        for link in self.all.iter_mut().filter(|l| l.from == node || l.to == node) {
            link.idle = 0;
        }
    }

    /// Puts this trouble in place of what was on a link.
    pub(crate) fn set_trouble(&mut self, link: LinkId, trouble: Trouble) {
        let calm = trouble == Trouble::default();
        self[link].troubled = !calm || self.weather.is_rough();
        if calm {
            self.troubles.remove(&link);
        } else {
            self.troubles.insert(link, Arc::new(trouble));
        }
    }

    /// What faults do to a link.
    pub(crate) fn trouble(&self, link: LinkId) -> Option<&Arc<Trouble>> {
        self.troubles.get(&link)
    }

    /// What draws know a node by.
    pub(crate) fn name(&self, node: NodeId) -> u64 {
        self.names[node.index()]
    }

    /// The draws of one cause for the message that was sent last on a link.
    fn lot(&self, link: LinkId, cause: Cause) -> Lot {
        let Link { from, to, sent, .. } = self[link];
        self.weather.lot((self.name(from), self.name(to)), cause, sent)
    }

    /// Whether a loss takes the message that was sent last on a link.
    pub(crate) fn loses(&self, link: LinkId, loss: Loss) -> bool {
        self.lot(link, loss.cause).hits(loss.chance)
    }

    /// How long the message that was sent last on a link is under way, with these delays.
    pub(crate) fn time_under_way(&self, link: LinkId, delays: &[Delay]) -> Ns {
        let mut time = self[link].latency as i64;
        let jitter = self.weather.jitter;
        let own = Delay { fault: 0, cause: Cause::default(), base: 0, jitter };
        for delay in std::iter::once(&own).chain(delays) {
            time = time.saturating_add(delay.base.min(NEVER_LATER) as i64);
            if delay.jitter > 0 {
                let jitter = delay.jitter.min(NEVER_LATER);
                let drawn = self.lot(link, delay.cause).below(2 * jitter + 1);
                time = time.saturating_add(drawn as i64 - jitter as i64);
            }
        }
        time.max(0) as Ns
    }

    /// How long a message of that size takes until it has left: those before it on the same link go
    /// first. It keeps the link busy.
    pub(crate) fn time_to_leave(&mut self, link: LinkId, bytes: u64, answer: bool, now: Ns) -> Ns {
        let time = self.time_to_send(bytes);
        let Some(wire) = self.wires.get_mut(link.index()) else { return 0 };
        let begins = wire.busy_until.max(now);
        let wait = if answer { &mut wire.answers_wait } else { &mut wire.calls_wait };
        *wait = wait.saturating_add(begins - now);
        wire.given = wire.given.saturating_add(time);
        wire.busy_until = begins.saturating_add(time);
        wire.busy_until - now
    }

    /// A link with a bandwidth as a resource of one unit. Those who wait are those whose calls wait before
    /// it, or the answers to them before the link back, all counted when they begin to wait.
    pub(crate) fn wire(&self, link: LinkId, now: Ns) -> Option<ResourceReading> {
        let wire = self.wires.get(link.index())?;
        let back = self.wires.get(self[link].back.index())?;
        let left = wire.busy_until.saturating_sub(now);
        Some(ResourceReading {
            capacity: 1,
            used: u32::from(left > 0),
            queued: 0,
            busy_ns: wire.given.saturating_sub(left),
            queued_ns: wire.calls_wait.saturating_add(back.answers_wait),
        })
    }

    /// How long what is before a link takes until it has left.
    pub(crate) fn backlog(&self, link: LinkId, now: Ns) -> Ns {
        self.wires.get(link.index()).map_or(0, |wire| wire.busy_until.saturating_sub(now))
    }

    /// Whether messages wait for those before them.
    #[inline]
    pub(crate) fn are_narrow(&self) -> bool {
        !self.wires.is_empty()
    }

    /// How long that many bytes take; nothing without a bandwidth.
    pub(crate) fn time_to_send(&self, bytes: u64) -> Ns {
        let Some(rate) = self.weather.bandwidth else { return 0 };
        let time = u128::from(bytes) * u128::from(SECOND) / u128::from(rate);
        Ns::try_from(time).unwrap_or(NEVER_LATER).min(NEVER_LATER)
    }

    /// The longest that a message and its answer are under way on a link and back, as it is now.
    pub(crate) fn round_trip(&self, link: LinkId) -> Ns {
        let one_way = |link: LinkId| {
            let delays = self.trouble(link).map_or(0, |trouble| {
                let longest = |d: &Delay| d.base.saturating_add(d.jitter);
                trouble.delays.iter().map(longest).fold(0, Ns::saturating_add)
            });
            self[link].latency.saturating_add(self.weather.jitter).saturating_add(delays)
        };
        one_way(link).saturating_add(one_way(self[link].back))
    }

    /// How many links there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// All links, to be changed.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Link> {
        self.all.iter_mut()
    }

    /// All links, in order of their numbers.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Link> {
        self.all.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::spec::{Cluster, Component, Options};
    use crate::sim::time::MILLISECOND;

    /// Users and one server: link 0 goes to the server.
    fn links(jitter: Ns) -> Links {
        let component = |name: &str, kind| Component {
            name: name.to_owned(),
            zones: Vec::new(),
            options: Options::of_kind(kind).expect("a kind"),
        };
        let cluster = Cluster {
            name: String::new(),
            about: String::new(),
            network: NetworkOptions::default(),
            zones: Vec::new(),
            components: vec![component("app", "traffic"), component("web", "service")],
            classes: Vec::new(),
        };
        let weather = Weather::new(1, &NetworkOptions { jitter, ..NetworkOptions::default() });
        Links::new(&Topology::new(&cluster), &[(0, 1)], weather, &mut Agenda::default())
    }

    fn cause(nth: u32) -> Cause {
        Cause { began: SECOND, nth }
    }

    fn times(links: &mut Links, delays: &[Delay]) -> Vec<Ns> {
        let link = LinkId(0);
        let time = |sent| {
            links[link].sent = sent;
            links.time_under_way(link, delays)
        };
        (0..10_000).map(time).collect()
    }

    #[test]
    fn jitter_is_uniform_around_the_base() {
        let mut links = links(0);
        let ms = MILLISECOND;
        let delay = Delay { fault: 0, cause: cause(1), base: 10 * ms, jitter: 2 * ms };
        let times = times(&mut links, &[delay]);
        let middle = links[LinkId(0)].latency + 10 * ms;
        assert!(times.iter().all(|t| t.abs_diff(middle) <= 2 * ms));
        let mean = times.iter().sum::<Ns>() / times.len() as Ns;
        // Four standard deviations of the mean: 2 ms / sqrt(3) / sqrt(10 000).
        assert!(mean.abs_diff(middle) < 47_000, "{mean}");
    }

    #[test]
    fn one_delay_moves_no_draw_of_another() {
        let mut links = links(0);
        let delay = |nth| Delay { fault: 0, cause: cause(nth), base: 0, jitter: 200_000 };
        let one = times(&mut links, &[delay(1)]);
        let two = times(&mut links, &[delay(2)]);
        let both = times(&mut links, &[delay(2), delay(1)]);
        let latency = links[LinkId(0)].latency;
        assert_ne!(one, two);
        for ((one, two), both) in one.iter().zip(&two).zip(&both) {
            assert_eq!(*both, (one + two).saturating_sub(latency));
        }
    }

    #[test]
    fn a_time_under_way_is_never_negative() {
        let mut links = links(10 * MILLISECOND);
        let times = times(&mut links, &[]);
        assert!(times.contains(&0) && times.iter().all(|t| *t <= 11 * MILLISECOND));
    }

    /// Calls wait before the link on which they go, and answers before the one back.
    #[test]
    fn who_waits_before_a_narrow_link_waits_for_it_or_for_an_answer() {
        let mut links = links(0);
        links.weather.bandwidth = Some(1_000);
        links.wires = vec![Wire::default(); links.len()];
        let (there, back) = (LinkId(0), links[LinkId(0)].back);
        let waited = |links: &Links, link| links.wire(link, 0).expect("it is narrow").queued_ns;
        assert_eq!(links.time_to_leave(there, 1_000, false, 0), SECOND);
        assert_eq!(links.time_to_leave(there, 1_000, false, 0), 2 * SECOND, "behind the first");
        assert_eq!((waited(&links, there), waited(&links, back)), (SECOND, 0));
        assert_eq!(links.time_to_leave(back, 500, true, 0), SECOND / 2);
        assert_eq!(links.time_to_leave(back, 500, true, 0), SECOND);
        assert_eq!((waited(&links, there), waited(&links, back)), (SECOND * 3 / 2, 0));
    }

    #[test]
    fn troubles_go_as_they_came() {
        let mut links = links(0);
        let cut = Trouble { cuts: 1, ..Trouble::default() };
        links.set_trouble(LinkId(0), cut);
        assert!(links[LinkId(0)].troubled && !links[LinkId(1)].troubled);
        links.set_trouble(LinkId(0), Trouble::default());
        assert!(!links[LinkId(0)].troubled && links.trouble(LinkId(0)).is_none());
    }
}
