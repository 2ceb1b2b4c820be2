//! One file over several seeds: how many held, and how far apart the figures are.

use super::Report;
use super::text::table;
use crate::chaos::condition::print_amount;
use crate::observe::figures::{NARROW_SPACE, count};
use crate::observe::metric::Unit;
use crate::playbook::Verdict;
use crate::sim::time::{Ns, seconds};
use std::fmt::Write as _;
use std::io;

/// Where values of several runs lie. Each figure is one of the values (nearest rank).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// In what they are measured.
    pub unit: Unit,
    /// The least.
    pub min: f64,
    /// A tenth of the runs are not above it.
    pub p10: f64,
    /// Half of the runs are not above it.
    pub median: f64,
    /// A tenth of the runs are above it.
    pub p90: f64,
    /// The most.
    pub max: f64,
}

impl Spread {
    /// Of values in the measure of their unit; `None` of none.
    #[must_use]
    pub fn of(unit: Unit, mut values: Vec<f64>) -> Option<Spread> {
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        // The least value that a share of the runs does not exceed: rank ceil(n × share), from 1.
        let rank = |tenths: usize| values[(values.len() * tenths).div_ceil(10).max(1) - 1];
        Some(Spread {
            unit,
            min: values[0],
            p10: rank(1),
            median: rank(5),
            p90: rank(9),
            max: values[last],
        })
    }

    /// Its figures as text, from the least to the most.
    #[must_use]
    pub fn cells(&self) -> [String; 5] {
        [self.min, self.p10, self.median, self.p90, self.max].map(|v| print_amount(self.unit, v))
    }
}

/// A check over several runs.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckSummary {
    /// Its name.
    pub name: String,
    /// Its condition.
    pub that: String,
    /// In how many runs it held.
    pub held: usize,
    /// In how many runs it was inconclusive.
    pub inconclusive: usize,
}

/// One file over several seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// What it was about.
    pub title: String,
    /// The cluster's name.
    pub cluster: String,
    /// The first and the last seed.
    pub range: (u64, u64),
    /// How many runs there were.
    pub runs: usize,
    /// The longest simulated time of a run.
    pub simulated: Ns,
    /// How many runs had each verdict, and the seeds of those that did not hold.
    pub verdicts: Vec<(Verdict, Vec<u64>)>,
    /// The checks, in the order of the file.
    pub checks: Vec<CheckSummary>,
    /// Names of measured values and where they lie: those of checks, then those of every run.
    pub figures: Vec<(String, Spread)>,
    /// The command that does it again.
    pub again: String,
    /// Digests in the order of the seeds.
    pub digests: Vec<u64>,
    /// Events of all runs, and the wall time that they took together.
    pub took: (u64, f64),
}

impl Summary {
    /// Of the runs of one file, in the order of their seeds; `None` of none.
    #[must_use]
    pub fn new(reports: &[Report], again: String) -> Option<Summary> {
        let (first, last) = (reports.first()?, reports.last()?);
        let seeds = |verdict| {
            let those = reports.iter().filter(|r| r.verdict == verdict);
            (verdict, those.map(|r| r.seed).collect())
        };
        let verdicts = Verdict::ALL.iter().map(|(_, verdict)| seeds(*verdict));
        Some(Summary {
            title: first.title.clone(),
            cluster: first.cluster.clone(),
            range: (first.seed, last.seed),
            runs: reports.len(),
            simulated: reports.iter().map(|r| r.simulated).max().unwrap_or(0),
            verdicts: verdicts.filter(|(_, seeds): &(_, Vec<u64>)| !seeds.is_empty()).collect(),
            checks: (0..first.judgement.checks.len()).map(|i| check(reports, i)).collect(),
            figures: measured(reports).into_iter().chain(figures(reports)).collect(),
            again,
            digests: reports.iter().map(|r| r.digest).collect(),
            took: (
                reports.iter().map(|r| r.events).sum(),
                reports.iter().map(|r| r.origin.wall_s).sum(),
            ),
        })
    }

    /// `1..20`.
    #[must_use]
    pub fn seeds(&self) -> String {
        format!("{}..{}", self.range.0, self.range.1)
    }

    /// `18 of 20 seeds held; deviated: 3, 17`.
    #[must_use]
    pub fn verdict_sentence(&self) -> String {
        let held = self.verdicts.iter().find(|(v, _)| *v == Verdict::Held);
        let held = held.map_or(0, |(_, seeds)| seeds.len());
        let mut text = format!("{held} of {} seeds held", self.runs);
        for (verdict, seeds) in self.verdicts.iter().filter(|(v, _)| *v != Verdict::Held) {
            let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
            let _ = write!(text, "; {}: {}", verdict.word(), seeds.join(", "));
        }
        text
    }
}

