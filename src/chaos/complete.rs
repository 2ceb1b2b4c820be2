//! What can be typed next, from the same tables as the parser.

mod targets;

use super::scan::words;
use super::scene::Scene;
use super::verb::{self, ArgKind, Key, Takes, VERBS, Verb};
use crate::sim::World;
use crate::sim::id::ComponentId;
use crate::sim::spec::Options;
use targets::{required, targets};

/// A whole command that can be made of what was typed so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The text of the whole command; it may lack a part yet.
    pub text: String,
    /// What it does, or what comes next.
    pub about: String,
}

impl Candidate {
    pub(super) fn new(text: impl Into<String>, about: impl Into<String>) -> Candidate {
        Candidate { text: text.into(), about: about.into() }
    }
}

/// The lengths that are offered; the first stands beside each target.
const LENGTHS: &[&str] = &["10s", "30s", "5s"];

/// The factors of traffic that are offered.
const FACTORS: &[&str] = &["x10", "x2", "x5", "x0.5"];

/// All that could continue or complete a command. The last word is not filtered by what was typed
/// of it: that is for fuzzy matching, which sees all candidates. A first word that is no verb stands
/// for all verbs that contain its letters in order, so that `cras w2` finds `crash web-2`.
#[must_use]
pub fn complete(text: &str, world: &World) -> Vec<Candidate> {
    complete_in(text, &Scene::now(world), &|component| world.options(component).clone())
}

/// The same in a scene, with the settings of its components.
pub(crate) fn complete_in(
    text: &str,
    scene: &Scene<'_>,
    options: &dyn Fn(ComponentId) -> Options,
) -> Vec<Candidate> {
    let words = words(text);
    let Some(first) = words.first() else {
        return VERBS.iter().map(|v| Candidate::new(v.name, v.about)).collect();
    };
    let begun = !text.ends_with(char::is_whitespace);
    let ended = words.len() - usize::from(begun);
    let done: Vec<&str> = words[..ended].iter().skip(1).map(|word| word.text).collect();
    let last = if begun && ended > 0 { words[ended].text } else { "" };
    let verbs: Vec<&Verb> = match verb::find(first.text) {
        Some(verb) => vec![verb],
        None if ended == 0 => VERBS.iter().collect(),
        None => {
            let begins = |v: &Verb| v.aliases.iter().any(|a| a.starts_with(first.text));
            let fits = |v: &&Verb| contains_in_order(v.name, first.text) || begins(v);
            VERBS.iter().filter(fits).collect()
        }
    };
    let all = verbs.into_iter().flat_map(|verb| {
        let target = || {
            let mut all = targets(verb.takes, last, scene, options);
            for candidate in &mut all {
                candidate.text += &required(verb, &candidate.text, scene);
            }
            all
        };
        Begun { verb, done: &done, needs: required(verb, done.first().unwrap_or(&""), scene) }
            .candidates(target)
    });
    all.collect()
}

/// The values of a key that are offered: its default first.
fn values(key: &Key) -> Vec<&'static str> {
    let typical: &[&str] = match key.kind {
        ArgKind::Factor => &["2", "10", "100"],
        ArgKind::Share => &["1%", "5%", "30%", "100%"],
        ArgKind::Time => &["10ms", "100ms", "1s"],
        ArgKind::Count => &["1", "2"],
        ArgKind::Flag => &["true"],
    };
    let usual = key.default.filter(|_| key.kind != ArgKind::Flag);
    let others = typical.iter().copied().filter(|v| Some(*v) != usual);
    usual.into_iter().chain(others).collect()
}

/// Whether all letters of `typed` stand in `word`, in that order.
fn contains_in_order(word: &str, typed: &str) -> bool {
    let mut letters = word.chars();
    typed.chars().all(|c| letters.any(|l| l == c))
}

/// A verb and the complete words after it.
struct Begun<'a> {
    verb: &'static Verb,
    done: &'a [&'a str],
    /// The keys that must be given, with values that fit the target.
    needs: String,
}

