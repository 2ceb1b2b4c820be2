//! A broker: real messages, given out at least once.
//!
//! What is given back goes to its old place, as in `RabbitMQ`: messages are given out in the order in
//! which they were published.

use crate::sim::agenda::Seq;
use crate::sim::frame::{Frame, Ticket};
use crate::sim::id::NodeId;
use crate::sim::node::Part;
use crate::sim::observation::{Event, Observer, Outcome};
use crate::sim::program::Flow;
use crate::sim::spec::{Options, Overflow};
use crate::sim::time::{NEVER, Ns};
use crate::sim::world::World;
use std::collections::{BTreeMap, VecDeque};

/// Operations of a broker's and its workers' programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueueOp {
    /// Takes a message in.
    Push,
    /// Gives a message out, or waits for one.
    Take,
    /// A message is done.
    Acknowledge,
    /// The connection of a worker was reset: what it has in hand is given out again.
    Reset,
    /// Gives out again what was in hand for too long.
    Expire,
    /// A worker names the message that it is about to acknowledge.
    Name,
    /// A worker has done its message.
    Done,
    /// A worker tries its message again.
    Again,
}

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Message {
    /// Its number, in the order in which they were published.
    number: u64,
    request: u64,
    key: u32,
    user: u32,
    class: u8,
    /// Deliveries so far; up to 1000 attempts can be set.
    delivered: u16,
    published: Ns,
}

/// A message in hand.
#[derive(Clone, Copy, Debug)]
struct Lease {
    message: Message,
    worker: Worker,
    expires: Ns,
}

/// A process that works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Worker {
    node: NodeId,
    /// When it asked for the message. A reset that was sent later was of this process or of a later
    /// one; one that was sent earlier was of a process before it.
    asked: Seq,
}

impl Worker {
    /// Whether the process of a node that died then is this one.
    fn is_gone(self, node: NodeId, died: Seq) -> bool {
        self.node == node && self.asked < died
    }
}

/// Messages and those who wait for them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    /// Messages that were given back, by their numbers. They are older than all in `fresh`, since
    /// those are given out only when there are none of these.
    back: BTreeMap<u64, Message>,
    /// Messages that were never given out, in order.
    fresh: VecDeque<Message>,
    /// In hand, by the number of the delivery.
    leases: BTreeMap<u64, Lease>,
    takers: VecDeque<Ticket>,
    deliveries: u64,
    /// The daemon that watches for messages in hand for too long, while it sleeps.
    sweeper: Option<Ticket>,
    /// Until when it sleeps; `NEVER` while there are none.
    sweeps: Ns,
    /// Messages ever published.
    pub(crate) published: u64,
    /// Messages acknowledged.
    pub(crate) acknowledged: u64,
    /// Messages put aside.
    pub(crate) dead_letters: u64,
    /// Messages lost in crashes and flushes, and dropped for newer ones.
    pub(crate) lost: u64,
}

impl Queue {
    /// Messages that wait.
    pub(crate) fn waiting(&self) -> u64 {
        (self.back.len() + self.fresh.len()) as u64
    }

    /// Messages in hand.
    pub(crate) fn in_hand(&self) -> u64 {
        self.leases.len() as u64
    }

    /// When the oldest message that waits was published.
    pub(crate) fn oldest(&self) -> Option<Ns> {
        let back = self.back.first_key_value().map(|(_, m)| m);
        back.or(self.fresh.front()).map(|m| m.published)
    }

    /// Takes the oldest message that waits.
    fn pop(&mut self) -> Option<Message> {
        let back = self.back.pop_first().map(|(_, message)| message);
        back.or_else(|| self.fresh.pop_front())
    }

    /// What it takes in memory, about.
    pub(crate) fn held_bytes(&self) -> usize {
        (self.back.len() + self.fresh.capacity()) * size_of::<Message>()
            + self.leases.len() * size_of::<Lease>()
            + self.takers.capacity() * size_of::<Ticket>()
    }

