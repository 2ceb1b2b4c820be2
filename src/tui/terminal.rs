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

/// What is drawn on.
pub type Screen = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// The terminal while it is ours; dropping it gives it back.
pub struct Guard {
    /// What is drawn on.
    pub screen: Screen,
}

impl Guard {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When standard output is no terminal, or the terminal refuses.
    pub fn take() -> io::Result<Guard> {
        if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
            return Err(io::Error::other("not a terminal"));
        }
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
    Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout())))
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
        restore();
        before(info);
        eprintln!("This is a bug in brownout. To see it again:\n  {reproduce}");
    }));
}
