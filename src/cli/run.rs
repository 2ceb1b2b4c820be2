//! `brownout run`: headless, as fast as the machine allows.

mod play;
mod progress;
mod seeds;

use super::{Exit, Failure, arguments, open_all, output};
use crate::chaos::units::print_time;
use crate::playbook::{Opened, Playbook, Source, open_with_source};
use crate::report::{Report, Summary, json, junit, markdown, seeds as summary, text};
use crate::sim::time::Ns;
use clap::{Args, ValueEnum};
use play::{Job, play_all, try_all};
use seeds::Seeds;
use std::io::{self, Write};
use std::path::PathBuf;

/// Run playbooks or clusters without a screen, as fast as the machine allows
///
/// Equal files and seeds give equal results, on any machine. Several runs are spread over all cores;
/// their results come in the order of the files and seeds.
#[derive(Args, Debug)]
pub(super) struct Run {
    /// Playbooks or clusters: paths, built-in names, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Seed of the run, instead of the file's
    #[arg(long, value_name = "N", conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Run with each seed from A to B, both included, and tell how many held: 1..20
    #[arg(long, value_name = "A..B", value_parser = seeds::parse)]
    seeds: Option<Seeds>,
    /// Simulated time to run, instead of the file's: 90s, 5m
    #[arg(long, value_name = "TIME", value_parser = arguments::length)]
    length: Option<Ns>,
    /// Form of the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write the report to this file, whole or not at all, instead of stdout (-)
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Write the run as a playbook that gives the same digest; for one FILE and one seed
    #[arg(long, value_name = "PATH", conflicts_with = "seeds")]
    record: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs: one object, or an array for several files or seeds
    Json,
    /// For CI servers: XML with a suite for each run and a case for each check
    Junit,
    /// For reviewers; plays it again to see what would have helped
    Markdown,
}

/// Runs all files; of their verdicts the worst.
pub(super) fn run(run: &Run) -> Result<Exit, Failure> {
    if run.record.is_some() && run.files.len() > 1 {
        return Err(Failure::new("--record is for one FILE"));
    }
    if run.record.as_deref().is_some_and(output::is_stdout) {
        return Err(Failure::new("--record needs the name of a file: stdout (-) is the report's"));
    }
    if run.record.is_some() && run.record == run.output {
        return Err(Failure::new("--record and -o name the same file"));
    }
    for path in run.output.iter().chain(&run.record) {
        output::expect_folder(path)?;
    }
    let opened = open_all(&run.files, open_with_source)?;
    let asked: Result<Vec<Asked<'_>>, Failure> =
        run.files.iter().zip(opened).map(|(file, opened)| asked(run, file, opened)).collect();
    let asked = asked?;
    let jobs: Vec<Job<'_>> = asked.iter().flat_map(|asked| jobs(run, asked)).collect();
    let mut reports = play_all(&jobs)?;
    if run.format == Format::Markdown && run.seeds.is_none() {
        for (report, asked) in reports.iter_mut().zip(&asked) {
            try_all(report, asked)?;
        }
    }
    let exit = reports.iter().map(|r| Exit::of(r.verdict)).max();
    output::write(run.output.as_deref(), &written(run, &asked, &reports)?)?;
    Ok(exit.unwrap_or(Exit::Held))
}

/// What is to be played.
struct Asked<'a> {
    file: &'a str,
    /// Whether the file is a cluster, without a playbook.
    cluster_alone: bool,
    playbook: Playbook,
    source: Source,
}

/// A file with the seed and the length that the command line asks for.
fn asked<'a>(
    run: &Run,
    file: &'a str,
    (opened, source): (Opened, Source),
) -> Result<Asked<'a>, Failure> {
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
    Ok(Asked { file, cluster_alone, playbook, source })
}

/// The runs of a file: one, or one for each seed.
fn jobs<'a>(run: &'a Run, asked: &'a Asked<'a>) -> Vec<Job<'a>> {
    let record = run.record.as_deref().map(|path| (path, &asked.source));
    let job = |seed, in_full| Job { asked, seed, in_full, record };
    match run.seeds {
        Some(seeds) => seeds.all().map(|seed| job(seed, false)).collect(),
        None => vec![job(asked.playbook.seed, true)],
    }
}

/// The command that does the same again.
fn again(asked: &Asked<'_>, seeds: &str) -> String {
    let (file, length) = (quoted(asked.file), print_time(asked.playbook.length));
    format!("brownout run {file} {seeds} --length {length}")
}

/// A name as a shell reads it.
pub(super) fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=+,@%".contains(c);
    if !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}

fn written(run: &Run, asked: &[Asked<'_>], reports: &[Report]) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let done = match (run.format, run.seeds) {
        (Format::Json, None) if reports.len() == 1 => json::write(&reports[0], &mut bytes),
        (Format::Json, _) => json::write_all(reports, &mut bytes),
        (Format::Junit, _) => junit::write(reports, &mut bytes),
        (format, None) => each(reports, &mut bytes, |report, out| match format {
            Format::Markdown => markdown::write(report, out),
            _ => text::write(report, out),
        }),
        (format, Some(seeds)) => {
            let count = seeds.all().count();
            let of_file = |(asked, reports): (&Asked<'_>, &[Report])| {
                Summary::new(reports, again(asked, &format!("--seeds {seeds}")))
            };
            let all: Vec<Summary> =
                asked.iter().zip(reports.chunks(count)).filter_map(of_file).collect();
            each(&all, &mut bytes, |one, out| match format {
                Format::Markdown => markdown::write_summary(one, out),
                _ => summary::write(one, out),
            })
        }
    };
    done.map_err(|error| Failure::new(format!("the report cannot be written: {error}")))?;
    String::from_utf8(bytes).map_err(|_| Failure::new("the report is not text"))
}

/// Writes all, with an empty line between two.
fn each<T>(
    all: &[T],
    out: &mut Vec<u8>,
    write: impl Fn(&T, &mut Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    for (i, one) in all.iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        write(one, out)?;
    }
    Ok(())
}
