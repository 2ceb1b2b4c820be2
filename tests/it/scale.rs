//! Nodes that come and go while the cluster runs.

use crate::lab::Lab;
use crate::support::{command, session, store};
use brownout::sim::World;
use brownout::sim::fault::{Change, Injected};
use brownout::sim::id::ComponentId;
use brownout::sim::observation::{Event, NodeState, Outcome};
use brownout::sim::reading::PartReading;
use brownout::sim::time::{MILLISECOND, SECOND};

const WEB: [&str; 6] = ["web-1", "web-2", "web-3", "web-4", "web-5", "web-6"];

/// Servers of one core that boot in 1 s, behind a balancer or not.
fn servers(to: &str, rate: u32, work: &str, seed: u64) -> Lab {
    Lab::new(
        &format!(
            "[traffic.app]\nto = \"{to}\"\nrate = \"{rate}/s\"\ntimeout = \"20s\"\n\
             [request.page]\nshare = \"100%\"\nsteps = [\"cpu {work}\"]\n\
             [balancer.edge]\nto = \"web\"\ncall_timeout = \"20s\"\n\
             [service.web]\ncores = \"unlimited\"\nthreads = \"unlimited\"\nboot = \"1s\"\n"
        ),
        seed,
    )
}

fn web(lab: &Lab) -> ComponentId {
    lab.world.topology().component("web").expect("it is there")
}

fn state(lab: &Lab, name: &str) -> NodeState {
    lab.world.node(lab.node(name)).state
}

/// Names of the nodes of a component that are there.
fn there(world: &World, component: ComponentId) -> Vec<String> {
    let topology = world.topology();
    let nodes = topology.components[component.index()].nodes();
    nodes.map(|n| topology.nodes[n.index()].name.clone()).collect()
}

#[test]
fn new_servers_boot_and_are_used_when_checks_have_seen_them() {
    let mut lab = servers("edge", 400, "exp(5ms)", 1);
    lab.run(2 * SECOND).act("scale web to=6").run(MILLISECOND);
    assert_eq!(lab.world.instances(web(&lab)), 6);
    assert!(matches!(state(&lab, "web-5"), NodeState::Booting(_)));
    // A boot of 1 s, and two good checks, the first of which may have been just before.
    lab.run(SECOND);
    assert_eq!(state(&lab, "web-6"), NodeState::Up);
    assert!(!lab.seen.calls.contains_key(&lab.node("web-5")), "not seen by checks yet");
    lab.run(2 * SECOND).forget().run(20 * SECOND);
    for share in lab.shares(&WEB) {
        assert!((share - 1.0 / 6.0).abs() < 0.001, "in turn: {share}");
    }
    assert_eq!(lab.failed(), 0);
}

#[test]
fn without_a_balancer_new_servers_are_used_when_they_are_up() {
    let mut lab = servers("web", 400, "exp(5ms)", 2);
    lab.run(SECOND).act("scale web to=5").run(990 * MILLISECOND);
    assert!(!lab.seen.calls.contains_key(&lab.node("web-5")));
    lab.run(20 * MILLISECOND).forget().run(10 * SECOND);
    assert!((lab.shares(&["web-1", "web-5"])[1] - 0.5).abs() < 0.001);
    assert_eq!(lab.failed(), 0);
}

#[test]
fn servers_that_leave_finish_what_they_have() {
    for to in ["edge", "web"] {
        let mut lab = servers(to, 200, "2s", 3);
        lab.run(5 * SECOND).act("scale web to=1").run(SECOND);
        assert_eq!(lab.world.instances(web(&lab)), 1);
        assert_eq!(state(&lab, "web-4"), NodeState::Up, "it still works");
        assert_eq!(lab.world.topology().components[web(&lab).index()].nodes.len(), 4);
        // All that was there has been done after 2 s; what comes goes to the first.
        lab.run(1200 * MILLISECOND);
        assert_eq!(there(&lab.world, web(&lab)), ["web-1"]);
        assert_eq!(lab.world.topology().display_name(lab.node("web-1")), "web");
        lab.forget().run(5 * SECOND);
        assert_eq!(lab.failed(), 0, "{to}");
        let gone = ["web-2", "web-3", "web-4"].map(|name| lab.node(name));
        assert!(!lab.seen.calls.keys().any(|n| gone.contains(n)), "{to}");
    }
}

