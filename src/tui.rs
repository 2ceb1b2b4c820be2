//! The live screen: a shell around a session.
//!
//! ```text
//! terminal → input thread → App::input → Effect ─→ orders ─→ driver thread (owns the session)
//!    ▲                        ▲                                  │ at most 30 pictures a second,
//!    └── screen ← View ← App ─┴────────── latest snapshot ◄──────┘ the latest wins
//! ```
//!
//! One thread runs the shell (tokio, current thread); nothing in it waits for the world. A frame is
//! drawn from view data alone; see [`screen`].

pub mod action;
pub mod app;
pub mod driver;
pub mod feed;
pub mod format;
mod input;
pub mod keymap;
pub mod load;
mod overlays;
pub mod panels;
pub mod plan;
pub mod screen;
pub mod shot;
pub mod svg;
mod terminal;
pub mod theme;
pub mod view;
pub mod widgets;

#[cfg(test)]
mod example;
#[cfg(test)]
mod tests;

pub use app::Options;
pub use shot::shot;

use crate::session::Session;
use app::export::{self, Form};
use app::{App, Effect, Save};
use driver::Driver;
use feed::Pace;
use input::Input;
use std::fmt;
use std::time::Duration;
use terminal::Guard;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use view::View;

/// Time between two frames: at most 30 a second.
const FRAME_EVERY: Duration = Duration::from_millis(33);

/// How long leaving waits for the thread that reads the terminal.
const READER_PATIENCE: Duration = Duration::from_millis(300);

/// How a live session starts.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// The looks and the keys.
    pub options: Options,
    /// Speed and pause at the start.
    pub pace: Pace,
    /// The command that starts the same run again, for the report of a panic.
    pub reproduce: String,
    /// What can be written of the session.
    pub writers: driver::Writers,
}

/// Why there was no live session, or why it ended.
#[derive(Debug)]
pub enum LiveError {
    /// Standard input or output is no terminal. A wrong use: exit code 2.
    NotATerminal,
    /// The terminal was closed: exit code 129, as of a program that is hung up.
    Gone,
    /// A signal asked the program to end: exit code 128 and its number.
    Asked(i32),
    /// Something panicked, and said so: exit code 101.
    Panicked,
    /// The terminal or the operating system refused.
    Io(std::io::Error),
}

impl LiveError {
    /// The exit code that tells it.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            LiveError::NotATerminal => 2,
            LiveError::Gone => 129,
            LiveError::Asked(signal) => u8::try_from(128 + signal).unwrap_or(1),
            LiveError::Panicked => 101,
            LiveError::Io(_) => 1,
        }
    }
}

impl fmt::Display for LiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LiveError::NotATerminal => f.write_str(
                "the live screen needs a terminal, and input or output is none; \
                 `brownout run FILE` runs without one",
            ),
            LiveError::Gone => f.write_str("the terminal is gone"),
            LiveError::Asked(signal) => write!(f, "ended by signal {signal}"),
            LiveError::Panicked => f.write_str("brownout has failed"),
            LiveError::Io(error) => write!(f, "the terminal cannot be used: {error}"),
        }
    }
}

impl std::error::Error for LiveError {}

impl From<std::io::Error> for LiveError {
    fn from(error: std::io::Error) -> LiveError {
        LiveError::Io(error)
    }
}

/// Shows a session on the terminal until the person leaves; gives it back as it was left.
///
/// A panic, also of the driver, gives the terminal back and goes on as a panic: the program ends with
/// code 101.
///
/// # Errors
/// When there is no terminal, or it refuses: nothing has been drawn then. When it goes away.
pub fn live(session: Session, live: Live) -> Result<Session, LiveError> {
    if !terminal::is_there() {
        return Err(LiveError::NotATerminal);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    terminal::restore_on_panic(live.reproduce);
    let driver = driver::start(session, live.pace, live.writers)?;
    let mut guard = Guard::take()?;
    let stop = CancellationToken::new();
    let (to, inputs) = unbounded_channel();
    let reader = {
        let stop = stop.clone();
        std::thread::Builder::new().name("input".into()).spawn(move || input::read(&to, &stop))?
    };
    let Driver { orders, snapshots, thread } = driver;
    let size = guard.screen.size()?;
    let first = snapshots.borrow().clone();
    let app = App::new(first, live.options, size.width, size.height);
    let shell =
        Shell { app, orders, snapshots, inputs, stop: stop.clone(), dirty: true, suspend: false };
    let done = runtime.block_on(shell.run(&mut guard));
    stop.cancel();
    // First of all, for what follows may take its time.
    drop(guard);
    let session = thread.join();
    let gone = !terminal::is_there();
    // Reading a terminal that is gone never returns: such a reader ends with the program.
    let patience = std::time::Instant::now() + READER_PATIENCE;
    while !reader.is_finished() && std::time::Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(5));
    }
    let read = if reader.is_finished() { reader.join() } else { Ok(()) };
    match (read, session) {
        (Err(panic), _) | (_, Err(panic)) => std::panic::resume_unwind(panic),
        // It may still be telling of it.
        _ if terminal::has_panicked() => Err(LiveError::Panicked),
        _ if gone => Err(LiveError::Gone),
        (Ok(()), Ok(session)) => match done? {
            None => Ok(session),
            Some(signal) => Err(LiveError::Asked(signal)),
        },
    }
}

