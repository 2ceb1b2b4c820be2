use super::super::selector::{Arrow, NodeRole, Pattern};
use super::*;
use crate::sim::fault::HotKey;
use crate::sim::spec::{Class, Cluster, Component, Keys, NetworkOptions, Options};
use crate::sim::topology::Topology;
use proptest::option::of;
use proptest::prelude::*;

/// Users, a balancer, four servers, a cache, a database of three, in zones a, b, c.
pub(in super::super) fn cluster() -> Cluster {
    let zones = ["a", "b", "c"].map(str::to_owned).to_vec();
    let component = |name: &str, kind: &str, zoned: bool| Component {
        name: name.to_owned(),
        zones: if zoned { zones.clone() } else { Vec::new() },
        options: Options::of_kind(kind).unwrap(),
    };
    Cluster {
        name: "test".to_owned(),
        about: String::new(),
        network: NetworkOptions::default(),
        components: vec![
            component("app", "traffic", false),
            component("edge", "balancer", false),
            component("web", "service", true),
            component("menus", "cache", false),
            component("orders-db", "database", true),
        ],
        classes: vec![Class {
            name: "menu".to_owned(),
            share: 1.0,
            keys: Keys { count: 10_000, zipf: 1.0 },
            steps: Vec::new(),
        }],
        zones,
    }
}

fn bind(text: &str) -> Result<Change, String> {
    let topology = Topology::new(&cluster());
    let command = Command::parse(text).map_err(|e| e.to_string())?;
    match command.bind_in(&Scene::planned(&topology)) {
        Ok(bound) => Ok(bound.change),
        Err(e) => {
            assert_eq!(text.get(e.range.clone()), Some(e.found.as_str()), "{text}");
            Err(e.to_string())
        }
    }
}

fn nodes(ids: &[u16]) -> Vec<NodeId> {
    ids.iter().copied().map(NodeId).collect()
}

#[test]
fn canonical_text() {
    for text in [
        "crash web-2 for 10s",
        "crash orders-db:primary",
        "restart web-2",
        "pause web-1 for 5s",
        "resume web-1",
        "power_off zone:a for 20s",
        "power_on zone:a",
        "error web-3 p=30% for 10s",
        "delay web<->orders-db base=100ms jitter=20ms for 30s",
        "lose edge->web p=5% for 20s",
        "slow web-3 factor=10 for 30s",
        "cut zone:a|zone:b for 10s",
        "cut web->orders-db:primary",
        "cut orders-db-1->orders-db-2,orders-db-3 for 20s",
        "traffic x10 for 20s",
        "traffic x0.5 app may_miss=true",
        "set menus.enabled=false",
        "set edge.policy=least_connections edge.health.every=1s for 5m",
        "set orders-db.read=normal(5ms, 1ms)",
        "cache off for 20s",
        "flush menus",
        "hot_key menu share=60% for 20s",
        "hot_key menu key=17",
        "scale web to=8",
        "heal",
        "heal web-2",
        "undo",
        "crash zone:a,web-*,region:eu may_miss=true for 1h",
    ] {
        assert_eq!(Command::parse(text).unwrap().to_string(), text);
    }
    for (text, canonical) in [
        ("  kill   web-2 ", "crash web-2"),
        ("partition zone:a <-> zone:b", "cut zone:a<->zone:b"),
        ("spike x2.50 for 2000ms", "traffic x2.5 for 2s"),
        ("crash web-1, web-2", "crash web-1,web-2"),
        ("slow web may_miss=true factor=2", "slow web factor=2 may_miss=true"),
    ] {
        assert_eq!(Command::parse(text).unwrap().to_string(), canonical);
    }
}

