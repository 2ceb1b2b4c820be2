//! Choosing what is said: of several causes, those that account for most of the failures.
//!
//! The base is what failed in the last second, by reason and by the node at which it began. Each such
//! group is given to the gravest rule that has something to say and accounts for it, so that no failure
//! counts for two causes.

use super::{RULES, Rule, Why, bad_share};
use crate::observe::now::Now;
use crate::sim::id::NodeId;
use crate::sim::observation::Outcome;

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
    for n in (0..now.world.topology().nodes.len() as u16).map(NodeId) {
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

/// The one or two causes that account for most failures; without failures, the gravest.
pub(super) fn choose(now: &Now<'_>) -> Option<Why> {
    let groups = groups(now);
    let mut said = RULES.iter().filter_map(|rule| Some((rule, (rule.say)(now)?)));
    if groups.is_empty() {
        let why = said.next().map(|(_, why)| why)?;
        return Some(match lately(now) {
            lately if lately.is_empty() => why,
            lately => Why { text: lately + &super::begun(now, why.text), ..why },
        });
    }
    let said: Vec<(&Rule, Why)> = said.collect();
    if let Some((rule, why)) = said.first()
        && rule.first
    {
        return Some(why.clone());
    }
    let mut shares = shares(now, &said, &groups);
    // What is accounted for by no cause is worth a word only if it is the most.
    let rest = |(i, _): &(usize, f64)| said[*i].0.rest;
    if shares.first().is_some_and(|first| !rest(first)) {
        shares.retain(|share| !rest(share));
    }
    match shares.as_slice() {
        [] => said.into_iter().next().map(|(_, why)| why),
        [one] | [one, (_, ..WORTH_NAMING), ..] => Some(alone(now, &said[one.0].1, one.1)),
        [one, two, ..] => Some(both(now, (&said[one.0].1, one.1), (&said[two.0].1, two.1))),
    }
}

/// One cause, with its share of the failures if others were worth a word.
fn alone(now: &Now<'_>, why: &Why, share: f64) -> Why {
    if share > 1.0 - WORTH_NAMING {
        return why.clone();
    }
    let text = format!("{}{} of them: {}", failing(now), whole(share), sentence(&why.text));
    Why { text, ..why.clone() }
}

/// `11.7 % failed in the last second. `, short, for what comes behind it is why.
fn lately(now: &Now<'_>) -> String {
    bad_share(now).map_or(String::new(), |share| format!("{share} failed in the last second. "))
}

/// `30 % of requests fail. `
fn failing(now: &Now<'_>) -> String {
    bad_share(now).map_or(String::new(), |share| format!("{share} of requests fail. "))
}

/// Which causes account for which share of the failures, the largest first.
fn shares(now: &Now<'_>, said: &[(&Rule, Why)], groups: &[Group]) -> Vec<(usize, f64)> {
    let mut counts = vec![0; said.len()];
    for group in groups {
        if let Some(i) = said.iter().position(|(rule, _)| (rule.accounts)(now, group)) {
            counts[i] += group.count;
        }
    }
    let all: u64 = groups.iter().map(|g| g.count).sum();
    let named = counts.iter().enumerate().filter(|(_, n)| **n > 0);
    let mut shares: Vec<(usize, f64)> =
        named.map(|(i, n)| (i, *n as f64 / all.max(1) as f64)).collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    shares
}

/// Two causes, each in a sentence, with their shares of the failures.
fn both(now: &Now<'_>, one: (&Why, f64), two: (&Why, f64)) -> Why {
    let (first, second) = (sentence(&one.0.text), sentence(&two.0.text));
    let (a, b) = (whole(one.1), whole(two.1));
    Why {
        text: format!("{}{a} of them: {first} {b}: {second}", failing(now)),
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
