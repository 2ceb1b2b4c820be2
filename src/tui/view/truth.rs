//! What became of data, as lines. Nothing of it is smoothed.

use super::text::Line;
use crate::observe::reliability::objective;
use crate::observe::why::STALE_WORTH;
use crate::session::picture::{Component, Face, Picture, Role as DbRole, Truth, Vitals};
use crate::sim::observation::NodeState;
use crate::sim::time::Ns;
use crate::tui::format::{age, count, counted, figure, percent};
use crate::tui::theme::Role;

/// Cells between two tallies.
const GAP: usize = 4;

/// From so many rows on each thing under the tallies has one of its own.
const ENOUGH: u16 = 5;

/// Cells of the writes, where the error budget stands beside them.
const WRITES: usize = 21;

/// What became of data, in `rows` of so many cells. Alarms stand first and are never left out. Writes
/// are lost once nothing can bring them back, and until then missing.
#[must_use]
pub fn truth(picture: &Picture, vitals: &Vitals, cells: u16, rows: u16) -> Vec<Line> {
    lines(&picture.truth, may_come_back(picture), vitals, cells, rows)
}

/// Whether what one side of a database lacks may still be merged: it is to be, and a node that may have
/// it is not back yet.
#[must_use]
pub fn may_come_back(picture: &Picture) -> bool {
    let merges =
        |c: &Component| c.settings.iter().any(|s| s.name == "prefer" && s.value == "availability");
    picture.components.iter().any(|c| merges(c) && is_apart(c))
}

/// Whether a node of a database does not follow its one primary.
fn is_apart(component: &Component) -> bool {
    let Face::Database { primaries, .. } = component.face else { return false };
    let follows = |role| matches!(role, Some(DbRole::Primary | DbRole::Replica(_)));
    let mut nodes = component.nodes.iter();
    primaries != 1 || nodes.any(|n| n.side > 0 || n.state != NodeState::Up || !follows(n.role))
}

fn lines(truth: &Truth, apart: bool, vitals: &Vitals, cells: u16, rows: u16) -> Vec<Line> {
    let (alarms, fine) = tallies(truth, apart, vitals);
    let cells = usize::from(cells);
    let mut lines = Vec::new();
    for alarm in alarms {
        add(&mut lines, alarm, cells);
    }
    let under = under(truth, vitals, rows);
    let room = usize::from(rows).saturating_sub(under.len()).max(lines.len()).max(1);
    for tally in fine {
        if lines.len() < room || fits(lines.last(), &tally, cells) {
            add(&mut lines, tally, cells);
        }
    }
    lines.extend(under);
    lines
}

/// What stands under the tallies, each in its place whatever happens. On few rows that of the error
/// budget is beside the writes.
fn under(truth: &Truth, vitals: &Vitals, rows: u16) -> Vec<Line> {
    let logs = (truth.logs.len() > 1).then(|| logs(&truth.logs));
    if logs.is_some() && rows < ENOUGH {
        let writes = match truth.acknowledged {
            // No more has room.
            n if n >= 1_000_000 => figure(n as f64),
            n => count(n),
        };
        let writes = Line::dim("acknowledged ").with(Role::Text, writes);
        let beside = match vitals.budget_spent {
            Some(share) => writes.padded(WRITES).then(short_budget(share)),
            None => writes,
        };
        return std::iter::once(beside).chain(logs).collect();
    }
    let writes = Line::dim("acknowledged writes   ").with(Role::Text, count(truth.acknowledged));
    let budget = vitals.budget_spent.map(budget);
    std::iter::once(writes).chain(budget).chain(logs).collect()
}

fn fits(line: Option<&Line>, tally: &Line, cells: usize) -> bool {
    line.is_some_and(|line| line.width() + GAP + tally.width() <= cells)
}

/// Puts a tally on the last line if it has room for it, else on one of its own.
fn add(lines: &mut Vec<Line>, tally: Line, cells: usize) {
    match lines.last_mut() {
        Some(line) if fits(Some(line), &tally, cells) => {
            let begun = std::mem::take(line);
            *line = begun.with(Role::Text, " ".repeat(GAP)).then(tally);
        }
        _ => lines.push(tally),
    }
}