#[test]
fn what_is_not_done_within_drain_is_reset() {
    let mut lab = servers("edge", 100, "2s", 4);
    lab.act("set web.drain=500ms").run(5 * SECOND).act("scale web to=3");
    let left = lab.world.node(lab.node("web-4")).in_flight;
    lab.forget().run(450 * MILLISECOND);
    assert_eq!(lab.count(Outcome::Reset), 0);
    lab.run(100 * MILLISECOND);
    // Of 2 s of work the first quarter was done meanwhile.
    let reset = lab.count(Outcome::Reset);
    assert!(reset > 0 && reset < left as usize, "{reset} of {left}");
    assert_eq!(state(&lab, "web-4"), NodeState::Absent);
    lab.forget().run(3 * SECOND);
    assert_eq!(lab.failed(), 0, "and nothing more");
}

#[test]
fn who_is_to_leave_and_is_wanted_again_stays() {
    for to in ["edge", "web"] {
        let mut lab = servers(to, 200, "1s", 5);
        lab.run(3 * SECOND).act("scale web to=2").run(300 * MILLISECOND).act("scale web to=4");
        let booted = |e: &Event| matches!(e, Event::Node { state: NodeState::Booting(_), .. });
        lab.run(10 * SECOND);
        assert!(!lab.seen.events.iter().any(booted), "{to}: nobody had to boot");
        assert_eq!(lab.failed(), 0, "{to}");
        lab.forget().run(10 * SECOND);
        assert!(lab.shares(&["web-1", "web-4"])[1] > 0.49, "{to}");
    }
}

#[test]
fn what_holds_a_server_down_holds_it_when_it_comes_back() {
    for (fault, down) in [("crash web-4", NodeState::Crashed), ("power_off web-4", NodeState::Off)]
    {
        let mut lab = servers("edge", 100, "exp(5ms)", 6);
        lab.run(SECOND).act(fault).run(SECOND).act("scale web to=3").run(MILLISECOND);
        assert_eq!(state(&lab, "web-4"), NodeState::Absent, "{fault}");
        lab.act("scale web to=4").run(3 * SECOND);
        assert_eq!(state(&lab, "web-4"), down, "{fault}");
        lab.act("heal").run(3 * SECOND);
        assert_eq!(state(&lab, "web-4"), NodeState::Up, "{fault}");
        // The other way round: the fault ends while the node is not there.
        lab.act(fault).act("scale web to=3").run(SECOND).act("heal").run(3 * SECOND);
        assert_eq!(state(&lab, "web-4"), NodeState::Absent, "{fault}");
        lab.act("scale web to=4").run(3 * SECOND);
        assert_eq!(state(&lab, "web-4"), NodeState::Up, "{fault}");
    }
}

#[test]
fn a_server_that_stands_still_leaves_when_its_time_is_over() {
    let mut lab = servers("edge", 200, "500ms", 7);
    lab.act("set web.drain=3s").run(SECOND).act("pause web-4").act("scale web to=3");
    lab.run(2900 * MILLISECOND);
    assert_eq!(state(&lab, "web-4"), NodeState::Paused);
    lab.run(200 * MILLISECOND).act("heal").run(SECOND);
    assert_eq!(state(&lab, "web-4"), NodeState::Absent);
}

/// Who has no power cannot say that it leaves; the broker gives it nothing all the same.
#[test]
fn a_worker_without_power_that_is_scaled_away_is_given_nothing() {
    let mut lab = Lab::new(
        "[traffic.app]\nto = \"web\"\nrate = \"0/s\"\n\
         [request.page]\nshare = \"100%\"\nsteps = [\"publish jobs\"]\n\
         [service.web]\ninstances = 1\n[queue.jobs]\n\
         [workers.hands]\nfrom = \"jobs\"\ninstances = 2\nthreads = 1\nsteps = [\"cpu 1ms\"]\n",
        3,
    );
    lab.to(SECOND).act("power_off hands-2").run(SECOND).act("scale hands to=1").run(SECOND);
    lab.act("set app.rate=10/s").run(5 * SECOND).act("set app.rate=0/s").run(SECOND);
    let PartReading::Queue { waiting, in_hand, published, .. } = lab.reading("jobs").part else {
        panic!("a queue");
    };
    assert!(published > 20, "{published}");
    assert_eq!((waiting, in_hand), (0, 0), "all are done");
}

