//! What the world asks of a component of any kind, beside its settings.
//!
//! Each kind answers next to its table (`spec/<kind>.rs`), and only for what it has.

use super::class::Step;
use super::setting::Limit;
use crate::sim::time::Ns;

/// With whose nodes the nodes of a component exchange messages. Links go both ways, so that it is
/// enough if one of two says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peers<'a> {
    /// With nobody, of its own accord.
    Nobody,
    /// With those of the component of that name.
    Of(&'a str),
    /// With each other.
    Own,
    /// With each other, and those of the component of that name.
    OwnAnd(&'a str),
    /// With all that holds data, and with those whom its steps call.
    Data,
}

/// Cores, threads and connections of a node.
pub(crate) type Capacities = [u32; 3];

/// What a kind of component is like.
pub(crate) trait Behaviour {
    /// How many nodes it starts with.
    fn instances(&self) -> u64 {
        1
    }

    /// How many nodes it may have; more than [`Behaviour::instances`] only if it can be scaled.
    fn room(&self) -> u64 {
        self.instances()
    }

    /// How long a node that leaves may finish its work; `None`: it cannot be scaled.
    fn drain(&self) -> Option<Ns> {
        None
    }

    /// From the start of a process until it serves.
    fn boot(&self) -> Ns {
        0
    }

    /// What a node has of cores, threads and connections.
    fn capacities(&self) -> Capacities {
        [Limit::Unlimited.count(), 0, 0]
    }

    /// How many requests may wait for a thread.
    fn backlog(&self) -> u32 {
        0
    }

    /// The steps of its own.
    fn steps(&self) -> &[Step] {
        &[]
    }

    /// The component that it is for: the value of its setting `to`, `of` or `from`.
    fn refers(&self) -> Option<&str> {
        None
    }

    /// With whom it talks.
    fn peers(&self) -> Peers<'_> {
        Peers::Nobody
    }

    /// How often it asks who is primary; `None` if it does not call databases.
    fn discover(&self) -> Option<Ns> {
        None
    }
}
