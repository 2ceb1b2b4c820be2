//! Users: when they come and what they want.

mod closed;
mod curve;
mod demand;
#[cfg(test)]
mod tests;

use crate::sim::agenda::{Kind, Seq};
use crate::sim::frame::{Frame, Ticket};
use crate::sim::id::{ClassId, NodeId};
use crate::sim::node::Part;
use crate::sim::observation::{Ended, Observer, Outcome};
use crate::sim::program::{Call, entry};
use crate::sim::random::{Purpose, Stream};
use crate::sim::request::Counter;
use crate::sim::spec::{Arrivals, CLOSED_MAX, FACTOR_ONE, Limit, Options, TrafficOptions};
use crate::sim::time::{NEVER, Ns, SECOND};
use crate::sim::world::{Stopped, World};
use curve::Curve;

pub(crate) use demand::Demand;

/// One unit of hazard: arrivals are due when as much has passed as was drawn.
const UNIT: f64 = (1u64 << 50) as f64;
/// Most retries that a budget can save up.
const BUDGET_MAX: u64 = 100;

/// Operations of the programs of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrafficOp {
    /// A user of the closed loop thinks, or leaves if there are to be fewer.
    Think,
    /// He sends a request and waits for its end.
    Send,
}

/// The arrival process of one traffic node, with a rate that may change at any instant.
///
/// What is drawn is the *hazard* until the next arrival, in integer units: exponential with mean 1
/// for a Poisson process, 1 for constant distances. It passes at `per_ns` units a nanosecond, times
/// the factor of the stages. A change of the rate keeps what is left of it, so that a fault that ends
/// at once moves no arrival.
#[derive(Clone, Debug)]
pub(crate) struct Traffic {
    stream: Stream,
    law: Arrivals,
    per_ns: u64,
    left: u64,
    /// Thousandths of a unit, beside `left`; 0 without stages.
    fraction: u64,
    curve: Option<Curve>,
    clocked: Ns,
    /// The entry of the agenda that stands for the next arrival; older ones are void.
    pub(crate) due: Seq,
    /// The product of the active `traffic` faults.
    pub(crate) factor: f64,
    /// Retries that the budget allows, in hundredths.
    budget: u64,
    /// How many users the closed loop is to have without stages, and now; 0 in an open one.
    crowd: f64,
    population: usize,
    /// Which users of the closed loop there are.
    users: Vec<bool>,
    /// Numbers of its requests.
    numbers: Counter,
    draws: Draws,
}

/// The draws of users beyond their arrivals, keyed by request.
#[derive(Clone, Copy, Debug)]
struct Draws {
    think: Purpose,
    backoff: Purpose,
}

impl Traffic {
    pub(crate) fn new(
        seed: u64,
        name: &str,
        options: &TrafficOptions,
        numbers: Counter,
    ) -> Traffic {
        let mut traffic = Traffic {
            stream: Stream::named(seed, name),
            law: options.arrivals,
            per_ns: 0,
            left: 0,
            fraction: 0,
            curve: None,
            clocked: 0,
            due: 0,
            factor: 1.0,
            budget: BUDGET_MAX * 100,
            crowd: 0.0,
            population: 0,
            users: Vec::new(),
            numbers,
            draws: Draws {
                think: Purpose::new(seed, &format!("{name} think")),
                backoff: Purpose::new(seed, &format!("{name} backoff")),
            },
        };
        traffic.draw(0);
        if options.arrivals == Arrivals::Constant {
            // The first comes at a random phase.
            traffic.left = traffic.stream.below(UNIT as u64);
        }
        traffic.set(0, options, 1.0);
        traffic
    }

    /// Draws the next arrival, counted from now.
    fn draw(&mut self, now: Ns) {
        let hazard = match self.law {
            Arrivals::Constant => UNIT,
            Arrivals::Poisson | Arrivals::Closed => self.stream.exponential() * UNIT,
        };
        self.left = hazard as u64;
        self.fraction = 0;
        self.clocked = now;
    }

    /// When the next arrival is due, or users of a closed loop come or leave by its stages; `None` if none
    /// ever is.
    fn next(&self) -> Option<Ns> {
        if self.law == Arrivals::Closed {
            return self.curve.as_ref()?.turns_after(self.clocked);
        }
        if self.per_ns == 0 {
            return None;
        }
        let per_ns = self.per_ns;
        match &self.curve {
            None => {
                let left = self.left + u64::from(self.fraction > 0);
                Some(self.clocked.saturating_add(left.div_ceil(per_ns)))
            }
            Some(curve) => {
                curve.when(curve.at(self.clocked) + self.owed().div_ceil(u128::from(per_ns)))
            }
        }
    }

