//! Where the time of requests goes, component by component: a sample is followed call by call.
//!
//! One in so many requests is followed, chosen by its number, as Google's tracing does (Sigelman and
//! others, *Dapper*, 2010): the same share all through the run, whatever becomes of them. Where few
//! come it is each ([`one_in`]). When it has been answered, its time is given away from the outside in:
//! of each call, what was not inside the callee is network; inside, it waited for resources, worked,
//! or called others; what is left it waited for something else (replicas, a flight of another
//! request, a pause before another attempt). A call that was not answered was waiting, all of it,
//! whatever went on behind it. So the parts of a request add up to its latency, to the nanosecond, and
//! those of the sample to the mean of the sample. That is not the mean of all who were answered: what is
//! rare and slow is met by chance. To stretch one to the other would blame everybody else for it.

use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::Called;
use crate::sim::time::{Ns, SECOND};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One in so many requests is followed, at least.
pub const ONE_IN: u64 = 16;
/// And as many more as it takes for so many in a second: of the 2000 of the default cluster it is one in
/// sixteen.
const PER_SECOND: f64 = 125.0;
/// Requests that are followed at a time, at most; further ones are let go.
const FOLLOWED: usize = 4_096;
/// Calls that are noted of one request; one with as many is not followed to its end.
const CALLS: usize = 96;
/// What has been heard of no more for so long came too late for a request that had ended.
const FORGOTTEN: Ns = 30 * SECOND;

/// One in how many is followed where `rate` come in a second: a power of two up to [`ONE_IN`].
#[must_use]
pub fn one_in(rate: f64) -> u64 {
    let mut one_in = 1;
    while one_in < ONE_IN && rate / one_in as f64 > PER_SECOND {
        one_in *= 2;
    }
    one_in
}

/// What stands at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Users.
    Users,
    /// What they wait for.
    Between,
    /// Workers: nobody waits for them.
    Apart,
}

/// Where the time of followed requests went at one component, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// On the way there and back.
    pub network: u64,
    /// Working there.
    pub working: u64,
    /// Waiting there for threads, cores and connections.
    pub queued: u64,
    /// Waiting there for anything else.
    pub other: u64,
    /// Waiting for it in vain.
    pub in_vain: u64,
}

impl Parts {
    /// All of it.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.network + self.working + self.queued + self.other + self.in_vain
    }

    fn add(&mut self, other: &Parts) {
        self.network += other.network;
        self.working += other.working;
        self.queued += other.queued;
        self.other += other.other;
        self.in_vain += other.in_vain;
    }

    fn since(&self, before: &Parts) -> Parts {
        Parts {
            network: self.network - before.network,
            working: self.working - before.working,
            queued: self.queued - before.queued,
            other: self.other - before.other,
            in_vain: self.in_vain - before.in_vain,
        }
    }
}

/// What is known of the followed requests that were answered. It only grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journeys {
    /// How many.
    pub count: u64,
    /// Sum of their latencies.
    pub took: u64,
    /// Time that their users waited between attempts.
    pub between: u64,
    /// By component.
    pub parts: Vec<Parts>,
}

impl Journeys {
    /// What was added since `before`, an earlier state of the same sums.
    #[must_use]
    pub fn since(&self, before: &Journeys) -> Journeys {
        let none = Parts::default();
        let parts = self.parts.iter().enumerate();
        Journeys {
            count: self.count - before.count,
            took: self.took - before.took,
            between: self.between - before.between,
            parts: parts.map(|(i, p)| p.since(before.parts.get(i).unwrap_or(&none))).collect(),
        }
    }

    fn add(&mut self, took: Ns, between: Ns, parts: &[Parts]) {
        self.count += 1;
        self.took += took;
        self.between += between;
        self.parts.resize(parts.len(), Parts::default());
        self.parts.iter_mut().zip(parts).for_each(|(sum, part)| sum.add(part));
    }
}

