//! brownout's side of the engine bench: W1 and the default cluster, with all observers on.
//!
//! Everything that the bench needs of the program goes through [`Subject`], so that a change of the
//! program's interface is a change of this file only.

use std::time::Duration;

/// A run in progress: world and observers.
pub struct Subject {
    never: std::convert::Infallible,
}

/// Which cluster to run.
#[derive(Clone, Copy, Debug)]
pub enum Load {
    /// `tests/fixtures/w1.cluster.toml`.
    W1 {
        /// `rate`, `instances` and the database's `cores` are multiplied by it.
        scale: u64,
        /// How long users wait; `None` is longer than any run.
        timeout: Option<Duration>,
    },
    /// The cluster that the program starts with.
    Default,
}

/// What a run came to since its warm-up.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// Events handled.
    pub events: u64,
    /// Requests that ended.
    pub requests: u64,
    /// Their mean latency in milliseconds.
    pub mean_ms: f64,
    /// Their median in milliseconds.
    pub p50_ms: f64,
    /// Their 99th percentile in milliseconds.
    pub p99_ms: f64,
}

impl Subject {
    /// A run at simulated time 0, judged from `warmup` on.
    pub fn new(load: Load, warmup: Duration) -> Result<Subject, String> {
        let _ = (load, warmup);
        Err("not connected: benches/subject.rs does not know the engine yet".to_string())
    }

    /// Runs on to that simulated time.
    pub fn advance(&mut self, _until: Duration) -> Result<(), String> {
        match self.never {}
    }

    /// Lets every service stand still, so that requests pile up.
    pub fn pause_services(&mut self) -> Result<(), String> {
        match self.never {}
    }

    /// Requests that have arrived and not ended.
    pub fn in_flight(&self) -> u64 {
        match self.never {}
    }

    /// A copy of world and observers: what going back in time costs.
    pub fn moment(&self) -> Subject {
        match self.never {}
    }

    /// What came out so far.
    pub fn answer(&self) -> Answer {
        match self.never {}
    }
}
