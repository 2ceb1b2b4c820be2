//! What became of effects: writes that were done twice, and orders that were never dispatched.
//!
//! A measuring instrument: nothing in the world acts on it. An *effect* is a write for a request, at
//! one step of one component's program (a *site*). It is doubled when a primary commits it again in
//! another attempt: a client or a balancer tried again, a worker did its message again. An order is
//! *unpublished* when its write was committed by a program that was to publish it afterwards, and the
//! program failed or died before a queue took the message; if one takes it later after all (another
//! attempt, a late message), it is not unpublished any more.
//!
//! One word for each request is kept in a [`Book`] for each traffic: memory is bounded, clones share
//! pages, and what comes later than that is not seen.

use super::book::Book;
use super::frame::Ticket;
use super::id::{ComponentId, LinkId};
use super::request::parts;
use super::spec::{Cluster, Peers, Step};
use super::world::World;
use std::sync::Arc;

/// The write is done, its message is not published.
const PENDING: u64 = 1 << 62;
/// And whoever was to publish it is gone.
const UNPUBLISHED: u64 = 1 << 63;
/// Bits for sites; further sites are not watched.
const SITES: usize = 62;

/// A step that writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Site {
    component: ComponentId,
    step: u8,
    /// Whether a later step of the same program publishes.
    publishes: bool,
}

/// A write that a primary commits for a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effect {
    pub(crate) request: u64,
    /// The component whose program writes.
    pub(crate) by: ComponentId,
    /// The step of that program.
    pub(crate) step: u8,
    /// Whether it carries an idempotency key. Then the primary commits it again only if its log lacks
    /// the first one: that is gone, and this one is no second.
    pub(crate) keyed: bool,
    /// Whether the writer still waits for the answer.
    pub(crate) awaited: bool,
}

/// What is remembered of requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effects {
    sites: Arc<Vec<Site>>,
    /// By traffic.
    books: Vec<Book>,
    doubled: u64,
    unpublished: u64,
}

impl Effects {
    pub(crate) fn new(cluster: &Cluster) -> Effects {
        let mut sites = Vec::new();
        for (c, component) in cluster.components.iter().enumerate() {
            if component.options.behaviour().peers() != Peers::Data {
                continue;
            }
            let own = component.options.steps();
            let of_classes = own.is_empty().then(|| cluster.classes.iter().map(|k| &k.steps));
            let lists = of_classes.into_iter().flatten().map(Vec::as_slice);
            for steps in lists.chain((!own.is_empty()).then_some(own)) {
                add_sites(&mut sites, ComponentId(c as u16), steps);
            }
        }
        sites.truncate(SITES);
        Effects { sites: Arc::new(sites), ..Effects::default() }
    }

    /// The word of a request; `None` if it is forgotten.
    fn word(&mut self, request: u64) -> Option<&mut u64> {
        let (traffic, count) = parts(request);
        if self.books.len() <= traffic {
            self.books.resize_with(traffic + 1, Book::default);
        }
        self.books[traffic].word(count)
    }

    /// The word of a request as it is.
    fn seen(&self, request: u64) -> u64 {
        let (traffic, count) = parts(request);
        self.books.get(traffic).map_or(0, |book| book.seen(count))
    }

    /// A primary has committed a write.
    pub(crate) fn committed(&mut self, effect: Effect) {
        let Effect { request, by, step, keyed, awaited } = effect;
        let at = self.sites.iter().position(|s| (s.component, s.step) == (by, step));
        let Some(site) = at else { return };
        let publishes = self.sites[site].publishes;
        let Some(word) = self.word(request) else { return };
        let again = *word & 1 << site != 0;
        *word |= 1 << site;
        if publishes && !again {
            *word |= PENDING;
        }
        self.doubled += u64::from(again && !keyed);
        if !awaited {
            self.abandoned(request);
        }
    }

