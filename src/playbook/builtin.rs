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
pub const CLUSTERS: &[Builtin] =
    builtins!("assets/clusters": "food-delivery", "single-server", "million-users", "w1");

/// The playbooks.
pub const PLAYBOOKS: &[Builtin] = builtins!("playbooks": "server-crash", "primary-crash");

/// The built-in of that name.
pub(super) fn find(name: &str) -> Option<&'static Builtin> {
    CLUSTERS.iter().chain(PLAYBOOKS).find(|builtin| builtin.name == name)
}

/// The names of all.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    CLUSTERS.iter().chain(PLAYBOOKS).map(|builtin| builtin.name)
}
