//! Since when balancers send nothing to a backend.

use crate::sim::id::NodeId;
use crate::sim::observation::{Event, NodeState};
use crate::sim::time::Ns;

/// Backends that balancers believe to be ill.
#[derive(Clone, Debug, Default)]
pub struct Rotation {
    /// Balancer, backend, since when.
    out: Vec<(NodeId, NodeId, Ns)>,
}

impl Rotation {
    /// Takes an event.
    pub fn happened(&mut self, at: Ns, event: &Event) {
        match *event {
            Event::Believed { balancer, backend, healthy } => {
                let known =
                    self.out.iter().position(|(by, of, _)| (*by, *of) == (balancer, backend));
                match (healthy, known) {
                    (false, None) => self.out.push((balancer, backend, at)),
                    (true, Some(i)) => {
                        self.out.remove(i);
                    }
                    _ => {}
                }
            }
            // A balancer that starts again knows nothing of what it believed.
            Event::Node { node, state: NodeState::Crashed | NodeState::Booting(_), .. } => {
                self.out.retain(|(by, ..)| *by != node);
            }
            _ => {}
        }
    }

    /// Since when none of those balancers sends anything to a backend: since the last of them believed
    /// it ill. `None` if one of them still does, or there is none.
    #[must_use]
    pub fn out_since(
        &self,
        backend: NodeId,
        balancers: impl Iterator<Item = NodeId>,
    ) -> Option<Ns> {
        let since = |balancer| {
            let out = self.out.iter().find(|(by, of, _)| (*by, *of) == (balancer, backend));
            out.map(|(.., at)| *at)
        };
        let all: Option<Vec<Ns>> = balancers.map(since).collect();
        all?.into_iter().max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDGE: NodeId = NodeId(0);
    const SIDE: NodeId = NodeId(1);
    const WEB: NodeId = NodeId(3);

    fn believed(balancer: NodeId, healthy: bool) -> Event {
        Event::Believed { balancer, backend: WEB, healthy }
    }

    fn out_since(rotation: &Rotation, balancers: &[NodeId]) -> Option<Ns> {
        rotation.out_since(WEB, balancers.iter().copied())
    }

    #[test]
    fn a_backend_is_out_from_the_moment_that_it_is_believed_ill() {
        let mut rotation = Rotation::default();
        rotation.happened(1_500, &believed(EDGE, false));
        rotation.happened(1_700, &believed(EDGE, false));
        assert_eq!(out_since(&rotation, &[EDGE]), Some(1_500));
        assert_eq!(out_since(&rotation, &[]), None, "nobody is in front of it");
        rotation.happened(4_000, &believed(EDGE, true));
        assert_eq!(out_since(&rotation, &[EDGE]), None);
    }

    #[test]
    fn of_several_balancers_the_last_one_takes_it_out() {
        let mut rotation = Rotation::default();
        rotation.happened(1_500, &believed(EDGE, false));
        assert_eq!(out_since(&rotation, &[EDGE, SIDE]), None, "the other sends to it");
        rotation.happened(1_900, &believed(SIDE, false));
        assert_eq!(out_since(&rotation, &[EDGE, SIDE]), Some(1_900));
        rotation.happened(2_500, &believed(EDGE, true));
        assert_eq!(out_since(&rotation, &[EDGE, SIDE]), None);
    }

    #[test]
    fn a_balancer_that_is_gone_believes_nothing() {
        let mut rotation = Rotation::default();
        rotation.happened(1_500, &believed(EDGE, false));
        let gone = Event::Node { node: EDGE, state: NodeState::Crashed, ended: 0 };
        rotation.happened(2_000, &gone);
        assert_eq!(out_since(&rotation, &[EDGE]), None);
    }
}
