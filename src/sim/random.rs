//! Random draws that are the same on every machine, and on every run of a seed.
//!
//! There are two kinds. What happens to one thing in order of time (gaps between arrivals, phases of
//! health checks) is drawn from a [`Stream`] of its own, named after it. What belongs to a request
//! (its class, its key, the work of its steps) is drawn by a counter-based generator, a [`Lot`], from
//! (seed, purpose, traffic and its count of requests, step, attempt): it stays the same whatever happens to other requests, so that a
//! fault moves no arrival and no demand.
//!
//! Transcendental functions come from `libm`, pinned exactly: the platform's own round differently.

use super::spec::Dist;
use super::time::Ns;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

const UNIT: f64 = 1.0 / (1u64 << 53) as f64;

/// `SplitMix64` (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014): spreads
/// a seed over the state of another generator.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// FNV-1a (Fowler, Noll, Vo) of a name.
pub(crate) fn hash_name(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// A value in (0, 1] from 64 random bits.
#[inline]
fn unit(bits: u64) -> f64 {
    ((bits >> 11) + 1) as f64 * UNIT
}

/// A value below `n` from 64 random bits (the high half of a 128-bit product; its bias is n / 2^64).
#[inline]
fn below(bits: u64, n: u64) -> u64 {
    ((u128::from(bits) * u128::from(n)) >> 64) as u64
}

/// Draws for one thing, in order of time: xoshiro256++ (Blackman, Vigna, 2019).
#[derive(Clone, Debug)]
pub(crate) struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The stream of that name under a root seed.
    pub(crate) fn named(root: u64, name: &str) -> Stream {
        let mut state = root ^ hash_name(name).rotate_left(17);
        let mut seed = [0u8; 32];
        for chunk in seed.chunks_exact_mut(8) {
            chunk.copy_from_slice(&split_mix(&mut state).to_le_bytes());
        }
        Stream(Xoshiro256PlusPlus::from_seed(seed))
    }

    /// Exponential with mean 1.
    pub(crate) fn exponential(&mut self) -> f64 {
        -libm::log(unit(self.0.next_u64()))
    }

    /// A whole number below `n`.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        below(self.0.next_u64(), n)
    }
}

/// What a draw that belongs to a request is for: with the seed, the key of its generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Purpose(u64);

impl Purpose {
    /// The purpose of that name under a root seed: `class`, `web menu 0`.
    pub(crate) fn new(root: u64, name: &str) -> Purpose {
        let mut state = root ^ hash_name(name).rotate_left(29);
        // Squares wants an odd key without long runs of zeros.
        Purpose(split_mix(&mut state) | 1)
    }

    /// The purpose for one of many things that are told apart by a number: a link, a node.
    #[inline]
    pub(crate) fn among(self, thing: u64) -> Purpose {
        let mut state = self.0 ^ thing.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
        Purpose(split_mix(&mut state) | 1)
    }

    /// The lot of one step of one attempt of one request. The lower 40 bits of a request's number
    /// tell it from all others (`sim/request.rs`).
    #[inline]
    pub(crate) fn of(self, request: u64, step: u8, attempt: u8) -> Lot {
        let counter = request << 24 | u64::from(step) << 16 | u64::from(attempt) << 8;
        Lot { key: self.0, counter }
    }
}

/// A probability, as a threshold for 64 random bits: all bits are certainty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chance(u64);

impl Chance {
    /// It never happens.
    pub(crate) const NEVER: Chance = Chance(0);

    /// From a probability, 0 to 1.
    pub(crate) fn new(p: f64) -> Chance {
        // Casts of floats saturate: 1 is all bits.
        Chance((p * 18_446_744_073_709_551_616.0) as u64)
    }

    /// The probability.
    pub(crate) fn share(self) -> f64 {
        self.0 as f64 / 18_446_744_073_709_551_616.0
    }
}

/// A few draws that belong to a request: Squares (Widynski, "Squares: a fast counter-based RNG",
/// 2020), 64-bit version with five rounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lot {
    key: u64,
    counter: u64,
}

impl Lot {
    #[inline]
    fn bits(&mut self) -> u64 {
        self.counter = self.counter.wrapping_add(1);
        let mut x = self.counter.wrapping_mul(self.key);
        let y = x;
        let z = y.wrapping_add(self.key);
        for add in [y, z, y] {
            x = x.wrapping_mul(x).wrapping_add(add).rotate_left(32);
        }
        x = x.wrapping_mul(x).wrapping_add(z);
        let last = x;
        x = x.rotate_left(32);
        last ^ (x.wrapping_mul(x).wrapping_add(y) >> 32)
    }

