//! Metrics over a series whose answers are known, and over a running world.

use super::*;
use crate::observe::{BIN, Observers, TICK};
use crate::sim::World;
use crate::sim::id::NodeId;
use crate::sim::observation::{Acknowledged, Ended, Giver, Observer};
use crate::sim::time::{MILLISECOND, Ns, SECOND};

/// Hardly ever a request of its own: what is seen is told by hand.
const SILENT: &str = r#"name = "silent"
[traffic.app]
to = "web"
rate = "0.1/h"
[request.page]
share = "50%"
steps = ["cpu 1ms"]
[request.form]
share = "50%"
steps = ["write db"]
[service.web]
instances = 2
[database.db]
"#;

struct Series {
    world: World,
    observers: Observers,
}

impl Series {
    fn new(judged_from: Ns) -> Series {
        let opened = crate::playbook::parse("f.toml", SILENT, None).unwrap();
        let world = World::new(&opened.into_playbook().cluster, 1);
        let observers = Observers::new(&world, judged_from);
        Series { world, observers }
    }

    /// Requests of a class that arrive now and end so after that long.
    fn requests(&mut self, class: u8, count: u64, outcome: Outcome, took: Ns) {
        let (arrived, class) = (self.world.now(), ClassId(class));
        for _ in 0..count {
            self.observers.arrived(arrived, class);
            let ended =
                Ended { request: 1, class, outcome, blame: NodeId(1), arrived, attempts: 2 };
            self.observers.ended(arrived + took, ended);
        }
    }

    /// On to the end of the bin.
    fn close(&mut self) {
        for _ in 0..BIN / TICK {
            self.world.advance(self.world.now() + TICK, &mut ()).unwrap();
            self.observers.tick(&self.world);
        }
    }

    fn span(&self, from: Ns, to: Ns) -> Span<'_> {
        Span::new(&self.world, &self.observers, from, to)
    }

    fn value(&self, name: &str, of: Of, from: Ns, to: Ns) -> Option<f64> {
        (find(name).unwrap().value)(&self.span(from, to), of)
    }

    fn total(&self, name: &str, of: Of) -> Option<f64> {
        (find(name).unwrap().value)(&Span::whole(&self.world, &self.observers), of)
    }
}

/// Half a second each: ten good ones; five good and five refused; nothing; four late.
fn series(judged_from: Ns) -> Series {
    let mut series = Series::new(judged_from);
    series.requests(0, 10, Outcome::Ok, 10 * MILLISECOND);
    series.close();
    series.requests(0, 5, Outcome::Ok, 10 * MILLISECOND);
    series.requests(1, 5, Outcome::Refused, MILLISECOND);
    series.close();
    series.close();
    series.requests(1, 4, Outcome::Late, 100 * MILLISECOND);
    series.close();
    series
}

/// Equal but for half a per cent: latencies are told by their bucket.
fn near(found: Option<f64>, wanted: Ns) {
    let part = found.unwrap() / wanted as f64;
    assert!((part - 1.0).abs() < 0.005, "{found:?}, wanted {wanted}");
}

#[test]
fn request_metrics_are_those_of_the_bins_of_the_span() {
    let s = series(0);
    let first = |name: &str, of| s.value(name, of, 0, SECOND);
    assert_eq!(first("offered", Of::All), Some(20.0));
    assert_eq!(first("goodput", Of::All), Some(15.0));
    assert_eq!(first("success", Of::All), Some(0.75));
    assert_eq!(first("error_rate", Of::All), Some(0.25));
    assert_eq!(first("success", Of::Class(ClassId(1))), Some(0.0));
    assert_eq!(first("failures", Of::All), Some(5.0));
    assert_eq!(first("failures", Of::Reason(Outcome::Refused)), Some(5.0));
    assert_eq!(first("failures", Of::Reason(Outcome::Timeout)), Some(0.0));
    assert_eq!(first("attempts", Of::All), Some(40.0));
    assert_eq!(first("amplification", Of::All), Some(2.0));
    near(first("p99", Of::All), 10 * MILLISECOND);
    assert_eq!(first("mean", Of::All), Some(10.0 * MILLISECOND as f64));
    let last = |name: &str| s.value(name, Of::All, 3 * BIN, 4 * BIN);
    assert_eq!((last("throughput"), last("goodput")), (Some(8.0), Some(0.0)));
    assert_eq!((last("late"), last("success")), (Some(4.0), Some(0.0)));
    near(s.value("p50", Of::All, 0, 4 * BIN), 10 * MILLISECOND);
    near(s.value("p90", Of::All, 0, 4 * BIN), 100 * MILLISECOND);
}

#[test]
fn where_there_is_nothing_to_tell_there_is_no_value() {
    let s = series(0);
    for metric in METRICS {
        let value = (metric.value)(&s.span(SECOND, SECOND + BIN), Of::All);
        assert!(value.is_none_or(f64::is_finite), "{}", metric.name);
        let nothing = (metric.value)(&s.span(SECOND, SECOND), Of::All);
        let standing = ["time_to_detect", "time_to_recover", "availability"];
        assert!(nothing.is_none() || standing.contains(&metric.name), "{}", metric.name);
    }
    let calm = |name: &str| s.value(name, Of::All, SECOND, SECOND + BIN);
    assert_eq!(
        (calm("success"), calm("p99"), calm("mean"), calm("amplification")),
        (None, None, None, None)
    );
    assert_eq!((calm("goodput"), calm("failures")), (Some(0.0), Some(0.0)));
}

