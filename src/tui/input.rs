//! What comes from the terminal, read by a thread of its own.

use crossterm::event::{self, Event, KeyEvent, KeyEventKind, MouseButton, MouseEventKind};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

/// How long the reader waits before it looks whether it should end.
const POLL: Duration = Duration::from_millis(50);

/// An event that the screen cares about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was used.
    Mouse(Mouse),
    /// The screen has that size now.
    Resize(u16, u16),
    /// Text was pasted.
    Paste(String),
}

/// What was done with the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// The left button was pressed at a cell.
    Click(u16, u16),
    /// The wheel was turned up (away from the person), or down.
    Wheel(bool),
}

impl Input {
    /// What an event means; `None` if it means nothing here.
    #[must_use]
    pub fn of(event: Event) -> Option<Input> {
        Some(match event {
            Event::Key(key) if key.kind == KeyEventKind::Press => Input::Key(key),
            Event::Resize(width, height) => Input::Resize(width, height),
            Event::Paste(text) => Input::Paste(text),
            Event::Mouse(mouse) => Input::Mouse(match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => Mouse::Click(mouse.column, mouse.row),
                MouseEventKind::ScrollUp => Mouse::Wheel(true),
                MouseEventKind::ScrollDown => Mouse::Wheel(false),
                _ => return None,
            }),
            _ => return None,
        })
    }
}

/// Reads events until the token is cancelled, nobody listens, or the terminal is gone (which cancels
/// the token).
pub fn read(to: &UnboundedSender<Input>, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        match event::poll(POLL) {
            Ok(false) => {}
            Ok(true) => match event::read() {
                Ok(event) => {
                    if let Some(input) = Input::of(event)
                        && to.send(input).is_err()
                    {
                        return;
                    }
                }
                Err(_) => stop.cancel(),
            },
            Err(_) => stop.cancel(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyModifiers};

    #[test]
    fn only_presses_are_keys() {
        let mut key = KeyEvent::new(KeyCode::Char('x'), KeyModifiers::NONE);
        assert_eq!(Input::of(Event::Key(key)), Some(Input::Key(key)));
        key.kind = KeyEventKind::Release;
        assert_eq!(Input::of(Event::Key(key)), None);
        key.kind = KeyEventKind::Repeat;
        assert_eq!(Input::of(Event::Key(key)), None);
    }
}