    /// A value in (0, 1].
    #[inline]
    pub(crate) fn unit(&mut self) -> f64 {
        unit(self.bits())
    }

    /// 64 random bits.
    #[inline]
    pub(crate) fn any(&mut self) -> u64 {
        self.bits()
    }

    /// Whether something happens that has this chance.
    #[inline]
    pub(crate) fn hits(&mut self, chance: Chance) -> bool {
        self.bits() < chance.0 || chance.0 == u64::MAX
    }

    /// A whole number below `n`.
    #[inline]
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        below(self.bits(), n)
    }

    /// A standard normal value (Box and Muller, "A note on the generation of random normal
    /// deviates", 1958).
    fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(self.unit()));
        radius * libm::cos(core::f64::consts::TAU * self.unit())
    }
}

/// A distribution made ready for sampling: logarithms taken once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sampler {
    Constant(Ns),
    Exponential { mean: f64 },
    Uniform { low: Ns, span: u64 },
    Normal { mean: f64, deviation: f64 },
    LogNormal { location: f64, scale: f64 },
    Pareto { min: f64, exponent: f64 },
}

/// The 99 % quantile of the standard normal distribution.
pub(crate) const NORMAL_P99: f64 = 2.326_347_874_040_841;

impl Sampler {
    pub(crate) fn new(dist: Dist) -> Sampler {
        match dist {
            Dist::Constant(d) => Sampler::Constant(d),
            Dist::Exponential(mean) => Sampler::Exponential { mean: mean as f64 },
            Dist::Uniform(a, b) => Sampler::Uniform { low: a.min(b), span: a.abs_diff(b) + 1 },
            Dist::Normal(mean, deviation) => {
                Sampler::Normal { mean: mean as f64, deviation: deviation as f64 }
            }
            Dist::LogNormal(p50, p99) => {
                let (p50, p99) = (p50.max(1) as f64, p99.max(1) as f64);
                Sampler::LogNormal {
                    location: libm::log(p50),
                    scale: libm::log(p99 / p50) / NORMAL_P99,
                }
            }
            Dist::Pareto(min, shape) => Sampler::Pareto { min: min as f64, exponent: -1.0 / shape },
        }
    }

    /// A length in nanoseconds. Values beyond 10^15 ns (11 days) are cut there.
    #[inline]
    pub(crate) fn draw(&self, lot: &mut Lot) -> Ns {
        let ns = match *self {
            Sampler::Constant(d) => return d,
            Sampler::Exponential { mean } => -libm::log(lot.unit()) * mean,
            Sampler::Uniform { low, span } => return low + lot.below(span),
            Sampler::Normal { mean, deviation } => mean + deviation * lot.normal(),
            Sampler::LogNormal { location, scale } => libm::exp(location + scale * lot.normal()),
            Sampler::Pareto { min, exponent } => min * libm::pow(lot.unit(), exponent),
        };
        // Casts of floats saturate: a negative value is 0.
        ns.min(1e15) as Ns
    }
}

/// A Zipf law over ranks 0 to n-1: rank k has weight 1 / (k+1)^s. By rejection-inversion (Hörmann,
/// Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions",
/// 1996): no table, a little over one trial per draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Zipf {
    n: u64,
    exponent: f64,
    low: f64,
    span: f64,
    shortcut: f64,
}

impl Zipf {
    pub(crate) fn new(n: u64, exponent: f64) -> Zipf {
        let mut zipf = Zipf { n, exponent, low: 0.0, span: 0.0, shortcut: 0.0 };
        if exponent > 0.0 {
            let high = zipf.area(n as f64 + 0.5);
            zipf.low = zipf.area(1.5) - 1.0;
            zipf.span = high - zipf.low;
            zipf.shortcut = 2.0 - zipf.inverse(zipf.area(2.5) - zipf.weight(2.0));
        }
        zipf
    }

    fn weight(&self, x: f64) -> f64 {
        libm::exp(-self.exponent * libm::log(x))
    }

    /// Integral of the weight from 1 to `x`.
    fn area(&self, x: f64) -> f64 {
        let log = libm::log(x);
        expm1_ratio((1.0 - self.exponent) * log) * log
    }

