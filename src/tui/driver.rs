//! The thread that owns the session: it paces simulated time and carries out orders.
//!
//! Speed, pause and the rate of pictures never change the run: a command acts at the next whole
//! simulated millisecond, and how the way there is cut into slices does not matter.

mod pacer;
#[cfg(test)]
mod tests;

use super::app::export::Form;
use super::app::{Save, Unwritten, export, save};
use super::feed::{Completion, Order, Pace, Reply, Snapshot, Suggestion};
use super::format::clock_short;
use crate::chaos::Command;
use crate::observe::log::Tone;
use crate::playbook::Source;
use crate::session::Session;
use crate::session::record::{self, Unsaved};
use crate::sim::Stopped;
use crate::sim::time::{MILLISECOND, Ns};
use pacer::Pacer;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// At most this long the world runs before orders are looked at again.
const SLICE: Duration = Duration::from_millis(8);
/// A slice is run in chunks that take about this long each.
const CHUNK: Duration = Duration::from_millis(2);
/// Least time between two pictures: 30 a second.
const PICTURE_EVERY: Duration = Duration::from_millis(33);
/// Most time between two pictures while the world moves: what is slower does not look alive.
const PICTURE_AT_LEAST: Duration = Duration::from_millis(250);
/// Pictures take at most one part in so many of the driver's time: the rest is the world's.
const PICTURE_SHARE: u32 = 5;
/// How long a driver whose world is where it should be sleeps, if no order wakes it: a few times for
/// each picture.
const NAP: Duration = Duration::from_millis(8);
/// How long a driver that has nothing to do sleeps at a time.
const IDLE: Duration = Duration::from_millis(500);
/// Lines of the log among which that of a command is, right after it: its own effects follow it.
const LINES: usize = 50;

/// The screen's end of a running driver. Dropping the sender ends the thread.
pub struct Driver {
    /// Takes orders.
    pub orders: Sender<Order>,
    /// Gives the latest snapshot.
    pub snapshots: watch::Receiver<Snapshot>,
    /// The thread. It gives the session back as it was left.
    pub thread: JoinHandle<Session>,
}

/// Writes what a run has shown so far, for programs; or says why it cannot.
pub type ReportOf = fn(&Session) -> Result<String, String>;

/// What the driver can write of its session; what is `None` cannot be asked for.
#[derive(Clone, Debug, Default)]
pub struct Writers {
    /// A report; that room lies above this one.
    pub report: Option<ReportOf>,
    /// A playbook: where its cluster comes from.
    pub source: Option<Source>,
}

/// Starts the thread.
///
/// # Errors
/// When the operating system refuses a thread.
pub fn start(session: Session, pace: Pace, writers: Writers) -> std::io::Result<Driver> {
    let (orders, inbox) = channel();
    let first = Snapshot { pace, ..Snapshot::still(Arc::new(session.picture())) };
    let (out, snapshots) = watch::channel(first.clone());
    let thread = std::thread::Builder::new()
        .name("driver".to_string())
        .spawn(move || Loop { writers, ..Loop::new(session, pace, first, inbox, out) }.run())?;
    Ok(Driver { orders, snapshots, thread })
}

/// What is to be done once the world is at some instant.
enum Job {
    /// Stand still.
    Stop,
    /// Run a command.
    Inject(u64, Command),
    /// Do the next step of the playbook.
    NextStep,
    /// Write the session as a playbook.
    Record(u64, Save),
}

