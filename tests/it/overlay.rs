//! Faults and timed settings lie over the configuration: one that ends at the instant at which it
//! began was never there, and when all have ended everything is as it was.
//!
//! A crash and a flush change state (what was in memory is gone), so that they cannot be nothing;
//! of a crash it is required that nothing of it stays when its node has booted.

use crate::support::{command, playbook};
use brownout::chaos::verb::VERBS;
use brownout::sim::World;
use brownout::sim::fault::Change;
use brownout::sim::id::{ClassId, ComponentId, NodeId};
use brownout::sim::observation::{Acknowledged, Called, Ended, NodeState, Observer};
use brownout::sim::spec::{Dist, Kind, Limit, Options, Stage, Value};
use brownout::sim::time::{MILLISECOND, Ns, SECOND};
use std::panic::AssertUnwindSafe;

/// When things are injected: the cluster is busy, and threads and cores have queues now and then.
const AT: Ns = 2 * SECOND + 345_678_901;

/// How long it runs on.
const UNTIL: Ns = 4 * SECOND;

/// Folds all that is told of requests and calls into one number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Heard(u64);

impl Heard {
    fn hear(&mut self, numbers: [u64; 5]) {
        for n in numbers {
            // FNV-1a, a word at a time.
            self.0 = (self.0 ^ n).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29);
        }
    }
}

impl Observer for Heard {
    fn arrived(&mut self, at: Ns, class: ClassId) {
        self.hear([1, at, u64::from(class.0), 0, 0]);
    }
    fn ended(&mut self, at: Ns, ended: Ended) {
        self.hear([2, at, ended.request, ended.outcome as u64, ended.arrived]);
    }
    fn called(&mut self, at: Ns, called: Called) {
        self.hear([at, called.took, called.work, called.inside, u64::from(called.link.0)]);
    }
    fn acknowledged(&mut self, at: Ns, write: Acknowledged) {
        self.hear([4, at, write.position, 0, 0]);
    }
}

/// The default cluster, busier than usual (so that there are queues), at [`AT`].
fn busy() -> World {
    let mut world = World::new(&playbook("food-delivery").cluster, 7);
    let bound = command("traffic x1.4").bind(&world).expect("it binds");
    world.inject(bound.change, None, &mut ());
    world.advance(AT, &mut ()).expect("goes on");
    world
}

/// What the rest of a run looks like.
fn rest(mut world: World) -> (u64, u64, Heard) {
    let mut heard = Heard::default();
    world.advance(UNTIL, &mut heard).expect("goes on");
    (world.digest(), world.events(), heard)
}

/// One lasting command for each verb that lasts, but for `set`, which has its own test.
const FAULTS: &[&str] = &[
    "crash web-2",
    "pause web-1",
    "pause orders-db:primary",
    "cut web->orders-db",
    "cut edge|web-3",
    "slow web factor=9",
    "slow orders-db factor=0.5",
    "traffic x7",
    "hot_key menu share=80% key=19999",
    "cache off",
    "power_off web-3",
    "error web p=50%",
    "delay web<->orders-db base=20ms jitter=5ms",
    "lose edge->web p=10%",
];

/// Every live setting of every component, with another value than it has.
fn other_settings(world: &World) -> Vec<(ComponentId, &'static str, Value)> {
    let components = (0..world.topology().components.len() as u16).map(ComponentId);
    components
        .flat_map(|c| {
            let options = world.options(c);
            let live = options.settings().into_iter().filter(|row| row.live);
            live.map(move |row| {
                let value = options.get(row.name).expect("it is a row of its table");
                (c, row.name, other(row.kind, &value))
            })
            .flat_map(|(c, name, values)| values.into_iter().map(move |v| (c, name, v)))
            .collect::<Vec<_>>()
        })
        .collect()
}

