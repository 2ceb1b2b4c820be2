//! The world: a whole simulated cluster at one instant, as a synchronous value.
//!
//! It has three verbs: *advance* ([`World::advance`]), *inject* ([`World::inject`]) and *snapshot*
//! (the readings: [`World::node`], [`World::links`], [`World::faults`]). It can be cloned; a clone runs
//! on exactly as its original. Only time is simulated: caches hold real entries, databases real logs,
//! queues real messages.
//!
//! It knows nothing of files, metrics and screens. There are no threads, clocks, files or hash maps
//! in it, and no floating-point function but those of `libm` and the exact ones (`sqrt`, `floor`).
//!
//! Inside, from the bottom up: [`time`] and `random`; the `agenda` of what is to happen; `frame`s, which
//! are calls, in one arena; `program`s, which say what nodes do, made from a cluster by `compile`; the
//! `part`s with their state; and the `world`, which runs programs.

pub mod fault;
pub mod id;
pub mod observation;
pub mod reading;
pub mod spec;
pub mod time;
pub mod topology;

mod agenda;
mod book;
mod compile;
mod effects;
mod frame;
mod log;
mod memory;
mod network;
mod node;
mod pages;
mod part;
mod program;
mod random;
mod request;
mod resource;
mod world;

pub(crate) use request::TRAFFICS_MAX;
pub use world::{Stopped, World};
