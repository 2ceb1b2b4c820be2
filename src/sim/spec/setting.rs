//! Values of settings, and the tables that name them.

use crate::sim::random::NORMAL_P99;
use crate::sim::time::{MILLISECOND, Ns};

/// A length of work or waiting: a constant, or drawn from a distribution.
///
/// Lengths are in nanoseconds. Sampled by [`crate::sim::random`], over `libm` only.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dist {
    /// Always the same: `5ms`.
    Constant(Ns),
    /// Exponential with that mean: `exp(5ms)`.
    Exponential(Ns),
    /// Uniform from the first to the second: `uniform(1ms, 3ms)`.
    Uniform(Ns, Ns),
    /// Normal with mean and standard deviation, cut at 0: `normal(5ms, 1ms)`.
    Normal(Ns, Ns),
    /// Log-normal by its median and its 99th percentile: `lognormal(p50=4ms, p99=30ms)`.
    LogNormal(Ns, Ns),
    /// Pareto by its smallest value and its shape: `pareto(min=1ms, shape=1.5)`.
    Pareto(Ns, f64),
}

impl Dist {
    /// The mean in nanoseconds, by the distribution's formula; infinite for a Pareto of shape 1 or
    /// less. The normal's ignores the cut at 0.
    #[must_use]
    pub fn mean_ns(&self) -> f64 {
        match *self {
            Dist::Constant(d) | Dist::Exponential(d) | Dist::Normal(d, _) => d as f64,
            Dist::Uniform(a, b) => f64::midpoint(a as f64, b as f64),
            Dist::LogNormal(p50, p99) => {
                // The 99 % quantile of the standard normal.
                let sigma = libm::log(p99 as f64 / p50 as f64) / NORMAL_P99;
                p50 as f64 * libm::exp(sigma * sigma / 2.0)
            }
            Dist::Pareto(_, shape) if shape <= 1.0 => f64::INFINITY,
            Dist::Pareto(min, shape) => min as f64 * shape / (shape - 1.0),
        }
    }
}

/// A number of things, or `"unlimited"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// At most this many.
    At(u64),
    /// No limit.
    Unlimited,
}

impl Limit {
    /// As a count of a resource; unlimited is the largest that there is.
    #[must_use]
    pub fn count(self) -> u32 {
        match self {
            Limit::At(n) => u32::try_from(n).unwrap_or(u32::MAX),
            Limit::Unlimited => u32::MAX,
        }
    }
}

/// What a component is referred to as, and so which kinds may stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Takes requests: a balancer or a service.
    Entry,
    /// A service.
    Service,
    /// A database.
    Database,
    /// A queue.
    Queue,
}

impl Role {
    /// The kinds that may stand there.
    #[must_use]
    pub fn kinds(self) -> &'static [&'static str] {
        match self {
            Role::Entry => &["balancer", "service"],
            Role::Service => &["service"],
            Role::Database => &["database"],
            Role::Queue => &["queue"],
        }
    }
}

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A length of time: `250ms`.
    Time,
    /// The time between two rounds of something endless: at least 1 ms, or the clock would stand
    /// still.
    Period,
    /// A constant or drawn length: `exp(5ms)`.
    Work,
    /// A whole number within bounds: `20k`.
    Count(u64, u64),
    /// A whole number of at least the bound, or `"unlimited"`.
    Limit(u64),
    /// A rate per second: `2000/s`.
    Rate,
    /// A number of bytes: `2kB`.
    Bytes,
    /// A number of bytes, or `"unlimited"`.
    Memory,
    /// Bytes per second, at least one: `125MB/s`, or `"unlimited"`.
    Speed,
    /// A part of a whole: `80%`.
    Share,
    /// Whole numbers within bounds: `[3, 1]`.
    Counts(u64, u64),
    /// Stages of a load; see [`super::Stage`].
    Stages,
    /// Names of classes of requests.
    Classes,
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// The name of a component of that role.
    Name(Role),
    /// Steps of work, as in a request; see [`super::Step`].
    Steps,
}

/// The value of a setting.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// See [`Kind::Time`] and [`Kind::Period`].
    Time(Ns),
    /// See [`Kind::Work`].
    Work(Dist),
    /// See [`Kind::Count`].
    Count(u64),
    /// See [`Kind::Limit`].
    Limit(Limit),
    /// See [`Kind::Rate`], in requests per second.
    Rate(f64),
    /// See [`Kind::Bytes`].
    Bytes(u64),
    /// See [`Kind::Memory`].
    Memory(Limit),
    /// See [`Kind::Speed`].
    Speed(Limit),
    /// See [`Kind::Share`]: 0 to 1.
    Share(f64),
    /// See [`Kind::Counts`].
    Counts(Vec<u64>),
    /// See [`Kind::Stages`].
    Stages(Vec<super::Stage>),
    /// See [`Kind::Classes`].
    Classes(Vec<String>),
    /// See [`Kind::Flag`].
    Flag(bool),
    /// See [`Kind::Word`].
    Word(&'static str),
    /// See [`Kind::Name`].
    Name(String),
    /// See [`Kind::Steps`].
    Steps(Vec<super::Step>),
}

