//! The one integration binary: what holds for the whole program, and not for one room.

mod cli;
#[cfg(feature = "tui")]
mod pty;
mod readme;
#[cfg(feature = "tui")]
mod terminal;
mod tidy;
