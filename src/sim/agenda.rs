//! What is to happen, in order of (time, sequence).
//!
//! One heap of 16-byte entries. Each constant delay has a FIFO *lane*, sorted by construction, of
//! which only the first entry stands in the heap: most entries never pass through it.

use super::time::Ns;
use std::cmp::Reverse;
use std::collections::binary_heap::PeekMut;
use std::collections::{BinaryHeap, VecDeque};
use std::num::NonZeroU128;

/// A number that only grows: each entry of the agenda and each wait of a frame takes one. It breaks
/// ties of time and tells old waits from new ones.
pub(crate) type Seq = u64;

/// What kind of thing an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// A request arrives from a traffic node.
    Arrive = 0,
    /// A call reaches its callee.
    Deliver,
    /// An answer reaches its caller.
    Reply,
    /// A delay of a frame is over.
    Timer,
    /// A frame has waited long enough for an answer or a resource.
    Timeout,
    /// A message that was lost is sent again.
    Resend,
    /// A node has booted.
    Boot,
    /// A fault ends by itself.
    FaultEnd,
    /// It is looked whether a node that is to leave has done its work.
    Leave,
}

/// By number. A further kind is a row here; the last one fills the table, so that any four bits are a kind
/// and looking one up needs no check of bounds.
const KINDS: [Kind; 16] = {
    let mut kinds = [Kind::Leave; 16];
    kinds[0] = Kind::Arrive;
    kinds[1] = Kind::Deliver;
    kinds[2] = Kind::Reply;
    kinds[3] = Kind::Timer;
    kinds[4] = Kind::Timeout;
    kinds[5] = Kind::Resend;
    kinds[6] = Kind::Boot;
    kinds[7] = Kind::FaultEnd;
    // Whoever adds one adds its row.
    assert!(Kind::Leave as usize == 8);
    kinds
};

/// time (50 bits: 13 days of nanoseconds) | sequence (42) | lane (8) | kind (4) | index (23) | 1: never 0, so
/// that none at all takes no more room.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Entry(NonZeroU128);

/// The latest time that an entry can have; whatever is due later never happens.
pub(crate) const LAST: Ns = (1 << 50) - 1;
/// One more than the largest index of an entry.
pub(crate) const INDEX_LIMIT: u32 = 1 << 23;
const SEQ_LIMIT: Seq = 1 << 42;
/// Entries of a lane that are not worth a look.
const FEW: usize = 8;

impl Entry {
    #[inline]
    fn new(at: Ns, seq: Seq, lane: Lane, kind: Kind, index: u32) -> Entry {
        debug_assert!(index < INDEX_LIMIT && seq < SEQ_LIMIT);
        let low = u64::from(lane.0) << 28 | (kind as u64) << 24 | u64::from(index) << 1;
        let high = u128::from(at.min(LAST)) << 78 | u128::from(seq) << 36;
        Entry(NonZeroU128::MIN | high | u128::from(low))
    }
    #[inline]
    pub(crate) fn at(self) -> Ns {
        (self.0.get() >> 78) as u64
    }
    #[inline]
    pub(crate) fn seq(self) -> Seq {
        (self.0.get() >> 36) as u64 & (SEQ_LIMIT - 1)
    }
    #[inline]
    fn lane(self) -> Lane {
        Lane((self.0.get() as u64 >> 28) as u8)
    }
    #[inline]
    pub(crate) fn kind(self) -> Kind {
        KINDS[(self.0.get() as u32 >> 24) as usize & 15]
    }
    #[inline]
    pub(crate) fn index(self) -> u32 {
        self.0.get() as u32 >> 1 & (INDEX_LIMIT - 1)
    }
}

/// The lane of a constant delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lane(u8);

impl Lane {
    /// No lane: straight into the heap.
    pub(crate) const NONE: Lane = Lane(u8::MAX);
}

#[derive(Clone, Debug, Default)]
struct Queue {
    delay: Ns,
    /// The first entry of this lane is in the heap.
    shown: bool,
    rest: VecDeque<Entry>,
    /// So long it may grow before it is looked for dead entries again.
    enough: usize,
}

/// All that is to happen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agenda {
    seq: Seq,
    heap: BinaryHeap<Reverse<Entry>>,
    lanes: Vec<Queue>,
}

impl Agenda {
    /// What it takes in memory, about.
    pub(crate) fn held_bytes(&self) -> usize {
        let lanes = self.lanes.iter().map(|lane| lane.rest.capacity());
        (self.heap.capacity() + lanes.sum::<usize>()) * size_of::<Entry>()
    }

    /// The lane of a constant delay, made on first use. There are 255 at most; further delays go
    /// without.
    pub(crate) fn lane(&mut self, delay: Ns) -> Lane {
        if let Some(i) = self.lanes.iter().position(|l| l.delay == delay) {
            return Lane(i as u8);
        }
        if self.lanes.len() == usize::from(Lane::NONE.0) {
            return Lane::NONE;
        }
        self.lanes.push(Queue { delay, ..Queue::default() });
        Lane((self.lanes.len() - 1) as u8)
    }

