//! A figure measured in several runs, and how sure of it one can be.
//!
//! Runs of different seeds are independent, and each figure is a mean over many requests, so that it
//! is nearly normal. The interval is that of Student, "The probable error of a mean", Biometrika,
//! 1908: mean ± t · s / √n, with n = 20 runs and t = 3.883, the 99.95 % quantile for 19 degrees of
//! freedom: an honest world leaves the interval once in a thousand figures. Since an interval that
//! is wide holds anything, each test also says how narrow it must be.

/// The seeds of the runs.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=20;

/// The 99.95 % quantile of Student's t with 19 degrees of freedom.
const T_QUANTILE: f64 = 3.883;

/// A mean over runs, and half the width of its interval.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    pub mean: f64,
    pub half: f64,
}

/// Measures several figures in one run for each seed.
pub fn over_seeds<const N: usize>(run: impl Fn(u64) -> [f64; N]) -> [Estimate; N] {
    let runs: Vec<[f64; N]> = SEEDS.map(run).collect();
    let n = runs.len() as f64;
    std::array::from_fn(|i| {
        let mean = runs.iter().map(|r| r[i]).sum::<f64>() / n;
        let squares = runs.iter().map(|r| (r[i] - mean) * (r[i] - mean)).sum::<f64>();
        let deviation = libm::sqrt(squares / (n - 1.0));
        Estimate { mean, half: T_QUANTILE * deviation / libm::sqrt(n) }
    })
}

impl Estimate {
    /// Requires that the interval holds the theory's value, and is no wider than `within` of it each
    /// way.
    pub fn agrees(&self, what: &str, theory: f64, within: f64) {
        self.agrees_nearly(what, theory, within, 0.0);
    }

    /// The same for a theory that is itself only good to within `slack`.
    pub fn agrees_nearly(&self, what: &str, theory: f64, within: f64, slack: f64) {
        let Estimate { mean, half } = *self;
        println!("{what}: simulated {mean:.6} ± {half:.6}, theory {theory:.6}");
        assert!(half <= within * theory, "{what}: {mean} ± {half} says too little ({theory})");
        assert!(
            (mean - theory).abs() <= half + slack,
            "{what}: simulated {mean} ± {half}, theory says {theory}"
        );
    }
}

#[test]
fn an_estimate_can_fail() {
    let [figure] = over_seeds(|seed| [100.0 + seed as f64 / 10.0]);
    figure.agrees("the mean of 1 to 20, in tenths", 101.05, 0.01);
    let fails = |theory: f64, within: f64| {
        std::panic::catch_unwind(|| figure.agrees("wrong", theory, within)).is_err()
    };
    assert!(fails(101.7, 0.01), "5 deviations of the mean away");
    assert!(fails(101.05, 0.001), "too wide");
}