    /// What is left, in thousandths.
    fn owed(&self) -> u128 {
        u128::from(self.left) * u128::from(FACTOR_ONE) + u128::from(self.fraction)
    }

    /// Brings what is left up to now.
    fn clock(&mut self, now: Ns) {
        match &self.curve {
            None => {
                let passed = (now - self.clocked).saturating_mul(self.per_ns);
                self.left = self.left.saturating_sub(passed);
            }
            Some(curve) => {
                let passed = curve.at(now) - curve.at(self.clocked);
                let owed = self.owed().saturating_sub(passed * u128::from(self.per_ns));
                self.left = (owed / u128::from(FACTOR_ONE)) as u64;
                self.fraction = (owed % u128::from(FACTOR_ONE)) as u64;
            }
        }
        self.clocked = now;
    }

    /// Brings rate, law, stages and population up to the settings and faults; whether that changes
    /// when the next arrival is due.
    fn set(&mut self, now: Ns, options: &TrafficOptions, factor: f64) -> bool {
        self.factor = factor;
        self.law = options.arrivals;
        let closed = options.arrivals == Arrivals::Closed;
        let users = options.users.min(CLOSED_MAX) as f64 * factor;
        self.crowd = if closed { users } else { 0.0 };
        let per_ns = if closed { 0 } else { per_ns(options.rate * factor) };
        let curve = Curve::new(&options.stages);
        let turned = per_ns != self.per_ns || curve != self.curve;
        if turned {
            self.clock(now);
            self.per_ns = per_ns;
            self.curve = curve;
        }
        self.count(now);
        turned
    }

    /// How many users the closed loop is to have now.
    fn count(&mut self, now: Ns) {
        let stage = self.curve.as_ref().map_or(1.0, |curve| curve.factor(now));
        self.population = (self.crowd * stage).min(CLOSED_MAX as f64) as usize;
    }

    /// By how much the arrivals differ from the configured rate now: faults and stages.
    pub(crate) fn factor_at(&self, now: Ns) -> f64 {
        self.factor * self.curve.as_ref().map_or(1.0, |curve| curve.factor(now))
    }

    /// An arrival adds to the budget of retries.
    #[inline]
    fn deposit(&mut self, budget: Limit) {
        if let Limit::At(percent) = budget {
            self.budget = self.budget.saturating_add(percent).min(BUDGET_MAX * 100);
        }
    }

    /// A retry takes from it; false if there is too little.
    fn withdraw(&mut self, budget: Limit) -> bool {
        let enough = budget == Limit::Unlimited || self.budget >= 100;
        if enough && budget != Limit::Unlimited {
            self.budget -= 100;
        }
        enough
    }

    /// The wait before another attempt, or `None` if the budget is spent or the deadline passes.
    fn backoff(
        &mut self,
        frame: &Frame,
        wait: Ns,
        now: Ns,
        options: &TrafficOptions,
    ) -> Option<Ns> {
        let mut wait = wait.min(options.backoff_max);
        if options.jitter > 0.0 {
            let part = self.draws.backoff.of(frame.request, 0, frame.tried).unit();
            wait -= (wait as f64 * options.jitter * part) as Ns;
        }
        let useful = now.saturating_add(wait) < frame.deadline;
        (useful && self.withdraw(options.retry_budget)).then_some(wait)
    }
}

/// Hazard per nanosecond at a rate.
fn per_ns(rate_per_s: f64) -> u64 {
    libm::floor(rate_per_s.clamp(0.0, 1e9) * (UNIT / SECOND as f64) + 0.5) as u64
}

impl World {
    /// Puts the next arrival of a traffic node on the agenda, in place of the one that was.
    pub(in crate::sim) fn schedule_arrival(&mut self, node: NodeId) {
        let Part::Traffic(traffic) = &mut self.nodes[node.index()].part else { return };
        traffic.due = match traffic.next() {
            Some(at) => self.agenda.at(at, Kind::Arrive, u32::from(node.0)),
            None => 0,
        };
    }

