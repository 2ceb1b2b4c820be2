//! The floors: W1 as a bare event loop, written by hand, with nothing around it.
//!
//! What it has: one binary heap of (time, sequence, kind, request), queues, one random stream, one
//! histogram. What it lacks, and the world has: files, nodes, faults, health checks, real cache
//! entries, streams by purpose, a digest, observers, clones. So the ratio to it is what all that
//! costs.
//!
//! Two graphs: [`Graph::Hops`] is W1 in brownout's terms, with every message a hop of 0.25 ms (9.8
//! events a request; the world adds health checks and has 9.84); [`Graph::Abstract`] is W1 as other
//! engines were measured on it (5.2 events a request).

use hdrhistogram::Histogram;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;

const CACHE_GET: u64 = 500 * MICROSECOND;
const SERVICE_MEAN: f64 = 5e6;
const READ_MEAN: f64 = 10e6;
const HIT_SHARE: f64 = 0.8;
const RATE_PER_S: f64 = 2_000.0;
const SERVERS: usize = 4;
const CORES_OF_A_SERVER: usize = 8;
const CORES_OF_THE_DATABASE: usize = 16;

/// Which messages a request takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Graph {
    /// Every message between two nodes takes 0.25 ms.
    Hops,
    /// 1 ms in, 1 ms out, nothing between.
    Abstract,
}

/// What a run came to.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// Events handled.
    pub events: u64,
    /// Requests answered.
    pub requests: u64,
    /// Their mean latency in milliseconds.
    pub mean_ms: f64,
    /// Their median in milliseconds.
    pub p50_ms: f64,
    /// Their 99th percentile in milliseconds.
    pub p99_ms: f64,
}

/// Runs W1, `scale` times as large, for that many seconds of simulated time and until the last
/// request is answered.
pub fn run(graph: Graph, scale: usize, seconds: u64) -> Answer {
    let mut floor = Floor::new(scale, seconds * SECOND);
    floor.begin();
    while let Some(Reverse((now, _, kind, request))) = floor.agenda.pop() {
        floor.now = now;
        floor.events += 1;
        match graph {
            Graph::Hops => floor.hops(kind, request),
            Graph::Abstract => floor.shortcut(kind, request),
        }
    }
    floor.answer()
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Arrives,
    AtBalancer,
    AtServer,
    Served,
    AtCache,
    LookedUp,
    CacheAnswers,
    AtDatabase,
    WasRead,
    DatabaseAnswers,
    Stored,
    BackAtBalancer,
    Answered,
}

#[derive(Clone, Copy, Default)]
struct Request {
    arrived: u64,
    server: usize,
}

/// Cores and those who wait for one.
struct Pool {
    free: usize,
    waiting: VecDeque<u32>,
}

impl Pool {
    fn new(free: usize) -> Pool {
        Pool { free, waiting: VecDeque::new() }
    }

    /// Whether the request may start now; else it waits.
    fn take(&mut self, request: u32) -> bool {
        if self.free > 0 {
            self.free -= 1;
            return true;
        }
        self.waiting.push_back(request);
        false
    }

    /// Gives a core back: who starts now, if anybody waits.
    fn give_back(&mut self) -> Option<u32> {
        let next = self.waiting.pop_front();
        self.free += usize::from(next.is_none());
        next
    }
}

struct Floor {
    now: u64,
    until: u64,
    gap_mean: f64,
    sequence: u64,
    events: u64,
    agenda: BinaryHeap<Reverse<(u64, u64, Kind, u32)>>,
    random: Xoshiro256PlusPlus,
    requests: Vec<Request>,
    unused: Vec<u32>,
    turn: usize,
    servers: Vec<Pool>,
    database: Pool,
    latencies: Histogram<u64>,
    latency_sum: u128,
}

impl Floor {
    fn new(scale: usize, until: u64) -> Floor {
        let latencies = Histogram::new_with_bounds(1, 3_600_000_000, 3);
        Floor {
            now: 0,
            until,
            gap_mean: 1e9 / (RATE_PER_S * scale as f64),
            sequence: 0,
            events: 0,
            agenda: BinaryHeap::new(),
            random: Xoshiro256PlusPlus::from_seed([42; 32]),
            requests: Vec::new(),
            unused: Vec::new(),
            turn: 0,
            servers: (0..SERVERS * scale).map(|_| Pool::new(CORES_OF_A_SERVER)).collect(),
            database: Pool::new(CORES_OF_THE_DATABASE * scale),
            latencies: latencies.expect("the bounds are legal"),
            latency_sum: 0,
        }
    }

    fn after(&mut self, delay: u64, kind: Kind, request: u32) {
        self.sequence += 1;
        self.agenda.push(Reverse((self.now + delay, self.sequence, kind, request)));
    }

