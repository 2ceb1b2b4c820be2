//! The files that are part of the binary.

/// A file that is part of the binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin {
    /// The name under which it is opened.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! builtins {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(Builtin {
            name: $name,
            text: include_str!(concat!("../../", $folder, "/", $name, ".toml")),
        }),*]
    };
}

/// The clusters; the first is the default.
pub const CLUSTERS: &[Builtin] = builtins!("assets/clusters":
    "food-delivery", "single-server", "million-users", "front-page", "lunch-queue", "lunch-direct",
    "price-desk", "shop", "w1",
);

/// The playbooks, those that belong together side by side.
pub const PLAYBOOKS: &[Builtin] = builtins!("playbooks":
    "server-crash", "server-crash-retried",
    "slow-server-round-robin", "slow-server-least-connections",
    "gray-server",
    "cache-off",
    "stampede", "stampede-single-flight",
    "primary-crash", "primary-crash-async", "primary-crash-sync",
    "partition-unfenced", "partition-fenced",
    "stale-reads", "stale-reads-own",
    "lunch-spike-queue", "lunch-spike-direct",
    "workers-crash", "workers-crash-idempotent",
    "retry-storm", "retry-budget",
    "pool-exhaustion", "pool-exhaustion-short-timeout",
);

/// The built-in of that name.
pub(super) fn find(name: &str) -> Option<&'static Builtin> {
    CLUSTERS.iter().chain(PLAYBOOKS).find(|builtin| builtin.name == name)
}

/// The names of all.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    CLUSTERS.iter().chain(PLAYBOOKS).map(|builtin| builtin.name)
}
