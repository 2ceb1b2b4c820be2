//! One run: a world, its observers, and the log of commands.
//!
//! A session is a value like its world: it can be cloned, and the clone runs on as its original
//! would. The steps of its playbook and the commands of a person go the same way into the world.
//! Pacing is not its business: whoever owns it advances it as far as it should be.

mod commands;
mod compose;
mod experiment;
mod flows;
mod instant;
mod names;
pub mod picture;
pub mod record;
pub mod verdict;

pub use commands::Entry;
pub use experiment::TooLate;

use crate::chaos::{Candidate, Command, Expected, complete};
use crate::observe::judged::Judged;
use crate::observe::now::Now;
use crate::observe::why::{Why, why};
use crate::observe::{Observers, TICK};
use crate::playbook::Playbook;
use crate::sim::fault::Injected;
use crate::sim::time::{MILLISECOND, Ns};
use crate::sim::{Stopped, World};
use picture::{Picture, Truth};
use std::sync::Arc;

/// One run at one instant.
#[derive(Clone)]
pub struct Session {
    world: World,
    observers: Observers,
    playbook: Arc<Playbook>,
    seed: u64,
    flows: Arc<flows::Flows>,
    experiment: experiment::Experiment,
    next_tick: Ns,
    log: Vec<Entry>,
}

impl Session {
    /// A session of a playbook at time 0, with that root seed. Steps that are due at once have been
    /// taken.
    #[must_use]
    pub fn new(playbook: &Playbook, seed: u64) -> Session {
        let cluster = &playbook.cluster;
        let world = World::new(cluster, seed);
        let mut observers = Observers::new(&world, playbook.warmup);
        observers.recover_in(playbook.recover);
        let started = format!("started, seed {seed}, cluster {}", cluster.name);
        observers.log_mut().begins(started);
        if playbook.title != cluster.name {
            observers.log_mut().begins(playbook.title.clone());
        }
        let mut session = Session {
            flows: Arc::new(flows::Flows::new(cluster)),
            experiment: experiment::Experiment::new(playbook, &world),
            world,
            observers,
            playbook: Arc::new(playbook.clone()),
            seed,
            next_tick: TICK,
            log: Vec::new(),
        };
        session.play();
        session
    }

    /// Simulated time.
    #[must_use]
    pub fn now(&self) -> Ns {
        self.world.now()
    }

    /// The time with which a live command is to be stamped: the next whole millisecond. The session
    /// is to be advanced there before it is injected.
    #[must_use]
    pub fn next_stamp(&self) -> Ns {
        self.now().next_multiple_of(MILLISECOND)
    }

    /// Handles every event before `until` and leaves the clock there; steps that are due on the way,
    /// and then, are taken. Slices of any length make the same run. The world goes on when its
    /// playbook is over.
    ///
    /// # Errors
    /// When the world cannot go on. It stays as it is.
    pub fn advance(&mut self, until: Ns) -> Result<(), Stopped> {
        while self.now() < until {
            self.go_on(until)?;
        }
        Ok(())
    }

    /// As [`Session::advance`], but stops when the playbook is over: at its length, or when one of
    /// its rules ends it.
    ///
    /// # Errors
    /// When the world cannot go on. It stays as it is.
    pub fn run(&mut self, until: Ns) -> Result<(), Stopped> {
        while self.now() < until && !self.is_over() {
            self.go_on(until)?;
        }
        Ok(())
    }

    /// Whether there is something to play: of a cluster alone nothing is planned or judged.
    #[must_use]
    pub fn plays(&self) -> bool {
        !(self.playbook.steps.is_empty() && self.playbook.checks.is_empty())
    }

    /// Whether the playbook is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.experiment.is_over()
    }

    /// To the next instant at which something is read or done, at most to `until`.
    fn go_on(&mut self, until: Ns) -> Result<(), Stopped> {
        let due = self.experiment.due(self.playbook.length);
        let stop = until.min(self.next_tick).min(due);
        self.world.advance(stop, &mut self.observers)?;
        if stop == self.next_tick {
            self.observers.tick(&self.world);
            self.next_tick += TICK;
        }
        self.play();
        Ok(())
    }

    /// Handles all events of the next instant and stops one nanosecond later. What it was, in words.
    ///
    /// # Errors
    /// When the world cannot go on. It stays as it is.
    pub fn step(&mut self) -> Result<String, Stopped> {
        // A copy finds out when that is, so that ticks and steps on the way are not missed.
        let mut probe = self.world.clone();
        let told = instant::step(&mut probe, &self.observers)?;
        self.advance(probe.now())?;
        Ok(told)
    }

    /// Does what a person asks for, now. See [`Session::next_stamp`].
    ///
    /// # Errors
    /// When a name does not exist, nothing is selected, or a setting cannot change while running.
    pub fn inject(&mut self, command: &Command) -> Result<Injected, Expected> {
        self.execute(command, None)
    }

    /// What has been done, in order.
    #[must_use]
    pub fn log(&self) -> &[Entry] {
        &self.log
    }

    /// What has been done is called so, each command by its own name: the id of its step, `crash-2` of
    /// a step that was done again, `live-1` of what a person did.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        names::names(&self.playbook, &self.log)
    }

    /// What a screen can show of it now.
    #[must_use]
    pub fn picture(&self) -> Picture {
        compose::picture(self)
    }

    /// Why things are as they are now.
    #[must_use]
    pub fn why_now(&self) -> Why {
        why(&Now::new(&self.world, &self.observers))
    }

    /// What became of data.
    #[must_use]
    pub fn truth(&self) -> Truth {
        compose::truth(&Now::new(&self.world, &self.observers))
    }

    /// Commands that could continue or complete a text.
    #[must_use]
    pub fn complete(&self, text: &str) -> Vec<Candidate> {
        complete(text, &self.world)
    }

    /// Digest of the run so far.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.world.digest()
    }

    /// Events that took effect so far.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.world.events()
    }

    /// Totals over the judged time.
    #[must_use]
    pub fn judged(&self) -> Judged {
        self.observers.judged()
    }

    /// The world.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// What was told of it.
    #[must_use]
    pub fn observers(&self) -> &Observers {
        &self.observers
    }

    /// What it plays.
    #[must_use]
    pub fn playbook(&self) -> &Playbook {
        &self.playbook
    }

    /// The root seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }
}

#[cfg(test)]
mod tests;
