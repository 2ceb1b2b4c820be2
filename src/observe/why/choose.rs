//! Choosing what is said: of several causes, those that account for most of the failures.
//!
//! The base is what failed in the last second, by reason and by the node at which it began. Each such
//! group is given to the gravest rule that has something to say of what stands before or behind that node,
//! and accounts for it, so that no failure counts for two causes, or for one that it has nothing to do
//! with.

use super::{RULES, Test, Why, bad_share};
use crate::observe::now::Now;
use crate::observe::place::Reach;
use crate::sim::id::{ComponentId, NodeId};
use crate::sim::observation::Outcome;
use std::collections::BTreeSet;

/// A second cause is named from this share of the failures on.
const WORTH_NAMING: f64 = 0.1;

/// Requests that failed for the same reason, at the same place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Group {
    pub(super) reason: Outcome,
    /// Where it began; `None` of requests that were answered late.
    pub(super) node: Option<NodeId>,
    pub(super) count: u64,
}

/// What failed in the last second, if something fails now.
pub(super) fn groups(now: &Now<'_>) -> Vec<Group> {
    let mut groups = Vec::new();
    if !now.fails_now() {
        return groups;
    }
    let span = now.second();
    for n in now.nodes() {
        let calls = now.calls(n, span);
        for &reason in Outcome::REASONS {
            let count = u64::from(calls.blamed[reason.index()]);
            if count > 0 {
                groups.push(Group { reason, node: Some(n), count });
            }
        }
    }
    let late = now.requests(span).of(Outcome::Late);
    if late > 0 {
        groups.push(Group { reason: Outcome::Late, node: None, count: late });
    }
    groups
}

/// A cause that is said, and for how many of the failures it accounts.
struct Cause {
    /// Which rule says it.
    rule: usize,
    why: Why,
    count: u64,
}

/// The one or two causes that account for most failures; without failures, the gravest.
pub(super) fn choose(now: &Now<'_>) -> Option<Why> {
    let gravest = || RULES.iter().find_map(|rule| (rule.say)(now));
    let groups = groups(now);
    if groups.is_empty() {
        let why = gravest()?;
        return Some(match lately(now) {
            lately if lately.is_empty() || why.text.contains(" of requests fail") => why,
            lately => Why { text: lately + &super::begun(now, why.text), ..why },
        });
    }
    if let Some(why) = RULES.iter().filter(|rule| rule.first).find_map(|rule| (rule.say)(now)) {
        return Some(why);
    }
    let mut causes = causes(now, &groups);
    // What is accounted for by no cause is worth a word only if it is the most.
    let rest = |cause: &Cause| RULES[cause.rule].rest;
    if causes.first().is_some_and(|first| !rest(first)) {
        causes.retain(|cause| !rest(cause));
    }
    let all: u64 = groups.iter().map(|g| g.count).sum();
    let share = |cause: &Cause| cause.count as f64 / all.max(1) as f64;
    match causes.as_slice() {
        [] => gravest(),
        [one, two, ..] if share(two) >= WORTH_NAMING => {
            Some(both(now, (&one.why, share(one)), (&two.why, share(two))))
        }
        [one, ..] => Some(alone(now, &one.why, share(one))),
    }
}

/// What accounts for the failures, the largest part first. What fails at a component is explained by what
/// stands behind it or before it, if that can; else also by what uses the same. Of the rules that say
/// something there, by the gravest that accounts for it.
fn causes(now: &Now<'_>, groups: &[Group]) -> Vec<Cause> {
    let reach = Reach::new(now);
    let place = |group: &Group| group.node.map(|node| now.component(node));
    let places: BTreeSet<Option<ComponentId>> = groups.iter().map(place).collect();
    let mut causes: Vec<Cause> = Vec::new();
    for at in places {
        let scopes = match at {
            Some(c) => vec![now.around(reach.line(c)), now.around(reach.place(c))],
            None => vec![now.clone()],
        };
        let mut open: Vec<&Group> = groups.iter().filter(|group| place(group) == at).collect();
        for (i, scope) in scopes.iter().enumerate() {
            let last = i + 1 == scopes.len();
            let wide = scopes.last().unwrap_or(scope);
            for (rule, test) in tests(scope, now, last) {
                let (its, others): (Vec<&Group>, Vec<&Group>) =
                    open.into_iter().partition(|group| test(scope, group));
                open = others;
                let Some(why) = (!its.is_empty()).then(|| say(rule, (scope, wide), now)).flatten()
                else {
                    continue;
                };
                let count = its.iter().map(|group| group.count).sum();
                let same =
                    |c: &&mut Cause| c.rule == rule && sentence(&c.why.text) == sentence(&why.text);
                match causes.iter_mut().find(same) {
                    Some(known) => known.count += count,
                    None => causes.push(Cause { rule, why, count }),
                }
            }
        }
    }
    causes.sort_by_key(|cause| (std::cmp::Reverse(cause.count), cause.rule));
    causes
}

