//! From a cluster to the programs of its nodes.
//!
//! The places of steps depend on the shape of a cluster only, not on the values of settings, so that
//! a changed setting compiles to the same places and running frames go on.

use super::agenda::{Agenda, Lane};
use super::id::ComponentId;
use super::part::balancer::BalancerOp;
use super::part::cache::CacheOp;
use super::part::client::ClientOp;
use super::part::queue::QueueOp;
use super::part::traffic::TrafficOp;
use super::program::{
    Call, Code, Daemon, Entry, Meaning, Own, Pc, Row, Step, Target, Test, Want, Work, entry, slot,
};
use super::random::{Purpose, Sampler};
use super::spec::{self, Dist, Options};
use super::time::{MILLISECOND, Ns, SECOND};
use super::topology::Topology;

mod data;

/// A database, as its callers see it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DatabaseInfo {
    pub(crate) component: ComponentId,
    /// The component that watches it.
    pub(crate) failover: Option<ComponentId>,
    /// First row of each class; rows of one class follow each other.
    pub(crate) first_row: Vec<u32>,
    /// First slot of the pools to it, on every node that may call it.
    pub(crate) first_pool: u8,
    /// Its nodes.
    pub(crate) nodes: usize,
}

/// The databases of a cluster, in file order.
pub(crate) fn databases(cluster: &spec::Cluster) -> Vec<DatabaseInfo> {
    let mut first_pool = slot::POOLS;
    let mut all = Vec::new();
    for (c, component) in cluster.components.iter().enumerate() {
        let Options::Database(options) = &component.options else { continue };
        let nodes = options.replicas as usize + 1;
        let failover = cluster.components.iter().position(
            |other| matches!(&other.options, Options::Failover(f) if f.of == component.name),
        );
        let mut row = 0u32;
        let first_row = cluster
            .classes
            .iter()
            .map(|class| {
                let first = row;
                row = row.saturating_add(class.keys.count as u32);
                first
            })
            .collect();
        all.push(DatabaseInfo {
            component: ComponentId(c as u16),
            failover: failover.map(|f| ComponentId(f as u16)),
            first_row,
            first_pool,
            nodes,
        });
        first_pool += nodes as u8;
    }
    all
}

/// Between two attempts of background work that failed at once (a refusal), so that it does not spin. A choice:
/// five a second cost nothing, and after healing it goes on as soon as a caller asks anew (`discover`).
const RETRY: Ns = 200 * MILLISECOND;
/// How long a caller waits for the answer to who is primary, at least. As long as TCP does before it knows
/// how far away somebody is (RFC 6298, section 2): nobody else is asked later for it.
const WHO_TIMEOUT: Ns = SECOND;
/// Work of a service on a health check by `http`. A choice: a handler that looks at nothing. At a check
/// every 500 ms that is 0.02 % of a core, so that checks never are the load that they look for.
const HTTP_CHECK: Ns = MILLISECOND / 10;

/// What a program is compiled with.
pub(crate) struct Compiler<'a> {
    cluster: &'a spec::Cluster,
    options: &'a [Options],
    topology: &'a Topology,
    databases: &'a [DatabaseInfo],
    agenda: &'a mut Agenda,
    seed: u64,
    code: Code,
}

/// The programs of a cluster with these options in force.
pub(crate) fn compile(
    cluster: &spec::Cluster,
    options: &[Options],
    topology: &Topology,
    databases: &[DatabaseInfo],
    agenda: &mut Agenda,
    seed: u64,
) -> Code {
    let mut compiler =
        Compiler { cluster, options, topology, databases, agenda, seed, code: Code::default() };
    for c in 0..options.len() {
        compiler.component(c);
    }
    compiler.code
}

