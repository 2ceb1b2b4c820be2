//! The `brownout` command.

use brownout::cli::start;
use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(start())
}
