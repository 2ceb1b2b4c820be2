//! Where the time of an answer goes: one bar for each thing that it waits for or that is done.

use super::text::Line;
use crate::session::picture::{Spent, WhereTime};
use crate::sim::time::{Ns, SECOND};
use crate::tui::format::{NO_SAMPLES, busy, latency};
use crate::tui::theme::Role;
use crate::tui::widgets::fit;
use ratatui::layout::Rect;

/// Cells of a name.
const NAME: usize = 16;
/// Cells of the longest bar.
const BAR: f64 = 16.0;
/// Parts under this share of the mean are left out.
const LEAST: f64 = 0.002;

/// What is shown is the mean of the last 10 s, as far as there are any.
const OVER: Ns = 10 * SECOND;

/// A part of the mean.
struct Part {
    name: String,
    /// `is work at web`.
    sentence: String,
    ns: f64,
    word: &'static str,
    role: Role,
}

/// The panel: its note, and its lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeView {
    /// `mean of 10 s: 8.8 ms`.
    pub note: String,
    /// Bars, the longest first, and a sentence.
    pub lines: Vec<Line>,
}

/// Makes it for a panel of which that is the inside.
#[must_use]
pub fn time(spent: Option<&WhereTime>, now: Ns, inside: Rect) -> TimeView {
    // Text keeps a cell from either edge.
    let (rows, cells) = (usize::from(inside.height), usize::from(inside.width.saturating_sub(2)));
    let Some(spent) = spent.filter(|s| s.mean > 0.0) else {
        return TimeView { note: String::new(), lines: vec![Line::dim(NO_SAMPLES)] };
    };
    let parts = parts(spent);
    let most = parts.first().map_or(1.0, |p| p.ns).max(1.0);
    let said = parts.first().filter(|_| rows >= 4).map_or(Vec::new(), |first| {
        let share = busy(first.ns / spent.mean);
        let line = Line::text(format!("{share} of an answer {}.", first.sentence));
        let looked = format!("1 in {} looked at", spent.one_in);
        match spent.one_in {
            1 => vec![line],
            // Two spaces between them.
            _ if rows < 6 || line.width() + 2 + looked.len() <= cells => {
                vec![line.with(Role::Dim, format!("  {looked}"))]
            }
            _ => vec![line, Line::dim(looked)],
        }
    });
    let bars = rows.saturating_sub(1 + said.len().max(1));
    let mut lines: Vec<Line> = parts.iter().take(bars).map(|p| line(p, most)).collect();
    if !said.is_empty() {
        lines.push(Line::empty());
        lines.extend(said);
    }
    let over = match now.min(OVER) {
        early if early < SECOND => latency(early),
        over => format!("{} s", over / SECOND),
    };
    TimeView { note: format!("mean of {over}: {}", latency(spent.mean as Ns)), lines }
}

fn parts(spent: &WhereTime) -> Vec<Part> {
    let network: f64 = spent.components.iter().map(|c| c.network).sum();
    let mut all = vec![
        Part {
            name: "network".into(),
            sentence: "is the way there and back".into(),
            ns: network,
            word: "moving",
            role: Role::Dim,
        },
        Part {
            name: "between tries".into(),
            sentence: "is the wait between two tries".into(),
            ns: spent.between,
            word: "waiting",
            role: Role::NodeWarn,
        },
    ];
    all.extend(spent.components.iter().flat_map(of));
    all.retain(|p| p.ns >= LEAST * spent.mean && p.ns > 0.0);
    // Equal ones stay in file order.
    all.sort_by(|a, b| b.ns.total_cmp(&a.ns));
    all
}

fn of(c: &Spent) -> Vec<Part> {
    let work = |what: &str, ns| Part {
        name: format!("{} {what}", c.name),
        sentence: format!("is work at {}", c.name),
        ns,
        word: "working",
        role: Role::FlowOk,
    };
    let wait = |what: &str, ns| Part {
        name: format!("{} {what}", c.name),
        sentence: match what {
            "wait" => format!("is waiting at {}", c.name),
            "in vain" => format!("is waiting for {} in vain", c.name),
            what => format!("is waiting for a {what} of {}", c.name),
        },
        ns,
        word: "waiting",
        role: Role::NodeWarn,
    };
    vec![
        work("work", c.working),
        wait("thread", c.thread),
        wait("core", c.core),
        wait("connection", c.connection),
        wait("pool", c.pool),
        wait("wait", c.other),
        Part { word: "no answer", role: Role::FlowFail, ..wait("in vain", c.in_vain) },
    ]
}

fn line(part: &Part, most: f64) -> Line {
    let cells = ((part.ns / most * BAR + 0.5) as usize).max(1);
    let time = latency(part.ns as Ns);
    Line::text(fit(&part.name, NAME))
        .padded(NAME + 1)
        .with(Role::Text, format!("{time:>7} "))
        .with(part.role, "█".repeat(cells))
        .padded(NAME + 9 + BAR as usize + 1)
        .with(Role::Dim, part.word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Rect = Rect::new(0, 0, 62, 9);

    fn spent() -> WhereTime {
        let web =
            Spent { name: "web".into(), network: 1e6, working: 5e6, core: 1e6, ..Spent::default() };
        let db = Spent { name: "db".into(), network: 0.6e6, working: 0.4e6, ..Spent::default() };
        WhereTime { mean: 8e6, between: 0.0, components: vec![web, db], followed: 9, one_in: 16 }
    }

    #[test]
    fn parts_are_sorted_and_the_largest_is_named() {
        let view = time(Some(&spent()), 42 * SECOND, SMALL);
        let text: Vec<String> = view.lines.iter().map(Line::plain).collect();
        assert_eq!(view.note, "mean of 10 s: 8.0 ms");
        let early = time(Some(&spent()), 4_400 * crate::sim::time::MILLISECOND, SMALL);
        assert_eq!(early.note, "mean of 4 s: 8.0 ms");
        let first = time(Some(&spent()), SECOND / 2, SMALL);
        assert_eq!(first.note, "mean of 500 ms: 8.0 ms");
        let each = WhereTime { one_in: 1, ..spent() };
        assert_eq!(time(Some(&each), 42 * SECOND, SMALL).note, "mean of 10 s: 8.0 ms");
        assert!(
            text[0].starts_with("web work          5.0 ms ████████████████ working"),
            "{text:#?}"
        );
        assert!(
            text[1].starts_with("network           1.6 ms █████            moving"),
            "{text:#?}"
        );
        assert_eq!(text.last().unwrap(), "62 % of an answer is work at web.  1 in 16 looked at");
    }

    #[test]
    fn what_does_not_fit_beside_the_sentence_stands_below_it() {
        let told = |rows: u16, cells: u16| {
            let inside = Rect::new(0, 0, cells + 2, rows);
            let lines = time(Some(&spent()), 42 * SECOND, inside).lines;
            lines.iter().rev().take(2).map(Line::plain).collect::<Vec<_>>()
        };
        assert_eq!(told(9, 50), ["1 in 16 looked at", "62 % of an answer is work at web."]);
        assert_eq!(told(9, 52)[1], "");
        assert_eq!(told(5, 50)[1], "", "bars go first");
    }

    #[test]
    fn nothing_answered_is_no_zero() {
        assert_eq!(time(None, 0, SMALL).lines[0].plain(), NO_SAMPLES);
        assert_eq!(time(Some(&WhereTime::default()), 0, SMALL).lines.len(), 1);
    }
}
