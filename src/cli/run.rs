//! `brownout run`: headless, as fast as the machine allows.

use super::{Exit, Failure, arguments, open_all, output, why};
use crate::chaos::units::print_time;
use crate::playbook::{Opened, Playbook, open};
use crate::report::{Origin, Report, json, text};
use crate::session::Session;
use crate::sim::time::{Ns, SECOND, seconds};
use clap::{Args, ValueEnum};
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Run playbooks or clusters without a screen, as fast as the machine allows
///
/// Equal files and seeds give equal results, on any machine.
#[derive(Args, Debug)]
pub(super) struct Run {
    /// Playbooks or clusters: paths or built-in names
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Seed of the run, instead of the file's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Simulated time to run, instead of the file's: 90s, 5m
    #[arg(long, value_name = "TIME", value_parser = arguments::length)]
    length: Option<Ns>,
    /// Form of the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write the report to this file, whole or not at all, instead of stdout
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs: one object, or an array for several files
    Json,
}

/// Runs all files; of their verdicts the worst.
pub(super) fn run(run: &Run) -> Result<Exit, Failure> {
    let opened = open_all(&run.files, open)?;
    let asked: Result<Vec<Asked>, Failure> =
        run.files.iter().zip(opened).map(|(file, opened)| asked(run, file, opened)).collect();
    let mut reports = Vec::new();
    for asked in &asked? {
        reports.push(play(asked)?);
    }
    let exit = reports.iter().map(|r| Exit::of(r.verdict)).max();
    output::write(run.output.as_deref(), &written(&reports, run.format)?)?;
    Ok(exit.unwrap_or(Exit::Held))
}

/// What is to be played.
struct Asked<'a> {
    file: &'a str,
    /// Whether the file is a cluster, without a playbook.
    cluster_alone: bool,
    playbook: Playbook,
}

/// A file with the seed and the length that the command line asks for.
fn asked<'a>(run: &Run, file: &'a str, opened: Opened) -> Result<Asked<'a>, Failure> {
    let cluster_alone = matches!(opened, Opened::Cluster(_));
    let mut playbook = opened.into_playbook();
    playbook.seed = run.seed.unwrap_or(playbook.seed);
    playbook.length = run.length.unwrap_or(playbook.length);
    let length = print_time(playbook.length);
    let planned = playbook.planned();
    let late = playbook.steps.iter().zip(planned).find_map(|(step, times)| {
        let first = times?.first;
        (first >= playbook.length).then_some((&step.id, print_time(first)))
    });
    if let Some((id, at)) = late {
        return Err(Failure::new(format!(
            "{file}: step `{id}` at {at} would never run: the run is {length} long"
        )));
    }
    if playbook.warmup >= playbook.length {
        let warmup = print_time(playbook.warmup);
        return Err(Failure::new(format!(
            "{file}: nothing would be judged: the run is {length} long, its warm-up {warmup}"
        )));
    }
    Ok(Asked { file, cluster_alone, playbook })
}

/// Plays one to its end.
fn play(asked: &Asked<'_>) -> Result<Report, Failure> {
    let (file, playbook) = (asked.file, &asked.playbook);
    let started = Instant::now();
    let mut session = Session::new(playbook, playbook.seed);
    let mut progress = Progress::new(file, playbook.length);
    while !session.is_over() {
        let until = (session.now() + SECOND).min(playbook.length);
        if let Err(stopped) = session.run(until) {
            progress.clear();
            return Err(why(stopped));
        }
        progress.show(session.now());
    }
    progress.clear();
    let origin = Origin {
        playbook: (!asked.cluster_alone).then(|| file.to_owned()),
        again: again(file, playbook),
        wall_s: started.elapsed().as_secs_f64(),
    };
    Ok(Report::new(&session, origin))
}

/// The command that does the same run again.
fn again(file: &str, playbook: &Playbook) -> String {
    let length = print_time(playbook.length);
    format!("brownout run {file} --seed {} --length {length}", playbook.seed)
}

fn written(reports: &[Report], format: Format) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let done = match (format, reports) {
        (Format::Json, [report]) => json::write(report, &mut bytes),
        (Format::Json, reports) => json::write_all(reports, &mut bytes),
        (Format::Text, reports) => reports.iter().enumerate().try_for_each(|(i, report)| {
            if i > 0 {
                writeln!(bytes)?;
            }
            text::write(report, &mut bytes)
        }),
    };
    done.map_err(|error| Failure::new(format!("the report cannot be written: {error}")))?;
    String::from_utf8(bytes).map_err(|_| Failure::new("the report is not text"))
}

/// How far a long run is, on a terminal: nothing in its first second, then one line that stays.
struct Progress<'a> {
    file: &'a str,
    length: Ns,
    next: Option<Instant>,
    shown: bool,
}

impl Progress<'_> {
    fn new(file: &str, length: Ns) -> Progress<'_> {
        let next = io::stderr().is_terminal().then(|| Instant::now() + Duration::from_secs(1));
        Progress { file, length, next, shown: false }
    }

    fn show(&mut self, now: Ns) {
        if self.next.is_some_and(|next| Instant::now() >= next) {
            self.next = Some(Instant::now() + Duration::from_millis(200));
            self.shown = true;
            let (done, of) = (seconds(now), seconds(self.length));
            let _ = write!(io::stderr(), "\r{}  {done:.0} s of {of:.0} s", self.file);
        }
    }

    fn clear(&mut self) {
        if self.shown {
            // Back to the first column, and clear to the end of the line (ECMA-48, EL).
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
