//! Watchers of a database: they miss its primary, agree, choose the newest log, and promote.
//!
//! A watcher beats every data node. When it has missed the primary `misses` times in a row (no
//! answer, or an answer that it does not act as primary) it polls the others; if a majority misses
//! it too, it asks for their votes. Each watcher votes once for an epoch and grants no lease to an
//! older one from then on (as in Ongaro, Ousterhout, "In search of an understandable consensus
//! algorithm", 2014, with its pre-vote). The winner asks all data nodes for their newest entry, waits
//! out the longest lease that its voters granted, and promotes the node with the newest log of those
//! that may be chosen (`failover/choose.rs`).

use crate::sim::frame::{Frame, Ticket};
use crate::sim::id::NodeId;
use crate::sim::node::Part;
use crate::sim::observation::{Event, Observer, Outcome};
use crate::sim::part::database::in_sync::{InSync, Members, Rule, everybody};
use crate::sim::program::Flow;
use crate::sim::reading::PartReading;
use crate::sim::spec::Options;
use crate::sim::time::{Ns, SECOND};
use crate::sim::world::World;

mod appoint;
mod choose;
mod talk;

use appoint::Appointments;
use choose::{Choice, Log};

/// Operations of a watcher's programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WatcherOp {
    /// A beat says what the watcher believes.
    Speak,
    /// The answer to a beat, or none.
    Heard,
    /// Waits until the primary is missed.
    AwaitMiss,
    /// Asks whether the others miss it too.
    Poll,
    /// Asks for votes.
    Campaign,
    /// Answers a poll or gives a vote.
    Vote,
    /// An answer to a poll or a campaign.
    VoteAnswer,
    /// A majority has voted for it.
    Won,
    /// A data node's newest entry.
    InspectAnswer,
    /// Chooses the node with the newest log.
    Choose,
    /// Waits until no older lease is left.
    AwaitLease,
    /// Names the node that is to be primary, and its epoch.
    Appoint,
    /// The node is primary now, or is not.
    Installed,
    /// Another watcher tells of a new primary.
    Hear,
    /// Grants a lease.
    Grant,
    /// Tells a caller who is primary.
    TellWho,
}

/// An epoch and its primary (index in the database), as they travel in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Belief {
    pub(crate) epoch: u32,
    pub(crate) primary: u16,
}

impl Belief {
    pub(crate) fn pack(self) -> u64 {
        u64::from(self.epoch) << 16 | u64::from(self.primary)
    }
    pub(crate) fn unpack(value: u64) -> Belief {
        Belief { epoch: (value >> 16) as u32, primary: value as u16 }
    }
}

/// A poll (`real` is false) or a campaign for an epoch.
#[derive(Clone, Copy, Debug)]
struct Ask {
    epoch: u32,
    real: bool,
    /// Whether a person wants it: nobody needs to miss the primary.
    wished: bool,
    from: NodeId,
    now: Ns,
    misses: u64,
    /// How long a candidate may take once no older lease is left.
    patience: Ns,
}

/// How long a promotion may take before it has failed. A choice: twice what it takes if nothing delays
/// it, and 1 s for the messages, the replay of the log and a pause of the process.
pub(crate) fn promotion_patience(promote: Ns) -> Ns {
    promote.saturating_mul(2).saturating_add(SECOND)
}

/// What one watcher believes.
#[derive(Clone, Debug)]
pub(crate) struct Watcher {
    belief: Belief,
    /// Beats of the primary missed in a row.
    missed: u32,
    /// Whether the primary has answered since it was last heard to act.
    idle: bool,
    /// The newest epoch for which it has voted.
    voted: u32,
    /// For whom it voted last, and how long it leaves the matter to that watcher.
    leader: NodeId,
    leads_until: Ns,
    /// Until when it leaves the matter to a node that says that it is being promoted.
    promoting_until: Ns,
    /// The epoch and the end of the last lease that it granted, and to whom, as far as it knows.
    lease_epoch: u32,
    lease_holder: Option<NodeId>,
    lease_until: Ns,
    /// Whether the primary is to be replaced.
    alarmed: bool,
    election: Ticket,
    candidate: u32,
    votes: u32,
    /// When it may ask again if it does not win: a time of its own, or those who asked at the same time
    /// would do so again (section 5.2 of the paper).
    rests_until: Ns,
    /// The end of the longest lease among its voters, itself included.
    old_lease: Ns,
    /// What data nodes have told of their logs, and who is to be promoted.
    logs: Vec<Log>,
    best: Option<Log>,
    appointed: Appointments,
    /// The newest in-sync set that it has heard of.
    in_sync: InSync,
    /// Whom a person wants to be primary: from the next election on, and in the present one.
    wish: Option<u16>,
    wished: Option<u16>,
}

