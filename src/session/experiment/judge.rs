//! Judging checks window by window.

use super::bound::{Reading, Source, Window};
use crate::observe::metric::Kind;
use crate::playbook::{Check, Hold, Phases, Playbook, Scope};
use crate::session::Session;
use crate::session::verdict::{Measured, Violation};
use crate::sim::time::{Ns, SECOND};

/// What one part of a check (a phase, or `within`) has shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Windows in which it could be told whether it holds.
    pub windows: u64,
    /// Of those, the ones in which it did not.
    pub violated: u64,
    /// Windows in which nothing was measured.
    pub unknown: u64,
    /// Of those, the ones that lacked a baseline.
    pub lacked_baseline: u64,
    /// The first window in which it did not hold.
    pub first: Option<(Violation, Vec<Measured>)>,
    /// The window that came nearest to that, or the newest where there is no measure of near.
    pub nearest: Option<(Option<f64>, Vec<Measured>)>,
}

impl Tally {
    fn add(&mut self, reading: Reading, violation: Violation) {
        match reading.holds {
            None => {
                self.unknown += 1;
                self.lacked_baseline += u64::from(reading.lacks_baseline);
            }
            Some(holds) => {
                self.windows += 1;
                let known = self.nearest.as_ref().and_then(|(margin, _)| *margin);
                if known.zip(reading.margin).is_none_or(|(known, new)| new < known) {
                    self.nearest = Some((reading.margin, reading.measured.clone()));
                }
                if !holds {
                    self.violated += 1;
                    self.first.get_or_insert((violation, reading.measured));
                }
            }
        }
    }
}

/// A window whose baseline was not known yet when it ended.
#[derive(Clone, Copy, Debug)]
struct Pending {
    check: usize,
    part: usize,
    to: Ns,
}

/// What the checks of a playbook have shown so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Judge {
    /// By check, then by the parts of its scope.
    pub checks: Vec<Vec<Tally>>,
    /// By check, whether it is certain already that it will not hold.
    pub hopeless: Vec<bool>,
    pending: Vec<Pending>,
    /// When "after" starts, as far as was known at the last window.
    after: Option<Ns>,
}

impl Judge {
    /// Nothing judged.
    pub fn new(playbook: &Playbook) -> Judge {
        let parts = |check: &Check| match &check.scope {
            Scope::Phases(holds) => vec![Tally::default(); holds.len()],
            Scope::Within { .. } => vec![Tally::default()],
        };
        Judge { checks: playbook.checks.iter().map(parts).collect(), ..Judge::default() }
    }

    /// Judges the windows that end now.
    pub fn window(&mut self, session: &Session, phases: &Phases) {
        let checks = 0..session.playbook().checks.len();
        self.hopeless = checks.map(|check| session.is_hopeless(check)).collect();
        self.forget_after(session, phases);
        if phases.first.is_some() {
            self.settle(session, phases);
        }
        let now = session.now();
        for (index, check) in session.playbook().checks.iter().enumerate() {
            for part in parts_of(session, check, phases, now) {
                if phases.first.is_none() && check.has_baseline() {
                    self.pending.push(Pending { check: index, part, to: now });
                } else {
                    self.judge(session, phases, Pending { check: index, part, to: now });
                }
            }
        }
    }

    /// Judges what is judged at the end of the run, which is now.
    pub fn end(&mut self, session: &Session, phases: &Phases) {
        self.forget_after(session, phases);
        self.settle(session, phases);
        let last = session.now() - session.now() % SECOND;
        let baseline = session.baseline_until(phases);
        for (index, check) in session.playbook().checks.iter().enumerate() {
            let Scope::Phases(holds) = &check.scope else { continue };
            let Some(part) = holds.iter().position(|hold| *hold == Hold::End) else { continue };
            // Counters are judged by the whole run and need no window.
            let windows =
                check.that.comparisons().filter(|c| c.quantity.metric.kind != Kind::Counter);
            let window = windows.map(|c| c.window).max().unwrap_or(0);
            let full = last.checked_sub(window).is_some_and(|from| from >= phases.judged);
            if window > 0 && !full {
                continue;
            }
            let reading = session.read(Source::Check(index), Window::Whole(last), baseline);
            let to = if window > 0 { last } else { session.now() };
            let from = if window > 0 { last - window } else { phases.judged };
            let violation = Violation { from, to, phase: Some(Hold::End) };
            self.checks[index][part].add(reading, violation);
        }
    }

