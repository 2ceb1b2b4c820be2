//! Who failed: each request that fails names the node where its failure began.

use crate::lab::Lab;
use brownout::sim::observation::Outcome::{
    self, BadDeploy, NoBackend, Overloaded, PoolExhausted, QueueFull, Refused, Reset, Timeout,
};
use brownout::sim::time::SECOND;

/// Users, a balancer, a server that reads, writes and publishes, a database and a queue.
fn lab() -> Lab {
    Lab::new(
        r#"
        [traffic.users]
        to = "edge"
        rate = "50/s"
        timeout = "5s"
        [request.order]
        share = "100%"
        keys = { count = 100 }
        steps = ["write store", "publish jobs"]
        [balancer.edge]
        to = "web"
        call_timeout = "2s"
        health.every = "100ms"
        [service.web]
        instances = 2
        call_timeout = "500ms"
        [database.store]
        replicas = 0
        [queue.jobs]
        "#,
        5,
    )
}

/// Runs with a command, and gives who was to blame for how many of these failures.
fn blamed(command: &str, outcome: Outcome) -> Vec<(String, usize)> {
    let mut lab = lab();
    lab.run(SECOND).act(command).run(3 * SECOND);
    let mut names: Vec<String> = (lab.seen.ended.iter().filter(|e| e.outcome == outcome))
        .map(|e| lab.world.topology().display_name(e.blame).to_owned())
        .collect();
    names.sort();
    let each = names.chunk_by(|a, b| a == b);
    each.map(|of| (of[0].clone(), of.len())).collect()
}

#[test]
fn a_failure_names_the_node_where_it_began() {
    let cases: [(&str, Outcome, &[&str]); 12] = [
        ("crash store", Refused, &["store"]),
        ("power_off store", Timeout, &["store"]),
        ("cut web->store", Timeout, &["store"]),
        ("cut store->web", Timeout, &["store"]),
        ("crash jobs", Refused, &["jobs"]),
        ("cut edge->web-1", Timeout, &["web-1"]),
        ("cut edge->web", NoBackend, &["edge"]),
        ("crash web", NoBackend, &["edge"]),
        ("error web-2 p=100%", BadDeploy, &["web-2"]),
        ("set web.threads=1 web.backlog=0 store.write=100ms", Overloaded, &["web-1", "web-2"]),
        (
            "set store.pool=1 store.write=200ms store.connections=1",
            PoolExhausted,
            &["web-1", "web-2"],
        ),
        ("set jobs.limit=1", QueueFull, &["jobs"]),
    ];
    for (command, outcome, wanted) in cases {
        let found = blamed(command, outcome);
        let names: Vec<&str> = found.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, wanted, "{command}: {found:?}");
    }
}

/// Whose process dies takes with it what it had in hand: nobody behind it is to blame, though they were
/// asked.
#[test]
fn what_a_process_had_in_hand_was_reset_by_its_death() {
    let mut lab = lab();
    lab.act("set store.write=300ms").run(SECOND).act("crash web-1").run(SECOND);
    let web = lab.node("web-1");
    let reset: Vec<_> = lab.seen.ended.iter().filter(|e| e.outcome == Reset).collect();
    assert!(reset.len() > 3 && reset.iter().all(|e| e.blame == web), "{reset:?}");
}

/// Also where something else had failed for the same request before, and was got over: a cache that is
/// dead counts as a miss, and a server that refuses is passed over for the next.
#[test]
fn what_was_got_over_is_not_to_blame() {
    let mut lab: Lab = Lab::new(
        r#"
        [traffic.users]
        to = "edge"
        rate = "50/s"
        timeout = "5s"
        [request.look]
        share = "100%"
        keys = { count = 100 }
        steps = ["read rows"]
        [balancer.edge]
        to = "web"
        retry_on_next = 3
        eject.after = 1
        [service.web]
        instances = 2
        boot = "0s"
        [cache.rows]
        of = "store"
        [database.store]
        replicas = 0
        read = "100ms"
        "#,
        5,
    );
    lab.act("crash rows").act("set edge.retry_on_next=0").run(2 * SECOND);
    lab.forget().act("restart web-1").run(SECOND);
    let web = lab.node("web-1");
    let reset: Vec<_> = lab.seen.ended.iter().filter(|e| e.outcome == Reset).collect();
    assert!(!reset.is_empty() && reset.iter().all(|e| e.blame == web), "{reset:?}");
    lab.act("set edge.retry_on_next=3").forget().act("crash web").run(SECOND);
    let edge = lab.node("edge");
    let none = lab.seen.ended.iter().filter(|e| e.outcome == NoBackend);
    let (all, other) = none.fold((0, 0), |(n, o), e| (n + 1, o + usize::from(e.blame != edge)));
    assert!(all > 5 && other == 0, "{other} of {all}");
}