    /// A share drawn from (0, 1].
    fn share(&mut self) -> f64 {
        ((self.random.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    fn exponential(&mut self, mean: f64) -> u64 {
        (-self.share().ln() * mean) as u64
    }

    fn begin(&mut self) {
        let first = self.exponential(self.gap_mean);
        self.after(first, Kind::Arrives, 0);
    }

    /// W1 with every message a hop.
    fn hops(&mut self, kind: Kind, request: u32) {
        const HOP: u64 = 250 * MICROSECOND;
        match kind {
            Kind::Arrives => self.arrive(HOP),
            Kind::AtBalancer => {
                self.choose_server(request);
                self.after(HOP, Kind::AtServer, request);
            }
            Kind::AtServer => self.serve(request),
            Kind::Served => {
                self.served(request);
                self.after(HOP, Kind::AtCache, request);
            }
            Kind::AtCache => self.after(CACHE_GET, Kind::LookedUp, request),
            Kind::LookedUp => self.after(HOP, Kind::CacheAnswers, request),
            Kind::CacheAnswers => {
                let hit = self.share() <= HIT_SHARE;
                let next = if hit { Kind::BackAtBalancer } else { Kind::AtDatabase };
                self.after(HOP, next, request);
            }
            Kind::AtDatabase => self.read(request),
            Kind::WasRead => {
                self.was_read();
                self.after(HOP, Kind::DatabaseAnswers, request);
            }
            Kind::DatabaseAnswers => {
                self.after(HOP, Kind::Stored, request);
                self.after(HOP, Kind::BackAtBalancer, request);
            }
            Kind::Stored => {}
            Kind::BackAtBalancer => self.after(HOP, Kind::Answered, request),
            Kind::Answered => self.end(request),
        }
    }

    /// W1 as other engines were measured on it: from the balancer straight into the server.
    fn shortcut(&mut self, kind: Kind, request: u32) {
        const HOP: u64 = MILLISECOND;
        match kind {
            Kind::Arrives => self.arrive(HOP),
            Kind::AtBalancer => {
                self.choose_server(request);
                self.serve(request);
            }
            Kind::Served => {
                self.served(request);
                self.after(CACHE_GET, Kind::LookedUp, request);
            }
            Kind::LookedUp if self.share() <= HIT_SHARE => {
                self.after(HOP, Kind::Answered, request);
            }
            Kind::LookedUp => self.read(request),
            Kind::WasRead => {
                self.was_read();
                self.after(HOP, Kind::Answered, request);
            }
            _ => self.end(request),
        }
    }

    fn arrive(&mut self, hop: u64) {
        if self.now >= self.until {
            return;
        }
        let request = self.unused.pop().unwrap_or_else(|| {
            self.requests.push(Request::default());
            self.requests.len() as u32 - 1
        });
        self.requests[request as usize].arrived = self.now;
        self.after(hop, Kind::AtBalancer, request);
        let gap = self.exponential(self.gap_mean);
        self.after(gap, Kind::Arrives, 0);
    }

    fn choose_server(&mut self, request: u32) {
        self.requests[request as usize].server = self.turn;
        self.turn = if self.turn + 1 == self.servers.len() { 0 } else { self.turn + 1 };
    }

    fn serve(&mut self, request: u32) {
        if self.servers[self.requests[request as usize].server].take(request) {
            self.work(request);
        }
    }

    fn served(&mut self, request: u32) {
        if let Some(next) = self.servers[self.requests[request as usize].server].give_back() {
            self.work(next);
        }
    }

    fn work(&mut self, request: u32) {
        let work = self.exponential(SERVICE_MEAN);
        self.after(work, Kind::Served, request);
    }

    fn read(&mut self, request: u32) {
        if self.database.take(request) {
            self.work_of_read(request);
        }
    }

    fn was_read(&mut self) {
        if let Some(next) = self.database.give_back() {
            self.work_of_read(next);
        }
    }

    fn work_of_read(&mut self, request: u32) {
        let work = self.exponential(READ_MEAN);
        self.after(work, Kind::WasRead, request);
    }

    fn end(&mut self, request: u32) {
        let latency = self.now - self.requests[request as usize].arrived;
        self.latencies.saturating_record(latency / MICROSECOND);
        self.latency_sum += u128::from(latency);
        self.unused.push(request);
    }

    fn answer(&self) -> Answer {
        let requests = self.latencies.len();
        let ms = |quantile| self.latencies.value_at_quantile(quantile) as f64 / 1e3;
        Answer {
            events: self.events,
            requests,
            mean_ms: self.latency_sum as f64 / requests as f64 / 1e6,
            p50_ms: ms(0.5),
            p99_ms: ms(0.99),
        }
    }
}
