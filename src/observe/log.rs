//! The log of events: one plain line for each thing worth telling, and none twice.

mod told;

use super::chunks::Chunks;
use super::failovers::{Failover, Failovers};
use super::figures::{after, count, several, time};
use crate::sim::id::{ComponentId, FaultId, NodeId};
use crate::sim::observation::{Event, NodeState, Outcome};
use crate::sim::time::{Ns, SECOND};
use crate::sim::topology::Topology;
use std::sync::Arc;
use told::Checks;

/// A line of the log of events.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// When.
    pub at: Ns,
    /// Of what kind, for its symbol and colour.
    pub tone: Tone,
    /// What happened.
    pub text: String,
}

/// The kind of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A command of a person or a playbook.
    Command,
    /// Something good, or a step done.
    Good,
    /// Something to watch.
    Warning,
    /// Something bad.
    Bad,
    /// A plain fact.
    Plain,
}

/// Lines that are kept.
const KEPT: usize = 10_000;

/// After that long without a failure, a new one is told again.
const CALM: Ns = 5 * SECOND;

/// Failures of requests since the last calm.
#[derive(Clone, Debug, Default)]
struct Failing {
    /// The newest failure for each reason, by [`Outcome::index`].
    newest: [Option<Ns>; Outcome::COUNT],
    /// When this spell began; `None` while all is calm.
    since: Option<Ns>,
    /// The newest failure of any reason.
    last: Ns,
    /// Failures of this spell.
    count: u64,
    /// Requests that had ended ok when it was last seen that some failed.
    ok: (Ns, u64),
    /// The newest line that told of first failures: when, and the reasons in it.
    told: Option<(Ns, Vec<&'static str>)>,
}

/// A command that is being executed: what it does at once is told in its own line.
#[derive(Clone, Debug, Default)]
struct Command {
    text: String,
    states: Vec<NodeState>,
    reset: u32,
    ended: u32,
    taken_back: Option<String>,
    /// What it does not undo.
    left: Vec<String>,
}

/// The log of events.
#[derive(Clone, Debug, Default)]
pub struct Log {
    lines: Chunks<Arc<Line>>,
    failing: Failing,
    command: Option<Command>,
    faults: Vec<(FaultId, Arc<str>)>,
    last_command: Option<Ns>,
    /// When things that tend to repeat were last told of: their kind and whose they are.
    told: Vec<((u8, u16), Ns)>,
    checks: Checks,
    /// Primaries that have given up their role, and in which epoch.
    gave_up: Vec<(NodeId, u32)>,
}

impl Log {
    /// Adds a line.
    pub fn say(&mut self, at: Ns, tone: Tone, text: impl Into<String>) {
        self.lines.keep_newest(KEPT);
        self.lines.push(Arc::new(Line { at, tone, text: text.into() }));
    }

    /// Puts a line in front of what was said at the start.
    pub fn begins(&mut self, text: String) {
        let later = std::mem::take(&mut self.lines);
        self.say(0, Tone::Plain, text);
        for line in later.iter() {
            self.lines.push(line.clone());
        }
    }

    /// What it takes in memory, about.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.lines.iter().map(|line| size_of::<Line>() + line.text.len()).sum()
    }

    /// The newest lines, oldest first.
    pub fn newest(&self, count: usize) -> impl DoubleEndedIterator<Item = &Line> {
        self.lines.newest(count).map(Arc::as_ref)
    }

    /// A command is about to be executed.
    pub fn command_begins(&mut self, text: &str) {
        self.command = Some(Command { text: text.to_string(), ..Command::default() });
    }

    /// What the command that is being executed takes back.
    pub fn command_takes_back(&mut self, text: &str) {
        if let Some(command) = &mut self.command {
            command.taken_back = Some(text.to_string());
        }
    }

    /// It was. `fault` is the fault that it began; `changed` is false if there was nothing to do.
    pub fn command_done(&mut self, at: Ns, fault: Option<FaultId>, changed: bool) {
        let Some(command) = self.command.take() else { return };
        self.last_command = Some(at);
        if let Some(fault) = fault {
            self.faults.push((fault, command.text.as_str().into()));
        }
        let told = changed || !command.left.is_empty();
        let effect = if told { command.effect(at) } else { ": nothing to change".to_string() };
        self.say(at, Tone::Command, command.text + &effect);
    }

