//! Events in words.

use super::Tone;
use super::told::Checks;
use crate::observe::failovers::{Failover, Failovers};
use crate::observe::figures::{after, count, several, time};
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::{Event, NodeState};
use crate::sim::time::{NEVER, Ns};
use crate::sim::topology::Topology;

/// Puts events into words.
pub(super) struct Teller<'a> {
    pub(super) at: Ns,
    pub(super) topology: &'a Topology,
    pub(super) failovers: &'a Failovers,
    pub(super) checks: &'a Checks,
}

impl Teller<'_> {
    fn name(&self, node: NodeId) -> &str {
        self.topology.display_name(node)
    }

    /// Nodes, balancers and queues.
    pub(super) fn cluster(&self, event: &Event) -> Option<(Tone, String)> {
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
            Event::GivenBack { queue, messages } => {
                // Those of other workers follow within moments, and are not told one by one.
                let (queue, messages) = (self.name(queue), several(u64::from(messages), "message"));
                (Tone::Warning, format!("{queue}: work waits again, first {messages}"))
            }
            Event::DeadLettered { queue } => {
                (Tone::Bad, format!("{}: a message went to the dead letters", self.name(queue)))
            }
            Event::MessagesLost { queue, messages, in_hand } => {
                let (all, messages) = (messages, several(u64::from(messages), "message"));
                let worked_on = match in_hand {
                    0 => String::new(),
                    n if u64::from(n) == u64::from(all) => ", being worked on".to_string(),
                    n => format!(", {} of them being worked on", count(u64::from(n))),
                };
                let queue = self.name(queue);
                (Tone::Bad, format!("{queue}: {messages} lost with its memory{worked_on}"))
            }
            Event::Flushed { node, thrown } => {
                let component =
                    &self.topology.components[self.topology.nodes[node.index()].component.index()];
                let (tone, what) = match component.kind {
                    "queue" => (Tone::Bad, several(thrown, "message")),
                    _ => (Tone::Warning, several(thrown, "entry")),
                };
                (tone, format!("{}: {what} thrown away", self.name(node)))
            }
            Event::Dropped { queue } => (
                Tone::Bad,
                format!("{} is full: it drops its oldest for new ones", self.name(queue)),
            ),
            _ => return None,
        })
    }

    fn node(&self, node: NodeId, state: NodeState, ended: u32) -> (Tone, String) {
        let name = self.name(node);
        match state {
            NodeState::Up => (Tone::Good, format!("{name} is up")),
            NodeState::Booting(NEVER) => (Tone::Bad, format!("{name} is frozen as it boots")),
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
    pub(super) fn database(&self, event: &Event) -> Option<(Tone, String)> {
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
            Event::SteppedDown { node, epoch, .. } => {
                let text = format!("{} gave up its role (epoch {epoch})", self.name(node));
                (Tone::Warning, text)
            }
            Event::Discarded { node, entries } => {
                let entries = several(entries, "log entry");
                (Tone::Bad, format!("{} threw away {entries}", self.name(node)))
            }
            Event::Merged { node, after, last, .. } => {
                let entries = several(last - after, "log entry");
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
