//! The live screen.

pub mod format;
