//! How far the playbook is.

use crate::playbook::{Predict, Verdict};
use crate::session::Session;
use crate::session::picture::{Ended, Played, PlayedCheck, PlayedStep, Question};
use crate::session::verdict::{CheckProgress, StepProgress};

/// Of a cluster alone, in which nothing is planned, there is nothing to tell.
pub(super) fn played(session: &Session) -> Option<Played> {
    if !session.plays() {
        return None;
    }
    let playbook = session.playbook();
    let progress = session.progress();
    Some(Played {
        title: playbook.title.as_str().into(),
        length: progress.length,
        steps: progress.steps.into_iter().map(step).collect(),
        say: progress.say.map(|(_, text)| text.into()),
        checks: progress.checks.into_iter().map(check).collect(),
        questions: questions(session),
        ended: ended(session),
    })
}

fn questions(session: &Session) -> Vec<Question> {
    let question = |(i, predict): (usize, &Predict)| {
        let (open, predicted) = (session.is_open(predict), session.predicted(i));
        let measures = !open && predicted.is_some() && !session.is_over();
        Question {
            ask: predict.ask.as_str().into(),
            choices: predict.choices.clone(),
            before: predict.before,
            open,
            predicted,
            so_far: if measures { session.answer(i).map(|a| a.told()) } else { None },
        }
    };
    session.playbook().predict.iter().enumerate().map(question).collect()
}

fn ended(session: &Session) -> Option<Ended> {
    let (judgement, playbook) = (session.final_judgement()?.clone(), session.playbook());
    let expected = judgement.verdict == playbook.expect;
    Some(Ended { judgement, expected, about: playbook.about.as_str().into() })
}

fn step(step: StepProgress) -> PlayedStep {
    let StepProgress { command, done, next, waits, say, .. } = step;
    PlayedStep { command, done, next, waits, say: say.map(Into::into) }
}

fn check(check: CheckProgress) -> PlayedCheck {
    let holds = match check.state {
        Some(Verdict::Held) => Some(true),
        Some(Verdict::Deviated | Verdict::Stopped) => Some(false),
        Some(Verdict::Inconclusive) | None => None,
    };
    PlayedCheck { name: check.name, holds }
}
