//! Failovers: what each of their parts took.

use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::Event;
use crate::sim::time::Ns;

/// The replacement of a primary. All times are simulated time since the start of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Failover {
    /// The database.
    pub component: ComponentId,
    /// The primary that was missed, if it was.
    pub from: Option<NodeId>,
    /// The node that took over, or is to.
    pub to: Option<NodeId>,
    /// The epoch of the new primary.
    pub epoch: u32,
    /// When the primary was gone, or first missed.
    pub started: Ns,
    /// When a majority of watchers missed it.
    pub detected: Option<Ns>,
    /// When its successor was chosen.
    pub elected: Option<Ns>,
    /// How often a successor was chosen; more than once if a promotion did not come about.
    pub elections: u32,
    /// When the promotion is due, an old lease waited out.
    pub due: Option<Ns>,
    /// When the successor took the role.
    pub promoted: Option<Ns>,
    /// When the last of the callers that were up at the promotion had done its first operation with
    /// it; the newest such time while some have not.
    pub recovered: Option<Ns>,
    /// How often it found nobody to promote, or lost its majority.
    pub stalled: u32,
    /// Callers that were up at the promotion and have not come back yet.
    pub waiting: Vec<NodeId>,
}

impl Failover {
    /// Whether a new primary is still to come.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.promoted.is_none()
    }
}

/// All failovers of a run, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Failovers {
    list: Vec<Failover>,
    missed_since: Vec<(ComponentId, Ns)>,
}

impl Failovers {
    /// A watcher of the database misses its primary, or none does any more.
    pub fn missing(&mut self, at: Ns, component: ComponentId, missing: bool) {
        let known = self.missed_since.iter().position(|(c, _)| *c == component);
        match (missing, known) {
            (true, None) => self.missed_since.push((component, at)),
            (false, Some(i)) => {
                self.missed_since.remove(i);
            }
            _ => {}
        }
    }

    /// Since when a watcher misses the primary of the database.
    #[must_use]
    pub fn missed_since(&self, component: ComponentId) -> Option<Ns> {
        self.missed_since.iter().find(|(c, _)| *c == component).map(|(_, at)| *at)
    }

    /// Takes an event. `gone` says since when a node is not up, `callers` who calls a database and
    /// is up.
    pub fn happened(
        &mut self,
        at: Ns,
        event: &Event,
        gone: impl Fn(NodeId) -> Option<Ns>,
        callers: impl Fn(ComponentId) -> Vec<NodeId>,
    ) {
        match *event {
            Event::Detected { component, primary, .. } => {
                let started = gone(primary).or(self.missed_since(component)).unwrap_or(at);
                let failover = self.open(component, started);
                failover.from = Some(primary);
                failover.detected.get_or_insert(at);
            }
            Event::Elected { component, node, epoch, due } => {
                let failover = self.open(component, at);
                failover.to = Some(node);
                failover.epoch = epoch;
                failover.elected = Some(at);
                failover.elections += 1;
                failover.due = Some(due);
            }
            Event::Promoted { component, node, epoch, .. } => {
                let waiting = callers(component);
                let failover = self.open(component, at);
                failover.to = Some(node);
                failover.epoch = epoch;
                failover.promoted = Some(at);
                failover.waiting = waiting;
            }
            Event::Stalled { component, .. } => self.open(component, at).stalled += 1,
            Event::Reconnected { component, by } => self.reconnected(at, component, by),
            _ => {}
        }
    }

    /// A node is gone: nobody waits for its return.
    pub fn left(&mut self, node: NodeId) {
        self.list.iter_mut().for_each(|f| f.waiting.retain(|n| *n != node));
    }

    fn reconnected(&mut self, at: Ns, component: ComponentId, by: NodeId) {
        let last = self.list.iter_mut().rev().find(|f| f.component == component && !f.is_open());
        if let Some(failover) = last
            && let Some(i) = failover.waiting.iter().position(|n| *n == by)
        {
            failover.waiting.remove(i);
            failover.recovered = Some(at);
        }
    }

    /// The failover of the database that is going on, or a new one.
    fn open(&mut self, component: ComponentId, started: Ns) -> &mut Failover {
        let known = self.list.iter().rposition(|f| f.component == component && f.is_open());
        let index = known.unwrap_or_else(|| {
            self.list.push(Failover {
                component,
                from: None,
                to: None,
                epoch: 0,
                started,
                detected: None,
                elected: None,
                elections: 0,
                due: None,
                promoted: None,
                recovered: None,
                stalled: 0,
                waiting: Vec::new(),
            });
            self.list.len() - 1
        });
        &mut self.list[index]
    }

    /// All of them, oldest first.
    #[must_use]
    pub fn all(&self) -> &[Failover] {
        &self.list
    }

    /// The newest of a database.
    #[must_use]
    pub fn newest(&self, component: ComponentId) -> Option<&Failover> {
        self.list.iter().rfind(|f| f.component == component)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DB: ComponentId = ComponentId(0);

    fn tell(failovers: &mut Failovers, at: Ns, event: Event) {
        let gone = |n| (n == NodeId(1)).then_some(15_000);
        failovers.happened(at, &event, gone, |_| vec![NodeId(7), NodeId(8), NodeId(9)]);
    }

    #[test]
    fn the_parts_are_timed_and_recovery_is_that_of_the_last_caller() {
        let mut all = Failovers::default();
        all.missing(15_300, DB, true);
        let primary = NodeId(1);
        let detected = Event::Detected { component: DB, primary, leader: NodeId(5), missing: 2 };
        tell(&mut all, 16_200, detected);
        let node = NodeId(2);
        tell(&mut all, 16_250, Event::Elected { component: DB, node, epoch: 2, due: 16_750 });
        assert!(all.all()[0].is_open());
        let (log_epoch, log_position) = (1, 10);
        let promoted = Event::Promoted { component: DB, node, epoch: 2, log_epoch, log_position };
        tell(&mut all, 16_750, promoted);
        tell(&mut all, 16_800, Event::Reconnected { component: DB, by: NodeId(8) });
        all.left(NodeId(9));
        tell(&mut all, 16_900, Event::Reconnected { component: DB, by: NodeId(7) });
        tell(&mut all, 30_000, Event::Reconnected { component: DB, by: NodeId(9) });
        let f = &all.all()[0];
        assert_eq!((f.started, f.detected, f.elected), (15_000, Some(16_200), Some(16_250)));
        assert_eq!((f.promoted, f.recovered), (Some(16_750), Some(16_900)));
        assert_eq!((f.from, f.to, f.epoch), (Some(primary), Some(node), 2));
    }

    #[test]
    fn a_primary_cut_off_is_gone_since_it_was_first_missed() {
        let mut all = Failovers::default();
        all.missing(500, DB, true);
        all.missing(600, DB, true);
        let primary = NodeId(3);
        tell(
            &mut all,
            900,
            Event::Detected { component: DB, primary, leader: NodeId(5), missing: 2 },
        );
        assert_eq!(all.all()[0].started, 500);
    }
}
