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
use crate::sim::spec::{Options, Overflow, QueueOptions};
use crate::sim::time::{NEVER, Ns};
use crate::sim::world::World;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

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
    /// By which steps its request came to be published.
    path: u32,
    class: u8,
    /// Deliveries so far; up to 1000 attempts can be set, and no message is given out more often.
    delivered: u16,
    published: Ns,
}

/// The lower bits of a delivery: the number of deliveries of the message until then.
const DELIVERED_BITS: u32 = 16;

impl Message {
    /// The last time that it was given out.
    fn delivery(&self) -> u64 {
        self.number << DELIVERED_BITS | u64::from(self.delivered)
    }
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
    /// In hand, by delivery.
    leases: BTreeMap<u64, Lease>,
    /// When each of these will have been so for too long, and its delivery.
    expiries: BTreeSet<(Ns, u64)>,
    takers: VecDeque<Ticket>,
    /// The last process of each node of which it has heard that it is gone, and when that died: what comes
    /// later from it, on a slower way, is for nobody.
    gone: BTreeMap<NodeId, Seq>,
    /// The daemon that watches for messages in hand for too long, while it sleeps.
    sweeper: Option<Ticket>,
    /// Until when it sleeps; `NEVER` while there are none.
    sweeps: Ns,
    /// Messages ever published.
    pub(crate) published: u64,
    /// Messages acknowledged.
    pub(crate) acknowledged: u64,
    /// Deliveries of messages that had been given out before.
    pub(crate) redelivered: u64,
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
            + self.expiries.len() * size_of::<(Ns, u64)>()
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

    /// Gives the oldest message out; returns which delivery that is. Those that were given out `attempts`
    /// times are put aside instead, when it would be their turn.
    fn take(&mut self, attempts: u64, worker: Worker, expires: Ns) -> Option<(u64, Message)> {
        let mut message = self.pop()?;
        while u64::from(message.delivered) >= attempts {
            self.dead_letters += 1;
            message = self.pop()?;
        }
        self.redelivered += u64::from(message.delivered > 0);
        message.delivered += 1;
        let delivery = message.delivery();
        self.leases.insert(delivery, Lease { message, worker, expires });
        self.expiries.insert((expires, delivery));
        Some((delivery, message))
    }

    /// A message is done; nothing if it was given out again meanwhile. If it was in hand for too long and
    /// still waits for somebody else, nobody else need do it (as SQS has it).
    fn acknowledge(&mut self, delivery: u64) {
        let number = delivery >> DELIVERED_BITS;
        let waits = self.back.get(&number).is_some_and(|message| message.delivery() == delivery);
        let done = self.end_lease(delivery).is_some() || waits;
        if waits {
            self.back.remove(&number);
        }
        self.acknowledged += u64::from(done);
    }

    /// A message is in hand no more.
    fn end_lease(&mut self, delivery: u64) -> Option<Lease> {
        let lease = self.leases.remove(&delivery)?;
        self.expiries.remove(&(lease.expires, delivery));
        Some(lease)
    }

    /// Puts back what has been in hand for too long; returns how many that are.
    fn expire(&mut self, now: Ns) -> u32 {
        let over = self.expiries.range(..=(now, u64::MAX));
        let over: Vec<u64> = over.map(|&(_, delivery)| delivery).collect();
        self.give_back(over)
    }

    /// Puts back what processes of a node that died then had in hand; returns how many that are.
    fn give_back_of(&mut self, node: NodeId, died: Seq) -> u32 {
        let theirs = self.leases.iter().filter(|(_, lease)| lease.worker.is_gone(node, died));
        let theirs: Vec<u64> = theirs.map(|(&delivery, _)| delivery).collect();
        self.give_back(theirs)
    }

    /// Puts back what is in hand by these deliveries; returns how many wait again.
    fn give_back(&mut self, deliveries: impl IntoIterator<Item = u64>) -> u32 {
        let mut again = 0;
        for delivery in deliveries {
            let Some(lease) = self.end_lease(delivery) else { continue };
            self.back.insert(lease.message.number, lease.message);
            again += 1;
        }
        again
    }

