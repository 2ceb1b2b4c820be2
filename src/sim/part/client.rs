//! A database's callers: whom they believe to be primary, and how they find out.
//!
//! When a call to the primary that it knows has failed, a caller asks each watcher (without watchers, each
//! node of the database), every `discover`, and goes on using it: a refusal or a
//! silence does not tell that another has taken over, and one slow answer tells nothing. When it answers
//! that it no longer is primary, or a watcher knows none, there is nobody to use: requests fail
//! `no_primary` until one is named.

use crate::sim::frame::{Answer, Ticket};
use crate::sim::id::NodeId;
use crate::sim::observation::{Event, Observer, Outcome};
use crate::sim::part::own::PRIMARY_ONLY;
use crate::sim::program::{Call, Flow, Meaning, Step};
use crate::sim::spec::{Options, Prefer, ReadsFrom};
use crate::sim::time::{Ns, SECOND};
use crate::sim::world::World;

/// How long a caller that may read elsewhere leaves out nodes that did not answer. A choice: as nginx
/// leaves out a server for `fail_timeout`, but for less than its 10 s, so that what follows a fault is told from it.
const SHUN: Ns = SECOND;

/// What a caller is told: who is primary, if somebody is, and since which epoch.
pub(crate) fn told(epoch: u32, primary: Option<u16>) -> u64 {
    u64::from(epoch) << 16 | primary.map_or(0, |node| u64::from(node) + 1)
}

/// The same, as it is heard.
fn heard(value: u64) -> (u32, Option<u16>) {
    ((value >> 16) as u32, (value as u16).checked_sub(1))
}

/// Operations of a caller's programs; each is about a database, by its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientOp {
    /// Chooses the primary that the node knows, or fails.
    KnowPrimary(u8),
    /// Chooses the node to read from, or fails.
    KnowReader(u8),
    /// The same for a read that must see what its user wrote.
    KnowOwn(u8),
    /// Chooses the primary if the node that was asked lacks what the user wrote; else fails as that
    /// read did.
    AskPrimary(u8),
    /// Waits until the node has lost its primary, or doubts it.
    AwaitLoss(u8),
    /// Takes in what was answered.
    Learn(u8),
}

impl World {
    pub(in crate::sim) fn client_op(&mut self, op: ClientOp, index: u32) -> Flow {
        match op {
            ClientOp::KnowReader(d) => return self.know_reader(index, usize::from(d)),
            ClientOp::KnowOwn(d) => return self.know_own(index, usize::from(d)),
            _ => {}
        }
        let frame = &mut self.arena[index];
        let node = &mut self.nodes[frame.node.index()];
        match op {
            ClientOp::KnowReader(_) | ClientOp::KnowOwn(_) => {}
            ClientOp::AskPrimary(_) if frame.result != Outcome::Miss => {
                return Flow::End(frame.result);
            }
            ClientOp::AskPrimary(d) => match node.known[usize::from(d)].primary {
                Some(primary) => {
                    frame.local = u32::from(primary);
                    frame.value = PRIMARY_ONLY;
                }
                None => return Flow::End(Outcome::NoPrimary),
            },
            ClientOp::KnowPrimary(d) => match node.known[usize::from(d)].primary {
                Some(primary) => frame.local = u32::from(primary),
                None => return Flow::End(Outcome::NoPrimary),
            },
            ClientOp::AwaitLoss(d) => {
                let known = &mut node.known[usize::from(d)];
                if known.primary.is_some() && !known.suspect {
                    known.daemons.push(Ticket { index, since: frame.since });
                    return Flow::Park;
                }
            }
            ClientOp::Learn(d) => {
                let known = &mut node.known[usize::from(d)];
                let answered = frame.result == Outcome::Ok;
                // Nothing new is asked again later.
                frame.result = Outcome::NoPrimary;
                let (epoch, named) = heard(frame.value);
                if answered && epoch >= known.epoch {
                    known.epoch = epoch;
                    if named.is_some() && named != known.primary {
                        frame.result = Outcome::Ok;
                        known.fresh = true;
                    }
                    (known.primary, known.suspect) = (named, false);
                }
            }
        }
        Flow::Next
    }

