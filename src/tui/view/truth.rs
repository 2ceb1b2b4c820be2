//! What became of data, as lines. Nothing of it is smoothed.

use super::text::Line;
use crate::observe::reliability::objective;
use crate::observe::why::STALE_WORTH;
use crate::session::picture::{Component, Face, Picture, Role as DbRole, Truth, Vitals};
use crate::sim::observation::NodeState;
use crate::sim::time::Ns;
use crate::tui::format::{age, count, counted, figure, percent};
use crate::tui::theme::Role;

/// Cells between two tallies on a row of their own.
const GAP: usize = 4;
/// Cells between two that are too long for their places.
const NEAR: usize = 2;

/// From so many rows on each thing under the tallies has one of its own.
const ENOUGH: u16 = 5;

/// Cells of the writes, where the error budget stands beside them.
const WRITES: usize = 21;

/// What became of data, in `rows` of so many cells. Each thing has its place, and keeps it; alarms that
/// have none take the rows of small print. Where these are too few the last of them are counted. Writes are lost once nothing can
/// bring them back, and until then missing.
#[must_use]
pub fn truth(picture: &Picture, vitals: &Vitals, cells: u16, rows: u16) -> Vec<Line> {
    lines(&picture.truth, Split::of(picture), vitals, cells, rows)
}

/// What is not decided yet.
#[derive(Clone, Copy, Debug, Default)]
struct Split {
    /// What one side of a database lacks may come back.
    merges: bool,
    /// Two primaries take writes: conflicts are counted when one of them is heard again.
    goes_on: bool,
}

