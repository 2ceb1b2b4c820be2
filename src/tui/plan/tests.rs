use super::*;
use crate::session::picture::{Face, Flow};
use crate::sim::time::SECOND;
use crate::tui::example;
use example::{APP, COURIERS, DISPATCH, EDGE, KEEPER, MENUS, ORDERS, WEB};
use proptest::prelude::*;

fn default_plan() -> Plan {
    Plan::new((118, 15), &example::at_rest(), Detail::Wide)
}

#[test]
fn layers_are_longest_paths_from_traffic() {
    let plan = default_plan();
    let layer = |c| plan.place(c).unwrap().layer;
    let layers = [APP, EDGE, WEB, MENUS, DISPATCH, COURIERS, ORDERS, KEEPER].map(layer);
    assert_eq!(layers, [0, 1, 2, 3, 3, 4, 5, 5]);
}

/// Where rows are few, what is well is left out first.
#[test]
fn a_table_keeps_what_is_in_trouble() {
    let shown = |picture: &Picture| {
        let plan = Plan::new((60, 4), picture, Detail::Table);
        plan.places.iter().map(|place| place.component).collect::<Vec<_>>()
    };
    assert_eq!(shown(&example::at_rest()), [APP, EDGE]);
    assert_eq!(shown(&example::crashed()), [APP, WEB]);
}

#[test]
fn sizes_decide_how_much_is_told() {
    let detail = |size| Plan::new(size, &example::at_rest(), Detail::Wide).detail;
    assert_eq!(detail((198, 17)), Detail::Wide);
    assert_eq!(detail((118, 15)), Detail::Normal);
    assert_eq!(detail((80, 8)), Detail::Strips);
    assert_eq!(detail((78, 8)), Detail::Strips);
    assert_eq!(detail((60, 10)), Detail::Table);
    assert_eq!(Plan::new((198, 17), &example::at_rest(), Detail::Strips).detail, Detail::Strips);
}

#[test]
fn figures_move_nothing() {
    let mut busy = example::at_rest();
    for node in busy.components.iter_mut().flat_map(|c| &mut c.nodes) {
        (node.utilisation, node.rate) = (1.0, 123_456.0);
    }
    for flow in &mut busy.flows {
        flow.rate *= 100.0;
    }
    busy.components[APP].face = Face::Traffic { rate: 1e9, users: 1, timeout: SECOND };
    for size in [(118, 15), (198, 17), (80, 8)] {
        let plan = |picture| Plan::new(size, picture, Detail::Wide);
        assert_eq!(plan(&busy), plan(&example::at_rest()));
    }
}

#[test]
fn boxes_stay_when_the_primary_moves() {
    let areas = |picture| {
        let plan = Plan::new((118, 15), picture, Detail::Wide);
        plan.places.iter().map(|p| p.area).collect::<Vec<_>>()
    };
    assert_eq!(areas(&example::at_rest()), areas(&example::promoting()));
}

#[test]
fn the_mouse_finds_nodes_components_and_links() {
    let plan = default_plan();
    let web = plan.place(WEB).unwrap();
    let row = web.row(1);
    assert_eq!(plan.hit(row.x + 3, row.y), Some(Target::Node(WEB, 1)));
    assert_eq!(plan.hit(web.area.x, web.area.y), Some(Target::Component(WEB)));
    let annex = plan.place(ORDERS).unwrap().row(3);
    assert_eq!(plan.hit(annex.x, annex.y), Some(Target::Component(KEEPER)));
    let (x, y, _) = plan.links[1].legs[0].cells[0];
    assert_eq!(plan.hit(x, y), Some(Target::Link(1)));
    assert_eq!(plan.hit(0, 0), None);
    assert_eq!(plan.hit(500, 500), None);
}

#[test]
fn the_mouse_finds_nodes_of_a_strip() {
    let plan = Plan::new((118, 15), &example::servers(24), Detail::Wide);
    let row = plan.place(WEB).unwrap().row(0);
    assert_eq!(plan.hit(row.x + 1, row.y), Some(Target::Node(2, 0)));
    assert_eq!(plan.hit(row.x + 1 + 9, row.y), Some(Target::Node(2, 9)));
    assert_eq!(plan.hit(row.x + 1 + 10, row.y), Some(Target::Component(2)));
    assert_eq!(plan.hit(row.x + 1 + 11, row.y), Some(Target::Node(2, 10)));
}

