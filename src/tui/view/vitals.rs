//! The strip of figures under the top line.

use super::text::Line;
use crate::observe::reliability::objective;
use crate::session::picture::{Component, Face, Node, Picture, Vitals};
use crate::sim::time::{MILLISECOND, Ns, SECOND};
use crate::tui::app::App;
use crate::tui::format::{
    NO_SAMPLES, availability, busy, clock_short, count, figure, latency, nines, percent, rate,
};
use crate::tui::load::{self, Level, share, short_of_threads};
use crate::tui::screen::Form;
use crate::tui::theme::Role;
use crate::tui::widgets::{fit, width};

/// The lower end of the axis of latencies.
pub const AXIS_LOW: Ns = 10 * MILLISECOND;
/// The upper end of the axis of latencies.
pub const AXIS_HIGH: Ns = SECOND;

/// Cells of small print under a figure, where six stand in 120: two stay free before the next.
const NOTE: usize = 17;

/// From so many attempts for each request on, retries are part of the load.
const RETRYING: f64 = 1.1;

/// From so many times the requests in flight on, servers hold work that nobody waits for any more.
const GIVEN_UP: f64 = 1.5;

/// One figure with its history.
#[derive(Clone, Debug, PartialEq)]
pub struct Vital {
    /// What it is.
    pub label: &'static str,
    /// Levels of the last seconds, 0 to 1, oldest first, each in its role.
    pub spark: Vec<(f64, Role)>,
    /// The figure.
    pub value: Line,
    /// Small print under it.
    pub note: Line,
    /// The figure in a strip of one row, with its name.
    pub short: Line,
}

/// All of them, most important first.
#[must_use]
pub fn vitals(app: &App) -> Vec<Vital> {
    let (v, picture, strip) = (app.vitals(), app.picture(), app.strip());
    let mut all = vec![
        goodput(v),
        failed(v, strip.failed),
        percentiles(v, strip.p99),
        in_flight(v, picture),
        busiest(v, strip.busiest),
        available(v),
    ];
    if app.areas().form == Form::Wide {
        all.extend([slowest(v), budget(v)]);
    }
    all
}

/// The role of a figure that is as grave as that.
fn role_of(level: Level, bad: Role) -> Role {
    match level {
        Level::Ok => Role::Text,
        Level::Warn => Role::NodeWarn,
        Level::Bad => bad,
    }
}

/// ` ▲` or ` ▼` for a change of over 5 % against the history, and over `least`.
fn trend(now: f64, history: &[f64], least: f64) -> &'static str {
    if history.is_empty() {
        return "";
    }
    let before = history.iter().sum::<f64>() / history.len() as f64;
    if (now - before).abs() < (before.abs() * 0.05).max(least) {
        ""
    } else if now > before {
        " ▲"
    } else {
        " ▼"
    }
}

/// A history of whole seconds with the last second, as the figure has it, at its end.
fn until_now(history: &[f64], now: f64) -> Vec<f64> {
    let seen = if history.is_empty() { None } else { Some(now) };
    history.iter().copied().chain(seen).collect()
}

/// Levels relative to the largest value, and at least `full`.
fn relative(values: &[f64], full: f64) -> Vec<f64> {
    let top = values.iter().copied().fold(full, f64::max).max(f64::MIN_POSITIVE);
    values.iter().map(|v| v / top).collect()
}

/// Levels that all have one role.
fn all(role: Role, levels: impl IntoIterator<Item = f64>) -> Vec<(f64, Role)> {
    levels.into_iter().map(|level| (level, role)).collect()
}

fn goodput(v: &Vitals) -> Vital {
    // Against what was offered: goodput that falls with its load has not failed anybody.
    let mark = trend(v.goodput, &[v.offered], 1.0);
    let role = if mark == " ▼" { Role::NodeWarn } else { Role::Text };
    let value = Line::of(Role::Text, rate(v.goodput)).with(role, mark);
    Vital {
        label: "goodput",
        spark: all(Role::FlowOk, relative(&until_now(&v.sparks[0], v.goodput), v.offered)),
        short: Line::dim("goodput ").then(value.clone()),
        value,
        note: match v.amplification {
            Some(tries) if tries >= RETRYING => {
                Line::of(Role::NodeWarn, format!("▲ {} tries each", figure(tries)))
            }
            _ => Line::dim(format!("offered {}", rate(v.offered))),
        },
    }
}

