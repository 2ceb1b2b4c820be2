//! The one integration binary: what holds for the whole program, and not for one room.

mod balancer;
mod caches;
mod cli;
mod clusters;
mod connections;
mod conservation;
mod database;
mod determinism;
mod durability;
mod failover;
mod faults;
mod hot;
mod lab;
mod limits;
mod memory;
mod overlay;
mod own_writes;
#[cfg(feature = "tui")]
mod pty;
mod queues;
mod readme;
mod scale;
mod streams;
mod support;
#[cfg(feature = "tui")]
mod terminal;
mod theory;
mod tidy;
mod traffic;
