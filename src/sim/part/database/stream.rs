//! The stream of log messages from a primary to each of its peers.
//!
//! While a peer answers, what is written is sent at once and waits for no answer, as `PostgreSQL` and
//! etcd's raft do it: under load, too, a write is one delay away from its replicas. At most
//! [`WINDOW`] messages are under way; beyond that one message takes what is written meanwhile. A peer
//! of which nothing is known (a new epoch, a missed answer), and one that is sent a snapshot, gets one
//! message at a time until it answers (`StateReplicate` and `StateProbe` of etcd's raft).
//!
//! A peer that misses what was sent before a message says up to where it has the log, and all after
//! that is sent again: it costs a round trip, as TCP's fast retransmit does (RFC 5681, section 3.2).
//! If nothing came after what was lost, the answer is missed, and a new connection is opened. A stream
//! keeps its order: no message of it overtakes another while a link is
//! troubled. When that ends new messages may, and are sent again.

use super::Database;
use super::batch::Batch;
use crate::sim::frame::{Frame, Ticket};
use crate::sim::node::Part;
use crate::sim::observation::{Observer, Outcome};
use crate::sim::program::Flow;
use crate::sim::time::{MILLISECOND, Ns};
use crate::sim::world::World;

/// Messages to a peer that are under way at a time. A choice, of the size that etcd's raft takes
/// (`MaxInflightMsgs`, 512 in its server): with one write a message it binds at 256 writes in a round
/// trip.
const WINDOW: u32 = 256;

/// How long a primary rests before it opens a new connection to a peer. A choice, as for callers who
/// look for a primary (`discover`).
const REST: Ns = 200 * MILLISECOND;

/// What a primary has sent to a peer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stream {
    /// Up to where the log was sent.
    pub(super) sent: u64,
    /// Messages without an answer, of this connection.
    under_way: u32,
    /// Which connection it is. An answer to a message of an older one says only what the peer has.
    connection: u32,
    /// Whether the next message waits for the answer to the last one.
    probing: bool,
    /// Whether the peer has told, in this epoch, up to where it has the log.
    knows: bool,
    /// When the connection is opened.
    opens: Ns,
    /// When the last message of it arrives, and the last answer, if anything delayed them.
    arrives: [Ns; 2],
}

impl Stream {
    /// Begins an epoch: nothing is known of the peer but that it may have the log up to a position.
    pub(super) fn begin(&mut self, end: u64) {
        *self = Stream { knows: false, sent: end, ..*self };
        self.probe(end, 0);
    }

    /// Begins anew, on a new connection, after what the peer has; one message at a time at first. As long
    /// as that is not known a message goes where the last one did: its answer will tell.
    fn probe(&mut self, has: u64, opens: Ns) {
        let (connection, knows) = (self.connection.wrapping_add(1), self.knows);
        let sent = if knows { has } else { self.sent };
        *self = Stream { sent, connection, knows, probing: true, opens, ..Stream::default() };
    }

    fn is_full(&self) -> bool {
        self.under_way >= if self.probing { 1 } else { WINDOW }
    }
}

/// What is next for a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// This message, on that connection.
    Message(Batch, u32),
    /// Nothing before that time.
    Rest(Ns),
    /// Nothing until something is written or answered.
    Wait,
}

impl Database {
    /// Sends a peer what there is, in a message of so many entries at most.
    pub(super) fn next_message(&mut self, peer: usize, most: u64, now: Ns) -> Next {
        let Some(batch) = self.batch(peer, most).filter(|_| !self.streams[peer].is_full()) else {
            return Next::Wait;
        };
        let stream = &mut self.streams[peer];
        if now < stream.opens {
            return Next::Rest(stream.opens);
        }
        stream.sent = batch.end;
        stream.under_way += 1;
        stream.probing |= batch.is_snapshot();
        self.peers.sends(peer, now);
        Next::Message(batch, stream.connection)
    }

    /// A peer has told up to where it has the log, in answer to a message of a connection; `took` says
    /// whether it has that one.
    pub(super) fn confirmed(
        &mut self,
        peer: usize,
        (connection, has): (u32, u64),
        took: bool,
        now: Ns,
    ) {
        let stream = &mut self.streams[peer];
        if connection == stream.connection {
            stream.under_way -= 1;
            stream.knows = true;
            if !took {
                stream.probe(has, now);
                self.peers.owe(peer);
            }
            stream.probing = false;
        }
        stream.sent = stream.sent.max(has);
        let waits = stream.under_way > 0;
        self.peers.answered(peer, has, waits.then_some(now));
    }

