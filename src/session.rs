//! One run: a world, its observers, and the log of commands.

pub mod picture;
