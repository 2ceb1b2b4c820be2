//! A command: its structure, its canonical text, and its binding to a world.

mod parse;

use super::selector::{LinkSelector, Place, Selector};
use super::units::print_time;
use super::verb::{ArgKind, Key, Takes, VERBS, Verb};
use super::{Expected, Scene, units};
use crate::sim::World;
use crate::sim::fault::Change;
use crate::sim::id::{ClassId, ComponentId, NodeId};
use crate::sim::spec::Value;
use crate::sim::time::Ns;
use std::fmt;
use std::str::FromStr;

/// Something that a person or a playbook may do: `crash web-2 for 10s`.
///
/// Two commands are equal if they mean the same; `Display` prints the one canonical text, which
/// parses to an equal command.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    pub(super) verb: &'static Verb,
    pub(super) factor: Option<f64>,
    pub(super) target: Target,
    /// The keys that are given, in the order of the verb's table.
    pub(super) arguments: Vec<(&'static Key, Argument)>,
    pub(super) length: Option<Ns>,
}

/// What a command acts on.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    /// Nothing is named.
    None,
    Nodes(Selector),
    Links(LinkSelector),
    Settings(Vec<Assignment>),
    Class(String, Place),
    Word(&'static str),
}

/// `menus.enabled=false`. The value stays text until the component, and so its kind, is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Assignment {
    pub path: String,
    pub value: String,
    pub at: Place,
}

/// The value of a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Argument {
    Factor(f64),
    Share(f64),
    Time(Ns),
    Count(u64),
    Flag(bool),
}

impl Argument {
    fn parse(kind: ArgKind, text: &str) -> Result<Argument, Expected> {
        Ok(match kind {
            ArgKind::Factor => Argument::Factor(units::parse_factor(text, false)?),
            ArgKind::Share => Argument::Share(units::parse_share(text)?),
            ArgKind::Time => Argument::Time(units::parse_time(text)?),
            ArgKind::Count => Argument::Count(units::parse_count(text)?),
            ArgKind::Flag => Argument::Flag(units::parse_flag(text)?),
        })
    }
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Argument::Factor(x) => write!(f, "{x}"),
            Argument::Share(x) => f.write_str(&units::print_share(*x)),
            Argument::Time(ns) => f.write_str(&print_time(*ns)),
            Argument::Count(n) => f.write_str(&units::print_count(*n)),
            Argument::Flag(flag) => write!(f, "{flag}"),
        }
    }
}

/// A command with ids for names: what a world takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// What is to be done, to whom.
    pub change: Change,
    /// For how long; `None` is until it is healed.
    pub length: Option<Ns>,
}

impl Command {
    /// Reads a command, in any spelling that the grammar allows.
    ///
    /// # Errors
    /// What was expected where, and the nearest valid word.
    pub fn parse(text: &str) -> Result<Command, Expected> {
        parse::command(text)
    }

    /// The word of its verb: `crash`, never an alias.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        self.verb.name
    }

    /// One line on what its verb does.
    #[must_use]
    pub fn about(&self) -> &'static str {
        self.verb.about
    }

    /// Whether it takes back the last command. That is for the session: it does not bind.
    #[must_use]
    pub fn is_undo(&self) -> bool {
        self.verb.name == "undo"
    }

    /// Whether it only ends faults, as `heal` does.
    #[must_use]
    pub fn mends(&self) -> bool {
        self.verb.mends || self.is_undo()
    }

    /// Whether it begins a fault: something that ends by itself or must be healed. Settings without
    /// an end are changed and stay so.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        let settings = matches!(self.verb.takes, Takes::Settings | Takes::Word(_));
        self.verb.lasts && (self.length.is_some() || !settings)
    }

    /// How long it lasts: its `for`.
    #[must_use]
    pub fn length(&self) -> Option<Ns> {
        self.length
    }

    /// The same with another `for`, or without.
    #[must_use]
    pub fn with_length(&self, length: Option<Ns>) -> Command {
        Command { length, ..self.clone() }
    }

    /// Finds out who is meant in a world, now.
    ///
    /// # Errors
    /// When a name does not exist, nothing is selected, a setting cannot change while running, or
    /// the command is not one for the world (`undo`).
    pub fn bind(&self, world: &World) -> Result<Bound, Expected> {
        self.bind_in(&Scene::now(world))
    }

    /// Finds out who is meant in a scene.
    ///
    /// # Errors
    /// As [`Command::bind`].
    pub fn bind_in(&self, scene: &Scene<'_>) -> Result<Bound, Expected> {
        let Some(bind) = self.verb.bind else {
            let others = VERBS.iter().filter(|v| v.bind.is_some()).map(|v| v.name);
            return Err(Expected::whole(self.verb.name, "a command for the cluster").near(others));
        };
        Ok(Bound { change: bind(self, scene)?, length: self.length })
    }
}