    /// The program that was to publish what it had written for a request has failed or died.
    pub(crate) fn abandoned(&mut self, request: u64) {
        if self.seen(request) & (PENDING | UNPUBLISHED) == PENDING
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
            *word &= !(PENDING | UNPUBLISHED);
            self.unpublished -= u64::from(seen & UNPUBLISHED != 0);
        }
    }

    /// What it takes in memory, about.
    pub(crate) fn held_bytes(&self) -> usize {
        self.books.iter().map(Book::held_bytes).sum()
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
    /// Notes that a primary has committed a write for a request: the call of that step, over that
    /// link, for whose answer `caller` waits.
    pub(super) fn commit_effect(
        &mut self,
        (request, step): (u64, u8),
        (link, caller): (LinkId, Ticket),
        keyed: bool,
    ) {
        let by = self.nodes[self.links[link].from.index()].component;
        let awaited = self.arena.alive(caller);
        self.effects.committed(Effect { request, by, step, keyed, awaited });
    }
}

/// The writes of a list of steps. A step number stands for one site, whatever the class.
fn add_sites(sites: &mut Vec<Site>, component: ComponentId, steps: &[Step]) {
    for (k, step) in steps.iter().enumerate() {
        if !matches!(step, Step::Write { .. }) {
            continue;
        }
        let publishes = steps[k..].iter().any(|s| matches!(s, Step::Publish { .. }));
        let step = k as u8;
        match sites.iter_mut().find(|s| (s.component, s.step) == (component, step)) {
            Some(site) => site.publishes |= publishes,
            None => sites.push(Site { component, step, publishes }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::book::WINDOW;
    use super::*;

    const WEB: ComponentId = ComponentId(1);

    /// `web` writes and then publishes.
    fn effects() -> Effects {
        let site = Site { component: WEB, step: 1, publishes: true };
        Effects { sites: Arc::new(vec![site]), ..Effects::default() }
    }

    fn write(request: u64) -> Effect {
        Effect { request, by: WEB, step: 1, keyed: false, awaited: true }
    }

    #[test]
    fn the_second_write_of_a_request_is_doubled_unless_it_has_a_key() {
        let mut e = effects();
        e.committed(write(1));
        e.committed(write(2));
        assert_eq!(e.doubled(), 0);
        e.committed(Effect { keyed: true, ..write(1) });
        assert_eq!(e.doubled(), 0);
        e.committed(write(1));
        e.committed(Effect { step: 3, ..write(1) });
        assert_eq!(e.doubled(), 1, "step 3 is no site");
    }

    #[test]
    fn an_order_is_unpublished_until_a_queue_has_it() {
        let mut e = effects();
        for request in 1..=3 {
            e.committed(write(request));
        }
        e.published(1);
        e.abandoned(1);
        e.abandoned(2);
        e.abandoned(2);
        assert_eq!(e.unpublished(), 1, "1 is published, 3 goes on");
        e.committed(write(2));
        e.published(2);
        assert_eq!((e.unpublished(), e.doubled()), (0, 1), "the second attempt published it");
    }

    #[test]
    fn a_write_that_commits_after_its_writer_died_is_unpublished() {
        let mut e = effects();
        e.abandoned(7);
        assert_eq!(e.unpublished(), 0, "nothing was written");
        e.committed(Effect { awaited: false, ..write(7) });
        assert_eq!(e.unpublished(), 1);
    }

    #[test]
    fn each_traffic_has_its_own_requests() {
        let mut e = effects();
        e.committed(write(1));
        e.committed(write(1 << 32 | 1));
        assert_eq!(e.doubled(), 0);
        e.committed(write(1 << 32 | 1));
        assert_eq!(e.doubled(), 1);
    }

    #[test]
    fn old_requests_are_forgotten() {
        let mut e = effects();
        e.committed(write(1));
        for request in (0..3 * WINDOW).step_by(512) {
            e.committed(write(request));
        }
        e.committed(write(1));
        assert_eq!(e.doubled(), 0);
    }
}
