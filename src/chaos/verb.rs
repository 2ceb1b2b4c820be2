//! The table of verbs: what can be said, what it takes, and how it becomes a change of the world.
//!
//! A new verb is one row here and its binding function; parser, printer, completer and
//! `brownout list commands` read the row.

use super::command::Command;
use super::{Expected, Scene};
use crate::sim::fault::{Change, HotKey};
use crate::sim::spec::Value;

/// What a verb acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// Nodes that run a process.
    Nodes,
    /// Nodes of components of these kinds.
    NodesOf(&'static [&'static str]),
    /// Nodes, users too, or links; or everything if there is no selector.
    Anything,
    /// Links.
    Links,
    /// Components of these kinds.
    Components(&'static [&'static str]),
    /// Components of these kinds; all of them if there is no selector.
    AnyComponents(&'static [&'static str]),
    /// A class of requests.
    Class,
    /// Assignments `path=value`.
    Settings,
    /// One of these words.
    Word(&'static [&'static str]),
}

/// What values a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    /// A number above 0.
    Factor,
    /// A share: `5%`.
    Share,
    /// A length of time.
    Time,
    /// A whole number.
    Count,
    /// `true` or `false`.
    Flag,
}

/// A key of a verb: `factor=10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What values it takes.
    pub kind: ArgKind,
    /// Its value where it is not given; `None` if it must be given.
    pub default: Option<&'static str>,
    /// One line on what it means.
    pub about: &'static str,
}

/// Turns a command into a change of the world.
pub type Bind = fn(&Command, &Scene<'_>) -> Result<Change, Expected>;

/// One verb.
#[derive(Clone, Copy, Debug)]
pub struct Verb {
    /// The word.
    pub name: &'static str,
    /// Other words for it; they are read, never printed.
    pub aliases: &'static [&'static str],
    /// Whether a factor `x10` follows it.
    pub factor: bool,
    /// What it acts on.
    pub takes: Takes,
    /// Its keys.
    pub keys: &'static [Key],
    /// Whether it may have an end: `for 10s`.
    pub lasts: bool,
    /// Whether it only ends faults: as a step of a playbook it does no harm.
    pub mends: bool,
    /// How it becomes a change; `None` if it is for the session, not for the world.
    pub bind: Option<Bind>,
    /// One line on what it does.
    pub about: &'static str,
    /// A complete example.
    pub example: &'static str,
}

impl PartialEq for Verb {
    fn eq(&self, other: &Verb) -> bool {
        self.name == other.name
    }
}

const MAY_MISS: Key = Key {
    name: "may_miss",
    kind: ArgKind::Flag,
    default: Some("false"),
    about: "no error if nothing is selected",
};

const FACTOR: Key = Key {
    name: "factor",
    kind: ArgKind::Factor,
    default: Some("10"),
    about: "how many times as long work takes",
};

const SHARE: &str = "how many of them: the probability";

const ERRORS: Key = Key { name: "p", kind: ArgKind::Share, default: Some("30%"), about: SHARE };

const LOSSES: Key = Key { name: "p", kind: ArgKind::Share, default: Some("5%"), about: SHARE };

const BASE: Key = Key {
    name: "base",
    kind: ArgKind::Time,
    default: Some("100ms"),
    about: "how much longer a message takes",
};

const JITTER: Key = Key {
    name: "jitter",
    kind: ArgKind::Time,
    default: Some("0ms"),
    about: "up to so much more or less than that, uniformly",
};

const HOT: Key = Key {
    name: "share",
    kind: ArgKind::Share,
    default: Some("60%"),
    about: "how many of the requests",
};

const KEY: Key = Key {
    name: "key",
    kind: ArgKind::Count,
    default: Some("0"),
    about: "which key; 0 is the most popular as it is",
};

const TO: Key = Key {
    name: "to",
    kind: ArgKind::Count,
    default: None,
    about: "how many nodes, up to `instances_max`",
};

/// A verb without aliases, factor and keys that lasts: the usual fault. Rows override what differs.
const FAULT: Verb = Verb {
    name: "",
    aliases: &[],
    factor: false,
    takes: Takes::Nodes,
    keys: &[MAY_MISS],
    lasts: true,
    mends: false,
    bind: None,
    about: "",
    example: "",
};

