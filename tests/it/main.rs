//! The one integration binary: what holds for the whole program, and not for one room.

mod caches;
mod cli;
mod clusters;
mod conservation;
mod determinism;
#[cfg(feature = "tui")]
mod failover;
mod overlay;
mod pty;
mod queues;
mod readme;
mod streams;
mod support;
#[cfg(feature = "tui")]
mod terminal;
mod theory;
mod tidy;
