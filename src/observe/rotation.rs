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

    /// Since when the first of them sends nothing to a backend.
    #[must_use]
    pub fn out_since(&self, backend: NodeId) -> Option<Ns> {
        self.out.iter().filter(|(_, of, _)| *of == backend).map(|(.., at)| *at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDGE: NodeId = NodeId(0);
    const WEB: NodeId = NodeId(3);

    fn believed(healthy: bool) -> Event {
        Event::Believed { balancer: EDGE, backend: WEB, healthy }
    }

    #[test]
    fn a_backend_is_out_from_the_moment_that_it_is_believed_ill() {
        let mut rotation = Rotation::default();
        rotation.happened(1_500, &believed(false));
        rotation.happened(1_700, &believed(false));
        assert_eq!(rotation.out_since(WEB), Some(1_500));
        rotation.happened(4_000, &believed(true));
        assert_eq!(rotation.out_since(WEB), None);
    }

    #[test]
    fn a_balancer_that_is_gone_believes_nothing() {
        let mut rotation = Rotation::default();
        rotation.happened(1_500, &believed(false));
        let gone = Event::Node { node: EDGE, state: NodeState::Crashed, ended: 0 };
        rotation.happened(2_000, &gone);
        assert_eq!(rotation.out_since(WEB), None);
    }
}
