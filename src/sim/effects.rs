//! What became of effects: writes that were done twice, and orders that were never dispatched.
//!
//! A measuring instrument: nothing in the world acts on it. It tells observers, who know which part of
//! which log is the history that counts. An *effect* is a write of a request, known
//! by the steps through which the request came to it ([`super::frame::Frame::path`]). It is doubled
//! when a primary commits it whose log has it already: a client or a balancer tried again, a worker
//! did its message again; or when a merge brings what the log of the primary has. A write that was lost,
//! and is done again, is no second. An order is
//! *unpublished* when its write was committed by a program that was to publish it afterwards, and the
//! program failed or died before a queue took the message; if one takes it later after all (another
//! attempt, a late message), it is not unpublished any more.
//!
//! What it cannot see: of each traffic the newest million requests are remembered ([`super::book`]).
//! Of a write the newest version is known, and the ones before it of at most [`EARLIER`] writes that
//! were done more than once (of the oldest requests they are forgotten first). Two writes of one request
//! to one row that a merge brings as one entry are one: the last wins. Memory is bounded, and clones
//! share it.

use super::book::{Book, Versions};
use super::frame::Ticket;
use super::id::{ComponentId, LinkId};
use super::log::{Key, Version};
use super::observation::{Event, Observer};
use super::request::{parts, request_of};
use super::spec::{Cluster, Peers, Step};
use super::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Earlier versions that are kept of writes that were done more than once.
const EARLIER: usize = 8_192;

/// What became of the order of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Nothing is written.
    #[default]
    None,
    /// It is written, its message is not published.
    Pending,
    /// And whoever was to publish it is gone.
    Unpublished,
    /// A queue has it.
    Published,
}

/// The order of a request: its newest write.
#[derive(Clone, Copy, Debug, Default)]
struct Written {
    version: Version,
    component: u16,
    state: State,
}

impl Written {
    /// The database and the version.
    fn entry(self) -> (ComponentId, Version) {
        (ComponentId(self.component), self.version)
    }
}

/// A step of a class that writes, of a program that publishes afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Order {
    component: ComponentId,
    /// `None` where one program does the work for all classes.
    class: Option<u8>,
    step: u8,
}

/// A request, in the order of their counts: those of all traffics together, the oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Age(u64);

impl Age {
    fn of(request: u64) -> Age {
        let (traffic, count) = parts(request);
        Age(count << 32 | traffic as u64)
    }

    fn request(self) -> u64 {
        request_of((self.0 & u64::from(u32::MAX)) as usize, self.0 >> 32)
    }
}

/// What is remembered of requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effects {
    orders: Arc<Vec<Order>>,
    /// What became of a request's order, by traffic.
    books: Vec<Book<Written>>,
    writes: Versions,
    /// Of writes that were done more than once: request (by its age), path, and a version before the newest.
    earlier: Arc<BTreeSet<(Age, u32, Version)>>,
}

impl Effects {
    pub(crate) fn new(cluster: &Cluster) -> Effects {
        let mut orders = Vec::new();
        for (c, component) in cluster.components.iter().enumerate() {
            if component.options.behaviour().peers() != Peers::Data {
                continue;
            }
            let component_id = ComponentId(c as u16);
            let own = component.options.steps();
            if !own.is_empty() {
                orders.extend(orders_of(component_id, None, own));
                continue;
            }
            for (class, of) in cluster.classes.iter().enumerate() {
                orders.extend(orders_of(component_id, Some(class as u8), &of.steps));
            }
        }
        Effects { orders: Arc::new(orders), ..Effects::default() }
    }

    /// The order of a request; `None` if it is forgotten.
    fn order(&mut self, request: u64) -> Option<&mut Written> {
        let (traffic, count) = parts(request);
        if self.books.len() <= traffic {
            self.books.resize_with(traffic + 1, Book::default);
        }
        self.books[traffic].word(count)
    }

    /// The same, to look at.
    fn seen(&self, request: u64) -> Written {
        let (traffic, count) = parts(request);
        self.books.get(traffic).map_or_else(Written::default, |book| book.seen(count))
    }

    /// A primary has committed a write to a log; whether that `has` one of its versions already.
    pub(crate) fn committed(
        &mut self,
        write: Key,
        version: Version,
        has: impl Fn(Version) -> bool,
    ) -> bool {
        let Some(before) = self.writes.version(write) else {
            self.writes.remember(write, version);
            return false;
        };
        let again = has(before) || self.earlier(write).any(has);
        self.remember_earlier(write, before);
        self.writes.remember(write, version);
        again
    }

