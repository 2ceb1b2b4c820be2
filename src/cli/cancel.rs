//! Ctrl-c in a headless run: the runs end at their next look, and nothing is written.

use super::Failure;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a shell says of a program that was interrupted: 128 and the number of SIGINT.
pub(super) const INTERRUPTED: u8 = 130;

static ASKED: AtomicBool = AtomicBool::new(false);

/// From now on ctrl-c is noticed here. Pressed again, it ends the program at once.
pub(super) fn listen() {
    // Where it cannot be noticed, it ends the program as it always does.
    let _ = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
    });
}

/// Whether it was pressed.
pub(super) fn check() -> Result<(), Failure> {
    if ASKED.load(Ordering::Relaxed) {
        return Err(Failure { message: "interrupted".to_owned(), code: INTERRUPTED });
    }
    Ok(())
}
