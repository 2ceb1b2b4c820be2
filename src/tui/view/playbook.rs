//! How far the playbook is: its caption, a line of time with its steps, its checks.

use super::question;
use super::text::Line;
use crate::session::picture::{Ended, Played};
use crate::sim::time::Ns;
use crate::tui::app::App;
use crate::tui::format::{age, clock_short, counted};
use crate::tui::screen::Form;
use crate::tui::theme::Role;

/// A step on the line of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Where, 0 to 1.
    pub at: f64,
    /// What is written beside it.
    pub word: String,
    /// Whether it is done.
    pub past: bool,
}

/// What is shown of it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaybookView {
    /// `playbook: one server of four dies`.
    pub title: String,
    /// `step 1 of 3 in 3.0 s`.
    pub note: String,
    /// What it says, in quotes; what it is about before it has said anything, and how it ended once
    /// it is over. What it said before comes with its time.
    pub say: String,
    /// How much of it has passed, 0 to 1.
    pub now: f64,
    /// Its steps.
    pub marks: Vec<Mark>,
    /// Its end, as a time.
    pub end: String,
    /// A line for each check.
    pub checks: Vec<Line>,
    /// What is next, in a few words.
    pub next: String,
    /// Its questions: what can be predicted, and what was.
    pub questions: Vec<Line>,
    /// The same in a few words: `p predict`.
    pub question: Option<Line>,
    /// The verdict, once it is over.
    pub verdict: Option<Line>,
}

/// Makes it; `None` where no playbook is played.
#[must_use]
pub fn playbook(app: &App) -> Option<PlaybookView> {
    let picture = app.picture();
    let played = picture.played.as_ref()?;
    let stands = app.stopped().is_some() && played.ended.is_none();
    let share = |at: Ns| (at as f64 / played.length.max(1) as f64).clamp(0.0, 1.0);
    let marks = played.steps.iter().filter_map(|step| {
        let at = step.done.or(step.next)?;
        let word = step.command.split_whitespace().next().unwrap_or_default().to_string();
        Some(Mark { at: share(at), word, past: step.done.is_some() })
    });
    Some(PlaybookView {
        title: format!("playbook: {}", played.title),
        note: if stands { STANDS.to_string() } else { note(played, picture.now) },
        say: match (app.caption(), &played.ended) {
            (Some((Some(at), text)), _) => format!("{} “{text}”", clock_short(at)),
            (_, Some(ended)) => end(ended),
            (Some((None, text)), _) => format!("“{text}”"),
            (None, None) if app.areas().form == Form::Normal => {
                format!("{}.", played.title.trim_end_matches('.'))
            }
            (None, None) => start(played),
        },
        now: share(picture.now),
        marks: marks.collect(),
        end: clock_short(played.length),
        checks: checks(played),
        next: if stands { STANDS.to_string() } else { next(played, picture.now) },
        questions: question::lines(app),
        question: question::short(app),
        verdict: if stands { Some(no_verdict()) } else { word(played).map(verdict) },
    })
}

/// `One server of four dies. Hypothesis: nothing lost; back in 2 s.`, before anything was said.
fn start(played: &Played) -> String {
    let title = played.title.trim_end_matches('.');
    let names: Vec<&str> = played.checks.iter().map(|c| c.name.trim_end_matches('.')).collect();
    if names.is_empty() {
        return format!("{title}.");
    }
    format!("{title}. Hypothesis: {}.", names.join("; "))
}

/// `Over at 01:30: deviated, 1 of 3 checks did not hold.` What a step said of its moment would be
/// wrong by then.
fn end(ended: &Ended) -> String {
    let judgement = &ended.judgement;
    let because = match (judgement.because(), judgement.checks.len() as u64) {
        (because, _) if !because.is_empty() => because,
        (_, 0) => "nothing was to be checked".to_string(),
        (_, 1) => "its check held".to_string(),
        (_, n) => format!("all {} held", counted(n, "check")),
    };
    format!("Over at {}: {}, {because}.", clock_short(judgement.at), judgement.verdict.word())
}

/// The word of its verdict, once it is over.
fn word(played: &Played) -> Option<&'static str> {
    played.ended.as_ref().map(|ended| ended.judgement.verdict.word())
}

/// Sign and word of a verdict.
pub(super) fn verdict(word: &'static str) -> Line {
    match word {
        "held" => Line::of(Role::NodeOk, "✓ ").bold(Role::Text, word),
        "inconclusive" => Line::of(Role::NodeWarn, "◐ ").bold(Role::NodeWarn, word),
        _ => Line::of(Role::NodeDown, "✗ ").bold(Role::NodeDown, word),
    }
}