    /// A peer has not answered a message that ended at a position.
    pub(super) fn missed(&mut self, peer: usize, (connection, end): (u32, u64), now: Ns) {
        let stream = &mut self.streams[peer];
        if connection != stream.connection {
            return;
        }
        let has = self.peers.has(peer);
        if !stream.probing && end <= has {
            // A later answer said so.
            stream.under_way -= 1;
            return;
        }
        stream.probe(has, now.saturating_add(REST));
        self.peers.missed(peer, now);
    }

    /// When a message to a peer, or its answer, that would arrive at a time does so.
    pub(in crate::sim) fn keep_order(&mut self, peer: usize, answers: bool, at: Ns) -> Ns {
        let last = &mut self.streams[peer].arrives[usize::from(answers)];
        *last = at.max(*last);
        *last
    }

    /// All connections are gone.
    pub(super) fn lose_connections(&mut self) {
        self.peers.lose_connections();
        for (peer, stream) in self.streams.iter_mut().enumerate() {
            stream.probe(self.peers.has(peer), 0);
        }
    }
}

impl World {
    /// Has a frame send its peer what there is, or wait until there is something.
    pub(super) fn ship(&mut self, index: u32) -> Flow {
        let (now, most) = (self.now, self.batch_max());
        let frame = &mut self.arena[index];
        let ticket = Ticket { index, since: frame.since };
        let Part::Database(database) = &mut self.nodes[frame.node.index()].part else {
            return Flow::Park;
        };
        let peer = frame.local as usize;
        frame.result = Outcome::Miss;
        match database.next_message(peer, most, now) {
            Next::Message(batch, connection) => batch.put(frame, connection),
            Next::Rest(until) => return Flow::Until(until),
            Next::Wait => {
                database.shippers[peer] = ticket;
                return Flow::Park;
            }
        }
        Flow::Next
    }

