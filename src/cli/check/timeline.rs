//! A playbook on one line: warm-up, before, during, after, and where its steps and checks stand.

use crate::chaos::units::print_time;
use crate::playbook::{Hold, Phases, Playbook, Scope, Times};
use crate::sim::time::Ns;

/// Columns of the line.
const WIDTH: usize = 64;
/// Columns before it, for the names of the rows.
const NAME: usize = 18;

/// What stands for the parts of a run.
const PARTS: &str = "· warm-up  ─ before  █ during  ═ after";

/// Draws the phases that the steps plan, with a mark for each execution and a row for each check.
pub(super) fn timeline(playbook: &Playbook) -> String {
    let planned = playbook.planned();
    let judged = (playbook.warmup, playbook.length);
    let phases = Phases::planned(&playbook.steps, &planned, judged, playbook.recover);
    let mut all: Vec<Ns> = planned.iter().flatten().flat_map(Times::all).collect();
    all.sort_unstable();
    let scale = Scale { length: playbook.length.max(1), planned, all };
    let mut text = row("", &scale.marks());
    text += &row("phases", &scale.line(|at| part(&phases, at)));
    for check in &playbook.checks {
        let judged = |at| if scale.is_judged(&phases, &check.scope, at) { '━' } else { ' ' };
        text += &row(&check.name, &scale.line(judged));
    }
    text += &row("", &ends(playbook.length));
    text += &row("", PARTS);
    text
}

/// The letter for the part of the run at that time.
fn part(phases: &Phases, at: Ns) -> char {
    let during =
        phases.during.iter().any(|(start, end)| (*start..(*end).max(start + 1)).contains(&at));
    match at {
        _ if during => '█',
        at if at < phases.judged => '·',
        at if phases.first.is_none_or(|first| at < first) => '─',
        at if phases.after.is_some_and(|after| at >= after) => '═',
        _ => ' ',
    }
}

/// A row: its name, cut where it is too long, and its line.
fn row(name: &str, line: &str) -> String {
    let name: String = if name.chars().count() > NAME {
        name.chars().take(NAME - 1).chain(['…']).collect()
    } else {
        name.to_owned()
    };
    format!("{}\n", format!("  {name:NAME$}  {line}").trim_end())
}

/// 0 and the length, at the ends of the line.
fn ends(length: Ns) -> String {
    let end = print_time(length);
    let gap = WIDTH.saturating_sub(end.chars().count() + 2);
    format!("0s{}{end}", " ".repeat(gap))
}

/// Where a time stands on the line, and what is done when.
struct Scale {
    length: Ns,
    planned: Vec<Option<Times>>,
    /// All executions that are known, in order of time.
    all: Vec<Ns>,
}

impl Scale {
    fn column(&self, at: Ns) -> usize {
        let column = u128::from(at) * WIDTH as u128 / u128::from(self.length);
        (column as usize).min(WIDTH - 1)
    }

    /// The time in the middle of a column: a mark of one column is at most half of it off.
    fn middle(&self, column: usize) -> Ns {
        let twice = (2 * column as u128 + 1) * u128::from(self.length) / (2 * WIDTH as u128);
        twice as Ns
    }

    fn line(&self, letter: impl Fn(Ns) -> char) -> String {
        (0..WIDTH).map(|column| letter(self.middle(column))).collect()
    }

    /// A mark for each execution that is known.
    fn marks(&self) -> String {
        let mut line = vec![' '; WIDTH];
        for at in self.all.iter().filter(|at| **at < self.length) {
            line[self.column(*at)] = '▼';
        }
        line.into_iter().collect()
    }

    /// Whether a check is judged at that time, as far as is planned.
    fn is_judged(&self, phases: &Phases, scope: &Scope, at: Ns) -> bool {
        match scope {
            Scope::Phases(holds) => holds.iter().any(|hold| match hold {
                Hold::End => self.column(at) == WIDTH - 1,
                hold => phases.contain(*hold, at, at + 1),
            }),
            Scope::Within { within, of } => {
                let starts = self.planned.get(*of).copied().flatten();
                starts.iter().flat_map(Times::all).any(|start| {
                    let next = self.all.partition_point(|other| *other <= start);
                    let next = self.all.get(next).copied();
                    let from = start.saturating_add(*within);
                    (from..next.unwrap_or(self.length)).contains(&at)
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook;

    #[test]
    fn phases_and_checks_stand_where_they_are() {
        let text = "title = \"t\"\ncluster = \"single-server\"\nlength = \"64s\"\nwarmup = \"4s\"\n\
                    [[step]]\nid = \"a\"\nat = \"16s\"\ndo = \"traffic x2 for 16s\"\n\
                    [[check]]\nname = \"a name that is far too long\"\nthat = \"late == 0\"\n\
                    hold = [\"before\", \"after\"]\n\
                    [[check]]\nname = \"back\"\nthat = \"late == 0\"\nwithin = \"24s\"\nof = \"a\"\n";
        let opened = playbook::parse("f.toml", text, None).unwrap_or_else(|e| panic!("{e}"));
        let (s, n) = (" ", |c: &str, n: usize| c.repeat(n));
        let pad = |name: &str| format!("  {name:NAME$}  ");
        let expected = [
            format!("{}{}▼", pad(""), n(s, 16)),
            format!("{}{}{}{}{}", pad("phases"), n("·", 4), n("─", 12), n("█", 16), n("═", 32)),
            format!(
                "{}{}{}{}{}",
                pad("a name that is fa…"),
                n(s, 4),
                n("━", 12),
                n(s, 16),
                n("━", 32)
            ),
            format!("{}{}{}", pad("back"), n(s, 40), n("━", 24)),
            format!("{}0s{}64s", pad(""), n(s, 59)),
            format!("{}{PARTS}", pad("")),
        ];
        assert_eq!(timeline(&opened.into_playbook()).lines().collect::<Vec<_>>(), expected);
    }
}
