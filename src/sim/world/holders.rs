//! What those do who hold threads or connections of a node: read off the frames, for those who ask. Reading changes
//! nothing.

use super::World;
use crate::sim::frame::{Frame, State};
use crate::sim::id::NodeId;
use crate::sim::part::flight::FlightOp;
use crate::sim::program::{Own, Step, slot};
use crate::sim::reading::Doing;

impl World {
    /// What each request does now that holds a thread of one of these nodes, or one of its connections as a
    /// database. It goes through all calls in progress, once.
    pub fn holders<'a>(
        &'a self,
        of: impl Fn(NodeId) -> bool + 'a,
    ) -> impl Iterator<Item = (NodeId, Doing)> + 'a {
        let holds = move |f: &Frame| {
            let is_there = f.state == State::Here && f.request != 0 && of(f.node);
            is_there && (f.holds(slot::THREADS) || f.holds(slot::CONNECTIONS))
        };
        let all = self.arena.iter().filter(move |(_, frame)| holds(frame));
        all.map(|(index, frame)| {
            let doing = match self.code.steps[frame.pc.0 as usize] {
                // Who waits for what another reads waits for whom that one asks.
                Step::Own(Own::Flight(FlightOp::Join(_))) => {
                    let leader = self.leader_of(index);
                    leader.map_or(Doing::Other, |leader| self.doing(&self.arena[leader]))
                }
                _ => self.doing(frame),
            };
            (frame.node, doing)
        })
    }

    fn doing(&self, frame: &Frame) -> Doing {
        match self.code.steps[frame.pc.0 as usize] {
            Step::Call(_) if frame.called != Frame::NO_LINK => {
                Doing::Asks(NodeId(self.links[frame.called].to.0))
            }
            Step::HoldPool { first, .. } => {
                self.pooled(first + frame.local as u8).map_or(Doing::Other, Doing::Asks)
            }
            Step::Hold(slot::CORES) => Doing::Works,
            _ if frame.holds(slot::CORES) => Doing::Works,
            _ => Doing::Other,
        }
    }
}
