//! The load balancer: what it believes of its backends, and whom it picks.

mod policy;
#[cfg(test)]
mod tests;

pub(crate) use policy::{Ask, Draws};

use crate::sim::frame::Frame;
use crate::sim::id::NodeId;
use crate::sim::node::Part;
use crate::sim::observation::{Event, Observer, Outcome};
use crate::sim::program::Flow;
use crate::sim::reading::{BackendReading, PartReading};
use crate::sim::spec::{BalancerOptions, Eject, Health, Options, Policy};
use crate::sim::time::Ns;
use crate::sim::world::World;

/// Operations of a balancer's programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BalancerOp {
    /// A health check has ended.
    Checked,
}

/// A backend, as the balancer sees it.
#[derive(Clone, Copy, Debug)]
struct Backend {
    node: NodeId,
    healthy: bool,
    contradicting: u32,
    in_flight: u32,
    /// Requests in a row that got no answer.
    unanswered: u32,
    /// Until when it is left out.
    ejected: Ns,
    /// Of smooth weighted round robin.
    credit: i64,
    /// The moving average of its latency in nanoseconds, and when it was last brought up to date.
    latency: Option<(f64, Ns)>,
    /// Whether health checks go to it.
    pub(crate) watched: bool,
}

impl Backend {
    fn new(node: NodeId) -> Backend {
        Backend {
            node,
            healthy: true,
            contradicting: 0,
            in_flight: 0,
            unanswered: 0,
            ejected: 0,
            credit: 0,
            latency: None,
            watched: false,
        }
    }

    #[inline]
    fn usable(&self, now: Ns) -> bool {
        self.healthy && self.ejected <= now
    }
}

/// What a check has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Checked {
    /// It was as believed.
    AsBelieved,
    /// It contradicts the belief, for so many times in a row.
    Contradicts(u32),
    /// The belief has changed.
    Changed(u32),
}

/// How a request to a backend has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard {
    /// Nothing answered: refused, reset, or timed out.
    pub(crate) broken: bool,
    pub(crate) took: Ns,
}

/// A balancer's beliefs.
#[derive(Clone, Debug)]
pub(crate) struct Balancer {
    /// Those of old that still work for it are behind the members.
    backends: Vec<Backend>,
    /// How many of them it spreads over.
    members: usize,
    next: usize,
    draws: Draws,
}

impl Balancer {
    /// All backends are believed healthy until checks say otherwise.
    pub(crate) fn new(backends: impl Iterator<Item = NodeId>, draws: Draws) -> Balancer {
        let backends: Vec<Backend> = backends.map(Backend::new).collect();
        Balancer { members: backends.len(), backends, next: 0, draws }
    }

    /// There are more or fewer backends, of which `first` is the first. New ones get requests when
    /// checks say that they are there; others get none from now on.
    pub(crate) fn resize(&mut self, members: usize, first: NodeId) {
        for i in self.members..members {
            let new = Backend { healthy: false, ..Backend::new(NodeId(first.0 + i as u16)) };
            match self.backends.get_mut(i) {
                Some(b) => *b = Backend { in_flight: b.in_flight, watched: b.watched, ..new },
                None => self.backends.push(new),
            }
        }
        self.members = members;
        if self.next >= members {
            self.next = 0;
        }
    }

    /// Whether health checks are to begin for a backend: it is one, and there are none yet.
    pub(crate) fn begins_to_watch(&mut self, backend: u32) -> bool {
        let is_member = (backend as usize) < self.members;
        is_member && !std::mem::replace(&mut self.backends[backend as usize].watched, true)
    }

    /// A request to a backend has ended; whether that ejects the backend.
    #[inline]
    pub(crate) fn ended(
        &mut self,
        backend: usize,
        now: Ns,
        heard: Heard,
        options: &BalancerOptions,
    ) -> bool {
        self.backends[backend].in_flight -= 1;
        if options.policy == Policy::LeastLatency {
            self.measure(backend, now, heard.took, options.decay);
        }
        options.eject.after > 0 && self.judge(backend, now, heard.broken, &options.eject)
    }

    /// Counts requests without an answer; whether the backend is ejected now.
    fn judge(&mut self, backend: usize, now: Ns, broken: bool, eject: &Eject) -> bool {
        let b = &mut self.backends[backend];
        b.unanswered = if broken { b.unanswered + 1 } else { 0 };
        if u64::from(b.unanswered) < eject.after || b.ejected > now {
            return false;
        }
        b.unanswered = 0;
        b.ejected = now.saturating_add(eject.time);
        true
    }