#[test]
fn workers_that_leave_finish_their_messages_and_take_no_others() {
    let mut lab = Lab::new(
        "[traffic.app]\nto = \"web\"\nrate = \"100/s\"\n\
         [request.job]\nshare = \"100%\"\nsteps = [\"publish jobs\"]\n\
         [service.web]\n[queue.jobs]\n\
         [workers.hands]\nfrom = \"jobs\"\ncores = 8\nthreads = 8\nboot = \"1s\"\n\
         steps = [\"cpu 60ms\"]\n",
        8,
    );
    lab.run(5 * SECOND).act("scale hands to=2").run(2 * SECOND);
    let jobs = lab.node("jobs-1");
    let redelivered = |e: &Event| matches!(e, Event::GivenBack { .. });
    assert!(!lab.seen.events.iter().any(redelivered), "nothing was taken from anybody's hands");
    let hands = lab.world.topology().component("hands").expect("workers");
    assert_eq!(there(&lab.world, hands), ["hands-1", "hands-2"]);
    lab.act("scale hands to=6").run(3 * SECOND).act("set app.rate=0/s").run(2 * SECOND);
    assert_eq!(there(&lab.world, hands).len(), 6);
    let PartReading::Queue { waiting, in_hand, lost, dead_letters, .. } = lab.world.node(jobs).part
    else {
        panic!("a queue")
    };
    assert_eq!((waiting, in_hand, lost, dead_letters), (0, 0, 0, 0));
    assert!(!lab.seen.events.iter().any(redelivered));
}

/// Links that are cut now, each direction for itself.
fn cut(lab: &Lab) -> usize {
    lab.world.links().filter(|link| link.cut).count()
}

#[test]
fn what_lies_before_a_component_lies_before_those_who_come_later() {
    let mut lab = servers("edge", 200, "1ms", 11);
    lab.run(SECOND).act("cut edge|web");
    assert_eq!(cut(&lab), 8, "what leads to nobody is no link yet");
    lab.act("scale web to=6").run(5 * SECOND);
    assert_eq!((cut(&lab), state(&lab, "web-6")), (12, NodeState::Up));
    lab.forget().run(2 * SECOND);
    assert_eq!(lab.count(Outcome::Ok), 0, "nobody is reached");
    lab.act("heal").run(3 * SECOND).forget().run(2 * SECOND);
    assert!(lab.failed() == 0 && lab.shares(&WEB)[5] > 0.16, "{:?}", lab.shares(&WEB));

    // A pattern means those whom it named.
    let mut lab = servers("edge", 200, "1ms", 11);
    lab.run(SECOND).act("cut edge|web-*").act("scale web to=6").run(5 * SECOND);
    assert_eq!(cut(&lab), 8);
    lab.forget().run(2 * SECOND);
    assert_eq!(lab.failed(), 0);
    assert_eq!(lab.shares(&WEB), [0.0, 0.0, 0.0, 0.0, 0.5, 0.5]);
}

#[test]
fn a_cut_between_zones_lies_before_those_who_come_later() {
    let zones = "[zone.a]\n[zone.b]\n[traffic.app]\nto = \"edge\"\nrate = \"200/s\"\n\
                 [request.page]\nshare = \"100%\"\nsteps = [\"cpu 1ms\"]\n\
                 [balancer.edge]\nto = \"web\"\nzones = [\"a\"]\n\
                 [service.web]\nzones = [\"a\", \"b\"]\nboot = \"1s\"\n";
    let mut lab = Lab::new(zones, 12);
    lab.run(SECOND).act("cut zone:a|zone:b").act("delay edge->web base=50ms");
    lab.act("scale web to=6").run(5 * SECOND).forget().run(3 * SECOND);
    assert_eq!(lab.failed(), 0);
    let shares = lab.shares(&WEB);
    assert!(shares[1] + shares[3] + shares[5] < 1e-9, "{shares:?}");
    assert!((shares[4] - 1.0 / 3.0).abs() < 0.01, "{shares:?}");
    let least = lab.seen.took.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(least > 0.050, "web-5 is behind the delay, too: {least} s");
}

