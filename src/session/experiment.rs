//! The experiment of a session: when its steps are due, and what its checks have shown so far.
//!
//! Everything is decided at instants that do not depend on how time is sliced: steps at their times,
//! conditions at whole seconds, when the bins before them have ended. It acts on the world only
//! through commands, so that checks never change a run.

mod bound;
mod caption;
mod hopeless;
mod judge;
mod predict;
mod progress;
mod result;

use super::Session;
use super::verdict::Judgement;
use crate::chaos::Command;
use crate::observe::log::Tone;
use crate::playbook::{Playbook, Trigger};
use crate::sim::World;
use crate::sim::fault::Injected;
use crate::sim::time::{Ns, SECOND};
use bound::{Plan, Source};
use caption::Caption;
use judge::Judge;
pub use predict::TooLate;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The name of what ends all faults at the end, in the log of commands.
pub(super) const END: &str = "end";

/// Where the experiment of a session stands.
#[derive(Clone)]
pub(super) struct Experiment {
    plan: Arc<Plan>,
    steps: Vec<StepState>,
    /// The steps of which it is known when they are due, by that time and in the order of the file.
    due: BTreeSet<(Ns, usize)>,
    judge: Judge,
    /// Which choice was predicted to each question of the playbook.
    predicted: Vec<Option<usize>>,
    /// Steps that a person had done before their time.
    hurried: u64,
    /// The newest caption.
    say: Option<Caption>,
    /// How it ended, once it has.
    over: Option<Over>,
}

/// Where a step stands.
#[derive(Clone, Debug, Default)]
struct StepState {
    /// When it is due next, if that is known.
    due: Option<Ns>,
    /// Executions that are left.
    left: u32,
    /// Executions until now, and the newest.
    done: u32,
    last: Option<Ns>,
    /// Why it could not be done, the last time.
    failed: Option<String>,
}

/// The end of an experiment.
#[derive(Clone, Debug)]
struct Over {
    at: Ns,
    /// The rule that ended it early.
    rule: Option<usize>,
    /// What it had shown then: what is done to the world afterwards is not judged.
    judgement: Option<Arc<Judgement>>,
}

impl Experiment {
    /// The experiment of a playbook in a world at time 0.
    pub fn new(playbook: &Playbook, world: &World) -> Experiment {
        let state = |step: &crate::playbook::Step| StepState {
            left: step.repeat.map_or(1, |repeat| repeat.times),
            ..StepState::default()
        };
        let mut experiment = Experiment {
            plan: Arc::new(Plan::new(playbook, world)),
            steps: playbook.steps.iter().map(state).collect(),
            due: BTreeSet::new(),
            judge: Judge::new(playbook),
            predicted: vec![None; playbook.predict.len()],
            hurried: 0,
            say: None,
            over: None,
        };
        for (index, step) in playbook.steps.iter().enumerate() {
            if let Trigger::At(at) = step.trigger {
                experiment.make_due(index, Some(at));
            }
        }
        experiment
    }

    /// Sets when a step is due; `None` if that is not known, or never again.
    fn make_due(&mut self, index: usize, at: Option<Ns>) {
        if let Some(before) = std::mem::replace(&mut self.steps[index].due, at) {
            self.due.remove(&(before, index));
        }
        self.due.extend(at.map(|at| (at, index)));
    }

    /// Whether it has ended: at its length, or by a rule.
    pub fn is_over(&self) -> bool {
        self.over.is_some()
    }

    /// The next instant at which there is something to do other than judging, which is done at whole
    /// seconds.
    pub fn due(&self, length: Ns) -> Ns {
        if self.is_over() {
            return Ns::MAX;
        }
        self.due.first().map_or(length, |(due, _)| length.min(*due))
    }

    /// The step that is done next: the one whose time is known and comes first, else the first that
    /// waits for something.
    fn next(&self) -> Option<usize> {
        let waits = || self.steps.iter().position(|step| step.done == 0);
        self.due.first().map(|(_, i)| *i).or_else(waits)
    }

    /// The first step that is due; of several at one time, in the order of the file.
    fn first_due(&self, now: Ns) -> Option<usize> {
        self.due.first().filter(|(due, _)| *due <= now).map(|(_, index)| *index)
    }

    /// A step was executed: when it and those that wait for it are due next.
    fn executed(&mut self, playbook: &Playbook, index: usize, now: Ns) {
        let state = &mut self.steps[index];
        state.done += 1;
        state.last = Some(now);
        state.left = state.left.saturating_sub(1);
        let left = state.left;
        let again = playbook.steps[index].repeat.filter(|_| left > 0);
        self.make_due(index, again.map(|repeat| now.saturating_add(repeat.every)));
        if left > 0 {
            return;
        }
        for &(other, delay) in self.plan.clone().followers(index) {
            if self.steps[other].done == 0 {
                self.make_due(other, Some(now.saturating_add(delay)));
            }
        }
    }
}

impl Session {
    /// Does what is due now: judges the windows that end now, ends the run or does its steps.
    pub(super) fn play(&mut self) {
        let (now, length) = (self.now(), self.playbook.length);
        if self.experiment.is_over() {
            return;
        }
        let whole = now > 0 && now.is_multiple_of(SECOND);
        if whole {
            self.judge();
            if let Some(rule) = self.rule_that_holds() {
                return self.end(Some(rule));
            }
        }
        if now >= length {
            return self.end(None);
        }
        if whole {
            self.wake_steps();
        }
        self.take_due_steps();
    }

