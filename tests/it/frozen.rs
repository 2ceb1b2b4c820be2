//! Processes that stand still: what they worked on, what they waited for, and how they boot.

use crate::lab::Lab;
use brownout::sim::id::ClassId;
use brownout::sim::observation::{Called, NodeState, Observer, Outcome};
use brownout::sim::time::{MILLISECOND, NEVER, Ns, SECOND};

/// A server of one core, for a request each second, before another one whose work takes 200 ms.
fn cluster(steps: &str) -> String {
    format!(
        "[traffic.users]\nto = \"web\"\nrate = \"1/s\"\narrivals = \"constant\"\ntimeout = \"30s\"\n\
         [request.page]\nshare = \"100%\"\nsteps = [{steps}]\n\
         [network]\nsame_zone = \"0s\"\n\
         [service.web]\ninstances = 1\ncores = 1\nboot = \"2s\"\n\
         call_timeout = \"30s\"\n[service.back]\ninstances = 1\nsteps = [\"cpu 200ms\"]\n"
    )
}

fn server(steps: &str) -> Lab {
    Lab::new(&cluster(steps), 3)
}

/// Whether somebody came, and the calls that ended.
#[derive(Default)]
struct Told(bool, Vec<Called>);

impl Observer for Told {
    fn arrived(&mut self, _: Ns, _: ClassId) {
        self.0 = true;
    }
    fn called(&mut self, _: Ns, called: Called) {
        self.1.push(called);
    }
}

/// How long the one request took that arrives first, if it is frozen for so long, so long after its
/// arrival; in ms.
fn took(steps: &str, after: u64, frozen: u64) -> u64 {
    let mut lab = server(steps);
    while lab.seen.arrived.is_empty() {
        lab.run(MILLISECOND);
    }
    lab.run(after * MILLISECOND).act(&format!("pause web for {frozen}ms")).run(3 * SECOND);
    (lab.seen.took[0] * 1_000.0 + 0.5) as u64
}

/// What a processor was doing is as much longer; a wait that is over meanwhile is over when it goes on.
#[test]
fn work_stands_still_and_time_does_not() {
    for (after, frozen) in [(50, 100), (50, 500), (150, 1), (10, 2_000)] {
        assert_eq!(took("\"cpu 200ms\"", after, frozen), 200 + frozen, "work, after {after} ms");
        let wait = 200.max(after + frozen);
        assert!(
            took("\"call back\"", after, frozen).abs_diff(wait) <= 1,
            "a wait, after {after} ms"
        );
    }
    assert_eq!(took("\"cpu 200ms\"", 300, 100), 200, "it is done before");
}

/// Time in which a process stood still is waited and not worked.
#[test]
fn what_stood_still_has_waited() {
    let mut lab: Lab<Told> = Lab::watched(&cluster("\"cpu 200ms\""), 3);
    while !lab.seen.0 {
        lab.run(MILLISECOND);
    }
    lab.run(50 * MILLISECOND).act("pause web for 500ms").run(700 * MILLISECOND);
    let call = lab.seen.1.first().expect("one call");
    assert_eq!((call.wait, call.work), (500 * MILLISECOND, 200 * MILLISECOND));
}

/// A core that is held by a process that stands still does nothing: U = X S.
#[test]
fn a_frozen_process_uses_no_core() {
    let mut lab = server("\"cpu 200ms\"");
    for _ in 0..10 {
        lab.act("pause web for 300ms").run(777 * MILLISECOND);
    }
    lab.act("set users.rate=0/s").run(10 * SECOND);
    let (busy, done) = (lab.reading("web").cores.busy_ns, lab.count(Outcome::Ok) as u64);
    assert_eq!((busy, lab.failed()), (done * 200 * MILLISECOND, 0));
}

/// The rest of a boot is still to do when the process goes on, however often it stands still.
#[test]
fn a_boot_stands_still() {
    let mut lab = server("\"cpu 1ms\"");
    let at = |lab: &mut Lab, ms: u64, wanted: NodeState| {
        lab.to(ms * MILLISECOND + 1);
        assert_eq!(lab.reading("web").state, wanted, "{ms} ms");
    };
    let until = |ms: u64| NodeState::Booting(ms * MILLISECOND);
    lab.to(10 * SECOND).act("restart web");
    at(&mut lab, 10_500, until(12_000));
    lab.to(11 * SECOND).act("pause web for 4s");
    at(&mut lab, 14_900, NodeState::Booting(NEVER));
    at(&mut lab, 15_000, until(16_000));
    lab.to(15_500 * MILLISECOND).act("pause web for 1s");
    at(&mut lab, 16_500, until(17_000));
    at(&mut lab, 17_000, NodeState::Up);
    // Frozen before it begins to boot.
    lab.to(20 * SECOND).act("crash web for 1s").act("pause web for 3s");
    at(&mut lab, 22_000, NodeState::Booting(NEVER));
    at(&mut lab, 23_000, until(25_000));
    at(&mut lab, 25_000, NodeState::Up);
}
