//! The live screen.

pub mod format;
pub mod panels;
pub mod plan;
pub mod svg;
pub mod theme;
pub mod widgets;

#[cfg(test)]
mod example;
