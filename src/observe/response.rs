//! How the cluster answers each fault: when it noticed, and when users were served again.
//!
//! *Time to detect* runs from a fault's start to the first control decision about what it hit: a
//! balancer believes a backend ill or leaves it out, a majority of watchers misses a primary, a
//! primary steps down, a broker gives out the messages of a worker again. Nobody's looking at a chart
//! counts. `None`: nothing has noticed, which is what makes a gray failure gray.
//!
//! *Time to recover* runs from a fault's start, not from its detection, until users were served again:
//! to the end of the last bin that fell short before a whole window of [`WINDOW`] did not, in which
//! goodput is at least [`ENOUGH`] of what it was before. That the window is over is when it is known, and
//! not when it was so. It is taken back if goodput falls again, and it is 0 of a fault under which no
//! window fell short. That fewer
//! users came harms nobody: goodput of at least [`ENOUGH`] of what was offered is enough, too, as long
//! as so few come by chance ([`CHANCE`]). Users who wait for an answer come less often when they are
//! served badly, which is no chance. Where more users come than before, the share of them that is
//! served counts: to serve as many as before of three times as many is no recovery. Google's
//! *Site Reliability Workbook* (appendix C) adds up the same two: a failure costs the time to detect
//! it and the time to repair it; DORA's *time to restore service* begins with the failure, too.
//!
//! Goodput cannot be told apart by cause: faults that overlap, or follow before the last has been
//! got over, have one baseline, and recover together. What was over and got over before another began has
//! no part in what that does.

use super::BIN;
use super::rolling::Rolling;
use crate::sim::World;
use crate::sim::fault::{Change, Fault};
use crate::sim::id::{FaultId, NodeId};
use crate::sim::observation::Event;
use crate::sim::time::{Ns, SECOND, seconds};
use std::sync::Arc;

/// Length of a window of goodput.
pub const WINDOW: Ns = 2 * SECOND;
/// From this share of the goodput before on, a window shows that users are served again.
pub const ENOUGH: f64 = 0.95;
/// Fewer arrivals than before are chance up to so many standard deviations of Poisson's, whose variance
/// is the count: of a hundred thousand windows three are beyond that.
const CHANCE: f64 = 4.0;
/// What goodput was before is its mean over so long a time.
const BEFORE: Ns = 10 * SECOND;
/// And over no less than this.
const BEFORE_LEAST: Ns = SECOND;
/// A fault is watched for so long after it has ended and was got over.
const WATCHED: Ns = 10 * SECOND;

/// How one fault was answered. All times are simulated time since the start of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The fault.
    pub fault: FaultId,
    /// When it began.
    pub start: Ns,
    /// When it ended.
    pub ended: Option<Ns>,
    /// When the first control decision was taken that it caused.
    pub detected: Option<Ns>,
    /// End of the first window in which goodput fell short.
    pub hurt: Option<Ns>,
    /// When users were served again; its start if no window fell short.
    pub recovered: Option<Ns>,
    /// How users were served before it; `None` if it began too early to know.
    pub baseline: Option<Served>,
}

/// How users are served over some time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Served {
    /// Requests per second that ended ok.
    pub goodput: f64,
    /// Requests per second that arrived.
    pub offered: f64,
}

impl Response {
    /// From its start to the first control decision that it caused.
    #[must_use]
    pub fn time_to_detect(&self) -> Option<Ns> {
        self.detected.map(|at| at.saturating_sub(self.start))
    }

    /// From its start until users were served again; 0 if they always were.
    #[must_use]
    pub fn time_to_recover(&self) -> Option<Ns> {
        self.recovered.map(|at| at.saturating_sub(self.start))
    }

    /// Takes how users were served in a window that ends now, and in each of its bins, oldest first.
    fn window(&mut self, now: Ns, served: Served, bins: &[Served]) {
        let Some(baseline) = self.baseline.filter(|b| b.goodput > 0.0) else { return };
        if falls_short(served, baseline, WINDOW) {
            self.hurt.get_or_insert(now);
            self.recovered = None;
        } else if self.recovered.is_none() && (self.hurt.is_some() || now >= self.start + WINDOW) {
            let good = bins.iter().rev().take_while(|bin| !falls_short(**bin, baseline, BIN));
            let since = now.saturating_sub(good.count() as Ns * BIN).max(self.start);
            self.recovered = Some(if self.hurt.is_some() { since } else { self.start });
        }
    }

