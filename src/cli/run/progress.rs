//! How far long runs are: a bar on stderr, if that is a terminal, from the second second on.

use crate::sim::time::Ns;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Shorter runs show nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// The bar of all runs together: simulated time, and how many are done.
pub(super) struct Progress {
    bar: ProgressBar,
    started: Instant,
    shown: Once,
    done: AtomicUsize,
    runs: usize,
}

impl Progress {
    /// For so many runs, which simulate that much in all.
    pub fn new(runs: usize, simulated: Ns) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(simulated), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("[{bar:40}] {percent} %  {msg}  {eta} left")
        {
            bar.set_style(style.progress_chars("=> "));
        }
        let progress =
            Progress { bar, started: Instant::now(), shown: Once::new(), done: 0.into(), runs };
        progress.tell();
        progress
    }

    /// A run went on by so much.
    pub fn moved(&self, by: Ns) {
        self.bar.inc(by);
        if self.started.elapsed() >= PATIENCE {
            // It stays hidden where stderr is no terminal.
            self.shown.call_once(|| self.bar.set_draw_target(ProgressDrawTarget::stderr()));
        }
    }

    /// A run is over.
    pub fn ended(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.tell();
    }

    fn tell(&self) {
        let done = self.done.load(Ordering::Relaxed);
        let runs = if self.runs == 1 { "run" } else { "runs" };
        self.bar.set_message(format!("{done} of {} {runs}", self.runs));
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
