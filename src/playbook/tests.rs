mod plan;

use super::*;
use crate::chaos::Command;
use crate::chaos::verb::VERBS;
use crate::chaos::{Bound, complete};
use crate::sim::World;
use crate::sim::fault::Change;
use crate::sim::spec::{Dist, Keys, Limit, Options, Step as Work, Value};
use crate::sim::time::MILLISECOND;
use proptest::prelude::*;
use std::path::Path;

const SMALL: &str = r#"name = "small"
[traffic.app]
to = "web"
[request.page]
steps = ["cpu exp(5ms)"]
[service.web]
instances = 1
"#;

fn problems(text: &str) -> Vec<String> {
    match parse("f.toml", text, None) {
        Ok(_) => Vec::new(),
        Err(Problems(problems)) => problems.iter().map(ToString::to_string).collect(),
    }
}

/// The small cluster with something changed, which must be exactly the one problem.
fn changed(from: &str, to: &str, problem: &str) {
    let text = SMALL.replace(from, to);
    assert_ne!(text, SMALL, "nothing was changed");
    assert_eq!(problems(&text), [problem], "{text}");
}

fn playbook(rest: &str) -> String {
    format!("title = \"t\"\ncluster = \"food-delivery\"\nlength = \"60s\"\n{rest}")
}

fn cluster_of(name: &str) -> Arc<Cluster> {
    open(name).unwrap().into_playbook().cluster
}

#[test]
fn every_builtin_loads() {
    for builtin in CLUSTERS {
        let opened = open(builtin.name).unwrap();
        assert!(matches!(&opened, Opened::Cluster(c) if c.name == builtin.name));
    }
    for builtin in PLAYBOOKS {
        let Opened::Playbook(playbook) = open(builtin.name).unwrap() else { panic!() };
        assert!(!playbook.steps.is_empty());
        assert!(playbook.steps.iter().all(|s| s.say.is_some()));
    }
    assert_eq!(problems(SMALL), [""; 0]);
}

#[test]
fn the_default_cluster_is_as_documented() {
    let cluster = cluster_of("food-delivery");
    let names: Vec<&str> = cluster.components.iter().map(|c| c.name.as_str()).collect();
    let in_file_order =
        ["app", "edge", "web", "menus", "orders-db", "keeper", "dispatch", "couriers"];
    assert_eq!(names, in_file_order);
    assert_eq!(cluster.zones, ["a", "b", "c"]);
    let Options::Database(db) = &cluster.component("orders-db").unwrap().1.options else {
        panic!()
    };
    assert_eq!(db.read, Dist::Constant(4 * MILLISECOND));
    assert_eq!((db.connections, db.replicas), (Limit::At(200), 2));
    let Options::Traffic(app) = &cluster.component("app").unwrap().1.options else { panic!() };
    assert_eq!((app.rate, app.users), (2000.0, 1_000_000));
    let shares: f64 = cluster.classes.iter().map(|c| c.share).sum();
    assert!((shares - 1.0).abs() < 1e-9);
    assert_eq!(cluster.classes[0].keys, Keys { count: 20_000, zipf: 1.0 });
    let menu = Work::Write { to: "orders-db".to_owned(), keys: Some("menu".to_owned()) };
    assert_eq!(cluster.classes[2].steps[1], menu);
}

#[test]
fn the_reference_workload_loads() {
    let cluster = cluster_of("w1");
    let Options::Service(web) = &cluster.component("web").unwrap().1.options else { panic!() };
    assert_eq!((web.threads, web.backlog), (Limit::Unlimited, Limit::Unlimited));
    let Options::Cache(things) = &cluster.component("things").unwrap().1.options else { panic!() };
    assert_eq!(things.ttl, 10_000 * SECOND);
}

