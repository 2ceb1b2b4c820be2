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

/// What is drawn.
#[derive(Clone, Debug)]
pub struct Still {
    /// The simulated time.
    pub at: Ns,
    /// Columns and rows.
    pub size: (u16, u16),
    /// How it looks.
    pub options: Options,
    /// Whether as for a room.
    pub presenter: bool,
    /// As if time ran so fast: slowly enough, and messages are seen one by one.
    pub speed: f64,
}

/// Runs the session up to a time and draws the screen.
///
/// # Errors
/// A sentence, when the world cannot go on up to there.
pub fn shot(mut session: Session, still: Still, format: Format) -> Result<String, String> {
    session.advance(still.at).map_err(|stopped| stopped.to_string())?;
    let mut start = Snapshot::still(Arc::new(session.picture()));
    start.pace.speed = still.speed;
    let (width, height) = still.size;
    let mut app = App::new(start, still.options, width, height);
    app.set_presenter(still.presenter);
    app.set_time_shown(still.at);
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
