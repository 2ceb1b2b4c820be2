//! The world: a whole simulated cluster at one instant, as a synchronous value.
//!
//! It has three verbs: *advance* ([`World::advance`]), *inject* ([`World::inject`]) and *snapshot*
//! (the readings: [`World::node`], [`World::link`], [`World::faults`]). It can be cloned; a clone runs
//! on exactly as its original. Only time is simulated: caches hold real entries, databases real logs,
//! queues real messages.
//!
//! It knows nothing of files, metrics and screens. There are no threads, clocks, files or hash maps
//! in it, and no floating-point function but those of `libm` and the exact ones (`sqrt`, `floor`).

pub mod fault;
pub mod id;
pub mod observation;
pub mod reading;
pub mod spec;
pub mod time;
pub mod topology;
mod world;

pub use world::{Stopped, World};
