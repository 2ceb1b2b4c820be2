//! The parts: one file for each kind of node.
//!
//! A part is a plain state machine with tests of its own. Beside it stand the operations by which
//! programs use it (`impl World`): they take what they need from the frame, and answer with a
//! [`Flow`](super::program::Flow). A new part is a file here, a row in [`super::node::Part`], its
//! programs in [`super::compile`] and its options in [`super::spec`].

pub(crate) mod balancer;
pub(crate) mod cache;
pub(crate) mod client;
pub(crate) mod database;
pub(crate) mod failover;
pub(crate) mod flight;
pub(crate) mod own;
pub(crate) mod queue;
pub(crate) mod traffic;
