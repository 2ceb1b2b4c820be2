//! The one integration binary: what holds for the whole program, and not for one room.

mod advice;
mod balancer;
mod blame;
mod bottleneck;
mod caches;
mod cli;
mod clusters;
mod connections;
mod conservation;
mod database;
mod determinism;
mod durability;
mod ends;
mod failover;
mod faults;
mod fencing;
mod frozen;
mod hot;
mod idempotent;
mod invalid;
mod json_keys;
mod lab;
mod large;
mod limits;
mod memory;
mod overlay;
mod own_writes;
mod playbooks;
mod program;
#[cfg(feature = "tui")]
mod pty;
mod queues;
mod readme;
mod recovery;
mod reports;
mod runs;
mod scale;
mod shipping;
mod silence;
mod streams;
mod support;
#[cfg(feature = "tui")]
mod terminal;
mod theory;
mod tidy;
mod traffic;
