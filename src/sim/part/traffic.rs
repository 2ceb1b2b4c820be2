//! Users: when they come and what they want.

use crate::sim::agenda::{Kind, Seq};
use crate::sim::frame::Frame;
use crate::sim::id::{ClassId, NodeId};
use crate::sim::node::Part;
use crate::sim::observation::Observer;
use crate::sim::program::entry;
use crate::sim::random::{Purpose, Stream, Zipf};
use crate::sim::spec::Class;
use crate::sim::time::{Ns, SECOND};
use crate::sim::world::World;

/// One unit of hazard: arrivals are due when as much has passed as was drawn.
const UNIT: f64 = (1u64 << 50) as f64;

/// The arrival process of one traffic node: Poisson, with a rate that may change at any instant.
///
/// What is drawn is the *hazard* until the next arrival, exponential with mean 1, in integer units.
/// It passes at `per_ns` units a nanosecond. A change of the rate keeps what is left of it, so that a
/// fault that ends at once moves no arrival.
#[derive(Clone, Debug)]
pub(crate) struct Traffic {
    stream: Stream,
    per_ns: u64,
    left: u64,
    clocked: Ns,
    /// The entry of the agenda that stands for the next arrival; older ones are void.
    pub(crate) due: Seq,
    /// The product of the active `traffic` faults.
    pub(crate) factor: f64,
}

impl Traffic {
    pub(crate) fn new(stream: Stream, rate_per_s: f64) -> Traffic {
        let mut traffic = Traffic {
            stream,
            per_ns: per_ns(rate_per_s),
            left: 0,
            clocked: 0,
            due: 0,
            factor: 1.0,
        };
        traffic.draw(0);
        traffic
    }

    /// Draws the next arrival, counted from now.
    fn draw(&mut self, now: Ns) {
        self.left = (self.stream.exponential() * UNIT) as u64;
        self.clocked = now;
    }

    /// When the next arrival is due; `None` at rate 0.
    fn next(&self) -> Option<Ns> {
        (self.per_ns > 0).then(|| self.clocked.saturating_add(self.left.div_ceil(self.per_ns)))
    }

    /// Changes the rate from now on; false if it is the same.
    fn set_rate(&mut self, now: Ns, rate_per_s: f64) -> bool {
        let per_ns = per_ns(rate_per_s);
        if per_ns == self.per_ns {
            return false;
        }
        self.left = self.left.saturating_sub((now - self.clocked).saturating_mul(self.per_ns));
        self.clocked = now;
        self.per_ns = per_ns;
        true
    }
}

/// Hazard per nanosecond at a rate.
fn per_ns(rate_per_s: f64) -> u64 {
    libm::floor(rate_per_s.clamp(0.0, 1e9) * (UNIT / SECOND as f64) + 0.5) as u64
}

/// How users choose: classes by their shares, keys by the law of the class.
#[derive(Clone, Debug)]
pub(crate) struct Demand {
    /// Upper ends of the classes' shares, as thresholds for 64 random bits.
    thresholds: Vec<u64>,
    class: Purpose,
    keys: Vec<(Zipf, Purpose)>,
}

impl Demand {
    pub(crate) fn new(classes: &[Class], seed: u64) -> Demand {
        let mut sum = 0.0;
        let thresholds = classes
            .iter()
            .map(|c| {
                sum += c.share;
                // Casts of floats saturate: the last threshold is all bits.
                (sum * 18_446_744_073_709_551_616.0) as u64
            })
            .collect();
        let keys = classes
            .iter()
            .map(|c| {
                let purpose = Purpose::new(seed, &format!("keys of {}", c.name));
                (Zipf::new(c.keys.count, c.keys.zipf), purpose)
            })
            .collect();
        Demand { thresholds, class: Purpose::new(seed, "class"), keys }
    }

    /// The class of a request.
    #[inline]
    pub(crate) fn class(&self, request: u64) -> u8 {
        if self.thresholds.len() == 1 {
            return 0;
        }
        let bits = self.class.of(request, 0, 0).any();
        let class = self.thresholds.iter().position(|&t| bits < t);
        class.unwrap_or(self.thresholds.len() - 1) as u8
    }

    /// The key of a request among those of a class.
    #[inline]
    pub(crate) fn key(&self, class: u8, request: u64) -> u32 {
        let (law, purpose) = &self.keys[usize::from(class)];
        law.draw(&mut purpose.of(request, 0, 0)) as u32
    }
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

    /// Brings the rate of a traffic node up to its settings and faults.
    pub(in crate::sim) fn update_rate(&mut self, node: NodeId, rate_per_s: f64, factor: f64) {
        let now = self.now;
        let Part::Traffic(traffic) = &mut self.nodes[node.index()].part else { return };
        traffic.factor = factor;
        if traffic.set_rate(now, rate_per_s * factor) {
            self.schedule_arrival(node);
            self.touch_rate(node);
        }
    }

    /// A request arrives.
    pub(in crate::sim) fn arrive<O: Observer>(&mut self, node: NodeId, seq: Seq, out: &mut O) {
        let now = self.now;
        let here = &mut self.nodes[node.index()];
        let Part::Traffic(traffic) = &mut here.part else { return };
        if traffic.due != seq {
            return;
        }
        traffic.draw(now);
        let crowded = (traffic.factor - 1.0).abs() > f64::EPSILON;
        let (up, component) = (here.is_up(), here.component);
        self.schedule_arrival(node);
        if !up {
            return;
        }
        self.requests += 1;
        self.roots += 1;
        let request = self.requests;
        let class = self.demand.class(request);
        self.fold(Kind::Arrive, node, request, 0);
        out.arrived(now, ClassId(class));
        if crowded {
            self.touch_traffic(component, node);
        }
        let entries = &self.code.entries[component.index()];
        let pc = entries[usize::from(entry::FIRST_CLASS + class)];
        let seq = self.agenda.next_seq();
        let key = self.demand.key(class, request);
        let frame = Frame { request, class, key, ..Frame::new(seq, node, pc, now) };
        self.nodes[node.index()].in_flight += 1;
        let index = self.arena.add(frame);
        self.run(index, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic(rate: f64) -> Traffic {
        Traffic::new(Stream::named(1, "app"), rate)
    }

    #[test]
    fn arrivals_have_their_rate() {
        let mut t = traffic(2000.0);
        let mut now = 0;
        for _ in 0..100_000 {
            now = t.next().expect("a rate");
            t.draw(now);
        }
        let rate = 100_000.0 / (now as f64 / SECOND as f64);
        assert!((rate / 2000.0 - 1.0).abs() < 0.01, "{rate}");
    }

    #[test]
    fn a_change_that_ends_at_once_moves_nothing() {
        let mut t = traffic(333.3);
        let due = t.next();
        assert!(t.set_rate(100_000, 7.0) && t.set_rate(100_000, 333.3));
        assert_eq!(t.next(), due);
    }

    #[test]
    fn a_change_keeps_what_is_left_of_the_wait() {
        let mut t = traffic(100.0);
        let due = t.next().expect("a rate");
        let half = due / 2;
        assert!(t.set_rate(half, 200.0));
        let sooner = t.next().expect("a rate");
        assert!(sooner.abs_diff(half + (due - half) / 2) <= 2, "{sooner} of {due}");
        assert!(t.set_rate(half, 0.0));
        assert_eq!(t.next(), None);
    }
}
