//! What pictures tell of a running world, beyond its figures.

use super::*;
use crate::session::picture::{Failover, Message, Picture, Stage};
use crate::sim::time::{MICROSECOND, MILLISECOND, SECOND};

fn open(name: &str) -> Session {
    let playbook = playbook::open(name).unwrap().into_playbook();
    Session::new(&playbook, playbook.seed)
}

fn inject(session: &mut Session, text: &str) {
    session.inject(&Command::parse(text).unwrap()).unwrap();
}

fn component<'a>(picture: &'a Picture, name: &str) -> &'a picture::Component {
    picture.components.iter().find(|c| &*c.name == name).unwrap()
}

#[test]
fn every_answer_is_in_the_heat_map() {
    let mut session = open("food-delivery");
    session.advance(3 * SECOND).unwrap();
    let picture = session.picture();
    for bin in &picture.chart[..picture.chart.len() - 1] {
        assert!(bin.ok > 500, "{bin:?}");
        assert_eq!(bin.heat.total(), bin.ok);
    }
}

#[test]
fn a_failover_is_told_part_by_part() {
    let mut session = open("primary-crash");
    session.advance(16 * SECOND + 200 * MILLISECOND).unwrap();
    let stage = |s: &Session| s.picture().failovers.first().and_then(Failover::stage);
    assert!(stage(&session).is_none_or(|s| s <= Stage::Promoted), "{:?}", stage(&session));
    session.advance(22 * SECOND).unwrap();
    let failovers = session.picture().failovers;
    let [failover] = failovers.as_slice() else { panic!("{failovers:?}") };
    assert_eq!(failover.from.as_deref(), Some("orders-db-1"));
    assert!(failover.to.is_some() && failover.epoch == 2, "{failover:?}");
    assert_eq!(failover.started, 15 * SECOND);
    let took: Vec<_> = Stage::ALL.iter().take(3).map(|s| failover.took(*s)).collect();
    assert!(took[0] > Some(500 * MILLISECOND) && took[2] >= Some(400 * MILLISECOND), "{took:?}");
}

#[test]
fn sides_of_a_cut_are_numbered_and_heal() {
    let mut session = open("food-delivery");
    session.advance(SECOND).unwrap();
    inject(&mut session, "cut orders-db-1|orders-db-2,orders-db-3");
    let sides = |s: &Session| -> Vec<usize> {
        component(&s.picture(), "orders-db").nodes.iter().map(|n| n.side).collect()
    };
    assert_eq!(sides(&session), [0, 1, 1]);
    inject(&mut session, "heal");
    assert_eq!(sides(&session), [0, 0, 0]);
}

#[test]
fn each_direction_of_a_link_tells_its_own_trouble() {
    let mut session = open("food-delivery");
    session.advance(SECOND).unwrap();
    inject(&mut session, "delay web|orders-db base=200ms");
    inject(&mut session, "lose edge->web-3 p=20%");
    inject(&mut session, "cut web-4->edge");
    let picture = session.picture();
    let flow = |from: &str, to: &str| {
        let at = |name: &str| picture.components.iter().position(|c| &*c.name == name).unwrap();
        picture.flows.iter().find(|f| (f.from, f.to) == (at(from), at(to))).unwrap()
    };
    let slow = &flow("web", "orders-db").taps;
    let added = 200 * MILLISECOND;
    assert!(slow.iter().all(|t| (t.there.delay, t.back.delay) == (added, added)), "{slow:?}");
    let edge = &flow("edge", "web").taps;
    assert!((edge[2].there.loss - 0.2).abs() < 1e-6 && edge[2].back.loss <= 0.0, "{edge:?}");
    assert_eq!((edge[3].there.cut, edge[3].back.cut, edge[3].cut), (0, 1, 1));
}

#[test]
fn messages_under_way_move_along_their_flow() {
    let mut session = open("food-delivery");
    session.advance(2 * SECOND).unwrap();
    let mut seen: Vec<Message> = Vec::new();
    let (mut calls, mut answers) = (0, 0);
    for step in 1..=200 {
        session.advance(2 * SECOND + step * 50 * MICROSECOND).unwrap();
        let now = session.picture().messages;
        assert!(now.len() <= Message::MOST && now.iter().all(|m| (0.0..=1.0).contains(&m.way)));
        for before in &seen {
            let same = |m: &&Message| {
                (m.request, m.flow, m.node, m.reply)
                    == (before.request, before.flow, before.node, before.reply)
            };
            // A worker's calls go against their flow.
            let Some(after) = now.iter().find(same) else { continue };
            let forward = after.way - before.way;
            let queue = session.picture().components[session.picture().flows[after.flow].from].kind;
            if queue == "queue" {
                continue;
            }
            assert!(
                if after.reply { forward <= 0.0 } else { forward >= 0.0 },
                "{before:?} {after:?}"
            );
            calls += u32::from(!after.reply);
            answers += u32::from(after.reply);
        }
        seen = now;
    }
    assert!(calls > 50 && answers > 50, "{calls} {answers}");
}

#[test]
fn an_old_primary_that_is_cut_off_has_no_lag_but_another_log() {
    let mut session = open("partition-fenced");
    let of = |s: &Session| component(&s.picture(), "orders-db").nodes[0].role;
    session.advance(11 * SECOND).unwrap();
    assert_eq!(of(&session), Some(picture::Role::Primary));
    session.advance(25 * SECOND).unwrap();
    assert_eq!(of(&session), Some(picture::Role::Diverged));
    session.advance(50 * SECOND).unwrap();
    assert!(matches!(of(&session), Some(picture::Role::Replica(_))), "{:?}", of(&session));
}

#[test]
fn a_minority_of_watchers_is_told_as_that() {
    let mut session = open("food-delivery");
    session.advance(2 * SECOND).unwrap();
    inject(&mut session, "cut orders-db-1|keeper-2");
    session.advance(12 * SECOND).unwrap();
    let face = component(&session.picture(), "keeper").face.clone();
    let picture::Face::Failover { phase, .. } = face else { panic!("{face:?}") };
    assert_eq!(phase, Some(picture::Phase::Detecting { missing: 1, of: 3 }));
}

#[test]
fn who_is_left_out_does_not_make_the_others_look_idle() {
    let mut session = open("food-delivery");
    session.advance(2 * SECOND).unwrap();
    inject(&mut session, "cut edge|web-2");
    session.advance(12 * SECOND).unwrap();
    let picture = session.picture();
    let web = component(&picture, "web");
    assert!(web.nodes[1].ejected.is_some() && web.nodes[1].utilisation < 0.05);
    let mean = web.nodes.iter().map(|n| n.utilisation).sum::<f64>() / 3.0;
    let picture::Face::Service { utilisation, .. } = web.face else { panic!("{:?}", web.face) };
    assert!((utilisation - mean).abs() < 0.1, "{utilisation} of {mean}");
    let (name, busiest) = picture.vitals.busiest.clone().unwrap();
    assert!(&*name == "web" && (busiest - mean).abs() < 0.02, "{name} {busiest} of {mean}");
}
