//! The one integration binary: what holds for the whole program, and not for one room.

mod readme;
mod tidy;
