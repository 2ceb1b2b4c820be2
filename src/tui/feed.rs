//! What passes between the screen and the thread that owns the session: orders one way, snapshots the
//! other way.

use super::app::Save;
use crate::session::picture::Picture;
use crate::sim::time::Ns;
use std::sync::Arc;

/// What the screen asks of the driver.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// Run a command; the answer carries the same number.
    Inject {
        /// Number of the order, from 1.
        serial: u64,
        /// The command as text.
        text: String,
    },
    /// What could stand at the end of this text?
    Complete(String),
    /// Simulated seconds for each real one.
    Speed(f64),
    /// Stand still, or go on.
    Pause(bool),
    /// Go on by that much and stand still again.
    Step(Ns),
    /// Go on by one event and stand still again.
    StepEvent,
    /// Do the next step of the playbook now.
    NextStep,
    /// Keep what is predicted to a question of the playbook: both by their places.
    Predict {
        /// The question.
        question: usize,
        /// Which of its choices.
        choice: usize,
    },
    /// Write a report of the run so far, or the session as a playbook, to a file; the answer carries the same number.
    Save {
        /// Number of the order, from 1.
        serial: u64,
        /// Where to, and what.
        save: Save,
    },
}

/// The latest that the driver tells; older ones need not be seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The session.
    pub picture: Arc<Picture>,
    /// How time runs.
    pub pace: Pace,
    /// How many orders the driver has carried out.
    pub orders: u64,
    /// The answer to the latest [`Order::Inject`] or [`Order::Save`].
    pub reply: Option<Reply>,
    /// The answer to the latest [`Order::Complete`].
    pub completion: Arc<Completion>,
    /// What the newest order that has something to tell has done, and which order that was.
    pub told: Option<(u64, String)>,
    /// Why the world cannot go on, if it cannot.
    pub stopped: Option<String>,
}

impl Snapshot {
    /// A picture without a driver: at 1x, nothing asked.
    #[must_use]
    pub fn still(picture: Arc<Picture>) -> Snapshot {
        Snapshot {
            picture,
            pace: Pace::default(),
            orders: 0,
            reply: None,
            completion: Arc::default(),
            told: None,
            stopped: None,
        }
    }
}

/// How simulated time runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Simulated seconds for each real one, as asked.
    pub speed: f64,
    /// What the machine reaches, if that is less.
    pub reached: Option<f64>,
    /// Whether time stands still.
    pub paused: bool,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { speed: 1.0, reached: None, paused: false }
    }
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The number of the order.
    pub serial: u64,
    /// What was expected instead, if the command was refused.
    pub refused: Option<String>,
}

/// What could stand at the end of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The text that was asked about.
    pub text: String,
    /// The suggestions, in order of the grammar.
    pub suggestions: Vec<Suggestion>,
}

/// One thing that could stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The whole command text with it.
    pub text: String,
    /// What it means, in a few words.
    pub about: String,
}

/// The speeds that `faster` and `slower` go through.
pub const SPEEDS: [f64; 13] =
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];

/// The next speed up or down; the same at the end.
#[must_use]
pub fn next_speed(speed: f64, faster: bool) -> f64 {
    let mut above = SPEEDS.iter().copied().filter(|s| *s > speed * 1.001);
    let below = SPEEDS.iter().copied().rfind(|s| *s < speed * 0.999);
    if faster { above.next() } else { below }.unwrap_or(speed)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are exact by construction")]
mod tests {
    use super::*;

    #[test]
    fn speeds_go_up_and_down_and_stay_at_the_ends() {
        assert_eq!(next_speed(1.0, true), 2.0);
        assert_eq!(next_speed(1.0, false), 0.5);
        assert_eq!(next_speed(3.0, false), 2.0);
        assert_eq!(next_speed(100.0, true), 100.0);
        assert_eq!(next_speed(0.01, false), 0.01);
    }
}
