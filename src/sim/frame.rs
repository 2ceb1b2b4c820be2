//! Frames: activations of programs on nodes. A call is a frame; frames form call trees in one arena.
//!
//! The callee's frame is made when the call is sent; *travelling*, *here* and *answering* are its
//! states, so that there is no type of message. Who waits is known by a [`Ticket`], which is good
//! while the frame has begun no later wait: one rule for timers, answers, grants and wake-ups, and
//! nothing is ever searched for to be cancelled.

mod answer;

pub(crate) use answer::Answer;

use super::agenda::{Entry, INDEX_LIMIT, Seq};

const _: () = assert!(LIVE_MAX <= INDEX_LIMIT - 64);
use super::id::{LinkId, NodeId};
use super::observation::Outcome;
use super::program::Pc;
use super::time::{NEVER, Ns};

/// A frame that waits, and the wait that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) index: u32,
    pub(crate) since: Seq,
}

impl Ticket {
    /// Nobody waits.
    pub(crate) const NOBODY: Ticket = Ticket { index: u32::MAX, since: 0 };
}

/// Where a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The slot is free.
    Free,
    /// The call is on its way.
    Travelling,
    /// It is at its node.
    Here,
    /// The answer is on its way back.
    Answering,
}

/// The connection over which a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// None of which the model keeps books: background work, messages that nobody waits for.
    Other,
    /// One that is kept for the next call when this one has been answered.
    Kept,
    /// The same, but a database has not done its work for a new connection yet.
    Unpaid,
    /// The message itself closes the connection of a call: it is cancelled.
    Cancel,
}

/// Resources that a frame can hold at a time.
const HELD: usize = 4;
/// No resource.
const NOTHING: u8 = u8::MAX;

/// One activation of a program on one node.
///
/// Three lines of a processor's cache, in this order: what every event looks at, what calls and answers
/// carry, and the rest.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Frame {
    /// Sequence number at which its present wait began.
    pub(crate) since: Seq,
    /// Who waits for its answer.
    pub(crate) caller: Ticket,
    /// The user's request; 0 for background work.
    pub(crate) request: u64,
    /// After this it is of no use to its caller, who has said so; `NEVER` unless deadlines
    /// propagate.
    pub(crate) deadline: Ns,
    pub(crate) pc: Pc,
    /// The link on which it came; `LinkId(u32::MAX)` for users' requests and daemons.
    pub(crate) link: LinkId,
    pub(crate) node: NodeId,
    pub(crate) state: State,
    pub(crate) held: [u8; HELD],
    /// Its own outcome, and that of the last call or operation before it ends.
    pub(crate) result: Outcome,
    /// Calls that have not been answered.
    pub(crate) outstanding: u8,
    /// Good answers to its present call.
    pub(crate) got: u8,
    /// The attempt of its present call, from 0.
    pub(crate) tried: u8,
    /// Messages of the handshake that are still to arrive before that connection is open.
    pub(crate) legs: u8,
    /// The connection on which it came.
    pub(crate) line: Line,
    pub(crate) class: u8,
    /// Whether it ends because nothing was there to answer, or died: the caller's connection broke,
    /// whatever the outcome says.
    pub(crate) broken: bool,

    /// When it was sent; for a user's request, when it arrived.
    pub(crate) sent: Ns,
    /// When it reached its node; of a worker, when its message did.
    pub(crate) reached: Ns,
    /// When the present wait for a resource began; for daemons, when the next beat is due. Of a request
    /// for a lease: for how long all grant it who have answered.
    pub(crate) mark: Ns,
    /// Time that it waited for resources.
    pub(crate) wait: Ns,
    /// Time that it worked.
    pub(crate) work: Ns,
    /// What it carries: a version, a node, a position; set by whoever answers or calls.
    pub(crate) value: u64,
    /// The newest acknowledged version of the row when a read of it was sent. What a message between
    /// nodes of a database and watchers carries besides, like the key and the user.
    pub(crate) floor: u64,
    /// The key of the request within its class.
    pub(crate) key: u32,
    /// The peer, backend or database node that its program has chosen.
    pub(crate) local: u32,

    /// Sequence number at which it was made.
    pub(crate) born: Seq,
    /// Of a log message: its connection. Of a worker: which delivery it has in hand. Of a balancer: the
    /// backends that gave it no answer, a bit each. Of a watcher's vote: the end of the last lease that it
    /// granted; of a lease: its length. Of a write: the epoch in which a primary took it.
    pub(crate) delivery: u64,
    /// The link of the last call that it made, and when it made it; of a message on a troubled link, when
    /// it has left.
    pub(crate) called_at: Ns,
    pub(crate) called: LinkId,
    /// The slot of the frame that it called last; a frame whose caller it is, as long as it waits.
    pub(crate) callee: u32,
    /// Where a failure goes; `None` ends the frame.
    pub(crate) catch: Option<Pc>,
    /// The user whose request it is; 0 where no balancer asks.
    pub(crate) user: u32,
    /// By which steps of which programs its request came to it, whatever the attempt: that of its
    /// caller, and the caller's step ([`super::request::path_of`]). A worker's is that of its message.
    pub(crate) path: u32,
    /// Where its failure began: at its own node, or at one behind it.
    pub(crate) blame: NodeId,
    /// The user's attempt that it belongs to, from 0.
    pub(crate) attempt: u8,
    /// The step of the caller's program that called it.
    pub(crate) step: u8,
    /// How often its message was sent again.
    pub(crate) resent: u8,
}