    /// When the first message in hand will have been so for too long.
    fn next_expiry(&self) -> Option<Ns> {
        self.expiries.first().map(|&(at, _)| at)
    }

    /// Its process has died, and its messages are on disk: what was in hand waits again; returns how many
    /// messages that are.
    fn crash(&mut self) -> u32 {
        self.takers.clear();
        self.sweeper = None;
        let all: Vec<u64> = self.leases.keys().copied().collect();
        self.give_back(all)
    }

    /// Its process has died, and its messages were in memory; returns how many were lost.
    fn lose_all(&mut self) -> u64 {
        self.takers.clear();
        self.sweeper = None;
        let lost = self.waiting() + self.in_hand();
        self.back.clear();
        self.fresh.clear();
        self.leases.clear();
        self.expiries.clear();
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
        let frame = &mut self.arena[index];
        match op {
            QueueOp::Name => frame.value = frame.delivery,
            QueueOp::Again => return self.try_again(index),
            QueueOp::Done => return self.worker_done(index),
            QueueOp::Push => return self.take_in(index, out),
            QueueOp::Take => return self.give_out(index, out),
            QueueOp::Acknowledge => {
                if let Some((frame, queue, _)) = self.broker(index) {
                    queue.acknowledge(frame.value);
                }
            }
            QueueOp::Reset => return self.connection_reset(index, out),
            QueueOp::Expire => return self.sweep(index, out),
        }
        Flow::Next
    }

    /// A frame of a broker's program, with the broker's messages and settings.
    #[inline]
    fn broker(&mut self, index: u32) -> Option<(&mut Frame, &mut Queue, &QueueOptions)> {
        let frame = &mut self.arena[index];
        let node = &mut self.nodes[frame.node.index()];
        match (&mut node.part, &self.options[node.component.index()]) {
            (Part::Queue(queue), Options::Queue(options)) => Some((frame, queue, options)),
            _ => None,
        }
    }

    /// Who asks a broker: the node, and when.
    fn asker(&self, index: u32) -> Worker {
        let frame = &self.arena[index];
        let node = match frame.link {
            Frame::NO_LINK => frame.node,
            link => self.links[link].from,
        };
        Worker { node, asked: frame.born }
    }

    /// A message comes in.
    fn take_in<O: Observer>(&mut self, index: u32, out: &mut O) -> Flow {
        let published = self.now;
        let Some((frame, queue, options)) = self.broker(index) else { return Flow::Next };
        let Frame { node, request, key, user, path, class, .. } = *frame;
        let (number, delivered) = (0, 0);
        let message = Message { number, request, key, user, path, class, delivered, published };
        let lost = queue.lost;
        if !queue.push(message, options.limit.count(), options.overflow) {
            return Flow::End(Outcome::QueueFull);
        }
        if queue.lost > lost {
            out.happened(published, Event::Dropped { queue: node });
        }
        let write = self.effects.published(request);
        self.tell_published(write, out);
        self.wake_taker(node);
        Flow::Next
    }

    /// Somebody asks for a message.
    fn give_out<O: Observer>(&mut self, index: u32, out: &mut O) -> Flow {
        let (now, worker) = (self.now, self.asker(index));
        let Some((frame, queue, options)) = self.broker(index) else { return Flow::Next };
        let is_gone = queue.gone.get(&worker.node).is_some_and(|died| worker.asked < *died);
        if frame.result == Outcome::Reset || is_gone {
            return Flow::End(Outcome::Reset);
        }
        let expires = now.saturating_add(options.visibility);
        let (me, before) = (frame.node, queue.dead_letters);
        let taken = queue.take(options.attempts, worker, expires);
        for _ in before..queue.dead_letters {
            out.happened(now, Event::DeadLettered { queue: me });
        }
        let Some((delivery, message)) = taken else {
            queue.takers.push_back(Ticket { index, since: frame.since });
            return Flow::Park;
        };
        frame.value = delivery;
        frame.request = message.request;
        frame.key = message.key;
        frame.user = message.user;
        frame.floor = u64::from(message.path);
        frame.class = message.class;
        frame.attempt = (message.delivered - 1).min(u16::from(u8::MAX)) as u8;
        // Later ones expire later, unless the visibility was made shorter.
        let sweeper = if expires < queue.sweeps { queue.sweeper.take() } else { None };
        self.nodes[me.index()].in_flight += 1;
        self.ready.extend(sweeper);
        Flow::Next
    }

