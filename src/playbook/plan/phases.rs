//! Before, during and after: the parts of a run.

use super::{Hold, Step, Times};
use crate::sim::time::{Ns, SECOND};

/// The parts of a run, as far as is known.
///
/// "Before" is the judged time until the first thing that is done other than mending; "during" lasts
/// while any fault is active; "after" starts when the last one has ended, and the recovery time
/// later. A change without a length (`flush`, `promote`, a lasting `set`) is over at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phases {
    /// When the judged time begins.
    pub judged: Ns,
    /// When it ends, or how far it is known.
    pub end: Ns,
    /// When the first fault began.
    pub first: Option<Ns>,
    /// Spans in which some fault was active, in order of time, none touching another.
    pub during: Vec<(Ns, Ns)>,
    /// When "after" starts; `None` while a fault is active, or if there was none.
    pub after: Option<Ns>,
}

impl Phases {
    /// The phases of a run with these faults: each its beginning and its end, if it has ended.
    #[must_use]
    pub fn new(mut faults: Vec<(Ns, Option<Ns>)>, (judged, end): (Ns, Ns), recover: Ns) -> Phases {
        faults.sort_unstable();
        let first = faults.first().map(|(start, _)| *start);
        let ends: Option<Vec<Ns>> = faults.iter().map(|(_, end)| *end).collect();
        let last = ends.and_then(|ends| ends.into_iter().max());
        let mut during: Vec<(Ns, Ns)> = Vec::new();
        for (start, ended) in faults {
            let ended = ended.unwrap_or(end).min(end);
            match during.last_mut() {
                Some((_, before)) if start <= *before => *before = ended.max(*before),
                _ => during.push((start, ended)),
            }
        }
        let after = last.map(|last| last.saturating_add(recover));
        Phases { judged, end, first, during, after }
    }

    /// The phases that the steps of a file plan, done at these times. Steps that wait for a condition are left out; a
    /// fault without an end lasts until something is mended, whatever that is, or to the end.
    #[must_use]
    pub fn planned(
        steps: &[Step],
        times: &[Option<Times>],
        (judged, end): (Ns, Ns),
        recover: Ns,
    ) -> Phases {
        let known: Vec<(&Step, Ns)> = executions(steps, times).collect();
        let mends: Vec<Ns> =
            known.iter().filter(|(step, _)| step.command.mends()).map(|(_, at)| *at).collect();
        let mended = |since: Ns| mends.get(mends.partition_point(|at| *at < since)).copied();
        let harm = known.iter().filter(|(step, _)| !step.command.mends());
        let span = |&(step, at): &(&Step, Ns)| {
            let command = &step.command;
            let ended = match command.length() {
                Some(length) => Some(at.saturating_add(length)),
                None if command.is_fault() => mended(at),
                None => Some(at),
            };
            (at, ended)
        };
        Phases::new(harm.map(span).collect(), (judged, end), recover)
    }

    /// Whether a window lies wholly inside a phase. "End" has no windows of its own.
    #[must_use]
    pub fn contain(&self, hold: Hold, from: Ns, to: Ns) -> bool {
        let judged = from >= self.judged && to <= self.end;
        judged
            && match hold {
                Hold::Before => self.first.is_none_or(|first| to <= first),
                Hold::During => self.during.iter().any(|(start, end)| from >= *start && to <= *end),
                Hold::After => self.after.is_some_and(|after| from >= after),
                Hold::Always => true,
                Hold::End => false,
            }
    }

    /// Whether any window of that length, which ends on a whole second, lies wholly inside a phase.
    #[must_use]
    pub fn fit(&self, hold: Hold, window: Ns) -> bool {
        let spans: Vec<(Ns, Ns)> = match hold {
            Hold::Before => vec![(self.judged, self.first.unwrap_or(self.end))],
            Hold::During => self.during.clone(),
            Hold::After => self.after.map(|after| (after, self.end)).into_iter().collect(),
            Hold::Always | Hold::End => vec![(self.judged, self.end)],
        };
        let inside =
            |(from, to): &(Ns, Ns)| fits((*from).max(self.judged), (*to).min(self.end), window);
        spans.iter().any(inside)
    }
}