fn failed(v: &Vitals, level: Level) -> Vital {
    let value = match v.failed {
        None => Line::dim(NO_SAMPLES),
        Some(share) => {
            let mark = trend(share, &v.sparks[1], 0.001);
            Line::of(role_of(level, Role::FlowFail), format!("{}{mark}", percent(share)))
        }
    };
    let note = match (v.reason, v.calm_for) {
        (Some((reason, per_s)), _) => {
            // A long word is cut, and never the figure.
            let per_s = figure(per_s);
            let word = fit(reason.word(), NOTE.saturating_sub(width(&per_s) + 1));
            Line::of(Role::FlowFail, format!("{word} {per_s}"))
        }
        (None, Some(calm)) => Line::dim(format!("none in {} s", count(calm / SECOND))),
        (None, None) => Line::empty(),
    };
    let failures = until_now(&v.sparks[1], v.failed.unwrap_or_default());
    // Nothing red while nothing fails.
    let calm = failures.iter().all(|share| *share <= 0.0);
    let role = if calm { Role::Dim } else { Role::FlowFail };
    Vital {
        label: "failed",
        // The root makes one percent visible beside fifty.
        spark: all(role, failures.iter().map(|s| s.max(0.0).sqrt())),
        short: Line::dim("failed ").then(value.clone()),
        value,
        note,
    }
}

fn percentiles(v: &Vitals, level: Level) -> Vital {
    let (value, short) = match (v.p50, v.p99) {
        (Some(p50), Some(p99)) => {
            let role = role_of(level, Role::NodeDown);
            let value = Line::text(latency(p50)).with(Role::Dim, " · ").with(role, latency(p99));
            (value, Line::dim("p99 ").with(role, latency(p99)))
        }
        _ => (Line::dim(NO_SAMPLES), Line::dim("p99 –")),
    };
    let note = match &v.slowest {
        Some((class, p99)) => Line::dim(format!("{class} p99 {}", latency(*p99))),
        None => Line::empty(),
    };
    Vital {
        label: "p50 · p99",
        spark: all(Role::Text, v.sparks[2].iter().map(|ms| log_level(*ms, 3.0, 1_000.0))),
        short,
        value,
        note,
    }
}

/// Where a value stands between two others on a logarithmic axis, 0 to 1.
#[must_use]
pub fn log_level(value: f64, low: f64, high: f64) -> f64 {
    if value <= low {
        return 0.0;
    }
    ((value / low).ln() / (high / low).ln()).min(1.0)
}

fn in_flight(v: &Vitals, picture: &Picture) -> Vital {
    let mean = v.sparks[3].iter().sum::<f64>() / v.sparks[3].len().max(1) as f64;
    let value = Line::text(figure(v.in_flight as f64));
    Vital {
        label: "in flight",
        spark: all(Role::Text, relative(&v.sparks[3], mean * 2.0)),
        short: Line::dim("in flight ").then(value.clone()),
        value,
        note: given_up(v, picture).or_else(|| threads(picture)).unwrap_or_else(Line::empty),
    }
}

/// `▲ 4 510 given up`: what servers work on, or have waiting, beyond what users still wait for. Counted where
/// each request of users has one call at most, at the doors, so that it is the least that it can be; the
/// figures of a moment ago may differ a little.
fn given_up(v: &Vitals, picture: &Picture) -> Option<Line> {
    let used = |c: &Component, what| load::held(c, what).map_or(0, |(used, _)| used);
    let doors = (0..picture.components.len()).filter(|c| is_door(picture, *c));
    let here = doors
        .map(|c| &picture.components[c])
        .map(|c| used(c, |n: &Node| n.threads) + used(c, |n: &Node| n.backlog));
    let most = here.max().filter(|most| *most as f64 > GIVEN_UP * v.in_flight as f64)?;
    let text = format!("▲ {} given up", figure(most.saturating_sub(v.in_flight) as f64));
    Some(Line::of(Role::NodeWarn, text))
}

