//! One station with Poisson arrivals: M/M/1, M/M/c, M/G/1, M/M/c/K.
//!
//! The cluster is one server and a network without latency, so that the time from arrival to answer
//! is the time in the system.

use super::estimate::over_seeds;
use super::world;
use crate::support::OneServer;
use brownout::sim::id::ClassId;
use brownout::sim::observation::{Called, Ended, Observer, Outcome};
use brownout::sim::time::{Ns, SECOND, seconds};

/// The mean work of a request, in seconds.
const WORK: f64 = 0.010;

/// Requests that a run measures.
const REQUESTS: u64 = 40_000;

/// A server and the load on it.
struct Station {
    cores: u64,
    threads: String,
    backlog: String,
    rate: u64,
    work: &'static str,
}

impl Station {
    /// A server with room for all who wait.
    fn open(cores: u64, rate: u64, work: &'static str) -> Station {
        let unlimited = || "\"unlimited\"".to_owned();
        Station { cores, threads: unlimited(), backlog: unlimited(), rate, work }
    }

    fn cluster(&self) -> String {
        let text = OneServer {
            network: "same_zone = \"0s\"",
            traffic: &format!("rate = \"{}/s\"\ntimeout = \"1000s\"", self.rate),
            step: &format!("cpu {}", self.work),
            server: &format!(
                "cores = {}\nthreads = {}\nbacklog = {}",
                self.cores, self.threads, self.backlog
            ),
        }
        .text();
        format!("name = \"station\"\n{text}")
    }

    /// Runs it, and tells what was measured after the first tenth.
    fn run(&self, seed: u64) -> Measured {
        let length = REQUESTS * SECOND / self.rate;
        let mut world = world(&self.cluster(), seed);
        let server = world.topology().node("web").expect("there is a server");
        let mut heard = Seen { from: length / 10, until: length + length / 10, ..Seen::default() };
        world.advance(heard.from, &mut heard).expect("goes on");
        let before = world.cores(server);
        world.advance(heard.until, &mut heard).expect("goes on");
        let after = world.cores(server);
        world.advance(heard.until + 20 * SECOND, &mut heard).expect("goes on");
        assert_eq!(heard.answered + heard.refused, heard.offered, "all have ended");
        assert_eq!(heard.strange, 0, "nothing else happens here");
        let answered = heard.answered as f64;
        Measured {
            sojourn: seconds(heard.inside_ns) / answered,
            wait: seconds(heard.wait_ns) / answered,
            waited: heard.waited as f64 / answered,
            refused: heard.refused as f64 / heard.offered as f64,
            busy: seconds(after.busy_ns - before.busy_ns) / seconds(length) / self.cores as f64,
            queued: seconds(after.queued_ns - before.queued_ns) / seconds(length),
        }
    }
}

/// What a run shows.
struct Measured {
    /// Mean time in the system, in seconds.
    sojourn: f64,
    /// Mean wait for a core or a thread, in seconds.
    wait: f64,
    /// Share of requests that waited at all.
    waited: f64,
    /// Share of requests that were refused for want of room.
    refused: f64,
    /// Utilisation of the cores.
    busy: f64,
    /// Mean number of those who wait for a core.
    queued: f64,
}

/// Requests that arrive in the measured time.
#[derive(Default)]
struct Seen {
    from: Ns,
    until: Ns,
    offered: u64,
    answered: u64,
    refused: u64,
    waited: u64,
    strange: u64,
    inside_ns: u64,
    wait_ns: u64,
}

impl Seen {
    fn means(&self, arrived: Ns) -> bool {
        (self.from..self.until).contains(&arrived)
    }
}

impl Observer for Seen {
    fn arrived(&mut self, at: Ns, _class: ClassId) {
        self.offered += u64::from(self.means(at));
    }

    fn ended(&mut self, at: Ns, ended: Ended) {
        if self.means(ended.arrived) {
            match ended.outcome {
                Outcome::Ok => {
                    self.answered += 1;
                    self.inside_ns += at - ended.arrived;
                }
                Outcome::Overloaded => self.refused += 1,
                _ => self.strange += 1,
            }
        }
    }

    fn called(&mut self, at: Ns, called: Called) {
        if self.means(at - called.took) {
            self.waited += u64::from(called.wait > 0);
            self.wait_ns += called.wait;
        }
    }
}

/// M/M/1 (Kleinrock, "Queueing Systems", volume 1, 1975, section 3.2): time in system S / (1 - ρ),
/// utilisation ρ, which is also the probability of waiting, since Poisson arrivals see time averages
/// (Wolff, 1982).
#[test]
fn one_core_is_m_m_1() {
    for (rate, within) in [(30, 0.03), (60, 0.05), (80, 0.10)] {
        let load = rate as f64 * WORK;
        let station = Station::open(1, rate, "exp(10ms)");
        let [sojourn, waited, busy, queued] = over_seeds(|seed| {
            let m = station.run(seed);
            [m.sojourn, m.waited, m.busy, m.queued]
        });
        sojourn.agrees(&format!("M/M/1 at {load}: s in system"), WORK / (1.0 - load), within);
        waited.agrees(&format!("M/M/1 at {load}: probability of waiting"), load, 0.03);
        busy.agrees(&format!("M/M/1 at {load}: utilisation"), load, 0.02);
        let waiting = load * load / (1.0 - load);
        queued.agrees(&format!("M/M/1 at {load}: mean number waiting"), waiting, 0.15);
    }
}