    /// A broker's process has died.
    pub(in crate::sim) fn broker_died<O: Observer>(&mut self, me: NodeId, out: &mut O) {
        let node = &mut self.nodes[me.index()];
        let (Part::Queue(queue), Options::Queue(options)) =
            (&mut node.part, &self.options[node.component.index()])
        else {
            return;
        };
        if options.durable {
            let messages = queue.crash();
            return self.wait_again(me, messages, out);
        }
        let in_hand = queue.in_hand() as u32;
        let messages = queue.lose_all() as u32;
        if messages > 0 {
            out.happened(self.now, Event::MessagesLost { queue: me, messages, in_hand });
        }
    }

    /// Gives out again what was in hand for too long, or sleeps until something will have been.
    fn sweep<O: Observer>(&mut self, index: u32, out: &mut O) -> Flow {
        let now = self.now;
        let Some((frame, queue, _)) = self.broker(index) else { return Flow::Next };
        if queue.sweeps < now {
            // It has stood still: what has come meanwhile is read first.
            queue.sweeps = now + 1;
            return Flow::Until(now + 1);
        }
        let next = queue.next_expiry();
        if next.is_some_and(|at| at <= now) {
            let messages = queue.expire(now);
            let me = frame.node;
            self.wait_again(me, messages, out);
            return Flow::Next;
        }
        queue.sweeper = Some(Ticket { index, since: frame.since });
        queue.sweeps = next.unwrap_or(NEVER);
        next.map_or(Flow::Park, Flow::Until)
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
    fn connection_reset<O: Observer>(&mut self, index: u32, out: &mut O) -> Flow {
        let Worker { node: worker, asked: died } = self.asker(index);
        let me = self.arena[index].node;
        let Some((_, queue, _)) = self.broker(index) else { return Flow::Next };
        queue.gone.insert(worker, died);
        let messages = queue.give_back_of(worker, died);
        let takers = std::mem::take(&mut queue.takers);
        let (gone, rest): (Vec<Ticket>, Vec<Ticket>) = takers.into_iter().partition(|t| {
            let asks = |frame: &Frame| {
                let node = self.links[frame.link].from;
                Worker { node, asked: frame.born }.is_gone(worker, died)
            };
            self.arena.alive(*t) && asks(&self.arena[t.index])
        });
        if let Part::Queue(queue) = &mut self.nodes[me.index()].part {
            queue.takers = rest.into();
        }
        for ticket in gone {
            self.arena[ticket.index].result = Outcome::Reset;
            self.ready.push_back(ticket);
        }
        self.wait_again(me, messages, out);
        Flow::Next
    }

    /// Messages that were in hand wait again: for those who wait for messages.
    fn wait_again<O: Observer>(&mut self, queue: NodeId, messages: u32, out: &mut O) {
        if messages > 0 {
            out.happened(self.now, Event::GivenBack { queue, messages });
        }
        for _ in 0..messages {
            self.wake_taker(queue);
        }
    }

    /// A worker's step has failed: it tries again, unless by then it will have had the message for as long as
    /// it is its own. Then it lets go of it, and whoever asks next is given it.
    fn try_again(&mut self, index: u32) -> Flow {
        let frame = &mut self.arena[index];
        let own = &self.options[self.nodes[frame.node.index()].component.index()];
        let Options::Workers(workers) = own else { return Flow::Next };
        let queue = self.topology.component(&workers.from).map(|c| &self.options[c.index()]);
        let visibility = match queue {
            Some(Options::Queue(queue)) => queue.visibility,
            _ => NEVER,
        };
        let next = self.now.saturating_add(workers.retry);
        let keeps = next < frame.reached.saturating_add(visibility);
        frame.attempt = frame.attempt.saturating_add(1);
        frame.result = if keeps { Outcome::Ok } else { Outcome::Expired };
        Flow::Next
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
mod tests;