    /// The versions that are known of a write, but for the newest.
    fn earlier(&self, Key { request, path }: Key) -> impl Iterator<Item = Version> + '_ {
        let age = Age::of(request);
        let all = (age, path, Version::default())..=(age, path, Version(u64::MAX));
        self.earlier.range(all).map(|(.., version)| *version)
    }

    fn remember_earlier(&mut self, Key { request, path }: Key, version: Version) {
        let earlier = Arc::make_mut(&mut self.earlier);
        earlier.insert((Age::of(request), path, version));
        if earlier.len() > EARLIER {
            earlier.pop_first();
        }
    }

    /// A merge has appended entries anew, from which version as which, to a log that now `has` some
    /// versions. Those of the new ones that are there twice by that.
    pub(crate) fn moved(
        &mut self,
        moved: &BTreeMap<Version, Version>,
        has: impl Fn(Version) -> bool,
    ) -> BTreeSet<Version> {
        let mut doubled = BTreeSet::new();
        let (Some(first), Some(last)) = (moved.keys().next(), moved.keys().next_back()) else {
            return doubled;
        };
        let among =
            |version: Version| (*first..=*last).contains(&version) && moved.contains_key(&version);
        let newest = self.writes.that_made(among);
        let earlier = self.earlier.iter().filter(|(.., version)| among(*version));
        let earlier: Vec<(Key, Version)> = earlier
            .map(|&(age, path, version)| (Key { request: age.request(), path }, version))
            .collect();
        for &(write, from) in &newest {
            self.writes.remember(write, moved[&from]);
        }
        for &(write, from) in &earlier {
            let earlier = Arc::make_mut(&mut self.earlier);
            earlier.remove(&(Age::of(write.request), write.path, from));
            self.remember_earlier(write, moved[&from]);
        }
        // An entry that a merge appends is the last write of its side; those before it, which it stands
        // for, were overwritten there.
        let last: BTreeMap<Version, Version> =
            moved.iter().map(|(from, to)| (*to, *from)).collect();
        for (write, from) in newest.into_iter().chain(earlier) {
            let to = moved[&from];
            if last[&to] != from {
                continue;
            }
            let mut others = self.earlier(write).chain(self.writes.version(write));
            if others.any(|version| version != to && has(version)) {
                doubled.insert(to);
            }
        }
        doubled
    }

    /// An order is written, and now to be published; of which write that was not expected any more.
    fn ordered(
        &mut self,
        request: u64,
        component: ComponentId,
        version: Version,
    ) -> Option<(ComponentId, Version)> {
        let order = self.order(request)?;
        let before = *order;
        if before.state == State::Published {
            return None;
        }
        *order = Written { version, component: component.0, state: State::Pending };
        (before.state == State::Unpublished).then(|| before.entry())
    }

    /// The program that was to publish what it had written for a request has failed or died: the write,
    /// if there is one that waits for that.
    pub(crate) fn abandoned(&mut self, request: u64) -> Option<(ComponentId, Version)> {
        let seen = self.seen(request);
        if seen.state != State::Pending {
            return None;
        }
        self.order(request)?.state = State::Unpublished;
        Some(seen.entry())
    }

    /// A queue has taken the message of a request: the write, if nobody was expected to publish it any
    /// more.
    pub(crate) fn published(&mut self, request: u64) -> Option<(ComponentId, Version)> {
        let seen = self.seen(request);
        if matches!(seen.state, State::None | State::Published) {
            return None;
        }
        self.order(request)?.state = State::Published;
        (seen.state == State::Unpublished).then(|| seen.entry())
    }

    /// What it takes in memory, about.
    pub(crate) fn held_bytes(&self) -> usize {
        self.books.iter().map(Book::held_bytes).sum::<usize>()
            + self.writes.held_bytes()
            + self.earlier.len() * size_of::<(Age, u32, Version)>()
    }
}

impl World {
    /// A write of that class was committed, at that step, over that link, for whose answer `caller`
    /// waits: notes it if a message is to follow.
    pub(super) fn await_message<O: Observer>(
        &mut self,
        (request, database, version): (u64, ComponentId, Version),
        (class, step): (u8, u8),
        (link, caller): (LinkId, Ticket),
        out: &mut O,
    ) {
        let component = self.nodes[self.links[link].from.index()].component;
        let awaited = self.arena.alive(caller);
        // A step may write to the rows of another class than its own.
        let class = if awaited { self.arena[caller.index].class } else { class };
        let is_it = |order: &Order| {
            (order.component, order.step) == (component, step)
                && order.class.is_none_or(|of| of == class)
        };
        if !self.effects.orders.iter().any(is_it) {
            return;
        }
        let before = self.effects.ordered(request, database, version);
        self.tell_published(before, out);
        if !awaited {
            self.tell_unpublished(request, out);
        }
    }

    /// The program that was to publish what it had written for a request has failed or died.
    pub(super) fn tell_unpublished<O: Observer>(&mut self, request: u64, out: &mut O) {
        if let Some((component, version)) = self.effects.abandoned(request) {
            let (epoch, position) = (version.epoch(), version.position());
            out.happened(self.now, Event::Unpublished { component, epoch, position });
        }
    }

    /// A write of which that was not expected any more is published, or is to be.
    pub(super) fn tell_published<O: Observer>(
        &mut self,
        write: Option<(ComponentId, Version)>,
        out: &mut O,
    ) {
        if let Some((component, version)) = write {
            let (epoch, position) = (version.epoch(), version.position());
            out.happened(self.now, Event::Published { component, epoch, position });
        }
    }
}

