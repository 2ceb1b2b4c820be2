//! What is read off the world's nodes at every tick: utilisation, depths, states.

use super::rolling::Integral;
use super::samples::Sums;
use super::tally::share;
use super::where_time::Waited;
use super::{SMOOTHING, TICK};
use crate::sim::World;
use crate::sim::id::NodeId;
use crate::sim::observation::NodeState;
use crate::sim::reading::{NodeReading, PartReading, ResourceReading};
use crate::sim::time::Ns;

/// What became of the messages of a broker, and how long they wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueGauge {
    /// Messages that were given out again, over the whole run.
    pub redelivered: u64,
    /// Messages put aside, and there now.
    pub dead_letters: u64,
    /// Messages lost or dropped, over the whole run.
    pub lost: u64,
    /// Age of the oldest message that waits; 0 if none does.
    pub age: Ns,
    /// The most that it was at any tick of the judged time.
    pub age_max: Ns,
}

impl QueueGauge {
    fn read(&mut self, now: Ns, part: &PartReading, judged: bool) {
        let PartReading::Queue { redelivered, dead_letters, lost, oldest, .. } = *part else {
            return;
        };
        (self.redelivered, self.dead_letters, self.lost) = (redelivered, dead_letters, lost);
        self.age = oldest.map_or(0, |since| now.saturating_sub(since));
        self.age_max = self.age_max.max(if judged { self.age } else { 0 });
    }

    /// Adds what became of the messages of another broker.
    pub fn add(&mut self, other: &QueueGauge) {
        self.redelivered += other.redelivered;
        self.dead_letters += other.dead_letters;
        self.lost += other.lost;
        self.age = self.age.max(other.age);
        self.age_max = self.age_max.max(other.age_max);
    }
}

/// A node as it was at the last tick, and over the judged time.
#[derive(Clone, Copy, Debug)]
pub struct Gauge {
    /// Its state.
    pub state: NodeState,
    /// Share of its cores busy, smoothed; 0 where they are unlimited or there are none.
    pub utilisation: f64,
    /// Integral of its busy cores.
    pub busy_ns: u64,
    /// How many cores it has; 0 where they are unlimited or there are none.
    pub cores: u32,
    /// Messages ever published there.
    pub published: u64,
    /// Requests that it holds: threads in use, or what is in progress where there are none.
    pub held: u64,
    /// Those who wait there, for cores, threads or connections, or as messages (in hand, too).
    pub depth: u64,
    /// The most that `depth` was at any tick of the judged time.
    pub depth_max: u64,
    /// Integrals of those who wait for its resources, and at the beginning of the judged time.
    waited: Waited,
    judged_from: Waited,
    /// What ticks have added up since the start.
    pub sums: Sums,
    /// What became of its messages; all 0 of what is no broker.
    pub queue: QueueGauge,
    /// Busy cores over the judged time.
    judged_busy_ns: u64,
    /// Cores that there were over the judged time while the process was up.
    judged_cores_ns: u64,
    /// Ticks of the judged time, and those at which the process was up.
    judged_ticks: u64,
    judged_up: u64,
}

impl Gauge {
    fn new(reading: &NodeReading, waited: Waited) -> Gauge {
        Gauge {
            state: reading.state,
            utilisation: 0.0,
            busy_ns: reading.cores.busy_ns,
            cores: limited(&reading.cores).unwrap_or(0),
            published: published(reading),
            held: held(reading),
            depth: depth(reading),
            depth_max: 0,
            waited,
            judged_from: waited,
            sums: Sums::default(),
            queue: QueueGauge::default(),
            judged_busy_ns: 0,
            judged_cores_ns: 0,
            judged_ticks: 0,
            judged_up: 0,
        }
    }