impl Watcher {
    pub(crate) fn new() -> Watcher {
        Watcher {
            belief: Belief { epoch: 1, primary: 0 },
            missed: 0,
            idle: false,
            voted: 1,
            leader: NodeId::default(),
            leads_until: 0,
            promoting_until: 0,
            lease_epoch: 1,
            lease_holder: None,
            lease_until: 0,
            alarmed: false,
            election: Ticket::NOBODY,
            candidate: 0,
            votes: 0,
            rests_until: 0,
            old_lease: 0,
            logs: Vec::new(),
            best: None,
            appointed: Appointments::default(),
            in_sync: InSync { epoch: 0, version: 0, members: Members::MAX },
            wish: None,
            wished: None,
        }
    }

    /// A person wants that node to be primary; returns whom that wakes.
    pub(crate) fn ask_for(&mut self, node: u16) -> Ticket {
        self.wish = Some(node);
        std::mem::replace(&mut self.election, Ticket::NOBODY)
    }

    /// What it has written to the node that it appointed to an epoch: who was in sync, and who of them
    /// had told of its log. Nobody, if that is too long ago.
    pub(crate) fn heirs(&self, epoch: u32) -> (Members, Members) {
        self.appointed.of(epoch)
    }

    /// Whether it asks for votes now. If it waits, it looks again when it misses the next beat.
    fn begins(&mut self, now: Ns, me: NodeId) -> bool {
        let rests = now < self.promoting_until.max(self.rests_until);
        let waits = rests || self.is_taken(now, me);
        let alarmed = std::mem::take(&mut self.alarmed) && !waits;
        self.wished = self.wish.take();
        alarmed || self.wished.is_some()
    }

    /// Takes up a newer belief.
    fn adopt(&mut self, belief: Belief) {
        if belief.epoch > self.belief.epoch {
            self.belief = belief;
            self.rests_until = 0;
            self.missed = 0;
            self.idle = false;
            self.alarmed = false;
        }
    }

    /// A data node answered a beat (with its epoch and whether it acts), or did not. The first answer of
    /// a primary that has lost its lease in a silence ends that silence: it has as many beats to get
    /// another as it had to answer. (Else all watchers would call for an election as a frozen one comes
    /// back, and no vote and no lease would be had.)
    fn heard(&mut self, node: u16, answer: Option<(u32, bool)>, misses: u64) {
        if let Some((epoch, true)) = answer {
            self.adopt(Belief { epoch, primary: node });
        }
        if node != self.belief.primary {
            return;
        }
        let own = answer.filter(|(epoch, _)| *epoch == self.belief.epoch);
        let back = own.is_some() && !self.idle;
        let acts = own.is_some_and(|(_, acts)| acts);
        self.idle = !acts && (self.idle || own.is_some());
        self.missed = match (acts, back) {
            (true, _) => 0,
            (_, true) => 1,
            _ => self.missed.saturating_add(1),
        };
        self.alarmed = self.misses(misses);
    }

    fn misses(&self, misses: u64) -> bool {
        u64::from(self.missed) >= misses
    }

    /// Whether it has left the matter to another watcher than `from`.
    fn is_taken(&self, now: Ns, from: NodeId) -> bool {
        now < self.leads_until && from != self.leader
    }

    /// Answers a poll or a campaign: the end of the last lease that it granted if it agrees, else the
    /// newest epoch for which it has voted. Whoever has voted leaves the matter to that candidate for
    /// a while, or two candidates would outbid each other for ever.
    fn vote(&mut self, ask: &Ask) -> Result<Ns, u32> {
        let newest = self.voted.max(self.belief.epoch);
        let promoting = !ask.wished && ask.now < self.promoting_until;
        let taken = self.is_taken(ask.now, ask.from) || promoting;
        if !(ask.wished || self.misses(ask.misses)) || ask.epoch <= newest || taken {
            return Err(newest);
        }
        if ask.real {
            self.voted = ask.epoch;
            self.leader = ask.from;
            self.leads_until = ask.now.max(self.lease_until).saturating_add(ask.patience);
        }
        Ok(self.lease_until)
    }

