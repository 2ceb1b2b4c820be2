//! The one integration binary: what holds for the whole program, and not for one room.

mod balancer;
mod cli;
mod determinism;
#[cfg(feature = "tui")]
mod failover;
mod lab;
mod pty;
mod readme;
mod support;
#[cfg(feature = "tui")]
mod terminal;
mod tidy;
mod traffic;
