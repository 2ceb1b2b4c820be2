//! Why things are as they are: one or two plain sentences with figures, from what was measured.
//!
//! A list of rules in order of gravity. Each looks at the world and its counters as they are now and
//! either has something to say or has not. While nothing fails, the first that has is heard; while
//! something does, the one or two that account for most failures (see `choose`). None of them guesses.

mod accounts;
mod again;
mod choose;
mod cuts;
mod data;
mod fixes;
mod held;
mod load;
mod memory;
mod patterns;
mod queues;
mod rotation;
mod servers;

use super::now::Now;
use crate::sim::observation::Outcome;
use choose::Group;
use fixes::Fix;

/// From this share of busy cores on, with work waiting, a node is overloaded.
pub const FULL: f64 = 0.97;

/// Fewer stale reads than this share of all requests are the race of a write with somebody who fills
/// a cache: always there, and not worth a word.
pub const STALE_WORTH: f64 = 0.002;

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

    fn with_fix(text: String, fix: Fix, components: &[(&str, &str)]) -> Why {
        Why { text, fix: Some(fix.text(components)) }
    }
}

/// For which failures a rule accounts that has something to say.
#[derive(Clone, Copy)]
enum Accounts {
    /// Looked at one by one.
    Each(fn(&Now<'_>, &Group) -> bool),
    /// What that takes is worked out once for all failures of a place.
    All(fn(&Now<'_>) -> Test),
}

/// Whether a rule accounts for failures of a place.
type Test = Box<dyn Fn(&Now<'_>, &Group) -> bool>;

impl Accounts {
    fn test(self, now: &Now<'_>) -> Test {
        match self {
            Accounts::Each(test) => Box::new(test),
            Accounts::All(test) => test(now),
        }
    }
}

/// A rule: what it says, and for which failures it accounts if it has something to say.
struct Rule {
    say: fn(&Now<'_>) -> Option<Why>,
    accounts: Accounts,
    /// Whether it is said whatever fails: data are in danger.
    first: bool,
    /// Whether it accounts for what no other does: a cause of its own it is not.
    rest: bool,
}

const fn rule(say: fn(&Now<'_>) -> Option<Why>, accounts: fn(&Now<'_>, &Group) -> bool) -> Rule {
    Rule { say, accounts: Accounts::Each(accounts), first: false, rest: false }
}

/// The rules, the gravest first.
const RULES: &[Rule] = &[
    Rule { first: true, ..rule(data::two_primaries, accounts::primary) },
    // Who fails there is accounted for by `all_down`.
    rule(servers::entrance_down, accounts::nothing),
    rule(data::failing_over, accounts::primary),
    rule(data::behind_a_cut, data::is_behind_a_cut),
    rule(data::finding, accounts::primary),
    rule(data::no_primary, accounts::primary),
    rule(patterns::fed, |now, g| patterns::is_fed(now, g.node)),
    rule(memory::killed, memory::accounts),
    rule(servers::unseen, accounts::unseen),
    rule(queues::dropping, accounts::nothing),
    rule(servers::all_down, accounts::down),
    rule(servers::panics, accounts::panics),
    rule(servers::left, accounts::gone),
    rule(rotation::dead_replica, rotation::is_dead_replica),
    rule(data::primary_cut_off, accounts::nothing),
    Rule { accounts: Accounts::All(cuts::accounts), ..rule(cuts::cut, accounts::nothing) },
    rule(patterns::not_enough, |_, g| g.reason == Outcome::NotEnoughReplicas),
    rule(patterns::gray, |_, g| g.reason == Outcome::BadDeploy),
    rule(load::full_link, accounts::link),
    rule(patterns::storm, accounts::load),
    rule(load::overload, accounts::load),
    rule(data::conflicts, accounts::nothing),
    rule(data::lost, accounts::nothing),
    rule(again::lost, accounts::nothing),
    rule(data::unpublished, accounts::nothing),
    rule(load::busy_workers, accounts::nothing),
    rule(held::connections, accounts::pool),
    rule(held::pool, accounts::pool),
    rule(servers::slowed, accounts::slowed),
    rule(held::threads, accounts::held),
    rule(patterns::backlog, |_, g| g.reason == Outcome::Overloaded),
    rule(queues::full, |_, g| g.reason == Outcome::QueueFull),
    rule(patterns::no_backend, |_, g| g.reason == Outcome::NoBackend),
    rule(again::put_aside, accounts::nothing),
    rule(again::again, accounts::nothing),
    rule(patterns::stale, accounts::nothing),
    rule(patterns::tail, accounts::tail),
    rule(servers::cache_down, accounts::nothing),
    rule(load::cache_off, accounts::nothing),
    Rule { rest: true, ..rule(load::unexplained, |_, _| true) },
    rule(queues::behind, accounts::nothing),
    rule(memory::near, accounts::nothing),
    rule(rotation::out_of_rotation, accounts::nothing),
    rule(rotation::down, accounts::nothing),
    rule(load::at_rest, accounts::nothing),
];

/// The gravest thing that can be said now or, if something fails, what accounts for most of it.
#[must_use]
pub fn why(now: &Now<'_>) -> Why {
    let why = choose::choose(now)
        .unwrap_or_else(|| Why::new("Nothing has failed in the last second.".to_string()));
    Why { text: begun(now, why.text), ..why }
}

/// The text with a capital letter in front, but for a name, which is written as it is.
fn begun(now: &Now<'_>, text: String) -> String {
    let word = text.split([' ', ',', ';', ':', '.']).next().unwrap_or_default();
    let topology = now.world.topology();
    let mut nodes = (0..topology.nodes.len() as u16).map(crate::sim::id::NodeId);
    // Words of files, such as `least_connections`, are written as there.
    let is_name = word.contains('_')
        || topology.components.iter().any(|c| c.name == word)
        || nodes.any(|node| now.name(node) == word);
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if !is_name => first.to_uppercase().chain(letters).collect(),
        _ => text,
    }
}

/// The share of requests that failed in the last second: `22.8 %`; `None` if none did.
fn bad_share(now: &Now<'_>) -> Option<String> {
    let last = now.requests(now.second());
    let share = || super::figures::percent(last.bad() as f64 / last.ended().max(1) as f64);
    (last.bad() > 0).then(share)
}

/// The names of nodes, at most two of them.
fn names(now: &Now<'_>, nodes: &[crate::sim::id::NodeId]) -> String {
    super::figures::names(nodes.iter().map(|n| now.name(*n)))
}

/// `the only thread`, `both threads`, `all 6 threads`.
fn all_of(n: u64, one: &str) -> String {
    match n {
        1 => format!("the only {one}"),
        2 => format!("both {one}s"),
        n => format!("all {} {one}s", super::figures::count(n)),
    }
}

/// `waits` or `wait`.
fn wait(n: u64) -> &'static str {
    if n == 1 { "waits" } else { "wait" }
}

/// `is` or `are`.
fn is_are(n: usize) -> &'static str {
    if n == 1 { "is" } else { "are" }
}