    /// Inverse of [`Zipf::area`].
    fn inverse(&self, area: f64) -> f64 {
        let t = (area * (1.0 - self.exponent)).max(-1.0);
        libm::exp(log1p_ratio(t) * area)
    }

    /// A rank below n.
    #[inline]
    pub(crate) fn draw(&self, lot: &mut Lot) -> u64 {
        if self.exponent <= 0.0 {
            return lot.below(self.n);
        }
        loop {
            let u = self.low + lot.unit() * self.span;
            let x = self.inverse(u);
            let k = libm::floor(x + 0.5).clamp(1.0, self.n as f64);
            if k - x <= self.shortcut || u >= self.area(k + 0.5) - self.weight(k) {
                return k as u64 - 1;
            }
        }
    }
}

/// (e^x - 1) / x, also near 0.
fn expm1_ratio(x: f64) -> f64 {
    if x.abs() > 1e-8 { libm::expm1(x) / x } else { 1.0 + x * 0.5 }
}

/// ln(1 + x) / x, also near 0.
fn log1p_ratio(x: f64) -> f64 {
    if x.abs() > 1e-8 { libm::log1p(x) / x } else { 1.0 - x * 0.5 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::time::MILLISECOND;

    fn mean(dist: Dist) -> f64 {
        let sampler = Sampler::new(dist);
        let purpose = Purpose::new(1, "test");
        let n = 200_000;
        let sum: u64 = (0..n).map(|r| sampler.draw(&mut purpose.of(r, 0, 0))).sum();
        sum as f64 / n as f64
    }

    #[test]
    fn means_are_those_of_the_formulas() {
        let ms = MILLISECOND;
        for dist in [
            Dist::Exponential(5 * ms),
            Dist::Uniform(ms, 3 * ms),
            Dist::Normal(5 * ms, ms),
            Dist::LogNormal(4 * ms, 30 * ms),
            Dist::Pareto(ms, 3.0),
        ] {
            let (got, want) = (mean(dist), dist.mean_ns());
            assert!((got / want - 1.0).abs() < 0.01, "{dist:?}: {got} instead of {want}");
        }
    }

    #[test]
    fn zipf_has_its_law() {
        for exponent in [0.0, 0.7, 1.0, 1.4] {
            let n = 50u64;
            let zipf = Zipf::new(n, exponent);
            let purpose = Purpose::new(2, "keys");
            let draws = 400_000;
            let mut counts = vec![0u64; n as usize];
            for r in 0..draws {
                counts[zipf.draw(&mut purpose.of(r, 0, 0)) as usize] += 1;
            }
            let weights: Vec<f64> = (1..=n).map(|k| libm::pow(k as f64, -exponent)).collect();
            let total: f64 = weights.iter().sum();
            let chi2: f64 = counts
                .iter()
                .zip(&weights)
                .map(|(&c, w)| {
                    let want = draws as f64 * w / total;
                    (c as f64 - want) * (c as f64 - want) / want
                })
                .sum();
            // 99.99 % quantile of chi-square with 49 degrees of freedom is 94.
            assert!(chi2 < 94.0, "exponent {exponent}: chi-square {chi2}");
        }
    }

    #[test]
    fn lots_do_not_depend_on_each_other() {
        let purpose = Purpose::new(3, "x");
        let first = purpose.of(7, 0, 0).any();
        let _ = purpose.of(6, 0, 0).any();
        assert_eq!(first, purpose.of(7, 0, 0).any());
        assert_ne!(first, purpose.of(7, 0, 1).any());
        assert_ne!(first, Purpose::new(3, "y").of(7, 0, 0).any());
        assert_ne!(first, Purpose::new(4, "x").of(7, 0, 0).any());
    }

    #[test]
    fn chances_are_kept() {
        let purpose = Purpose::new(5, "losses").among(17);
        let hits = |p: f64| {
            let chance = Chance::new(p);
            (0..100_000).filter(|&r| purpose.of(r, 0, 0).hits(chance)).count()
        };
        assert_eq!((hits(0.0), hits(1.0)), (0, 100_000));
        // Four standard deviations of a binomial count.
        assert!(hits(0.05).abs_diff(5_000) < 276, "{}", hits(0.05));
    }

    #[test]
    fn streams_are_named() {
        assert_eq!(Stream::named(1, "a").below(1 << 40), Stream::named(1, "a").below(1 << 40));
        assert_ne!(Stream::named(1, "a").below(1 << 40), Stream::named(1, "b").below(1 << 40));
    }
}
