//! What a cluster is made of, before it runs: components, their options, classes of requests.
//!
//! A [`Cluster`] is plain data. The files room reads one from TOML, [`World::new`](super::World::new)
//! builds the world from it. Each kind of component has one table of [`Setting`]s
//! (`spec/<kind>.rs`): the keys of its table in a cluster file, the paths of `set`, the rows of
//! `brownout list settings` and the settings shown on the screen are all that one table.

mod balancer;
mod behaviour;
mod cache;
mod class;
mod database;
mod failover;
mod memory;
mod network;
mod queue;
mod server;
mod service;
mod setting;
mod stage;
mod traffic;
mod workers;

pub use balancer::{BalancerOptions, Check, Eject, Health, Policy};
pub(crate) use behaviour::{Behaviour, Peers};
pub use cache::{CacheOptions, Evict};
pub use class::{Class, Keys, Step};
pub use database::{Ack, DatabaseOptions, Prefer, ReadsFrom};
pub use failover::FailoverOptions;
pub use memory::MemoryOptions;
pub use network::NetworkOptions;
pub use queue::{Overflow, QueueOptions};
pub use service::ServiceOptions;
pub use setting::{Dist, Kind, Limit, Refused, Role, Setting, Value};
pub use stage::{FACTOR_ONE, Stage};
pub(crate) use traffic::CLOSED_MAX;
pub use traffic::{Arrivals, TrafficOptions};
pub use workers::WorkersOptions;

/// A whole cluster, as a cluster file describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Its name: `food-delivery`.
    pub name: String,
    /// One sentence on what it is.
    pub about: String,
    /// Latencies between nodes.
    pub network: NetworkOptions,
    /// Zones in file order; empty means one unnamed zone.
    pub zones: Vec<String>,
    /// Components in file order. Names are unique across kinds.
    pub components: Vec<Component>,
    /// Classes of requests in file order.
    pub classes: Vec<Class>,
}

impl Cluster {
    /// The component of that name, with its place in the file.
    #[must_use]
    pub fn component(&self, name: &str) -> Option<(usize, &Component)> {
        self.components.iter().enumerate().find(|(_, c)| c.name == name)
    }
}

/// A named part of a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Its name, unique in the cluster: `web`.
    pub name: String,
    /// Zones of its nodes, in turn; empty means the file's first zone.
    pub zones: Vec<String>,
    /// Its kind and settings.
    pub options: Options,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $options:ty, $word:literal, $about:literal;)*) => {
        /// The settings of one component, by kind.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Options { $($(#[$doc])* $kind($options),)* }

        /// The kinds of components: the word that heads their tables in a file, and one sentence.
        pub const KINDS: &[(&str, &str)] = &[$(($word, $about)),*];

        impl Options {
            /// The default settings of a kind; `None` if there is no such kind.
            #[must_use]
            pub fn of_kind(word: &str) -> Option<Options> {
                match word { $($word => Some(Options::$kind(<$options>::default())),)* _ => None }
            }
            /// The word for the kind: `service`.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self { $(Options::$kind(_) => $word,)* }
            }
            /// What can be set, in the order in which it is listed.
            #[must_use]
            pub fn settings(&self) -> Vec<Row> {
                match self { $(Options::$kind(_) => <$options>::SETTINGS.iter().map(Row::from).collect(),)* }
            }
            /// What the kind is like.
            pub(crate) fn behaviour(&self) -> &dyn Behaviour {
                match self { $(Options::$kind(o) => o,)* }
            }
            /// The value of a setting; `None` if the kind has no such setting.
            #[must_use]
            pub fn get(&self, name: &str) -> Option<Value> {
                match self { $(Options::$kind(o) => setting::get(<$options>::SETTINGS, o, name),)* }
            }
            /// Changes a setting.
            ///
            /// # Errors
            /// When there is no such setting, or the value is of another kind or out of range.
            pub fn set(&mut self, name: &str, value: Value) -> Result<(), Refused> {
                match self { $(Options::$kind(o) => setting::set(<$options>::SETTINGS, o, name, value),)* }
            }
        }
    };
}

kinds! {
    /// Users of one region.
    Traffic, TrafficOptions, "traffic", "users who send requests";
    /// Spreads requests over the nodes of a service.
    Balancer, BalancerOptions, "balancer", "spreads requests over the nodes of a service";
    /// Servers.
    Service, ServiceOptions, "service", "servers: cores, threads, a backlog";
    /// A cache in front of a database.
    Cache, CacheOptions, "cache", "keeps rows of a database in memory";
    /// One primary and its replicas.
    Database, DatabaseOptions, "database", "a primary and its replicas";
    /// Watches a database's primary and replaces it.
    Failover, FailoverOptions, "failover", "watches a primary, elects and promotes another";
    /// A message broker.
    Queue, QueueOptions, "queue", "holds messages until workers have done them";
    /// Consumers of a queue.
    Workers, WorkersOptions, "workers", "take messages from a queue and work on them";
}

/// One row of a table of settings, without the type that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Its name within the component: `threads`, `health.every`.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// Whether `set` may change it while the world runs.
    pub live: bool,
    /// One line on what it means.
    pub about: &'static str,
}

impl<O> From<&Setting<O>> for Row {
    fn from(s: &Setting<O>) -> Row {
        Row { name: s.name, kind: s.kind, live: s.live, about: s.about }
    }
}

impl Options {
    /// How many nodes the component starts with.
    #[must_use]
    pub fn instances(&self) -> u64 {
        self.behaviour().instances()
    }

    /// How many nodes it may be scaled to; as many as it starts with if it cannot be scaled.
    #[must_use]
    pub fn room(&self) -> u64 {
        self.behaviour().room()
    }

    /// The steps of its own.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        self.behaviour().steps()
    }

    /// The names of other components that this one refers to, with the roles they must have.
    #[must_use]
    pub fn references(&self) -> Vec<(&'static str, &str, Role)> {
        self.settings()
            .iter()
            .filter_map(|row| match row.kind {
                Kind::Name(role) => Some((row.name, self.behaviour().refers()?, role)),
                _ => None,
            })
            .collect()
    }
}
