//! Observers, told of made-up observations.

use super::*;
use crate::sim::id::ClassId;
use crate::sim::id::LinkId;
use crate::sim::observation::{Acknowledged, Called, Ended, Event, Observer, Outcome};
use crate::sim::spec::{Cluster, Component, NetworkOptions};
use crate::sim::time::SECOND;

const MENU: ClassId = ClassId(0);
const ORDER: ClassId = ClassId(1);

/// `app` (node 0), `web` (1 to 4), `db` (5 to 7), `keeper` (8 to 10); one link from each web to
/// each node of the database.
fn observers(judged_from: Ns) -> Observers {
    let component = |name: &str, kind: &str| {
        let mut options = Options::of_kind(kind).unwrap();
        if let Options::Service(o) = &mut options {
            o.instances_max = Some(o.instances);
        }
        Component { name: name.to_string(), zones: Vec::new(), options }
    };
    let topology = Topology::new(&Cluster {
        name: "t".to_string(),
        about: String::new(),
        network: NetworkOptions::default(),
        zones: Vec::new(),
        components: vec![
            component("app", "traffic"),
            component("web", "service"),
            component("db", "database"),
            component("keeper", "failover"),
        ],
        classes: Vec::new(),
    });
    let map = Map {
        topology: Arc::new(topology),
        classes: vec!["menu".into(), "order".into()],
        watched: vec![(ComponentId(3), ComponentId(2))],
        balanced: Vec::new(),
        needs: Needs::default(),
    };
    let mut observers = Observers::blank(map, Gauges::default(), Limits::default(), judged_from);
    let webs = (1..=4).map(NodeId);
    observers.ends = Arc::new(webs.flat_map(|w| (5..=7).map(move |d| (w, NodeId(d)))).collect());
    observers.links = vec![LinkTally::default(); observers.ends.len()];
    observers.ledger.open(ComponentId(2), 1);
    observers.roles.set(0, ComponentId(2), &[NodeId(5)]);
    observers.remember(0, true);
    observers
}

/// What a tick does, without readings of a world.
fn tick(observers: &mut Observers, now: Ns) {
    let whole = now.is_multiple_of(BIN);
    if whole {
        observers.close_bin(now);
    }
    observers.remember(now, whole);
    let ok = observers.ok();
    observers.log.tick(now, ok);
}

fn end(observers: &mut Observers, arrived: Ns, at: Ns, class: ClassId, outcome: Outcome) {
    observers
        .ended(at, Ended { request: 1, class, outcome, blame: NodeId(1), arrived, attempts: 2 });
}

fn call(observers: &mut Observers, link: u32, outcome: Outcome) {
    let to = observers.ends[link as usize].1;
    let class = Some(ORDER);
    let (link, wait, work) = (LinkId(link), 3, 5);
    let (request, delivered, inside, took) = (1, false, 8, 9);
    observers.called(
        1,
        Called { link, to, request, class, delivered, outcome, wait, work, inside, took },
    );
}

#[test]
fn a_request_is_judged_by_its_arrival() {
    let mut o = observers(SECOND);
    o.arrived(SECOND - 1, MENU);
    o.arrived(SECOND, MENU);
    o.arrived(SECOND, ORDER);
    end(&mut o, SECOND - 1, SECOND + 5 * MILLISECOND, MENU, Outcome::Ok);
    end(&mut o, SECOND, SECOND + 9 * MILLISECOND, MENU, Outcome::Late);
    let judged = |c: usize| o.classes[c].tally;
    assert_eq!((judged(0).offered, judged(0).ok(), judged(0).of(Outcome::Late)), (1, 0, 1));
    assert_eq!((judged(0).attempts, judged(0).answered_ns), (2, 9 * MILLISECOND));
    assert_eq!((o.total().offered, o.total().ended(), o.in_flight()), (3, 2, 1));
    assert_eq!(o.class(MENU).ok(), 1);
}

#[test]
fn latencies_of_closed_and_open_bins_add_up_by_class() {
    let mut o = observers(0);
    for bin in 0..4u64 {
        let at = bin * BIN + MILLISECOND;
        for _ in 0..10 {
            o.arrived(at, MENU);
            end(&mut o, at, at + (bin + 1) * 10 * MILLISECOND, MENU, Outcome::Ok);
        }
        if bin < 3 {
            (1..=5).for_each(|t| tick(&mut o, bin * BIN + t * TICK));
        }
    }
    let p50 = |closed| o.latency(Some(MENU), closed).quantile(0.5).unwrap() / MILLISECOND;
    assert_eq!((p50(0), p50(2), p50(9)), (40, 30, 20), "the last, the last three, all four");
    assert_eq!(o.latency(Some(ORDER), 9).quantile(0.5), None);
    assert_eq!(o.latency(None, 9).count(), 40);
    assert_eq!(o.judged[0].count(), 30, "closed bins only");
}