struct Loop {
    session: Session,
    writers: Writers,
    /// What is under way: it is reached in slices, like everything else.
    job: Option<(Ns, Job)>,
    /// Orders that wait for it.
    later: VecDeque<Order>,
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
    /// Time from one picture to the next.
    every: Duration,
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
            writers: Writers::default(),
            job: None,
            later: VecDeque::new(),
            pacer,
            latest,
            inbox,
            out,
            epoch: Instant::now(),
            sent: Duration::ZERO,
            urgent: false,
            moved: false,
            chunk: MILLISECOND,
            every: PICTURE_EVERY,
        }
    }

    fn wall(&self) -> Duration {
        self.epoch.elapsed()
    }

    /// Until the screen has gone, which is noticed after every slice.
    fn run(mut self) -> Session {
        let mut nap = Duration::ZERO;
        loop {
            match self.inbox.recv_timeout(nap) {
                Ok(order) => self.later.push_back(order),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.session,
            }
            loop {
                match self.inbox.try_recv() {
                    Ok(order) => self.later.push_back(order),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return self.session,
                }
            }
            while self.job.is_none()
                && let Some(order) = self.later.pop_front()
            {
                self.obey(order);
            }
            nap = self.slice();
            if !self.publish() {
                return self.session;
            }
        }
    }

    /// Carries out an order, or begins to.
    fn obey(&mut self, order: Order) {
        let (wall, now) = (self.wall(), self.session.now());
        match order {
            Order::Inject { serial, text } => match Command::parse(&text) {
                Ok(command) => {
                    // At the next whole simulated millisecond.
                    self.job = Some((self.session.next_stamp(), Job::Inject(serial, command)));
                    return;
                }
                Err(expected) => self.reply(serial, Some(expected.to_string())),
            },
            Order::NextStep => {
                let at = self.session.next_step_stamp();
                if at > self.session.next_stamp() {
                    let at = clock_short(at);
                    self.tell(format!("runs ahead to {at}: what comes before is not judged"));
                }
                self.job = Some((at, Job::NextStep));
                return;
            }
            // Up to a whole millisecond, so that its length is a number that can be read.
            Order::Save { serial, save } if save.form == Form::Toml => {
                self.job = Some((self.session.next_stamp(), Job::Record(serial, save)));
                return;
            }
            Order::Save { serial, save } => {
                let refused = self.save(&save).err().map(|why| why.to_string());
                self.reply(serial, refused);
            }
            Order::Predict { question, choice } => {
                if let Err(late) = self.session.predict(question, choice) {
                    self.tell(late.to_string());
                }
            }
            Order::Complete(text) => self.complete(text),
            Order::Speed(speed) => self.pacer.set_speed(speed, wall, now),
            Order::Pause(paused) => self.pacer.set_paused(paused, wall, now),
            Order::Step(length) => {
                self.pacer.set_paused(true, wall, now);
                self.job = Some((now.saturating_add(length), Job::Stop));
                return;
            }
            Order::StepEvent => {
                let done = self.session.step();
                if let Ok(text) = &done {
                    self.tell(text.clone());
                }
                self.stood(done.map(drop));
                self.pacer.set_paused(true, wall, self.session.now());
            }
        }
        self.done();
    }

    /// An order has been carried out.
    fn done(&mut self) {
        self.latest.orders += 1;
        self.urgent = true;
    }

    fn reply(&mut self, serial: u64, refused: Option<String>) {
        self.latest.reply = Some(Reply { serial, refused });
    }

    /// Has something to say about the order that is being carried out.
    fn tell(&mut self, text: String) {
        self.latest.told = Some((self.latest.orders, text));
    }

    /// Says what the command that was just executed has done, as the log has it: what is mended, and
    /// what is not, may be nowhere to be seen.
    fn tell_the_command(&mut self) {
        let newest = self.session.observers().log().newest(LINES);
        let command = newest.rev().find(|line| line.tone == Tone::Command);
        if let Some(text) = command.map(|line| line.text.clone()) {
            self.tell(text);
        }
    }

    /// What was to be done where the world is now.
    fn finish(&mut self, job: Job) {
        match job {
            Job::Stop => {
                let (wall, now) = (self.wall(), self.session.now());
                self.pacer.set_paused(true, wall, now);
            }
            Job::Inject(serial, command) => {
                self.moved = true;
                let refused = self.session.inject(&command).err().map(|e| e.to_string());
                if refused.is_none() && matches!(command.verb(), "heal" | "undo") {
                    self.tell_the_command();
                }
                self.reply(serial, refused);
            }
            Job::NextStep => {
                self.moved = true;
                self.session.next_step();
            }
            Job::Record(serial, save) => {
                let refused = self.record(&save).err().map(|why| why.to_string());
                self.reply(serial, refused);
            }
        }
        self.done();
    }

    /// Writes the session as a playbook.
    fn record(&self, save: &Save) -> Result<(), Unwritten> {
        let Some(source) = &self.writers.source else {
            return Err(Unwritten::Failed("not written: its cluster has no name".to_string()));
        };
        match record::save(&self.session, source, &save.path, save.existing()) {
            Ok(_) => Ok(()),
            Err(Unsaved::Exists) => Err(Unwritten::Exists),
            Err(why) => Err(Unwritten::Failed(format!("not written: {why}"))),
        }
    }

    /// Writes a report of the run so far.
    fn save(&self, save: &Save) -> Result<(), Unwritten> {
        let Some(report) = self.writers.report else {
            return Err(Unwritten::Failed("not written: there is no report here".to_string()));
        };
        let text = report(&self.session)
            .map_err(|why| Unwritten::Failed(format!("not written: {why}")))?;
        export::write(save, &text)
    }

    fn complete(&mut self, text: String) {
        let suggestions = self
            .session
            .complete(&text)
            .into_iter()
            .map(|c| Suggestion { text: c.text, about: c.about })
            .chain(save::suggestion(&text, &export::proposed(&self.latest.picture)))
            .collect();
        self.latest.completion = Arc::new(Completion { text, suggestions });
    }

    /// Advances for at most [`SLICE`] of wall time; how long to sleep after it.
    fn slice(&mut self) -> Duration {
        let begun = self.wall();
        if let Some((at, job)) = self.job.take() {
            if self.session.now() < at && self.latest.stopped.is_none() && !self.towards(at, begun)
            {
                self.job = Some((at, job));
            } else {
                self.finish(job);
            }
            return Duration::ZERO;
        }
        if self.pacer.pace().paused || self.latest.stopped.is_some() {
            return IDLE;
        }
        // Where the world should be when the slice began: what has passed since is for the next one, or
        // it would never be there, and never sleep.
        let target = self.pacer.target(begun, self.session.now());
        loop {
            let (wall, now) = (self.wall(), self.session.now());
            // The end of a playbook pauses.
            let there = now >= target || self.pacer.pace().paused;
            if there || wall.saturating_sub(begun) >= SLICE {
                self.pacer.observe(wall, now);
                return if there { NAP } else { Duration::ZERO };
            }
            if !self.chunk(target) {
                return IDLE;
            }
        }
    }

    /// Advances towards an instant for a slice; whether the world is there, or can go no further.
    fn towards(&mut self, at: Ns, begun: Duration) -> bool {
        while self.session.now() < at {
            if self.wall().saturating_sub(begun) >= SLICE {
                return false;
            }
            if !self.chunk(at) {
                return true;
            }
        }
        true
    }

    /// One chunk of the way; false if the world cannot go on.
    fn chunk(&mut self, target: Ns) -> bool {
        let begun = self.wall();
        let until = target.min(self.session.now() + self.chunk);
        let playing = self.session.plays() && !self.session.is_over();
        let done = if playing { self.session.run(until) } else { self.session.advance(until) };
        let stands = self.stood(done);
        if playing && self.session.is_over() {
            // The verdict is read in peace: a person says when the world goes on.
            let (wall, now) = (self.wall(), self.session.now());
            self.pacer.set_paused(true, wall, now);
            self.urgent = true;
        }
        self.resize_chunk(self.wall().saturating_sub(begun));
        stands
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
        let due = self.moved && wall.saturating_sub(self.sent) >= self.every;
        if !due && !self.urgent {
            return !self.out.is_closed();
        }
        self.latest.picture = Arc::new(self.session.picture());
        self.latest.pace = self.pacer.pace();
        self.every = picture_every(self.wall().saturating_sub(wall));
        (self.sent, self.moved, self.urgent) = (wall, false, false);
        self.out.send(self.latest.clone()).is_ok()
    }
}

/// Time from one picture to the next, if making one takes that long. On a busy machine a picture may
/// take longer than the time between two, and the world would stand still for it.
fn picture_every(took: Duration) -> Duration {
    (took * PICTURE_SHARE).clamp(PICTURE_EVERY, PICTURE_AT_LEAST)
}
