//! brownout's side of the engine bench: W1 and the default cluster, with all observers on.
//!
//! Everything that the bench needs of the program goes through [`Subject`], so that a change of the
//! program's interface is a change of this file only.

use brownout::chaos::Command;
use brownout::playbook::{self, Playbook};
use brownout::session::Session;
use brownout::sim::spec::{Limit, Options};
use brownout::sim::time::Ns;
use std::sync::Arc;
use std::time::Duration;

/// The reference workload; its description is beside it.
const W1: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/w1.toml");

/// The cluster that the program starts with.
const DEFAULT: &str = "food-delivery";

/// The cluster of a million users.
const MILLION: &str = "million-users";

/// Every run has the same seed: what differs between rounds is the machine.
const SEED: u64 = 1;

/// Longer than any run of the bench.
const NO_TIMEOUT: Duration = Duration::from_secs(24 * 3600);

/// A run in progress: world and observers.
pub struct Subject {
    session: Session,
    /// Events before the judged time.
    warmed: u64,
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
    /// A million users.
    Million,
    /// The cluster that the program starts with, whose users try three times.
    Storm,
}

/// What a run came to since its warm-up.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// Events handled.
    pub events: u64,
    /// Requests that arrived.
    pub requests: u64,
    /// Mean latency in milliseconds.
    pub mean_ms: f64,
    /// Median latency in milliseconds.
    pub p50_ms: f64,
    /// 99th percentile in milliseconds.
    pub p99_ms: f64,
}

impl Subject {
    /// A run that has been through its warm-up; what arrives from then on is judged.
    pub fn warm(load: Load, warmup: Duration) -> Result<Subject, String> {
        let mut playbook = open(load)?;
        playbook.warmup = ns(warmup);
        let mut subject = Subject { session: Session::new(&playbook, SEED), warmed: 0 };
        subject.advance(warmup)?;
        subject.warmed = subject.session.events();
        Ok(subject)
    }

    /// Runs on to that simulated time.
    pub fn advance(&mut self, until: Duration) -> Result<(), String> {
        self.session.advance(ns(until)).map_err(|e| format!("{e:?}"))
    }

    /// Does something to it.
    pub fn inject(&mut self, command: &str) -> Result<(), String> {
        let command = Command::parse(command).map_err(|e| e.to_string())?;
        self.session.inject(&command).map(drop).map_err(|e| e.to_string())
    }

    /// Bytes that its world holds for what is going on.
    pub fn bytes(&self) -> u64 {
        self.session.world().bytes_in_flight()
    }

    /// Requests that have arrived and not ended.
    pub fn in_flight(&self) -> u64 {
        self.session.world().in_flight()
    }

    /// A copy of world and observers: what going back in time costs.
    pub fn moment(&self) -> Session {
        self.session.clone()
    }

    /// What came out so far.
    pub fn answer(&self) -> Answer {
        let total = self.session.observers().judged().total;
        let ms = |ns: Option<Ns>| ns.map_or(f64::NAN, |ns| ns as f64 / 1e6);
        Answer {
            events: self.session.events() - self.warmed,
            requests: total.tally.offered,
            mean_ms: ms(total.latency.mean),
            p50_ms: ms(total.latency.p50),
            p99_ms: ms(total.latency.p99),
        }
    }
}

fn ns(time: Duration) -> Ns {
    time.as_nanos() as Ns
}

fn load_file(file: &str) -> Result<Playbook, String> {
    playbook::open(file).map(playbook::Opened::into_playbook).map_err(|e| e.to_string())
}

fn storm() -> Result<Playbook, String> {
    let mut playbook = load_file(DEFAULT)?;
    for component in &mut Arc::make_mut(&mut playbook.cluster).components {
        if let Options::Traffic(traffic) = &mut component.options {
            traffic.attempts = 3;
            traffic.retry_budget = Limit::At(20);
        }
    }
    Ok(playbook)
}

fn open(load: Load) -> Result<Playbook, String> {
    let (scale, timeout) = match load {
        Load::W1 { scale, timeout } => (scale, timeout),
        Load::Default => return load_file(DEFAULT),
        Load::Million => return load_file(MILLION),
        Load::Storm => return storm(),
    };
    let mut playbook = load_file(W1)?;
    for component in &mut Arc::make_mut(&mut playbook.cluster).components {
        match &mut component.options {
            Options::Traffic(traffic) => {
                traffic.rate *= scale as f64;
                traffic.timeout = ns(timeout.unwrap_or(NO_TIMEOUT));
            }
            Options::Service(service) => service.instances *= scale,
            Options::Database(database) => {
                if let Limit::At(cores) = &mut database.cores {
                    *cores *= scale;
                }
            }
            _ => {}
        }
    }
    Ok(playbook)
}