    /// The command that began a fault.
    #[must_use]
    pub fn fault(&self, id: FaultId) -> Option<&Arc<str>> {
        self.faults.iter().rev().find(|(f, _)| *f == id).map(|(_, text)| text)
    }

    /// When something was last done to the world.
    #[must_use]
    pub fn last_command(&self) -> Option<Ns> {
        self.last_command
    }

    /// A request failed or was late.
    pub fn failed(&mut self, at: Ns, outcome: Outcome) {
        let newest = self.failing.newest[outcome.index()].replace(at);
        self.failing.since.get_or_insert(at);
        self.failing.last = at;
        self.failing.count += 1;
        if newest.is_none_or(|t| at - t > CALM) {
            self.first_failed(at, outcome.word());
        }
    }

    /// Tells of the first failure for a reason. Reasons that come within a second, with nothing told
    /// in between, share one line.
    fn first_failed(&mut self, at: Ns, word: &'static str) {
        let told = self.failing.told.take();
        let joined = told.filter(|(then, words)| {
            let last = self.lines.last().map(|line| (line.at, line.text.as_str()));
            at - then <= SECOND && last == Some((*then, first_failures(words).as_str()))
        });
        let again = joined.is_some();
        let (then, mut words) = joined.unwrap_or((at, Vec::new()));
        words.push(word);
        let line = Line { at: then, tone: Tone::Bad, text: first_failures(&words) };
        if again {
            self.lines.replace_last(Arc::new(line));
        } else {
            self.lines.push(Arc::new(line));
        }
        self.failing.told = Some((then, words));
    }

    /// When a request last failed or was late.
    #[must_use]
    pub fn last_failure(&self) -> Option<Ns> {
        self.failing.newest.iter().flatten().max().copied()
    }

    /// Looks whether a spell of failures is over: nobody has failed for a second, and somebody was
    /// served. `ok` is how many requests have ended ok since the start.
    pub fn tick(&mut self, now: Ns, ok: u64) {
        let Some(since) = self.failing.since else { return };
        if self.failing.ok.0 != self.failing.last {
            self.failing.ok = (self.failing.last, ok);
        }
        let served = ok > self.failing.ok.1;
        if served && now.saturating_sub(self.failing.last) >= SECOND {
            let (n, spell) = (self.failing.count, self.failing.last - since);
            self.failing.since = None;
            self.failing.count = 0;
            if n >= 10 {
                let failed = several(n, "request");
                let text = format!("nothing fails any more: {failed} failed in {}", time(spell));
                self.say(now, Tone::Good, text);
            }
        }
    }

    /// Something happened. `lost` is how many acknowledged writes are lost since the last event.
    pub fn happened(
        &mut self,
        at: Ns,
        event: &Event,
        topology: &Topology,
        failovers: &Failovers,
        lost: u64,
    ) {
        if self.command.as_mut().is_some_and(|c| c.absorbs(event)) {
            return;
        }
        if let &Event::Ended(fault) = event {
            let text = self.fault(fault).map_or("a fault".to_string(), ToString::to_string);
            self.say(at, Tone::Plain, format!("{text}: over"));
            return;
        }
        if self.is_repeated(at, event) {
            return;
        }
        let teller = Teller { at, topology, failovers, checks: &self.checks };
        if let Some((tone, text)) = teller.cluster(event).or_else(|| teller.database(event)) {
            self.say(at, tone, text);
        }
        self.checks.happened(event);
        if lost > 0 {
            let writes = several(lost, "acknowledged write");
            self.say(at, Tone::Bad, format!("{writes} missing in the new primary's log"));
        }
    }
}

impl Log {
    /// Whether such an event was told a short while ago.
    fn is_repeated(&mut self, at: Ns, event: &Event) -> bool {
        let key = match *event {
            Event::Check { backend, in_a_row, .. } => {
                return !self.checks.is_told(at, backend, in_a_row);
            }
            Event::Redelivered { queue, .. } => (0, queue.0),
            Event::DeadLettered { queue } => (1, queue.0),
            Event::MessagesLost { queue, .. } => (2, queue.0),
            Event::Stalled { component, .. } => (3, component.0),
            _ => return false,
        };
        if let Some((_, last)) = self.told.iter_mut().find(|(k, _)| *k == key) {
            let repeated = at - *last <= CALM;
            *last = at;
            return repeated;
        }
        self.told.push((key, at));
        false
    }
}