#[test]
fn the_table_of_verbs_is_sound() {
    let words: Vec<&str> = super::super::verb::words().collect();
    for (i, word) in words.iter().enumerate() {
        assert!(!words[..i].contains(word), "`{word}` is there twice");
    }
    for verb in VERBS {
        let command = Command::parse(verb.example).unwrap();
        assert_eq!((command.verb(), command.to_string().as_str()), (verb.name, verb.example));
        assert_eq!(command.is_undo(), verb.bind.is_none());
        for key in verb.keys {
            let default = key.default.map(|text| Argument::parse(key.kind, text));
            assert!(default.is_none_or(|d| d.is_ok()), "{} {}", verb.name, key.name);
        }
    }
}

#[test]
fn wrong_commands_say_what_is_expected() {
    for (text, message) in [
        ("", "expected a command such as `crash web-2`, found nothing"),
        ("crsh web-2", "expected a command, found `crsh`; did you mean `crash`?"),
        ("crash", "expected a target, as in `crash web-2 for 10s`, found nothing"),
        ("crash for 10s", "expected a target, as in `crash web-2 for 10s`, found `for`"),
        ("crash web-2 10s", "expected `,`, `key=value`, `for` or the end, found `10s`"),
        ("crash web-2 for", "expected a time such as `250ms`, `2s` or `5m`, found nothing"),
        ("crash web-2 for 10", "expected a time such as `250ms`, `2s` or `5m`, found `10`"),
        ("crash web-2 for 10s now", "expected the end of the command, found `now`"),
        ("restart web-2 for 10s", "expected the end: `restart` happens at once, found `for`"),
        (
            "slow web facter=10",
            "expected `factor` or `may_miss` after `slow`, found `facter`; did you mean `factor`?",
        ),
        ("slow web factor=0", "expected a number above 0 and at most 10000, found `0`"),
        ("slow web factor=2 factor=3", "expected each key once, found `factor`"),
        ("traffic 10", "expected a factor such as `x10`, found `10`"),
        ("traffic xx", "expected a number from 0 to 10000, found `x`"),
        ("cut web", "expected `->`, `<->` or `|` and a second group, found nothing"),
        ("cut", "expected links, as in `cut zone:a|zone:b for 10s`, found nothing"),
        ("set", "expected `path=value`, as in `set menus.enabled=false`, found nothing"),
        ("set menus=1", "expected a path such as `menus.enabled`, found `menus`"),
        ("set menus.ttl=", "expected a value, found nothing"),
        ("cache of", "expected `on` or `off`, found `of`; did you mean `off`?"),
        ("cache off a=b", "expected no key after `cache`, found `a`"),
        ("undo it", "expected the end of the command, found `it`"),
    ] {
        let e = Command::parse(text).unwrap_err();
        assert_eq!(e.to_string(), message);
        assert_eq!(&text[e.range], e.found);
    }
}