fn check(reports: &[Report], index: usize) -> CheckSummary {
    let all = || reports.iter().filter_map(|r| r.judgement.checks.get(index));
    let of = |verdict| all().filter(|c| c.verdict == verdict).count();
    let first = all().next();
    CheckSummary {
        name: first.map_or(String::new(), |c| c.name.clone()),
        that: first.map_or(String::new(), |c| c.that.clone()),
        held: of(Verdict::Held),
        inconclusive: of(Verdict::Inconclusive),
    }
}

/// The measured values of the checks, one row for each comparison.
fn measured(reports: &[Report]) -> Vec<(String, Spread)> {
    let mut rows = Vec::new();
    let Some(first) = reports.first() else { return rows };
    for (i, check) in first.judgement.checks.iter().enumerate() {
        for (j, of) in check.measured.iter().enumerate() {
            let value = |r: &Report| r.judgement.checks.get(i)?.measured.get(j)?.value;
            let values = reports.iter().filter_map(value).collect();
            let name = format!("{}: {}", check.name, of.quantity);
            rows.extend(Spread::of(of.unit, values).map(|spread| (name, spread)));
        }
    }
    rows
}

/// A figure that every run has.
type Figure = (&'static str, Unit, fn(&Report) -> Option<f64>);

const FIGURES: &[Figure] = &[
    ("goodput", Unit::Rate, |r| {
        let judged = r.simulated.saturating_sub(r.warmup);
        (judged > 0).then(|| r.judged.total.tally.ok() as f64 / seconds(judged))
    }),
    ("availability", Unit::Share, |r| r.judged.total.availability()),
    ("failed", Unit::Count, |r| Some(r.judged.total.tally.failed() as f64)),
    ("p50", Unit::Time, |r| r.judged.total.latency.p50.map(|ns| ns as f64)),
    ("p99", Unit::Time, |r| r.judged.total.latency.p99.map(|ns| ns as f64)),
    ("lost writes", Unit::Count, |r| Some(r.truth.lost as f64)),
    ("stale reads", Unit::Count, |r| Some(r.truth.stale as f64)),
    ("two primaries", Unit::Time, |r| Some(r.truth.split_brain as f64)),
];

fn figures(reports: &[Report]) -> Vec<(String, Spread)> {
    let row = |(name, unit, value): &Figure| {
        let spread = Spread::of(*unit, reports.iter().filter_map(value).collect())?;
        Some(((*name).to_string(), spread))
    };
    FIGURES.iter().filter_map(row).collect()
}

/// Writes the summary as aligned text.
///
/// # Errors
/// When it cannot be written there.
pub fn write(summary: &Summary, out: &mut impl io::Write) -> io::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let mut text = format!("brownout {version}  {}\n", summary.title);
    let (cluster, seeds, simulated) = (&summary.cluster, summary.seeds(), summary.simulated);
    let simulated = seconds(simulated);
    let _ = writeln!(text, "cluster {cluster}, seeds {seeds}, {simulated} s simulated each");
    let _ = writeln!(text, "again: {}", summary.again);
    if !summary.checks.is_empty() {
        let row = |c: &CheckSummary| {
            let mut held = format!("{} of {} held", c.held, summary.runs);
            if c.inconclusive > 0 {
                let _ = write!(held, ", {} inconclusive", c.inconclusive);
            }
            vec![c.name.clone(), held, c.that.clone()]
        };
        let rows: Vec<Vec<String>> = summary.checks.iter().map(row).collect();
        let _ = write!(text, "\nchecks\n{}", table(&rows, 3));
    }
    let head = ["", "min", "p10", "median", "p90", "max"].map(str::to_string).to_vec();
    let row = |(name, spread): &(String, Spread)| {
        std::iter::once(name.clone()).chain(spread.cells()).collect()
    };
    let rows: Vec<Vec<String>> =
        std::iter::once(head).chain(summary.figures.iter().map(row)).collect();
    let _ = write!(text, "\nfigures over the seeds\n{}", table(&rows, 1));
    let _ = writeln!(text, "\nverdict {}", summary.verdict_sentence());
    let (events, wall) = (count(summary.took.0), summary.took.1);
    let _ = writeln!(text, "{events} events in {wall:.2} s of computing");
    out.write_all(text.replace(NARROW_SPACE, " ").as_bytes())
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "each figure is one of the values")]
mod tests {
    use super::*;

    #[test]
    fn each_figure_is_the_value_of_a_run() {
        let spread = Spread::of(Unit::Count, (1..=20).rev().map(f64::from).collect()).unwrap();
        let all = [spread.min, spread.p10, spread.median, spread.p90, spread.max];
        assert_eq!(all, [1.0, 2.0, 10.0, 18.0, 20.0]);
        let one = Spread::of(Unit::Count, vec![3.0]).unwrap();
        assert_eq!([one.min, one.p10, one.median, one.p90, one.max], [3.0; 5]);
        assert_eq!(Spread::of(Unit::Count, Vec::new()), None);
    }
}