#[test]
fn an_outage_is_the_time_in_which_requests_arrived_and_none_succeeded() {
    let s = series(0);
    let half = BIN as f64;
    assert_eq!(s.value("outage", Of::All, 0, 2 * SECOND), Some(half));
    assert_eq!(s.value("outage", Of::Class(ClassId(1)), 0, 2 * SECOND), Some(2.0 * half));
    assert_eq!(s.value("outage", Of::Class(ClassId(0)), 0, 2 * SECOND), Some(0.0));
    assert_eq!(s.total("outage", Of::Class(ClassId(1))), Some(2.0 * half));
    assert_eq!(series(SECOND).total("outage", Of::Class(ClassId(1))), Some(half));
}

#[test]
fn totals_are_of_requests_that_arrived_in_judged_time() {
    let s = series(BIN);
    assert_eq!(s.total("failures", Of::All), Some(5.0));
    assert_eq!(s.total("success", Of::All), Some(5.0 / 14.0));
    assert_eq!(s.total("goodput", Of::All), Some(5.0 / 1.5));
    assert_eq!(s.value("availability", Of::All, SECOND, 2 * SECOND), Some(5.0 / 14.0));
    assert_eq!(s.value("availability", Of::All, 0, SECOND), Some(0.5));
    assert_eq!(series(2 * BIN).value("availability", Of::All, 0, SECOND), None);
    near(s.total("p99", Of::All), 100 * MILLISECOND);
}

#[test]
fn what_is_in_flight_is_what_had_not_ended_at_the_end() {
    let mut s = Series::new(0);
    s.observers.arrived(0, ClassId(1));
    s.observers.arrived(0, ClassId(0));
    s.close();
    s.requests(0, 3, Outcome::Ok, 0);
    s.close();
    assert_eq!(s.value("in_flight", Of::All, 0, BIN), Some(2.0));
    assert_eq!(s.value("in_flight", Of::Class(ClassId(1)), BIN, 2 * BIN), Some(1.0));
    assert_eq!(s.total("in_flight", Of::All), Some(2.0));
}

#[test]
fn data_is_counted_in_its_span_and_in_all_for_the_run() {
    let mut s = Series::new(SECOND);
    let db = s.world.topology().component("db").unwrap();
    let stale =
        |s: &mut Series, n: u64| (0..n).for_each(|_| s.observers.stale(0, db, Giver::Cache));
    stale(&mut s, 3);
    s.observers.acknowledged(0, Acknowledged { component: db, epoch: 1, position: 1 });
    s.close();
    stale(&mut s, 2);
    s.close();
    assert_eq!(s.value("stale_reads", Of::All, 0, BIN), Some(3.0));
    assert_eq!(s.value("stale_reads", Of::All, BIN, 2 * BIN), Some(2.0));
    assert_eq!(s.value("acknowledged_writes", Of::All, 0, BIN), Some(1.0));
    s.close();
    assert_eq!(s.total("stale_reads", Of::All), Some(5.0), "also those of the warm-up");
}

#[test]
fn nodes_are_counted_at_the_end_and_their_cores_over_the_span() {
    let mut s = Series::new(0);
    s.close();
    let web = s.world.topology().components[s.world.topology().component("web").unwrap().index()]
        .nodes
        .clone();
    let both = Of::Nodes(web.start, web.end);
    let crash = crate::sim::fault::Change::Crash(vec![NodeId(web.start)]);
    s.world.inject(crash, None, &mut ());
    s.close();
    assert_eq!(s.value("instances", both, 0, BIN), Some(2.0));
    assert_eq!(s.value("instances", both, 0, 2 * BIN), Some(1.0));
    assert_eq!(s.value("primaries", Of::Kinds(&["database"]), 0, BIN), Some(1.0));
    assert_eq!(s.value("utilisation", both, 0, BIN), Some(0.0));
    let dead = Of::Nodes(web.start, web.start + 1);
    assert_eq!(s.value("utilisation", dead, BIN, 2 * BIN), None, "no core was there");
}

#[test]
fn names_are_unique_and_every_row_says_what_it_means() {
    for (i, metric) in METRICS.iter().enumerate() {
        assert!(METRICS[..i].iter().all(|m| m.name != metric.name), "{}", metric.name);
        assert!(!metric.name.is_empty() && !metric.about.is_empty(), "{}", metric.name);
        assert!(!metric.about.ends_with('.'), "{}", metric.name);
    }
    let documented = "offered goodput throughput success error_rate late failures p50 p90 p95 p99 \
        p999 mean in_flight attempts amplification lost_writes stale_reads doubled_effects \
        conflicts split_brain primaries lag hit_ratio depth age dead_letters utilisation instances \
        availability outage time_to_detect time_to_recover";
    for name in documented.split_whitespace() {
        assert!(find(name).is_some(), "{name}");
    }
}