/// A call of a request that is followed.
#[derive(Clone, Copy, Debug)]
struct Hop {
    from: NodeId,
    to: NodeId,
    start: Ns,
    end: Ns,
    wait: Ns,
    work: Ns,
    /// `None` without an answer.
    inside: Option<Ns>,
}

/// Requests that are followed.
#[derive(Clone, Debug, Default)]
pub struct Follower {
    /// Component of each node, and what stands there.
    places: Arc<Vec<(ComponentId, Place)>>,
    components: usize,
    /// Those under way: their calls that have ended, in that order.
    under_way: BTreeMap<u64, Vec<Hop>>,
    /// Requests are followed whose hash has none of these bits.
    mask: u64,
    /// Storage of those that are over.
    spare: Vec<Vec<Hop>>,
    all: Journeys,
    judged: Journeys,
    /// Scratch.
    parts: Vec<Parts>,
}

impl Follower {
    /// Follows one in [`ONE_IN`] requests in a cluster with that many components; `places` says of each
    /// node whose it is, and what stands there.
    #[must_use]
    pub fn new(places: Vec<(ComponentId, Place)>, components: usize) -> Follower {
        let places = Arc::new(places);
        let mut follower = Follower { places, components, ..Follower::default() };
        follower.follow(ONE_IN);
        follower
    }

    /// Follows one in so many from now on, a power of two.
    pub fn follow(&mut self, one_in: u64) {
        // The highest bits of the product are the ones that depend on all of the number.
        self.mask = (one_in - 1).reverse_bits();
    }

    /// One in so many is followed.
    #[must_use]
    pub fn one_in(&self) -> u64 {
        self.mask.reverse_bits() + 1
    }

    /// Whether a request is followed. By a hash: one in sixteen in a row would always meet the same
    /// server of four in turn.
    #[inline]
    fn is_followed(&self, request: u64) -> bool {
        request.wrapping_mul(0x9E37_79B9_7F4A_7C15) & self.mask == 0
    }

    /// A call ended.
    #[inline]
    pub fn called(&mut self, at: Ns, from: NodeId, called: &Called) {
        if called.request != 0 && self.is_followed(called.request) {
            self.note(at, from, called);
        }
    }

    #[cold]
    fn note(&mut self, at: Ns, from: NodeId, called: &Called) {
        // Nobody waits for those who work on messages.
        let apart = self.places.get(from.index()).is_none_or(|(_, place)| *place == Place::Apart);
        let full = self.under_way.len() >= FOLLOWED;
        if apart || (full && !self.under_way.contains_key(&called.request)) {
            return;
        }
        let spare = &mut self.spare;
        let fresh = || spare.pop().unwrap_or_default();
        let calls = self.under_way.entry(called.request).or_insert_with(fresh);
        if calls.len() >= CALLS {
            return;
        }
        // Calls that were not answered have been nowhere.
        let answered = called.outcome.is_good() || called.inside > 0;
        calls.push(Hop {
            from,
            to: called.to,
            start: at.saturating_sub(called.took),
            end: at,
            wait: called.wait,
            work: called.work,
            inside: answered.then_some(called.inside),
        });
    }

    /// A request ended; `answered` says whether with an answer.
    #[inline]
    pub fn ended(&mut self, at: Ns, request: u64, arrived: Ns, answered: bool, judged: bool) {
        if self.is_followed(request)
            && let Some(mut calls) = self.under_way.remove(&request)
        {
            if answered && calls.len() < CALLS {
                self.give_away(&calls, arrived, at, judged);
            }
            calls.clear();
            if self.spare.len() < 64 {
                self.spare.push(calls);
            }
        }
    }

