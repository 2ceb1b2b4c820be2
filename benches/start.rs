//! How long a person waits: from the start of the process to the first frame, in a real
//! pseudo-terminal of 120x40.
//!
//! `cargo bench --bench start -- [--quick] [--check]`. The first frame is there when the terminal
//! shows the last words of the footer. Target: at most 100 ms.

#[path = "../tests/it/pty.rs"]
mod pty;
mod support;

use pty::{Failure, Terminal};
use std::process::ExitCode;
use std::time::Duration;
use support::{Options, Report, Samples};

/// What only a whole frame shows: the end of the footer's second row.
const LAST_WORDS: &str = ": all";

/// A start that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    support::bench(measure)
}

fn measure(options: &Options, report: &mut Report) {
    let mut samples = Samples::default();
    for _ in 0..options.rounds(20) {
        match start() {
            Ok(time) => samples.push(time),
            Err(why) => return report.missing("start to first frame", &why.to_string()),
        }
    }
    let beside = format!("{:.1} ms", samples.median() * 1e3);
    report.judge("start to first frame", "ms", samples.min() * 1e3, 100.0, &beside);
}

/// Starts the program, waits for its first frame, and quits it.
fn start() -> Result<Duration, Failure> {
    let mut terminal = Terminal::start(env!("CARGO_BIN_EXE_brownout"), &[], 40, 120)?;
    let time = terminal
        .wait_for("the first frame", PATIENCE, |screen| screen.contents().contains(LAST_WORDS))?;
    terminal.press("q")?;
    let (status, _) = terminal.end(PATIENCE)?;
    if status.success() { Ok(time) } else { Err(format!("it ended with {status}").into()) }
}
