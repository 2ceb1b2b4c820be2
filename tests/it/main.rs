//! The one integration binary: what holds for the whole program, and not for one room.

mod balancer;
mod cli;
mod determinism;
mod lab;
#[cfg(feature = "tui")]
mod pty;
mod readme;
mod support;
#[cfg(feature = "tui")]
mod terminal;
mod tidy;
mod traffic;