/// A smaller and a larger value, where there is such a thing.
fn other(kind: Kind, value: &Value) -> Vec<Value> {
    match (kind, value) {
        (_, Value::Time(t)) => vec![Value::Time(t / 2), Value::Time(3 * t + MILLISECOND)],
        (_, Value::Work(_)) => vec![Value::Work(Dist::Exponential(9 * MILLISECOND))],
        (Kind::Count(low, high), Value::Count(n)) => {
            vec![Value::Count((n + 1).min(high)), Value::Count(n.saturating_sub(1).max(low))]
        }
        (Kind::Limit(low), Value::Limit(_)) => {
            vec![Value::Limit(Limit::At(low)), Value::Limit(Limit::Unlimited)]
        }
        (_, Value::Bytes(b)) => vec![Value::Bytes(b / 2), Value::Bytes(2 * b + 1_000_000)],
        (_, Value::Memory(_)) => vec![Value::Memory(Limit::At(0)), Value::Memory(Limit::Unlimited)],
        (_, Value::Rate(r)) => vec![Value::Rate(r * 3.0), Value::Rate(0.0)],
        (_, Value::Share(s)) => vec![Value::Share(s / 2.0), Value::Share(1.0 - s)],
        (Kind::Counts(low, high), Value::Counts(_)) => vec![Value::Counts(vec![high, low])],
        (_, Value::Stages(_)) => {
            vec![Value::Stages(vec![Stage::Ramp { from: 0, to: 9000, length: 20 * SECOND }])]
        }
        (_, Value::Flag(flag)) => vec![Value::Flag(!flag)],
        (Kind::Word(words), Value::Word(word)) => {
            words.iter().filter(|w| *w != word).map(|w| Value::Word(w)).collect()
        }
        other => panic!("say here what else {other:?} could be"),
    }
}

/// Requires that a change is nothing when it is healed at once, and when its length is 0.
fn is_nothing(start: &World, untouched: &(u64, u64, Heard), change: &Change, what: &str) {
    // A pause is itself an event that the digest counts; what it does to others is compared.
    let same = |told: (u64, u64, Heard), how: &str| match change {
        Change::Pause(_) => assert_eq!(told.2, untouched.2, "{what}: {how}"),
        _ => assert_eq!(told, *untouched, "{what}: {how}"),
    };
    let mut healed = start.clone();
    let before = everything(&healed);
    // Settings without an end are no fault.
    healed.inject(change.clone(), Some(SECOND), &mut ());
    let last = healed.faults().last().expect("it is a fault").id;
    assert_eq!(healed.active_faults().len(), 2, "{what}: with the traffic");
    healed.end_fault(last, &mut ());
    assert_eq!(everything(&healed), before, "{what}: what is in force when it is healed");
    same(rest(healed), "healed at once");
    let mut none = start.clone();
    none.inject(change.clone(), Some(0), &mut ());
    same(rest(none), "for 0s");
}

/// Settings, cuts of links; slow factor, state and factor of traffic of each node.
type InForce = (Vec<Options>, Vec<bool>, Vec<(u64, NodeState, String)>);

/// All that is in force: settings, cuts, slow factors, factors of traffic, states.
fn everything(world: &World) -> InForce {
    let topology = world.topology();
    let components = 0..topology.components.len() as u16;
    let options = components.map(|c| world.options(ComponentId(c)).clone()).collect();
    let cuts = world.links().map(|link| link.cut).collect();
    let nodes = (0..topology.nodes.len() as u16).map(|n| {
        let node = world.node(NodeId(n));
        let factor = if topology.nodes[usize::from(n)].name.starts_with("app") {
            format!("{:?}", node.part)
        } else {
            String::new()
        };
        (node.slow.to_bits(), node.state, factor)
    });
    (options, cuts, nodes.collect())
}

