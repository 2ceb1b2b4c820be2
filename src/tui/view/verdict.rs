//! The end of a playbook: what it has shown, check by check, what it teaches and what to try next.

use super::playbook::verdict;
use super::question::judged;
use super::text::Line;
use crate::playbook::{HEADS, Verdict, paragraphs};
use crate::session::picture::{Ended, Played};
use crate::session::verdict::{Answer, CheckResult};
use crate::tui::theme::Role;

/// Cells by which what belongs to a line stands in.
const INDENT: u16 = 2;

/// A line that may be broken: what follows its first row stands in by so many cells.
pub type Hanging = (Line, u16);

/// All of it; empty while the playbook is not over.
#[must_use]
pub fn lines(played: &Played) -> Vec<Hanging> {
    let Some(ended) = &played.ended else { return Vec::new() };
    let mut all = vec![head(ended), (Line::dim(played.title.as_ref()), 0)];
    for section in [checks(ended), answers(ended), about(ended)] {
        if !section.is_empty() {
            all.push((Line::empty(), 0));
            all.extend(section);
        }
    }
    all
}

/// `✗ deviated  1 of 3 checks did not hold, as its file expects`.
fn head(ended: &Ended) -> Hanging {
    let word = ended.judgement.verdict;
    let mut line = verdict(word.word());
    let because = ended.judgement.because();
    if !because.is_empty() {
        line = line.with(Role::Text, format!("  {because}"));
    }
    if ended.expected && word != Verdict::Held {
        line = line.with(Role::Dim, ", as its file expects");
    }
    (line, INDENT)
}

fn checks(ended: &Ended) -> Vec<Hanging> {
    ended.judgement.checks.iter().flat_map(check).collect()
}

/// The check, and under it what was measured against what was wanted, and when it failed first.
fn check(check: &CheckResult) -> [Hanging; 2] {
    let name = verdict(check.verdict.word()).with(Role::Text, format!("  {}", check.name));
    let told = check.told() + &check.windows_told();
    [
        (name.with(Role::Dim, format!("  {}", check.scope)), INDENT),
        (Line::text("  ").with(Role::Dim, told), INDENT),
    ]
}

/// The questions with their measured answers, and whether what was predicted was right.
fn answers(ended: &Ended) -> Vec<Hanging> {
    let lines = |a: &Answer| {
        if a.predicted.is_none() {
            return vec![(Line::dim(format!("{}  ", a.ask)).with(Role::Text, a.told()), INDENT)];
        }
        let judged = Line::text("  ").then(judged(a));
        vec![(Line::dim(a.ask.as_str()), INDENT), (judged, INDENT)]
    };
    ended.judgement.answers.iter().flat_map(lines).collect()
}

/// What it teaches and what to try next.
fn about(ended: &Ended) -> Vec<Hanging> {
    let line = |part: String| {
        let head = HEADS.iter().find(|head| part.starts_with(*head)).copied().unwrap_or_default();
        let line = Line::empty().bold(Role::Accent, head).with(Role::Text, &part[head.len()..]);
        (line, INDENT)
    };
    paragraphs(&ended.about).into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::example;

    fn plain(lines: &[Hanging]) -> Vec<String> {
        lines.iter().map(|(line, _)| line.plain()).collect()
    }

    #[test]
    fn what_it_teaches_stands_out() {
        let ended = example::ended().played.unwrap().ended.unwrap();
        let lines = about(&ended);
        assert!(plain(&lines)[0].starts_with("What it teaches: the time until"));
        assert!(lines.iter().all(|(line, _)| line.bits[0].bold && line.bits.len() == 2));
    }

    #[test]
    fn the_verdict_stands_first_and_says_whether_it_was_expected() {
        let mut played = example::ended().played.unwrap();
        assert_eq!(
            plain(&lines(&played))[0],
            "✗ deviated  1 of 3 checks did not hold, as its file expects"
        );
        if let Some(ended) = &mut played.ended {
            ended.expected = false;
        }
        assert_eq!(plain(&lines(&played))[0], "✗ deviated  1 of 3 checks did not hold");
        played.ended = None;
        assert!(lines(&played).is_empty());
    }
}
