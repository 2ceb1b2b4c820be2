//! A message that is on its way.

/// A call or an answer between two components, at one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Message {
    /// Index of the flow that it belongs to.
    pub flow: usize,
    /// Index of its node within the component that the flow goes to.
    pub node: usize,
    /// How far it is along the flow, from its source (0) to its target (1). An answer comes from the
    /// target, so that its value falls.
    pub way: f64,
    /// Whether it is an answer.
    pub reply: bool,
    /// Whether it tells of a failure.
    pub failed: bool,
    /// First letter of its class.
    pub letter: char,
    /// The request that it belongs to.
    pub request: u64,
}

impl Message {
    /// The most that a picture holds.
    pub const MOST: usize = 160;
}