const _: () = assert!(size_of::<Frame>() == 192);

impl Frame {
    /// A frame that has just been made.
    pub(crate) fn new(seq: Seq, node: NodeId, pc: Pc, now: Ns) -> Frame {
        Frame {
            since: seq,
            born: seq,
            caller: Ticket::NOBODY,
            request: 0,
            sent: now,
            reached: now,
            mark: now,
            wait: 0,
            work: 0,
            value: 0,
            floor: 0,
            delivery: 0,
            deadline: NEVER,
            key: 0,
            user: 0,
            path: 0,
            link: Frame::NO_LINK,
            local: 0,
            called: Frame::NO_LINK,
            called_at: now,
            callee: u32::MAX,
            node,
            blame: node,
            pc,
            catch: None,
            state: State::Here,
            result: Outcome::Ok,
            attempt: 0,
            step: 0,
            tried: 0,
            outstanding: 0,
            got: 0,
            resent: 0,
            class: 0,
            broken: false,
            line: Line::Other,
            legs: 0,
            held: [NOTHING; HELD],
        }
    }

    /// The link of a frame that did not come over one.
    pub(crate) const NO_LINK: LinkId = LinkId(u32::MAX);

    /// Notes that it holds a resource of its node.
    #[inline]
    pub(crate) fn hold(&mut self, slot: u8) {
        for held in &mut self.held {
            if *held == NOTHING {
                *held = slot;
                return;
            }
        }
        unreachable!("a program holds more than {HELD} resources");
    }

    /// Held by the frame that leads a single flight; no resource of its node.
    pub(crate) const FLIGHT: u8 = NOTHING - 1;

    /// Whether it holds that.
    #[inline]
    pub(crate) fn holds(&self, slot: u8) -> bool {
        self.held.contains(&slot)
    }

    /// Notes that it has given a resource back.
    #[inline]
    pub(crate) fn let_go(&mut self, slot: u8) {
        for held in &mut self.held {
            if *held == slot {
                *held = NOTHING;
                return;
            }
        }
        debug_assert!(false, "a program gives back what it does not hold");
    }

    /// Whether it holds anything.
    #[inline]
    pub(crate) fn holds_any(&self) -> bool {
        self.held != [NOTHING; HELD]
    }

    /// Takes all that it holds away from it.
    #[inline]
    pub(crate) fn take_held(&mut self) -> impl Iterator<Item = u8> + use<> {
        std::mem::replace(&mut self.held, [NOTHING; HELD]).into_iter().filter(|&s| s != NOTHING)
    }

    /// What it holds.
    pub(crate) fn held(&self) -> impl Iterator<Item = u8> + '_ {
        self.held.iter().copied().filter(|&s| s != NOTHING)
    }
}

/// The most frames at a time: about a gigabyte. Whoever asks for more has no limit on anything, and
/// would have all memory of the machine.
const LIVE_MAX: u32 = 1 << 22;

/// All frames, in slots of which the lowest free one is taken first, so that what has grown in a
/// storm can shrink again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arena {
    slots: Vec<Frame>,
    /// Free slots, one bit each.
    free: Vec<u64>,
    /// No word before this one has a free bit.
    hint: usize,
    live: u32,
}

impl std::ops::Index<u32> for Arena {
    type Output = Frame;
    #[inline]
    fn index(&self, index: u32) -> &Frame {
        &self.slots[index as usize]
    }
}

impl std::ops::IndexMut<u32> for Arena {
    #[inline]
    fn index_mut(&mut self, index: u32) -> &mut Frame {
        &mut self.slots[index as usize]
    }
}

