//! What keeps the picture calm: figures stand for a quarter of a second, so that they can be read, and
//! workers that were stuck a moment ago still are. What is a state and no figure is never held back.

use crate::session::picture::{Component, Face, Node, Picture, Role};
use crate::sim::time::{Ns, SECOND};

/// So long workers are called stuck after they last were: with each attempt, about one a second, they
/// stir for a moment.
const STUCK_FOR: Ns = 2 * SECOND;

/// Puts the figures of an older picture into a newer one.
pub(super) fn keep_figures(of: &Picture, now: &mut Picture) {
    for (old, new) in of.components.iter().zip(&mut now.components) {
        if old.name != new.name || old.nodes.len() != new.nodes.len() {
            continue;
        }
        keep_face(&old.face, &mut new.face);
        for (old, new) in old.nodes.iter().zip(&mut new.nodes) {
            keep_node(old, new);
        }
    }
}

/// Those of a node that is in the same state.
fn keep_node(old: &Node, new: &mut Node) {
    if old.state != new.state {
        return;
    }
    new.utilisation = old.utilisation;
    new.rate = old.rate;
    new.in_flight = old.in_flight;
    (new.threads, new.backlog) = (old.threads, old.backlog);
    if let (Some(Role::Replica(_)), Some(Role::Replica(_))) = (old.role, new.role) {
        new.role = old.role;
    }
}

fn keep_face(old: &Face, new: &mut Face) {
    match (old, new) {
        (Face::Traffic { rate: old, .. }, Face::Traffic { rate, .. })
        | (Face::Balancer { rate: old, .. }, Face::Balancer { rate, .. }) => *rate = *old,
        (Face::Service { utilisation: old, .. }, Face::Service { utilisation, .. })
        | (Face::Workers { utilisation: old, .. }, Face::Workers { utilisation, .. }) => {
            *utilisation = *old;
        }
        (
            Face::Cache { hit_ratio: old_ratio, rate: old_rate, entries: old_entries, .. },
            Face::Cache { hit_ratio, rate, entries, .. },
        ) => (*hit_ratio, *rate, *entries) = (*old_ratio, *old_rate, *old_entries),
        (
            Face::Database { reads: old_reads, writes: old_writes, .. },
            Face::Database { reads, writes, .. },
        ) => (*reads, *writes) = (*old_reads, *old_writes),
        (
            Face::Queue { depth: old_depth, in_hand: old_hand, rate: old_rate, .. },
            Face::Queue { depth, in_hand, rate, .. },
        ) => (*depth, *in_hand, *rate) = (*old_depth, *old_hand, *old_rate),
        _ => {}
    }
}

/// When the workers of each component were stuck last.
#[derive(Clone, Debug, Default)]
pub(super) struct Stuck(Vec<Option<Ns>>);

impl Stuck {
    /// Whether some are still to be called stuck that are not in this picture; it remembers those that
    /// are.
    pub fn see(&mut self, picture: &Picture) -> bool {
        self.0.resize(picture.components.len(), None);
        let mut held = false;
        for (last, component) in self.0.iter_mut().zip(&picture.components) {
            if is_stuck(component) {
                *last = Some(picture.now);
            }
            // A picture of an earlier time begins anew.
            *last = last.filter(|at| (*at..*at + STUCK_FOR).contains(&picture.now));
            held |= last.is_some() && !is_stuck(component);
        }
        held
    }

    /// Calls them stuck.
    pub fn hold(&self, picture: &mut Picture) {
        for (last, component) in self.0.iter().zip(&mut picture.components) {
            if let (Some(_), Face::Workers { stuck, .. }) = (last, &mut component.face) {
                *stuck = true;
            }
        }
    }
}

fn is_stuck(component: &Component) -> bool {
    matches!(component.face, Face::Workers { stuck: true, .. })
}

#[cfg(test)]
mod tests {
    use crate::session::picture::{Face, Picture};
    use crate::sim::observation::NodeState;
    use crate::sim::time::MILLISECOND;
    use crate::tui::app::{App, FIGURES_EVERY, Options};
    use crate::tui::example;
    use crate::tui::feed::Snapshot;
    use std::sync::Arc;

    fn of(picture: &Picture) -> App {
        App::new(Snapshot::still(Arc::new(picture.clone())), Options::default(), 120, 40)
    }

    fn show(app: &mut App, picture: &Picture) {
        app.receive(Snapshot::still(Arc::new(picture.clone())));
    }

    #[test]
    fn figures_stand_for_a_while_unless_a_state_has_changed() {
        let mut picture = example::at_rest();
        let mut app = of(&picture);
        let was = picture.components[example::WEB].nodes[0].utilisation;
        picture.components[example::WEB].nodes[0].utilisation = 0.11;
        show(&mut app, &picture);
        let nodes = |app: &App| app.picture().components[example::WEB].nodes.clone();
        let shown = |app: &App, wanted: f64| (nodes(app)[0].utilisation - wanted).abs() < 1e-9;
        assert!(shown(&app, was), "a figure stands");
        for _ in 0..FIGURES_EVERY {
            show(&mut app, &picture);
        }
        assert!(shown(&app, 0.11));
        picture.components[example::WEB].nodes[0].utilisation = 0.12;
        picture.components[example::WEB].nodes[1].state = NodeState::Crashed;
        picture.components[example::WEB].nodes[1].utilisation = 0.0;
        show(&mut app, &picture);
        assert_eq!(nodes(&app)[1].state, NodeState::Crashed);
        assert!(nodes(&app)[1].utilisation.abs() < 1e-9, "those of a new state come with it");
        assert!(shown(&app, 0.12), "and all others");
    }

    #[test]
    fn where_there_are_few_pictures_frames_count() {
        let mut picture = example::at_rest();
        let mut app = of(&picture);
        picture.components[example::WEB].nodes[0].utilisation = 0.11;
        for _ in 0..FIGURES_EVERY {
            app.tick();
        }
        show(&mut app, &picture);
        let shown = app.picture().components[example::WEB].nodes[0].utilisation;
        assert!((shown - 0.11).abs() < 1e-9);
    }

    #[test]
    fn who_stops_there_sees_the_figures_of_that_instant() {
        let mut picture = example::at_rest();
        let mut app = of(&picture);
        picture.components[example::WEB].nodes[0].utilisation = 0.11;
        let mut snapshot = Snapshot::still(Arc::new(picture));
        snapshot.pace.paused = true;
        app.receive(snapshot);
        let shown = app.picture().components[example::WEB].nodes[0].utilisation;
        assert!((shown - 0.11).abs() < 1e-9);
    }

    #[test]
    fn who_stirs_for_a_moment_is_still_stuck() {
        let mut picture = example::at_rest();
        let stuck = |app: &App| {
            matches!(
                app.picture().components[example::COURIERS].face,
                Face::Workers { stuck: true, .. }
            )
        };
        let mut app = of(&picture);
        let mut at = |app: &mut App, is: bool, ms: u64| {
            picture.now += ms * MILLISECOND;
            let face = &mut picture.components[example::COURIERS].face;
            *face = Face::Workers { utilisation: 0.02, stuck: is };
            show(app, &picture);
            stuck(app)
        };
        assert!(!at(&mut app, false, 100));
        assert!(at(&mut app, true, 100), "at once");
        assert!(at(&mut app, false, 1_500) && at(&mut app, false, 400));
        assert!(!at(&mut app, false, 200), "no longer");
    }
}