/// All verbs, in the order in which they are listed.
pub const VERBS: &[Verb] = &[
    Verb {
        name: "crash",
        aliases: &["kill", "break"],
        bind: Some(|c, s| Ok(Change::Crash(c.nodes(s)?))),
        about: "stop the process; the host stays on and refuses",
        example: "crash web-2 for 10s",
        ..FAULT
    },
    Verb {
        name: "restart",
        lasts: false,
        mends: true,
        bind: Some(|c, s| Ok(Change::Restart(c.nodes(s)?))),
        about: "start the process again, cold; ends `crash` and `pause`",
        example: "restart web-2",
        ..FAULT
    },
    Verb {
        name: "pause",
        aliases: &["freeze"],
        bind: Some(|c, s| Ok(Change::Pause(c.nodes(s)?))),
        about: "freeze the process: it does nothing and holds what it holds",
        example: "pause web-1 for 5s",
        ..FAULT
    },
    Verb {
        name: "resume",
        aliases: &["thaw"],
        lasts: false,
        mends: true,
        bind: Some(|c, s| Ok(Change::Resume(c.nodes(s)?))),
        about: "thaw the process: ends `pause`",
        example: "resume web-1",
        ..FAULT
    },
    Verb {
        name: "power_off",
        bind: Some(|c, s| Ok(Change::PowerOff(c.nodes(s)?))),
        about: "the host goes dark: silence until the caller's own timeout",
        example: "power_off zone:a for 20s",
        ..FAULT
    },
    Verb {
        name: "power_on",
        lasts: false,
        mends: true,
        bind: Some(|c, s| Ok(Change::PowerOn(c.nodes(s)?))),
        about: "the host has power again, its process boots: ends `power_off`",
        example: "power_on zone:a",
        ..FAULT
    },
    Verb {
        name: "cut",
        aliases: &["partition", "split", "isolate", "disconnect"],
        takes: Takes::Links,
        bind: Some(|c, s| Ok(Change::Cut(c.links(s)?))),
        about: "messages on these links do not arrive",
        example: "cut zone:a|zone:b for 10s",
        ..FAULT
    },
    Verb {
        name: "slow",
        keys: &[FACTOR, MAY_MISS],
        bind: Some(|c, s| Ok(Change::Slow(c.nodes(s)?, c.number(&FACTOR)))),
        about: "work that starts there takes longer",
        example: "slow web-3 factor=10 for 30s",
        ..FAULT
    },
    Verb {
        name: "error",
        keys: &[ERRORS, MAY_MISS],
        bind: Some(|c, s| Ok(Change::Error(c.nodes(s)?, c.number(&ERRORS)))),
        about: "gray: what users want of it fails, health checks pass",
        example: "error web-3 p=30% for 10s",
        ..FAULT
    },
    Verb {
        name: "delay",
        takes: Takes::Links,
        keys: &[BASE, JITTER, MAY_MISS],
        bind: Some(|c, s| Ok(Change::Delay(c.links(s)?, c.time(&BASE), c.time(&JITTER)))),
        about: "messages on these links take longer",
        example: "delay web<->orders-db base=100ms jitter=20ms for 30s",
        ..FAULT
    },
    Verb {
        name: "lose",
        takes: Takes::Links,
        keys: &[LOSSES, MAY_MISS],
        bind: Some(|c, s| Ok(Change::Lose(c.links(s)?, c.number(&LOSSES)))),
        about: "messages on these links are lost, and sent again by TCP",
        example: "lose edge->web p=5% for 20s",
        ..FAULT
    },
    Verb {
        name: "traffic",
        aliases: &["spike"],
        factor: true,
        takes: Takes::AnyComponents(&["traffic"]),
        bind: Some(|c, s| Ok(Change::Traffic(c.components(s)?, c.factor.unwrap_or(1.0)))),
        about: "multiply the arrivals",
        example: "traffic x10 for 20s",
        ..FAULT
    },
    Verb {
        name: "hot_key",
        takes: Takes::Class,
        keys: &[HOT, KEY],
        bind: Some(hot_key),
        about: "a share of the requests of a class goes to one key",
        example: "hot_key menu share=60% key=9000 for 20s",
        ..FAULT
    },
    Verb {
        name: "set",
        takes: Takes::Settings,
        keys: &[],
        bind: Some(|c, s| Ok(Change::Set(c.settings(s)?))),
        about: "change settings",
        example: "set edge.policy=least_connections",
        ..FAULT
    },
    Verb {
        name: "cache",
        takes: Takes::Word(&["on", "off"]),
        keys: &[],
        bind: Some(switch_cache),
        about: "use the first cache or not: sets its `enabled`",
        example: "cache off for 30s",
        ..FAULT
    },
    Verb {
        name: "flush",
        takes: Takes::Components(&["cache", "queue"]),
        lasts: false,
        bind: Some(|c, s| Ok(Change::Flush(c.components(s)?))),
        about: "throw away a cache's entries, or a queue's waiting messages",
        example: "flush menus",
        ..FAULT
    },
    Verb {
        name: "scale",
        takes: Takes::Components(&["service", "workers"]),
        keys: &[TO, MAY_MISS],
        lasts: false,
        bind: Some(scale),
        about: "more or fewer nodes: new ones boot, the last ones finish their work and leave",
        example: "scale web to=8",
        ..FAULT
    },
    Verb {
        name: "promote",
        takes: Takes::NodesOf(&["database"]),
        lasts: false,
        bind: Some(|c, s| Ok(Change::Promote(c.nodes(s)?))),
        about: "make a node of a database its primary; it may lack writes",
        example: "promote orders-db-2",
        ..FAULT
    },
    Verb {
        name: "heal",
        takes: Takes::Anything,
        lasts: false,
        mends: true,
        bind: Some(heal),
        about: "end the faults on nodes or links; without a selection, all",
        example: "heal web-2",
        ..FAULT
    },
    Verb {
        name: "undo",
        takes: Takes::Nothing,
        keys: &[],
        lasts: false,
        about: "take back the last command",
        example: "undo",
        ..FAULT
    },
];

