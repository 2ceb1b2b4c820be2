//! How a balancer chooses among the backends that it would use.

use super::Balancer;
use crate::sim::id::NodeId;
use crate::sim::random::{Lot, Purpose};
use crate::sim::spec::{BalancerOptions, Policy};
use crate::sim::time::{Ns, SECOND};

/// What a backend that has never answered counts as, for each request in flight to it: it is tried
/// first, but not by everybody at once. (Finagle's penalty for a node of unknown latency.)
const UNKNOWN: f64 = SECOND as f64;

/// The draws of a balancer: keyed by request or user, so that no request moves another's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draws {
    pick: Purpose,
    user: Purpose,
}

impl Draws {
    pub(crate) fn new(seed: u64, name: &str) -> Draws {
        Draws {
            pick: Purpose::new(seed, &format!("{name} pick")),
            user: Purpose::new(seed, &format!("{name} user")),
        }
    }
}

/// A request for a backend.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ask {
    pub(crate) now: Ns,
    pub(crate) request: u64,
    pub(crate) user: u32,
    pub(crate) path: u32,
    pub(crate) attempt: u8,
    /// The backends that gave it no answer: see [`tried`].
    pub(crate) tried: u64,
}

/// The bit of a backend among those that were tried. From the 65th on backends share bits: one of
/// them is passed over then, and the same one is still never tried twice.
#[inline]
pub(super) fn tried(backend: usize) -> u64 {
    1 << (backend % 64)
}

/// Smooth weighted round robin (nginx, `ngx_http_upstream_get_peer`, 2012): each turn adds the
/// weights, the largest sum wins and pays for all.
fn smooth(
    balancer: &mut Balancer,
    weights: &[u64],
    fits: impl Fn(&Balancer, usize) -> bool,
) -> Option<usize> {
    let mut best: Option<usize> = None;
    let mut total = 0;
    for i in 0..balancer.members {
        let weight = weights.get(i).copied().unwrap_or(1).cast_signed();
        if weight == 0 || !fits(balancer, i) {
            continue;
        }
        total += weight;
        balancer.backends[i].credit += weight;
        if best.is_none_or(|b| balancer.backends[i].credit > balancer.backends[b].credit) {
            best = Some(i);
        }
    }
    balancer.backends[best?].credit -= total;
    best
}

impl Balancer {
    /// Picks a backend; `None` if there is none that it would use.
    #[inline]
    pub(crate) fn pick(&mut self, options: &BalancerOptions, ask: &Ask) -> Option<(u32, NodeId)> {
        let panics = self.panics(options, ask.now);
        let n = self.members;
        let fits = |b: &Balancer, i: usize| b.fits(i, ask, panics);
        let in_turn = (self.next..n).chain(0..self.next).filter(|&i| fits(self, i));
        let picked = match options.policy {
            Policy::RoundRobin => in_turn.into_iter().next(),
            Policy::LeastConnections => in_turn.min_by_key(|&i| self.backends[i].in_flight),
            Policy::LeastLatency => {
                let cost = |i: usize| self.cost(i, ask.now, options.decay);
                in_turn.min_by(|&a, &b| cost(a).total_cmp(&cost(b)))
            }
            Policy::Weighted => smooth(self, &options.weights, fits),
            Policy::Random => self.any(ask, panics, 1),
            Policy::TwoChoices => self.any(ask, panics, 2),
            Policy::UserHash => self.highest(ask, panics),
        }?;
        self.next = if picked + 1 == n { 0 } else { picked + 1 };
        self.backends[picked].in_flight += 1;
        Some((picked as u32, self.backends[picked].node))
    }

    /// Whether there is a backend for a request that has been tried elsewhere.
    pub(super) fn has_another(&self, options: &BalancerOptions, ask: &Ask) -> bool {
        let panics = self.panics(options, ask.now);
        (0..self.members).any(|i| self.fits(i, ask, panics))
    }

    #[inline]
    fn fits(&self, i: usize, ask: &Ask, panics: bool) -> bool {
        (panics || self.backends[i].usable(ask.now)) && ask.tried & tried(i) == 0
    }

    /// Whether so few backends are usable that it trusts nothing that it knows of them (Envoy's panic
    /// threshold).
    #[inline]
    pub(super) fn panics(&self, options: &BalancerOptions, now: Ns) -> bool {
        if options.panic <= 0.0 {
            return false;
        }
        let members = &self.backends[..self.members];
        let usable = members.iter().filter(|b| b.usable(now)).count();
        (usable as f64) < options.panic * members.len() as f64
    }

    /// The one with the fewest requests in flight of so many that are drawn: one of one, or one of
    /// two (Mitzenmacher, "The power of two choices in randomized load balancing", 2001).
    fn any(&self, ask: &Ask, panics: bool, draws: usize) -> Option<usize> {
        let fitting = || (0..self.members).filter(|&i| self.fits(i, ask, panics));
        let count = fitting().count() as u64;
        if count == 0 {
            return None;
        }
        let mut lot: Lot = self.draws.pick.of(ask.request, ask.path, ask.attempt);
        let first = lot.below(count);
        let one = fitting().nth(first as usize)?;
        if draws == 1 || count == 1 {
            return Some(one);
        }
        // Another than the first.
        let second = lot.below(count - 1);
        let other = fitting().nth((second + u64::from(second >= first)) as usize)?;
        let fewer = self.backends[other].in_flight < self.backends[one].in_flight;
        Some(if fewer { other } else { one })
    }

    /// Highest random weight (Thaler, Ravishankar, "Using name-based mappings to increase hit rates",
    /// 1998): when a backend falls out, only its users move.
    fn highest(&self, ask: &Ask, panics: bool) -> Option<usize> {
        let weight = |i: usize| self.draws.user.of(u64::from(ask.user), i as u32, 0).any();
        (0..self.members).filter(|&i| self.fits(i, ask, panics)).max_by_key(|&i| weight(i))
    }

    /// Latency times requests in flight, the new one included: Finagle's Peak EWMA ("Beyond round
    /// robin: load balancing for latency", linkerd, 2016).
    fn cost(&self, i: usize, now: Ns, decay: Ns) -> f64 {
        let b = &self.backends[i];
        match b.latency {
            None => f64::from(b.in_flight) * UNKNOWN,
            Some((latency, at)) => latency * fade(now - at, decay) * f64::from(b.in_flight + 1),
        }
    }

    /// Takes in how long an answer took: at once if that is longer than the average, else slowly.
    #[inline]
    pub(super) fn measure(&mut self, i: usize, now: Ns, took: Ns, decay: Ns) {
        let took = took as f64;
        let b = &mut self.backends[i];
        b.latency = Some(match b.latency {
            Some((latency, at)) if took < latency => {
                let weight = fade(now - at, decay);
                (latency * weight + took * (1.0 - weight), now)
            }
            _ => (took, now),
        });
    }
}

/// What is left of something after a while: e^(-passed / constant).
fn fade(passed: Ns, constant: Ns) -> f64 {
    libm::exp(-(passed as f64) / constant.max(1) as f64)
}
