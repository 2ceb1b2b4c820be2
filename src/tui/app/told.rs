//! What is told for a moment in the footer: what was done, or why it was not.

use super::{App, Snapshot};
use crate::sim::time::Ns;
use crate::tui::action::Action;
use crate::tui::view::footer::in_words_of_keys;

/// How the log says what was undone.
const TAKEN: &str = "took back ";
/// A text stays for that many frames at least: two seconds.
const LEAST: usize = 60;
/// It is read at ten characters a second.
const FRAMES_PER_CHARACTER: usize = 3;

/// A text, until the next key, until it was read, or until it is not true any more.
#[derive(Clone, Debug)]
pub(super) struct Told {
    text: String,
    /// Whether it says why something was not done.
    is_refusal: bool,
    stays: Stays,
}

/// How long a text stays, if no key is pressed.
#[derive(Clone, Copy, Debug)]
enum Stays {
    /// For that many frames.
    Frames(usize),
    /// While the world stands still at that instant, of which it speaks.
    At(Ns),
}

impl Told {
    fn new(text: String, is_refusal: bool) -> Told {
        let frames = LEAST.max(text.chars().count() * FRAMES_PER_CHARACTER);
        Told { text, is_refusal, stays: Stays::Frames(frames) }
    }
}

impl App {
    /// Tells for a moment what was done.
    pub(super) fn say(&mut self, text: String) {
        self.told = Some(Told::new(text, false));
    }

    /// Tells for a moment why something was not done.
    pub(super) fn refuse(&mut self, text: String) {
        self.told = Some(Told::new(text, true));
    }

    /// Tells why a key does nothing now, or the name of an action.
    pub(super) fn say_why_not(&mut self, key: &str, action: Option<Action>) {
        let ended = self.has_ended().filter(|_| action.is_some_and(|a| a.moves_the_world(self)));
        let why = match (ended, action) {
            (Some(ended), _) => ended,
            (None, Some(action)) => action.row().otherwise.to_string(),
            (None, None) => "no key of the map; ? shows them".to_string(),
        };
        self.say(format!("{key}: {why}"));
    }

    /// Why nothing acts on the world any more, and what is left to do; `None` while it goes on.
    #[must_use]
    pub fn has_ended(&self) -> Option<String> {
        self.stopped()?;
        let left = [(Action::Quit, "leaves"), (Action::Export, "exports")];
        let key = |(action, verb)| Some(format!("{} {verb}", self.keymap().key(action)?));
        let keys: Vec<String> = left.into_iter().filter_map(key).collect();
        Some(format!("the run has ended: {}", keys.join(", ")))
    }

    /// Takes what the driver has to tell beside the picture. What was told of an instant goes when the
    /// world is at another.
    pub(super) fn hear(&mut self, next: &Snapshot) {
        let now = next.picture.now;
        self.told.take_if(|told| matches!(told.stays, Stays::At(at) if at != now));
        if let Some((_, text)) = next.told.as_ref().filter(|_| next.told != self.snapshot.told) {
            // Of what was taken back the key has another word than the command.
            self.say(match text.split_once(TAKEN) {
                Some((head, command)) => format!("{head}{TAKEN}{}", in_words_of_keys(command)),
                None => text.clone(),
            });
            if let Some(told) = self.told.as_mut().filter(|_| next.pace.paused) {
                told.stays = Stays::At(now);
            }
        }
    }

    /// A frame has passed; whether the screen has changed by that alone.
    pub fn tick(&mut self) -> bool {
        self.frames_age = self.frames_age.saturating_add(1);
        let is_read = |told: &mut Told| match &mut told.stays {
            Stays::Frames(left) => {
                *left = left.saturating_sub(1);
                *left == 0
            }
            Stays::At(_) => false,
        };
        self.told.take_if(is_read).is_some()
    }

    /// Why something was not done, while that is told.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.told.as_ref().filter(|told| told.is_refusal).map(|told| told.text.as_str())
    }

    /// What was done, while that is told.
    #[must_use]
    pub fn said(&self) -> Option<&str> {
        self.told.as_ref().filter(|told| !told.is_refusal).map(|told| told.text.as_str())
    }
}