/// `first request failed (reason: refused)`.
fn first_failures(words: &[&str]) -> String {
    match words {
        [one] => format!("first request failed (reason: {one})"),
        several => format!("first requests failed (reasons: {})", several.join(", ")),
    }
}

impl Command {
    /// Whether the event is told as part of the command.
    fn absorbs(&mut self, event: &Event) -> bool {
        match *event {
            Event::Node { state, ended, .. } => {
                self.states.push(state);
                self.reset += ended;
            }
            Event::Began(_) => {}
            Event::Ended(_) => self.ended += 1,
            _ => return false,
        }
        true
    }

    /// What it did at once: `: process gone, host on; 5 requests reset`.
    fn effect(&self, at: Ns) -> String {
        let mut parts = Vec::new();
        if let Some(text) = &self.taken_back {
            parts.push(format!("took back {text}"));
        } else if self.ended > 0 {
            parts.push(format!("{} ended", several(u64::from(self.ended), "fault")));
        }
        parts.extend(self.left.iter().cloned());
        match self.states.as_slice() {
            [] => {}
            [NodeState::Crashed] => parts.push("process gone, host on".to_string()),
            [NodeState::Off] => parts.push("no power, no answer".to_string()),
            [NodeState::Paused] => parts.push("process frozen".to_string()),
            [NodeState::Up] => parts.push("process is up".to_string()),
            &[.., NodeState::Booting(until)] => {
                parts.push(format!("serves in {}", time(until.saturating_sub(at))));
            }
            states => parts.push(format!("{} nodes", count(states.len() as u64))),
        }
        if self.reset > 0 {
            let how = if self.states.contains(&NodeState::Off) { "lost" } else { "reset" };
            parts.push(format!("{} {how}", several(u64::from(self.reset), "request")));
        }
        if parts.is_empty() { String::new() } else { format!(": {}", parts.join("; ")) }
    }
}

/// Puts events into words.
struct Teller<'a> {
    at: Ns,
    topology: &'a Topology,
    failovers: &'a Failovers,
    checks: &'a Checks,
}