    /// When a person can have the next step done: at the next whole millisecond. The first fault comes when
    /// the warm-up is over and each check that looks at the time before it has had a full window of it, or
    /// nothing could be said in the end; at its own time, if that is earlier.
    #[must_use]
    pub fn next_step_stamp(&self) -> Ns {
        let stamp = self.next_stamp();
        let Some(next) = self.experiment.next() else { return stamp };
        let mends = self.playbook.steps.get(next).is_none_or(|step| step.command.mends());
        if mends || self.phases().first.is_some() {
            return stamp;
        }
        let looks_back = self.playbook.checks.iter().filter(|check| check.looks_before());
        let window = looks_back.map(|check| check.that.window()).max().unwrap_or(0);
        // Windows end at whole seconds.
        let judged = self.playbook.warmup.saturating_add(window).checked_next_multiple_of(SECOND);
        let due = self.experiment.steps[next].due;
        stamp.max(judged.unwrap_or(Ns::MAX).min(due.unwrap_or(self.playbook.length)))
    }

    /// Does the step that comes next now, whatever it waits for: a person who shows a playbook goes on
    /// when the room is ready. Steps that follow it by a time do so from now on. Its name; `None` if
    /// there is none, or the playbook is over. See [`Session::next_step_stamp`].
    pub fn next_step(&mut self) -> Option<&str> {
        let next = self.experiment.next().filter(|_| !self.experiment.is_over())?;
        self.experiment.make_due(next, Some(self.now()));
        self.experiment.hurried += 1;
        self.take_due_steps();
        self.playbook.steps.get(next).map(|step| step.id.as_str())
    }

    /// How much was done by hand: commands, and steps before their time. Without any, the same playbook
    /// with the same seed is the same run.
    #[must_use]
    pub fn by_hand(&self) -> u64 {
        let typed = self.log.iter().filter(|entry| entry.step.is_none()).count();
        self.experiment.hurried + typed as u64
    }

    /// Judges the windows that end now.
    fn judge(&mut self) {
        let phases = self.phases();
        let mut judge = std::mem::take(&mut self.experiment.judge);
        judge.window(self, &phases);
        self.experiment.judge = judge;
    }

    /// The first rule that holds in the window that ends now.
    fn rule_that_holds(&mut self) -> Option<usize> {
        let rules = 0..self.playbook.stop.len();
        let rules = rules.filter(|rule| self.is_full(&self.playbook.stop[*rule], true));
        let rules: Vec<usize> = rules.collect();
        rules.into_iter().find(|rule| self.holds(Source::Stop(*rule)) == Some(true))
    }

    /// Steps whose condition holds in the window that ends now are due.
    fn wake_steps(&mut self) {
        let now = self.now();
        let playbook = self.playbook.clone();
        for (index, step) in playbook.steps.iter().enumerate() {
            let state = &self.experiment.steps[index];
            let waits = state.done == 0 && state.due.is_none();
            if let Trigger::When(condition) = &step.trigger
                && waits
                && self.is_full(condition, false)
                && self.holds(Source::When(index)) == Some(true)
            {
                self.experiment.make_due(index, Some(now));
            }
        }
    }

    /// Whether the windows of a condition that end now are full: of the run, or of judged time.
    fn is_full(&self, condition: &crate::chaos::condition::Condition, judged: bool) -> bool {
        let from = if judged { self.playbook.warmup } else { 0 };
        self.now().checked_sub(condition.window()).is_some_and(|start| start >= from)
    }

    /// Does the steps that are due, in the order of the file; also those that this makes due.
    fn take_due_steps(&mut self) {
        let (now, playbook) = (self.now(), self.playbook.clone());
        while let Some(index) = self.experiment.first_due(now) {
            let step = &playbook.steps[index];
            self.experiment.executed(&playbook, index, now);
            if let Some(say) = &step.say {
                self.experiment.say = Some(Caption { at: now, text: say.clone(), fault: None });
                self.observers.log_mut().say(now, Tone::Plain, say.as_str());
            }
            match self.execute(&step.command, Some(&step.id)) {
                Ok(Injected::Fault(fault)) if step.say.is_some() => {
                    if let Some(said) = &mut self.experiment.say {
                        said.fault = Some(fault);
                    }
                }
                Ok(_) => {}
                Err(expected) => {
                    let text = format!("{}: not done: {expected}", step.command);
                    self.observers.log_mut().say(now, Tone::Bad, text);
                    self.experiment.steps[index].failed = Some(expected.to_string());
                }
            }
        }
    }

    /// Ends the experiment: judges what is judged at the end, then heals.
    fn end(&mut self, rule: Option<usize>) {
        let now = self.now();
        let phases = self.phases();
        let mut judge = std::mem::take(&mut self.experiment.judge);
        judge.end(self, &phases);
        self.experiment.judge = judge;
        self.experiment.over = Some(Over { at: now, rule, judgement: None });
        let judgement = Arc::new(self.judged_now());
        if let Some(over) = &mut self.experiment.over {
            over.judgement = Some(judgement);
        }
        if let Some(rule) = rule {
            let text = format!("stopped: {}", self.playbook.stop[rule]);
            self.observers.log_mut().say(now, Tone::Bad, text);
        }
        if self.playbook.heal
            && let Ok(heal) = Command::parse("heal")
        {
            // Without a selector there is nobody who might not exist.
            let _ = self.execute(&heal, Some(END));
        }
    }
}