/// What binding functions in the table of verbs ask of a command.
impl Command {
    /// The nodes of its selector.
    pub(super) fn nodes(&self, scene: &Scene<'_>) -> Result<Vec<NodeId>, Expected> {
        let users = self.verb.takes == Takes::Anything;
        if let (Takes::NodesOf(kinds), Target::Nodes(selector)) = (self.verb.takes, &self.target) {
            scene.components(Some(selector), kinds)?;
        }
        match &self.target {
            Target::Nodes(selector) => {
                self.not_empty(scene.nodes(selector, users)?, selector, scene)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The same, with those that may still come to the places that it names: a fault between places
    /// holds them, too.
    pub(super) fn nodes_ever(&self, scene: &Scene<'_>) -> Result<Vec<NodeId>, Expected> {
        let nodes = self.nodes(scene)?;
        match &self.target {
            Target::Nodes(selector) if !nodes.is_empty() => scene.side(selector),
            _ => Ok(nodes),
        }
    }

    /// The ordered pairs of nodes of its link selector.
    pub(super) fn links(&self, scene: &Scene<'_>) -> Result<Vec<(NodeId, NodeId)>, Expected> {
        let Target::Links(links) = &self.target else { return Ok(Vec::new()) };
        self.not_empty(scene.nodes(&links.from, true)?, &links.from, scene)?;
        self.not_empty(scene.nodes(&links.to, true)?, &links.to, scene)?;
        let pairs = scene.links(links)?;
        let later = scene.may_change(&links.from) || scene.may_change(&links.to);
        if pairs.is_empty() && !self.may_miss() && !later {
            let (start, end) = (range_of(&links.from).start, range_of(&links.to).end);
            let what = "two different groups of nodes";
            return Err(Expected::new(start..end, &links.to_string(), what));
        }
        Ok(pairs)
    }

    /// The components of its selector, of the kinds that its verb takes.
    pub(super) fn components(&self, scene: &Scene<'_>) -> Result<Vec<ComponentId>, Expected> {
        let (Takes::Components(kinds) | Takes::AnyComponents(kinds)) = self.verb.takes else {
            return Ok(Vec::new());
        };
        match &self.target {
            Target::Nodes(s) => self.not_empty(scene.components(Some(s), kinds)?, s, scene),
            _ => scene.components(None, kinds),
        }
    }

    /// Its assignments.
    pub(super) fn settings(
        &self,
        scene: &Scene<'_>,
    ) -> Result<Vec<(ComponentId, &'static str, Value)>, Expected> {
        let Target::Settings(assignments) = &self.target else { return Ok(Vec::new()) };
        let mut settings = Vec::new();
        for Assignment { path, value, at } in assignments {
            let start = at.range().start;
            for (component, row) in scene.settings(path, start)? {
                let value = super::setting::parse(&row, value)
                    .map_err(|e| e.shifted(start + path.len() + "=".len()))?;
                settings.push((component, row.name, value));
            }
        }
        Ok(settings)
    }

    /// The value of a key that is a number, or its default.
    pub(super) fn number(&self, key: &Key) -> f64 {
        match self.argument(key) {
            Some(Argument::Factor(x) | Argument::Share(x)) => x,
            _ => 1.0,
        }
    }

    /// The value of a key that is a length of time, or its default.
    pub(super) fn time(&self, key: &Key) -> Ns {
        match self.argument(key) {
            Some(Argument::Time(ns)) => ns,
            _ => 0,
        }
    }

    /// The value of a key that is a whole number, or its default.
    pub(super) fn count(&self, key: &Key) -> u64 {
        match self.argument(key) {
            Some(Argument::Count(n)) => n,
            _ => 0,
        }
    }

    /// The class that it is about, and how many keys that has; with what says that it should be
    /// another.
    pub(super) fn class(
        &self,
        scene: &Scene<'_>,
    ) -> Result<(ClassId, u64, impl Fn(String) -> Expected), Expected> {
        let (name, range) = match &self.target {
            Target::Class(name, place) => (name.as_str(), place.range()),
            _ => ("", 0..0),
        };
        let classes = &scene.topology.classes;
        let Some(at) = classes.iter().position(|(known, _)| known == name) else {
            let names = classes.iter().map(|(name, _)| name.as_str());
            return Err(Expected::new(range, name, "a class of requests").near(names));
        };
        let wrong = move |what: String| Expected::new(range.clone(), name, what);
        Ok((ClassId(at as u8), classes[at].1, wrong))
    }

    /// An error about what it acts on.
    pub(super) fn wrong_target(&self, expected: String) -> Expected {
        match &self.target {
            Target::Nodes(s) => Expected::new(range_of(s), &s.to_string(), expected),
            _ => Expected::whole("", expected),
        }
    }

    /// The word after its verb, if it takes one.
    pub(super) fn word(&self) -> Option<&'static str> {
        match self.target {
            Target::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Whether nodes are named.
    pub(super) fn has_selector(&self) -> bool {
        matches!(self.target, Target::Nodes(_))
    }

    /// Whether it has a selector of links.
    pub(super) fn has_links(&self) -> bool {
        matches!(self.target, Target::Links(_))
    }

    fn argument(&self, key: &Key) -> Option<Argument> {
        match self.arguments.iter().find(|(k, _)| k.name == key.name) {
            Some((_, argument)) => Some(*argument),
            None => Argument::parse(key.kind, key.default?).ok(),
        }
    }

    fn may_miss(&self) -> bool {
        self.arguments.iter().any(|(k, a)| k.name == "may_miss" && *a == Argument::Flag(true))
    }

    fn not_empty<T>(
        &self,
        found: Vec<T>,
        selector: &Selector,
        scene: &Scene<'_>,
    ) -> Result<Vec<T>, Expected> {
        if found.is_empty() && !self.may_miss() && !scene.may_change(selector) {
            let what = match scene.number_too_high(selector) {
                Some(has) => format!("a node that is there ({has})"),
                None => EMPTY.to_owned(),
            };
            return Err(Expected::new(range_of(selector), &selector.to_string(), what));
        }
        Ok(found)
    }
}

/// What was expected where a selector names nothing.
const EMPTY: &str = "something that is there (it selects nothing now; `may_miss=true` allows it)";

fn range_of(selector: &Selector) -> std::ops::Range<usize> {
    let place = |p: Option<&(_, Place)>| p.map(|(_, place)| place.range()).unwrap_or_default();
    place(selector.patterns.first()).start..place(selector.patterns.last()).end
}

impl FromStr for Command {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Command, Expected> {
        Command::parse(text)
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb.name)?;
        if let Some(factor) = self.factor {
            write!(f, " x{factor}")?;
        }
        match &self.target {
            Target::None => {}
            Target::Nodes(selector) => write!(f, " {selector}")?,
            Target::Links(links) => write!(f, " {links}")?,
            Target::Word(word) => write!(f, " {word}")?,
            Target::Class(class, _) => write!(f, " {class}")?,
            Target::Settings(assignments) => {
                for Assignment { path, value, .. } in assignments {
                    write!(f, " {path}={value}")?;
                }
            }
        }
        for (key, argument) in &self.arguments {
            write!(f, " {}={argument}", key.name)?;
        }
        match self.length {
            Some(length) => write!(f, " for {}", print_time(length)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