#[test]
fn selectors_bind() {
    // app 0, edge 1, web 2-5 in a b c a and room for 6-9, menus 10, orders-db 11-13 in a b c.
    let crash = |ids: &[u16]| Ok(Change::Crash(nodes(ids)));
    assert_eq!(bind("crash web-2"), crash(&[3]));
    assert_eq!(bind("crash edge"), crash(&[1]));
    assert_eq!(bind("crash edge-1"), crash(&[1]));
    assert_eq!(bind("crash web"), crash(&[2, 3, 4, 5]));
    assert_eq!(bind("crash web-4,web-1,web-4"), crash(&[2, 5]));
    assert_eq!(bind("crash orders-db:primary"), crash(&[11]));
    assert_eq!(bind("crash orders-db:replica"), crash(&[12, 13]));
    assert_eq!(bind("crash zone:b"), crash(&[3, 12]));
    assert_eq!(bind("crash *-2"), crash(&[3, 12]));
    // A pattern skips users.
    assert_eq!(bind("crash *"), crash(&[1, 2, 3, 4, 5, 10, 11, 12, 13]));
    assert_eq!(bind("crash web-9 may_miss=true"), crash(&[]));
    assert_eq!(bind("heal"), Ok(Change::Heal(None)));
    assert_eq!(bind("heal web-2"), Ok(Change::Heal(Some(nodes(&[3])))));
    let Ok(Change::Cut(pairs)) = bind("cut edge<->web-2") else { panic!("it can be cut") };
    assert_eq!(bind("heal edge<->web-2"), Ok(Change::HealLinks(pairs)));
    let cut = |pairs: &[(u16, u16)]| {
        Ok(Change::Cut(pairs.iter().map(|(a, b)| (NodeId(*a), NodeId(*b))).collect()))
    };
    assert_eq!(bind("cut edge->web-1,web-2"), cut(&[(1, 2), (1, 3)]));
    assert_eq!(bind("cut menus<->web-1"), cut(&[(2, 10), (10, 2)]));
    assert_eq!(bind("cut orders-db-1|orders-db"), cut(&[(11, 12), (11, 13), (12, 11), (13, 11)]));
    assert_eq!(bind("traffic x10"), Ok(Change::Traffic(vec![ComponentId(0)], 10.0)));
    assert_eq!(bind("flush m*"), Ok(Change::Flush(vec![ComponentId(3)])));
    assert_eq!(bind("slow web-1"), Ok(Change::Slow(nodes(&[2]), 10.0)));
    assert_eq!(bind("power_off web-1"), Ok(Change::PowerOff(nodes(&[2]))));
    assert_eq!(bind("error web-1 p=5%"), Ok(Change::Error(nodes(&[2]), 0.05)));
    let pair = || vec![(NodeId(1), NodeId(2))];
    assert_eq!(bind("delay edge->web-1"), Ok(Change::Delay(pair(), 100_000_000, 0)));
    assert_eq!(bind("lose edge->web-1 p=5%"), Ok(Change::Lose(pair(), 0.05)));
    let enabled = |flag| Ok(Change::Set(vec![(ComponentId(3), "enabled", Value::Flag(flag))]));
    assert_eq!(bind("cache off"), enabled(false));
    assert_eq!(bind("set menus.enabled=true"), enabled(true));
    let health = (ComponentId(1), "health.every", Value::Time(1_000_000_000));
    assert_eq!(bind("set edge.health.every=1s"), Ok(Change::Set(vec![health])));
}

#[test]
fn what_is_not_there_says_what_is() {
    let few = "a node that is there (web has 4)";
    let empty = "something that is there (it selects nothing now; `may_miss=true` allows it)";
    for (text, message) in [
        (
            "crash wbe",
            "expected a node or a component, found `wbe`; did you mean `web`?".to_owned(),
        ),
        (
            "crash web.nope",
            "expected a node or a component, found `web.nope`; did you mean `web`?".to_owned(),
        ),
        (
            "crash web.1",
            "expected a node or a component, found `web.1`; did you mean `web-1`?".to_owned(),
        ),
        ("crash nobody.x", "expected a node or a component, found `nobody.x`".to_owned()),
        ("crash app", "expected servers (users have no process), found `app`".to_owned()),
        ("crash web-9", format!("expected {few}, found `web-9`")),
        ("crash zzz*", format!("expected {empty}, found `zzz*`")),
        ("cut web-17->edge", format!("expected {few}, found `web-17`")),
        ("cut edge->edge", "expected two different groups of nodes, found `edge->edge`".to_owned()),
        ("crash zone:d", "expected a zone, found `d`".to_owned()),
        ("crash web:primary", "expected a database before `:`, found `web`".to_owned()),
        ("flush web", "expected a cache or a queue: `menus`, found `web`".to_owned()),
        (
            "set menu.enabled=false",
            "expected a component, found `menu`; did you mean `menus`?".to_owned(),
        ),
        (
            "set menus.enable=false",
            "expected a cache setting, found `enable`; did you mean `enabled`?".to_owned(),
        ),
        ("set menus.enabled=no", "expected `true` or `false`, found `no`".to_owned()),
        (
            "set web.instances=5",
            "expected a setting that can change while running (this one is fixed at the start), \
             found `web.instances`"
                .to_owned(),
        ),
        ("set edge.health.every=0s", "expected at least 1ms, found `0s`".to_owned()),
        ("undo", "expected a command for the cluster, found `undo`".to_owned()),
    ] {
        let text_found = bind(text);
        assert_eq!(text_found, Err(message), "{text}");
    }
}