/// The rules that say something of a scope, by number, and for what they account; those that only say how
/// requests fail, if nothing else is left to look at.
fn tests(scope: &Now<'_>, now: &Now<'_>, last: bool) -> Vec<(usize, Test)> {
    let rules = RULES.iter().enumerate().filter(|(_, rule)| last || !rule.rest);
    let said = rules.filter(|(_, rule)| (rule.say)(if rule.rest { now } else { scope }).is_some());
    said.map(|(i, rule)| (i, rule.accounts.test(scope))).collect()
}

/// What a rule says: of all that have to do with a place, if that is the same, for it may know more of why.
fn say(rule: usize, (scope, wide): (&Now<'_>, &Now<'_>), now: &Now<'_>) -> Option<Why> {
    let rule = &RULES[rule];
    if rule.rest {
        // What only says how they fail says it of all.
        return (rule.say)(now);
    }
    let near = (rule.say)(scope)?;
    let all = (rule.say)(wide).filter(|all| sentence(&all.text) == sentence(&near.text));
    Some(all.unwrap_or(near))
}

/// One cause, with its share of the failures if others were worth a word.
fn alone(now: &Now<'_>, why: &Why, share: f64) -> Why {
    if share > 1.0 - WORTH_NAMING {
        return why.clone();
    }
    let text = format!("{}{} of them: {}", all_failing(now), whole(share), sentence(&why.text));
    Why { text, ..why.clone() }
}

/// `11.7 % failed in the last second. `, short, for what comes behind it is why.
fn lately(now: &Now<'_>) -> String {
    bad_share(now).map_or(String::new(), |share| format!("{share} failed in the last second. "))
}

/// `30 % of requests fail. `
fn all_failing(now: &Now<'_>) -> String {
    bad_share(now).map_or(String::new(), |share| format!("{share} of requests fail. "))
}

/// Two causes, each in a sentence, with their shares of the failures.
fn both(now: &Now<'_>, one: (&Why, f64), two: (&Why, f64)) -> Why {
    let (first, second) = (sentence(&one.0.text), sentence(&two.0.text));
    let (a, b) = (whole(one.1), whole(two.1));
    Why {
        text: format!("{}{a} of them: {first} {b}: {second}", all_failing(now)),
        fix: one.0.fix.clone(),
    }
}

fn whole(share: f64) -> String {
    crate::observe::figures::gauge(share)
}

/// The first sentence of a text, without the share of failures in front.
fn sentence(text: &str) -> &str {
    let text = match text.split_once(" of requests fail") {
        Some((share, rest)) if share.len() < 12 => {
            // Not at the point of a figure.
            let end = [": ", ". "].iter().filter_map(|mark| rest.find(mark)).min();
            end.map_or(text, |end| &rest[end + 2..])
        }
        _ => text,
    };
    let need = ["they need a primary. ", "they needed a primary. "];
    let text = need.iter().find_map(|need| text.strip_prefix(need)).unwrap_or(text);
    text.find(". ").map_or(text, |end| &text[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sentence_is_what_is_kept_of_a_cause() {
        let one = "22.8 % of requests fail: web-2 is down, it takes 1.5 s. More of it.";
        assert_eq!(sentence(one), "web-2 is down, it takes 1.5 s.");
        let two = "30 % of requests fail: they need a primary. orders-db-1 is down; it takes over.";
        assert_eq!(sentence(two), "orders-db-1 is down; it takes over.");
        let past = "30 % of requests failed in the last second: they needed a primary. b is down; a \
                    took over 1 s ago, and all callers have found it.";
        assert_eq!(
            sentence(past),
            "b is down; a took over 1 s ago, and all callers have found it."
        );
        let three =
            "9 % of requests fail (timeout). web is the bottleneck: 99 % busy, 5 waiting. So.";
        assert_eq!(sentence(three), "web is the bottleneck: 99 % busy, 5 waiting.");
        let figure = "9 % of requests fail, 37.8 /s timeout: nobody answered in time. Most at b.";
        assert_eq!(sentence(figure), "nobody answered in time.");
        assert_eq!(
            sentence("menus is off: every read goes there."),
            "menus is off: every read goes there."
        );
    }
}