/// Of a playbook whose world has stopped.
const STANDS: &str = "stopped before its end";

/// What it has shown until then is no verdict.
fn no_verdict() -> Line {
    Line::of(Role::NodeDown, "✗ ").bold(Role::NodeDown, "no verdict")
}

fn note(played: &Played, now: Ns) -> String {
    let all = played.steps.len();
    if let Some(word) = word(played) {
        return format!("over: {word}");
    }
    match played.next() {
        Some((_, at)) => {
            let left = age(at.saturating_sub(now));
            format!("step {} of {all} in {left}", (played.done() + 1).min(all))
        }
        None => format!(
            "{} of {all} done · ends in {}",
            played.done(),
            age(played.length.saturating_sub(now))
        ),
    }
}

fn next(played: &Played, now: Ns) -> String {
    if let Some(ended) = &played.ended {
        let judgement = &ended.judgement;
        return format!("over at {}: {}", clock_short(judgement.at), judgement.verdict.word());
    }
    if let Some((step, at)) = played.next() {
        // A long command is cut at its end: the time stands before it.
        return format!("next in {}: {}", age(at.saturating_sub(now)), step.command);
    }
    let waits = played.steps.iter().find(|s| s.done.is_none() && s.waits.is_some());
    match waits.and_then(|s| Some((s, s.waits.as_deref()?))) {
        Some((step, waits)) => format!("next: {} {waits}", step.command),
        None => format!("ends at {}", clock_short(played.length)),
    }
}

fn checks(played: &Played) -> Vec<Line> {
    let line = |c: &crate::session::picture::PlayedCheck| {
        let (sign, role) = match c.holds {
            Some(true) => ("✓ ", Role::NodeOk),
            Some(false) => ("✗ ", Role::NodeDown),
            None => ("◐ ", Role::Dim),
        };
        Line::of(role, sign).with(Role::Text, &c.name)
    };
    played.checks.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::picture::Picture;
    use crate::tui::app::Options;
    use crate::tui::example;
    use crate::tui::feed::Snapshot;

    fn of(picture: Picture) -> Option<PlaybookView> {
        at(picture, 120, 40)
    }

    fn at(picture: Picture, width: u16, height: u16) -> Option<PlaybookView> {
        let snapshot = Snapshot::still(std::sync::Arc::new(picture));
        playbook(&App::new(snapshot, Options::default(), width, height))
    }

    #[test]
    fn the_next_step_is_told_with_its_time() {
        let view = of(example::played()).unwrap();
        assert_eq!(view.note, "step 2 of 3 in 18.0 s");
        assert_eq!(view.next, "next in 18.0 s: restart web-2");
        assert_eq!(view.marks.iter().map(|m| m.past).collect::<Vec<_>>(), [true, false, false]);
        assert!((view.now - 42.0 / 90.0).abs() < 1e-9);
        assert_eq!(view.checks[1].plain(), "✗ success ≥ 99.9 %");
    }

    #[test]
    fn before_it_has_said_anything_it_tells_what_it_is_about() {
        let mut picture = example::played();
        if let Some(played) = &mut picture.played {
            played.say = None;
        }
        let wanted =
            "One server of four dies. Hypothesis: nothing lost; success ≥ 99.9 %; back in 2 s.";
        assert_eq!(at(picture.clone(), 80, 23).unwrap().say, wanted);
        assert_eq!(
            of(picture).unwrap().say,
            "One server of four dies.",
            "its checks stand beside it"
        );
    }

    #[test]
    fn a_world_that_stopped_leaves_no_verdict() {
        let mut snapshot = Snapshot::still(std::sync::Arc::new(example::played()));
        snapshot.stopped = Some("too much load".into());
        let view = playbook(&App::new(snapshot, Options::default(), 120, 40)).unwrap();
        assert_eq!((view.note.as_str(), view.next.as_str()), (STANDS, STANDS));
        assert_eq!(view.verdict.map(|v| v.plain()).as_deref(), Some("✗ no verdict"));
    }

    #[test]
    fn an_end_has_a_verdict() {
        let view = of(example::ended()).unwrap();
        assert_eq!(view.note, "over: deviated");
        assert_eq!(view.say, "Over at 01:30: deviated, 1 of 3 checks did not hold.");
        assert_eq!(view.verdict.map(|v| v.plain()).as_deref(), Some("✗ deviated"));
        assert_eq!(view.next, "over at 01:30: deviated");
        assert_eq!(of(example::at_rest()), None);
    }
}