#[test]
fn the_selection_walks_through_the_picture() {
    let plan = default_plan();
    let go = |from, ways: &[Way]| ways.iter().fold(from, |t, w| plan.neighbour(t, *w).unwrap());
    let app = plan.first().unwrap();
    assert_eq!(app, Target::Component(APP));
    assert_eq!(plan.neighbour(app, Way::Left), None);
    // From a box to the link that leaves it, and on to the next box; and back again.
    assert_eq!(go(app, &[Way::Right]), Target::Link(0));
    assert_eq!(go(app, &[Way::Right; 3]), Target::Link(1));
    let web = go(app, &[Way::Right; 4]);
    assert!(matches!(web, Target::Node(WEB, _)));
    assert_eq!(go(Target::Node(WEB, 1), &[Way::Left]), Target::Tap(1, 1));
    assert_eq!(go(Target::Tap(1, 1), &[Way::Right]), Target::Node(WEB, 1));
    assert_eq!(go(Target::Tap(1, 1), &[Way::Up]), Target::Tap(1, 0));
    assert_eq!(go(Target::Tap(1, 0), &[Way::Up]), Target::Link(1));
    assert_eq!(go(Target::Tap(1, 3), &[Way::Left]), Target::Component(EDGE));
    assert_eq!(go(Target::Node(WEB, 0), &[Way::Down]), Target::Node(WEB, 1));
    assert_eq!(go(Target::Node(WEB, 0), &[Way::Up]), Target::Component(WEB));
    assert_eq!(go(Target::Component(MENUS), &[Way::Down]), Target::Component(DISPATCH));
    let last = Target::Node(ORDERS, 2);
    assert_eq!(go(last, &[Way::Down]), Target::Component(KEEPER));
    assert_eq!(plan.neighbour(last, Way::Right), None);
    assert!(plan.neighbour(Target::Link(1), Way::Right).is_some());
}

#[test]
fn every_part_can_be_reached_from_every_other() {
    for size in [(118, 15), (198, 17), (80, 8), (60, 10)] {
        let picture = example::at_rest();
        let plan = Plan::new(size, &picture, Detail::Wide);
        let mut seen = vec![plan.first().unwrap()];
        let mut at = 0;
        while at < seen.len() {
            for way in [Way::Left, Way::Right, Way::Up, Way::Down] {
                if let Some(next) = plan.neighbour(seen[at], way).filter(|n| !seen.contains(n)) {
                    seen.push(next);
                }
            }
            at += 1;
        }
        for c in 0..picture.components.len() {
            assert!(
                seen.iter()
                    .any(|t| *t == Target::Component(c)
                        || matches!(t, Target::Node(of, _) if *of == c)),
                "{size:?}: {c}"
            );
        }
    }
}