    /// Brings a traffic node up to its settings and faults.
    pub(in crate::sim) fn update_traffic(&mut self, node: NodeId, factor: f64) {
        let now = self.now;
        let here = &mut self.nodes[node.index()];
        let (Part::Traffic(traffic), Options::Traffic(options)) =
            (&mut here.part, &self.options[here.component.index()])
        else {
            return;
        };
        if traffic.set(now, options, factor) {
            self.schedule_arrival(node);
            self.touch_rate(node);
        }
        self.populate(node);
    }

    /// A request arrives in the open loop; in the closed one users come or leave by its stages.
    pub(in crate::sim) fn arrive<O: Observer>(&mut self, node: NodeId, seq: Seq, out: &mut O) {
        let now = self.now;
        let here = &mut self.nodes[node.index()];
        let Part::Traffic(traffic) = &mut here.part else { return };
        if traffic.due != seq {
            return;
        }
        if traffic.law == Arrivals::Closed {
            traffic.clocked = now;
            traffic.count(now);
            self.schedule_arrival(node);
            return self.populate(node);
        }
        traffic.draw(now);
        let up = here.is_up();
        self.schedule_arrival(node);
        if up {
            self.send_request(node, None, out);
        }
    }

    /// A user sends a request; in the closed loop he waits for its end.
    fn send_request<O: Observer>(&mut self, node: NodeId, waits: Option<Ticket>, out: &mut O) {
        let now = self.now;
        let here = &mut self.nodes[node.index()];
        let component = here.component;
        let (Part::Traffic(traffic), Options::Traffic(options)) =
            (&mut here.part, &self.options[component.index()])
        else {
            return;
        };
        traffic.deposit(options.retry_budget);
        let crowded = (traffic.factor - 1.0).abs() > f64::EPSILON;
        let deadline =
            if options.propagate { now.saturating_add(options.deadline()) } else { NEVER };
        let Some(request) = traffic.numbers.take() else {
            self.stopped = Some(Stopped::TooManyRequests(now));
            return;
        };
        self.roots += 1;
        let user = match waits {
            Some(ticket) => self.arena[ticket.index].local,
            None if self.sticky => self.demand.user(request, options.users),
            None => 0,
        };
        let class = self.demand.class(component, request);
        self.fold(Kind::Arrive, node, request, 0);
        out.arrived(now, ClassId(class));
        if crowded {
            self.touch_traffic(component, node, request);
        }
        if self.nodes[node.index()].changed {
            self.touch_settings(node, request);
        }
        let entries = &self.code.entries[component.index()];
        let pc = entries[usize::from(entry::FIRST_CLASS + class)];
        let seq = self.agenda.next_seq();
        let key = self.key_of(node, class, request);
        let caller = waits.unwrap_or(Ticket::NOBODY);
        if self.arena.is_full() {
            self.overflow();
        }
        self.nodes[node.index()].in_flight += 1;
        let (index, slot) = self.arena.slot(seq);
        let fresh = Frame::new(seq, node, pc, now);
        *slot = Frame { caller, request, deadline, class, key, user, ..fresh };
        self.run(index, out);
    }

    /// A user's request has ended.
    #[inline]
    pub(in crate::sim) fn end_request<O: Observer>(&mut self, index: u32, out: &mut O) {
        let now = self.now;
        let frame = &self.arena[index];
        let component = self.nodes[frame.node.index()].component;
        let Options::Traffic(options) = &self.options[component.index()] else { return };
        let late = frame.result.is_good() && now - frame.sent > options.deadline();
        let ended = Ended {
            request: frame.request,
            class: ClassId(frame.class),
            outcome: if late { Outcome::Late } else { frame.result },
            blame: frame.blame,
            arrived: frame.sent,
            attempts: frame.tried + 1,
        };
        self.roots -= 1;
        if frame.caller != Ticket::NOBODY {
            self.ready.push_back(frame.caller);
        }
        out.ended(now, ended);
    }

    /// The wait before another attempt at a failed call; `None` if there is none.
    pub(in crate::sim) fn retry_after(&mut self, index: u32, call: &Call) -> Option<Ns> {
        let frame = &self.arena[index];
        let wait = call.backoff.saturating_mul(1 << frame.tried.min(20));
        let node = &mut self.nodes[frame.node.index()];
        match (&mut node.part, &self.options[node.component.index()]) {
            (Part::Traffic(traffic), Options::Traffic(options)) => {
                traffic.backoff(frame, wait, self.now, options)
            }
            (Part::Balancer(_), _) => self.tries_next(index).then_some(0),
            _ => Some(wait),
        }
    }
}
