//! Conditions of a playbook with ids for names, and what they measure.

use crate::chaos::condition::{Bound, Comparison, Condition, Names};
use crate::observe::Observers;
use crate::observe::metric::{Kind, Of, Span};
use crate::playbook::{Phases, Playbook, Step, Trigger};
use crate::session::Session;
use crate::session::verdict::Measured;
use crate::sim::World;
use crate::sim::time::Ns;

/// Whose condition it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    Check(usize),
    Stop(usize),
    When(usize),
}

/// What the conditions of a playbook mean in its world, in the order of their comparisons. `None`
/// where a name does not exist: files are read so that this does not happen.
#[derive(Debug)]
pub(super) struct Plan {
    checks: Vec<Option<Vec<Of>>>,
    stop: Vec<Option<Vec<Of>>>,
    steps: Vec<Option<Vec<Of>>>,
    answers: Vec<Option<Of>>,
    /// Of each step those that wait for it, and how long after it they are due.
    followers: Vec<Vec<(usize, Ns)>>,
}

impl Plan {
    pub fn new(playbook: &Playbook, world: &World) -> Plan {
        let names = Names {
            topology: world.topology(),
            classes: world.classes().iter().map(String::as_str).collect(),
        };
        let bind = |condition: &Condition| condition.bind(&names).ok();
        Plan {
            checks: playbook.checks.iter().map(|check| bind(&check.that)).collect(),
            stop: playbook.stop.iter().map(bind).collect(),
            steps: playbook
                .steps
                .iter()
                .map(|step| match &step.trigger {
                    Trigger::When(condition) => bind(condition),
                    _ => None,
                })
                .collect(),
            answers: playbook.predict.iter().map(|p| p.answer.bind(&names).ok()).collect(),
            followers: followers(&playbook.steps),
        }
    }

    /// The steps that wait for a step, in the order of the file, and how long after it they are due.
    pub fn followers(&self, step: usize) -> &[(usize, Ns)] {
        self.followers.get(step).map_or(&[], Vec::as_slice)
    }

    pub fn of(&self, source: Source) -> Option<&[Of]> {
        let (list, index) = match source {
            Source::Check(index) => (&self.checks, index),
            Source::Stop(index) => (&self.stop, index),
            Source::When(index) => (&self.steps, index),
        };
        list.get(index)?.as_deref()
    }
}

fn followers(steps: &[Step]) -> Vec<Vec<(usize, Ns)>> {
    let mut of = vec![Vec::new(); steps.len()];
    for (index, other) in steps.iter().enumerate() {
        if let Trigger::After { step, delay } = other.trigger
            && let Some(waiting) = of.get_mut(step)
        {
            waiting.push((index, delay));
        }
    }
    of
}

/// What a condition measured in a window.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// Whether it holds; `None` if that cannot be told.
    pub holds: Option<bool>,
    /// By comparison.
    pub measured: Vec<Measured>,
    /// How far the only comparison is on the good side; `None` if there are several, or no value.
    pub margin: Option<f64>,
    /// Whether a baseline was wanted and there is none.
    pub lacks_baseline: bool,
}

/// Over what a condition is measured.
#[derive(Clone, Copy)]
pub(super) enum Window {
    /// The windows that end then.
    Until(Ns),
    /// The same, but counters over the whole run.
    Whole(Ns),
}

impl Session {
    fn condition(&self, source: Source) -> Option<&Condition> {
        match source {
            Source::Check(index) => self.playbook.checks.get(index).map(|check| &check.that),
            Source::Stop(index) => self.playbook.stop.get(index),
            Source::When(index) => match &self.playbook.steps.get(index)?.trigger {
                Trigger::When(condition) => Some(condition),
                _ => None,
            },
        }
    }

    /// Whether a condition holds in the window that ends now.
    pub(super) fn holds(&mut self, source: Source) -> Option<bool> {
        let baseline = self.baseline_until(&self.phases());
        self.read(source, Window::Until(self.now()), baseline).holds
    }

    /// Until when the judged time before the first fault goes, as far as is known.
    pub(super) fn baseline_until(&self, phases: &Phases) -> Ns {
        phases.first.unwrap_or(self.now())
    }

    /// Measures a condition. The baseline is what was measured in judged time before `baseline`.
    pub(super) fn read(&self, source: Source, window: Window, baseline: Ns) -> Reading {
        let plan = self.experiment.plan.clone();
        let (Some(condition), Some(of)) = (self.condition(source), plan.of(source)) else {
            return Reading::default();
        };
        let (world, observers) = (&self.world, &self.observers);
        let mut reading = Reading::default();
        let mut each = Vec::new();
        for (comparison, of) in condition.comparisons().zip(of) {
            let span = window.span(comparison, world, observers);
            let before = Span::new(world, observers, self.playbook.warmup, baseline);
            let measured = measure(comparison, *of, &span, &before);
            let both = measured.value.zip(measured.wanted);
            each.push(both.map(|(value, wanted)| comparison.operator.holds(value, wanted)));
            reading.lacks_baseline |= measured.wanted.is_none();
            reading.margin = both.map(|(v, wanted)| comparison.operator.margin(v, wanted));
            reading.measured.push(measured);
        }
        if reading.measured.len() > 1 {
            reading.margin = None;
        }
        reading.holds = condition.holds(&each);
        reading
    }

    /// What answers a question of the playbook, as far as the run is.
    pub(super) fn measured_answer(&self, question: usize) -> Option<f64> {
        let whole = Span::whole(&self.world, &self.observers);
        let predict = self.playbook.predict.get(question)?;
        let of = *self.experiment.plan.answers.get(question)?;
        (predict.answer.metric.value)(&whole, of?)
    }
}

impl Window {
    fn span<'a>(
        self,
        comparison: &Comparison,
        world: &'a World,
        observers: &'a Observers,
    ) -> Span<'a> {
        match self {
            Window::Whole(_) if comparison.quantity.metric.kind == Kind::Counter => {
                Span::whole(world, observers)
            }
            Window::Until(to) | Window::Whole(to) => {
                Span::new(world, observers, to.saturating_sub(comparison.window), to)
            }
        }
    }
}

fn measure(comparison: &Comparison, of: Of, span: &Span<'_>, before: &Span<'_>) -> Measured {
    let metric = comparison.quantity.metric;
    let baseline = match comparison.bound {
        Bound::Value(_) => None,
        Bound::OfBaseline(_) => (metric.value)(before, of),
    };
    let wanted = match comparison.bound {
        Bound::Value(value) => Some(value),
        Bound::OfBaseline(share) => baseline.map(|value| share * value),
    };
    Measured {
        quantity: comparison.quantity.to_string(),
        unit: metric.unit,
        value: (metric.value)(span, of),
        sign: comparison.operator.sign(),
        wanted,
        baseline,
    }
}
