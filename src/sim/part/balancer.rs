//! The load balancer: what it believes of its backends, and whom it picks.

use crate::sim::id::NodeId;
use crate::sim::node::Part;
use crate::sim::observation::{Event, Observer};
use crate::sim::program::Flow;
use crate::sim::reading::BackendReading;
use crate::sim::spec::{Health, Options, Policy};
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

/// A balancer's beliefs.
#[derive(Clone, Debug)]
pub(crate) struct Balancer {
    backends: Vec<Backend>,
    next: usize,
}

impl Balancer {
    /// All backends are believed healthy until checks say otherwise.
    pub(crate) fn new(backends: impl Iterator<Item = NodeId>) -> Balancer {
        let backends = backends
            .map(|node| Backend { node, healthy: true, contradicting: 0, in_flight: 0 })
            .collect();
        Balancer { backends, next: 0 }
    }

    /// Picks a healthy backend; `None` if there is none.
    #[inline]
    pub(crate) fn pick(&mut self, policy: Policy) -> Option<(u32, NodeId)> {
        let n = self.backends.len();
        let in_turn = (0..n).map(|i| (self.next + i) % n).filter(|&i| self.backends[i].healthy);
        let picked = match policy {
            Policy::RoundRobin => in_turn.into_iter().next(),
            Policy::LeastConnections => in_turn.min_by_key(|&i| self.backends[i].in_flight),
        }?;
        self.next = if picked + 1 == n { 0 } else { picked + 1 };
        self.backends[picked].in_flight += 1;
        Some((picked as u32, self.backends[picked].node))
    }

    /// A request to a backend has ended.
    #[inline]
    pub(crate) fn ended(&mut self, backend: u32) {
        self.backends[backend as usize].in_flight -= 1;
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
        *self = Balancer::new(self.backends.iter().map(|b| b.node).collect::<Vec<_>>().into_iter());
    }

    pub(crate) fn reading(&self) -> Vec<BackendReading> {
        self.backends
            .iter()
            .map(|b| BackendReading {
                node: b.node,
                healthy: b.healthy,
                contradicting: b.contradicting,
                in_flight: b.in_flight,
            })
            .collect()
    }
}

impl World {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::spec::BalancerOptions;

    fn balancer(n: u16) -> Balancer {
        Balancer::new((0..n).map(NodeId))
    }

    #[test]
    fn round_robin_takes_turns_past_the_sick() {
        let mut b = balancer(3);
        b.backends[1].healthy = false;
        let picks: Vec<u32> =
            (0..4).map(|_| b.pick(Policy::RoundRobin).expect("one is healthy").0).collect();
        assert_eq!(picks, vec![0, 2, 0, 2]);
    }

    #[test]
    fn least_connections_prefers_the_idle() {
        let mut b = balancer(3);
        for _ in 0..3 {
            b.pick(Policy::LeastConnections);
        }
        b.ended(1);
        assert_eq!(b.pick(Policy::LeastConnections).map(|p| p.0), Some(1));
    }

    #[test]
    fn three_failures_put_it_out_and_two_successes_bring_it_back() {
        let health = BalancerOptions::default().health;
        let mut b = balancer(1);
        assert_eq!(b.checked(0, false, &health), Checked::Contradicts(1));
        assert_eq!(b.checked(0, true, &health), Checked::AsBelieved);
        for in_a_row in 1..=2 {
            assert_eq!(b.checked(0, false, &health), Checked::Contradicts(in_a_row));
        }
        assert_eq!(b.checked(0, false, &health), Checked::Changed(3));
        assert_eq!(b.pick(Policy::RoundRobin), None);
        assert_eq!(b.checked(0, true, &health), Checked::Contradicts(1));
        assert_eq!(b.checked(0, true, &health), Checked::Changed(2));
    }
}
