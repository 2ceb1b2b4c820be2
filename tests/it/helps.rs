//! What reports advise against failures was tried, and helps.

use crate::support::{command, playbook_of, session_of};
use brownout::chaos::setting;
use brownout::observe::judged::Began;
use brownout::playbook::{Playbook, Step, Trigger};
use brownout::report::remedies::known;
use brownout::report::tried::trials;
use brownout::report::{Origin, Report, Tried, markdown};
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

/// A failure and where it begins; settings with which it is to be had, and the commands that make it, a second
/// apart.
type Case = ((Outcome, &'static str), &'static str, &'static str);

const SLOW: &str = "store.write=300ms store.cores=100 store.pool=100";

const CASES: &[Case] = &[
    ((Timeout, "edge"), "users.timeout=400ms", "power_off web-1 for 3s"),
    ((Timeout, "web"), "edge.call_timeout=500ms", "power_off web-1 for 3s"),
    ((Timeout, "store"), "", "power_off store:primary for 4s"),
    ((Timeout, "jobs"), "", "power_off jobs for 2s"),
    ((Refused, "edge"), "", "crash edge for 200ms"),
    ((Refused, "web"), "", "crash web-1 for 3s"),
    ((Refused, "store"), "", "crash store:primary for 8s"),
    ((Refused, "jobs"), "", "crash jobs for 200ms"),
    ((Reset, "edge"), SLOW, "crash edge for 200ms"),
    ((Reset, "web"), SLOW, "crash web-1 for 200ms"),
    ((Reset, "store"), SLOW, "crash store:primary for 4s"),
    ((Reset, "jobs"), "jobs.boot=10ms", "delay web->jobs base=150ms; crash jobs for 20ms"),
    ((Overloaded, "web"), "web.threads=1 web.backlog=0", "set store.write=40ms"),
    ((PoolExhausted, "web"), "store.pool=1", "set store.write=100ms"),
    ((NoBackend, "edge"), "", "crash web-1,web-2 for 3s"),
    ((NoPrimary, "web"), "", "cut store-1|keeper,store-2,store-3 for 8s"),
    ((NoPrimary, "store"), "web.discover=20ms", "cut store-1|keeper,store-2,store-3 for 8s"),
    ((QueueFull, "jobs"), "jobs.limit=20", "slow couriers factor=5 for 3s"),
    ((BadDeploy, "edge"), "", "error edge p=50%"),
    ((BadDeploy, "web"), "", "error web-1 p=50%"),
    ((BadDeploy, "store"), "", "error store-1 p=50%"),
    ((BadDeploy, "jobs"), "", "error jobs p=50%"),
    ((NotEnoughReplicas, "store"), "store.ack=semi store.min_in_sync=2", "crash store-2 for 4s"),
    (
        (Expired, "web"),
        "users.propagate=true users.deadline=300ms",
        "set web.threads=1 store.write=60ms",
    ),
    (
        (Expired, "store"),
        "users.propagate=true users.deadline=300ms store.pool=100 store.cores=4",
        "set store.write=200ms",
    ),
];

/// The cluster with these settings, and these commands from the second second on.
fn playbook(text: &str, with: &str, faults: &str) -> Playbook {
    let mut playbook = playbook_of(text);
    (playbook.length, playbook.warmup, playbook.seed) = (16 * SECOND, 0, 5);
    let cluster = std::sync::Arc::make_mut(&mut playbook.cluster);
    for with in with.split_whitespace() {
        let (name, value) = with.split_once('=').expect("a setting");
        let (name, setting) = name.split_once('.').expect("of a component");
        let mut all = cluster.components.iter_mut();
        let options = &mut all.find(|c| c.name == name).expect("it is there").options;
        let row = setting::row(options.kind(), setting).unwrap_or_else(|e| panic!("{e}"));
        let value = setting::parse(&row, value).unwrap_or_else(|e| panic!("{e}"));
        options.set(setting, value).expect("it is in bounds");
    }
    for (second, fault) in (2..).zip(faults.split("; ")) {
        playbook.steps.push(Step {
            id: format!("step-{second}"),
            trigger: Trigger::At(second * SECOND),
            repeat: None,
            command: command(fault),
            say: None,
        });
    }
    playbook
}

fn played(playbook: &Playbook) -> Session {
    let mut session = Session::new(playbook, playbook.seed);
    session.run(playbook.length).expect("the world goes on");
    session
}

/// The report of a run, with all that it advises tried.
fn tried(playbook: &Playbook) -> Report {
    let mut report = Report::new(&played(playbook), Origin::default());
    let trials = trials(&report, playbook);
    report.tried = trials.iter().map(|t| Tried::new(t, &played(&t.playbook))).collect();
    report
}

/// What the report says of failures for a reason that began there.
fn told(report: &Report, reason: Outcome, at: &str) -> String {
    let mut bytes = Vec::new();
    markdown::write(report, &mut bytes).expect("a buffer takes all");
    let told = String::from_utf8(bytes).expect("text");
    let line = format!(" failed as `{}` at {at}: ", reason.word());
    told.lines().find(|l| l.contains(&line)).unwrap_or_default().to_owned()
}

#[test]
fn against_each_failure_something_is_tried_and_helps_where_nothing_else_is_wrong() {
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for ((reason, at), with, fault) in CASES {
        let report = tried(&playbook(CLUSTER, with, fault));
        let groups = report.judged.began();
        let Some(group) = groups.iter().find(|b| b.reason == *reason && &*b.at == *at) else {
            wrong.push(format!("{reason:?} at {at}: none, {groups:?}"));
            continue;
        };
        seen.insert((*reason, group.kind));
        let (line, helped) = (told(&report, *reason, at), report.helped(group));
        println!("{line}");
        let is_told =
            helped.is_some_and(|help| line.contains(&format!("helps: `{}`. ", help.by.words)));
        if group.count < 4 || !is_told || !line.starts_with(&format!("- {} ", group.count)) {
            wrong.push(format!("{reason:?} at {at}: {line}; {:#?}", report.tried));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(seen, known().collect(), "there is a case for each row");
}

/// What usually helps does harm, or nothing, where it is not what is wrong; that is not advised.
#[test]
fn what_does_not_help_is_not_advised() {
    // All watchers are gone: the primary steps down since it hears none of them, and the sooner, the shorter a
    // failover would be.
    let report = tried(&playbook(CLUSTER, "", "crash keeper for 8s"));
    let line = told(&report, NoPrimary, "web");
    assert!(line.contains("failed as `no_primary`") && !line.contains("keeper."), "{line}");
    // The servers wait for a database that does not answer: to leave them out leaves none.
    let far = "web.threads=8 edge.call_timeout=400ms";
    let report = tried(&playbook(CLUSTER, far, "cut web->store for 8s"));
    let line = told(&report, Timeout, "web");
    assert!(line.contains("failed as `timeout`") && !line.contains("eject"), "{line}");
    let ejects = report.tried.iter().find(|t| t.words.contains("eject")).expect("it was tried");
    assert!(ejects.unserved >= report.unserved(), "{ejects:?}");
    // Nobody stands before the one that is called, and asks another.
    let two = CLUSTER.replace("\"publish jobs\"", "\"call payments\"")
        + "[service.payments]\ninstances = 1\nsteps = [\"cpu 1ms\"]\n";
    let report = tried(&playbook(&two, "", "crash payments for 5s"));
    let line = told(&report, Refused, "payments");
    assert!(line.contains("failed as `refused`") && !line.contains("edge."), "{line}");
}

/// Who tries again until the end of the run is not served.
#[test]
fn who_still_waits_in_the_end_was_not_helped() {
    let report = tried(&playbook(CLUSTER, "", "crash web for 1h"));
    let again =
        report.tried.iter().find(|t| t.words.contains("users.attempts")).expect("it was tried");
    let failed: u64 = again.began.iter().map(|b| b.count).sum();
    assert!(failed < again.unserved && report.unserved() > 600, "{again:?}");
    for line in [told(&report, Refused, "web"), told(&report, NoBackend, "edge")] {
        assert!(line.contains("failed as") && !line.contains("users.attempts"), "{line}");
    }
}

/// What it takes to be advised: each alone is not enough.
#[test]
fn a_change_helps_a_group_if_it_leaves_half_of_it_and_serves_more_and_harms_nothing() {
    let mut report = tried(&playbook(CLUSTER, "", "crash web-1 for 3s"));
    let group = report.judged.began().into_iter().max_by_key(|b| b.count).expect("some failed");
    let left = |count| vec![Began { count, ..group.clone() }];
    let half = group.count.div_ceil(2);
    let good = Tried {
        words: "good".into(),
        began: left(group.count / 2),
        unserved: report.unserved() - half,
        harm: 0,
        commands: report.commands.len(),
        mean: Some(SECOND),
    };
    let mut best = |tried: &[Tried]| {
        report.tried = tried.to_vec();
        report.helped(&group).map(|help| (help.by.words.clone(), help.left))
    };
    assert_eq!(best(std::slice::from_ref(&good)), Some(("good".into(), group.count / 2)));
    for bad in [
        Tried { began: left(group.count / 2 + 1), ..good.clone() },
        Tried { unserved: good.unserved + 1, ..good.clone() },
        Tried { harm: good.harm + 1, ..good.clone() },
        Tried { commands: good.commands - 1, ..good.clone() },
    ] {
        assert_eq!(best(std::slice::from_ref(&bad)), None, "{bad:?}");
    }
    let room = Tried { words: "room".into(), mean: Some(2 * SECOND), ..good.clone() };
    let more = Tried { words: "more".into(), unserved: good.unserved - 1, ..room.clone() };
    assert_eq!(best(&[room.clone(), good.clone()]).map(|b| b.0), Some("good".into()));
    assert_eq!(best(&[room, good, more]).map(|b| b.0), Some("more".into()));
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
    let mut session = session_of(text, 5);
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
