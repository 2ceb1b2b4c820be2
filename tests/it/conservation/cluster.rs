//! Random clusters, and random things to do to them.

use brownout::chaos::Command;
use brownout::chaos::verb::VERBS;
use brownout::sim::World;
use brownout::sim::observation::NodeState;
use brownout::sim::spec::{Kind, Options, Row};
use brownout::sim::time::{MILLISECOND, Ns};
use proptest::prelude::*;
use std::fmt::Write;

/// What a random cluster is made of. Its limits are small, so that all of them are met.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Servers of each service, 1 to 3 services, each of which calls the next.
    services: Vec<u8>,
    balanced: [bool; 3],
    zones: u8,
    /// Replicas of the database, if there is one; a second one has none.
    databases: Vec<u8>,
    rules: Rules,
    /// Watchers, and whether they fence.
    failover: Option<(u8, bool)>,
    cached: bool,
    queue: Option<Broker>,
    cores: u8,
    threads: u8,
    backlog: u8,
    pool: u8,
    rate: u16,
    timeout_ms: u16,
    call_timeout_ms: u16,
    attempts: u8,
    boot_ms: u16,
    work_ms: u8,
    latency_us: u16,
}

/// How the databases treat writes and reads: words of `ack`, `reads_from` and `prefer`, `degrade`,
/// `read_your_writes`.
type Rules = (&'static str, &'static str, &'static str, bool, bool);

fn rules() -> impl Strategy<Value = Rules> {
    let word = |words: &[&'static str]| prop::sample::select(words.to_vec());
    (
        word(&["async", "semi", "sync", "quorum"]),
        word(&["primary", "primary", "replica", "any"]),
        word(&["consistency", "availability"]),
        any::<bool>(),
        any::<bool>(),
    )
}

/// A queue and its workers.
#[derive(Clone, Debug)]
struct Broker {
    workers: u8,
    threads: u8,
    durable: bool,
    limit: u8,
    visibility_ms: u16,
    attempts: u8,
    writes: bool,
}

fn broker() -> impl Strategy<Value = Broker> {
    (1..=3u8, 1..=4u8, any::<bool>(), 1..60u8, 20..2000u16, 1..4u8, any::<bool>()).prop_map(
        |(workers, threads, durable, limit, visibility_ms, attempts, writes)| Broker {
            workers,
            threads,
            durable,
            limit,
            visibility_ms,
            attempts,
            writes,
        },
    )
}

/// All shapes.
pub fn shape() -> impl Strategy<Value = Shape> {
    let parts = (
        prop::collection::vec(1..=3u8, 1..=3),
        any::<[bool; 3]>(),
        1..=3u8,
        prop::collection::vec(0..=3u8, 0..=2),
        prop::option::weighted(0.7, (1..=3u8, any::<bool>())),
        any::<bool>(),
        prop::option::of(broker()),
    );
    let sizes = (1..=3u8, 1..=16u8, 0..=6u8, 1..=4u8, 20..250u16, rules());
    // A call that may not take as long as a new connection and a write would fail for ever.
    let times = (20..800u16, 25..400u16, 1..=3u8, 0..600u16, 0..12u8, 1..900u16);
    (parts, sizes, times).prop_map(|(parts, sizes, times)| {
        let (services, balanced, zones, databases, failover, cached, queue) = parts;
        let (cores, threads, backlog, pool, rate, rules) = sizes;
        let (timeout_ms, call_timeout_ms, attempts, boot_ms, work_ms, latency_us) = times;
        Shape {
            services,
            balanced,
            zones,
            databases,
            rules,
            failover,
            cached,
            queue,
            cores,
            threads,
            backlog,
            pool,
            rate,
            timeout_ms,
            call_timeout_ms,
            attempts,
            boot_ms,
            work_ms,
            latency_us,
        }
    })
}

const SERVICES: [&str; 3] = ["web", "mid", "back"];

impl Shape {
    /// The cluster as a file.
    pub fn text(&self) -> String {
        let mut t = format!(
            "name = \"random\"\n[network]\nsame_zone = \"{}us\"\nsame_region = \"{}us\"\nrto = \"50ms\"\n",
            self.latency_us,
            2 * u32::from(self.latency_us)
        );
        if self.rate.is_multiple_of(4) {
            t.push_str("bandwidth = \"5MB/s\"\n");
        }
        for zone in 0..self.zones {
            let _ = writeln!(t, "[zone.z{zone}]");
        }
        let _ = writeln!(
            t,
            "[traffic.users]\nto = \"{}\"\nrate = \"{}/s\"\ntimeout = \"{}ms\"\nattempts = {}\nbackoff = \"20ms\"",
            self.entry(0),
            self.rate,
            self.timeout_ms,
            self.attempts
        );
        if self.rate.is_multiple_of(3) {
            let deadline = self.timeout_ms / 2 + 1;
            let _ = writeln!(t, "deadline = \"{deadline}ms\"\npropagate = true");
        }
        self.classes(&mut t);
        for i in 0..self.services.len() {
            self.service(i, &mut t);
        }
        self.data(&mut t);
        if let Some(broker) = &self.queue {
            self.broker(broker, &mut t);
        }
        t
    }

    fn entry(&self, i: usize) -> String {
        let name = SERVICES[i];
        if self.balanced[i] { format!("to-{name}") } else { name.to_owned() }
    }

    fn zones(&self) -> String {
        let names: Vec<String> = (0..self.zones).map(|z| format!("\"z{z}\"")).collect();
        format!("zones = [{}]", names.join(", "))
    }

    /// A class that reads and one that writes; the first service does all of their steps.
    fn classes(&self, t: &mut String) {
        let mut look = vec![format!("cpu exp({}ms)", self.work_ms)];
        let mut order = vec!["cpu 1ms".to_owned()];
        if self.services.len() > 1 {
            look.push(format!("call {}", self.entry(1)));
        }
        if !self.databases.is_empty() {
            look.push(if self.cached { "read rows" } else { "read db0" }.to_owned());
            order.push("write db0 keys=look".to_owned());
            order.push(format!("write db{}", self.databases.len() - 1));
        }
        if self.queue.is_some() {
            order.push("publish jobs".to_owned());
        }
        for (name, share, steps) in [("look", 60, look), ("order", 40, order)] {
            let steps: Vec<String> = steps.iter().map(|s| format!("\"{s}\"")).collect();
            let _ = writeln!(
                t,
                "[request.{name}]\nshare = \"{share}%\"\nkeys = {{ count = 50, zipf = 0.9 }}\nsteps = [{}]",
                steps.join(", ")
            );
        }
    }

    fn service(&self, i: usize, t: &mut String) {
        let name = SERVICES[i];
        if self.balanced[i] {
            let _ = writeln!(
                t,
                "[balancer.to-{name}]\nto = \"{name}\"\npolicy = \"{}\"\ncall_timeout = \"{}ms\"\nboot = \"{}ms\"\nhealth = {{ every = \"150ms\", timeout = \"40ms\", fall = 2, rise = 1 }}",
                if i.is_multiple_of(2) { "least_connections" } else { "round_robin" },
                self.call_timeout_ms,
                self.boot_ms
            );
        }
        let _ = writeln!(
            t,
            "[service.{name}]\nmemory = \"{}\"\nmemory_leak = \"{}kB\"\ncancel = {}\ninstances = {}\ncores = {}\nthreads = {}\nbacklog = {}\ncall_timeout = \"{}ms\"\nboot = \"{}ms\"\ndiscover = \"60ms\"\n{}",
            if self.rate.is_multiple_of(5) { "212MB" } else { "unlimited" },
            self.rate % 7 * 10,
            self.timeout_ms.is_multiple_of(2),
            self.services[i],
            self.cores,
            self.threads,
            self.backlog,
            self.call_timeout_ms,
            self.boot_ms,
            self.zones()
        );
        if i > 0 {
            let mut steps = vec!["\"cpu exp(2ms)\"".to_owned()];
            if i + 1 < self.services.len() {
                steps.push(format!("\"call {}\"", self.entry(i + 1)));
            }
            if !self.databases.is_empty() {
                steps.push("\"read db0\"".to_owned());
            }
            let _ = writeln!(t, "steps = [{}]", steps.join(", "));
        }
    }

    fn data(&self, t: &mut String) {
        let (ack, reads_from, prefer, degrade, own) = self.rules;
        // So short that who was away for a while gets a snapshot.
        let keep = if self.rate.is_multiple_of(2) { 1 } else { 65_536 };
        for (i, &replicas) in self.databases.iter().enumerate() {
            // Workers would try for ever to write where no replica can ever confirm.
            let ack = if i == 0 && replicas == 0 { "quorum" } else { ack };
            let _ = writeln!(
                t,
                "[database.db{i}]\nreplicas = {}\nread = \"exp(3ms)\"\nwrite = \"4ms\"\napply = \"1ms\"\nconnect = \"1ms\"\ncores = {}\nconnections = {}\npool = {}\nboot = \"{}ms\"\nack = \"{ack}\"\nreads_from = \"{reads_from}\"\nprefer = \"{prefer}\"\ndegrade = {degrade}\nread_your_writes = {own}\nkeep = {keep}\ncopy = \"2ms\"\n{}",
                if i == 0 { replicas } else { 0 },
                self.cores,
                self.pool + 1,
                self.pool,
                self.boot_ms,
                self.zones()
            );
        }
        if self.databases.is_empty() {
            return;
        }
        if self.cached {
            let _ = writeln!(
                t,
                "[cache.rows]\nof = \"db0\"\ncapacity = 20\nttl = \"500ms\"\ncall_timeout = \"15ms\"\nboot = \"{}ms\"",
                self.boot_ms
            );
        }
        if let Some((watchers, fencing)) = self.failover {
            let _ = writeln!(
                t,
                "[failover.keeper]\nof = \"db0\"\nwatchers = {watchers}\nevery = \"200ms\"\nmisses = 2\npromote = \"100ms\"\nfencing = {fencing}\nboot = \"{}ms\"\n{}",
                self.boot_ms,
                self.zones()
            );
        }
    }

    fn broker(&self, b: &Broker, t: &mut String) {
        let _ = writeln!(
            t,
            "[queue.jobs]\nlimit = {}\ndurable = {}\nvisibility = \"{}ms\"\nattempts = {}\nboot = \"{}ms\"",
            b.limit, b.durable, b.visibility_ms, b.attempts, self.boot_ms
        );
        let write = if b.writes && !self.databases.is_empty() { ", \"write db0\"" } else { "" };
        let _ = writeln!(
            t,
            "[workers.hands]\nfrom = \"jobs\"\ninstances = {}\nthreads = {}\nretry = \"70ms\"\ndiscover = \"60ms\"\ncall_timeout = \"{}ms\"\nboot = \"{}ms\"\nsteps = [\"cpu exp(8ms)\"{write}]",
            b.workers, b.threads, self.call_timeout_ms, self.boot_ms
        );
    }
}

/// Something that is done: genes from which a command is made, as far as the world has what it takes.
#[derive(Clone, Debug)]
pub struct Deed {
    pub at: Ns,
    verb: u8,
    who: u16,
    whom: u16,
    value: u8,
    length_ms: Option<u16>,
}

/// Deeds in order of time.
pub fn deeds(most: usize, until: Ns) -> impl Strategy<Value = Vec<Deed>> {
    let length = prop::option::of(prop_oneof![Just(0u16), 1..1500u16]);
    let deed =
        (0..until / MILLISECOND, any::<u8>(), any::<u16>(), any::<u16>(), any::<u8>(), length);
    let deed = deed.prop_map(|(at, verb, who, whom, value, length_ms)| Deed {
        at: at * MILLISECOND,
        verb,
        who,
        whom,
        value,
        length_ms,
    });
    prop::collection::vec(deed, 0..=most).prop_map(|mut deeds| {
        deeds.sort_by_key(|deed| deed.at);
        deeds
    })
}

/// The verbs that deeds are made of: all that act on a world.
pub fn verbs() -> Vec<&'static str> {
    VERBS.iter().filter(|v| v.bind.is_some()).map(|v| v.name).collect()
}

impl Deed {
    /// The command; `None` if this cluster has nothing that it could be about.
    pub fn command(&self, world: &World) -> Option<Command> {
        let verbs = verbs();
        let verb = verbs[usize::from(self.verb) % verbs.len()];
        let text = self.text(verb, world)?;
        let command = Command::parse(&text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let lasts = VERBS.iter().any(|v| v.name == verb && v.lasts);
        let length = self.length_ms.filter(|_| lasts).map(|ms| u64::from(ms) * MILLISECOND);
        Some(command.with_length(length))
    }

    fn text(&self, verb: &str, world: &World) -> Option<String> {
        let topology = world.topology();
        let servers: Vec<&str> = topology
            .components
            .iter()
            .filter(|c| c.kind != "traffic")
            .flat_map(brownout::sim::topology::ComponentInfo::nodes)
            .map(|n| topology.nodes[n.index()].name.as_str())
            .collect();
        let pick = |gene: u16| servers[usize::from(gene) % servers.len()];
        // One of those that are in that state, or any: then it changes nothing.
        let in_state = |state| {
            let is = |name: &&&str| {
                topology.node(name).is_some_and(|node| world.node(node).state == state)
            };
            let there: Vec<&str> = servers.iter().filter(is).copied().collect();
            if there.is_empty() {
                pick(self.who)
            } else {
                there[usize::from(self.who) % there.len()]
            }
        };
        let of_kind = |kinds: &[&str]| {
            let all: Vec<&str> = topology
                .components
                .iter()
                .filter(|c| kinds.contains(&c.kind))
                .map(|c| c.name.as_str())
                .collect();
            (!all.is_empty()).then(|| all[usize::from(self.who) % all.len()].to_owned())
        };
        Some(match verb {
            "resume" => format!("resume {}", in_state(NodeState::Paused)),
            "power_on" => format!("power_on {}", in_state(NodeState::Off)),
            "crash" | "restart" | "pause" | "power_off" => format!("{verb} {}", pick(self.who)),
            "error" => format!("error {} p={}%", pick(self.who), 1 + self.value % 100),
            "slow" => format!("slow {} factor={}", pick(self.who), 1 + self.value % 20),
            "cut" | "delay" | "lose" => {
                let is_there = |n| topology.is_present(n);
                let links = world.links().filter(|l| is_there(l.from) && is_there(l.to));
                let links: Vec<_> = links.collect();
                let link =
                    links[(usize::from(self.who) << 8 | usize::from(self.whom)) % links.len()];
                let name = |node: brownout::sim::id::NodeId| &topology.nodes[node.index()].name;
                let arrow = if self.value.is_multiple_of(2) { "->" } else { "|" };
                let how = match verb {
                    "delay" => " base=20ms jitter=30ms",
                    "lose" => " p=30%",
                    _ => "",
                };
                format!("{verb} {}{arrow}{}{how}", name(link.from), name(link.to))
            }
            "traffic" => {
                format!("traffic x{}", ["0.2", "1", "2", "5"][usize::from(self.value) % 4])
            }
            "set" => return self.setting(world),
            "cache" => {
                of_kind(&["cache"])?;
                format!("cache {}", if self.value.is_multiple_of(2) { "on" } else { "off" })
            }
            "promote" => {
                let database = of_kind(&["database"])?;
                let (_, component) =
                    topology.components.iter().enumerate().find(|(_, c)| c.name == database)?;
                let nodes: Vec<_> = component.nodes().collect();
                let node = nodes[usize::from(self.whom) % nodes.len()];
                format!("promote {}", topology.nodes[node.index()].name)
            }
            "scale" => {
                let name = of_kind(&["service", "workers"])?;
                let component = topology.components.iter().find(|c| c.name == name)?;
                format!("scale {name} to={}", 1 + u16::from(self.value) % component.room)
            }
            "hot_key" => {
                let class = ["look", "order"][usize::from(self.who) % 2];
                format!("hot_key {class} share={}% key={}", self.value % 101, self.whom % 50)
            }
            "flush" => format!("flush {}", of_kind(&["cache", "queue"])?),
            "heal" if self.value.is_multiple_of(2) => "heal".to_owned(),
            "heal" => format!("heal {}", pick(self.who)),
            other => panic!("say here how to make a `{other}`"),
        })
    }

    /// Any live setting of any component.
    fn setting(&self, world: &World) -> Option<String> {
        let topology = world.topology();
        let all: Vec<(usize, Row)> = (0..topology.components.len())
            .flat_map(|c| {
                let options = world.options(brownout::sim::id::ComponentId(c as u16));
                options.settings().into_iter().filter(|row| row.live).map(move |row| (c, row))
            })
            .collect();
        let (c, row) = all[usize::from(self.who) % all.len()];
        let i = usize::from(self.value);
        let value = match row.kind {
            Kind::Time | Kind::Period => ["5ms", "40ms", "300ms", "2s"][i % 4].to_owned(),
            Kind::Work => {
                ["0s", "2ms", "exp(10ms)", "lognormal(p50=2ms, p99=60ms)"][i % 4].to_owned()
            }
            Kind::Count(low, high) => (low + self.value as u64 % 4).min(high).to_string(),
            Kind::Limit(low) if i % 5 < 4 => (low + i as u64 % 5).to_string(),
            Kind::Limit(_) => "unlimited".to_owned(),
            Kind::Bytes => ["0B", "1MB", "20MB"][i % 3].to_owned(),
            Kind::Memory => ["unlimited", "150MB", "206MB", "400MB"][i % 4].to_owned(),
            Kind::Speed => ["unlimited", "1MB/s"][i % 2].to_owned(),
            Kind::Rate => ["0/s", "10/s", "300/s"][i % 3].to_owned(),
            Kind::Flag => i.is_multiple_of(2).to_string(),
            Kind::Word(words) => words[i % words.len()].to_owned(),
            Kind::Share => ["0%", "30%", "100%"][i % 3].to_owned(),
            Kind::Counts(low, high) => format!("[{low}, {}]", (low + 3).min(high)),
            Kind::Stages => {
                ["[]", "[hold 3x 2s]", "[ramp 1x 0x 2s, day 0x 3x 5s]"][i % 3].to_owned()
            }
            Kind::Name(_) | Kind::Steps | Kind::Classes => return None,
        };
        Some(format!("set {}.{}={value}", topology.components[c].name, row.name))
    }
}

/// The options of all components now.
pub fn options(world: &World) -> Vec<Options> {
    let components = world.topology().components.len();
    (0..components as u16)
        .map(|c| world.options(brownout::sim::id::ComponentId(c)).clone())
        .collect()
}