    fn is_over(&self, now: Ns) -> bool {
        let over = self.ended.zip(self.recovered.or(self.baseline.is_none().then_some(0)));
        over.is_some_and(|(ended, recovered)| now >= ended.max(recovered) + WATCHED)
    }
}

/// A control decision: by whom, about whom.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Decision {
    at: Ns,
    by: NodeId,
    about: About,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum About {
    Node(NodeId),
    /// Whoever works on the messages of the queue that decided.
    Workers,
}

impl Decision {
    fn of(at: Ns, event: &Event) -> Option<Decision> {
        let (by, about) = match *event {
            Event::Believed { balancer, backend, healthy: false }
            | Event::Ejected { balancer, backend, .. } => (balancer, About::Node(backend)),
            Event::Detected { primary, leader, .. } => (leader, About::Node(primary)),
            // Who hears of another primary has noticed nothing himself.
            Event::SteppedDown { node, heard: false, .. } => (node, About::Node(node)),
            Event::GivenBack { queue, .. } => (queue, About::Workers),
            _ => return None,
        };
        Some(Decision { at, by, about })
    }

    /// Whether it is about what the fault hit: a node that it holds or, where it holds links, one
    /// that lost touch with who decided.
    fn concerns(self, fault: &Fault, is_worker: impl Fn(NodeId) -> bool) -> bool {
        match self.about {
            About::Node(node) => {
                let apart = |&(a, b): &(NodeId, NodeId)| {
                    if self.by == node {
                        a == node || b == node
                    } else {
                        (a, b) == (self.by, node) || (a, b) == (node, self.by)
                    }
                };
                fault.nodes.contains(&node) || fault.pairs.iter().any(apart)
            }
            About::Workers => {
                let apart = |&(a, b): &(NodeId, NodeId)| a == self.by || b == self.by;
                // A broker that is hit itself notices nothing.
                let notices = !fault.nodes.contains(&self.by);
                let hit = fault.nodes.iter().any(|n| is_worker(*n));
                notices && (hit || fault.pairs.iter().any(apart))
            }
        }
    }
}

/// How all faults of a run were answered, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Responses {
    all: Arc<Vec<Response>>,
    /// Places of those that are still watched.
    open: Vec<usize>,
    /// Decisions since the last tick.
    decisions: Vec<Decision>,
    /// When a fault last began or ended.
    changed: Option<Ns>,
}

impl Responses {
    /// Takes an event.
    pub fn happened(&mut self, at: Ns, event: &Event) {
        if matches!(event, Event::Began(_) | Event::Ended(_)) {
            self.changed = Some(at);
        }
        let known = self.decisions.len() < 1_000;
        self.decisions.extend(Decision::of(at, event).filter(|_| known));
    }

    /// Looks at the faults of the world, before the counters of this tick are remembered.
    pub fn tick(&mut self, world: &World, before: &Rolling) {
        self.meet(world.faults(), before);
        let faults = world.faults();
        if !self.decisions.is_empty() {
            let topology = world.topology();
            let kind =
                |n: NodeId| topology.components[topology.nodes[n.index()].component.index()].kind;
            self.attribute(faults, |n| kind(n) == "workers");
        }
        for &i in &self.open {
            let ended = faults.get(i).and_then(|f| f.ended);
            if self.all[i].ended != ended {
                Arc::make_mut(&mut self.all)[i].ended = ended;
            }
        }
    }