/// Whether a component serves users alone: they, or balancers of theirs, are all who call it.
fn is_door(picture: &Picture, component: usize) -> bool {
    let of = |to: usize| picture.flows.iter().filter(move |f| f.to == to).map(|f| f.from);
    let users = |c: usize| matches!(picture.components[c].face, Face::Traffic { .. });
    let balancer = |c: usize| matches!(picture.components[c].face, Face::Balancer { .. });
    let is_server = matches!(picture.components[component].face, Face::Service { .. });
    is_server && of(component).all(|from| users(from) || balancer(from) && of(from).all(users))
}

/// `256 web threads`: of the first service, of its nodes that are up; `threads 250/256` of the service
/// that is short of them.
fn threads(picture: &Picture) -> Option<Line> {
    let mut services = picture.components.iter().filter(|c| matches!(c.face, Face::Service { .. }));
    if let Some((used, limit)) = services.clone().find_map(short_of_threads) {
        let text = format!("threads {}/{}", count(used), count(limit));
        return Some(Line::of(load::busy(share(used, limit), Role::Text), text));
    }
    let service = services.next()?;
    let (figure, what) = match load::held(service, |n| n.threads)? {
        (_, Some(limit)) => (count(limit), "threads"),
        (_, None) => (load::up(service).count().to_string(), "up"),
    };
    let name = fit(&service.name, NOTE.saturating_sub(width(&figure) + what.len() + 2));
    Some(Line::dim(format!("{figure} {name} {what}")))
}

fn busiest(v: &Vitals, level: Level) -> Vital {
    // Of a long name the end is cut, and never the figure.
    let cut = |name: &str, figure: &str| fit(name, NOTE.saturating_sub(width(figure) + 1));
    let value = match &v.busiest {
        Some((name, share)) => {
            let figure = busy(*share);
            let name = format!("{} ", cut(name, &figure));
            Line::text(name).with(role_of(level, Role::NodeDown), figure)
        }
        None => Line::dim(NO_SAMPLES),
    };
    let then = "then";
    let note = match &v.then {
        Some((name, share)) => {
            let figure = busy(*share);
            let next = format!("{} {figure}", cut(name, &figure));
            let room = NOTE.saturating_sub(then.len() + 1);
            Line::dim(if next.chars().count() > room { next } else { format!("{then} {next}") })
        }
        None => Line::empty(),
    };
    let loads = until_now(&v.sparks[4], v.busiest.as_ref().map_or(0.0, |(_, share)| *share));
    Vital {
        label: "busiest",
        spark: loads.iter().map(|s| (s.clamp(0.0, 1.0), load::busy(*s, Role::NodeOk))).collect(),
        short: value.clone(),
        value,
        note,
    }
}

fn available(v: &Vitals) -> Vital {
    if let Some(until) = v.warms_up_until {
        return warming_up("available", until);
    }
    let text = v.available.map_or_else(|| NO_SAMPLES.to_string(), availability);
    let note = match v.available.map(nines) {
        Some(n) if !n.is_empty() => n,
        _ => format!("{} requests", figure(v.requests as f64)),
    };
    Vital {
        label: "available",
        spark: Vec::new(),
        short: Line::dim("available ").with(Role::Text, &text),
        value: Line::text(text),
        note: Line::dim(note),
    }
}

fn slowest(v: &Vitals) -> Vital {
    let (value, note) = match &v.slowest {
        Some((class, p99)) => (Line::text(class.to_string()), format!("p99 {}", latency(*p99))),
        None => (Line::dim(NO_SAMPLES), String::new()),
    };
    Vital {
        label: "slowest class",
        spark: Vec::new(),
        short: value.clone(),
        value,
        note: Line::dim(note),
    }
}

