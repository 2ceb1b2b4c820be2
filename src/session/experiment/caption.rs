//! What a playbook says, and how long that stands.

use crate::session::Session;
use crate::sim::id::FaultId;
use crate::sim::time::{MILLISECOND, Ns};

/// A caption is read aloud at ten characters a second, which is about 120 words a minute.
const PER_CHARACTER: Ns = 100 * MILLISECOND;

/// What a step said.
#[derive(Clone, Debug)]
pub(super) struct Caption {
    pub(super) at: Ns,
    pub(super) text: String,
    /// What it speaks of: the fault that its step began.
    pub(super) fault: Option<FaultId>,
}

impl Session {
    /// The newest caption, while it stands: as long as the fault that its step began, and long enough
    /// to be read aloud. What is said of a moment would be wrong for the rest of a playbook.
    pub(super) fn caption(&self) -> Option<&Caption> {
        let caption = self.experiment.say.as_ref()?;
        let length = PER_CHARACTER.saturating_mul(caption.text.chars().count() as Ns);
        let is_read = self.now() >= caption.at.saturating_add(length);
        let goes_on = caption.fault.is_some_and(|fault| self.is_active(fault));
        (goes_on || !is_read).then_some(caption)
    }
}