    /// Faults that have begun since the last tick.
    fn meet(&mut self, faults: &[Fault], before: &Rolling) {
        for (i, fault) in faults.iter().enumerate().skip(self.all.len()) {
            // What was over and got over has no part in what comes now.
            let all = &self.all;
            self.open.retain(|&i| {
                let over = faults.get(i).and_then(|f| f.ended).zip(all[i].recovered);
                over.is_none_or(|(ended, recovered)| ended.max(recovered) >= fault.start)
            });
            let shared = self.open.last().map(|&i| self.all[i].baseline);
            let baseline = shared.unwrap_or_else(|| served_until_now(before));
            Arc::make_mut(&mut self.all).push(Response {
                fault: fault.id,
                start: fault.start,
                ended: fault.ended,
                detected: None,
                hurt: None,
                recovered: None,
                baseline,
            });
            self.open.push(i);
        }
    }

    /// Gives each decision to the faults that hit whom it is about or, if there is none, to those
    /// that put more load or other settings on everybody.
    fn attribute(&mut self, faults: &[Fault], is_worker: impl Fn(NodeId) -> bool) {
        for decision in std::mem::take(&mut self.decisions) {
            let hit = |&&i: &&usize| {
                faults
                    .get(i)
                    .filter(|f| f.start <= decision.at && !f.touched_nothing())
                    .is_some_and(|f| decision.concerns(f, &is_worker))
            };
            let mut causes: Vec<usize> = self.open.iter().filter(hit).copied().collect();
            if causes.is_empty() {
                let of_all =
                    |i: &usize| matches!(faults[*i].change, Change::Traffic(..) | Change::Set(_));
                causes = self.open.iter().copied().filter(of_all).collect();
            }
            // Of several that hit the same node, what still acts and silences it; of those, what is not
            // noticed yet, and of those, what came first.
            let rank = |&i: &usize| {
                let fault = &faults[i];
                let acts = fault.ended.is_none_or(|at| at >= decision.at);
                let missing = self.all[i].detected.is_none();
                (acts, fault.change.silences(), missing, std::cmp::Reverse(fault.start))
            };
            let cause = causes.iter().map(rank).max();
            causes.retain(|i| Some(rank(i)) == cause);
            for i in causes {
                if self.all[i].detected.is_none() {
                    Arc::make_mut(&mut self.all)[i].detected = Some(decision.at);
                }
            }
        }
    }

    /// A bin has ended; its counters are remembered.
    pub fn bin(&mut self, now: Ns, rolling: &Rolling) {
        if self.open.is_empty() {
            return;
        }
        if let Some(served) = rolling.served(now, WINDOW) {
            let bins = rolling.served_in_bins(now, WINDOW);
            let all = Arc::make_mut(&mut self.all);
            self.open.iter().for_each(|&i| all[i].window(now, served, &bins));
        }
        let all = &self.all;
        self.open.retain(|&i| !all[i].is_over(now));
    }

    /// All of them, in order of the faults' numbers.
    #[must_use]
    pub fn all(&self) -> &[Response] {
        &self.all
    }

    /// When a fault last began or ended.
    #[must_use]
    pub fn changed(&self) -> Option<Ns> {
        self.changed
    }

    /// How a fault was answered; `None` before the next tick.
    #[must_use]
    pub fn of(&self, fault: FaultId) -> Option<&Response> {
        self.all.get(fault.0 as usize)
    }
}

/// Whether fewer users are served than before, and not because fewer have come by chance; or, of more
/// users, a smaller share. `length` is how long was looked.
fn falls_short(now: Served, before: Served, length: Ns) -> bool {
    let length = seconds(length);
    let by_chance = before.goodput - CHANCE * (before.goodput * length).sqrt() / length;
    let fewer = now.goodput < ENOUGH * before.goodput
        && (now.goodput < ENOUGH * now.offered || now.offered < by_chance);
    let share = ENOUGH * (before.goodput / before.offered).min(1.0);
    fewer || now.offered > before.offered && now.goodput < share * now.offered
}

/// How users were served in the last [`BEFORE`], until the newest tick.
fn served_until_now(rolling: &Rolling) -> Option<Served> {
    let newest = rolling.newest()?;
    let oldest = rolling.before(newest.at, BEFORE.min(newest.at))?;
    (newest.at - oldest.at >= BEFORE_LEAST).then(|| newest.served_since(oldest))
}

#[cfg(test)]
mod tests;
