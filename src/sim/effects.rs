//! What became of effects: writes that were done twice, and orders that were never dispatched.
//!
//! A measuring instrument: nothing in the world acts on it. An *effect* is a write of a request, known
//! by the steps through which the request came to it ([`super::frame::Frame::path`]). It is doubled
//! when a primary commits it whose log has it already: a client or a balancer tried again, a worker
//! did its message again. A write that was lost, and is done again, is no second. An order is
//! *unpublished* when its write was committed by a program that was to publish it afterwards, and the
//! program failed or died before a queue took the message; if one takes it later after all (another
//! attempt, a late message), it is not unpublished any more.
//!
//! The newest requests of each traffic are remembered ([`super::book`]): memory is bounded, clones
//! share pages, and what comes later than that is not seen.

use super::book::{Book, Versions};
use super::frame::Ticket;
use super::id::{ComponentId, LinkId};
use super::log::{Key, Version};
use super::request::parts;
use super::spec::{Cluster, Peers, Step};
use super::world::World;
use std::sync::Arc;

/// The write is done, its message is not published.
const PENDING: u8 = 1;
/// And whoever was to publish it is gone.
const UNPUBLISHED: u8 = 2;
/// A queue has it.
const PUBLISHED: u8 = 4;

/// A step of a class that writes, of a program that publishes afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Order {
    component: ComponentId,
    /// `None` where one program does the work for all classes.
    class: Option<u8>,
    step: u8,
}

/// What is remembered of requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effects {
    orders: Arc<Vec<Order>>,
    /// What became of a request's order, by traffic.
    books: Vec<Book<u8>>,
    writes: Versions,
    doubled: u64,
    unpublished: u64,
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

    /// What became of a request's order; `None` if it is forgotten.
    fn word(&mut self, request: u64) -> Option<&mut u8> {
        let (traffic, count) = parts(request);
        if self.books.len() <= traffic {
            self.books.resize_with(traffic + 1, Book::default);
        }
        self.books[traffic].word(count)
    }

    /// The same, to look at.
    fn seen(&self, request: u64) -> u8 {
        let (traffic, count) = parts(request);
        self.books.get(traffic).map_or(0, |book| book.seen(count))
    }

    /// The version that a write made when it was committed last.
    pub(crate) fn version(&self, write: Key) -> Option<Version> {
        self.writes.version(write)
    }

    /// A primary has committed a write, which its log had already if `again`.
    pub(crate) fn committed(&mut self, write: Key, version: Version, again: bool) {
        self.writes.remember(write, version);
        self.doubled += u64::from(again);
    }

    /// An order is written, and now to be published by who still `awaits` the answer.
    fn ordered(&mut self, request: u64, awaited: bool) {
        if let Some(word) = self.word(request)
            && *word == 0
        {
            *word = PENDING;
        }
        if !awaited {
            self.abandoned(request);
        }
    }

    /// The program that was to publish what it had written for a request has failed or died.
    pub(crate) fn abandoned(&mut self, request: u64) {
        if self.seen(request) == PENDING
            && let Some(word) = self.word(request)
        {
            *word |= UNPUBLISHED;
            self.unpublished += 1;
        }
    }

    /// A queue has taken the message of a request.
    pub(crate) fn published(&mut self, request: u64) {
        let seen = self.seen(request);
        if seen & PENDING != 0
            && let Some(word) = self.word(request)
        {
            *word = PUBLISHED;
            self.unpublished -= u64::from(seen & UNPUBLISHED != 0);
        }
    }

    /// What it takes in memory, about.
    pub(crate) fn held_bytes(&self) -> usize {
        self.books.iter().map(Book::held_bytes).sum::<usize>() + self.writes.held_bytes()
    }

    /// Writes that were done again.
    pub(crate) fn doubled(&self) -> u64 {
        self.doubled
    }

    /// Requests whose write is done and whose message was never published.
    pub(crate) fn unpublished(&self) -> u64 {
        self.unpublished
    }
}

impl World {
    /// A write of that class was committed, at that step, over that link, for whose answer `caller`
    /// waits: notes it if a message is to follow.
    pub(super) fn await_message(
        &mut self,
        request: u64,
        (class, step): (u8, u8),
        (link, caller): (LinkId, Ticket),
    ) {
        let component = self.nodes[self.links[link].from.index()].component;
        let awaited = self.arena.alive(caller);
        // A step may write to the rows of another class than its own.
        let class = if awaited { self.arena[caller.index].class } else { class };
        let is_it = |order: &Order| {
            (order.component, order.step) == (component, step)
                && order.class.is_none_or(|of| of == class)
        };
        if self.effects.orders.iter().any(is_it) {
            self.effects.ordered(request, awaited);
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
        assert_eq!(e.version(write(1)), None);
        e.committed(write(1), Version::new(1, 1), false);
        e.committed(write(1), Version::new(2, 5), false);
        assert_eq!((e.version(write(1)), e.doubled()), (Some(Version::new(2, 5)), 0));
        e.committed(write(1), Version::new(2, 6), true);
        assert_eq!(e.doubled(), 1);
        assert_eq!(e.version(Key { path: 2, ..write(1) }), None, "another write of it");
        assert_eq!(e.version(write(1 << 32 | 1)), None, "another traffic");
    }

    #[test]
    fn an_order_is_unpublished_until_a_queue_has_it() {
        let mut e = Effects::default();
        for request in 1..=3 {
            e.ordered(request, true);
        }
        e.published(1);
        e.abandoned(1);
        e.abandoned(2);
        e.abandoned(2);
        assert_eq!(e.unpublished(), 1, "1 is published, 3 goes on");
        e.ordered(2, true);
        e.published(2);
        assert_eq!(e.unpublished(), 0, "the second attempt published it");
        e.ordered(1, false);
        assert_eq!(e.unpublished(), 0, "the message of 1 is there, whoever writes it again");
    }

    #[test]
    fn a_write_that_commits_after_its_writer_died_is_unpublished() {
        let mut e = Effects::default();
        e.abandoned(7);
        assert_eq!(e.unpublished(), 0, "nothing was written");
        e.ordered(7, false);
        assert_eq!(e.unpublished(), 1);
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
