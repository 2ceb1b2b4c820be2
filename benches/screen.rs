//! The program's side of the frame bench: the live screen on the default cluster, without a
//! terminal.
//!
//! Everything that the bench needs of the program goes through [`Screen`].

/// The screen, drawn into a buffer of a fixed size.
pub struct Screen {
    never: std::convert::Infallible,
}

impl Screen {
    /// The default cluster at 42.9 s, after `crash web-2` at 42 s.
    pub fn after_a_crash(_columns: u16, _rows: u16) -> Result<Screen, String> {
        Err("not connected: benches/screen.rs does not know the screen yet".to_string())
    }

    /// Runs the cluster on by a thirtieth of a simulated second (not part of a frame).
    pub fn advance(&mut self) -> Result<(), String> {
        match self.never {}
    }

    /// Picture, view data, layout and drawing: all that a frame takes.
    pub fn draw(&mut self) -> Result<(), String> {
        match self.never {}
    }
}