impl Teller<'_> {
    fn name(&self, node: NodeId) -> &str {
        self.topology.display_name(node)
    }

    /// Nodes, balancers and queues.
    fn cluster(&self, event: &Event) -> Option<(Tone, String)> {
        Some(match *event {
            Event::Node { node, state, ended } => self.node(node, state, ended),
            Event::Check { balancer, backend, outcome, in_a_row } => {
                let (balancer, backend) = (self.name(balancer), self.name(backend));
                if outcome.is_good() {
                    let text = format!("{balancer}: health check {in_a_row} of {backend} answered");
                    (Tone::Plain, text)
                } else {
                    let how = outcome.word();
                    let check = format!("health check {in_a_row} of {backend} failed ({how})");
                    (Tone::Warning, format!("{balancer}: {check}"))
                }
            }
            Event::Believed { balancer, backend, healthy } => {
                let failed = self.checks.in_a_row(backend);
                let back = self.checks.was_out(balancer, backend);
                let (balancer, backend) = (self.name(balancer), self.name(backend));
                if healthy && back {
                    (Tone::Good, format!("{balancer}: {backend} is back, it gets requests again"))
                } else if healthy {
                    (
                        Tone::Good,
                        format!("{balancer}: {backend} passes its checks, it gets requests"),
                    )
                } else {
                    let checks = failed.map(|n| several(u64::from(n), "check"));
                    let why = checks.map_or("it gets no requests".to_string(), |checks| {
                        format!("{checks} failed in a row")
                    });
                    (Tone::Warning, format!("{balancer}: {backend} is out, {why}"))
                }
            }
            Event::Ejected { balancer, backend, until } => {
                let (balancer, backend) = (self.name(balancer), self.name(backend));
                let left = time(until.saturating_sub(self.at));
                let why = "requests to it got no answer";
                (Tone::Warning, format!("{balancer}: {backend} is left out for {left}, {why}"))
            }
            Event::OutOfMemory { node, used, limit } => {
                let (used, limit) = (megabytes(used), megabytes(limit));
                let node = self.name(node);
                (Tone::Bad, format!("{node} out of memory (oom): {used} of {limit} MB, killed"))
            }
            Event::Redelivered { queue, messages } => {
                // Those of other workers follow within moments, and are not told one by one.
                let (queue, messages) = (self.name(queue), several(u64::from(messages), "message"));
                (Tone::Warning, format!("{queue}: work is given out again, first {messages}"))
            }
            Event::DeadLettered { queue } => {
                (Tone::Bad, format!("{}: a message went to the dead letters", self.name(queue)))
            }
            Event::MessagesLost { queue, messages } => {
                let messages = several(u64::from(messages), "message");
                (Tone::Bad, format!("{}: {messages} lost with its memory", self.name(queue)))
            }
            _ => return None,
        })
    }

    fn node(&self, node: NodeId, state: NodeState, ended: u32) -> (Tone, String) {
        let name = self.name(node);
        match state {
            NodeState::Up => (Tone::Good, format!("{name} is up")),
            NodeState::Booting(until) => {
                let left = time(until.saturating_sub(self.at));
                (Tone::Plain, format!("{name} boots, serves in {left}"))
            }
            NodeState::Paused => (Tone::Bad, format!("{name} is frozen")),
            NodeState::Crashed => {
                let reset = several(u64::from(ended), "request");
                (Tone::Bad, format!("{name} crashed: {reset} reset"))
            }
            NodeState::Off => {
                let lost = several(u64::from(ended), "request");
                (Tone::Bad, format!("{name} has no power: {lost} lost"))
            }
            NodeState::Absent if ended == 0 => (Tone::Plain, format!("{name} is gone")),
            NodeState::Absent => {
                let reset = several(u64::from(ended), "request");
                (Tone::Bad, format!("{name} is gone, with work left: {reset} reset"))
            }
        }
    }

    /// Databases and their failovers.
    fn database(&self, event: &Event) -> Option<(Tone, String)> {
        Some(match *event {
            Event::Detected { component, primary, missing, .. } => {
                // Further watchers that come to the same belief are no news.
                if self.failovers.newest(component)?.detected != Some(self.at) {
                    return None;
                }
                let since = self.since(component, |f| Some(f.started));
                let watchers = several(u64::from(missing), "watcher");
                let primary = self.name(primary);
                (Tone::Good, format!("detected  {since}  {watchers} miss {primary}"))
            }
            Event::Elected { component, node, epoch, .. } => {
                let since = self.since(component, |f| f.detected);
                let node = self.name(node);
                match self.failovers.newest(component)?.elections {
                    1 => (Tone::Good, format!("elected   {since}  {node}, epoch {epoch}")),
                    2 => (Tone::Warning, format!("elected again, {since}  {node}, epoch {epoch}")),
                    _ => return None,
                }
            }
            Event::Promoted { component, node, epoch, .. } => {
                let since = self.since(component, |f| f.elected.or(f.detected));
                let node = self.name(node);
                (Tone::Good, format!("promoted  {since}  {node} is primary (epoch {epoch})"))
            }
            Event::Reconnected { component, by } => {
                let failover = self.failovers.newest(component)?;
                // Told once, for the last of those who were to come back.
                if failover.recovered != Some(self.at) || !failover.waiting.is_empty() {
                    return None;
                }
                let since = self.since(component, |f| f.promoted);
                let total = after(self.at.saturating_sub(failover.started));
                let by = self.name(by);
                (Tone::Good, format!("all back  {since}  {by} was the last, {total} in all"))
            }
            Event::Stalled { component, leader } => {
                let database = &self.topology.components[component.index()].name;
                let leader = self.name(leader);
                (Tone::Bad, format!("{leader}: no majority or no node to promote for {database}"))
            }
            Event::SteppedDown { node, epoch } => {
                let text = format!("{} gave up its role (epoch {epoch})", self.name(node));
                (Tone::Warning, text)
            }
            Event::Discarded { node, entries } => {
                let entries = several(entries, "log entry").replace("entrys", "entries");
                (Tone::Bad, format!("{} threw away {entries}", self.name(node)))
            }
            Event::Merged { node, after, last, .. } => {
                let entries = several(last - after, "log entry").replace("entrys", "entries");
                let text = format!("{entries} of {} merged: the last write wins", self.name(node));
                (Tone::Warning, text)
            }
            _ => return None,
        })
    }

    /// How long after that part of the newest failover.
    fn since(&self, component: ComponentId, part: impl Fn(&Failover) -> Option<Ns>) -> String {
        let start = self.failovers.newest(component).and_then(part).unwrap_or(self.at);
        after(self.at.saturating_sub(start))
    }
}

/// Bytes as megabytes, to a tenth.
fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests;