#[test]
fn what_is_out_of_bounds_changes_nothing() {
    let mut lab = servers("edge", 100, "1ms", 9);
    lab.run(SECOND);
    let (web, edge) = (web(&lab), lab.world.topology().component("edge").expect("a balancer"));
    for (component, to) in [(web, 0), (web, 4), (web, 9), (web, u16::MAX), (edge, 2)] {
        let injected = lab.world.inject(Change::Scale(vec![component], to), None, &mut ());
        assert_eq!(injected, Injected::Nothing, "{to}");
    }
    // A node that is not there can be named by no command, and is beyond faults that are bound.
    let absent = vec![brownout::sim::id::NodeId(lab.node("web-1").0 + 5)];
    for change in [
        Change::Crash(absent.clone()),
        Change::PowerOff(absent.clone()),
        Change::Pause(absent.clone()),
        Change::Restart(absent.clone()),
        Change::Resume(absent.clone()),
        Change::PowerOn(absent.clone()),
        Change::Heal(None),
    ] {
        lab.world.inject(change, None, &mut ());
        lab.run(SECOND);
        assert_eq!(lab.world.node(absent[0]).state, NodeState::Absent);
    }
}

#[test]
fn room_for_more_changes_no_run() {
    let digest = |max: &str| {
        let mut lab = Lab::new(
            &format!(
                "[traffic.app]\nto = \"web\"\nrate = \"100/s\"\n\
                 [request.page]\nshare = \"100%\"\nsteps = [\"cpu exp(5ms)\", \"read db\"]\n\
                 [service.web]\n{max}\n[database.db]\n"
            ),
            10,
        );
        lab.run(5 * SECOND).act("error web p=30%").run(5 * SECOND).world.digest()
    };
    assert_eq!(digest(""), digest("instances_max = 4"));
    assert_eq!(digest(""), digest("instances_max = 400"));
}

#[test]
fn undo_brings_the_former_number_back() {
    let mut session = session("food-delivery", 3);
    session.advance(SECOND).expect("the world goes on");
    let web = session.world().topology().component("web").expect("servers");
    for text in ["scale web to=8", "scale web to=6", "undo", "undo"] {
        session.inject(&command(text)).unwrap_or_else(|e| panic!("{text}: {e}"));
    }
    assert_eq!(session.world().instances(web), 4);
    session.inject(&command("scale web to=6")).expect("a command");
    session.advance(10 * SECOND).expect("the world goes on");
    let picture = session.picture();
    let shown = picture.components.iter().find(|c| &*c.name == "web").expect("servers");
    assert_eq!(shown.nodes.len(), 6);
    session.inject(&command("undo")).expect("a command");
    session.advance(12 * SECOND).expect("the world goes on");
    let picture = session.picture();
    let shown = picture.components.iter().find(|c| &*c.name == "web").expect("servers");
    assert_eq!(shown.nodes.len(), 4);
    assert!(session.inject(&command("crash web-6")).is_err(), "it is not there");
}

/// A server that comes knows of the primary what the watchers tell it, and not who was primary when the
/// cluster began.
#[test]
fn a_server_that_comes_asks_who_is_primary() {
    for seed in 0..5 {
        let mut lab: Lab =
            Lab::new(&store("").replace("instances = 2", "instances = 2\nboot = \"1s\""), seed);
        lab.run(2 * SECOND).act("crash store-1 for 5s").run(10 * SECOND).forget();
        assert!(
            lab.world.is_primary(lab.node("store-2")) || lab.world.is_primary(lab.node("store-3"))
        );
        lab.act("scale web to=3").run(5 * SECOND);
        assert_eq!((lab.failed(), lab.seen.calls.contains_key(&lab.node("web-3"))), (0, true));
    }
}
