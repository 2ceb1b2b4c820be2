//! How long a person waits: from the start of the process to the first frame, in a real
//! pseudo-terminal of 120x40.
//!
//! `cargo bench --bench start -- [--quick] [--check]`. The first frame is there when the terminal
//! shows the words of the footer. Target: at most 100 ms.

mod support;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};
use support::{Options, Report, Samples};

const SIZE: PtySize = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };

/// What only a whole frame shows: the last word of the footer's second row.
const LAST_WORDS: &str = ": all";

/// A start that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    support::bench(measure)
}

fn measure(options: &Options, report: &mut Report) {
    let mut samples = Samples::default();
    let mut failed = None;
    for _ in 0..options.rounds(20) {
        match start() {
            Ok(time) => samples.push(time),
            Err(e) => failed = Some(e),
        }
    }
    if let Some(why) = failed {
        return report.missing("start to first frame", &why.to_string());
    }
    let beside = format!("{:.1} ms", samples.median() * 1e3);
    report.judge("start to first frame", "ms", samples.min() * 1e3, 100.0, &beside);
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Starts the program, waits for its first frame, and quits it.
fn start() -> Result<Duration, Failure> {
    let pair = native_pty_system().openpty(SIZE)?;
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_brownout"));
    command.env("TERM", "xterm-256color");
    let output = reader(pair.master.try_clone_reader()?);
    let mut input = pair.master.take_writer()?;
    let began = Instant::now();
    let mut child = pair.slave.spawn_command(command)?;
    drop(pair.slave);
    let shown = until_shown(&output, began);
    if shown.is_ok() {
        input.write_all(b"q")?;
    } else {
        child.kill()?;
    }
    let status = child.wait()?;
    let time = shown?;
    if status.success() { Ok(time) } else { Err(format!("it ended with {status}").into()) }
}

/// Reads on a thread of its own, for a pseudo-terminal cannot be read with a time limit.
fn reader(mut from: Box<dyn Read + Send>) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    thread::spawn(move || {
        let mut buffer = vec![0; 65_536];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            if send.send(buffer[..read].to_vec()).is_err() {
                return;
            }
        }
    });
    receive
}

fn until_shown(output: &Receiver<Vec<u8>>, began: Instant) -> Result<Duration, Failure> {
    let mut screen = vt100::Parser::new(SIZE.rows, SIZE.cols, 0);
    while let Some(left) = PATIENCE.checked_sub(began.elapsed()) {
        let bytes = output.recv_timeout(left)?;
        let arrived = began.elapsed();
        screen.process(&bytes);
        if screen.screen().contents().contains(LAST_WORDS) {
            return Ok(arrived);
        }
    }
    Err(format!("nothing shown within {PATIENCE:?}").into())
}
