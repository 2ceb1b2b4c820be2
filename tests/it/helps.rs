//! What reports advise against failures is told where they began, and helps there.

use crate::support::command;
use brownout::observe::why::advice::{advice, advised};
use brownout::playbook;
use brownout::report::{Origin, Report, markdown};
use brownout::session::Session;
use brownout::sim::observation::Outcome::{
    self, BadDeploy, Expired, NoBackend, NoPrimary, NotEnoughReplicas, Overloaded, PoolExhausted,
    QueueFull, Refused, Reset, Timeout,
};
use brownout::sim::time::SECOND;
use std::collections::BTreeSet;

/// Users, a balancer, two servers that read, write and publish, a database of three nodes with its
/// watchers, a queue and those who work for it.
const CLUSTER: &str = r#"
    name = "lab"
    [traffic.users]
    to = "edge"
    rate = "50/s"
    timeout = "5s"
    backoff = "10ms"
    [request.order]
    share = "100%"
    keys = { count = 100 }
    steps = ["write store", "publish jobs"]
    [balancer.edge]
    to = "web"
    call_timeout = "2s"
    [service.web]
    instances = 2
    call_timeout = "500ms"
    [database.store]
    [failover.keeper]
    of = "store"
    [queue.jobs]
    [workers.couriers]
    from = "jobs"
    steps = ["cpu 50ms"]
"#;

/// A failure, where it begins, and what is done against it.
struct Case {
    reason: Outcome,
    at: &'static str,
    /// Settings with which the failure is to be had, and the commands that make it, a second apart.
    with: &'static str,
    fault: &'static str,
    /// What is set as advised, or lines of the file in the place of others.
    helps: Helps,
}