#[test]
fn a_playbook_has_all_that_a_session_needs() {
    let text = playbook(
        r#"asks = "?"
seed = 42
warmup = "5s"
recover = "10s"
expect = "deviated"
tags = ["a", "b"]
[set]
"orders-db.ack" = "async"
"edge.health" = { every = "1s" }
menus.ttl = "5s"
"network.same_zone" = "1ms"
[[step]]
at = "20s"
do = "heal"
[[step]]
id = "kill"
at = "15s"
do = "kill orders-db:primary for 20s"
say = "Gone."
"#,
    );
    let Ok(Opened::Playbook(p)) = parse("f.toml", &text, None) else {
        panic!("{:?}", problems(&text))
    };
    assert_eq!((p.seed, p.length, p.warmup, p.recover), (42, 60 * SECOND, 5 * SECOND, 10 * SECOND));
    assert_eq!((p.expect, p.tags.len()), (Verdict::Deviated, 2));
    let steps: Vec<(&str, String)> =
        p.steps.iter().map(|s| (s.id.as_str(), s.command.to_string())).collect();
    let kill = "crash orders-db:primary for 20s".to_owned();
    assert_eq!(steps, [("step-1", "heal".to_owned()), ("kill", kill)]);
    let get =
        |name: &str, setting| p.cluster.component(name).unwrap().1.options.get(setting).unwrap();
    assert_eq!(get("menus", "ttl"), Value::Time(5 * SECOND));
    assert_eq!(get("edge", "health.every"), Value::Time(SECOND));
    assert_eq!(p.cluster.network.same_zone, MILLISECOND);
    assert_eq!(cluster_of("food-delivery").network.same_zone, MILLISECOND / 4);
}

#[test]
fn a_table_in_set_replaces_a_table_whole() {
    let fall = |set: &str| {
        // The file's own value is not the default, so that a reset can be seen.
        let text = SMALL.replace("to = \"web\"", "to = \"edge\"")
            + "[balancer.edge]\nto = \"web\"\nhealth = { fall = 9 }\n";
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("c.toml"), text).unwrap();
        let text = format!("title = \"t\"\ncluster = \"c.toml\"\n[set]\n{set}\n");
        let opened = parse("f.toml", &text, Some(folder.path())).unwrap();
        opened.into_playbook().cluster.component("edge").unwrap().1.options.get("health.fall")
    };
    assert_eq!(fall("\"edge.health\" = { every = \"1s\" }"), Some(Value::Count(3)));
    assert_eq!(fall("\"edge.health.every\" = \"1s\""), Some(Value::Count(9)));
    assert_eq!(fall("edge.health.every = \"1s\""), Some(Value::Count(9)));
}

#[test]
fn wrong_clusters_say_where_and_what() {
    changed("name = \"small\"", "", "f.toml:1:1: expected `name = \"…\"`, found nothing");
    changed("\"small\"", "\"\"", "f.toml:1:8: expected a text that is not empty, found `\"\"`");
    changed(
        "instances = 1",
        "instances = 1.0",
        "f.toml:7:13: expected a whole number such as `64`, `20k` or `1M`, found `1.0`",
    );
    changed(
        "[service.web]",
        "[servce.web]",
        "f.toml:6:2: expected a key of a cluster file, found `servce`; did you mean `service`?",
    );
    changed(
        "instances = 1",
        "instancs = 1",
        "f.toml:7:1: expected a key of `[service]`, found `instancs`; did you mean `instances`?",
    );
    changed(
        "instances = 1",
        "instances = 0",
        "f.toml:7:13: expected a number from 1 to 1000, found `0`",
    );
    changed(
        "instances = 1",
        "threads = \"many\"",
        "f.toml:7:12: expected a whole number such as `64`, `20k` or `1M`, or `unlimited`, found \
         `many`",
    );
    changed(
        "instances = 1",
        "boot = 2",
        "f.toml:7:8: expected a time such as `250ms`, `2s` or `5m`, in quotes, found `2`",
    );
    changed(
        "to = \"web\"",
        "to = \"wbe\"",
        "f.toml:3:7: expected a balancer or a service, found `wbe`; did you mean `web`?",
    );
    changed(
        "to = \"web\"",
        "rate = \"5/s\"",
        "f.toml:2:10: expected `to = \"…\"` in its table, the name of a balancer or a service, \
         found nothing",
    );
    changed(
        "cpu exp(5ms)",
        "cpu exp(5)",
        "f.toml:5:19: expected a time such as `250ms`, `2s` or `5m`, found `5`",
    );
    changed(
        "cpu exp(5ms)",
        "read menus",
        "f.toml:5:16: expected a cache or a database, found `menus`",
    );
    changed(
        "cpu exp(5ms)",
        "call web",
        "f.toml:5:16: expected a call that comes to an end, not web → web, found `web`",
    );
    changed(
        "steps = [",
        "share = \"99%\"\nsteps = [",
        "f.toml:5:10: expected shares that add up to 100%, found `99%`",
    );
    changed(
        "[service.web]",
        "[service.web]\nzones = [\"a\"]",
        "f.toml:7:11: expected a zone of this file, found `a`",
    );
    changed(
        "[traffic.app]",
        "[traffic.app]\nzones = [\"a\"]",
        "f.toml:3:1: expected a key of `[traffic]`, found `zones`",
    );
    changed(
        "[request.page]",
        "[zone.a]\nregion = \"a b\"\n[request.page]",
        "f.toml:5:10: expected the name of a region in quotes, found `\"a b\"`",
    );
}

