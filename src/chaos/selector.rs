//! Who is meant: `web-2`, `web`, `orders-db:primary`, `zone:a`, `web-*`, and lists and pairs of them.
//!
//! A selector is only text with a structure here. Which nodes it names is found out by a
//! [`Scene`](super::Scene), once, when the command is injected.

use super::Expected;
use super::scan::{Word, is_name, split};
use std::fmt;
use std::ops::Range;

/// Where something stands in the text of a command, for messages. Two commands that mean the same
/// are equal wherever their words stand, so all places are equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    start: usize,
    end: usize,
}

impl Place {
    /// The bytes of the text.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

impl From<Range<usize>> for Place {
    fn from(range: Range<usize>) -> Place {
        Place { start: range.start, end: range.end }
    }
}

impl PartialEq for Place {
    fn eq(&self, _: &Place) -> bool {
        true
    }
}

impl Eq for Place {}

/// The role of a node of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeRole {
    /// Holds the role of primary, by its own opinion.
    Primary,
    /// Any other.
    Replica,
}

impl NodeRole {
    /// The words, in the order in which they are listed.
    pub const WORDS: &'static [&'static str] = &["primary", "replica"];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            NodeRole::Primary => "primary",
            NodeRole::Replica => "replica",
        }
    }
}

/// One part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// A node, or all nodes of a component.
    Name(String),
    /// The nodes of a component that have that role now.
    Role(String, NodeRole),
    /// The nodes of a zone.
    Zone(String),
    /// The nodes of a region.
    Region(String),
    /// The nodes whose names match: `*` is any text, `?` any letter.
    Glob(String),
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::Name(name) | Pattern::Glob(name) => f.write_str(name),
            Pattern::Role(component, role) => write!(f, "{component}:{}", role.word()),
            Pattern::Zone(zone) => write!(f, "zone:{zone}"),
            Pattern::Region(region) => write!(f, "region:{region}"),
        }
    }
}

/// A list of patterns: all that any of them names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// Its patterns and where they stand; at least one.
    pub patterns: Vec<(Pattern, Place)>,
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (pattern, _)) in self.patterns.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            write!(f, "{pattern}")?;
        }
        Ok(())
    }
}

/// Which directions between two groups are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrow {
    /// `->`: from the first to the second.
    To,
    /// `<->`: both.
    Both,
    /// `|`: everything between two groups, which is both too; the sign is for partitions.
    Between,
}

impl Arrow {
    /// The signs; a longer one stands before those that it contains.
    const ALL: &'static [(&'static str, Arrow)] =
        &[("<->", Arrow::Both), ("->", Arrow::To), ("|", Arrow::Between)];

    /// Its sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Arrow::To => "->",
            Arrow::Both => "<->",
            Arrow::Between => "|",
        }
    }
}

/// Links between two groups of nodes: `zone:a|zone:b`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkSelector {
    /// One group.
    pub from: Selector,
    /// The direction.
    pub arrow: Arrow,
    /// The other group.
    pub to: Selector,
}

impl fmt::Display for LinkSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.from, self.arrow.sign(), self.to)
    }
}

const A_SELECTOR: &str = "a node, a component, `component:role`, `zone:name` or a pattern with `*`";

/// Reads a list of patterns.
pub(crate) fn parse_selector(text: Word<'_>) -> Result<Selector, Expected> {
    let pieces = split(text, |c| c == ',');
    let patterns: Result<_, Expected> =
        pieces.iter().map(Word::trimmed).map(parse_pattern).collect();
    Ok(Selector { patterns: patterns? })
}

fn parse_pattern(word: Word<'_>) -> Result<(Pattern, Place), Expected> {
    let place = Place::from(word.range());
    if let Some(second) = split(word, char::is_whitespace).get(1) {
        return Err(second.trimmed().expected("`,`, `key=value`, `for` or the end"));
    }
    let pattern = match word.split_once(":") {
        Some((group, name)) if group.text == "zone" || group.text == "region" => {
            if !is_name(name.text) {
                return Err(name.expected(format!("the name of a {}", group.text)));
            }
            match group.text {
                "zone" => Pattern::Zone(name.text.to_owned()),
                _ => Pattern::Region(name.text.to_owned()),
            }
        }
        Some((component, role)) if is_name(component.text) => {
            let role = match role.text {
                "primary" => NodeRole::Primary,
                "replica" => NodeRole::Replica,
                _ => {
                    let words = NodeRole::WORDS.iter().copied();
                    return Err(role.expected("`primary` or `replica`").near(words));
                }
            };
            Pattern::Role(component.text.to_owned(), role)
        }
        None if is_name(word.text) => Pattern::Name(word.text.to_owned()),
        // No name has a dot, but who wrote one meant something: the nearest is found with the cluster.
        None if word.split_once(".").is_some_and(|(a, b)| is_name(a.text) && is_part(b.text)) => {
            Pattern::Name(word.text.to_owned())
        }
        None if is_glob(word.text) => Pattern::Glob(word.text.to_owned()),
        _ => return Err(word.expected(A_SELECTOR)),
    };
    Ok((pattern, place))
}