/// A cluster of up to 30 components and, of each, up to 100 nodes, with any links, also circles.
fn any_cluster() -> impl Strategy<Value = Picture> {
    let nodes = prop_oneof![4 => 1..9usize, 1 => 9..101usize];
    let kinds = prop::collection::vec((0..5usize, nodes, 1..14usize), 1..31);
    (kinds, prop::collection::vec((0..30usize, 0..30usize), 0..40)).prop_map(|(kinds, pairs)| {
        let mut picture = example::at_rest();
        let faces: Vec<Face> = picture.components.iter().map(|c| c.face.clone()).collect();
        picture.components = kinds
            .iter()
            .enumerate()
            .map(|(i, &(kind, nodes, name))| {
                let (word, index) = [
                    ("traffic", APP),
                    ("balancer", EDGE),
                    ("service", WEB),
                    ("cache", MENUS),
                    ("queue", DISPATCH),
                ][kind];
                let nodes = if word == "service" { nodes } else { 1 };
                // Wide characters count as two cells.
                let letter = if name % 3 == 0 { "宽" } else { "n" };
                let name = format!("{}{i}", letter.repeat(name));
                example::component(&name, word, faces[index].clone(), nodes, &["a", "b"])
            })
            .collect();
        let n = picture.components.len();
        let mut pairs: Vec<_> =
            pairs.into_iter().filter(|(a, b)| a != b && *a < n && *b < n).collect();
        pairs.sort_unstable();
        pairs.dedup();
        picture.flows = pairs
            .into_iter()
            .map(|(a, b)| example::flow(a, b, 100.0, picture.components[b].nodes.len()))
            .collect::<Vec<Flow>>();
        picture
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn boxes_and_links_keep_apart(picture in any_cluster(), wide in 20u16..240, high in 3u16..50) {
        let plan = Plan::new((wide, high), &picture, Detail::Wide);
        prop_assert_eq!(&plan, &Plan::new((wide, high), &picture, Detail::Wide));
        if plan.detail == Detail::Table {
            // Every component has a line, or the last one tells how many have none.
            let shown = plan.places.len();
            prop_assert!(shown == picture.components.len() || shown + 2 == usize::from(high));
            return Ok(());
        }
        prop_assert!((0..picture.components.len()).all(|c| plan.place(c).is_some()));
        prop_assert!(plan.links.iter().all(|l| !l.legs.is_empty() && !l.legs[0].cells.is_empty()));
        let screen = Rect::new(0, 0, wide, high);
        for (i, place) in plan.places.iter().enumerate() {
            prop_assert_eq!(screen.intersection(place.area), place.area);
            for other in &plan.places[..i] {
                prop_assert!(!place.area.intersects(other.area));
            }
        }
        for wire in &plan.wires {
            let at = ratatui::layout::Position::new(wire.x, wire.y);
            prop_assert!(screen.contains(at));
            prop_assert!(plan.places.iter().all(|p| !p.area.contains(at)));
        }
    }

    #[test]
    fn every_link_runs_unbroken_from_its_source_to_its_target(picture in any_cluster()) {
        let plan = Plan::new((480, 200), &picture, Detail::Wide);
        if plan.detail == Detail::Table {
            return Ok(());
        }
        for link in &plan.links {
            let flow = &picture.flows[link.flow];
            let trunk = &link.legs[0].cells;
            for leg in &link.legs {
                for pair in leg.cells.windows(2) {
                    let ((x, y, at), (nx, ny, next)) = (pair[0], pair[1]);
                    prop_assert_eq!(x.abs_diff(nx) + y.abs_diff(ny), 1);
                    prop_assert_eq!(at + 1, next);
                }
            }
            let (source, target) = (plan.place(flow.from).unwrap(), plan.place(flow.to).unwrap());
            if source.layer > target.layer {
                // It closes a circle: it leaves at the left and arrives at the right.
                let (first, last) = (trunk[0], trunk[trunk.len() - 1]);
                prop_assert_eq!((first.0 + 1, last.0), (source.area.x, target.area.right()));
                prop_assert!(plan.wire(last.0, last.1).is_some_and(|w| w.arrow && w.back));
                continue;
            }
            let (source, target) = (source.area, target.area);
            prop_assert_eq!(trunk[0].0, source.right());
            prop_assert!(source.top() <= trunk[0].1 && trunk[0].1 < source.bottom());
            let ends = if link.legs.len() > 1 { &link.legs[1..] } else { &link.legs[..] };
            for end in ends {
                let (x, y, _) = *end.cells.last().unwrap();
                prop_assert_eq!(x + 1, target.x);
                prop_assert!(target.top() <= y && y < target.bottom());
            }
        }
    }
}

#[test]
fn for_a_room_what_lies_behind_shares_a_box() {
    let picture = example::crashed();
    let plan = Plan::folded((98, 9), &picture, Detail::Normal);
    assert_eq!(plan.detail, Detail::Normal);
    let behind = plan.place(ORDERS).unwrap();
    let names = |p: &Place| p.rows.clone();
    assert_eq!(
        names(behind),
        [Row::Behind(MENUS), Row::Behind(DISPATCH), Row::Behind(COURIERS), Row::Behind(ORDERS)]
    );
    assert!([MENUS, DISPATCH, COURIERS].iter().all(|c| plan.place(*c) == Some(behind)));
    // All that goes there is seen on the way there.
    assert!([2, 3, 4].iter().all(|f| plan.links[*f].legs[0].cells == plan.links[2].legs[0].cells));
    // Without room for frames nothing is folded, and nothing lost.
    let plan = Plan::folded((78, 8), &picture, Detail::Normal);
    assert_eq!(plan, Plan::new((78, 8), &picture, Detail::Normal));
    // Trouble in the database is not folded away.
    let plan = Plan::folded((140, 20), &example::promoting(), Detail::Normal);
    assert!(plan.place(ORDERS).unwrap().rows.iter().all(|r| !matches!(r, Row::Behind(_))));
}

#[test]
fn of_long_names_a_piece_goes_before_the_frames() {
    let mut picture = example::at_rest();
    for c in &mut picture.components {
        c.name = format!("{}-of-many", c.name).into();
    }
    let plan = Plan::new((118, 15), &picture, Detail::Normal);
    assert_eq!(plan.detail, Detail::Normal);
    assert!(plan.places.iter().all(|p| p.framed));
}

#[test]
fn trouble_is_never_folded_away() {
    let mut split = example::at_rest();
    if let Face::Database { primaries, .. } = &mut split.components[ORDERS].face {
        *primaries = 2;
    }
    let mut apart = example::at_rest();
    apart.components[KEEPER].nodes[0].side = 1;
    let mut cut = example::at_rest();
    cut.flows[6].taps[0].cut = 1;
    for (name, picture) in [("split", split), ("apart", apart), ("cut", cut)] {
        let plan = Plan::folded((120, 20), &picture, Detail::Normal);
        let rows = &plan.place(ORDERS).unwrap().rows;
        assert!(rows.iter().all(|r| !matches!(r, Row::Behind(_))), "{name}: {rows:?}");
    }
    let rest = Plan::folded((120, 20), &example::at_rest(), Detail::Normal);
    assert!(rest.place(ORDERS).unwrap().rows.iter().any(|r| matches!(r, Row::Behind(_))));
}