    /// "After" starts when the *last* fault has ended: what was judged before a further one is void.
    fn forget_after(&mut self, session: &Session, phases: &Phases) {
        if self.after == phases.after {
            return;
        }
        self.after = phases.after;
        for (check, tallies) in session.playbook().checks.iter().zip(&mut self.checks) {
            let Scope::Phases(holds) = &check.scope else { continue };
            for (hold, tally) in holds.iter().zip(tallies) {
                if *hold == Hold::After {
                    *tally = Tally::default();
                }
            }
        }
    }

    /// The baseline is known now: judges the windows that waited for it.
    fn settle(&mut self, session: &Session, phases: &Phases) {
        for pending in std::mem::take(&mut self.pending) {
            self.judge(session, phases, pending);
        }
    }

    fn judge(&mut self, session: &Session, phases: &Phases, window: Pending) {
        let Pending { check: index, part, to } = window;
        let check = &session.playbook().checks[index];
        let baseline = session.baseline_until(phases);
        let reading = session.read(Source::Check(index), Window::Until(to), baseline);
        let phase = match &check.scope {
            Scope::Phases(holds) => holds.get(part).copied(),
            Scope::Within { .. } => None,
        };
        let from = to.saturating_sub(check.that.window());
        self.checks[index][part].add(reading, Violation { from, to, phase });
    }
}

/// The parts of a check's scope in which the window that ends then lies.
fn parts_of(session: &Session, check: &Check, phases: &Phases, to: Ns) -> Vec<usize> {
    let Some(from) = to.checked_sub(check.that.window()) else { return Vec::new() };
    match &check.scope {
        Scope::Phases(holds) => {
            let inside =
                |(part, hold): (usize, &Hold)| phases.contain(*hold, from, to).then_some(part);
            holds.iter().enumerate().filter_map(inside).collect()
        }
        Scope::Within { within, of } => {
            let judged = from >= phases.judged && to <= phases.end;
            let inside =
                judged && session.spans_after(*of, *within).any(|(a, b)| from >= a && to <= b);
            if inside { vec![0] } else { Vec::new() }
        }
    }
}

impl Session {
    /// The phases of the run until now.
    #[must_use]
    pub fn phases(&self) -> Phases {
        use crate::sim::fault::Injected;
        let harm = self.log.iter().filter(|entry| !entry.command.mends());
        let faults = self.world.faults();
        let span = |entry: &crate::session::Entry| {
            let ended = match entry.injected {
                Injected::Fault(fault) => faults.get(fault.0 as usize).and_then(|f| f.ended),
                Injected::Done | Injected::Nothing => Some(entry.at),
            };
            (entry.at, ended)
        };
        let judged = (self.playbook.warmup, self.now().min(self.playbook.length));
        Phases::new(harm.map(span).collect(), judged, self.playbook.recover)
    }

    /// From that long after each execution of a step until something else was done, or now.
    pub(super) fn spans_after(&self, step: usize, within: Ns) -> impl Iterator<Item = (Ns, Ns)> {
        let id = self.playbook.steps.get(step).map(|step| step.id.as_str());
        let executed = self.log.iter().filter(move |entry| entry.step.as_deref() == id);
        executed.map(move |entry| {
            let later = self.log.iter().map(|e| e.at).find(|at| *at > entry.at);
            (entry.at.saturating_add(within), later.unwrap_or(self.now()))
        })
    }
}
