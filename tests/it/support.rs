//! What the tests of whole runs share: sessions to run, and commands to run them with.
//!
//! Everything that these tests need of the library's interface goes through here.

use crate::tidy::ROOT;
use brownout::chaos::Command;
use brownout::playbook::{self, Playbook};
use brownout::session::Session;
use brownout::sim::time::{MILLISECOND, Ns, SECOND};
use std::path::Path;

/// Commands that reach every part of the default cluster, with the milliseconds at which they act.
/// The primary dies with writes that no replica has, so that a failover loses some.
pub const SCRIPT: &[(u64, &str)] = &[
    (4_000, "crash web-2 for 4s"),
    (5_000, "traffic x1.2 for 2s"),
    (6_500, "pause web-1 for 300ms"),
    (7_800, "cut orders-db-1->orders-db-2,orders-db-3 for 8s"),
    (8_000, "crash orders-db:primary for 6s"),
    (11_000, "slow couriers factor=3 for 3s"),
    (12_000, "set menus.enabled=false"),
    (13_000, "set menus.enabled=true edge.policy=least_connections"),
    (13_000, "flush menus"),
    (15_000, "crash couriers-1"),
    (16_000, "restart couriers-1"),
    (16_500, "slow web-3 factor=1.5"),
    (17_000, "heal"),
];

/// Simulated time of the script and of what follows from it.
pub const LENGTH: Ns = 20 * SECOND;

/// A built-in or a file of `tests/fixtures`.
pub fn playbook(name: &str) -> Playbook {
    let file = Path::new(ROOT).join("tests/fixtures").join(name);
    let name = if file.is_file() { file.to_string_lossy().into_owned() } else { name.to_string() };
    playbook::open(&name).map_or_else(|e| panic!("{e}"), playbook::Opened::into_playbook)
}

/// A playbook, or a cluster alone, that is written in a test.
pub fn playbook_of(text: &str) -> Playbook {
    let opened = playbook::parse("test.toml", text, None);
    opened.unwrap_or_else(|e| panic!("{e}\n{text}")).into_playbook()
}

/// A session of it at time 0.
pub fn session_of(text: &str, seed: u64) -> Session {
    Session::new(&playbook_of(text), seed)
}

/// A session at time 0.
pub fn session(name: &str, seed: u64) -> Session {
    Session::new(&playbook(name), seed)
}

pub fn command(text: &str) -> Command {
    Command::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// The default cluster with commands at milliseconds, until a second.
pub fn acted(commands: &[(u64, &str)], seconds: u64) -> Session {
    acted_in(session("food-delivery", 7), commands, seconds)
}

/// A session with commands at milliseconds, until a second.
pub fn acted_in(mut session: Session, commands: &[(u64, &str)], seconds: u64) -> Session {
    for (at, text) in commands {
        session.advance(at * MILLISECOND).expect("the world goes on");
        session.inject(&command(text)).unwrap_or_else(|e| panic!("{text}: {e}"));
    }
    session.advance(seconds * SECOND).expect("the world goes on");
    session.world().audit().expect("the books add up");
    session
}

/// Runs the script from where the session stands to `until`, in slices as `slice` gives them.
pub fn play(session: &mut Session, until: Ns, mut slice: impl FnMut() -> Ns) {
    let start = session.now();
    let due = SCRIPT.iter().map(|(at, text)| (at * MILLISECOND, *text));
    for (at, text) in due.filter(|(at, _)| (start..until).contains(at)) {
        run(session, at, &mut slice);
        session.inject(&command(text)).unwrap_or_else(|e| panic!("{text}: {e}"));
    }
    run(session, until, &mut slice);
}

fn run(session: &mut Session, until: Ns, slice: &mut impl FnMut() -> Ns) {
    while session.now() < until {
        let next = until.min(session.now() + slice());
        session.advance(next).expect("the world goes on");
    }
}

/// Slices as long as there is to go.
pub fn whole() -> Ns {
    LENGTH
}

/// A cluster of users and one server, as a file has it: each part is lines of that table.
#[derive(Clone, Copy)]
pub struct OneServer<'a> {
    pub network: &'a str,
    pub traffic: &'a str,
    /// The one step of every request.
    pub step: &'a str,
    pub server: &'a str,
}

impl OneServer<'_> {
    /// The text, without a name.
    pub fn text(&self) -> String {
        let OneServer { network, traffic, step, server } = self;
        format!(
            r#"
            [network]
            {network}
            [traffic.users]
            to = "web"
            {traffic}
            [request.get]
            share = "100%"
            steps = ["{step}"]
            [service.web]
            instances = 1
            {server}
            "#
        )
    }
}

/// Two servers that write to 200 rows of a database of three nodes with these settings, which three
/// watchers watch: as a file has it, without the name.
pub fn store(settings: &str) -> String {
    format!(
        r#"
        [traffic.users]
        to = "web"
        rate = "200/s"
        [request.order]
        share = "100%"
        keys = {{ count = 200 }}
        steps = ["write store"]
        [service.web]
        instances = 2
        discover = "50ms"
        [database.store]
        replicas = 2
        write = "2ms"
        {settings}
        [failover.keeper]
        of = "store"
        watchers = 3
        every = "250ms"
        misses = 2
        promote = "200ms"
        "#
    )
}

/// Its old primary, a watcher and a server on one side.
pub const STORE_PARTED: &str =
    "cut store-1,keeper-1,web-1|store-2,store-3,keeper-2,keeper-3,web-2 for 4s";
