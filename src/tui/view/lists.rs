//! Faults, events, data truth and the reason why, as lines.

use super::text::Line;
use crate::session::picture::{Fault, Picture, Tone, Truth};
use crate::sim::time::Ns;
use crate::tui::app::{App, mentions};
use crate::tui::format::{age, clock, count, counted, figure, percent};
use crate::tui::theme::Role;

/// Stale reads per second from which they are an alarm.
const STALE_PER_S: f64 = 1.0;

/// A line with something at its right end.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// At the left; cut if it does not fit.
    pub left: Line,
    /// At the right.
    pub right: Line,
}

/// Active faults: a line each, and one of small print.
#[must_use]
pub fn faults(app: &App) -> Vec<Split> {
    let picture = app.picture();
    let off = super::status::off(picture).map(|name| Split {
        left: Line::of(Role::NodeWarn, "◐ ").with(Role::Text, format!("{name} off")),
        right: Line::dim("a setting"),
    });
    if picture.faults.is_empty() && off.is_some() {
        return off.into_iter().collect();
    }
    if picture.faults.is_empty() {
        let mut lines = vec![Split { left: Line::dim("none"), right: Line::empty() }];
        if let (Some(name), Some(key)) =
            (app.victim(), app.keymap().key(crate::tui::action::Action::Crash))
        {
            let left = Line::dim("press ").bold(Role::Accent, key).with(Role::Dim, " to crash ");
            lines.push(Split { left: left.with(Role::Text, name), right: Line::empty() });
        }
        return lines;
    }
    picture.faults.iter().rev().flat_map(|f| fault(f, picture)).chain(off).collect()
}

fn fault(fault: &Fault, picture: &Picture) -> Vec<Split> {
    let left = symbol(fault.verb).with(Role::Text, fault.text.clone());
    let right = Line::dim(match fault.until {
        Some(until) => format!("{} left", age(until.saturating_sub(picture.now))),
        None if matches!(fault.verb, "crash") => "until restart".to_string(),
        None => "until healed".to_string(),
    });
    let mut lines = vec![
        Split { left, right },
        Split { left: Line::dim(format!("  {}", touched(fault))), right: Line::empty() },
    ];
    lines.extend(answered(fault).map(|left| Split { left, right: Line::empty() }));
    lines.extend(missed(fault, picture).map(|left| Split { left, right: Line::empty() }));
    lines
}

fn symbol(verb: &str) -> Line {
    match verb {
        "crash" | "power_off" => Line::of(Role::NodeDown, "✗ "),
        "cut" => Line::of(Role::Marker, "╳ "),
        "traffic" => Line::of(Role::NodeWarn, "▲ "),
        _ => Line::of(Role::NodeWarn, "◐ "),
    }
}

/// Whom the fault itself hit. Those that failed behind it are more.
fn touched(fault: &Fault) -> String {
    // Beside requests, background messages are small print that has no room.
    let messages = if fault.touched_requests > 0 { 0 } else { fault.touched_messages };
    let parts: Vec<String> = [
        (fault.touched_requests, "request", 0),
        (messages, "message", 0),
        // One node is the one that the command names.
        (fault.touched_nodes, "node", 1),
    ]
    .into_iter()
    .filter(|(n, _, least)| n > least)
    .map(|(n, noun, _)| counted(n, noun))
    .collect();
    if parts.is_empty() && fault.touched_nodes == 0 {
        "hit nothing yet".to_string()
    } else {
        let parts = if parts.is_empty() { "1 node".to_string() } else { parts.join(", ") };
        format!("hit directly {parts}")
    }
}

/// `noticed after 1.2 s · served again after 2.4 s`.
fn answered(fault: &Fault) -> Option<Line> {
    let since = |at: Ns| age(at.saturating_sub(fault.since));
    let noticed = fault.detected.map(|at| format!("noticed after {}", since(at)));
    let served = fault.recovered.filter(|at| *at > fault.since);
    let served = served.map(|at| format!("served again after {}", since(at)));
    let told: Vec<String> = noticed.into_iter().chain(served).collect();
    (!told.is_empty()).then(|| Line::dim(format!("  {}", told.join(" · "))))
}

/// `checks missed ■■·  2 of 3`, while a balancer has not noticed.
fn missed(fault: &Fault, picture: &Picture) -> Option<Line> {
    let mut nodes = picture.components.iter().flat_map(|c| &c.nodes);
    let node = nodes.find(|n| {
        n.believed == Some(true) && n.checks.is_some() && mentions(&fault.text, &n.name)
    })?;
    let (missed, fall) = node.checks.filter(|(missed, _)| *missed > 0)?;
    let (on, off) = (missed.min(fall) as usize, fall.saturating_sub(missed) as usize);
    Some(
        Line::dim("  checks missed  ")
            .with(Role::NodeWarn, "■".repeat(on))
            .with(Role::Dim, "·".repeat(off))
            .with(Role::Dim, format!("  {missed} of {fall}")),
    )
}

/// The log of events, oldest first, and what goes on.
#[must_use]
pub fn events(app: &App) -> Vec<Line> {
    app.events()
        .map(|e| {
            let (symbol, role) = match e.tone {
                Tone::Command => ("› ", Role::Marker),
                Tone::Good => ("✓ ", Role::NodeOk),
                Tone::Warning => ("▲ ", Role::NodeWarn),
                Tone::Bad => ("✗ ", Role::NodeDown),
                Tone::Plain => ("", Role::Text),
            };
            Line::dim(format!("{}  ", clock(e.at))).with(role, symbol).with(Role::Text, &e.text)
        })
        .chain(super::failover::lines(app.picture()))
        .collect()
}