#[test]
fn a_fault_that_ends_at_once_was_never_there() {
    let start = busy();
    let untouched = rest(start.clone());
    let mut bites = 0;
    for text in FAULTS.iter().filter(|text| !kills(text)) {
        let bound = command(text).bind(&start).unwrap_or_else(|e| panic!("{text}: {e}"));
        is_nothing(&start, &untouched, &bound.change, text);
        let mut lasting = start.clone();
        lasting.inject(bound.change, Some(SECOND), &mut ());
        assert_ne!(rest(lasting).2, untouched.2, "{text} does nothing at all");
        bites += 1;
    }
    assert_eq!(bites, FAULTS.len() - 2);
}

/// What it does cannot be taken back: a process dies.
fn kills(text: &str) -> bool {
    text.starts_with("crash") || text.starts_with("power_off")
}

#[test]
fn a_setting_that_is_set_for_no_time_was_never_set() {
    let start = busy();
    let untouched = rest(start.clone());
    let settings = other_settings(&start);
    assert!(settings.len() > 80, "{} values of live settings", settings.len());
    let mut changed = Vec::new();
    for (component, name, value) in settings {
        let what =
            format!("{}.{name} = {value:?}", start.topology().components[component.index()].name);
        let change = Change::Set(vec![(component, name, value)]);
        let judge = AssertUnwindSafe(|| is_nothing(&start, &untouched, &change, &what));
        if std::panic::catch_unwind(judge).is_err() {
            changed.push(what);
        }
    }
    assert!(changed.is_empty(), "changed the rest of the run:\n{}", changed.join("\n"));
}

#[test]
fn when_all_is_healed_everything_is_as_it_was() {
    let mut world = World::new(&playbook("food-delivery").cluster, 7);
    world.advance(AT, &mut ()).expect("goes on");
    let start = everything(&world);
    let mut at = AT;
    for text in FAULTS {
        let bound = command(text).bind(&world).unwrap_or_else(|e| panic!("{text}: {e}"));
        world.inject(bound.change, Some(60 * SECOND), &mut ());
        at += 50 * MILLISECOND;
        world.advance(at, &mut ()).expect("goes on");
    }
    for setting in other_settings(&world) {
        // Beats of almost no length would only make the test slow.
        world.inject(Change::Set(vec![setting]), Some(90 * MILLISECOND), &mut ());
        at += 10 * MILLISECOND;
        world.advance(at, &mut ()).expect("goes on");
    }
    assert_ne!(everything(&world), start);
    world.inject(Change::Heal(None), None, &mut ());
    assert_eq!(world.active_faults().len(), 0);
    world.advance(at + 10 * SECOND, &mut ()).expect("goes on");
    assert_eq!(everything(&world), start);
}

/// Of two that set the same the later one counts, and when that ends the one below it.
#[test]
fn settings_lie_over_each_other_as_they_came() {
    let mut world = World::new(&playbook("food-delivery").cluster, 7);
    let threads = |world: &World| {
        world.node(world.topology().node("web-1").expect("a server")).threads.capacity
    };
    let own = threads(&world);
    let mut after = |seconds: u64, text: &str| {
        if !text.is_empty() {
            let bound = command(text).bind(&world).unwrap_or_else(|e| panic!("{text}: {e}"));
            world.inject(bound.change, bound.length, &mut ());
        }
        world.advance(world.now() + seconds * SECOND, &mut ()).expect("goes on");
        threads(&world)
    };
    assert_eq!(after(1, "set web.threads=17 for 10s"), 17);
    assert_eq!(after(1, "set web.threads=19 for 2s"), 19);
    assert_eq!(after(2, ""), 17, "the one below it is still in force");
    assert_eq!(after(1, "set web.threads=23 for 20s"), 23);
    assert_eq!(after(9, ""), 23, "one below it has ended");
    assert_eq!(after(11, ""), own);
}

#[test]
fn each_verb_that_lasts_is_tested_here() {
    for verb in VERBS.iter().filter(|v| v.lasts && v.bind.is_some() && v.name != "set") {
        let word = format!("{} ", verb.name);
        assert!(FAULTS.iter().any(|f| f.starts_with(&word)), "add a `{}`", verb.name);
    }
}
