//! What comes from the terminal, read by a thread of its own.

use crossterm::event::{self, Event, KeyEvent, KeyEventKind, MouseButton, MouseEventKind};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

/// How long the reader waits before it looks whether it should end.
const POLL: Duration = Duration::from_millis(50);

/// Two clicks at one cell within that time are a double click.
const DOUBLE: Duration = Duration::from_millis(400);

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
    /// The left button was pressed at a cell for the second time within a moment.
    Double(u16, u16),
    /// The wheel was turned up (away from the person), or down, over a cell.
    Wheel(bool, u16, u16),
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
                MouseEventKind::ScrollUp => Mouse::Wheel(true, mouse.column, mouse.row),
                MouseEventKind::ScrollDown => Mouse::Wheel(false, mouse.column, mouse.row),
                _ => return None,
            }),
            _ => return None,
        })
    }
}

/// Finds out which clicks are double ones.
#[derive(Debug, Default)]
struct Clicks {
    last: Option<(u16, u16, Instant)>,
}

impl Clicks {
    /// The same input, but for the second click at a cell within [`DOUBLE`].
    fn seen(&mut self, input: Input, now: Instant) -> Input {
        let Input::Mouse(Mouse::Click(x, y)) = input else { return input };
        let again = |(a, b, at): (u16, u16, Instant)| {
            (a, b) == (x, y) && now.saturating_duration_since(at) <= DOUBLE
        };
        if self.last.take().is_some_and(again) {
            return Input::Mouse(Mouse::Double(x, y));
        }
        self.last = Some((x, y, now));
        input
    }
}

/// Reads events until the token is cancelled, nobody listens, or reading fails (which cancels the
/// token). Of a terminal that is gone it may never return: see the loop of the screen.
pub fn read(to: &UnboundedSender<Input>, stop: &CancellationToken) {
    let mut clicks = Clicks::default();
    while !stop.is_cancelled() {
        match event::poll(POLL) {
            Ok(false) => {}
            Ok(true) => match event::read() {
                Ok(event) => {
                    if let Some(input) = Input::of(event)
                        && to.send(clicks.seen(input, Instant::now())).is_err()
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
    #[test]
    fn the_second_click_at_a_cell_is_a_double_one_and_the_third_a_new_one() {
        let mut clicks = Clicks::default();
        let begun = Instant::now();
        let mut click = |x, ms| {
            let input = Input::Mouse(Mouse::Click(x, 2));
            let seen = clicks.seen(input, begun + Duration::from_millis(ms));
            matches!(seen, Input::Mouse(Mouse::Double(..)))
        };
        assert_eq!([click(1, 0), click(1, 300), click(1, 400)], [false, true, false]);
        assert_eq!([click(3, 500), click(3, 1_000), click(4, 1_100)], [false; 3]);
    }
}