    /// Chooses the node to read from, and says which version of the row the user needs.
    fn know_own(&mut self, index: u32, d: usize) -> Flow {
        let frame = &self.arena[index];
        // After this step comes the wait for a connection, which names the call that it is for.
        if let Step::HoldPool { call, .. } = self.code.steps[frame.pc.next().0 as usize] {
            let row = self.row(frame, self.code.calls[usize::from(call)].row).1;
            let needs = self.own_writes[d].needs(frame.user, row, self.now);
            self.arena[index].value = needs;
        }
        self.know_reader(index, d)
    }

    /// Whether a cached value is older than what its user wrote.
    #[inline]
    pub(in crate::sim) fn lacks_own_write(&self, call: &Call, answer: &Answer) -> bool {
        let Meaning::Lookup(d) = call.meaning else { return false };
        let own = &self.own_writes[usize::from(d)];
        !own.is_empty()
            && answer.result == Outcome::Ok
            && answer.value < own.needs(answer.user, answer.key, self.now)
    }

    /// The primary, or a node in turn among those that may answer reads. A caller knows all replicas
    /// from its configuration, and leaves out for a while those that did not answer.
    fn know_reader(&mut self, index: u32, d: usize) -> Flow {
        let now = self.now;
        let (component, nodes) = (self.databases[d].component, self.databases[d].nodes as u16);
        let Options::Database(options) = &self.options[component.index()] else {
            return Flow::Next;
        };
        let frame = &mut self.arena[index];
        let node = &mut self.nodes[frame.node.index()];
        let known = &mut node.known[d];
        let left_out = match (options.reads_from, known.primary) {
            (ReadsFrom::Primary, Some(primary)) => {
                frame.local = u32::from(primary);
                return Flow::Next;
            }
            (ReadsFrom::Primary, None) if options.prefer == Prefer::Consistency => {
                return Flow::End(Outcome::NoPrimary);
            }
            (ReadsFrom::Replica, primary) if nodes > 1 => primary,
            _ => None,
        };
        known.reads = known.reads.wrapping_add(1);
        let until = |n: u16| known.left_out.get(usize::from(n)).copied().unwrap_or(0);
        let answers = |n: &u16| Some(*n) != left_out && until(*n) <= now;
        let of = (0..nodes).filter(answers).count().max(1) as u32;
        let chosen = (0..nodes).filter(answers).nth((known.reads % of) as usize);
        // If all are left out, the one that has been so for longest.
        let longest = || (0..nodes).filter(|n| Some(*n) != left_out).min_by_key(|n| until(*n));
        frame.local = u32::from(chosen.or_else(longest).unwrap_or(0));
        Flow::Next
    }

    /// A call to a node of a database has ended: keep, doubt or lose the primary.
    #[inline]
    pub(in crate::sim) fn judge_primary<O: Observer>(
        &mut self,
        caller: NodeId,
        (database, node): (u8, u32),
        outcome: Outcome,
        out: &mut O,
    ) {
        let known = &mut self.nodes[caller.index()].known[usize::from(database)];
        let silent = matches!(outcome, Outcome::Timeout | Outcome::Refused | Outcome::Reset);
        if silent {
            let size = known.left_out.len().max(node as usize + 1);
            known.left_out.resize(size, 0);
            known.left_out[node as usize] = self.now.saturating_add(SHUN);
        } else if let Some(until) = known.left_out.get_mut(node as usize) {
            *until = 0;
        }
        if known.primary.map(u32::from) != Some(node) {
            return;
        }
        match outcome {
            _ if silent || outcome == Outcome::NoPrimary => {
                known.suspect = true;
                if !silent {
                    known.primary = None;
                }
                self.ready.extend(known.daemons.drain(..));
            }
            _ if known.suspect && outcome.is_good() => known.suspect = false,
            _ => {}
        }
        if known.fresh && outcome.is_good() {
            known.fresh = false;
            let component = self.databases[usize::from(database)].component;
            out.happened(self.now, Event::Reconnected { component, by: caller });
        }
    }
}
