//! Settings by their paths, read with the tables of [`crate::sim::spec`].

use super::Expected;
use super::units::parse_value;
use crate::sim::spec::{Options, Row, Value};

/// The row of a setting of a kind of component.
///
/// # Errors
/// When the kind has no such setting.
pub fn row(kind: &str, setting: &str) -> Result<Row, Expected> {
    let rows = Options::of_kind(kind).map(|o| o.settings()).unwrap_or_default();
    if let Some(row) = rows.iter().find(|row| row.name == setting) {
        return Ok(*row);
    }
    let what = format!("a {kind} setting");
    Err(Expected::whole(setting, what).near(rows.iter().map(|row| row.name)))
}

/// Reads the value of a setting.
///
/// # Errors
/// When it is no value of the setting's kind, or out of its bounds.
pub fn parse(row: &Row, text: &str) -> Result<Value, Expected> {
    parse_value(row.kind, text)
}
