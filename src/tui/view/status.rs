//! The top line: program, cluster, pace, clock, seed, and whether something is broken.

use super::text::Line;
use crate::session::picture::{Component, Face, Picture};
use crate::sim::time::Ns;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::format::{clock, clock_exact, clock_fine, counted, speed};
use crate::tui::load::{Level, serves};
use crate::tui::theme::Role;

/// What the top line shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// Name of the cluster.
    pub cluster: String,
    /// Speed, pause, and whether the machine keeps up.
    pub pace: Line,
    /// Simulated time.
    pub clock: String,
    /// The seed of the run.
    pub seed: String,
    /// How many faults are active.
    pub faults: Line,
    /// Keys and words of what is always there.
    pub keys: Vec<(String, &'static str)>,
}

/// From here on messages are seen one by one.
const SLOW: f64 = 0.1;

/// Makes it.
#[must_use]
pub fn status(app: &App) -> Status {
    let picture = app.picture();
    let keys = [(Action::Help, "help"), (Action::Palette, "command"), (Action::Quit, "quit")];
    Status {
        cluster: picture.cluster.to_string(),
        pace: pace(app),
        clock: clock_of(app)(picture.now),
        seed: format!("seed {}", picture.seed),
        faults: faults(app),
        keys: keys
            .into_iter()
            .filter_map(|(action, word)| Some((app.keymap().key(action)?, word)))
            .collect(),
    }
}

/// How finely time is told: as finely as it is gone through. Who stands still looks at what follows what
/// within a thousandth of a second, but for the end of a playbook, at which it only stopped.
pub(super) fn clock_of(app: &App) -> fn(Ns) -> String {
    let played = app.picture().played.as_ref();
    let ended = played.and_then(|p| p.ended.as_ref()).map(|ended| ended.judgement.at);
    match app.pace() {
        pace if pace.paused && ended == Some(app.picture().now) => clock,
        pace if pace.paused => clock_exact,
        pace if pace.speed <= SLOW => clock_fine,
        _ => clock,
    }
}

fn pace(app: &App) -> Line {
    let pace = app.pace();
    if app.stopped().is_some() {
        Line::of(Role::NodeDown, "✗ stopped")
    } else if pace.paused && app.is_over() {
        Line::of(Role::NodeWarn, format!("‖ over, paused at {}", speed(pace.speed)))
    } else if pace.paused {
        Line::of(Role::NodeWarn, format!("‖ paused at {}", speed(pace.speed)))
    } else if let Some(reached) = pace.reached {
        let text = format!("▸ {} of {}", speed(reached), speed(pace.speed));
        Line::of(Role::NodeWarn, text)
    } else {
        let slow = if pace.speed <= SLOW { " slow motion" } else { "" };
        Line::text(format!("▸ {}{slow}", speed(pace.speed)))
    }
}

/// Active faults, or what is left of them, and what is switched off. Without any the sign is that of
/// the users' health: an overload needs no fault.
fn faults(app: &App) -> Line {
    let picture = app.picture();
    let off = off(picture);
    // A level stands a second longer than its figure.
    let fail = if app.vitals().failed > Some(0.0) { "fail" } else { "failed" };
    match picture.faults.len() {
        0 if is_recovering(picture) => Line::of(Role::NodeWarn, "◐ recovering"),
        0 => match (off, app.strip().failed) {
            (Some(name), _) => Line::of(Role::NodeWarn, format!("◐ {name} off")),
            // Nothing goes on.
            (None, _) if app.stopped().is_some() => Line::dim("no faults"),
            (None, Level::Bad) => Line::of(Role::FlowFail, format!("✗ requests {fail}"))
                .with(Role::Dim, "  no faults"),
            (None, Level::Warn) => {
                Line::of(Role::NodeWarn, format!("▲ some {fail}")).with(Role::Dim, "  no faults")
            }
            (None, Level::Ok) => Line::of(Role::NodeOk, "✓ no faults"),
        },
        n => {
            let line = Line::of(Role::NodeDown, format!("✗ {}", counted(n as u64, "fault")));
            match off {
                Some(name) => line.with(Role::NodeWarn, format!("  ◐ {name} off")),
                None => line,
            }
        }
    }
}

/// The first cache that callers do not use. That is a setting, and no fault.
#[must_use]
pub fn off(picture: &Picture) -> Option<&str> {
    let off = |c: &&Component| matches!(c.face, Face::Cache { enabled: false, .. });
    picture.components.iter().find(off).map(|c| &*c.name)
}

/// Whether a node is not back yet: it is not up, or gets nothing from its balancer.
fn is_recovering(picture: &Picture) -> bool {
    let mut nodes = picture.components.iter().flat_map(|c| &c.nodes);
    nodes.any(|n| !serves(n) || n.believed == Some(false))
}