impl Begun<'_> {
    fn text(&self) -> String {
        let words = std::iter::once(self.verb.name).chain(self.done.iter().copied());
        words.collect::<Vec<_>>().join(" ")
    }

    fn candidates(&self, targets: impl FnOnce() -> Vec<Candidate>) -> Vec<Candidate> {
        let (verb, text) = (self.verb, self.text());
        if self.done.contains(&"for") {
            return match self.done.last() {
                Some(&"for") => self.each(LENGTHS.iter().copied()),
                _ => vec![Candidate::new(text, verb.about)],
            };
        }
        if verb.factor && self.done.is_empty() {
            return self.with_lengths(FACTORS.iter().map(|x| Candidate::new(*x, verb.about)));
        }
        let targets_done = self.done.len() - usize::from(verb.factor);
        let optional =
            matches!(verb.takes, Takes::Nothing | Takes::Anything | Takes::AnyComponents(_));
        let mut all = Vec::new();
        if targets_done > 0 || optional {
            all.push(Candidate::new(text, verb.about));
            all.extend(self.endings());
        }
        if targets_done == 0 || verb.takes == Takes::Settings {
            all.extend(self.with_lengths(targets().into_iter()));
        }
        all
    }

    /// The keys that are not given yet, and `for`.
    fn endings(&self) -> Vec<Candidate> {
        let mut all = Vec::new();
        if self.verb.lasts {
            all.extend(self.each(LENGTHS.iter().map(|time| format!("for {time}"))));
        }
        for key in self.verb.keys {
            let given = |word: &&str| word.split('=').next() == Some(key.name);
            if !self.done.iter().any(given) {
                if key.default.is_none() {
                    let text = format!("{}{}", self.text(), self.needs);
                    all.push(Candidate::new(text, key.about));
                    continue;
                }
                let text = |value| format!("{} {}={value}", self.text(), key.name);
                let values = values(key);
                all.extend(values.into_iter().map(|v| Candidate::new(text(v), key.about)));
            }
        }
        all
    }

    fn each(&self, words: impl Iterator<Item = impl std::fmt::Display>) -> Vec<Candidate> {
        let text = self.text();
        words.map(|word| Candidate::new(format!("{text} {word}"), self.verb.about)).collect()
    }

    /// Each target alone and, if the verb lasts, with an end.
    fn with_lengths(&self, targets: impl Iterator<Item = Candidate>) -> Vec<Candidate> {
        let text = self.text();
        let mut all = Vec::new();
        for target in targets {
            let whole = format!("{text} {}", target.text);
            let ended = format!("{whole} for {}", LENGTHS[0]);
            let complete = super::Command::parse(&ended).is_ok();
            all.push(Candidate::new(whole, target.about));
            if complete {
                all.push(Candidate::new(ended, format!("the same, and back after {}", LENGTHS[0])));
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::super::Command;
    use super::super::command::tests::cluster;
    use super::*;
    use crate::sim::topology::Topology;
    use proptest::prelude::*;

    fn texts(text: &str) -> Vec<String> {
        let cluster = cluster();
        let topology = Topology::new(&cluster);
        let options = |c: ComponentId| cluster.components[c.index()].options.clone();
        let all = complete_in(text, &Scene::planned(&topology), &options);
        all.into_iter().map(|c| c.text).collect()
    }

    fn has(text: &str, wanted: &[&str]) {
        let all = texts(text);
        for wanted in wanted {
            assert!(
                all.iter().any(|t| t == wanted),
                "{text:?} does not offer {wanted:?}: {all:#?}"
            );
        }
    }

    #[test]
    fn each_place_offers_what_fits() {
        assert_eq!(texts("").len(), VERBS.len());
        has("cras", &["crash web-2", "crash web-2 for 10s", "undo", "heal"]);
        has("cras w2", &["crash web-2", "crash orders-db:primary", "crash zone:a", "crash web"]);
        has("crash web-2 ", &["crash web-2", "crash web-2 for 10s", "crash web-2 may_miss=true"]);
        has("crash web-2 for ", &["crash web-2 for 30s"]);
        has("crash web-1,we", &["crash web-1,web-2"]);
        has("cut zone:a", &["cut zone:a|zone:b", "cut web->orders-db"]);
        has("cut edge->", &["cut edge->web-2", "cut edge->web-2 for 10s"]);
        has("traffic ", &["traffic x10", "traffic x10 for 10s"]);
        has("traffic x10 ", &["traffic x10 for 30s", "traffic x10 app"]);
        has("set me", &["set menus.enabled=false", "set edge.policy=least_connections"]);
        has("set menus.enabled=", &["set menus.enabled=true", "set menus.enabled=false"]);
        has("slow web ", &["slow web factor=10", "slow web factor=100"]);
        has("error web p=", &["error web p=30%", "error web p=100%"]);
        has("set web.threads=", &["set web.threads=128", "set web.threads=unlimited"]);
        has("cache ", &["cache off", "cache off for 10s"]);
        has("flush ", &["flush menus"]);
        has("scale ", &["scale web to=8"]);
        has("scale web ", &["scale web to=8"]);
        has("hot_key ", &["hot_key menu", "hot_key menu for 10s"]);
        has("hot_key menu ", &["hot_key menu share=60%", "hot_key menu key=0"]);
        assert!(!texts("crash ").contains(&"crash web-5".to_owned()), "it is not there");
        assert!(!texts("scale ").iter().any(|t| t.contains("edge")));
        assert!(!texts("flush ").contains(&"flush web".to_owned()));
        assert!(!texts("set ").iter().any(|t| t.contains("web.instances")));
        assert!(!texts("crash ").iter().any(|t| t.contains("app")));
    }

    #[test]
    fn what_is_offered_can_be_said() {
        let cluster = cluster();
        let topology = Topology::new(&cluster);
        for verb in VERBS.iter().filter(|v| v.bind.is_some()) {
            for text in texts(&format!("{} ", verb.name)) {
                // A pair that is only begun is offered too.
                let command = Command::parse(&text).unwrap();
                let bound = command.bind_in(&Scene::planned(&topology));
                assert!(bound.is_ok(), "{text}: {bound:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(crash|cut|set|traffic|heal)?.{0,20}") {
            let _ = texts(&text);
        }
    }

    #[test]
    fn what_begins_an_alias_stands_for_its_verb_and_nonsense_is_not_continued() {
        has("part web-2", &["cut web-2|*"]);
        assert!(texts("cut zone=a|").is_empty(), "{:?}", texts("cut zone=a|"));
    }
}
