//! Playing many runs on all cores.

use super::progress::Progress;
use super::{Asked, again};
use crate::cli::{Failure, cancel, why};
use crate::playbook::{Existing, Source};
use crate::report::{Origin, Report, findings};
use crate::session::Session;
use crate::session::record::save;
use crate::sim::time::{MILLISECOND, SECOND};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// After so much simulated time the runs look whether they are wanted still.
const LOOK: u64 = 100 * MILLISECOND;

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
    cancel::listen();
    let simulated = jobs.iter().map(|job| job.asked.playbook.length).fold(0, u64::saturating_add);
    let progress = Progress::new(jobs.len(), simulated);
    let results: Mutex<Vec<Option<Result<Report, Failure>>>> =
        Mutex::new(jobs.iter().map(|_| None).collect());
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((i, job)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| jobs.get(i).map(|job| (i, job)))
        {
            let result = play(job, &progress);
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

/// Plays one to its end.
fn play(job: &Job<'_>, progress: &Progress) -> Result<Report, Failure> {
    let playbook = &job.asked.playbook;
    let started = Instant::now();
    let mut session = Session::new(playbook, job.seed);
    let mut found = Vec::new();
    while !session.is_over() {
        cancel::check()?;
        let before = session.now();
        session.run((before + LOOK).min(playbook.length)).map_err(why)?;
        progress.moved(session.now() - before);
        if job.in_full && session.now().is_multiple_of(SECOND) {
            findings::look(&mut found, &session);
        }
    }
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
