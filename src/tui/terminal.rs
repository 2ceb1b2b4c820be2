//! Taking the terminal and giving it back, on every path: return, error, panic.

use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::execute;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the terminal is ours now. Global, for the hook of panics has nothing else.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Whether something has panicked since the terminal was first taken.
static PANICKED: AtomicBool = AtomicBool::new(false);

/// What is drawn on.
pub type Screen = Terminal<CrosstermBackend<BufWriter<Ours>>>;

/// Standard output as long as it is ours. Once it is given back nobody is told that it cannot be
/// written to: a terminal that is gone can be left, too, and who is left drops what draws.
pub struct Ours(Stdout);

impl Ours {
    fn or_left<T>(done: io::Result<T>, left: T) -> io::Result<T> {
        done.or_else(|error| if is_taken() { Err(error) } else { Ok(left) })
    }
}

impl Write for Ours {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ours::or_left(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ours::or_left(self.0.flush(), ())
    }
}

/// The terminal while it is ours; dropping it gives it back.
pub struct Guard {
    /// What is drawn on.
    pub screen: Screen,
}

impl Guard {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When the terminal refuses.
    pub fn take() -> io::Result<Guard> {
        let taken = enter().and_then(|()| screen());
        taken.map(|screen| Guard { screen }).inspect_err(|_| restore())
    }

    /// Gives the terminal to the shell and stands still until the shell says to go on; then takes it
    /// again, empty. Does nothing where shells cannot do that.
    ///
    /// # Errors
    /// When the terminal refuses to be taken again.
    pub fn stand_aside(&mut self) -> io::Result<()> {
        #[cfg(unix)]
        {
            restore();
            let stopped = signal_hook::low_level::emulate_default_handler(SUSPEND);
            enter()?;
            stopped?;
            // A screen that remembers nothing draws everything. (Clearing this one would ask the
            // terminal where its cursor is, and the answer would be read as keys.)
            self.screen = screen()?;
        }
        Ok(())
    }
}

/// What is drawn on, empty: one write for each frame.
fn screen() -> io::Result<Screen> {
    Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(1 << 16, Ours(io::stdout()))))
}

/// Whether input and output are a terminal that somebody holds the other end of. Of one that was hung
/// up the operating system says that it is none.
pub fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// The signal of `ctrl-z`.
#[cfg(unix)]
pub const SUSPEND: i32 = signal_hook::consts::SIGTSTP;

/// Takes the terminal, so that [`restore`] gives it back from now on.
fn enter() -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableMouseCapture, EnableBracketedPaste)
}

/// Whether the terminal is still ours; a panic in another thread gives it back.
pub fn is_taken() -> bool {
    TAKEN.load(Ordering::SeqCst)
}

/// Whether any thread has panicked.
pub fn has_panicked() -> bool {
    PANICKED.load(Ordering::SeqCst)
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back, if it is ours. May be called any number of times.
pub fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    // Nothing can be done here about a terminal that is gone.
    let _ = execute!(
        io::stdout(),
        DisableBracketedPaste,
        DisableMouseCapture,
        LeaveAlternateScreen,
        crossterm::cursor::Show
    );
    let _ = disable_raw_mode();
    let _ = io::stdout().flush();
}

/// From now on a panic, in whatever thread, first gives the terminal back and then says how to see
/// it again.
pub fn restore_on_panic(reproduce: String) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICKED.store(true, Ordering::SeqCst);
        restore();
        before(info);
        // Not `eprintln`, which panics on a terminal that is gone.
        let told = format!("This is a bug in brownout. To see it again:\n  {reproduce}\n");
        let _ = io::stderr().write_all(told.as_bytes());
    }));
}