/// What is wrong, and what is fine.
fn tallies(truth: &Truth, apart: bool, vitals: &Vitals) -> (Vec<Line>, Vec<Line>) {
    // Where nobody merges there are no conflicts to count.
    let conflicts = truth.conflicts.or((truth.logs.len() > 1).then_some(0));
    let risk = (truth.at_risk > 0).then(|| {
        let writes = counted(truth.at_risk, "write");
        Line::empty().bold(Role::DataBad, format!("▲ {writes} at risk"))
    });
    let unpublished = (truth.unpublished > 0).then(|| tally("unpublished", truth.unpublished));
    let all = [
        (truth.lost > 0, Some(lost(truth.lost, apart))),
        (true, risk),
        (is_stale(truth, vitals), Some(stale(truth, vitals))),
        (truth.doubled.unwrap_or(0) > 0, truth.doubled.map(|n| tally("doubled", n))),
        (conflicts.unwrap_or(0) > 0, conflicts.map(|n| tally("conflicts", n))),
        (truth.split_brain > 0, Some(both_primaries(truth.split_brain))),
        (true, unpublished),
    ];
    let (alarms, fine): (Vec<_>, Vec<_>) = all.into_iter().partition(|(alarms, _)| *alarms);
    let lines = |all: Vec<(bool, Option<Line>)>| all.into_iter().filter_map(|(_, l)| l).collect();
    (lines(alarms), lines(fine))
}

/// `✓ lost 0`, `▲ lost 12`, and `◐ missing 12` while they may be found again.
fn lost(n: u64, apart: bool) -> Line {
    if apart && n > 0 {
        return Line::empty().bold(Role::NodeWarn, format!("◐ missing {}", count(n)));
    }
    tally("lost", n)
}

/// `✓ doubled 0`, `▲ doubled 12`.
fn tally(what: &str, n: u64) -> Line {
    match n {
        0 => Line::of(Role::NodeOk, "✓ ").with(Role::Text, format!("{what} 0")),
        n => Line::empty().bold(Role::DataBad, format!("▲ {what} {}", count(n))),
    }
}

/// Whether so many answers of the last second were stale that it is an alarm.
pub(super) fn is_stale(truth: &Truth, vitals: &Vitals) -> bool {
    truth.stale_per_s > 0.0 && truth.stale_per_s >= STALE_WORTH * vitals.goodput
}

fn stale(truth: &Truth, vitals: &Vitals) -> Line {
    match truth.stale {
        n if n > 0 && !is_stale(truth, vitals) => {
            Line::dim("· ").with(Role::Text, format!("stale {}", count(n)))
        }
        n => tally("stale", n),
    }
}

fn both_primaries(length: Ns) -> Line {
    match length {
        0 => Line::of(Role::NodeOk, "✓ ").with(Role::Text, "two primaries 0 s"),
        l => Line::empty().bold(Role::DataBad, format!("▲ two primaries {}", age(l))),
    }
}

/// `log  -1 58 500  -2 58 344`.
fn logs(positions: &[u64]) -> Line {
    let mut log = Line::dim("log");
    for (i, position) in positions.iter().enumerate() {
        log = log.with(Role::Dim, format!("  -{} ", i + 1)).with(Role::Text, count(*position));
    }
    log
}

/// `error budget 99.9 %   100 % left`, `▲ spent 5.3 times`.
fn budget(share: f64) -> Line {
    Line::dim(format!("error budget {}   ", percent(objective()))).then(spent(share))
}

/// `budget 100 % left`, `▲ budget 5.3x spent`.
fn short_budget(share: f64) -> Line {
    match share {
        s if s <= 1.0 => Line::dim("budget ").then(spent(s)),
        s => Line::empty().bold(Role::DataBad, format!("▲ budget {}x spent", figure(s))),
    }
}

