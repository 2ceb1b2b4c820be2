//! The questions of a playbook: the one that is open, and beside the playbook what was predicted.

use super::text::Line;
use crate::session::picture::{Played, Question};
use crate::session::verdict::Answer;
use crate::tui::action::Action;
use crate::tui::app::{App, question::Ask};
use crate::tui::format::age;
use crate::tui::theme::Role;

/// A question with its choices.
#[derive(Clone, Debug, PartialEq)]
pub struct QuestionView {
    /// Which of how many, if there are several: `question 1 of 2`.
    pub title: String,
    /// The question.
    pub ask: String,
    /// Before what it is asked.
    pub before: String,
    /// Its choices, each with its digit.
    pub choices: Vec<Line>,
    /// Which of them is marked.
    pub chosen: usize,
}

/// The question that is open.
#[must_use]
pub fn question(app: &App, ask: Ask) -> Option<QuestionView> {
    let (picture, Ask { question, chosen }) = (app.picture(), ask);
    let played = picture.played.as_ref()?;
    let asked = played.questions.get(question)?;
    let title = match played.questions.len() {
        0 | 1 => "predict first".to_string(),
        all => format!("predict first: question {} of {all}", question + 1),
    };
    let step = played.steps.get(asked.before)?;
    let left = step.next.map(|at| format!(" in {}", age(at.saturating_sub(picture.now))));
    let before = format!("before {}{}; time stands still", step.command, left.unwrap_or_default());
    let choices = asked.choices.iter().enumerate();
    Some(QuestionView {
        title,
        ask: asked.ask.to_string(),
        before,
        choices: choices.map(|(i, text)| choice(i, text, i == chosen, asked)).collect(),
        chosen,
    })
}

/// `▸ 2  under 1 s   predicted`.
fn choice(index: usize, text: &str, is_chosen: bool, question: &Question) -> Line {
    let sign = if is_chosen { "▸ " } else { "  " };
    let digit = match index {
        0..9 => (index + 1).to_string(),
        _ => " ".to_string(),
    };
    let line = Line::of(Role::Accent, sign).bold(Role::Accent, digit).with(Role::Text, "  ");
    let line = if is_chosen { line.bold(Role::Text, text) } else { line.with(Role::Text, text) };
    let predicted = question.predicted == Some(index);
    if predicted { line.with(Role::Dim, "   predicted") } else { line }
}

/// In a few words: `p predict` while a question waits, else what was predicted; nothing where nothing
/// is asked, or once the playbook is over.
#[must_use]
pub fn short(app: &App) -> Option<Line> {
    let played = app.picture().played.as_ref().filter(|played| played.ended.is_none())?;
    if played.questions.iter().any(waits) {
        let key = app.keymap().key(Action::Predict)?;
        return Some(Line::empty().bold(Role::Accent, key).with(Role::Dim, " predict"));
    }
    let newest = played.questions.iter().rev().find_map(Question::prediction)?;
    Some(Line::of(Role::Accent, "› ").with(Role::Text, format!("predicted {newest}")))
}

fn waits(question: &Question) -> bool {
    question.open && question.predicted.is_none()
}

/// A line for each question that waits or was answered; at the end with what was measured.
#[must_use]
pub fn lines(app: &App) -> Vec<Line> {
    let Some(played) = &app.picture().played else { return Vec::new() };
    if let Some(ended) = &played.ended {
        let predicted = ended.judgement.answers.iter().filter(|a| a.predicted.is_some());
        return predicted.map(|a| judged(a).with(Role::Dim, format!("  {}", a.ask))).collect();
    }
    let waiting = first_that_waits(app, played);
    waiting.into_iter().chain(played.questions.iter().filter_map(predicted)).collect()
}

/// `p predict first  How long are orders refused?`
fn first_that_waits(app: &App, played: &Played) -> Option<Line> {
    let question = played.questions.iter().find(|q| waits(q))?;
    let key = app.keymap().key(Action::Predict)?;
    let line = Line::empty().bold(Role::Accent, key).with(Role::Text, " predict first");
    Some(line.with(Role::Dim, format!("  {}", question.ask)))
}

/// `› predicted under 1 s, so far 1.5 s (1 to 5 s)  How long are orders refused?`
fn predicted(question: &Question) -> Option<Line> {
    let mut text = format!("predicted {}", question.prediction()?);
    if let Some(so_far) = &question.so_far {
        text = format!("{text}, so far {so_far}");
    }
    let line = Line::of(Role::Accent, "› ").with(Role::Text, text);
    Some(line.with(Role::Dim, format!("  {}", question.ask)))
}

/// `✗ wrong  predicted under 1 s, measured 1.5 s (1 to 5 s)`; without a prediction what was measured.
#[must_use]
pub fn judged(answer: &Answer) -> Line {
    let Some(word) = answer.judged() else { return Line::text(answer.compared()) };
    let (sign, role) = match answer.is_right() {
        Some(true) => ("✓ ", Role::NodeOk),
        Some(false) => ("✗ ", Role::NodeDown),
        None => ("◐ ", Role::NodeWarn),
    };
    let line = Line::of(role, sign).bold(role, word);
    line.with(Role::Text, format!("  {}", answer.compared()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::picture::Picture;
    use crate::tui::app::Options;
    use crate::tui::example;
    use crate::tui::feed::Snapshot;

    fn app(picture: Picture) -> App {
        let snapshot = Snapshot::still(std::sync::Arc::new(picture));
        App::new(snapshot, Options::default(), 120, 40)
    }

    fn plain(lines: &[Line]) -> Vec<String> {
        lines.iter().map(Line::plain).collect()
    }

    #[test]
    fn a_question_waits_then_is_predicted_then_measured() {
        let mut picture = example::asking();
        assert_eq!(short(&app(picture.clone())).unwrap().plain(), "p predict");
        let told = plain(&lines(&app(picture.clone())));
        assert_eq!(told, ["p predict first  How many requests fail?"]);
        let mut answered = |change: &dyn Fn(&mut Question)| {
            change(&mut picture.played.as_mut().unwrap().questions[0]);
            let app = app(picture.clone());
            (short(&app).unwrap().plain(), plain(&lines(&app)))
        };
        let (short, told) = answered(&|q| q.predicted = Some(1));
        assert_eq!(short, "› predicted under 1 000");
        assert_eq!(told, ["› predicted under 1 000  How many requests fail?"]);
        let (_, told) =
            answered(&|q| (q.open, q.so_far) = (false, Some("12 (under 1 000)".into())));
        let wanted = "› predicted under 1 000, so far 12 (under 1 000)  How many requests fail?";
        assert_eq!(told, [wanted], "and what nobody predicted is not asked any more");
    }

    #[test]
    fn what_was_predicted_is_judged_by_what_was_measured() {
        let told = plain(&lines(&app(example::predicted())));
        assert_eq!(
            told,
            [
                "✓ right  predicted under 1 000, measured 674 (under 1 000)  How many requests fail?",
                "✗ wrong  predicted under 1 s, measured 1.5 s (1 to 5 s)  How long?",
            ]
        );
        assert_eq!(short(&app(example::predicted())), None);
    }
}
