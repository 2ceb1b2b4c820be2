//! What a room is shown: a caption, why things are so, and two figures or three.

use super::playbook::PlaybookView;
use super::text::Line;
use super::truth::{is_stale, may_come_back};
use crate::session::picture::Played;
use crate::tui::app::App;
use crate::tui::format::{figure, percent};
use crate::tui::theme::Role;

/// A figure five rows high.
#[derive(Clone, Debug, PartialEq)]
pub struct Big {
    /// What it is.
    pub label: Line,
    /// The figure.
    pub text: String,
    /// Its colour.
    pub role: Role,
}

/// All of it.
#[derive(Clone, Debug, PartialEq)]
pub struct PresenterView {
    /// What the playbook says; empty where it has nothing to say.
    pub caption: String,
    /// What comes next in the playbook, and what can be predicted.
    pub next: String,
    /// The reason why, and what would help.
    pub why: Vec<(Role, String)>,
    /// How to see the whole of it: `w all`.
    pub whole: String,
    /// Goodput, what failed, and what became of data where something did.
    pub figures: Vec<Big>,
}

/// Makes it.
#[must_use]
pub fn presenter(app: &App) -> PresenterView {
    let played = super::playbook::playbook(app);
    let begun = |p: &Played| p.done() > 0 && p.ended.is_none() && app.caption().is_none();
    let silent = app.picture().played.as_ref().is_none_or(begun);
    let said = played.as_ref().filter(|_| !silent).map(|p| p.say.clone());
    PresenterView {
        why: super::lists::why(app),
        whole: super::whole(app),
        caption: said.unwrap_or_default(),
        next: played.map_or(String::new(), next),
        figures: [goodput(app), failed(app)].into_iter().chain(data(app)).collect(),
    }
}

/// What comes next, after what can be predicted or was.
fn next(playbook: PlaybookView) -> String {
    match playbook.question {
        Some(question) => format!("{} · {}", question.plain(), playbook.next),
        None => playbook.next,
    }
}

/// The gravest of what became of data, if there is any: what is lost is gone for good, what was
/// overwritten too, what was done twice can be found, and a stale answer passes.
fn data(app: &App) -> Option<Big> {
    let truth = &app.picture().truth;
    let apart = may_come_back(app.picture());
    let all = [
        (
            truth.lost,
            if apart { "MISSING" } else { "LOST" },
            "writes",
            if apart { Role::NodeWarn } else { Role::DataBad },
        ),
        (truth.conflicts.unwrap_or(0), "CONFLICTS", "writes overwritten", Role::DataBad),
        (truth.doubled.unwrap_or(0), "DOUBLED", "effects", Role::DataBad),
        (
            if is_stale(truth, app.vitals()) { truth.stale } else { 0 },
            "STALE",
            "reads",
            Role::NodeWarn,
        ),
    ];
    let (n, word, what, role) = all.into_iter().find(|(n, ..)| *n > 0)?;
    let label = Line::empty().bold(Role::Text, word).with(Role::Dim, format!(" {what}"));
    Some(Big { label, text: figure(n as f64), role })
}

fn goodput(app: &App) -> Big {
    let v = app.vitals();
    let short = v.goodput < v.offered * 0.95;
    let label = Line::empty().bold(Role::Text, "GOODPUT").with(Role::Dim, " per second");
    let of = if short { format!("  ▼ of {}", figure(v.offered)) } else { String::new() };
    let label = label.with(Role::NodeWarn, of);
    Big { label, text: figure(v.goodput), role: Role::FlowOk }
}

fn failed(app: &App) -> Big {
    let v = app.vitals();
    let share = v.failed.unwrap_or(0.0);
    let label = Line::empty().bold(Role::Text, "FAILED");
    let label = match v.reason.filter(|_| share > 0.0) {
        Some((reason, _)) => label.with(Role::FlowFail, format!("  ▲ {}", reason.word())),
        None => label,
    };
    let role = if share > 0.0 { Role::FlowFail } else { Role::Dim };
    Big { label, text: v.failed.map_or_else(|| "–".to_string(), percent), role }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::picture::Picture;
    use crate::tui::app::Options;
    use crate::tui::example;
    use crate::tui::feed::Snapshot;

    fn of(picture: Picture) -> PresenterView {
        let snapshot = Snapshot::still(std::sync::Arc::new(picture));
        let mut app = App::new(snapshot, Options::default(), 120, 40);
        app.set_presenter(true);
        presenter(&app)
    }

    #[test]
    fn the_gravest_that_became_of_data_is_a_third_figure() {
        assert_eq!(of(example::played()).figures.len(), 2);
        let mut picture = example::played();
        picture.truth.stale = 9;
        assert_eq!(of(picture.clone()).figures.len(), 2, "a few stale reads are always there");
        picture.truth.stale_per_s = 90.0;
        assert_eq!(of(picture.clone()).figures[2].label.plain(), "STALE reads");
        picture.truth.doubled = Some(4);
        let third = |picture: &Picture| of(picture.clone()).figures[2].clone();
        assert_eq!(third(&picture).label.plain(), "DOUBLED effects");
        picture.truth.lost = 363;
        let (label, text) = (third(&picture).label.plain(), third(&picture).text);
        assert_eq!((label.as_str(), text.as_str()), ("LOST writes", "363"));
    }

    #[test]
    fn the_reason_stands_under_what_the_playbook_says_even_before_it_has_begun() {
        let mut picture = example::played();
        let view = of(picture.clone());
        assert!(view.caption.starts_with('“') && !view.why.is_empty());
        if let Some(played) = &mut picture.played {
            played.say = None;
            played.steps.iter_mut().for_each(|s| (s.done, s.say) = (None, None));
        }
        let start = of(picture);
        assert!(start.caption.starts_with("One server of four dies. Hypothesis:"), "{start:?}");
        picture = example::at_rest();
        let why = picture.why.text.clone();
        let rest = of(picture);
        assert!(rest.caption.is_empty() && rest.why[0].1.starts_with(&why[..20]), "{rest:?}");
    }
}