/// Erlang's loss formula B(c, a) (Erlang, 1917), by its recursion.
fn erlang_b(servers: u64, offered: f64) -> f64 {
    (1..=servers).fold(1.0, |b, k| offered * b / (k as f64 + offered * b))
}

/// Erlang's delay formula C(c, a) (Erlang, 1917; Kleinrock 1975, section 3.5).
fn erlang_c(servers: u64, offered: f64) -> f64 {
    let b = erlang_b(servers, offered);
    let load = offered / servers as f64;
    b / (1.0 - load * (1.0 - b))
}

#[test]
fn formulas_give_the_values_of_the_tables() {
    // Two servers, one erlang: B = 1/5, C = 1/3.
    assert!((erlang_b(2, 1.0) - 0.2).abs() < 1e-12);
    assert!((erlang_c(2, 1.0) - 1.0 / 3.0).abs() < 1e-12);
    assert!((loss(4, 4, 3.0) - erlang_b(4, 3.0)).abs() < 1e-12);
    assert!((loss(1, 2, 1.0) - 1.0 / 3.0).abs() < 1e-12, "three states, all alike");
}

/// M/M/c: the probability of waiting is Erlang's C, the mean wait C · S / (c (1 - ρ)).
#[test]
fn several_cores_are_m_m_c() {
    for (cores, rate, within) in [(2, 120, 0.08), (4, 320, 0.16), (16, 1360, 0.25)] {
        let offered = rate as f64 * WORK;
        let load = offered / cores as f64;
        let station = Station::open(cores, rate, "exp(10ms)");
        let [waited, wait, busy] = over_seeds(|seed| {
            let m = station.run(seed);
            [m.waited, m.wait, m.busy]
        });
        let c = erlang_c(cores, offered);
        waited.agrees(&format!("M/M/{cores} at {load}: probability of waiting"), c, 0.08);
        let mean = c * WORK / (cores as f64 * (1.0 - load));
        wait.agrees(&format!("M/M/{cores} at {load}: s of waiting"), mean, within);
        busy.agrees(&format!("M/M/{cores} at {load}: utilisation"), load, 0.02);
    }
}

/// M/G/1: mean wait λ E\[S²\] / (2 (1 - ρ)) (Pollaczek 1930, Khinchine 1932; Kleinrock 1975, section
/// 5.6). Constant work (M/D/1) waits half as long as exponential.
#[test]
fn other_work_is_as_pollaczek_and_khinchine_say() {
    let spread = WORK * WORK;
    for (work, second_moment) in [
        ("10ms", spread),
        // E[S²] of a uniform law on [0, 2m] is 4/3 m².
        ("uniform(0ms, 20ms)", spread * 4.0 / 3.0),
    ] {
        for (rate, within) in [(50, 0.04), (80, 0.08)] {
            let load = rate as f64 * WORK;
            let station = Station::open(1, rate, work);
            let [wait] = over_seeds(|seed| [station.run(seed).wait]);
            let mean = rate as f64 * second_moment / (2.0 * (1.0 - load));
            wait.agrees(&format!("M/G/1, {work}, at {load}: s of waiting"), mean, within);
        }
    }
}

/// The share of arrivals that find M/M/c/K full (Kleinrock 1975, section 3.6): the weight of state K,
/// where state n weighs a^n / n! up to c and a factor a / c more for each further one. For K = c it
/// is Erlang's B.
fn loss(servers: u64, room: u64, offered: f64) -> f64 {
    let mut weight = 1.0;
    let mut sum = 1.0;
    for n in 1..=room {
        weight *= offered / n.min(servers) as f64;
        sum += weight;
    }
    weight / sum
}

/// A server takes as many as it has threads and room in the backlog; more are `overloaded`.
#[test]
fn threads_and_backlog_are_m_m_c_k() {
    for (cores, threads, backlog, rate, within) in
        [(4, 4, 0, 400, 0.04), (4, 8, 4, 400, 0.08), (1, 3, 2, 90, 0.08), (2, 2, 8, 300, 0.04)]
    {
        let offered = rate as f64 * WORK;
        let station = Station {
            threads: threads.to_string(),
            backlog: backlog.to_string(),
            ..Station::open(cores, rate, "exp(10ms)")
        };
        let [refused, busy] = over_seeds(|seed| {
            let m = station.run(seed);
            [m.refused, m.busy]
        });
        let room = threads + backlog;
        let lost = loss(cores, room, offered);
        let name = format!("M/M/{cores}/{room} ({threads} threads), {offered} erlang");
        refused.agrees(&format!("{name}: share refused"), lost, within);
        let load = offered * (1.0 - lost) / cores as f64;
        busy.agrees(&format!("{name}: utilisation"), load, 0.02);
    }
}