/// Text that can be part of anything in the grammar: for names that look like words of it.
fn name() -> impl Strategy<Value = String> {
    "[a-z]([a-z0-9_-]{0,6}[a-z0-9])?".prop_filter("reserved", |n| n != "for")
}

fn pattern() -> impl Strategy<Value = Pattern> {
    prop_oneof![
        name().prop_map(Pattern::Name),
        (name(), prop_oneof![Just(NodeRole::Primary), Just(NodeRole::Replica)])
            .prop_filter("reserved", |(n, _)| n != "zone" && n != "region")
            .prop_map(|(n, r)| Pattern::Role(n, r)),
        name().prop_map(Pattern::Zone),
        name().prop_map(Pattern::Region),
        "[a-z?]{0,3}[*][a-z0-9*?_]{0,3}".prop_map(Pattern::Glob),
    ]
}

fn selector() -> impl Strategy<Value = Selector> {
    let patterns = prop::collection::vec(pattern(), 1..4);
    patterns.prop_map(|all| Selector {
        patterns: all.into_iter().map(|p| (p, Place::default())).collect(),
    })
}

fn target(takes: Takes) -> BoxedStrategy<Target> {
    let arrow = prop_oneof![Just(Arrow::To), Just(Arrow::Both), Just(Arrow::Between)];
    match takes {
        Takes::Nothing => Just(Target::None).boxed(),
        Takes::Nodes | Takes::NodesOf(_) | Takes::Components(_) => {
            selector().prop_map(Target::Nodes).boxed()
        }
        Takes::Anything | Takes::AnyComponents(_) => {
            of(selector()).prop_map(|s| s.map_or(Target::None, Target::Nodes)).boxed()
        }
        Takes::Links => (selector(), arrow, selector())
            .prop_map(|(from, arrow, to)| Target::Links(LinkSelector { from, arrow, to }))
            .boxed(),
        Takes::Class => name().prop_map(|n| Target::Class(n, Place::default())).boxed(),
        Takes::Word(words) => prop::sample::select(words).prop_map(Target::Word).boxed(),
        Takes::Settings => prop::collection::vec((name(), name(), "[a-z0-9./%]{1,5}"), 1..3)
            .prop_map(|all| {
                let one = |(a, b, value)| Assignment {
                    path: format!("{a}.{b}"),
                    value,
                    at: Place::default(),
                };
                Target::Settings(all.into_iter().map(one).collect())
            })
            .boxed(),
    }
}

fn arguments(verb: &'static Verb) -> impl Strategy<Value = Vec<(&'static Key, Argument)>> {
    let all: Vec<_> = verb
        .keys
        .iter()
        .map(|key| {
            let argument = match key.kind {
                ArgKind::Factor => (0.001..1e4).prop_map(Argument::Factor).boxed(),
                ArgKind::Share => (0.0..=1.0).prop_map(Argument::Share).boxed(),
                ArgKind::Time => (0..units::TIME_END).prop_map(Argument::Time).boxed(),
                ArgKind::Count => any::<u64>().prop_map(Argument::Count).boxed(),
                ArgKind::Flag => any::<bool>().prop_map(Argument::Flag).boxed(),
            };
            // What must be given is.
            let given = match key.default {
                None => argument.prop_map(Some).boxed(),
                Some(_) => of(argument).boxed(),
            };
            given.prop_map(move |a| a.map(|a| (key, a)))
        })
        .collect();
    all.prop_map(|all| all.into_iter().flatten().collect())
}