    /// Takes a message in; false if the queue is full.
    fn push(&mut self, mut message: Message, limit: u32, overflow: Overflow) -> bool {
        let mut room = self.waiting() + self.in_hand() < u64::from(limit);
        if !room && overflow == Overflow::DropOldest && self.pop().is_some() {
            self.lost += 1;
            room = true;
        }
        if room {
            self.published += 1;
            message.number = self.published;
            self.fresh.push_back(message);
        }
        room
    }

    /// Gives the oldest message out; returns the number of the delivery.
    fn take(&mut self, worker: Worker, expires: Ns) -> Option<(u64, Message)> {
        let mut message = self.pop()?;
        message.delivered = message.delivered.saturating_add(1);
        self.deliveries += 1;
        self.leases.insert(self.deliveries, Lease { message, worker, expires });
        Some((self.deliveries, message))
    }

    /// A message is done; nothing if it was given out again meanwhile.
    fn acknowledge(&mut self, delivery: u64) {
        self.acknowledged += u64::from(self.leases.remove(&delivery).is_some());
    }

    /// Puts back what is in hand and meant by `which`; returns how many wait again, and how many were
    /// put aside because they were given out `attempts` times.
    fn give_back(&mut self, attempts: u64, which: impl Fn(&Lease) -> bool) -> (u32, u32) {
        let back: Vec<u64> =
            self.leases.iter().filter(|(_, l)| which(l)).map(|(&delivery, _)| delivery).collect();
        let (mut again, mut dead) = (0, 0);
        for delivery in &back {
            let Some(lease) = self.leases.remove(delivery) else { continue };
            if u64::from(lease.message.delivered) >= attempts {
                self.dead_letters += 1;
                dead += 1;
            } else {
                self.back.insert(lease.message.number, lease.message);
                again += 1;
            }
        }
        (again, dead)
    }

    /// When the first message in hand will have been so for too long.
    fn next_expiry(&self) -> Option<Ns> {
        self.leases.values().map(|l| l.expires).min()
    }

    /// Its process has died; returns how many messages were lost with it.
    pub(crate) fn crash(&mut self, durable: bool) -> u64 {
        self.takers.clear();
        self.sweeper = None;
        if durable {
            self.give_back(u64::MAX, |_| true);
            return 0;
        }
        let lost = self.waiting() + self.in_hand();
        self.back.clear();
        self.fresh.clear();
        self.leases.clear();
        self.lost += lost;
        lost
    }

    /// Throws away what waits; returns how many.
    pub(crate) fn flush(&mut self) -> u64 {
        let lost = self.waiting();
        self.back.clear();
        self.fresh.clear();
        self.lost += lost;
        lost
    }
}

