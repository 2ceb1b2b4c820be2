//! What all benches share: options, timing in interleaved rounds, verdicts, an aligned table.
//!
//! Plain timing code. A figure is judged by the fastest of its rounds (what the code costs when
//! nothing disturbs it), with the median beside it (what it usually costs here).

#![expect(dead_code, reason = "each bench uses its part of it")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

/// What the caller of a bench asked for.
pub struct Options {
    /// Fewer rounds, for a first look. Its figures are not worth quoting.
    pub quick: bool,
    /// Leave with 1 if a target is missed.
    pub check: bool,
    /// Only the part of this name.
    pub only: Option<String>,
}

impl Options {
    /// From the command line. `cargo bench` itself passes `--bench`.
    fn from_args() -> Result<Options, String> {
        let mut options = Options { quick: false, check: false, only: None };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--quick" => options.quick = true,
                "--check" => options.check = true,
                "--only" => {
                    options.only = Some(arguments.next().ok_or("--only takes the name of a part")?);
                }
                "--bench" => {}
                other => {
                    return Err(format!("unknown option {other}: --quick, --check, --only PART"));
                }
            }
        }
        Ok(options)
    }

    /// Whether a part is to be measured.
    pub fn wants(&self, part: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == part)
    }

    /// `full` rounds, or a fifth of them.
    pub fn rounds(&self, full: usize) -> usize {
        if self.quick { (full / 5).max(3) } else { full }
    }
}

/// A bench: measures what it is asked to, prints the table, and tells how it ended.
pub fn bench(measure: impl FnOnce(&Options, &mut Report)) -> ExitCode {
    let options = match Options::from_args() {
        Ok(options) => options,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::from(2);
        }
    };
    let mut report = Report::default();
    measure(&options, &mut report);
    report.finish(&options)
}

/// How long the same thing took, round after round.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    /// Runs it once more and notes how long it took; what it makes is handed back.
    pub fn time<T>(&mut self, what: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let made = std::hint::black_box(what());
        self.0.push(start.elapsed());
        made
    }

    /// Notes a time measured elsewhere.
    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The fastest round, in seconds; infinite without rounds.
    pub fn min(&self) -> f64 {
        self.seconds().fold(f64::INFINITY, f64::min)
    }

    /// The middle round, in seconds.
    pub fn median(&self) -> f64 {
        median(self.seconds().collect())
    }

    fn seconds(&self) -> impl Iterator<Item = f64> + '_ {
        self.0.iter().map(Duration::as_secs_f64)
    }
}

/// How many times as long `a` takes as `b`: fastest by fastest, and the median over the rounds, in
/// each of which both ran one after the other.
pub fn ratio(a: &Samples, b: &Samples) -> (f64, f64) {
    let pairs = a.seconds().zip(b.seconds()).map(|(a, b)| a / b).collect();
    (a.min() / b.min(), median(pairs))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Rows of figures, and whether a target was missed.
#[derive(Default)]
pub struct Report {
    rows: Vec<[String; 4]>,
    missed: usize,
}

impl Report {
    /// A figure that is told and not judged.
    pub fn tell(&mut self, name: &str, figure: impl Into<String>, beside: impl Into<String>) {
        self.rows.push([name.to_string(), figure.into(), beside.into(), String::new()]);
    }

    /// A figure that must not be above its target.
    pub fn judge(&mut self, name: &str, unit: &str, figure: f64, at_most: f64, beside: &str) {
        // A figure that is no number has not met its target.
        let met = figure <= at_most;
        self.missed += usize::from(!met);
        let verdict = if met { "met" } else { "MISSED" };
        self.rows.push([
            name.to_string(),
            format!("{figure:.2} {unit}"),
            beside.to_string(),
            format!("{verdict}, at most {at_most} {unit}"),
        ]);
    }

    /// A figure that must not be below its target.
    pub fn judge_least(
        &mut self,
        name: &str,
        unit: &str,
        figure: f64,
        at_least: f64,
        beside: &str,
    ) {
        let met = figure >= at_least;
        self.missed += usize::from(!met);
        let verdict = if met { "met" } else { "MISSED" };
        self.rows.push([
            name.to_string(),
            format!("{figure:.1} {unit}"),
            beside.to_string(),
            format!("{verdict}, at least {at_least} {unit}"),
        ]);
    }

    /// An answer that must be within a share of what is expected: fast and wrong is no figure.
    pub fn expect(&mut self, name: &str, unit: &str, figure: f64, expected: f64, within: f64) {
        let met = (figure - expected).abs() <= expected * within;
        self.missed += usize::from(!met);
        let verdict = if met { "right" } else { "WRONG" };
        self.rows.push([
            name.to_string(),
            format!("{figure:.2} {unit}"),
            String::new(),
            format!("{verdict}, {expected} {unit} within {:.1} %", within * 100.0),
        ]);
    }

    /// Something that could not be measured, which counts as a miss.
    pub fn missing(&mut self, name: &str, why: &str) {
        self.missed += 1;
        self.rows.push([
            name.to_string(),
            "-".into(),
            String::new(),
            format!("NOT MEASURED: {why}"),
        ]);
    }

    /// Prints the rows and tells how the bench ends.
    fn finish(&self, options: &Options) -> ExitCode {
        let heads = ["figure", "fastest", "median or beside", "target"].map(str::to_string);
        let width = |column: usize| {
            let cells = std::iter::once(&heads).chain(&self.rows);
            cells.map(|row| row[column].chars().count()).max().unwrap_or(0)
        };
        let widths = [0, 1, 2].map(width);
        for row in std::iter::once(&heads).chain(&self.rows) {
            let [a, b, c] = widths;
            let line = format!("{:<a$}  {:>b$}  {:<c$}  {}", row[0], row[1], row[2], row[3]);
            println!("{}", line.trim_end());
        }
        if options.quick {
            println!("\n--quick: few rounds, not worth quoting");
        }
        if options.check && self.missed > 0 {
            eprintln!("{} missed", self.missed);
            return ExitCode::FAILURE;
        }
        ExitCode::SUCCESS
    }
}

/// A whole number with a space between thousands.
pub fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}
