//! Playing many runs on all cores.

use super::progress::Progress;
use super::{Asked, again};
use crate::cli::{Failure, cancel, why};
use crate::playbook::{Existing, Source};
use crate::report::tried::trials;
use crate::report::{Origin, Report, Tried, findings};
use crate::session::Session;
use crate::session::record::save;
use crate::sim::time::{MILLISECOND, Ns, SECOND};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// After so much simulated time, at most, the runs look whether they are wanted still.
const LOOK: Ns = 100 * MILLISECOND;
/// And after about so much real time: who presses ctrl-c sees it end at once.
const LOOK_WITHIN: Duration = Duration::from_millis(40);
/// The least simulated time between two looks, and that until the first: what a run costs is not known.
const LOOK_LEAST: Ns = 10_000;

/// One run of a file.
pub(super) struct Job<'a> {
    pub asked: &'a Asked<'a>,
    pub seed: u64,
    /// Whether its log and its findings are told: of one run, not of one of many.
    pub in_full: bool,
    /// Where it is written as a playbook.
    pub record: Option<(&'a Path, &'a Source)>,
}

/// Plays all, each on a core that is free. The reports are in the order of the jobs whatever the
/// threads do; so is the failure that is told, if several fail.
pub(super) fn play_all(jobs: &[Job<'_>]) -> Result<Vec<Report>, Failure> {
    let simulated = jobs.iter().map(|job| job.asked.playbook.length);
    spread(jobs, simulated, play)
}

/// Tries what may help against the failures of a run, on all cores. A world that cannot go on with it has
/// shown nothing.
pub(super) fn try_all(report: &mut Report, asked: &Asked<'_>) -> Result<(), Failure> {
    let trials = trials(report, &asked.playbook);
    let seed = report.seed;
    let simulated = trials.iter().map(|trial| trial.playbook.length);
    let tried = spread(&trials, simulated, |trial, progress| {
        let mut session = Session::new(&trial.playbook, seed);
        let ended = to_the_end(&mut session, progress, |_| {});
        cancel::check()?;
        Ok(ended.is_ok().then(|| Tried::new(trial, &session)))
    })?;
    report.tried = tried.into_iter().flatten().collect();
    Ok(())
}

/// Does all jobs, each on a core that is free; the results are in their order. They simulate so much.
fn spread<J: Sync, R: Send>(
    jobs: &[J],
    simulated: impl Iterator<Item = Ns>,
    does: impl Fn(&J, &Progress) -> Result<R, Failure> + Sync,
) -> Result<Vec<R>, Failure> {
    cancel::listen();
    let progress = Progress::new(jobs.len(), simulated.fold(0, u64::saturating_add));
    let results: Mutex<Vec<Option<Result<R, Failure>>>> =
        Mutex::new(jobs.iter().map(|_| None).collect());
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((i, job)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| jobs.get(i).map(|job| (i, job)))
        {
            let result = does(job, &progress);
            progress.ended();
            if let Ok(mut results) = results.lock() {
                results[i] = Some(result);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    std::thread::scope(|scope| {
        // This thread works too.
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    progress.clear();
    cancel::check()?;
    let results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.into_iter().flatten().collect()
}

/// The simulated time until the next look, after a step that took that long. How a run is cut into
/// steps never changes it.
fn next_step(step: Ns, took: Duration) -> Ns {
    if took > LOOK_WITHIN {
        (step / 2).max(LOOK_LEAST)
    } else if took < LOOK_WITHIN / 4 {
        (step * 2).min(LOOK)
    } else {
        step
    }
}

/// Plays a session to its end, looking at it every [`LOOK`] at least.
fn to_the_end(
    session: &mut Session,
    progress: &Progress,
    mut look: impl FnMut(&Session),
) -> Result<(), Failure> {
    let length = session.playbook().length;
    let mut step = LOOK_LEAST;
    while !session.is_over() {
        cancel::check()?;
        let (before, looked) = (session.now(), Instant::now());
        // Whole multiples are never stepped over: findings are looked for at seconds.
        let until = (before + step).min((before + 1).next_multiple_of(LOOK));
        session.run(until.min(length)).map_err(why)?;
        progress.moved(session.now() - before);
        step = next_step(step, looked.elapsed());
        look(session);
    }
    Ok(())
}

/// Plays one to its end.
fn play(job: &Job<'_>, progress: &Progress) -> Result<Report, Failure> {
    let started = Instant::now();
    let mut session = Session::new(&job.asked.playbook, job.seed);
    let mut found = Vec::new();
    to_the_end(&mut session, progress, |session| {
        if job.in_full && session.now().is_multiple_of(SECOND) {
            findings::look(&mut found, session);
        }
    })?;
    let origin = Origin {
        playbook: (!job.asked.cluster_alone).then(|| job.asked.file.to_owned()),
        again: again(job.asked, &format!("--seed {}", job.seed)),
        wall_s: started.elapsed().as_secs_f64(),
    };
    if let Some((path, source)) = job.record {
        save(&session, source, path, Existing::Replace).map_err(|error| {
            Failure::new(format!("cannot record to {}: {error}", path.display()))
        })?;
    }
    let mut report = Report { findings: found, ..Report::new(&session, origin) };
    if !job.in_full {
        report.lines = Vec::new();
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_take_long_become_short_and_long_again() {
        let slow = Duration::from_secs(4);
        let steps =
            |from, took| std::iter::successors(Some(from), move |s| Some(next_step(*s, took)));
        let mut slower = steps(LOOK, slow);
        assert!(slower.by_ref().take(20).is_sorted_by(|a, b| a > b || *a == LOOK_LEAST));
        assert_eq!(slower.next(), Some(LOOK_LEAST));
        assert_eq!(steps(LOOK_LEAST, Duration::ZERO).nth(20), Some(LOOK));
        assert_eq!(next_step(LOOK / 4, LOOK_WITHIN / 2), LOOK / 4);
    }
}