/// Requests of which so many may fail, in the long run, under an objective of 99.9 %.
const BUDGET: f64 = 0.001;

/// What became of data. Never smoothed; a loss never goes back to a tick. `available` is the share of
/// all requests that were served.
#[must_use]
pub fn truth(truth: &Truth, available: Option<f64>) -> Vec<Line> {
    let mut lines = vec![
        pair(writes(truth), stale(truth), tally("doubled", truth.doubled)),
        pair(tally("conflicts", truth.conflicts), both_primaries(truth.split_brain), Line::empty()),
        Line::dim("acknowledged writes   ").with(Role::Text, count(truth.acknowledged)),
    ];
    if truth.logs.len() > 1 {
        let mut log = Line::dim("log");
        for (i, position) in truth.logs.iter().enumerate() {
            log = log.with(Role::Dim, format!("  -{} ", i + 1)).with(Role::Text, count(*position));
        }
        lines.push(log);
    }
    lines.extend(available.map(budget));
    lines.retain(|l| l.width() > 0);
    lines
}

/// `error budget 99.9 %   100 % left`, `▲ spent 5.3 times`.
fn budget(available: f64) -> Line {
    Line::dim("error budget 99.9 %   ").then(spent(available))
}

/// `100 % left`, `▲ spent 5.3 times`.
#[must_use]
pub fn spent(available: f64) -> Line {
    match (1.0 - available).max(0.0) / BUDGET {
        s if s <= 1.0 => Line::text(format!("{} left", percent(1.0 - s))),
        s => Line::empty().bold(Role::DataBad, format!("▲ spent {} times", figure(s))),
    }
}

fn writes(truth: &Truth) -> Line {
    let lost = tally("lost", Some(truth.lost));
    if truth.at_risk == 0 {
        return lost;
    }
    let risk = Line::bold(
        Line::empty(),
        Role::DataBad,
        format!("▲ {} at risk", counted(truth.at_risk, "write")),
    );
    if truth.lost > 0 { lost.with(Role::Text, "  ").then(risk) } else { risk }
}

/// `✓ stale 0`, `▲ stale 12`; nothing if nobody counts it.
fn tally(what: &str, n: Option<u64>) -> Line {
    match n {
        None => Line::empty(),
        Some(0) => Line::of(Role::NodeOk, "✓ ").with(Role::Text, format!("{what} 0")),
        Some(n) => Line::empty().bold(Role::DataBad, format!("▲ {what} {}", count(n))),
    }
}

/// A few stale reads are what replicas that follow cost: only many in a second are an alarm.
fn stale(truth: &Truth) -> Line {
    if truth.stale > 0 && truth.stale_per_s < STALE_PER_S {
        return Line::dim("  ").with(Role::Text, format!("stale {}", count(truth.stale)));
    }
    tally("stale", Some(truth.stale))
}

fn both_primaries(length: Ns) -> Line {
    match length {
        0 => Line::of(Role::NodeOk, "✓ ").with(Role::Text, "two primaries 0 s"),
        l => Line::empty().bold(Role::DataBad, format!("▲ two primaries {}", age(l))),
    }
}

/// Those that say something, in columns.
fn pair(first: Line, second: Line, third: Line) -> Line {
    let mut line = Line::empty();
    for part in [first, second, third].into_iter().filter(|p| p.width() > 0) {
        if line.width() > 0 {
            line = line.with(Role::Text, "    ");
        }
        line = line.then(part);
    }
    line
}

/// The reason why and what would help, as paragraphs.
#[must_use]
pub fn why(app: &App) -> Vec<(Role, String)> {
    if let Some(stopped) = app.stopped() {
        return vec![(Role::NodeDown, format!("The world has stopped: {stopped}."))];
    }
    let why = app.why();
    let mut parts = vec![(Role::Text, why.text.clone())];
    parts.extend(why.fix.iter().map(|fix| (Role::Dim, format!("fix: {fix}"))));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_counts_is_left_out() {
        let lines = truth(&Truth { acknowledged: 5, ..Truth::default() }, None);
        let text: Vec<String> = lines.iter().map(Line::plain).collect();
        assert_eq!(
            text,
            ["✓ lost 0    ✓ stale 0", "✓ two primaries 0 s", "acknowledged writes   5"]
        );
    }

    #[test]
    fn stale_reads_alarm_by_their_rate() {
        let at = |stale_per_s| stale(&Truth { stale: 4, stale_per_s, ..Truth::default() }).plain();
        assert_eq!((at(0.1).as_str(), at(20.0).as_str()), ("  stale 4", "▲ stale 4"));
    }

    #[test]
    fn losses_and_risks_are_both_told() {
        let lines = truth(&Truth { lost: 3, at_risk: 2, ..Truth::default() }, Some(0.9947));
        assert_eq!(
            lines.last().map(Line::plain).as_deref(),
            Some("error budget 99.9 %   ▲ spent 5.3 times")
        );
        assert!(lines[0].plain().starts_with("▲ lost 3  ▲ 2 writes at risk"));
    }
}