    fn give_away(&mut self, calls: &[Hop], arrived: Ns, at: Ns, judged: bool) {
        let took = at - arrived;
        let mut parts = std::mem::take(&mut self.parts);
        parts.clear();
        parts.resize(self.components, Parts::default());
        let places = &self.places;
        let is_user =
            |n: NodeId| places.get(n.index()).is_some_and(|(_, place)| *place == Place::Users);
        let from_users = |hop: &Hop| is_user(hop.from);
        let gave = give(calls, &from_users, (arrived, at), took, &mut |hop, own| {
            if let Some((component, _)) = places.get(hop.to.index()) {
                parts[component.index()].add(&own);
            }
        });
        self.all.add(took, took - gave, &parts);
        if judged {
            self.judged.add(took, took - gave, &parts);
        }
        self.parts = parts;
    }

    /// Lets go of what came after the end of its request.
    pub fn tick(&mut self, now: Ns) {
        let old = |calls: &Vec<Hop>| calls.last().is_none_or(|c| c.end + FORGOTTEN < now);
        self.under_way.retain(|_, calls| !old(calls));
    }

    /// All followed requests that were answered.
    #[must_use]
    pub fn all(&self) -> &Journeys {
        &self.all
    }

    /// Those of them that arrived in judged time.
    #[must_use]
    pub fn judged(&self) -> &Journeys {
        &self.judged
    }
}