    /// Takes a reading, a tick after the last.
    fn read(&mut self, now: Ns, reading: &NodeReading, waited: Waited, judged: bool) {
        if !judged {
            self.judged_from = waited;
        }
        self.waited = waited;
        let busy_ns = reading.cores.busy_ns.saturating_sub(self.busy_ns);
        self.cores = limited(&reading.cores).unwrap_or(0);
        let cores_ns = u64::from(self.cores) * TICK;
        let used = if cores_ns > 0 { busy_ns as f64 / cores_ns as f64 } else { 0.0 };
        self.utilisation += (used.min(1.0) - self.utilisation) * SMOOTHING;
        self.state = reading.state;
        self.busy_ns = reading.cores.busy_ns;
        self.published = published(reading);
        self.held = held(reading);
        self.depth = depth(reading);
        self.sums.read(now, reading, busy_ns, self.depth);
        self.queue.read(now, &reading.part, judged);
        self.judged_ticks += u64::from(judged);
        if judged && self.state != NodeState::Absent {
            self.depth_max = self.depth_max.max(self.depth);
            // Cores that were taken away while they worked are still theirs who work.
            if reading.state == NodeState::Up {
                self.judged_up += 1;
                self.judged_busy_ns += busy_ns.min(cores_ns);
                self.judged_cores_ns += cores_ns;
            }
        }
    }

    /// Share of the judged time in which the process was up, as seen at ticks; `None` before it.
    #[must_use]
    pub fn up(&self) -> Option<f64> {
        share(self.judged_up, self.judged_ticks)
    }

    /// Integrals of those who waited for its resources, over the judged time.
    #[must_use]
    pub fn judged_waited(&self) -> Waited {
        std::array::from_fn(|i| self.waited[i].saturating_sub(self.judged_from[i]))
    }

    /// What the world has integrated there.
    #[must_use]
    pub fn integral(&self) -> Integral {
        let (busy_ns, published) = (self.busy_ns, self.published);
        let QueueGauge { redelivered, dead_letters, lost, .. } = self.queue;
        let (depth, waited) = (self.depth, self.waited);
        Integral { busy_ns, published, redelivered, dead_letters, lost, depth, waited }
    }

    /// Busy cores and cores over the judged time, in core-nanoseconds.
    #[must_use]
    pub fn judged(&self) -> (u64, u64) {
        (self.judged_busy_ns, self.judged_cores_ns)
    }
}

/// How many there are, `None` if unlimited.
#[must_use]
pub fn limited(resource: &ResourceReading) -> Option<u32> {
    (resource.capacity < u32::MAX).then_some(resource.capacity)
}

fn published(reading: &NodeReading) -> u64 {
    match reading.part {
        PartReading::Queue { published, .. } => published,
        _ => 0,
    }
}

fn held(reading: &NodeReading) -> u64 {
    match reading.threads.capacity {
        0 => u64::from(reading.in_flight),
        _ => u64::from(reading.threads.used),
    }
}

fn depth(reading: &NodeReading) -> u64 {
    match reading.part {
        PartReading::Queue { waiting, in_hand, .. } => waiting + in_hand,
        _ => [reading.cores, reading.threads, reading.connections]
            .iter()
            .map(|r| u64::from(r.queued))
            .sum(),
    }
}

/// All nodes.
#[derive(Clone, Debug, Default)]
pub struct Gauges {
    nodes: Vec<Gauge>,
}

impl Gauges {
    /// The first readings.
    #[must_use]
    pub fn new(world: &World) -> Gauges {
        let nodes = 0..world.topology().nodes.len() as u16;
        let gauge = |n| Gauge::new(&world.node(n), world.waited(n));
        Gauges { nodes: nodes.map(NodeId).map(gauge).collect() }
    }

    /// Reads every node, and shows each reading to `see`.
    pub fn read(&mut self, world: &World, judged: bool, mut see: impl FnMut(NodeId, &NodeReading)) {
        for (n, gauge) in self.nodes.iter_mut().enumerate() {
            let node = NodeId(n as u16);
            let reading = world.node(node);
            gauge.read(world.now(), &reading, world.waited(node), judged);
            see(node, &reading);
        }
    }

    /// A node.
    #[must_use]
    pub fn node(&self, node: NodeId) -> &Gauge {
        &self.nodes[node.index()]
    }

    /// All nodes, in order.
    #[must_use]
    pub fn all(&self) -> &[Gauge] {
        &self.nodes
    }
}
