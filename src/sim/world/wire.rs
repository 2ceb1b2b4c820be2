//! What happens to messages on links that are troubled, and at nodes that err.

use super::World;
use crate::sim::agenda::Kind;
use crate::sim::fault::Change;
use crate::sim::frame::{Frame, Line, State, Ticket};
use crate::sim::id::LinkId;
use crate::sim::network::Trouble;
use crate::sim::node::Part;
use crate::sim::part::database::batch::{BATCH, Batch};
use crate::sim::program::{Call, Meaning, entry};
use crate::sim::random::Chance;
use crate::sim::spec::Limit;
use crate::sim::time::Ns;
use std::sync::Arc;

/// Bytes of a segment without data: the headers of IP and TCP with the usual options.
const SEGMENT: u64 = 60;

impl World {
    /// Puts a frame on a link on which something may happen to it.
    #[cold]
    pub(super) fn transmit_troubled(&mut self, kind: Kind, index: u32, id: LinkId) {
        let trouble = self.links.trouble(id).map(Arc::clone);
        let is_cut = trouble.as_ref().is_some_and(|t| t.cuts > 0);
        let leaves = if is_cut || !self.links.are_narrow() {
            0
        } else {
            let size = self.size(index);
            self.links.time_to_leave(id, size, kind == Kind::Reply, self.now)
        };
        self.arena[index].called_at = self.now.saturating_add(leaves);
        let delays = match &trouble {
            Some(trouble) if self.is_lost(index, id, trouble) => return self.resend_later(index),
            Some(trouble) => trouble.delays.as_slice(),
            None => &[],
        };
        let request = self.arena[index].request;
        for delay in delays {
            self.touch_ends(delay.fault, id, request);
        }
        let time = leaves.saturating_add(self.links.time_under_way(id, delays));
        let arrives = self.in_order(index, id, self.now.saturating_add(time));
        self.agenda.at(arrives, kind, index);
    }

    /// How many log entries a primary ships at a time: no more than its link carries in half of the
    /// time that it waits for an answer, or it would begin anew for ever.
    #[inline]
    pub(in crate::sim) fn batch_max(&self) -> u64 {
        let network = &self.cluster.network;
        match network.bandwidth {
            Limit::At(rate) => (rate / 10 / network.request.max(1)).clamp(1, BATCH),
            Limit::Unlimited => BATCH,
        }
    }

    /// Whether a message that arrives had not left when its host lost power or its link was cut: before a
    /// narrow link it waits for those before it.
    #[cold]
    pub(super) fn never_left(&self, index: u32) -> bool {
        let frame = &self.arena[index];
        if frame.legs > 0 {
            return false;
        }
        let (link, given) = match frame.state {
            State::Answering => (self.links[frame.link].back, frame.mark),
            _ => (frame.link, frame.sent),
        };
        let left = frame.called_at;
        let dark = self.nodes[self.links[link].from.index()].dark;
        let cut = self.links.trouble(link).filter(|trouble| trouble.cuts > 0);
        cut.is_some_and(|trouble| trouble.cut_at <= left) || (given < dark && dark <= left)
    }

    /// Whether a frame stands for a message of a primary's log.
    fn ships(&self, index: u32) -> bool {
        let frame = &self.arena[index];
        let node = &self.nodes[frame.node.index()];
        let receives = || self.code.entries[node.component.index()][usize::from(entry::DB_RECEIVE)];
        matches!(node.part, Part::Database(_)) && frame.pc == receives()
    }

    /// When a message that would arrive at a time does so: those of a stream keep their order, and so do
    /// the answers to them.
    fn in_order(&mut self, index: u32, id: LinkId, at: Ns) -> Ns {
        let frame = &self.arena[index];
        let (ends, peer) = (&self.links[id], self.nodes[frame.node.index()].local);
        let (primary, answers) = match frame.state {
            State::Travelling if self.ships(index) => (ends.from, false),
            State::Answering if self.answers_stream(frame.caller) => (ends.to, true),
            _ => return at,
        };
        let primary = self.database_of(primary);
        primary.map_or(at, |primary| primary.keep_order(usize::from(peer), answers, at))
    }

    /// Whether somebody waits for the answer to a part of a stream.
    fn answers_stream(&self, caller: Ticket) -> bool {
        let stream = |call: Call| call.meaning == Meaning::Stream;
        self.arena.alive(caller) && self.present_call(caller.index).is_some_and(stream)
    }

    /// The bytes of the message that a frame stands for now.
    fn size(&self, index: u32) -> u64 {
        let frame = &self.arena[index];
        let network = &self.cluster.network;
        match frame.state {
            _ if frame.legs > 0 || frame.line == Line::Cancel => SEGMENT,
            State::Answering if self.answers_stream(frame.caller) => SEGMENT,
            State::Answering => network.answer,
            _ if self.ships(index) => {
                let rows = || match &self.nodes[self.links[frame.link].from.index()].part {
                    Part::Database(primary) => primary.rows(),
                    _ => 1,
                };
                let items = Batch::entries_of(frame).unwrap_or_else(rows);
                network.request.saturating_mul(items.max(1))
            }
            _ => network.request,
        }
    }

    /// Whether a message is lost; counts it, at the first time, for the faults that lose it.
    fn is_lost(&mut self, index: u32, id: LinkId, trouble: &Trouble) -> bool {
        let frame = &self.arena[index];
        let (request, first) = (frame.request, frame.resent == 0);
        if trouble.cuts > 0 {
            if first {
                self.touch_cuts(id, request);
            }
            return true;
        }
        let mut lost = false;
        for &loss in &trouble.losses {
            if self.links.loses(id, loss) {
                lost = true;
                if first {
                    self.touch_ends(loss.fault, id, request);
                }
            }
        }
        lost
    }

    pub(super) fn is_cut(&self, link: usize) -> bool {
        self.links.trouble(LinkId(link as u32)).is_some_and(|t| t.cuts > 0)
    }

    pub(super) fn added_delay(&self, link: usize) -> u64 {
        let trouble = self.links.trouble(LinkId(link as u32));
        trouble.map_or(0, |t| t.delays.iter().fold(0, |sum, d| sum.saturating_add(d.base)))
    }

    pub(super) fn lost_share(&self, link: usize) -> f64 {
        let trouble = self.links.trouble(LinkId(link as u32));
        trouble.map_or(0.0, |t| {
            1.0 - t.losses.iter().map(|loss| 1.0 - loss.chance.share()).product::<f64>()
        })
    }

    /// Whether a gray node fails what a frame is to do for a user: drawn once for each call, by the
    /// request, its path and the attempt that it belongs to.
    #[cold]
    pub(super) fn errs(&mut self, index: u32) -> bool {
        let frame = &self.arena[index];
        let (node, request) = (frame.node, frame.request);
        let chance = self.nodes[node.index()].errors;
        let mut lot =
            self.errors.among(self.links.name(node)).of(request, frame.path, frame.attempt);
        let errs = request != 0 && lot.hits(chance);
        if errs {
            self.touch_node(node, request, |change| matches!(change, Change::Error(..)));
        }
        errs
    }

    /// The same for workers, who are not called: they fail when they begin to work on a message.
    #[inline]
    pub(super) fn work_errs(&mut self, index: u32, work: u16) -> bool {
        let frame = &self.arena[index];
        frame.link == Frame::NO_LINK
            && frame.request != 0
            && self.code.works[usize::from(work)].cpu
            && self.nodes[frame.node.index()].errors != Chance::NEVER
            && self.errs(index)
    }
}
