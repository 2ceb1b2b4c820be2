//! The `brownout` command.

use brownout::cli::{Cli, run};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(run(&Cli::parse()))
}