impl Compiler<'_> {
    fn component(&mut self, c: usize) {
        self.code.entries.push(Vec::new());
        self.code.daemons.push(Vec::new());
        let ping = self.here();
        self.emit(Step::End);
        self.code.entries[c].push(ping);
        match &self.options[c].clone() {
            Options::Traffic(o) => {
                let timeout = Some(self.timeout(o.timeout));
                let retries = (o.attempts as u8, o.backoff);
                let call = self.request_call(&o.to, Row::Same, 0);
                let call = Call { timeout, line: false, ..call };
                let call = Call { attempts: retries.0, backoff: retries.1, ..call };
                self.class_entries(c, |this, _| this.emit_call(call));
                self.user(c);
            }
            Options::Balancer(o) => self.balancer(c, o),
            Options::Service(o) => {
                self.class_entries(c, |this, class| {
                    this.emit(Step::Accept);
                    let own = !o.steps.is_empty();
                    let steps = if own { &o.steps } else { &this.cluster.classes[class].steps };
                    let manner = (o.call_timeout, o.cancel);
                    this.steps(c, Some(class), &steps.clone(), manner);
                });
                self.http_check(c);
            }
            Options::Cache(o) => self.cache(c, o),
            Options::Database(o) => self.database(c, o),
            Options::Failover(o) => self.failover(c, o),
            Options::Queue(_) => self.queue(c),
            Options::Workers(o) => self.workers(c, o),
        }
        if let Some(discover) = self.options[c].behaviour().discover() {
            for d in 0..self.databases.len() {
                self.discovery(c, d, discover);
            }
        }
    }

    fn here(&self) -> Pc {
        Pc(self.code.steps.len() as u32)
    }

    fn emit(&mut self, step: Step) {
        self.code.steps.push(step);
    }

    /// Leaves room for a jump whose target is not known yet.
    fn emit_later(&mut self) -> usize {
        self.emit(Step::End);
        self.code.steps.len() - 1
    }

    fn add_call(&mut self, call: Call) -> u16 {
        self.code.calls.push(call);
        (self.code.calls.len() - 1) as u16
    }

    fn emit_call(&mut self, call: Call) {
        let call = self.add_call(call);
        self.emit(Step::Call(call));
    }

    fn emit_send(&mut self, call: Call) {
        let call = self.add_call(call);
        self.emit(Step::Send(call));
    }

    fn emit_work(&mut self, dist: Dist, name: &str, cpu: bool) {
        let work = self.add_work(dist, name, cpu);
        self.emit(Step::Work(work));
    }

    fn add_work(&mut self, dist: Dist, name: &str, cpu: bool) -> u16 {
        let lane = match dist {
            Dist::Constant(d) => self.agenda.lane(d),
            _ => Lane::NONE,
        };
        let purpose = Purpose::new(self.seed, name);
        self.code.works.push(Work { sampler: Sampler::new(dist), purpose, lane, cpu });
        (self.code.works.len() - 1) as u16
    }

    fn timeout(&mut self, length: Ns) -> (Ns, Lane) {
        (length, self.agenda.lane(length))
    }

    /// A call with the usual fields: one attempt, one answer, for ever, failing the caller.
    fn call(target: Target, entry: u8) -> Call {
        Call {
            target,
            entry: Entry::Fixed(entry),
            timeout: None,
            attempts: 1,
            backoff: 0,
            want: Want::First,
            row: Row::Kept,
            meaning: Meaning::Plain,
            optional: false,
            step: 0,
            line: false,
            cancel: false,
        }
    }

    /// A call for the request's class, to a balancer or to the nodes of a service in turn.
    fn request_call(&self, to: &str, row: Row, step: u8) -> Call {
        let target = Target::Turn(self.find(to));
        Call { entry: Entry::Class, row, step, line: true, ..Self::call(target, 0) }
    }

    /// The component of that name. Files are checked before they are compiled, so that it is there.
    fn find(&self, name: &str) -> ComponentId {
        self.topology.component(name).unwrap_or_default()
    }

    /// The class whose rows a step means: the one it names, else the request's own (`own`, which is
    /// not known before a worker has its message).
    fn class_of(&self, name: Option<&String>, own: Option<usize>) -> Option<usize> {
        name.map_or(own, |n| self.cluster.classes.iter().position(|c| c.name == *n))
    }

    fn name(&self, c: usize) -> &str {
        &self.topology.components[c].name
    }

    /// One entry for each class, each ended.
    fn class_entries(&mut self, c: usize, mut body: impl FnMut(&mut Self, usize)) {
        for class in 0..self.cluster.classes.len() {
            let start = self.here();
            body(self, class);
            self.emit(Step::End);
            self.code.entries[c].push(start);
        }
    }

    /// The life of a user of the closed loop.
    fn user(&mut self, c: usize) {
        let start = self.here();
        self.emit(Step::Own(Own::Traffic(TrafficOp::Think)));
        self.emit(Step::Own(Own::Traffic(TrafficOp::Send)));
        self.emit(Step::Jump(start));
        self.code.entries[c].push(start);
    }

    /// A service's answer to a health check by `http`: a tiny request.
    fn http_check(&mut self, c: usize) {
        let start = self.here();
        self.emit(Step::Accept);
        self.emit(Step::Hold(slot::CORES));
        self.emit_work(Dist::Constant(HTTP_CHECK), "http check", true);
        self.emit(Step::Release(slot::CORES));
        self.emit(Step::End);
        self.code.entries[c].push(start);
    }

    fn balancer(&mut self, c: usize, o: &spec::BalancerOptions) {
        let service = self.find(&o.to);
        let timeout = Some(self.timeout(o.call_timeout));
        let call =
            Call { entry: Entry::Class, timeout, row: Row::Same, ..Self::call(Target::Backend, 0) };
        let call = Call { attempts: 1 + o.retry_on_next as u8, line: true, ..call };
        self.class_entries(c, |this, _| this.emit_call(call));
        let start = self.here();
        let every = self.add_work(Dist::Constant(o.health.every), "check", false);
        self.emit(Step::Pace(every));
        let check = match o.health.check {
            spec::Check::Tcp => entry::PING,
            spec::Check::Http => entry::FIRST_CLASS + self.cluster.classes.len() as u8,
        };
        let check_timeout = Some(self.timeout(o.health.timeout));
        self.emit_call(Call {
            timeout: check_timeout,
            optional: true,
            ..Self::call(Target::Local(service), check)
        });
        self.emit(Step::Own(Own::Balancer(BalancerOp::Checked)));
        self.emit(Step::Jump(start));
        for local in 0..u32::from(self.topology.components[service.index()].room) {
            self.code.daemons[c].push(Daemon { start, local, peer: false });
        }
    }

    fn cache(&mut self, c: usize, o: &spec::CacheOptions) {
        let name = format!("{} get", self.name(c));
        let get = self.here();
        self.emit_work(Dist::Constant(o.get), &name, true);
        self.emit(Step::Own(Own::Cache(CacheOp::Lookup)));
        self.emit(Step::End);
        self.code.entries[c].push(get);
        for op in [CacheOp::Put, CacheOp::Delete] {
            let start = self.here();
            self.emit(Step::Own(Own::Cache(op)));
            self.emit(Step::End);
            self.code.entries[c].push(start);
        }
    }

    fn queue(&mut self, c: usize) {
        for op in [QueueOp::Push, QueueOp::Take, QueueOp::Acknowledge, QueueOp::Reset] {
            let start = self.here();
            self.emit(Step::Own(Own::Queue(op)));
            self.emit(Step::End);
            self.code.entries[c].push(start);
        }
        let start = self.here();
        self.emit(Step::Own(Own::Queue(QueueOp::Expire)));
        self.emit(Step::Jump(start));
        self.code.daemons[c].push(Daemon { start, local: 0, peer: false });
    }

    fn workers(&mut self, c: usize, o: &spec::WorkersOptions) {
        let queue = self.find(&o.from);
        let start = self.here();
        self.emit(Step::Catch(Pc(start.0)));
        let take = Call {
            optional: true,
            meaning: Meaning::Message,
            ..Self::call(Target::Turn(queue), entry::QUEUE_TAKE)
        };
        self.emit_call(take);
        let lost = self.emit_later();
        let catch = self.emit_later();
        let work = self.here();
        self.steps(c, None, &o.steps, (o.call_timeout, o.cancel));
        self.emit(Step::Own(Own::Queue(QueueOp::Name)));
        self.emit_send(Self::call(Target::Turn(queue), entry::QUEUE_ACK));
        let done = self.here();
        self.emit(Step::Own(Own::Queue(QueueOp::Done)));
        self.emit(Step::Jump(start));
        let again = self.here();
        self.emit(Step::Own(Own::Queue(QueueOp::Again)));
        self.emit(Step::When(Test::Failed, done));
        self.emit_work(Dist::Constant(o.retry), "retry", false);
        self.emit(Step::Jump(work));
        let reconnect = self.here();
        self.emit_work(Dist::Constant(RETRY), "reconnect", false);
        self.emit(Step::Jump(start));
        self.code.steps[lost] = Step::When(Test::Failed, reconnect);
        self.code.steps[catch] = Step::Catch(again);
        for local in 0..o.threads as u32 {
            self.code.daemons[c].push(Daemon { start, local, peer: false });
        }
    }

    /// Asks who is primary whenever the node has lost it: each of those who may know for itself, so that one
    /// who does not answer keeps nobody waiting.
    fn discovery(&mut self, c: usize, d: usize, every: Ns) {
        let info = &self.databases[d];
        let (target, who) = match info.failover {
            Some(f) => (f, entry::WATCHER_WHO),
            None => (info.component, entry::DB_WHO),
        };
        let start = self.here();
        self.emit(Step::Own(Own::Client(ClientOp::AwaitLoss(d as u8))));
        let far = self.far(ComponentId(c as u16), target);
        let timeout = Some(self.timeout(every.max(WHO_TIMEOUT).max(far)));
        self.emit_call(Call { timeout, optional: true, ..Self::call(Target::Local(target), who) });
        self.emit(Step::Own(Own::Client(ClientOp::Learn(d as u8))));
        self.emit(Step::When(Test::Hit, start));
        self.emit_work(Dist::Constant(every), "discover", false);
        self.emit(Step::Jump(start));
        for local in 0..self.topology.components[target.index()].nodes.len() as u32 {
            self.code.daemons[c].push(Daemon { start, local, peer: false });
        }
    }

    /// The steps of a class on a component; workers learn the class with each message.
    fn steps(
        &mut self,
        c: usize,
        own: Option<usize>,
        steps: &[spec::Step],
        (patience, cancel): (Ns, bool),
    ) {
        for (k, step) in steps.iter().enumerate() {
            let at = At { step: k as u8, patience, cancel };
            match step {
                spec::Step::Cpu(dist) => {
                    let class = own.map_or("", |class| &self.cluster.classes[class].name);
                    let name = format!("{} {class} {k}", self.name(c));
                    self.emit(Step::Hold(slot::CORES));
                    self.emit_work(*dist, &name, true);
                    self.emit(Step::Release(slot::CORES));
                }
                spec::Step::Read { from, keys } => {
                    let class = self.class_of(keys.as_ref(), own);
                    self.read(self.find(from), class, at);
                }
                spec::Step::Write { to, keys } => {
                    let classes = match self.class_of(keys.as_ref(), own) {
                        Some(class) => vec![class],
                        None => self.published_to(c),
                    };
                    let class = self.class_of(keys.as_ref(), own);
                    self.write(self.find(to), class, &classes, at);
                }
                spec::Step::Publish { to, keys } => {
                    let target = Target::Turn(self.find(to));
                    let call = Self::call(target, entry::QUEUE_PUBLISH);
                    self.request_step(call, keys.as_ref(), at);
                }
                spec::Step::Call { to, keys } => {
                    let call = self.request_call(to, Row::Same, 0);
                    self.request_step(call, keys.as_ref(), at);
                }
            }
        }
    }

    fn request_step(&mut self, call: Call, keys: Option<&String>, at: At) {
        let row = keys
            .and_then(|_| self.class_of(keys, None))
            .map_or(Row::Same, |class| Row::Of(class as u8));
        let timeout = Some(self.timeout(at.patience));
        self.emit_call(Call { timeout, row, step: at.step, line: true, cancel: at.cancel, ..call });
    }

    /// The classes whose messages workers `c` may get.
    fn published_to(&self, c: usize) -> Vec<usize> {
        let Options::Workers(workers) = &self.options[c] else { return Vec::new() };
        let publishes = |class: &spec::Class| {
            class
                .steps
                .iter()
                .any(|step| matches!(step, spec::Step::Publish { to, .. } if *to == workers.from))
        };
        (0..self.cluster.classes.len()).filter(|&i| publishes(&self.cluster.classes[i])).collect()
    }
}

/// Where in a program a call stands: which step it is of, how long it may take, and whether it is
/// cancelled when it takes longer.
#[derive(Clone, Copy)]
struct At {
    step: u8,
    patience: Ns,
    cancel: bool,
}
