//! Values of arguments, read with the units of the grammar.

use crate::chaos::units::parse_time;
use crate::sim::time::Ns;

/// `20s`.
pub(super) fn time(text: &str) -> Result<Ns, String> {
    parse_time(text).map_err(|e| e.to_string())
}

/// A time above 0.
pub(super) fn length(text: &str) -> Result<Ns, String> {
    match time(text)? {
        0 => Err("expected a time above 0".to_owned()),
        ns => Ok(ns),
    }
}

/// `0.5`, `10` or `10x`: simulated seconds for each real one.
#[cfg(feature = "tui")]
pub(super) fn speed(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('x').unwrap_or(text);
    match crate::chaos::units::parse_factor(number, false) {
        Ok(speed) if (0.01..=100.0).contains(&speed) => Ok(speed),
        _ => Err(format!("expected a speed from 0.01 to 100, found `{text}`")),
    }
}

/// `120x40`: columns and rows.
#[cfg(feature = "tui")]
pub(super) fn size(text: &str) -> Result<(u16, u16), String> {
    let wrong = || format!("expected a size such as `120x40`, up to 500x200, found `{text}`");
    let (columns, rows) = text.split_once('x').ok_or_else(wrong)?;
    match (columns.parse(), rows.parse()) {
        (Ok(columns @ 1..=500), Ok(rows @ 1..=200)) => Ok((columns, rows)),
        _ => Err(wrong()),
    }
}