/// Whether a window of that length, which ends on a whole second, lies between two times.
pub fn fits(from: Ns, to: Ns, window: Ns) -> bool {
    let first = from.saturating_add(window).next_multiple_of(SECOND);
    first <= to
}

/// Steps with the times at which they are done, as far as is known, in order of time.
fn executions<'a>(
    steps: &'a [Step],
    planned: &[Option<Times>],
) -> impl Iterator<Item = (&'a Step, Ns)> {
    let each = steps.iter().zip(planned);
    let mut all: Vec<(&Step, Ns)> = each
        .flat_map(|(step, times)| times.iter().flat_map(move |t| t.all().map(move |at| (step, at))))
        .collect();
    all.sort_by_key(|(_, at)| *at);
    all.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: Ns = 60 * SECOND;

    fn phases(faults: &[(u64, Option<u64>)], recover: u64) -> Phases {
        let ns = |s: u64| s * SECOND;
        let faults = faults.iter().map(|(start, end)| (ns(*start), end.map(ns)));
        Phases::new(faults.collect(), (5 * SECOND, END), ns(recover))
    }

    fn inside(phases: &Phases, from: u64, to: u64) -> Vec<Hold> {
        let holds = [Hold::Before, Hold::During, Hold::After];
        let (from, to) = (from * SECOND, to * SECOND);
        holds.into_iter().filter(|hold| phases.contain(*hold, from, to)).collect()
    }

    #[test]
    fn a_window_belongs_to_a_phase_only_if_wholly_inside() {
        let p = phases(&[(15, Some(35))], 10);
        assert_eq!(inside(&p, 4, 6), [], "before the judged time");
        assert_eq!(inside(&p, 5, 6), [Hold::Before]);
        assert_eq!(inside(&p, 13, 15), [Hold::Before]);
        assert_eq!(inside(&p, 14, 16), []);
        assert_eq!(inside(&p, 15, 17), [Hold::During]);
        assert_eq!(inside(&p, 33, 35), [Hold::During]);
        assert_eq!(inside(&p, 34, 36), []);
        assert_eq!(inside(&p, 44, 46), [], "still recovering");
        assert_eq!(inside(&p, 45, 47), [Hold::After]);
        assert_eq!(inside(&p, 59, 61), [], "beyond the end");
    }

    #[test]
    fn faults_that_overlap_are_one_and_after_waits_for_the_last() {
        let p = phases(&[(20, Some(30)), (15, Some(22)), (40, Some(45))], 0);
        assert_eq!(p.during, [(15 * SECOND, 30 * SECOND), (40 * SECOND, 45 * SECOND)]);
        assert_eq!(inside(&p, 21, 23), [Hold::During]);
        assert_eq!(inside(&p, 31, 32), [], "another fault comes");
        assert_eq!(inside(&p, 45, 46), [Hold::After]);
        assert_eq!(phases(&[(15, None)], 0).after, None);
        assert_eq!(inside(&phases(&[(15, None)], 0), 58, 60), [Hold::During]);
    }

    #[test]
    fn without_faults_all_is_before_and_nothing_after() {
        let p = phases(&[], 0);
        assert_eq!(inside(&p, 58, 60), [Hold::Before]);
        assert!(p.fit(Hold::Before, 55 * SECOND) && !p.fit(Hold::Before, 56 * SECOND));
        assert!(!p.fit(Hold::After, SECOND) && !p.fit(Hold::During, SECOND));
    }

    #[test]
    fn what_is_done_at_once_leaves_nothing_during() {
        let p = phases(&[(15, Some(15))], 0);
        assert_eq!(inside(&p, 14, 15), [Hold::Before]);
        assert_eq!(inside(&p, 15, 16), [Hold::After]);
        assert!(!p.fit(Hold::During, SECOND / 2));
    }
}
