//! What would have helped: the reasons that were given while the run went on, with their remedies.

use crate::session::Session;
use crate::sim::time::Ns;

/// A reason for trouble, and what would help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// When it was seen first.
    pub at: Ns,
    /// One or two sentences with the figures of that instant.
    pub why: String,
    /// What would help.
    pub fix: String,
}

/// Findings at most: more would be no help.
const MOST: usize = 8;

/// Looks at a session now, and notes what would help if that was not said before.
pub fn look(found: &mut Vec<Finding>, session: &Session) {
    let why = session.why_now();
    let Some(fix) = why.fix else { return };
    if found.len() < MOST && !found.iter().any(|earlier| earlier.fix == fix) {
        found.push(Finding { at: session.now(), why: why.text, fix });
    }
}
