//! Why things are as they are: one or two plain sentences with figures, from what was measured.
//!
//! A list of rules in order of gravity. Each looks at the world and its counters as they are now and
//! either has something to say or has not; the first that has is heard. None of them guesses.

mod cuts;
mod data;
mod load;
mod rotation;
mod servers;

use super::now::Now;

/// Why things are as they are.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Why {
    /// One or two plain sentences with figures.
    pub text: String,
    /// What would help, if that is known.
    pub fix: Option<String>,
}

impl Why {
    fn new(text: String) -> Why {
        Why { text, fix: None }
    }

    fn with_fix(text: String, fix: &str) -> Why {
        Why { text, fix: Some(fix.to_string()) }
    }
}

/// The rules, the gravest first.
const RULES: &[fn(&Now<'_>) -> Option<Why>] = &[
    data::two_primaries,
    data::failing_over,
    data::finding,
    data::no_primary,
    servers::unseen,
    servers::all_down,
    data::primary_cut_off,
    cuts::cut,
    load::overload,
    servers::cache_down,
    load::cache_off,
    load::failing,
    servers::slowed,
    rotation::out_of_rotation,
    rotation::down,
    load::at_rest,
];

/// The gravest thing that can be said now.
#[must_use]
pub fn why(now: &Now<'_>) -> Why {
    RULES.iter().find_map(|rule| rule(now)).unwrap_or_else(|| {
        Why::new("All is well: no request has failed in the last second.".to_string())
    })
}

/// `web-1`, `web-1 and web-2`, `web-1, web-2 and 3 more`.
fn names(now: &Now<'_>, nodes: &[crate::sim::id::NodeId]) -> String {
    match nodes {
        [] => "none".to_string(),
        [one] => now.name(*one).to_string(),
        [one, two] => format!("{} and {}", now.name(*one), now.name(*two)),
        [one, two, rest @ ..] => {
            format!("{}, {} and {} more", now.name(*one), now.name(*two), rest.len())
        }
    }
}

/// `is` or `are`.
fn is_are(n: usize) -> &'static str {
    if n == 1 { "is" } else { "are" }
}
