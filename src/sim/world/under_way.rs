//! Messages that are on their way: read off the frames, for those who watch. Reading changes nothing.

use super::World;
use crate::sim::frame::{Frame, State};
use crate::sim::id::{ClassId, NodeId};
use crate::sim::reading::MessageReading;

impl World {
    /// Users' messages that are on a link now and were not lost, of the first `slots` frames in
    /// order of their slots.
    pub fn under_way(&self, slots: usize) -> impl Iterator<Item = MessageReading> + '_ {
        self.arena.iter().take(slots).filter_map(|(_, frame)| self.message(frame))
    }

    fn message(&self, frame: &Frame) -> Option<MessageReading> {
        let reply = match frame.state {
            State::Travelling => false,
            State::Answering => true,
            State::Free | State::Here => return None,
        };
        // What opens a connection is no message of a request yet.
        let opens = frame.legs > 0;
        if frame.request == 0 || frame.link == Frame::NO_LINK || frame.resent > 0 || opens {
            return None;
        }
        let out = &self.links[frame.link];
        let (link, sent) = if reply { (out.back, frame.mark) } else { (frame.link, frame.sent) };
        let length = self.links[link].latency.saturating_add(self.added_delay(link.index()));
        let passed = self.now.saturating_sub(sent);
        // A call that had to open its connection comes after whole trips; jitter adds part of one.
        let trip = if passed < 2 * length { passed } else { passed % length.max(1) };
        Some(MessageReading {
            from: NodeId(self.links[link].from.0),
            to: NodeId(self.links[link].to.0),
            way: (trip as f64 / length.max(1) as f64).min(1.0),
            reply,
            failed: reply && !frame.result.is_good(),
            class: ClassId(frame.class),
            request: frame.request,
        })
    }
}
