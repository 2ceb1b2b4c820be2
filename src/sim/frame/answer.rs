//! What is left of a call when its answer has arrived.

use super::{Frame, Line, Ticket};
use crate::sim::agenda::Seq;
use crate::sim::id::{LinkId, NodeId};
use crate::sim::observation::Outcome;
use crate::sim::time::Ns;

/// What an answer brings its caller: of the callee's frame, which is gone by then, that which is
/// asked for. A frame is larger by more than half.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    pub(crate) caller: Ticket,
    pub(crate) since: Seq,
    pub(crate) request: u64,
    pub(crate) sent: Ns,
    pub(crate) wait: Ns,
    pub(crate) work: Ns,
    /// From when it reached its node to when it answered.
    pub(crate) inside: Ns,
    pub(crate) value: u64,
    pub(crate) floor: u64,
    pub(crate) delivery: u64,
    pub(crate) key: u32,
    pub(crate) user: u32,
    pub(crate) link: LinkId,
    pub(crate) node: NodeId,
    pub(crate) blame: NodeId,
    pub(crate) result: Outcome,
    pub(crate) attempt: u8,
    pub(crate) class: u8,
    pub(crate) broken: bool,
    pub(crate) line: Line,
}

impl Answer {
    /// That of a frame.
    #[inline]
    pub(crate) fn of(frame: &Frame) -> Answer {
        Answer {
            caller: frame.caller,
            since: frame.since,
            request: frame.request,
            sent: frame.sent,
            wait: frame.wait,
            work: frame.work,
            inside: frame.mark - frame.reached,
            value: frame.value,
            floor: frame.floor,
            delivery: frame.delivery,
            key: frame.key,
            user: frame.user,
            link: frame.link,
            node: frame.node,
            blame: frame.blame,
            result: frame.result,
            attempt: frame.attempt,
            class: frame.class,
            broken: frame.broken,
            line: frame.line,
        }
    }
}