impl Split {
    fn of(picture: &Picture) -> Split {
        let two =
            |c: &Component| matches!(c.face, Face::Database { primaries, .. } if primaries > 1);
        Split { merges: may_come_back(picture), goes_on: picture.components.iter().any(two) }
    }
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

fn lines(truth: &Truth, split: Split, vitals: &Vitals, cells: u16, rows: u16) -> Vec<Line> {
    let cells = usize::from(cells);
    let (mut lines, left) = placed(slots(truth, split, vitals), cells);
    let spare = usize::from(rows).saturating_sub(lines.len());
    let more = packed(left.into_iter().chain(others(truth)).collect(), cells, spare);
    lines.extend(under(truth, vitals, rows));
    // What is wrong takes the rows of small print, from the last, and leaves the logs what it does not need.
    let kept = usize::from(rows).saturating_sub(more.len());
    let is_cut = lines.len() > kept;
    lines.truncate(kept);
    lines.extend(more);
    if let Some(last) = lines.last_mut().filter(|_| is_cut) {
        let room = cells.saturating_sub(last.width() + NEAR);
        // Of two histories there is no difference to tell.
        let logs = if split.goes_on { &[][..] } else { &truth.logs[..] };
        if let Some(log) = shipped(logs).into_iter().find(|log| log.width() <= room) {
            *last = std::mem::take(last).with(Role::Text, " ".repeat(NEAR)).then(log);
        }
    }
    lines
}

/// A thing that is told.
struct Tally {
    line: Line,
    /// Whether it is told whatever else is: it is wrong, or what people look for first.
    stays: bool,
}

/// Where tallies begin in their rows: nothing of them moves when another becomes an alarm.
const SLOTS: [&[usize]; 2] = [&[0, 14, 27], &[0, 20]];

/// Puts tallies in their places, and gives back those that must be told and find no room there, those
/// of the second row first.
fn placed(rows: [Vec<Tally>; 2], cells: usize) -> (Vec<Line>, Vec<Line>) {
    let (mut lines, mut left) = (Vec::new(), Vec::new());
    for (row, slots) in rows.into_iter().zip(SLOTS).rev() {
        let mut line = Line::empty();
        for (tally, slot) in row.into_iter().zip(slots) {
            let at = if line.bits.is_empty() { 0 } else { line.width() + NEAR }.max(*slot);
            if at + tally.line.width() <= cells || at == 0 {
                line = line.padded(at).then(tally.line);
            } else if tally.stays {
                left.push(tally.line);
            }
        }
        lines.push(line);
    }
    lines.reverse();
    (lines, left)
}

/// What has a place of its own, by rows: losses, conflicts and two primaries stand first.
fn slots(truth: &Truth, split: Split, vitals: &Vitals) -> [Vec<Tally>; 2] {
    // Where nobody merges there are no conflicts to count.
    let conflicts = truth.conflicts.or((truth.logs.len() > 1).then_some(0));
    let overwritten = conflicts.is_some_and(|n| n > 0);
    let doubled = truth.doubled.map(|n| Tally { line: tally("doubled", n), stays: n > 0 });
    let first = [
        Tally { line: lost(truth, split.merges, overwritten), stays: true },
        Tally { line: stale(truth, vitals), stays: is_stale(truth, vitals) },
    ];
    let conflicts = conflicts.map(|n| match n {
        0 if split.goes_on => Line::dim("· ").with(Role::Text, "conflicts 0"),
        n => tally("conflicts", n),
    });
    let conflicts = conflicts.map(|line| Tally { line, stays: true });
    let both = Tally { line: both_primaries(truth.split_brain), stays: true };
    [first.into_iter().chain(doubled).collect(), conflicts.into_iter().chain([both]).collect()]
}

/// What is told only while it is so.
fn others(truth: &Truth) -> impl Iterator<Item = Line> {
    // Before any are lost it stands in the place of these.
    let risk = (truth.at_risk > 0 && truth.lost > 0).then(|| {
        let writes = counted(truth.at_risk, "write");
        Line::empty().bold(Role::DataBad, format!("▲ {writes} at risk"))
    });
    let unpublished = (truth.unpublished > 0).then(|| tally("unpublished", truth.unpublished));
    risk.into_iter().chain(unpublished)
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

/// Puts alarms on so many rows: closer together where they need it, and counted from the last where even
/// that has no room.
fn packed(mut alarms: Vec<Line>, cells: usize, rows: usize) -> Vec<Line> {
    let mut hidden = 0;
    loop {
        let count =
            (hidden > 0).then(|| Line::empty().bold(Role::DataBad, format!("▲ {hidden} more")));
        let all: Vec<&Line> = alarms.iter().chain(&count).collect();
        let forms = [GAP, NEAR].map(|gap| in_rows(&all, cells, gap));
        if let Some(lines) = forms.into_iter().find(|lines| lines.len() <= rows) {
            return lines;
        }
        if alarms.pop().is_none() {
            return Vec::new();
        }
        hidden += 1;
    }
}

/// Each on the first row that has room for it and a gap before it.
fn in_rows(alarms: &[&Line], cells: usize, gap: usize) -> Vec<Line> {
    let mut rows: Vec<Line> = Vec::new();
    for &alarm in alarms {
        let fits = |row: &&mut Line| row.width() + gap + alarm.width() <= cells;
        match rows.iter_mut().find(fits) {
            Some(row) => {
                *row = std::mem::take(row).with(Role::Text, " ".repeat(gap)).then(alarm.clone());
            }
            None => rows.push(alarm.clone()),
        }
    }
    rows
}

/// `✓ lost 0`, `▲ lost 12`, `▲ at risk 12` before any are lost, and `◐ missing 12` while they may be found
/// again. Beside writes that were overwritten none lost is no good news: `· lost 0`.
fn lost(truth: &Truth, apart: bool, overwritten: bool) -> Line {
    match truth.lost {
        0 if truth.at_risk > 0 => tally("at risk", truth.at_risk),
        0 if overwritten => Line::dim("· ").with(Role::Text, "lost 0"),
        n if apart && n > 0 => {
            Line::empty().bold(Role::NodeWarn, format!("◐ missing {}", count(n)))
        }
        n => tally("lost", n),
    }
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

/// The same in short: `log 58 500, 157 unshipped`, `157 unshipped`.
fn shipped(positions: &[u64]) -> Vec<Line> {
    let (Some(most), Some(least), 2..) =
        (positions.iter().max(), positions.iter().min(), positions.len())
    else {
        return Vec::new();
    };
    let text = match most - least {
        0 => "all shipped".to_string(),
        n => format!("{} unshipped", count(n)),
    };
    let long =
        Line::dim("log ").with(Role::Text, count(*most)).with(Role::Dim, format!(", {text}"));
    vec![long, Line::dim(text)]
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
        super::lines(truth, Split::default(), &vitals, 42, 4).iter().map(Line::plain).collect()
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
            "✓ lost 0      ✓ stale 0    ✓ doubled 0",
            "✓ conflicts 0       ✓ two primaries 0 s",
            "acknowledged 5       budget 100 % left",
            "log  -1 5  -2 5  -3 4",
        ];
        assert_eq!(lines(&truth, Some(0.0)), wanted);
    }

    #[test]
    fn what_nobody_counts_is_left_out() {
        let lines = lines(&Truth { acknowledged: 5, ..Truth::default() }, None);
        let wanted = ["✓ lost 0      ✓ stale 0", "✓ two primaries 0 s", "acknowledged writes   5"];
        assert_eq!(lines, wanted);
    }

    #[test]
    fn stale_reads_alarm_by_their_share() {
        let at = |stale_per_s| {
            lines(&Truth { stale: 4, stale_per_s, ..Truth::default() }, None)[0].clone()
        };
        assert!(at(1.0).contains("· stale 4"), "{}", at(1.0));
        assert!(at(20.0).contains("▲ stale 4"), "{}", at(20.0));
        // Where nothing is answered nothing is stale.
        let old = Truth { stale: 4, ..Truth::default() };
        assert!(!is_stale(&old, &Vitals::default()));
    }

    #[test]
    fn alarms_stand_in_their_places_and_take_those_of_small_print() {
        let truth = Truth {
            lost: 3,
            at_risk: 2,
            unpublished: 4,
            split_brain: 6_400_000_000,
            conflicts: Some(3_385),
            doubled: Some(0),
            logs: vec![9, 8],
            ..Truth::default()
        };
        let wanted = [
            "▲ lost 3      ✓ stale 0    ✓ doubled 0",
            "▲ conflicts 3 385   ▲ two primaries 6.4 s",
            "acknowledged 0       ▲ budget 5.3x spent",
            "▲ 2 writes at risk    ▲ unpublished 4",
        ];
        let wanted: Vec<String> =
            wanted.iter().map(|l| l.replace("3 385", "3\u{202f}385")).collect();
        assert_eq!(lines(&truth, Some(5.3)), wanted);
    }

    #[test]
    fn no_alarm_takes_the_place_of_the_logs() {
        let fine = Truth { logs: vec![900, 850, 899], doubled: Some(0), ..Truth::default() };
        let last = |truth: &Truth| lines(truth, Some(0.0))[3].clone();
        assert_eq!(last(&fine), "log  -1 900  -2 850  -3 899");
        let of = |unpublished| last(&Truth { unpublished, ..fine.clone() });
        assert_eq!(of(4), "▲ unpublished 4  log 900, 50 unshipped");
        assert_eq!(of(41_234).replace('\u{202f}', " "), "▲ unpublished 41 234  50 unshipped");
        let texts = |logs: &[u64]| shipped(logs).iter().map(Line::plain).collect::<Vec<_>>();
        assert!(texts(&[900]).is_empty() && texts(&[]).is_empty(), "nobody is behind it");
        assert_eq!(texts(&[900, 900]), ["log 900, all shipped", "all shipped"]);
        let risk = lines(&Truth { at_risk: 156, ..fine.clone() }, Some(0.0));
        assert_eq!(risk[0], "▲ at risk 156  ✓ stale 0   ✓ doubled 0");
        assert_eq!(risk[3], last(&fine));
    }

    /// Each alarm is there whatever else is told, or is counted, and no row is longer than the panel.
    #[test]
    fn no_alarm_is_pushed_out_by_another() {
        let truth = Truth {
            lost: 1_234_567,
            at_risk: 723,
            stale: 123_456,
            stale_per_s: 900.0,
            unpublished: 41_234,
            split_brain: 66_400_000_000,
            conflicts: Some(123_385),
            doubled: Some(12_345),
            logs: vec![9, 8],
            ..Truth::default()
        };
        let of = |cells, rows| {
            let vitals = Vitals { goodput: 1_000.0, budget_spent: Some(9.0), ..Vitals::default() };
            let lines = super::lines(&truth, Split::default(), &vitals, cells, rows);
            let text = lines.iter().map(Line::plain).collect::<Vec<_>>().join("\n");
            assert!(lines.len() <= rows.into(), "{cells}x{rows}:\n{text}");
            assert!(lines.iter().all(|l| l.width() <= cells.into()), "{cells}x{rows}:\n{text}");
            text
        };
        let alarms = [
            "▲ lost",
            "▲ stale",
            "▲ doubled",
            "▲ conflicts",
            "▲ two primaries",
            "at risk",
            "▲ unpublished",
        ];
        for (cells, rows, hidden) in
            [(42, 4, 0), (42, 5, 0), (36, 5, 1), (36, 3, 3), (58, 12, 0), (100, 4, 0)]
        {
            let text = of(cells, rows);
            let told = alarms.iter().filter(|alarm| text.contains(**alarm)).count();
            assert_eq!(told + hidden, alarms.len(), "{cells}x{rows}:\n{text}");
            let counted = text.contains(&format!("▲ {hidden} more"));
            assert_eq!(counted, hidden > 0, "{cells}x{rows}:\n{text}");
        }
    }

    /// They are counted at the end of it, so that none yet is nothing to be glad of.
    #[test]
    fn no_conflicts_are_no_good_news_while_two_primaries_take_writes() {
        let truth = Truth { conflicts: Some(0), ..Truth::default() };
        let of = |goes_on| {
            let split = Split { goes_on, ..Split::default() };
            super::lines(&truth, split, &Vitals::default(), 42, 4)[1].plain()
        };
        assert!(of(false).starts_with("✓ conflicts 0"));
        assert!(of(true).starts_with("· conflicts 0"));
    }

    #[test]
    fn none_lost_is_no_good_news_beside_conflicts() {
        let of = |conflicts| Truth { conflicts: Some(conflicts), ..Truth::default() };
        assert!(lines(&of(0), None)[0].starts_with("✓ lost 0"));
        assert!(lines(&of(3), None)[0].starts_with("· lost 0"));
        assert!(lines(&of(3), None)[1].starts_with("▲ conflicts 3"));
    }

    #[test]
    fn each_thing_keeps_its_place_when_alarms_come() {
        let fine = Truth {
            logs: vec![9, 8],
            acknowledged: 2_345_678,
            conflicts: Some(0),
            doubled: Some(0),
            ..Truth::default()
        };
        let alarmed = [
            Truth { unpublished: 4, ..fine.clone() },
            Truth { lost: 3, at_risk: 2, ..fine.clone() },
            Truth { conflicts: Some(1), split_brain: 9, stale: 7, ..fine.clone() },
        ];
        let starts = |truth: &Truth, rows| {
            let vitals = Vitals { budget_spent: Some(38.3), ..Vitals::default() };
            let lines = super::lines(truth, Split::default(), &vitals, 42, rows);
            assert!(lines.len() <= usize::from(rows) && lines.iter().all(|l| l.width() <= 42));
            let text = lines.iter().map(Line::plain).collect::<Vec<_>>().join("\n");
            let at = |word: &str| {
                let place = text.find(word)?;
                let row = text[..place].matches('\n').count();
                let line = text[..place].rsplit('\n').next().unwrap_or_default();
                Some((row, line.chars().count()))
            };
            ["lost", "stale", "doubled", "conflicts", "two primaries", "acknowledged"].map(at)
        };
        for truth in &alarmed {
            for rows in [4, 10] {
                assert_eq!(starts(&fine, rows), starts(truth, rows), "{truth:?}");
            }
        }
    }
}