fn any_command() -> impl Strategy<Value = Command> {
    (0..VERBS.len()).prop_flat_map(|i| {
        let verb = &VERBS[i];
        let factor = (0.0..1e4).prop_map(move |x| verb.factor.then_some(x));
        let length = of(0..units::TIME_END).prop_map(move |l| l.filter(|_| verb.lasts));
        (factor, target(verb.takes), arguments(verb), length).prop_map(
            move |(factor, target, arguments, length)| Command {
                verb,
                factor,
                target,
                arguments,
                length,
            },
        )
    })
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same(command in any_command()) {
        let text = command.to_string();
        let read = Command::parse(&text);
        prop_assert_eq!(read.as_ref(), Ok(&command), "{}", text);
        prop_assert_eq!(read.map(|c| c.to_string()), Ok(text));
    }

    #[test]
    fn no_text_panics(text in "[a-z]{0,6}[ -]?.{0,24}") {
        let _ = Command::parse(&text);
    }

    #[test]
    fn no_edit_of_a_command_panics(command in any_command(), at: prop::sample::Index, c: char) {
        let mut letters: Vec<char> = command.to_string().chars().collect();
        let i = at.index(letters.len());
        letters[i] = c;
        let text: String = letters.into_iter().collect();
        match Command::parse(&text) {
            Ok(command) => {
                let topology = Topology::new(&cluster());
                let _ = command.bind_in(&Scene::planned(&topology));
            }
            Err(e) => prop_assert_eq!(text.get(e.range.clone()), Some(e.found.as_str())),
        }
    }
}

#[test]
fn what_cannot_be_scaled_or_hot_is_refused() {
    assert_eq!(bind("scale web to=8"), Ok(Change::Scale(vec![ComponentId(2)], 8)));
    let hot = HotKey { class: ClassId(0), share: 0.6, key: 0 };
    assert_eq!(bind("hot_key menu"), Ok(Change::HotKey(hot)));
    let bounds = "(web can have 1 to 8: see `web.instances_max`), found `web`";
    for (text, message) in [
        ("scale web", "expected `to=…`, found nothing".to_owned()),
        ("scale web to=0", format!("expected a component of 0 nodes {bounds}")),
        ("scale web to=9", format!("expected a component of 9 nodes {bounds}")),
        ("scale menus to=2", "expected a service or a workers: `web`, found `menus`".to_owned()),
        (
            "scale web to=8 for 3s",
            "expected the end: `scale` happens at once, found `for`".to_owned(),
        ),
        (
            "hot_key menus",
            "expected a class of requests, found `menus`; did you mean `menu`?".to_owned(),
        ),
        (
            "hot_key menu key=10000",
            "expected a class that has a key 10000 (it has keys 0 to 9999), found `menu`"
                .to_owned(),
        ),
        (
            "hot_key",
            "expected a class of requests, as in `hot_key menu share=60% key=9000 for 20s`, \
             found nothing"
                .to_owned(),
        ),
    ] {
        assert_eq!(bind(text).map(|_| ()), Err(message), "{text}");
    }
}

#[test]
fn a_pattern_sets_what_all_that_match_have() {
    let set = |text: &str| match bind(text)? {
        Change::Set(all) => Ok(all.into_iter().map(|(c, name, _)| (c.0, name)).collect::<Vec<_>>()),
        change => panic!("{change:?}"),
    };
    assert_eq!(set("set *.attempts=3"), Ok(vec![(0, "attempts")]));
    assert_eq!(set("set *b.cores=2 for 5s"), Ok(vec![(2, "cores"), (4, "cores")]));
    assert_eq!(set("set w?b.cores=2 menus.ttl=1s"), Ok(vec![(2, "cores"), (3, "ttl")]));
    assert_eq!(Command::parse("set *b.cores=2").unwrap().to_string(), "set *b.cores=2");
    for (text, message) in [
        ("set x*.cores=2", "expected the name of some component, found `x*`"),
        (
            "set ?e*.ttll=2s",
            "expected a setting that one of these has: web, menus, found `ttll`; did you mean `ttl`?",
        ),
        (
            "set *e*.instances=3",
            "expected settings that can change while running (web.instances is fixed at the start), \
             found `*e*.instances`",
        ),
        ("set web.*=3", "expected a path such as `menus.enabled`, found `web.*`"),
    ] {
        assert_eq!(set(text), Err(message.to_owned()), "{text}");
    }
}