    /// The next sequence number.
    #[inline]
    pub(crate) fn next_seq(&mut self) -> Seq {
        self.seq += 1;
        self.seq
    }

    /// Something `delay` from now, by the lane of that delay.
    #[inline]
    pub(crate) fn after(&mut self, now: Ns, delay: Ns, lane: Lane, kind: Kind, index: u32) {
        if lane == Lane::NONE {
            self.at(now.saturating_add(delay), kind, index);
            return;
        }
        let seq = self.next_seq();
        let queue = &mut self.lanes[usize::from(lane.0)];
        debug_assert_eq!(queue.delay, delay);
        let entry = Entry::new(now + delay, seq, lane, kind, index);
        if queue.shown {
            queue.rest.push_back(entry);
        } else {
            queue.shown = true;
            self.show(entry);
        }
    }

    /// Puts an entry into the heap.
    #[inline(never)]
    fn show(&mut self, entry: Entry) {
        self.heap.push(Reverse(entry));
    }

    /// Something at an instant.
    #[inline]
    pub(crate) fn at(&mut self, at: Ns, kind: Kind, index: u32) -> Seq {
        let seq = self.next_seq();
        self.show(Entry::new(at, seq, Lane::NONE, kind, index));
        seq
    }

    /// When the next entry is due.
    #[inline]
    pub(crate) fn next_at(&self) -> Option<Ns> {
        self.heap.peek().map(|e| e.0.at())
    }

    /// Takes the next entry, if it is due before `until`.
    #[inline]
    pub(crate) fn pop(&mut self, until: Ns) -> Option<Entry> {
        let mut top = self.heap.peek_mut()?;
        let entry = top.0;
        if entry.at() >= until {
            return None;
        }
        if entry.lane() == Lane::NONE {
            PeekMut::pop(top);
            return Some(entry);
        }
        let queue = &mut self.lanes[usize::from(entry.lane().0)];
        if let Some(next) = queue.rest.pop_front() {
            *top = Reverse(next);
        } else {
            queue.shown = false;
            PeekMut::pop(top);
            // What a storm has left behind is given back.
            if queue.rest.capacity() > 4096 {
                queue.rest = VecDeque::new();
                queue.enough = 0;
            }
        }
        Some(entry)
    }

    /// Drops dead entries at the front of a lane, behind the one that is in the heap, if it has grown by a
    /// quarter since the last time.
    #[inline]
    pub(crate) fn trim(&mut self, lane: Lane, dead: impl Fn(Entry) -> bool) {
        let Some(queue) = self.lanes.get_mut(usize::from(lane.0)) else { return };
        if queue.rest.len() < queue.enough {
            return;
        }
        while queue.rest.front().is_some_and(|&e| dead(e)) {
            queue.rest.pop_front();
        }
        queue.enough = queue.rest.len() + queue.rest.len() / 4 + FEW;
    }

    /// All that is waiting, in no order, dead entries included.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        let heap = self.heap.iter().map(|entry| entry.0);
        heap.chain(self.lanes.iter().flat_map(|lane| lane.rest.iter().copied()))
    }

    /// Bytes of the entries that are waiting, dead ones included.
    pub(crate) fn bytes(&self) -> usize {
        let entries = self.heap.len() + self.lanes.iter().map(|l| l.rest.len()).sum::<usize>();
        entries * size_of::<Entry>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_kind_comes_back_as_itself() {
        for kind in KINDS {
            assert_eq!(Entry::new(0, 1, Lane::NONE, kind, 0).kind(), kind);
        }
    }

    #[test]
    fn an_entry_gives_back_what_it_was_made_of() {
        let e = Entry::new(LAST, SEQ_LIMIT - 1, Lane(254), Kind::FaultEnd, INDEX_LIMIT - 1);
        assert_eq!(
            (e.at(), e.seq(), e.lane(), e.kind(), e.index()),
            (LAST, SEQ_LIMIT - 1, Lane(254), Kind::FaultEnd, INDEX_LIMIT - 1)
        );
    }

    proptest! {
        /// Whatever goes by lanes or by the heap leaves in order of (time, order of entry).
        #[test]
        fn leaves_in_order_of_time_then_entry(steps in prop::collection::vec((0u64..5, 0u8..4), 1..200)) {
            let mut agenda = Agenda::default();
            let delays = [0u64, 3, 7];
            let lanes: Vec<Lane> = delays.iter().map(|&d| agenda.lane(d)).collect();
            let mut now = 0;
            let mut want = Vec::new();
            for (i, (pass, how)) in steps.iter().enumerate() {
                now += pass;
                let at = if let h @ 0..3 = usize::from(*how) {
                    agenda.after(now, delays[h], lanes[h], Kind::Timer, i as u32);
                    now + delays[h]
                } else {
                    agenda.at(now + 5, Kind::Timer, i as u32);
                    now + 5
                };
                want.push((at, i as u32));
            }
            want.sort_unstable();
            let mut got = Vec::new();
            while let Some(e) = agenda.pop(Ns::MAX) {
                got.push((e.at(), e.index()));
            }
            prop_assert_eq!(got, want);
        }
    }
}
