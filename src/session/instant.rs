//! What happens in one instant, in words: for those who go through a run event by event.

use crate::observe::Observers;
use crate::observe::figures::time;
use crate::sim::id::{ClassId, ComponentId, NodeId};
use crate::sim::observation::{Acknowledged, Called, Ended, Event, Giver, Observer};
use crate::sim::reading::MessageReading;
use crate::sim::time::Ns;
use crate::sim::topology::Topology;
use crate::sim::{Stopped, World};
use std::collections::BTreeMap;

/// Frames that are looked at for messages that leave or arrive.
const SLOTS: usize = 16_384;
/// What nobody outside sees: work within a node, or a message of its own.
const UNSEEN: &str = "work within a node, or a health check, a beat or a log entry on its way";

/// Handles all events of the next instant of a world. What they were.
///
/// # Errors
/// When the world cannot go on.
pub(super) fn step(world: &mut World, observers: &Observers) -> Result<String, Stopped> {
    let topology = world.topology().clone();
    let before = under_way(world);
    let mut heard = Heard { topology: &topology, observers, told: Vec::new() };
    world.step(&mut heard)?;
    let after = under_way(world);
    let fewer =
        |all: &UnderWay, key: &Key, count: u32| all.get(key).is_none_or(|(_, n)| *n < count);
    for (_, (message, _)) in after.iter().filter(|(key, (_, n))| fewer(&before, key, *n)) {
        heard.message(message, true);
    }
    for (_, (message, _)) in before.iter().filter(|(key, (_, n))| fewer(&after, key, *n)) {
        heard.message(message, false);
    }
    Ok(told(&heard.told))
}

/// What makes it the same message at two instants: several attempts of one request may be alike.
type Key = (u64, NodeId, NodeId, bool);

/// One of the messages that are alike, and how many they are.
type UnderWay = BTreeMap<Key, (MessageReading, u32)>;

fn under_way(world: &World) -> UnderWay {
    let mut all = UnderWay::new();
    for m in world.under_way(SLOTS) {
        all.entry((m.request, m.from, m.to, m.reply)).or_insert((m, 0)).1 += 1;
    }
    all
}

/// Two things; what happens beside them is counted.
fn told(all: &[String]) -> String {
    match all {
        [] => UNSEEN.to_string(),
        [one] => one.clone(),
        [one, two] => format!("{one}; {two}"),
        [one, two, rest @ ..] => format!("{one}; {two}; {} more", rest.len()),
    }
}

/// Hears what a world tells of an instant.
struct Heard<'a> {
    topology: &'a Topology,
    observers: &'a Observers,
    told: Vec<String>,
}

impl Heard<'_> {
    fn name(&self, node: NodeId) -> &str {
        self.topology.display_name(node)
    }

    fn class(&self, class: ClassId) -> &str {
        self.observers.class_names().get(class.index()).map_or("a", |name| &**name)
    }

    /// A message leaves, or has come.
    fn message(&mut self, m: &MessageReading, leaves: bool) {
        let (what, from, to) = (
            match (m.reply, m.failed) {
                (false, _) => "call",
                (true, false) => "answer",
                (true, true) => "failure",
            },
            self.name(m.from),
            self.name(m.to),
        );
        let class = self.class(m.class);
        let text = if leaves {
            format!("{class} #{}: {what} leaves {from} for {to}", number(m.request))
        } else {
            format!("{class} #{}: {what} of {from} is at {to}", number(m.request))
        };
        self.told.push(text);
    }
}

/// The number of a request among those of its traffic.
fn number(request: u64) -> u64 {
    request & u64::from(u32::MAX)
}

impl Observer for Heard<'_> {
    fn arrived(&mut self, _at: Ns, class: ClassId) {
        let text = format!("a request of class {} begins", self.class(class));
        self.told.push(text);
    }

    fn ended(&mut self, at: Ns, ended: Ended) {
        let (class, number) = (self.class(ended.class), number(ended.request));
        let (how, took) = (ended.outcome.word(), time(at.saturating_sub(ended.arrived)));
        let text = format!("{class} #{number} ends after {took}: {how}");
        self.told.push(text);
    }

    fn called(&mut self, _at: Ns, called: Called) {
        // An answer that comes is told as a message.
        if called.class.is_none() && !called.outcome.is_good() {
            let text = format!(
                "a background call to {} ends: {}",
                self.name(called.to),
                called.outcome.word()
            );
            self.told.push(text);
        }
    }

    fn wasted(&mut self, _at: Ns, node: NodeId) {
        let text = format!("an answer of {} for which nobody waits any more", self.name(node));
        self.told.push(text);
    }

    fn looked_up(&mut self, _at: Ns, node: NodeId, hit: bool) {
        let text = format!("{}: {}", self.name(node), if hit { "hit" } else { "miss" });
        self.told.push(text);
    }

    fn acknowledged(&mut self, _at: Ns, write: Acknowledged) {
        let database = &self.topology.components[write.component.index()].name;
        self.told.push(format!("{database}: write {} is acknowledged", write.position));
    }

    fn stale(&mut self, _at: Ns, component: ComponentId, giver: Giver) {
        let database = &self.topology.components[component.index()].name;
        let from = match giver {
            Giver::Cache => "a cache",
            Giver::Primary => "the primary",
            Giver::Replica => "a replica",
        };
        self.told.push(format!("{database}: a stale read, given by {from}"));
    }

    fn happened(&mut self, _at: Ns, event: Event) {
        // The log tells it at length.
        if let Event::Node { node, .. } = event {
            let text = format!("{} changes its state: see the events", self.name(node));
            self.told.push(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::playbook;
    use crate::session::Session;

    fn told(session: &mut Session, of: usize) -> Vec<String> {
        (0..of).map(|_| session.step().unwrap()).collect()
    }

    #[test]
    fn a_request_is_told_from_its_beginning_to_its_end() {
        let playbook = playbook::open("food-delivery").unwrap().into_playbook();
        let mut session = Session::new(&playbook, 7);
        let all = told(&mut session, 2_000);
        let told = |wanted: &str| all.iter().any(|t| t.contains(wanted));
        let leaves = |t: &String| {
            Some(t.split_once("menu #")?.1.split_once(": call leaves app")?.0.to_string())
        };
        let first = all.iter().find_map(leaves).expect("one of that class comes");
        for wanted in [
            ": call leaves app for edge",
            ": call of app is at edge",
            ": answer leaves edge for app",
            " ends after ",
        ] {
            assert!(told(&format!("menu #{first}{wanted}")), "{first}{wanted}: {all:#?}");
        }
        assert!(told("a request of class menu begins") && told("menus: "), "{all:#?}");
        assert!(all.iter().all(|text| !text.is_empty()));
    }
}