    /// Grants a lease to the primary of an epoch, unless it knows of a newer one, is choosing one, or
    /// has granted another lease to another node, and that is not over.
    fn grant(&mut self, epoch: u32, from: NodeId, now: Ns, length: Ns, fencing: bool) -> bool {
        let choosing = epoch < self.voted && now < self.leads_until.max(self.promoting_until);
        let others = epoch != self.lease_epoch && self.lease_holder != Some(from);
        let taken = fencing && others && now < self.lease_until;
        let granted = epoch >= self.belief.epoch && !choosing && !taken;
        if granted {
            self.lease_epoch = epoch;
            self.lease_holder = Some(from);
            // One that was longer, before `misses` was made smaller, is good to its end.
            self.lease_until = self.lease_until.max(now.saturating_add(length));
        }
        granted
    }

    /// Fencing begins: until `grace` the primary that it believes in may act without a lease.
    pub(crate) fn fence(&mut self, grace: Ns) {
        self.lease_epoch = self.belief.epoch;
        self.lease_until = self.lease_until.max(grace);
    }

    /// Begins a poll or a campaign; false if it has no vote for itself: it hears the primary again, or
    /// has voted for another since it asked for their opinion.
    fn campaign(&mut self, real: bool, ask: Ask) -> bool {
        self.candidate = self.voted.max(self.belief.epoch) + 1;
        self.votes = 1;
        self.old_lease = self.lease_until;
        self.logs.clear();
        self.best = None;
        !real || self.vote(&Ask { epoch: self.candidate, real, ..ask }).is_ok()
    }

    /// The primary whose log has all that was acknowledged: the one who told the in-sync set, unless
    /// there may have been another one since.
    fn last_primary(&self) -> Option<u16> {
        let told = self.in_sync.epoch;
        let last = self.belief.epoch == told && self.candidate == told.saturating_add(1);
        last.then_some(self.belief.primary)
    }

    /// Until when an older lease may let somebody else act. The last primary itself has promised to follow
    /// the new epoch; nobody waits for its lease to promote it again.
    fn others_lead_until(&self) -> Ns {
        let best = self.best.map(|(_, node)| node);
        if best.is_some() && best == self.last_primary() { 0 } else { self.old_lease }
    }

    /// The primary that it names to a caller: the one that it knows, unless it misses it and has voted for
    /// the next. One that is cut off from the others goes on naming it, for it gets no majority to vote.
    fn names(&self, misses: u64) -> Option<u16> {
        let gone = self.misses(misses) && self.voted > self.belief.epoch;
        (!gone).then_some(self.belief.primary)
    }

    /// The primary that it hears.
    fn primary(&self, misses: u64) -> Option<u16> {
        (!self.misses(misses)).then_some(self.belief.primary)
    }

    /// Its process has died; its votes are on disk.
    pub(crate) fn crash(&mut self) {
        *self = Watcher {
            belief: self.belief,
            voted: self.voted,
            leader: self.leader,
            leads_until: self.leads_until,
            lease_epoch: self.lease_epoch,
            lease_holder: self.lease_holder,
            lease_until: self.lease_until,
            in_sync: self.in_sync,
            appointed: std::mem::take(&mut self.appointed),
            ..Watcher::new()
        };
    }

    pub(crate) fn reading(&self, misses: u64, first: NodeId) -> PartReading {
        PartReading::Watcher {
            primary: self.primary(misses).map(|p| NodeId(first.0 + p)),
            epoch: self.belief.epoch,
            missed: self.missed,
        }
    }
}