enum Helps {
    Set(&'static str),
    Line(&'static str, &'static str),
}

use Helps::{Line, Set};

const fn case(
    (reason, at): (Outcome, &'static str),
    (with, fault): (&'static str, &'static str),
    helps: Helps,
) -> Case {
    Case { reason, at, with, fault, helps }
}

/// Tries until whoever is away is back: 2 s of boot after it.
const AGAIN: Helps = Set("users.attempts=6 users.backoff=200ms");
const FAILOVER: Helps = Set("keeper.every=100ms keeper.misses=2 keeper.promote=100ms");
const SLOW: &str = "store.write=300ms store.cores=100 store.pool=100";

const CASES: &[Case] = &[
    case(
        (Timeout, "edge"),
        ("users.timeout=400ms", "power_off web-1 for 3s"),
        Set("edge.call_timeout=100ms edge.retry_on_next=1"),
    ),
    case(
        (Timeout, "web"),
        ("edge.call_timeout=500ms", "power_off web-1 for 3s"),
        Set("edge.retry_on_next=1"),
    ),
    case((Timeout, "store"), ("", "power_off store:primary for 4s"), FAILOVER),
    case((Timeout, "jobs"), ("", "power_off jobs for 2s"), AGAIN),
    case((Refused, "edge"), ("", "crash edge for 200ms"), AGAIN),
    case((Refused, "web"), ("", "crash web-1 for 3s"), Set("edge.retry_on_next=1")),
    case((Refused, "store"), ("", "crash store:primary for 8s"), FAILOVER),
    case((Refused, "jobs"), ("", "crash jobs for 200ms"), AGAIN),
    case((Reset, "edge"), (SLOW, "crash edge for 200ms"), AGAIN),
    case((Reset, "web"), (SLOW, "crash web-1 for 200ms"), AGAIN),
    case((Reset, "store"), (SLOW, "crash store:primary for 4s"), AGAIN),
    case(
        (Reset, "jobs"),
        ("jobs.boot=10ms", "delay web->jobs base=150ms; crash jobs for 20ms"),
        AGAIN,
    ),
    case(
        (Overloaded, "web"),
        ("web.threads=1 web.backlog=0", "set store.write=40ms"),
        Line("instances = 2", "instances = 12"),
    ),
    case((PoolExhausted, "web"), ("store.pool=1", "set store.write=100ms"), Set("store.pool=20")),
    case(
        (NoBackend, "edge"),
        ("", "crash web-1,web-2 for 3s"),
        Line("instances = 2", "instances = 4"),
    ),
    case((NoPrimary, "web"), ("", "cut store-1|keeper,store-2,store-3 for 8s"), FAILOVER),
    case(
        (NoPrimary, "store"),
        ("web.discover=20ms", "cut store-1|keeper,store-2,store-3 for 8s"),
        FAILOVER,
    ),
    case(
        (QueueFull, "jobs"),
        ("jobs.limit=20", "slow couriers factor=5 for 3s"),
        Line("[workers.couriers]", "[workers.couriers]\ninstances = 20"),
    ),
    case((BadDeploy, "edge"), ("", "error edge p=50%"), Set("users.attempts=6")),
    case((BadDeploy, "web"), ("", "error web-1 p=50%"), Set("users.attempts=6")),
    case((BadDeploy, "store"), ("", "error store-1 p=50%"), Set("users.attempts=6")),
    case((BadDeploy, "jobs"), ("", "error jobs p=50%"), Set("users.attempts=6")),
    case(
        (NotEnoughReplicas, "store"),
        ("store.ack=semi store.min_in_sync=2", "crash store-2 for 4s"),
        Line("[database.store]", "[database.store]\nreplicas = 3"),
    ),
    case(
        (Expired, "web"),
        ("users.propagate=true users.deadline=300ms", "set web.threads=1 store.write=60ms"),
        Line("instances = 2", "instances = 12"),
    ),
    case(
        (Expired, "store"),
        (
            "users.propagate=true users.deadline=300ms store.pool=100 store.cores=4",
            "set store.write=200ms",
        ),
        Set("store.cores=40"),
    ),
];

/// What is to be seen of a run with that failure, with or without what helps.
fn run(case: &Case, helped: bool) -> Report {
    let (text, set) = match case.helps {
        _ if !helped => (CLUSTER.to_owned(), ""),
        Set(set) => (CLUSTER.to_owned(), set),
        Line(line, other) => (CLUSTER.replace(line, other), ""),
    };
    let opened = playbook::parse("lab.toml", &text, None).unwrap_or_else(|e| panic!("{e}"));
    let mut session = Session::new(&opened.into_playbook(), 5);
    let mut act = |text: String| {
        session.inject(&command(&text)).unwrap_or_else(|e| panic!("{text}: {e}"));
    };
    [case.with, set].iter().filter(|s| !s.is_empty()).for_each(|s| act(format!("set {s}")));
    for (second, fault) in (2..).zip(case.fault.split("; ")) {
        session.advance(second * SECOND).expect("the world goes on");
        session.inject(&command(fault)).unwrap_or_else(|e| panic!("{fault}: {e}"));
    }
    session.advance(16 * SECOND).expect("the world goes on");
    Report::new(&session, Origin::default())
}

fn count(report: &Report, case: &Case) -> u64 {
    let all = report.judged.began();
    all.iter().find(|b| b.reason == case.reason && &*b.at == case.at).map_or(0, |b| b.count)
}

fn kind_of(report: &Report, name: &str) -> &'static str {
    report.judged.components.iter().find(|c| &*c.name == name).expect("it is there").kind
}

#[test]
fn what_is_advised_where_a_failure_began_makes_it_rarer() {
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in CASES {
        let report = run(case, false);
        let (failed, kind) = (count(&report, case), kind_of(&report, case.at));
        seen.insert((case.reason, kind));
        let named =
            [("traffic", "users"), ("balancer", "edge"), ("service", "web"), ("database", "store")];
        let more = [("failover", "keeper"), ("queue", "jobs"), ("workers", "couriers")];
        let named: Vec<_> = named.into_iter().chain(more).collect();
        let fix = advice(case.reason, kind, &named).expect("a row");
        let mut bytes = Vec::new();
        markdown::write(&report, &mut bytes).expect("a buffer takes all");
        let told = String::from_utf8(bytes).expect("text");
        let line = format!(" failed as `{}` at {}: ", case.reason.word(), case.at);
        let line = told.lines().find(|l| l.contains(&line)).unwrap_or_default();
        let is_told = line.starts_with(&format!("- {failed} failed"));
        let left = count(&run(case, true), case);
        println!("{:?} at {}: {failed}, then {left}", case.reason, case.at);
        if failed < 4 || !is_told || !line.ends_with(&format!("What helps: {fix}.")) {
            wrong.push(format!("{:?} at {}: {failed}: {line}", case.reason, case.at));
        } else if left * 2 > failed {
            wrong.push(format!("{:?} at {}: {failed} before, {left} after", case.reason, case.at));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(seen, advised().collect(), "there is a case for each row");
}

/// The parts of all failures: none is told twice, none is left out, and none that came before the judged
/// time is among them.
#[test]
fn where_failures_began_adds_up_to_how_many_there_were() {
    let text = r#"title = "t"
cluster = "single-server"
length = "8s"
warmup = "3s"
[[step]]
id = "crash"
at = "2s"
do = "crash server for 2s"
"#;
    let opened = playbook::parse("t.toml", text, None).unwrap_or_else(|e| panic!("{e}"));
    let mut session = Session::new(&opened.into_playbook(), 5);
    session.run(8 * SECOND).expect("the world goes on");
    let report = Report::new(&session, Origin::default());
    let failures = report.judged.total.failures();
    let total = session.observers().total();
    assert!(failures.iter().any(|(reason, n)| *n > 0 && *n < total.of(*reason)), "{failures:?}");
    for (reason, failed) in failures {
        let began = report.judged.began().into_iter().filter(|b| b.reason == reason);
        assert_eq!(began.map(|b| b.count).sum::<u64>(), failed, "{reason:?}");
    }
}
