//! Drawing that knows nothing of clusters: frames, gauges, small charts, text.

mod digits;
mod frame;
mod gauge;
mod spark;
mod text;

pub use digits::{ROWS, digits};
pub use frame::{Frame, frame};
pub use gauge::{bar, filled, gauge};
pub use spark::{Inks, eighths, level, spark, stacked};
pub use text::{fit, fit_start, width, wrap};
