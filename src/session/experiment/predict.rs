//! What those who watch a playbook predict before its steps.
//!
//! A prediction is no command: it is kept beside the run, and never changes the world or its digest.

use crate::playbook::Predict;
use crate::session::Session;
use crate::session::verdict::Answer;
use std::fmt;

/// Why a prediction was not kept: there is no such question or choice, or its step has been done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLate;

impl fmt::Display for TooLate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too late, it has happened")
    }
}

impl std::error::Error for TooLate {}

impl Session {
    /// Keeps what is predicted: a question and one of its choices, by their places in the playbook.
    /// Until the step before which it is asked is done, another choice takes its place.
    ///
    /// # Errors
    /// [`TooLate`] once that step is done, or the playbook is over.
    pub fn predict(&mut self, question: usize, choice: usize) -> Result<(), TooLate> {
        let predict = self.playbook.predict.get(question).ok_or(TooLate)?;
        if !self.is_open(predict) || choice >= predict.choices.len() {
            return Err(TooLate);
        }
        self.experiment.predicted[question] = Some(choice);
        Ok(())
    }

    /// Whether a question can still be answered by who has not seen what it asks about.
    pub(in crate::session) fn is_open(&self, predict: &Predict) -> bool {
        let step = self.experiment.steps.get(predict.before);
        step.is_some_and(|step| step.done == 0) && !self.is_over()
    }

    /// Which choice was predicted to a question.
    pub(in crate::session) fn predicted(&self, question: usize) -> Option<usize> {
        *self.experiment.predicted.get(question)?
    }

    /// The answer to a question, as far as the run is.
    pub(in crate::session) fn answer(&self, question: usize) -> Option<Answer> {
        let predict = self.playbook.predict.get(question)?;
        let value = self.measured_answer(question);
        let predicted = self.predicted(question).and_then(|choice| predict.choices.get(choice));
        Some(Answer {
            ask: predict.ask.clone(),
            quantity: predict.answer.to_string(),
            unit: predict.answer.metric.unit,
            value,
            choice: predict.chosen(value).map(str::to_owned),
            predicted: predicted.cloned(),
        })
    }
}