impl World {
    pub(in crate::sim) fn queue_op<O: Observer>(
        &mut self,
        op: QueueOp,
        index: u32,
        out: &mut O,
    ) -> Flow {
        match op {
            QueueOp::Name => {
                let frame = &mut self.arena[index];
                frame.value = frame.delivery;
                return Flow::Next;
            }
            QueueOp::Done => return self.worker_done(index),
            QueueOp::Again => {
                let frame = &mut self.arena[index];
                frame.attempt = frame.attempt.saturating_add(1);
                return Flow::Next;
            }
            _ => {}
        }
        let now = self.now;
        let frame: &mut Frame = &mut self.arena[index];
        let (me, asked) = (frame.node, frame.born);
        let from = match frame.link {
            Frame::NO_LINK => me,
            link => self.links[link].from,
        };
        let node = &mut self.nodes[me.index()];
        let (Part::Queue(queue), Options::Queue(options)) =
            (&mut node.part, &self.options[node.component.index()])
        else {
            return Flow::Next;
        };
        match op {
            QueueOp::Push => {
                let (request, class) = (frame.request, frame.class);
                let (key, user) = (frame.key, frame.user);
                let (number, delivered, published) = (0, 0, now);
                let message = Message { number, request, key, user, class, delivered, published };
                if !queue.push(message, options.limit.count(), options.overflow) {
                    return Flow::End(Outcome::QueueFull);
                }
                self.effects.published(request);
                self.wake_taker(me);
            }
            QueueOp::Take => {
                if frame.result == Outcome::Reset {
                    return Flow::End(Outcome::Reset);
                }
                let expires = now.saturating_add(options.visibility);
                let Some((delivery, message)) = queue.take(Worker { node: from, asked }, expires)
                else {
                    queue.takers.push_back(Ticket { index, since: frame.since });
                    return Flow::Park;
                };
                frame.value = delivery;
                frame.request = message.request;
                frame.key = message.key;
                frame.user = message.user;
                frame.class = message.class;
                frame.attempt = (message.delivered - 1).min(u16::from(u8::MAX)) as u8;
                node.in_flight += 1;
                // Later ones expire later, unless the visibility was made shorter.
                if expires < queue.sweeps
                    && let Some(sweeper) = queue.sweeper.take()
                {
                    self.ready.push_back(sweeper);
                }
            }
            QueueOp::Acknowledge => queue.acknowledge(frame.value),
            QueueOp::Reset => return self.connection_reset(me, (from, asked), out),
            QueueOp::Expire => match queue.next_expiry() {
                None => {
                    queue.sweeper = Some(Ticket { index, since: frame.since });
                    queue.sweeps = NEVER;
                    return Flow::Park;
                }
                Some(at) if at > now => {
                    queue.sweeper = Some(Ticket { index, since: frame.since });
                    queue.sweeps = at;
                    return Flow::Until(at);
                }
                Some(_) => {
                    let given_back = queue.give_back(options.attempts, |l| l.expires <= now);
                    self.redelivered(me, given_back, out);
                }
            },
            QueueOp::Name | QueueOp::Done | QueueOp::Again => {}
        }
        Flow::Next
    }

    /// Wakes the first of those who wait for a message.
    fn wake_taker(&mut self, queue: NodeId) {
        let Part::Queue(queue) = &mut self.nodes[queue.index()].part else { return };
        while let Some(ticket) = queue.takers.pop_front() {
            if self.arena.alive(ticket) {
                self.ready.push_back(ticket);
                return;
            }
        }
    }

    /// The broker learns that a worker's process is gone: which, and when it died. The message may come
    /// so late that its successor has something in hand already.
    fn connection_reset<O: Observer>(
        &mut self,
        me: NodeId,
        (worker, died): (NodeId, Seq),
        out: &mut O,
    ) -> Flow {
        let Options::Queue(options) = &self.options[self.nodes[me.index()].component.index()]
        else {
            return Flow::Next;
        };
        let attempts = options.attempts;
        let Part::Queue(queue) = &mut self.nodes[me.index()].part else { return Flow::Next };
        let given_back = queue.give_back(attempts, |lease| lease.worker.is_gone(worker, died));
        let (gone, rest): (Vec<Ticket>, Vec<Ticket>) = queue.takers.drain(..).partition(|t| {
            let asks = |frame: &Frame| {
                let node = self.links[frame.link].from;
                Worker { node, asked: frame.born }.is_gone(worker, died)
            };
            self.arena.alive(*t) && asks(&self.arena[t.index])
        });
        queue.takers = rest.into();
        for ticket in gone {
            self.arena[ticket.index].result = Outcome::Reset;
            self.ready.push_back(ticket);
        }
        self.redelivered(me, given_back, out);
        Flow::Next
    }

    fn redelivered<O: Observer>(&mut self, queue: NodeId, back: (u32, u32), out: &mut O) {
        let (messages, dead) = back;
        if messages > 0 {
            out.happened(self.now, Event::Redelivered { queue, messages });
        }
        for _ in 0..dead {
            out.happened(self.now, Event::DeadLettered { queue });
        }
        for _ in 0..messages {
            self.wake_taker(queue);
        }
    }

