//! Conditions read and print, and wrong ones say what is expected.

use super::super::command::tests::cluster;
use super::*;
use crate::observe::metric::{Argument, METRICS, Unit};
use crate::sim::id::ClassId;
use crate::sim::observation::Outcome;
use crate::sim::topology::Topology;
use proptest::prelude::*;

fn parse(text: &str) -> Condition {
    Condition::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn names<'a>(topology: &'a Topology, classes: &[&'a str]) -> Names<'a> {
    Names { topology, classes: classes.to_vec() }
}

#[test]
fn each_form_is_read_and_has_one_canonical_text() {
    for (text, canonical) in [
        ("p99<250ms", "p99 < 250ms"),
        ("success(order)>=99% over 2s", "success(order) >= 99% over 2s"),
        ("goodput >= 95% of baseline over 2s", "goodput >= 95% of baseline over 2s"),
        ("p99 <= 250% of baseline over 1s", "p99 <= 250% of baseline"),
        ("lost_writes == 0", "lost_writes == 0"),
        ("offered > 60k/min", "offered > 1000/s"),
        ("depth( dispatch ) < 20k over 500ms", "depth(dispatch) < 20k over 500ms"),
        ("amplification < 1.5", "amplification < 1.5"),
        ("failures(no_primary)!=0", "failures(no_primary) != 0"),
        (
            "p50 < 1s and p99 < 2s or late == 0 and age < 5s",
            "p50 < 1s and p99 < 2s or late == 0 and age < 5s",
        ),
    ] {
        let condition = parse(text);
        assert_eq!(condition.to_string(), canonical);
        assert_eq!(parse(canonical), condition);
    }
    assert_eq!(parse("p50 < 1s or p99 < 2s and late == 0").any.len(), 2);
    assert_eq!(parse("p50 < 1s over 2s and p99 < 2s over 500ms").window(), 2 * SECOND);
}

#[test]
fn wrong_ones_say_what_is_expected_and_where() {
    for (text, found, message) in [
        ("", "", "expected a metric, found nothing"),
        ("p98 < 1s", "p98", "expected a metric, found `p98`; did you mean `p90`?"),
        ("speed < 1s", "speed", "expected a metric, found `speed`"),
        (
            "p99 = 1s",
            "=",
            "expected `<`, `<=`, `>`, `>=`, `==` or `!=`, found `=`; did you mean `==`?",
        ),
        (
            "p99 => 1s",
            "=>",
            "expected `<`, `<=`, `>`, `>=`, `==` or `!=`, found `=>`; did you mean `>=`?",
        ),
        ("p99", "", "expected `<`, `<=`, `>`, `>=`, `==` or `!=`, found nothing"),
        (
            "p99 < 250",
            "250",
            "expected a time such as `250ms` for `p99`, or `N% of baseline`, found `250`",
        ),
        (
            "goodput >= 95%",
            "95%",
            "expected a rate such as `2000/s`, or `95% of baseline`, found `95%`",
        ),
        (
            "success > 101%",
            "101%",
            "expected a share such as `95%`, or `101% of baseline`, found `101%`",
        ),
        (
            "late < 1.5",
            "1.5",
            "expected a whole number such as `0` or `20k` for `late`, or `N% of baseline`, found \
             `1.5`",
        ),
        (
            "p99 < 95% of base",
            "base",
            "expected `baseline`, found `base`; did you mean `baseline`?",
        ),
        ("p99 < 1s over 2", "2", "expected a time such as `250ms`, `2s` or `5m`, found `2`"),
        (
            "p99 < 1s over 300ms",
            "300ms",
            "expected a window that is a multiple of 500ms, found `300ms`",
        ),
        ("p99 < 1s over 11m", "11m", "expected a window of at most 10m, found `11m`"),
        ("p99 < 1s over 0s", "0s", "expected a window that is a multiple of 500ms, found `0s`"),
        (
            "p99 < 1s ovr 2s",
            "ovr",
            "expected `over`, `and`, `or` or the end, found `ovr`; did you mean `over`?",
        ),
        ("p99 < 1s and", "", "expected a metric, found nothing"),
        ("success() > 5%", ")", "expected a class of requests for `success`, found `)`"),
        ("success(order > 5%", ">", "expected `)`, found `>`"),
        ("lost_writes(order) == 0", "(", "expected no argument: `lost_writes` has none, found `(`"),
    ] {
        let e = Condition::parse(text).unwrap_err();
        assert_eq!(e.to_string(), message, "{text}");
        assert_eq!(&text[e.range.clone()], found, "{text}: {e:?}");
    }
}

#[test]
fn names_are_bound_and_wrong_ones_have_a_nearest() {
    let cluster = cluster();
    let topology = Topology::new(&cluster);
    let names = names(&topology, &["menu", "order"]);
    let bound = |text: &str| parse(text).bind(&names).map(|all| all[0]);
    let nodes = |name: &str| {
        let c = topology.component(name).unwrap();
        let nodes = &topology.components[c.index()].nodes;
        Of::Nodes(nodes.start, nodes.end)
    };
    assert_eq!(bound("p99(order) < 1s"), Ok(Of::Class(ClassId(1))));
    assert_eq!(bound("p99 < 1s"), Ok(Of::All));
    assert_eq!(bound("failures(no_primary) == 0"), Ok(Of::Reason(Outcome::NoPrimary)));
    assert_eq!(bound("primaries(orders-db) == 1"), Ok(nodes("orders-db")));
    assert_eq!(bound("primaries == 1"), Ok(Of::Kinds(&["database"])));
    let web2 = topology.node("web-2").unwrap().0;
    assert_eq!(bound("utilisation(web-2) < 90%"), Ok(Of::Nodes(web2, web2 + 1)));
    for (text, message) in [
        (
            "p99(ordr) < 1s",
            "expected a class of requests for `p99`, found `ordr`; did you mean `order`?",
        ),
        (
            "failures(no_primry) == 0",
            "expected a reason for failure, found `no_primry`; did you mean `no_primary`?",
        ),
        ("lag(web) < 1s", "expected a database or a node of one, found `web`"),
        (
            "hit_ratio(menu) < 50%",
            "expected a cache or a node of one: `menus`, found `menu`; did you mean `menus`?",
        ),
    ] {
        assert_eq!(bound(text).unwrap_err().to_string(), message, "{text}");
    }
}

#[test]
fn what_cannot_be_told_neither_holds_nor_fails() {
    let and = parse("late == 0 and p99 < 1s");
    assert_eq!(and.holds(&[Some(true), None]), None);
    assert_eq!(and.holds(&[Some(false), None]), Some(false));
    assert_eq!(and.holds(&[Some(true), Some(true)]), Some(true));
    let or = parse("late == 0 or p99 < 1s");
    assert_eq!(or.holds(&[Some(true), None]), Some(true));
    assert_eq!(or.holds(&[Some(false), None]), None);
    assert_eq!(or.holds(&[Some(false), Some(false)]), Some(false));
    assert_eq!(or.holds(&[None, Some(true)]), Some(true));
}

#[test]
fn completion_offers_what_can_be_said() {
    let cluster = cluster();
    let topology = Topology::new(&cluster);
    let names = names(&topology, &["menu", "order"]);
    let texts = |text: &str| -> Vec<String> {
        complete_condition(text, &names).into_iter().map(|c| c.text).collect()
    };
    assert!(texts("").contains(&"success(order)".to_owned()));
    assert!(texts("p99(order) ").contains(&"p99(order) < 250ms".to_owned()));
    assert!(texts("late == 0 and hit_").contains(&"late == 0 and hit_ratio(menus)".to_owned()));
    for quantity in complete_quantity(&names) {
        let read = Quantity::parse(&quantity.text).unwrap();
        assert!(read.bind(&names).is_ok(), "{}", quantity.text);
        for whole in texts(&format!("{} ", quantity.text)) {
            assert!(Condition::parse(&whole).is_ok(), "{whole}");
        }
    }
}

/// A quantity of any metric, with any argument or none.
fn any_quantity() -> impl Strategy<Value = Quantity> {
    let argument = prop::option::of("[a-z][a-z0-9_-]{0,6}[a-z0-9]");
    (prop::sample::select(METRICS), argument).prop_map(|(metric, of)| {
        let metric = metric::find(metric.name).unwrap();
        let of = of.filter(|_| metric.takes != Argument::Nothing);
        Quantity { metric, of, place: Place::default() }
    })
}

use crate::observe::metric;

fn any_comparison() -> impl Strategy<Value = Comparison> {
    let operators: Vec<Operator> = Operator::ALL.iter().map(|(_, o)| *o).collect();
    let parts = (
        any_quantity(),
        prop::sample::select(operators),
        prop::bool::ANY,
        0.0..1.0_f64,
        0_u64..1 << 40,
        1_u64..40,
    );
    parts.prop_map(|(quantity, operator, baseline, share, whole, bins)| {
        let value = match quantity.metric.unit {
            Unit::Rate => share * 1e6,
            Unit::Share => share,
            Unit::Time | Unit::Count => whole as f64,
            Unit::Factor => share * 100.0,
        };
        let bound = if baseline { Bound::OfBaseline(share * 3.0) } else { Bound::Value(value) };
        Comparison { quantity, operator, bound, window: bins * crate::observe::BIN }
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(
        any in prop::collection::vec(prop::collection::vec(any_comparison(), 1..4), 1..4),
    ) {
        let condition = Condition { any };
        prop_assert_eq!(Condition::parse(&condition.to_string()), Ok(condition));
    }

    #[test]
    fn no_text_panics(text in "(p99|success\\(order\\)|goodput|<=|==|5%|over|and|of|baseline|.| ){0,12}") {
        let cluster = cluster();
        let topology = Topology::new(&cluster);
        let names = names(&topology, &["menu"]);
        if let Ok(condition) = Condition::parse(&text) {
            let _ = condition.bind(&names);
        }
        let _ = complete_condition(&text, &names);
    }
}
