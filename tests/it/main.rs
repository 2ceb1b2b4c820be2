//! The one integration binary: what holds for the whole program, and not for one room.

mod cli;
mod conservation;
mod determinism;
#[cfg(feature = "tui")]
mod failover;
mod faults;
mod overlay;
mod pty;
mod readme;
mod streams;
mod support;
#[cfg(feature = "tui")]
mod terminal;
mod theory;
mod tidy;
