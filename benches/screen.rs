//! The program's side of the frame bench: the live screen on the default cluster, without a
//! terminal.
//!
//! Everything that the bench needs of the program goes through [`Screen`].

use brownout::chaos::Command;
use brownout::playbook;
use brownout::session::Session;
use brownout::sim::spec::Options;
use brownout::sim::time::{MILLISECOND, SECOND};
use brownout::tui::app::{self, App};
use brownout::tui::feed::Snapshot;
use brownout::tui::screen;
use brownout::tui::view::View;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;

/// The screen, drawn into a buffer of a fixed size.
pub struct Screen {
    session: Session,
    app: App,
    buffer: Buffer,
}

impl Screen {
    /// The default cluster at 42.9 s, after `crash web-2` at 42 s; with so many servers, if that is
    /// given.
    pub fn after_a_crash(columns: u16, rows: u16, servers: Option<u64>) -> Result<Screen, String> {
        let mut playbook = playbook::open("food-delivery")
            .map(playbook::Opened::into_playbook)
            .map_err(|e| e.to_string())?;
        for component in &mut Arc::make_mut(&mut playbook.cluster).components {
            if let (Options::Service(service), Some(n)) = (&mut component.options, servers) {
                service.instances = n;
            }
        }
        let mut session = Session::new(&playbook, 7);
        session.advance(42 * SECOND).map_err(|e| format!("{e:?}"))?;
        let crash = Command::parse("crash web-2").map_err(|e| e.to_string())?;
        session.inject(&crash).map_err(|e| e.to_string())?;
        session.advance(42 * SECOND + 900 * MILLISECOND).map_err(|e| format!("{e:?}"))?;
        let first = Snapshot::still(Arc::new(session.picture()));
        let app = App::new(first, app::Options::default(), columns, rows);
        Ok(Screen { session, app, buffer: Buffer::empty(Rect::new(0, 0, columns, rows)) })
    }

    /// Runs the cluster on by a thirtieth of a simulated second (not part of a frame).
    pub fn advance(&mut self) -> Result<(), String> {
        let next = self.session.now() + SECOND / 30;
        self.session.advance(next).map_err(|e| format!("{e:?}"))
    }

    /// Picture, view data, layout and drawing: all that a frame takes.
    pub fn draw(&mut self) {
        self.app.receive(Snapshot::still(Arc::new(self.session.picture())));
        self.buffer.reset();
        screen::draw(&View::of(&self.app), self.app.theme(), &mut self.buffer);
    }
}
