//! **brownout**: a flight simulator for distributed systems, in a terminal.
//!
//! The map of the house. An arrow never points back:
//!
//! ```text
//! main → cli → { tui, report } → session → playbook → chaos → observe → sim
//! ```
//!
//! A run in five lines:
//!
//! ```
//! use brownout::{chaos::Command, playbook, session::Session, sim::time::SECOND};
//!
//! let playbook = playbook::open("food-delivery")?.into_playbook();
//! let mut session = Session::new(&playbook, 7);
//! session.advance(2 * SECOND)?;
//! session.inject(&Command::parse("crash web-2")?)?;
//! session.advance(3 * SECOND)?;
//! assert!(session.picture().vitals.failed > Some(0.1), "one of four servers refuses");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`sim`]: the world, a synchronous value with three verbs: *advance*, *inject*, *snapshot*.
//! - [`observe`]: what is told of it: windows, percentiles, the truth ledger, causes.
//! - [`chaos`]: commands and their one grammar, selectors, units.
//! - [`playbook`]: cluster and playbook files, built-ins.
//! - [`session`]: one run: world, observers, commands, pictures.
//! - [`report`]: writers for people and machines.
//! - [`cli`]: the command line.
#![cfg_attr(feature = "tui", doc = "- [`tui`]: the live screen.")]

pub mod chaos;
pub mod cli;
pub mod observe;
pub mod playbook;
pub mod report;
pub mod session;
pub mod sim;
#[cfg(feature = "tui")]
pub mod tui;
