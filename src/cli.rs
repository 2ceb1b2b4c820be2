//! The command line: one small file for each subcommand.
//!
//! This room turns arguments into calls of the others, and what they return into an exit code. Errors
//! go to stderr, results to stdout or to the file of `-o`.

mod arguments;
mod cancel;
mod check;
mod generate;
mod list;
#[cfg(feature = "tui")]
mod live;
mod output;
mod run;
#[cfg(feature = "tui")]
mod shot;

#[cfg(any(feature = "tui", test))]
use crate::playbook::Playbook;
#[cfg(any(feature = "tui", test))]
use crate::playbook::open;
use crate::playbook::{CLUSTERS, PLAYBOOKS, Problems, Verdict};
use crate::sim::Stopped;
use clap::error::{ContextKind, ContextValue};
use clap::{Parser, Subcommand};
use std::io::{self, Write};
use std::path::Path;

const EXIT_CODES: &str = "Exit codes: 0 held, 1 deviated, 2 wrong usage or invalid file, \
    3 inconclusive, 4 stopped by a rule or as the world cannot go on, 129 the terminal is gone, \
    130 interrupted. Of several runs the largest.\n\nA FILE is a path or a built-in name; `brownout list clusters` and `brownout list \
    playbooks` show those. `-` is standard input, and as the PATH of `run -o` and `shot -o` standard output.";

/// A flight simulator for distributed systems, in a terminal.
///
/// Without a subcommand: the live screen on the default cluster. Kill something with `x`.
#[derive(Debug, Parser)]
#[command(name = "brownout", version, after_help = EXIT_CODES, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[cfg(feature = "tui")]
    #[command(flatten)]
    shown: live::Shown,
    #[command(subcommand)]
    command: Option<Sub>,
}

#[derive(Debug, Subcommand)]
enum Sub {
    #[cfg(feature = "tui")]
    Live(live::Live),
    Run(run::Run),
    Check(check::Check),
    List(list::List),
    #[cfg(feature = "tui")]
    Shot(shot::Shot),
    Completions(generate::Completions),
    Man(generate::Man),
}

/// How a program ends. The number is its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    Held = 0,
    Deviated = 1,
    Inconclusive = 3,
    Stopped = 4,
}

/// Wrong usage, an invalid file, or a result that cannot be written.
const INVALID: u8 = 2;

impl Exit {
    fn of(verdict: Verdict) -> Exit {
        match verdict {
            Verdict::Held => Exit::Held,
            Verdict::Deviated => Exit::Deviated,
            Verdict::Inconclusive => Exit::Inconclusive,
            Verdict::Stopped => Exit::Stopped,
        }
    }
}

/// Why there is no result: what is said on stderr, and the exit code.
#[derive(Debug, PartialEq)]
struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), code: INVALID }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Failure {
        Failure::new(problems.to_string())
    }
}

/// Reads the command line and does what it asks for; the exit code.
#[must_use]
pub fn start() -> u8 {
    match Cli::try_parse() {
        Ok(cli) => run(&cli),
        Err(told) => tell(&meant(told)),
    }
}

/// The same with a tip, if the name of something that can be opened stands where a subcommand should.
fn meant(mut told: clap::Error) -> clap::Error {
    let kinds = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg];
    let word = kinds.into_iter().find_map(|kind| match told.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        _ => None,
    });
    let built_in = |word: &str| CLUSTERS.iter().chain(PLAYBOOKS).any(|b| b.name == word);
    if let Some(word) = word.filter(|word| built_in(word) || Path::new(word).is_file()) {
        let file = run::quoted(&word);
        let does = if cfg!(feature = "tui") {
            format!(
                "`brownout live {file}` shows it, `brownout run {file}` runs it without a screen"
            )
        } else {
            format!("`brownout run {file}` runs it")
        };
        told.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![does.into()]));
    }
    told
}

/// Prints the help or the version that was asked for, or what is wrong with the command line.
fn tell(told: &clap::Error) -> u8 {
    match told.print().and_then(|()| io::stdout().flush()) {
        Err(error) if !told.use_stderr() && error.kind() != io::ErrorKind::BrokenPipe => {
            output::error(&format!("cannot write to stdout: {error}"));
            INVALID
        }
        _ => u8::try_from(told.exit_code()).unwrap_or(INVALID),
    }
}

/// Does what the command line asks for; the exit code.
#[must_use]
pub fn run(cli: &Cli) -> u8 {
    let done = match &cli.command {
        #[cfg(feature = "tui")]
        None => live::run_default(&cli.shown),
        #[cfg(not(feature = "tui"))]
        None => {
            Err(Failure::new("this build has no live screen; `brownout --help` shows the rest"))
        }
        #[cfg(feature = "tui")]
        Some(Sub::Live(live)) => live::run(live),
        Some(Sub::Run(run)) => run::run(run),
        Some(Sub::Check(check)) => check::run(check),
        Some(Sub::List(list)) => list::run(list),
        #[cfg(feature = "tui")]
        Some(Sub::Shot(shot)) => shot::run(shot),
        Some(Sub::Completions(asked)) => generate::completions(asked),
        Some(Sub::Man(asked)) => generate::man(asked),
    };
    match done {
        Ok(exit) => exit as u8,
        Err(failure) => {
            output::error(&failure.message);
            failure.code
        }
    }
}

/// Opens a file as a playbook, with the seed that the command line asks for.
#[cfg(any(feature = "tui", test))]
fn playbook(file: &str, seed: Option<u64>) -> Result<Playbook, Problems> {
    let mut playbook = open(file)?.into_playbook();
    playbook.seed = seed.unwrap_or(playbook.seed);
    Ok(playbook)
}

/// Why a world cannot go on, for people.
fn why(stopped: Stopped) -> Failure {
    Failure { message: stopped.to_string(), code: Exit::Stopped as u8 }
}

/// Opens all files, or says all that is wrong with any of them.
fn open_all<T>(
    files: &[String],
    one: impl Fn(&str) -> Result<T, Problems>,
) -> Result<Vec<T>, Problems> {
    let (mut opened, mut wrong) = (Vec::new(), Vec::new());
    for file in files {
        match one(file) {
            Ok(one) => opened.push(one),
            Err(Problems(problems)) => wrong.extend(problems),
        }
    }
    if wrong.is_empty() { Ok(opened) } else { Err(Problems(wrong)) }
}

#[cfg(test)]
mod tests;