/// Whether it could stand within a name.
fn is_part(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// Whether it is a pattern: `web-*`.
pub(crate) fn is_glob(text: &str) -> bool {
    text.contains(['*', '?'])
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_*?".contains(c))
}

/// Reads two lists with an arrow between them. `,` binds tighter than the arrow.
pub(crate) fn parse_links(text: Word<'_>) -> Result<LinkSelector, Expected> {
    let Some((arrow, left, right)) = first_arrow(text) else {
        let end = Word { text: "", at: text.at + text.text.len() };
        return Err(end.expected("`->`, `<->` or `|` and a second group"));
    };
    if let Some((_, before, _)) = first_arrow(right) {
        let second = right.part(before.text.len()..right.text.len());
        return Err(second.expected("one arrow only"));
    }
    Ok(LinkSelector {
        from: parse_selector(left.trimmed())?,
        arrow,
        to: parse_selector(right.trimmed())?,
    })
}

fn first_arrow(text: Word<'_>) -> Option<(Arrow, Word<'_>, Word<'_>)> {
    text.text.char_indices().find_map(|(i, _)| {
        let (sign, arrow) = Arrow::ALL.iter().find(|(sign, _)| text.text[i..].starts_with(sign))?;
        Some((*arrow, text.part(0..i), text.part(i + sign.len()..text.text.len())))
    })
}

/// Whether a name matches a pattern with `*` and `?`.
///
/// Only the last `*` is ever tried again, so the time is at most the product of both lengths.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let (wanted, letters) = (pattern.as_bytes(), name.as_bytes());
    let (mut next, mut at) = (0, 0);
    // Where to go on when the text after the last `*` does not match: one letter later.
    let mut retry: Option<(usize, usize)> = None;
    while at < letters.len() {
        match (wanted.get(next), retry) {
            (Some(b'*'), _) => {
                retry = Some((next + 1, at));
                next += 1;
            }
            (Some(one), _) if *one == b'?' || *one == letters[at] => {
                next += 1;
                at += 1;
            }
            (_, Some((after, from))) => {
                retry = Some((after, from + 1));
                (next, at) = (after, from + 1);
            }
            (_, None) => return false,
        }
    }
    wanted[next..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Result<LinkSelector, Expected> {
        parse_links(Word { text, at: 0 })
    }

    #[test]
    fn a_comma_binds_tighter_than_an_arrow() {
        let l = links("orders-db-1->orders-db-2,orders-db-3").unwrap();
        assert_eq!(l.from.patterns.len(), 1);
        assert_eq!(l.to.patterns.len(), 2);
        assert_eq!(l.arrow, Arrow::To);
        assert_eq!(links("a <-> b").unwrap().to_string(), "a<->b");
        assert_eq!(links("zone:a | zone:b,web-*").unwrap().to_string(), "zone:a|zone:b,web-*");
    }

    #[test]
    fn wrong_ones_say_what_is_expected() {
        let end = "a node, a component, `component:role`, `zone:name` or a pattern with `*`";
        for (text, found, expected) in [
            ("web", "", "`->`, `<->` or `|` and a second group"),
            ("a->b->c", "->c", "one arrow only"),
            ("a->", "", end),
            ("a,->b", "", end),
            ("a->db:primry", "primry", "`primary` or `replica`"),
            ("zone:->b", "", "the name of a zone"),
            ("a b->c", "b", "`,`, `key=value`, `for` or the end"),
            ("a->1b", "1b", end),
        ] {
            let e = links(text).unwrap_err();
            assert_eq!((e.found.as_str(), e.expected.as_str()), (found, expected), "{text}");
            assert_eq!(&text[e.range], found);
        }
    }

    #[test]
    fn stars_and_question_marks() {
        for (pattern, name, yes) in [
            ("*", "web-1", true),
            ("web-*", "web-12", true),
            ("web-?", "web-1", true),
            ("web-?", "web-12", false),
            ("*db*2", "orders-db-2", true),
            ("*db", "orders-db-2", false),
            ("a*b*c", "a-xb-xbc", true),
        ] {
            assert_eq!(matches(pattern, name), yes, "{pattern} {name}");
        }
    }
}
