//! Panels: each draws one part of the picture.

pub mod cluster;