impl World {
    pub(in crate::sim) fn watcher_op<O: Observer>(
        &mut self,
        op: WatcherOp,
        index: u32,
        out: &mut O,
    ) -> Flow {
        let now = self.now;
        let frame: &mut Frame = &mut self.arena[index];
        let (me, ticket) = (frame.node, Ticket { index, since: frame.since });
        let from = match frame.link {
            Frame::NO_LINK => me,
            link => self.links[link].from,
        };
        let node = &mut self.nodes[me.index()];
        let (Part::Watcher(watcher), Options::Failover(options)) =
            (&mut node.part, &self.options[node.component.index()])
        else {
            return Flow::Next;
        };
        match op {
            WatcherOp::Heard => {
                let answer = (frame.result == Outcome::Ok)
                    .then_some(((frame.value >> 2) as u32, frame.value & 1 == 1));
                if answer.is_some() && frame.value & 2 == 2 {
                    // It works on it: it has failed when it has not said so for as long as it takes
                    // to miss a primary.
                    let patience = options.every.saturating_mul(options.misses);
                    watcher.promoting_until = now.saturating_add(patience);
                }
                watcher.heard(frame.local as u16, answer, options.misses);
                if watcher.alarmed && watcher.election != Ticket::NOBODY {
                    self.ready.push_back(watcher.election);
                    watcher.election = Ticket::NOBODY;
                }
                Flow::Next
            }
            WatcherOp::AwaitMiss => {
                if watcher.begins(now, me) {
                    return Flow::Next;
                }
                watcher.election = ticket;
                Flow::Park
            }
            WatcherOp::AwaitLease if options.fencing => {
                Flow::Until(now.max(watcher.others_lead_until()))
            }
            WatcherOp::Won => {
                watcher.rests_until = 0;
                self.election_won(index, out)
            }
            WatcherOp::Choose => self.choose(index, out),
            talk => {
                let patience = promotion_patience(options.promote);
                if talk == WatcherOp::Campaign {
                    // As long as voters leave the matter to their candidate, and up to twice that.
                    let rest = patience.saturating_add(node.stream.below(patience));
                    watcher.rests_until = now.saturating_add(rest);
                }
                let misses = options.misses;
                let wished = watcher.wished.is_some();
                let ask = Ask { epoch: 0, real: false, wished, from, now, misses, patience };
                watcher.talk(talk, frame, options, ask)
            }
        }
    }

    /// Of what a watcher watches: the database's component and its first node.
    fn watched(&self, watcher: NodeId) -> Option<(usize, NodeId)> {
        let component = self.nodes[watcher.index()].component;
        let d = self.databases.iter().position(|d| d.failover == Some(component))?;
        let database = self.databases[d].component;
        Some((d, NodeId(self.topology.components[database.index()].nodes.start)))
    }

    fn election_won<O: Observer>(&mut self, index: u32, out: &mut O) -> Flow {
        let leader = self.arena[index].node;
        let Some((d, first)) = self.watched(leader) else { return Flow::Next };
        let Part::Watcher(watcher) = &self.nodes[leader.index()].part else { return Flow::Next };
        let (primary, missing) = (NodeId(first.0 + watcher.belief.primary), watcher.votes);
        self.arena[index].value = u64::from(watcher.candidate);
        if watcher.wished.is_some() {
            return Flow::Next;
        }
        let component = self.databases[d].component;
        out.happened(self.now, Event::Detected { component, primary, leader, missing });
        Flow::Next
    }

    fn choose<O: Observer>(&mut self, index: u32, out: &mut O) -> Flow {
        let now = self.now;
        let leader = self.arena[index].node;
        let Some((d, first)) = self.watched(leader) else { return Flow::Next };
        let component = self.databases[d].component;
        let (Options::Database(database), nodes) =
            (&self.options[component.index()], self.databases[d].nodes)
        else {
            return Flow::Next;
        };
        let node = &mut self.nodes[leader.index()];
        let (Part::Watcher(watcher), Options::Failover(options)) =
            (&mut node.part, &self.options[node.component.index()])
        else {
            return Flow::Next;
        };
        watcher.best = Choice {
            rule: Rule { ack: database.ack, min: database.min_in_sync, degrade: database.degrade },
            in_sync: watcher.in_sync.members & everybody(nodes),
            old: watcher.last_primary(),
            nodes,
            wish: watcher.wished,
        }
        .of(&watcher.logs);
        let Some((_, best)) = watcher.best else {
            out.happened(now, Event::Stalled { component, leader });
            self.arena[index].result = Outcome::NoPrimary;
            return Flow::Next;
        };
        let begins = if options.fencing { now.max(watcher.others_lead_until()) } else { now };
        let due = begins.saturating_add(options.promote);
        let (node, epoch) = (NodeId(first.0 + best), watcher.candidate);
        self.arena[index].result = Outcome::Ok;
        out.happened(now, Event::Elected { component, node, epoch, due });
        Flow::Next
    }
}

#[cfg(test)]
mod tests;
