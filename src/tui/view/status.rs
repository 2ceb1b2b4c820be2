//! The top line: program, cluster, pace, clock, seed, and whether something is broken.

use super::text::Line;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::format::{clock, counted, speed};
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

/// Makes it.
#[must_use]
pub fn status(app: &App) -> Status {
    let picture = app.picture();
    let keys = [(Action::Help, "help"), (Action::Palette, "command"), (Action::Quit, "quit")];
    Status {
        cluster: picture.cluster.to_string(),
        pace: pace(app),
        clock: clock(picture.now),
        seed: format!("seed {}", picture.seed),
        faults: faults(picture.faults.len()),
        keys: keys
            .into_iter()
            .filter_map(|(action, word)| Some((app.keymap().key(action)?, word)))
            .collect(),
    }
}

fn pace(app: &App) -> Line {
    let pace = app.pace();
    if app.stopped().is_some() {
        Line::of(Role::NodeDown, "✗ stopped")
    } else if pace.paused {
        Line::of(Role::NodeWarn, format!("■ paused at {}", speed(pace.speed)))
    } else if let Some(reached) = pace.reached {
        let text = format!("▸ {} of {}", speed(reached), speed(pace.speed));
        Line::of(Role::NodeWarn, text)
    } else {
        Line::text(format!("▸ {}", speed(pace.speed)))
    }
}

fn faults(n: usize) -> Line {
    match n {
        0 => Line::of(Role::NodeOk, "✓ no faults"),
        n => Line::of(Role::NodeDown, format!("✗ {}", counted(n as u64, "fault"))),
    }
}