/// The loop of the screen.
struct Shell {
    app: App,
    orders: std::sync::mpsc::Sender<feed::Order>,
    snapshots: tokio::sync::watch::Receiver<feed::Snapshot>,
    inputs: UnboundedReceiver<Input>,
    stop: CancellationToken,
    dirty: bool,
    /// Whether the shell below is to have the terminal.
    suspend: bool,
}

impl Shell {
    /// Until the person leaves, a signal says so (which is returned), or the terminal or the driver is
    /// gone.
    async fn run(mut self, guard: &mut Guard) -> std::io::Result<Option<i32>> {
        let mut frames = tokio::time::interval(FRAME_EVERY);
        frames.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let asked = asked_to_end();
        tokio::pin!(asked);
        let mut aside = StandAside::new();
        loop {
            if let Some(order) = self.app.owed() {
                drop(self.orders.send(order));
            }
            tokio::select! {
                () = self.stop.cancelled() => return Ok(None),
                signal = &mut asked => return Ok(Some(signal)),
                () = aside.asked() => self.stand_aside(guard)?,
                input = self.inputs.recv() => {
                    let Some(input) = input else { return Ok(None) };
                    if self.take_all(input) {
                        return Ok(None);
                    }
                    if std::mem::take(&mut self.suspend) {
                        self.stand_aside(guard)?;
                    }
                    self.draw(guard)?;
                }
                changed = self.snapshots.changed() => {
                    if changed.is_err() {
                        return Ok(None);
                    }
                    let latest = self.snapshots.borrow_and_update().clone();
                    self.app.receive(latest);
                    self.dirty = true;
                }
                _ = frames.tick() => {
                    // The reader cannot tell: of a terminal that is gone crossterm reads nothing, for
                    // ever. What stands still draws nothing, so no write fails, and who is no child
                    // of the terminal's shell gets no signal.
                    if !terminal::is_there() {
                        return Ok(None);
                    }
                    self.dirty |= self.app.tick();
                    if self.dirty {
                        self.draw(guard)?;
                    }
                }
            }
        }
    }

    /// Takes this input and all that wait behind it, so that a burst costs one frame; true to leave.
    fn take_all(&mut self, first: Input) -> bool {
        let mut next = Some(first);
        while let Some(input) = next {
            match self.app.input(input) {
                Effect::None => {}
                Effect::Quit => return true,
                // A driver that is gone ends the loop by its closed channel.
                Effect::Order(order) => drop(self.orders.send(order)),
                Effect::Save(save) => self.save(save),
                Effect::Suspend => self.suspend = true,
            }
            next = self.inputs.try_recv().ok();
        }
        false
    }

    /// Lets the shell have the terminal until it says to go on. The world stands still meanwhile, for
    /// the whole process does.
    fn stand_aside(&mut self, guard: &mut Guard) -> std::io::Result<()> {
        guard.stand_aside()?;
        self.dirty = true;
        Ok(())
    }

    /// Writes what the screen shows, or asks the driver for what only it knows.
    fn save(&mut self, save: Save) {
        let frame = || shot::frame(&self.app);
        let text = match save.form {
            Form::Svg => svg::svg(&frame(), self.app.theme()),
            Form::Text => svg::text(&frame()),
            Form::Json | Form::Toml => {
                let order = self.app.order_save(save);
                return drop(self.orders.send(order));
            }
        };
        let done = export::write(&save, &text);
        self.app.saved(&save, done);
    }

    fn draw(&mut self, guard: &mut Guard) -> std::io::Result<()> {
        self.dirty = false;
        if !terminal::is_taken() {
            self.stop.cancel();
            return Ok(());
        }
        guard.screen.draw(|frame| {
            let area = frame.area();
            if (area.width, area.height)
                != (self.app.areas().screen.width, self.app.areas().screen.height)
            {
                self.app.resize(area.width, area.height);
            }
            screen::draw(&View::of(&self.app), self.app.theme(), frame.buffer_mut());
        })?;
        Ok(())
    }
}

/// Hears when somebody asks the program to stand aside with a signal: `kill -TSTP`.
struct StandAside {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl StandAside {
    fn new() -> StandAside {
        StandAside {
            #[cfg(unix)]
            signal: {
                use tokio::signal::unix::{SignalKind, signal};
                signal(SignalKind::from_raw(terminal::SUSPEND)).ok()
            },
        }
    }

    async fn asked(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}

/// Ends when the operating system asks the program to end, with the number of the signal.
async fn asked_to_end() -> i32 {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [
            SignalKind::terminate(),
            SignalKind::hangup(),
            SignalKind::quit(),
            SignalKind::interrupt(),
        ];
        let mut heard = Vec::new();
        for kind in kinds {
            match signal(kind) {
                Ok(signal) => heard.push((kind, signal)),
                Err(_) => return std::future::pending().await,
            }
        }
        std::future::poll_fn(|context| {
            let came = heard.iter_mut().find_map(|(kind, signal)| {
                signal.poll_recv(context).is_ready().then(|| kind.as_raw_value())
            });
            came.map_or(std::task::Poll::Pending, std::task::Poll::Ready)
        })
        .await
    }
    #[cfg(not(unix))]
    {
        const INTERRUPT: i32 = 2;
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        INTERRUPT
    }
}
