//! Traffic between components.

use crate::sim::time::Ns;

/// Traffic from one component to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Index of the source among the components.
    pub from: usize,
    /// Index of the target among the components.
    pub to: usize,
    /// Calls per second in the last second.
    pub rate: f64,
    /// Of the calls that ended in the last 0.2 s, those that were answered.
    pub ok: u64,
    /// Of the calls that ended in the last 0.2 s, those that failed.
    pub failed: u64,
    /// One entry for each node of the target, in order.
    pub taps: Vec<Tap>,
}

/// What is wrong with the links in one direction: of the worst of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Trouble {
    /// How many are cut.
    pub cut: usize,
    /// What faults add to their latency, on average.
    pub delay: Ns,
    /// The share of messages that faults lose, 0 to 1.
    pub loss: f64,
}

/// Traffic from a component to one node of another.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tap {
    /// Calls per second in the last second.
    pub rate: f64,
    /// Answered in the last 0.2 s.
    pub ok: u64,
    /// Failed in the last 0.2 s.
    pub failed: u64,
    /// How many of the links from the source's nodes are cut, in this direction or the other.
    pub cut: usize,
    /// How many links there are.
    pub links: usize,
    /// What is wrong with them in the direction of the flow.
    pub there: Trouble,
    /// What is wrong with them against it.
    pub back: Trouble,
}