#[test]
fn rolling_figures_are_those_of_the_span() {
    let mut o = observers(0);
    for t in 1..=20 {
        (0..t).for_each(|_| call(&mut o, 4, Outcome::Ok));
        call(&mut o, 4, Outcome::Refused);
        tick(&mut o, t * TICK);
    }
    let now = 20 * TICK;
    let since = |span| o.links[4].since(o.rolling.before(now, span).unwrap().link(4));
    assert_eq!((since(2 * TICK).ok, since(2 * TICK).failed), (19 + 20, 2));
    assert_eq!((since(SECOND).ok, since(SECOND).failed), ((11..=20).sum(), 10));
    let node = o.node(NodeId(6));
    assert_eq!((node.answered(), node.of(Outcome::Refused)), (210, 20));
    assert_eq!((node.wait_ns, node.work_ns), (230 * 3, 230 * 5));
}

#[test]
fn background_calls_are_no_traffic() {
    let mut o = observers(0);
    let (link, to) = (LinkId(0), NodeId(5));
    let check = Called {
        link,
        to,
        request: 0,
        class: None,
        delivered: false,
        outcome: Outcome::Ok,
        wait: 0,
        work: 0,
        inside: 0,
        took: 1,
    };
    o.called(1, check);
    assert_eq!((o.links[0], o.node(to)), (LinkTally::default(), NodeTally::default()));
    // A message flows on its link, and its worker's poll is no call of a user to the queue.
    o.called(1, Called { request: 1, class: Some(ORDER), delivered: true, ..check });
    assert_ne!(o.links[0], LinkTally::default());
    assert_eq!(o.node(to), NodeTally::default());
}

#[test]
fn a_failover_is_timed_told_and_charged() {
    let mut o = observers(0);
    call(&mut o, 0, Outcome::Ok);
    call(&mut o, 3, Outcome::Ok);
    let database = ComponentId(2);
    for position in 1..=100 {
        o.acknowledged(1, Acknowledged { component: database, epoch: 1, position });
    }
    let (primary, second) = (NodeId(5), NodeId(6));
    o.happened(SECOND, Event::Node { node: primary, state: NodeState::Crashed, ended: 3 });
    assert!(o.roles().holders(database).is_empty());
    let detected = Event::Detected { component: database, primary, leader: NodeId(8), missing: 2 };
    o.happened(2 * SECOND, detected);
    o.happened(
        2 * SECOND + 50 * MILLISECOND,
        Event::Elected { component: database, node: second, epoch: 2, due: 3 * SECOND },
    );
    o.happened(
        3 * SECOND,
        Event::Promoted {
            component: database,
            node: second,
            epoch: 2,
            log_epoch: 1,
            log_position: 97,
        },
    );
    o.happened(3_100 * MILLISECOND, Event::Reconnected { component: database, by: NodeId(1) });
    o.happened(3_200 * MILLISECOND, Event::Reconnected { component: database, by: NodeId(2) });
    let failover = &o.failovers().all()[0];
    assert_eq!((failover.started, failover.recovered), (SECOND, Some(3_200 * MILLISECOND)));
    assert_eq!((o.roles().holders(database), o.ledger().lost()), (&[second][..], 3));
    let told: Vec<_> = o.log().newest(9).map(|l| l.text.as_str()).collect();
    assert_eq!(
        told,
        [
            "db-1 crashed: 3 requests reset",
            "detected  +1.00 s  2 watchers miss db-1",
            "elected   +0.05 s  db-2, epoch 2",
            "promoted  +0.95 s  db-2 is primary (epoch 2)",
            "3 acknowledged writes missing in the new primary's log",
            "all back  +0.20 s  web-2 was the last, +2.20 s in all",
        ]
    );
}

#[test]
fn a_clone_goes_its_own_way() {
    let mut o = observers(0);
    (1..=700).for_each(|t| tick(&mut o, t * TICK));
    let mut clone = o.clone();
    o.arrived(71 * SECOND, MENU);
    (701..=705).for_each(|t| tick(&mut o, t * TICK));
    (701..=705).for_each(|t| tick(&mut clone, t * TICK));
    let last = |o: &Observers| o.series().last().map(|b| b.total.offered);
    assert_eq!((last(&o), last(&clone)), (Some(1), Some(0)));
    assert_eq!(o.series().newest(usize::MAX).count(), 141);
}
