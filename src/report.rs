//! Writers of what a run has shown: for people and for machines.
//!
//! A [`Report`] is made once from a finished session; the writers only format it.

pub mod findings;
pub mod json;
pub mod junit;
mod limit;
pub mod markdown;
pub mod phases;
pub mod remedies;
pub mod seeds;
pub mod text;
pub mod tried;
mod went;

pub use findings::Finding;
pub use phases::PhaseReport;
pub use seeds::{Spread, Summary};
pub use tried::{Help, Trial, Tried};

use crate::observe::failovers::Failover;
use crate::observe::figures::clock;
use crate::observe::judged::Judged;
use crate::observe::log::Line;
use crate::observe::reliability::Spells;
use crate::observe::response::Response;
use crate::playbook::Verdict;
use crate::session::picture::Truth;
use crate::session::verdict::Judgement;
use crate::session::{Entry, Session};
use crate::sim::fault::{Fault, Injected};
use crate::sim::id::{ComponentId, FaultId, NodeId};
use crate::sim::time::Ns;
use std::collections::BTreeMap;

/// What only the caller knows of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    /// The playbook's file or name; `None` if a cluster was run as it is.
    pub playbook: Option<String>,
    /// The command that does it again.
    pub again: String,
    /// Wall time that it took, in seconds.
    pub wall_s: f64,
}

/// A fault that was active at some time.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultReport {
    /// The name of the command that began it ([`Session::names`]), as a recording has it.
    pub id: String,
    /// The command that began it.
    pub command: String,
    /// When it began.
    pub start: Ns,
    /// When it ended; `None` if it was active at the end.
    pub end: Option<Ns>,
    /// Requests that it touched.
    pub touched_requests: u64,
    /// Background messages that it touched.
    pub touched_messages: u64,
    /// Nodes that it touched.
    pub touched_nodes: u64,
    /// The nodes that it touched, and how often.
    pub touched: Vec<(String, u64)>,
    /// From its start to the first control decision that it caused.
    pub time_to_detect: Option<Ns>,
    /// From its start until users were served again; 0 if they always were.
    pub time_to_recover: Option<Ns>,
}

/// A failover, with names for ids.
#[derive(Clone, Debug, PartialEq)]
pub struct FailoverReport {
    /// The database.
    pub component: String,
    /// The primary that was missed.
    pub from: Option<String>,
    /// The node that took over.
    pub to: Option<String>,
    /// Its times.
    pub times: Failover,
}

/// A command that was executed.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandReport {
    /// When.
    pub at: Ns,
    /// The command.
    pub text: String,
    /// The `id` of the fault that it began, if it did.
    pub fault: Option<String>,
}

/// What a run has shown.
#[derive(Clone, Debug)]
pub struct Report {
    /// What the caller knows.
    pub origin: Origin,
    /// What it was about.
    pub title: String,
    /// What it teaches and what to try next; may be empty.
    pub about: String,
    /// The question that it answers; may be empty.
    pub asks: String,
    /// The cluster's name.
    pub cluster: String,
    /// The root seed.
    pub seed: u64,
    /// Digest of the run.
    pub digest: u64,
    /// Simulated time at its end.
    pub simulated: Ns,
    /// Simulated time that was not judged.
    pub warmup: Ns,
    /// Events that took effect.
    pub events: u64,
    /// The verdict. A run without checks is a measurement, which holds; a fault that touched nothing
    /// has shown nothing.
    pub verdict: Verdict,
    /// What the run has shown of its hypothesis.
    pub judgement: Judgement,
    /// Totals over the judged time.
    pub judged: Judged,
    /// Figures before, during and after the faults; empty if nothing was done.
    pub phases: Vec<PhaseReport>,
    /// What would have helped. The caller looks while the run goes on: see [`findings::look`].
    pub findings: Vec<Finding>,
    /// What was tried against its failures. The caller does: see [`tried::trials`].
    pub tried: Vec<Tried>,
    /// Commands in order of time.
    pub commands: Vec<CommandReport>,
    /// Faults in order of injection.
    pub faults: Vec<FaultReport>,
    /// Commands that found nothing to do, a sentence for each without its end.
    pub notes: Vec<String>,
    /// Failovers in order of time.
    pub failovers: Vec<FailoverReport>,
    /// Spells of failures in judged time.
    pub outages: Spells,
    /// What became of data, over the whole run.
    pub truth: Truth,
    /// Answers for which nobody waited any more, over the whole run.
    pub wasted: u64,
    /// The log of events.
    pub lines: Vec<Line>,
}

