//! Faults, events and the reason why, as lines.

use super::status::clock_of;
use super::text::Line;
use crate::session::picture::{Face, Fault, Origin, Picture, Setting, Tone};
use crate::sim::fault::Change;
use crate::sim::time::{MILLISECOND, Ns};
use crate::tui::action::Action;
use crate::tui::app::{App, Filter};
use crate::tui::format::{THIN, age, counted, still};
use crate::tui::load::Level;
use crate::tui::theme::Role;

/// A line with something at its right end.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// At the left; cut if it does not fit.
    pub left: Line,
    /// At the right.
    pub right: Line,
}

/// Active faults and what was set otherwise: a line each, and small print under it.
#[must_use]
pub fn faults(app: &App) -> Vec<Split> {
    let picture = app.picture();
    let changed = changed(picture);
    if picture.faults.is_empty() && changed.is_empty() {
        let mut lines = vec![Split { left: Line::dim("none"), right: Line::empty() }];
        // Where requests fail without a fault it is not the time for one.
        let quiet = app.stopped().is_none() && app.strip().failed == Level::Ok;
        if let (Some(name), Some(key)) =
            (app.victim().filter(|_| quiet), app.keymap().key(Action::Crash))
        {
            let left = Line::dim("press ").bold(Role::Accent, key).with(Role::Dim, " to crash ");
            lines.push(Split { left: left.with(Role::Text, name), right: Line::empty() });
        }
        return lines;
    }
    picture.faults.iter().rev().flat_map(|f| fault(f, picture)).chain(changed).collect()
}

/// How many faults there are, as everywhere on the screen; what is set otherwise is none, and is
/// counted for itself: `3 and 2 set`.
#[must_use]
pub fn fault_count(picture: &Picture) -> String {
    let faults = picture.faults.len();
    match changed(picture).len() {
        0 => faults.to_string(),
        set => format!("{faults} and {set} set"),
    }
}

/// What is switched off or set otherwise than at the start, without an active fault that says so.
fn changed(picture: &Picture) -> Vec<Split> {
    let line = |text: String, right: String| Split {
        left: Line::of(Role::NodeWarn, "◐ ").with(Role::Text, text),
        right: Line::dim(right),
    };
    let mut lines = Vec::new();
    for (id, component) in picture.components.iter().enumerate() {
        let off = matches!(component.face, Face::Cache { enabled: false, .. });
        if off {
            lines.push(line(format!("{} off", component.name), "a setting".into()));
        }
        let by_fault = |setting: &Setting| {
            let names = |f: &Fault| match &f.change {
                Change::Set(all) => {
                    all.iter().any(|(c, name, _)| c.index() == id && *name == setting.name)
                }
                _ => false,
            };
            picture.faults.iter().any(names)
        };
        let set = component.settings.iter().filter(|s| s.origin == Origin::Set);
        // That a cache is off has been said.
        let set = set.filter(|s| !(by_fault(s) || off && s.name == "enabled"));
        lines.extend(set.map(|s| {
            line(format!("{}.{}={}", component.name, s.name, s.value), format!("was {}", s.file))
        }));
    }
    lines
}