#[test]
fn names_are_unique_and_no_words_of_the_grammar() {
    changed(
        "[request.page]",
        "[request.web]",
        "f.toml:4:10: expected a name that is not taken, found `web`",
    );
    changed(
        "[request.page]",
        "[request.web-1]",
        "f.toml:4:10: expected a name that is not a node's, found `web-1`",
    );
    changed(
        "[request.page]",
        "[request.zone]",
        "f.toml:4:10: expected a name that is no word of commands, found `zone`",
    );
    changed(
        "[request.page]",
        "[request.\"a b\"]",
        "f.toml:4:11: expected a name of letters, digits, `-` and `_`, beginning with a letter, \
         found `a b`",
    );
}

#[test]
fn all_problems_are_reported_at_once() {
    let text = "nme = 1\n[traffic.app]\nto = 5\nrate = \"x\"\n[request.a]\nsteps = [\"cpu\"]\n";
    assert_eq!(
        problems(text),
        [
            "f.toml:1:1: expected a key of a cluster file, found `nme`; did you mean `name`?",
            "f.toml:1:1: expected `name = \"…\"`, found nothing",
            "f.toml:3:6: expected a name of letters, digits, `-` and `_`, beginning with a letter, \
             in quotes, found `5`",
            "f.toml:4:9: expected a rate such as `2000/s` or `50k/min`, found `x`",
            "f.toml:6:14: expected a time such as `5ms` or `exp(5ms)`, found nothing",
        ]
    );
    assert_eq!(
        problems("name = \"x\"\n"),
        [
            "f.toml:1:1: expected at least one `[traffic.NAME]`, found nothing",
            "f.toml:1:1: expected at least one `[request.NAME]`, found nothing",
        ]
    );
    assert!(problems("name = \n")[0].starts_with("f.toml:1:8: not TOML: "));
}

#[test]
fn circles_of_messages_are_found() {
    let circle = |steps: &str| {
        let text = SMALL.to_owned()
            + "[queue.jobs]\n[queue.more]\n\
               [workers.hands]\nfrom = \"jobs\"\nsteps = [\"cpu 1ms\", \"publish "
            + steps
            + "\"]\n[workers.others]\nfrom = \"more\"\nsteps = [\"publish jobs\"]\n";
        problems(&text).join("; ")
    };
    let itself = circle("jobs");
    assert!(itself.contains("a message that comes to an end, not jobs → hands → jobs"), "{itself}");
    let through = circle("more");
    let path = "not jobs → hands → more → others → jobs";
    assert!(through.contains(path), "{through}");
}

#[test]
fn circles_of_calls_are_found() {
    let text = SMALL.replace("cpu exp(5ms)", "cpu 1ms")
        + "steps = [\"call a\"]\n[service.a]\nsteps = [\"call b\"]\n\
           [balancer.b]\nto = \"c\"\n[service.c]\nsteps = [\"cpu 1ms\", \"call a\"]\n";
    let found = problems(&text);
    assert_eq!(
        found,
        ["f.toml:14:27: expected a call that comes to an end, not a → c → a, found `a`"]
    );
}

#[test]
fn rounded_shares_are_made_whole() {
    let third = "[request.NAME]\nshare = \"33.3%\"\nsteps = []\n";
    let classes: String = ["p", "q", "r"].map(|name| third.replace("NAME", name)).concat();
    let text = SMALL.replace("[request.page]\nsteps = [\"cpu exp(5ms)\"]\n", &classes);
    let Ok(Opened::Cluster(c)) = parse("f.toml", &text, None) else {
        panic!("{:?}", problems(&text))
    };
    assert!((c.classes[0].share - 1.0 / 3.0).abs() < 1e-12);
}

