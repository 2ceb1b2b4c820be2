//! Values of a metric's unit, as text.

use super::super::Expected;
use super::super::units::{
    parse_count, parse_factor, parse_rate, parse_share, parse_time, print_count, print_rate,
    print_share, print_time,
};
use crate::observe::figures;
use crate::observe::metric::Unit;

/// Reads a value in the measure of its unit.
///
/// # Errors
/// What was expected instead.
pub fn parse_amount(unit: Unit, text: &str) -> Result<f64, Expected> {
    match unit {
        Unit::Rate => parse_rate(text),
        Unit::Share => parse_share(text),
        Unit::Time => parse_time(text).map(|ns| ns as f64),
        Unit::Count => match parse_count(text)? {
            // Up to here a float holds every whole number.
            n if n <= 1 << f64::MANTISSA_DIGITS => Ok(n as f64),
            _ => Err(Expected::whole(text, "a smaller number")),
        },
        Unit::Factor => parse_factor(text, true),
    }
}

/// Prints a value; [`parse_amount`] reads exactly the same back.
pub(super) fn print(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Rate => print_rate(value),
        Unit::Share => print_share(value),
        Unit::Time => print_time(value as u64),
        Unit::Count => print_count(value as u64),
        Unit::Factor => value.to_string(),
    }
}

/// An example of a value, for messages.
pub(super) fn example(unit: Unit) -> &'static str {
    match unit {
        Unit::Rate => "a rate such as `2000/s`",
        Unit::Share => "a share such as `95%`",
        Unit::Time => "a time such as `250ms`",
        Unit::Count => "a whole number such as `0` or `20k`",
        Unit::Factor => "a number such as `1.5`",
    }
}

/// A measured value for people: three significant digits, in its unit.
#[must_use]
pub fn print_amount(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Rate => figures::rate(value),
        Unit::Share => figures::percent(value),
        Unit::Time => figures::time(value as u64),
        // Means of counts are not whole.
        Unit::Count if value.fract() == 0.0 => figures::count(value as u64),
        Unit::Count | Unit::Factor => figures::three(value),
    }
}