fn fault(fault: &Fault, picture: &Picture) -> Vec<Split> {
    let left = symbol(fault.verb).with(Role::Text, fault.text.clone());
    let right = Line::dim(match fault.until {
        Some(until) => format!("{} left", age(still(until.saturating_sub(picture.now)))),
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

/// What takes less is told in no figure.
const AT_ONCE: Ns = 100 * MILLISECOND;

/// `noticed +1.2 s, 95 % served +2.4 s`: since the fault began, as in the log.
fn answered(fault: &Fault) -> Option<Line> {
    let after = |at: Ns| match at.saturating_sub(fault.since) {
        0..AT_ONCE => "at once".to_string(),
        // As the log and reports round it.
        length => format!("+{}", age(length + 50 * MILLISECOND)),
    };
    let noticed = fault.detected.map(|at| format!("noticed {}", after(at)));
    let served = fault.recovered.filter(|at| *at > fault.since);
    let served = served.map(|at| format!("95 % served {}", after(at)));
    let told: Vec<String> = noticed.into_iter().chain(served).collect();
    (!told.is_empty()).then(|| Line::dim(format!("  {}", told.join(", "))))
}

/// `checks missed ■■·  2 of 3`, while a balancer has not noticed.
fn missed(fault: &Fault, picture: &Picture) -> Option<Line> {
    let ends = fault.change.pairs().iter().map(|(_, to)| to);
    let hit = fault.change.nodes().iter().chain(ends).filter_map(|id| picture.node(*id));
    let doubted = hit.filter(|n| n.believed == Some(true)).filter_map(|n| n.checks);
    let (missed, fall) = doubted.max_by_key(|(missed, _)| *missed).filter(|(m, _)| *m > 0)?;
    let (on, off) = (missed.min(fall) as usize, fall.saturating_sub(missed) as usize);
    Some(
        Line::dim("  checks missed  ")
            .with(Role::NodeWarn, "■".repeat(on))
            .with(Role::Dim, "·".repeat(off))
            .with(Role::Dim, format!("  {missed} of {fall}")),
    )
}

/// The log of events, oldest first.
#[must_use]
pub fn events(app: &App) -> Vec<Line> {
    let at = clock_of(app);
    app.events()
        .map(|e| {
            let (symbol, role) = match e.tone {
                Tone::Command => ("› ", Role::Marker),
                Tone::Good => ("✓ ", Role::NodeOk),
                Tone::Warning => ("▲ ", Role::NodeWarn),
                Tone::Bad => ("✗ ", Role::NodeDown),
                Tone::Plain => ("", Role::Text),
            };
            Line::dim(format!("{}  ", at(e.at))).with(role, symbol).with(Role::Text, &e.text)
        })
        .collect()
}

/// `no event matches “xyz”; esc shows all`, where a filter leaves nothing of the log.
#[must_use]
pub fn no_event(app: &App) -> Option<Line> {
    if app.picture().events.is_empty() || app.events().next().is_some() {
        return None;
    }
    let line = match app.filter() {
        Filter::With(words) => Line::dim(format!("no event matches “{words}”")),
        filter => Line::dim(format!("no event yet: {}", filter.word())),
    };
    Some(match app.keymap().key(Action::Close) {
        Some(key) => {
            line.with(Role::Dim, "; ").bold(Role::Accent, key).with(Role::Dim, " shows all")
        }
        None => line,
    })
}

/// What goes on under the log: failovers that are not over.
#[must_use]
pub fn goes_on(app: &App) -> Vec<Line> {
    super::failover::lines(app.picture(), clock_of(app))
}

/// The reason why and what would help, as paragraphs.
#[must_use]
pub fn why(app: &App) -> Vec<(Role, String)> {
    if let Some(stopped) = app.stopped() {
        // The world says where it cannot go on, and why.
        let at = stopped.strip_prefix("the world cannot go on").unwrap_or(stopped).trim_start();
        let gap = if at == stopped { ": " } else { " " };
        let mut parts = vec![(Role::NodeDown, format!("The world has stopped{gap}{at}."))];
        let ended = app.has_ended().map(|text| text.replacen("the run", "The run", 1) + ".");
        parts.extend(ended.map(|text| (Role::Text, text)));
        return parts;
    }
    let why = app.why();
    let mut parts = vec![(Role::Text, unbroken(&why.text))];
    parts.extend(why.fix.iter().map(|fix| (Role::Dim, format!("fix: {fix}"))));
    parts
}

/// The text with its figures and their units joined, so that no line ends between them.
#[must_use]
pub fn unbroken(text: &str) -> String {
    let mut words = text.split(' ');
    let mut joined = words.next().unwrap_or_default().to_string();
    for word in words {
        let unit = word.trim_end_matches(['.', ',', ';', ':', ')']);
        let after_digit = joined.ends_with(|c: char| c.is_ascii_digit());
        let gap = if after_digit && UNITS.contains(&unit) { THIN } else { ' ' };
        joined.push(gap);
        joined.push_str(word);
    }
    joined
}

/// Units that stay with their figure.
const UNITS: [&str; 6] = ["%", "/s", "ms", "s", "min", "MB"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_stays_with_its_unit() {
        let thin = |text: &str| text.replace('_', "\u{202f}");
        assert_eq!(unbroken("at 85 %. 3 of 4 s"), thin("at 85_%. 3 of 4_s"));
        assert_eq!(unbroken("none"), "none");
    }
}