    fn checked(&mut self, backend: u32, good: bool, health: &Health) -> Checked {
        let b = &mut self.backends[backend as usize];
        if good == b.healthy {
            b.contradicting = 0;
            return Checked::AsBelieved;
        }
        b.contradicting += 1;
        let times = b.contradicting;
        if u64::from(times) < if b.healthy { health.fall } else { health.rise } {
            return Checked::Contradicts(times);
        }
        b.healthy = !b.healthy;
        b.contradicting = 0;
        Checked::Changed(times)
    }

    /// Its process has died: what it knew is gone.
    pub(crate) fn crash(&mut self) {
        self.next = 0;
        for backend in &mut self.backends {
            *backend = Backend::new(backend.node);
        }
    }

    pub(crate) fn reading(&self, options: &Options, now: Ns) -> PartReading {
        let backends = self.backends[..self.members].iter().map(|b| BackendReading {
            node: b.node,
            healthy: b.healthy,
            contradicting: b.contradicting,
            in_flight: b.in_flight,
            ejected: (b.ejected > now).then_some(b.ejected),
        });
        let panics = matches!(options, Options::Balancer(o) if self.panics(o, now));
        PartReading::Balancer { backends: backends.collect(), panics }
    }
}

fn ask(frame: &Frame, now: Ns) -> Ask {
    Ask {
        now,
        request: frame.request,
        user: frame.user,
        path: frame.path,
        attempt: frame.attempt.saturating_add(frame.tried),
        tried: frame.delivery,
    }
}

impl World {
    /// Whom a balancer gives a request to.
    #[inline]
    pub(in crate::sim) fn pick_backend(&mut self, index: u32) -> Option<NodeId> {
        let frame = &mut self.arena[index];
        let me = &mut self.nodes[frame.node.index()];
        let (Part::Balancer(balancer), Options::Balancer(options)) =
            (&mut me.part, &self.options[me.component.index()])
        else {
            return None;
        };
        let (backend, node) = balancer.pick(options, &ask(frame, self.now))?;
        frame.local = backend;
        Some(node)
    }

    /// A request to a backend has ended.
    #[inline]
    pub(in crate::sim) fn backend_ended<O: Observer>(
        &mut self,
        index: u32,
        heard: Heard,
        out: &mut O,
    ) {
        let now = self.now;
        let frame = &mut self.arena[index];
        let me = frame.node;
        let node = &mut self.nodes[me.index()];
        let (Part::Balancer(balancer), Options::Balancer(options)) =
            (&mut node.part, &self.options[node.component.index()])
        else {
            return;
        };
        let backend = frame.local as usize;
        if heard.broken {
            frame.delivery |= policy::tried(backend);
        }
        if balancer.ended(backend, now, heard, options) {
            let b = &balancer.backends[backend];
            let (backend, until) = (b.node, b.ejected);
            out.happened(now, Event::Ejected { balancer: me, backend, until });
        }
    }

    /// Whether a balancer gives a request to another backend: the last one gave no answer at all,
    /// and there is one that was not tried.
    pub(in crate::sim) fn tries_next(&self, index: u32) -> bool {
        let frame = &self.arena[index];
        let node = &self.nodes[frame.node.index()];
        let (Part::Balancer(balancer), Options::Balancer(options)) =
            (&node.part, &self.options[node.component.index()])
        else {
            return false;
        };
        frame.delivery & policy::tried(frame.local as usize) != 0
            && balancer.has_another(options, &ask(frame, self.now))
    }

    pub(in crate::sim) fn balancer_op<O: Observer>(
        &mut self,
        op: BalancerOp,
        index: u32,
        out: &mut O,
    ) -> Flow {
        let BalancerOp::Checked = op;
        let frame = &self.arena[index];
        let (local, outcome, me) = (frame.local, frame.result, frame.node);
        let node = &mut self.nodes[me.index()];
        let (Part::Balancer(balancer), Options::Balancer(options)) =
            (&mut node.part, &self.options[node.component.index()])
        else {
            return Flow::Next;
        };
        if local as usize >= balancer.members {
            balancer.backends[local as usize].watched = false;
            return Flow::End(Outcome::Ok);
        }
        let backend = balancer.backends[local as usize].node;
        let good = outcome.is_good();
        let checked = balancer.checked(local, good, &options.health);
        if let Checked::Contradicts(in_a_row) | Checked::Changed(in_a_row) = checked {
            let check = Event::Check { balancer: me, backend, outcome, in_a_row };
            out.happened(self.now, check);
        }
        if let Checked::Changed(_) = checked {
            out.happened(self.now, Event::Believed { balancer: me, backend, healthy: good });
        }
        Flow::Next
    }
}
