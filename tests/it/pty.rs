//! The program in a real pseudo-terminal: keys go in, a screen comes out.
//!
//! Shared with `benches/start.rs`.

use portable_pty::{Child, CommandBuilder, ExitStatus, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// What can go wrong with it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The program running in a terminal.
pub struct Terminal {
    screen: vt100::Parser,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    input: Box<dyn Write + Send>,
    // Closing it would hang up on the program.
    _master: Box<dyn portable_pty::MasterPty + Send>,
    began: Instant,
}

impl Terminal {
    /// Starts the program at `binary` in a terminal of that size.
    pub fn start(
        binary: &str,
        args: &[&str],
        rows: u16,
        columns: u16,
    ) -> Result<Terminal, Failure> {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(binary);
        command.args(args);
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        let output = reader(pair.master.try_clone_reader()?);
        let input = pair.master.take_writer()?;
        let began = Instant::now();
        let child = pair.slave.spawn_command(command)?;
        let screen = vt100::Parser::new(rows, columns, 0);
        Ok(Terminal { screen, child, output, input, _master: pair.master, began })
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) -> Result<(), Failure> {
        self.input.write_all(keys.as_bytes())?;
        self.input.flush()?;
        Ok(())
    }

    /// The number of the process.
    pub fn process(&self) -> Option<u32> {
        self.child.process_id()
    }

    /// Reads until the screen is as `wanted`; how long after the start it was.
    pub fn wait_for(
        &mut self,
        what: &str,
        patience: Duration,
        wanted: impl Fn(&vt100::Screen) -> bool,
    ) -> Result<Duration, Failure> {
        let deadline = Instant::now() + patience;
        loop {
            if wanted(self.screen.screen()) {
                return Ok(self.began.elapsed());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(e) => {
                    let why = match e {
                        RecvTimeoutError::Timeout => "in time",
                        RecvTimeoutError::Disconnected => "before it left",
                    };
                    let shown = self.screen.screen().contents();
                    let process = self.process().unwrap_or_default();
                    let said = format!("{what} of process {process}: not seen {why}");
                    return Err(format!("{said}; the screen:\n{shown}").into());
                }
            }
        }
    }

    /// Waits until the program has left; what it left on the screen.
    pub fn end(mut self, patience: Duration) -> Result<(ExitStatus, vt100::Screen), Failure> {
        let deadline = Instant::now() + patience;
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if Instant::now() >= deadline {
                self.child.kill()?;
                return Err("it did not leave".into());
            }
            self.read_for(Duration::from_millis(20));
        };
        // What it wrote last may still be on its way.
        while self.read_for(Duration::from_millis(200)) {}
        Ok((status, self.screen.screen().clone()))
    }

    /// Whether anything came within that time.
    fn read_for(&mut self, patience: Duration) -> bool {
        match self.output.recv_timeout(patience) {
            Ok(bytes) => {
                self.screen.process(&bytes);
                true
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                // Nobody writes any more: only the end of the process is awaited.
                thread::sleep(patience.min(Duration::from_millis(5)));
                false
            }
        }
    }
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
