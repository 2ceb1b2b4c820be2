//! One frame at a simulated time, without a terminal: as SVG or as text.

use super::app::{App, Options};
use super::feed::Snapshot;
use super::view::View;
use super::{screen, svg};
use crate::session::Session;
use crate::sim::time::Ns;
use ratatui::buffer::Buffer;
use std::sync::Arc;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A picture, made of shapes: no font, terminal or clock changes it.
    Svg,
    /// The characters alone.
    Text,
}

/// Runs the session up to `at` and draws the screen of that size.
///
/// # Errors
/// A sentence, when the world cannot go on up to there.
pub fn shot(
    mut session: Session,
    at: Ns,
    (width, height): (u16, u16),
    options: Options,
    format: Format,
) -> Result<String, String> {
    session.advance(at).map_err(|stopped| stopped.to_string())?;
    let start = Snapshot::still(Arc::new(session.picture()));
    let mut app = App::new(start, options, width, height);
    app.set_time_shown(at);
    let buffer = frame(&app);
    Ok(match format {
        Format::Svg => svg::svg(&buffer, app.theme()),
        Format::Text => svg::text(&buffer),
    })
}

/// The frame of an app, drawn into memory.
#[must_use]
pub fn frame(app: &App) -> Buffer {
    let mut buffer = Buffer::empty(app.areas().screen);
    screen::draw(&View::of(app), app.theme(), &mut buffer);
    buffer
}
