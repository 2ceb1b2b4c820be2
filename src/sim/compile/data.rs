//! Programs about data: reads and writes through caches, databases, and their watchers.

use super::{At, Compiler};
use crate::sim::id::ComponentId;
use crate::sim::part::client::ClientOp;
use crate::sim::part::database::DatabaseOp;
use crate::sim::part::failover::{WatcherOp, promotion_patience};
use crate::sim::part::flight::FlightOp;
use crate::sim::program::{
    Call, Daemon, Meaning, Own, Pc, Row, Step, Target, Test, Want, entry, slot,
};
use crate::sim::spec::{self, Dist, Options};
use crate::sim::time::{MILLISECOND, Ns};

/// How long a primary waits for a replica's answer before it sends again (a new connection), at least:
/// see `World::gets_on`.
const SHIP_TIMEOUT: Ns = 200 * MILLISECOND;
/// How long a watcher waits for an answer: shorter if `every` is, and longer where three round trips are,
/// or it would take those who are far away for dead. A choice; below a beat, so that silence is missed
/// before the next.
const ASK_TIMEOUT: Ns = 200 * MILLISECOND;

impl Compiler<'_> {
    /// Reads a row of a cache (and on a miss of its database), or of a database.
    pub(super) fn read(&mut self, from: ComponentId, class: Option<usize>, at: At) {
        let Options::Cache(cache) = &self.options[from.index()] else {
            return self.read_database(from, class, at);
        };
        let database = self.find(&cache.of);
        let cache_timeout = cache.call_timeout;
        let timeout = Some(self.timeout(cache_timeout));
        let d = self.database_index(database);
        let (row, step) = (Self::row(d, class), at.step);
        let off = self.emit_later();
        let lookup = self.add_call(Call {
            timeout,
            row,
            step,
            line: true,
            cancel: at.cancel,
            optional: true,
            meaning: Meaning::Lookup(d as u8),
            ..Self::call(Target::Turn(from), entry::CACHE_GET)
        });
        self.emit(Step::Call(lookup));
        let hit = self.emit_later();
        self.emit(Step::Own(Own::Flight(FlightOp::Join(lookup))));
        let shared = self.emit_later();
        self.code.steps[off] = Step::When(Test::CacheOff(from), self.here());
        self.read_database(database, class, at);
        self.emit(Step::Own(Own::Flight(FlightOp::Land)));
        let still_off = self.emit_later();
        self.emit_send(Call { row, step, ..Self::call(Target::Turn(from), entry::CACHE_PUT) });
        let done = self.here();
        self.code.steps[hit] = Step::When(Test::Hit, done);
        self.code.steps[shared] = Step::When(Test::Hit, done);
        self.code.steps[still_off] = Step::When(Test::CacheOff(from), done);
    }

    /// From the node that is chosen; with `read_your_writes` from the primary after all, if that node
    /// lacks what the user wrote. The steps are the same without the setting, since frames that are
    /// under way when it changes keep their place.
    fn read_database(&mut self, database: ComponentId, class: Option<usize>, at: At) {
        let d = self.database_index(database);
        let own = matches!(
            &self.options[database.index()], Options::Database(o) if o.read_your_writes
        );
        let call = Self::call(Target::Local(database), entry::DB_READ);
        let call = Call { row: Self::row(d, class), meaning: Meaning::Read(d as u8), ..call };
        let know = if own { ClientOp::KnowOwn } else { ClientOp::KnowReader };
        self.call_node(d, know(d as u8), Call { optional: own, ..call }, at);
        let hit = self.emit_later();
        self.call_node(d, ClientOp::AskPrimary(d as u8), call, at);
        self.code.steps[hit] = Step::When(Test::Hit, self.here());
    }

    /// Writes a row of a database (of `class`, or of the message's own, which is one of `classes`),
    /// and deletes it from the caches that may hold it.
    pub(super) fn write(
        &mut self,
        database: ComponentId,
        class: Option<usize>,
        classes: &[usize],
        at: At,
    ) {
        let d = self.database_index(database);
        let row = Self::row(d, class);
        let know = ClientOp::KnowPrimary(d as u8);
        let call = Self::call(Target::Local(database), entry::DB_WRITE);
        self.call_node(d, know, Call { row, meaning: Meaning::Write(d as u8), ..call }, at);
        for c in 0..self.options.len() {
            let Options::Cache(cache) = &self.options[c] else { continue };
            let cached = classes.iter().any(|&class| self.is_cached(c, class));
            if self.find(&cache.of) != database || !cached {
                continue;
            }
            let timeout = Some(self.timeout(cache.call_timeout));
            let cache = ComponentId(c as u16);
            let off = self.emit_later();
            self.emit_call(Call {
                timeout,
                row,
                step: at.step,
                line: true,
                cancel: at.cancel,
                optional: true,
                ..Self::call(Target::Turn(cache), entry::CACHE_DELETE)
            });
            self.code.steps[off] = Step::When(Test::Untold(cache), self.here());
        }
    }

    /// Whether some step reads rows of that class through that cache: an application does not delete
    /// from a cache what it never puts there.
    fn is_cached(&self, cache: usize, class: usize) -> bool {
        let name = &self.topology.components[cache].name;
        let reads = |own: usize, steps: &[spec::Step]| {
            steps.iter().any(|step| match step {
                spec::Step::Read { from, keys } => {
                    from == name && self.class_of(keys.as_ref(), Some(own)) == Some(class)
                }
                _ => false,
            })
        };
        let by_request = self.cluster.classes.iter().enumerate().any(|(i, c)| reads(i, &c.steps));
        let classes = || 0..self.cluster.classes.len();
        let by_component = self.options.iter().any(|o| classes().any(|i| reads(i, o.steps())));
        by_request || by_component
    }

    fn database_index(&self, component: ComponentId) -> usize {
        self.databases.iter().position(|d| d.component == component).unwrap_or(0)
    }

    fn row(d: usize, class: Option<usize>) -> Row {
        Row::In { database: d as u8, class: class.map(|c| c as u8) }
    }

    /// Over a pooled connection, to the node that the caller chooses.
    fn call_node(&mut self, d: usize, know: ClientOp, call: Call, at: At) {
        let timeout = Some(self.timeout(at.patience));
        let first = self.databases[d].first_pool;
        let call =
            self.add_call(Call { timeout, step: at.step, line: true, cancel: at.cancel, ..call });
        self.emit(Step::Own(Own::Client(know)));
        self.emit(Step::HoldPool { first, call });
        self.emit(Step::Call(call));
        self.emit(Step::ReleasePool { first });
    }

    fn own_entry(&mut self, c: usize, own: Own) {
        let start = self.here();
        self.emit(Step::Own(own));
        self.emit(Step::End);
        self.code.entries[c].push(start);
    }

    pub(super) fn database(&mut self, c: usize, o: &spec::DatabaseOptions) {
        let db = |op| Step::Own(Own::Database(op));
        let connect = format!("{} connect", self.name(c));
        let connect = self.add_work(Dist::Constant(o.connect), &connect, true);
        for (dist, word, reads) in [(o.read, "read", true), (o.write, "write", false)] {
            let name = format!("{} {word}", self.name(c));
            let start = self.here();
            self.emit(db(if reads { DatabaseOp::MayRead } else { DatabaseOp::MustLead }));
            self.emit(Step::Hold(slot::CONNECTIONS));
            self.emit(Step::Hold(slot::CORES));
            self.emit(Step::Greet(connect));
            if reads {
                // As it is when the statement begins.
                self.emit(db(DatabaseOp::ReadRow));
            }
            self.emit_work(dist, &name, true);
            self.emit(Step::Release(slot::CORES));
            if reads {
                self.emit(db(DatabaseOp::MayAnswer));
            } else {
                self.emit(db(DatabaseOp::Append));
                self.emit(db(DatabaseOp::AwaitAck));
            }
            self.emit(Step::End);
            self.code.entries[c].push(start);
        }
        let receive = self.here();
        self.emit(db(DatabaseOp::Sync));
        self.emit(db(DatabaseOp::Receive));
        self.emit(db(DatabaseOp::Restored));
        self.emit(Step::End);
        self.code.entries[c].push(receive);
        for op in [DatabaseOp::HearBeat, DatabaseOp::TellWho, DatabaseOp::Inspect] {
            self.own_entry(c, Own::Database(op));
        }
        let component = ComponentId(c as u16);
        let d = self.database_index(component);
        let failover = self.databases[d].failover;
        let promote = match failover.map(|f| &self.options[f.index()]) {
            Some(Options::Failover(f)) => f.promote,
            _ => 0,
        };
        let start = self.here();
        self.emit(db(DatabaseOp::Prepare));
        self.emit_work(Dist::Constant(promote), "promote", true);
        let replay = self.here();
        self.emit(db(DatabaseOp::Replay));
        self.emit(db(DatabaseOp::Replayed));
        self.emit(Step::When(Test::Hit, replay));
        self.emit(db(DatabaseOp::Lead));
        self.emit(Step::End);
        self.code.entries[c].push(start);
        self.replication(c, o);
        if let Some(f) = failover {
            self.lease(c, f);
        }
    }

    /// A shipper for each peer, and the applier of what comes.
    fn replication(&mut self, c: usize, o: &spec::DatabaseOptions) {
        let db = |op| Step::Own(Own::Database(op));
        let component = ComponentId(c as u16);
        let ship = self.here();
        let timeout = Some(self.timeout(SHIP_TIMEOUT));
        self.emit(db(DatabaseOp::NextBatch));
        let sends = self.emit_later();
        self.emit(Step::Jump(ship));
        self.code.steps[sends] = Step::When(Test::Hit, self.here());
        let forks = self.emit_later();
        self.emit(Step::Jump(ship));
        self.code.steps[forks] = Step::Fork(self.here());
        self.emit_call(Call {
            timeout,
            optional: true,
            meaning: Meaning::Stream,
            ..Self::call(Target::Local(component), entry::DB_RECEIVE)
        });
        self.emit(db(DatabaseOp::Shipped));
        self.emit(Step::End);
        for local in 0..=o.replicas as u32 {
            self.code.daemons[c].push(Daemon { start: ship, local, peer: true });
        }
        let apply = self.here();
        self.emit(db(DatabaseOp::NextApply));
        // It waits for a core as reads do: a replica that is busy with reads lags.
        self.emit(Step::Hold(slot::CORES));
        self.emit_work(Dist::Constant(o.apply), "apply", true);
        self.emit(Step::Release(slot::CORES));
        self.emit(db(DatabaseOp::Applied));
        self.emit(Step::Jump(apply));
        self.code.daemons[c].push(Daemon { start: apply, local: 0, peer: false });
    }

    /// A primary asks its watchers for a lease, again and again.
    fn lease(&mut self, c: usize, failover: ComponentId) {
        let start = self.here();
        let timeout = Some(self.timeout(self.ask_timeout(failover)));
        self.emit(Step::Catch(start));
        self.emit(Step::Own(Own::Database(DatabaseOp::LeaseDue)));
        self.emit(Step::Own(Own::Database(DatabaseOp::LeaseAsk)));
        self.emit_call(Call {
            timeout,
            optional: true,
            want: Want::MajorityOf,
            meaning: Meaning::Gather(Own::Database(DatabaseOp::LeaseAnswer)),
            ..Self::call(Target::Others(failover), entry::WATCHER_LEASE)
        });
        self.emit(Step::Own(Own::Database(DatabaseOp::Leased)));
        self.emit(Step::Jump(start));
        self.code.daemons[c].push(Daemon { start, local: 0, peer: false });
    }

    fn ask_timeout(&self, failover: ComponentId) -> Ns {
        let Options::Failover(o) = &self.options[failover.index()] else { return ASK_TIMEOUT };
        let far = self.far(failover, failover).max(self.far(failover, self.find(&o.of)));
        o.every.min(ASK_TIMEOUT).max(far)
    }

    /// Three round trips between nodes of two components, as far apart as any are (what TCP waits for an
    /// answer when it has measured one: RFC 6298).
    pub(super) fn far(&self, a: ComponentId, b: ComponentId) -> Ns {
        let nodes = |c: ComponentId| self.topology.components[c.index()].all();
        let ways = nodes(a).flat_map(|from| nodes(b).map(move |to| (from, to)));
        let longest = ways.map(|(from, to)| self.topology.latency(from, to)).max().unwrap_or(0);
        longest.saturating_mul(6)
    }

    pub(super) fn failover(&mut self, c: usize, o: &spec::FailoverOptions) {
        for op in [WatcherOp::Vote, WatcherOp::Grant, WatcherOp::TellWho, WatcherOp::Hear] {
            self.own_entry(c, Own::Watcher(op));
        }
        let database = self.find(&o.of);
        let watcher = |op| Step::Own(Own::Watcher(op));
        let timeout = Some(self.timeout(self.ask_timeout(ComponentId(c as u16))));
        let every = self.add_work(Dist::Constant(o.every), "beat", false);

        let beat = self.here();
        self.emit(Step::Pace(every));
        self.emit(watcher(WatcherOp::Speak));
        self.emit_call(Call {
            timeout,
            optional: true,
            ..Self::call(Target::Local(database), entry::DB_BEAT)
        });
        self.emit(watcher(WatcherOp::Heard));
        self.emit(Step::Jump(beat));
        for local in 0..self.topology.components[database.index()].nodes.len() as u32 {
            self.code.daemons[c].push(Daemon { start: beat, local, peer: false });
        }
        self.election(c, database, o, timeout.map_or(ASK_TIMEOUT, |(t, _)| t));
    }

    /// Await that the primary is missed, ask the others, choose the newest log, promote, tell.
    fn election(&mut self, c: usize, database: ComponentId, o: &spec::FailoverOptions, ask: Ns) {
        let me = ComponentId(c as u16);
        let watcher = |op| Step::Own(Own::Watcher(op));
        let timeout = Some(self.timeout(ask));
        let start = self.here();
        let again = |this: &mut Self, from: Pc| {
            this.emit(Step::When(Test::Failed, from));
        };
        self.emit(watcher(WatcherOp::AwaitMiss));
        for ask in [WatcherOp::Poll, WatcherOp::Campaign] {
            self.emit(watcher(ask));
            again(self, start);
            self.emit_call(Call {
                timeout,
                optional: true,
                want: Want::Majority,
                meaning: Meaning::Gather(Own::Watcher(WatcherOp::VoteAnswer)),
                ..Self::call(Target::Others(me), entry::WATCHER_VOTE)
            });
            again(self, start);
        }
        self.emit(watcher(WatcherOp::Won));
        self.emit_call(Call {
            timeout,
            optional: true,
            want: Want::All,
            meaning: Meaning::Gather(Own::Watcher(WatcherOp::InspectAnswer)),
            ..Self::call(Target::Others(database), entry::DB_INSPECT)
        });
        self.emit(watcher(WatcherOp::Choose));
        again(self, start);
        self.emit(watcher(WatcherOp::AwaitLease));
        self.emit(watcher(WatcherOp::Appoint));
        let patience = Some(self.timeout(promotion_patience(o.promote)));
        self.emit_call(Call {
            timeout: patience,
            optional: true,
            ..Self::call(Target::Local(database), entry::DB_PROMOTE)
        });
        self.emit(watcher(WatcherOp::Installed));
        again(self, start);
        self.emit_send(Self::call(Target::Others(me), entry::WATCHER_HEAR));
        self.emit(Step::Jump(start));
        self.code.daemons[c].push(Daemon { start, local: 0, peer: false });
    }
}
