//! The thread that owns the session: it paces simulated time and carries out orders.
//!
//! Speed, pause and the rate of pictures never change the run: a command acts at the next whole
//! simulated millisecond, and how the way there is cut into slices does not matter.

mod pacer;
#[cfg(test)]
mod tests;

use super::feed::{Completion, Order, Pace, Reply, Snapshot, Suggestion};
use crate::chaos::Command;
use crate::session::Session;
use crate::sim::Stopped;
use crate::sim::time::{MILLISECOND, Ns};
use pacer::Pacer;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// At most this long the world runs before orders are looked at again.
const SLICE: Duration = Duration::from_millis(8);
/// A slice is run in chunks that take about this long each.
const CHUNK: Duration = Duration::from_millis(2);
/// Time between two pictures: 30 a second.
const PICTURE_EVERY: Duration = Duration::from_millis(33);
/// How long a driver that has nothing to do sleeps at a time.
const IDLE: Duration = Duration::from_millis(500);

/// The screen's end of a running driver. Dropping the sender ends the thread.
pub struct Driver {
    /// Takes orders.
    pub orders: Sender<Order>,
    /// Gives the latest snapshot.
    pub snapshots: watch::Receiver<Snapshot>,
    /// The thread. It gives the session back as it was left.
    pub thread: JoinHandle<Session>,
}

/// Starts the thread.
///
/// # Errors
/// When the operating system refuses a thread.
pub fn start(session: Session, pace: Pace) -> std::io::Result<Driver> {
    let (orders, inbox) = channel();
    let first = Snapshot { pace, ..Snapshot::still(Arc::new(session.picture())) };
    let (out, snapshots) = watch::channel(first.clone());
    let thread = std::thread::Builder::new()
        .name("driver".to_string())
        .spawn(move || Loop::new(session, pace, first, inbox, out).run())?;
    Ok(Driver { orders, snapshots, thread })
}

struct Loop {
    session: Session,
    pacer: Pacer,
    latest: Snapshot,
    inbox: Receiver<Order>,
    out: watch::Sender<Snapshot>,
    epoch: Instant,
    /// When the latest picture was sent.
    sent: Duration,
    /// Whether an answer must be sent at once.
    urgent: bool,
    /// Whether the world has moved since the latest picture.
    moved: bool,
    /// Simulated time that takes about [`CHUNK`].
    chunk: Ns,
}

impl Loop {
    fn new(
        session: Session,
        pace: Pace,
        latest: Snapshot,
        inbox: Receiver<Order>,
        out: watch::Sender<Snapshot>,
    ) -> Loop {
        let pacer = Pacer::new(pace, Duration::ZERO, session.now());
        Loop {
            session,
            pacer,
            latest,
            inbox,
            out,
            epoch: Instant::now(),
            sent: Duration::ZERO,
            urgent: false,
            moved: false,
            chunk: MILLISECOND,
        }
    }

    fn wall(&self) -> Duration {
        self.epoch.elapsed()
    }

    /// Until the screen has gone.
    fn run(mut self) -> Session {
        let mut nap = Duration::ZERO;
        loop {
            match self.inbox.recv_timeout(nap) {
                Ok(order) => self.obey(order),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.session,
            }
            while let Ok(order) = self.inbox.try_recv() {
                self.obey(order);
            }
            nap = self.slice();
            if !self.publish() {
                return self.session;
            }
        }
    }

    /// Carries out an order.
    fn obey(&mut self, order: Order) {
        let (wall, now) = (self.wall(), self.session.now());
        match order {
            Order::Inject { serial, text } => {
                let refused = self.inject(&text).err();
                self.latest.reply = Some(Reply { serial, refused });
            }
            Order::Complete(text) => self.complete(text),
            Order::Speed(speed) => self.pacer.set_speed(speed, wall, now),
            Order::Pause(paused) => self.pacer.set_paused(paused, wall, now),
            Order::Step(length) => {
                let done = self.session.advance(now.saturating_add(length));
                self.stood(done);
                self.pacer.set_paused(true, wall, self.session.now());
            }
            Order::StepEvent => {
                let done = self.session.step();
                self.stood(done);
                self.pacer.set_paused(true, wall, self.session.now());
            }
        }
        self.latest.orders += 1;
        self.urgent = true;
    }

    /// Runs a command at the next whole simulated millisecond.
    fn inject(&mut self, text: &str) -> Result<(), String> {
        let command = Command::parse(text).map_err(|e| e.to_string())?;
        let at = self.session.next_stamp();
        let done = self.session.advance(at);
        self.stood(done);
        self.moved = true;
        self.session.inject(&command).map(|_| ()).map_err(|e| e.to_string())
    }

    fn complete(&mut self, text: String) {
        let suggestions = self
            .session
            .complete(&text)
            .into_iter()
            .map(|c| Suggestion { text: c.text, about: c.about })
            .collect();
        self.latest.completion = Arc::new(Completion { text, suggestions });
    }

    /// Advances for at most [`SLICE`] of wall time; how long to sleep after it.
    fn slice(&mut self) -> Duration {
        if self.pacer.pace().paused || self.latest.stopped.is_some() {
            return IDLE;
        }
        let begun = self.wall();
        loop {
            let (wall, now) = (self.wall(), self.session.now());
            let target = self.pacer.target(wall, now);
            if now >= target || wall.saturating_sub(begun) >= SLICE {
                self.pacer.observe(wall, now);
                // Awake about once a millisecond of simulated time, at least for every picture.
                let nap = self.pacer.wait(MILLISECOND).min(PICTURE_EVERY / 4);
                return if now >= target { nap } else { Duration::ZERO };
            }
            let done = self.session.advance(target.min(now + self.chunk));
            self.moved = true;
            if !self.stood(done) {
                return IDLE;
            }
            self.resize_chunk(self.wall().saturating_sub(wall));
        }
    }

    /// Keeps chunks at about [`CHUNK`] of wall time, whatever the load.
    fn resize_chunk(&mut self, took: Duration) {
        if took > CHUNK {
            self.chunk = (self.chunk / 2).max(1_000);
        } else if took < CHUNK / 4 {
            self.chunk = (self.chunk * 2).min(100 * MILLISECOND);
        }
    }

    /// Notes why the world stopped, if it did; false then.
    fn stood(&mut self, done: Result<(), Stopped>) -> bool {
        self.moved = true;
        if let Err(why) = done {
            self.latest.stopped = Some(why.to_string());
            self.urgent = true;
        }
        done.is_ok()
    }

    /// Sends a snapshot if one is due; false if nobody listens any more.
    fn publish(&mut self) -> bool {
        let wall = self.wall();
        let due = self.moved && wall.saturating_sub(self.sent) >= PICTURE_EVERY;
        if !due && !self.urgent {
            return !self.out.is_closed();
        }
        self.latest.picture = Arc::new(self.session.picture());
        self.latest.pace = self.pacer.pace();
        (self.sent, self.moved, self.urgent) = (wall, false, false);
        self.out.send(self.latest.clone()).is_ok()
    }
}