#[test]
fn wrong_playbooks_say_where_and_what() {
    let step = |rest: &str| playbook(&format!("[[step]]\n{rest}"));
    for (text, problem) in [
        ("cluster = \"w1\"".to_owned(), "1:1: expected `title = \"…\"`, found nothing"),
        (
            "title = \"t\"".to_owned(),
            "1:1: expected `cluster = \"…\"`, a built-in name or a path, found nothing",
        ),
        ("title = \"t\"\ncluster = \"nope\"".to_owned(), "2:11: no built-in of that name"),
        (
            playbook("seed = -1"),
            "4:8: expected a whole number of at least 0, without quotes, found `-1`",
        ),
        (
            playbook("expect = \"hold\""),
            "4:11: expected `held`, `deviated`, `inconclusive` or `stopped`, found `hold`; did you \
             mean `held`?",
        ),
        (
            playbook("warmup = \"60s\""),
            "4:10: expected a `warmup` that is shorter than the `length`, found `\"60s\"`",
        ),
        (step("at = \"1s\""), "4:1: expected `do = \"crash web-2\"` in this step, found nothing"),
        (
            step("do = \"heal\""),
            "4:1: expected `at = \"10s\"`, `after = \"…\"` or `when = \"…\"` in this step, found nothing",
        ),
        (
            step("at = \"60s\"\ndo = \"heal\""),
            "5:6: expected a time before the end of the run, 60s, found `\"60s\"`",
        ),
        (
            step("at = \"1s\"\ndo = \"crash wbe-2\""),
            "6:13: expected a node or a component, found `wbe-2`; did you mean `web-2`?",
        ),
        (
            step("at = \"1s\"\ndo = \"crahs web-2\""),
            "6:7: expected a command, found `crahs`; did you mean `crash`?",
        ),
        (
            step("at = \"1s\"\ndo = \"set web.instances=5\""),
            "6:11: expected a setting that can change while running (this one is fixed at the \
             start), found `web.instances`",
        ),
        (
            playbook("[set]\n\"orders.ack\" = \"async\""),
            "5:1: expected a component or `network`, found `orders`; did you mean `orders-db`?",
        ),
        (
            playbook("[set]\n\"orders-db.akc\" = \"async\""),
            "5:1: expected a database setting, found `akc`; did you mean `ack`?",
        ),
        (
            playbook("[set]\n\"edge.to\" = \"nobody\""),
            "4:1: with these settings: expected a service, found `nobody`",
        ),
    ] {
        assert_eq!(problems(&text), [format!("f.toml:{problem}")], "{text}");
    }
}

#[test]
fn files_that_are_not_there() {
    let message = |file: &str| open(file).unwrap_err().to_string();
    assert_eq!(
        message("food-delivry"),
        "food-delivry: no such file, and no built-in of that name; did you mean `food-delivery`?"
    );
    assert_eq!(message("/"), "/: this is a folder");
    let text = "title = \"t\"\ncluster = \"c.toml\"\n";
    let found = parse("f.toml", text, Some(Path::new("/nowhere"))).unwrap_err();
    let expected = "f.toml:2:11: no such file, and no built-in of that name";
    assert_eq!(found.to_string(), expected);
}

#[test]
fn all_that_is_offered_for_a_running_world_can_be_done_to_it() {
    let mut world = World::new(&cluster_of("food-delivery"), 1);
    world.advance(SECOND / 10, &mut ()).unwrap();
    let bound = Command::parse("crash orders-db:primary for 1s").unwrap().bind(&world).unwrap();
    let primary = world.topology().node("orders-db-1").unwrap();
    assert_eq!((bound.change, bound.length), (Change::Crash(vec![primary]), Some(SECOND)));
    for verb in VERBS.iter().filter(|verb| verb.bind.is_some()) {
        for candidate in complete(&format!("{} ", verb.name), &world) {
            let bound = Command::parse(&candidate.text).unwrap().bind(&world);
            let Bound { change, length } = bound.unwrap_or_else(|e| panic!("{candidate:?}: {e}"));
            let mut world = world.clone();
            world.inject(change, length, &mut ());
            world.advance(world.now() + SECOND / 100, &mut ()).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_panics(text in ".{0,80}") {
        let _ = parse("f.toml", &text, None);
    }

    #[test]
    fn no_edit_of_a_file_panics(
        which in 0_usize..7,
        at: prop::sample::Index,
        cut in 0_usize..12,
        insert in "[a-z0-9.\"=\\[\\]{}% \n()-]{0,6}",
    ) {
        let whole_format = include_str!("../../tests/fixtures/hot-writes.toml");
        let builtins = CLUSTERS.iter().chain(PLAYBOOKS).map(|builtin| builtin.text);
        let all: Vec<&str> = std::iter::once(whole_format).chain(builtins).collect();
        let text = all[which];
        let letters: Vec<char> = text.chars().collect();
        let i = at.index(letters.len());
        let end = (i + cut).min(letters.len());
        let edited: String =
            letters[..i].iter().copied().chain(insert.chars()).chain(letters[end..].iter().copied()).collect();
        if let Err(Problems(problems)) = parse("f.toml", &edited, None) {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                let (line, _) = problem.at.unwrap();
                prop_assert!(line <= edited.lines().count() + 1, "{problem}");
            }
        }
    }
}
