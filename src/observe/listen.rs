//! What the world tells, one observation at a time: each goes into a counter that only grows.

use super::tally::LinkTally;
use super::{Observers, note_state};
use crate::sim::id::{ClassId, ComponentId, NodeId};
use crate::sim::observation::{
    Acknowledged, Called, Ended, Event, Giver, NodeState, Observer, Outcome,
};
use crate::sim::time::Ns;

impl Observer for Observers {
    #[inline]
    fn arrived(&mut self, at: Ns, class: ClassId) {
        let index = self.place(at, class);
        self.classes[index].arrived();
    }

    #[inline]
    fn ended(&mut self, at: Ns, ended: Ended) {
        let index = self.place(ended.arrived, ended.class);
        self.classes[index].ended(ended.outcome, at - ended.arrived, ended.attempts);
        let (answered, judged) = (ended.outcome.is_good(), ended.arrived >= self.judged_from);
        self.follower.ended(at, ended.request, ended.arrived, answered, judged);
        if !answered && let Some(node) = self.nodes.get_mut(ended.blame.index()) {
            let blamed = &mut node.blamed[ended.outcome.index()];
            *blamed = blamed.wrapping_add(1);
        }
        if judged {
            self.outages.ended(ended.arrived, ended.outcome == Outcome::Ok);
            self.count_way(&ended);
            if !answered {
                self.count_where_it_began(ended.blame, ended.outcome);
            }
        }
        if ended.outcome != Outcome::Ok {
            self.log.failed(at, ended.outcome);
        }
    }

    #[inline]
    fn called(&mut self, at: Ns, called: Called) {
        if called.class.is_none() {
            return;
        }
        let answered = called.outcome.is_good();
        match self.links.get_mut(called.link.index()) {
            Some(link) => link.count(answered),
            None => self.count_new_link(called.link.index(), answered),
        }
        if called.delivered {
            return;
        }
        let node = &mut self.nodes[called.to.index()];
        node.outcomes[called.outcome.index()] += 1;
        node.wait_ns += called.wait;
        node.work_ns += called.work;
        if let Some(&(from, _)) = self.ends.get(called.link.index()) {
            self.follower.called(at, from, &called);
        }
    }

    #[inline]
    fn wasted(&mut self, _at: Ns, node: NodeId) {
        self.nodes[node.index()].wasted += 1;
    }

    #[inline]
    fn looked_up(&mut self, _at: Ns, node: NodeId, hit: bool) {
        let node = &mut self.nodes[node.index()];
        node.hits += u64::from(hit);
        node.misses += u64::from(!hit);
    }

    #[inline]
    fn acknowledged(&mut self, _at: Ns, write: Acknowledged) {
        self.ledger.acknowledged(write);
    }

    #[inline]
    fn stale(&mut self, _at: Ns, component: ComponentId, giver: Giver) {
        self.ledger.stale(component, giver);
    }

    fn happened(&mut self, at: Ns, event: Event) {
        let mut news = true;
        match event {
            Event::Node { node, state, .. } => {
                note_state(&mut self.gone_since[node.index()], state, at);
                // A process that is gone or stands still takes no writes, whatever it believes.
                if state != NodeState::Up {
                    self.roles.leave(at, node);
                    self.failovers.left(node);
                }
            }
            Event::SteppedDown { node, epoch, .. } => {
                let held = self.roles.leave(at, node);
                news = self.log.gives_up(node, epoch, held);
            }
            Event::Promoted { component, node, .. } => {
                self.roles.take(at, component, node);
                self.log.takes_role(node);
            }
            Event::Began(_) | Event::Ended(_) => self.moments.note(at),
            _ => {}
        }
        self.rotation.happened(at, &event);
        self.responses.happened(at, &event);
        let before = self.ledger.lost();
        self.ledger.happened(&event);
        let mut failovers = std::mem::take(&mut self.failovers);
        let gone = |node: NodeId| self.gone_since[node.index()];
        failovers.happened(at, &event, gone, |database| self.callers(database));
        self.failovers = failovers;
        if news {
            let lost = [before, self.ledger.lost()];
            self.log.happened(at, &event, &self.map.topology, &self.failovers, lost);
        }
    }
}

impl Observers {
    /// Where a request that arrived then is counted.
    #[inline]
    fn place(&self, arrived: Ns, class: ClassId) -> usize {
        let early = arrived < self.judged_from;
        class.index() + if early { self.classes.len() / 2 } else { 0 }
    }

    #[inline]
    fn count_way(&mut self, ended: &Ended) {
        let way = ended.traffic() * self.map.classes.len() + ended.class.index();
        if let Some(came) = self.came.get_mut(way) {
            *came += 1;
        }
    }

    fn count_where_it_began(&mut self, blame: NodeId, reason: Outcome) {
        let node = self.map.topology.nodes.get(blame.index());
        if let Some(began) = node.and_then(|n| self.began.get_mut(n.component.index())) {
            began[reason.index()] += 1;
        }
    }

    #[cold]
    fn count_new_link(&mut self, index: usize, answered: bool) {
        self.links.resize(index + 1, LinkTally::default());
        self.links[index].count(answered);
    }
}