/// The writes of a list of steps which a message is to follow.
fn orders_of(
    component: ComponentId,
    class: Option<u8>,
    steps: &[Step],
) -> impl Iterator<Item = Order> {
    let last = steps.iter().rposition(|step| matches!(step, Step::Publish { .. })).unwrap_or(0);
    steps[..last].iter().enumerate().filter_map(move |(k, step)| {
        let step = matches!(step, Step::Write { .. }).then_some(k as u8)?;
        Some(Order { component, class, step })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(request: u64) -> Key {
        Key { request, path: 1 }
    }

    #[test]
    fn only_what_the_log_has_already_is_doubled() {
        let mut e = Effects::default();
        let (first, second) = (Version::new(1, 1), Version::new(2, 5));
        assert!(!e.committed(write(1), first, |_| true), "nothing is known of it");
        assert!(!e.committed(write(1), second, |v| v == second), "it was lost");
        assert!(e.committed(write(1), Version::new(2, 6), |v| v == second));
        // The first primary is back, with what it had.
        assert!(e.committed(write(1), Version::new(3, 2), |v| v == first));
        assert!(!e.committed(Key { path: 2, ..write(1) }, first, |_| true), "another write of it");
        assert!(!e.committed(write(1 << 32 | 1), first, |_| true), "another traffic");
    }

    #[test]
    fn what_a_merge_brings_of_a_write_that_is_there_is_doubled() {
        let mut e = Effects::default();
        // Requests 1 and 2 were done on the old side and on the new one, request 3 on the old one alone.
        for (request, epoch, position) in
            [(1, 1, 11), (2, 1, 12), (3, 1, 13), (1, 2, 11), (2, 2, 12)]
        {
            assert!(!e.committed(write(request), Version::new(epoch, position), |_| false));
        }
        let new = [Version::new(2, 20), Version::new(2, 21)];
        let moved = [(Version::new(1, 11), new[0]), (Version::new(1, 13), new[1])].into();
        let has = |version: Version| version.epoch() == 2;
        assert_eq!(e.moved(&moved, has), [new[0]].into(), "the old write of 2 did not win");
        // Request 4, too, was done on both sides, but overwritten on the old one before the merge.
        e.committed(write(4), Version::new(1, 14), |_| false);
        e.committed(write(5), Version::new(1, 15), |_| false);
        e.committed(write(4), Version::new(2, 14), |_| false);
        let both = [14, 15].map(|n| (Version::new(1, n), Version::new(2, 23))).into();
        assert!(e.moved(&both, has).is_empty());
        // What the merge appended is what a later attempt does again.
        assert!(e.committed(write(3), Version::new(2, 22), |v| v == new[1]));
        assert!(e.moved(&BTreeMap::new(), has).is_empty());
    }

    #[test]
    fn earlier_versions_are_bounded() {
        let mut e = Effects::default();
        for request in 0..2 * EARLIER as u64 {
            e.committed(write(request), Version::new(1, 2 * request + 1), |_| false);
            e.committed(write(request), Version::new(1, 2 * request + 2), |_| false);
        }
        assert_eq!(e.earlier.len(), EARLIER);
        let other = request_of(1, 2 * EARLIER as u64);
        e.committed(write(other), Version::new(1, 1), |_| false);
        e.committed(write(other), Version::new(1, 2), |_| false);
        assert_eq!(e.earlier(write(other)).count(), 1, "of each traffic");
        assert_eq!(e.earlier(write(2 * EARLIER as u64 - 2)).count(), 1);
        assert_eq!(e.earlier(write(2 * EARLIER as u64 - 1)).count(), 1, "the newest are kept");
    }

    #[test]
    fn an_order_is_unpublished_until_a_queue_has_it() {
        let (mut e, db) = (Effects::default(), ComponentId(3));
        let of = |n| Some((db, Version::new(1, n)));
        for request in 1..=3 {
            assert_eq!(e.ordered(request, db, Version::new(1, request)), None);
        }
        assert_eq!((e.published(1), e.abandoned(1)), (None, None));
        assert_eq!((e.abandoned(2), e.abandoned(2)), (of(2), None), "once, and 3 goes on");
        assert_eq!(e.ordered(2, db, Version::new(1, 9)), of(2), "a second attempt is about to");
        assert_eq!((e.abandoned(2), e.published(2)), (of(9), of(9)), "and somebody did");
        assert_eq!(e.ordered(1, db, Version::new(1, 10)), None, "the message of 1 is there");
        assert_eq!((e.abandoned(1), e.abandoned(7), e.published(8)), (None, None, None));
    }

    #[test]
    fn a_write_is_an_order_if_a_message_follows() {
        let write = || Step::Write { to: "store".into(), keys: None };
        let publish = || Step::Publish { to: "jobs".into(), keys: None };
        let order = |steps: &[Step]| {
            orders_of(ComponentId(1), Some(2), steps).map(|o| o.step).collect::<Vec<_>>()
        };
        assert_eq!(order(&[write(), write(), publish(), write()]), [0, 1]);
        assert_eq!(order(&[publish(), write()]), [] as [u8; 0]);
        assert_eq!(order(&[write(), write()]), [] as [u8; 0]);
    }
}