/// What is told of judged time, before that has begun.
fn warming_up(label: &'static str, until: Ns) -> Vital {
    let until = format!("until {}", clock_short(until));
    Vital {
        label,
        spark: Vec::new(),
        short: Line::dim(format!("warming up {until}")),
        value: Line::dim("warming up"),
        note: Line::dim(until),
    }
}

fn budget(v: &Vitals) -> Vital {
    if let Some(until) = v.warms_up_until {
        return warming_up("error budget", until);
    }
    let value = match v.budget_spent {
        Some(share) => super::truth::spent(share),
        None => Line::dim(NO_SAMPLES),
    };
    Vital {
        label: "error budget",
        spark: Vec::new(),
        short: value.clone(),
        value,
        note: Line::dim(format!("objective {}", percent(objective()))),
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are exact by construction")]
mod tests {
    use super::*;

    #[test]
    fn only_a_change_of_five_percent_has_a_direction() {
        assert_eq!(trend(1_960.0, &[2_000.0; 8], 1.0), "");
        assert_eq!(trend(1_550.0, &[2_000.0; 8], 1.0), " ▼");
        assert_eq!(trend(0.228, &[0.0; 8], 0.001), " ▲");
        assert_eq!(trend(5.0, &[], 1.0), "");
    }

    #[test]
    fn a_long_name_leaves_room_for_its_figure() {
        let named = Some(("a-database-with-a-long-name".into(), 1.0));
        let vitals = Vitals { busiest: named.clone(), then: named, ..Vitals::default() };
        let vital = busiest(&vitals, Level::Ok);
        assert!(vital.value.plain().starts_with("a-databas"));
        assert!(vital.value.plain().ends_with(" %") && vital.note.plain().ends_with(" %"));
        assert!(vital.value.width() <= NOTE && vital.note.width() <= NOTE);
    }

    #[test]
    fn what_is_not_judged_yet_says_until_when() {
        let v = Vitals { warms_up_until: Some(10 * SECOND), ..Vitals::default() };
        for vital in [available(&v), budget(&v)] {
            assert_eq!(vital.value.plain(), "warming up");
            assert_eq!(vital.note.plain(), "until 00:10");
            assert_eq!(vital.short.plain(), "warming up until 00:10");
        }
        assert_eq!(available(&Vitals::default()).value.plain(), NO_SAMPLES);
    }

    #[test]
    fn threads_are_those_of_the_nodes_that_are_up() {
        let of = |picture: &Picture| threads(picture).unwrap().plain();
        assert_eq!(of(&crate::tui::example::at_rest()), "256 web threads");
        assert_eq!(of(&crate::tui::example::crashed()), "192 web threads");
        let mut picture = crate::tui::example::at_rest();
        picture.components[crate::tui::example::WEB].name = "a-service-of-many".into();
        assert!(of(&picture).ends_with(" threads") && width(&of(&picture)) <= NOTE);
    }

    /// Each second of the busiest has the colour of its own level, and the last is the figure.
    #[test]
    fn the_history_of_the_busiest_is_coloured_by_second() {
        let mut sparks = Vitals::default().sparks;
        sparks[4] = vec![0.68, 0.8, 1.0];
        let vitals = Vitals { sparks, busiest: Some(("web".into(), 0.95)), ..Vitals::default() };
        let roles: Vec<Role> =
            busiest(&vitals, Level::Bad).spark.iter().map(|(_, role)| *role).collect();
        assert_eq!(roles, [Role::NodeOk, Role::NodeWarn, Role::NodeDown, Role::NodeDown]);
        assert_eq!(busiest(&vitals, Level::Bad).spark[3].0, 0.95);
    }

    #[test]
    fn levels_stay_between_nothing_and_full() {
        assert_eq!(log_level(0.0, 3.0, 1_000.0), 0.0);
        assert_eq!(log_level(5_000.0, 3.0, 1_000.0), 1.0);
        assert_eq!(relative(&[0.0, 0.0], 0.0), [0.0, 0.0]);
    }
}
