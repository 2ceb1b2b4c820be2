//! The log of events: one plain line for each thing worth telling, and none twice. What happens in the
//! instant of a command is told after it: the cause comes first.

mod command;
mod teller;
mod told;

use super::chunks::Chunks;
use super::failovers::Failovers;
use super::figures::{several, time};
use crate::sim::id::{FaultId, NodeId};
use crate::sim::observation::{Event, Outcome};
use crate::sim::time::{Ns, SECOND};
use crate::sim::topology::Topology;
use command::Command;
use std::sync::Arc;
use teller::Teller;
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
        self.push(Arc::new(Line { at, tone, text: text.into() }));
    }

    /// Adds a line, behind that of the command whose doing it is.
    fn push(&mut self, line: Arc<Line>) {
        if let Some(command) = &mut self.command {
            command.follow.push(line);
            return;
        }
        self.lines.keep_newest(KEPT);
        self.lines.push(line);
    }

    /// The newest line that the next one may join.
    fn last(&self) -> Option<&Arc<Line>> {
        match &self.command {
            Some(command) => command.follow.last(),
            None => self.lines.last(),
        }
    }

    /// Puts a line in the place of that one.
    fn replace_last(&mut self, line: Arc<Line>) {
        match &mut self.command {
            Some(command) => {
                command.follow.pop();
                command.follow.push(line);
            }
            None => self.lines.replace_last(line),
        }
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
        self.command = Some(Command::new(text));
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
        for line in command.follow {
            self.push(line);
        }
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
            let last = self.last().map(|line| (line.at, line.text.as_str()));
            at - then <= SECOND && last == Some((*then, first_failures(words).as_str()))
        });
        let again = joined.is_some();
        let (then, mut words) = joined.unwrap_or((at, Vec::new()));
        words.push(word);
        let line = Arc::new(Line { at: then, tone: Tone::Bad, text: first_failures(&words) });
        if again {
            self.replace_last(line);
        } else {
            self.push(line);
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
                let text = format!(
                    "nothing fails any more: {failed} failed, the last {} after the first",
                    time(spell)
                );
                self.say(now, Tone::Good, text);
            }
        }
    }

    /// Something happened. `lost` is how many acknowledged writes the official history lacked before,
    /// and how many it lacks now.
    pub fn happened(
        &mut self,
        at: Ns,
        event: &Event,
        topology: &Topology,
        failovers: &Failovers,
        lost: [u64; 2],
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
        let [before, now] = lost;
        if now > before {
            let writes = several(now - before, "acknowledged write");
            self.say(at, Tone::Bad, format!("{writes} missing in the new primary's log"));
        } else if now < before {
            let writes = several(before - now, "missing write");
            self.say(at, Tone::Good, format!("{writes} found again"));
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
            Event::GivenBack { queue, .. } => (0, queue.0),
            Event::DeadLettered { queue } => (1, queue.0),
            Event::MessagesLost { queue, .. } => (2, queue.0),
            Event::Stalled { component, .. } => (3, component.0),
            Event::Dropped { queue } => (4, queue.0),
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

#[cfg(test)]
mod tests;