impl Report {
    /// What a session has shown until now.
    #[must_use]
    pub fn new(session: &Session, origin: Origin) -> Report {
        let (world, observers) = (session.world(), session.observers());
        let playbook = session.playbook();
        let nodes = (0..world.topology().nodes.len() as u16).map(NodeId);
        let began = began(session);
        let of = |f: &Fault| fault(session, f, began.get(&f.id));
        let faults: Vec<FaultReport> = world.faults().iter().map(of).collect();
        let judgement = session.judgement();
        Report {
            origin,
            title: playbook.title.clone(),
            about: playbook.about.clone(),
            asks: playbook.asks.clone(),
            cluster: playbook.cluster.name.clone(),
            seed: session.seed(),
            digest: session.digest(),
            simulated: session.now(),
            warmup: playbook.warmup,
            events: world.events(),
            verdict: judgement.verdict,
            judgement,
            judged: session.judged(),
            phases: phases::phases(session),
            findings: Vec::new(),
            tried: Vec::new(),
            commands: session.log().iter().map(|entry| command(entry, &faults)).collect(),
            faults,
            notes: notes(session),
            failovers: observers.failovers().all().iter().map(|f| failover(session, f)).collect(),
            outages: observers.outages(),
            truth: session.truth(),
            wasted: nodes.map(|n| observers.node(n).wasted).sum(),
            lines: observers.log().newest(usize::MAX).cloned().collect(),
        }
    }
}

impl FaultReport {
    /// Whether it changed nothing that happened.
    #[must_use]
    pub fn touched_nothing(&self) -> bool {
        self.touched_requests + self.touched_messages + self.touched_nodes == 0
    }
}

fn command(entry: &Entry, faults: &[FaultReport]) -> CommandReport {
    let fault = match entry.injected {
        Injected::Fault(id) => faults.get(id.0 as usize).map(|fault| fault.id.clone()),
        Injected::Done | Injected::Nothing => None,
    };
    CommandReport { at: entry.at, text: entry.command.to_string(), fault }
}

/// What was to do something and found nothing to do: `back: undo at 00:20.0 had nothing to change`.
fn notes(session: &Session) -> Vec<String> {
    // What heals at the end of every run may well find all in order.
    let asked = session.log().iter().zip(session.names()).filter(|(e, _)| !e.is_end());
    let idle = asked.filter(|(entry, _)| entry.injected == Injected::Nothing);
    let note = |(entry, name): (&Entry, String)| {
        format!("{name}: {} at {} had nothing to change", entry.command, clock(entry.at))
    };
    idle.map(note).collect()
}

/// The commands that began faults, with their names.
fn began(session: &Session) -> BTreeMap<FaultId, (&Entry, String)> {
    let named = session.log().iter().zip(session.names());
    let began = named.filter_map(|(entry, name)| match entry.injected {
        Injected::Fault(id) => Some((id, (entry, name))),
        Injected::Done | Injected::Nothing => None,
    });
    began.collect()
}

fn fault(session: &Session, fault: &Fault, began: Option<&(&Entry, String)>) -> FaultReport {
    let response = session.observers().responses().of(fault.id);
    FaultReport {
        id: began.map_or_else(|| format!("fault-{}", fault.id.0 + 1), |(_, name)| name.clone()),
        command: began.map_or(String::new(), |(entry, _)| entry.command.to_string()),
        start: fault.start,
        end: fault.ended,
        touched_requests: fault.touched_requests,
        touched_messages: fault.touched_messages,
        touched_nodes: fault.touched_nodes,
        touched: touched(session, fault.id),
        time_to_detect: response.and_then(Response::time_to_detect),
        time_to_recover: response.and_then(Response::time_to_recover),
    }
}

/// The nodes that a fault has touched, in order.
fn touched(session: &Session, fault: FaultId) -> Vec<(String, u64)> {
    let (world, topology) = (session.world(), session.world().topology());
    let nodes = (0..topology.nodes.len() as u16).map(NodeId);
    let touches = nodes.map(|n| (topology.display_name(n).to_string(), world.touches(fault, n)));
    touches.filter(|(_, times)| *times > 0).collect()
}

fn failover(session: &Session, failover: &Failover) -> FailoverReport {
    let topology = session.world().topology();
    let component = |id: ComponentId| topology.components[id.index()].name.clone();
    let node = |id: NodeId| topology.display_name(id).to_string();
    FailoverReport {
        component: component(failover.component),
        from: failover.from.map(node),
        to: failover.to.map(node),
        times: failover.clone(),
    }
}

#[cfg(test)]
mod tests;