    /// The answer of a peer to a message, or none.
    pub(super) fn message_answered<O: Observer>(&mut self, index: u32, out: &mut O) {
        let now = self.now;
        let frame = &self.arena[index];
        if frame.result == Outcome::NoPrimary {
            // The peer has promised to follow a newer epoch; nobody can lead this one any more.
            let promised = frame.value as u32;
            self.stepping_down(index, out, |d| d.promise(promised));
        }
        let frame: &Frame = &self.arena[index];
        let (me, peer, value) = (frame.node, frame.local as usize, frame.value);
        let (epoch, whole) = (Batch::epoch_of(frame), Batch::is_whole(frame));
        let (connection, outcome) = (frame.delivery as u32, frame.result);
        let Some(database) = self.database_of(me) else { return };
        if !database.leads || database.epoch != epoch {
            // It was about another epoch's log.
            return;
        }
        if matches!(outcome, Outcome::Ok | Outcome::Miss) {
            let (has, took) = (value.min(database.log.end()), outcome == Outcome::Ok);
            database.confirmed(peer, (connection, has), took, now);
            if took && (whole || has == database.log.end()) {
                database.peers.caught_up(peer);
            }
            self.take_diverged(me, peer, out);
        } else {
            database.missed(peer, (connection, value), now);
        }
        let shipper = self.database_of(me).and_then(|d| super::take_ticket(&mut d.shippers[peer]));
        self.ready.extend(shipper);
        self.look_again(me);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::database;
    use super::*;

    /// A primary with so many writes of which peer 1 has none yet, and an answer from it.
    fn streaming(writes: u32) -> Database {
        let mut d = database(0);
        let Next::Message(_, connection) = probe(&mut d, 0) else { panic!("it is owed one") };
        d.confirmed(1, (connection, 0), true, 0);
        (0..writes).for_each(|row| _ = d.append(row, 0));
        d
    }

    fn probe(d: &mut Database, now: Ns) -> Next {
        d.peers.owe(1);
        d.next_message(1, 1, now)
    }

    /// Sends until nothing more may be sent; answers the ends of the messages.
    fn send_all(d: &mut Database, now: Ns) -> Vec<u64> {
        let mut ends = Vec::new();
        while let Next::Message(batch, _) = d.next_message(1, 1, now) {
            ends.push(batch.end);
        }
        ends
    }

    #[test]
    fn nothing_waits_for_an_answer_but_the_first_message() {
        let mut d = database(0);
        d.lose_connections();
        (0..3).for_each(|row| _ = d.append(row, 0));
        assert_eq!(send_all(&mut d, 0), [1], "nothing is known of the peer");
        let connection = d.streams[1].connection;
        d.confirmed(1, (connection, 1), true, 0);
        assert_eq!(send_all(&mut d, 0), [2, 3]);
    }

    #[test]
    fn the_window_bounds_what_is_under_way() {
        let mut d = streaming(300);
        assert_eq!(send_all(&mut d, 0).len() as u32, WINDOW);
        let connection = d.streams[1].connection;
        d.confirmed(1, (connection, 2), true, 0);
        assert_eq!(send_all(&mut d, 0), [257]);
    }

    #[test]
    fn what_was_lost_is_sent_again_when_a_later_message_tells() {
        let mut d = streaming(4);
        assert_eq!(send_all(&mut d, 0), [1, 2, 3, 4]);
        let old = d.streams[1].connection;
        // The second is lost: the third and the fourth find that it is missing.
        d.confirmed(1, (old, 1), true, 10);
        d.confirmed(1, (old, 1), false, 10);
        assert_eq!(send_all(&mut d, 10), [2, 3, 4], "at once");
        d.confirmed(1, (old, 1), false, 10);
        d.missed(1, (old, 2), 200);
        assert_eq!(send_all(&mut d, 200), [0; 0], "only once");
        assert_eq!(d.streams[1].under_way, 3);
    }

    #[test]
    fn a_missed_answer_is_followed_by_a_rest_and_one_message() {
        let mut d = streaming(2);
        send_all(&mut d, 0);
        let connection = d.streams[1].connection;
        d.missed(1, (connection, 1), 200);
        assert_eq!(d.next_message(1, 1, 200), Next::Rest(200 + REST));
        assert_eq!(send_all(&mut d, 200 + REST), [1]);
        d.missed(1, (connection, 2), 201 + REST);
        assert_eq!(d.streams[1].under_way, 1, "that was another connection");
    }

    #[test]
    fn a_new_epoch_asks_where_a_peer_is_and_sends_no_log() {
        let mut d = database(0);
        (0..9).for_each(|row| _ = d.append(row, 0));
        d.streams[1].begin(9);
        for now in [0, 1_000 + REST] {
            let Next::Message(batch, connection) = probe(&mut d, now) else { panic!("owed") };
            assert_eq!((batch.from, batch.end), (9, 9));
            d.missed(1, (connection, 9), now + 1_000);
        }
        let Next::Message(_, connection) = probe(&mut d, 9 * REST) else { panic!("owed") };
        d.confirmed(1, (connection, 4), false, 9 * REST);
        assert_eq!(send_all(&mut d, 9 * REST), [5, 6, 7, 8, 9]);
    }

    #[test]
    fn who_has_lost_its_connections_asks_again_where_its_peers_are() {
        let mut d = streaming(0);
        assert_eq!(d.next_message(1, 1, 0), Next::Wait, "nothing is owed");
        d.crash();
        assert!(matches!(d.next_message(1, 1, 0), Next::Message(..)));
        // What was asked is gone with the process, again.
        d.crash();
        assert!(matches!(d.next_message(1, 1, 0), Next::Message(..)));
    }

    #[test]
    fn an_answer_that_was_lost_matters_not_if_a_later_one_came() {
        let mut d = streaming(2);
        send_all(&mut d, 0);
        let connection = d.streams[1].connection;
        d.confirmed(1, (connection, 2), true, 10);
        d.missed(1, (connection, 1), 200);
        assert_eq!((d.streams[1].under_way, d.streams[1].probing), (0, false));
    }

    #[test]
    fn a_snapshot_is_waited_for() {
        let mut d = streaming(0);
        (0..20 * 128).for_each(|i| _ = d.append(i % 10, 0));
        assert!(d.log.base() > 0);
        let Next::Message(batch, connection) = d.next_message(1, 1, 0) else { panic!("sent") };
        assert_eq!(batch.end, d.log.end());
        d.append(1, 0);
        assert_eq!(d.next_message(1, 1, 0), Next::Wait);
        d.confirmed(1, (connection, batch.end), true, 10);
        assert_eq!(send_all(&mut d, 10), [batch.end + 1]);
    }
}
