//! Nothing is lost and nothing is made up: random clusters, with random things done to them.
//!
//! Every request ends exactly once; what was offered is ok, late, failed or in flight; messages add
//! up; nothing is held by the dead; and when all is healed and nobody comes any more, the world goes
//! back to rest. Cases come from a fixed seed. `BROWNOUT_CASES=20` runs twenty times as many, others
//! than usual.

mod cluster;
mod sums;

use brownout::playbook;
use brownout::sim::fault::{Change, Injected};
use brownout::sim::id::{ClassId, ComponentId, NodeId};
use brownout::sim::observation::{Ended, NodeState, Observer, Outcome};
use brownout::sim::reading::PartReading;
use brownout::sim::spec::{Cluster, Limit, Options, Value};
use brownout::sim::time::{MILLISECOND, Ns, SECOND};
use brownout::sim::{Stopped, World};
use cluster::{Deed, Shape};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::sync::Arc;

/// When the last deed is done.
const UNTIL: Ns = 3 * SECOND;

/// How long the world then has to come to rest: longer than all its timeouts, and than any of 10 000
/// users thinks, for 1 s on average (exp(-30) of them think longer).
const REST: Ns = 30 * SECOND;

/// What became of requests.
#[derive(Clone, Debug, Default, PartialEq)]
struct Ledger {
    arrived: u64,
    ended: Vec<bool>,
    good: u64,
    late: u64,
    failed: u64,
    reasons: [u64; Outcome::COUNT],
    wrong: Option<String>,
}

impl Observer for Ledger {
    fn arrived(&mut self, _at: Ns, _class: ClassId) {
        self.arrived += 1;
        self.ended.push(false);
    }

    fn ended(&mut self, at: Ns, ended: Ended) {
        self.reasons[ended.outcome.index()] += 1;
        match ended.outcome {
            Outcome::Ok => self.good += 1,
            Outcome::Late => self.late += 1,
            Outcome::Miss => self.wrong = Some("a request ended `miss`".to_owned()),
            _ => self.failed += 1,
        }
        let request = ended.request;
        match self.ended.get_mut(request as usize - 1) {
            Some(over @ false) => *over = true,
            Some(true) => self.wrong = Some(format!("request {request} ended twice")),
            None => self.wrong = Some(format!("request {request} ended and never arrived")),
        }
        if ended.arrived > at {
            self.wrong = Some(format!("request {request} ended before it arrived"));
        }
    }
}

type Verdict = Result<(), TestCaseError>;

/// What must hold at any instant.
fn adds_up(world: &World, ledger: &Ledger) -> Verdict {
    prop_assert_eq!(&ledger.wrong, &None);
    let known = ledger.good + ledger.late + ledger.failed + world.in_flight();
    prop_assert_eq!(ledger.arrived, known, "at {} ns", world.now());
    let books = world.audit();
    prop_assert!(books.is_ok(), "at {} ns: {:?}", world.now(), books);
    Ok(())
}

/// A random case: who is there, what is done, and the seed of the run.
#[derive(Clone, Debug)]
struct Case {
    cluster: Arc<Cluster>,
    deeds: Vec<Deed>,
    seed: u64,
}

fn cases() -> impl Strategy<Value = Case> {
    (cluster::shape(), cluster::deeds(12, UNTIL), any::<u64>())
        .prop_map(|(shape, deeds, seed)| Case { cluster: read(&shape), deeds, seed })
}

fn read(shape: &Shape) -> Arc<Cluster> {
    let text = shape.text();
    let opened = playbook::parse("random.toml", &text, None);
    opened.unwrap_or_else(|e| panic!("{e}\n{text}")).into_playbook().cluster
}