    /// A worker's frame is no longer about a message: it takes another, unless its node is to leave.
    fn worker_done(&mut self, index: u32) -> Flow {
        let frame = &mut self.arena[index];
        let node = &mut self.nodes[frame.node.index()];
        node.in_flight -= u32::from(frame.request != 0);
        frame.request = 0;
        frame.attempt = 0;
        let (me, leaves) = (frame.node, node.leaving.is_some());
        if node.memory.metered {
            self.leak_memory(me);
        }
        // Who is to leave takes no other.
        if leaves { Flow::Park } else { Flow::Next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(request: u64) -> Message {
        let (number, delivered) = (0, 0);
        Message { number, request, key: 0, user: 0, class: 0, delivered, published: 10 * request }
    }

    /// The process of a node that asked then.
    fn worker(node: u16, asked: Seq) -> Worker {
        Worker { node: NodeId(node), asked }
    }

    fn queue(messages: u64) -> Queue {
        let mut queue = Queue::default();
        for request in 1..=messages {
            assert!(queue.push(message(request), 100, Overflow::Reject));
        }
        queue
    }

    #[test]
    fn the_limit_counts_what_is_in_hand() {
        let mut q = queue(1);
        q.take(worker(1, 1), 10);
        assert!(!q.push(message(2), 1, Overflow::Reject));
        assert!(!q.push(message(2), 1, Overflow::DropOldest), "what is in hand is not dropped");
        q.acknowledge(1);
        assert!(q.push(message(2), 1, Overflow::Reject));
    }

    #[test]
    fn the_oldest_that_waits_goes_for_a_new_one() {
        let mut q = queue(3);
        q.take(worker(1, 1), 10);
        assert!(q.push(message(4), 3, Overflow::DropOldest));
        let order: Vec<u64> =
            (0..3).filter_map(|_| q.take(worker(2, 1), 20)).map(|(_, m)| m.request).collect();
        assert_eq!((order, q.lost, q.published), (vec![3, 4], 1, 4));
    }

    #[test]
    fn what_is_given_back_goes_to_its_old_place() {
        let mut q = queue(3);
        q.take(worker(1, 1), 10);
        q.take(worker(1, 2), 20);
        assert_eq!(q.oldest(), Some(30));
        assert_eq!(q.give_back(5, |l| l.expires == 10), (1, 0));
        assert_eq!(q.give_back(5, |l| l.worker.is_gone(NodeId(1), 3)), (1, 0));
        assert_eq!(q.oldest(), Some(10));
        let order: Vec<u64> =
            (0..3).filter_map(|_| q.take(worker(2, 1), 20)).map(|(_, m)| m.request).collect();
        assert_eq!(order, vec![1, 2, 3]);
    }

    #[test]
    fn a_reset_that_comes_late_is_about_the_process_that_died() {
        let mut q = queue(2);
        q.take(worker(1, 5), 10);
        q.take(worker(1, 9), 10);
        assert_eq!(q.give_back(5, |l| l.worker.is_gone(NodeId(1), 7)), (1, 0));
        assert_eq!((q.in_hand(), q.oldest()), (1, Some(10)));
    }

    #[test]
    fn after_its_attempts_a_message_is_put_aside() {
        for attempts in [2, 1000] {
            let mut q = queue(1);
            for attempt in 1..=attempts {
                q.take(worker(1, 1), attempt);
                let last = attempt == attempts;
                assert_eq!(q.give_back(attempts, |_| true), if last { (0, 1) } else { (1, 0) });
            }
            assert_eq!((q.dead_letters, q.waiting(), q.in_hand()), (1, 0, 0));
        }
    }

    #[test]
    fn a_late_acknowledgement_counts_for_nothing() {
        let mut q = queue(1);
        q.take(worker(1, 1), 10);
        q.give_back(5, |_| true);
        q.acknowledge(1);
        assert_eq!((q.acknowledged, q.waiting()), (0, 1));
    }

    #[test]
    fn a_crash_loses_what_is_only_in_memory() {
        let mut durable = queue(3);
        durable.take(worker(1, 1), 10);
        let mut memory = durable.clone();
        assert_eq!((durable.crash(true), durable.waiting()), (0, 3));
        assert_eq!((memory.crash(false), memory.waiting(), memory.lost), (3, 0, 3));
    }
}