/// Gives the time of a stretch away to the calls that were made in it, one after the other, and to
/// those that they made; returns how much of it that was, `most` at most.
fn give(
    calls: &[Hop],
    made: &dyn Fn(&Hop) -> bool,
    (start, end): (Ns, Ns),
    most: Ns,
    see: &mut dyn FnMut(&Hop, Parts),
) -> Ns {
    let (mut gave, mut from) = (0, start);
    for (i, hop) in calls.iter().enumerate() {
        let took = hop.end - hop.start;
        if !made(hop) || hop.start < from || hop.end > end || gave + took > most {
            continue;
        }
        from = hop.end;
        gave += took;
        let own = match hop.inside {
            None => Parts { in_vain: took, ..Parts::default() },
            Some(inside) => {
                let inside = inside.min(took);
                let (queued, working) = (hop.wait.min(inside), hop.work);
                let working = working.min(inside - queued);
                let left = inside - queued - working;
                let within = (hop.start, hop.end);
                let called = give(&calls[..i], &|h| h.from == hop.to, within, left, see);
                Parts { network: took - inside, working, queued, other: left - called, in_vain: 0 }
            }
        };
        see(hop, own);
    }
    gave
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::id::{ClassId, LinkId};
    use crate::sim::observation::Outcome;

    const USERS: NodeId = NodeId(0);
    const WEB: NodeId = NodeId(1);
    const DB: NodeId = NodeId(2);
    const WORKER: NodeId = NodeId(3);
    /// The first number that is followed.
    const FIRST: u64 = 13;

    fn follower() -> Follower {
        let places = [Place::Users, Place::Between, Place::Between, Place::Apart];
        let places = (0..).map(ComponentId).zip(places).collect();
        Follower::new(places, 4)
    }

    /// A call of the followed request that ends then; `inside` is `(wait, work, inside)`.
    fn call(
        f: &mut Follower,
        (from, to): (NodeId, NodeId),
        (start, end): (Ns, Ns),
        inside: Option<(Ns, Ns, Ns)>,
    ) {
        let (wait, work, within) = inside.unwrap_or_default();
        let outcome = if inside.is_some() { Outcome::Ok } else { Outcome::Timeout };
        let (link, class) = (LinkId(0), Some(ClassId(0)));
        let (request, delivered, took, inside) = (FIRST, false, end - start, within);
        let called =
            Called { link, to, request, class, delivered, outcome, wait, work, inside, took };
        f.called(end, from, &called);
    }

    #[test]
    fn the_parts_add_up_from_the_outside_in() {
        let mut f = follower();
        call(&mut f, (WEB, DB), (30, 60), Some((5, 12, 20)));
        call(&mut f, (USERS, WEB), (0, 100), Some((7, 40, 90)));
        f.ended(100, FIRST, 0, true, true);
        let web = Parts { network: 10, queued: 7, working: 40, other: 13, in_vain: 0 };
        let db = Parts { network: 10, queued: 5, working: 12, other: 3, in_vain: 0 };
        assert_eq!(f.all().parts, [Parts::default(), web, db, Parts::default()]);
        assert_eq!((f.all().count, f.all().took, f.all().between), (1, 100, 0));
        assert_eq!(web.sum() + db.sum(), 100);
    }

    #[test]
    fn what_goes_on_behind_a_call_that_was_given_up_is_not_counted_twice() {
        let mut f = follower();
        // The first attempt is given up at 50; what it had asked for is answered at 70, too late.
        call(&mut f, (WEB, DB), (5, 40), Some((0, 35, 35)));
        call(&mut f, (USERS, WEB), (0, 50), None);
        call(&mut f, (WEB, DB), (45, 70), Some((0, 20, 20)));
        call(&mut f, (USERS, WEB), (60, 100), Some((0, 40, 40)));
        f.ended(100, FIRST, 0, true, false);
        let web = Parts { in_vain: 50, working: 40, ..Parts::default() };
        assert_eq!(f.all().parts, [Parts::default(), web, Parts::default(), Parts::default()]);
        assert_eq!((f.all().between, f.judged().count), (10, 0));
    }

    #[test]
    fn calls_at_the_same_time_cannot_make_it_longer_than_it_was() {
        let mut f = follower();
        call(&mut f, (WEB, DB), (10, 80), Some((0, 70, 70)));
        call(&mut f, (WEB, DB), (10, 90), Some((0, 80, 80)));
        call(&mut f, (USERS, WEB), (0, 100), Some((0, 0, 100)));
        f.ended(100, FIRST, 0, true, false);
        let sum: u64 = f.all().parts.iter().map(Parts::sum).sum();
        assert_eq!(sum + f.all().between, 100);
    }

    #[test]
    fn failed_and_other_requests_are_not_followed_to_the_end() {
        let mut f = follower();
        call(&mut f, (USERS, WEB), (0, 9), Some((0, 9, 9)));
        f.ended(9, FIRST, 0, false, true);
        f.ended(9, FIRST, 0, true, true);
        f.ended(9, FIRST + 1, 0, true, true);
        assert_eq!(f.all(), &Journeys::default());
        assert!(f.under_way.is_empty() && f.spare.len() == 1);
    }

    #[test]
    fn the_share_that_is_followed_is_the_same_whatever_their_turn() {
        let mut f = follower();
        assert_eq!((f.one_in(), (1..100).find(|r| f.is_followed(*r))), (ONE_IN, Some(FIRST)));
        for one_in in [1, 2, 4, 8, 16] {
            f.follow(one_in);
            assert_eq!(f.one_in(), one_in);
            for turn in 0..4 {
                let of_turn = (0..40_000).filter(|r| r % 4 == turn);
                let followed = of_turn.filter(|r| f.is_followed(*r)).count() as u64;
                assert!((followed * one_in).abs_diff(10_000) < 200, "{followed} of 1 in {one_in}");
            }
        }
    }

    #[test]
    fn each_is_followed_where_few_come() {
        let rates = [0.0, 125.0, 126.0, 500.0, 2_000.0, 1e6, f64::INFINITY];
        assert_eq!(rates.map(one_in), [1, 1, 2, 4, 16, 16, 16]);
    }

    #[test]
    fn workers_and_what_comes_too_late_are_let_go() {
        let mut f = follower();
        call(&mut f, (WORKER, DB), (0, 9), Some((0, 9, 9)));
        assert!(f.under_way.is_empty());
        call(&mut f, (WEB, DB), (0, 9), Some((0, 9, 9)));
        f.tick(FORGOTTEN);
        assert_eq!(f.under_way.len(), 1);
        f.tick(FORGOTTEN + 10);
        assert!(f.under_way.is_empty());
    }
}