/// Judges `count` random cases.
fn judge(name: u8, count: u32, test: impl Fn(Case) -> Verdict) {
    let more = std::env::var("BROWNOUT_CASES").ok().and_then(|n| n.parse::<u32>().ok());
    let cases = count.saturating_mul(more.unwrap_or(1));
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut seed = [name; 32];
    seed[..4].copy_from_slice(&more.unwrap_or(0).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(config, rng);
    runner.run(&self::cases(), test).unwrap_or_else(|e| panic!("{e}"));
}

fn go(world: &mut World, until: Ns, ledger: &mut Ledger) -> Verdict {
    let went: Result<(), Stopped> = world.advance(until, ledger);
    prop_assert!(went.is_ok(), "at {} ns: {:?}", world.now(), went);
    Ok(())
}

/// Does what the case says from now to the end of the deeds; looks into the books every 100 ms and
/// at each deed.
fn play(world: &mut World, case: &Case, ledger: &mut Ledger, until: Ns) -> Verdict {
    play_telling(world, case, ledger, until, |_| {})
}

/// The same; tells the verb of each command that changed something.
fn play_telling(
    world: &mut World,
    case: &Case,
    ledger: &mut Ledger,
    until: Ns,
    mut did: impl FnMut(&'static str),
) -> Verdict {
    let start = world.now();
    for deed in case.deeds.iter().filter(|deed| (start..until).contains(&deed.at)) {
        audited(world, deed.at, ledger)?;
        if let Some(command) = deed.command(world)
            && let Ok(bound) = command.bind(world)
        {
            let injected = world.inject(bound.change, bound.length, ledger);
            if injected != Injected::Nothing {
                did(command.verb());
            }
            adds_up(world, ledger)?;
        }
    }
    audited(world, until, ledger)
}

fn audited(world: &mut World, until: Ns, ledger: &mut Ledger) -> Verdict {
    while world.now() < until {
        go(world, until.min(world.now() + 100 * MILLISECOND), ledger)?;
        adds_up(world, ledger)?;
    }
    Ok(())
}

/// Puts settings as they were, ends all faults, and lets nobody come any more.
fn calm(world: &mut World, configured: &[Options], ledger: &mut Ledger) {
    world.inject(Change::Heal(None), None, ledger);
    for (c, options) in configured.iter().enumerate() {
        let component = ComponentId(c as u16);
        let back = options.settings().into_iter().filter(|row| row.live).filter_map(|row| {
            let value = options.get(row.name)?;
            (world.options(component).get(row.name).as_ref() != Some(&value))
                .then_some((component, row.name, value))
        });
        let back: Vec<_> = back.collect();
        world.inject(Change::Set(back), None, ledger);
        let configured = Change::Scale(vec![component], options.instances() as u16);
        world.inject(configured, None, ledger);
    }
    set_rate(world, 0.0, ledger);
}

fn set_rate(world: &mut World, rate: f64, ledger: &mut Ledger) {
    let users = world.topology().component("users").expect("there are users");
    world.inject(Change::Set(vec![(users, "rate", Value::Rate(rate))]), None, ledger);
}

/// The least frames and entries of the agenda over a second: daemons and what they wait for.
fn rest_level(world: &mut World) -> (u32, usize) {
    let mut least = (u32::MAX, usize::MAX);
    for _ in 0..100 {
        // A prime, so that no period of the daemons hides anything.
        let next = world.now() + 10_007_003;
        world.advance(next, &mut ()).expect("goes on");
        least = (least.0.min(world.frames()), least.1.min(world.pending()));
    }
    least
}

/// Nobody holds anything, nobody waits, no message is left, and each database has its primary.
fn is_at_rest(world: &World) -> Verdict {
    let topology = world.topology();
    for node in topology.present() {
        let (name, reading) = (topology.display_name(node), world.node(node));
        prop_assert_eq!(reading.state, NodeState::Up, "{}", name);
        prop_assert_eq!(reading.in_flight, 0, "{}", name);
        prop_assert_eq!(reading.slow.to_bits(), 1f64.to_bits());
        let pools = (0..topology.nodes.len()).filter_map(|db| world.pool(node, NodeId(db as u16)));
        let own = [reading.cores, reading.threads, reading.connections];
        for resource in own.into_iter().chain(pools) {
            prop_assert_eq!((resource.used, resource.queued), (0, 0), "{}: {:?}", name, resource);
        }
        if let PartReading::Queue { waiting, in_hand, .. } = reading.part {
            prop_assert_eq!((waiting, in_hand), (0, 0), "{}", name);
        }
    }
    for component in topology.components.iter().filter(|c| c.kind == "database") {
        let primaries = component.nodes().filter(|&n| world.is_primary(n)).count();
        prop_assert_eq!(primaries, 1, "primaries of {}", component.name);
    }
    prop_assert!(world.links().all(|link| !link.cut));
    Ok(())
}

/// Whether some process has a limit to its memory.
fn leaks(cluster: &Cluster) -> bool {
    cluster.components.iter().any(|c| match &c.options {
        Options::Service(o) => o.memory.limit != Limit::Unlimited,
        Options::Workers(o) => o.memory.limit != Limit::Unlimited,
        _ => false,
    })
}

/// When a world whose deeds are done has come to rest. What stands before a narrow link leaves it, also
/// when nobody waits for it any more: the 30 000 answers, 4 kB each, that a closed loop of 10 000 users
/// asks for in the time of the deeds take 24 s at 5 MB/s. And 2 s of work that began on a node 20 times as
/// slow take 40 s.
fn rest(cluster: &Cluster, world: &World) -> Ns {
    let narrow = cluster.network.bandwidth != Limit::Unlimited;
    let works = world.topology().present().any(|n| world.node(n).in_flight > 0);
    let more = [(narrow, 30), (works, 40)].into_iter().filter(|m| m.0).map(|m| m.1 * SECOND);
    REST + more.sum::<Ns>()
}

fn everything_is_conserved(case: &Case) -> Verdict {
    let mut world = World::new(&case.cluster, case.seed);
    let configured = cluster::options(&world);
    let mut quiet = world.clone();
    let mut ledger = Ledger::default();
    play(&mut world, case, &mut ledger, UNTIL)?;
    calm(&mut world, &configured, &mut ledger);
    adds_up(&world, &ledger)?;
    go(&mut world, UNTIL + REST, &mut ledger)?;
    let rest = rest(&case.cluster, &world);
    go(&mut world, UNTIL + rest, &mut ledger)?;
    adds_up(&world, &ledger)?;
    prop_assert_eq!(world.in_flight(), 0, "requests have ended");
    is_at_rest(&world)?;

    set_rate(&mut quiet, 0.0, &mut Ledger::default());
    quiet.advance(3 * SECOND, &mut ()).expect("goes on");
    let (expected, found) = (rest_level(&mut quiet), rest_level(&mut world));
    prop_assert_eq!(found.0, expected.0, "frames at rest");
    prop_assert!(found.1 <= expected.1, "{} entries at rest, {} expected", found.1, expected.1);

    let before = ledger.reasons;
    set_rate(&mut world, 40.0, &mut ledger);
    let again = world.now() + SECOND;
    go(&mut world, again, &mut ledger)?;
    if leaks(&case.cluster) {
        // Processes that leak are killed for it, faults or not.
        return Ok(());
    }
    for reason in [Outcome::Refused, Outcome::Reset, Outcome::NoBackend] {
        let i = reason.index();
        prop_assert_eq!(ledger.reasons[i], before[i], "`{}` after all is healed", reason.word());
    }
    Ok(())
}

#[test]
fn every_request_ends_once_and_the_world_comes_to_rest() {
    judge(1, 1500, |case| everything_is_conserved(&case));
}

fn all_ways_are_one(case: &Case) -> Verdict {
    let told = |world: &World| {
        let nodes = world.topology().nodes.len() as u16;
        let nodes: Vec<_> = (0..nodes).map(|n| world.node(NodeId(n))).collect();
        let links: Vec<u64> = world.links().map(|link| link.sent).collect();
        (world.digest(), world.events(), nodes, links, world.faults().to_vec())
    };
    let mut first = World::new(&case.cluster, case.seed);
    let mut ledger = Ledger::default();
    let middle = UNTIL / 2;
    play(&mut first, case, &mut ledger, middle)?;
    let (mut clone, mut cloned) = (first.clone(), ledger.clone());
    play(&mut clone, case, &mut cloned, UNTIL)?;
    play(&mut first, case, &mut ledger, UNTIL)?;
    prop_assert_eq!(told(&first), told(&clone), "a clone");
    prop_assert_eq!(&ledger, &cloned);

    let mut bare = World::new(&case.cluster, case.seed);
    for deed in &case.deeds {
        bare.advance(deed.at, &mut ()).expect("goes on");
        if let Some(Ok(bound)) = deed.command(&bare).map(|command| command.bind(&bare)) {
            bare.inject(bound.change, bound.length, &mut ());
        }
    }
    bare.advance(UNTIL, &mut ()).expect("goes on");
    prop_assert_eq!(told(&first), told(&bare), "a second run without observers");
    Ok(())
}

#[test]
fn clones_second_runs_and_unobserved_runs_are_equal() {
    judge(2, 600, |case| all_ways_are_one(&case));
}

/// Else the other tests would hold for a world to which nothing happens.
#[test]
fn the_cases_meet_what_they_are_for() {
    let met = std::cell::RefCell::new((Ledger::default(), 0, std::collections::BTreeSet::new()));
    judge(3, 150, |case| {
        let mut world = World::new(&case.cluster, case.seed);
        let mut ledger = Ledger::default();
        let mut met = met.borrow_mut();
        play_telling(&mut world, &case, &mut ledger, UNTIL, |verb| {
            met.2.insert(verb);
        })?;
        met.1 += 1;
        for (i, n) in ledger.reasons.iter().enumerate() {
            met.0.reasons[i] += n;
        }
        Ok(())
    });
    let (ledger, cases, verbs) = met.into_inner();
    assert!(cases >= 150);
    for verb in cluster::verbs() {
        assert!(verbs.contains(verb), "`{verb}` never did anything");
    }
    for reason in Outcome::REASONS {
        assert!(ledger.reasons[reason.index()] > 0, "no request ended `{}`", reason.word());
    }
}