/// `100 % left`, `▲ spent 5.3 times`, of the share of the budget that is spent.
#[must_use]
pub fn spent(share: f64) -> Line {
    match share {
        s if s <= 1.0 => Line::text(format!("{} left", percent(1.0 - s))),
        s => Line::empty().bold(Role::DataBad, format!("▲ spent {} times", figure(s))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In the panel of 120x40.
    fn lines(truth: &Truth, budget_spent: Option<f64>) -> Vec<String> {
        let vitals = Vitals { goodput: 1_000.0, budget_spent, ..Vitals::default() };
        super::lines(truth, false, &vitals, 42, 4).iter().map(Line::plain).collect()
    }

    #[test]
    fn writes_are_missing_while_a_merge_may_bring_them_back_and_lost_once_none_can() {
        use crate::session::picture::Setting;
        use crate::tui::example;
        let setting = |value: &str| Setting {
            name: "prefer",
            value: value.into(),
            live: false,
            file: value.into(),
            origin: crate::session::picture::Origin::File,
        };
        let of = |leaders, prefer| {
            let mut picture = example::at_rest();
            picture.truth.lost = 12;
            for c in &mut picture.components {
                if let Face::Database { primaries, .. } = &mut c.face {
                    *primaries = leaders;
                    c.settings = std::sync::Arc::new(vec![setting(prefer)]);
                }
            }
            truth(&picture, &Vitals::default(), 42, 4)[0].bits[0].clone()
        };
        let split = of(2, "availability");
        assert!(split.text.starts_with("◐ missing 12") && split.role == Role::NodeWarn);
        assert!(of(2, "consistency").text.starts_with("▲ lost 12"), "none merges");
        let healed = of(1, "availability");
        assert!(healed.text.starts_with("▲ lost 12") && healed.role == Role::DataBad);
    }

    #[test]
    fn at_rest_everything_is_told_to_be_fine() {
        let truth =
            Truth { acknowledged: 5, doubled: Some(0), logs: vec![5, 5, 4], ..Truth::default() };
        let wanted = [
            "✓ lost 0    ✓ stale 0    ✓ doubled 0",
            "✓ conflicts 0    ✓ two primaries 0 s",
            "acknowledged 5       budget 100 % left",
            "log  -1 5  -2 5  -3 4",
        ];
        assert_eq!(lines(&truth, Some(0.0)), wanted);
    }

    #[test]
    fn what_nobody_counts_is_left_out() {
        let lines = lines(&Truth { acknowledged: 5, ..Truth::default() }, None);
        let wanted = ["✓ lost 0    ✓ stale 0", "✓ two primaries 0 s", "acknowledged writes   5"];
        assert_eq!(lines, wanted);
    }

    #[test]
    fn stale_reads_alarm_by_their_share() {
        let at = |stale_per_s| {
            lines(&Truth { stale: 4, stale_per_s, ..Truth::default() }, None)[0].clone()
        };
        assert!(at(1.0).contains("· stale 4"), "{}", at(1.0));
        assert!(at(20.0).starts_with("▲ stale 4"), "{}", at(20.0));
        // Where nothing is answered nothing is stale.
        let old = Truth { stale: 4, ..Truth::default() };
        assert!(!is_stale(&old, &Vitals::default()));
    }

    #[test]
    fn alarms_come_first_and_whole_and_push_out_what_is_fine() {
        let truth = Truth {
            lost: 3,
            at_risk: 2,
            split_brain: 6_400_000_000,
            conflicts: Some(16),
            doubled: Some(0),
            logs: vec![9, 8],
            ..Truth::default()
        };
        let wanted = [
            "▲ lost 3    ▲ 2 writes at risk",
            "▲ conflicts 16    ▲ two primaries 6.4 s",
            "acknowledged 0       ▲ budget 5.3x spent",
            "log  -1 9  -2 8",
        ];
        assert_eq!(lines(&truth, Some(5.3)), wanted);
    }

    #[test]
    fn each_thing_keeps_its_place_when_alarms_come() {
        let fine = Truth { logs: vec![9, 8], acknowledged: 2_345_678, ..Truth::default() };
        let alarmed = Truth { lost: 3, at_risk: 2, conflicts: Some(1), ..fine.clone() };
        for rows in [4, 10] {
            let words = |truth: &Truth| {
                let vitals = Vitals { budget_spent: Some(38.3), ..Vitals::default() };
                let lines = super::lines(truth, false, &vitals, 41, rows);
                assert!(lines.len() <= rows.into() && lines.iter().all(|l| l.width() <= 41));
                let from_end = lines.iter().rev().map(Line::plain);
                from_end.take(2).collect::<Vec<_>>()
            };
            assert_eq!(words(&fine), words(&alarmed));
        }
    }
}