/// Why a setting was not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The component has no such setting.
    Unknown,
    /// The value is of another kind than the setting's, or out of its bounds.
    OutOfRange,
}

/// One setting of options of type `O`: a row of its table.
pub struct Setting<O: 'static> {
    /// Its name within the component: `threads`, `health.every`.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// Whether `set` may change it while the world runs.
    pub live: bool,
    /// One line on what it means, with its default where that is not obvious.
    pub about: &'static str,
    /// Reads it.
    pub get: fn(&O) -> Value,
    /// Writes it; false if the value is of another kind.
    pub set: fn(&mut O, Value) -> bool,
}

/// Whether the value fits the kind and its bounds.
fn fits(kind: Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::Count(low, high), Value::Count(n)) => (low..=high).contains(n),
        (Kind::Limit(low), Value::Limit(Limit::At(n))) => *n >= low,
        (Kind::Word(words), Value::Word(w)) => words.contains(w),
        (Kind::Period, Value::Time(t)) => *t >= MILLISECOND,
        (Kind::Rate, Value::Rate(r)) => *r >= 0.0 && r.is_finite(),
        (Kind::Speed, Value::Speed(limit)) => *limit != Limit::At(0),
        (Kind::Share, Value::Share(s)) => (0.0..=1.0).contains(s),
        (Kind::Counts(low, high), Value::Counts(all)) => {
            all.iter().all(|n| (low..=high).contains(n))
        }
        (Kind::Limit(_), Value::Limit(Limit::Unlimited))
        | (Kind::Bytes, Value::Bytes(_))
        | (Kind::Memory, Value::Memory(_))
        | (Kind::Time, Value::Time(_))
        | (Kind::Work, Value::Work(_))
        | (Kind::Stages, Value::Stages(_))
        | (Kind::Classes, Value::Classes(_))
        | (Kind::Flag, Value::Flag(_))
        | (Kind::Name(_), Value::Name(_))
        | (Kind::Steps, Value::Steps(_)) => true,
        _ => false,
    }
}

pub(super) fn get<O>(table: &[Setting<O>], options: &O, name: &str) -> Option<Value> {
    table.iter().find(|s| s.name == name).map(|s| (s.get)(options))
}

pub(super) fn set<O>(
    table: &[Setting<O>],
    options: &mut O,
    name: &str,
    value: Value,
) -> Result<(), Refused> {
    let setting = table.iter().find(|s| s.name == name).ok_or(Refused::Unknown)?;
    if fits(setting.kind, &value) && (setting.set)(options, value) {
        Ok(())
    } else {
        Err(Refused::OutOfRange)
    }
}

/// A row of a table: `setting!("threads", Limit(1), live, "…", threads)`.
macro_rules! setting {
    ($name:literal, Word($words:expr), $when:ident, $about:literal, $($field:ident).+) => {
        $crate::sim::spec::setting::Setting {
            name: $name,
            kind: $crate::sim::spec::setting::Kind::Word($words),
            live: $crate::sim::spec::setting::setting!(@$when),
            about: $about,
            get: |o| $crate::sim::spec::setting::Value::Word(o.$($field).+.word()),
            set: |o, v| match v {
                $crate::sim::spec::setting::Value::Word(w) => match o.$($field).+.from_word(w) {
                    Some(x) => { o.$($field).+ = x; true }
                    None => false,
                },
                _ => false,
            },
        }
    };
    ($name:literal, Period, $when:ident, $about:literal, $($field:ident).+) => {
        $crate::sim::spec::setting::Setting {
            kind: $crate::sim::spec::setting::Kind::Period,
            ..$crate::sim::spec::setting::setting!($name, Time, $when, $about, $($field).+)
        }
    };
    ($name:literal, $kind:ident $(($($bound:expr),*))?, $when:ident, $about:literal, $($field:ident).+) => {
        $crate::sim::spec::setting::Setting {
            name: $name,
            kind: $crate::sim::spec::setting::Kind::$kind $(($($bound),*))?,
            live: $crate::sim::spec::setting::setting!(@$when),
            about: $about,
            get: |o| $crate::sim::spec::setting::Value::$kind(o.$($field).+.clone()),
            set: |o, v| match v {
                $crate::sim::spec::setting::Value::$kind(x) => { o.$($field).+ = x; true }
                _ => false,
            },
        }
    };
    (@live) => { true };
    (@start) => { false };
}
pub(crate) use setting;

/// An enum whose variants have words: `words! { /// doc … Policy { RoundRobin = "round_robin", … } }`.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All words, in the order in which they are listed.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// The word for it, as in files.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            #[expect(clippy::wrong_self_convention, reason = "called on a field, to name its type")]
            pub(crate) fn from_word(self, word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)* _ => None }
            }
        }
    };
}
pub(crate) use words;