impl Arena {
    /// Whether the arena has no slot left.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.live >= LIVE_MAX
    }

    /// Frames in use.
    pub(crate) fn live(&self) -> u32 {
        self.live
    }

    /// Puts a frame into a slot.
    #[inline]
    pub(crate) fn add(&mut self, frame: Frame) -> u32 {
        let (index, slot) = self.slot(frame.since);
        *slot = frame;
        index
    }

    /// A slot for a frame that is made where it stays. `seq` is the number that it is made with.
    #[inline]
    pub(crate) fn slot(&mut self, seq: Seq) -> (u32, &mut Frame) {
        self.live += 1;
        let index = match self.first_free() {
            Some(index) => index,
            None => self.grow(seq),
        };
        (index, &mut self.slots[index as usize])
    }

    #[inline]
    fn first_free(&mut self) -> Option<u32> {
        while let Some(word) = self.free.get_mut(self.hint) {
            if *word != 0 {
                let index = (self.hint * 64) as u32 + word.trailing_zeros();
                *word &= *word - 1;
                return Some(index);
            }
            self.hint += 1;
        }
        None
    }

    #[cold]
    fn grow(&mut self, seq: Seq) -> u32 {
        let index = self.slots.len() as u32;
        self.free.push(!1);
        // A slot that comes back after a shrink must not look older than the tickets that still name
        // it: it takes the sequence number of the frame that is made now.
        let empty = Frame { state: State::Free, ..Frame::new(seq, NodeId(0), Pc(0), 0) };
        self.slots.resize(index as usize + 64, empty);
        index
    }

    /// Gives a slot back. `seq` makes all tickets of the frame stale.
    #[inline]
    pub(crate) fn remove(&mut self, index: u32, seq: Seq) {
        let frame = &mut self.slots[index as usize];
        frame.since = seq;
        frame.state = State::Free;
        self.live -= 1;
        let word = index as usize / 64;
        self.free[word] |= 1 << (index % 64);
        self.hint = self.hint.min(word);
        if self.free[word] == u64::MAX && word + 2 >= self.free.len() {
            self.shrink();
        }
    }

    /// Gives back what is free at the end, but for 64 slots: who needs one more and one less in turn would
    /// make and drop them each time.
    #[cold]
    fn shrink(&mut self) {
        while let [.., u64::MAX, u64::MAX] = self.free.as_slice() {
            self.free.pop();
        }
        self.slots.truncate(self.free.len() * 64);
        self.hint = self.hint.min(self.free.len());
        if self.slots.capacity() > 4 * self.slots.len() + 4096 {
            self.slots.shrink_to(2 * self.slots.len());
        }
    }

    /// The frame in a slot, if there is such a slot.
    pub(crate) fn get(&self, index: u32) -> Option<&Frame> {
        self.slots.get(index as usize)
    }

    /// Whether the wait that a ticket means is still going on.
    #[inline]
    pub(crate) fn alive(&self, ticket: Ticket) -> bool {
        self.slots.get(ticket.index as usize).is_some_and(|f| f.since == ticket.since)
    }

    /// Whether an entry of the agenda belongs to the present wait of its frame.
    #[inline]
    pub(crate) fn current(&self, entry: Entry) -> bool {
        self.slots
            .get(entry.index() as usize)
            .is_some_and(|f| entry.seq() > f.since && f.state != State::Free)
    }

    /// Whether an entry is about a wait that is over.
    #[inline]
    pub(crate) fn over(&self, entry: Entry) -> bool {
        self.slots.get(entry.index() as usize).is_none_or(|f| entry.seq() < f.since)
    }

    /// What it takes in memory, about.
    pub(crate) fn held_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Frame>() + self.free.capacity() * size_of::<u64>()
    }

    /// All frames in use, with their slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Frame)> {
        (0u32..).zip(&self.slots).filter(|(_, f)| f.state != State::Free)
    }

    /// Bytes of the slots that there are.
    pub(crate) fn bytes(&self) -> usize {
        self.slots.len() * size_of::<Frame>()
    }

    /// Slots that there are, for tests of shrinking.
    #[cfg(test)]
    pub(crate) fn slots(&self) -> usize {
        self.slots.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(seq: Seq) -> Frame {
        Frame::new(seq, NodeId(0), Pc(0), 0)
    }

    #[test]
    fn the_arena_takes_the_lowest_slot_and_shrinks() {
        let mut arena = Arena::default();
        let all: Vec<u32> = (1..=1000).map(|s| arena.add(frame(s))).collect();
        assert_eq!(all[999], 999);
        arena.remove(5, 2000);
        assert_eq!(arena.add(frame(2001)), 5);
        for &i in all.iter().rev() {
            arena.remove(i, 3000);
        }
        assert_eq!((arena.slots(), arena.live()), (64, 0));
        for s in 4000..4064 {
            arena.add(frame(s));
        }
        let last = arena.add(frame(4064));
        arena.remove(last, 5000);
        assert_eq!(arena.slots(), 128, "not to be made again for the next one");
    }

    #[test]
    fn a_slot_that_comes_back_is_not_taken_for_the_old_one() {
        let mut arena = Arena::default();
        for s in 1..=65 {
            arena.add(frame(s));
        }
        let old = Ticket { index: 64, since: 65 };
        assert!(arena.alive(old));
        arena.remove(64, 70);
        assert!(!arena.alive(old));
        arena.add(frame(71));
        assert!(!arena.alive(old));
    }

    #[test]
    fn holds_are_noted() {
        let mut f = frame(1);
        f.hold(3);
        f.hold(7);
        f.let_go(3);
        f.hold(1);
        assert_eq!(f.held().collect::<Vec<_>>(), vec![1, 7]);
        assert_eq!(f.take_held().count(), 2);
        assert_eq!(f.held().count(), 0);
    }
}