/// The verb of that word, which may be an alias.
#[must_use]
pub fn find(word: &str) -> Option<&'static Verb> {
    VERBS.iter().find(|v| v.name == word || v.aliases.contains(&word))
}

/// The least that must be typed of an alias for it to be meant.
const MEANT: usize = 3;

/// The text with the verb in the place of an alias, or of the beginning of one: `part web` becomes
/// `cut web`. `None` if its first word is none.
#[must_use]
pub fn meant(text: &str) -> Option<String> {
    let text = text.trim_start();
    let word = text.split(' ').next()?;
    let begins = |v: &&Verb| v.aliases.iter().any(|a| a.starts_with(word));
    if word.chars().count() < MEANT || VERBS.iter().any(|v| v.name == word) {
        return None;
    }
    let verb = VERBS.iter().find(begins)?;
    Some(format!("{}{}", verb.name, &text[word.len()..]))
}

/// All words that begin a command, aliases too.
pub fn words() -> impl Iterator<Item = &'static str> {
    VERBS.iter().flat_map(|v| std::iter::once(v.name).chain(v.aliases.iter().copied()))
}

impl Verb {
    /// How it is written: `slow SELECTOR [factor=10] [for TIME]`. Without `may_miss`, which every
    /// verb with a selector takes.
    #[must_use]
    pub fn usage(&self) -> String {
        let mut parts = vec![self.name.to_owned()];
        if self.factor {
            parts.push("xNUMBER".to_owned());
        }
        match self.takes {
            Takes::Nothing => {}
            Takes::Nodes | Takes::NodesOf(_) | Takes::Components(_) => {
                parts.push("SELECTOR".to_owned());
            }
            Takes::Anything | Takes::AnyComponents(_) => parts.push("[SELECTOR]".to_owned()),
            Takes::Links => parts.push("SELECTOR->SELECTOR".to_owned()),
            Takes::Class => parts.push("CLASS".to_owned()),
            Takes::Settings => parts.push("PATH=VALUE…".to_owned()),
            Takes::Word(words) => parts.push(words.join("|")),
        }
        let keys = self.keys.iter().filter(|key| key.name != MAY_MISS.name);
        parts.extend(keys.map(|key| match key.default {
            Some(default) => format!("[{}={default}]", key.name),
            None => format!("{}=…", key.name),
        }));
        if self.lasts {
            parts.push("[for TIME]".to_owned());
        }
        parts.join(" ")
    }
}

fn switch_cache(command: &Command, scene: &Scene<'_>) -> Result<Change, Expected> {
    let caches = scene.components(None, &["cache"])?;
    let Some(cache) = caches.first() else {
        return Err(Expected::whole(&command.to_string(), "a cluster with a cache"));
    };
    Ok(Change::Set(vec![(*cache, "enabled", Value::Flag(command.word() == Some("on")))]))
}

fn heal(command: &Command, scene: &Scene<'_>) -> Result<Change, Expected> {
    if command.has_links() {
        return Ok(Change::HealLinks(command.links(scene)?));
    }
    let nodes = command.has_selector().then(|| command.nodes_ever(scene)).transpose()?;
    Ok(Change::Heal(nodes))
}

fn hot_key(command: &Command, scene: &Scene<'_>) -> Result<Change, Expected> {
    let (class, keys, error) = command.class(scene)?;
    let key = command.count(&KEY);
    if key >= keys {
        return Err(error(format!("a class that has a key {key} (it has keys 0 to {})", keys - 1)));
    }
    Ok(Change::HotKey(HotKey { class, share: command.number(&HOT), key: key as u32 }))
}

fn scale(command: &Command, scene: &Scene<'_>) -> Result<Change, Expected> {
    let components = command.components(scene)?;
    let to = command.count(&TO);
    for &component in &components {
        let info = &scene.topology.components[component.index()];
        if to == 0 || to > u64::from(info.room) {
            let (name, room) = (&info.name, info.room);
            let bounds = format!("{name} can have 1 to {room}: see `{name}.instances_max`");
            return Err(command.wrong_target(format!("a component of {to} nodes ({bounds})")));
        }
    }
    Ok(Change::Scale(components, to as u16))
}
